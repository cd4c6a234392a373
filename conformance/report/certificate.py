"""`certificate.json`: the answer per profile, and what is needed to check it again."""

from __future__ import annotations

from typing import Any

from conformance.report.core import report
from conformance.report.json import SCHEMA_VERSION, certificate_data, lost_data, run_data
from conformance.report.phrase import candidates
from conformance.report.strict import dumps
from conformance.verdict.model import ProviderResult, Run


@report("certificate", suffix=".json", stem="certificate")
def certificate_json(run: Run) -> str:
    """All certificates of the candidates; with a baseline also what they lose against it."""
    return dumps(
        {
            "schema_version": SCHEMA_VERSION,
            "created": run.info.finished,
            "run": run_data(run),
            "check_again": f"conformance judge reports/{run.info.id}/record.jsonl",
            "providers": [_provider(run, one) for one in candidates(run)],
        }
    )


def _provider(run: Run, one: ProviderResult) -> dict[str, Any]:
    against = next((each for each in run.comparisons if each.candidate == one.name), None)
    return {
        "name": one.name,
        "model": one.model,
        "served_model": one.served_model,
        "server": one.server,
        "system_fingerprints": sorted(one.system_fingerprints),
        "baseline": against.baseline if against else None,
        "certificates": [
            certificate_data(each)
            for each in sorted(one.certificates, key=lambda each: each.profile)
        ],
        "compared": against.compared if against else None,
        "cases": against.cells if against else None,
        "capabilities_lost": lost_data(against.capabilities_lost if against else ()),
        "known_deviations": sorted(each.id for each in one.findings if each.known_deviation),
    }
