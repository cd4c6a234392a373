"""What a whole run costs at a provider, before it is started."""

from __future__ import annotations

from conformance.faces.doctor.remark import Mark, Remark
from conformance.plan.build import build
from conformance.plan.estimate import estimate
from conformance.plan.tokens import Tokens
from conformance.providers.model import Provider
from conformance.runs.toolbox import packaged_suites, read_suites, toolbox
from conformance.verdict.findings import selecting


def cost(provider: Provider) -> Remark:
    """The line about it."""
    plan = build(read_suites(toolbox(), packaged_suites()), {provider.name: provider})
    rows = estimate(plan)
    tokens = sum((row.tokens for row in rows), Tokens())
    prices = [row.price for row in rows if row.price is not None]
    price = f", {sum(prices):.2f} USD" if prices else ""
    words = (
        f"a whole run: {sum(row.requests for row in rows)} requests or more, at most "
        f"{_thousands(tokens.prompt)} + {_thousands(tokens.completion)} tokens{price}"
    )
    if plan.not_asked:
        lacking = ", ".join(name for name, there in provider.capabilities.items() if not there)
        words += f"; {len(plan.not_asked)} cases are left out (not offered: {lacking})"
    return Remark(Mark.NOTE, "cost", f"{words}; by suite: pytest {selecting(provider)} --estimate")


def _thousands(number: int) -> str:
    return f"{number / 1000:.0f}k" if number >= 10_000 else str(number)  # noqa: PLR2004  # two digits
