"""How memory grows with a run: peaks of equal commands that ask once and ten times as much.

python benchmarks/memory.py [--quick]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from wall_time import Server

SAMPLES = (1, 10)


def peak(*command: str) -> float:
    """MiB that a command of ours took at most; raises where it failed altogether."""
    process = subprocess.Popen(
        [sys.executable, "-m", "conformance", *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    told = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in {0, 1}:  # 1: something was found out about the endpoint
        raise SystemExit(told[-3000:])
    return usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def record(reports: Path) -> Path:
    """That of the latest run."""
    return reports / (reports / "latest.txt").read_text().strip() / "record.jsonl"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="one suite only")
    suites = ["--suite", "suites/chat.yaml"] if parser.parse_args().quick else []
    peaks: dict[str, list[float]] = {"run": [], "judge": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for samples in SAMPLES:
            reports = folder / f"reports-{samples}"
            with Server(folder) as server:
                peaks["run"].append(
                    peak(
                        "run",
                        f"--endpoint={server.url}",
                        "--endpoint-model=reference-1",
                        f"--samples={samples}",
                        f"--reports-dir={reports}",
                        *suites,
                    )
                )
                asked = len(server.requests())
            written = record(reports)
            peaks["judge"].append(peak("judge", str(written)))
            print(
                f"--samples={samples}: {asked} requests, a record of "
                f"{written.stat().st_size / 2**20:.1f} MiB; run {peaks['run'][-1]:.1f} MiB, "
                f"judge {peaks['judge'][-1]:.1f} MiB"
            )
    for what, (once, more) in peaks.items():
        print(f"{what}: ten times the requests take {more / once:.2f} times the memory")


if __name__ == "__main__":
    main()
