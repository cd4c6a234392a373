"""Tables of what each provider does where the contract leaves a choice, with the proof."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from tabulate import tabulate

from conformance.report.escape import code, hostile
from conformance.report.phrase import listed
from conformance.verdict.model import Capability, ProviderResult

HONOURED = "honoured"
NOTHING = "-"
_VARIANTS = 4
"""Groups of variants spelled out in one cell."""
_CELL = 160
_CONTROL = 80
_PIPE = re.compile(r"(?<!\\)\|")


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""A Markdown table of cells that are escaped already, but for pipes inside code spans.

    Tables are cut into cells before code spans are found, so `\|` is right there and nowhere else.
    """
    cells = [[_PIPE.sub(r"\\|", cell) for cell in row] for row in rows]
    return tabulate(
        cells,
        headers=[_PIPE.sub(r"\\|", each) for each in headers],
        tablefmt="pipe",
        disable_numparse=True,
    )


def cell(capability: Capability) -> str:
    """`honoured (without it: 20 tokens or more)`, or each word with its variants where they differ."""
    return told(capability.branches, capability.control)


def told(branches: Mapping[str, str], control: str) -> str:
    """Words with the variants that they are said of, and what the control showed."""
    words = merged(branches)
    parts = []
    for word, variants in list(words.items())[:_VARIANTS]:
        notes = [hostile(listed(variants, 3), _CELL)] if len(words) > 1 and any(variants) else []
        if word == HONOURED:
            shown = hostile(control, _CONTROL)
            notes.append(f"without it: {shown}" if shown else "no control")
        parts.append(hostile(word, _CELL) + (f" ({'; '.join(notes)})" if notes else ""))
    if len(words) > _VARIANTS:
        parts.append("...")
    return "; ".join(parts) or NOTHING


def merged(branches: Mapping[str, str]) -> dict[str, list[str]]:
    """What is done, to the variants that it is done in; one word alone where all are equal."""
    groups: dict[str, list[str]] = {}
    for axes, word in sorted(branches.items()):
        groups.setdefault(word, []).append(axes)
    return dict(sorted(groups.items(), key=lambda pair: (pair[0] != HONOURED, pair[0])))


def matrix(providers: Sequence[ProviderResult]) -> str:
    """Rows are capabilities that are about no parameter, columns are providers. Empty where no case tells."""
    found = {
        provider.name: {each.case: each for each in provider.capabilities if not each.parameter}
        for provider in providers
    }
    rows = {case: each for mine in found.values() for case, each in mine.items()}
    if not rows:
        return ""
    return table(
        ["Choice", *(code(provider.name) for provider in providers)],
        [
            [
                hostile(row.title, _CELL),
                *(
                    cell(found[provider.name][case]) if case in found[provider.name] else NOTHING
                    for provider in providers
                ),
            ]
            for case, row in sorted(rows.items())
        ],
    )
