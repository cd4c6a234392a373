"""A plan and its tally to a Run: everything that reports show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from conformance.contract.model import Contract, Profile
from conformance.plan.build import every_variant
from conformance.plan.model import Plan
from conformance.providers.model import Provider
from conformance.suite.model import Effort
from conformance.verdict.areas import areas
from conformance.verdict.cases import not_applicable, strongest
from conformance.verdict.certificate import certify
from conformance.verdict.compare import compare
from conformance.verdict.counted_calls import counted
from conformance.verdict.deviations import stale
from conformance.verdict.findings import clause_counts, findings
from conformance.verdict.model import (
    UNDECIDED,
    Capability,
    Certificate,
    ClauseTally,
    Mishap,
    ProviderResult,
    Run,
    RunInfo,
    Usage,
)
from conformance.verdict.offered import as_found, case_verdict
from conformance.verdict.outcome import CaseVerdict, Outcome
from conformance.verdict.tally import ProviderCount, Tally
from conformance.verdict.view import View

_PLAINLY = {Outcome.PASSED: "accepted", Outcome.FAILED: "not accepted"}
"""What a case without branches says of its parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which certificates are asked for."""

    named: Mapping[str, Collection[str]]
    """Provider to the profiles asked for by name; where it is empty: all that it offers."""


def assemble(
    plan: Plan,
    tally: Tally,
    contract: Contract,
    *,
    info: RunInfo,
    wanted: Wanted,
    facts: Mapping[str, Mapping[str, str]],
) -> Run:
    """The whole run as one value. `facts`: provider to what the engine found out about it."""
    views = {name: _view(plan, name, tally, contract) for name in plan.providers}
    base = views.get(plan.baseline or "")
    comparisons = tuple(
        compare(view, base, contract.clauses)
        for name, view in views.items()
        if base and name != plan.baseline
    )
    results = tuple(
        _provider_result(view, tally, contract, wanted, facts, base if view is not base else None)
        for _, view in sorted(views.items())
    )
    return Run(
        info=info,
        providers=results,
        comparisons=comparisons,
        clause_texts=_texts(results, contract),
        sections=contract.sections,
    )


def _view(plan: Plan, name: str, tally: Tally, contract: Contract) -> View:
    count = tally.providers[name]
    provider = as_found(plan.providers[name], count)
    cases = [
        case_verdict(cell.variant, provider, count, contract.clauses)
        for cell in plan.cells
        if name in cell.providers
    ]
    cases += [
        not_applicable(
            each.variant, name, each.reason, strongest(each.variant.case.clauses, contract.clauses)
        )
        for each in plan.not_asked
        if each.provider == name
    ]
    cases.sort(key=lambda case: case.cell)
    seen = {case.cell for case in cases}
    left_out = {
        variant.case.id for variant in every_variant(plan.suites) if variant.cell not in seen
    }
    return View(
        provider=provider,
        cases=cases,
        counts=clause_counts(count, cases),
        quick=plan.effort == Effort.QUICK,
        left_out=frozenset(left_out),
    )


def _provider_result(  # puts together what the others computed
    view: View,
    tally: Tally,
    contract: Contract,
    wanted: Wanted,
    facts: Mapping[str, Mapping[str, str]],
    base: View | None,
) -> ProviderResult:
    provider = view.provider
    count = tally.providers[provider.name]
    known = facts.get(provider.name, {})
    shared = [
        name for name, one in view.counts.items() if base and not one.plain - base.count(name).plain
    ]
    failing = {name: one.cases for name, one in view.counts.items() if one.failed}
    return ProviderResult(
        name=provider.name,
        preset=provider.preset,
        base_url=known.get("base_url", provider.base_url),
        model=known.get("model", provider.model or ""),
        served_model=_most(count.models),
        server=_most(count.servers),
        system_fingerprints=tuple(sorted(count.fingerprints)),
        certificates=_certificates(view, contract, wanted, base),
        capabilities=_capabilities(view.cases),
        findings=findings(provider, view.counts, contract.clauses, shared),
        cases=tuple(view.cases),
        clauses={
            name: ClauseTally(
                clause=name,
                witnesses=one.witnesses,
                exchanges_checked=one.checked,
                exchanges_failed=one.failed,
            )
            for name, one in sorted(view.counts.items())
        },
        totals=_totals(view.cases),
        usage=_usage(provider, count),
        stale_deviations=stale(
            provider,
            view.cases,
            failing,
            left_out=view.left_out,
            witnessed=[name for name, one in view.counts.items() if one.witnesses],
        ),
        areas=areas(view, contract),
        tool_calls=counted(count.calls),
        errors=_mishaps(count),
    )


def _certificates(
    view: View, contract: Contract, wanted: Wanted, base: View | None
) -> tuple[Certificate, ...]:
    named = wanted.named.get(view.provider.name, ())
    chosen = [contract.profiles[name] for name in named] or _offered(view, contract)
    return tuple(
        certify(each, view, contract.clauses, baseline=base, asked=each.name in named)
        for each in chosen
    )


def _offered(view: View, contract: Contract) -> list[Profile]:
    """Profiles whose capabilities the provider offers and the run's cases ask for."""
    tried = {need for case in view.cases for need in case.needs}
    return [
        profile
        for profile in contract.profiles.values()
        if all(view.provider.offers(name) and name in tried for name in profile.capabilities)
    ]


def _capabilities(cases: Sequence[CaseVerdict]) -> tuple[Capability, ...]:
    """One row per case with an `outcome`, its axes beside each other; keywords have their own table."""
    rows: dict[str, list[CaseVerdict]] = {}
    for case in cases:
        if (case.branch or case.parameters) and not case.keyword:
            rows.setdefault(case.case, []).append(case)
    return tuple(
        Capability(
            case=name,
            title=variants[0].title,
            parameter=", ".join(variants[0].parameters),
            branches={_axes(each): _branch(each) for each in variants},
            control=next((each.control for each in variants if each.control), ""),
        )
        for name, variants in sorted(rows.items())
    )


def _axes(case: CaseVerdict) -> str:
    return case.cell.partition("[")[2].removesuffix("]")


def _branch(case: CaseVerdict) -> str:
    if case.outcome is Outcome.NOT_APPLICABLE:
        return "not offered"
    if len(case.ways) > 1 and case.branch:
        decided = sum(case.ways.values())
        return ", ".join(f"{word} {count} of {decided}" for word, count in case.ways.items())
    if case.parameters and not case.branch and case.outcome in _PLAINLY:
        return _PLAINLY[case.outcome]
    return case.branch or UNDECIDED


def _totals(cases: Sequence[CaseVerdict]) -> dict[str, int]:
    seen = Counter(case.outcome for case in cases)
    return {outcome.value: seen[outcome] for outcome in Outcome}


def _mishaps(count: ProviderCount) -> tuple[Mishap, ...]:
    """The most frequent reason first."""
    found = [Mishap(reason=why, cells=tuple(sorted(each))) for why, each in count.errors.items()]
    return tuple(sorted(found, key=lambda each: (-len(each.cells), each.reason)))


def _usage(provider: Provider, count: ProviderCount) -> Usage:
    prices = provider.prices
    cost = (
        (count.prompt_tokens * prices.prompt + count.completion_tokens * prices.completion) / 1e6
        if prices
        else None
    )
    return Usage(
        requests=count.requests,
        retried=count.retried,
        prompt_tokens=count.prompt_tokens,
        completion_tokens=count.completion_tokens,
        cost=cost,
    )


def _most(seen: Counter[str]) -> str:
    return min(seen, key=lambda each: (-seen[each], each), default="")


def _texts(
    results: Sequence[ProviderResult], contract: Contract
) -> dict[str, tuple[str, str, str]]:
    spoken = {finding.clause for result in results for finding in result.findings}
    spoken |= {
        reason.clause
        for result in results
        for certificate in result.certificates
        for reason in certificate.reasons
    }
    return {
        name: (clause.level.value, clause.words, clause.source)
        for name, clause in contract.clauses.items()
        if name in spoken
    }
