"""Properties of a test case in JUnit XML, so that dashboards need not read messages."""

from __future__ import annotations

from conformance.report.escape import xml
from conformance.verdict.outcome import CaseVerdict, Outcome


def properties(case: CaseVerdict) -> tuple[tuple[str, str], ...]:
    """Name and value, in a fixed order; every value is text that XML 1.0 can hold."""
    broken = [name for name, one in sorted(case.clauses.items()) if one is Outcome.FAILED]
    facts = [
        ("outcome", case.outcome.value),
        ("provider", case.provider),
        ("case", case.cell),
        ("level", case.level.value),
        ("clauses", " ".join(sorted(case.clauses))),
        ("findings", " ".join(f"{case.provider}/{name}" for name in broken)),
        ("branch", case.branch),
        ("known_deviation", case.known),
        ("changes", " ".join(sorted(case.changes))),
        ("samples", str(case.samples)),
        ("wire_seconds", f"{case.seconds:.6f}"),
    ]
    return tuple((name, xml(value)) for name, value in facts if value)
