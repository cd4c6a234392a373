"""Findings in the Markdown report: the five to fix first, and each one in full."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.contract.model import Level
from conformance.report.curl import curl
from conformance.report.escape import code, fenced, hostile, prose, visible
from conformance.report.opening import anchor, link
from conformance.report.phrase import candidates, counted, frequency, listed, required_by, size
from conformance.report.rank import SILENT, ranked, silent, top_findings
from conformance.report.shims import offered
from conformance.report.trace import trace
from conformance.verdict.model import Finding, ProviderResult, Run
from conformance.verdict.outcome import Evidence

FULL = 40
"""Findings told in full over all providers; the rest as one line each."""
_LEVELS = {
    Level.MUST: "MUST: applications break, or go wrong unnoticed",
    Level.SHOULD: "SHOULD: common applications degrade",
    Level.MAY: "MAY: optional, and to be declared",
}
_MESSAGES = 5
_MESSAGE = 300
_CURL = 6000
"""Characters of the longest `curl` line that is printed."""


def top_five(run: Run) -> Iterator[str]:
    """A numbered list with consequence and remedy."""
    found = top_findings(run, 5)
    if not found:
        return
    yield "## Top five to fix" if len(found) == 5 else "## What to fix first"  # noqa: PLR2004  # as the heading says
    yield "\n".join(
        f"{number}. {link(each.id, each.clause)} **{each.level.value.upper()}** at "
        f"{code(each.provider)}, {frequency(each)}. {_consequence(each)} {_fix(each)}".rstrip()
        for number, each in enumerate(found, 1)
    )


def findings(run: Run) -> Iterator[str]:
    """All findings by consequence: MUST first, then by the number of profiles that need them."""
    judged = candidates(run)
    pairs = [
        (provider, finding)
        for provider in judged
        for finding in ranked(provider)
        if not finding.known_deviation and not finding.shared_with_baseline
    ]
    pairs.sort(key=lambda pair: pair[1].level.rank)
    if pairs:
        yield "## Findings"
    for number, (provider, finding) in enumerate(pairs):
        if not number or finding.level is not pairs[number - 1][1].level:
            yield f"### {_LEVELS[finding.level]}"
        yield from (_full(run, provider, finding) if number < FULL else [_short(finding)])
    uncounted = [
        *(one for each in judged for one in ranked(each) if one.shared_with_baseline),
        *(one for each in run.providers if each not in judged for one in ranked(each)),
    ]
    if uncounted := [one for one in uncounted if not one.known_deviation]:
        yield "## At the baseline"
        yield "What fails there too, in the same cases, does not count against a candidate."
        yield "\n".join(f"- {_short(each)}" for each in uncounted)


def short(finding: Finding) -> str:
    """One line: clause, level, how often, what was seen."""
    return (
        f"{code(finding.clause)} **{finding.level.value.upper()}** at {code(finding.provider)}, "
        f"{frequency(finding)}: {hostile(finding.message, 160)}"
    )


def _full(run: Run, provider: ProviderResult, finding: Finding) -> Iterator[str]:
    yield f'<a id="{anchor(finding.id)}"></a>'
    yield f"#### {code(finding.clause)} at {code(finding.provider)}"
    _, words, source = run.clause_texts.get(finding.clause, ("", "", ""))
    if words:
        yield f"> **{finding.level.value.upper()}** {prose(words)}" + (
            f"\n> (source: {prose(source, 300)})" if source else ""
        )
    yield _seen(finding)
    points = [("Consequence", _consequence(finding)), ("Remedy", prose(finding.remedy))]
    points.append(("A shim for the client", offered(finding)))
    points.append(
        ("Needed by", listed([code(each) for each in required_by(finding, provider)], 10))
    )
    points.append(("Real clients", "; ".join(hostile(each, _MESSAGE) for each in finding.clients)))
    yield "\n".join(f"- **{name}:** {text}" for name, text in points if text)
    yield from _reproduce(finding)
    for evidence in finding.evidence[:1]:
        yield (
            f"<details><summary>On the wire: {_summary(evidence)}</summary>\n\n"
            f"{fenced(trace(evidence), 'text')}\n\n</details>"
        )


def _short(finding: Finding) -> str:
    return f'<a id="{anchor(finding.id)}"></a>{short(finding)}'


def _seen(finding: Finding) -> str:
    cases = listed([code(each) for each in finding.cases], 6)
    where = f", in {counted(len(finding.cases), 'case')} ({cases})" if finding.cases else ""
    seen = finding.messages[:_MESSAGES] or ((finding.message,) if finding.message else ())
    return "\n".join(
        [
            f"Seen {frequency(finding)}{where}:",
            "",
            *(f"- {hostile(each, _MESSAGE)}" for each in seen),
        ]
    )


def _consequence(finding: Finding) -> str:
    words = prose(finding.consequence)
    return f"{words} *{SILENT}*".strip() if silent(finding) else words


def _fix(finding: Finding) -> str:
    return f"**Fix:** {prose(finding.remedy)}" if finding.remedy else ""


def _reproduce(finding: Finding) -> Iterator[str]:
    lines = []
    if finding.evidence:
        first = finding.evidence[0]
        line = curl(first)
        if len(line) <= _CURL:
            lines.append(line)
        else:
            lines.append(
                f"# a body of {size(len(first.body))}: too long for a line, see the record"
            )
    if finding.reproduce:
        lines.append(visible(finding.reproduce))
    if lines:
        yield "Reproduce:"
        yield fenced("\n".join(lines), "sh")


def _summary(evidence: Evidence) -> str:
    status = "no answer" if evidence.status is None else f"status {evidence.status}"
    return f"{hostile(evidence.exchange, 120)}, {status}, {hostile(evidence.ended, 80)}"
