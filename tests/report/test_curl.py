"""The line is run by real shells, and what arrives is compared with what was recorded."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading

import pytest
from sample import evidence

from conformance.report.curl import curl

pytestmark = pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")

KEY = "sk-secret-0123456789"

BODIES = {
    "json": b'{"model": "m", "messages": []}',
    "single quotes": b"it's 'quoted' '' '",
    "double quotes and backslashes": rb'{"a": "\"\\n\\\\"} \ ',
    "an at sign first": b"@/etc/hostname",
    "dollars and backticks": b"$HOME `id` $(id) ${IFS} !! !x",
    "newlines, first and last": b"\nline one\nline two\n\n",
    "carriage returns and tabs": b"a\r\n\tb\r\n",
    "other scripts": "grüße 世界 🎉 é".encode(),
    "a bidi control": "a\u202eb".encode(),
    "NUL": b"a\x00b\x00",
    "all bytes": bytes(range(256)),
    "broken UTF-8": b'{"a": "\xff\xfe"}',
    "an option": b"--help",
    "percent and printf": b"%s %d %% \\101 \\x41",
    "longer than an argument may be": b"x y'" * 60_000,
    "longer, and no text": b"\x00\xff" * 70_000,
    "so long that curl would ask first": b"z" * 1_100_000,
    "stars": b'{"content": "**********"}',
}


class Server:
    """Answers each request with 200 and keeps its bytes."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.seen: list[bytes] = []
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            with peer:
                self.seen.append(read_request(peer))
                peer.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()


def read_request(peer: socket.socket) -> bytes:
    """Head and as many bytes as it announces (`content-length` or the last chunk)."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += peer.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    headers = {k.lower(): v for k, v in fields(head)[1:]}
    while len(body) < int(headers.get("content-length", 0)) or (
        "transfer-encoding" in headers and not body.endswith(b"0\r\n\r\n")
    ):
        body += peer.recv(65536)
    return head + b"\r\n\r\n" + body


def fields(head: bytes) -> list[tuple[str, str]]:
    """The request line as ("", line), then name and value of each header."""
    first, *lines = head.decode("latin-1").split("\r\n")
    return [("", first), *((k, v.strip()) for k, _, v in (line.partition(":") for line in lines))]


@pytest.fixture
def server():
    one = Server()
    yield one
    one.close()


def said(server: Server, line: str, shell: str = "bash") -> tuple[str, set[tuple[str, str]], bytes]:
    """Run the line; request line, headers and body of the one request that came."""
    done = subprocess.run(
        [shell],
        input=line.encode(),
        env={"PATH": "/usr/bin:/bin", "OPENAI_API_KEY": KEY, "MY_KEY": KEY},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.startswith(b"HTTP/1.1 200 OK\r\n"), "-i shows the head"
    assert len(server.seen) == 1
    head, _, body = server.seen[0].partition(b"\r\n\r\n")
    request, *headers = fields(head)
    return request[1], {(name.lower(), value) for name, value in headers}, body


def asked(server: Server, **changes):
    """Evidence of a request to this server, with the headers that its body needs."""
    body = changes.get("body", b"")
    headers = (
        ("Host", f"127.0.0.1:{server.port}"),
        *changes.pop("headers", ()),
        *([("Content-Length", str(len(body)))] if body else []),
    )
    url = f"http://127.0.0.1:{server.port}" + changes.pop("target", "/v1/chat/completions")
    return evidence(url=url, headers=headers, **{"body": body, **changes})


def as_sent(recorded, *, key: str = KEY) -> set[tuple[str, str]]:
    """The recorded headers with the key put back."""
    return {(name.lower(), value.replace("*" * 20, key)) for name, value in recorded.headers}


@pytest.mark.parametrize("shell", ["bash", "sh"])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_any_body_arrives_byte_for_byte(server, body, shell):
    recorded = asked(server, body=body, headers=(("Content-Type", "application/json"),))
    request, headers, arrived = said(server, curl(recorded), shell)
    assert arrived == body
    assert request == "POST /v1/chat/completions HTTP/1.1"
    assert headers == as_sent(recorded)


@pytest.mark.parametrize(
    "headers",
    [
        (("Authorization", "Bearer " + "*" * 20),),
        (("api-key", "*" * 20),),
        (("X-Custom", "prefix-" + "*" * 20 + "-suffix"),),
        (("X-Custom", "it's $HOME `id` " + "*" * 20),),
        (("Accept", "*/*"), ("User-Agent", "us/1.0"), ("Accept-Encoding", "gzip, deflate")),
        (("X-Empty", ""), ("X-Quotes", "'\"\\$(id)`id`!"), ("X-Latin", "caf\xe9 \x80%s\\101")),
        (("Content-Type", "application/json; charset=utf-8"), ("Connection", "keep-alive")),
    ],
)
@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_headers_arrive_as_recorded_and_no_others(server, headers, shell):
    recorded = asked(server, body=b"{}", headers=headers)
    _, arrived, _ = said(server, curl(recorded), shell)
    assert arrived == as_sent(recorded)


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        ("/v1/models", "/v1/models"),
        ("/v1/models?key=" + "*" * 20, f"/v1/models?key={KEY}"),
        ("/v1/models?key=" + "*" * 20 + "&x=1", f"/v1/models?key={KEY}&x=1"),
        ("/v1/a[1-3]{b,c}'$HOME", "/v1/a[1-3]{b,c}'$HOME"),
        ("/v1/../models/./x", "/v1/../models/./x"),
        ("/v1/%2e%2e/a%20b?q=%22", "/v1/%2e%2e/a%20b?q=%22"),
    ],
)
def test_the_address_arrives_as_recorded(server, target, wanted):
    request, headers, body = said(server, curl(asked(server, method="GET", target=target)))
    assert request == f"GET {wanted} HTTP/1.1"
    assert (headers, body) == ({("host", f"127.0.0.1:{server.port}")}, b"")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "PUT"])
def test_methods_without_a_body_arrive(server, method):
    request, _, body = said(server, curl(asked(server, method=method)))
    assert (request, body) == (f"{method} /v1/chat/completions HTTP/1.1", b"")


def test_an_empty_body_that_was_announced_is_announced_again(server):
    recorded = asked(server, headers=(("Content-Length", "0"),))
    _, headers, _ = said(server, curl(recorded))
    assert headers == as_sent(recorded)


def test_a_chunked_body_is_sent_chunked_again(server):
    recorded = evidence(
        url=f"http://127.0.0.1:{server.port}/v1",
        headers=(("Host", f"127.0.0.1:{server.port}"), ("Transfer-Encoding", "chunked")),
        body=b"abc",
    )
    _, headers, body = said(server, curl(recorded))
    assert headers == as_sent(recorded)
    assert body == b"3\r\nabc\r\n0\r\n\r\n"


def test_the_variable_is_the_one_that_the_provider_names(server):
    recorded = asked(server, headers=(("Authorization", "Bearer " + "*" * 20),), key="MY_KEY")
    assert '"Authorization: Bearer $MY_KEY"' in curl(recorded)
    _, headers, _ = said(server, curl(recorded))
    assert headers == as_sent(recorded)


@pytest.mark.parametrize("name", ["", "a b", "$(id)", "1X", "X;id"])
def test_a_name_that_is_no_variable_is_never_put_into_a_shell(name):
    assert '"Authorization: Bearer $OPENAI_API_KEY"' in curl(evidence(key=name))


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (b'{"stream": true}', True),
        (b'{"stream": false}', False),
        (b"[1]", False),
        (b'{"stream": true', False),
        (b"[" * 100_000, False),
        (b"\xff", False),
    ],
)
def test_only_streams_are_unbuffered(body, wanted):
    assert (" -N" in curl(evidence(body=body)).split("\n", 1)[0]) is wanted


def test_a_secure_address_is_asked_in_the_protocol_that_was_recorded():
    assert "--http1.1" in curl(evidence(url="https://api.example.com/v1/models"))


def test_a_line_for_a_report_holds_no_character_that_steers_a_terminal():
    line = curl(evidence(body=b"\x1b[2J\x9b", headers=(("X", "\x1b[2J\x85"),)))
    assert line.replace("\n", "").isprintable()
