"""What fails a run: a level, or the certificates that were asked for by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.contract.model import Contract, Level
from conformance.errors import UsageError, did_you_mean
from conformance.providers.model import Provider
from conformance.verdict.assemble import Wanted
from conformance.verdict.model import Answer, Certificate, Finding, Run
from conformance.verdict.outcome import CaseVerdict, Outcome

CONFORMS, FAILS, BROKEN, UNDECIDED, MISUSE = 0, 1, 2, 3, 4
"""Exit codes of the command line."""


def refuse_unknown(named: Mapping[str, Sequence[str]], contract: Contract) -> None:
    """Raises UsageError for a profile that nobody has defined."""
    for profile in sorted({each for chosen in named.values() for each in chosen}):
        if profile not in contract.profiles:
            known = ", ".join(contract.profiles)
            hint = did_you_mean(profile, contract.profiles)
            raise UsageError(
                f"no profile is called {profile!r}{hint}; known: {known} "
                "(profiles of your own: --profiles-file)"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Where the bar lies. Pure."""

    level: Level
    wanted: Wanted
    undecided: str | None
    """`fail`, `warn`, or None: fail for profiles asked for by name."""
    required: Mapping[str, frozenset[str]]
    """Provider to the clauses of its named profiles; empty where the level decides."""

    @classmethod
    def from_words(
        cls,
        *,
        profiles: Sequence[str],
        fail_on: str,
        undecided: str | None,
        contract: Contract,
        providers: Mapping[str, Provider],
        named: Mapping[str, Sequence[str]] | None = None,
    ) -> Bar:
        """From options; the profiles of a provider's `certify` stand in where none are given.

        `named`: what an earlier run made of its own options, in place of that.
        """
        if named is None:
            named = {name: tuple(profiles) or one.certify for name, one in providers.items()}
        refuse_unknown(named, contract)
        return cls(
            level=Level(fail_on),
            wanted=Wanted(named=named),
            undecided=undecided,
            required={
                name: frozenset(
                    clause for each in chosen for clause in contract.profiles[each].clauses
                )
                for name, chosen in named.items()
            },
        )

    def case_counts(self, case: CaseVerdict) -> bool:
        """Whether a failed case fails the run by itself."""
        if case.outcome is not Outcome.FAILED or case.known or not self._decides(case.provider):
            return False
        failing = {name for name, one in case.clauses.items() if one is Outcome.FAILED}
        return self._counts(case.provider, failing, case.level)

    def finding_counts(self, finding: Finding) -> bool:
        """Whether a finding fails the run by itself."""
        if finding.known_deviation or finding.shared_with_baseline:
            return False
        if not self._decides(finding.provider):
            return False
        return self._counts(finding.provider, {finding.clause}, finding.level)

    def certificate_code(self, one: Certificate) -> int:
        """0 conforms, 1 does not, 3 undecided; a profile that nobody named decides nothing."""
        fails = self.undecided == "fail" or (self.undecided is None and one.asked)
        match one.without_known:
            case Answer.DROP_IN:
                return CONFORMS
            case Answer.INCONCLUSIVE:
                return UNDECIDED if fails else CONFORMS
            case _:
                return FAILS if one.asked else CONFORMS

    def code(self, run: Run) -> int:
        """The exit code of a whole run."""
        codes = {CONFORMS if run.info.complete else BROKEN}
        for provider in run.providers:
            if provider.errors or any(case.outcome is Outcome.ERROR for case in provider.cases):
                codes.add(BROKEN)  # asked or not: of these nothing is known
            if not any(case.outcome in {Outcome.PASSED, Outcome.FAILED} for case in provider.cases):
                codes.add(BROKEN)
            codes |= {self.certificate_code(one) for one in provider.certificates}
            if provider.withheld:
                codes.add(UNDECIDED)
            if provider.stale_deviations:
                codes.add(FAILS)
            if not self.required.get(provider.name) and any(
                map(self.finding_counts, provider.findings)
            ):
                codes.add(FAILS)
        order = (FAILS, BROKEN, UNDECIDED, CONFORMS)
        return next(code for code in order if code in codes)

    def _decides(self, provider: str) -> bool:
        """It is asked in this run: what an earlier record says of a baseline fails nobody now."""
        return not self.wanted.named or provider in self.wanted.named

    def _counts(self, provider: str, clauses: set[str], level: Level) -> bool:
        if required := self.required.get(provider):
            return bool(clauses & required)
        return level.reaches(self.level)
