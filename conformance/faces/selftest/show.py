"""A self-test as tables: the same for the terminal and for the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tabulate import tabulate

from conformance.checks.core import CHECKS
from conformance.faces.selftest.detection import (
    Table,
    by_effort,
    costs,
    from_the_field,
    served,
    targets,
)
from conformance.faces.selftest.examine import Examined
from conformance.faces.selftest.hear import noticing
from conformance.faces.selftest.how import how
from conformance.faces.selftest.matrix import Matrix
from conformance.faces.selftest.noticed import Known
from conformance.reference.fault import FAULTS

HARDEST = 10
COMPARED = "by comparison"
"""In place of a clause, for what breaks none."""


def tables(matrix: Matrix, known: Known, *, complete: bool) -> Iterator[Table]:
    """Everything that is worth a table; `complete`: all faults and suites were asked."""
    yield targets(matrix.examined)
    yield from_the_field(matrix.examined)
    yield served(matrix.examined)
    yield by_effort(matrix.examined)
    yield costs(matrix.examined)
    yield f"The {HARDEST} hardest to notice", _HEADS, [_row(one) for one in hardest(matrix)]
    if rows := [
        (one.fault, ", ".join(one.missed), known.missed.get(one.fault, ""))
        for one in matrix.examined
        if one.missed
    ]:
        yield "Missed", ("fault", "clauses or cases", "why"), rows
    if rows := [
        (one.fault, clause, known.alarms.get(f"{one.fault}/{clause}", ""))
        for one in matrix.examined
        for clause in one.alarms
    ]:
        yield "False alarms", ("fault", "clause", "why"), rows
    if complete:
        yield _unkilled(matrix, known)


def smallest(matrix: Matrix) -> Table:
    """The least that notices each fault."""
    return (
        "The smallest case that notices each fault",
        _HEADS,
        [_row(one) for one in matrix.examined if one.notice],
    )


def rendered(found: Iterable[Table], style: str) -> str:
    """Tables under their titles, in a style of tabulate's."""
    mark = "## " if style == "github" else ""
    return "\n".join(
        f"{mark}{title}\n\n{tabulate(rows, headers=heads, tablefmt=style, disable_numparse=True)}\n"
        for title, heads, rows in found
    )


def explained(matrix: Matrix) -> str:
    """How the hardest are noticed, in words."""
    lines = "\n".join(f"- {line}" if line.startswith("**") else line for line in _lines(matrix))
    return f"## How the {HARDEST} hardest are noticed\n\n{lines}\n"


def closing(matrix: Matrix) -> str:
    """The numbers, in a sentence."""
    faults = [FAULTS[one.fault] for one in matrix.examined]
    missed = sum(bool(one.missed) for one in matrix.examined)
    requests = matrix.clean.requests + sum(one.heard.requests for one in matrix.examined)
    return (
        f"{len(faults)} fault{'s' * (len(faults) != 1)}: {len(faults) - missed} noticed, {missed} missed, "
        f"{sum(len(one.alarms) for one in matrix.examined)} false alarms; "
        f"{sum(bool(one.amended) for one in faults)} with clauses amended after their first run; "
        f"{requests} requests, {sum(one.processor for one in matrix.examined) / 60:.0f} minutes of a processor"
    )


_HEADS = ("fault", "shows in", "asked", "requests", "noticing cases", "touched cells", "of all")


def _row(one: Examined) -> tuple[object, ...]:
    fault, notice = FAULTS[one.fault], one.notice
    assert notice is not None  # only such are shown
    times = f" x {notice.samples}" if notice.samples > 1 else ""
    return (
        fault.name,
        fault.determinism,
        ", ".join(notice.cells) + times,
        notice.requests,
        len(noticing(fault, one.heard)),
        one.reached,
        fault.primary[0] if fault.primary else COMPARED,
    )


def hardest(matrix: Matrix) -> Sequence[Examined]:
    """Most requests first, then those that the fewest cases notice."""
    found = [
        (one.notice.requests, -len(noticing(FAULTS[one.fault], one.heard)), one.fault, one)
        for one in matrix.examined
        if one.notice
    ]
    return [one for *_, one in sorted(found, key=lambda each: each[:3], reverse=True)[:HARDEST]]


def _lines(matrix: Matrix) -> Iterator[str]:
    for one in hardest(matrix):
        yield from how(one)


def _unkilled(matrix: Matrix, known: Known) -> Table:
    rows = [
        (
            name,
            ", ".join(CHECKS[name].clauses),
            "every exchange" if CHECKS[name].always else "in cases",
            known.unkilled.get(name, ""),
        )
        for name in matrix.unkilled
    ]
    return (
        f"Checks that no fault trips ({len(rows)} of {len(CHECKS)})",
        ("check", "clauses", "runs", "why"),
        rows,
    )
