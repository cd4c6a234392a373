"""Files of a run: its folder, its reports, and `latest.txt`."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from conformance.errors import HarnessError, UsageError
from conformance.report.core import Format
from conformance.report.formats import REPORTS
from conformance.verdict.model import Run

RECORD = "record.jsonl"
PART = "part-{}.jsonl"
"""What a worker keeps for itself of its share of a run, in case that it cannot hand it over."""
DEFAULT_FORMATS = ("markdown", "html", "json", "certificate", "badge")


def now() -> str:
    """UTC, ISO 8601, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def new_id() -> str:
    """A run id that sorts by time."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def new_folder(reports: Path) -> tuple[str, Path]:
    """A run id, and its folder."""
    run_id = new_id()
    folder = reports / run_id
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise HarnessError(
            f"cannot create the run's folder {folder}: {error.strerror}; "
            "choose another place with --reports-dir"
        ) from error
    return run_id, folder


def check_place(reports: Path) -> None:
    """That runs can be kept there, before anything is asked. Raises UsageError; leaves nothing behind."""
    there = next(each for each in (reports, *reports.absolute().parents) if each.exists())
    try:
        with tempfile.TemporaryDirectory(dir=there, prefix=".conformance-"):
            pass
    except OSError as error:
        raise UsageError(
            f"--reports-dir={reports}: cannot write in {there}: {error.strerror}; choose another place"
        ) from error


def formats(names: Iterable[str]) -> list[Format]:
    """Report formats by name. Raises UsageError with a suggestion for an unknown one."""
    return [REPORTS.find(name) for name in names]


def write_reports(
    run: Run, folder: Path, names: Iterable[str], *, latest: bool = True
) -> list[Path]:
    """Write each format into a run's folder and point `latest.txt` at the run.

    Raises HarnessError where that cannot be written.
    """
    written = [_write(folder / one.filename, one.render(run)) for one in formats(names)]
    if latest:
        _write(folder.parent / "latest.txt", folder.name + "\n")
    return written


def to_read(folder: Path) -> Path:
    """What a person opens first of what was written for a run."""
    pages = (folder / name for name in ("report.md", "report.html"))
    return next((each for each in pages if each.is_file()), folder)


def kept(error: Exception, folder: Path | None) -> str:
    """Why a run could not be brought to its end, and what is left of it."""
    if folder is None or not (folder / RECORD).is_file():
        return str(error)
    return (
        f"{error}\n  what was captured is kept in {folder}: the same command with "
        f"--resume-run={folder.name} asks what is missing"
    )


def _write(path: Path, text: str) -> Path:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise HarnessError(f"cannot write {path}: {error.strerror or error}") from error
    return path
