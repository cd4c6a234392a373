"""`conformance compare`: is it the same model behind both endpoints?"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from pathlib import Path

from conformance.errors import UsageError, did_you_mean
from conformance.runs.choose import words

_MARGIN = 3.0
EXTRA = ("numpy", "scipy", "statsmodels")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which two, how far to go, and what may be spent."""
    add = parser.add_argument
    add(
        "baseline",
        metavar="A",
        help="a name of providers.toml, or RECORD[::NAME]: what it said before",
    )
    add(
        "candidate",
        metavar="B",
        nargs="?",
        default="",
        help="a name of providers.toml; without it A is held against its own past (--baseline-file)",
    )
    add(
        "--stages",
        action="append",
        metavar="STAGE[,STAGE...]",
        help="default: 0,1,2,2b,3; there are tail (of 2b, dear) and 4 (tasks) as well",
    )
    add(
        "--margin",
        type=float,
        metavar="PERCENT",
        help=f"of stage 4: so many tasks fewer are good enough (default: {_MARGIN:g})",
    )
    add(
        "--certify",
        default="",
        metavar="PROFILE",
        help="is another build good enough for that one? Asks stage 4, by the profile's margin",
    )
    add("--profiles-file", type=Path, metavar="FILE", help="profiles of your own")
    add("--prompts", type=Path, metavar="FILE.jsonl", help="prompts of your own, asked beside ours")
    add(
        "--items",
        action="append",
        metavar="[bfcl:|k2vv:]FILE",
        help="tasks of your own for stage 4, in place of ours; bfcl, k2vv: files of these benchmarks",
    )
    add(
        "--seed",
        type=int,
        metavar="N",
        help="draws the prompts (default: a new one, kept in the record)",
    )
    add("--go-on", action="store_true", help="ask all stages, even after one has said different")
    add(
        "--baseline-file",
        type=Path,
        metavar="FILE",
        help="keep there what A says: it isn't asked again but for a tenth, in which a change of A shows",
    )
    _spending(parser)


def _spending(parser: argparse.ArgumentParser) -> None:
    """What it may cost, and where it is kept."""
    add = parser.add_argument
    add(
        "--budget",
        type=float,
        metavar="USD",
        help="send nothing that could cost more; needs `prices`",
    )
    add(
        "--max-tokens-total", type=int, metavar="N", help="send nothing that could take more tokens"
    )
    add("--concurrency", type=int, metavar="N", help="requests on the wire at once per provider")
    add("--max-rate", type=float, metavar="R", help="requests per second per provider")
    add("--providers-file", type=Path, metavar="FILE")
    add("--reports-dir", type=Path, default=Path("reports"), metavar="DIR")
    add("--page", type=Path, metavar="FILE", help="write the page there as well (.md or .html)")
    add("--json", type=Path, metavar="FILE", help="write the facts there as well")
    add("-q", "--quiet", action="store_true", help="no progress while it runs")


def main(options: argparse.Namespace) -> int:
    """Ask, judge, tell. 0 the same, 1 different, 3 not decided."""
    need_extra()
    from conformance.engine.limits import Terms
    from conformance.faces.parity import tell
    from conformance.parity.model import StageName
    from conformance.parity.setup import TAIL, USUAL
    from conformance.runs.output import check_place
    from conformance.runs.parity.comparing import compare
    from conformance.runs.parity.preparing import Wanted

    stages, there = words(options.stages) or tuple(USUAL), (*USUAL, TAIL, StageName.TASKS)
    for each in stages:
        if each not in there:
            raise UsageError(
                f"--stages={each}: no stage is called so{did_you_mean(each, there)}; "
                f"there are {', '.join(there)}"
            )
    if not options.candidate and (options.stages or options.items or options.certify):
        raise UsageError("stages compare two: name B, or leave --stages, --items, --certify out")
    if (options.items or options.certify) and not options.stages:
        stages = (*stages, StageName.TASKS)
    if (options.items or options.certify) and StageName.TASKS not in stages:
        why = "--items needs" if options.items else "--certify needs"
        raise UsageError(f"{why} stage 4: --stages={','.join((*stages, StageName.TASKS))}")
    check_place(options.reports_dir)
    wanted = Wanted(
        baseline=options.baseline,
        candidate=options.candidate,
        providers_file=options.providers_file,
        prompts=options.prompts,
        items=tuple(options.items or ()),
        stages=stages,
        seed=options.seed,
        baseline_file=options.baseline_file,
        go_on=options.go_on,
        margin=_margin(options) / 100,
        profile=options.certify,
        reports=options.reports_dir,
        terms=Terms(
            concurrency=options.concurrency,
            rate=options.max_rate,
            tokens=options.max_tokens_total,
            money=options.budget,
        ),
    )
    pair, folder = compare(wanted, _silent if options.quiet else _progress)
    return tell(pair, folder, page=options.page, facts=options.json)


def _margin(options: argparse.Namespace) -> float:
    """Percent: as it is said, or as the profile has it."""
    if not options.certify:
        return _MARGIN if options.margin is None else float(options.margin)
    if options.margin is not None:
        raise UsageError("--margin or --certify: the profile says how much worse is good enough")
    from conformance.faces.stated import margin  # here: slow to import

    return margin(options.certify, options.profiles_file)


def need_extra() -> None:
    """Raises UsageError where the audit's arithmetic isn't installed."""
    if not all(map(importlib.util.find_spec, EXTRA)):
        raise UsageError(
            "comparing models needs numpy, scipy and statsmodels: "
            "pip install 'llm-conformance[parity]'"
        )


def _silent(_answered: int) -> None:
    pass


def _progress(answered: int) -> None:
    if sys.stderr.isatty() and "NO_COLOR" not in os.environ:
        print(f"\r{answered} answers", end="", file=sys.stderr, flush=True)
