"""A disk that is full: one clear error of ours, and a record that goes on once there is room."""

import os
import subprocess
import sys

import pytest

from conformance.data import suites_root
from conformance.errors import HarnessError
from conformance.record.reader import read
from conformance.runs.output import write_reports

resource = pytest.importorskip("resource")

ROOM = 96 * 1024
"""Bytes of a file: more than the first trials in whatever order they end, less than the record of a
suite (170 KB)."""
SUITE = str(suites_root() / "chat.yaml")
RUN = ["-m", "conformance", "run", f"--suite={SUITE}"]
PYTEST = ["-m", "pytest", "-q", SUITE, "--no-clients", "-p", "no:cacheprovider", "-p", "no:randomly"]


def command(folder, arguments, url, *, room=None):
    """Run it in a folder where files get no larger than `room` bytes."""

    def limited():
        if room:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    return subprocess.run(
        [sys.executable, *arguments, f"--endpoint={url}", "--endpoint-model=reference-1"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        # Python would keep bytecode cut at the limit, and every later process fail on it
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=limited,  # no threads touch what it sets
    )


@pytest.mark.parametrize(
    ("face", "code", "says"),
    [
        (RUN, 2, "conformance: cannot write "),
        (PYTEST, 1, "harness/end - cannot write "),
        ([*PYTEST, "-n", "2"], 1, "harness/end - cannot write "),
    ],
)
def test_what_fits_is_kept_and_the_run_goes_on_from_there(tmp_path, endpoint, face, code, says):
    url = endpoint()
    done = command(tmp_path, face, url, room=ROOM)
    told = done.stdout + done.stderr
    (folder,) = [each for each in (tmp_path / "reports").iterdir() if each.is_dir()]

    assert (done.returncode, says in told, "INTERNALERROR" in told) == (code, True, False), told
    assert f"--resume-run={folder.name}" in told
    assert 0 < len(list(read(folder / "record.jsonl").trials())) < 30

    again = command(tmp_path, [*face, f"--resume-run={folder.name}"], url)
    assert again.returncode == 0, again.stdout + again.stderr
    assert read(folder / "record.jsonl").footer["complete"] is True


def test_a_report_that_cannot_be_written_is_an_error_of_ours(tmp_path):
    with pytest.raises(HarnessError, match=r"cannot write .*latest\.txt: No such file"):
        write_reports(None, tmp_path / "gone" / "run", [])
