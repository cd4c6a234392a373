"""The end of the Markdown report: what is not decided, what does not count, cost, and proof."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.report.detail import short
from conformance.report.escape import code, fenced, hostile, visible
from conformance.report.matrix import table
from conformance.report.opening import anchor
from conformance.report.phrase import alike, counted, listed
from conformance.verdict.model import ProviderResult, Run
from conformance.verdict.outcome import CaseVerdict, Outcome

_ROWS = 30
"""Rows of each table; `report.json` has all."""


def undecided(run: Run) -> Iterator[str]:
    """Cases that say nothing; a weak model apart from everything else."""
    cases = [
        case
        for provider in run.providers
        for case in provider.cases
        if case.outcome is Outcome.INCONCLUSIVE
    ]
    if not cases:
        return
    yield "## Not decided"
    weak = [case for case in cases if case.weak]
    other = [case for case in cases if not case.weak]
    if weak:
        yield "**The model did not play along.** A stronger model decides these; the server may be right."
        yield _cases(weak)
    if other:
        yield "**Not clear from what was seen.** More samples or another endpoint state may decide these."
        yield _cases(other)


def not_asked(run: Run) -> Iterator[str]:
    """Cases that need what a provider does not offer, by reason."""
    lines = []
    for provider in run.providers:
        reasons: dict[str, list[str]] = {}
        for case in provider.cases:
            if case.outcome is Outcome.NOT_APPLICABLE:
                reasons.setdefault(case.message, []).append(case.cell)
        lines += [
            f"- {code(provider.name)}: {hostile(why) or 'no reason given'}: "
            f"{listed([code(cell) for cell in cells], 8)}"
            for why, cells in sorted(reasons.items())[:_ROWS]
        ]
    if lines:
        yield "## Not asked"
        yield "\n".join(lines)


def known(run: Run) -> Iterator[str]:
    """Declared deviations: those that showed, and those that did not any more."""
    lines = [
        f'- <a id="{anchor(finding.id)}"></a>{short(finding)}. '
        f"Declared: {hostile(finding.known_deviation)}"
        for provider in run.providers
        for finding in provider.findings
        if finding.known_deviation
    ]
    lines += [
        f"- {code(provider.name)}: **did not show any more, remove it:** {hostile(text)}"
        for provider in run.providers
        for text in provider.stale_deviations
    ]
    if lines:
        yield "## Known deviations"
        yield "They count in the answers above, and not in the exit code."
        yield "\n".join(lines)


def ours(run: Run) -> Iterator[str]:
    """Failures of the harness, and of the way to the endpoint."""
    lines = [
        f"- {code(provider.name)}: {hostile(each.reason)} ({counted(len(each.cells), 'case')}: "
        f"{listed([code(cell) for cell in each.cells], 8)})"
        for provider in run.providers
        for each in provider.errors
    ]
    told = {
        (provider.name, cell)
        for provider in run.providers
        for each in provider.errors
        for cell in each.cells
    }
    cases = [
        case
        for provider in run.providers
        for case in provider.cases
        if case.outcome is Outcome.ERROR and (case.provider, case.cell) not in told
    ]
    if not lines and not cases:
        return
    yield "## Errors of ours, or on the way to the endpoint"
    yield "They say **nothing about whether the endpoint conforms**, and decide nothing."
    if lines:
        more = [f"- and {len(lines) - _ROWS} more, in `report.json`"] if len(lines) > _ROWS else []
        yield "\n".join(lines[:_ROWS] + more)
    if cases:
        yield _cases(cases)


def cost(run: Run) -> Iterator[str]:
    """Cases by outcome, requests, tokens and price."""
    if not run.providers:
        return
    yield "## What was done, and what it cost"
    yield table(
        [
            "Provider",
            *(outcome.value for outcome in Outcome),
            "requests",
            "retried",
            "tokens",
            "USD",
        ],
        [_cost(provider) for provider in run.providers],
    )


def again(run: Run) -> Iterator[str]:
    """How to check every word of this report."""
    info = run.info
    yield "## Check it again"
    yield "The judgment is repeated from the recorded bytes, without the network:"
    yield fenced(f"conformance judge reports/{visible(info.id)}/record.jsonl", "sh")
    facts = [
        ("harness", info.harness_version),
        ("contract", info.contract_version),
        ("suites", info.suites_digest),
        ("seed", str(info.seed)),
    ]
    lines = [f"- {name}: {code(value)}" for name, value in facts]
    lines += [f"- {line}" for line in map(_identity, run.providers)]
    yield "\n".join(lines)


def _cases(cases: Sequence[CaseVerdict]) -> str:
    """One row per reason, for many cases may have the same."""
    groups = alike(cases)
    rows = [
        [listed([code(case.cell) for case in each], 6), code(provider), hostile(why, 240)]
        for (provider, why), each in list(groups.items())[:_ROWS]
    ]
    if len(groups) > _ROWS:
        rows.append([f"and {len(groups) - _ROWS} more reasons, in `report.json`", "", ""])
    return table(["Case", "Provider", "Why"], rows)


def _cost(provider: ProviderResult) -> list[str]:
    usage = provider.usage
    return [
        code(provider.name),
        *(str(provider.totals.get(outcome.value, 0)) for outcome in Outcome),
        str(usage.requests),
        str(usage.retried),
        f"{usage.prompt_tokens} + {usage.completion_tokens}",
        "not known" if usage.cost is None else f"{usage.cost:.4f}",
    ]


def _identity(provider: ProviderResult) -> str:
    """What answered, as far as it said."""
    facts = [
        ("preset", provider.preset),
        ("at", provider.base_url),
        ("model", provider.model),
        ("answered as", provider.served_model),
        ("server", provider.server),
    ]
    words = [f"{name} {code(value)}" for name, value in facts if value]
    if provider.system_fingerprints:
        shown = listed([code(each) for each in provider.system_fingerprints], 4)
        words.append(f"{counted(len(provider.system_fingerprints), 'fingerprint')} {shown}")
    return f"provider {code(provider.name)}: {', '.join(words)}"
