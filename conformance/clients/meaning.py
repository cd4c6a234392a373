"""What an exchange meant to say, as far as clients have words for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.clients.model import brief
from conformance.clients.tape import kind_of
from conformance.wire import sse
from conformance.wire.completion import Choice
from conformance.wire.exchange import Ended, Exchange

_REFUSED = 400
_USAGE = ("prompt_tokens", "completion_tokens", "total_tokens")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An error, by status or by what the body says."""

    status: int | None
    """None where the status says that all is well."""
    members: tuple[tuple[str, Any], ...]
    """`code`, `type`, `param` where they say something."""

    def __str__(self) -> str:
        return f"an error with status {self.status or 200}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The connection ended before the answer did."""

    def __str__(self) -> str:
        return "an answer that was cut"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """Nothing that can be read (or a kind of answer that we do not read)."""

    known: bool
    """We would have been able to read one."""

    def __str__(self) -> str:
        return "no answer that can be read" if self.known else "an answer that only clients read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An answer."""

    choices: tuple[Mapping[str, Any], ...] = ()
    usage: Mapping[str, Any] | None = None
    items: tuple[str, ...] | None = None
    """Ids of models, or lengths of embeddings, in place of choices."""

    @property
    def anything(self) -> bool:
        """It is not empty on the wire already."""
        return bool(self.choices or self.items)

    def __str__(self) -> str:
        if self.items is not None:
            return f"{len(self.items)} entries"
        return f"an answer with {len(self.choices)} choice{'s' * (len(self.choices) != 1)}"


Meaning = Failure | Cut | Nothing | Said


def meaning(exchange: Exchange) -> Meaning:
    """The one thing that a client should make of it."""
    response = exchange.response
    if response is None:
        return Cut()
    if response.status >= _REFUSED:
        return Failure(status=response.status, members=_members(exchange.document.value))
    failure = _failure(exchange)
    if failure is not None:
        return failure
    if _cut(exchange):
        return Cut()
    match kind_of(exchange):
        case "models" | "model" | "embeddings" as kind:
            return _entries(kind, exchange.document.value)
        case "chat" | "completions":
            return _completion(exchange)
        case _:
            return Nothing(known=False)


def _cut(exchange: Exchange) -> bool:
    """The connection ended too early; or a stream stopped without any word that it is over."""
    if not exchange.streamed:
        return exchange.end.how is not Ended.COMPLETE
    lines = (line for event in exchange.stream.events for line in event.data_lines)
    if any(line.startswith(sse.DONE) for line in lines):
        return False
    if exchange.end.how is not Ended.COMPLETE:
        return True
    answer = exchange.answer
    return answer is not None and not any(one.finish_reason for one in answer.choices)


def _failure(exchange: Exchange) -> Failure | None:
    """An error that came with a status that says otherwise."""
    if not exchange.streamed:
        values = [exchange.document.value]
    else:
        values = [chunk.value for chunk in exchange.chunks]
    for value in values:
        if isinstance(value, dict) and (value.get("error") or value.get("object") == "error"):
            if kind_of(exchange) == "responses":  # there `error` is a member of every answer
                return None
            return Failure(status=None, members=_members(value))
    return None


def _members(value: Any) -> tuple[tuple[str, Any], ...]:
    """What an error says beside its message, wherever its server put that."""
    first = value[0] if isinstance(value, list) and value else value
    error = first.get("error", first) if isinstance(first, dict) else None
    if not isinstance(error, dict):
        return ()
    return tuple(
        (name, error[name]) for name in ("code", "type", "param") if error.get(name) is not None
    )


def _entries(kind: str, value: Any) -> Meaning:
    if kind == "model":
        name = value.get("id") if isinstance(value, dict) else None
        return Nothing(known=True) if name is None else Said(items=(_text(name),))
    data = value.get("data") if isinstance(value, dict) else value
    if not isinstance(data, list):
        return Nothing(known=True)
    if kind == "models":
        ids = [one.get("id") if isinstance(one, dict) else None for one in data]
        return Said(items=tuple(_text(one) for one in ids))
    return Nothing(known=False) if data else Said(items=())


def _completion(exchange: Exchange) -> Meaning:
    answer = exchange.answer
    if answer is None:
        return Nothing(known=True)
    received = answer.body.get("choices") if isinstance(answer.body, dict) else ()
    choices = tuple(
        _choice(one, body) for one, body in zip(answer.choices, received or (), strict=False)
    )
    usage = answer.usage if isinstance(answer.usage, dict) else None
    return Said(
        choices=choices,
        usage={name: usage[name] for name in _USAGE if name in usage} if usage else None,
    )


def _choice(one: Choice, body: Any) -> dict[str, Any]:
    if one.message is None and isinstance(body, dict) and "text" in body:
        return {"text": brief(body["text"]), "finish": brief(one.finish_reason)}
    return {
        "role": brief(one.role),
        "text": brief(one.content),
        "refusal": brief(one.refusal),
        "reasoning": brief(one.reasoning),
        "calls": tuple((brief(call.name), brief(call.arguments)) for call in one.tool_calls),
        "finish": brief(one.finish_reason),
    }


def _text(value: Any) -> str:
    return str(brief(value))
