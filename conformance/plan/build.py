"""Suites x providers x selection -> a plan. Pure; binds no checks."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from conformance.errors import UsageError
from conformance.plan.model import Cell, NotAsked, Plan, Variant
from conformance.providers.model import Provider
from conformance.suite.model import Case, Effort, Samples, Suite

THOROUGH_SAMPLES = 3
"""What goes wrong in one answer of two is seen in seven runs of eight."""

Selection = Callable[[Variant, str], bool]
"""Whether a variant is to be tried at a provider (by name)."""


def variants(case: Case) -> Iterator[Variant]:
    """One variant per combination of axis values, in file order."""
    for values in itertools.product(*case.axes.values()):
        yield Variant(case=case, axes=dict(zip(case.axes, values, strict=True)))


def every_variant(suites: Iterable[Suite]) -> Iterator[Variant]:
    """All there is to try, in file order."""
    return (variant for suite in suites for case in suite.cases for variant in variants(case))


def everything(_variant: Variant, _provider: str) -> bool:
    """The selection that leaves nothing out."""
    return True


def build(
    suites: Sequence[Suite],
    providers: Mapping[str, Provider],
    *,
    select: Selection = everything,
    baseline: str | None = None,
    seed: int = 0,
    effort: Effort = Effort.NORMAL,
) -> Plan:
    """A plan of everything selected that the providers offer. Raises UsageError on clashes."""
    _refuse_twins(suites)
    cells: list[Cell] = []
    not_asked: list[NotAsked] = []
    for variant in every_variant(suites):
        chosen = [name for name in providers if select(variant, name)]
        reasons = {name: _refusal(variant, providers[name]) for name in chosen}
        not_asked += [
            NotAsked(variant=variant, provider=name, reason=reason)
            for name, reason in reasons.items()
            if reason
        ]
        asked = tuple(name for name in chosen if not reasons[name])
        if asked:
            cells.append(Cell(variant=variant, providers=asked))
    return Plan(
        suites=tuple(suites),
        providers=providers,
        cells=tuple(cells),
        not_asked=tuple(not_asked),
        baseline=baseline,
        seed=seed,
        effort=effort.value,
        digest=digest(suites),
    )


def digest(suites: Sequence[Suite]) -> str:
    """SHA-256 over the suites as data, whatever their order and layout."""
    sources = sorted(json.dumps([each.id, each.source], sort_keys=True) for each in suites)
    return hashlib.sha256("\n".join(sources).encode()).hexdigest()


def with_samples(suite: Suite, number: int) -> Suite:
    """The suite with every case run exactly that often (`--samples`)."""
    fixed = Samples(least=number, most=number)
    return replace(suite, cases=tuple(replace(case, samples=fixed) for case in suite.cases))


def more_thoroughly(suite: Suite) -> Suite:
    """The suite with every case run at least so often that what comes and goes is seen.

    But for cases that only such a run asks: they add breadth, and many are alike.
    """
    return replace(suite, cases=tuple(map(_repeated, suite.cases)))


def _repeated(case: Case) -> Case:
    if case.destructive or case.effort is Effort.THOROUGH:
        return case
    least = max(case.samples.least, THOROUGH_SAMPLES)
    return replace(case, samples=Samples(least=least, most=max(case.samples.most, least)))


def _refusal(variant: Variant, provider: Provider) -> str:
    missing = [need for need in needs(variant) if not provider.offers(need)]
    if missing:
        return f"{provider.name} does not offer {', '.join(missing)}"
    unknown = [word for word in _words(variant.case) if word not in provider.fragments]
    words = ", ".join(f"fragments.{word}" for word in unknown)
    return f"{provider.name} has no {words}: how it is said there is not known" if unknown else ""


def _words(case: Case) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for step in case.steps for word in step.request.words))


def needs(variant: Variant) -> tuple[str, ...]:
    """The case's needs; a variant that streams (axis `stream`) needs `stream` as well."""
    streams = variant.axes.get("stream") is True
    return tuple(dict.fromkeys((*variant.case.needs, *(("stream",) if streams else ()))))


def _refuse_twins(suites: Sequence[Suite]) -> None:
    seen: dict[str, str] = {}
    for suite in suites:
        for case in suite.cases:
            if case.id in seen:
                raise UsageError(
                    f"two cases are called {case.id!r}: {seen[case.id]} and {case.where}; "
                    "rename one of the files or cases (the id is file stem / case id)"
                )
            seen[case.id] = case.where
