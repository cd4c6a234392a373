"""ERR: requests that have to be refused, with status 400.

Judged wherever such a request is sent, in whatever case.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks import select
from conformance.checks.core import Problem, check
from conformance.checks.facts import ERROR, EXCUSED, Facts, facts
from conformance.checks.paths import CHAT
from conformance.checks.show import shown
from conformance.wire.exchange import Exchange

_ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
_RANGES = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
    "n": (1, math.inf),
}


def _answered_chats(exchange: Exchange) -> Sequence[Facts]:
    """Chat requests with a JSON object for a body, and any decided answer."""
    found = facts(exchange)
    decided = found.status is not None and found.status not in EXCUSED
    chat = found.fits and found.endpoint == CHAT
    return (found,) if chat and decided and isinstance(exchange.request.json, dict) else ()


def _refused(one: Facts, what: str) -> Iterator[Problem]:
    if one.status != ERROR:
        yield Problem(message=f"status {one.status} for {what}, wanted 400")


@check(
    "ERR-023", over=select.among(_answered_chats, lambda one: "model" not in one.asked), always=True
)
def missing_model_is_400(one: Facts) -> Iterator[Problem]:
    """A request without `model` gets 400 and a message that names it."""
    yield from _refused(one, "a request without `model`")
    assert one.response is not None
    if one.status == ERROR and one.whole and b"model" not in one.response.body:
        yield Problem(message="status 400, but nothing in it names `model`")


@check(
    "ERR-024",
    over=select.among(_answered_chats, lambda one: not one.asked.get("messages")),
    always=True,
)
def missing_messages_are_400(one: Facts) -> Iterator[Problem]:
    """A request without messages gets 400."""
    yield from _refused(one, f"`messages` {shown(one.asked.get('messages'))}")


def _odd_roles(one: Facts) -> list[Any]:
    listed = one.asked.get("messages")
    roles = [
        each["role"]
        for each in (listed if isinstance(listed, list) else ())
        if isinstance(each, dict) and "role" in each
    ]
    return [role for role in roles if not isinstance(role, str) or role not in _ROLES]


@check(
    "ERR-025", over=select.among(_answered_chats, lambda one: bool(_odd_roles(one))), always=True
)
def unknown_role_is_400(one: Facts) -> Iterator[Problem]:
    """A message of an unknown role gets 400."""
    yield from _refused(one, f"a message of role {shown(_odd_roles(one)[0])}")


def _out_of_range(one: Facts) -> list[str]:
    return [
        f"{name} {shown(one.asked[name])}"
        for name, (low, high) in _RANGES.items()
        if isinstance(one.asked.get(name), int | float)
        and not isinstance(one.asked[name], bool)
        and not low <= one.asked[name] <= high
    ]


@check(
    "ERR-026", over=select.among(_answered_chats, lambda one: bool(_out_of_range(one))), always=True
)
def out_of_range_is_400(one: Facts) -> Iterator[Problem]:
    """A number out of its range gets 400; it is not clamped in silence."""
    yield from _refused(one, " and ".join(_out_of_range(one)))


def _mistyped(one: Facts) -> list[str]:
    """Numbers that came as something else than a number or null."""
    names = (*_RANGES, "max_tokens", "max_completion_tokens", "top_logprobs")
    return [
        f"{name} {shown(one.asked[name])}"
        for name in names
        if isinstance(one.asked.get(name), str | bool | list | dict)
    ]


@check("ERR-027", over=select.among(_answered_chats, lambda one: bool(_mistyped(one))), always=True)
def wrong_type_is_400(one: Facts) -> Iterator[Problem]:
    """A number that comes as text, a list or an object gets 400."""
    yield from _refused(one, " and ".join(_mistyped(one)))
