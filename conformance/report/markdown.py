"""`report.md`: reads like a decision paper. The answer first, the proof after it."""

from __future__ import annotations

from conformance.report.capabilities import capabilities
from conformance.report.clients import clients
from conformance.report.compared import changes_for_application
from conformance.report.core import report
from conformance.report.detail import findings, top_five
from conformance.report.keywords import schema_keywords
from conformance.report.opening import answers, title
from conformance.report.rates import rates
from conformance.report.rest import again, cost, known, not_asked, ours, undecided
from conformance.report.shims import shims
from conformance.report.side_by_side import side_by_side
from conformance.report.tool_calls import tool_calls
from conformance.verdict.model import Run

_PARTS = (
    title,
    changes_for_application,
    side_by_side,
    answers,
    top_five,
    capabilities,
    schema_keywords,
    rates,
    findings,
    shims,
    tool_calls,
    clients,
    undecided,
    not_asked,
    known,
    ours,
    cost,
    again,
)


@report("markdown", suffix=".md")
def markdown(run: Run) -> str:
    """The whole report. Bounded: long lists end in a count, and `report.json` has them all."""
    return "\n\n".join(block for part in _PARTS for block in part(run)) + "\n"
