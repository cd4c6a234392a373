"""Every fault is seen on the wire, and is not there without it."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from asking import CITY, WEATHER, body, tool

import conformance
from conformance.errors import UsageError
from conformance.reference.breaks import REPEATED
from conformance.reference.fault import FAULTS, REPLY, Fault, fault, switched_on
from conformance.reference.serve import ServeOptions, load_faults
from conformance.reference.testing import running
from conformance.registry import Registry

load_faults()
KEY = "secret-key-1"
CITIES = "Compare the weather in Oslo and Rome."


@dataclass(frozen=True)
class Seen:
    """A response byte for byte, and what can be read out of it."""

    raw: bytes

    @property
    def status(self) -> int:
        return int(self.raw.split(b" ", 2)[1])

    @property
    def head(self) -> str:
        return self.raw.partition(b"\r\n\r\n")[0].decode("latin-1").lower()

    @property
    def data(self) -> bytes:
        rest = self.raw.partition(b"\r\n\r\n")[2]
        if "chunked" not in self.head:
            return rest
        parts = []
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            parts.append(rest[: int(size, 16)])
            rest = rest[int(size, 16) + 2 :]
        return b"".join(parts)

    @property
    def json(self) -> Any:
        return json.loads(self.data)

    @property
    def message(self) -> Any:
        return self.json["choices"][0]["message"]

    @property
    def chunks(self) -> list[Any]:
        return [
            json.loads(line.removeprefix(b"data: "))
            for line in self.data.split(b"\n")
            if line.startswith(b"data: {")
        ]

    @property
    def choices(self) -> list[Any]:
        return [choice for chunk in self.chunks for choice in chunk["choices"] or []]

    @property
    def fragments(self) -> list[Any]:
        return [each for choice in self.choices for each in choice["delta"].get("tool_calls", [])]

    @property
    def text(self) -> str:
        return "".join(choice["delta"].get("content") or "" for choice in self.choices)


@dataclass(frozen=True)
class Row:
    asked: Any
    shows: Callable[[Seen], Any]
    path: str = "/chat/completions"
    key: str = KEY
    scheme: str = "Bearer"


def whole(prompt: Any, shows: Callable[[Seen], Any], **members: Any) -> Row:
    return Row(body(prompt, **members), shows)


def streamed(prompt: Any, shows: Callable[[Seen], Any], **members: Any) -> Row:
    return Row(body(prompt, stream=True, **members), shows)


USAGE = {"stream_options": {"include_usage": True}}
SCHEMA = {**CITY, "additionalProperties": False}
SHAPE = {"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA, "strict": True}}
WRONG = {"temperature": 9}
ADD = tool("alone", "Nothing to do with it.", CITY)

ROWS: dict[str, Row] = {
    "role-in-every-chunk": streamed("Say hello there.", lambda s: sum("role" in c["delta"] for c in s.choices) > 1),
    "chunk-id-changes": streamed("Say OK.", lambda s: len({c["id"] for c in s.chunks}) > 1),
    "done-missing": streamed("Say OK.", lambda s: b"[DONE]" not in s.data),
    "usage-chunk-missing": streamed("Say OK.", lambda s: not any(c.get("usage") for c in s.chunks), **USAGE),
    "usage-before-the-end": streamed("Say OK.", lambda s: s.chunks[-2]["choices"] == [], **USAGE),
    "usage-on-finish-chunk": streamed("Say OK.", lambda s: s.chunks[-1]["usage"] and s.chunks[-1]["choices"], **USAGE),
    "finish-never-set": streamed("Say OK.", lambda s: not any(c["finish_reason"] for c in s.choices)),
    "finish-empty-string": streamed("Say OK.", lambda s: s.choices[0]["finish_reason"] == ""),
    "finish-chunk-without-delta": streamed("Say OK.", lambda s: s.choices[-1]["delta"] is None),
    "usage-chunk-choices-null": streamed("Say OK.", lambda s: s.chunks[-1]["choices"] is None, **USAGE),
    "byte-order-mark": streamed("Say OK.", lambda s: s.data.startswith(b"\xef\xbb\xbfdata")),
    "single-newline-between-events": streamed("Say OK.", lambda s: b"\n\n" not in s.data),
    "retry-event-without-data": streamed("Say OK.", lambda s: s.data.startswith(b"retry: 3000\n\n")),
    "stream-in-one-burst": streamed("Say OK.", lambda s: s.raw.count(b"\r\ndata: ") == 1),
    "gzip-holds-the-stream": streamed("Say OK.", lambda s: b"[DONE]" in gunzipped(s.data)),
    "content-in-one-chunk": streamed(
        "Count from 1 to 30.",
        lambda s: [spelled(c) for c in s.choices if c["delta"].get("content")] == [s.text], logprobs=True,
    ),
    "stream-reset": streamed("Count from 1 to 30.", lambda s: s.text and not s.raw.endswith(b"0\r\n\r\n")),
    "stream-cut-short": streamed("Count from 1 to 30.", lambda s: s.text and not s.raw.endswith(b"0\r\n\r\n")),
    "stream-answered-with-json": streamed("Say OK.", lambda s: "event-stream" not in s.head and s.message),
    "stream-called-json": streamed("Say OK.", lambda s: "application/json" in s.head and s.chunks),
    "tool-index-missing": streamed(CITIES, lambda s: s.fragments and "index" not in s.fragments[0], tools=[WEATHER]),
    "tool-index-always-zero": streamed(CITIES, lambda s: {f["index"] for f in s.fragments} == {0}, tools=[WEATHER]),
    "tool-index-from-one": streamed(CITIES, lambda s: {f["index"] for f in s.fragments} == {1, 2}, tools=[WEATHER]),
    "tool-id-repeated": streamed(CITIES, lambda s: all("id" in f for f in s.fragments), tools=[WEATHER]),
    "tool-type-missing": whole(CITIES, lambda s: "type" not in s.message["tool_calls"][0], tools=[WEATHER]),
    "arguments-as-object": whole(
        CITIES, lambda s: s.message["tool_calls"][0]["function"]["arguments"] == {"city": "Oslo"}, tools=[WEATHER]
    ),
    "streamed-arguments-lose-last-brace": streamed(
        CITIES, lambda s: "".join(f["function"]["arguments"] for f in s.fragments) == '{"city": "Oslo"{"city": "Rome"',
        tools=[WEATHER],
    ),
    "forced-tool-choice-ignored": whole("Say OK.", lambda s: "tool_calls" not in s.message, tools=[ADD], tool_choice="required"),
    "tool-choice-none-ignored": whole(CITIES, lambda s: "tool_calls" in s.message, tools=[WEATHER], tool_choice="none"),
    "parallel-tool-calls-false-ignored": whole(
        CITIES, lambda s: len(s.message["tool_calls"]) > 1, tools=[WEATHER], parallel_tool_calls=False
    ),
    "tool-markup-in-content": whole(
        CITIES, lambda s: "<tool_call>" in (s.message["content"] or "") and ended(s) == ("length", 20),
        tools=[WEATHER], max_tokens=20,
    ),
    "finish-stop-with-tool-calls": whole(CITIES, lambda s: s.json["choices"][0]["finish_reason"] == "stop", tools=[WEATHER]),
    "empty-tool-calls-list": whole("Say OK.", lambda s: s.message.get("tool_calls") == []),
    "empty-tool-calls-in-deltas": streamed("Say OK.", lambda s: [] in [c["delta"].get("tool_calls") for c in s.choices]),
    "error-with-status-200": whole("x", lambda s: s.status == 200 and "error" in s.json, **WRONG),
    "error-flat": whole("x", lambda s: s.json.get("object") == "error" and s.status == 400, **WRONG),
    "error-fastapi-detail": whole("x", lambda s: set(s.json) == {"detail"}, **WRONG),
    "error-string": whole("x", lambda s: isinstance(s.json["error"], str), **WRONG),
    "error-html": whole("x", lambda s: s.data.startswith(b"<html>") and "text/html" in s.head, **WRONG),
    "error-code-integer": whole("x", lambda s: s.json["error"]["code"] == 400, **WRONG),
    "error-without-param": whole("x", lambda s: "param" not in s.json["error"], **WRONG),
    "invalid-request-422": whole("x", lambda s: s.status == 422, **WRONG),
    "wrong-key-403": Row(body(), lambda s: s.status == 403, key="wrong"),
    "wrong-key-500": Row(body(), lambda s: s.status == 500, key="wrong"),
    "context-overflow-500": whole("word " * 40_000, lambda s: s.status == 500),
    "unknown-model-served": whole("Say OK.", lambda s: s.status == 200, model="gpt-9"),
    "null-parameter-rejected": whole("Say OK.", lambda s: s.status == 400, stop=None),
    "text-parts-rejected": whole(
        [{"role": "user", "content": [{"type": "text", "text": "Say OK."}]}], lambda s: s.status == 400
    ),
    "developer-role-rejected": whole(
        [{"role": "developer", "content": "x"}, {"role": "user", "content": "x"}], lambda s: s.status == 400
    ),
    "max-tokens-ignored": whole("Count from 1 to 30.", lambda s: s.json["usage"]["completion_tokens"] > 5, max_tokens=5),
    "max-completion-tokens-ignored": whole(
        "Count from 1 to 30.", lambda s: s.json["usage"]["completion_tokens"] > 5, max_completion_tokens=5
    ),
    "stop-ignored": whole("Count from 1 to 9.", lambda s: "7" in s.message["content"], stop="5"),
    "stop-text-in-output": whole("Count from 1 to 9.", lambda s: s.message["content"].endswith("5"), stop="5"),
    "n-ignored": whole("Say OK.", lambda s: len(s.json["choices"]) == 1, n=3),
    "json-schema-ignored": whole("Say OK.", lambda s: s.message["content"] == "OK", response_format=SHAPE),
    "json-object-ignored": whole(
        "Say OK in JSON.", lambda s: not s.message["content"].startswith("{"), response_format={"type": "json_object"}
    ),
    "logprobs-ignored": whole("Say OK.", lambda s: s.json["choices"][0]["logprobs"] is None, logprobs=True),
    "temperature-ignored": whole(
        "Tell me a joke.", lambda s: len({c["message"]["content"] for c in s.json["choices"]}) == 1, temperature=2, n=12
    ),
    "temperature-zero-samples": whole(
        "Tell me a joke.", lambda s: len({c["message"]["content"] for c in s.json["choices"]}) > 1, n=12
    ),
    "created-in-milliseconds": whole("Say OK.", lambda s: s.json["created"] > 10**12),
    "usage-total-wrong": whole(
        "Say OK.",
        lambda s: (u := s.json["usage"])["total_tokens"] != u["prompt_tokens"] + u["completion_tokens"],
    ),
    "usage-missing": whole("Say OK.", lambda s: "usage" not in s.json),
    "finish-reason-eos": whole("Say OK.", lambda s: s.json["choices"][0]["finish_reason"] == "eos"),
    "finish-stop-at-the-cap": whole(
        "Count from 1 to 30.", lambda s: s.json["choices"][0]["finish_reason"] == "stop", max_tokens=5
    ),
    "object-wrong": whole("Say OK.", lambda s: s.json["object"] != "chat.completion"),
    "content-null-without-call": whole("Say OK.", lambda s: s.message["content"] is None),
    "refusal-key-missing": whole("Say OK.", lambda s: "refusal" not in s.message),
    "refusal-beside-content": whole("Please refuse.", lambda s: s.message["content"], response_format=SHAPE),
    "replacement-character": whole("Say Grüße 🎉.", lambda s: "\ufffd" in s.message["content"]),
    "bearer-in-one-case": Row(body(), lambda s: s.status == 401, scheme="bearer"),
    "long-history-rejected": whole([{"role": "user", "content": "x"}] * 101, lambda s: s.status == 400),
    "many-tools-rejected": whole(
        "Say OK.", lambda s: s.status == 400, tools=[tool(f"t{n}", "A tool.", CITY) for n in range(65)]
    ),
    "only-the-first-call": whole(CITIES, lambda s: len(s.message["tool_calls"]) == 1, tools=[WEATHER]),
    "encoded-slash-unknown": Row(None, lambda s: s.status == 404, "/models/conformance%2Freference-1"),
    "models-bare-array": Row(None, lambda s: isinstance(s.json, list), "/models"),
    "models-without-created": Row(None, lambda s: "created" not in s.json["data"][0], "/models"),
    "request-id-missing": Row(None, lambda s: "x-request-id" not in s.head, "/models"),
    "json-called-text": Row(None, lambda s: "text/plain" in s.head, "/models"),
    "errors-end-the-connection": Row(None, lambda s: s.status == 404 and "keep-alive" in s.head and dropped(s), "/models/none"),
    "connection-dropped-after-each": Row(None, lambda s: "keep-alive" in s.head and dropped(s), "/models"),
}  # fmt: skip


def spelled(choice: Any) -> str:
    """The text of a choice as its log probabilities have it."""
    return "".join(each["token"] for each in choice["logprobs"]["content"])


def ended(seen: Seen) -> tuple[str, int]:
    """How an answer ended, and what it cost."""
    return seen.json["choices"][0]["finish_reason"], seen.json["usage"]["completion_tokens"]


def gunzipped(data: bytes) -> bytes:
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else b""


def dropped(seen: Seen) -> bool:
    return seen.raw.endswith(CLOSED)


CLOSED = b"<closed>"


def exchange(base_url: str, row: Row) -> Seen:
    """Everything that comes back, and `<closed>` where a kept-alive connection is closed."""
    place = urlsplit(base_url)
    payload = json.dumps(row.asked).encode() if row.asked is not None else b""
    head = [f"{'POST' if payload else 'GET'} {place.path}{row.path} HTTP/1.1", "Host: x"]
    head += [f"Authorization: {row.scheme} {row.key}", f"Content-Length: {len(payload)}"]
    with socket.create_connection((place.hostname, place.port), timeout=20) as line:
        line.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + payload)
        return Seen(b"".join(received(line, only_one=row.path.startswith("/models"))))


def received(line: socket.socket, *, only_one: bool) -> Iterator[bytes]:
    data = b""
    while not complete(data):
        try:
            more = line.recv(65536)
        except ConnectionResetError:
            return
        if not more:
            return
        data += more
        yield more
    if only_one:
        line.settimeout(0.3)
        try:
            yield CLOSED if not line.recv(1) else b""
        except TimeoutError:
            return


def complete(data: bytes) -> bool:
    head, found, rest = data.partition(b"\r\n\r\n")
    if not found:
        return False
    if b"chunked" in head:
        return rest.endswith(b"\r\n0\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return len(rest) >= length


@pytest.fixture(scope="module")
def clean_url() -> Iterator[str]:
    with running(ServeOptions(per_token=0, key=KEY)) as url:
        yield url


@pytest.mark.parametrize("name", sorted(ROWS))
def test_a_fault_shows_on_the_wire_and_only_when_it_is_on(clean_url: str, name: str) -> None:
    row = ROWS[name]
    assert not row.shows(exchange(clean_url, row)), "seen without the fault"
    with running(ServeOptions(per_token=0, key=KEY, faults=(name,))) as url:
        assert row.shows(exchange(url, row)), "not seen with the fault"


def test_there_are_faults_of_many_kinds() -> None:
    """Those without a row here are seen on the wire by the self-test, which notices every one."""
    assert set(ROWS) <= set(FAULTS)
    assert len(FAULTS) >= 15
    assert len({one.area for one in FAULTS.values()}) >= 5


CONTRACT = Path(conformance.__file__).parent / "contract" / "clauses.json"


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_says_which_clauses_notice_it(name: str) -> None:
    held = json.loads(CONTRACT.read_text(encoding="utf-8"))
    listed = held["clauses"] if isinstance(held, dict) else held
    known = {clause["id"]: clause["level"] for clause in listed}
    one = FAULTS[name]
    assert set(one.primary) <= set(known)
    assert all(any(fnmatch(clause, each) for clause in known) for each in one.cascades)
    assert not set(one.primary) & set(one.cascades)
    assert one.level == (known[one.primary[0]] if one.primary else "may")
    assert one.title.endswith(".")
    assert one.sources


def test_a_rate_shows_a_fault_now_and_then_but_the_same_in_every_run() -> None:
    runs = []
    for _ in range(2):
        options = ServeOptions(per_token=0, faults=("object-wrong@0.3",))
        with running(options) as url, httpx.Client(base_url=url) as client:
            answers = [client.post("/chat/completions", json=body()).json() for _ in range(60)]
        runs.append([answer["object"] for answer in answers])
    assert runs[0] == runs[1]
    assert 8 <= runs[0].count("chat.completion.chunk") <= 28


def test_faults_compose() -> None:
    faults = ("role-in-every-chunk", "done-missing", "max-tokens-ignored")
    asked = streamed("Count from 1 to 30.", bool, max_tokens=3)
    with running(ServeOptions(per_token=0, faults=faults)) as url:
        seen = exchange(url, asked)
    assert b"[DONE]" not in seen.data
    assert seen.text.endswith("30")
    assert all("role" in choice["delta"] for choice in seen.choices[:-1])


def test_a_plugin_module_may_register_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "more_faults.py").write_text(
        "from dataclasses import replace\n"
        "from conformance.reference.fault import RESPONSE, fault\n"
        "@fault('teapot', at=RESPONSE, level='must', sources=['a test'], primary=['TRANS-005'])\n"
        "def teapot(response):\n"
        "    'Everything is a teapot.'\n"
        "    return replace(response, status=418)\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    options = ServeOptions(plugins=("more_faults",), faults=("teapot",))
    try:
        with running(options) as url:
            assert httpx.get(f"{url}/models").status_code == 418
    finally:
        FAULTS._things.pop("teapot", None)


def test_a_fault_without_words_or_clauses_is_refused() -> None:
    registry: Registry[Fault] = Registry("fault")
    mute = fault("mute", at=REPLY, level="must", sources=[], primary=["ERR-001"], registry=registry)
    with pytest.raises(ValueError, match="docstring"):
        mute(lambda reply: reply)


@pytest.mark.parametrize(
    "said",
    [
        {"level": "must"},
        {"level": "may", "primary": ["CRESP-003"], "changes": ["chat/history"]},
        {"level": "must", "changes": ["chat/history"]},
    ],
    ids=["neither", "both", "changes of what must hold"],
)
def test_a_fault_says_either_what_breaks_or_for_may_what_changes(said: dict[str, Any]) -> None:
    def kind(reply: Any) -> Any:
        """It is kind."""
        return reply

    with pytest.raises(ValueError, match="changes"):
        fault("kind", at=REPLY, sources=["us"], registry=Registry("fault"), **said)(kind)


def test_a_name_that_is_no_faults_is_told() -> None:
    with pytest.raises(UsageError, match="did you mean 'n-ignored'"):
        switched_on(["n-ignord"])


def test_a_clause_that_repeats_another_is_expected_where_that_one_is() -> None:
    held = json.loads(CONTRACT.read_text(encoding="utf-8"))
    listed = held["clauses"] if isinstance(held, dict) else held
    known = {clause["id"] for clause in listed}
    assert set(REPEATED) | {each for others in REPEATED.values() for each in others} <= known
    assert FAULTS["forced-tool-choice-ignored"].expects("RSN-012")
    assert not FAULTS["forced-tool-choice-ignored"].expects("RSN-013")
