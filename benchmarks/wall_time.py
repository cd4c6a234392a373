"""How much of a run's wall time is ours: ratios measured in one run against the reference server.

python benchmarks/wall_time.py [--quick]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Self

CASE = """
  - id: case-{number}
    title: A small request is served
    clauses: [CRESP-006]
    request: {{body: {{messages: [{{role: user, content: "Say {number}."}}]}}}}
    expect: [served]
"""
CHAIN = """
  - id: chain-{number}
    title: Two requests after each other are served
    clauses: [CRESP-006]
    steps:
      - {{id: first, expect: [served]}}
      - {{id: second, expect: [served]}}
"""
HEAD = """conformance: 1
title: Benchmark
request:
  path: /chat/completions
  body:
    model: {{$var: provider.model}}
    temperature: 0
    max_tokens: {tokens}
    stream: {stream}
    messages: [{{role: user, content: "Tell me a long story."}}]
cases:
"""


def suite(folder: Path, cases: int, *, tokens: int, stream: bool, chains: int = 0) -> Path:
    """A suite file of that many one-step cases and two-step chains."""
    path = folder / f"bench-{cases}.yaml"
    text = HEAD.format(tokens=tokens, stream=str(stream).lower())
    text += "".join(CASE.format(number=number) for number in range(cases))
    text += "".join(CHAIN.format(number=number) for number in range(chains))
    path.write_text(text, encoding="utf-8")
    return path


class Server:
    """A reference server with a log, as a process of its own."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.log = folder / "server.jsonl"
        self.log.unlink(missing_ok=True)
        command = [
            sys.executable,
            "-m",
            "conformance",
            "serve",
            "--port",
            "0",
            "--log",
            str(self.log),
        ]
        self.process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().split()[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()

    def requests(self) -> list[dict[str, object]]:
        """Start lines of the log, oldest first."""
        lines = (json.loads(line) for line in self.log.read_text().splitlines())
        return [line for line in lines if line["event"] == "start" and line["method"] == "POST"]

    def span(self) -> float:
        """Seconds from the first request seen to the last answer sent."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        posts = {line["number"] for line in lines if line.get("method") == "POST"}
        times = [line["time"] for line in lines if line["number"] in posts]
        return max(times) - min(times)


def run(url: str, path: Path, folder: Path, concurrency: int) -> float:
    """Wall seconds of one command; raises where it did not conform."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        str(path),
        f"--endpoint={url}",
        "--endpoint-model=reference-1",
        f"--concurrency={concurrency}",
        "-q",
        "-p",
        "no:cacheprovider",
        f"--reports-dir={folder}/reports",
        "--rootdir",
        str(folder),
        "-p",
        "no:randomly",
    ]
    began = time.time()
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    if done.returncode:
        raise SystemExit(done.stdout[-3000:] + done.stderr[-3000:])
    return began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a tenth of the requests")
    scale = 10 if parser.parse_args().quick else 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for stream in (False, True):
            path = suite(folder, 3000 // scale, tokens=16, stream=stream)
            with Server(folder, "--per-token", "0") as server:
                run(server.url, path, folder, 16)
                rate = len(server.requests()) / server.span()
            print(f"zero latency, stream {stream}: {rate:.0f} requests/s")
        path = suite(folder, 400 // scale, tokens=24, stream=True, chains=40 // scale)
        options = (
            "--first-token",
            "0.05",
            "--per-token",
            "0.02",
            "--slow-share",
            "0.2",
            "--slow-factor",
            "5",
        )
        with Server(folder, *options) as server:
            run(server.url, path, folder, 16)
            planned = [float(str(each["planned_seconds"])) for each in server.requests()]
            bound = max(sum(planned) / 16, 2 * max(planned))
            print(
                f"with latency: {len(planned)} requests, {server.span():.2f} s on the wire, bound {bound:.2f} s, "
                f"ratio {server.span() / bound:.3f}"
            )
        for cases in (200, 1000):
            path = suite(folder, cases, tokens=8, stream=False)
            with Server(folder) as server:
                began = run(server.url, path, folder, 16)
                first = float(str(server.requests()[0]["time"])) - began
            print(f"{cases} cases: first request {first:.2f} s after the command")


if __name__ == "__main__":
    main()
