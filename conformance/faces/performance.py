"""One run from selection to reports, for either face."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.contract.model import Level
from conformance.errors import UsageError
from conformance.faces.baseline import Recorded, read_baseline
from conformance.faces.choose import Chosen
from conformance.faces.live import LiveRun
from conformance.faces.output import formats, new_folder, write_reports
from conformance.faces.toolbox import Toolbox
from conformance.plan.build import build, with_samples
from conformance.plan.model import Ask, Variant
from conformance.providers.model import Provider
from conformance.suite.model import Suite
from conformance.verdict.assemble import Wanted
from conformance.verdict.cases import not_applicable
from conformance.verdict.model import Run
from conformance.verdict.outcome import CaseVerdict
from conformance.wire.exchange import Trial

DEFAULT_FORMATS = ("markdown", "json", "certificate", "badge")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The options of a run, checked."""

    reports: Path
    formats: tuple[str, ...] = ()
    concurrency: int | None = None
    samples: int | None = None
    origin: Path = Path()
    """Where relative paths of suites start."""

    def checked(self) -> Settings:
        """Itself. Raises UsageError for values that cannot be."""
        formats(self.formats)
        for name in ("concurrency", "samples"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise UsageError(f"--{name}={value}: it is at least 1")
        return self


class Performance:
    """Prepare suites, start with a selection, ask for verdicts, finish once."""

    def __init__(self, chosen: Chosen, tools: Toolbox, settings: Settings, wanted: Wanted) -> None:
        self._chosen = chosen
        self._tools = tools
        self._settings = settings.checked()
        self._wanted = wanted
        self._suites: dict[str, Suite] = {}
        self._live: LiveRun | None = None
        self._recorded: Recorded | None = None
        if chosen.baseline_record:
            self._recorded = read_baseline(chosen.baseline_record, chosen.baseline, tools)
        self.run: Run | None = None
        self.written: list[Path] = []
        self.folder: Path | None = None

    @property
    def started(self) -> bool:
        """The engine was started."""
        return self._live is not None

    def prepare(self, suite: Suite) -> Suite:
        """The suite as it will be asked: the baseline's own version of it, `--samples` applied."""
        if self._recorded:
            suite = self._recorded.suites.get(suite.id, suite)
        if self._settings.samples:
            suite = with_samples(suite, self._settings.samples)
        self._suites[suite.id] = suite
        return suite

    def start(self, selection: Collection[tuple[str, str]]) -> None:
        """Start capturing what was selected: pairs of cell id and provider."""
        providers = {name: self._limited(one) for name, one in self._chosen.providers.items()}
        recorded = self._recorded
        asked = {cell for cell, _ in selection}
        if recorded:
            providers[recorded.provider.name] = recorded.provider

        def select(variant: Variant, name: str) -> bool:
            if recorded and name == recorded.provider.name:
                return variant.cell in asked & recorded.cells
            return (variant.cell, name) in selection

        plan = build(
            list(self._suites.values()),
            providers,
            select=select,
            baseline=recorded.provider.name if recorded else self._chosen.baseline,
        )
        run_id, self.folder = new_folder(self._settings.reports)
        self._live = LiveRun(
            plan,
            self._tools,
            run_id=run_id,
            folder=self.folder,
            origin=self._settings.origin,
            wanted=self._wanted,
            recorded=recorded,
        )
        self._live.start()

    def _limited(self, provider: Provider) -> Provider:
        if self._settings.concurrency is None:
            return provider
        return replace(
            provider, limits=replace(provider.limits, concurrency=self._settings.concurrency)
        )

    def verdict(self, variant: Variant, provider: str) -> CaseVerdict:
        """The verdict of one case at one provider; blocks until it is there."""
        assert self._live is not None  # start came first
        plan = self._live.plan
        for each in plan.not_asked:
            if each.variant.cell == variant.cell and each.provider == provider:
                return not_applicable(variant, provider, each.reason, Level.MAY)
        return self._live.wait(variant.cell, provider)

    def wait(self) -> None:
        """Block until every cell is done; raises what stopped the engine."""
        assert self._live is not None  # start came first
        for cell in self._live.plan.cells:
            for name in cell.providers:
                self._live.wait(cell.id, name)

    def ask(self, ask: Ask) -> Trial:
        """One more trial, for a test of the user's."""
        if self._live is None:
            self.start(())
        assert self._live is not None  # just started
        return self._live.ask(ask)

    def finish(self, *, complete: bool) -> Run | None:
        """Stop, judge the whole, write the reports. None where nothing was started."""
        if self._live is None or self.folder is None:
            return None
        self.run = self._live.finish(complete=complete)
        self.written = write_reports(
            self.run, self.folder, self._settings.formats or DEFAULT_FORMATS
        )
        return self.run


def every_pair(suites: Sequence[Suite], names: Collection[str]) -> set[tuple[str, str]]:
    """The selection of everything, for the command line."""
    from conformance.plan.build import variants

    return {
        (variant.cell, name)
        for suite in suites
        for case in suite.cases
        for variant in variants(case)
        for name in names
    }
