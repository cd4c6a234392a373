"""What trials and cases came to, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from conformance.checks.core import Problem
from conformance.contract.model import Level
from conformance.wire.exchange import TrialKey


class Outcome(StrEnum):
    """What came of a case. Only FAILED speaks against the provider."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    """Asked, but the model did not do what the case assumes, or the samples do not decide."""
    NOT_APPLICABLE = "not applicable"
    """Not asked: the provider does not offer what the case needs."""
    ERROR = "error"
    """We failed, or the endpoint could not be reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One exchange that shows a problem, trimmed; `key` names the variable that stars stand for."""

    exchange: str
    """Exchange id: the trial's id, step and attempt."""
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    status: int | None
    response_headers: tuple[tuple[str, str], ...]
    pieces: tuple[tuple[int, bytes], ...]
    """Nanoseconds since the request was sent, and decoded body bytes; the middle may be left out."""
    omitted: int
    """Body bytes that are not in `pieces`."""
    ended: str
    end_at: int
    problems: tuple[Problem, ...]
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Where a rate lies, at the stated confidence, wherever sampling stopped."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseResult:
    """What one trial (or one exchange, for invariants) says about one clause."""

    clause: str
    witnesses: int
    problems: tuple[Problem, ...]
    exchange: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialVerdict:
    """One trial, judged."""

    key: TrialKey
    outcome: Outcome
    results: tuple[ClauseResult, ...]
    branch: str = ""
    """Which way of `outcome` held: `honoured`, `rejected`; `ignored` or `broken` where none did."""
    why: str = ""
    """For inconclusive and error: in one sentence; where to refuse is a way of the case: its words."""
    refused: bool = False
    """The answer that the way was read from had a status of 400 or more."""
    weak: bool = False
    """Inconclusive because the model did not do what was assumed (not because the server erred)."""
    attempts: int = 0
    """Attempts that were retried."""
    withheld: bool = False
    """It was not asked to its end, because a limit of the run was reached."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What the case observes, by name: JSON text, empty where the answer lacks it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseVerdict:
    """One variant at one provider: all its samples and arms together."""

    case: str
    cell: str
    title: str
    provider: str
    level: Level
    """The strongest level among the clauses that failed; else among the case's clauses."""
    outcome: Outcome
    clauses: Mapping[str, Outcome]
    """Per clause that the case names: what was found here."""
    message: str
    needs: tuple[str, ...] = ()
    branch: str = ""
    refused: bool = False
    """Where there is a branch: an answer that it was read from had a status of 400 or more."""
    varies: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    """What the case tells about, in the words of the capability matrix."""
    ways: Mapping[str, int] = field(default_factory=dict)
    """How many samples each branch held in, where several say anything."""
    control: str = ""
    """What the control showed (`20 tokens or more`), where the case has one and it held."""
    adapted: bool = False
    """The plain arm did not pass, and the arm with the provider's fragments did."""
    told_in_vain: bool = False
    """Neither did the arm with the provider's fragments, which is not for the model to answer for."""
    changes: tuple[str, ...] = ()
    """Names of the fragments that made it pass."""
    adapted_way: str = ""
    """Which branch held with them."""
    weak: bool = False
    withheld: bool = False
    """A limit of the run was reached before it was asked to its end."""
    samples: int = 0
    passed: int = 0
    failed: int = 0
    """Samples; the rest says nothing."""
    interval: Interval | None = None
    known: str = ""
    """Reason of the declared deviation that covers the failure."""
    exchanges: tuple[str, ...] = ()
    seconds: float = 0.0
    """Time on the wire."""
    keyword: str = ""
    """Row and column of the table of keywords, for cases that have a place there."""
    by: str = ""
    facts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What the case observes, by name, to the distinct values of its samples: JSON text, empty
    where an answer lacks it. What differs between samples is no fact about the provider, so that
    after a few of them no more are kept."""
