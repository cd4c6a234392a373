"""pytest with a provider: collects suites, starts the engine lazily, tells verdicts in pytest's words."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from conformance.errors import ConformanceError, UsageError
from conformance.faces import aftermath
from conformance.faces.conductor import Conductor
from conformance.faces.estimating import Estimator, table
from conformance.faces.folding import Folding
from conformance.faces.invocation import (
    SUFFIXES,
    arguments,
    found,
    shared,
    shown,
    spelled,
    suite_paths,
    wish,
)
from conformance.faces.items import CaseItem, SuiteFile, locator, selection
from conformance.faces.stash import STAGE
from conformance.faces.telling import Telling
from conformance.faces.ticking import ticker
from conformance.plan.model import Ask, Variant
from conformance.runs.bar import Bar
from conformance.runs.choose import Chosen, choose, words
from conformance.runs.part import INPUT, Part
from conformance.runs.performance import Performance
from conformance.runs.settings import settings
from conformance.runs.toolbox import Toolbox, toolbox
from conformance.suite.load import is_suite
from conformance.suite.model import Suite
from conformance.verdict.outcome import CaseVerdict
from conformance.wire.exchange import Trial


def enter(config: pytest.Config) -> None:
    """Choose providers and suites and register the stage. Raises pytest.UsageError (exit 4)."""
    try:
        stage = Stage(config)
    except ConformanceError as error:
        raise pytest.UsageError(str(error)) from error
    config.stash[STAGE] = stage
    config.pluginmanager.register(stage, "conformance-stage")
    config.pluginmanager.register(
        Telling(stage.bar, stage.performance.lines), "conformance-telling"
    )
    config.pluginmanager.register(Folding(), "conformance-folding")
    if stage.conductor:
        config.pluginmanager.register(stage.conductor, "conformance-conductor")
    if config.getoption("conformance_estimate"):
        config.pluginmanager.register(Estimator(stage.estimate), "conformance-estimate")


class Stage:
    """The state of one pytest run with `--provider`, and the hooks that need it."""

    def __init__(self, config: pytest.Config) -> None:
        self.config, option = config, config.getoption
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
        given = getattr(config, "workerinput", None)
        how = settings(
            lambda name: option("conformance_" + name.replace("-", "_")),
            folder=config.invocation_params.dir,
            origin=config.rootpath,
        )
        made = (self.chosen, self.tools, how, self.bar.wanted)
        self.performance = Performance(*made, part=Part.from_input(given[INPUT]) if given else None)
        self.conductor = Conductor(*made, late=self.late) if shared(config) else None
        self._ticker = ticker(config, self.performance.meters)
        config.args[:] = arguments(config)
        self._spelled = spelled(config.args)
        # Read now, so that a wrong file is wrong use and not a broken collection.
        self.named: dict[Path, Suite] = {path: self._read(path) for path in suite_paths(config)}

    @property
    def names(self) -> list[str]:
        """Providers that are asked, the live baseline first."""
        return sorted(self.chosen.providers, key=lambda name: name != self.chosen.baseline)

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> SuiteFile | None:
        """A suite file, by its mark; other YAML is left alone unless it was named."""
        if file_path.suffix not in SUFFIXES:
            return None
        if file_path not in self.named and not is_suite(
            file_path.read_text(encoding="utf-8", errors="replace")
        ):
            return None
        nodeid = shown(file_path, self.config.rootpath)
        file = SuiteFile.from_parent(parent, path=file_path, nodeid=nodeid)
        file.stage = self
        return file

    def asks(self, variant: Variant) -> bool:
        """The run's effort covers it, or its case is named on the command line."""
        named = variant.case.id.partition("/")[2] in self._spelled
        return named or self.performance.asks(variant)

    def late(self, nodeid: str) -> bool:
        """Whether an item that a worker has found wants the endpoint for itself."""
        path, _, name = nodeid.partition("::")
        if Path(path).suffix not in SUFFIXES:
            return False
        stem = name.partition("[")[0]
        cases = self.suite(found(path, self.config.rootpath)).cases
        return any(case.late for case in cases if case.id.partition("/")[2] == stem)

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
        return table(self.performance.estimate(selection(session.items)))

    def result(self, item: CaseItem) -> CaseVerdict:
        """Wait for an item's verdict; the first call starts the engine with the whole selection."""
        self._start(item.session)
        pair = (item.variant, item.provider)
        if self._ticker is None:
            return self.performance.verdict(*pair)
        try:
            return self.performance.verdict(*pair, self._ticker.tick)
        finally:
            self._ticker.clear()

    def ask(self, session: pytest.Session, ask: Ask) -> Trial:
        """One more trial, for a test of the user's."""
        self._start(session)
        return self.performance.ask(ask)

    def _start(self, session: pytest.Session) -> None:
        if self.performance.started:
            return
        try:
            self.performance.start(selection(session.items))
        except UsageError as error:  # the same for every item: once is enough
            if hasattr(self.config, "workerinput"):
                raise
            pytest.exit(f"conformance: {error}", returncode=pytest.ExitCode.USAGE_ERROR)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """After the loop, whatever ended it: stop the engine, judge the whole, write the reports."""
        one, ended = self.conductor or self.performance, False
        try:
            result = yield
            ended = True
            return result
        finally:
            with aftermath.told(session, one):
                one.finish(complete=ended)
            if one.run is not None and ended:
                lost = self.conductor.unreported() if self.conductor else []
                where = locator(self.named, self.config.rootpath, self.names)
                aftermath.report(session, one.run, self.bar, where, lost)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A worker gives away what it could not put on a report."""
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[INPUT] = self.performance.lines()

    def pytest_report_header(self) -> list[str]:
        """Who is asked."""
        lines = [f"conformance: {', '.join(self.names)}"]
        if self.chosen.baseline:
            lines[0] += f" (baseline {self.chosen.baseline})"
        return [*lines, *self.chosen.left_out]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Certificates and the top five to fix."""
        one = self.conductor or self.performance
        aftermath.summary(terminalreporter, one.run, one.folder)
