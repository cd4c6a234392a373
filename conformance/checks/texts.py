"""Text completions, the older kind, as the subjects of checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.checks.facts import EXCUSED, Facts, facts
from conformance.checks.parts import Body, is_integer
from conformance.checks.paths import COMPLETIONS
from conformance.checks.select import choices_of
from conformance.wire.exchange import Exchange

ABSENT = frozenset({404, 405, 501})
"""Statuses that say that an endpoint is not there: whatever is asked of it, nothing else is shown."""
DEFAULT_CAP = 16
"""Tokens of an answer whose request names no cap."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Text:
    """One choice of an answer, streamed or not."""

    facts: Facts
    choice: dict[str, Any]
    place: int

    @property
    def at(self) -> str:
        return f"$.choices[{self.place}]"

    @property
    def said(self) -> str | None:
        """Its text; None where it has none."""
        text = self.choice.get("text")
        return text if isinstance(text, str) else None

    @property
    def prompt(self) -> str | None:
        """The prompt that it goes on with; None where that is token ids, or not known."""
        listed = prompts(self.facts)
        place = self.place // several(self.facts)
        prompt = listed[place] if place < len(listed) else None
        return prompt if isinstance(prompt, str) else None


def is_ids(value: Any) -> bool:
    """Token ids."""
    return isinstance(value, list) and bool(value) and all(map(is_integer, value))


def listed(value: Any) -> list[Any]:
    """The entries of a `prompt` or an `input`: texts and lists of token ids."""
    if isinstance(value, str) or is_ids(value):
        return [value]
    return value if isinstance(value, list) else []


def prompts(one: Facts) -> list[Any]:
    """The prompts of a request."""
    return listed(one.asked.get("prompt"))


def several(one: Facts) -> int:
    """How many choices each prompt has."""
    count = one.asked.get("n")
    return count if is_integer(count) and count > 0 else 1


def is_text_request(one: Facts) -> bool:
    return one.fits and one.endpoint == COMPLETIONS


def decided(exchange: Exchange) -> Sequence[Facts]:
    """Requests with a JSON object for a body, and any decided answer of an endpoint that is there."""
    found = facts(exchange)
    answered = found.status is not None and found.status not in EXCUSED | ABSENT
    asked = isinstance(exchange.request.json, dict)
    return (found,) if is_text_request(found) and answered and asked else ()


def bodies(exchange: Exchange) -> Sequence[Body]:
    """Answers in one piece."""
    found = facts(exchange)
    fits = is_text_request(found) and found.ok and not found.failed and not exchange.streamed
    return found.documents if fits else ()


def _streams(exchange: Exchange) -> bool:
    found = facts(exchange)
    asked = exchange.asked_stream and exchange.streamed
    return is_text_request(found) and found.ok and asked and not _tells_of_an_error(exchange)


def _tells_of_an_error(exchange: Exchange) -> bool:
    values = [each.value for each in exchange.chunks if isinstance(each.value, dict)]
    return any(value.get("error") and not value.get("choices") for value in values)


def chunks(exchange: Exchange) -> Sequence[Body]:
    """The chunks of a stream in which nothing went wrong."""
    if not _streams(exchange):
        return ()
    return [Body(value=each.value, at=f"event {each.number}") for each in exchange.chunks]


def pieces(exchange: Exchange) -> Mapping[Any, Sequence[str]]:
    """The pieces of text that a stream has of each choice, by index."""
    found: dict[Any, list[str]] = {}
    for body in chunks(exchange):
        for entry in choices_of(body):
            text, index = entry.get("text"), entry.get("index")
            if isinstance(text, str) and text and is_integer(index):
                found.setdefault(index, []).append(text)
    return found


def ended_streams(exchange: Exchange) -> Sequence[Facts]:
    """Streams that the endpoint ended, well or not."""
    found = facts(exchange)
    return (found,) if _streams(exchange) and (found.whole or found.broken_off) else ()


def answers(exchange: Exchange) -> Sequence[Facts]:
    """Whole answers with choices, whichever way they came."""
    found = facts(exchange)
    whole = bodies(exchange) or (_streams(exchange) and found.whole)
    answer = exchange.answer if whole else None
    return (found,) if answer is not None and answer.choices else ()


def texts(exchange: Exchange) -> Sequence[Text]:
    """The choices of those that are objects, in order of their index."""
    return [text for one in answers(exchange) for text in texts_of(one)]


def texts_of(one: Facts) -> list[Text]:
    answer = one.exchange.answer
    listed = answer.body["choices"] if answer else []
    return [
        Text(facts=one, choice=choice, place=place)
        for place, choice in enumerate(_in_order(listed))
        if isinstance(choice, dict)
    ]


def _in_order(listed: list[Any]) -> list[Any]:
    """By index, where each has one of its own: some servers send them as they are finished."""
    indexes = [each.get("index") if isinstance(each, dict) else None for each in listed]
    if all(map(is_integer, indexes)) and len(set(indexes)) == len(indexes):
        return sorted(listed, key=lambda each: each["index"])
    return listed


def cap(one: Facts) -> int:
    """The most tokens that a choice may have."""
    named = one.asked.get("max_tokens")
    return named if is_integer(named) else DEFAULT_CAP


def candidates(one: Facts) -> int:
    """How many texts are written for a request, also those that are thrown away."""
    best = one.asked.get("best_of")
    each = max(several(one), best if is_integer(best) else 1)
    return each * max(1, len(prompts(one)))


def usage(one: Facts) -> dict[str, int] | None:
    """The counts of an answer, where all three are whole numbers."""
    told = one.exchange.answer.usage if one.exchange.answer else None
    names = ("prompt_tokens", "completion_tokens", "total_tokens")
    if not isinstance(told, dict) or not all(is_integer(told.get(name)) for name in names):
        return None
    return {name: told[name] for name in names}
