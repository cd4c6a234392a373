"""One provider's results, as certificates and comparisons need them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.contract.model import Profile
from conformance.providers.model import Provider
from conformance.verdict.model import Change
from conformance.verdict.outcome import CaseVerdict
from conformance.verdict.tally import ClauseCount

_NO_COUNT = ClauseCount()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One provider's cases and counts."""

    provider: Provider
    cases: Sequence[CaseVerdict]
    counts: Mapping[str, ClauseCount]
    quick: bool = False
    """The run asked too little to say `drop-in` of anything (design 4.9)."""
    left_out: frozenset[str] = frozenset()
    """Cases of the run's suites that the selection left out, wholly or in part."""

    def count(self, clause: str) -> ClauseCount:
        return self.counts.get(clause, _NO_COUNT)

    def cured(self, profile: Profile) -> set[str]:
        """Cells that did not pass as they stand, and did with the provider's fragments.

        Not those in which the fragments break what else the profile requires.
        """
        counts = [self.count(name) for name in profile.clauses]
        broken = {cell for one in counts for cell in one.adapted - one.plain}
        return {case.cell for case in self.cases if case.adapted} - broken

    def told_alike(self, other: View) -> set[str]:
        """Cells in which both need to be told, and are told the same: who does so here does it there."""
        theirs = {case.cell: case for case in other.cases if case.adapted}
        return {
            case.cell
            for case in self.cases
            if case.adapted
            and case.cell in theirs
            and self._tells(case) == other._tells(theirs[case.cell])
        }

    def beyond(self) -> set[str]:
        """Cells that do not work with the provider's fragments either: nobody relies on them here."""
        return {case.cell for case in self.cases if case.told_in_vain}

    def _tells(self, case: CaseVerdict) -> list[Mapping[str, Any]]:
        return [self.provider.fragments[name] for name in case.changes]

    def changes(self, cells: Iterable[str]) -> tuple[Change, ...]:
        """The fragments that made these cells pass."""
        wanted = set(cells)
        names: dict[str, set[str]] = {}
        for case in self.cases:
            if case.cell in wanted and case.adapted:
                for name in case.changes:
                    names.setdefault(name, set()).add(case.case)
        return tuple(
            Change(name=name, text=change_words(self.provider, name), cases=tuple(sorted(cases)))
            for name, cases in sorted(names.items())
        )


def change_words(provider: Provider, name: str) -> str:
    """What to send there, in a sentence."""
    body = ", ".join(f"{key}={value!r}" for key, value in provider.fragments[name].items())
    return f"send {body} to {provider.name}"
