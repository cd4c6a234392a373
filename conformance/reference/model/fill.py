"""What a prompt offers for a named property: the city of `city`, the number of `count`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.reference.model.facts import Facts
from conformance.reference.model.prose import written
from conformance.reference.model.voice import Voice
from conformance.reference.model.wordset import wordset
from conformance.reference.schema.walk import types

_GREEDY = Voice(temperature=0, top_p=1, seed="")
PLACES = wordset(
    "city cities location locations place places town destination origin address country region "
    "capital station area where departure arrival from to"
)
PEOPLE = wordset("name names person people user recipient attendee attendees author owner")
SUMS = wordset("expression formula equation calculation sum expr")
SEARCHES = wordset("query q question search prompt request input topic")
TEXTS = wordset(
    "text message content title body subject note value string phrase word sentence data description "
    "summary label comment code id key term"
)
_PATTERNED = {
    "email": "emails",
    "mail": "emails",
    "url": "urls",
    "link": "urls",
    "uri": "urls",
    "date": "dates",
}


@dataclass(slots=True)
class Filler:
    """Offers values out of a prompt. `focus` is the thing this call is about (one of several cities).

    Numbers are handed out in order, so that `a` and `b` of an addition get one each.
    """

    facts: Facts
    focus: str | None = None
    known: Mapping[str, Any] = field(default_factory=dict)
    """Values by name from earlier tool results: `user_id` of one feeds `user_id` of the next."""
    _numbers_used: int = field(default=0, init=False)
    _texts_used: int = field(default=0, init=False)

    def offer(self, name: str, schema: dict[str, Any]) -> Iterable[Any]:
        """Candidates for a property, the best one first; whether one fits is for the caller."""
        if name in self.known:
            yield self.known[name]
        if "enum" in schema:
            yield from self._listed(schema["enum"])
            return
        kinds = types(schema) if schema else ("string",)
        if {"integer", "number"} & set(kinds):
            yield from self._number(name)
        elif "string" in kinds:
            yield from self._strings(name, schema)
        elif "array" in kinds:
            yield from self._lists(name, schema)
        elif "boolean" in kinds and name.lower().split("_")[-1] in self.facts.words:
            yield "not" not in self.facts.words and "without" not in self.facts.words

    def _listed(self, values: list[Any]) -> Iterator[Any]:
        lower = self.facts.text.lower()
        yield from (
            each for each in values if isinstance(each, str) and each and each.lower() in lower
        )
        yield from (
            each for each in values if each in self.facts.numbers and not isinstance(each, bool)
        )

    def _number(self, name: str) -> Iterator[Any]:
        said = self.facts.after(name)
        if said is not None:
            yield from Facts(said).numbers
        numbers = self.facts.numbers
        if self._numbers_used < len(numbers):
            number = numbers[self._numbers_used]
            self._numbers_used += 1
            yield number

    def _strings(self, name: str, schema: dict[str, Any]) -> Iterator[str]:
        words = set(name.lower().replace("-", "_").split("_"))
        for word, kind in _PATTERNED.items():
            if word in words or schema.get("format") == word:
                yield from getattr(self.facts, kind)
        if (
            self.focus is not None
            and not words & SUMS
            and not words & {"unit", "units", "date", "time"}
        ):
            yield self.focus
        if words & SUMS:
            yield from self.facts.sums
        if words & TEXTS and "exactly" in self.facts.words and self.facts.told:
            yield self.facts.told
        said = self.facts.after(name)
        if said is not None and not words & SEARCHES:
            yield said
        yield from self._by_kind(words)

    def _by_kind(self, words: set[str]) -> Iterator[str]:
        if words & PLACES or words & PEOPLE:
            yield from self.facts.names
        if words & TEXTS:
            yield from filter(None, (self.facts.told, written(self.facts.text, _GREEDY)))
        if words & (TEXTS | SEARCHES | PEOPLE):
            texts = self.facts.quoted
            yield from texts[self._texts_used :]
            self._texts_used += bool(texts)
        if words & (SEARCHES | TEXTS):
            yield self.facts.text

    def _lists(self, name: str, schema: dict[str, Any]) -> Iterator[list[Any]]:
        items = schema.get("items")
        kinds = types(items) if isinstance(items, dict) else ("string",)
        if {"integer", "number"} & set(kinds) and self.facts.numbers:
            yield list(self.facts.numbers)
        elif "string" in kinds:
            for texts in (self.facts.quoted, self.facts.emails, self.facts.names):
                if texts:
                    yield list(texts)
