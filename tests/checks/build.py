"""Exchanges made by hand: a correct base, from which each row of a table deviates in one thing."""

import copy
import json
from dataclasses import dataclass, field
from typing import Any

from conformance.wire.exchange import End, Ended, Exchange, Redaction, Request
from conformance.wire.piece import Ns, Piece

DROP = type("Drop", (), {"__repr__": lambda _: "DROP"})()
"""Takes a member away."""

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
            },
        },
    },
    {"type": "function", "function": {"name": "now"}},
]
STRICT_TOOLS = [{"type": "function", "function": TOOLS[0]["function"] | {"strict": True}}]
CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city": "Oslo"}'},
}
USAGE = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}
ASKED = {"model": "m", "messages": [{"role": "user", "content": "Say hello."}]}
HEADERS = {
    "Content-Type": "application/json",
    "x-request-id": "req_1",
    "Date": "Sun, 22 Nov 2026 12:00:00 GMT",
}
CREATED = 1795348800
"""The time of that date."""


@dataclass
class Row:
    """One exchange for one check: whether it trips it, and with which arguments."""

    name: str
    exchange: Exchange
    trips: bool
    arguments: dict[str, Any] = field(default_factory=dict)
    steps: dict[str, Exchange] = field(default_factory=dict)


def bad(label, exchange, /, *, steps=None, **arguments):
    """Deviant bytes, which the check has to notice."""
    return Row(label, exchange, True, arguments, steps or {})


def good(label, exchange, /, *, steps=None, **arguments):
    """Correct bytes, or different ones that are correct as well: the check looks, and is silent."""
    return Row(label, exchange, False, arguments, steps or {})


def edited(value, edits):
    """A copy with the member at `a.0.b` replaced, added, or taken away with DROP."""
    value = copy.deepcopy(value)
    for path, new in edits.items():
        if path == "":
            value = new
            continue
        *way, last = [int(step) if step.lstrip("-").isdigit() else step for step in path.split(".")]
        at = value
        for step in way:
            at = at[step]
        if new is DROP:
            del at[last]
        else:
            at[last] = copy.deepcopy(new)
    return value


def exchange(
    body=b"", *, status=200, headers=None, asked=ASKED, raw=None, method="POST",
    path="/chat/completions", sent=None, end=Ended.COMPLETE, framing=True, at=(0, 10_000_000),
    redactions=(), connection=0, step="main", cut=None, bare=None, decoded=False,
):  # fmt: skip
    """Any exchange. `body` is bytes or a list of bytes that arrive 10 ms apart; `bare` are all bytes
    of the response in place of it; `cut` drops so many bytes from the end."""
    pieces = [body] if isinstance(body, bytes) else list(body)
    told = HEADERS | (headers or {})
    if framing and "Transfer-Encoding" not in told:
        told = told | {"Content-Length": str(sum(map(len, pieces)))}
    lines = [f"{name}: {value}" for name, value in told.items() if value is not DROP]
    head = "\r\n".join([f"HTTP/1.1 {status} X", *lines, "", ""]).encode()
    if told.get("Transfer-Encoding") == "chunked":
        pieces = [b"%x\r\n%b\r\n" % (len(each), each) for each in pieces if each] + [b"0\r\n\r\n"]
    arrived = [head, *pieces] if bare is None else ([bare] if bare else [])
    if cut is not None:
        arrived[-1] = arrived[-1][:-cut]
    start, each = at
    received = tuple(
        Piece(at=Ns(start + each * (place + 1)), data=data) for place, data in enumerate(arrived)
    )
    content = raw if raw is not None else (json.dumps(asked).encode() if asked is not None else b"")
    return Exchange(
        step=step,
        attempt=1,
        request=Request(
            method=method,
            url=f"http://endpoint.example/v1{path}",
            headers=tuple((sent or {"Content-Type": "application/json"}).items()),
            body=content,
            at=Ns(0),
        ),
        sent=(),
        received=received,
        end=End(how=end, at=Ns(start + each * (len(arrived) + 1))),
        decoded=decoded,
        redactions=redactions,
        connection=connection,
    )


def redaction(side):
    return Redaction(side=side, offset=120, length=8, key="API_KEY")


def dumped(value):
    return value if isinstance(value, bytes) else json.dumps(value).encode()


# --- completions in one piece ----------------------------------------------------------------------

HELLO = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": CREATED,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Hello there.", "refusal": None},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": USAGE,
}
CALLING = edited(
    HELLO,
    {
        "choices.0.message.content": None,
        "choices.0.message.tool_calls": [CALL],
        "choices.0.finish_reason": "tool_calls",
    },
)
M = "choices.0.message"
C = "choices.0.message.tool_calls.0"


def hello(edits=None, *, asked=None, **known):
    """A correct completion, with members edited; `asked` adds to the request."""
    return exchange(dumped(edited(HELLO, edits or {})), asked=ASKED | (asked or {}), **known)


def saying(content, *, asked=None, **known):
    return hello({f"{M}.content": content}, asked=asked, **known)


def calling(edits=None, *, asked=None, tools=TOOLS, **known):
    """A correct completion with one tool call, with members edited."""
    wanted = ASKED | {"tools": tools} | (asked or {})
    return exchange(dumped(edited(CALLING, edits or {})), asked=wanted, **known)


def call(name="get_weather", arguments='{"city": "Oslo"}', **members):
    """An entry of `tool_calls`."""
    return CALL | {"function": {"name": name, "arguments": arguments}} | members


ERROR = {
    "error": {
        "message": "The model `x` does not exist.",
        "type": "invalid_request_error",
        "param": "model",
        "code": "model_not_found",
    }
}


def failing(edits=None, *, status=404, body=None, asked=ASKED, **known):
    """A correct error, with members edited."""
    body = edited(ERROR, edits or {}) if body is None else body
    return exchange(dumped(body), status=status, asked=asked, **known)


MODEL = {"id": "org/m", "object": "model", "created": CREATED, "owned_by": "org"}
MODELS = {"object": "list", "data": [MODEL, MODEL | {"id": "n"}]}


def models(edits=None, **known):
    """A correct list of models."""
    known = {"method": "GET", "path": "/models", "asked": None} | known
    return exchange(dumped(edited(MODELS, edits or {})), **known)


def model(edits=None, *, path="/models/org%2Fm", **known):
    """A correct single model."""
    body = dumped(edited(MODEL, edits or {}))
    return exchange(body, method="GET", path=path, asked=None, **known)


# --- streams ---------------------------------------------------------------------------------------

STREAM_HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-cache",
    "Transfer-Encoding": "chunked",
}
DONE = b"data: [DONE]\n\n"


def chunk(delta=None, finish=None, index=0, **members):
    """A chunk with one choice. Further members of the choice go by `choice`."""
    more = members.pop("choice", {})
    one = {"index": index, "delta": {} if delta is None else delta, "finish_reason": finish} | more
    one = {name: value for name, value in one.items() if value is not DROP}
    return chunks_of([one], **members)


def chunks_of(choices, **members):
    """A chunk with these choices."""
    base = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": CREATED,
        "model": "m",
        "choices": choices,
    } | members
    return {name: value for name, value in base.items() if value is not DROP}


def event(value):
    """A chunk, or bytes as they are, as an event."""
    return value if isinstance(value, bytes) else b"data: " + json.dumps(value).encode() + b"\n\n"


def stream(*chunks, done=DONE, asked=None, headers=None, **known):
    """A stream of chunks (or raw bytes) that ends as it should."""
    pieces = [event(each) for each in chunks] + ([done] if done else [])
    wanted = ASKED | {"stream": True} | (asked or {})
    return exchange(pieces, asked=wanted, headers=STREAM_HEADERS | (headers or {}), **known)


ROLE = chunk({"role": "assistant", "content": ""})
HEL, LO = chunk({"content": "Hel"}), chunk({"content": "lo."})
STOP = chunk({}, "stop")
BILL = chunks_of([], usage=USAGE)
ACCOUNTED = {"stream_options": {"include_usage": True}}


def spoken(*edits, **known):
    """A correct stream of text; each edit is a chunk's number with what comes in its place."""
    chunks = [ROLE, HEL, LO, STOP]
    for place, value in edits:
        chunks[place] = value
    return stream(*[each for each in chunks if each is not None], **known)


def accounted(*chunks, **known):
    """A correct stream with its usage, or these chunks in place of it."""
    null = [each | {"usage": None} for each in (ROLE, HEL, STOP)]
    return stream(*(chunks or (*null, BILL)), asked=ACCOUNTED, **known)


def fragment(index=0, **members):
    """A fragment of a tool call; `name` and `arguments` go into its function."""
    function = {key: members.pop(key) for key in ("name", "arguments") if key in members}
    one = {"index": index} | members | ({"function": function} if function else {})
    return {name: value for name, value in one.items() if value is not DROP}


def fragments(*listed, finish=None, **delta):
    """A chunk with fragments."""
    return chunk({"tool_calls": list(listed)} | delta, finish)


OPEN = fragment(id="call_1", type="function", name="get_weather", arguments="")
REST = [fragment(arguments='{"city": '), fragment(arguments='"Oslo"}')]
CALLED = chunk({}, "tool_calls")


def called(*listed, finish=CALLED, asked=None, tools=TOOLS, **known):
    """A correct stream of one tool call, or of these fragments (or chunks)."""
    listed = listed or (OPEN, *REST)
    chunks = [each if "choices" in each else fragments(each) for each in listed]
    wanted = {"tools": tools} | (asked or {})
    return stream(ROLE, *chunks, finish, asked=wanted, **known)
