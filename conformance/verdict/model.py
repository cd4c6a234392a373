"""What a run came to, as values: everything a report shows, and nothing that needs the record again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from conformance.contract.model import Level, Shim
from conformance.verdict.call_counts import CallCounts
from conformance.verdict.comparison import Comparison
from conformance.verdict.outcome import CaseVerdict, Evidence, Interval, Outcome

UNDECIDED = "undecided"
"""What a case does that decided nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Problems of one clause at one provider."""

    id: str
    """`local-vllm/STRM-011`: stable between runs."""
    provider: str
    clause: str
    level: Level
    outcome: Outcome
    known_deviation: str
    cases: tuple[str, ...]
    cells: tuple[str, ...] = ()
    """The same with their axes."""
    exchanges_checked: int
    exchanges_failed: int
    rate: float | None
    interval: Interval | None
    message: str
    """The most frequent problem, with what was seen."""
    messages: tuple[str, ...]
    """Distinct problems, most frequent first, at most five."""
    consequence: str
    remedy: str
    shims: tuple[Shim, ...] = ()
    """Code that mends it in an application. It was not tried in the run, so it makes no answer better."""
    evidence: tuple[Evidence, ...]
    reproduce: str
    """The command that asks the same again (reports add a `curl` line made from the evidence)."""
    shared_with_baseline: bool = False
    clients: tuple[str, ...] = ()
    """`openai 3.57.0: raises APIError (3 of 3)`: real clients on the evidence, one line each."""


class Answer(StrEnum):
    """Of a certificate."""

    DROP_IN = "drop-in"
    DROP_IN_WITH_CHANGES = "drop-in with changes"
    NOT_DROP_IN = "not drop-in"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a certificate is not better than it is."""

    clause: str
    """Or a capability."""
    kind: str
    """`failed`, `undecided`, `not offered`, `lost` (the baseline has it), `ignored`."""
    text: str
    why: str = ""
    """Of an undecided one: what kept it open, alone; many reasons have the same."""
    finding: str = ""
    known: bool = False
    """A declared deviation covers it: still counts here, not in the exit code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an application has to change, tried in the same run."""

    name: str
    text: str
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """The answer for one profile at one provider."""

    profile: str
    title: str
    provider: str
    baseline: str | None
    answer: Answer
    asked: bool
    """The profile was asked for by name."""
    covered: int
    """Required clauses that were decided."""
    required: int
    reasons: tuple[Reason, ...]
    changes: tuple[Change, ...]
    shared: tuple[str, ...] = ()
    """Clauses that fail at the baseline in the same cases, and so do not count."""
    weak: tuple[str, ...] = ()
    """Cases whose assumptions never held: the model is too weak to show them."""
    times: tuple[str, ...] = ()
    """Limits on times that the profile states: no suite judges them, so the answer leaves them open."""
    without_known: Answer = Answer.INCONCLUSIVE
    """The answer with declared deviations taken out: decides the exit code, never printed as the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """One row of the capability matrix."""

    case: str
    title: str
    parameter: str
    branches: Mapping[str, str]
    """Axes (as printed, or empty) to `honoured`, `rejected`, `ignored`, ..., `undecided`."""
    control: str
    """What showed that the effect is not there anyway; empty where the case has no control."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseTally:
    """All that a run saw of one clause at one provider."""

    clause: str
    witnesses: int
    exchanges_checked: int
    exchanges_failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaTally:
    """How many clauses of one section held, failed, or are open at one provider."""

    held: int
    failed: int
    undecided: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mishap:
    """What went wrong on our side, or on the way to the endpoint: a reason, once."""

    reason: str
    cells: tuple[str, ...]
    """All that it befell, in any of their samples; sorted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a run cost at one provider."""

    requests: int
    retried: int
    prompt_tokens: int
    completion_tokens: int
    cost: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderResult:
    """Everything about one provider."""

    name: str
    preset: str
    base_url: str
    model: str
    served_model: str
    server: str
    system_fingerprints: tuple[str, ...]
    certificates: tuple[Certificate, ...]
    capabilities: tuple[Capability, ...]
    findings: tuple[Finding, ...]
    cases: tuple[CaseVerdict, ...]
    clauses: Mapping[str, ClauseTally]
    totals: Mapping[str, int]
    """Outcome to number of cases."""
    usage: Usage
    areas: Mapping[str, AreaTally] = field(default_factory=dict)
    """Section of the contract to its counts, in the contract's order."""
    tool_calls: Mapping[str, CallCounts] = field(default_factory=dict)
    """`whole` and `streamed` to the calls that came so."""
    stale_deviations: tuple[str, ...] = ()
    errors: tuple[Mishap, ...] = ()

    @property
    def withheld(self) -> tuple[CaseVerdict, ...]:
        """Cases that were not asked to their end because a limit of the run was reached."""
        return tuple(case for case in self.cases if case.withheld)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientDisagreement:
    """Exchanges of one provider in which a client got something else than the wire meant."""

    provider: str
    severity: str
    """`silent loss`, `crash`, `hang`, `differs`; the worst first."""
    what: str
    meant: str
    got: str
    """Both of the first such exchange, in words."""
    exchanges: int
    evidence: tuple[str, ...]
    """Exchange ids, at most three."""
    findings: tuple[str, ...]
    """Ids of the findings whose evidence shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpredicted:
    """An exchange where our copy of a client's accumulator said something else than happened."""

    exchange: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientResult:
    """What one version of a client library made of the recorded answers."""

    name: str
    version: str
    outcomes: Mapping[str, Mapping[str, int]]
    """Provider to `parsed`, `empty`, `raised`, `hung`, `not applicable` and their numbers."""
    disagreements: tuple[ClientDisagreement, ...]
    unpredicted: tuple[Unpredicted, ...] = ()
    reason: str = ""
    """Why nothing, or not all, was played."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """Which run this was."""

    id: str
    started: str
    """UTC, ISO 8601."""
    finished: str
    harness_version: str
    suites_digest: str
    contract_version: str
    seed: int
    effort: str
    complete: bool
    """The record has its footer: the run was not cut short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Everything a report needs."""

    info: RunInfo
    providers: tuple[ProviderResult, ...]
    comparisons: tuple[Comparison, ...] = ()
    clause_texts: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    """Clause id to level, words and source, for every clause that the run speaks of."""
    sections: Mapping[str, str] = field(default_factory=dict)
    """Sections of the contract to their titles, in its order."""
    clients: tuple[ClientResult, ...] = ()
    """Empty where nothing was played into a client."""
    extra: Mapping[str, Any] = field(default_factory=dict)
