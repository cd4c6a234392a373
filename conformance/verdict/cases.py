"""All trials of one variant at one provider, together: samples, rate, and the two arms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from conformance.contract.model import Clause, Level
from conformance.plan.build import needs
from conformance.plan.model import ADAPTED, PLAIN, Variant, axis_value
from conformance.providers.model import Provider
from conformance.stats.rates import rate_bounds
from conformance.suite.model import Case, Rate
from conformance.verdict.deviations import known_reason
from conformance.verdict.observe import distinct
from conformance.verdict.outcome import CaseVerdict, ClauseResult, Interval, Outcome, TrialVerdict
from conformance.verdict.standing import MIXED, Standing, of_way
from conformance.verdict.words import in_words


def decide_rate(passed: int, failed: int, rate: Rate) -> tuple[Outcome, Interval]:
    """Three answers, never two: inside the margin we do not care, astride it we do not know."""
    bounds = rate_bounds(passed, failed, rate.confidence)
    interval = Interval(low=bounds.low, high=bounds.high)
    if bounds.high < rate.at_least:
        return Outcome.FAILED, interval
    if bounds.low >= rate.at_least - rate.margin:
        return Outcome.PASSED, interval
    return Outcome.INCONCLUSIVE, interval


def judge_case(
    variant: Variant,
    provider: Provider,
    trials: Sequence[TrialVerdict],
    clauses: Mapping[str, Clause],
    *,
    seconds: float,
) -> CaseVerdict:
    """One case at one provider. The plain arm decides; the adapted arm names a change."""
    case = variant.case
    ordered = sorted(trials, key=lambda each: each.key)  # as they were asked, not as they came in
    plain = [each for each in ordered if each.key.arm == PLAIN]
    adapted = [each for each in ordered if each.key.arm == ADAPTED]
    passed = sum(each.outcome is Outcome.PASSED for each in plain)
    failed = sum(each.outcome is Outcome.FAILED for each in plain)
    outcome, interval = _overall(case, plain, passed, failed)
    by_clause = _by_clause(case, plain, outcome)
    level = _level(by_clause, case, clauses, outcome)
    helped = outcome is not Outcome.PASSED and _cured(case, adapted)
    control = next((step for step in case.steps if step.control), None)
    shown = bool(control) and any(each.branch for each in plain)
    failing = {clause for clause, one in by_clause.items() if one is Outcome.FAILED}
    return CaseVerdict(
        case=case.id,
        cell=variant.cell,
        title=case.title,
        provider=provider.name,
        level=level,
        outcome=outcome,
        clauses=by_clause,
        message=_message(plain, outcome, interval, case.rate),
        needs=needs(variant),
        branch=_branch(plain, outcome),
        refused=_refused(plain),
        varies=case.varies,
        parameters=case.parameters,
        ways=_ways(plain),
        control=in_words(control.assume) if control and shown else "",
        adapted=helped,
        told_in_vain=not helped and any(map(_in_vain, adapted)),
        changes=_fragments(case) if helped else (),
        adapted_way=_branch(adapted, Outcome.PASSED) if helped else "",
        weak=outcome is Outcome.INCONCLUSIVE and bool(plain) and all(each.weak for each in plain),
        withheld=outcome is Outcome.INCONCLUSIVE and any(each.withheld for each in plain),
        samples=len(plain),
        passed=passed,
        failed=failed,
        interval=interval,
        known=known_reason(provider, case.id, failing) if outcome is Outcome.FAILED else "",
        exchanges=tuple(
            dict.fromkeys(one.exchange for each in plain for one in each.results if one.exchange)
        ),
        seconds=seconds,
        keyword=_keyword(variant),
        by=case.keyword.by if case.keyword else "",
        facts=distinct(plain),
    )


def not_applicable(variant: Variant, provider: str, reason: str, level: Level) -> CaseVerdict:
    """A case that was not asked."""
    keyword = variant.case.keyword
    return CaseVerdict(
        case=variant.case.id,
        cell=variant.cell,
        title=variant.case.title,
        provider=provider,
        level=level,
        outcome=Outcome.NOT_APPLICABLE,
        clauses=dict.fromkeys(variant.case.clauses, Outcome.NOT_APPLICABLE),
        message=reason,
        needs=needs(variant),
        varies=variant.case.varies,
        keyword=_keyword(variant),
        by=keyword.by if keyword else "",
        parameters=variant.case.parameters,
    )


def _keyword(variant: Variant) -> str:
    """Its row in the table of keywords; empty for most cases."""
    keyword = variant.case.keyword
    if keyword is None:
        return ""
    return str(axis_value(variant.axes, keyword.axis)) if keyword.axis else keyword.name


def strongest(names: Iterable[str], clauses: Mapping[str, Clause]) -> Level:
    """The strongest level among clauses; MAY where none is known."""
    levels = [clauses[name].level for name in names if name in clauses]
    return min(levels, key=lambda level: level.rank, default=Level.MAY)


def _overall(
    case: Case, plain: Sequence[TrialVerdict], passed: int, failed: int
) -> tuple[Outcome, Interval | None]:
    if case.rate:
        outcome, interval = decide_rate(passed, failed, case.rate)
        if passed + failed == 0 and any(each.outcome is Outcome.ERROR for each in plain):
            return Outcome.ERROR, interval
        return outcome, interval
    if failed:
        return Outcome.FAILED, None
    if passed:
        return Outcome.PASSED, None
    if any(each.outcome is Outcome.ERROR for each in plain) or not plain:
        return Outcome.ERROR, None
    return Outcome.INCONCLUSIVE, None


def _by_clause(case: Case, plain: Sequence[TrialVerdict], outcome: Outcome) -> dict[str, Outcome]:
    if case.rate:
        return dict.fromkeys(case.clauses, outcome)
    results = [one for each in plain for one in each.results]
    return {clause: _one_clause(clause, results, outcome) for clause in case.clauses}


def _in_vain(told: TrialVerdict) -> bool:
    return told.outcome is not Outcome.PASSED and not (told.weak or told.withheld)


def _cured(case: Case, adapted: Sequence[TrialVerdict]) -> bool:
    """With the fragments it works, or does what the author prefers.

    A refusal in place of silence is no cure, and neither is silence. Under a rate the bounds decide,
    as they do without the fragments.
    """
    preferred = {"", *(step.outcome[0].name for step in case.steps if step.outcome)}
    good = sum(
        each.outcome is Outcome.PASSED
        and (
            each.branch in preferred or of_way(each.branch, refused=each.refused) >= Standing.WORKS
        )
        for each in adapted
    )
    if not case.rate:
        return bool(adapted) and good == len(adapted)
    decided = sum(each.outcome in {Outcome.PASSED, Outcome.FAILED} for each in adapted)
    return decide_rate(good, decided - good, case.rate)[0] is Outcome.PASSED


def _one_clause(clause: str, results: Sequence[ClauseResult], outcome: Outcome) -> Outcome:
    mine = [each for each in results if each.clause == clause]
    if any(each.problems for each in mine):
        return Outcome.FAILED
    if any(each.witnesses for each in mine):
        return Outcome.PASSED
    return Outcome.ERROR if outcome is Outcome.ERROR else Outcome.INCONCLUSIVE


def _level(
    by_clause: Mapping[str, Outcome], case: Case, clauses: Mapping[str, Clause], outcome: Outcome
) -> Level:
    if outcome is Outcome.FAILED:
        failing = [name for name, one in by_clause.items() if one is Outcome.FAILED]
        return strongest(failing or case.clauses, clauses)
    return strongest(case.clauses, clauses)


def _message(
    plain: Sequence[TrialVerdict], outcome: Outcome, interval: Interval | None, rate: Rate | None
) -> str:
    if outcome is Outcome.FAILED:
        problems = [
            f"{one.clause}: {problem.message}" + (f" ({problem.at})" if problem.at else "")
            for each in plain
            for one in each.results
            for problem in one.problems
        ]
        words = "\n".join(dict.fromkeys(problems))
    else:
        words = next((each.why for each in plain if each.why), "")
    judged = any(each.outcome in {Outcome.PASSED, Outcome.FAILED} for each in plain)
    kept = outcome is Outcome.ERROR or any(each.withheld for each in plain)
    if rate and interval and (judged or not kept):
        words = _rated(plain, interval, rate) + (f"\n{words}" if words else "")
    return words


def _rated(plain: Sequence[TrialVerdict], interval: Interval, rate: Rate) -> str:
    """How often it held, of the samples that say anything."""
    held = sum(each.outcome is Outcome.PASSED for each in plain)
    decided = held + sum(each.outcome is Outcome.FAILED for each in plain)
    if not decided:
        return f"none of {len(plain)} samples says anything"
    rest = f" ({len(plain) - decided} more say nothing)" if decided < len(plain) else ""
    bounds = f"the rate lies in [{interval.low:.3f}, {interval.high:.3f}]"
    wanted = f"wanted {rate.at_least} with a margin of {rate.margin}"
    return f"held in {held} of {decided} samples{rest}: {bounds}, {wanted}"


def _branch(plain: Sequence[TrialVerdict], outcome: Outcome) -> str:
    """What the provider does: the same in every sample that says anything, or `mixed`."""
    seen = _ways(plain)
    if not seen or outcome is Outcome.INCONCLUSIVE:
        return ""
    return next(iter(seen)) if len(seen) == 1 else MIXED


def _ways(plain: Sequence[TrialVerdict]) -> dict[str, int]:
    """What it does, and in how many samples that say anything; the most frequent first."""
    told = (each.branch for each in plain if each.outcome is not Outcome.INCONCLUSIVE)
    return dict(Counter(filter(None, told)).most_common())


def _refused(plain: Sequence[TrialVerdict]) -> bool:
    return any(each.refused for each in plain if each.branch)


def _fragments(case: Case) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for step in case.steps for name in step.request.fragments))
