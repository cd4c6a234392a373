"""How far an application can rely on what a provider does: the order in which behaviours are compared.

    honours     the effect was seen, and a control shows that it is not there anyway
    works       any other way of a case that is no refusal: `accepted`, `called`, `seen`
    refuses     the answer says so, with a status of 400 or more
    silent      ignored, half done, hidden, or now served and now refused
    broken      neither an answer nor a refusal

Now one way and now another stands as low as the lowest of them.
Two ways of the same standing are not better or worse than each other, but they are not the same.
"""

from __future__ import annotations

from enum import IntEnum

from conformance.verdict.judge import BROKEN, IGNORED, PARTLY
from conformance.verdict.outcome import CaseVerdict, Outcome

HONOURED = "honoured"
MIXED = "mixed"
HIDDEN = "hidden"


class Standing(IntEnum):
    """The higher, the more an application has of it."""

    BROKEN = 0
    SILENT = 1
    REFUSES = 2
    WORKS = 3
    HONOURS = 4


def standing(case: CaseVerdict) -> Standing | None:
    """Of what the provider does in this case; None where that is not known.

    A case without `outcome` works or is broken.
    """
    if case.outcome is Outcome.NOT_APPLICABLE:
        return Standing.REFUSES
    if not case.branch:
        plain = {Outcome.PASSED: Standing.WORKS, Outcome.FAILED: Standing.BROKEN}
        return plain.get(case.outcome)
    if case.branch != MIXED:
        return of_way(case.branch, refused=case.refused)
    if case.refused:
        return Standing.SILENT
    return min((of_way(way, refused=False) for way in case.ways), default=Standing.SILENT)


def of_way(way: str, *, refused: bool) -> Standing:
    """Of one way of a case, by its name; what has no name of its own works or refuses."""
    known = {
        HONOURED: Standing.HONOURS,
        IGNORED: Standing.SILENT,
        PARTLY: Standing.SILENT,
        HIDDEN: Standing.SILENT,
        BROKEN: Standing.BROKEN,
    }
    return known.get(way, Standing.REFUSES if refused else Standing.WORKS)


def loses(better: CaseVerdict, worse: CaseVerdict) -> bool:
    """The first does something for an application that the second does not do."""
    first, second = standing(better), standing(worse)
    if first is None or second is None:
        return False
    return first >= Standing.WORKS and second < first


def differs(a: CaseVerdict, b: CaseVerdict) -> bool:
    """Both are known to do something, and it is not the same."""
    return bool(a.branch and b.branch) and a.branch != b.branch
