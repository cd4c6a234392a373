"""The completion that a server most likely meant with its chunks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from conformance.wire.completion import REASONING, Answer, Choice
from conformance.wire.fragments import Calls
from conformance.wire.members import Members, joined

_OF_CHUNK = frozenset({"choices", "created", "id", "model", "object", "usage"})
_OF_CHOICE = frozenset({"delta", "finish_reason", "index", "logprobs", "message", "text", "usage"})


def meant(chunks: Sequence[Any]) -> Answer | None:
    """The completion that the server most likely meant; None where no chunk has choices.

    Tolerant where the SDK is not: roles, ids and names said twice are taken once, tool fragments
    are told apart by id where indexes are missing or collide, a null delta is an empty one,
    snapshots of arguments are recognised, usage is taken from wherever it stands. Never raises.
    """
    objects = [chunk for chunk in chunks if isinstance(chunk, dict)]
    gathered = _gather(objects)
    if not gathered:
        return None
    choices = [gathered[key] for key in sorted(gathered)]
    usage = _usage(objects)
    body: dict[str, Any] = {
        "id": _first(objects, "id"),
        "object": _object(objects),
        "created": _first(objects, "created"),
        "model": _first(objects, "model"),
        "choices": [one.body() for one in choices],
    }
    for chunk in objects:
        body |= {key: one for key, one in chunk.items() if key not in _OF_CHUNK and one is not None}
    if usage is not None:
        body["usage"] = usage
    return Answer(
        id=body["id"],
        model=body["model"],
        created=body["created"],
        choices=tuple(
            one.value(received.get("message"))
            for one, received in zip(choices, body["choices"], strict=True)
        ),
        usage=usage,
        system_fingerprint=body.get("system_fingerprint"),
        body=body,
    )


class _Gathered:
    """What came for one choice."""

    def __init__(self, index: Any) -> None:
        self.index = index
        self.finish_reason: Any = None
        self.logprobs = Members()
        self.logprobs_seen = False
        self.deltas = _Said()
        self.messages = _Said()
        self.texts: list[str] = []
        self.extras: dict[str, Any] = {}

    def take(self, choice: dict[str, Any]) -> None:
        """Add one entry of a chunk's `choices`."""
        self.deltas.take(choice.get("delta"))
        self.messages.take(choice.get("message"))
        self.finish_reason = choice.get("finish_reason") or self.finish_reason
        logprobs = choice.get("logprobs")
        if isinstance(logprobs, dict):
            self.logprobs_seen = True
            self.logprobs.take(logprobs)
        text = choice.get("text")
        if isinstance(text, str):
            self.texts.append(text)
        self.extras |= {
            key: one for key, one in choice.items() if key not in _OF_CHOICE and one is not None
        }

    @property
    def said(self) -> _Said:
        """Deltas, or where they are empty, messages that came in their place."""
        return self.messages if self.messages.anything and not self.deltas.anything else self.deltas

    def body(self) -> dict[str, Any]:
        """As an entry of `choices` of a completion that was not streamed."""
        choice: dict[str, Any] = {"index": self.index}
        if self.said.seen or not self.texts:
            choice["message"] = self.said.message(snapshots=self.said is self.messages)
        if self.texts:
            choice["text"] = joined(self.texts)
        choice["logprobs"] = self.logprobs.value() if self.logprobs_seen else None
        choice["finish_reason"] = self.finish_reason
        return choice | self.extras

    def value(self, message: dict[str, Any] | None) -> Choice:
        """As checks see it; `message` is the one that `body` made."""
        known = message or {}
        return Choice(
            index=self.index,
            role=known.get("role"),
            content=known.get("content"),
            refusal=known.get("refusal"),
            reasoning=next(
                (known[name] for name in REASONING if known.get(name) is not None), None
            ),
            tool_calls=tuple(call.as_value() for call in self.said.calls.calls),
            finish_reason=self.finish_reason,
            logprobs=self.logprobs.value() if self.logprobs_seen else None,
            message=message,
        )


class _Said:
    """The deltas of one choice (or the messages that some servers put in their place)."""

    def __init__(self) -> None:
        self.seen = False
        self.members = Members()
        self.calls = Calls()
        self.contents: list[str] = []

    def take(self, delta: Any) -> None:
        """Add one delta; anything but an object says nothing."""
        if not isinstance(delta, dict):
            return
        self.seen = True
        content = _text_of(delta.get("content"))
        if isinstance(content, str):
            self.contents.append(content)
            delta = {**delta, "content": content}
        calls = delta.get("tool_calls")
        fragments = [calls] if isinstance(calls, dict) else calls
        for fragment in fragments if isinstance(fragments, list) else ():
            if isinstance(fragment, dict):
                self.calls.take(fragment)
        self.members.take({key: one for key, one in delta.items() if key != "tool_calls"})

    @property
    def anything(self) -> bool:
        return self.members.said or bool(self.calls.calls)

    def message(self, *, snapshots: bool) -> dict[str, Any]:
        """The message as it would be sent back. `snapshots`: each content may hold all so far."""
        message: dict[str, Any] = {"role": None, "content": None} | self.members.value()
        grown = [one for one in self.contents if one]
        if snapshots and all(after.startswith(before) for before, after in pairwise(grown)):
            message["content"] = grown[-1] if grown else message["content"]
        if self.calls.calls:
            message["tool_calls"] = [call.as_message() for call in self.calls.calls]
        return message


def _gather(chunks: Sequence[dict[str, Any]]) -> dict[int, _Gathered]:
    """Choices by index; where that is missing, by their place in the chunk."""
    gathered: dict[int, _Gathered] = {}
    for chunk in chunks:
        choices = chunk.get("choices")
        for place, choice in enumerate(choices if isinstance(choices, list) else ()):
            if not isinstance(choice, dict):
                continue
            index = choice.get("index")
            key = index if isinstance(index, int) else place
            if key not in gathered:
                gathered[key] = _Gathered(index)
            gathered[key].take(choice)
    return gathered


def _text_of(content: Any) -> Any:
    """The text of a content that came as a list of text parts; anything else as it is."""
    if not isinstance(content, list) or not content:
        return content
    said = (one.get("text") if isinstance(one, dict) else one for one in content)
    texts = [one for one in said if isinstance(one, str)]
    return joined(texts) if len(texts) == len(content) else content


def _first(chunks: Sequence[dict[str, Any]], name: str) -> Any:
    """What the first chunk that says something says; failing that, an empty value, or None."""
    values = [chunk[name] for chunk in chunks if chunk.get(name) is not None]
    return next((one for one in values if one or one == 0), values[0] if values else None)


def _object(chunks: Sequence[dict[str, Any]]) -> Any:
    """What a completion that was not streamed is called."""
    said = _first(chunks, "object")
    return said if said == "text_completion" else "chat.completion"


def _usage(chunks: Sequence[dict[str, Any]]) -> Any:
    """The last usage of a chunk; failing that, of a choice or of a vendor's member."""
    proper: Any = None
    elsewhere: Any = None
    for chunk in chunks:
        if chunk.get("usage") is not None:
            proper = chunk["usage"]
        choices = chunk.get("choices")
        hosts = [*(choices if isinstance(choices, list) else ()), chunk.get("x_groq")]
        for host in hosts:
            if isinstance(host, dict) and host.get("usage") is not None:
                elsewhere = host["usage"]
    return elsewhere if proper is None else proper
