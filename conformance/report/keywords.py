"""The table of keywords: what a provider makes of each, by each way of asking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conformance.report.escape import code, hostile
from conformance.report.matrix import HONOURED, NOTHING, table
from conformance.report.phrase import listed
from conformance.verdict.model import UNDECIDED, ProviderResult, Run
from conformance.verdict.outcome import CaseVerdict, Outcome

ENFORCED, REFUSED, IGNORED, NOT_OFFERED = "enforced", "refused", "ignored", "not offered"
_ORDER = ("ignored", "broken", REFUSED, "kept", ENFORCED, UNDECIDED, NOT_OFFERED)
"""The worst first; what a suite calls otherwise comes last."""
_WORDS = {HONOURED: ENFORCED, "rejected": REFUSED, "partly": IGNORED}
"""What became of a case, in the words of this table. Half a schema kept is a keyword ignored."""
_TOLD = (IGNORED, "broken")
"""Words after which the variants stand that they are about."""
_CELL = 160

Cells = Mapping[str, Mapping[str, Mapping[str, Sequence[str]]]]
"""Keyword to way of asking to what became of it to the variants (cell ids), all sorted."""


def keywords(provider: ProviderResult) -> Cells:
    """The table of one provider; empty where no case has a place there."""
    found: dict[str, dict[str, dict[str, list[str]]]] = {}
    for case in sorted(provider.cases, key=lambda case: case.cell):
        if case.keyword:
            ways = found.setdefault(case.keyword, {}).setdefault(case.by, {})
            ways.setdefault(_word(case), []).append(case.cell)
    return found


def _word(case: CaseVerdict) -> str:
    """What became of a variant. Only a verdict counts: a branch may have had nothing to look at."""
    if case.outcome is Outcome.NOT_APPLICABLE:
        return NOT_OFFERED
    if case.outcome not in {Outcome.PASSED, Outcome.FAILED} or not case.branch:
        return UNDECIDED
    return _WORDS.get(case.branch, case.branch)


def keywords_data(provider: ProviderResult) -> list[dict[str, Any]]:
    """The same for `report.json`: one entry per keyword and way of asking."""
    return [
        {"keyword": keyword, "by": by, "found": {word: list(cells[word]) for word in sorted(cells)}}
        for keyword, ways in sorted(keywords(provider).items())
        for by, cells in sorted(ways.items())
    ]


def schema_keywords(run: Run) -> Iterator[str]:
    """A section of the Markdown report: one table per provider."""
    tables = [(provider, found) for provider in run.providers if (found := keywords(provider))]
    if not tables:
        return
    yield "## Keywords of schemas"
    yield (
        f"How many schemas with a keyword are *{ENFORCED}*: the answer fits although the question "
        "asks for what does not, and a control shows that the model obeys where no schema keeps it "
        f"from it; *kept*: the same without a control; *{REFUSED}*: with a 400 that names the "
        f"schema; *{IGNORED}*: the answer does not fit, and nothing tells the application; "
        f"*{UNDECIDED}*: cut off, or the model did not play along."
    )
    for provider, found in tables:
        if len(tables) > 1:
            yield f"### {code(provider.name)}"
        yield _table(found)


def _table(found: Cells) -> str:
    columns = sorted({by for ways in found.values() for by in ways})
    return table(
        ["Keyword", *(hostile(by, _CELL) for by in columns)],
        [
            [code(keyword), *(_cell(ways.get(by, {})) for by in columns)]
            for keyword, ways in sorted(found.items(), key=lambda pair: pair[0].lower())
        ],
    )


def _cell(words: Mapping[str, Sequence[str]]) -> str:
    """`ignored 1 (pattern-year), kept 8`."""
    ranked = sorted(words, key=lambda word: (_rank(word), word))
    parts = []
    for word in ranked:
        text = f"{hostile(word, _CELL)} {len(words[word])}"
        if word in _TOLD:
            text = f"**{text}** ({listed([code(_variant(cell)) for cell in words[word]], 3)})"
        parts.append(text)
    return ", ".join(parts) or NOTHING


def _rank(word: str) -> int:
    return _ORDER.index(word) if word in _ORDER else len(_ORDER)


def _variant(cell: str) -> str:
    """`pattern-year` of `keywords/patterns[row-pattern-year]`."""
    _, bracket, axes = cell.partition("[")
    return axes.removesuffix("]").removeprefix("row-") if bracket else cell
