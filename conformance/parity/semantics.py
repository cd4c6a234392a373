"""Stage 1b: whether logprobs are those before or after temperature, and of what was sampled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from statistics import median

from conformance.parity.lists import first, ungreedy
from conformance.parity.model import Answer, Ask, Settings, StageName

GREEDY, LOW, HIGH = 0.0, 0.5, 1.5
_NEAR = 0.35  # of log 3 = 1.10: well inside half the way
_TOKENS = 5
UNGREEDY = "a greedy token is not the best of its own list: the lists are not what tokens come from"


class Semantics(StrEnum):
    """What logprobs mean at a temperature other than 1."""

    RAW = "before temperature"
    PROCESSED = "after temperature"
    UNKNOWN = "not known"


def asks(prompts: Sequence[str], width: int) -> tuple[Ask, ...]:
    """Each prompt at temperature 0, and at two that tell what logprobs mean."""
    return tuple(
        Ask(
            stage=StageName.SEMANTICS,
            prompt=prompt,
            order=order,
            settings=Settings(temperature=temperature, top_logprobs=width),
        )
        for order, (prompt, temperature) in enumerate(
            (prompt, temperature) for prompt in prompts for temperature in (GREEDY, LOW, HIGH)
        )
    )


def semantics(seen: Sequence[Answer]) -> Semantics:
    """From gaps between two tokens' logprobs: equal at both temperatures, or scaled by 1 / T.

    The gap log p(s) - log p(t) does not depend on the normaliser; after temperature T it is
    1 / T of the raw one, so at LOW it is HIGH / LOW = 3 times that at HIGH. The median over pairs
    of the best token with the next ones, and over prompts, must lie near one of the two.
    """
    ratios = []
    for low in seen:
        if low.ask.settings.temperature != LOW:
            continue
        for high in seen:
            if high.ask.settings.temperature == HIGH and high.ask.prompt == low.ask.prompt:
                ratios.extend(_ratios(low, high))
    if not ratios:
        return Semantics.UNKNOWN
    scale = median(ratios)
    if abs(scale) < _NEAR:
        return Semantics.RAW
    if abs(scale - math.log(HIGH / LOW)) < _NEAR:
        return Semantics.PROCESSED
    return Semantics.UNKNOWN


def ungreedy_at_zero(seen: Sequence[Answer]) -> bool:
    """Whether a token at temperature 0 is not the best of its own list.

    Then the list is not what the server chose from (speculative decoding, a shortcut), or it
    does not choose the best: both make its lists no evidence.
    """
    greedy = [each for each in seen if each.ask.settings.temperature == GREEDY and first(each)]
    return any(map(ungreedy, greedy))


def _ratios(low: Answer, high: Answer) -> list[float]:
    """Logs of the ratios of gaps that both lists show, of a nat at least."""
    left = {each.token: each.logprob for each in first(low)[:_TOKENS]}
    right = {each.token: each.logprob for each in first(high)}
    both = [token for token in left if token in right]
    gaps = [(left[both[0]] - left[each], right[both[0]] - right[each]) for each in both[1:]]
    return [math.log(a / b) for a, b in gaps if min(a, b) > 0 and max(a, b) >= 1]
