"""Which clauses of the contract anything judges: invariants, cases, or neither and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conformance.contract.load import load_reasons
from conformance.contract.model import Level
from conformance.runs.toolbox import Toolbox, packaged_suites, read_suites

ALWAYS, CASES = "always", "cases"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The judged clauses of one level, in one section or in all."""

    section: str
    """Empty for the whole contract."""
    level: Level
    judged: int
    all: int

    @property
    def percent(self) -> float:
        return 100 * self.judged / self.all


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How each clause is judged."""

    ways: Mapping[str, tuple[str, ...]]
    """Clause to `always` (by an invariant) and `cases`; empty where nothing judges it."""
    reasons: Mapping[str, str]
    """Clause to why nothing can judge it."""
    levels: Mapping[str, Level]

    def shares(self) -> Iterator[Share]:
        """By section in the contract's order, then the whole; each by level."""
        sections = dict.fromkeys(name.rpartition("-")[0] for name in self.levels)
        for section in (*sections, ""):
            for level in Level:
                among = [
                    name
                    for name, one in self.levels.items()
                    if one is level and name.startswith(f"{section}-" if section else "")
                ]
                if among:
                    judged = sum(1 for name in among if self.ways[name])
                    yield Share(section=section, level=level, judged=judged, all=len(among))


def coverage(tools: Toolbox) -> Coverage:
    """What the checks and the packaged suites judge."""
    always = {name for one in tools.bench.checks.values() if one.always for name in one.clauses}
    suites = read_suites(tools, packaged_suites())
    cases = {name for suite in suites for case in suite.cases for name in case.clauses}
    return Coverage(
        ways={
            name: tuple(word for word, where in ((ALWAYS, always), (CASES, cases)) if name in where)
            for name in tools.contract.clauses
        },
        reasons=load_reasons(),
        levels={name: one.level for name, one in tools.contract.clauses.items()},
    )
