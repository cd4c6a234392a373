"""What a run has come to so far: its record, its tally, and what was found out about providers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from conformance import __version__
from conformance.plan.codec import to_json
from conformance.plan.model import Plan
from conformance.plan.tokens import Tokens
from conformance.record.reader import TrialLines
from conformance.record.writer import RecordWriter
from conformance.runs.clients import playback, with_clients
from conformance.runs.output import PART, RECORD, now, write_reports
from conformance.runs.part import Part
from conformance.runs.resuming import Earlier, leftovers, refuse_another
from conformance.runs.toolbox import Toolbox
from conformance.verdict.assemble import Wanted, assemble
from conformance.verdict.model import Run, RunInfo
from conformance.verdict.outcome import TrialVerdict
from conformance.verdict.tally import Tally
from conformance.wire.exchange import Trial, TrialKey


class Books:
    """Written by one thread at a time."""

    def __init__(
        self, plan: Plan, tools: Toolbox, wanted: Wanted, info: RunInfo, writer: RecordWriter
    ) -> None:
        """Use `open` or `reopen`."""
        self.plan = plan
        self.tools = tools
        self.writer = writer
        self.cells = {cell.id: cell for cell in plan.cells}
        self.tally = Tally({name: cell.variant for name, cell in self.cells.items()}, tools.bench)
        self.facts: dict[str, dict[str, str]] = {}
        self.finished: dict[TrialKey, Trial] = {}
        """Trials of earlier sessions."""
        self._known: set[TrialKey] = set()
        self._wanted = wanted
        self._info = info

    @classmethod
    def open(  # a run is made of these
        cls,
        plan: Plan,
        tools: Toolbox,
        wanted: Wanted,
        *,
        run_id: str,
        folder: Path,
        name: str = RECORD,
        tap: Callable[[bytes], None] | None = None,
    ) -> Self:
        """Of a new run. `tap` is given every line of the record."""
        info = _info(plan, tools, run_id, now())
        writer = RecordWriter.create(folder / name, header(plan, wanted, info), tap=tap)
        return cls(plan, tools, wanted, info, writer)

    @classmethod
    def reopen(cls, plan: Plan, tools: Toolbox, wanted: Wanted, earlier: Earlier) -> Self:
        """Of a run that was interrupted. Raises UsageError where it is not the same any more."""
        info = _info(plan, tools, earlier.run_id, earlier.header["started"])
        refuse_another(earlier.run_id, earlier.header, header(plan, wanted, info))
        writer = RecordWriter.resume(earlier.folder / RECORD, now())
        books = cls(plan, tools, wanted, info, writer)
        books.facts.update({name: dict(each) for name, each in earlier.recording.providers.items()})
        books.recall(earlier.trials())
        return books

    def salvage(self, folder: Path) -> None:
        """Take over what workers that died had finished and could not hand over any more."""
        for trial in leftovers(folder, self._known):
            for exchange in trial.exchanges:
                self.writer.exchange(trial.key, exchange)
            self.writer.trial(trial)
            self.recall([trial])

    def add(self, trial: Trial) -> TrialVerdict | None:
        """Judge and count a trial. None for trials of no case."""
        self._known.add(trial.key)
        return self.tally.add(trial)

    def usage(self, provider: str) -> Tokens:
        """What a provider's answers so far say that they cost."""
        count = self.tally.providers[provider]
        return Tokens(prompt=count.prompt_tokens, completion=count.completion_tokens)

    def recall(self, trials: Iterable[Trial]) -> None:
        """Finished trials of earlier sessions: judged again, and not asked."""
        for trial in trials:
            self.add(trial)
            judged = trial.key.cell in self.cells  # nobody looks at the bytes of those again
            self.finished[trial.key] = replace(trial, exchanges=()) if judged else trial

    def conclude(self, formats: Sequence[str], *, complete: bool, clients: bool) -> Run:
        """Real clients asked, the whole judged, the reports written beside the record.

        The footer comes last: a run that is killed before it can be gone on with, and is then
        concluded again. To be called once.
        """
        with self.writer:
            if complete and clients:
                playback(self.writer)
            self._info = replace(self._info, finished=now(), complete=complete)
            run = with_clients(self._judged(), self.writer.path)
            write_reports(run, self.writer.path.parent, formats)
            self.writer.footer({"finished": self._info.finished, "complete": complete})
        return run

    def close(self, *, complete: bool) -> None:
        """End a part of a record, which others conclude."""
        with self.writer:
            self.writer.footer({"finished": now(), "complete": complete})

    def _judged(self) -> Run:
        return assemble(
            self.plan,
            self.tally,
            self.tools.contract,
            info=self._info,
            wanted=self._wanted,
            facts=self.facts,
        )


def open_part(  # as above
    plan: Plan,
    tools: Toolbox,
    wanted: Wanted,
    part: Part,
    folder: Path,
    tap: Callable[[bytes], None],
) -> Books:
    """The books of a worker; every line goes to `tap` as well, which brings it to where all is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    info = _info(plan, tools, part.run_id, now())
    if then := part.earlier_header:
        info = replace(info, started=then["started"])
        refuse_another(part.run_id, then, header(plan, wanted, info))
    name = PART.format(part.index)
    books = Books.open(plan, tools, wanted, run_id=part.run_id, folder=folder, name=name, tap=tap)
    lines = TrialLines()
    found = (lines.take(json.loads(each)) for each in part.finished)
    books.recall(trial for trial in found if trial is not None)
    return books


def header(plan: Plan, wanted: Wanted, info: RunInfo) -> dict[str, Any]:
    """The first line of a record: all that judging needs beside the trials."""
    return {
        "run": info.id,
        "started": info.started,
        "harness_version": __version__,
        "contract_version": info.contract_version,
        "certify": {name: list(chosen) for name, chosen in wanted.named.items()},
        "plan": to_json(plan),
    }


def _info(plan: Plan, tools: Toolbox, run_id: str, started: str) -> RunInfo:
    return RunInfo(
        id=run_id,
        started=started,
        finished="",
        harness_version=__version__,
        suites_digest=plan.digest,
        contract_version=tools.contract.version,
        seed=plan.seed,
        effort=plan.effort,
        complete=False,
    )
