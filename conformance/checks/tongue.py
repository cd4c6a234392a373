"""Which language an answer is written in, by its letters, and whether it knows what day it is.

Both are the model's own doing: a weak one wanders off, and one that is told the date knows it. So
cases tell them as ways of the same standing, and the comparison with a baseline says what is new.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from conformance.checks.core import Problem, check
from conformance.checks.facts import facts
from conformance.checks.generic import missing_answer
from conformance.checks.markup import strings
from conformance.checks.parts import is_integer
from conformance.checks.show import shown
from conformance.checks.spoken import spoken
from conformance.wire.exchange import Exchange

_KANA = frozenset({"HIRAGANA", "KATAKANA"})
_TOGETHER: Sequence[tuple[frozenset[str], frozenset[str]]] = (
    (_KANA, _KANA | {"CJK"}),
    (frozenset({"HANGUL"}), frozenset({"HANGUL", "CJK"})),
)
"""Scripts that tell a language, and all that are written in it: Japanese and Korean have others' too."""
_SHARE = 0.6
"""Of the letters of either half: names and abbreviations are written as they are everywhere."""
_CONTENT = "$.choices[0].message.content"
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b")
_APART = re.compile(r"[,\s]+")
_END_OF_TIME = 253_402_128_000
"""Seconds: two days before the last that a date can be."""


def _script(letter: str) -> str:
    """`CYRILLIC`, `CJK`; empty for a letter without a name."""
    return unicodedata.name(letter, "").partition(" ")[0].partition("-")[0]


def _scripts(text: str) -> Sequence[str]:
    return [_script(each) for each in text if each.isalpha()]


def _asked(exchange: Exchange) -> str:
    """The text of the last message of the request."""
    messages = facts(exchange).asked.get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else None
    return "\n".join(strings(last.get("content"))) if isinstance(last, dict) else ""


@check(assumable=True)
def in_language_asked(exchange: Exchange) -> Iterator[Problem]:
    """The answer is written in the letters of the question, from its first half to its last."""
    if why := missing_answer(exchange):
        yield Problem(message=why)
        return
    said, asked = spoken(exchange) or "", _asked(exchange)
    scripts, wanted = _scripts(said), _scripts(asked)
    telling, fitting = next((each for each in _TOGETHER if each[0] & set(wanted)), _only(wanted))
    half = len(scripts) // 2
    held = all(_held(part, fitting) for part in (scripts[:half], scripts[half:]))
    if not held or telling.isdisjoint(scripts):
        yield Problem(message=f"{shown(said)}, the question is {shown(asked)}", at=_CONTENT)


def _only(scripts: Sequence[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The script that most letters are of, for what tells the language and for all of it."""
    most = frozenset(name for name, _ in Counter(scripts).most_common(1))
    return most, most


def _held(scripts: Sequence[str], fitting: Collection[str]) -> bool:
    return sum(each in fitting for each in scripts) >= _SHARE * len(scripts)


@check(assumable=True)
def tells_todays_date(exchange: Exchange) -> Iterator[Problem]:
    """The answer names the day on which it was created, or the one before or after it."""
    if why := missing_answer(exchange):
        yield Problem(message=why)
        return
    created = exchange.answer.body.get("created") if exchange.answer else None
    said = spoken(exchange) or ""
    if not is_integer(created) or not 0 <= created < _END_OF_TIME:
        yield Problem(message=f"`created` is {shown(created)}: nobody knows what day it was")
        return
    plain = _APART.sub(" ", _ORDINAL.sub("", said.lower()))
    day = datetime.fromtimestamp(0, UTC) + timedelta(seconds=created)
    if not any(form in plain for near in (-1, 0, 1) for form in _forms(day + timedelta(near))):
        yield Problem(message=f"{shown(said)}, wanted {day:%Y-%m-%d}", at=_CONTENT)


def _forms(day: datetime) -> Iterator[str]:
    """A date as people write it."""
    month = f"{day:%B}".lower()
    yield f"{day:%Y-%m-%d}"
    yield f"{month} {day.day} {day.year}"
    yield f"{day.day} {month} {day.year}"
    yield f"{day.day} of {month} {day.year}"
    yield f"{day.day:02}/{day.month:02}/{day.year}"
    yield f"{day.month:02}/{day.day:02}/{day.year}"
    yield f"{day.day:02}.{day.month:02}.{day.year}"
