"""ERR: requests to /completions and /embeddings that have to be refused, with status 400."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from conformance.checks import select, texts, vectors
from conformance.checks.core import check
from conformance.checks.facts import Facts
from conformance.checks.refused import is_a, missing_model_is_400, wants_400
from conformance.checks.show import shown
from conformance.wire.exchange import Exchange

_RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "temperature": (0, 2),
        "top_p": (0, 1),
        "frequency_penalty": (-2, 2),
        "presence_penalty": (-2, 2),
        "n": (1, math.inf),
        "max_tokens": (0, math.inf),
        "dimensions": (1, math.inf),
    }
)
_KINDS: Mapping[str, tuple[type, ...]] = MappingProxyType(
    {
        "model": (str,),
        "prompt": (str, list),
        "input": (str, list),
        "stream": (bool,),
        "echo": (bool,),
        "suffix": (str,),
        "stop": (str, list),
        "stream_options": (dict,),
        "logit_bias": (dict,),
        "encoding_format": (str,),
        "user": (str,),
        **dict.fromkeys((*_RANGES, "best_of", "seed"), (int, float)),
    }
)
"""What parameters are made of; each may be null."""


def _decided(exchange: Exchange) -> Sequence[Facts]:
    return texts.decided(exchange) or vectors.decided(exchange)


check("ERR-023", over=select.among(_decided, lambda one: not one.asked.get("model")), always=True,
      name="missing_model_is_400_elsewhere")(missing_model_is_400)  # fmt: skip


def _out_of_range(one: Facts) -> list[str]:
    return [
        f"{name} {shown(one.asked[name])}"
        for name, (low, high) in _RANGES.items()
        if is_a(one.asked.get(name, ""), (int, float))
        and one.asked[name] is not None
        and not low <= one.asked[name] <= high
    ]


def _mistyped(one: Facts) -> list[str]:
    return [
        f"{name} {shown(value)}"
        for name, value in one.asked.items()
        if name in _KINDS and not is_a(value, _KINDS[name])
    ]


def _refused(clause: str, name: str, about: str, odd: Any) -> None:
    """Register that requests with something odd get 400."""

    def judge(one: Facts) -> Any:
        yield from wants_400(one, " and ".join(odd(one)))

    judge.__doc__ = about
    over = select.among(_decided, lambda one: bool(odd(one)))
    check(clause, over=over, always=True, name=name)(judge)


_refused("ERR-026", "out_of_range_is_400_elsewhere",
         "A number out of its range gets 400 from text completions and embeddings, too.", _out_of_range)  # fmt: skip
_refused("ERR-027", "wrong_type_is_400_elsewhere",
         "A parameter of the wrong type gets 400 from text completions and embeddings, too.", _mistyped)  # fmt: skip
