"""Are two endpoints told apart, and only where they differ? Many short contests between two clocks.

python benchmarks/latency_power.py [--runs aa=200,itl=60,ttft=60] [--seconds 10] [--streams 16]
                                   [--results FILE] [--clocks URL,URL]

`aa`: both the same; each `faster` or `slower` is a false alarm. `itl`: one takes 1 % longer from
token to token; found where the time per output token is called slower. `ttft`: one is 2 ms later
with the first token; found where the median is called slower. Resumable as instrument.py is, told
after each run; the bounds hold wherever it was stopped. `--runs aa=0` tells what FILE has, and runs
nothing. One at a time: a contest keeps two cores busy (the one that measures, the clock that is
asked), and two contests on the same cores measure each other. `--clocks`: two servers that are running already and play the
same names; else two of our own, which keep their times less well the busier the machine is.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from conformance.engine.instrument.quiet import run
from conformance.engine.instrument.session import Load, clock_process
from conformance.engine.limits import Bounds
from conformance.latency.margin import Answer
from conformance.providers.load import ad_hoc
from conformance.runs.side_by_side import contested
from conformance.runs.timed import Question
from conformance.stats.rates import rate_bounds

BOUNDS = Bounds(connect=30, first_byte=60, read=60, total=120, response_bytes=1 << 26)
BASELINE = "clock-ttft100-itl20-n24"
CANDIDATES = {
    "aa": BASELINE,
    "itl": "clock-ttft100-itl20.2-n24",
    "ttft": "clock-ttft102-itl20-n24",
}
SHOWS = {"itl": "tpot_p50", "ttft": "ttft_p50"}
"""The figure in which the difference is to be found."""


@contextmanager
def running(clocks: Sequence[str]) -> Iterator[Sequence[str]]:
    """The URLs of two clocks."""
    with ExitStack() as stack:
        yield clocks or [stack.enter_context(clock_process()).base_url for _ in range(2)]


def one_run(mode: str, streams: int, seconds: float, clocks: Sequence[str]) -> dict[str, Any]:
    """One contest as the command has it; the truth is in the names of the models."""
    load = Load(streams=streams, seconds=seconds, bounds=BOUNDS)
    with running(clocks) as (one, other):
        found = run(
            contested(
                ad_hoc(one, CANDIDATES[mode], None),
                ad_hoc(other, BASELINE, None),
                Question.of("tick", 24, "power"),
                load,
            )
        )
    return {
        "mode": mode,
        "load": os.getloadavg()[0],
        "pairs": found.pairs,
        "seconds": found.seconds,
        "answers": {str(each.figure): str(each.judged.answer) for each in found.findings},
    }


def found(mode: str, said: dict[str, Any]) -> bool:
    """A false alarm of `aa`; the difference, of the others."""
    if mode == "aa":
        return bool({Answer.FASTER, Answer.SLOWER} & set(said["answers"].values()))
    return said["answers"][SHOWS[mode]] == Answer.SLOWER


def tell(mode: str, all_: Sequence[dict[str, Any]]) -> None:
    """How often, and how often at least and at most."""
    hits = sum(found(mode, one) for one in all_)
    bounds = rate_bounds(hits, len(all_) - hits)
    loads = sorted(one["load"] for one in all_)
    seconds = sorted(one["seconds"] for one in all_)
    backwards = sum(Answer.FASTER in one["answers"].values() for one in all_)
    what = "false alarms" if mode == "aa" else f"found in {SHOWS[mode]}"
    print(
        f"{mode}: {what} {hits} of {len(all_)} ({bounds.low:.1%} to {bounds.high:.1%} with 95 %); "
        f"faster in any figure: {backwards}; {seconds[len(seconds) // 2]:.1f} s (median), "
        f"load average {loads[0]:.1f} to {loads[-1]:.1f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", default="aa=200,itl=60,ttft=60")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--streams", type=int, default=16)
    parser.add_argument("--results", type=Path)
    parser.add_argument("--clocks", default="")
    options = parser.parse_args()
    clocks = [url for url in options.clocks.split(",") if url]
    done: list[dict[str, Any]] = []
    if options.results and options.results.exists():
        done = [json.loads(line) for line in options.results.read_text().splitlines()]
    wanted = {
        mode: int(count)
        for mode, _, count in (one.partition("=") for one in options.runs.split(","))
    }
    for number in range(max(wanted.values())):
        for mode, count in wanted.items():
            if number >= count or sum(one["mode"] == mode for one in done) > number:
                continue
            begun = monotonic()
            one = one_run(mode, options.streams, options.seconds, clocks)
            done.append({**one, "wall": monotonic() - begun})
            if options.results:
                with options.results.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(done[-1]) + "\n")
            tell(mode, [one for one in done if one["mode"] == mode])
    print()
    for mode in CANDIDATES:
        if mine := [one for one in done if one["mode"] == mode]:
            tell(mode, mine)


if __name__ == "__main__":
    main()
