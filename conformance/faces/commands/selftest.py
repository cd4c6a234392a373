"""`conformance selftest`: every fault of the reference server against the packaged suites."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection
from functools import partial
from pathlib import Path

from conformance.checks.core import CHECKS
from conformance.errors import UsageError, did_you_mean
from conformance.faces.selftest import matrix as runs
from conformance.faces.selftest.ask import suites
from conformance.faces.selftest.cells import every_cell
from conformance.faces.selftest.examine import Examined
from conformance.faces.selftest.judge import news
from conformance.faces.selftest.matrix import InSuites, Matrix
from conformance.faces.selftest.noticed import (
    Known,
    read_known,
    read_noticed,
    stale,
    write_noticed,
)
from conformance.faces.selftest.show import closing, rendered, smallest, tables
from conformance.reference.fault import FAULTS
from conformance.reference.serve import load_faults
from conformance.runs.choose import words

_PAGE = """\
# Self-test: which faults the suites notice

Every fault of the reference server is served by itself, and the packaged suites are run against it.
Noticed: every clause that was written down for the fault before its first run was found broken.
What the contract leaves open breaks no clause: such a fault is noticed where, with the clean server as
baseline, one of the cases that were written down for it is lost, changed, or shows another fact.
A false alarm: a clause that nothing says may break. Made by `conformance selftest --page docs/selftest.md`.
The smallest case that notices each fault stands in `conformance/faces/selftest/noticed.toml`.

"""


_ASKED = {
    "quick": "Asked for this page: of each fault the cases that are recorded for it.",
    "near": "Asked for this page: of each fault what can notice it, and more where that did not.",
    "full": "Asked for this page: of each fault all that a normal run asks.",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which faults, against what, and what to write."""
    add = parser.add_argument
    add("--fault", action="append", metavar="ID[,ID...]", help="only these (default: all)")
    add("--suites", action="append", metavar="NAME[,NAME...]", help="only these (default: all)")
    add(
        "--effort",
        choices=["quick", "near", "full"],
        default="near",
        help="quick: only the recorded case that notices each fault; near: what can notice it, and "
        "more where that does not; full: all that a normal run asks, so that false alarms are heard",
    )
    add("--new", action="store_true", help="only faults that no case is recorded for")
    add(
        "--write",
        action="store_true",
        help="record the smallest case that notices each fault, one by one: with --new what was "
        "interrupted goes on",
    )
    add("--page", type=Path, metavar="FILE", help="write the tables as markdown")


def main(options: argparse.Namespace) -> int:
    """Print the tables. 0 where all is as known, 1 where something is missed or wrongly alarmed."""
    load_faults()
    known = read_known()
    faults = _named("fault", words(options.fault), FAULTS)
    only = _named("suite", words(options.suites), [suite.id for suite in suites()])
    if options.new:
        faults = tuple(name for name in faults if name not in read_noticed())
    quick = options.effort == "quick"
    if quick and (options.suites or options.write):
        raise UsageError("--effort=quick asks what is recorded; --suites and --write need more")
    if options.suites and options.write:
        raise UsageError("--write needs all suites")
    if quick:
        noticed = {name: one for name, one in read_noticed().items() if name in faults}
        matrix = runs.the_least(noticed, partial(_done, write=False))
    else:
        matrix = runs.matrix_of(
            faults,
            InSuites(only if options.suites else ()),
            partial(_done, write=options.write),
            all_of_them=options.effort == "full",
        )
    whole = not options.suites
    complete = whole and not quick and not options.fault and not options.new
    print(rendered(tables(matrix, known, whole=complete), "plain"))
    if not quick:
        print(rendered([smallest(matrix)], "plain"))
    if options.page:
        options.page.write_text(
            f"{_PAGE}{_ASKED[options.effort]}\n\n{_page(matrix, known, whole=complete)}",
            encoding="utf-8",
        )
    found = list(news(matrix, known, whole=whole, complete=complete))
    if quick and not options.fault:
        found += stale(
            read_noticed(), known, faults=set(FAULTS), cells=every_cell(), checks=set(CHECKS)
        )
    print("\n".join([*found, closing(matrix)]))
    return 1 if found else 0


def _named(kind: str, wanted: tuple[str, ...], known: Collection[str]) -> tuple[str, ...]:
    """The wanted names, or all. Raises UsageError for one that is not there."""
    for each in wanted:
        if each not in known:
            raise UsageError(f"no {kind} is called {each!r}{did_you_mean(each, known)}")
    return wanted or tuple(known)


def _done(one: Examined, line: str, *, write: bool) -> None:
    if write:
        write_noticed([one], set(FAULTS))
    if sys.stderr.isatty():
        print(f"\r{line:<60}", end="", file=sys.stderr, flush=True)


def _page(matrix: Matrix, known: Known, *, whole: bool) -> str:
    shown = rendered(tables(matrix, known, whole=whole), "github")
    return f"{closing(matrix)}.\n\n{shown}"
