"""init through pipes and pseudo-terminals, against the reference server and worse ones."""

import json
import os
import pty
import re
import select
import subprocess
import sys
import tomllib

import pytest
from scripted import answer, free_port, standing

from conformance.faces.init.entry import Entry
from conformance.faces.init.file import add, as_provider
from conformance.providers.load import load_providers
from conformance.providers.preset import recognised
from conformance.reference.serve import ServeOptions
from conformance.reference.testing import running

COMMAND = [sys.executable, "-m", "conformance", "init"]
CLEAN = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


SILENCE = 20.0


def piped(folder, *arguments, **variables):
    """With nobody at a terminal."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env={**CLEAN, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def typed(folder, answers, *arguments, **variables):
    """With somebody at a terminal who answers each question (by how it begins) once it is asked."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=folder,
        env={**CLEAN, **variables},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    heard, waiting = "", list(answers)
    while process.poll() is None or select.select([ours], [], [], 0)[0]:
        if not select.select([ours], [], [], SILENCE)[0]:
            process.kill()  # it asks something that nobody expects
            break
        try:
            heard += os.read(ours, 65536).decode()
        except OSError:  # Linux says so where the other side is closed
            break
        if waiting and re.search(rf"{re.escape(waiting[0][0])}[^\n]*: $", heard):
            os.write(ours, (waiting.pop(0)[1] + "\n").encode())
    os.close(ours)
    assert waiting == [], f"never asked: {waiting}\n{heard}"
    return process.wait(), heard


def models(*ids, **more):
    data = [{"id": each, "object": "model", **more} for each in ids]
    return answer(json.dumps({"data": data}).encode(), headers=["Content-Type: application/json"])


def serving_models(*ids, **more):
    completion = {"choices": [{"message": {"content": "OK"}, "finish_reason": "stop"}]}
    refusal = answer(b'{"error": {"message": "no tools here"}}', "400 Bad Request")

    def script(request, _number):
        if request.startswith(b"GET"):
            return [models(*ids, **more)]
        return [refusal if b'"tools"' in request else answer(json.dumps(completion).encode())]

    return script


def test_options_alone_write_an_entry_that_loads(tmp_path):
    with running(ServeOptions(port=0, key="open-sesame")) as url:
        done = piped(
            tmp_path,
            "mine",
            f"--base-url={url}",
            "--model=reference-1",
            "--key-env=MY_KEY",
            MY_KEY="open-sesame",
        )

    text = (tmp_path / "providers.toml").read_text()
    assert done.returncode == 0, done.stderr
    assert "Seen at work on" in text
    assert "open-sesame" not in text + done.stdout + done.stderr
    one = load_providers(tmp_path / "providers.toml")["mine"]
    assert (one.base_url, one.model, one.auth.key) == (url, "reference-1", "${MY_KEY}")


def test_what_was_refused_and_the_preset_are_written(tmp_path):
    with standing(serving_models("only-one", owned_by="vllm")) as server:
        done = piped(tmp_path, "mine", f"--base-url={server.url}")

    one = load_providers(tmp_path / "providers.toml")["mine"]
    assert done.returncode == 0, done.stderr
    assert (one.preset, one.model) == ("vllm", "only-one")
    assert one.capabilities["tools"] is False


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--base-url is missing"),
        (["--base-url=http://127.0.0.1:9/v1"], "NAME is missing"),
        (["all", "--base-url=http://127.0.0.1:9/v1"], "NAME may hold"),
        (["a b", "--base-url=http://127.0.0.1:9/v1"], "NAME may hold"),
        (["mine", "--base-url=ftp://x"], "--base-url must begin with http"),
        (["mine", "--base-url=http://u:p@x/v1"], "--base-url holds a user name or password"),
        (["mine", "--base-url=${NOT_SET_AT_ALL}/v1"], "NOT_SET_AT_ALL, which is not set"),
        (["mine", "--base-url=http://127.0.0.1:9/v1", "--preset=vlm"], "did you mean 'vllm'"),
        (
            ["mine", "--base-url=http://127.0.0.1:9/v1", "--key-env=sk-swordfish123456"],
            "A key is never written",
        ),
        (
            ["mine", "--base-url=http://127.0.0.1:9/v1", "--key-env=swordfish_key"],
            "A key is never written",
        ),
    ],
)
def test_wrong_use_names_the_option_and_writes_nothing(tmp_path, arguments, words):
    done = piped(tmp_path, *arguments)

    assert done.returncode == 4
    assert words in done.stderr
    assert "swordfish" not in done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_is_wanted_is_a_missing_option(tmp_path):
    with running(ServeOptions(port=0, key="open-sesame")) as url:
        done = piped(tmp_path, "mine", f"--base-url={url}", "--model=reference-1", "--yes")

    assert done.returncode == 4
    assert "--key-env is missing" in done.stderr


def test_several_models_are_a_missing_option(tmp_path):
    with standing(serving_models("a", "b")) as server:
        done = piped(tmp_path, "mine", f"--base-url={server.url}", "--yes")

    assert done.returncode == 4
    assert "--model is missing" in done.stderr
    assert "it offers 2: a, b" in done.stdout


def test_what_cannot_be_reached_is_written_with_yes_only(tmp_path):
    url = f"http://127.0.0.1:{free_port()}/v1"
    without = piped(tmp_path, "mine", f"--base-url={url}")
    assert without.returncode == 2
    assert not (tmp_path / "providers.toml").exists()

    with_yes = piped(tmp_path, "mine", f"--base-url={url}", "--yes")
    assert with_yes.returncode == 0
    assert "Not seen at work when this was written" in (tmp_path / "providers.toml").read_text()


def test_a_path_that_was_forgotten_is_put_right(tmp_path):
    with running(ServeOptions(port=0)) as url:
        done = piped(
            tmp_path, "mine", f"--base-url={url.removesuffix('/v1')}", "--model=reference-1"
        )

    assert done.returncode == 0, done.stderr
    assert load_providers(tmp_path / "providers.toml")["mine"].base_url == url


def test_an_existing_entry_is_never_touched(tmp_path):
    file = tmp_path / "providers.toml"
    before = b'# mine\r\n[providers.one]\r\nbase_url = "http://127.0.0.1:9/v1"'  # no line end
    file.write_bytes(before)
    url = f"http://127.0.0.1:{free_port()}/v1"

    again = piped(tmp_path, "one", f"--base-url={url}", "--yes")
    assert again.returncode == 4
    assert "is there already: providers.toml:2" in again.stderr
    assert file.read_bytes() == before

    other = piped(tmp_path, "two", f"--base-url={url}", "--yes")
    after = file.read_bytes()
    assert other.returncode == 0, other.stderr
    assert after.startswith(before + b"\r\n")
    assert b"\n" not in after.replace(b"\r\n", b"")
    assert [*load_providers(file)] == ["one", "two"]


def test_a_file_that_is_wrong_already_is_left_alone(tmp_path):
    (tmp_path / "providers.toml").write_text("[providers.x]\nbase_ur = 1\n")
    done = piped(tmp_path, "mine", "--base-url=http://127.0.0.1:9/v1", "--yes")

    assert done.returncode == 4
    assert "base_ur" in done.stderr


def test_at_a_terminal_everything_is_asked_for(tmp_path):
    with running(ServeOptions(port=0, key="open-sesame")) as url:
        code, heard = typed(
            tmp_path,
            [
                ("Base URL", "127.0.0.1"),
                ("Base URL", url),
                ("Name of the entry", "no good"),
                ("Name of the entry", "mine"),
                ("Variable that holds the key", "sk-abcdefgh12345678"),
                ("Variable that holds the key", "MY_KEY"),
                ("Model (number or id)", "1"),
                ("Write this to providers.toml?", ""),
            ],
            MY_KEY="open-sesame",
        )

    one = load_providers(tmp_path / "providers.toml")["mine"]
    assert code == 0, heard
    assert "must begin with http" in heard
    assert "A key is never written here" in heard
    assert (one.base_url, one.auth.key) == (url, "${MY_KEY}")
    assert one.model


def test_at_a_terminal_only_what_is_missing_is_asked_for(tmp_path):
    with standing(serving_models("only-one", owned_by="vllm")) as server:
        code, heard = typed(
            tmp_path,
            [("Preset [vllm]", ""), ("Write this", "n")],
            "mine",
            f"--base-url={server.url}",
        )

    assert code == 0, heard
    assert "nothing was written" in heard
    assert list(tmp_path.iterdir()) == []


def test_a_preset_says_where_its_kind_of_server_is(tmp_path):
    done = piped(tmp_path, "mine", "--preset=lmdeploy", "--yes")

    one = load_providers(tmp_path / "providers.toml")["mine"]
    assert done.returncode == 0, done.stderr
    assert (one.preset, one.base_url) == ("lmdeploy", "http://127.0.0.1:23333/v1")


def test_all_presets_are_offered_to_somebody_at_a_terminal(tmp_path):
    code, heard = typed(
        tmp_path,
        [
            ("Base URL, or a preset", "lmdeplyo"),
            ("Base URL, or a preset", "reference"),
            ("Base URL, or a preset", "lmdeploy"),
            ("Name of the entry", ""),
            ("Write the entry all the same?", "y"),
            ("Write this to providers.toml?", "y"),
        ],
    )

    one = load_providers(tmp_path / "providers.toml")["lmdeploy"]
    assert code == 0, heard
    assert "did you mean 'lmdeploy'?; presets: anthropic, azure-openai, bedrock," in heard
    assert "holds {port}" in heard, "the reference server is started by the harness"
    assert "how such a server is started: conformance explain lmdeploy" in heard
    assert (one.preset, one.base_url) == ("lmdeploy", "http://127.0.0.1:23333/v1")


AWKWARD = [
    'a "b" \\ c',
    "tab\tnew\nline",
    "del\x7f",
    "\x00\x1b[2J",
    "世界 👩‍🚀",
    "'''",
    "# no comment",
    "}{",
]


@pytest.mark.parametrize("model", AWKWARD)
def test_whatever_a_model_is_called_comes_back_as_it_is(tmp_path, model):
    entry = Entry(name="a.b", base_url="http://x/v1", model=model, found=(f"said {model}",))

    assert tomllib.loads(entry.text)["providers"]["a.b"]["model"] == model
    assert as_provider(entry, tmp_path / "providers.toml").model == model
    assert entry.text.count("\n") == 4, "the comment is one line"


@pytest.mark.parametrize("model", ["${HOME}", "x${PATH}", "sk-abcdefgh12345678"])
def test_a_model_that_would_read_a_variable_is_not_written(tmp_path, model):
    with standing(serving_models(model)) as server:
        done = piped(tmp_path, "mine", f"--base-url={server.url}", "--yes")

    assert done.returncode == 4
    assert "the endpoint calls its model" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_dotted_inline_file_is_refused_not_broken(tmp_path):
    file = tmp_path / "providers.toml"
    before = 'providers = { one = { base_url = "http://x/v1" } }\n'
    file.write_text(before)

    with pytest.raises(Exception, match="is not TOML"):
        add(Entry(name="two", base_url="http://x/v1"), file)
    assert file.read_text() == before


@pytest.mark.parametrize(
    ("host", "owned_by", "server", "preset"),
    [
        ("api.openai.com", (), "", "openai"),
        ("eu.api.openai.com", (), "", "openai"),
        ("notapi.openai.com.evil", (), "", ""),
        ("mine.openai.azure.com", (), "", "azure-openai"),
        ("api.deepseek.com", (), "", "deepseek"),
        ("x", ("vllm",), "uvicorn", "vllm"),
        ("x", ("llamacpp",), "", "llama-cpp"),
        ("x", (), "llama.cpp", "llama-cpp"),
        ("x", ("openai",), "uvicorn", ""),
        ("bedrock-mantle.eu-west-1.api.aws", (), "", "bedrock"),
        ("", (), "", ""),
    ],
)
def test_a_kind_of_server_is_known_by_its_signs(host, owned_by, server, preset):
    assert recognised(host, owned_by, server) == preset
