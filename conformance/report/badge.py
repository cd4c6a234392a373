"""`badge.json`: the answer as a shields.io endpoint, at most as good as the worst certificate."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.report.core import report
from conformance.report.escape import oneline
from conformance.report.phrase import candidates
from conformance.report.strict import dumps
from conformance.verdict.model import Answer, Certificate, Run

COLORS = {
    Answer.NOT_DROP_IN: "red",
    Answer.INCONCLUSIVE: "lightgrey",
    Answer.DROP_IN_WITH_CHANGES: "yellow",
    Answer.DROP_IN: "brightgreen",
}
"""Worst first."""


@report("badge", suffix=".json", stem="badge")
def badge(run: Run) -> str:
    """Over the certificates that were asked for by name; over all where none was."""
    judged = candidates(run)
    every = [one for provider in judged for one in provider.certificates]
    chosen = [one for one in every if one.asked] or every
    label = judged[0].name if len(judged) == 1 else "conformance"
    message, color = _message(chosen, complete=run.info.complete)
    return dumps(
        {
            "schemaVersion": 1,
            "label": oneline(label, 40),
            "message": oneline(message, 60),
            "color": color,
        }
    )


def _message(chosen: Sequence[Certificate], *, complete: bool) -> tuple[str, str]:
    if not chosen:
        return "nothing judged", "lightgrey"
    answers = [one.answer for one in chosen]
    worst = next(answer for answer in COLORS if answer in answers)
    if not complete and worst is not Answer.NOT_DROP_IN:
        return "cut short", COLORS[Answer.INCONCLUSIVE]
    if len(chosen) == 1:
        return f"{worst.value} ({chosen[0].profile})", COLORS[worst]
    if len(set(answers)) == 1:
        return f"{worst.value} ({len(chosen)} certificates)", COLORS[worst]
    return f"{worst.value} ({answers.count(worst)} of {len(chosen)})", COLORS[worst]
