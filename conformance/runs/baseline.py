"""A baseline from an earlier record: its suites are asked again, its answers are judged again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.errors import UsageError, did_you_mean
from conformance.plan.codec import from_json
from conformance.providers.model import Provider
from conformance.record.reader import Recording, read
from conformance.runs.books import Books
from conformance.runs.part import Part
from conformance.runs.sink import Sink
from conformance.runs.toolbox import Toolbox
from conformance.suite.model import Suite
from conformance.wire.exchange import Trial

BEFORE = "-before"
"""How the name of the baseline ends where the same provider is asked again: its last release, say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What an earlier run asked one provider, and what came back."""

    provider: Provider
    name: str
    """What it is called in the record."""
    suites: Mapping[str, Suite]
    cells: frozenset[str]
    """Cells that it was asked."""
    recording: Recording

    def trials(self) -> Iterator[Trial]:
        """Its trials, streamed from the record, under the name that it has in this run."""
        for each in self.recording.trials():
            if each.key.provider == self.name:
                yield replace(each, key=replace(each.key, provider=self.provider.name))

    def replay(self, sink: Sink, books: Books, part: Part | None) -> None:
        """What it said then goes through the same tally, and into the new record, once."""
        cells = {name for name, cell in books.cells.items() if part is None or part.takes(cell)}
        for trial in self.trials():
            if trial.key.cell in cells and trial.key not in books.finished:
                for exchange in trial.exchanges:
                    sink.exchange(trial.key, exchange)
                sink.trial(trial)


def read_baseline(
    path: Path, name: str | None, tools: Toolbox, asked: Collection[str] = ()
) -> Recorded:
    """The baseline in a record. Raises UsageError where the provider is not in it or not clear.

    `asked`: names of those that are asked in this run; a baseline that has one of them gets another.
    """
    recording = read(path)
    plan = from_json(recording.header["plan"], tools.suite_from)
    known = sorted(plan.providers)
    if name is None and len(known) > 1:
        raise UsageError(
            f"{path} holds several providers ({', '.join(known)}): "
            f"say which one is the baseline, --baseline={path}::{known[0]}"
        )
    chosen = name or known[0]
    if chosen not in plan.providers:
        raise UsageError(
            f"{path} holds no provider {chosen!r}{did_you_mean(chosen, known)}; it has {', '.join(known)}"
        )
    return Recorded(
        provider=replace(
            plan.providers[chosen], name=f"{chosen}{BEFORE}" if chosen in asked else chosen
        ),
        name=chosen,
        suites={suite.id: suite for suite in plan.suites},
        cells=frozenset(cell.id for cell in plan.cells if chosen in cell.providers),
        recording=recording,
    )
