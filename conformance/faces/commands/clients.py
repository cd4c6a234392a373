"""`conformance clients`: a record, played to real client libraries, side by side."""

from __future__ import annotations

import argparse
from pathlib import Path

from conformance.clients.environment import environment
from conformance.clients.gather import gather
from conformance.clients.model import Client, Played
from conformance.clients.playback import Player
from conformance.errors import HarnessError, UsageError
from conformance.record.reader import read
from conformance.report.clients import comparison
from conformance.runs.clients import INSTALLED, played
from conformance.runs.judging import judge_record
from conformance.runs.toolbox import toolbox

OURS, BROKEN = "openai", 2


def arguments(parser: argparse.ArgumentParser) -> None:
    """A record and the clients."""
    add = parser.add_argument
    add("record", type=Path, metavar="RECORD", help="a record.jsonl, or the folder of a run")
    add(
        "--client",
        action="append",
        metavar="NAME[==VERSION]",
        help="openai (the installed one, the default), or a version that is installed once in a "
        "folder of its own: openai==2.54",
    )
    add("--profiles-file", type=Path, metavar="FILE", help="profiles of your own")
    add("--python", action="append", metavar="PATH", help="an interpreter that has openai")


def main(options: argparse.Namespace) -> int:
    """Play the record to each client and print what each made of it. The record stays as it is."""
    record = options.record / "record.jsonl" if options.record.is_dir() else options.record
    if not record.is_file():
        raise UsageError(f"no such record: {record}")
    named = options.client or ([] if options.python else [OURS])
    found = [_client(record, each) for each in dict.fromkeys(named)]
    found += [played(record, Player(python=each), each) for each in options.python or ()]
    run = judge_record(record, toolbox(options.profiles_file)).run
    print(comparison(gather(run, read(record).trials(), found)))
    return 0 if any(not each.reason for each in found) else BROKEN


def _client(record: Path, name: str) -> Played:
    """A client that cannot be installed is a reason beside the others' results."""
    if name == OURS:
        return played(record, INSTALLED)
    try:
        player = Player(python=INSTALLED.python, packages=environment(name))
    except HarnessError as error:
        package, _, version = name.partition("==")
        client = Client(name=package, version=version)
        return Played(client=client, outcomes={}, reason=str(error))
    return played(record, player, name)
