"""What an endpoint says of its model in `/models`: facts that are read, and decide nothing.

Names differ between vendors of one model, so nothing follows from them. Sizes, lengths and words
about quantisation are claims: beside the other's they are a hint, and never a proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.wire.exchange import Exchange

_MOST = 24  # facts of one entry
_LONGEST = 120  # characters of one
_REFUSED = 400
_OF_THE_ACCOUNT = frozenset({"id", "object", "created", "permission", "owned_by"})


@dataclass(frozen=True, slots=True)
class Listed:
    """The entry of a model, flattened: `meta.n_params` to `134515008`; or why there is none."""

    facts: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""


def listed(exchange: Exchange | None, model: str) -> Listed:
    """The entry of `model`, or the only one there is. Never raises."""
    if exchange is None or exchange.response is None:
        return Listed(trouble="no answer")
    if exchange.response.status >= _REFUSED:
        return Listed(trouble=f"status {exchange.response.status}")
    body = exchange.document.value
    data = body.get("data") if isinstance(body, Mapping) else body
    entries = [each for each in data if isinstance(each, Mapping)] if isinstance(data, list) else []
    named = [each for each in entries if each.get("id") == model]
    if not named and len(entries) != 1:
        return Listed(trouble=f"none of {len(entries)} entries is of the model that was asked")
    facts = _flat((named or entries)[0], "")
    return Listed(dict(pair for pair, _ in zip(facts, range(_MOST), strict=False)))


def unlike(one: Listed, other: Listed) -> tuple[str, ...]:
    """Facts that both give, and not alike."""
    return tuple(name for name, value in one.facts.items() if other.facts.get(name, value) != value)


def _flat(value: Mapping[str, Any], before: str) -> Iterator[tuple[str, str]]:
    """Plain members, and those of objects in it; what names the account or the moment is left out."""
    for name, each in value.items():
        path = f"{before}{name}"
        if path in _OF_THE_ACCOUNT:
            continue
        if isinstance(each, Mapping) and not before:
            yield from _flat(each, f"{path}.")
        elif isinstance(each, str | int | float) and each != "":
            yield path[:_LONGEST], str(each)[:_LONGEST]
