"""providers.toml is read strictly: what is wrong is said with its line and the remedy."""

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from conformance.errors import SecretError, SourceError, UsageError
from conformance.providers import schema
from conformance.providers.load import (
    ad_hoc,
    builtin_providers,
    find_providers_file,
    load_providers,
)
from conformance.providers.model import Auth, Deviation, Limits, Prices
from conformance.providers.preset import preset_names

ROOT = Path(__file__).parent.parent.parent
PASTED = "sk-" + "proj4abcdEFGH1234"


def written(folder, text):
    path = folder / "providers.toml"
    path.write_text(text, encoding="utf-8")
    return path


def load(folder, text, **environ):
    return load_providers(written(folder, text), environ)


def one(folder, body, **environ):
    return load(folder, f"[providers.x]\nbase_url = 'http://h/v1'\n{body}", **environ)["x"]


# Body below `[providers.x]` (line 1) and base_url (line 2); line of the error; part of its message.
WRONG = {
    "an unknown key": ("modle = 'm'", 3, "providers.x.modle is not a known key, did you mean 'model'?"),
    "an unknown key in a table": ("limits = {concurency = 3}", 3, "limits.concurency is not a known key, did you mean 'concurrency'?"),
    "an unknown preset": ("preset = 'vlm'", 3, "is 'vlm', which is no preset, did you mean 'vllm'?"),
    "an unknown capability": ("\n[providers.x.capabilities]\ntool = true", 5, "tool is not a known capability, did you mean 'tools'?"),
    "an unknown dotted capability": ("capabilities = {tool_choice.requird = true}", 3, "did you mean 'tool_choice.required'?"),
    "an unknown key of a deviation": ("[[providers.x.deviations]]\nreason = 'r'\n\n[[providers.x.deviations]]\nreason = 's'\ncase = 'a'", 8, "deviations[1].case is not a known key, did you mean 'cases'?"),
    "a deviation without reason": ("\n[[providers.x.deviations]]\ncases = 'a'", 4, "deviations[0] lacks 'reason'"),
    "a deviation with an empty reason": ("deviations = [{reason = ' '}]", 3, "but must be a reason"),
    "a deviation with a word for a clause": ("deviations = [{reason = 'r', clauses = ['all']}]", 3, "the id of a clause, such as STRM-010"),
    "a number in place of a string": ("model = 3", 3, "model must be a string, not a number"),
    "a word in place of a flag": ("capabilities = {tools = 'yes'}", 3, "must be true or false, not a string"),
    "a flag in place of a number": ("limits = {retries = true}", 3, "must be a whole number, not true or false"),
    "a date": ("jurisdiction = 2026-01-01", 3, "must be a string, not a date or time"),
    "a date in a fragment": ("fragments.f = {day = 2026-01-01}", 3, "must be a value that JSON knows"),
    "an infinite number in a fragment": ("fragments.f = {temperature = inf}", 3, "is inf, which JSON cannot say"),
    "a fragment that is no table": ("fragments.f = 1", 3, "fragments.f must be a table"),
    "no concurrency at all": ("limits = {concurrency = 0}", 3, "is 0, but must be at least 1"),
    "no patience at all": ("limits = {read_seconds = 0}", 3, "must be above 0"),
    "half a price": ("prices = {prompt = 1}", 3, "lacks 'completion'"),
    "an unknown purpose of a model": ("models = {embedding = 'e'}", 3, "did you mean 'embeddings'?"),
    "an unclosed reference": ("model = '${MODEL'", 3, "is not a reference to a variable"),
    "a reference without a name": ("model = '${}'", 3, "is not a reference to a variable"),
    "a reference with one sign too few": ("model = '${M-x}'", 3, "write ${VAR} or ${VAR:-default}"),
    "a reference where none is followed": ("jurisdiction = '${LAW}'", 3, "may not refer to variables"),
    "an unknown way to convince": ("auth = {kind = 'baerer', key = '${K}'}", 3, "did you mean 'bearer'?"),
    "a header without a name": ("auth = {kind = 'header', key = '${K}'}", 3, "of kind header lacks 'name'"),
    "a key for nothing": ("auth = {kind = 'none', key = '${K}'}", 3, "of kind none has no use for 'key'"),
    "two keys": ("api_key = '${A}'\nauth = {key = '${B}'}", 3, "and auth.key are the same thing"),
    "two authorizations": ("api_key = '${A}'\nheaders = {authorization = 'Basic ${B}'}", 4, "is already what auth of kind bearer sends"),
    "a header that frames the request": ("headers = {Content-Length = '3'}", 3, "is set by the harness itself"),
    "a header that is two": ('headers = {X-A = "a\\r\\nX-B: b"}', 3, "holds a control character"),
    "a header with a blank in its name": ("headers = {'X A' = 'a'}", 3, "must be the name of an HTTP header"),
    "a key file without certificate": ("tls = {client_key = 'k.pem'}", 3, "of no use without tls.client_certificate"),
    "an accepted change that no fragment makes": ("preset = 'vllm'\naccepted_changes = ['thinking-of']", 4, "did you mean 'thinking-off'?"),
    "a launch without command": ("launch = {port = 8000}", 3, "lacks 'command'"),
    "an empty command": ("launch = {command = []}", 3, "command is empty"),
    "a relative probe": ("launch = {command = ['a'], ready_path = 'models'}", 3, "a path that begins with /"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "line", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_with_its_line(tmp_path, monkeypatch, body, line, message):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(SourceError) as caught:
        one(Path(), body)

    assert str(caught.value).startswith(f"providers.toml:{line}: ")
    assert message in str(caught.value)


WRONG_URLS = {
    "h/v1": "must begin with http:// or https://",
    "ftp://h": "must begin with http:// or https://",
    "http:///v1": "names no host",
    "http://h:99999/v1": "is not a URL",
    "http://h:0/v1": "names port 0",
    "http://[::1/v1": "is not a URL",
    "http://h /v1": "holds white space",
    "http://user:hunter2@h/v1": "holds a user name or password",
    "http://h/v1?api-version=1": "write it as a table: query =",
    "http://h/v1#x": "holds a fragment",
    "http://h/v1/chat/completions": "give the part before /chat/completions",
    "http://h:{port}/v1": "there is no launch command",
}


@pytest.mark.parametrize(("url", "message"), WRONG_URLS.items())
def test_a_wrong_url_is_refused_wherever_it_comes_from(tmp_path, url, message):
    text = "[providers.x]\nbase_url = '{}'"

    with pytest.raises(SourceError, match=r"providers\.toml:2") as literal:
        load(tmp_path, text.format(url))
    with pytest.raises(UsageError) as given:
        ad_hoc(url)

    assert message in str(literal.value)
    assert message in str(given.value)
    assert "hunter2" not in str(literal.value) + str(given.value)


def test_a_url_from_the_environment_is_checked_and_the_variable_named(tmp_path):
    text = "[providers.x]\nbase_url = '${URL:-http://h/v1}'"

    assert load(tmp_path, text)["x"].base_url == "http://h/v1"
    assert load(tmp_path, text, URL="https://other/v1/")["x"].base_url == "https://other/v1"
    with pytest.raises(SourceError, match="with the value of URL"):
        load(tmp_path, text, URL="other")


def test_a_variable_that_only_one_provider_needs_does_not_stop_the_others(tmp_path):
    text = "[providers.a]\nbase_url = '${MISSING}'\n[providers.b]\nbase_url = 'http://b'"

    assert load(tmp_path, text)["b"].base_url == "http://b"


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("[providers.x\n", "1:13", "is not TOML"),
        ("a = \n", "1:5", "is not TOML"),
        ("[providers.x]\nmodel = vllm\n", "2:9", "strings need quotes"),
        ("[provider.x]\n", "1", "did you mean 'providers'?"),
        ("[providers.x]\nmodel = 'm'\n", "1", "providers.x lacks base_url"),
        ("[providers.'a b']\nbase_url = 'http://h'\n", "1", "a name of letters, digits"),
        ("[providers.all]\nbase_url = 'http://h'\n", "1", "and not `all`"),
        ("x = " + "[" * 5000, "1", ""),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(tmp_path, text, place, message):
    path = written(tmp_path, text)

    with pytest.raises(SourceError) as caught:
        load_providers(path, {})

    assert f"providers.toml:{place}" in str(caught.value)
    assert message in str(caught.value)


def test_bytes_that_are_not_utf_8_are_refused_with_their_line(tmp_path):
    path = tmp_path / "providers.toml"
    path.write_bytes(b"[providers.x]\nmodel = '\xff'\n")

    with pytest.raises(SourceError, match=r"providers\.toml:2: is not UTF-8"):
        load_providers(path, {})


def test_a_byte_order_mark_and_dos_line_ends_do_no_harm(tmp_path):
    path = tmp_path / "providers.toml"
    path.write_bytes(b"\xef\xbb\xbf[providers.x]\r\nbase_url = 'http://h'\r\nmodle = 1\r\n")

    with pytest.raises(SourceError, match=r"providers\.toml:3"):
        load_providers(path, {})


LITERAL_KEYS = {
    "as the short key": f"api_key = '{PASTED}'",
    "a short word as key": "api_key = 'hunter2'",
    "a bare dollar": "api_key = '$MY_KEY'",
    "in auth": "auth = {kind = 'bearer', key = 'hunter2'}",
    "a bearer header": "headers = {Authorization = 'Bearer hunter2'}",
    "a header that is named like a key": "headers = {X-Api-Key = 'hunter2'}",
    "a query parameter that is named like a key": "query = {key = 'hunter2'}",
    "a server's variable that is named like a key": "launch = {command = ['a'], environment = {MY_TOKEN = 'hunter2'}}",
    "in any other header": f"headers = {{X-Other = '{PASTED}'}}",
    "as the default of a reference": f"api_key = '${{K:-{PASTED}}}'",
    "in a command": f"auth = {{kind = 'command', command = ['login', '--key={PASTED}']}}",
    "as a model": f"model = '{PASTED}'",
    "in a fragment": f"fragments.f = {{user = '{PASTED}'}}",
    "deep in a fragment": f"fragments.f = {{a = [{{b = '{PASTED}'}}]}}",
    "a token of three parts": "jurisdiction = 'eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.hunter2hunter2'",
    "a long random word": "launch = {command = ['serve', 'a8F3kd93hGq02mZx81LpQw7Rt5Vb']}",
    "as a name": f"headers = {{{PASTED} = 'a'}}",
    "as a key": f"{PASTED} = 'a'",
}


@pytest.mark.parametrize("body", LITERAL_KEYS.values(), ids=LITERAL_KEYS)
def test_a_literal_key_is_refused_with_advice_and_never_shown(tmp_path, body):
    with pytest.raises(SecretError) as caught:
        one(tmp_path, body)

    message = str(caught.value)
    assert "providers.toml:3: providers.x" in message
    assert "${VAR}" in message
    assert PASTED not in message
    assert "hunter2" not in message


@pytest.mark.parametrize(
    "body",
    [
        "api_key = '${K:-EMPTY}'",
        "model = 'DeepSeek-R1-Distill-Qwen-32B-Instruct-AWQ-INT4'",
        "model = 'ft:gpt-4.1-mini:org:name:9abc'",
        "launch = {command = ['docker', 'run', 'image@sha256:0123456789abcdef0123456789abcdef'], port = 80}\ntls = {}",
        "deviations = [{reason = 'a task-force of sk-ills', issue = 'https://h/blob/0123456789abcdef0123456789abcdef01234567/a'}]",
        "headers = {OpenAI-Organization = 'org-a', X-Key = '${K}'}",
        "query = {api-version = '2024-10-21', monkey = 'a'}",
    ],
)
def test_ordinary_values_are_no_keys(tmp_path, body):
    text = f"[providers.x]\nbase_url = 'http://h:80/v1'\n{body}"

    assert load(tmp_path, text)["x"].name == "x"


def test_everything_that_can_be_said_arrives(tmp_path):
    found = one(
        tmp_path,
        """
model = "${M:-m}"
models = {reasoning = "r", embeddings = "${E:-e}"}
auth = {kind = "header", name = "api-key", key = "${K}"}
headers = {X-Org = "o"}
query = {api-version = "v1"}
tls = {ca_bundle = "ca.pem", verify = false}
capabilities = {tools = false, tool_choice.required = false, "tool_choice.named" = true}
fragments.thinking-off = {thinking = {type = "disabled"}, list = [1, 2.5, "a", true]}
limits = {concurrency = 3, read_seconds = 1.5}
prices = {prompt = 1, completion = 2.5}
jurisdiction = "eu"
accepted_changes = ["thinking-off"]
certify = ["agent"]
[[providers.x.deviations]]
cases = "tools/*"
clauses = ["TOOL-020"]
reason = "known"
issue = "https://h/1"
sometimes = true
""",
    )

    assert (found.model, found.models) == ("m", {"reasoning": "r", "embeddings": "e"})
    assert found.auth == Auth(kind="header", name="api-key", key="${K}")
    assert (found.headers, found.query) == ({"X-Org": "o"}, {"api-version": "v1"})
    assert found.tls.ca_bundle == str(tmp_path / "ca.pem")
    assert found.tls.verify is False
    assert found.capabilities == {
        "tools": False,
        "tool_choice.required": False,
        "tool_choice.named": True,
    }
    assert found.fragments == {
        "thinking-off": {"thinking": {"type": "disabled"}, "list": [1, 2.5, "a", True]}
    }
    assert found.limits == Limits(concurrency=3, read_seconds=1.5)
    assert found.prices == Prices(prompt=1, completion=2.5)
    assert (found.jurisdiction, found.accepted_changes, found.certify) == (
        "eu",
        ("thinking-off",),
        ("agent",),
    )
    assert found.deviations == (
        Deviation(
            cases="tools/*", clauses=("TOOL-020",), reason="known", issue="https://h/1", sometimes=True,
            where=f"{tmp_path / 'providers.toml'}:17",
        ),
    )  # fmt: skip
    assert found.where == f"{tmp_path / 'providers.toml'}:1"


@pytest.mark.parametrize(
    ("told", "offered"),
    [
        ("", False),
        ("capabilities = {context_tokens = true}", False),
        ("limits = {context_tokens = 4096}", True),
        ("limits = {context_tokens = 4096}\ncapabilities = {context_tokens = false}", False),
    ],
)
def test_more_than_fits_is_only_tried_where_it_is_known_how_much_fits(tmp_path, told, offered):
    assert one(tmp_path, f"{told}\n").offers("context_tokens") is offered


def test_a_provider_is_laid_over_its_preset_key_by_key(tmp_path):
    found = one(
        tmp_path,
        """
preset = "deepseek"
api_key = "${MINE}"
capabilities = {n = true}
fragments.thinking-off = {reasoning_effort = "none"}
limits = {concurrency = 1}
""",
    )

    assert found.base_url == "http://h/v1"
    assert found.model == "deepseek-flash"
    assert found.auth == Auth(kind="bearer", key="${MINE}")
    assert (found.offers("n"), found.offers("json_schema")) == (True, False)
    assert found.fragments["thinking-off"] == {"reasoning_effort": "none"}
    assert found.fragments["thinking-on"] == {"thinking": {"type": "enabled"}}
    assert (found.limits.concurrency, found.limits.total_seconds) == (1, 900)


@pytest.mark.parametrize(
    ("body", "auth"),
    [
        ("api_key = '${MINE}'", Auth(kind="header", name="api-key", key="${MINE}")),
        ("auth = {key = '${MINE}'}", Auth(kind="header", name="api-key", key="${MINE}")),
        ("auth = {kind = 'none'}", Auth()),
        ("auth = {kind = 'command', command = ['t']}", Auth(kind="command", command=("t",))),
    ],
)
def test_a_kind_of_ones_own_replaces_the_presets_way_to_convince(tmp_path, body, auth):
    assert one(tmp_path, f"preset = 'azure-openai'\n{body}").auth == auth


@pytest.mark.parametrize(
    ("url", "launch", "message"),
    [
        ("http://127.0.0.1/v1", "", "does not say on which port"),
        ("http://127.0.0.1:80/v1", ", port = 81", "names port 80, but launch.port is 81"),
        ("http://127.0.0.1:{port}/v1", "", None),
        ("http://127.0.0.1:80/v1", "", None),
        ("http://127.0.0.1:{port}/v1", ", port = 81", None),
    ],
)
def test_url_and_launch_agree_on_the_port(tmp_path, url, launch, message):
    text = f"[providers.x]\nbase_url = '{url}'\nlaunch = {{command = ['a']{launch}}}"
    if message is None:
        assert load(tmp_path, text)["x"].launch
        return
    with pytest.raises(SourceError, match=r"providers\.toml:2: ") as caught:
        load(tmp_path, text)
    assert message in str(caught.value)


def test_the_file_is_looked_for_upwards_then_in_rootdir_then_in_the_configuration(tmp_path):
    start, root, config = tmp_path / "a" / "b", tmp_path / "root", tmp_path / "config"
    for folder in (start, root, config / "conformance"):
        folder.mkdir(parents=True)
    environ = {"XDG_CONFIG_HOME": str(config)}
    candidates = [tmp_path / "a", root, config / "conformance"]
    found = []
    for folder in reversed(candidates):
        expected = written(folder, "")
        found.append(find_providers_file(start, root, environ) == expected)

    assert found == [True, True, True]


@pytest.mark.parametrize("name", preset_names())
def test_each_preset_is_a_provider_by_itself(tmp_path, name):
    found = load(tmp_path, f"[providers.x]\npreset = '{name}'", AZURE_OPENAI_RESOURCE="r")["x"]

    assert found.preset == name
    assert found.base_url.startswith("http")


def _elsewhere(provider):
    """The provider, wherever it is written."""
    known = tuple(replace(each, where="") for each in provider.deviations)
    return replace(provider, where="", deviations=known)


def test_the_built_in_providers_are_those_of_the_file_in_the_repository():
    shipped = load_providers(ROOT / "providers.toml", {})
    built_in = builtin_providers({})

    assert set(built_in) == {"reference", "local-llama", "deepseek-recipe"}
    for name, each in built_in.items():
        assert _elsewhere(each) == _elsewhere(shipped[name])
    assert list(shipped) == [
        "reference",
        "local-llama",
        "deepseek-recipe",
        "local-vllm",
        "ascend-vllm",
        "deepseek",
        "openai",
    ]


def test_the_committed_schema_is_the_generated_one():
    assert schema.SCHEMA_FILE.read_text(encoding="utf-8") == schema.schema_text(), (
        "run python -m conformance.providers.schema"
    )


def test_the_schema_accepts_our_file_and_refuses_what_the_loader_refuses():
    rules = json.loads(schema.schema_text())
    jsonschema.Draft7Validator.check_schema(rules)
    validator = jsonschema.Draft7Validator(rules)
    ours = tomllib.loads((ROOT / "providers.toml").read_text(encoding="utf-8"))
    dotted = "[providers.x]\nbase_url='http://h'\ncapabilities = {tool_choice.required = true}"

    assert list(validator.iter_errors(ours)) == []
    assert list(validator.iter_errors(tomllib.loads(dotted))) == []
    for body in (
        "modle = 'm'",
        "api_key = 'hunter2'",
        "limits = {concurrency = 0}",
        "preset = 'vlm'",
    ):
        wrong = tomllib.loads(f"[providers.x]\nbase_url='http://h'\n{body}")
        assert list(validator.iter_errors(wrong)), body


def test_an_endpoint_without_a_file_gets_its_key_from_the_named_variable():
    found = ad_hoc("http://h/v1/", "m", "MY_KEY")

    assert (found.name, found.base_url, found.model) == ("endpoint", "http://h/v1", "m")
    assert found.auth == Auth(kind="bearer", key="${MY_KEY}")
    assert ad_hoc("http://h").auth == Auth()
    with pytest.raises(SecretError) as caught:
        ad_hoc("http://h", None, PASTED)
    assert PASTED not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "key_env", "preset", "auth"),
    [
        ("https://api.deepseek.com", None, "deepseek", Auth(kind="bearer", key="${DEEPSEEK_API_KEY}")),
        ("https://api.deepseek.com/beta", "MINE", "deepseek", Auth(kind="bearer", key="${MINE}")),
        ("https://r.openai.azure.com/openai/v1", "MINE", "azure-openai", Auth(kind="header", name="api-key", key="${MINE}")),
        ("https://x-aiplatform.googleapis.com/v1", "MINE", "vertex", Auth(kind="bearer", key="${MINE}")),
        ("http://api.deepseek.com", None, "", Auth()),
        ("https://api.deepseek.com.evil.example", None, "", Auth()),
        ("http://127.0.0.1:11434/v1", None, "", Auth()),
    ],
)  # fmt: skip
def test_an_endpoint_at_a_known_host_gets_its_preset_and_no_other_does(url, key_env, preset, auth):
    found = ad_hoc(url, None, key_env, {"DEEPSEEK_API_KEY": "swordfish"})

    assert (found.preset, found.auth, found.where) == (preset, auth, "--endpoint")
    assert found.base_url == url
    assert found.offers("auth") is (preset != "")


def test_an_endpoint_at_a_known_host_says_which_key_it_wants():
    with pytest.raises(SecretError) as caught:
        ad_hoc("https://api.groq.com/openai/v1", environ={})

    assert "api.groq.com wants a key (preset groq); GROQ_API_KEY is not set" in str(caught.value)
    assert "--endpoint-key-env=MY_API_KEY" in str(caught.value)


@pytest.mark.parametrize(
    ("more", "asked"),
    [
        ("", False),
        ("capabilities = {auth = true}", True),
        ('api_key = "${KEY:-EMPTY}"', False),
        ('api_key = "${KEY:-EMPTY}"\ncapabilities = {auth = true}', True),
        ('api_key = "${KEY:-other}"', True),
        ('api_key = "${KEY}"', True),
        ('api_key = "${SET:-EMPTY}"', True),
        ('headers = {X-Key = "${KEY:-EMPTY}"}', True),
    ],
)
def test_a_server_that_is_given_no_key_need_not_ask_for_one(tmp_path, more, asked):
    path = tmp_path / "providers.toml"
    path.write_text(f'[providers.x]\nbase_url = "http://127.0.0.1:1/v1"\n{more}\n')

    assert load_providers(path, {"SET": "k-123"})["x"].offers("auth") is asked


FLOORS = """
[providers.a]
base_url = "http://127.0.0.1:1/v1"
model = "deepseek-ai/DeepSeek-V4-Flash"

[providers.b]
base_url = "http://127.0.0.1:1/v1"
model = "deepseek-v4"
noise_floor = 0.02

[providers.c]
base_url = "http://127.0.0.1:1/v1"
model = "other"

[providers.d]
base_url = "http://127.0.0.1:1/v1"

[noise_floors]
"*DeepSeek-V4-Flash*" = 0.05
"*deepseek-v4*" = 0.06
"""


def test_a_noise_floor_of_a_family_is_that_of_each_of_its_models(tmp_path):
    (tmp_path / "providers.toml").write_text(FLOORS, encoding="utf-8")
    found = load_providers(tmp_path / "providers.toml", {})

    assert [each.noise_floor for each in found.values()] == [0.05, 0.02, None, None]


@pytest.mark.parametrize("floor", ["0", "-1", '"much"'])
def test_a_noise_floor_that_is_none_is_refused_with_its_line(tmp_path, floor):
    (tmp_path / "providers.toml").write_text(FLOORS.replace("= 0.06", f"= {floor}"), encoding="utf-8")

    with pytest.raises(SourceError, match=r"providers.toml:20.*deepseek-v4\*"):
        load_providers(tmp_path / "providers.toml", {})
