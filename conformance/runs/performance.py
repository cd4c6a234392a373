"""One run from selection to reports, for either face."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from conformance.contract.model import Level
from conformance.errors import UsageError
from conformance.plan.build import build, more_thoroughly, with_samples
from conformance.plan.estimate import Estimate, estimate
from conformance.plan.model import Ask, Plan, Variant
from conformance.runs.baseline import Recorded, read_baseline
from conformance.runs.books import Books, open_part
from conformance.runs.choose import Chosen
from conformance.runs.live import LiveRun
from conformance.runs.output import DEFAULT_FORMATS, new_folder
from conformance.runs.part import Part
from conformance.runs.progress import Meter
from conformance.runs.resuming import Earlier, find
from conformance.runs.settings import Settings
from conformance.runs.toolbox import Toolbox
from conformance.suite.model import Effort, Suite
from conformance.verdict.assemble import Wanted
from conformance.verdict.cases import not_applicable
from conformance.verdict.model import Run
from conformance.verdict.outcome import CaseVerdict
from conformance.wire.exchange import Trial


class Performance:
    """Prepare suites, start with a selection, ask for verdicts, finish once."""

    def __init__(
        self,
        chosen: Chosen,
        tools: Toolbox,
        settings: Settings,
        wanted: Wanted,
        part: Part | None = None,
    ) -> None:
        """`part`: of a run that several processes share; this one writes no reports."""
        self._chosen = chosen
        self._tools = tools
        self._settings = settings
        self._check_prices()
        self._wanted = wanted
        self._part = part
        self._taken: list[bytes] = []
        self._books: Books | None = None
        self._suites: dict[str, Suite] = {}
        self._live: LiveRun | None = None
        self._recorded: Recorded | None = None
        if chosen.baseline_record:
            self._recorded = read_baseline(
                chosen.baseline_record, chosen.baseline, tools, chosen.providers
            )
        self._earlier: Earlier | None = None
        if settings.resume is not None and part is None:
            self._earlier = find(settings.reports, settings.resume)
        self.run: Run | None = None
        self.folder: Path | None = None

    def estimate(self, selection: Collection[tuple[str, str]]) -> list[Estimate]:
        """What that would cost, by provider and suite; asks nothing."""
        plan = self.plan(selection)
        recorded = self._recorded.provider.name if self._recorded else None
        return [row for row in estimate(plan) if row.provider != recorded]

    def _check_prices(self) -> None:
        """A budget in money cannot be kept where nobody knows what things cost."""
        for name, one in self._chosen.providers.items():
            if self._settings.terms.money is not None and one.prices is None:
                raise UsageError(
                    f"--budget: provider {name} ({one.where}) states no prices\n"
                    "  add prices = {prompt = ..., completion = ...} (USD per million tokens), "
                    "or use --max-tokens-total"
                )

    @property
    def started(self) -> bool:
        """The engine was started."""
        return self._live is not None

    def prepare(self, suite: Suite) -> Suite:
        """The suite as it will be asked: the baseline's own version of it, as often as is wished."""
        if self._recorded:
            suite = self._recorded.suites.get(suite.id, suite)
        if self._settings.samples:
            suite = with_samples(suite, self._settings.samples)
        elif self._settings.effort is Effort.THOROUGH:
            suite = more_thoroughly(suite)
        self._suites[suite.id] = suite
        return suite

    def asks(self, variant: Variant) -> bool:
        """The run's effort covers it; what is asked for by name is asked anyway."""
        return self._settings.effort.covers(variant.effort)

    def plan(self, selection: Collection[tuple[str, str]]) -> Plan:
        """What will be asked of what was selected: pairs of cell id and provider."""
        providers = dict(self._chosen.providers)
        recorded = self._recorded
        asked = {cell for cell, _ in selection}
        if recorded:
            providers[recorded.provider.name] = recorded.provider

        def select(variant: Variant, name: str) -> bool:
            if recorded and name == recorded.provider.name:
                return variant.cell in asked & recorded.cells
            return (variant.cell, name) in selection

        return build(
            list(self._suites.values()),
            providers,
            select=select,
            baseline=recorded.provider.name if recorded else self._chosen.baseline,
            effort=self._settings.effort,
        )

    def start(self, selection: Collection[tuple[str, str]]) -> None:
        """Start capturing what was selected: pairs of cell id and provider."""
        self._books = self._open(self.plan(selection))
        assert self.folder is not None  # where the books lie
        self._live = LiveRun(
            self._books,
            folder=self.folder,
            origin=self._settings.origin,
            terms=self._settings.terms,
            recorded=self._recorded,
            part=self._part,
        )
        self._live.start()

    def _open(self, plan: Plan) -> Books:
        """The books of this run, and its folder."""
        tools, wanted = self._tools, self._wanted
        if self._part:
            self.folder = self._settings.reports / self._part.run_id
            return open_part(plan, tools, wanted, self._part, self.folder, self._taken.append)
        if self._earlier:
            self.folder = self._earlier.folder
            return Books.reopen(plan, tools, wanted, self._earlier)
        run_id, self.folder = new_folder(self._settings.reports)
        return Books.open(plan, tools, wanted, run_id=run_id, folder=self.folder)

    def lines(self) -> list[bytes]:
        """What was recorded since this was last asked; only of a part."""
        number = len(self._taken)  # more may come in meanwhile, from the engine's thread
        taken, self._taken[:number] = self._taken[:number], []
        return taken

    def meters(self) -> tuple[Meter, ...]:
        """How it is going."""
        return self._live.meters() if self._live else ()

    def verdict(
        self, variant: Variant, provider: str, tick: Callable[[], None] | None = None
    ) -> CaseVerdict:
        """The verdict of one case at one provider; blocks until it is there, ticking meanwhile."""
        assert self._live is not None  # start came first
        plan = self._live.plan
        for each in plan.not_asked:
            if each.variant.cell == variant.cell and each.provider == provider:
                return not_applicable(variant, provider, each.reason, Level.MAY)
        return self._live.wait(variant.cell, provider, tick)

    def wait(self) -> None:
        """Block until every cell is done; raises what stopped the engine."""
        assert self._live is not None  # start came first
        for cell in self._live.plan.cells:
            for name in cell.providers:
                self._live.wait(cell.id, name)

    def ask(self, ask: Ask) -> Trial:
        """One more trial, for a test of the user's."""
        assert self._live is not None  # start came first
        return self._live.ask(ask)

    def finish(self, *, complete: bool) -> Run | None:
        """Stop, judge the whole, write the reports. None where nothing was started."""
        if self._live is None or self._books is None or self.folder is None:
            return None
        self._live.finish(complete=complete)
        if self._part:
            self._books.close(complete=complete)
            return None
        formats = self._settings.formats or DEFAULT_FORMATS
        self.run = self._books.conclude(formats, complete=complete, clients=self._settings.clients)
        return self.run


def every_pair(tried: Iterable[Variant], names: Collection[str]) -> set[tuple[str, str]]:
    """Some variants at all providers, as a selection."""
    return {(variant.cell, name) for variant in tried for name in names}
