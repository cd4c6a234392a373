from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from asking import WEATHER, body, chat

CHAT = "/v1/chat/completions"


@pytest.fixture
def line(base_url: str) -> Iterator[socket.socket]:
    place = urlsplit(base_url)
    with socket.create_connection((place.hostname, place.port), timeout=10) as connection:
        yield connection


def post(payload: bytes, *headers: str) -> bytes:
    head = [f"POST {CHAT} HTTP/1.1", "Host: x", f"Content-Length: {len(payload)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + payload


def answer(line: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """One response with a Content-Length off a connection that stays open."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += (more := line.recv(65536))
        assert more, f"closed after {data!r}"
    head, _, rest = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in lines)}
    while len(rest) < int(headers["content-length"]):
        rest += (more := line.recv(65536))
        assert more, f"closed within the body {rest!r}"
    return int(first.split(" ")[1]), headers, rest


def everything(line: socket.socket) -> bytes:
    data = b""
    while more := line.recv(65536):
        data += more
    return data


ASK = json.dumps(body()).encode()


def test_a_connection_serves_many_requests_also_pipelined(line: socket.socket) -> None:
    for _ in range(3):
        line.sendall(post(ASK))
        assert answer(line)[0] == 200
    line.sendall(b"GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n" * 2 + b"\r\n")
    assert everything_has_two(line)


def everything_has_two(line: socket.socket) -> bool:
    line.shutdown(socket.SHUT_WR)
    return everything(line).count(b"HTTP/1.1 200 OK") == 2


def test_a_connection_goes_on_after_an_error_and_after_a_stream(base_url: str) -> None:
    with httpx.Client(base_url=base_url) as client:
        local = set()
        for asked in (body(), body(stream=True), {"model": 1}, body()):
            with client.stream("POST", "/chat/completions", json=asked) as response:
                response.read()
                network = response.extensions["network_stream"]
                local.add(network.get_extra_info("client_addr"))
        assert len(local) == 1


def test_a_chunked_request_body_is_read(line: socket.socket) -> None:
    head = f"POST {CHAT} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    cut = len(ASK) // 2
    parts = [b"%x;ext=1\r\n%b\r\n" % (len(part), part) for part in (ASK[:cut], ASK[cut:])]
    line.sendall(head + b"".join(parts) + b"0\r\nTrailer: x\r\n\r\n")
    assert answer(line)[0] == 200
    line.sendall(post(ASK))
    assert answer(line)[0] == 200


def test_expect_100_continue_is_answered_before_the_body(line: socket.socket) -> None:
    head, _, payload = post(ASK, "Expect: 100-continue").partition(b"\r\n\r\n")
    line.sendall(head + b"\r\n\r\n")
    assert line.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    line.sendall(payload)
    assert answer(line)[0] == 200


BROKEN: list[tuple[bytes, int]] = [
    (b"nonsense\r\n\r\n", 400),
    (b"GET /v1/models HTTP/2.0\r\nHost: x\r\n\r\n", 505),
    (b"GET /v1/models SPDY\r\nHost: x\r\n\r\n", 400),
    (b"GET /v1/models HTTP/1.1\r\n\r\n", 400),
    (b"GET /v1/models HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n", 400),
    (b"GET /v1/models HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5x\r\n\r\nhello", 400),
    (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400),
    (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc", 400),
    (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", 431),
    (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400),
]


@pytest.mark.parametrize(("sent", "status"), BROKEN)
def test_a_broken_request_gets_a_json_error_and_the_connection_ends(
    line: socket.socket, sent: bytes, status: int
) -> None:
    line.sendall(sent)
    code, headers, payload = answer(line)
    assert code == status
    assert headers["connection"] == "close"
    assert json.loads(payload)["error"]["message"]


def test_a_request_that_ends_within_its_body_is_told_so(line: socket.socket) -> None:
    line.sendall(post(ASK)[:-5])
    line.shutdown(socket.SHUT_WR)
    assert answer(line)[0] == 400


def test_a_body_that_is_too_large_is_read_and_then_refused(client: httpx.Client) -> None:
    response = client.post("/chat/completions", content=b" " * (17 * 1024 * 1024))
    assert response.status_code == 413
    assert response.json()["error"]["code"] == "request_too_large"
    assert chat(client)["object"] == "chat.completion"


def test_http_1_0_gets_a_stream_without_framing(line: socket.socket) -> None:
    asked = json.dumps(body(stream=True)).encode()
    line.sendall(post(asked).replace(b"HTTP/1.1", b"HTTP/1.0", 1))
    head, _, rest = everything(line).partition(b"\r\n\r\n")
    assert b"chunked" not in head
    assert rest.startswith(b"data: {")
    assert rest.endswith(b"data: [DONE]\n\n")


ROUTES: list[tuple[str, str, int]] = [
    ("GET", "/models", 200),
    ("GET", "/models/", 200),
    ("GET", "//models", 200),
    ("GET", "/models?limit=5", 200),
    ("HEAD", "/models", 200),
    ("GET", "/models/reference-1", 200),
    ("GET", "/models/conformance/reference-1", 200),
    ("GET", "/models/conformance%2Freference-1", 200),
    ("GET", "/models/nope", 404),
    ("POST", "/models", 405),
    ("DELETE", "/models/reference-1", 405),
    ("GET", "/chat/completions", 405),
    ("PUT", "/chat/completions", 405),
    ("GET", "/nope", 404),
    ("POST", "/audio/speech", 404),
    ("POST", "/responses", 400),
    ("GET", "/responses", 405),
    ("GET", "/responses/nope", 404),
    ("POST", "/responses/nope", 405),
    ("POST", "/chat/completions/extra", 404),
    ("BREW", "/coffee", 404),
]


@pytest.mark.parametrize(("method", "path", "status"), ROUTES)
def test_routes_answer_with_json_in_every_case(
    client: httpx.Client, base_url: str, method: str, path: str, status: int
) -> None:
    response = client.request(method, base_url + path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-request-id"]
    if status >= 400 and method != "HEAD":
        assert set(response.json()["error"]) == {"message", "type", "param", "code"}
    if status == 405:
        assert response.headers["allow"]


def test_a_model_is_given_back_under_the_id_that_was_asked_for(client: httpx.Client) -> None:
    listed = client.get("/models").json()
    assert listed["object"] == "list"
    for model in listed["data"]:
        assert client.get(f"/models/{model['id']}").json() == model
        assert chat(client, model=model["id"])["model"] == model["id"]


def test_a_redirect_is_never_needed_and_strange_headers_are_ignored(client: httpx.Client) -> None:
    headers = {"X-Stainless-Lang": "python", "OpenAI-Organization": "o", "Idempotency-Key": "k"}
    headers |= {"X-Client-Request-Id": "abc", "Content-Type": "application/json; charset=utf-8"}
    response = client.post("/chat/completions", content=ASK, headers=headers)
    assert response.status_code == 200
    assert response.headers["x-client-request-id"] == "abc"
    assert {name for name in response.headers if name.startswith("x-ratelimit-")} == {
        f"x-ratelimit-{what}-{of}"
        for what in ("limit", "remaining", "reset")
        for of in ("requests", "tokens")
    }


def test_request_ids_are_unique_even_for_equal_requests(client: httpx.Client) -> None:
    ids = {client.post("/chat/completions", content=ASK).headers["x-request-id"] for _ in range(20)}
    assert len(ids) == 20


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (None, 401), ("Bearer", 401), ("Bearer wrong", 401), ("Basic c2VjcmV0", 401),
        ("Bearer secret-key-1", 200), ("bearer secret-key-1", 200), ("BEARER  secret-key-1", 200),
        ("Bearer s\u00e9cret", 401),
    ],
)  # fmt: skip
def test_a_key_is_asked_for_where_there_is_one(
    served, authorization: str | None, status: int, streamed: bool
) -> None:
    client = served(key="secret-key-1")
    given = {"Authorization": authorization.encode("latin-1")} if authorization else {}
    response = client.post("/chat/completions", json=body(stream=streamed), headers=given)
    assert response.status_code == status
    assert client.get("/models", headers=given).status_code == status
    if status == 401:
        assert response.headers["content-type"] == "application/json"
        assert response.json()["error"]["code"] == "invalid_api_key"
        assert "secret-key-1" not in response.text


def test_without_a_key_any_bearer_will_do(client: httpx.Client) -> None:
    for given in ({}, {"Authorization": "Bearer dummy"}):
        assert client.get("/models", headers=given).status_code == 200


def test_a_stream_has_the_headers_of_one(client: httpx.Client) -> None:
    response = client.post("/chat/completions", json=body(stream=True))
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-cache"
    assert "content-length" not in response.headers


def test_a_client_that_hangs_up_disturbs_nobody(served) -> None:
    client = served(per_token=0.01)
    long = body("Write a very long story.", stream=True)
    with client.stream("POST", "/chat/completions", json=long) as response:
        next(response.iter_lines())
    assert chat(client)["choices"][0]["message"]["content"] == "OK"


def test_every_event_leaves_alone(served) -> None:
    client = served(per_token=0.02)
    asked = body("What is the weather in Oslo?", stream=True, tools=[WEATHER])
    with client.stream("POST", "/chat/completions", json=asked) as response:
        pieces = list(response.iter_raw())
    assert len(pieces) > 5
