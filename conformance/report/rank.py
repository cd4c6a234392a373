"""Which findings to fix first."""

from __future__ import annotations

import re

from conformance.report.phrase import candidates, required_by
from conformance.verdict.model import Finding, ProviderResult, Run
from conformance.verdict.outcome import Evidence
from conformance.wire.exchange import Ended

SILENT = "Silent: the endpoint answers as if all were well, so no error handler runs."
_LOUD = re.compile(r"\b(rais\w+|crash\w*|hang\w*|[A-Z]\w*(Error|Exception))\b")
"""A consequence that somebody notices: code raises, or waits."""


def silent(finding: Finding) -> bool:
    """Nothing in the application notices: success by status, read to its end, and nothing raises.

    Decided by the evidence (every exchange shown is 2xx and complete) and by the contract's words
    on the consequence; without evidence it is not claimed.
    """
    return (
        bool(finding.evidence)
        and all(map(_looks_well, finding.evidence))
        and not _LOUD.search(finding.consequence)
    )


def ranked(provider: ProviderResult) -> list[Finding]:
    """A provider's findings, worst first.

    What counts before what does not (declared as known, shared with the baseline); then by level,
    by the number of profiles that fail because of it, silent before loud, by cases, by id.
    """
    return sorted(provider.findings, key=lambda each: _weight(each, provider))


def top_findings(run: Run, n: int) -> tuple[Finding, ...]:
    """The `n` findings to fix first, over all candidates; a baseline's own are not to be fixed."""
    weighed = [
        (_weight(finding, provider), finding)
        for provider in candidates(run)
        for finding in provider.findings
        if not finding.shared_with_baseline and not finding.known_deviation
    ]
    return tuple(finding for _, finding in sorted(weighed, key=lambda pair: pair[0])[:n])


def _weight(
    finding: Finding, provider: ProviderResult
) -> tuple[bool, bool, int, int, bool, int, str]:
    return (
        finding.shared_with_baseline,
        bool(finding.known_deviation),
        finding.level.rank,
        -len(required_by(finding, provider)),
        not silent(finding),
        -len(finding.cases),
        finding.id,
    )


def _looks_well(evidence: Evidence) -> bool:
    good = evidence.status is not None and 200 <= evidence.status < 300  # noqa: PLR2004  # HTTP
    return good and evidence.ended.partition(":")[0] == Ended.COMPLETE.value
