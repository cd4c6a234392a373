"""Going on with an interrupted run: which one, whether it is the same, and what is done already."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.errors import RecordError, UsageError
from conformance.record.reader import Recording, read
from conformance.record.writer import RecordWriter, is_held
from conformance.runs.output import PART, RECORD, now
from conformance.wire.exchange import Trial, TrialKey

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
        if not _records(folder):
            raise UsageError(f"--resume-run={run_id}: there is no {folder / RECORD}")
    else:
        folder = _newest_interrupted(reports)
    try:
        _gather(folder)
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
    folders = [each for each in sorted(reports.glob("*/"), reverse=True) if _records(each)]
    for folder in folders:
        if not _ended(folder / RECORD):
            return folder
    newest = f"; the newest run, {folders[0].name}, went through" if folders else ""
    raise UsageError(f"--resume-run: no run in {reports} was interrupted{newest}")


def _records(folder: Path) -> list[Path]:
    """The record, or what workers kept that had not handed over anything yet."""
    record = folder / RECORD
    return [record] if _begun(record) else _parts(folder)


def _parts(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob(PART.format("*"))) if _begun(path)]


def _begun(path: Path) -> bool:
    """Its first line is whole; a process that was killed before that has asked nothing."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.readline().endswith(b"\n")


def leftovers(folder: Path, known: Collection[TrialKey]) -> Iterator[Trial]:
    """What workers that are gone had finished and did not hand over; their files go afterwards.

    Raises UsageError where one is still at work.
    """
    for path in sorted(folder.glob(PART.format("*"))):
        if is_held(path):
            raise UsageError(f"a worker of that run is still at work ({path}): wait a few seconds")
        for trial in read(path).trials() if _begun(path) else ():
            if trial.finished and trial.key not in known:
                yield trial
        path.unlink()


def _gather(folder: Path) -> None:
    """Put into the record what workers kept; a run that was killed early has no record yet."""
    parts = _parts(folder)
    if not parts:
        return
    record = folder / RECORD
    if not _begun(record):
        record.unlink(missing_ok=True)
        RecordWriter.create(record, _facts(read(parts[0]).header)).close()
    known = {trial.key for trial in read(record).trials() if trial.finished}
    with RecordWriter.resume(record, now()) as writer:
        for trial in leftovers(folder, known):
            for exchange in trial.exchanges:
                writer.exchange(trial.key, exchange)
            writer.trial(trial)


def _facts(header: Mapping[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in header.items() if name not in {"kind", "record"}}


def _ended(path: Path) -> bool:
    """Its last line is a footer that says so."""
    if not _begun(path):
        return False
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _LAST_LINE))
        last = file.read().rstrip(b"\n").rpartition(b"\n")[2]
    try:
        data = json.loads(last)
    except ValueError:
        return False
    return isinstance(data, dict) and data.get("kind") == "footer" and bool(data.get("complete"))
