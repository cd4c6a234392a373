"""Going on with an interrupted run: which one, whether it is the same, and what is done already."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.errors import RecordError, UsageError
from conformance.faces.output import RECORD
from conformance.record.reader import Recording, read
from conformance.wire.exchange import Trial

_LAST_LINE = 1 << 16
_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The earlier sessions of a run."""

    run_id: str
    folder: Path
    recording: Recording

    @property
    def header(self) -> Mapping[str, Any]:
        """The first line of its record."""
        return self.recording.header

    def trials(self) -> Iterator[Trial]:
        """Those that were finished."""
        return (trial for trial in self.recording.trials() if trial.finished)


def find(reports: Path, run_id: str) -> Earlier:
    """The run of that id; without one the newest that was interrupted. Raises UsageError."""
    if run_id:
        folder = reports / run_id
        if not (folder / RECORD).is_file():
            raise UsageError(f"--resume-run={run_id}: there is no {folder / RECORD}")
    else:
        folder = _newest_interrupted(reports)
    try:
        recording = read(folder / RECORD)
    except RecordError as error:
        raise UsageError(f"--resume-run: {error}") from error
    return Earlier(run_id=folder.name, folder=folder, recording=recording)


def refuse_another(run_id: str, then: Mapping[str, Any], header: Mapping[str, Any]) -> None:
    """Raises UsageError where today's command would not ask what the earlier sessions asked."""
    now = json.loads(json.dumps(header))  # as it reads once it was written
    differences = [
        *_differing("the plan", then["plan"], now["plan"]),
        *(name for name in ("contract_version", "certify") if then.get(name) != now.get(name)),
    ]
    if differences:
        raise UsageError(
            f"run {run_id} cannot be gone on with: it is not the same run any more "
            f"({', '.join(differences)} differ)\n"
            "  give the command it was started with, beside --resume-run, or start a new run"
        )


def _differing(name: str, then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    if then == now:
        return []
    keys = [key for key in now if then.get(key) != now.get(key)]
    words = [
        "suites" if key == "digest" else key for key in keys if key not in {"suites", "samples"}
    ]
    return [f"{name}'s {' and '.join(words[:_SHOWN] or keys[:_SHOWN])}"]


def _newest_interrupted(reports: Path) -> Path:
    """Run ids sort by time."""
    records = sorted(reports.glob(f"*/{RECORD}"), reverse=True)
    for path in records:
        if not _ended(path):
            return path.parent
    newest = f"; the newest run, {records[0].parent.name}, went through" if records else ""
    raise UsageError(f"--resume-run: no run in {reports} was interrupted{newest}")


def _ended(path: Path) -> bool:
    """Its last line is a footer that says so."""
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _LAST_LINE))
        last = file.read().rstrip(b"\n").rpartition(b"\n")[2]
    try:
        data = json.loads(last)
    except ValueError:
        return False
    return isinstance(data, dict) and data.get("kind") == "footer" and bool(data.get("complete"))
