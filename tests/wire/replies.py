"""Events of streamed responses for tests, good ones and deviant ones."""

import json

from conformance.wire import sse
from conformance.wire.piece import Ns, Piece

RESPONSE = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1700000000,
    "status": "in_progress",
    "model": "m",
    "output": [],
}
USAGE = {"input_tokens": 5, "output_tokens": 2, "total_tokens": 7}
OPEN = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "status": "in_progress",
    "content": [],
}
EMPTY = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
FULL = EMPTY | {"text": "Hello"}
MESSAGE = OPEN | {"status": "completed", "content": [FULL]}
CALL = {
    "id": "fc_1",
    "type": "function_call",
    "status": "in_progress",
    "call_id": "c1",
    "name": "f",
    "arguments": "",
}
CALLED = CALL | {"status": "completed", "arguments": '{"a":1}'}
THOUGHT = {"id": "rs_1", "type": "reasoning", "summary": [], "content": []}


def made(kind, /, **members):
    """An event's data: `text.delta` is short for `response.output_text.delta`."""
    return {"type": f"response.{kind}", **members}


def state(kind, **members):
    """An event that carries the response."""
    return made(kind, response=RESPONSE | members)


def of_item(kind, place=0, item="msg_1", **members):
    return made(kind, output_index=place, item_id=item, **members)


def item(kind, value, place=0):
    """An item is added, or done."""
    return made(f"output_item.{kind}", output_index=place, item=value)


def text(kind, place=0, item="msg_1", index=0, **members):
    return of_item(f"output_text.{kind}", place, item, content_index=index, logprobs=[], **members)


def part(kind, value, place=0, item="msg_1", index=0):
    return of_item(f"content_part.{kind}", place, item, content_index=index, part=value)


SPOKEN = [
    item("added", OPEN), part("added", EMPTY), text("delta", delta="Hel"), text("delta", delta="lo"),
    text("done", text="Hello"), part("done", FULL), item("done", MESSAGE),
]  # fmt: skip
"""The events of one message."""

DELTAS = [
    of_item("function_call_arguments.delta", item="fc_1", delta='{"a"'),
    of_item("function_call_arguments.delta", item="fc_1", delta=":1}"),
]
CALLING = [
    item("added", CALL), *DELTAS,
    of_item("function_call_arguments.done", item="fc_1", arguments='{"a":1}', name="f"), item("done", CALLED),
]  # fmt: skip
"""The events of one call."""

BEGUN = [state("created"), state("in_progress")]


def ended(*output, kind="completed", **members):
    """The event at the end."""
    return state(kind, **({"status": kind, "output": list(output), "usage": USAGE} | members))


HELLO = [*BEGUN, *SPOKEN, ended(MESSAGE)]
"""A good stream of text."""


def raw(*events, names=True):
    """The bytes of a stream."""
    return b"".join(_event(each, names) for each in events)


def untyped(*events):
    """The same, where only the lines before the data name the types."""
    data = raw(*events)
    for each in events:
        data = data.replace(f'"type": "{each["type"]}", '.encode(), b"")
    return sse.chunks(sse.parse([Piece(at=Ns(0), data=data)]))


def _event(value, names):
    name = value.get("type") if names and isinstance(value, dict) else None
    line = f"event: {name}\n".encode() if isinstance(name, str) else b""
    return line + b"data: " + json.dumps(value).encode() + b"\n\n"


def chunks(*events, names=True):
    """What the reader of streams makes of them."""
    return sse.chunks(sse.parse([Piece(at=Ns(0), data=raw(*events, names=names))]))
