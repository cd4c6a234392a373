"""`conformance report`: the records of several jobs or days as one run, with its reports."""

from __future__ import annotations

import argparse
from pathlib import Path

from conformance.faces import again
from conformance.runs.merging import merge_records, records
from conformance.runs.toolbox import toolbox


def arguments(parser: argparse.ArgumentParser) -> None:
    """The records, and what may differ from the runs that made them."""
    add = parser.add_argument
    add(
        "records",
        nargs="+",
        type=Path,
        metavar="RECORD|DIR",
        help="record files, or folders that have some, however deep; merged ones as well",
    )
    add(
        "--latest",
        action="store_true",
        help="where two runs asked the same case of the same provider, the later one answers "
        "(default: they are refused)",
    )
    again.arguments(parser)
    add("--reports-dir", type=Path, default=Path("reports"), metavar="DIR")


def main(options: argparse.Namespace) -> int:
    """Merge into a record of its own, judge it, write the reports, print the summary."""
    tools = toolbox(options.profiles_file)
    merged = merge_records(
        records(options.records), tools, reports=options.reports_dir, latest=options.latest
    )
    judged = again.judge_again(merged.record, tools, options)
    return again.conclude(
        judged, merged.record.parent, tools, options, remarks=merged.remarks, latest=True
    )
