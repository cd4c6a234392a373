"""What to try, as values. Read from files by load.py; the grammar is in docs/suites.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Effort(StrEnum):
    """How much a run asks. Each asks what the one before asks, and more."""

    QUICK = "quick"
    """The cases that say most, once each: too few for a certificate to say `drop-in`."""
    NORMAL = "normal"
    THOROUGH = "thorough"
    """Everything, and several times: finds what shows on some responses only."""

    def covers(self, other: Effort) -> bool:
        """A run of this effort asks what is asked from the other one on."""
        every = list(Effort)
        return every.index(other) <= every.index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRef:
    """A check by name, with its arguments by parameter name."""

    name: str
    arguments: Mapping[str, Any]
    where: str
    """`file:line` for messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """Checks that together judge one clause in one step."""

    clause: str
    checks: tuple[CheckRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One way to conform. `honoured`, `rejected`, `lenient` ...: the name goes into the capability matrix."""

    name: str
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestTemplate:
    """A request with its `$`-directives unresolved; suite, case and step are already merged."""

    method: str
    path: str | Mapping[str, Any]
    """Below the provider's base_url; a `$concat` where a captured id is part of it."""
    headers: Mapping[str, Any]
    """Beside the usual ones; `{"$omit": true}` takes a usual one away."""
    body: Mapping[str, Any] | None
    """Goes on the wire as it stands; None for requests without a body."""
    raw: str | None
    """Sent byte for byte in place of a JSON body."""
    encoding: str = "utf-8"
    """Of `raw`. With another one its bytes need not be the text that every server expects."""
    fragments: tuple[str, ...]
    """`with`: names of body fragments in the provider's own words; only the arm `adapted` uses them."""
    words: tuple[str, ...] = ()
    """`says`: names of such fragments that are part of the request, in either arm."""
    hang_up_after: int | None
    """Close the connection after that many received body bytes; None reads to the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request of a case, and what to make of the answer."""

    id: str
    request: RequestTemplate
    control: bool
    """Shows that the effect under test is not there anyway; its `assume` are the control's expectations."""
    always: tuple[Requirement, ...]
    """What the request promises: judged even where `assume` does not hold."""
    assume: tuple[CheckRef, ...]
    """What the model is free to do: where it does not hold, the trial is inconclusive."""
    expect: tuple[Requirement, ...]
    """What must hold then."""
    outcome: tuple[Branch, ...]
    """Named ways to conform; the first that holds is what the provider does."""
    capture: Mapping[str, str]
    """Name to an RFC 9535 singular query into the answer."""
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """The share of samples in which the case must pass."""

    at_least: float
    margin: float
    """Passed once rates below `at_least - margin` are ruled out, failed once `at_least` is."""
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """How often to run; between least and most, sampling stops as soon as the answer is clear."""

    least: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    """Where a case stands in the report's table of keywords."""

    name: str
    """Of the row: what is under test; empty where `axis` says it."""
    axis: str
    """`NAME.KEY` of the axis whose values have one each."""
    by: str
    """Of the column: the way by which it is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Something to try. With axes it stands for one variant per combination of their values."""

    id: str
    """`tools/round-trip`: file stem and case id; public and stable."""
    title: str
    about: str
    clauses: tuple[str, ...]
    needs: tuple[str, ...]
    axes: Mapping[str, tuple[Any, ...]]
    """Values; a mapping among them has an `id`, by which it is called."""
    thorough: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    """Axis to the words for those of its values that only a thorough run tries."""
    samples: Samples
    rate: Rate | None
    observe: Mapping[str, str]
    steps: tuple[Step, ...]
    varies: tuple[str, ...]
    """Body keys under test (`vary`): the parameter that the capability matrix names."""
    parameters: tuple[str, ...] = ()
    """What the case tells about, by the names of the capability matrix; `varies` unless written."""
    alone: bool
    """Nothing else is on the wire meanwhile; for timing."""
    destructive: bool
    """May hurt the endpoint: runs last and is followed by a health probe."""
    retry: bool
    timeout: float | None
    """Seconds for one exchange, in place of the provider's."""
    effort: Effort = Effort.NORMAL
    """The least effort of a run that asks it."""
    where: str
    keyword: Keyword | None = None

    @property
    def late(self) -> bool:
        """It wants the endpoint for itself: asked after all the others."""
        return self.alone or self.destructive

    @property
    def adaptable(self) -> bool:
        """Some step has provider fragments, so that there is an arm `adapted`."""
        return any(step.request.fragments for step in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """One suite file."""

    id: str
    """The file's stem."""
    path: str
    title: str
    about: str
    cases: tuple[Case, ...]
    source: Mapping[str, Any]
    """The file as plain data, for the record: loading it again gives the same suite."""
