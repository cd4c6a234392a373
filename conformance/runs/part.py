"""A worker's part of a run that is shared by several processes (pytest-xdist), as plain values.

The partition is fixed: a case belongs to the worker that its id says, with all its axes, arms and
providers; cases that want silence belong to the first worker, when the others are done.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from conformance.engine.limits import Terms
from conformance.plan.estimate import of_variant
from conformance.plan.model import Cell, Plan
from conformance.plan.partition import share
from conformance.providers.model import Provider

INPUT = "conformance"
"""Where our values lie in what xdist gives to a worker, and in what it brings back."""
BROKE_OFF = "conformance_broke_off"
"""Where a worker says why it could not come to its end."""
LINES = "conformance_lines"
"""Attribute of reports: what was recorded since the report before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Which cells are asked here, and what the other processes have seen to."""

    index: int
    parts: int
    """How many workers ask; the others have nothing to do."""
    run_id: str
    launched: Mapping[str, str]
    """Provider to the base URL of its server, where that is running already."""
    refused: Mapping[str, str]
    """Provider to why its server did not come up."""
    models: Mapping[str, str]
    """Provider to its model, where that had to be found out."""
    header: str = ""
    """First line of the record that this run goes on with."""
    finished: tuple[bytes, ...] = ()
    """Lines of its finished trials that belong to this part."""

    def takes(self, cell: Cell) -> bool:
        """Whether a cell is asked here."""
        case = cell.variant.case
        return self.index == place(case.id, late=case.late, parts=self.parts)

    def plan(self, whole: Plan) -> Plan:
        """The cells that are asked here, of providers whose limits are divided."""
        return replace(
            whole,
            cells=tuple(cell for cell in whole.cells if self.takes(cell)),
            providers={name: self._provider(one) for name, one in whole.providers.items()},
        )

    def terms(self, terms: Terms, whole: Plan) -> Terms:
        """The limits of the run divided: the rate evenly, the rest by what the cells may cost."""
        weight = self._weight(whole)
        return replace(
            terms,
            concurrency=terms.concurrency and self._slots(terms.concurrency),
            rate=terms.rate and terms.rate / self.parts,
            tokens=None if terms.tokens is None else int(terms.tokens * weight),
            money=None if terms.money is None else terms.money * weight,
        )

    def to_input(self) -> dict[str, Any]:
        """As xdist can carry it."""
        return {**asdict(self), "finished": list(self.finished)}

    @classmethod
    def from_input(cls, data: Mapping[str, Any]) -> Self:
        """Back from `to_input`."""
        return cls(**{**data, "finished": tuple(data["finished"])})

    @property
    def earlier_header(self) -> Mapping[str, Any] | None:
        """The header of the run that is gone on with."""
        return json.loads(self.header) if self.header else None

    def _provider(self, one: Provider) -> Provider:
        limits = one.limits
        rate = limits.requests_per_second
        divided = replace(
            limits,
            concurrency=self._slots(limits.concurrency),
            requests_per_second=rate and rate / self.parts,
        )
        one = replace(one, limits=divided, model=self.models.get(one.name, one.model))
        url = self.launched.get(one.name)
        return one if url is None else replace(one, base_url=url, launch=None)

    def _slots(self, whole: int) -> int:
        """A share of the slots; there are at least as many as parts."""
        return max(1, whole // self.parts + (self.index < whole % self.parts))

    def _weight(self, whole: Plan) -> float:
        costs = {True: 0, False: 0}
        for cell in whole.cells:
            for name in cell.providers:
                one = of_variant(cell.variant, whole.providers[name])
                costs[self.takes(cell)] += one.tokens.total
        return costs[True] / (sum(costs.values()) or 1)


def place(case: str, *, late: bool, parts: int) -> int:
    """The worker that asks a case."""
    return 0 if late else share(case, parts)
