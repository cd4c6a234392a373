"""How fast a provider is, and whether what it answered under that load was right."""

from __future__ import annotations

from conformance.engine.instrument.load import Ran
from conformance.engine.instrument.session import Load, clock_process
from conformance.engine.redact import Redactor
from conformance.latency.measured import Measured
from conformance.latency.summary import Objective
from conformance.providers.model import Provider
from conformance.runs.latency import under
from conformance.runs.timed import Question, ready
from conformance.runs.toolbox import toolbox
from conformance.verdict.under_load import Answers, judged


async def measured_and_judged(
    provider: Provider, question: Question, load: Load, objective: Objective | None = None
) -> tuple[Measured, Answers]:
    """As `measured`, and a probe of one token after the load; then everything is judged."""
    kept: list[Ran] = []
    async with ready(provider, question, load) as side:
        with clock_process() as clock:
            found = await under(side, clock, load, objective, side.warm, kept.append)
        probe = await side.probe(load.bounds)
    tools, redactor = toolbox(), Redactor(side.secrets)
    exchanges = (redactor.exchange(take.exchange) for ran in kept for take in ran.takes())
    clauses = tools.contract.clauses
    answers = judged(provider, exchanges, redactor.exchange(probe.exchange), tools.bench, clauses)
    return found, answers
