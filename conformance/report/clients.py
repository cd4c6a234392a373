"""What real clients made of the answers: side by side for a terminal, and a part of the Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tabulate import tabulate

from conformance.report.escape import code, hostile, visible
from conformance.report.matrix import table
from conformance.report.phrase import listed
from conformance.verdict.model import ClientDisagreement, ClientResult, Run

_OUTCOMES = ("parsed", "empty", "raised", "hung", "not applicable")
_ROWS = 12
"""In the Markdown; `report.json` has all."""
_CLAUSES = 6
_WORDS = 120
NONE = "-"

_Row = tuple[str, str, str]
"""Provider, severity, what: the same disagreement in several clients."""


def comparison(run: Run) -> str:
    """Two tables: how often each client came to what, and where it got something else than was said."""
    counts = [
        [_name(one), visible(provider), *(_count(outcomes, name) for name in _OUTCOMES)]
        for one in run.clients
        for provider, outcomes in one.outcomes.items()
    ]
    blocks = [_plain(["client", "provider", *_OUTCOMES], counts)] if counts else []
    played = [one for one in run.clients if one.outcomes and not one.reason]
    rows = [
        [visible(each[1]), visible(each[2])[:_WORDS], visible(each[0])]
        + [str(_exchanges(one, each) or NONE) for one in played]
        + [listed([_clause(name) for name in _findings(played, each)], _CLAUSES) or NONE]
        for each in _all(played)
    ]
    if rows:
        heads = ["severity", "what an application gets", "provider", *map(_name, played), "clauses"]
        blocks.append(_plain(heads, rows))
    elif played:
        blocks.append("Every answer arrives as the wire meant it.")
    blocks += [
        f"{_name(one)}: not applicable: {visible(one.reason)}" for one in run.clients if one.reason
    ]
    for one in run.clients:
        blocks += [
            f"{_name(one)}: our copy of its accumulator {visible(each.words)} at {visible(each.exchange)}"
            for each in one.unpredicted
        ]
    return "\n\n".join(blocks)


def clients(run: Run) -> Iterator[str]:
    """The worst that an application which uses these clients would meet."""
    rows = [
        [
            hostile(_name(one)),
            code(each.provider),
            each.severity,
            hostile(each.what, _WORDS),
            str(each.exchanges),
            listed([code(_clause(name)) for name in each.findings], _CLAUSES) or NONE,
        ]
        for one in run.clients
        for each in one.disagreements
    ]
    reasons = [f"{hostile(_name(one))}: {hostile(one.reason)}" for one in run.clients if one.reason]
    if not rows and not reasons:
        return
    yield "## Real clients"
    yield "The recorded answers, played to real client libraries: where an application gets something else than the wire meant."
    if rows:
        yield table(["client", "provider", "how bad", "what", "exchanges", "clauses"], rows[:_ROWS])
    if len(rows) > _ROWS:
        yield f"... and {len(rows) - _ROWS} more in `report.json`"
    if reasons:
        yield "\n".join(f"- not played to {each}" for each in reasons)


def _name(one: ClientResult) -> str:
    return visible(f"{one.name} {one.version}".strip())


def _count(outcomes: Mapping[str, int], name: str) -> str:
    return str(outcomes.get(name) or NONE)


def _all(played: Sequence[ClientResult]) -> list[_Row]:
    """Every disagreement of any client once, in the order of the first that has it."""
    return list(dict.fromkeys(_row(each) for one in played for each in one.disagreements))


def _row(each: ClientDisagreement) -> _Row:
    return each.provider, each.severity, each.what


def _exchanges(one: ClientResult, row: _Row) -> int:
    return next((each.exchanges for each in one.disagreements if _row(each) == row), 0)


def _findings(played: Sequence[ClientResult], row: _Row) -> list[str]:
    found = {
        name
        for one in played
        for each in one.disagreements
        if _row(each) == row
        for name in each.findings
    }
    return sorted(found)


def _clause(finding: str) -> str:
    return visible(finding.rpartition("/")[2])


def _plain(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return tabulate(rows, headers=heads, tablefmt="plain", disable_numparse=True)
