"""Every clause is judged, or stands in a list with the reason why nothing can judge it."""

import pytest

from conformance.contract.load import load_reasons
from conformance.contract.model import Level
from conformance.runs.coverage import coverage
from conformance.runs.toolbox import toolbox


@pytest.fixture(scope="module")
def covered():
    return coverage(toolbox())


@pytest.mark.parametrize(
    ("level", "least"), [(Level.MUST, 98), (Level.SHOULD, 95), (Level.MAY, 90)]
)
def test_nearly_every_clause_is_judged(covered, level, least):
    (whole,) = (one for one in covered.shares() if one.level is level and not one.section)

    assert whole.percent >= least


def test_what_nothing_judges_has_a_reason_and_nothing_else_has(covered):
    assert {name for name, ways in covered.ways.items() if not ways} == set(load_reasons())
