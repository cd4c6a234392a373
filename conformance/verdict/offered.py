"""What a provider was found not to offer, once it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from conformance.contract.model import Clause
from conformance.plan.build import needs
from conformance.plan.model import Variant
from conformance.providers.model import Provider
from conformance.verdict.cases import judge_case, not_applicable, strongest
from conformance.verdict.outcome import CaseVerdict
from conformance.verdict.tally import ProviderCount


def case_verdict(
    variant: Variant, provider: Provider, count: ProviderCount, clauses: Mapping[str, Clause]
) -> CaseVerdict:
    """One case at one provider, by all that was counted there."""
    for need in needs(variant):
        if why := count.absent.get(need):
            level = strongest(variant.case.clauses, clauses)
            return not_applicable(variant, provider.name, why, level)
    return judge_case(
        variant,
        provider,
        count.trials.get(variant.cell, ()),
        clauses,
        seconds=count.seconds.get(variant.cell, 0.0),
    )


def as_found(provider: Provider, count: ProviderCount) -> Provider:
    """The provider, without what it does not offer."""
    return replace(
        provider, capabilities={**provider.capabilities, **dict.fromkeys(count.absent, False)}
    )
