"""Outcomes and exchanges to what reports show: counts, groups of disagreements, a line per finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from conformance.clients.compare import compare, predicted
from conformance.clients.model import (
    ClientOutcome,
    Disagreement,
    How,
    Played,
    Severity,
    described,
)
from conformance.verdict.ids import exchange_id
from conformance.verdict.model import (
    ClientDisagreement,
    ClientResult,
    Finding,
    ProviderResult,
    Run,
    Unpredicted,
)
from conformance.wire.exchange import Exchange, Trial

KEPT = 3
"""Exchanges named per group."""
NOT_PLAYED = "not applicable"


@dataclass(slots=True)
class _Group:
    """Exchanges that disagree alike. Kept are those with the smallest ids, whichever came first."""

    count: int = 0
    kept: dict[str, Disagreement] = field(default_factory=dict)

    def take(self, name: str, found: Disagreement) -> None:
        self.count += 1
        self.kept[name] = found
        if len(self.kept) > KEPT:
            del self.kept[max(self.kept)]

    @property
    def first(self) -> Disagreement:
        return self.kept[min(self.kept)]


@dataclass(slots=True)
class _Tally:
    """What one client came to, exchange by exchange."""

    played: Played
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    groups: dict[tuple[str, Severity, str], _Group] = field(default_factory=dict)
    unpredicted: dict[str, str] = field(default_factory=dict)
    seen: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Exchange id to what the client did, in words, and to what it disagreed in; of the evidence."""

    def take(self, provider: str, name: str, exchange: Exchange, *, evidence: bool) -> None:
        if not self.played.outcomes:  # it was never started
            return
        outcome = self.played.outcomes.get(name)
        counts = self.counts.setdefault(provider, Counter())
        if outcome is None:
            counts[NOT_PLAYED] += 1
            return
        counts[outcome.how.value] += 1
        found = compare(exchange, outcome)
        if evidence:
            self.seen[name] = (_did(outcome, found), found.what if found else "")
        if found is not None:
            group = self.groups.setdefault((provider, found.severity, found.what), _Group())
            group.take(name, found)
        other = predicted(exchange, outcome)
        if other:
            self.unpredicted[name] = other
            if len(self.unpredicted) > KEPT:
                del self.unpredicted[max(self.unpredicted)]


def gather(run: Run, trials: Iterable[Trial], played: Iterable[Played]) -> Run:
    """The run with what each client did. `trials` are those of the same record."""
    tallies = [_Tally(each) for each in played]
    shown = {
        each.exchange
        for provider in run.providers
        for finding in provider.findings
        for each in finding.evidence
    }

    def take(trial: Trial) -> None:
        for exchange in trial.exchanges:
            name = exchange_id(trial.key, exchange)
            for tally in tallies:
                tally.take(trial.key.provider, name, exchange, evidence=name in shown)

    for _ in map(take, trials if tallies else ()):
        pass  # a name for the trial would keep it while the next one is read
    return replace(
        run,
        clients=tuple(_result(tally, run) for tally in tallies),
        providers=tuple(_with_lines(each, tallies) for each in run.providers),
    )


def _result(tally: _Tally, run: Run) -> ClientResult:
    findings = [one for provider in run.providers for one in provider.findings]
    groups = sorted(
        tally.groups.items(), key=lambda each: (each[0][0], each[0][1].rank, each[0][2])
    )
    return ClientResult(
        name=tally.played.client.name,
        version=tally.played.client.version,
        reason=tally.played.reason,
        outcomes={name: dict(sorted(one.items())) for name, one in sorted(tally.counts.items())},
        disagreements=tuple(
            ClientDisagreement(
                provider=provider,
                severity=severity.value,
                what=what,
                meant=group.first.meant,
                got=group.first.got,
                exchanges=group.count,
                evidence=tuple(sorted(group.kept)),
                findings=_touching(findings, tally, provider, what),
            )
            for (provider, severity, what), group in groups
        ),
        unpredicted=tuple(
            Unpredicted(exchange=name, words=words)
            for name, words in sorted(tally.unpredicted.items())
        ),
    )


def _touching(
    findings: Iterable[Finding], tally: _Tally, provider: str, what: str
) -> tuple[str, ...]:
    """Findings whose evidence shows this disagreement."""
    return tuple(
        sorted(
            one.id
            for one in findings
            if one.provider == provider
            and any(tally.seen.get(each.exchange, ("", ""))[1] == what for each in one.evidence)
        )
    )


def _with_lines(provider: ProviderResult, tallies: Iterable[_Tally]) -> ProviderResult:
    told = tuple(
        replace(one, clients=tuple(line for each in tallies if (line := _line(one, each))))
        for one in provider.findings
    )
    return replace(provider, findings=told)


def _line(finding: Finding, tally: _Tally) -> str:
    """`openai 3.57.0: raises APIError (2 of 3), takes it (1 of 3)`; empty where nothing was played."""
    did = Counter(
        tally.seen[each.exchange][0] for each in finding.evidence if each.exchange in tally.seen
    )
    total = did.total()
    parts = [f"{words} ({count} of {total})" for words, count in did.most_common()]
    return f"{tally.played.client}: {', '.join(parts)}" if parts else ""


def _did(outcome: ClientOutcome, found: Disagreement | None) -> str:
    """What the client did with one exchange, told by what it cost where it cost something."""
    if found is None or outcome.how is not How.PARSED:
        return described(outcome)
    silent = ", silently" if found.severity is Severity.SILENT else ""
    return f"takes it, but {found.what}{silent}"
