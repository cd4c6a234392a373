"""Files of a run: its folder, its reports, and `latest.txt`."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import conformance.report
from conformance.errors import HarnessError
from conformance.registry import import_all
from conformance.report.core import REPORTS, Format
from conformance.verdict.model import Run

RECORD = "record.jsonl"
PART = "part-{}.jsonl"
"""What a worker keeps for itself of its share of a run, in case that it cannot hand it over."""
DEFAULT_FORMATS = ("markdown", "json", "certificate", "badge")


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


def formats(names: Iterable[str]) -> list[Format]:
    """Report formats by name. Raises UsageError with a suggestion for an unknown one."""
    import_all(conformance.report)
    return [REPORTS.find(name) for name in names]


def write_reports(
    run: Run, folder: Path, names: Iterable[str], *, latest: bool = True
) -> list[Path]:
    """Write each format into a run's folder and point `latest.txt` at the run."""
    written = []
    for one in formats(names):
        path = folder / one.filename
        path.write_text(one.render(run), encoding="utf-8")
        written.append(path)
    if latest:
        (folder.parent / "latest.txt").write_text(folder.name + "\n", encoding="utf-8")
    return written
