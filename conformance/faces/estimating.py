"""`--estimate`: what a run would cost, as a table, with nothing sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from conformance.plan.estimate import Estimate

HEADS = ("provider", "suite", "requests", "at most", "prompt tokens", "completion tokens", "USD")


def table(rows: Sequence[Estimate]) -> str:
    """A row per suite, and a last one with the sums."""
    from tabulate import tabulate

    body = [_cells(row) for row in rows]
    priced = [row.price for row in rows if row.price is not None]
    body.append(
        (
            "in all",
            "",
            sum(row.requests for row in rows),
            sum(row.most_requests for row in rows),
            sum(row.tokens.prompt for row in rows),
            sum(row.tokens.completion for row in rows),
            f"{sum(priced):.4f}" if priced else "",
        )
    )
    text = tabulate(body, headers=HEADS, tablefmt="simple", disable_numparse=True, colalign=_ALIGN)
    return (
        f"{text}\n\nTokens are upper bounds for the requests of the third column; `at most` counts all\n"
        "samples of cases that stop as soon as their answer is clear. Retries come on top."
    )


_ALIGN = ("left", "left", *["right"] * 5)


def _cells(row: Estimate) -> tuple[object, ...]:
    price = "" if row.price is None else f"{row.price:.4f}"
    tokens = row.tokens
    return (
        row.provider,
        row.suite,
        row.requests,
        row.most_requests,
        tokens.prompt,
        tokens.completion,
        price,
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
