"""The answer for one profile at one provider (design 4.9).

    a required clause failed, or a capability is missing      not drop-in
    ... but every such failure passed with a change tried
        in the same run                                       drop-in with changes
    none failed, one undecided                                inconclusive
    else                                                      drop-in

With a baseline, what fails there in the same cells is *shared* and does not count, and what works
there and not at the candidate does (standing.py); where the baseline did not show what it does,
that is undecided. What is only done in another way is told, and does not count. A declared deviation changes `without_known`
(the exit code) and never the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from conformance.contract.model import Clause, Profile
from conformance.providers.model import Provider
from conformance.verdict.deviations import covers
from conformance.verdict.model import Answer, Certificate, Change, Reason
from conformance.verdict.outcome import CaseVerdict, Outcome
from conformance.verdict.pairs import comparable, pairs, shows
from conformance.verdict.standing import HONOURED, Standing, loses, standing
from conformance.verdict.tally import ClauseCount

NOTHING = "nothing in this run shows it"
NOT_COMPARED = "comparison"
"""In place of a clause: there is none, the whole of it is missing."""
_NO_COUNT = ClauseCount()
_QUICK = Reason(
    clause="effort",
    kind="undecided",
    text="a quick run asks too little to say drop-in; --effort=normal asks what is missing",
    why="a quick run",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One provider's results, as certificates need them."""

    provider: Provider
    cases: Sequence[CaseVerdict]
    counts: Mapping[str, ClauseCount]
    quick: bool = False
    """The run asked too little to say `drop-in` of anything (design 4.9)."""
    left_out: frozenset[str] = frozenset()
    """Cases of the run's suites that the selection left out, wholly or in part."""

    def count(self, clause: str) -> ClauseCount:
        return self.counts.get(clause, _NO_COUNT)

    def cured(self, profile: Profile) -> set[str]:
        """Cells that did not pass as they stand, and did with the provider's fragments.

        Not those in which the fragments break what else the profile requires.
        """
        counts = [self.count(name) for name in profile.clauses]
        broken = {cell for one in counts for cell in one.adapted - one.plain}
        return {case.cell for case in self.cases if case.adapted} - broken


@dataclass(slots=True)
class _Grounds:
    """What speaks against `drop-in`, as it is found."""

    failed: list[Reason] = field(default_factory=list)
    undecided: list[Reason] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    """Cells that need a change."""
    cured: set[str] = field(default_factory=set)
    """Cells that pass with a change."""
    shared: list[str] = field(default_factory=list)
    required: int = 0
    covered: int = 0


def certify(
    profile: Profile,
    view: View,
    clauses: Mapping[str, Clause],
    *,
    baseline: View | None = None,
    asked: bool = False,
) -> Certificate:
    """The certificate of one profile. Pure: the same counts give the same answer."""
    grounds = _Grounds(cured=view.cured(profile))
    _weigh_capabilities(profile, view, baseline, grounds)
    for name in profile.clauses:
        _weigh_clause(name, profile, view, baseline, clauses, grounds)
    grounds.failed += _lost(profile, view, baseline, grounds.cured)
    grounds.undecided += _not_shown(profile, view, baseline, grounds.cured)
    if baseline:
        grounds.undecided += _not_compared(profile, view, baseline, grounds.cured)
    if view.quick:
        grounds.undecided.append(_QUICK)
    changes = _changes(view, grounds.changed)
    unknown = [each for each in grounds.failed if not each.known]
    accepted = {each.name for each in changes} <= set(view.provider.accepted_changes)
    return Certificate(
        profile=profile.name,
        title=profile.title,
        provider=view.provider.name,
        baseline=baseline.provider.name if baseline else None,
        answer=_answer(grounds.failed, grounds.undecided, changed=bool(changes)),
        asked=asked,
        covered=grounds.covered,
        required=grounds.required,
        reasons=(*grounds.failed, *grounds.undecided),
        changes=changes,
        shared=tuple(grounds.shared),
        weak=tuple(sorted({case.case for case in view.cases if _weakens(case, profile)})),
        without_known=_answer(unknown, grounds.undecided, changed=bool(changes) and not accepted),
    )


def _answer(failed: Sequence[Reason], undecided: Sequence[Reason], *, changed: bool) -> Answer:
    if failed:
        return Answer.NOT_DROP_IN
    if undecided:
        return Answer.INCONCLUSIVE
    return Answer.DROP_IN_WITH_CHANGES if changed else Answer.DROP_IN


def _weigh_capabilities(
    profile: Profile, view: View, baseline: View | None, grounds: _Grounds
) -> None:
    for name in profile.capabilities:
        if view.provider.offers(name):
            continue
        if baseline and not baseline.provider.offers(name):
            grounds.shared.append(name)
            continue
        text = f"the application needs {name!r}, which {view.provider.name} does not offer"
        grounds.failed.append(Reason(clause=name, kind="not offered", text=text))


def _weigh_clause(  # one row of the table above, with everything it reads
    name: str,
    profile: Profile,
    view: View,
    baseline: View | None,
    clauses: Mapping[str, Clause],
    grounds: _Grounds,
) -> None:
    count = view.count(name)
    naming = [case for case in view.cases if name in case.clauses]
    open_cells = {
        case.cell
        for case in naming
        if case.clauses[name] in {Outcome.INCONCLUSIVE, Outcome.ERROR}
        and not (name in profile.conditional and _refused_rightly(case))
    }
    arose = bool(count.witnesses) or bool(open_cells)
    if not arose and (name in profile.conditional or _never_asked(naming)):
        return
    grounds.required += 1
    there = baseline.count(name).plain if baseline else set()
    failing = count.plain - there
    if count.plain and not failing:
        grounds.shared.append(name)
    cured = grounds.cured - count.adapted
    grounds.changed |= (failing | open_cells) & cured
    hard = failing - cured
    undecided = open_cells - grounds.cured
    if hard:
        grounds.failed.append(_failure(name, hard, view, clauses))
    elif undecided or not count.witnesses:
        grounds.undecided.append(_undecided(name, naming, undecided, clauses))
    if count.witnesses and not (undecided and not hard):
        grounds.covered += 1


def _refused_rightly(case: CaseVerdict) -> bool:
    """A case passed by a branch that says nothing of the clause: its condition did not arise."""
    return case.outcome is Outcome.PASSED


def _never_asked(naming: Sequence[CaseVerdict]) -> bool:
    """Every case of the clause needs something that the provider does not offer."""
    return bool(naming) and all(case.outcome is Outcome.NOT_APPLICABLE for case in naming)


def _failure(name: str, cells: set[str], view: View, clauses: Mapping[str, Clause]) -> Reason:
    known = all(
        any(covers(each, cell.partition("[")[0], name) for each in view.provider.deviations)
        for cell in cells
    )
    return Reason(
        clause=name,
        kind="failed",
        text=clauses[name].words if name in clauses else name,
        finding=f"{view.provider.name}/{name}",
        known=known,
    )


def _undecided(
    name: str, naming: Sequence[CaseVerdict], cells: set[str], clauses: Mapping[str, Clause]
) -> Reason:
    why = next((case.message for case in naming if case.cell in cells and case.message), "")
    words = clauses[name].words if name in clauses else name
    return Reason(
        clause=name,
        kind="undecided",
        text=f"{words} - {why or NOTHING}",
        why=why or NOTHING,
    )


def _lost(profile: Profile, view: View, baseline: View | None, cured: set[str]) -> Iterator[Reason]:
    """Cases that must be honoured and are not, and those in which the baseline does more (ADR 23)."""
    required = set(profile.clauses)
    there = {case.cell: case for case in baseline.cases} if baseline else {}
    for case in view.cases:
        if not case.branch or case.branch == HONOURED or case.cell in cured:
            continue
        base = there.get(case.cell)
        demanded = case.case in profile.honoured and not _excused(base)
        lost = base is not None and loses(base, case) and required & set(case.clauses)
        if demanded or lost:
            text = f"{case.title}: {case.branch} by {view.provider.name}"
            if base and lost:
                text += f", {base.branch or 'works'} by {base.provider}"
            kind = "lost" if lost else "ignored"
            yield Reason(clause=case.case, kind=kind, text=text, known=bool(case.known))


def _not_shown(
    profile: Profile, view: View, baseline: View | None, cured: set[str]
) -> Iterator[Reason]:
    """Cases that must be honoured, and of which this run does not know whether they are."""
    excused = {case.cell for case in baseline.cases if _excused(case)} if baseline else set()
    for name in profile.honoured:
        mine = [case for case in view.cases if case.case == name]
        open_ones = [case for case in mine if not case.branch and case.cell not in excused | cured]
        if open_ones or not mine:
            why = next((case.message for case in open_ones if case.message), "it was not asked")
            yield Reason(clause=name, kind="undecided", text=f"must be honoured - {why}", why=why)


def _not_compared(
    profile: Profile, view: View, baseline: View, cured: set[str]
) -> Iterator[Reason]:
    """What the candidate does not honour, where nobody knows whether the baseline does.

    Where nothing at all can be compared: that alone.
    """
    required = set(profile.clauses)
    both = pairs(baseline.cases, [case for case in view.cases if required & set(case.clauses)])
    who, here = baseline.provider.name, view.provider.name
    if both and not any(comparable(*pair) for pair in both):
        why = f"of no case is it known what both {who} and {here} do"
        text = f"nothing was compared - {why}"
        yield Reason(clause=NOT_COMPARED, kind="undecided", text=text, why=why)
        return
    for base, case in both:
        demanded = case.case in profile.honoured  # whoever honours it
        other = case.branch not in {"", HONOURED} and (case.varies or _does_less(case))
        if other and case.cell not in cured and not demanded and not shows(base):
            why = (base and base.message.partition("\n")[0]) or "it was not asked there"
            yield Reason(
                clause=case.case,
                kind="undecided",
                text=f"{case.title}: {case.branch} by {here}, unknown of {who} - {why}",
                why=f"unknown of {who}: {why}",
            )


def _does_less(case: CaseVerdict) -> bool:
    """Whatever works elsewhere does not here."""
    stands = standing(case)
    return stands is not None and stands < Standing.WORKS


def _excused(base: CaseVerdict | None) -> bool:
    """The baseline shows that the application lives without it; what it leaves open shows nothing."""
    if base is None:
        return False
    shown = base.outcome in {Outcome.FAILED, Outcome.NOT_APPLICABLE}
    return shown or base.branch not in {"", HONOURED}


def _changes(view: View, cells: set[str]) -> tuple[Change, ...]:
    names: dict[str, list[str]] = {}
    for case in view.cases:
        if case.cell in cells and case.adapted:
            for name in case.changes:
                names.setdefault(name, []).append(case.case)
    return tuple(
        Change(name=name, text=change_words(view.provider, name), cases=tuple(sorted(set(cases))))
        for name, cases in sorted(names.items())
    )


def change_words(provider: Provider, name: str) -> str:
    """What to send there, in a sentence."""
    body = ", ".join(f"{key}={value!r}" for key, value in provider.fragments[name].items())
    return f"send {body} to {provider.name}"


def _weakens(case: CaseVerdict, profile: Profile) -> bool:
    return case.weak and bool(set(profile.clauses) & set(case.clauses))
