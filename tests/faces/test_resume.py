"""A run that was killed goes on where it was: nothing finished is asked twice, and the report is the same."""

import json
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest
from counting import asked, newest, report

from conformance.record.reader import read
from conformance.record.writer import RecordWriter, is_held
from conformance.reference.serve import ServeOptions
from conformance.reference.testing import running

FAULTS = ("role-in-every-chunk", "usage-total-wrong")
SUITES = ("suites/chat.yaml", "suites/errors.yaml", "suites/streaming.yaml")
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    PORT = probe.getsockname()[1]  # the same for all runs: it stands in reports


def command(url, *more):
    return [
        sys.executable, "-m", "pytest", "-q", "--no-clients", f"--endpoint={url}", "--endpoint-model=reference-1",
        *SUITES, "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", *more,
    ]  # fmt: skip


def server(folder, **more):
    return running(ServeOptions(port=PORT, faults=FAULTS, log=folder / "server.log", **more))


def run(folder, url, *more):
    return subprocess.run(
        command(url, *more), cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )


def killed(folder, url, ready, *more):
    """Start a run, and kill it as soon as `ready(number of lines)` of its record."""
    process = subprocess.Popen(
        command(url, *more), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        records = [*folder.glob("reports/*/record.jsonl"), *folder.glob("reports/*/part-*.jsonl")]
        if ready(sum(each.read_bytes().count(b"\n") for each in records)):
            break
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()


def finished(folder):
    """Requests of the trials that the killed run had finished, by what is written down."""
    counts = {}
    for path in [*folder.glob("reports/*/record.jsonl"), *folder.glob("reports/*/part-*.jsonl")]:
        if path.stat().st_size:
            counts |= {
                each.key: len(each.exchanges) for each in read(path).trials() if each.finished
            }
    return sum(counts.values())


def wait_for_workers(folder):
    """Until those whose controller was killed have noticed."""
    deadline = time.monotonic() + 60
    while any(map(is_held, folder.glob("reports/*/part-*.jsonl"))) and time.monotonic() < deadline:
        time.sleep(0.1)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    with server(folder) as url:
        done = run(folder, url)
    return done, sum(asked(folder / "server.log").values()), report(folder / "reports"), folder / "reports"


@pytest.mark.parametrize("lines", [2, 40, 120, 200])
def test_a_killed_run_goes_on(tmp_path, undisturbed, lines):
    expected, requests, told, _ = undisturbed
    with server(tmp_path, per_token=0.004) as url:
        killed(tmp_path, url, lambda number: number >= lines)
        time.sleep(0.3)  # the server notices who is gone
        before, done_before = sum(asked(tmp_path / "server.log").values()), finished(tmp_path)
        done = run(tmp_path, url, "--resume-run")

    after = sum(asked(tmp_path / "server.log").values()) - before
    assert after == requests - done_before
    assert report(tmp_path / "reports") == told
    assert done.returncode == expected.returncode


@pytest.mark.parametrize("torn", [b'{"kind":"exch', b"\xff\xfe", b""])
def test_a_torn_line_is_dropped(tmp_path, undisturbed, torn):
    _, requests, told, reports = undisturbed
    shutil.copytree(reports, tmp_path / "reports")
    record = newest(tmp_path / "reports") / "record.jsonl"
    lines = record.read_bytes().splitlines(keepends=True)
    record.write_bytes(b"".join(lines[:100]) + torn)
    done_before = finished(tmp_path)
    with server(tmp_path) as url:
        run(tmp_path, url, "--resume-run")

    assert sum(asked(tmp_path / "server.log").values()) == requests - done_before
    assert report(tmp_path / "reports") == told


def test_a_run_can_be_killed_twice_and_judged_afterwards(tmp_path, undisturbed):
    told = undisturbed[2]
    with server(tmp_path, per_token=0.004) as url:
        killed(tmp_path, url, lambda number: number >= 30)
        killed(tmp_path, url, lambda number: number >= 90, "--resume-run")
        run(tmp_path, url, "--resume-run")

    assert report(tmp_path / "reports") == told
    folder = newest(tmp_path / "reports")
    subprocess.run(
        [sys.executable, "-m", "conformance", "judge", str(folder), "--output", str(folder / "again")],
        capture_output=True, check=False,
    )  # fmt: skip
    assert (folder / "again" / "report.json").read_text() == (folder / "report.json").read_text()


def test_a_killed_shared_run_goes_on_shared_or_alone(tmp_path, undisturbed):
    _, requests, told, _ = undisturbed
    with server(tmp_path, per_token=0.01) as url:
        killed(tmp_path, url, lambda number: number >= 60, "-n", "2")
        wait_for_workers(tmp_path)
        before, done_before = sum(asked(tmp_path / "server.log").values()), finished(tmp_path)
        run(tmp_path, url, "-n", "2", "--resume-run")

    assert sum(asked(tmp_path / "server.log").values()) - before == requests - done_before
    assert report(tmp_path / "reports") == told
    assert not list(newest(tmp_path / "reports").glob("part-*"))


def test_what_was_not_asked_for_a_budget_is_asked_when_there_is_more(tmp_path, undisturbed):
    told = undisturbed[2]
    with server(tmp_path) as url:
        first = run(tmp_path, url, "--max-tokens-total=4000")
        name = newest(tmp_path / "reports").name
        second = run(tmp_path, url, f"--resume-run={name}")

    assert "limits/reached" in first.stdout
    assert "limits/reached" not in second.stdout
    assert report(tmp_path / "reports") == told


def test_what_earlier_sessions_spent_counts_against_the_limit(tmp_path):
    with server(tmp_path) as url:
        run(tmp_path, url, "--max-tokens-total=4000")
        name, used = newest(tmp_path / "reports").name, spent(report(tmp_path / "reports"))
        before = sum(asked(tmp_path / "server.log").values())
        again = run(tmp_path, url, f"--resume-run={name}", f"--max-tokens-total={used}")
        after = sum(asked(tmp_path / "server.log").values())

    assert used > 500, "most requests would fit into that limit by themselves"
    assert after == before
    assert "limits/reached" in again.stdout


def spent(told):
    usage = told["providers"][0]["usage"]
    return usage["prompt_tokens"] + usage["completion_tokens"]


@pytest.fixture(scope="module")
def little(tmp_path_factory):
    """The reports of a run of a few cases."""
    folder = tmp_path_factory.mktemp("little")
    with server(folder) as url:
        run(folder, url, "-k", "unknown-model")
    return folder / "reports"


@pytest.fixture
def record(tmp_path, little):
    """Its record, as if it had been made in this test's folder."""
    shutil.copytree(little, tmp_path / "reports")
    return newest(tmp_path / "reports") / "record.jsonl"


@pytest.mark.parametrize(
    ("break_it", "more", "words"),
    [
        (lambda lines: lines, ["--resume-run"], "no run in * was interrupted; the newest run, *, went through"),
        (lambda lines: lines[:-1], ["--resume-run=none"], "there is no *none*record.jsonl"),
        (lambda lines: lines[:-1], ["--resume-run", "-k", "unknown-role"], "not the same run any more (the plan's cells"),
        (lambda lines: lines[:-1], ["--resume-run", "-k", "unknown-model", "--samples=3"], "not the same run any more"),
        (lambda lines: [b"no record\n"], ["--resume-run"], "is not a record of llm-conformance"),
    ],
)  # fmt: skip
def test_what_cannot_be_gone_on_with_is_said(tmp_path, record, break_it, more, words):
    import fnmatch

    record.write_bytes(b"".join(break_it(record.read_bytes().splitlines(keepends=True))))
    with server(tmp_path) as url:
        done = run(tmp_path, url, *more)

    assert fnmatch.fnmatch(done.stdout + done.stderr, f"*{words.replace('[', '[[]')}*")
    assert done.returncode == 4
    assert sum(asked(tmp_path / "server.log").values()) == 0


def test_a_run_that_is_still_going_on_is_left_alone(tmp_path, record):
    record.write_bytes(b"".join(record.read_bytes().splitlines(keepends=True)[:-1]))
    with server(tmp_path) as url:
        held = RecordWriter.resume(record, "now")
        done = run(tmp_path, url, "--resume-run", "-k", "unknown-model")
        held.close()

    assert "that run is still going on" in done.stdout + done.stderr


def test_the_record_says_that_it_was_resumed(tmp_path, record):
    record.write_bytes(b"".join(record.read_bytes().splitlines(keepends=True)[:-1]))
    with server(tmp_path) as url:
        run(tmp_path, url, "--resume-run", "-k", "unknown-model")

    kinds = [json.loads(line)["kind"] for line in record.read_bytes().splitlines()]
    assert kinds.count("header") == kinds.count("resumed") == kinds.count("footer") == 1
