"""What `judge` and `report` have in common: their options, and how they end."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from conformance.faces.show import show
from conformance.runs.bar import Bar
from conformance.runs.choose import words
from conformance.runs.judging import Judged, judge_record
from conformance.runs.output import DEFAULT_FORMATS, write_reports
from conformance.runs.toolbox import Toolbox


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may differ from the run that made the record."""
    add = parser.add_argument
    add("--certify", action="append", metavar="PROFILE", help="default: those of the run")
    add("--profiles-file", type=Path, metavar="FILE", help="profiles of your own")
    add("--fail-on", choices=["must", "should", "may"], default="must")
    add("--undecided", choices=["fail", "warn"])
    add("--report-as", action="append", metavar="FORMAT")


def judge_again(record: Path, tools: Toolbox, options: argparse.Namespace) -> Judged:
    """The record's verdict, with the profiles of the command line or of its run."""
    return judge_record(record, tools, profiles=words(options.certify) or None)


def conclude(
    judged: Judged,
    folder: Path,
    tools: Toolbox,
    options: argparse.Namespace,
    *,
    remarks: Iterable[str] = (),
    latest: bool,
) -> int:
    """Write the reports, print the summary, and give the exit code that the run would have had."""
    for line in (*judged.remarks, *remarks):
        print(f"conformance: {line}", file=sys.stderr)
    write_reports(judged.run, folder, words(options.report_as) or DEFAULT_FORMATS, latest=latest)
    show(judged.run, folder, color=sys.stdout.isatty() and "NO_COLOR" not in os.environ)
    bar = Bar.from_words(
        profiles=(),
        fail_on=options.fail_on,
        undecided=options.undecided,
        contract=tools.contract,
        providers=judged.plan.providers,
        named=judged.named,
    )
    return bar.code(judged.run)
