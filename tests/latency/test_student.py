"""Student's t, against a printed table."""

import pytest

from conformance.latency.student import reach, within


@pytest.mark.parametrize(
    ("freedom", "outside", "expected"),
    [(1, 0.05, 12.706), (2, 0.05, 4.303), (3, 0.01, 5.841), (4, 0.05, 2.776), (5, 0.002, 5.893),
     (8, 0.01, 3.355), (11, 0.05, 2.201), (30, 0.001, 3.646), (120, 0.05, 1.980)],
)
def test_it_reaches_as_far_as_the_table_says(freedom, outside, expected):
    assert reach(freedom, outside) == pytest.approx(expected, abs=0.0006)
    assert within(reach(freedom, outside), freedom) == pytest.approx(1 - outside)
