"""Kills runs at random moments and goes on with them: what was asked twice, and whether the report is the same.

python benchmarks/kill_and_resume.py [--rounds 50] [--shared] [--seed 0]
"""

from __future__ import annotations

import argparse
import json
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.record.reader import read
from conformance.record.writer import is_held
from conformance.reference.serve import ServeOptions
from conformance.reference.testing import running

SUITES = ("suites/chat.yaml", "suites/errors.yaml", "suites/streaming.yaml", "suites/tools.yaml")
FAULTS = ("role-in-every-chunk", "usage-total-wrong")
PORT = 18999
"""The same in all rounds: it stands in reports."""
TIMED = {"created", "end_ms", "seconds", "started", "finished", "pieces", "clients"}
CREATED = re.compile(r'created(\\*)":\d+')
NAMED = {"date", "x-request-id"}


@dataclass(frozen=True)
class Round:
    """What came of one."""

    kills: int
    requests: int
    twice: int
    """Requests of trials that were finished before a kill, and asked again."""
    equal: bool


def main() -> None:
    """Run the rounds and print what they came to."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--shared", action="store_true", help="with -n 2")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance = random.Random(options.seed)  # no secret
    more = ("-n", "2") if options.shared else ()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.monotonic()
        with serving(folder) as url:
            whole(folder, url, more)
        longest = time.monotonic() - began
        expected, requests = report(folder), len(asked(folder))
        rounds = [one(Path(name), longest, expected, chance, more) for _ in range(options.rounds)]
    print(f"an undisturbed run: {requests} requests, {longest:.1f} s")
    print(f"rounds: {len(rounds)}, kills: {sum(each.kills for each in rounds)}")
    print(f"reports that differ: {sum(not each.equal for each in rounds)}")
    print(f"finished requests asked again: {sum(each.twice for each in rounds)}")
    over = [each.requests - requests for each in rounds]
    print(
        f"requests beyond an undisturbed run (in flight at a kill): {sum(over) / len(over):.1f} a round"
    )


def one(
    parent: Path, longest: float, expected: Any, chance: random.Random, more: tuple[str, ...]
) -> Round:
    """Kill a run once or more often, then let it come to its end."""
    with tempfile.TemporaryDirectory(dir=parent) as name:
        folder = Path(name)
        kills = done = before = 0
        with serving(folder) as url:
            process = start(folder, url, more)
            while not ended(process, chance.uniform(0, longest)):
                process.send_signal(signal.SIGKILL)
                process.wait()
                settle(folder)
                kills, done = kills + 1, finished(folder)
                before = len(asked(folder))
                process = start(folder, url, (*more, *again(folder)))
            process.wait()
        total = len(asked(folder))
        needed = sum(exchanges(folder).values()) - done
        return Round(
            kills=kills,
            requests=total,
            twice=(total - before - needed) if kills else 0,
            equal=report(folder) == expected,
        )


def serving(folder: Path) -> Any:
    """The server that counts."""
    log = folder / "server.log"
    return running(ServeOptions(port=PORT, faults=FAULTS, log=log, per_token=0.002))


def start(folder: Path, url: str, more: tuple[str, ...]) -> subprocess.Popen[bytes]:
    """A run, in a process of its own."""
    given = [f"--endpoint={url}", "--endpoint-model=reference-1", "-q", "-p", "no:randomly"]
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", *given, *SUITES, *more],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def whole(folder: Path, url: str, more: tuple[str, ...]) -> None:
    """An undisturbed run."""
    start(folder, url, more).wait()


def ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether it came to its end before its time."""
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def again(folder: Path) -> tuple[str, ...]:
    """How to go on: anew where the run was killed before it had begun."""
    return ("--resume-run",) if files(folder) else ()


def files(folder: Path) -> list[Path]:
    """All that was written down, with a whole first line."""
    found = [*folder.glob("reports/*/record.jsonl"), *folder.glob("reports/*/part-*.jsonl")]
    return [path for path in found if b"\n" in path.read_bytes()]


def settle(folder: Path) -> None:
    """Until workers whose controller was killed have noticed."""
    while any(map(is_held, files(folder))):
        time.sleep(0.1)
    time.sleep(0.3)


def finished(folder: Path) -> int:
    """Requests of the trials that are finished by what is written down."""
    return sum(exchanges(folder).values())


def exchanges(folder: Path) -> Counter[Any]:
    """Trial to its requests, of those that are finished."""
    known: dict[Any, int] = {}
    for path in files(folder):
        known |= {each.key: len(each.exchanges) for each in read(path).trials() if each.finished}
    return Counter(known)


def asked(folder: Path) -> list[str]:
    """A line for each request that the server began to answer."""
    lines = (folder / "server.log").read_text().splitlines()
    return [line for line in lines if json.loads(line)["event"] == "start"]


def report(folder: Path) -> Any:
    """The newest report without its times and names."""
    run = (folder / "reports" / "latest.txt").read_text().strip()
    return plain(json.loads((folder / "reports" / run / "report.json").read_text()), run)


def plain(value: Any, run: str) -> Any:
    """Without what differs from run to run."""
    if isinstance(value, dict):
        return {name: plain(each, run) for name, each in value.items() if name not in TIMED}
    if isinstance(value, list):
        return [plain(each, run) for each in value if not _named(each)]
    return CREATED.sub("created", value.replace(run, "RUN")) if isinstance(value, str) else value


def _named(each: Any) -> bool:
    return isinstance(each, list) and bool(each) and str(each[0]).lower() in NAMED


if __name__ == "__main__":
    main()
