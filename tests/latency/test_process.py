"""The clock as a process of its own."""

import subprocess
import sys

from conformance.engine.instrument.quiet import run
from conformance.engine.instrument.session import Load, calibrate, clock_process
from conformance.engine.limits import Bounds
from conformance.latency.reading import measure
from conformance.latency.truth import compare, read_log

BOUNDS = Bounds(connect=5, first_byte=10, read=10, total=30, response_bytes=8_000_000)


def test_a_calibration_joins_what_was_measured_with_what_was_written():
    load = Load(streams=2, seconds=0.1, bounds=BOUNDS, priority=False)
    with clock_process() as clock:
        takes, log = run(calibrate(clock, "clock-ttft5-itl2-n8", load))
        again, only_new = run(calibrate(clock, "clock-ttft5-itl2-n8", load))

    for some, text in ((takes, log), (again, only_new)):
        errors = compare([measure(take) for take in some], read_log(text))
        assert (errors.unmatched, errors.tokens) == (0, 8 * len(some))


def test_a_clock_ends_with_whoever_started_it(tmp_path):
    command = [sys.executable, "-m", "conformance.reference.clock", "--attached"]
    process = subprocess.Popen(
        [*command, "--log", tmp_path / "log"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline().startswith("ready http://127.0.0.1:")

    process.communicate(timeout=30)  # closes its input

    assert process.returncode == 0
