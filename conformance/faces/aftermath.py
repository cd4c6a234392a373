"""After the cases: reports for broken clauses and certificates, and the summary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, Protocol

import pytest

from conformance.errors import ConformanceError
from conformance.faces.extras import Extra, extras
from conformance.report.terminal import summary as terminal_summary
from conformance.runs.bar import Bar
from conformance.runs.output import kept, to_read
from conformance.runs.part import BROKE_OFF
from conformance.verdict.model import Run

_MEMORIES = ("lfplugin", "stepwiseplugin")
"""Plugins of pytest's that remember items in order to run them again; what we add is no item."""
Locate = Callable[[str, str], str | None]
"""Node id of the item that asks a cell of a provider; None where there is none."""


def report(
    session: pytest.Session,
    run: Run,
    bar: Bar,
    locate: Locate,
    lost: Iterable[tuple[str, str]] = (),
) -> None:
    """Emit what is no item of pytest's: exit code, JUnit and the terminal follow from it.

    `lost`: node ids of items that nobody reported, each with the reason.
    """
    for provider in run.providers:
        for one in extras(provider, bar):
            _emit(session, one)
            if one.text and not one.category:
                items = (locate(cell, provider.name) for cell in one.cells)
                _remember(session, [each for each in items if each])
    for name, why in lost:
        _emit(session, Extra(name=name, text=why, category="error"), item=True)


class _Run(Protocol):
    """What is being brought to its end."""

    folder: Path | None


@contextmanager
def told(session: pytest.Session, one: _Run) -> Iterator[None]:
    """Emit an error of ours where a run cannot be brought to its end: the disk is full, most often.

    A worker of a shared run has no report of its own to emit: it gives the text away.
    """
    try:
        yield
    except (ConformanceError, OSError) as error:
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[BROKE_OFF] = str(error)
            return
        text = kept(error, one.folder)
        _emit(session, Extra(name="harness/end", text=text, category="error"))


def _emit(session: pytest.Session, one: Extra, *, item: bool = False) -> None:
    session.testscollected += 1  # or progress would pass 100 %
    where = (one.name, None, one.name)
    manager = session.config.pluginmanager
    forgetful = [] if item else [each for each in map(manager.get_plugin, _MEMORIES) if each]
    log = manager.subset_hook_caller("pytest_runtest_logreport", forgetful)
    session.ihook.pytest_runtest_logstart(nodeid=one.name, location=where)
    for phase in _phases(one):
        log(report=phase)
    session.ihook.pytest_runtest_logfinish(nodeid=one.name, location=where)


def _remember(session: pytest.Session, items: Iterable[str]) -> None:
    """`--lf` runs what showed it: a clause cannot be run, and a case may pass that showed it."""
    memory = session.config.pluginmanager.get_plugin(_MEMORIES[0])
    if memory is None:  # -p no:cacheprovider
        return
    for name in items:
        memory.pytest_runtest_logreport(_phase(name, "call", "failed", "showed what failed"))


def summary(terminal: pytest.TerminalReporter, run: Run | None, folder: Path | None) -> None:
    """Certificates and the top five to fix."""
    if run is None or folder is None:
        return
    terminal.section("conformance", blue=True)
    terminal.write(
        terminal_summary(
            run,
            width=terminal._tw.fullwidth,  # noqa: SLF001  # the reporter's own width
            color=terminal._tw.hasmarkup,  # noqa: SLF001  # NO_COLOR and --color are pytest's matter
        )
    )
    here = terminal.config.invocation_params.dir
    page = to_read(folder)
    shown = page.relative_to(here) if page.is_relative_to(here) else page
    terminal.write_line(f"report: {shown}")


def _phases(one: Extra) -> Iterator[pytest.TestReport]:
    """Setup, call and teardown; an error is that of its setup, and there is no call."""
    for when in ("setup", "call", "teardown"):
        if one.category == "error" and when == "call":
            continue
        yield _told(one, when)


def _told(one: Extra, when: Literal["setup", "call", "teardown"]) -> pytest.TestReport:
    if not one.text or when != ("setup" if one.category == "error" else "call"):
        return _phase(one.name, when, "passed")
    if one.category in {"", "error"}:
        return _phase(one.name, when, "failed", one.text)
    phase = _phase(one.name, when, "skipped", (one.name, 0, one.text))
    phase.conformance = one.category  # type: ignore[attr-defined]  # read by the hook for the status
    return phase


def _phase(
    name: str,
    when: Literal["setup", "call", "teardown"],
    outcome: Literal["passed", "failed", "skipped"],
    words: str | tuple[str, int, str] | None = None,
) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid=name,
        location=(name, None, name),
        keywords={},
        outcome=outcome,
        longrepr=words,
        when=when,
    )
