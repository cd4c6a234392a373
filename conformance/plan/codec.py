"""A plan as plain data and back, for the header of a record: it can be judged without the files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from conformance.plan.build import variants
from conformance.plan.model import Cell, NotAsked, Plan, Variant, cell_id, printed
from conformance.providers.model import Deviation, Limits, Prices, Provider
from conformance.suite.model import Case, Samples, Suite

ReadSuite = Callable[[Mapping[str, Any], str], Suite]
"""Suite source and path -> Suite; validates like a file."""

_PLAIN_FIELDS = ("name", "base_url", "preset", "model", "jurisdiction", "where")


def to_json(plan: Plan) -> dict[str, Any]:
    """The plan as JSON data. Holds no key and no reference to one."""
    return {
        "suites": [{"path": each.path, "source": each.source} for each in plan.suites],
        "providers": {name: _provider_out(each) for name, each in plan.providers.items()},
        "cells": [
            {"case": cell.variant.case.id, "axes": _axes_out(cell.variant), "at": cell.providers}
            for cell in plan.cells
        ],
        "not_asked": [
            {
                "case": each.variant.case.id,
                "axes": _axes_out(each.variant),
                "at": each.provider,
                "reason": each.reason,
            }
            for each in plan.not_asked
        ],
        "baseline": plan.baseline,
        "seed": plan.seed,
        "effort": plan.effort,
        "digest": plan.digest,
        "samples": {
            case.id: [case.samples.least, case.samples.most]
            for suite in plan.suites
            for case in suite.cases
        },
    }


def from_json(data: Mapping[str, Any], read_suite: ReadSuite) -> Plan:
    """The plan of an earlier run. `read_suite` may give today's suites in place of those recorded."""
    suites = tuple(
        _resampled(read_suite(each["source"], each["path"]), data.get("samples", {}))
        for each in data["suites"]
    )
    known = {
        variant.cell: variant
        for suite in suites
        for case in suite.cases
        for variant in variants(case)
    }
    cells = [(_cell_id(each), each) for each in data["cells"]]
    skipped = [(_cell_id(each), each) for each in data["not_asked"]]
    return Plan(
        suites=suites,
        providers={name: _provider_in(each) for name, each in data["providers"].items()},
        cells=tuple(
            Cell(variant=known[name], providers=tuple(each["at"]))
            for name, each in cells
            if name in known
        ),
        not_asked=tuple(
            NotAsked(variant=known[name], provider=each["at"], reason=each["reason"])
            for name, each in skipped
            if name in known
        ),
        baseline=data["baseline"],
        seed=data["seed"],
        effort=data["effort"],
        digest=data["digest"],
    )


def _resampled(suite: Suite, samples: Mapping[str, Any]) -> Suite:
    """`--samples` of the run stands in its plan, not in the suite's source."""

    def resampled(case: Case) -> Case:
        if case.id not in samples:
            return case
        least, most = samples[case.id]
        return replace(case, samples=Samples(least=least, most=most))

    return replace(suite, cases=tuple(map(resampled, suite.cases)))


def _cell_id(each: Mapping[str, Any]) -> str:
    return cell_id(each["case"], each["axes"])


def _axes_out(variant: Variant) -> dict[str, Any]:
    """Values as they are, mappings by their id: what they hold stands in the suite."""
    return {
        name: printed(value) if isinstance(value, Mapping) else value
        for name, value in variant.axes.items()
    }


def _provider_out(provider: Provider) -> dict[str, Any]:
    return {
        **{name: getattr(provider, name) for name in _PLAIN_FIELDS},
        "models": dict(provider.models),
        "capabilities": dict(provider.capabilities),
        "fragments": {name: dict(body) for name, body in provider.fragments.items()},
        "limits": asdict(provider.limits),
        "prices": asdict(provider.prices) if provider.prices else None,
        "deviations": [asdict(each) for each in provider.deviations],
        "accepted_changes": list(provider.accepted_changes),
        "certify": list(provider.certify),
    }


def _provider_in(data: Mapping[str, Any]) -> Provider:
    return Provider(
        **{name: data[name] for name in _PLAIN_FIELDS},
        models=data["models"],
        capabilities=data["capabilities"],
        fragments=data["fragments"],
        limits=Limits(**data["limits"]),
        prices=Prices(**data["prices"]) if data["prices"] else None,
        deviations=tuple(
            Deviation(**{**each, "clauses": tuple(each["clauses"])}) for each in data["deviations"]
        ),
        accepted_changes=tuple(data["accepted_changes"]),
        certify=tuple(data["certify"]),
    )
