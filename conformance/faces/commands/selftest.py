"""`conformance selftest`: every fault of the reference server against the packaged suites."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path

from conformance.checks.core import CHECKS
from conformance.errors import UsageError, did_you_mean
from conformance.faces.certificates.verb import certificates
from conformance.faces.commands.compare import need_extra
from conformance.faces.selftest import matrix as runs
from conformance.faces.selftest.ask import everything, suites
from conformance.faces.selftest.cells import every_cell
from conformance.faces.selftest.examine import Examined
from conformance.faces.selftest.judge import news
from conformance.faces.selftest.kept import keep, read_kept
from conformance.faces.selftest.noticed import read_known, read_noticed, stale, write_noticed
from conformance.faces.selftest.show import closing, explained, rendered, smallest, tables
from conformance.reference.fault import FAULTS
from conformance.reference.serve import load_faults
from conformance.runs.choose import words
from conformance.suite.model import Effort

_PAGE = """\
# Self-test: which faults the suites notice

Every fault of the reference server is served by itself, and the packaged suites are run against it.
Noticed: every clause that was written down for the fault before its first run was found broken.
What the contract leaves open breaks no clause: such a fault is noticed where, with the clean server as
baseline, one of the cases that were written down for it is lost, changed, or shows another fact.
A false alarm: a clause that nothing says may break.

Of each fault the cells are asked that it can touch: those of which it answers a request in another way than
the clean server (tried on all requests of all suites). By state, any request may bring it about: all are asked.
What shows on some responses is asked as often as a thorough run does it: three times and more.
Made by `conformance selftest --kept FILE --write --page docs/selftest.md`; with its file, what was
interrupted goes on. The smallest case that notices each fault stands in
`conformance/faces/selftest/noticed.toml`; CI asks just these, and the clean server everything.

"""

_ASKED = {
    Effort.QUICK: "Asked for this page: of {} faults at least what a normal run asks of the cells that "
    "they can touch; of the others the cases that are recorded for them.",
    Effort.NORMAL: "Asked for this page: of each fault at least what a normal run asks.",
    Effort.THOROUGH: "Asked for this page: all suites.",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which faults, against what, and what to write."""
    add = parser.add_argument
    add(
        "what",
        nargs="?",
        choices=["faults", "certificates", "parity"],
        default="faults",
        help="faults (default): are they noticed? certificates: are they right, between products? "
        "parity: is another model behind an endpoint found, and the same one not?",
    )
    add("--persona", action="append", metavar="NAME[,NAME...]", help="only pairs with one of these")
    add("--audits", type=int, default=5, metavar="N", help="of parity: so many of each endpoint")
    add(
        "--kept",
        type=Path,
        metavar="FILE",
        help="keep what is found there, and go on with it: what is in the file is not asked again "
        "unless --fault names it (--effort=quick adds nothing)",
    )
    add("--fault", action="append", metavar="ID[,ID...]", help="only these (default: all)")
    add("--suites", action="append", metavar="NAME[,NAME...]", help="only these (default: all)")
    add(
        "--effort",
        choices=list(Effort),
        default=Effort.THOROUGH,
        help="quick: only the recorded case that notices each fault; thorough: all that it can touch, "
        "so that false alarms are heard; normal: of that what a normal run asks",
    )
    add("--new", action="store_true", help="only faults that no case is recorded for")
    add("--write", action="store_true", help="record the smallest case that notices each fault")
    add("--page", type=Path, metavar="FILE", help="write the tables as markdown")


def main(options: argparse.Namespace) -> int:
    """Print the tables. 0 where all is as known, 1 where something is missed or wrongly alarmed."""
    if options.what == "certificates":
        return certificates(words(options.persona), kept=options.kept, written=options.page)
    if options.what == "parity":
        return _parity(options)
    load_faults()
    known = read_known()
    faults = _named("fault", words(options.fault), FAULTS)
    only = _named("suite", words(options.suites), [suite.id for suite in suites()])
    if options.new:
        faults = tuple(name for name in faults if name not in read_noticed())
    quick = options.effort == Effort.QUICK
    if options.suites and (options.write or options.kept):
        raise UsageError("--write and --kept need all suites")
    if quick and (options.suites or options.write):
        raise UsageError("--effort=quick asks what is recorded; --suites and --write need more")
    kept = _kept(options, faults)
    matrix = _matrix(options, faults, only, kept)
    if options.write:
        write_noticed(matrix.examined, set(FAULTS))
    whole = not options.suites
    complete = whole and not quick and {one.fault for one in matrix.examined} == set(FAULTS)
    print(rendered(tables(matrix, known, complete=complete), "plain"))
    if not quick:
        print(rendered([smallest(matrix)], "plain"))
    if options.page:
        shown = rendered(tables(matrix, known, complete=complete), "github")
        asked = _ASKED[Effort(options.effort)].format(len(kept))
        text = f"{_PAGE}{asked}\n{closing(matrix)}.\n\n{shown}\n{explained(matrix)}"
        options.page.write_text(text, encoding="utf-8")
    found = list(news(matrix, known, whole=whole, complete=complete))
    if quick and not options.fault:
        found += stale(
            read_noticed(), known, faults=set(FAULTS), cells=every_cell(), checks=set(CHECKS)
        )
    print("\n".join([*found, closing(matrix)]))
    return 1 if found else 0


def _parity(options: argparse.Namespace) -> int:
    """Audits of output parity, which need the extra of that name."""
    need_extra()
    from conformance.faces.selftest.parity_verb import parity

    faults = words(options.fault)
    return parity(faults, options.audits, file=options.kept, written=options.page)


def _kept(options: argparse.Namespace, faults: Collection[str]) -> Mapping[str, Examined]:
    """What was found of these faults before, and need not be found again."""
    kept = read_kept(options.kept) if options.kept and not options.fault else {}
    return {name: one for name, one in kept.items() if name in faults}


def _matrix(
    options: argparse.Namespace,
    faults: Collection[str],
    only: Collection[str],
    kept: Mapping[str, Examined],
) -> runs.Matrix:
    """All of these faults: those that are not kept are asked."""
    rest = [name for name in faults if name not in kept]
    if options.effort == Effort.QUICK:
        noticed = read_noticed()
        recorded = {name: noticed[name] for name in rest if name in noticed}
        return runs.the_least(recorded, _told, kept=list(kept.values()))
    return runs.matrix_of(
        rest,
        partial(_done, options.kept),
        effort=Effort(options.effort),
        chosen=partial(_among, only) if options.suites else everything,
        kept=list(kept.values()),
    )


def _among(names: Collection[str], cell: str) -> bool:
    return cell.partition("/")[0] in names


def _named(kind: str, wanted: tuple[str, ...], known: Collection[str]) -> tuple[str, ...]:
    """The wanted names, or all. Raises UsageError for one that is not there."""
    for each in wanted:
        if each not in known:
            raise UsageError(f"no {kind} is called {each!r}{did_you_mean(each, known)}")
    return wanted or tuple(known)


def _done(path: Path | None, one: Examined, line: str) -> None:
    if path:
        keep(path, one)
    _told(one, line)


def _told(_one: Examined, line: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{line:<60}", end="", file=sys.stderr, flush=True)
