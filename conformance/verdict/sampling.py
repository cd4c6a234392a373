"""The sampler that judges: stops a cell as soon as its answer is clear. Pure.

Rules, per provider of the cell:
  - `samples: {min, max}` with `rate`: batches until the anytime-valid bounds decide, or until eight
    samples and more said nothing, not one of them: a model that never plays along is not asked on;
  - without `rate`: at least `min` trials; while none could be decided (the model did not play
    along), further ones up to `max`;
  - the arm `adapted`, where the plain arm did not pass and the provider has the fragments: as many
    trials as the plain arm began with, and under a `rate` until the bounds decide. One lucky answer
    is no cure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from conformance.plan.model import ADAPTED, PLAIN, Ask, Cell, Decision
from conformance.providers.model import Provider
from conformance.verdict.cases import decide_rate
from conformance.verdict.outcome import Outcome, TrialVerdict
from conformance.wire.exchange import Trial

BATCH = 8
"""Samples between two looks: small enough to stop early, large enough to keep a provider busy."""


@dataclass(frozen=True, slots=True)
class Count:
    """Outcomes so far at one provider."""

    passed: int = 0
    failed: int = 0
    other: int = 0
    adapted: Count | None = None
    """The same with the provider's fragments; None where they were not tried."""

    @property
    def asked(self) -> int:
        return self.passed + self.failed + self.other

    @property
    def silent(self) -> bool:
        """A batch of samples and more, and not one that could be decided."""
        return self.other == self.asked >= BATCH

    def plus(self, outcome: Outcome) -> Count:
        """With one more trial."""
        return replace(
            self,
            passed=self.passed + (outcome is Outcome.PASSED),
            failed=self.failed + (outcome is Outcome.FAILED),
            other=self.other + (outcome not in {Outcome.PASSED, Outcome.FAILED}),
        )


State = Mapping[str, Count]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgingSampler:
    """Implements `plan.Sampler` over a function that judges one trial."""

    verdict_of: Callable[[Trial], TrialVerdict | None]
    providers: Mapping[str, Provider]
    adapts: bool = True
    """Whether there is an arm `adapted`: a quick run has a promise to keep on its requests."""

    def start(self, cell: Cell) -> Decision[State]:
        """The least number of plain samples at each provider."""
        state = {name: Count() for name in cell.providers}
        least = cell.variant.case.samples.least
        asks = [ask for name in cell.providers for ask in _asks(cell, name, PLAIN, 0, least)]
        return Decision(state=state, asks=tuple(asks), rule=f"{least} to begin with")

    def next(self, cell: Cell, state: State, trials: Sequence[Trial]) -> Decision[State]:
        """What is still needed at each provider of the cell."""
        counted = dict(state)
        for trial in trials:
            counted[trial.key.provider] = self._count(counted[trial.key.provider], trial)
        asks: list[Ask] = []
        rules: list[str] = []
        for name, count in counted.items():
            more, rule = self._more(cell, name, count)
            asks += more
            rules.append(f"{name}: {rule}")
            if more and more[0].arm == ADAPTED and count.adapted is None:
                counted[name] = replace(count, adapted=Count())
        return Decision(state=counted, asks=tuple(asks), rule="; ".join(rules))

    def _count(self, count: Count, trial: Trial) -> Count:
        verdict = self.verdict_of(trial)
        outcome = verdict.outcome if verdict else Outcome.ERROR
        if trial.key.arm == ADAPTED:
            return replace(count, adapted=(count.adapted or Count()).plus(outcome))
        return count.plus(outcome)

    def _more(self, cell: Cell, name: str, count: Count) -> tuple[list[Ask], str]:
        case = cell.variant.case
        room = 0 if case.rate and count.silent else case.samples.most - count.asked
        if case.rate:
            clear = decide_rate(count.passed, count.failed, case.rate)[0]
            if clear is Outcome.INCONCLUSIVE and room > 0:
                return _asks(cell, name, PLAIN, count.asked, min(BATCH, room)), "not clear yet"
            rule = f"{clear.value} after {count.asked} of {case.samples.most}"
        else:
            if not count.passed and not count.failed and room > 0:
                return _asks(cell, name, PLAIN, count.asked, 1), "undecided, once more"
            clear = Outcome.FAILED if count.failed or not count.passed else Outcome.PASSED
            rule = f"done after {count.asked}"
        if clear is not Outcome.PASSED and self._adaptable(cell, name):
            return self._adapted(cell, name, count.adapted, rule)
        return [], rule

    def _adapted(
        self, cell: Cell, name: str, count: Count | None, rule: str
    ) -> tuple[list[Ask], str]:
        """What is still needed with the provider's fragments."""
        case = cell.variant.case
        if count is None:
            words = "did not pass as it stands: now with the provider's fragments"
            return _asks(cell, name, ADAPTED, 0, case.samples.least), words
        room = case.samples.most - count.asked
        if case.rate and room > 0 and not count.silent:
            clear = decide_rate(count.passed, count.failed, case.rate)[0]
            if clear is Outcome.INCONCLUSIVE:
                more = _asks(cell, name, ADAPTED, count.asked, min(BATCH, room))
                return more, "not clear yet with the provider's fragments"
        return [], rule

    def _adaptable(self, cell: Cell, name: str) -> bool:
        wanted = {part for step in cell.variant.case.steps for part in step.request.fragments}
        return self.adapts and bool(wanted) and wanted <= set(self.providers[name].fragments)


def _asks(cell: Cell, name: str, arm: str, first: int, number: int) -> list[Ask]:
    return [
        Ask(variant=cell.variant, provider=name, arm=arm, sample=first + each)
        for each in range(number)
    ]
