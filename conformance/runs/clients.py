"""Real clients on a record: played once, kept in it, and read from there whenever it is judged."""

from __future__ import annotations

import sys
from pathlib import Path

from conformance.clients import lines
from conformance.clients.gather import gather
from conformance.clients.model import Client, Played
from conformance.clients.playback import Player, play
from conformance.errors import HarnessError
from conformance.record.reader import read
from conformance.record.writer import RecordWriter
from conformance.verdict.model import Run

INSTALLED = Player(python=sys.executable)
"""The openai that lies beside us."""


def playback(writer: RecordWriter) -> None:
    """Play all that was recorded to the installed client, and record what it made of it.

    A client that does not start is a reason, not a failure.
    """
    for line in lines.out(played(writer.path, INSTALLED)):
        writer.line(line)


def with_clients(run: Run, record: Path) -> Run:
    """The run with what its record says of clients."""
    return gather(run, read(record).trials(), lines.read(record))


def played(record: Path, player: Player, name: str = "openai") -> Played:
    """All exchanges of a record in one client; `name` is used where it cannot say its own."""
    outcomes = {}
    client = Client(name=name, version="")
    try:
        client, found = play(read(record).trials(), player)
        for outcome in found:
            outcomes[outcome.exchange] = outcome
    except HarnessError as error:
        return Played(client=client, outcomes=outcomes, reason=str(error))
    return Played(client=client, outcomes=outcomes)
