"""Files of loads, strictly read: how requests come, and what they ask. A small grammar of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.errors import did_you_mean
from conformance.suite.source import At, Complaint, Document, read

VERSION = 1
_FILLER = [
    "The",
    "sky",
    "was",
    "grey",
    "all",
    "day,",
    "and",
    "in",
    "the",
    "evening",
    "came",
    "snow.",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One load: a closed loop of so many streams, or requests at a rate."""

    name: str
    title: str
    streams: int
    rate: float | None
    """Requests a second; None: closed loop."""
    poisson: bool
    seconds: float
    primed: bool
    """The same prompts each time; else each request has a word of its own."""
    bodies: tuple[Mapping[str, Any], ...]
    """Asked in turn."""


def load_scenarios(text: str, path: str) -> dict[str, Scenario]:
    """By name. Raises SourceError with file, line and column."""
    document = read(text, path)
    document.refuse(_complaints(document))
    return {name: _scenario(name, one) for name, one in document.data["scenarios"].items()}


def _scenario(name: str, data: Mapping[str, Any]) -> Scenario:
    rate = data.get("rate")
    return Scenario(
        name=name,
        title=data["title"],
        streams=data.get("streams", 1),
        rate=rate,
        poisson=data.get("arrivals") == "poisson",
        seconds=data["seconds"],
        primed=data.get("cache") == "primed",
        bodies=tuple(_body(each) for each in data["mix"] for _ in range(each.get("share", 1))),
    )


def _body(data: Mapping[str, Any]) -> Mapping[str, Any]:
    count = data.get("words", 0)
    filler = [_FILLER[number % len(_FILLER)] for number in range(count)]
    said = " ".join([*filler, data["prompt"]])
    messages = [{"role": "user", "content": said}]
    return {**data.get("body", {}), "messages": messages, "max_tokens": data["max_tokens"]}


Rule = tuple[str, Callable[[Any], bool]]


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _one_of(*words: str) -> Rule:
    return f"one of {', '.join(words)}", lambda value: value in words


def _is_map(value: Any) -> bool:
    return isinstance(value, dict)


_WHOLE: Rule = ("a whole number of at least 1", _is_whole)
_POSITIVE: Rule = ("a number above 0", _is_positive)
_TEXT: Rule = ("a text", _is_text)
_MAP: Rule = ("a mapping", _is_map)
_SCENARIO: Mapping[str, Rule] = {
    "title": _TEXT,
    "streams": _WHOLE,
    "rate": _POSITIVE,
    "arrivals": _one_of("constant", "poisson"),
    "seconds": _POSITIVE,
    "cache": _one_of("busted", "primed"),
    "mix": ("a list of requests", lambda value: isinstance(value, list) and bool(value)),
}
_REQUEST: Mapping[str, Rule] = {
    "prompt": _TEXT,
    "words": _WHOLE,
    "max_tokens": _WHOLE,
    "share": _WHOLE,
    "body": _MAP,
}
_ROOT: Mapping[str, Rule] = {
    "loads": (f"{VERSION}", lambda value: value == VERSION and _is_whole(value)),
    "scenarios": ("a mapping of names to loads", lambda value: _is_map(value) and bool(value)),
}


def _complaints(document: Document) -> Iterator[Complaint]:
    data = document.data
    found = list(_keys(data, (), _ROOT, needed=("loads", "scenarios")))
    yield from found
    if found:
        return
    for name, one in data["scenarios"].items():
        at: At = ("scenarios", name)
        wrong = list(_keys(one, at, _SCENARIO, needed=("title", "seconds", "mix")))
        yield from wrong
        if wrong:
            continue
        yield from _sense(one, at)
        for number, each in enumerate(one["mix"]):
            place = (*at, "mix", number)
            yield from _keys(each, place, _REQUEST, needed=("prompt", "max_tokens"))


def _sense(one: Mapping[str, Any], at: At) -> Iterator[Complaint]:
    if ("streams" in one) == ("rate" in one):
        yield Complaint(
            at=at,
            reason="either streams (closed loop) or rate (open loop)",
            remedy="write `streams: 4`, or `rate: 2`",
        )
    if "arrivals" in one and "rate" not in one:
        yield Complaint(
            at=(*at, "arrivals"), reason="without a rate", remedy="write `rate: 2`", of_key=True
        )


def _keys(
    data: Any, at: At, rules: Mapping[str, Rule], *, needed: tuple[str, ...]
) -> Iterator[Complaint]:
    if not isinstance(data, dict):
        yield Complaint(at=at, reason="not a mapping", remedy=f"keys: {', '.join(rules)}")
        return
    for key, value in data.items():
        if key not in rules:
            hint = did_you_mean(key, rules) or f"; keys: {', '.join(rules)}"
            yield Complaint(at=(*at, key), reason=f"unknown key {key!r}{hint}", of_key=True)
        elif not rules[key][1](value):
            yield Complaint(at=(*at, key), reason=f"{key} is not {rules[key][0]}")
    for key in needed:
        if key not in data:
            yield Complaint(at=at, reason=f"{key!r} is missing", consequence=True)
