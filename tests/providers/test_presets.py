"""Presets claim nothing without a source, in words that the rest of the package knows."""

import re
import shlex
from pathlib import Path

import pytest

from conformance.contract.load import load_contract
from conformance.errors import SourceError
from conformance.providers.capabilities import CAPABILITIES
from conformance.providers.fragments import FRAGMENTS
from conformance.providers.load import read_providers
from conformance.providers.preset import (
    load_preset,
    own_auth,
    preset_names,
    read_preset,
    recognised,
)

ROOT = Path(__file__).parent.parent.parent
FIELD = (
    "deepseek", "vllm", "vllm-ascend", "sglang", "tensorrt-llm", "mindie", "openai", "azure-openai",
    "bedrock", "gemini", "vertex", "anthropic", "groq", "together", "fireworks", "mistral",
    "openrouter", "litellm", "nim", "dynamo", "llama-cpp", "ollama", "lmstudio", "lmdeploy", "tgi",
    "transformers-serve", "modelarts-maas", "moonshot", "zhipu", "dashscope", "minimax",
    "siliconflow", "volcengine-ark", "qianfan",
)  # fmt: skip
"""Whom anybody would name: one preset each."""
CLAUSES = load_contract().clauses
PLACEHOLDER = re.compile(r"\{[a-z_]+\}")
OPTION = re.compile(r"--?[a-zA-Z][a-zA-Z0-9_-]*(\.[a-z][a-z_]*)*")
TOOL_PARSERS = {"vllm", "vllm-ascend", "sglang", "lmdeploy", "dynamo"}


def concrete(url):
    """A URL pattern with something in the place of what is one's own."""
    return PLACEHOLDER.sub("x9", url)


def test_nobody_of_the_field_is_missing():
    assert set(FIELD) <= set(preset_names())
    assert set(preset_names()) - set(FIELD) == {"reference"}


@pytest.mark.parametrize("name", FIELD)
class TestEach:
    def test_every_statement_has_a_source_and_a_date(self, name):
        one = load_preset(name)

        assert one.bases
        assert one.facts
        assert one.kind != "built-in"
        for each in one.sources:
            assert re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", each.date)
            assert each.what
            assert each.url.startswith("https://") or each.trust in {"measured", "hearsay"}

    def test_what_is_claimed_of_capabilities_and_fragments_is_said_by_a_fact(self, name):
        one = load_preset(name)
        values = one.values

        said = {each for fact in one.facts for each in fact.capabilities}
        assert set(values.get("capabilities", {})) <= said
        assert said <= set(CAPABILITIES)
        meant = {each for fact in one.facts for each in fact.fragments}
        assert set(values.get("fragments", {})) == meant
        assert meant <= set(FRAGMENTS)

    def test_clauses_are_those_of_the_contract(self, name):
        named = {each for fact in load_preset(name).facts for each in fact.clauses}

        assert named - set(CLAUSES) == set()

    def test_whoever_can_turn_thinking_off_can_turn_it_on(self, name):
        fragments = load_preset(name).values.get("fragments", {})

        if "thinking-off" in fragments:
            assert fragments["thinking-on"].keys() == fragments["thinking-off"].keys()
            assert fragments["thinking-on"] != fragments["thinking-off"]

    def test_its_base_url_is_one_that_its_sources_name(self, name):
        one = load_preset(name)
        usual = re.sub(r"\$\{[^}]*\}", "x9", one.values["base_url"])
        patterns = [".+".join(map(re.escape, PLACEHOLDER.split(base.url))) for base in one.bases]

        assert any(re.fullmatch(pattern, usual) for pattern in patterns), (usual, patterns)

    def test_a_hosted_one_is_known_by_its_host_and_wants_a_key(self, name):
        one = load_preset(name)
        if one.kind != "hosted":
            return

        assert one.values["capabilities"]["auth"] is True
        assert {"key", "command"} & set(own_auth(one.values))
        for base in one.bases:
            assert recognised(re.match(r"https://([^/:]+)", concrete(base.url))[1]) == name

    def test_what_starts_it_can_be_read_by_a_shell(self, name):
        one = load_preset(name)

        assert (one.kind == "hosted") == (one.starts == ()) or one.kind == "gateway"
        for start in one.starts:
            program, *words = shlex.split(start.command)
            assert re.fullmatch(r"[a-z][a-z0-9_-]*", program)
            assert "{" not in PLACEHOLDER.sub("", program)
            for word in words:
                if word.startswith("-"):
                    assert OPTION.fullmatch(word), word
                else:
                    assert word, start.command
            options = [word for word in words if word.startswith("-")]
            assert len(options) == len(set(options)), "an option that is given twice"


def test_engines_with_parsers_say_which():
    for name in TOOL_PARSERS:
        commands = [shlex.split(start.command) for start in load_preset(name).starts]
        options = {word for words in commands for word in words}

        assert any("tool-call-parser" in word for word in options), name
        assert any("reasoning-parser" in word for word in options), name


def test_nvidia_and_ascend_are_both_there():
    on = {start.on for name in FIELD for start in load_preset(name).starts}

    assert on == {"nvidia", "ascend", "any"}
    for name in ("vllm-ascend", "sglang", "mindie", "lmdeploy"):
        assert "ascend" in {start.on for start in load_preset(name).starts}


def test_a_sign_belongs_to_one_preset():
    for kind in ("hosts", "ports", "owned_by", "servers"):
        signs = [sign for name in preset_names() for sign in getattr(load_preset(name).signs, kind)]

        assert len(signs) == len(set(signs)), kind


@pytest.mark.parametrize(
    ("host", "preset"),
    [
        ("api.deepseek.com", "deepseek"),
        ("bedrock-mantle.eu-west-1.api.aws", "bedrock"),
        ("bedrock-runtime.us-east-1.amazonaws.com", "bedrock"),
        ("europe-west4-aiplatform.googleapis.com", "vertex"),
        ("aiplatform.googleapis.com", "vertex"),
        ("us.api.fireworks.ai", "fireworks"),
        ("openrouter.ai", "openrouter"),
        ("openrouter.ai.evil.example", ""),
        ("notopenrouter.ai", ""),
        ("s3.amazonaws.com", ""),
        ("storage.googleapis.com", ""),
    ],
)
def test_hosts_are_known_and_no_others(host, preset):
    assert recognised(host) == preset


def test_a_port_is_a_hint_that_any_other_sign_overrules():
    assert recognised("127.0.0.1", port=11434) == "ollama"
    assert recognised("127.0.0.1", {"vllm"}, port=11434) == "vllm"
    assert recognised("127.0.0.1", port=8000) == ""
    assert recognised("127.0.0.1") == ""


GOOD = """\
about = "a"
kind = "hosted"
[sources]
docs = { what = "w", url = "https://h/", date = "2026-11", trust = "documentation" }
[provider]
base_url = "https://h/v1"
[[facts]]
text = "t"
source = "docs"
"""
# What is added or changed; line of the error; part of its message; part of its remedy.
WRONG = {
    "an unknown source": (('source = "docs"', 'source = "dosc"'), 9, "facts[0].source is 'dosc', which is no source, did you mean 'docs'?", "sources: docs"),
    "a source of nothing": (("[provider]", 'more = { what = "w", url = "https://h/", date = "2026", trust = "code" }\n[provider]'), 5, "sources.more is the source of nothing", "take it out"),
    "a source without a URL": (('url = "https://h/", ', ""), 4, "sources.docs lacks url", "hearsay"),
    "a source with half a URL": (('"https://h/"', '"h"'), 4, "but must be a URL that begins with https://", ""),
    "a source without a date": ((', date = "2026-11"', ""), 4, "sources.docs lacks 'date'", ""),
    "a date in words": (('"2026-11"', '"last week"'), 4, "a date, such as 2026-11-23", ""),
    "an unknown trust": (('"documentation"', '"gospel"'), 4, "must be one of measured, code, documentation, report, hearsay", ""),
    "a fact without a source": (('source = "docs"', ""), 7, "facts[0] lacks 'source'", ""),
    "no kind": (('kind = "hosted"\n', ""), 1, "lacks 'kind': Who runs it.", ""),
    "an unknown kind": (('"hosted"', '"hostd"'), 2, "kind is 'hostd', did you mean 'hosted'?", ""),
    "an unknown capability": (('source = "docs"', 'source = "docs"\ncapabilities = ["tool"]'), 10, "did you mean 'tools'?", ""),
    "an unknown parameter": (('source = "docs"', 'source = "docs"\nparameters = ["max_token"]'), 10, "did you mean 'max_tokens'?", ""),
    "an unknown fragment": (('source = "docs"', 'source = "docs"\nfragments = ["thinking-of"]'), 10, "did you mean 'thinking-off'?", ""),
    "no clause": (('source = "docs"', 'source = "docs"\nclauses = ["streams"]'), 10, "the id of a clause, such as STRM-010", ""),
    "an unknown trait": (("[provider]", '[dialect]\nerror = { is = "flat", source = "docs" }\n[provider]'), 6, "dialect.error is not a known key, did you mean 'errors'?", ""),
    "an unknown word for a trait": (("[provider]", '[dialect]\nerrors = { is = "flta", source = "docs" }\n[provider]'), 6, "did you mean 'flat'?", ""),
    "a trait without a source": (("[provider]", '[dialect]\nerrors = { is = "flat" }\n[provider]'), 6, "dialect.errors lacks 'source'", ""),
    "a bound in words": (("[provider]", '[bounds]\nn = { is = "one", source = "docs" }\n[provider]'), 6, "must be a number, not a string", ""),
    "another name for what is none": (("[provider]", '[renamed]\nseeds = { is = "s", source = "docs" }\n[provider]'), 6, "did you mean 'seed'?", ""),
    "an unclosed quote": (("[[facts]]", '[[starts]]\ntitle = "t"\non = "any"\ncommand = "serve \'x"\nsource = "docs"\n[[facts]]'), 10, "starts[0].command cannot be read by a shell", "No closing quotation"),
    "unknown hardware": (("[[facts]]", '[[starts]]\ntitle = "t"\non = "abacus"\ncommand = "x"\nsource = "docs"\n[[facts]]'), 9, "must be one of nvidia, ascend, any", ""),
    "a sign that is everybody's": (("[provider]", '[signs]\nhosts = ["*.com"]\n[provider]'), 6, "a host whose last two labels are literal", ""),
    "an unknown parent": (('kind = "hosted"', 'kind = "hosted"\nextends = "vlm"'), 3, "extends is 'vlm', which is no preset, did you mean 'vllm'?", "known: "),
    "an unknown key of a provider": (("[[facts]]", "modle = 'm'\n[[facts]]"), 7, "provider.modle is not a known key, did you mean 'model'?", ""),
}  # fmt: skip


def test_the_text_that_is_broken_below_is_right_as_it_stands():
    assert read_preset("x", GOOD).facts[0].source.what == "w"


@pytest.mark.parametrize(("change", "line", "message", "remedy"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_with_file_line_key_and_remedy(change, line, message, remedy):
    old, new = change
    assert old in GOOD

    with pytest.raises(SourceError) as caught:
        read_preset("x", GOOD.replace(old, new))

    assert str(caught.value).startswith(f"presets/x.toml:{line}: ")
    assert message in str(caught.value)
    assert remedy in str(caught.value)


def test_one_that_extends_another_says_what_both_say():
    child, parent = load_preset("vllm-ascend"), load_preset("vllm")

    assert set(parent.facts) < set(child.facts)
    assert child.dialect == parent.dialect
    assert {start.on for start in child.starts} == {"ascend"}
    assert child.signs.owned_by == ()


def examples():
    """The entries of providers.toml that stand behind `#`, each with its name."""
    text = (ROOT / "providers.toml").read_text(encoding="utf-8")
    section = text.partition("# --- More, to copy")[2].partition("# --- ")[0]
    taken = [line[1:] for line in section.splitlines() if re.match(r"#(?! \S|$)", line)]
    parts = re.split(r"(?m)^(?=\[providers\.[a-z0-9-]+\]$)", "\n".join(taken))
    return {re.match(r"\[providers\.([a-z0-9-]+)\]", part)[1]: part for part in parts if part}


EXAMPLES = {
    "deepseek-v4": "deepseek", "vllm-v4": "vllm", "sglang-v4": "sglang",
    "tensorrt-llm": "tensorrt-llm", "ascend-v4": "vllm-ascend", "ascend-sglang": "sglang",
    "mindie": "mindie", "azure": "azure-openai", "azure-entra": "azure-openai", "bedrock": "bedrock",
    "vertex": "vertex", "gemini": "gemini", "openai-eu": "openai", "anthropic": "anthropic",
}  # fmt: skip


def test_every_example_is_tried():
    assert list(examples()) == list(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_loads_once_it_is_no_comment(name, tmp_path):
    environ = {"GOOGLE_CLOUD_PROJECT": "p"}

    found = read_providers(examples()[name], "providers.toml", tmp_path, environ)

    assert list(found) == [name]
    assert found[name].preset == EXAMPLES[name]
    assert found[name].model or name in {"tensorrt-llm", "ascend-sglang"}
    assert found[name].auth.kind != "none" or name in {"tensorrt-llm", "mindie"}


def test_all_examples_stand_beside_the_rest_of_the_file(tmp_path):
    text = (ROOT / "providers.toml").read_text(encoding="utf-8")

    found = read_providers(f"{text}\n{''.join(examples().values())}", "p", tmp_path, {})

    assert set(EXAMPLES) < set(found)
