"""Errors with one cause, shown once: an endpoint that is not there befalls every case alike."""

from __future__ import annotations

import copy
from collections.abc import Generator, Sequence
from typing import Any

import pytest

from conformance.report.phrase import counted

REASON = "conformance_reason"
"""Attribute of reports on errors of ours, the text that they show; those with the same are shown as one."""


class Folding:
    """Around pytest's summary; nothing is taken from JUnit, from counts, or from the exit code."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> Generator[None, None, None]:
        """The first of each kind in full, with the number of the others; all of them with -v."""
        stats = terminalreporter.stats
        whole = stats.get("error")
        if not whole or terminalreporter.config.get_verbosity() > 0:
            return (yield)
        stats["error"] = folded(whole)
        try:
            return (yield)
        finally:
            stats["error"] = whole


def folded(reports: Sequence[Any]) -> list[Any]:
    """One report per reason, in the order in which they came; those without one as they are."""
    groups: dict[object, list[Any]] = {}
    for one in reports:
        groups.setdefault(getattr(one, REASON, None) or id(one), []).append(one)
    return [_first(each) for each in groups.values()]


def _first(group: Sequence[Any]) -> Any:
    if len(group) == 1:
        return group[0]
    shown = copy.copy(group[0])
    more = counted(len(group) - 1, "more case")
    shown.longrepr = f"{getattr(shown, REASON)}\nthe same for {more}; -v shows each"
    return shown
