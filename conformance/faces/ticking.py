"""Where progress is shown: below pytest's own line, or by itself for the command."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from conformance.runs.progress import Below, Meter, table

if TYPE_CHECKING:
    import pytest
    from rich.table import Table

EVERY = 0.2
"""Seconds between two pictures."""

Read = Callable[[], tuple[Meter, ...]]
Uncaptured = Callable[[], AbstractContextManager[None]]


class Ticker:
    """Draws while pytest waits for an item; nothing stays when it goes on."""

    def __init__(
        self, reporter: pytest.TerminalReporter, read: Read, uncaptured: Uncaptured
    ) -> None:
        """`uncaptured`: a context in which what is written reaches the terminal."""
        writer = reporter._tw  # noqa: SLF001  # pytest's own line is written with it
        self._writer = writer
        self._uncaptured = uncaptured
        self._read = read
        self._below = Below(writer._file, writer.fullwidth, color=writer.hasmarkup)  # noqa: SLF001  # as above
        self._began = self._drawn = time.monotonic()

    def tick(self) -> None:
        """Called now and then while somebody waits."""
        now = time.monotonic()
        if now - self._drawn >= EVERY:
            self._drawn = now
            with self._uncaptured():
                column = self._writer.width_of_current_line
                self._below.show(self._read(), now - self._began, column)

    def clear(self) -> None:
        """Called before pytest writes again."""
        if self._below.shown:
            with self._uncaptured():
                self._below.clear(self._writer.width_of_current_line)


def ticker(config: pytest.Config, read: Read) -> Ticker | None:
    """None with -q, with -v (whose lines say more), under -n, and where nobody looks."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    quiet = (
        getattr(config.option, "verbose", 0) != 0 or getattr(config.option, "dist", "no") != "no"
    )
    if reporter is None or quiet or not reporter.isatty or os.environ.get("TERM") == "dumb":
        return None
    captures = config.pluginmanager.get_plugin("capturemanager")
    uncaptured = captures.global_and_fixture_disabled if captures else nullcontext
    return Ticker(reporter, read, uncaptured)


@contextmanager
def live(read: Read, *, quiet: bool) -> Iterator[None]:
    """For the command: lines that go when the run is over. On the terminal's error stream."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.live import Live

    began = time.monotonic()

    def shown() -> Table:
        return table(read(), time.monotonic() - began)

    with Live(
        get_renderable=shown, console=Console(stderr=True), transient=True, refresh_per_second=5
    ):
        yield
