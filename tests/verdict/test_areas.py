"""Clauses per section: counted once, and only where the run says something of them."""

import pytest
from views import CLAUSES, case, count, view

from conformance.contract.model import Contract
from conformance.verdict.areas import areas
from conformance.verdict.model import AreaTally
from conformance.verdict.outcome import Outcome

CONTRACT = Contract(
    version="1", clauses=CLAUSES, profiles={}, schemas={}, shims={},
    sections={"ERR": "Errors", "STRM": "Chunks", "TOOL": "Tools"},
)
FAILED, OPEN, GONE, OURS = Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.NOT_APPLICABLE, Outcome.ERROR


def tally(held=0, failed=0, undecided=0):
    return AreaTally(held=held, failed=failed, undecided=undecided)


@pytest.mark.parametrize(
    ("cases", "counts", "expected"),
    [
        ([case()], {"TOOL-020": count()}, {"TOOL": tally(held=1)}),
        ([], {"STRM-001": count(), "STRM-011": count(failing=["a/b"])}, {"STRM": tally(held=1, failed=1)}),
        ([case(outcome=FAILED)], {"TOOL-020": count(failing=["tools/required"])}, {"TOOL": tally(failed=1)}),
        ([case(), case("a/b", OPEN)], {"TOOL-020": count()}, {"TOOL": tally(undecided=1)}),
        ([case(outcome=OPEN, adapted=True)], {"TOOL-020": count()}, {"TOOL": tally(held=1)}),
        ([case(outcome=OURS)], {}, {"TOOL": tally(undecided=1)}),
        ([case(outcome=GONE)], {}, {}),
        ([case(clauses=["OWN-001"])], {"OWN-001": count()}, {}),
    ],
    ids=["held", "failed", "failed in its case", "open in one case", "open but for a change", "our error", "not asked", "no clause of ours"],
)
def test_a_clause_counts_once_by_the_line_of_certificates(cases, counts, expected):
    assert areas(view(cases, counts), CONTRACT) == expected


def test_sections_stand_in_the_contracts_order():
    counts = {"TOOL-020": count(), "ERR-005": count(), "STRM-001": count()}

    assert list(areas(view([], counts), CONTRACT)) == ["ERR", "STRM", "TOOL"]
