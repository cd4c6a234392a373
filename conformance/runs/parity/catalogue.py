"""`/models`, asked once of each side: what endpoints say of themselves stands in the record."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.parity.turns import Side
from conformance.plan.adhoc import STEP, ad_hoc_ask
from conformance.plan.model import Ask
from conformance.record.reader import Recording
from conformance.runs.parity.asking import AS
from conformance.wire.exchange import Exchange, TrialKey

_CASE = "parity/models"


def question(side: Side, provider: str) -> Ask:
    """The request; an endpoint that has none of it is not asked twice."""
    axes = {AS: str(side)}
    return ad_hoc_ask(_CASE, provider, None, path="/models", method="GET", axes=axes, retry=False)


def key(side: Side, provider: str) -> TrialKey:
    """Under which the answer stands in a record."""
    return TrialKey(case=_CASE, axes=((AS, str(side)),), provider=provider)


def catalogues(recording: Recording, sides: Mapping[Side, str]) -> dict[Side, Exchange | None]:
    """What was answered, of those sides of which a record holds it."""
    by = {key(side, name): side for side, name in sides.items()}
    return {
        by[each.key]: each.last(STEP)
        for each in recording.trials()
        if each.key in by and each.exchanges
    }
