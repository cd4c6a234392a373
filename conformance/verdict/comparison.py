"""Candidate against baseline, as values: what is lost, won, done in another way, or told otherwise."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LostCapability:
    """One cell in which candidate and baseline do not do the same."""

    case: str
    title: str
    baseline: str
    candidate: str
    text: str
    change: str = ""
    """What an application can do about it: tried in this run where the case has fragments that
    helped, else what the clause advises. Empty where something was won."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactThatDiffers:
    """What two providers tell of the same request, where each tells the same every time."""

    case: str
    title: str
    fact: str
    baseline: str
    """JSON text; empty where the answers lack it."""
    candidate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Candidate against baseline."""

    baseline: str
    candidate: str
    capabilities_lost: tuple[LostCapability, ...]
    capabilities_won: tuple[LostCapability, ...]
    capabilities_changed: tuple[LostCapability, ...]
    """Neither lost nor won: both do something, and not the same."""
    facts_that_differ: tuple[FactThatDiffers, ...]
    new_failures: tuple[str, ...]
    """Findings (ids) at the candidate that the baseline does not show."""
    shared_failures: tuple[str, ...]
    compared: int
    """Cells of which both sides showed what they do."""
    cells: int
    """All that the candidate was to be asked, but for what neither side offers."""
    not_comparable: tuple[str, ...] = ()
