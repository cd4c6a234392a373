"""The options of a run as values, checked: the same for both faces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.engine.limits import Terms
from conformance.errors import UsageError
from conformance.runs.choose import words
from conformance.runs.output import check_place, formats
from conformance.suite.model import Effort

Option = Callable[[str], Any]
"""The value of an option, by its name in `faces/options.py`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a run is done, beside whom it asks what."""

    reports: Path
    formats: tuple[str, ...] = ()
    terms: Terms = field(default_factory=Terms)
    samples: int | None = None
    effort: Effort = Effort.NORMAL
    resume: str | None = None
    """Id of the run to go on with; empty: the newest one that was interrupted; None: a new run."""
    clients: bool = True
    """When all is asked, play the record to the installed client."""
    origin: Path = Path()
    """Where relative paths of suites start."""


def settings(option: Option, *, folder: Path, origin: Path) -> Settings:
    """From options; relative paths start at `folder`. Raises UsageError for what cannot be."""
    for name in ("concurrency", "samples"):
        if (value := option(name)) is not None and value < 1:
            raise UsageError(f"--{name}={value}: it is at least 1")
    for name in ("max-rate", "budget", "max-tokens-total"):
        if (value := option(name)) is not None and not value > 0:
            raise UsageError(f"--{name}={value:g}: it is more than 0")
    if not option("wait") >= 0:
        raise UsageError(f"--wait={option('wait'):g}: it is not negative")
    chosen = words(option("report-as"))
    formats(chosen)
    check_place(folder / option("reports-dir"))
    return Settings(
        reports=folder / option("reports-dir"),
        formats=chosen,
        terms=Terms(
            concurrency=option("concurrency"),
            rate=option("max-rate"),
            wait=option("wait"),
            tokens=option("max-tokens-total"),
            money=option("budget"),
        ),
        samples=option("samples"),
        effort=Effort(option("effort")),
        resume=option("resume-run"),
        clients=not option("no-clients"),
        origin=origin,
    )
