"""What a fault is: one function that rewrites what the server does, at one place of its line.

    HttpRequest -> Ask -> Completion -> Reply -> Response -> Script
    REQUEST        ASK    COMPLETION    REPLY    RESPONSE    SCRIPT

    @fault("role-in-every-chunk", at=REPLY, area="streaming", level="must", ...)
    def role_in_every_chunk(reply: Reply) -> Reply: ...

A rewrite takes the value of its place and gives another; the earlier its place, the more follows
from it. A rewrite may raise `Refusal` before the completion, for servers that reject what they
should accept. `of`, `when`, `since` and `rate` say which requests show it (circumstances.py).

Several faults compose: along the line by place, and at one place in the order in which they were
switched on. Faults that take the same thing for themselves (`takes`) exclude each other, and so do
those of which one finds nothing left to rewrite (rehearse.py); the server then does not start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import combinations
from typing import Any, Generic, Literal, TypeVar

from conformance.errors import UsageError
from conformance.reference.answer import Completion, Reply, Response
from conformance.reference.ask import Ask
from conformance.reference.breaks import REPEATED
from conformance.reference.circumstances import Of, When, always, anything
from conformance.reference.incoming import HttpRequest
from conformance.reference.model.sampler import Build
from conformance.reference.script import Script
from conformance.registry import Registry

V = TypeVar("V")
Level = Literal["must", "should", "may"]
Determinism = Literal["every response", "some responses", "by state"]


@dataclass(frozen=True, slots=True)
class Place(Generic[V]):
    """Where on the line a fault acts; its type says on what."""

    name: str


REQUEST: Place[HttpRequest] = Place("request")
ASK: Place[Ask] = Place("ask")
COMPLETION: Place[Completion] = Place("completion")
REPLY: Place[Reply] = Place("reply")
RESPONSE: Place[Response] = Place("response")
SCRIPT: Place[Script] = Place("script")
BUILD: Place[Build] = Place("build")
"""Beside the line: what stands behind the model that samples (model/sampler.py)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A deviation seen in the field, and what must notice it.

    `primary` and `cascades` are written from the contract's text before the first run: the clauses
    that must fail, and those that may fail as well. A cascade `SO-*` is a whole section: where a
    request gets no answer at all, nothing holds that is asked of the answer. A later edit says why
    in `amended`.

    What the contract leaves open breaks no clause, but an application that comes from a server that
    behaved otherwise. Such a fault has `changes` in place of `primary`.
    """

    name: str
    area: str
    level: Level
    title: str
    """What happens, in a sentence."""
    sources: tuple[str, ...]
    primary: tuple[str, ...]
    cascades: tuple[str, ...]
    changes: tuple[str, ...]
    """Cases that may tell it: against the server without it, one of them must be lost, changed, or
    show another fact."""
    of: Of
    """The requests that it is about."""
    when: When
    """The state of the server in which it shows."""
    since: Of
    """It shows from the first such request on, whichever request it is about."""
    rate: float
    """The share of those requests that show it, drawn by request: the same in every equal run."""
    takes: frozenset[str]
    """What it needs for itself: faults that take the same thing exclude each other."""
    amended: str
    field: tuple[str, ...]
    """Ids of the reports from the field that it shows (conformance/reference/field)."""
    at: Place[Any]
    rewrite: Callable[[Any], Any]

    @property
    def determinism(self) -> Determinism:
        """How often it shows among the requests that it is about."""
        if self.when is not always or self.since is not anything:
            return "by state"
        return "some responses" if self.rate < 1 else "every response"

    def expects(self, clause: str) -> bool:
        """May this clause, or one that it repeats, fail where the fault is on?"""
        like = (clause, *REPEATED.get(clause, ()))
        return any(
            each in self.primary or any(fnmatchcase(each, one) for one in self.cascades)
            for each in like
        )


FAULTS: Registry[Fault] = Registry("fault")
PARITY: Registry[Fault] = Registry("parity fault")
"""Another model behind the same contract: no suite notices these, an audit of parity does. In place
of cases, `changes` names the stages that may tell."""
TIMES: Registry[Fault] = Registry("fault of times")
"""Another time of the same bytes: no suite notices these, `conformance latency` does. `changes` names
the figures that may tell."""


def fault(  # noqa: PLR0913 - one keyword per fact about a fault
    name: str,
    *,
    at: Place[V],
    level: Level,
    sources: Iterable[str],
    primary: Iterable[str] = (),
    cascades: Iterable[str] = (),
    changes: Iterable[str] = (),
    of: Of = anything,
    when: When = always,
    since: Of = anything,
    rate: float = 1.0,
    takes: Iterable[str] = (),
    amended: str = "",
    field: Iterable[str] = (),
    registry: Registry[Fault] = FAULTS,
) -> Callable[[Callable[[V], V]], Callable[[V], V]]:
    """Register a fault. Its area is the module's name, its title the function's docstring.

    Raises ValueError for one without a docstring, and unless it says either which clauses must fail
    or, for what the contract leaves open (level may), which cases must change.
    """
    clauses, cases = tuple(primary), tuple(changes)

    def register(rewrite: Callable[[V], V]) -> Callable[[V], V]:
        title = " ".join((rewrite.__doc__ or "").split())
        if not title or bool(clauses) is bool(cases):
            raise ValueError(f"fault {name!r} needs a docstring, and primary clauses or `changes`")
        if cases and level != "may":
            raise ValueError(f"fault {name!r}: only what the contract leaves open has `changes`")
        one = Fault(
            name=name,
            area=rewrite.__module__.rpartition(".")[2],
            level=level,
            title=title,
            sources=tuple(sources),
            primary=clauses,
            cascades=tuple(dict.fromkeys(each for each in cascades if each not in clauses)),
            changes=cases,
            of=of,
            when=when,
            since=since,
            rate=rate,
            takes=frozenset(takes),
            amended=amended,
            field=tuple(field),
            at=at,
            rewrite=rewrite,
        )
        registry.add(name, one)
        return rewrite

    return register


@dataclass(frozen=True, slots=True)
class Shown:
    """A fault as it was switched on: `NAME`, or `NAME@RATE` with a share of requests between 0 and 1."""

    fault: Fault
    rate: float


def switched_on(wanted: Iterable[str], registry: Registry[Fault] = FAULTS) -> tuple[Shown, ...]:
    """The faults named. Raises UsageError for an unknown name, a rate that is none, or a conflict."""
    shown = []
    for each in wanted:
        name, at, rate = each.partition("@")
        elsewhere = next((each[name] for each in (PARITY, TIMES) if name in each), None)
        found = elsewhere or registry.find(name)
        shown.append(Shown(found, _rate(each, rate) if at else found.rate))
    for one, other in combinations((each.fault for each in shown), 2):
        _refuse_conflict(one, other)
    return tuple(shown)


def _refuse_conflict(one: Fault, other: Fault) -> None:
    if one is other:
        raise UsageError(f"the fault {one.name!r} is named twice")
    if both := sorted(one.takes & other.takes):
        raise UsageError(
            f"the faults {one.name!r} and {other.name!r} exclude each other: "
            f"both rewrite {' and '.join(both)}; serve them one at a time"
        )


def _rate(each: str, text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = -1.0
    if not 0 <= rate <= 1:
        raise UsageError(f"{each!r}: the rate after '@' must be a number from 0 to 1")
    return rate


def rewritten(faults: Iterable[Fault], at: Place[V], value: V) -> V:
    """The value after every fault of that place, in the order they were switched on."""
    for each in faults:
        if each.at is at:
            value = each.rewrite(value)
    return value
