"""How often it held: cases that the model decides as much as the server, with what their samples show."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.report.escape import code, hostile
from conformance.report.matrix import NOTHING, table
from conformance.report.phrase import interval
from conformance.report.side_by_side import ordered
from conformance.verdict.judge import REFUSED
from conformance.verdict.model import Run
from conformance.verdict.outcome import CaseVerdict

_TITLE = 160


def rates(run: Run) -> Iterator[str]:
    """A row per case with a rate, a column per provider; nothing where no sample says anything.

    Where a parameter is refused, nothing was there to hold.
    """
    providers = ordered(run)
    found = {
        provider.name: {case.cell: case for case in provider.cases if _told(case)}
        for provider in providers
    }
    rows = {cell: case for mine in found.values() for cell, case in mine.items()}
    if not rows:
        return
    yield "## Rates"
    yield (
        "Samples in which it held, of those that say anything, and where the rate lies with a "
        "confidence of mostly 95 %, wherever sampling stopped."
    )
    yield table(
        ["Case", *(code(each.name) for each in providers)],
        [
            [
                f"{hostile(case.title, _TITLE)} ({code(cell)})",
                *(_cell(found[each.name].get(cell)) for each in providers),
            ]
            for cell, case in sorted(rows.items())
        ],
    )


def _told(case: CaseVerdict) -> bool:
    return case.interval is not None and case.passed + case.failed > 0 and case.branch != REFUSED


def _cell(case: CaseVerdict | None) -> str:
    if case is None or case.interval is None:
        return NOTHING
    return f"{case.passed} of {case.passed + case.failed}: {interval(case.interval)}"
