"""ERR: requests that have to be refused, with status 400.

Judged wherever such a request is sent, in whatever case.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conformance.checks import select
from conformance.checks.core import Problem, check
from conformance.checks.facts import ERROR, EXCUSED, Facts, facts
from conformance.checks.parts import is_integer
from conformance.checks.paths import CHAT
from conformance.checks.show import shown
from conformance.checks.statuses import error_of
from conformance.wire import jsontext
from conformance.wire.exchange import Exchange

_ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
_MOST_ALTERNATIVES = 20
_RANGES = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
    "n": (1, math.inf),
    "max_tokens": (1, math.inf),
    "max_completion_tokens": (1, math.inf),
}


def answered_chats(exchange: Exchange) -> Sequence[Facts]:
    """Chat requests with a JSON object for a body, and any decided answer."""
    found = facts(exchange)
    decided = found.status is not None and found.status not in EXCUSED
    chat = found.fits and found.endpoint == CHAT
    return (found,) if chat and decided and isinstance(exchange.request.json, dict) else ()


def wants_400(one: Facts, what: str) -> Iterator[Problem]:
    if one.status != ERROR:
        yield Problem(message=f"status {one.status} for {what}, wanted 400")


def _lacks_model(one: Facts) -> bool:
    model = one.asked.get("model")
    return model is None or model == ""


@check("ERR-023", over=select.among(answered_chats, _lacks_model), always=True)
def missing_model_is_400(one: Facts) -> Iterator[Problem]:
    """A request without `model` gets 400 and a message that names it."""
    yield from wants_400(one, "a request without `model`")
    assert one.response is not None
    if one.status == ERROR and one.whole and b"model" not in one.response.body:
        yield Problem(message="status 400, but nothing in it names `model`")


@check(
    "ERR-024",
    over=select.among(answered_chats, lambda one: not one.asked.get("messages")),
    always=True,
)
def missing_messages_are_400(one: Facts) -> Iterator[Problem]:
    """A request without messages gets 400."""
    yield from wants_400(one, f"`messages` {shown(one.asked.get('messages'))}")


def _odd_roles(one: Facts) -> list[Any]:
    """Roles that nobody knows. Null names none: a case sends it back where a stream gave none."""
    listed = one.asked.get("messages")
    roles = [
        each["role"]
        for each in (listed if isinstance(listed, list) else ())
        if isinstance(each, dict) and each.get("role") is not None
    ]
    return [role for role in roles if not isinstance(role, str) or role not in _ROLES]


@check("ERR-025", over=select.among(answered_chats, lambda one: bool(_odd_roles(one))), always=True)
def unknown_role_is_400(one: Facts) -> Iterator[Problem]:
    """A message of an unknown role gets 400."""
    yield from wants_400(one, f"a message of role {shown(_odd_roles(one)[0])}")


def _out_of_range(one: Facts) -> list[str]:
    return beyond(one, _RANGES)


def beyond(one: Facts, ranges: Mapping[str, tuple[float, float]]) -> list[str]:
    """Numbers of the request that lie out of their range."""
    return [
        f"{name} {shown(one.asked[name])}"
        for name, (low, high) in ranges.items()
        if isinstance(one.asked.get(name), int | float)
        and not isinstance(one.asked[name], bool)
        and not low <= one.asked[name] <= high
    ]


@check(
    "ERR-026", over=select.among(answered_chats, lambda one: bool(_out_of_range(one))), always=True
)
def out_of_range_is_400(one: Facts) -> Iterator[Problem]:
    """A number out of its range gets 400; it is not clamped in silence."""
    yield from wants_400(one, " and ".join(_out_of_range(one)))


_NUMBERS = (*_RANGES, "top_logprobs", "seed")
_KINDS: dict[str, tuple[type, ...]] = {
    "model": (str,),
    "messages": (list,),
    "stream": (bool,),
    "stop": (str, list),
    "tools": (list,),
    "tool_choice": (str, dict),
    "response_format": (dict,),
    "stream_options": (dict,),
    "logprobs": (bool,),
    "logit_bias": (dict,),
    "user": (str,),
    **dict.fromkeys(_NUMBERS, (int, float)),
}
"""What parameters of chat requests are made of; each may be null."""


def is_a(value: Any, kinds: tuple[type, ...]) -> bool:
    """One of these kinds, or null; Python takes `true` for an integer."""
    if value is None:
        return True
    return bool in kinds if isinstance(value, bool) else isinstance(value, kinds)


def _mistyped(one: Facts) -> list[str]:
    """Parameters, and contents of messages, of a wrong type."""
    found = [
        f"{name} {shown(value)}"
        for name, value in one.asked.items()
        if name in _KINDS and not is_a(value, _KINDS[name])
    ]
    contents = [each.get("content") for each in messages_of(one)]
    return found + [f"content {shown(each)}" for each in contents if not is_a(each, (str, list))]


def messages_of(one: Facts) -> list[dict[str, Any]]:
    listed = one.asked.get("messages")
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


@check("ERR-027", over=select.among(answered_chats, lambda one: bool(_mistyped(one))), always=True)
def wrong_type_is_400(one: Facts) -> Iterator[Problem]:
    """A parameter of the wrong type gets 400: a number as text, a text as a list."""
    yield from wants_400(one, " and ".join(_mistyped(one)))


def _not_objects(exchange: Exchange) -> Sequence[Facts]:
    """Chat requests whose body is JSON, but no object."""
    found = facts(exchange)
    decided = found.status is not None and found.status not in EXCUSED
    if not (found.fits and found.endpoint == CHAT and decided and exchange.request.body):
        return ()
    value = exchange.request.json
    return (found,) if not isinstance(value, dict) and _is_json(exchange.request.body) else ()


def _is_json(body: bytes) -> bool:
    return jsontext.read(body).ok


@check("ERR-027", over=_not_objects, always=True)
def body_is_an_object_or_400(one: Facts) -> Iterator[Problem]:
    """A body that is a list, a text, a number or null gets 400."""
    yield from wants_400(one, f"the body {shown(one.exchange.request.json)}")


def _alternatives_asked(one: Facts) -> int | None:
    count = one.asked.get("top_logprobs")
    return count if is_integer(count) else None


@check(
    "CREQ-042",
    over=select.among(
        answered_chats, lambda one: (_alternatives_asked(one) or 0) > _MOST_ALTERNATIVES
    ),
    always=True,
)
def too_many_alternatives_are_400(one: Facts) -> Iterator[Problem]:
    """More than 20 alternatives for each token get 400."""
    yield from wants_400(one, f"top_logprobs {_alternatives_asked(one)}")


@check(
    "CREQ-043",
    over=select.among(
        answered_chats,
        lambda one: bool(_alternatives_asked(one)) and not one.asked.get("logprobs"),
    ),
    always=True,
)
def alternatives_alone_are_400(one: Facts) -> Iterator[Problem]:
    """Alternatives without log probabilities get 400."""
    yield from wants_400(one, "top_logprobs without logprobs")


# --- prompts that are too long --------------------------------------------------------------------

_NUMBER = re.compile(r"(?<![\w.-])(-?\d[\d,._\s]*)([km]?)(?![a-z\d])", re.IGNORECASE)
"""One that stands by itself: those within names, as of `gpt-4` or of 8B, count nothing."""
_UNITS = {"": 1, "k": 1000, "m": 1_000_000}
_CONTEXT = 100
"""Tokens: no context is smaller."""


@check("ERR-021")
def counts_like_a_context(exchange: Exchange) -> Iterator[Problem]:
    """If the error's message has numbers, one of them may be the length of a context: it is large, and not negative."""
    message = error_of(facts(exchange)).get("message")
    told = message if isinstance(message, str) else ""
    told = told.replace(str(facts(exchange).asked.get("model")), "")
    sizes = [_size(digits, unit) for digits, unit in _NUMBER.findall(told)]
    if sizes and not any(each >= _CONTEXT for each in sizes):
        yield Problem(message=f"no limit of a context in {shown(told, 200)}", at="$.error.message")


def _size(digits: str, unit: str) -> int:
    size = int(re.sub(r"\D", "", digits)) * _UNITS[unit.lower()]
    return -size if digits.startswith("-") else size
