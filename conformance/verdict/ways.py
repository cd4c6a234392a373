"""Where an application that follows the baseline's way has to follow another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conformance.contract.model import Profile
from conformance.verdict.model import Change, Reason
from conformance.verdict.outcome import CaseVerdict
from conformance.verdict.standing import HIDDEN
from conformance.verdict.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """The cases that a profile `reads`, at both sides.

    That the candidate does it in its way was seen in the same run, so that the change is proven.
    """

    profile: Profile
    view: View
    baseline: View | None

    def changes(self) -> tuple[Change, ...]:
        """What to read elsewhere."""
        who = self.view.provider.name
        return tuple(
            Change(
                name=here.case,
                text=f"{here.title}: {way(here)} at {who}, {way(there)} at {there.provider}",
                cases=(here.case,),
            )
            for there, here in self._pairs()
            if way(here) and way(there) != way(here) and HIDDEN not in (way(here), way(there))
        )

    def undecided(self) -> Iterator[Reason]:
        """Where it is not known how the candidate does it."""
        for _, here in self._pairs():
            if not way(here):
                why = here.message or "it was not asked"
                yield Reason(
                    clause=here.case, kind="undecided", text=f"{here.title} - {why}", why=why
                )

    def _pairs(self) -> Iterator[tuple[CaseVerdict, CaseVerdict]]:
        """Of those cases whose way the baseline shows."""
        there: Mapping[str, CaseVerdict] = (
            {case.cell: case for case in self.baseline.cases} if self.baseline else {}
        )
        for case in self.view.cases:
            base = there.get(case.cell)
            if case.case in self.profile.reads and base is not None and way(base):
                yield base, case


def way(case: CaseVerdict) -> str:
    """How it is done there, told to in the provider's own words where that is needed."""
    return case.branch or case.adapted_way
