"""Whether what is optional is there at all: asked once, before the first case that needs it.

Endpoints beside chat: where the smallest request gets none, what it would have been asked is not
applicable; a refusal of any later request is an answer to that request. A model that reasons: where
a question that ended by itself shows no reasoning, none is offered. Whoever declares the capability
is not asked: there a refusal is a failure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from conformance.plan.adhoc import ad_hoc_ask
from conformance.plan.build import needs
from conformance.plan.model import Ask, Variant
from conformance.providers.model import Provider
from conformance.wire.exchange import Exchange, Trial

_FOLDER = "offered/"
_TEXT = "Say OK."
_CLAUSES = MappingProxyType(
    {"completions": "CMPL-001", "embeddings": "EMB-001", "responses": "RESP-001"}
)
"""Which clause allows each to be away, and says how. Nobody else may complain of what is not used."""
_SMALLEST: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "completions": {"prompt": _TEXT, "max_tokens": 1},
        "embeddings": {"input": _TEXT},
        "responses": {"input": _TEXT, "max_output_tokens": 16},
    }
)
"""Capabilities that are a path of the same name, and the least that can be asked there."""
REASONING, THINKING_ON = "reasoning", "thinking-on"
_PUZZLE: Mapping[str, Any] = MappingProxyType(
    {
        "messages": [
            {
                "role": "user",
                "content": "How many legs do three spiders and two ducks have in total?",
            }
        ],
        "max_completion_tokens": 512,
    }
)
"""What a model that reasons thinks about, and any other answers or gets wrong."""
_TAG = re.compile(r"think(?:ing)?>|THINK\]", re.IGNORECASE)
_NOT_THERE = frozenset({404, 405, 501})
_NO_VECTORS = frozenset({400})
"""What is answered, too, where the path is there and the model makes no vectors.

In JSON: a page of a web server that lost track of its connection is no answer to the question.
"""


def questions(variant: Variant, provider: Provider) -> tuple[Ask, ...]:
    """What has to be asked before a variant, in the order of its needs."""
    return tuple(
        _question(need, provider)
        for need in needs(variant)
        if (need in _SMALLEST or need == REASONING) and need not in provider.capabilities
    )


def _question(need: str, provider: Provider) -> Ask:
    if need == REASONING:
        body, path = {**_PUZZLE, **provider.fragments.get(THINKING_ON, {})}, "/chat/completions"
    else:
        body, path = dict(_SMALLEST[need]), f"/{need}"
    body = {"model": {"$var": _model(need, provider)}, **body}
    return ad_hoc_ask(f"{_FOLDER}{need}", provider.name, body, path=path, retry=False)


def _model(need: str, provider: Provider) -> str:
    return f"provider.models.{need}" if need in provider.models else "provider.model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """A capability that a provider was found not to have."""

    capability: str
    why: str
    clause: str
    """The one that judges how that was said; empty where the answer is one like any other."""


def absence(trial: Trial) -> Absence | None:
    """What such a question found missing; None for all other trials."""
    folder, _, name = trial.key.case.rpartition("/")
    if f"{folder}/" != _FOLDER or trial.error or not trial.exchanges:
        return None
    exchange, who = trial.exchanges[-1], trial.key.provider
    if name == REASONING:
        why = "asked once, it answered without; if it can, declare fragments.thinking-on"
        told = f"{who} does not offer {name}: {why}"
        return Absence(capability=name, why=told, clause="") if _thoughtless(exchange) else None
    status = exchange.response.status if exchange.response else 0
    refused = name == "embeddings" and status in _NO_VECTORS and exchange.document.ok
    if status not in _NOT_THERE and not refused:
        return None
    why = f"{who} does not offer {name}: {status} for POST /{name}"
    return Absence(capability=name, why=why, clause=_CLAUSES[name])


def _thoughtless(exchange: Exchange) -> bool:
    """A whole answer of which nothing shows that there was any reasoning, nor leaves it open."""
    answer = exchange.answer
    choice = answer.choices[0] if answer and answer.choices else None
    if answer is None or choice is None or choice.finish_reason != "stop":
        return False
    usage = answer.usage if isinstance(answer.usage, dict) else {}
    details = usage.get("completion_tokens_details")
    counted = isinstance(details, dict) and bool(details.get("reasoning_tokens"))
    said = choice.content if isinstance(choice.content, str) else ""
    return bool(said) and not (choice.reasoning or counted or _TAG.search(said))
