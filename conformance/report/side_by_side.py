"""Several providers beside each other: the answer per profile, and what held per area of the contract."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.report.escape import code, hostile
from conformance.report.matrix import NOTHING, table
from conformance.verdict.model import AreaTally, Certificate, ProviderResult, Run

_COLUMNS = 6
"""Providers beside each other before a page is too narrow for them."""


def ordered(run: Run) -> list[ProviderResult]:
    """All providers, baselines to the left."""
    bases = {each.baseline for each in run.comparisons}
    return sorted(run.providers, key=lambda each: each.name not in bases)


def profiles(
    providers: Sequence[ProviderResult],
) -> list[tuple[str, str, list[Certificate | None]]]:
    """Name, title and one certificate per provider; None where it was not judged there."""
    titles = {one.profile: one.title for provider in providers for one in provider.certificates}
    found = [{one.profile: one for one in provider.certificates} for provider in providers]
    return [
        (name, title, [certificates.get(name) for certificates in found])
        for name, title in titles.items()
    ]


def side_by_side(run: Run) -> Iterator[str]:
    """Two tables as a section of the Markdown report; nothing where one provider stands alone."""
    if len(run.providers) < 2:  # noqa: PLR2004  # beside nobody
        return
    providers = ordered(run)
    names = [code(each.name) for each in providers]
    yield "## Side by side"
    if rows := profiles(providers):
        yield "The answer per profile, and how many of its required clauses were decided."
        titles = [hostile(title) for _, title, _ in rows]
        yield _table(
            "Profile", names, titles, titles, [list(map(_answer, one)) for *_, one in rows]
        )
    areas = [name for name in run.sections if any(name in each.areas for each in providers)]
    if areas:
        yield "Clauses per area of the contract, as far as this run says something of them."
        labels = [f"{code(name)} {hostile(run.sections[name])}" for name in areas]
        cells = [[_tally(each.areas.get(name)) for each in providers] for name in areas]
        yield _table("Area", names, labels, [code(name) for name in areas], cells)


def _table(
    corner: str,
    names: Sequence[str],
    labels: Sequence[str],
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
) -> str:
    """Providers as columns, or, where they are many, as rows below the shorter `heads`."""
    if len(names) > _COLUMNS:
        return table(["Provider", *heads], zip(names, *rows, strict=True))
    return table([corner, *names], ([label, *row] for label, row in zip(labels, rows, strict=True)))


def _answer(one: Certificate | None) -> str:
    return f"**{one.answer.value}** {one.covered}/{one.required}" if one else NOTHING


def _tally(one: AreaTally | None) -> str:
    if one is None:
        return NOTHING
    words = [f"**{one.failed} failed**"] if one.failed else []
    words += [f"{one.undecided} undecided"] if one.undecided else []
    words += [f"{one.held} held"] if one.held else []
    return ", ".join(words)
