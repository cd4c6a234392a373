"""After the cases: reports for invariants and certificates, and the summary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, Protocol

import pytest

from conformance.errors import ConformanceError
from conformance.faces.bar import CONFORMS, Bar
from conformance.faces.output import kept
from conformance.report.terminal import summary as terminal_summary
from conformance.verdict.model import Certificate, ClauseTally, Finding, ProviderResult, Run
from conformance.verdict.outcome import Outcome

HELD = "held"
"""A clause that held: counted, but no letter of progress."""


def report(
    session: pytest.Session, run: Run, bar: Bar, lost: Iterable[tuple[str, str]] = ()
) -> None:
    """Emit what is no item of pytest's: exit code, JUnit and the terminal follow from it.

    `lost`: node ids of items that nobody reported, each with the reason.
    """
    for provider in run.providers:
        for one in _reports(provider, bar):
            _emit(session, *one)
    for name, why in lost:
        _emit(session, name, why, "error")


class _Run(Protocol):
    """What is being brought to its end."""

    folder: Path | None


@contextmanager
def told(session: pytest.Session, one: _Run) -> Iterator[None]:
    """Emit an error of ours where a run cannot be brought to its end: the disk is full, most often."""
    try:
        yield
    except (ConformanceError, OSError) as error:
        _emit(session, "harness/end", kept(error, one.folder), "error")


def _emit(session: pytest.Session, name: str, text: str, category: str) -> None:
    quiet = category == HELD  # hundreds of lines about what is well help nobody
    where = (name, None, name)
    if not quiet:
        session.testscollected += 1  # or progress would pass 100 %
        session.ihook.pytest_runtest_logstart(nodeid=name, location=where)
    for phase in _phases(name, text, category):
        session.ihook.pytest_runtest_logreport(report=phase)
    if not quiet:
        session.ihook.pytest_runtest_logfinish(nodeid=name, location=where)


def summary(terminal: pytest.TerminalReporter, run: Run | None, folder: Path | None) -> None:
    """Certificates and the top five to fix."""
    if run is None or folder is None:
        return
    terminal.section("conformance", blue=True)
    terminal.write(
        terminal_summary(
            run,
            width=terminal._tw.fullwidth,  # noqa: SLF001  # the reporter's own width
            color=terminal._tw.hasmarkup,  # noqa: SLF001  # NO_COLOR and --color are pytest's matter
        )
    )
    here = terminal.config.invocation_params.dir
    shown = folder.relative_to(here) if folder.is_relative_to(here) else folder
    terminal.write_line(f"report: {shown / 'report.md'}")


def _reports(provider: ProviderResult, bar: Bar) -> Iterator[tuple[str, str, str]]:
    """Node id, failure text (empty: passed) and category of each extra report."""
    shown = {finding.clause: finding for finding in provider.findings}
    for clause, tally in provider.clauses.items():
        finding = shown.get(clause)
        name = f"clauses/{clause}[{provider.name}]"
        if finding is None:
            yield name, "", HELD
        else:
            counts = bar.finding_counts(finding)
            yield name, _words(finding, tally), "" if counts else _category(finding)
    for one in provider.certificates:
        if one.asked:
            failed = bar.certificate_code(one) != CONFORMS
            yield f"certificates/{one.profile}[{provider.name}]", _why(one) if failed else "", ""
    if provider.withheld:
        yield f"limits/reached[{provider.name}]", _withheld(provider), ""
    for number, text in enumerate(provider.stale_deviations):
        yield f"deviations/{number}[{provider.name}]", f"did not show, remove it: {text}", ""
    told = tuple(case.message for case in provider.cases if case.outcome is Outcome.ERROR)
    untold = [text for text in provider.errors if not told or not text.endswith(told)]
    for number, text in enumerate(untold):
        yield f"harness/{number}[{provider.name}]", text, "error"


def _withheld(provider: ProviderResult) -> str:
    """How much a limit kept from being asked, and which."""
    number = len(provider.withheld)
    return f"{number} of {len(provider.cases)} cases {provider.withheld[0].message}"


def _category(finding: Finding) -> str:
    if finding.known_deviation:
        return "deviating"
    return "shared" if finding.shared_with_baseline else "warned"


def _words(finding: Finding, tally: ClauseTally) -> str:
    where = f"broken in {tally.exchanges_failed} of {tally.exchanges_checked} exchanges"
    return "\n".join([f"{finding.clause} ({finding.level.value}) {where}", *finding.messages])


def _why(one: Certificate) -> str:
    head = f"{one.title}: {one.answer.value} ({one.covered} of {one.required} decided)"
    return "\n".join([head, *(f"- {reason.clause}: {reason.text}" for reason in one.reasons[:10])])


def _phases(name: str, text: str, category: str) -> Iterator[pytest.TestReport]:
    for when in ("setup", "call", "teardown"):
        if category == "error" and when == "call":
            continue
        failing = text and when == ("setup" if category == "error" else "call")
        outcome: Literal["passed", "failed"] = (
            "failed" if failing and category in {"", "error"} else "passed"
        )
        phase = pytest.TestReport(
            nodeid=name,
            location=(name, None, name),
            keywords={},
            outcome=outcome,
            longrepr=text if outcome == "failed" else None,
            when=when,
        )
        if category == HELD or (failing and category not in {"", "error"}):
            phase.conformance = category  # type: ignore[attr-defined]  # read by the stage's status hook
        yield phase
