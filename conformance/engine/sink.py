"""Where everything goes that the engine hears."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from conformance.plan.model import Cell, Decision
from conformance.wire.exchange import Exchange, Trial, TrialKey


class Sink(Protocol):
    """Takes what was heard, in one thread that is not the event loop's.

    In this order: the exchanges of a trial, the trial, the decision that follows, `done`.
    What it raises ends the run.
    """

    def exchange(self, key: TrialKey, exchange: Exchange) -> None:
        """One request and what came back, redacted."""
        ...

    def trial(self, trial: Trial) -> None:
        """A trial is over."""
        ...

    def decision(self, cell: Cell, decision: Decision[Any]) -> None:
        """What the sampler wants next; no asks: nothing."""
        ...

    def done(self, cell: Cell) -> None:
        """A cell is finished. Cells that were not, when the run was stopped, are never done."""
        ...

    def provider(self, name: str, facts: Mapping[str, str]) -> None:
        """What was found out about a provider: `model`, `base_url`."""
        ...
