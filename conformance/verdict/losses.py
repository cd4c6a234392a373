"""What a provider does less of than the application relies on, case by case.

An application relies on what its profile says it relies on, and on nothing else that a server
happens to do:

    honoured    these cases must be honoured, whoever the baseline is
    uses        what refuses or ignores these parameters or cases breaks the application
    clauses     with a baseline: what works there in a case that judges one of these

The last leaves out clauses that refusing keeps as well as serving does, about requests that nobody
sends who means to be portable (`either` in profiles.toml): what is lost of those is told by the
comparison, and counts where the profile `uses` it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conformance.contract.model import Profile
from conformance.verdict.model import Reason
from conformance.verdict.outcome import CaseVerdict, Outcome
from conformance.verdict.pairs import comparable, pairs, shows
from conformance.verdict.standing import HONOURED, Standing, loses, standing
from conformance.verdict.view import View

NOT_COMPARED = "comparison"
"""In place of a clause: there is none, the whole of it is missing."""
_JUDGED = frozenset({Outcome.PASSED, Outcome.FAILED})
_GONE = Outcome.NOT_APPLICABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """What stands lower at one provider than one profile needs."""

    profile: Profile
    view: View
    baseline: View | None
    cured: set[str]
    """Cells that pass with a change: what is lost in them is not lost."""

    def failed(self) -> Iterator[Reason]:
        """What is known to be missing."""
        there = self._there()
        for case in self.view.cases:
            base = there.get(case.cell)
            if case.cell in self.cured or not (kind := self._kind(case, base)):
                continue
            text = f"{case.title}: {_does(case)} by {self.view.provider.name}"
            if base and kind == "lost":
                text += f", {base.branch or 'works'} by {base.provider}"
            yield Reason(clause=case.case, kind=kind, text=text, known=bool(case.known))

    def undecided(self) -> Iterator[Reason]:
        """What this run does not tell, of the provider or of the baseline."""
        yield from self._not_shown()
        if self.baseline:
            yield from self._not_compared(self.baseline)

    def _kind(self, case: CaseVerdict, base: CaseVerdict | None) -> str:
        """`lost` or `ignored`; empty where nothing is missing, or the application lives without."""
        if base is not None and self._relies_on(case) and loses(base, case):
            return "lost"
        if self._must_be_honoured(case) and _falls_short(case) and not _falls_short(base):
            return "ignored"
        if self._uses(case) and _does_less(case) and not _does_less(base):
            return "ignored"
        return ""

    def _must_be_honoured(self, case: CaseVerdict) -> bool:
        return case.case in self.profile.honoured

    def _uses(self, case: CaseVerdict) -> bool:
        return not {case.case, *case.parameters}.isdisjoint(self.profile.uses)

    def _relies_on(self, case: CaseVerdict) -> bool:
        """What is done in this case can be lost for the application.

        By a clause that the provider's way keeps or breaks: one that only another way of the case
        would be judged by is not what was lost. Cases without a way are decided by their clauses.
        """
        if self._uses(case):
            return True
        if case.outcome is _GONE:
            mine = set(case.clauses) if self._is_of_a_parameter(case) else set()
        else:
            mine = {name for name, one in case.clauses.items() if case.branch and one in _JUDGED}
        return not (mine & set(self.profile.clauses)).issubset(self.profile.either)

    def _is_of_a_parameter(self, case: CaseVerdict) -> bool:
        """What is not offered is a parameter, or a value of one (`tool_choice.required`).

        Not what a model does or does not (several calls at once), nor what nobody sends (keys).
        """
        gone = (need for need in case.needs if not self.view.provider.offers(need))
        return bool(case.parameters) or any("." in need for need in gone)

    def _not_shown(self) -> Iterator[Reason]:
        there = self._there()
        wanted = [
            *((name, "must be honoured", _falls_short) for name in self.profile.honoured),
            *((name, "is used", _does_less) for name in self.profile.uses),
        ]
        for name, words, lives_without in wanted:
            mine = [case for case in self.view.cases if name in {case.case, *case.parameters}]
            undecided = [
                case
                for case in mine
                if standing(case) is None
                and case.cell not in self.cured
                and not lives_without(there.get(case.cell))
            ]
            if undecided or not mine:
                why = next((case.message for case in undecided if case.message), "it was not asked")
                yield Reason(clause=name, kind="undecided", text=f"{words} - {why}", why=why)

    def _not_compared(self, baseline: View) -> Iterator[Reason]:
        """What the candidate does less of, where nobody knows what the baseline does.

        Where nothing at all can be compared: that alone.
        """
        required = {*self.profile.clauses}
        asked = [case for case in self.view.cases if required & set(case.clauses)]
        both = pairs(baseline.cases, asked)
        who, here = baseline.provider.name, self.view.provider.name
        if both and not any(comparable(*pair) for pair in both):
            why = f"of no case is it known what both {who} and {here} do"
            text = f"nothing was compared - {why}"
            yield Reason(clause=NOT_COMPARED, kind="undecided", text=text, why=why)
            return
        for base, case in pairs(baseline.cases, self.view.cases):
            if shows(base) or case.cell in self.cured or not self._could_be_lost(case, base):
                continue
            why = (base and base.message.partition("\n")[0]) or "it was not asked there"
            yield Reason(
                clause=case.case,
                kind="undecided",
                text=f"{case.title}: {_does(case)} by {here}, unknown of {who} - {why}",
                why=f"unknown of {who}: {why}",
            )

    def _could_be_lost(self, case: CaseVerdict, base: CaseVerdict | None) -> bool:
        """Something better is possible here, and no other rule decides it already.

        Not where the baseline does the same once it is told to in its own words.
        """
        if base is not None and base.adapted and base.adapted_way == case.branch:
            return False
        better = _does(case) not in {"", HONOURED} and (case.varies or _does_less(case))
        decided = self._must_be_honoured(case) or (self._uses(case) and _does_less(case))
        return bool(better) and not decided and self._relies_on(case)

    def _there(self) -> Mapping[str, CaseVerdict]:
        return {case.cell: case for case in self.baseline.cases} if self.baseline else {}


def _does(case: CaseVerdict) -> str:
    """The way of a case, in a word; empty where it has none or where it is not known."""
    return case.branch or ("not offered" if case.outcome is _GONE else "")


def _does_less(case: CaseVerdict | None) -> bool:
    """Whatever works elsewhere is known not to work here."""
    stands = standing(case) if case else None
    return stands is not None and stands < Standing.WORKS


def _falls_short(case: CaseVerdict | None) -> bool:
    """It is known that this is not honoured; of a case without ways, that it does not work."""
    stands = standing(case) if case else None
    bar = Standing.HONOURS if case and case.branch else Standing.WORKS
    return stands is not None and stands < bar
