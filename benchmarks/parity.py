"""Output parity: how often each stage errs and finds, against endpoints whose difference is known.

python benchmarks/parity.py [--scale 1.0] [--jobs 2] [--state FILE] [--only PART]
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import parity_anchor as anchor
import parity_audits as audits
import parity_whole as all_stages
from scipy import stats

CHUNK = 25


@dataclass(frozen=True)
class Experiment:
    """Audits of one kind, and how often they must, or may, say something."""

    name: str
    audit: audits.Audit
    number: int
    says: str  # what is counted
    bar: str = ""  # ">=" or "<="
    share: float = 0.0
    tokens: int = 0  # the median of those that say it, at most


def experiments() -> list[Experiment]:
    """Every target, in the order of the stages."""
    return [
        *stage_1(), *stage_1_simulated(), *stage_2(), *stage_2_found(), *stage_2b(), *stage_2b_penalties(), *stage_2b_tail(), *stage_3(), *the_rest(),
        *whole_audits(), *beside_the_anchor(),
    ]  # fmt: skip


def stage_1() -> Iterator[Experiment]:
    for name in ("ref", "b-tp", "b-fp16", "b-fp32"):
        audit = partial(audits.first_tokens, name)
        yield Experiment(f"1 recorded {name}", audit, 1000, "different", "<=", 0.02)
        yield Experiment(f"1 recorded {name}, within 96", audit, 1000, "same", ">=", 0.95)
    yield Experiment(
        "1 simulated same",
        partial(audits.simulated_first_tokens, 0.0),
        1000,
        "different",
        "<=",
        0.02,
    )
    yield Experiment(
        "1 simulated same, within 96",
        partial(audits.simulated_first_tokens, 0.0),
        1000,
        "same",
        ">=",
        0.95,
    )
    for name in ("fp8", "w8a8", "int4g64", "raw", "nosys", "ft10"):
        yield Experiment(
            f"1 recorded {name}",
            partial(audits.first_tokens, name),
            400,
            "different",
            ">=",
            0.99,
            20,
        )
    for name in ("w8a16", "kvfp8", "noise1"):
        yield Experiment(
            f"1 recorded {name}", partial(audits.first_tokens, name), 400, "different", ">=", 0.95
        )
    yield Experiment(
        "1 recorded fp8, top 5",
        partial(audits.first_tokens, "fp8", width=5),
        400,
        "different",
        ">=",
        0.99,
        20,
    )
    yield Experiment(
        "1 recorded w8a16, top 5", partial(audits.first_tokens, "w8a16", width=5), 400, "different"
    )


def stage_1_simulated() -> Iterator[Experiment]:
    for name, change in list(audits.CHANGES.items())[1:]:
        share = 0.95 if name == "int8 weights" else 0.99
        yield Experiment(
            f"1 simulated {name}",
            partial(audits.simulated_first_tokens, change),
            400,
            "different",
            ">=",
            share,
        )
    for share, target in ((0.1, 0.70), (0.2, 0.95)):
        yield Experiment(
            f"1 a fleet with {share:.0%} int4",
            partial(audits.first_tokens, "int4g64", share=share),
            1000,
            "different",
            ">=",
            target,
        )
    yield Experiment(
        "1 a fleet with 20% fp8", partial(audits.first_tokens, "fp8", share=0.2), 400, "different"
    )
    for name in ("w8a16", "noise1", "noise.3", "w8a8"):
        yield Experiment(
            f"1 at the margin ({name})",
            partial(audits.at_the_margin, name),
            1000,
            "same",
            "<=",
            0.05,
        )
        yield Experiment(
            f"1 at the margin ({name})",
            partial(audits.at_the_margin, name),
            1000,
            "different",
            "<=",
            0.01,
        )


def stage_2() -> Iterator[Experiment]:
    for name in ("ref", "b-tp", "b-fp16", "b-fp32"):
        yield Experiment(
            f"2 recorded {name}",
            partial(audits.recorded_short, name),
            1000,
            "different",
            "<=",
            0.01,
        )
    yield Experiment(
        "2 recorded b-tp, certified", partial(audits.recorded_short, "b-tp"), 1000, "same-coarse"
    )
    yield Experiment(
        "2 simulated same", partial(audits.simulated_short, 0.0), 1000, "different", "<=", 0.01
    )


def stage_2_found() -> Iterator[Experiment]:
    for name in ("int4g64", "T0.7", "nosys"):
        yield Experiment(
            f"2 recorded {name}, within 240",
            partial(audits.recorded_short, name),
            200,
            "different 240",
            ">=",
            0.95,
        )
    for name in ("fp8", "T0.9", "w8a8"):
        yield Experiment(
            f"2 recorded {name}, within 960",
            partial(audits.recorded_short, name),
            200,
            "different",
            ">=",
            0.90,
        )
    for name in ("ft10", "topk50", "w8a16", "kvfp8"):
        yield Experiment(
            f"2 recorded {name}, within 960", partial(audits.recorded_short, name), 200, "different"
        )
    for name, change in list(audits.CHANGES.items())[1:]:
        yield Experiment(
            f"2 simulated {name}", partial(audits.simulated_short, change), 200, "different"
        )
    for name in ("T0.7", "T0.9", "topk50"):
        yield Experiment(f"2 layer of {name}", partial(audits.recorded_layer, name), 100, "sampler")
    for name in ("int4g64", "fp8", "w8a8", "ft10", "nosys"):
        yield Experiment(f"2 layer of {name}", partial(audits.recorded_layer, name), 100, "weights")
    for name in ("T0.7", "int4g64"):
        yield Experiment(
            f"2 at the margin towards {name}",
            partial(audits.short_margin, name),
            4000,
            "same-coarse",
            "<=",
            0.05,
        )


def stage_2b() -> Iterator[Experiment]:
    for blind in ("", "blind"):
        text = "by text" if blind else "by logprobs"
        yield Experiment(
            f"2b all honoured, {text}",
            partial(audits.honoured, 0.0, "", blind),
            400,
            "ignored",
            "<=",
            0.01,
        )
        yield Experiment(
            f"2b all honoured by int4, {text}",
            partial(audits.honoured, 1.3, "", blind),
            200,
            "ignored",
            "<=",
            0.01,
        )
        yield Experiment(
            f"2b all ignored, {text}",
            partial(audits.honoured, 0.0, "deaf", blind),
            200,
            "=ignored",
            ">=",
            0.95,
        )


def stage_2b_penalties() -> Iterator[Experiment]:
    for about in ("plain", "shown by the lists", "int4", "T 0.7", "a penalty of its own"):
        yield Experiment(
            f"2b penalties honoured, {about}",
            partial(audits.penalties, about),
            200,
            "ignored",
            "<=",
            0.01,
        )
    yield Experiment(
        "2b penalties ignored", partial(audits.penalties, "deaf"), 200, "=ignored", ">=", 0.95
    )


def stage_2b_tail() -> Iterator[Experiment]:
    for name in ("b-tp", "b-fp16", "b-fp32"):
        yield Experiment(
            f"2b tail, recorded {name}",
            partial(audits.recorded_tail, name),
            400,
            "different",
            "<=",
            0.01,
        )
    for name in ("topp.9", "minp.1", "minp.05", "topp.95"):
        yield Experiment(
            f"2b tail, {name} forced, within 4000",
            partial(audits.recorded_tail, name),
            100,
            "different",
            ">=",
            0.90,
        )


def stage_3() -> Iterator[Experiment]:
    yield Experiment(
        "3 recorded ref, by text",
        partial(audits.recorded_long, "ref"),
        400,
        "different",
        "<=",
        0.01,
    )
    yield Experiment(
        "3 recorded again, by text", partial(audits.recorded_long, "again"), 100, "different"
    )
    yield Experiment(
        "3 recorded twice, divided anew, by text",
        partial(audits.recorded_long, "anew"),
        1000,
        "different",
        "<=",
        0.01,
    )
    for name in ("rep1.1", "repprompt1.1", "minp.1", "topp.9"):
        yield Experiment(
            f"3 recorded {name}, within 4000",
            partial(audits.recorded_long, name),
            100,
            "different",
            ">=",
            0.90,
        )
    yield Experiment(
        "3 recorded pres.5, within 4000", partial(audits.recorded_long, "pres.5"), 100, "different"
    )
    for width in (0, 20):
        by = "by lists" if width else "by text"
        yield Experiment(
            f"3 same, {by}",
            partial(audits.long_answers, "same", width),
            200,
            "different",
            "<=",
            0.01,
        )
        for about in ("penalty 1.0", "penalty 0.5", "minp.1", "topp.9"):
            yield Experiment(
                f"3 {about} forced, {by}, within 4000",
                partial(audits.long_answers, about, width),
                60,
                "different",
                ">=",
                0.90,
            )


def the_rest() -> Iterator[Experiment]:
    for discordance in (0.03, 0.15):
        yield Experiment(
            f"4 at the margin, discordance {discordance:.0%}",
            partial(audits.tasks_at_the_margin, discordance),
            2000,
            "same",
            "<=",
            0.05,
        )
    yield Experiment(
        "drift, 30 quiet nights, logprobs", audits.quiet_month, 1000, "different", "<=", 0.01
    )
    for quiet in (0, 20):
        yield Experiment(
            f"drift, int4 within 2 nights after {quiet}, logprobs",
            partial(audits.nights_of_logprobs, "int4g64", quiet),
            200,
            "different",
            ">=",
            0.99,
        )
        yield Experiment(
            f"drift, int4 within 2 nights after {quiet}, text",
            partial(audits.nights_of_texts, "int4g64", quiet),
            60,
            "different",
            ">=",
            0.95,
        )
    yield Experiment(
        "drift, 30 quiet nights, text",
        partial(audits.nights_of_texts, "ref", 30),
        1000,
        "different",
        "<=",
        0.01,
    )


def whole_audits() -> Iterator[Experiment]:
    """All stages one after another, as `conformance compare` asks them, and the tail of 2b."""
    same = partial(all_stages.whole, 0.0, "")
    yield Experiment("all stages, same weights", same, 1000, "different", "<=", 0.05)
    yield Experiment("all stages, same weights", same, 1000, "same", ">=", 0.95)
    for name, change, forced in (
        ("int8 weights", 0.2, ""),
        ("int4", 1.3, ""),
        ("T0.9 forced", 0.0, "T0.9"),
        ("top_p 0.95 forced", 0.0, "topp.95"),
        ("min_p 0.05 forced", 0.0, "minp.05"),
    ):
        audit = partial(all_stages.whole, change, forced)
        yield Experiment(f"all stages, {name}", audit, 100, "different", ">=", 0.90)


def beside_the_anchor() -> Iterator[Experiment]:
    """What parity_anchor makes its table of: no lines of their own."""
    for about in (anchor.SAME, *anchor.CHANGED):
        number = 1000 if about == anchor.SAME else 200
        yield Experiment("anchor", partial(anchor.statistics, about), number, "")
        yield Experiment("anchor", anchor.ours(about), number, "")


def chunk(task: tuple[str, int, int]) -> tuple[str, int, list[audits.Row]]:
    """Some audits of one kind; found by its key, because a partial may not travel."""
    key, start, end = task
    audit = next(each.audit for each in experiments() if key_of(each) == key)
    return key, start, [(str(said), int(tokens)) for said, tokens in map(audit, range(start, end))]


def key_of(experiment: Experiment) -> str:
    """What an audit is: experiments that count different things share their audits."""
    audit = experiment.audit
    if isinstance(audit, partial):
        return _named(audit)
    return audit.__name__


def _named(audit: partial[audits.Row]) -> str:
    return json.dumps([audit.func.__name__, audit.args, sorted(audit.keywords.items())])


def kept(state: Path) -> dict[str, dict[int, list[audits.Row]]]:
    """What an earlier, interrupted run has measured; half a line at the end is left out."""
    found: dict[str, dict[int, list[audits.Row]]] = {}
    lines = state.read_text().splitlines(keepends=True) if state.exists() else []
    for line in lines:
        if line.endswith("\n"):
            key, start, rows = json.loads(line)
            found.setdefault(key, {})[start] = [tuple(row) for row in rows]
    return found


def measured(
    wanted: list[Experiment], scale: float, jobs: int, state: Path
) -> dict[str, list[audits.Row]]:
    """Every audit that is wanted, those not kept yet by `jobs` processes."""
    found = kept(state)
    numbers: dict[str, int] = {}
    for each in wanted:
        numbers[key_of(each)] = max(numbers.get(key_of(each), 0), CHUNK, int(each.number * scale))
    todo = sorted(
        (
            (key, start, min(start + CHUNK, number))
            for key, number in numbers.items()
            for start in range(0, number, CHUNK)
            if start not in found.get(key, {})
        ),
        key=lambda task: task[1],
    )  # some of each first: what was interrupted has a little of everything
    with multiprocessing.Pool(jobs) as pool, state.open("a") as out:
        for n, (key, start, rows) in enumerate(pool.imap_unordered(chunk, todo), 1):
            found.setdefault(key, {})[start] = rows
            out.write(json.dumps([key, start, rows]) + "\n")
            out.flush()
            print(f"\r{n}/{len(todo)}", end="", file=sys.stderr)
    return {
        key: [row for start in sorted(found[key]) for row in found[key][start]] for key in numbers
    }


def line(experiment: Experiment, rows: list[audits.Row]) -> str:
    """One row of the table: what was seen, with Clopper and Pearson's 95 % bounds."""
    word, _, within = experiment.says.partition(" ")
    exact, word = word.startswith("="), word.removeprefix("=")
    hits = [
        tokens
        for said, tokens in rows
        if (said == word or (not exact and word in said.replace("/", " ").split()))
        and tokens <= int(within or 10**9)
    ]
    k, n = len(hits), len(rows)
    low = stats.beta.ppf(0.025, k, n - k + 1) if k else 0.0
    high = stats.beta.ppf(0.975, k + 1, n - k) if k < n else 1.0
    typical = f"{median(hits):.0f}" if hits else "-"
    good = {">=": k / n >= experiment.share, "<=": k / n <= experiment.share}.get(experiment.bar)
    if experiment.tokens and hits:
        good = bool(good) and median(hits) <= experiment.tokens
    target = f"{experiment.bar} {experiment.share:.0%}" if experiment.bar else ""
    answer = "" if good is None else "met" if good else "MISSED"
    return f"| {experiment.name} | {word} | {k}/{n} = {k / n:.1%} ({low:.1%} to {high:.1%}) | {typical} | {target} | {answer} |"


def main() -> int:
    """Measure what is not measured yet; print every target beside what was seen."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=float, default=1.0, help="of the number of audits")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument(
        "--state", type=Path, default=Path(tempfile.gettempdir()) / "parity-benchmark.jsonl"
    )
    parser.add_argument("--only", default="", help="experiments whose name begins so")
    asked = parser.parse_args()
    wanted = [each for each in experiments() if each.name.startswith(asked.only)]
    began = time.monotonic()
    found = measured(wanted, asked.scale, asked.jobs, asked.state)
    print(
        "| audits | counted | seen (95 %) | median tokens | target | |\n|---|---|---|---|---|---|"
    )
    lines = [line(each, found[key_of(each)]) for each in wanted if each.says]
    if any(not each.says for each in wanted):
        lines += anchor.table(lambda audit: found[_named(audit)])
    print(
        *lines,
        f"\n{sum('MISSED' in each for each in lines)} targets missed; {time.monotonic() - began:.0f} s",
        sep="\n",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
