"""Chunks and bytes for tests, good ones and deviant ones."""

import json

from conformance.wire.piece import Ns, Piece


def pieces(*data, start=0):
    """One piece per argument, arriving at 0, 1, 2 ... ns."""
    return tuple(Piece(at=Ns(start + number), data=one) for number, one in enumerate(data))


def cut(data, places):
    """The same bytes in pieces, cut at `places`."""
    ends = sorted({min(place, len(data)) for place in places} | {len(data)})
    starts = [0, *ends[:-1]]
    return pieces(*(data[start:end] for start, end in zip(starts, ends, strict=True)))


def chunk(*choices, **members):
    """A chunk with these choices; keyword arguments replace or add members of the chunk."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1700000000,
        "model": "m",
        "choices": list(choices),
        **members,
    }


def choice(delta=None, finish=None, index=0, **members):
    """A choice of a chunk."""
    return {"index": index, "delta": delta or {}, "finish_reason": finish, **members}


def delta(finish=None, **members):
    """A chunk with one choice."""
    return chunk(choice(members, finish))


def call(index=0, **members):
    """A chunk with one tool-call fragment; `name` and `arguments` go into its function."""
    return delta(tool_calls=[fragment(index, **members)])


def fragment(index=0, **members):
    """A tool-call fragment. Without an index where it is None."""
    function = {key: members.pop(key) for key in ("name", "arguments") if key in members}
    place = {} if index is None else {"index": index}
    return {**place, **members, **({"function": function} if function else {})}


def event(value):
    """A chunk as a server-sent event."""
    return b"data: " + json.dumps(value).encode() + b"\n\n"


HELLO = [
    delta(role="assistant", content=""),
    delta(content="Hel"),
    delta(content="lo"),
    delta("stop"),
]
"""A good stream of text."""

WEATHER = [
    delta(role="assistant", content=None),
    call(id="c1", type="function", name="weather", arguments=""),
    call(arguments='{"city":'),
    call(arguments='"Oslo"}'),
    call(1, id="c2", type="function", name="weather", arguments=""),
    call(1, arguments='{"city":"Rome"}'),
    delta("tool_calls"),
]
"""A good stream of two tool calls."""
