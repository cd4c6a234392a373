"""No clause is forgotten: what one exchange can decide is an invariant, the rest is listed with a reason."""

import re
from pathlib import Path

import pytest
from tables import invariants

from conformance.contract.load import load_contract
from conformance.runs.toolbox import packaged_suites, read_suites, toolbox

PAGE = Path(__file__).parents[2] / "docs" / "invariants.md"
SECTIONS = {"TRANS", "AUTH", "ERR", "MODELS", "CRESP", "USAGE", "LOGP", "SSE", "STRM", "STOOL"}
JUDGED = {one.clauses[0] for one in invariants()}
CLAUSES = {one.id for one in load_contract().clauses.values() if one.section in SECTIONS}
ROW = re.compile(r"^\| ([A-Z]+-\d{3}) \| (.+?) \| ?(.*?) ?\|$", re.MULTILINE)
LISTED = ROW.findall(PAGE.read_text(encoding="utf-8"))
CASES = {one.id: one.clauses for suite in read_suites(toolbox(), packaged_suites()) for one in suite.cases}
REASONS = ("two exchanges: ", "permits: ", "not seen: ", "needs a ")


def test_every_clause_is_an_invariant_or_listed_with_a_reason_and_none_is_both():
    listed = [clause for clause, _, _ in LISTED]

    assert len(set(listed)) == len(listed)
    assert set(listed) | (JUDGED & CLAUSES) == CLAUSES
    assert set(listed) & JUDGED == set()


def test_the_page_counts_right():
    text = PAGE.read_text(encoding="utf-8")

    assert f"\n{len(JUDGED & CLAUSES)} of their {len(CLAUSES)} clauses are" in text


@pytest.mark.parametrize(("clause", "reason", "case"), LISTED)
def test_a_reason_is_of_a_known_kind_and_its_case_judges_the_clause(clause, reason, case):
    assert reason.startswith(REASONS)
    assert not case or clause in CASES[case]
