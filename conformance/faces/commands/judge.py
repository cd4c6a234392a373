"""`conformance judge`: a record judged again, offline, by the same code that judged it live."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from conformance.errors import UsageError
from conformance.faces.bar import Bar
from conformance.faces.choose import words
from conformance.faces.judging import judge_record
from conformance.faces.output import DEFAULT_FORMATS, write_reports
from conformance.faces.show import show
from conformance.faces.toolbox import toolbox


def arguments(parser: argparse.ArgumentParser) -> None:
    """A record, and what may differ from the run that made it."""
    add = parser.add_argument
    add("record", type=Path, metavar="RECORD", help="a record.jsonl, or the folder of a run")
    add("--certify", action="append", metavar="PROFILE", help="default: those of the run")
    add("--profiles-file", type=Path, metavar="FILE", help="profiles of your own")
    add("--fail-on", choices=["must", "should", "may"], default="must")
    add("--undecided", choices=["fail", "warn"])
    add("--report-as", action="append", metavar="FORMAT")
    add(
        "--output",
        type=Path,
        metavar="DIR",
        help="where to write (default: `judged` beside the record)",
    )


def main(options: argparse.Namespace) -> int:
    """Judge, write the reports, print the summary."""
    record = options.record / "record.jsonl" if options.record.is_dir() else options.record
    if not record.is_file():
        raise UsageError(f"no such record: {record}")
    tools = toolbox(options.profiles_file)
    judged = judge_record(record, tools, profiles=words(options.certify) or None)
    folder = options.output or record.parent / "judged"
    folder.mkdir(parents=True, exist_ok=True)
    for line in judged.remarks:
        print(f"conformance: {line}", file=sys.stderr)
    write_reports(judged.run, folder, words(options.report_as) or DEFAULT_FORMATS, latest=False)
    show(judged.run, folder, color=sys.stdout.isatty() and "NO_COLOR" not in os.environ)
    bar = Bar.from_words(
        profiles=(),
        fail_on=options.fail_on,
        undecided=options.undecided,
        contract=tools.contract,
        providers=judged.plan.providers,
        named=judged.wanted.named,
    )
    return bar.code(judged.run)
