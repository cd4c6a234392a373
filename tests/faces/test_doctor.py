"""doctor against servers that are wrong in one way each: the complaint names it, and the remedy."""

import json
import socketserver
import threading

import pytest
from scripted import answer, free_port, standing

from conformance.faces.cli import main
from conformance.faces.doctor.elsewhere import candidates
from conformance.reference.serve import ServeOptions
from conformance.reference.testing import running

MODELS = {"data": [{"id": "llama-3-8b"}, {"id": "qwen-2"}]}
PAGE = answer(b"<!DOCTYPE html><title>Console</title>", headers=["Content-Type: text/html"])


def body(value, status="200 OK", headers=()):
    return answer(json.dumps(value).encode(), status, ["Content-Type: application/json", *headers])


def error(status, message, **more):
    return body({"error": {"message": message, **more}}, status)


def by_path(**answers):
    """Answers by the last word of the path; anything else is a bare 404."""

    def script(request, _number):
        path = request.split(b" ")[1].decode()
        return [answers.get(path.rpartition("/")[2], answer(b"not found", "404 Not Found"))]

    return script


def completion(text="OK", **more):
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": "stop",
    }
    return body({"choices": [choice | more], "usage": {"prompt_tokens": 9, "completion_tokens": 1}})


def only_under_v1(request, _number):
    return [
        body(MODELS) if request.startswith(b"GET /v1/models ") else answer(b"", "404 Not Found")
    ]


def doctor(capsys, url, *options):
    code = main(["doctor", f"--endpoint={url}", *options])
    return code, " ".join(capsys.readouterr().out.split())


SAYS = {
    "the key is refused": (
        [error("401 Unauthorized", "bad key")],
        1,
        ["no key was sent", "--endpoint-key-env"],
    ),
    "the key may not": (
        by_path(models=body(MODELS), completions=error("403 Forbidden", "not yours")),
        1,
        ["403, 'not yours'", "may this key use this model?"],
    ),
    "an unknown model": (
        by_path(
            models=body(MODELS),
            completions=error("404 Not Found", "no such model", code="model_not_found"),
        ),
        1,
        ["no model 'llama-3-8', did you mean 'llama-3-8b'?", "it offers llama-3-8b, qwen-2"],
    ),
    "an unknown model, as 400": (
        by_path(models=body(MODELS), completions=error("400 Bad Request", "Invalid model name")),
        1,
        ["did you mean 'llama-3-8b'?"],
    ),
    "still loading": (
        [error("503 Service Unavailable", "Loading model")],
        1,
        ["not ready yet", "wait until"],
    ),
    "nothing behind the gateway": (
        [answer(b"<html>Bad Gateway", "502 Bad Gateway", ["Content-Type: text/html"])],
        1,
        ["502", "the gateway is up"],
    ),
    "broken": ([error("500 Internal Server Error", "oops")], 1, ["'oops'", "look at its log"]),
    "too many requests": (
        [body({"error": "slow down"}, "429 Too Many Requests", ["Retry-After: 7"])],
        1,
        ["'slow down': too many requests (again in 7 s)", "concurrency"],
    ),
    "nothing left to spend": (
        [error("429 Too Many Requests", "You exceeded your current quota")],
        1,
        ["nothing is left to spend"],
    ),
    "a web console": ([PAGE], 1, ["a console or a login, not the API", "mostly ending in /v1"]),
    "a redirect": (
        [answer(b"", "308 Permanent Redirect", ["Location: https://x/v1"])],
        1,
        ["it redirects to https://x/v1"],
    ),
    "TLS only, says the server": (
        [answer(b"Client sent an HTTP request to an HTTPS server.\n", "400 Bad Request")],
        1,
        ['base_url = "https://127.0.0.1'],
    ),
    "a wish for other words": (
        by_path(
            models=body(MODELS),
            completions=error("400 Bad Request", "Use max_completion_tokens instead"),
        ),
        1,
        ["models = { reasoning = ... }"],
    ),
    "no JSON": (
        by_path(models=body(MODELS), completions=answer(b"hello")),
        1,
        ["200 without a completion: 'hello'"],
    ),
    "no stream, no tools": (
        by_path(models=body(MODELS), completions=completion()),
        1,
        ["ok chat", "a whole answer came", "gave no call: 'OK'", "-- json_schema", "-- logprobs"],
    ),
    "a weak model": (
        by_path(models=body(MODELS), completions=completion("I am sorry")),
        1,
        ["a weak model: many cases will be inconclusive", "it said 'I am sorry'"],
    ),
    "a model that thinks for long": (
        by_path(models=body(MODELS), completions=completion("", finish_reason="length")),
        1,
        ["not to be told: it reasons for more than 128 tokens"],
    ),
    "a terminal under attack": (
        by_path(models=body(MODELS), completions=completion("\x1b[2JOK")),
        1,
        ["\\x1b[2JOK"],
    ),
    "another protocol": (
        [b"SSH-2.0-OpenSSH_9.6\r\n", "close"],
        2,
        ["does not speak HTTP: 'SSH-2.0", "correct the port"],
    ),
    "closed without a word": (
        ["close"],
        2,
        ["closed it without a word", 'or it speaks TLS: base_url = "https://'],
    ),
    "reset": (["reset"], 2, ["without a word (reset)"]),
    "a TLS alert": (
        [b"\x15\x03\x01\x00\x02\x02\x46", "close"],
        2,
        ["it speaks TLS", 'base_url = "https://'],
    ),
}


@pytest.mark.parametrize(("script", "code", "words"), SAYS.values(), ids=SAYS)
def test_what_is_wrong_is_named_with_its_remedy(capsys, script, code, words):
    with standing(script) as server:
        found, out = doctor(capsys, server.url, "--endpoint-model=llama-3-8")

    assert [each for each in words if each not in out] == [], out
    assert found == code
    assert len(server.requests) <= 5


def test_a_closed_port_is_not_a_verdict(capsys):
    code, out = doctor(capsys, f"http://127.0.0.1:{free_port()}/v1")

    assert code == 2
    assert "nothing listens there (connection refused)" in out


def test_a_name_that_does_not_exist(capsys):
    code, out = doctor(capsys, "http://no-such-host.invalid/v1")

    assert code == 2
    assert "correct the host in base_url" in out


class Refusing(socketserver.BaseRequestHandler):
    """As h11 and nginx do: at the first bytes that are no HTTP."""

    def handle(self):
        self.request.recv(65536)
        self.request.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def test_https_to_a_port_that_speaks_http(capsys):
    with socketserver.TCPServer(("127.0.0.1", 0), Refusing) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        place = f"127.0.0.1:{server.server_address[1]}/v1"
        code, out = doctor(capsys, f"https://{place}")
        thread.join()

    assert code == 2
    assert f'base_url = "http://{place}"' in out


def test_http_to_a_port_that_speaks_tls(capsys, server_tls):
    with standing([body(MODELS)], tls=server_tls) as server:
        code, out = doctor(capsys, server.url.replace("https:", "http:"))

    assert code == 2
    assert f'base_url = "{server.url}"' in out


def test_a_certificate_of_ones_own(capsys, server_tls):
    with standing([body(MODELS)], tls=server_tls) as server:
        code, out = doctor(capsys, server.url)

    assert code == 2
    assert "not trusted" in out
    assert "ca_bundle" in out


@pytest.mark.parametrize("given", ["", "/v1/v1", "/chat", "/v2"])
def test_a_wrong_path_is_corrected_where_a_probe_finds_the_right_one(capsys, given):
    with standing(only_under_v1) as server:
        root = server.url.removesuffix("/v1")
        code, out = doctor(capsys, root + given)

    assert code == 1
    assert f'base_url = "{root}/v1": there it is' in out
    assert len(server.requests) <= 5


@pytest.mark.parametrize(
    ("base", "first"),
    [
        ("http://x", "http://x/v1"),
        ("http://x/api", "http://x/api/v1"),
        ("http://x/v1/v1", "http://x/v1"),
        ("http://x/api/v1", "http://x/v1"),
        ("http://x/v1", "http://x"),
        ("http://x/v1beta/openai", "http://x/v1beta/openai/v1"),
    ],
)
def test_the_likeliest_path_comes_first(base, first):
    found = list(candidates(base))

    assert found[0] == first
    assert base not in found
    assert len(found) == len(set(found))


def test_which_of_several_models(capsys):
    with standing(by_path(models=body(MODELS))) as server:
        code, out = doctor(capsys, server.url)

    assert code == 1
    assert "it offers 2: llama-3-8b, qwen-2" in out
    assert "--endpoint-model" in out


def test_no_list_and_no_model_named(capsys):
    with standing(by_path(models=body([]))) as server:
        code, out = doctor(capsys, server.url)

    assert code == 1
    assert "write `model = " in out


def test_a_proxy_of_the_environment_is_named(capsys, monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://user:swordfish@127.0.0.1:{free_port()}")
    monkeypatch.setenv("no_proxy", "")
    code, out = doctor(capsys, "http://llm.example/v1")

    assert code == 2
    assert "-- proxy asked through 127.0.0.1:" in out
    assert "NO_PROXY=llm.example goes directly" in out
    assert "swordfish" not in out


def test_a_refused_key_is_named_and_never_shown(capsys, monkeypatch):
    monkeypatch.setenv("MY_KEY", "swordfish-and-more")
    with standing([error("401 Unauthorized", "wrong key swordfish-and-more")]) as server:
        code, out = doctor(capsys, server.url, "--endpoint-key-env=MY_KEY")

    assert code == 1
    assert "the key in MY_KEY is refused" in out
    assert "swordfish" not in out


@pytest.mark.parametrize(
    ("message", "name"),
    [("logprobs is not supported", "logprobs"), ("unknown response_format", "json_schema")],
)
def test_of_two_things_asked_at_once_the_refused_one_is_named(capsys, message, name):
    def script(request, _number):
        if b"response_format" in request:
            return [error("400 Bad Request", message)]
        return by_path(models=body(MODELS), completions=completion())(request, 0)

    with standing(script) as server:
        out = doctor(capsys, server.url, "--endpoint-model=qwen-2")[1]

    assert f"-- {name}" in out
    assert message in out


def test_a_conforming_server_gets_no_complaint(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with running(ServeOptions(port=0)) as url:
        code, out = doctor(capsys, url, "--endpoint-model=reference-1")

    assert code == 0
    assert out.count(" ok ") == 9
    assert "the model does what it is told" in out
    assert "a whole run:" in out
    assert "asked: 5 requests" in out
    assert list(tmp_path.iterdir()) == [], (
        "no run is left behind that other commands would take for the newest"
    )


def test_what_the_entry_rules_out_is_not_asked(capsys, tmp_path):
    with running(ServeOptions(port=0)) as url:
        file = tmp_path / "providers.toml"
        file.write_text(
            f'[providers.mine]\nbase_url = "{url}"\nmodel = "reference-1"\n'
            "capabilities = { tools = false, logprobs = false }\n"
        )
        code = main(["doctor", "mine", f"--providers-file={file}"])

    out = capsys.readouterr().out
    assert code == 0
    assert "3 requests" in out


def test_a_promise_that_is_not_kept_is_a_complaint(capsys, tmp_path):
    with standing(by_path(models=body(MODELS), completions=completion())) as server:
        file = tmp_path / "providers.toml"
        file.write_text(
            f'[providers.mine]\nbase_url = "{server.url}"\nmodel = "qwen-2"\n'
            "capabilities = { json_schema = true, stream = false, tools = false }\n"
        )
        code = main(["doctor", "mine", f"--providers-file={file}"])

    out = " ".join(capsys.readouterr().out.split())
    assert code == 1
    assert "the entry (or its preset) promises it: capabilities = { json_schema = false }" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "whom to examine?"),
        (["referense"], "did you mean 'reference'"),
        (["--endpoint=ftp://x"], "must begin with http"),
    ],
)
def test_wrong_use_is_exit_code_4(capsys, arguments, words):
    assert main(["doctor", *arguments]) == 4
    assert words in capsys.readouterr().err
