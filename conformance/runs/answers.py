"""Whether what was answered under a load was right: judged afterwards, with a probe of one token."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.engine.instrument.load import Ran
from conformance.engine.redact import Redactor
from conformance.report.under_load import Told, told
from conformance.runs.timed import Side
from conformance.runs.toolbox import toolbox
from conformance.verdict.under_load import judged


class Jury:
    """Hears what was answered, by the name of who answered or under what."""

    def __init__(self) -> None:
        self.told: dict[str, Told] = {}

    async def hear(self, name: str, side: Side, all_: Sequence[Ran]) -> None:
        """Everything of some loads, and one token more."""
        probe = await side.probe()
        tools, redactor = toolbox(), Redactor(side.secrets)
        exchanges = (redactor.exchange(take.exchange) for ran in all_ for take in ran.takes())
        last, clauses = redactor.exchange(probe.exchange), tools.contract.clauses
        self.told[name] = told(judged(side.provider, exchanges, last, tools.bench, clauses))
