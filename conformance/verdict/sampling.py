"""The sampler that judges: stops a cell as soon as its answer is clear. Pure.

Rules, per provider of the cell:
  - `samples: {min, max}` with `rate`: batches until the anytime-valid bounds decide;
  - without `rate`: at least `min` trials; while none could be decided (the model did not play
    along), further ones up to `max`;
  - the arm `adapted` once, where the plain arm did not pass and the provider has the fragments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

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
    adapted: bool = False

    @property
    def asked(self) -> int:
        return self.passed + self.failed + self.other


State = Mapping[str, Count]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgingSampler:
    """Implements `plan.Sampler` over a function that judges one trial."""

    verdict_of: Callable[[Trial], TrialVerdict | None]
    providers: Mapping[str, Provider]

    def start(self, cell: Cell) -> Decision[State]:
        """The least number of plain samples at each provider."""
        state = {name: Count() for name in cell.providers}
        least = cell.variant.case.samples.least
        asks = [ask for name in cell.providers for ask in _plain(cell, name, 0, least)]
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
            if more and more[0].arm == ADAPTED:
                counted[name] = Count(count.passed, count.failed, count.other, adapted=True)
        return Decision(state=counted, asks=tuple(asks), rule="; ".join(rules))

    def _count(self, count: Count, trial: Trial) -> Count:
        if trial.key.arm == ADAPTED:
            return count
        verdict = self.verdict_of(trial)
        outcome = verdict.outcome if verdict else Outcome.ERROR
        return Count(
            count.passed + (outcome is Outcome.PASSED),
            count.failed + (outcome is Outcome.FAILED),
            count.other + (outcome not in {Outcome.PASSED, Outcome.FAILED}),
            count.adapted,
        )

    def _more(self, cell: Cell, name: str, count: Count) -> tuple[list[Ask], str]:
        case = cell.variant.case
        room = case.samples.most - count.asked
        if case.rate:
            clear = decide_rate(count.passed, count.failed, case.rate)[0]
            if clear is Outcome.INCONCLUSIVE and room > 0:
                return _plain(cell, name, count.asked, min(BATCH, room)), "not clear yet"
            rule = f"{clear.value} after {count.asked} of {case.samples.most}"
        else:
            if not count.passed and not count.failed and room > 0:
                return _plain(cell, name, count.asked, 1), "undecided, once more"
            clear = Outcome.FAILED if count.failed or not count.passed else Outcome.PASSED
            rule = f"done after {count.asked}"
        if clear is not Outcome.PASSED and not count.adapted and self._adaptable(cell, name):
            ask = Ask(variant=cell.variant, provider=name, arm=ADAPTED)
            return [ask], "did not pass as it stands: now with the provider's fragments"
        return [], rule

    def _adaptable(self, cell: Cell, name: str) -> bool:
        wanted = {part for step in cell.variant.case.steps for part in step.request.fragments}
        return bool(wanted) and wanted <= set(self.providers[name].fragments)


def _plain(cell: Cell, name: str, first: int, number: int) -> list[Ask]:
    return [
        Ask(variant=cell.variant, provider=name, arm=PLAIN, sample=first + each)
        for each in range(number)
    ]
