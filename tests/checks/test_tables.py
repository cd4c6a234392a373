"""Every check against its table: deviant bytes trip it, correct but different bytes do not."""

import pytest
from build import bad, exchange, spoken
from tables import IDS, PARTS, ROWS, TABLE, judged

from conformance.checks.core import CHECKS
from conformance.wire.exchange import Ended


@pytest.mark.parametrize(("name", "row"), ROWS, ids=IDS)
def test_a_check_does_what_its_table_says(name, row):
    result = judged(CHECKS[name], row)

    assert result.witnesses > 0
    assert bool(result.problems) is row.trips, result.problems
    assert all(problem.message and len(problem.message) < 1000 for problem in result.problems)


def test_every_check_has_a_table_and_every_table_a_check():
    assert set(TABLE) == set(CHECKS)
    assert sum(len(part.TABLE) for part in PARTS) == len(TABLE)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_every_table_shows_both_sides(name):
    assert {row.trips for row in TABLE[name]} == {True, False}


@pytest.mark.parametrize("seen", [exchange(bare=b"", end=Ended.TIMED_OUT), spoken(end=Ended.TIMED_OUT, cut=5)])
def test_that_we_did_not_wait_longer_is_told_as_our_limit(seen):
    (problem,) = judged(CHECKS["served"], bad("slow", seen)).problems

    assert "limits.read_seconds" in problem.message
