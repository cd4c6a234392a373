"""pytest with a provider: collects suites, starts the engine lazily, tells verdicts in pytest's words."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

from conformance.errors import ConformanceError
from conformance.faces import aftermath
from conformance.faces.bar import Bar
from conformance.faces.choose import Chosen, choose, words
from conformance.faces.estimating import Estimator
from conformance.faces.invocation import SUFFIXES, arguments, shown, suite_paths, wish
from conformance.faces.items import CaseItem, SuiteFile
from conformance.faces.performance import Performance
from conformance.faces.plugin import STAGE
from conformance.faces.settings import settings
from conformance.faces.toolbox import Toolbox, toolbox
from conformance.report.junit import properties
from conformance.suite.load import is_suite
from conformance.suite.model import Suite
from conformance.verdict.findings import selecting
from conformance.verdict.outcome import CaseVerdict, Outcome

Status = tuple[str, str, str | tuple[str, dict[str, bool]]]
"""Category, letter, and word (with its color)."""


def enter(config: pytest.Config) -> None:
    """Choose providers and suites and register the stage. Raises pytest.UsageError (exit 4)."""
    if config.pluginmanager.hasplugin("dsession") and config.getoption("numprocesses", None):
        raise pytest.UsageError(
            "the engine is concurrent by itself: use --concurrency=N instead of -n"
        )
    try:
        stage = Stage(config)
    except ConformanceError as error:
        raise pytest.UsageError(str(error)) from error
    config.stash[STAGE] = stage
    config.pluginmanager.register(stage, "conformance-stage")
    if config.getoption("conformance_estimate"):
        config.pluginmanager.register(Estimator(stage.estimate), "conformance-estimate")


class Stage:
    """The state of one pytest run with `--provider`, and the hooks that need it."""

    def __init__(self, config: pytest.Config) -> None:
        option = config.getoption
        self.config = config
        self.chosen: Chosen = choose(wish(config))
        own = option("conformance_profiles_file")
        self.tools: Toolbox = toolbox(config.invocation_params.dir / own if own else None)
        self.bar = Bar.from_words(
            profiles=words(option("conformance_certify")),
            fail_on=option("conformance_fail_on"),
            undecided=option("conformance_undecided"),
            contract=self.tools.contract,
            providers=self.chosen.providers,
        )
        self.performance = Performance(
            self.chosen,
            self.tools,
            settings(
                lambda name: option("conformance_" + name.replace("-", "_")),
                folder=config.invocation_params.dir,
                origin=config.rootpath,
            ),
            self.bar.wanted,
        )
        config.args[:] = arguments(config)
        # Read now, so that a wrong file is wrong use and not a broken collection.
        self.named: dict[Path, Suite] = {path: self._read(path) for path in suite_paths(config)}

    @property
    def names(self) -> list[str]:
        """Providers that are asked, the live baseline first."""
        base = self.chosen.baseline
        return sorted(self.chosen.providers, key=lambda name: name != base)

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> SuiteFile | None:
        """A suite file, by its mark; other YAML is left alone unless it was named."""
        if file_path.suffix not in SUFFIXES:
            return None
        if file_path not in self.named and not is_suite(
            file_path.read_text(encoding="utf-8", errors="replace")
        ):
            return None
        file = SuiteFile.from_parent(
            parent, path=file_path, nodeid=shown(file_path, self.config.rootpath)
        )
        file.stage = self
        return file

    def suite(self, path: Path) -> Suite:
        """The suite of a file that is wanted; pytest looks at files beside it as well."""
        if path not in self.named:
            try:
                self.named[path] = self._read(path)
            except ConformanceError as error:
                raise pytest.Collector.CollectError(str(error)) from error
        return self.named[path]

    def _read(self, path: Path) -> Suite:
        return self.performance.prepare(
            self.tools.read_suite(path, shown(path, self.config.rootpath))
        )

    def estimate(self, session: pytest.Session) -> str:
        """What the selection would cost."""
        return self.performance.estimate(_selection(session.items))

    def result(self, item: CaseItem) -> CaseVerdict:
        """Wait for an item's verdict; the first call starts the engine with the whole selection."""
        if not self.performance.started:
            self.performance.start(_selection(item.session.items))
        return self.performance.verdict(item.variant, item.provider)

    def properties(self, verdict: CaseVerdict) -> Sequence[tuple[str, str]]:
        """What goes into JUnit."""
        return properties(verdict)

    def hint(self, item: CaseItem) -> str:
        """Where to read more."""
        return f"again: pytest '{item.nodeid}' {selecting(self.chosen.providers[item.provider])}"

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Attach the verdict as a plain word; below the bar a failure is a warning."""
        report = yield
        verdict = item.verdict if isinstance(item, CaseItem) else None
        if verdict is None or call.when != "call":
            return report
        report.conformance = verdict.outcome.value  # type: ignore[attr-defined]  # extras are JSON, and travel
        if report.failed and not self.bar.case_counts(verdict):
            report.outcome = "passed"
            report.conformance = "warned"  # type: ignore[attr-defined]  # as above
        elif verdict.known:
            report.conformance = "deviating"  # type: ignore[attr-defined]  # as above
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: Any) -> Status | None:
        """Categories of our own: single words, or pytester cannot count them."""
        word = getattr(report, "conformance", None)
        if word == aftermath.HELD:
            return ("passed", "", "") if report.when == "call" else ("", "", "")
        return _STATUS.get(word) if word else None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """After the loop, whatever ended it: stop the engine, judge the whole, write the reports."""
        ended = False
        try:
            result = yield
            ended = True
            return result
        finally:
            run = self.performance.finish(complete=ended)
            if run is not None and ended:
                aftermath.report(session, run, self.bar)

    def pytest_report_header(self) -> list[str]:
        """Who is asked."""
        lines = [f"conformance: {', '.join(self.names)}"]
        if self.chosen.baseline:
            lines[0] += f" (baseline {self.chosen.baseline})"
        return [*lines, *self.chosen.left_out]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Certificates and the top five to fix."""
        aftermath.summary(terminalreporter, self.performance)


_STATUS: dict[str, Status] = {
    Outcome.INCONCLUSIVE.value: ("inconclusive", "?", "INCONCLUSIVE"),
    "deviating": ("deviating", "d", "DEVIATING"),
    "warned": ("warned", "w", ("WARNED", {"yellow": True})),
    "shared": ("shared", "=", ("SHARED", {"yellow": True})),
}


def _selection(items: Sequence[pytest.Item]) -> set[tuple[str, str]]:
    return {(item.variant.cell, item.provider) for item in items if isinstance(item, CaseItem)}
