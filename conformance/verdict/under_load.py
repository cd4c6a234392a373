"""What was answered under load, judged afterwards: the invariants, words of others, and who still lives.

Each request holds a word of its own that nobody can guess. A word of another request in an answer is
that request's answer, or its cache: cross-talk. Where no answer repeats its own word the model does
not do what it was asked, and that there is no other's says nothing: *inconclusive*.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from conformance.checks.facts import facts
from conformance.checks.markup import strings
from conformance.checks.spoken import spoken
from conformance.contract.model import Clause, Level
from conformance.providers.model import Provider
from conformance.verdict.findings import findings
from conformance.verdict.judge import Bench
from conformance.verdict.model import Finding
from conformance.verdict.tally import Tally
from conformance.wire import nonce
from conformance.wire.exchange import Ended, Exchange, Trial, TrialKey

CROSS_TALK = "STAT-006"
_CASE = "load/answers"
_SERVED = 200


class Words(StrEnum):
    """Whether answers belong to their requests."""

    OWN = "passed"
    CROSSED = "failed"
    UNKNOWN = "inconclusive"
    NOT_ASKED = "not applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the answers of one load were worth."""

    count: int
    findings: tuple[Finding, ...]
    words: Words
    repeated: int
    """Answers that hold their own word ..."""
    asked: int
    """... of so many whose request held one."""
    alive: bool
    """One token was served afterwards."""
    probe: str
    """How that went."""
    faults: tuple[str, ...]
    """Ours: a check that broke."""

    @property
    def wrong(self) -> bool:
        """Something that must hold does not, an answer is another's, or nobody answers any more."""
        return (
            not self.alive
            or self.words is Words.CROSSED
            or any(one.level is Level.MUST and not one.known_deviation for one in self.findings)
        )

    @property
    def undecided(self) -> bool:
        """Nothing is wrong as far as could be seen, and not everything could."""
        return self.words is Words.UNKNOWN or bool(self.faults)


def judged(
    provider: Provider,
    exchanges: Iterable[Exchange],
    probe: Exchange,
    bench: Bench,
    clauses: Mapping[str, Clause],
) -> Answers:
    """By every invariant. Reads each exchange once, and forgets what it parsed."""
    tally = Tally({}, bench)
    count = asked = repeated = 0
    for sample, exchange in enumerate(exchanges):
        count += 1
        own = _word(exchange)
        if own:
            asked += 1
            repeated += own in (spoken(exchange) or "")
        key = TrialKey(case=_CASE, axes=(), provider=provider.name, sample=sample)
        tally.add(Trial(key=key, exchanges=(exchange,), captured={}))
    counted = tally.providers[provider.name]
    found = findings(provider, counted.clauses, clauses)
    response = probe.response
    served = response is not None and response.status == _SERVED
    alive = served and probe.end.how is Ended.COMPLETE
    return Answers(
        count=count,
        findings=found,
        words=_words(found, asked, repeated),
        repeated=repeated,
        asked=asked,
        alive=alive,
        probe=f"status {response.status}, {probe.end.how}" if response else str(probe.end.how),
        faults=tuple(sorted(counted.errors)),
    )


def _word(exchange: Exchange) -> str:
    words = [word for each in strings(facts(exchange).asked) for word in nonce.found(each)]
    return words[-1] if words else ""


def _words(found: Iterable[Finding], asked: int, repeated: int) -> Words:
    if any(one.clause == CROSS_TALK for one in found):
        return Words.CROSSED
    if not asked:
        return Words.NOT_ASKED
    return Words.OWN if repeated else Words.UNKNOWN
