"""What a run came to beside its cases: broken clauses, certificates, limits, as reports for pytest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.report.phrase import befell, held_back, listed
from conformance.runs.bar import CONFORMS, Bar
from conformance.verdict.model import Certificate, ClauseTally, Finding, ProviderResult
from conformance.verdict.outcome import Outcome

_REASONS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """A report on what is no item of pytest's."""

    name: str
    """Node id."""
    text: str = ""
    """Why it failed; empty: it passed."""
    category: str = ""
    """`error`; `deviating`, `shared` or `warned` for what failed and does not count."""
    cells: tuple[str, ...] = ()
    """What has to be asked again to see it again."""


def extras(provider: ProviderResult, bar: Bar) -> Iterator[Extra]:
    """All of one provider."""
    for finding in provider.findings:
        counts = bar.finding_counts(finding)
        yield Extra(
            name=f"clauses/{finding.clause}[{provider.name}]",
            text=_words(finding, provider.clauses[finding.clause]),
            category="" if counts else _category(finding),
            cells=finding.cells,
        )
    for one in provider.certificates:
        if one.asked:
            failed = bar.certificate_code(one) != CONFORMS
            yield Extra(
                name=f"certificates/{one.profile}[{provider.name}]",
                text=_why(one) if failed else "",
                cells=tuple(_behind(one, provider)),
            )
    if provider.withheld:
        yield Extra(
            name=f"limits/reached[{provider.name}]",
            text="\n".join(held_back(provider)),
            cells=tuple(case.cell for case in provider.withheld),
        )
    for number, text in enumerate(provider.stale_deviations):
        name = f"deviations/{number}[{provider.name}]"
        yield Extra(name=name, text=f"did not show, remove it: {text}")
    told = {case.cell for case in provider.cases if case.outcome is Outcome.ERROR}
    untold = [each for each in provider.errors if not told.issuperset(each.cells)]
    for number, mishap in enumerate(untold):
        name = f"harness/{number}[{provider.name}]"
        yield Extra(name=name, text=befell(mishap), category="error", cells=mishap.cells)


def _behind(one: Certificate, provider: ProviderResult) -> Iterator[str]:
    """Cells that keep a certificate from a better answer."""
    found = {finding.id: finding.cells for finding in provider.findings}
    open_ones = {Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.ERROR}
    for reason in one.reasons:
        yield from found.get(reason.finding, ())
        for case in provider.cases:
            if reason.clause == case.case or case.clauses.get(reason.clause) in open_ones:
                yield case.cell


def _category(finding: Finding) -> str:
    if finding.known_deviation:
        return "deviating"
    return "shared" if finding.shared_with_baseline else "warned"


def _words(finding: Finding, tally: ClauseTally) -> str:
    where = f"broken in {tally.exchanges_failed} of {tally.exchanges_checked} exchanges"
    return "\n".join([f"{finding.clause} ({finding.level.value}) {where}", *finding.messages])


def _why(one: Certificate) -> str:
    """The reasons; what is open for the same cause is one of them."""
    head = f"{one.title}: {one.answer.value} ({one.covered} of {one.required} decided)"
    causes: dict[str, list[str]] = {}
    for reason in one.reasons:
        causes.setdefault(reason.why or reason.text, []).append(reason.clause)
    lines = [f"- {listed(clauses, _REASONS)}: {cause}" for cause, clauses in causes.items()]
    return "\n".join([head, *lines[:_REASONS]])
