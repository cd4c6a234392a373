"""`--estimate`: what a run would cost, as a table, with nothing sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from conformance.plan.estimate import Estimate
from conformance.plan.tokens import Tokens
from conformance.report.phrase import listed

HEADS = ("provider", "suite", "requests", "at most", "prompt tokens", "completion tokens", "USD")


def table(rows: Sequence[Estimate]) -> str:
    """A row per suite, provider by provider, with the sums of each and of all."""
    from tabulate import tabulate

    names = list(dict.fromkeys(row.provider for row in rows))
    groups = [[row for row in rows if row.provider == name] for name in names]
    body = []
    for name, group in zip(names, groups, strict=True):
        body += [_cells(name, row.suite, [row]) for row in group]
        if len(groups) > 1:
            body += [_cells(name, "in all", group), [""] * len(HEADS)]
    body.append(_cells("in all", "", rows))
    text = tabulate(body, headers=HEADS, tablefmt="simple", disable_numparse=True, colalign=_ALIGN)
    return (
        f"{text}\n\nTokens are upper bounds for the requests of the third column; `at most` counts all\n"
        f"samples of cases that stop as soon as their answer is clear. Retries come on top.{_unpriced(groups)}"
    )


_ALIGN = ("left", "left", *["right"] * 5)


def _cells(provider: str, suite: str, rows: Sequence[Estimate]) -> list[str]:
    tokens = sum((row.tokens for row in rows), Tokens())
    numbers = (
        sum(row.requests for row in rows),
        sum(row.most_requests for row in rows),
        tokens.prompt,
        tokens.completion,
    )
    return [provider, suite, *(f"{each:,}" for each in numbers), _price(rows)]


def _price(rows: Sequence[Estimate]) -> str:
    """Nothing where no price is known; what is known, marked, where others come on top."""
    priced = [row.price for row in rows if row.price is not None]
    if not priced:
        return ""
    return f"{sum(priced):.4f}" + ("" if len(priced) == len(rows) else " + ?")


def _unpriced(groups: Sequence[Sequence[Estimate]]) -> str:
    unknown = [group[0].provider for group in groups if group[0].price is None]
    return (
        f"\nNo prices are known of {listed(unknown)} (`prices` in providers.toml)."
        if unknown
        else ""
    )


class Estimator:
    """Takes the place of pytest's loop: prints, and runs nothing."""

    def __init__(self, estimate: Callable[[pytest.Session], str]) -> None:
        self._estimate = estimate

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """True: it has been done."""
        if session.testsfailed or session.config.option.collectonly:
            return None
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.section("what the run would cost; nothing was sent")
            reporter.write_line(self._estimate(session))
        return True
