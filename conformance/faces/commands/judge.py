"""`conformance judge`: a record judged again, offline, by the same code that judged it live."""

from __future__ import annotations

import argparse
from pathlib import Path

from conformance.errors import UsageError
from conformance.faces import again
from conformance.faces.commands.compare import need_extra
from conformance.record.reader import read
from conformance.runs.output import RECORD
from conformance.runs.toolbox import toolbox


def arguments(parser: argparse.ArgumentParser) -> None:
    """A record, and what may differ from the run that made it."""
    add = parser.add_argument
    add("record", type=Path, metavar="RECORD", help="a record.jsonl, or the folder of a run")
    again.arguments(parser)
    add(
        "--output",
        type=Path,
        metavar="DIR",
        help="where to write (default: `judged` beside the record)",
    )


def main(options: argparse.Namespace) -> int:
    """Judge, write the reports, print the summary."""
    record = options.record / RECORD if options.record.is_dir() else options.record
    if not record.is_file():
        raise UsageError(f"no such record: {record}")
    folder = options.output or record.parent / "judged"
    folder.mkdir(parents=True, exist_ok=True)
    if "parity" in read(record).header:
        return _pair(record, folder)
    tools = toolbox(options.profiles_file)
    judged = again.judge_again(record, tools, options)
    return again.conclude(judged, folder, tools, options, latest=False)


def _pair(record: Path, folder: Path) -> int:
    """A record of `conformance compare`."""
    need_extra()
    from conformance.faces.parity import tell
    from conformance.runs.parity.comparing import judged

    return tell(judged(record), folder)
