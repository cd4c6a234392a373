"""Did the client get what the wire meant? Pure: one exchange and one outcome, one answer.

What was meant is `exchange.answer`, read as tolerantly as can be; a client that gets as much is
fine, however odd the bytes. So a disagreement always costs an application something.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.clients.meaning import Cut, Failure, Meaning, Nothing, Said, meaning
from conformance.clients.model import ClientOutcome, Disagreement, How, Severity, described
from conformance.clients.tape import kind_of
from conformance.wire.exchange import Exchange

_BY_STATUS = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    409: "ConflictError",
    422: "UnprocessableEntityError",
    429: "RateLimitError",
}
_SERVER = 500
_MEMBERS = {
    "role": "the role",
    "text": "the text",
    "refusal": "the refusal",
    "reasoning": "the reasoning",
    "calls": "the list of tool calls",
    "finish": "the finish reason",
}
_SHOWN = 120
_EMPTY: tuple[Any, ...] = (None, (), "")


def compare(exchange: Exchange, outcome: ClientOutcome) -> Disagreement | None:
    """The worst that an application with this client meets; None where it loses nothing."""
    meant = meaning(exchange)
    found = min(_disagreements(meant, outcome), key=lambda each: each[0].rank, default=None)
    if found is None:
        return None
    severity, what, *values = found
    meant_words, got_words = values or (str(meant), described(outcome))
    return Disagreement(severity=severity, what=what, meant=meant_words, got=got_words)


def predicted(exchange: Exchange, outcome: ClientOutcome) -> str:
    """Where our copy of the SDK's accumulator said something else than happened: in words."""
    accumulated = outcome.where == "accumulating" or outcome.raised == "APIError"
    response = exchange.response
    if (
        response is None
        or not response.is_event_stream
        or not exchange.asked_stream
        or (outcome.how is How.RAISED and not accumulated)
        or outcome.how is How.HUNG
        or kind_of(exchange) != "chat"
    ):
        return ""
    ours = exchange.sdk.crash.partition(" ")[0]
    if ours == outcome.raised:
        return ""
    return f"predicted {ours or 'no exception'}, seen {outcome.raised or 'none'}"


_Found = tuple[Severity, str] | tuple[Severity, str, str, str]


def _disagreements(meant: Meaning, outcome: ClientOutcome) -> Iterator[_Found]:
    if outcome.how is How.HUNG:
        yield Severity.HANG, "it hangs until its own timeout"
    elif outcome.how is How.RAISED:
        yield from _raised(meant, outcome)
    elif isinstance(meant, Failure):
        yield Severity.SILENT, "an error is not noticed"
    elif isinstance(meant, Cut):
        yield Severity.SILENT, "what was cut is taken for whole"
    elif isinstance(meant, Nothing):
        if meant.known and outcome.how is How.EMPTY:
            yield Severity.SILENT, "what cannot be read becomes an empty answer"
    elif meant.anything and outcome.how is How.EMPTY:
        yield Severity.SILENT, "the answer is lost"
    else:
        yield from _said(meant, outcome)
    if outcome.how in {How.PARSED, How.EMPTY}:
        yield from _mistyped(outcome)


def _raised(meant: Meaning, outcome: ClientOutcome) -> Iterator[_Found]:
    """An exception is right for what is no answer, if it is one that applications catch."""
    if not isinstance(meant, Failure | Cut):
        yield Severity.CRASH, f"it raises {outcome.raised}"
        return
    if not outcome.own:
        yield Severity.CRASH, f"it raises {outcome.raised}, which is none of its own"
        return
    if not isinstance(meant, Failure) or meant.status is None:
        return
    right = _BY_STATUS.get(meant.status, "APIStatusError")
    right = "InternalServerError" if meant.status >= _SERVER else right
    if outcome.raised != right:
        yield Severity.DIFFERS, f"it raises {outcome.raised} for status {meant.status}"
    told = outcome.told or {}
    for name, value in meant.members:
        if told.get(name) is None:
            yield Severity.SILENT, f"the error's `{name}` is lost", _shown(value), "null"
        elif told[name] != value:
            words = f"the error's `{name}` is another"
            yield (
                Severity.DIFFERS,
                words,
                json.dumps(value)[:_SHOWN],
                json.dumps(told[name])[:_SHOWN],
            )


def _said(meant: Said, outcome: ClientOutcome) -> Iterator[_Found]:
    got = outcome.got
    if meant.items is not None:
        if meant.items != got.items:
            yield Severity.SILENT, "entries differ", _listed(meant.items), _listed(got.items)
        return
    if len(meant.choices) != len(got.choices):
        numbers = (f"{len(meant.choices)} choices", f"{len(got.choices)} choices")
        yield Severity.SILENT, "the number of choices differs", *numbers
        return
    for ours, theirs in zip(meant.choices, got.choices, strict=True):
        yield from _members(ours, theirs)
    yield from _usage(meant.usage, got.usage)


def _members(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[_Found]:
    for name, words in _MEMBERS.items():
        found = theirs.get(name)
        if name in ours and not _same(ours[name], found):
            verb = "is lost" if found in _EMPTY else "is another"
            yield Severity.SILENT, f"{words} {verb}", _shown(ours[name]), _shown(found)


def _usage(ours: Mapping[str, Any] | None, theirs: Mapping[str, Any] | None) -> Iterator[_Found]:
    if ours is None:
        return
    if theirs is None:
        yield Severity.SILENT, "the usage is lost", _shown(dict(ours)), "null"
        return
    for name, value in ours.items():
        if str(theirs.get(name)) != str(value):  # "9" that became 9 does no harm
            words = f"the usage's `{name}` is another"
            yield Severity.DIFFERS, words, _shown(value), _shown(theirs.get(name))


def _mistyped(outcome: ClientOutcome) -> Iterator[_Found]:
    for words in outcome.got.mistyped[:1]:
        place, _, wanted = words.partition(": ")
        wanted = wanted.removeprefix("Input should be ")
        yield (
            Severity.DIFFERS,
            f"`{place}` is not what its own types say",
            wanted,
            "another type or value",
        )


def _same(ours: Any, theirs: Any) -> bool:
    return ours == theirs or (ours in _EMPTY and theirs in _EMPTY)


def _shown(value: Any) -> str:
    """A value in one short line: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, default=repr)[:_SHOWN]


def _listed(items: tuple[str, ...]) -> str:
    return ", ".join(items[:5]) + (" ..." if len(items) > 5 else "") or "none"  # noqa: PLR2004
