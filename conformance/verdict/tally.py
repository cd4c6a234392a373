"""Counts as trials come in: what each clause, case and provider came to. Memory does not grow with bytes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from conformance.checks.core import Check, Problem, Scene, apply
from conformance.plan.model import ADAPTED, Variant
from conformance.plan.offered import absence
from conformance.verdict.counted_calls import note_calls
from conformance.verdict.evidence import evidence, keep_first
from conformance.verdict.ids import exchange_id
from conformance.verdict.judge import Bench, judge_trial
from conformance.verdict.outcome import Evidence, Outcome, TrialVerdict
from conformance.wire.exchange import Exchange, Trial, TrialKey
from conformance.wire.spent import spent

_SHUT = frozenset({401, 403, 502, 503, 504})


@dataclass(slots=True)
class ClauseCount:
    """All that was seen of one clause at one provider."""

    witnesses: int = 0
    checked: int = 0
    """Exchanges, asked with the plain request, in which it had a witness."""
    failed: int = 0
    messages: Counter[str] = field(default_factory=Counter)
    plain: set[str] = field(default_factory=set)
    """Cells in which it failed with the plain request."""
    adapted: set[str] = field(default_factory=set)
    """Cells in which it failed with the provider's fragments."""
    cases: set[str] = field(default_factory=set)
    evidence: list[Evidence] = field(default_factory=list)


@dataclass(slots=True)
class ProviderCount:
    """All that was seen at one provider."""

    clauses: dict[str, ClauseCount] = field(default_factory=lambda: defaultdict(ClauseCount))
    trials: dict[str, list[TrialVerdict]] = field(default_factory=lambda: defaultdict(list))
    """Cell to its judged trials."""
    sampled: dict[str, dict[str, ClauseCount]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(ClauseCount))
    )
    """Cell of a case with a rate to its clauses: single failures there are no finding, the rate is."""
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    requests: int = 0
    retried: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    models: Counter[str] = field(default_factory=Counter)
    servers: Counter[str] = field(default_factory=Counter)
    fingerprints: set[str] = field(default_factory=set)
    absent: dict[str, str] = field(default_factory=dict)
    """Capabilities that were found not to be offered, and why."""
    calls: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Ways in which tool calls came to the classes that they belong to."""
    errors: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Reasons of ours to the cells that they befell."""


class Tally:
    """Judges trials as they come and keeps counts, never exchanges (but three trimmed ones a clause)."""

    def __init__(self, variants: Mapping[str, Variant], bench: Bench) -> None:
        """`variants` by cell id."""
        self._variants = variants
        self._bench = bench
        self._invariants = tuple(each for each in bench.checks.values() if each.always)
        self.providers: dict[str, ProviderCount] = defaultdict(ProviderCount)

    def add(self, trial: Trial) -> TrialVerdict | None:
        """Judge a trial and count it. None for trials of no case (discovery, health probes)."""
        count = self.providers[trial.key.provider]
        variant = self._variants.get(trial.key.cell)
        gone = absence(trial)
        if gone:
            count.absent[gone.capability] = gone.why
        seen = _Seen()
        for place, exchange in enumerate(trial.exchanges):
            _meter(count, exchange)
            note_calls(count.calls, exchange)
            if not (trial.error and _shut_out(exchange)):
                self._judge_invariants(count, trial.key, place, exchange, seen)
        if gone and gone.clause:
            seen.only(gone.clause)
        verdict = judge_trial(variant, trial, self._bench) if variant else None
        if variant and verdict:
            count.trials[trial.key.cell].append(verdict)
            count.seconds[trial.key.cell] += sum(
                (each.end.at - each.request.at) / 1e9 for each in trial.exchanges
            )
            if verdict.outcome is Outcome.ERROR:
                count.errors[verdict.why].add(trial.key.cell)
            _add_requirements(trial, verdict, seen)
        rated = frozenset(variant.case.clauses if variant and variant.case.rate else ())
        for (clause, place), (witnesses, problems) in seen.items():
            clauses = count.sampled[trial.key.cell] if clause in rated else count.clauses
            _note(clauses[clause], trial.key, trial.exchanges[place], witnesses, problems)
        for exchange in trial.exchanges:  # whoever still holds the bytes needs no more than them
            exchange.forget()
        return verdict

    def verdicts(self, provider: str, cell: str) -> Sequence[TrialVerdict]:
        """The judged trials of a cell so far."""
        return self.providers[provider].trials[cell]

    def _judge_invariants(
        self, count: ProviderCount, key: TrialKey, place: int, exchange: Exchange, seen: _Seen
    ) -> None:
        scene = Scene(schemas=self._bench.schemas)
        for check in self._invariants:
            try:
                result = apply(check, exchange, {}, scene)
            except Exception as error:  # noqa: BLE001  # ours, and must not look like the endpoint's
                count.errors[_broken(check, error)].add(key.cell)
                continue
            seen.add(check.clauses[0], place, result.witnesses, result.problems)


class _Seen(dict[tuple[str, int], tuple[int, tuple[Problem, ...]]]):
    """Clause and exchange of a trial to witnesses and problems: whoever looked, it counts once."""

    def add(self, clause: str, place: int, witnesses: int, problems: Sequence[Problem]) -> None:
        """What one check, or one requirement, found; without a witness there is nothing to count."""
        if witnesses:
            before = self.get((clause, place), (0, ()))
            self[clause, place] = (before[0] + witnesses, (*before[1], *problems))

    def only(self, clause: str) -> None:
        """Forget what was seen of all other clauses."""
        for key in [each for each in self if each[0] != clause]:
            del self[key]


def _add_requirements(trial: Trial, verdict: TrialVerdict, seen: _Seen) -> None:
    places = {
        exchange_id(trial.key, exchange): place for place, exchange in enumerate(trial.exchanges)
    }
    for result in verdict.results:
        if result.witnesses:
            seen.add(result.clause, places[result.exchange], result.witnesses, result.problems)


def _note(
    one: ClauseCount,
    key: TrialKey,
    exchange: Exchange,
    witnesses: int,
    problems: Sequence[Problem],
) -> None:
    one.witnesses += witnesses
    if key.arm == ADAPTED:  # no part of a rate, which is that of the plain requests
        one.adapted |= {key.cell} if problems else set()
        return
    one.checked += 1
    if not problems:
        return
    one.failed += 1
    one.plain.add(key.cell)
    one.cases.add(key.case)
    one.messages.update(dict.fromkeys((problem.message for problem in problems), 1))
    keep_first(one.evidence, evidence(key, exchange, problems))


def _meter(count: ProviderCount, exchange: Exchange) -> None:
    count.requests += 1
    count.retried += exchange.attempt > 1
    prompt, completion = spent(exchange) or (0, 0)
    count.prompt_tokens += prompt
    count.completion_tokens += completion
    response = exchange.response
    if response is None:
        return
    if server := response.header("server"):
        count.servers[server] += 1
    answer = exchange.answer
    if answer is None:
        return
    if isinstance(answer.model, str):
        count.models[answer.model] += 1
    if isinstance(answer.system_fingerprint, str):
        count.fingerprints.add(answer.system_fingerprint)


def _shut_out(exchange: Exchange) -> bool:
    """What everything is answered alike that gets no further than the gateway."""
    return exchange.response is not None and exchange.response.status in _SHUT


def _broken(check: Check, error: Exception) -> str:
    return f"check {check.name} failed: {type(error).__name__}: {error}"
