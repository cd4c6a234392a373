"""Whatever an endpoint sends, no check raises: an exception would look like our fault, and be it."""

import json

import pytest
from build import (
    ACCOUNTED,
    ASKED,
    BILL,
    CALLED,
    CALLING,
    DONE,
    DROP,
    ERROR,
    HEL,
    HELLO,
    MODEL,
    MODELS,
    OPEN,
    REST,
    ROLE,
    STOP,
    TOOLS,
    called,
    edited,
    event,
    exchange,
    fragments,
    stream,
)  # fmt: skip
from tables import SCHEMAS, TABLE

from conformance.checks.core import CHECKS, Scene, apply
from conformance.wire.exchange import Ended

ODD = [
    None,
    [],
    {},
    "x",
    -1,
    True,
    10**30,
    float("inf"),
    [None],
    {"": {}},
    "\ud800\x00\x1b[31m",
    DROP,
]
LOGPROBS = {
    "content": [
        {
            "token": "a",
            "logprob": -1,
            "bytes": [1],
            "top_logprobs": [{"token": "a", "logprob": -1, "bytes": None}],
        }
    ],
    "refusal": None,
}
FULL = edited(
    CALLING,
    {
        "choices.0.logprobs": LOGPROBS,
        "choices.0.message.reasoning_content": "Hm",
        "usage.completion_tokens_details": {"reasoning_tokens": 1},
    },
)
WANTED = ASKED | {
    "tools": TOOLS, "n": 1, "max_tokens": 5, "logprobs": True, "top_logprobs": 2, "temperature": 0, "stop": "x", "tool_choice": "required",
    "response_format": {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": {"type": "object"}}},
}  # fmt: skip
CHUNKS = [
    ROLE,
    HEL | {"choices": [HEL["choices"][0] | {"logprobs": LOGPROBS}]},
    fragments(OPEN),
    fragments(REST[0]),
    fragments(REST[1]),
    CALLED,
    BILL,
]


def places(value, at=""):
    """The path of every member."""
    entries = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for name, held in entries:
        path = f"{at}.{name}".lstrip(".")
        yield path
        yield from places(held, path)


def survives(one):
    """Judge by every check; those that take arguments get those of their first row."""
    for name, check in CHECKS.items():
        row = TABLE[name][0]
        steps = dict.fromkeys(row.steps, one)
        apply(check, one, row.arguments, Scene(steps=steps, schemas=SCHEMAS))


@pytest.mark.parametrize(
    "value", ODD, ids=lambda value: "nothing" if value is DROP else json.dumps(value)[:12]
)
def test_any_member_may_be_anything(value):
    for body, known in (
        (FULL, {"asked": WANTED}),
        (ERROR, {"status": 400}),
        (MODELS, {"method": "GET", "path": "/models"}),
        (MODEL, {"method": "GET", "path": "/models/m"}),
    ):
        for place in ["", *places(body)]:
            if place or value is not DROP:
                survives(exchange(json.dumps(edited(body, {place: value})).encode(), **known))


@pytest.mark.parametrize(
    "value", ODD, ids=lambda value: "nothing" if value is DROP else json.dumps(value)[:12]
)
def test_any_member_of_a_chunk_may_be_anything(value):
    for number, one in enumerate(CHUNKS):
        for place in ["", *places(one)]:
            if place or value is not DROP:
                chunks = [*CHUNKS[:number], edited(one, {place: value}), *CHUNKS[number + 1 :]]
                survives(stream(*chunks, asked=WANTED | ACCOUNTED))


@pytest.mark.parametrize(
    "value", ODD, ids=lambda value: "nothing" if value is DROP else json.dumps(value)[:12]
)
def test_any_member_of_a_request_may_be_anything(value):
    body = json.dumps(HELLO).encode()
    for place in ["", *places(WANTED)]:
        if place or value is not DROP:
            survives(exchange(body, asked=edited(WANTED, {place: value})))
            survives(
                called(asked=edited(WANTED, {place: value}))
                if isinstance(edited(WANTED, {place: value}), dict)
                else exchange(body)
            )


BYTES = [
    b"", b"\x00", b"\xff\xfe", b"[" * 5000, b'{"a":' * 5000, b"9" * 5000, b"data: " * 100, b"data:\n\n" * 50, b":\n" * 50, b"\r\r\r",
    b"data: [DONE]", b"event: error\n\n", b"retry: 1\n\ndata: {}\n\n" * 20, b'data: {"choices": [{}]}\n\n', b"data: []\n\ndata: 1\n\ndata: null\n\n",
    b"HTTP/1.1 200 OK\r\n\r\n",
]  # fmt: skip


@pytest.mark.parametrize("data", BYTES, ids=lambda data: repr(data[:16]))
@pytest.mark.parametrize("status", [200, 204, 302, 404, 503])
def test_any_bytes_may_come(data, status):
    for asked in (ASKED, ASKED | {"stream": True}, None):
        for end in (Ended.COMPLETE, Ended.RESET, Ended.TOO_LARGE):
            survives(exchange(data, status=status, asked=asked, end=end))
            survives(
                exchange(
                    data,
                    status=status,
                    asked=asked,
                    end=end,
                    headers={"Content-Type": "text/event-stream"},
                )
            )


@pytest.mark.parametrize("end", list(Ended), ids=str)
def test_any_response_may_end_anyhow(end):
    for cut in (1, 40, 200):
        survives(stream(*CHUNKS, end=end, cut=cut, asked=WANTED | ACCOUNTED))
    survives(exchange(bare=b"", end=end))
    survives(exchange(bare=b"HTT", end=end))
    survives(exchange(event(HEL) + event(STOP) + DONE, end=end, asked=ASKED | {"stream": True}))


def test_large_bodies_are_judged_in_passing():
    many = edited(HELLO, {"choices": [HELLO["choices"][0] | {"index": n} for n in range(3000)]})
    survives(exchange(json.dumps(many).encode()))
    survives(stream(ROLE, *[HEL] * 3000, STOP))


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ({"headers": {"Content-Encoding": "gzip"}}, "the body breaks off: the gzip data is corrupt"),
        ({"cut": 9, "end": Ended.CLOSED}, "the body breaks off: closed"),
    ],
)
def test_what_broke_a_body_off_is_told(known, told):
    raw = b"\x1f\x8b\x08\x00" + json.dumps(HELLO).encode()

    result = apply(CHECKS["one_json_value"], exchange(raw, **known), {}, Scene(steps={}, schemas=SCHEMAS))

    assert [each.message[: len(told)] for each in result.problems] == [told]
