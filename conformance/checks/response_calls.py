"""RESP: what a request for a response promises with `tool_choice` and `text.format`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks import select
from conformance.checks.core import Problem, check
from conformance.checks.fits import is_schema, unfit
from conformance.checks.parts import is_one_of
from conformance.checks.replied import Replied, replied
from conformance.checks.show import shown
from conformance.checks.structured import flat_format
from conformance.wire.exchange import Exchange

_OUTPUT = "$.output"


def _promised(choice: Any) -> tuple[bool, frozenset[str] | None]:
    """Whether a `tool_choice` demands a call, and of which tools alone one may come."""
    if isinstance(choice, str):
        return choice == "required", None
    if not isinstance(choice, dict):
        return False, None
    if choice.get("type") == "function":
        return True, frozenset({str(choice.get("name"))})
    listed = choice.get("tools")
    if choice.get("type") == "allowed_tools" and isinstance(listed, list):
        names = [each.get("name") for each in listed if isinstance(each, dict)]
        return choice.get("mode") == "required", frozenset(map(str, names))
    return False, None


def _bound(exchange: Exchange) -> Sequence[Replied]:
    """Whole responses to requests that demand calls, limit them, or rule them out."""
    found = []
    for one in replied(exchange):
        demanded, names = _promised(one.asked.get("tool_choice"))
        known = names is None or names <= set(one.facts.tools)
        ruled_out = one.asked.get("tool_choice") == "none"
        promised = one.to_its_end if demanded else (ruled_out or names is not None)
        if one.facts.tools and known and promised:
            found.append(one)
    return found


@check("RESP-017", over=_bound, always=True)
def tool_choice_is_kept(one: Replied) -> Iterator[Problem]:
    """A call that `tool_choice` demands comes, one that it rules out does not."""
    choice = one.asked.get("tool_choice")
    demanded, names = _promised(choice)
    called = one.called
    if demanded and not called:
        seen = shown(one.choice.content)
        yield Problem(message=f"a call is demanded, and text {seen} came", at=_OUTPUT)
    if choice == "none" and called:
        yield Problem(message=f"calls of {shown(called)}, wanted none", at=_OUTPUT)
    if names is not None and not all(is_one_of(name, *names) for name in called):
        yield Problem(
            message=f"calls of {shown(called)}, wanted {shown(sorted(names))}", at=_OUTPUT
        )


def strict_format(one: Replied) -> bool:
    """A strict schema binds what it says."""
    held = flat_format(one.asked)
    binds = held is not None and held.get("strict") is True and is_schema(held.get("schema"))
    return binds and one.to_its_end and not one.called


@check("RESP-018", over=select.among(replied, strict_format), always=True)
def text_fits_the_format(one: Replied) -> Iterator[Problem]:
    """With a strict schema in `text.format` the text is one JSON value that fits it."""
    held = flat_format(one.asked) or {}
    content = one.choice.content
    if not isinstance(content, str):
        yield Problem(message="no text, wanted JSON by the schema", at=_OUTPUT)
    elif why := unfit(content, held.get("schema")):
        yield Problem(message=f"the text does not fit the schema: {why}", at=_OUTPUT)
