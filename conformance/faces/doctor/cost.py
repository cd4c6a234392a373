"""What a whole run costs at a provider, before it is started."""

from __future__ import annotations

from conformance.faces.doctor.remark import Mark, Remark
from conformance.faces.toolbox import packaged_suites, read_suites, toolbox
from conformance.plan.build import build
from conformance.plan.model import Plan
from conformance.providers.model import Provider


def cost(provider: Provider) -> Remark:
    """The line about it."""
    plan = build(read_suites(toolbox(), packaged_suites()), {provider.name: provider})
    words = f"a whole run: {requests(plan)} requests or more, in {len(plan.cells)} cases"
    if plan.not_asked:
        lacking = ", ".join(name for name, there in provider.capabilities.items() if not there)
        words += (
            f"; {len(plan.not_asked)} more are left out (not offered, says the entry: {lacking})"
        )
    return Remark(Mark.NOTE, "cost", words)


def requests(plan: Plan) -> int:
    """The least that is sent: every step once a sample, in one arm, without retries."""
    return sum(
        len(cell.variant.case.steps) * cell.variant.case.samples.least * len(cell.providers)
        for cell in plan.cells
    )
