"""LOGP, CMPL: that likelihoods are likelihoods: of one place they add up to no more than one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conformance.checks.alternatives import alternatives_of, number
from conformance.checks.core import Problem, check
from conformance.checks.facts import Said
from conformance.checks.logprobs import tokens_of, with_tokens
from conformance.checks.show import shown
from conformance.checks.text_logprobs import scores
from conformance.checks.texts import Text

_ALL = 1.1
"""What the chances of one place may add up to, for they come rounded, in half precision."""
_ZERO = 1e-3
"""What rounding makes of certainty."""


def _chance(logarithm: float) -> float:
    return math.exp(min(logarithm, 0.0))


def _beyond_one(chances: Sequence[float], at: str) -> Iterator[Problem]:
    total = sum(map(_chance, chances))
    if total > _ALL:
        yield Problem(
            message=f"the chances of one place add up to {total:.2f}: logarithms {shown(list(chances))}",
            at=at,
        )


@check("LOGP-002", over=with_tokens, always=True)
def chances_add_up(one: Said) -> Iterator[Problem]:
    """The alternatives of a place are together no likelier than certain; two that read alike count once."""
    for place, token in enumerate(tokens_of(one.choice.logprobs)):
        told = {
            str(each.get("token")): number(each.get("logprob")) for each in alternatives_of(token)
        }
        known = [each for each in told.values() if each is not None]
        found = list(_beyond_one(known, f"{one.at}.logprobs.content[{place}]"))
        if found:
            yield from found
            return


def _numbers(listed: Any) -> list[float | None]:
    return [number(each) for each in listed] if isinstance(listed, list) else []


@check("CMPL-008", over=scores, always=True)
def text_chances_add_up(told: tuple[Text, dict[str, Any]]) -> Iterator[Problem]:
    """Each token of a text completion, and each alternative, has a logarithm that is not above 0; together they are no more than certain."""
    one, held = told
    at = f"{one.at}.logprobs"
    above = [
        each for each in _numbers(held.get("token_logprobs")) if each is not None and each > _ZERO
    ]
    if above:
        yield Problem(message=f"a log probability of {above[0]}", at=f"{at}.token_logprobs")
    for place, each in enumerate(_alternatives(held)):
        values = [value for value in map(number, each.values()) if value is not None]
        where = f"{at}.top_logprobs[{place}]"
        if any(value > _ZERO for value in values):
            yield Problem(message=f"log probabilities of {shown(values)}", at=where)
            return
        found = list(_beyond_one(values, where))
        if found:
            yield from found
            return


def _alternatives(held: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The alternatives of each place; none where something else stands."""
    listed = held.get("top_logprobs")
    if not isinstance(listed, list):
        return []
    return [each if isinstance(each, dict) else {} for each in listed]
