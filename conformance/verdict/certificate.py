"""The answer for one profile at one provider (design 4.9).

    a required clause failed, or a capability is missing      not drop-in
    ... but every such failure passed with a change tried
        in the same run                                       drop-in with changes
    none failed, one undecided                                inconclusive
    else                                                      drop-in

With a baseline, what fails there in the same cells is *shared* and does not count, and what works
there and not at the candidate does where the profile relies on it (losses.py); where the baseline
did not show what it does, that is undecided. What is only done in another way is told, and does not
count. A declared deviation changes `without_known` (the exit code) and never the answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from conformance.contract.model import Clause, Profile
from conformance.verdict.deviations import covers
from conformance.verdict.losses import Losses
from conformance.verdict.model import Answer, Certificate, Reason
from conformance.verdict.outcome import CaseVerdict, Outcome
from conformance.verdict.reach import Reach
from conformance.verdict.view import View
from conformance.verdict.ways import Ways

NOTHING = "nothing in this run shows it"
_PARTS = MappingProxyType({"ERR-002": "ERR-001", "ERR-003": "ERR-001"})
"""Clauses that nothing can show where another one is broken throughout."""
_QUICK = Reason(
    clause="effort",
    kind="undecided",
    text="a quick run asks too little to say drop-in; --effort=normal asks what is missing",
    why="a quick run",
)


@dataclass(slots=True)
class _Grounds:
    """What speaks against `drop-in`, as it is found."""

    reach: Reach
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
    grounds = _Grounds(reach=Reach(profile, view.cases), cured=view.cured(profile))
    _weigh_capabilities(profile, view, baseline, grounds)
    for name in profile.clauses:
        _weigh_clause(name, profile, view, baseline, clauses, grounds)
    losses = Losses(profile=profile, view=view, baseline=baseline, cured=grounds.cured)
    grounds.failed += losses.failed()
    grounds.undecided += losses.undecided()
    ways = Ways(profile=profile, view=view, baseline=baseline)
    grounds.undecided += ways.undecided()
    if view.quick:
        grounds.undecided.append(_QUICK)
    no_news = baseline.told_alike(view) | baseline.beyond() if baseline else set()
    changes = (*view.changes(grounds.changed - no_news), *ways.changes())
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
        times=profile.times,
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
    open_cells = grounds.reach.cells(name, open_cells)
    arose = bool(count.witnesses) or bool(open_cells)
    if not arose and (name in profile.conditional or _never_asked(naming)):
        return
    grounds.required += 1
    there = baseline.count(name).plain if baseline else set()
    broken = grounds.reach.cells(name, count.plain)
    failing = broken - there
    if broken and not failing:
        grounds.shared.append(name)
    cured = grounds.cured - count.adapted
    nowhere = baseline.count(name).adapted if baseline else set()
    grounds.changed |= ((failing | open_cells) & cured) - nowhere
    hard = failing - cured
    undecided = open_cells - grounds.cured
    if hard:
        grounds.failed.append(_failure(name, hard, view, clauses))
    elif undecided or not (count.witnesses or _no_whole(name, view, baseline)):
        grounds.undecided.append(_undecided(name, naming, undecided, clauses))
    if count.witnesses and not (undecided and not hard):
        grounds.covered += 1


def _no_whole(name: str, view: View, baseline: View | None) -> bool:
    """It is about a part, and at either side every whole that could have it is malformed."""
    whole = _PARTS.get(name)
    if baseline is None or whole is None:
        return False
    sides = (view, baseline)
    return all(one.count(whole).plain and not one.count(name).witnesses for one in sides)


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


def _weakens(case: CaseVerdict, profile: Profile) -> bool:
    return case.weak and bool(set(profile.clauses) & set(case.clauses))
