"""How long and how often a clock is asked before and after."""

import pytest

from conformance.engine.instrument.session import Load
from conformance.engine.limits import Bounds
from conformance.runs.timed import calibrating

BOUNDS = Bounds(connect=5, first_byte=10, read=10, total=30, response_bytes=8_000_000)


@pytest.mark.parametrize(
    ("rate", "seconds"), [(None, 1.5), (100.0, 1.5), (2.0, 4.0), (0.5, 5.0)]
)
def test_a_calibration_comes_as_its_load_does(rate, seconds):
    load = Load(streams=3, seconds=60, bounds=BOUNDS, rate=rate, poisson=True)
    found = calibrating(load)

    assert (found.rate, found.streams, found.poisson, found.seconds) == (rate, 3, True, seconds)
