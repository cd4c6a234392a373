"""`-n`: every request is sent once, whoever sends it, and the report is the same."""

import re
import socket
import subprocess
import sys

import pytest
from counting import asked, newest, report

from conformance.faces.scheduling import PartitionedScheduling
from conformance.reference.serve import ServeOptions
from conformance.reference.testing import running

FAULTS = ("role-in-every-chunk", "unknown-model-served")
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    PORT = probe.getsockname()[1]  # the same for all runs: it stands in reports
PLAIN = ("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")


def go(
    folder,
    *arguments,
    faults=FAULTS,
    suites=("suites/chat.yaml", "suites/errors.yaml", "suites/streaming.yaml"),
    **more,
):
    """A whole run in a process of its own against a server of its own: exit code, output, log."""
    log = folder / "server.log"
    log.unlink(missing_ok=True)
    with running(ServeOptions(port=PORT, faults=faults, log=log, **more)) as url:
        done = subprocess.run(
            [
                sys.executable, "-m", "pytest", "-q", "--no-clients", f"--endpoint={url}", "--endpoint-model=reference-1",
                *suites, *(PLAIN if "randomly" not in " ".join(arguments) else PLAIN[2:]), *arguments,
            ],
            cwd=folder, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    return done, asked(log)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The run without `-n`: exit code, what was asked, the report."""
    folder = tmp_path_factory.mktemp("alone")
    done, requests = go(folder)
    return done, requests, report(folder / "reports")


def counts(text):
    return re.sub(r" in [\d.]+s.*", "", text.strip().splitlines()[-1])


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """The same by two workers, and where it lies."""
    folder = tmp_path_factory.mktemp("shared")
    return folder, *go(folder, "-n", "2")


def nothing_is_changed(alone, folder, done, requests):
    expected, once, told = alone
    assert requests == once
    assert report(folder / "reports") == told
    assert (done.returncode, counts(done.stdout)) == (expected.returncode, counts(expected.stdout))
    assert not list(newest(folder / "reports").glob("part-*"))


def test_two_workers_change_nothing(alone, shared):
    nothing_is_changed(alone, *shared)


@pytest.mark.parametrize(
    "arguments",
    [("-n", "4"), ("--tx", "2*popen", "--dist=load"), ("-n", "0"), ("-n", "2", "-p", "randomly")],
)
def test_sharing_changes_nothing(tmp_path, alone, arguments):
    nothing_is_changed(alone, tmp_path, *go(tmp_path, *arguments))


def test_a_shared_record_is_judged_like_any_other(tmp_path, shared):
    folder = newest(shared[0] / "reports")

    subprocess.run(
        [sys.executable, "-m", "conformance", "judge", str(folder / "record.jsonl"), "--output", str(tmp_path / "again")],
        cwd=tmp_path, capture_output=True, check=False,
    )  # fmt: skip

    first = (folder / "report.json").read_text()
    again = (tmp_path / "again" / "report.json").read_text()
    assert again == first


def test_an_endpoint_that_takes_fewer_at_once_than_there_are_workers_is_asked_by_fewer(tmp_path):
    done, requests = go(tmp_path, "-n", "3", "--concurrency=1", "-k", "served or unknown")

    assert done.returncode in {0, 1}, done.stdout
    assert sum(requests.values()) == len(requests)


def test_a_selection_is_shared_like_everything(tmp_path):
    one, first = go(tmp_path, "-k", "unknown")
    two, second = go(tmp_path, "-k", "unknown", "-n", "2")

    assert second == first
    assert counts(one.stdout).startswith(counts(two.stdout))  # xdist does not count the deselected


def test_x_ends_a_shared_run_early(tmp_path, alone):
    done, requests = go(tmp_path, "-n", "2", "-x", "--concurrency=2", first_token=0.1)

    assert done.returncode == 2  # as xdist has it
    assert sum(requests.values()) < sum(alone[1].values())


def test_last_failed_runs_only_what_failed(tmp_path):
    with running(ServeOptions(port=0, faults=FAULTS)) as url:
        command = [
            sys.executable, "-m", "pytest", "-q", "--no-clients", f"--endpoint={url}", "--endpoint-model=reference-1",
            "suites/errors.yaml", "-p", "no:randomly",
        ]  # fmt: skip
        first = subprocess.run(
            [*command, "-n", "2"], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        second = subprocess.run(
            [*command, "-n", "2", "--lf"], cwd=tmp_path, capture_output=True, text=True, check=False
        )
    failed = {
        line.split()[1] for line in first.stdout.splitlines() if line.startswith("FAILED suites/")
    }
    again = {
        line.split()[1] for line in second.stdout.splitlines() if line.startswith("FAILED suites/")
    }
    assert failed == again != set()


def test_estimating_is_done_by_nobody_else(tmp_path):
    done, requests = go(tmp_path, "-n", "2", "--estimate")

    assert done.returncode == 0
    assert "prompt tokens" in done.stdout
    assert sum(requests.values()) == 0


def test_every_worker_asking_everything_is_refused(tmp_path):
    done, requests = go(tmp_path, "-n", "2", "--dist=each")

    assert done.returncode == 4
    assert "--dist=each" in done.stderr
    assert sum(requests.values()) == 0


KILLER = """
import os, signal, time

def test_that_kills_its_worker(ask):
    time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_dead_worker_leaves_is_an_error_and_can_be_asked_again(tmp_path):
    (tmp_path / "test_killer.py").write_text(KILLER)

    done, _ = go(tmp_path, "-n", "2", suites=("suites/errors.yaml", "test_killer.py"))

    assert done.returncode == 1
    assert "worker 'gw" in done.stdout
    errors = [line for line in done.stdout.splitlines() if line.startswith("ERROR ")]
    assert any("test_that_kills_its_worker" in line for line in errors)
    assert not any(
        "test_that_kills" in line for line in done.stdout.splitlines() if line.startswith("FAILED")
    )
    run = (tmp_path / "reports" / "latest.txt").read_text().strip()
    assert f"--resume-run={run}" in done.stdout
    assert not list((tmp_path / "reports" / run).glob("part-*"))


class Node:
    """Remembers what it was sent."""

    def __init__(self, number):
        self.number, self.sent, self.shutting_down = number, [], False

    def send_runtest_some(self, indices):
        assert not self.shutting_down
        self.sent += indices

    def shutdown(self):
        self.shutting_down = True


def scheduled(places):
    """A schedule of items whose place is given, with as many workers as are named."""
    nodes = [Node(number) for number in range(1 + max(number for number, _ in places))]
    names = [str(index) for index in range(len(places))]
    schedule = PartitionedScheduling(
        len(nodes), lambda node: node.number, lambda name: places[int(name)]
    )
    for node in nodes:
        schedule.add_node(node)
    for node in nodes:
        schedule.add_node_collection(node, names)
    schedule.schedule()
    return schedule, nodes


def test_late_items_wait_until_the_others_have_none_left():
    schedule, (first, second) = scheduled([(0, False), (0, True), (1, False), (1, False)])

    assert (first.sent, second.sent) == ([0], [2, 3])
    assert (first.shutting_down, second.shutting_down) == (False, True)
    schedule.mark_test_complete(second, 2)
    assert first.sent == [0]
    schedule.mark_test_complete(second, 3)
    assert first.sent == [0, 1]
    assert first.shutting_down
    assert not schedule.tests_finished
    schedule.mark_test_complete(first, 0)
    schedule.mark_test_complete(first, 1)
    assert schedule.tests_finished


def test_items_go_out_a_few_at_a_time():
    schedule, (only,) = scheduled([(0, False)] * 10)

    assert only.sent == [0, 1, 2, 3]
    schedule.mark_test_complete(only, 0)
    assert only.sent == [0, 1, 2, 3, 4]
    assert not only.shutting_down


def test_a_worker_with_no_items_is_dismissed_at_once():
    _, nodes = scheduled([(0, False), (2, False)])

    assert nodes[1].shutting_down
    assert nodes[1].sent == []


def test_a_dead_workers_share_is_left():
    schedule, (first, second) = scheduled([(0, False), (1, False), (1, False), (0, True)])

    assert schedule.remove_node(second) == "1"
    assert schedule.left() == ["2"]
    schedule.mark_test_complete(first, 0)
    assert first.sent == [0, 3]

    assert schedule.remove_node(first) == "3"
    assert schedule.left() == ["2"]


@pytest.mark.parametrize("workers", ["0", "3"])
def test_a_budget_is_kept_by_all_workers_together(tmp_path, workers):
    done, requests = go(tmp_path, "-n", workers, "--max-tokens-total=3000")

    totals = report(tmp_path / "reports")["providers"][0]["usage"]
    assert totals["prompt_tokens"] + totals["completion_tokens"] <= 3000
    assert sum(requests.values()) > 0
    assert "limits/reached" in done.stdout
    assert done.returncode == 1
