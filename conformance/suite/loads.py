"""Files of loads, strictly read: how requests come, and what they ask. A small grammar of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.errors import did_you_mean
from conformance.suite.load_keys import (
    OWN,
    REQUEST,
    REQUEST_NEEDS,
    ROOT,
    SCENARIO,
    SCENARIO_NEEDS,
    Key,
)
from conformance.suite.source import At, Complaint, Document, read

MOST_REQUESTS = 1_000_000
"""Of an open loop: their times are made beforehand."""
_INSTEAD = {"messages": "write `prompt`", "max_tokens": "write `max_tokens` beside it"}
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
    warm_up: float
    """Seconds of the same load before it, which are in no figure."""
    hang_up_after: float | None
    """Seconds after which each request is given up."""
    primed: bool
    """The same prompts each time; else each request has a word of its own."""
    bodies: tuple[Mapping[str, Any], ...]
    """Asked in turn."""

    @property
    def manner(self) -> str:
        """How requests come, in words."""
        for_so_long = f"for {self.seconds:g} s" + (
            f" after {self.warm_up:g} s of warm-up" if self.warm_up else ""
        )
        if self.hang_up_after:
            for_so_long += f", each given up after {self.hang_up_after:g} s"
        if self.rate is None:
            return f"{self.streams} at once {for_so_long}"
        evenly = "as chance has it" if self.poisson else "evenly"
        return f"{self.rate:g} a second, {evenly}, {for_so_long}"


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
        warm_up=data.get("warm_up", 0.0),
        hang_up_after=data.get("hang_up_after"),
        primed=data.get("cache") == "primed",
        bodies=tuple(_body(each) for each in data["mix"] for _ in range(each.get("share", 1))),
    )


def _body(data: Mapping[str, Any]) -> Mapping[str, Any]:
    count = data.get("words", 0)
    filler = [_FILLER[number % len(_FILLER)] for number in range(count)]
    said = " ".join([*filler, data["prompt"]])
    messages = [{"role": "user", "content": said}]
    return {**data.get("body", {}), "messages": messages, "max_tokens": data["max_tokens"]}


def _complaints(document: Document) -> Iterator[Complaint]:
    data = document.data
    found = list(_keys(data, (), ROOT, needed=tuple(ROOT)))
    yield from found
    if found:
        return
    for name, one in data["scenarios"].items():
        at: At = ("scenarios", name)
        wrong = list(_keys(one, at, SCENARIO, needed=SCENARIO_NEEDS))
        yield from wrong
        if wrong:
            continue
        yield from _sense(one, at)
        for number, each in enumerate(one["mix"]):
            place: At = (*at, "mix", number)
            yield from _keys(each, place, REQUEST, needed=REQUEST_NEEDS)
            yield from _body_sense(each, place)


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
    if one.get("rate", 0) * one["seconds"] > MOST_REQUESTS:
        yield Complaint(
            at=(*at, "rate"),
            reason=f"more than {MOST_REQUESTS} requests in {one['seconds']:g} seconds",
            remedy="lower `rate` or `seconds`",
        )


def _body_sense(one: Any, at: At) -> Iterator[Complaint]:
    body = one.get("body") if isinstance(one, dict) else None
    for name in OWN:
        if isinstance(body, dict) and name in body:
            yield Complaint(
                at=(*at, "body", name),
                reason=f"{name!r} is not said in a body",
                remedy=_INSTEAD.get(
                    name, "leave it out: every request is streamed, with its usage"
                ),
                of_key=True,
            )


def _keys(
    data: Any, at: At, keys: Mapping[str, Key], *, needed: tuple[str, ...]
) -> Iterator[Complaint]:
    if not isinstance(data, dict):
        yield Complaint(at=at, reason="not a mapping", remedy=f"keys: {', '.join(keys)}")
        return
    for name, value in data.items():
        if name not in keys:
            hint = did_you_mean(str(name), keys) or f"; keys: {', '.join(keys)}"
            yield Complaint(at=(*at, name), reason=f"unknown key {name!r}{hint}", of_key=True)
        elif not keys[name].fits(value):
            yield Complaint(
                at=(*at, name),
                reason=f"{name} is not {keys[name].holds}",
                remedy=f"write `{keys[name].example}`",
            )
    for name in needed:
        if name not in data:
            remedy = f"write `{keys[name].example}`"
            yield Complaint(at=at, reason=f"{name!r} is missing", remedy=remedy, consequence=True)
