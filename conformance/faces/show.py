"""A run on the terminal."""

from __future__ import annotations

import shutil
from pathlib import Path

from conformance.report.terminal import summary
from conformance.runs.output import to_read
from conformance.verdict.model import Run


def show(run: Run, folder: Path | None, *, color: bool) -> None:
    """The summary, and where the whole report lies."""
    print(summary(run, width=min(shutil.get_terminal_size().columns, 120), color=color))
    if folder is not None:
        print(f"report: {to_read(folder)}")
