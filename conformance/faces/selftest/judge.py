"""What of a self-test is news: everything that is wrong and not known to be."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.faces.selftest.examine import Examined
from conformance.faces.selftest.matrix import Matrix
from conformance.faces.selftest.noticed import Known


def news(matrix: Matrix, known: Known, *, whole: bool, complete: bool) -> Iterator[str]:
    """One line per thing that is wrong.

    `whole`: all suites were asked, so that what was not noticed was missed. `complete`: with all
    faults, so that a check that complained at none of them is tripped by none.
    """
    for clause, cases in matrix.clean.clauses.items():
        yield f"the server without faults: {clause} fails in {', '.join(sorted(cases))}"
    yield from (f"the server without faults: {each}" for each in matrix.clean.errors)
    for one in matrix.examined:
        yield from news_of(one, known, whole=whole)
    if complete:
        still, listed = set(matrix.unkilled), known.unkilled.keys()
        yield from (f"no fault trips the check {name}" for name in sorted(still - listed))
        yield from (
            f"the check {name} is tripped after all; take it out of known.toml"
            for name in sorted(listed - still)
        )


def news_of(one: Examined, known: Known, *, whole: bool) -> Iterator[str]:
    """The same for one fault."""
    if one.fault not in known.errors:
        yield from (f"{one.fault}: {each}" for each in one.heard.errors)
    for clause in one.alarms:
        if f"{one.fault}/{clause}" not in known.alarms:
            cases = ", ".join(sorted(one.heard.clauses[clause])[:3])
            yield f"{one.fault}: false alarm {clause} in {cases}"
    if not whole:
        return
    if one.missed and one.fault not in known.missed:
        yield f"{one.fault}: missed {', '.join(one.missed)}"
    elif one.fault in known.missed and not one.missed:
        yield f"{one.fault}: known to be missed, but noticed; take it out of known.toml"
    elif not one.missed and one.notice is None:
        yield f"{one.fault}: noticed by all suites together, but by no case alone"
