"""`-n`: the workers ask, and here everything they heard comes together into one record and one run.

Their captures travel on their reports, so no shared file system is needed; each keeps a copy of
its own as well, for the case that it dies with something in hand.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.errors import HarnessError
from conformance.faces.scheduling import PartitionedScheduling, Worker
from conformance.plan.codec import from_json
from conformance.plan.partition import share
from conformance.record import codec
from conformance.runs.books import Books
from conformance.runs.choose import Chosen
from conformance.runs.gathering import Gathering
from conformance.runs.output import DEFAULT_FORMATS, PART, new_id
from conformance.runs.part import BROKE_OFF, INPUT, LINES, Part, place
from conformance.runs.preparing import Preparation, Prepared
from conformance.runs.resuming import Earlier, find
from conformance.runs.settings import Settings
from conformance.runs.sink import Sink
from conformance.runs.toolbox import Toolbox
from conformance.verdict.assemble import Wanted
from conformance.verdict.model import Run


class Conductor:
    """The controller's side of a run that is shared; hooks of xdist, and what Performance offers."""

    def __init__(
        self,
        chosen: Chosen,
        tools: Toolbox,
        settings: Settings,
        wanted: Wanted,
        late: Callable[[str], bool],
    ) -> None:
        """`late`: whether an item, by its node id, wants the endpoint for itself."""
        self._chosen = chosen
        self._late = late
        self._tools = tools
        self._settings = settings
        self._wanted = wanted
        self._earlier: Earlier | None = None
        if settings.resume is not None:
            self._earlier = find(settings.reports, settings.resume)
        self._run_id = self._earlier.run_id if self._earlier else new_id()
        self.folder: Path | None = settings.reports / self._run_id
        self._preparation = Preparation(
            chosen.providers,
            settings.reports / self._run_id,
            settings.terms,
            self._earlier.recording.providers if self._earlier else {},
        )
        self._gathering = Gathering(self._begin)
        self._numbers: dict[str, int] = {}
        """Gateway id to the worker's number."""
        self._parts = 1
        self._crashed: list[str] = []
        self._schedule: PartitionedScheduling | None = None
        self.run: Run | None = None

    def pytest_configure_node(self, node: Worker) -> None:
        """Tell a worker what its part is."""
        least = min(self._slots(name) for name in self._chosen.providers)
        self._parts = min(node.workerinput["workercount"], least)
        number = self._numbers.setdefault(node.gateway.id, len(self._numbers))
        here = self._preparation.done() if node.gateway.spec.popen else Prepared()
        part = Part(
            index=number,
            parts=self._parts,
            run_id=self._run_id,
            launched=here.launched,
            refused=here.refused,
            models=here.models,
            header=json.dumps(self._earlier.header) if self._earlier else "",
            finished=tuple(self._finished_lines(number)),
        )
        node.workerinput[INPUT] = part.to_input()

    @pytest.hookimpl(tryfirst=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config) -> PartitionedScheduling:
        """Ours, whatever `--dist` says."""
        self._schedule = PartitionedScheduling(
            len(self._numbers), lambda node: self._numbers[node.gateway.id], self._place
        )
        return self._schedule

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        """Take what a report brings along."""
        self._gathering.take(getattr(report, LINES, ()))

    def pytest_testnodedown(self, node: Worker, error: object | None) -> None:
        """A worker has ended: with the last of its captures, or not as it should."""
        output = getattr(node, "workeroutput", None) or {}
        self._gathering.take(output.get(INPUT, ()))
        if why := output.get(BROKE_OFF):
            self._gathering.give_up(HarnessError(why))
        if error:
            self._crashed.append(node.gateway.id)
        elif (
            self.folder is not None and self._gathering.failed is None
        ):  # nothing is left there that did not come here
            number = self._numbers[node.gateway.id]
            (self.folder / PART.format(number)).unlink(missing_ok=True)

    @pytest.hookimpl(tryfirst=True)
    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport) -> None:
        """What a worker died over is our error, never a failed case."""
        report.when = "setup"
        report.longrepr = f"our error, not the endpoint's: {report.longrepr}; {self._remedy}"

    @property
    def started(self) -> bool:
        """A worker has begun to ask."""
        return self._gathering.books is not None

    def finish(self, *, complete: bool) -> Run | None:
        """Stop the servers, judge the whole, write the reports. None where nothing was asked."""
        self._preparation.stop()
        books = self._gathering.books
        if self._gathering.failed is not None:
            raise self._gathering.failed
        if books is None or self.folder is None:
            return None
        books.salvage(self.folder)
        done = complete and not self._crashed
        formats = self._settings.formats or DEFAULT_FORMATS
        self.run = books.conclude(formats, complete=done, clients=self._settings.clients)
        return self.run

    def unreported(self) -> list[tuple[str, str]]:
        """Node id and reason of what no worker reported because one has died."""
        if not self._crashed or self._schedule is None:
            return []
        dead = ", ".join(self._crashed)
        return [
            (nodeid, f"not reported: worker {dead} died; {self._remedy}")
            for nodeid in self._schedule.left()
        ]

    @property
    def _remedy(self) -> str:
        return f"the same command with --resume-run={self._run_id} asks what is missing"

    def _slots(self, name: str) -> int:
        return self._settings.terms.concurrency or self._chosen.providers[name].limits.concurrency

    def _finished_lines(self, number: int) -> Iterable[bytes]:
        for trial in self._earlier.trials() if self._earlier else ():
            if share(trial.key.case, self._parts) == number or number == 0:
                for exchange in trial.exchanges:
                    yield codec.line(codec.exchange_out(trial.key, exchange))
                yield codec.line(codec.trial_out(trial))

    def _place(self, nodeid: str) -> tuple[int, bool]:
        """Of a case by its id, as its worker counts; of a test of the user's by its node id."""
        path, _, name = nodeid.partition("::")
        case = f"{Path(path).stem}/{name.partition('[')[0]}"
        late = self._late(nodeid)
        return place(case, late=late, parts=self._parts), late

    def _begin(self, header: Mapping[str, Any]) -> Books:
        assert self.folder is not None  # never taken away
        self.folder.mkdir(parents=True, exist_ok=True)
        tools, wanted = self._tools, self._wanted
        plan = from_json(header["plan"], tools.suite_from)
        if self._earlier:
            books = Books.reopen(plan, tools, wanted, self._earlier)
        else:
            books = Books.open(plan, tools, wanted, run_id=self._run_id, folder=self.folder)
        self._preparation.notes.replay(Sink(books, {}))
        return books
