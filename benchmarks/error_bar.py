"""Does the printed error bar cover the true error? Many short measurements of a clock of known times.

python benchmarks/error_bar.py [--runs 300] [--seconds 5] [--streams 16] [--modes quiet,hogs,stops,crowd]
                               [--results FILE]

`hogs`: two processes that burn CPU; `stops`: this process is stopped for 100 ms each second;
`crowd`: four times as many streams. Of each run p50, p95 and p99 of the time to the first token, of the
gaps between arrivals and of the time per output token are compared with those of the clock's own log. Resumable as instrument.py is, told after each run. `--runs 0` tells what FILE has, and
runs nothing. One at a time: other measurements beside it are trouble that no mode is meant to have.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from time import monotonic
from typing import Any

from conformance.engine.instrument.quiet import run
from conformance.engine.instrument.session import Load, calibrate, clock_process
from conformance.engine.limits import Bounds
from conformance.latency.audit import audit
from conformance.latency.quantiles import quantile
from conformance.latency.reading import measure
from conformance.latency.summary import SHARES, summarize
from conformance.latency.truth import compare, read_log
from conformance.stats.rates import rate_bounds

BOUNDS = Bounds(connect=30, first_byte=60, read=60, total=120, response_bytes=1 << 26)
MODEL = "clock-ttft100-itl20-n48"
MARGIN = {"ttft": 2.0, "icl": 0.2, "tpot": 0.2}
"""Milliseconds: what is to be judged. A bar beyond it says *inconclusive*."""
HOG = "while True: pass"


@contextlib.contextmanager
def trouble(mode: str, seconds: float) -> Iterator[None]:
    """What goes on beside the measurement."""
    pid = os.getpid()
    stops = f"for i in $(seq {int(seconds)}); do sleep 1; kill -STOP {pid}; sleep 0.1; kill -CONT {pid}; done"
    commands = {"hogs": [[sys.executable, "-c", HOG]] * 2, "stops": [["sh", "-c", stops]]}
    others = [subprocess.Popen(each) for each in commands.get(mode, [])]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


async def one_run(mode: str, streams: int, seconds: float) -> dict[str, Any]:
    """One measurement as the command makes it, of a clock in place of a provider."""
    streams *= 4 if mode == "crowd" else 1
    load = Load(streams=streams, seconds=seconds, bounds=BOUNDS)
    short = Load(streams=streams, seconds=1, bounds=BOUNDS)
    with trouble(mode, seconds), clock_process() as clock, clock_process() as provider:
        errors = []
        for _ in range(2):
            takes, log = await calibrate(clock, MODEL, short)
            errors.append(compare([measure(take) for take in takes], read_log(log)))
            if len(errors) == 1:
                takes, truth = await calibrate(provider, MODEL, load)
                readings = [measure(take) for take in takes]
    played = read_log(truth).values()
    whole = [one for one in played if one.written]
    paces = sorted(
        (one.written[-1].before - one.written[0].before) / (len(one.written) - 1) for one in whole
    )
    gaps = sorted(b.before - a.before for one in whole for a, b in pairwise(one.written))
    true = {  # a clock may be interrupted between writing down a time and writing: both are given
        "ttft": (
            sorted(one.written[0].before - one.arrived for one in whole),
            sorted(one.written[0].after - one.arrived for one in whole),
        ),
        "icl": (gaps, gaps),
        "tpot": (paces, paces),
    }
    found, report = summarize(readings), audit(readings, *errors)
    said: dict[str, Any] = {"doubted": report.doubted, "load": os.getloadavg()[0], "figures": {}}
    for metric, margin in MARGIN.items():
        for name in ("p50", "p95", "p99"):
            if metric not in found.metrics:
                continue
            value = found.metrics[metric].quantiles[name].value
            least, most = (quantile(each, SHARES[name]) / 1e6 for each in true[metric])
            off = value - min(max(value, least), most)
            bar = report.bars[metric][name]
            answer = "covered" if -bar.above <= off <= bar.below else "MISSED"
            if answer == "covered" and report.objection(metric, name, margin):
                answer = "inconclusive"
            said["figures"][f"{metric}_{name}"] = [answer, off, min(bar.widest, 1e9)]
    return said


def tell(mode: str, mine: Sequence[dict[str, Any]], *, figures: bool = False) -> None:
    """In how many runs a bar missed the truth, and how often at most."""
    missed = sum(any(each[0] == "MISSED" for each in one["figures"].values()) for one in mine)
    answers = Counter(each[0] for one in mine for each in one["figures"].values())
    bounds = rate_bounds(missed, len(mine) - missed)
    print(
        f"{mode}: a bar missed in {missed} of {len(mine)} runs (at most {bounds.high:.1%} with 95 %); "
        f"of {answers.total()} quantiles {answers['inconclusive']} inconclusive",
        flush=True,
    )
    for name in sorted({name for one in mine for name in one["figures"]}) if figures else ():
        all_ = [one["figures"][name] for one in mine if name in one["figures"]]
        off = sorted(abs(each) for _, each, _ in all_)
        bars = sorted(each for _, _, each in all_)
        print(
            f"  {name}: {dict(Counter(answer for answer, _, _ in all_))}; error p50 "
            f"{off[len(off) // 2]:.4f} ms, largest {off[-1]:.4f}; bar p50 {bars[len(bars) // 2]:.4f} ms"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--streams", type=int, default=16)
    parser.add_argument("--modes", default="quiet,hogs,stops,crowd")
    parser.add_argument("--results", type=Path)
    options = parser.parse_args()
    done: list[dict[str, Any]] = []
    if options.results and options.results.exists():
        done = [json.loads(line) for line in options.results.read_text().splitlines()]
    known = Counter(one["mode"] for one in done)
    modes = options.modes.split(",")
    for number in range(options.runs):
        for mode in modes:
            if number < known[mode]:
                continue
            begun = monotonic()
            said = {"mode": mode, **run(one_run(mode, options.streams, options.seconds))}
            said["wall"] = monotonic() - begun
            done.append(said)
            if options.results:
                with options.results.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(said) + "\n")
            tell(mode, [one for one in done if one["mode"] == mode])
    for mode in dict.fromkeys(one["mode"] for one in done):
        print()
        tell(mode, [one for one in done if one["mode"] == mode], figures=True)
    if done:
        tell("all modes", done)


if __name__ == "__main__":
    main()
