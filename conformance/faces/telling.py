"""Verdicts in pytest's words: outcome, letter and color of each report."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import pytest

from conformance.errors import HarnessError
from conformance.faces.folding import REASON
from conformance.faces.items import NO_FINDING, CaseItem
from conformance.runs.bar import Bar
from conformance.runs.part import LINES
from conformance.verdict.outcome import Outcome

Status = tuple[str, str, str | tuple[str, dict[str, bool]]]
"""Category, letter, and word (with its color)."""


class Telling:
    """Hooks around reports."""

    def __init__(self, bar: Bar, lines: Callable[[], list[bytes]]) -> None:
        """`lines`: what was recorded since this was last asked, where that has to travel."""
        self._bar = bar
        self._lines = lines

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Attach the verdict as a plain word; below the bar a failure is a warning."""
        report = yield
        if lines := self._lines():
            setattr(report, LINES, lines)
        error = call.excinfo.value if call.excinfo else None
        if call.when == "call" and isinstance(error, HarnessError):
            report.when = "setup"  # a test of the user's that could not ask: an error, no failure
            report.longrepr = f"{NO_FINDING}: {error}"
        if report.when == "setup" and report.failed and str(report.longrepr).startswith(NO_FINDING):
            setattr(report, REASON, str(report.longrepr))
        verdict = item.verdict if isinstance(item, CaseItem) else None
        if verdict is None or call.when != "call":
            return report
        report.conformance = verdict.outcome.value  # type: ignore[attr-defined]  # extras are JSON, and travel
        if report.failed and not self._bar.case_counts(verdict):
            path, line, _ = report.location
            report.outcome = "skipped"  # as others have to see it: it did not pass
            report.longrepr = (path, (line or 0) + 1, f"below the bar: {verdict.message}")
            report.conformance = "warned"  # type: ignore[attr-defined]  # as above
        elif verdict.known:
            report.conformance = "deviating"  # type: ignore[attr-defined]  # as above
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: Any) -> Status | None:
        """Categories of our own: single words, or pytester cannot count them."""
        word = getattr(report, "conformance", None)
        return _STATUS.get(word) if word else None


_STATUS: dict[str, Status] = {
    Outcome.INCONCLUSIVE.value: ("inconclusive", "?", "INCONCLUSIVE"),
    "deviating": ("deviating", "d", "DEVIATING"),
    "warned": ("warned", "w", ("WARNED", {"yellow": True})),
    "shared": ("shared", "=", ("SHARED", {"yellow": True})),
}
