"""What is written when, as the name of the model says: `clock-ttft100-itl20-n48-k2-role`.

ttft100   milliseconds from the request to the first token
itl20     milliseconds from one write to the next
n48       tokens
k2        tokens to an event
g3        events to a write (one segment)
b8        bytes to a token
think8    the first 8 tokens are reasoning
tool      tokens are arguments of a tool call
role      a chunk with the role (and empty content) comes first, with the head
empty     a chunk with empty content comes half-way to the first token
tail      the chunk that says the end comes a gap after the last token
cut       events come in two writes, half a gap apart
comment   a comment comes before each write, half a gap early
crlf      lines end with CR LF
gzip      the body is compressed
fail429   this status, after `ttft`
stop5     the connection is closed after 5 tokens
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

_WORD = re.compile(r"([a-z]+)([0-9.]*)")
_DEFAULT = 4
_TEXT = " tok"


class UnknownScoreError(Exception):
    """The name says something that nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Times in milliseconds; flags are 1 where they are given."""

    ttft: float = 50.0
    itl: float = 5.0
    n: int = 32
    k: int = 1
    g: int = 1
    b: int = _DEFAULT
    think: int = 0
    tool: int = 0
    role: int = 0
    empty: int = 0
    tail: int = 0
    cut: int = 0
    comment: int = 0
    crlf: int = 0
    gzip: int = 0
    fail: int = 0
    stop: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Bytes that are handed to the socket at once."""

    after: float
    """Seconds after the request was complete."""
    data: bytes
    tokens: tuple[tuple[str, int], ...] = ()
    """Kind and number of tokens of each event that ends in it: `content`, `reasoning` or `tool`."""


@dataclass(slots=True)
class _Body:
    """Frames, and compresses where that is wished."""

    compressed: bool
    _press: Any = field(init=False)

    def __post_init__(self) -> None:
        self._press = zlib.compressobj(wbits=31) if self.compressed else None

    def chunk(self, data: bytes) -> bytes:
        if self._press is not None:
            data = self._press.compress(data) + self._press.flush(zlib.Z_SYNC_FLUSH)
        return b"%x\r\n%s\r\n" % (len(data), data) if data else b""

    def end(self) -> bytes:
        if self._press is None:
            return b"0\r\n\r\n"
        data = self._press.flush()
        return b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data)


def read(model: str) -> Score:
    """The score of that name. Raises UnknownScoreError."""
    kinds = {each.name: each.type for each in fields(Score)}
    found: dict[str, Any] = {}
    for word in model.split("-")[1:]:
        match = _WORD.fullmatch(word)
        if match is None or match[1] not in kinds:
            raise UnknownScoreError(f"{word!r} in model {model!r} is not known")
        value = float(match[2] or 1)
        found[match[1]] = value if kinds[match[1]] == "float" else int(value)
    return Score(**found)


def play(score: Score, head: bytes, *, usage: bool) -> Iterator[Write]:
    """All writes of a streamed answer, in order. `head` is the response head."""
    body = _Body(bool(score.gzip))
    first, gap = score.ttft / 1000, score.itl / 1000
    if score.role:
        yield Write(
            after=0, data=head + body.chunk(_event(score, {"role": "assistant", "content": ""}))
        )
        head = b""
    if score.empty:
        yield Write(after=first / 2, data=head + body.chunk(_event(score, {"content": ""})))
        head = b""
    done, step = 0, 0
    while done < score.n:
        events, tokens = [], []
        for _ in range(score.g):
            size = min(score.k, score.n - done)
            if size:
                kind, delta = _delta(score, done, size)
                events.append(_event(score, delta))
                tokens.append((kind, size))
                done += size
        last = done >= score.n
        after = first + step * gap
        if score.comment:
            yield Write(after=after - gap / 2, data=head + body.chunk(b": still here\n\n"))
            head = b""
        ending = _ending(score, usage=usage)
        whole = b"".join(events) + (ending if last and not score.tail else b"")
        if score.cut:
            middle = len(events[0]) // 2
            yield Write(after=after - gap / 2, data=head + body.chunk(whole[:middle]))
            head, whole = b"", whole[middle:]
        data = head + body.chunk(whole)
        head = b""
        if last and not score.tail:
            data += body.end()
        yield Write(after=after, data=data, tokens=tuple(tokens))
        step += 1
    if score.tail:
        data = body.chunk(_ending(score, usage=usage)) + body.end()
        yield Write(after=first + step * gap, data=data)


def _delta(score: Score, done: int, size: int) -> tuple[str, dict[str, Any]]:
    text = (_TEXT * score.b)[: score.b] * size
    if done < score.think:
        return "reasoning", {"reasoning_content": text}
    if score.tool:
        call: dict[str, Any] = {"index": 0, "function": {"arguments": text}}
        if not done:
            call |= {"id": "call_1", "type": "function"}
            call["function"]["name"] = "tick"
        return "tool", {"tool_calls": [call]}
    return "content", {"content": text}


def _ending(score: Score, *, usage: bool) -> bytes:
    finish = "tool_calls" if score.tool else "stop"
    parts = [_event(score, {}, finish=finish)]
    if usage:
        total = {"prompt_tokens": 8, "completion_tokens": score.n, "total_tokens": 8 + score.n}
        parts.append(_line(score, json.dumps(_chunk([], usage=total))))
    return b"".join([*parts, _line(score, "[DONE]")])


def _event(score: Score, delta: dict[str, Any], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return _line(score, json.dumps(_chunk([choice])))


def _line(score: Score, text: str) -> bytes:
    end = "\r\n\r\n" if score.crlf else "\n\n"
    return f"data: {text}{end}".encode()


def _chunk(choices: list[Any], **more: Any) -> dict[str, Any]:
    known = {"id": "chatcmpl-clock", "object": "chat.completion.chunk", "created": 1_700_000_000}
    return {**known, "model": "clock", "choices": choices, **more}
