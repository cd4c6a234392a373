"""Whether the endpoints beside chat are there at all: asked once, before the first case that needs one.

They are optional. Where the smallest request gets none, what it would have been asked is not
applicable; a refusal of any later request is an answer to that request. Whoever declares the
capability is not asked: there a refusal is a failure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from conformance.plan.adhoc import ad_hoc_ask
from conformance.plan.build import needs
from conformance.plan.model import Ask, Variant
from conformance.providers.model import Provider
from conformance.wire.exchange import Trial

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
_NOT_THERE = frozenset({404, 405, 501})
_NO_VECTORS = frozenset({400})
"""What is answered, too, where the path is there and the model makes no vectors."""


def questions(variant: Variant, provider: Provider) -> tuple[Ask, ...]:
    """What has to be asked before a variant, in the order of its needs."""
    return tuple(
        ad_hoc_ask(
            f"{_FOLDER}{need}",
            provider.name,
            {"model": {"$var": _model(need, provider)}, **_SMALLEST[need]},
            path=f"/{need}",
            retry=False,
        )
        for need in needs(variant)
        if need in _SMALLEST and need not in provider.capabilities
    )


def _model(need: str, provider: Provider) -> str:
    return f"provider.models.{need}" if need in provider.models else "provider.model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """A capability that a provider was found not to have."""

    capability: str
    why: str
    clause: str
    """The one that judges how that was said."""


def absence(trial: Trial) -> Absence | None:
    """What such a question found missing; None for all other trials."""
    folder, _, name = trial.key.case.rpartition("/")
    if f"{folder}/" != _FOLDER or trial.error or not trial.exchanges:
        return None
    response = trial.exchanges[-1].response
    gone = _NOT_THERE | (_NO_VECTORS if name == "embeddings" else frozenset())
    if response is None or response.status not in gone:
        return None
    why = f"{trial.key.provider} does not offer {name}: {response.status} for POST /{name}"
    return Absence(capability=name, why=why, clause=_CLAUSES[name])
