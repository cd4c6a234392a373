"""In which order cells are asked: together, then those that want silence, then those that may hurt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from conformance.plan.model import Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """Each cell stands in one of them."""

    together: tuple[Cell, ...]
    """As many at once as the providers allow; longest first, so that none is left over at the end."""
    alone: tuple[Cell, ...]
    """One trial at a time, nothing else on the wire."""
    destructive: tuple[Cell, ...]
    """Likewise, last of all."""


def lanes(cells: Iterable[Cell]) -> Lanes:
    """Sort cells into lanes; within each the order of the plan is kept."""
    together: list[Cell] = []
    alone: list[Cell] = []
    destructive: list[Cell] = []
    for cell in cells:
        case = cell.variant.case
        lane = destructive if case.destructive else alone if case.alone else together
        lane.append(cell)
    together.sort(key=lambda cell: -len(cell.variant.case.steps))
    return Lanes(together=tuple(together), alone=tuple(alone), destructive=tuple(destructive))
