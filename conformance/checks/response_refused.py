"""ERR: requests for a response that have to be refused, with status 400."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from conformance.checks import select
from conformance.checks.core import Problem, check
from conformance.checks.facts import EXCUSED, Facts, facts
from conformance.checks.paths import RESPONSES
from conformance.checks.refused import beyond, is_a, wants_400
from conformance.checks.show import shown
from conformance.wire.exchange import Exchange

_RANGES = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "top_logprobs": (0, 20),
    "max_output_tokens": (1, math.inf),
}
_KINDS: dict[str, tuple[type, ...]] = {
    "model": (str,),
    "input": (str, list),
    "instructions": (str, list),
    "stream": (bool,),
    "store": (bool,),
    "tools": (list,),
    "tool_choice": (str, dict),
    "text": (dict,),
    "reasoning": (dict,),
    **dict.fromkeys(_RANGES, (int, float)),
}
"""What parameters of such requests are made of; each may be null."""


def _answered(holds: Callable[[Facts], bool]) -> select.Selected:
    """Requests for a response with any decided answer, and with what is to be refused."""

    def selected(exchange: Exchange) -> Sequence[Facts]:
        found = facts(exchange)
        asked = found.fits and found.endpoint == RESPONSES and found.status is not None
        return (found,) if asked and found.status not in EXCUSED and holds(found) else ()

    return selected


def _out_of_range(one: Facts) -> list[str]:
    return beyond(one, _RANGES)


@check("ERR-026", over=_answered(lambda one: bool(_out_of_range(one))), always=True)
def response_out_of_range_is_400(one: Facts) -> Iterator[Problem]:
    """A number out of its range gets 400, also where a response is asked for."""
    yield from wants_400(one, " and ".join(_out_of_range(one)))


def _mistyped(one: Facts) -> list[str]:
    return [
        f"{name} {shown(value)}"
        for name, value in one.asked.items()
        if name in _KINDS and not is_a(value, _KINDS[name])
    ]


@check("ERR-027", over=_answered(lambda one: bool(_mistyped(one))), always=True)
def response_wrong_type_is_400(one: Facts) -> Iterator[Problem]:
    """A parameter of the wrong type gets 400, also where a response is asked for."""
    yield from wants_400(one, " and ".join(_mistyped(one)))
