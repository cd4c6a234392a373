"""Facts that a case keeps of its answers: judged by nothing, and compared with those of a baseline."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from conformance.suite.model import Case
from conformance.verdict.outcome import TrialVerdict
from conformance.wire.exchange import Ended, Exchange, Trial
from conformance.wire.query import MISSING, find

_LONGEST = 200
_MOST = 3
"""Distinct values of one fact that are kept: two already say that it is no constant."""


def observed(case: Case, trial: Trial) -> dict[str, str]:
    """The facts that a trial's last answer shows, as JSON text; empty for one that it lacks.

    A refusal lacks what an answer has, and that says nothing: of it only what is there is kept.
    """
    exchange = trial.last(case.steps[-1].id) if case.observe else None
    if exchange is None or exchange.response is None or exchange.end.how is not Ended.COMPLETE:
        return {}
    said = _said(exchange)
    found = {name: find(said, query) for name, query in case.observe.items()}
    refused = exchange.response.status >= 400  # noqa: PLR2004
    return {
        name: "" if value is MISSING else _text(value)
        for name, value in found.items()
        if not (refused and value is MISSING)
    }


def distinct(trials: Iterable[TrialVerdict]) -> dict[str, tuple[str, ...]]:
    """Each fact to its distinct values, in the order in which they were seen; the first few."""
    seen: dict[str, dict[str, None]] = {}
    for trial in trials:
        for name, value in trial.facts.items():
            seen.setdefault(name, {})[value] = None
    return {name: tuple(values)[:_MOST] for name, values in seen.items()}


def constant(facts: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """The facts that had the same value in every sample."""
    return {name: values[0] for name, values in facts.items() if len(values) == 1}


def _said(exchange: Exchange) -> Any:
    """What queries look into: the completion, put together where it was streamed; else the body."""
    return exchange.answer.body if exchange.answer else exchange.document.value


def _text(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
