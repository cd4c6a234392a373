"""One trial, judged: what its case demanded, step by step.

    always   -> judged unless an earlier step was refuted    problems: FAILED
    assume   -> not held: the rest says nothing              INCONCLUSIVE
    expect   -> judged where assumed                         problems: FAILED
    outcome  -> the first way that holds is what it does     none: FAILED

Failed beats inconclusive. A requirement without a witness is undecided, never passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from conformance.checks.core import Check, Problem, Scene, Schemas, apply
from conformance.checks.facts import facts
from conformance.checks.paths import STREAMED
from conformance.checks.show import shown
from conformance.plan.model import Variant
from conformance.suite.model import Branch, CheckRef, Requirement, Step
from conformance.verdict.ids import exchange_id
from conformance.verdict.observe import observed
from conformance.verdict.outcome import ClauseResult, Outcome, TrialVerdict
from conformance.wire.exchange import Ended, Exchange, Trial
from conformance.wire.query import find

REFUSED = "rejected"
"""The branch that an answer >= 400 is measured by when no branch held."""
IGNORED, PARTLY, BROKEN = "ignored", "partly", "broken"
"""What a provider does where no branch holds: a plain answer, half of it, or no answer."""
_WORDS = 160
"""Characters of a refusal that are told."""
_BROKEN_OFF = frozenset({Ended.CLOSED, Ended.RESET, Ended.GARBLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What judging needs beside the trial: the registered checks and the contract's schemas."""

    checks: Mapping[str, Check]
    schemas: Schemas


@dataclass(slots=True, kw_only=True)
class _Course:
    """What has been found so far in one trial."""

    results: list[ClauseResult] = field(default_factory=list)
    branch: str = ""
    refused: bool = False
    refusal: str = ""
    """What the server said, where to refuse is the way that was found."""
    why: str = ""
    weak: bool = False
    control: tuple[CheckRef, ...] = ()
    """What the control showed."""


def judge_trial(variant: Variant, trial: Trial, bench: Bench) -> TrialVerdict:
    """What one trial says about its case.

    An exception inside a check is a fault of ours: it makes the outcome ERROR, not FAILED.
    """
    if trial.withheld and not trial.error:
        return _not_asked(trial)
    course = _Course()
    reason = trial.error or _unreachable(trial)
    if not reason:
        try:
            for step in variant.case.steps:
                _judge_step(step, trial, bench, course)
        except Exception as error:  # noqa: BLE001  # a broken check must not look like a broken server
            reason = f"a check of ours failed: {type(error).__name__}: {error}"
    outcome = Outcome.ERROR if reason else _outcome(course)
    if outcome is Outcome.INCONCLUSIVE and not course.why:
        course.why = _nothing_seen(course)
    return TrialVerdict(
        key=trial.key,
        outcome=outcome,
        results=() if reason else tuple(course.results),
        branch=course.branch,
        refused=course.refused,
        why=reason or course.why or course.refusal,
        weak=course.weak and outcome is Outcome.INCONCLUSIVE,
        attempts=sum(each.attempt > 1 for each in trial.exchanges),
        facts={} if reason else observed(variant.case, trial),
    )


def _not_asked(trial: Trial) -> TrialVerdict:
    return TrialVerdict(
        key=trial.key,
        outcome=Outcome.INCONCLUSIVE,
        results=(),
        why=f"not asked: {trial.withheld}",
        withheld=True,
    )


def _outcome(course: _Course) -> Outcome:
    if any(result.problems for result in course.results):
        return Outcome.FAILED
    if course.why or not course.results or any(not each.witnesses for each in course.results):
        return Outcome.INCONCLUSIVE
    return Outcome.PASSED


def _nothing_seen(course: _Course) -> str:
    unseen = dict.fromkeys(each.clause for each in course.results if not each.witnesses)
    return f"there was nothing to look at for {', '.join(unseen)}"


def _unreachable(trial: Trial) -> str:
    last = trial.last(trial.exchanges[-1].step) if trial.exchanges else None
    if last is None:
        return "nothing was sent"
    return f"could not be reached: {last.end.detail}" if last.end.how is Ended.UNREACHABLE else ""


def _judge_step(step: Step, trial: Trial, bench: Bench, course: _Course) -> None:
    exchange = trial.last(step.id)
    if exchange is None:
        course.why = (
            course.why
            or f"step {step.id!r} could not be asked: an earlier answer lacks what it needs"
        )
        course.results += [_unseen(each) for each in (*step.always, *step.expect)]
        return
    scene = Scene(
        steps={each.step: each for each in trial.exchanges},
        schemas=bench.schemas,
    )
    seat = _Seat(bench=bench, exchange=exchange, scene=scene, name=exchange_id(trial.key, exchange))
    if course.why:  # what this step sent may hang on what an earlier one did not bring
        course.results += [_unseen(each) for each in step.always]
    else:
        course.results += [seat.judge(each) for each in step.always]
    refuted = course.why or seat.refutes(step.assume)
    if refuted:
        _not_assumed(step, refuted, seat, course)
        return
    course.results += [seat.judge(each) for each in step.expect]
    if step.control:
        course.control = step.assume
    if step.outcome:
        course.branch, results = seat.choose(step.outcome, course.control)
        course.refused, course.refusal = seat.refused, seat.refusal
        course.results += results


def _not_assumed(step: Step, refuted: str, seat: _Seat, course: _Course) -> None:
    if not course.why:
        course.weak = seat.answered and seat.said
        what = (
            "the control did not show what it must"
            if step.control
            else "the case assumes what did not happen"
        )
        course.why = f"{what} (step {step.id!r}): {refuted}"
    course.results += [_unseen(each) for each in step.expect]
    course.results += [_unseen(each) for branch in step.outcome[:1] for each in branch.requirements]


def _unseen(requirement: Requirement) -> ClauseResult:
    return ClauseResult(clause=requirement.clause, witnesses=0, problems=(), exchange="")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seat:
    """Where one exchange is looked at from."""

    bench: Bench
    exchange: Exchange
    scene: Scene
    name: str

    @property
    def answered(self) -> bool:
        """The server did its part: 200, complete, and no error in the body or among the events."""
        response = self.exchange.response
        seen = facts(self.exchange)
        return (
            response is not None
            and response.status == 200  # noqa: PLR2004
            and self.exchange.end.how is Ended.COMPLETE
            and not (seen.failed or seen.errors)
        )

    @property
    def said(self) -> bool:
        """It is a model that answers with words: no vector, and no list, is for a stronger one to mend."""
        return facts(self.exchange).endpoint in STREAMED

    @property
    def refused(self) -> bool:
        """The server said no, or that it failed."""
        response = self.exchange.response
        return response is not None and response.status >= 400  # noqa: PLR2004

    @property
    def refusal(self) -> str:
        """The words of a refusal; empty where there is none."""
        response = self.exchange.response
        if response is None or not self.refused:
            return ""
        said = find(self.exchange.document.value, "$.error.message")
        words = said if isinstance(said, str) else response.body[:_WORDS].decode("utf-8", "replace")
        return f"status {response.status}: {shown(words, _WORDS)}"

    @property
    def broke_off(self) -> bool:
        """A stream that was cut: the invariants of streams say so, and what is missing proves nothing."""
        return self.exchange.streamed and self.exchange.end.how in _BROKEN_OFF

    def run(self, refs: Iterable[CheckRef]) -> tuple[int, tuple[Problem, ...]]:
        """The least number of witnesses of any check, or of any that complains, and all problems."""
        if self.broke_off:
            return 0, ()
        results = [
            apply(self.bench.checks[ref.name], self.exchange, ref.arguments, self.scene)
            for ref in refs
        ]
        problems = tuple(problem for result in results for problem in result.problems)
        telling = [result for result in results if result.problems] or results
        return min((result.witnesses for result in telling), default=0), problems

    def judge(self, requirement: Requirement) -> ClauseResult:
        witnesses, problems = self.run(requirement.checks)
        return ClauseResult(
            clause=requirement.clause, witnesses=witnesses, problems=problems, exchange=self.name
        )

    def refutes(self, assumed: Sequence[CheckRef]) -> str:
        """Why the assumptions do not hold; empty where they do."""
        witnesses, problems = self.run(assumed)
        if assumed and not witnesses:
            return "there was nothing to look at"
        return "; ".join(problem.message for problem in problems[:2])

    def choose(
        self, branches: Sequence[Branch], control: Sequence[CheckRef]
    ) -> tuple[str, list[ClauseResult]]:
        """The first branch that holds; where none does, the results of the one that came nearest."""
        judged = {each.name: [self.judge(one) for one in each.requirements] for each in branches}
        for name, results in judged.items():
            if all(result.witnesses and not result.problems for result in results):
                return name, results
        if self.refused:
            return BROKEN, judged.get(REFUSED, judged[branches[0].name])
        return self._other(control), judged[branches[0].name]

    def _other(self, control: Sequence[CheckRef]) -> str:
        """What an answer is that neither honours nor refuses.

        Where it still shows all that the control showed, nothing was changed: it was ignored.
        """
        if not self.answered:
            return BROKEN
        return PARTLY if control and self.refutes(control) else IGNORED
