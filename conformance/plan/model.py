"""The plan, and the asks it is made of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from conformance.providers.model import Provider
from conformance.suite.model import Case, Effort, Suite
from conformance.wire.exchange import Trial, TrialKey

PLAIN = "plain"
ADAPTED = "adapted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A case with one value chosen for each of its axes."""

    case: Case
    axes: Mapping[str, Any]

    @property
    def printed(self) -> tuple[tuple[str, str], ...]:
        """Axis name and value as they stand in ids: `stream-true`, `temperature-0`."""
        return tuple((name, printed(value)) for name, value in self.axes.items())

    @property
    def cell(self) -> str:
        """`tools/round-trip[stream-true]`: the variant's id without a provider."""
        return cell_id(self.case.id, self.axes)

    @property
    def effort(self) -> Effort:
        """The least effort of a run that asks it."""
        waits = any(
            printed(self.axes[name]) in map(printed, words)
            for name, words in self.case.thorough.items()
        )
        return Effort.THOROUGH if waits else self.case.effort


def cell_id(case: str, axes: Mapping[str, Any]) -> str:
    """Case id and axis values as one word."""
    words = "-".join(f"{name}-{printed(value)}" for name, value in axes.items())
    return f"{case}[{words}]" if words else case


def axis_value(axes: Mapping[str, Any], path: str) -> Any:
    """What `{$var: axis.NAME}` or `{$var: axis.NAME.KEY}` stands for. Raises KeyError for neither."""
    name, _, member = path.partition(".")
    return axes[name][member] if member else axes[name]


def printed(value: Any) -> str:
    """An axis value as it stands in ids: strings bare, mappings by their id, the rest as compact JSON."""
    if isinstance(value, Mapping):
        return str(value["id"])
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One trial to run."""

    variant: Variant
    provider: str
    arm: str = PLAIN
    sample: int = 0

    @property
    def key(self) -> TrialKey:
        return TrialKey(
            case=self.variant.case.id,
            axes=self.variant.printed,
            provider=self.provider,
            arm=self.arm,
            sample=self.sample,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One variant and all the providers that are compared on it: the unit of sampling decisions."""

    variant: Variant
    providers: tuple[str, ...]

    @property
    def id(self) -> str:
        return self.variant.cell


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAsked:
    """A variant that a provider is not asked, with the reason: it does not offer what it needs."""

    variant: Variant
    provider: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will be done, and everything needed to do it again."""

    suites: tuple[Suite, ...]
    providers: Mapping[str, Provider]
    cells: tuple[Cell, ...]
    not_asked: tuple[NotAsked, ...]
    baseline: str | None
    seed: int
    effort: str
    digest: str
    """SHA-256 over the suites as data: two runs with equal digests asked the same."""


S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Generic[S]):
    """What a sampler wants next for a cell, and by which rule."""

    state: S
    asks: tuple[Ask, ...]
    """Empty: the cell is done."""
    rule: str
    """In words, for the record: `clear after 14 of 120 samples`."""


class Sampler(Protocol[S]):
    """Decides the next requests of a cell. Pure; closed over the judge by the face.

    The engine hands over trials and sees no outcome.
    """

    def start(self, cell: Cell) -> Decision[S]:
        """The first asks of a cell."""
        ...

    def next(self, cell: Cell, state: S, trials: Sequence[Trial]) -> Decision[S]:
        """What to ask now that all asks of the last decision have come back as `trials`.

        Those have no exchanges any more: whoever judges has seen them before.
        """
        ...
