"""How wrong clients are, and what a chunk costs them: alternating, against a clock of known times.

python benchmarks/instrument.py [--lab FOLDER] [--streams 1,16,64,256] [--rounds 3] [--results FILE]

Without `--lab` the clock is our own; FOLDER holds `clockserver` and `clockclient`, compiled, whose
errors and cost are then the measure. Every run is written to FILE at once: started again with the
same FILE, what is there is not run again.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
OURS = ["wire", "wire-plain", "httpx-wire", "httpx-wire-late", "openai-wire-late"]
OTHERS = ["aiohttp", "httpx", "openai"]
LAB = ["c", "c-kernel"]
_RECORD = struct.Struct("<qq64s9q")
_SEEN = struct.Struct("<64s3q")
_COLUMNS = (
    ("ttft_p50", "TTFT error p50 µs"),
    ("ttft_p99", "p99"),
    ("itl_p50", "ITL error p50 µs"),
    ("itl_p99", "p99"),
    ("flagged", "flagged %"),
    ("cpu_us", "CPU µs/chunk"),
    ("peak_mib", "peak MiB"),
)

Truth = dict[str, tuple[int, list[int]]]
"""By id: when the request arrived, when each write of tokens was handed over."""


class OwnClock:
    """The clock of this package."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "clock.jsonl"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "conformance.reference.clock", "--log", self._log],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().split()[1]

    def truth(self) -> Truth:
        lines = [json.loads(line) for line in self._log.read_text(encoding="utf-8").splitlines()]
        self._log.write_text("", encoding="utf-8")
        return {
            one["id"]: (one["arrived"], [before for before, _, tokens in one["writes"] if tokens])
            for one in lines
        }

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()


class LabClock:
    """A compiled clock: `clockserver --port N --log FILE`."""

    def __init__(self, folder: Path, lab: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self._log, self._read = folder / "clock.bin", 0
        self._process = subprocess.Popen(
            [lab / "clockserver", "--port", str(port), "--log", self._log, "--fifo"],
            stderr=subprocess.DEVNULL,
        )
        self.url = f"http://127.0.0.1:{port}/v1"
        for _ in range(100):
            with contextlib.suppress(OSError):
                self._flush()
                return
            time.sleep(0.05)
        raise SystemExit("the compiled clock does not answer")

    def _flush(self) -> None:
        urllib.request.urlopen(self.url.replace("/v1", "/stats"), timeout=30).read()

    def truth(self) -> Truth:
        self._flush()
        raw = self._log.read_bytes()
        found: Truth = {}
        while self._read + _RECORD.size <= len(raw):
            _, _, name, *numbers = _RECORD.unpack_from(raw, self._read)
            start, count = self._read + _RECORD.size, numbers[8]
            if start + 8 * count > len(raw):
                break
            times = struct.unpack_from(f"<{count}q", raw, start)
            found[name.rstrip(b"\0").decode()] = (numbers[2], list(dict.fromkeys(times)))
            self._read = start + 8 * count
        return found

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


def run(client: str, url: str, streams: int, model: str, folder: Path, lab: Path | None) -> Any:
    """One client once: what it says of itself, and what it has seen."""
    out = folder / "seen"
    count = max(3, 2 * streams)
    if client in LAB:
        assert lab is not None
        port = url.split(":")[2].partition("/")[0]
        command: list[Any] = [lab / "clockclient", port, str(streams), str(count), model, out]
        command += ["kts"] if client == "c-kernel" else []
    else:
        script = HERE / "instrument_clients.py"
        command = [sys.executable, script, client, url, str(streams), str(count), model, out]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        return {"error": done.stderr[-400:]}, []
    said = json.loads(done.stdout.splitlines()[-1])
    if client in LAB:
        said = {
            "cpu": said["cpu"],
            "wall": said["wall"],
            "tokens": said["chunks"],
            "peak_mib": said["rss_mb"],
        }
        return said, list(_lab_seen(out.read_bytes()))
    return said, [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def _lab_seen(raw: bytes) -> Iterator[tuple[str, int, list[int], list[bool]]]:
    position = 0
    while position + _SEEN.size <= len(raw):
        name, sent, _, count = _SEEN.unpack_from(raw, position)
        stamps = list(struct.unpack_from(f"<{count}q", raw, position + _SEEN.size))
        # two tokens with one stamp: merged before they were read
        same = [a == b for a, b in pairwise(stamps)]
        doubtful = [a or b for a, b in zip([False, *same], [*same, False], strict=True)]
        yield name.rstrip(b"\0").decode(), sent, stamps, doubtful
        position += _SEEN.size + 8 * count


def errors(seen: list[Any], truth: Truth) -> dict[str, float]:
    """Microseconds by which what was seen is off; gaps that the client doubts left out."""
    first: list[float] = []
    gaps: list[float] = []
    flagged = total = missing = 0
    for name, sent, stamps, doubtful in seen:
        arrived, written = truth.get(name, (0, []))
        total += max(0, len(written) - 1)
        if len(written) != len(stamps):
            missing += len(stamps) < len(written) and not any(doubtful)
            flagged += max(0, len(written) - 1)
            continue
        if not doubtful[0]:
            first.append(abs((stamps[0] - sent) - (written[0] - arrived)) / 1000)
        doubted = [a or b for a, b in pairwise(doubtful)]
        flagged += sum(doubted)
        for doubt, (a, b), (c, d) in zip(doubted, pairwise(stamps), pairwise(written), strict=True):
            if not doubt:
                gaps.append(abs((b - a) - (d - c)) / 1000)
    return {
        "ttft_p50": share(first, 0.5),
        "ttft_p99": share(first, 0.99),
        "itl_p50": share(gaps, 0.5),
        "itl_p99": share(gaps, 0.99),
        "flagged": 100 * flagged / total if total else 0.0,
        "unmatched": missing,
    }


def share(values: list[float], part: float) -> float:
    return sorted(values)[int(part * (len(values) - 1))] if values else float("nan")


def table(results: list[dict[str, Any]], streams: int) -> None:
    """Medians over the rounds, and the ratios that travel."""
    rows: dict[str, dict[str, float]] = {}
    for client in dict.fromkeys(one["client"] for one in results):
        mine = [one for one in results if (one["client"], one["streams"]) == (client, streams)]
        good = [one for one in mine if "error" not in one]
        if good:
            rows[client] = {key: statistics.median(one[key] for one in good) for key, _ in _COLUMNS}
    if not rows:
        return
    print(f"\n{streams} streams, load average {os.getloadavg()[0]:.1f}\n")
    print("| client |" + "".join(f" {title} |" for _, title in _COLUMNS))
    print("|---|" + "--:|" * len(_COLUMNS))
    for client, row in rows.items():
        print(f"| {client} |" + "".join(f" {row[key]:,.1f} |" for key, _ in _COLUMNS))
    if "wire" not in rows:
        return
    print()
    for client, row in rows.items():
        if client != "wire":
            print(
                f"{client} over wire: "
                + ", ".join(
                    f"{title} {row[key] / rows['wire'][key]:,.2f}"
                    for key, title in (
                        ("itl_p50", "ITL p50"),
                        ("itl_p99", "ITL p99"),
                        ("ttft_p50", "TTFT p50"),
                        ("cpu_us", "CPU"),
                    )
                    if rows["wire"][key]
                )
            )


def measured(
    options: argparse.Namespace, clients: list[str], counts: list[int]
) -> list[dict[str, Any]]:
    """Every client at every number of streams, round by round; what is known is not run again."""
    results: list[dict[str, Any]] = []
    if options.results and options.results.exists():
        results = [json.loads(line) for line in options.results.read_text().splitlines()]
    known = {(one["round"], one["client"], one["streams"]) for one in results}
    wanted = [
        (number, client, streams)
        for number in range(options.rounds)
        for streams in counts
        for client in clients[number % len(clients) :] + clients[: number % len(clients)]
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clock = LabClock(folder, options.lab) if options.lab else OwnClock(folder)
        try:
            for number, client, streams in wanted:
                if (number, client, streams) in known:
                    continue
                said, seen = run(client, clock.url, streams, options.model, folder, options.lab)
                one = {"round": number, "client": client, "streams": streams, **said}
                truth = clock.truth()
                if "error" not in said:
                    one |= errors(seen, truth)
                    one["cpu_us"] = 1e6 * said["cpu"] / max(1, said["tokens"])
                results.append(one)
                if options.results:
                    with options.results.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(one) + "\n")
        finally:
            clock.stop()
    return results


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lab", type=Path)
    parser.add_argument("--streams", default="1,16,64,256")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients")
    parser.add_argument("--model", default="clock-ttft100-itl20-n48")
    parser.add_argument("--results", type=Path)
    options = parser.parse_args()
    clients = (
        options.clients.split(",")
        if options.clients
        else [*OURS, *OTHERS, *(LAB if options.lab else [])]
    )
    counts = [int(each) for each in options.streams.split(",")]
    results = measured(options, clients, counts)
    for streams in counts:
        table(results, streams)
    for one in results:
        if "error" in one:
            print(f"{one['client']}, {one['streams']} streams: {one['error']}", file=sys.stderr)


if __name__ == "__main__":
    main()
