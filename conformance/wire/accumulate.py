"""What the openai SDK's accumulator makes of chunks, retraced on plain data.

It follows openai-python 3.x (`lib/streaming/chat/_completions.py`): each chunk is read loosely
(`wire/shapes.py`), its deltas are added to a snapshot (`wire/deltas.py`), then events are made of
both, and any of these steps may raise. 1.x and 2.x differ in one place: they take the first list
of tool fragments as it stands, so two fragments for one index in one first chunk become two calls.

In contrast to `get_final_completion`, a finish reason of `length` or `content_filter` is no crash:
that the SDK raises on those is its reading of a good answer, not a failure to put it together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.wire import shapes
from conformance.wire.deltas import accumulate, settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """What the openai SDK's accumulator makes of chunks."""

    completion: Any
    """A `chat.completion` as plain data, as far as it got; None where no chunk was taken."""
    crash: str
    """`TypeError at chunk 3: ...` as the SDK would raise it; empty where it does not."""
    at: int | None
    """The chunk (from 0) on which it crashed; None where it did not, or only at the end."""


def sdk(chunks: Sequence[Any]) -> Assembly:
    """Accumulate exactly as openai-python does (`lib/streaming/_deltas.py` and the chat state).

    Never raises: what the SDK would raise becomes `crash`. Chunks whose `object` is another than
    `chat.completion.chunk` are passed over, as the SDK does; where that leaves none of several,
    asking for the completion raises an AssertionError. No chunks at all are nothing to say.
    """
    state = _State()
    for number, received in enumerate(chunks):
        try:
            state.take(received)
        except _RAISED as problem:
            kind = "APIError" if isinstance(problem, _StreamError) else type(problem).__name__
            return Assembly(
                completion=settled(state.snapshot),
                crash=f"{kind} at chunk {number}: {problem}",
                at=number,
            )
    if chunks and state.snapshot is None:
        words = "AssertionError at the end: no chunk calls itself a chat.completion.chunk"
        return Assembly(completion=None, crash=words, at=None)
    return Assembly(completion=settled(state.snapshot), crash="", at=None)


class _StreamError(Exception):
    """The SDK's APIError for a chunk that carries an `error`."""


_RAISED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
    _StreamError,
)


_MOST_WORDS = 500
"""So much of a server's own words goes into a `crash`."""

_MOST_MOVED = 100
"""Calls that a negative index moves are looked at so far; a hostile stream moves a million."""


@dataclass(slots=True)
class _Watch:
    """Which tool call of a choice is open, for the events that tell of finished ones."""

    current: Any = None
    done: set[Any] = field(default_factory=set)


class _State:
    """The snapshot of a completion, and how far events about its choices have come."""

    def __init__(self) -> None:
        self.snapshot: Any = None
        self._watches: list[_Watch] = []

    def take(self, received: Any) -> None:
        """One chunk: read, added, and looked at for events."""
        if isinstance(received, dict) and received.get("error"):
            raise _StreamError(_error_message(received["error"]))
        chunk = shapes.CHUNK.build(received)
        if _of(chunk, "object") != "chat.completion.chunk":
            return
        if self.snapshot is None:
            self.snapshot = _first_snapshot(chunk)
        else:
            self._add(chunk)
        for choice in chunk["choices"]:
            self._tell(choice)

    def _add(self, chunk: dict[str, Any]) -> None:
        choices = self.snapshot["choices"]
        for choice in _of(chunk, "choices"):
            try:
                known = choices[_of(choice, "index")]
            except IndexError:
                known = _new_choice(choice)
                choices.append(known)
            else:
                _add_delta(known, choice)
            if _of(choice, "finish_reason"):
                known["finish_reason"] = choice["finish_reason"]
            calls = known["message"].get("tool_calls") or []
            for fragment in choice["delta"].get("tool_calls") or []:
                _callee(calls[_of(fragment, "index")])
            if choice.get("logprobs") is not None:
                _add_logprobs(known, choice["logprobs"])
        self.snapshot["usage"] = chunk.get("usage")
        self.snapshot["system_fingerprint"] = chunk.get("system_fingerprint")
        if chunk.get("moderation") is not None:
            self.snapshot["moderation"] = _members(chunk["moderation"])

    def _tell(self, choice: dict[str, Any]) -> None:
        """Make events of a choice; only what can raise on the way is retraced."""
        index = choice["index"]
        try:
            watch = self._watches[index]
        except IndexError:
            watch = _Watch()
            self._watches.append(watch)
        known = self.snapshot["choices"][index]
        calls = known["message"].get("tool_calls")
        fragments = choice["delta"].get("tool_calls") or []
        if fragments and calls is None:
            raise AssertionError("a tool call is looked for in a choice that has none")
        for fragment in fragments:
            call = calls[_of(fragment, "index")]
            if _of(call, "type") == "function":
                if fragment.get("function") is None:
                    raise AssertionError("a fragment of a tool call has no `function`")
                _callee(call)
                _of(fragment["function"], "arguments")
        if choice.get("logprobs") is not None:
            _of(choice["logprobs"], "content")
        if known.get("finish_reason") and watch.current is not None:
            _finish_call(watch, calls)
        for fragment in fragments:
            if watch.current != fragment["index"] and watch.current is not None:
                _finish_call(watch, calls)
            watch.current = fragment["index"]


def _of(thing: Any, name: str) -> Any:
    """An attribute of what the SDK has in its hands: a model's member, or Python's own."""
    return thing.get(name) if isinstance(thing, dict) else getattr(thing, name)


def _members(thing: Any) -> dict[str, Any]:
    """A copy of a model's members. Nothing else has a `to_dict`: an AttributeError, as in the SDK."""
    members = thing if isinstance(thing, dict) else thing.to_dict()
    return {name: _copy(one) for name, one in members.items()}


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy(one) for name, one in value.items()}
    return [_copy(one) for one in value] if isinstance(value, list) else value


def _first_snapshot(chunk: dict[str, Any]) -> dict[str, Any]:
    snapshot = {"system_fingerprint": None, **_members(chunk), "object": "chat.completion"}
    snapshot.pop("obfuscation", None)
    for choice in chunk["choices"]:
        new = _new_choice(choice)
        snapshot["choices"][_of(choice, "index")] = new
    return snapshot


def _new_choice(choice: Any) -> dict[str, Any]:
    new = _members(choice)
    new.pop("delta", None)
    return new | {"message": accumulate({}, _members(choice.get("delta")))}


def _add_delta(known: Any, choice: Any) -> None:
    message = _of(known, "message")
    before = _of(message, "tool_calls") or []
    delta = _members(_of(choice, "delta"))
    functions = _functions_at_stake(before, delta.get("tool_calls"))
    accumulate(message, delta)
    for place in functions:
        if message["tool_calls"][place].get("type") != "function":
            raise AssertionError(f"tool call {place} was a function and is none any more")


def _functions_at_stake(calls: list[Any], fragments: Any) -> list[int]:
    """Places of function calls whose type these fragments may change, by naming or moving them."""
    indexes = [one.get("index") for one in fragments or () if isinstance(one, dict)]
    named = {one for one in indexes if isinstance(one, int)}
    moving = any(one < 0 for one in named)
    looked_at = min(len(calls), _MOST_MOVED) if moving else 0
    places = range(looked_at) if moving else [one for one in named if one < len(calls)]
    return [place for place in places if calls[place].get("type") == "function"]


def _add_logprobs(known: dict[str, Any], new: Any) -> None:
    parts = {name: _copy(_of(new, name)) for name in ("content", "refusal")}
    if known.get("logprobs") is None:
        known["logprobs"] = shapes.LOGPROBS.build(parts)
        return
    for name, tokens in parts.items():
        if tokens:
            if known["logprobs"].get(name) is None:
                known["logprobs"][name] = []
            known["logprobs"][name].extend(tokens)


def _callee(call: Any) -> None:
    """Read the name of a call's function, as the SDK does wherever it meets a function call."""
    if _of(call, "type") == "function":
        _of(_of(call, "function"), "name")


def _finish_call(watch: _Watch, calls: Any) -> None:
    if watch.current in watch.done:
        return
    watch.done.add(watch.current)
    if calls is None:
        raise AssertionError("a finished tool call is looked for in a choice that has none")
    _callee(calls[watch.current])


def _error_message(error: Any) -> str:
    message = error.get("message") if isinstance(error, dict) else None
    words = message if isinstance(message, str) and message else "an error came in the stream"
    return words[:_MOST_WORDS]
