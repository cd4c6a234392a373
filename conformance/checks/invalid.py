"""ERR and CREQ: values that are incomplete or unknown, and what is passed over in silence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks import select
from conformance.checks.core import Problem, check
from conformance.checks.facts import ERROR, Facts, Said, facts
from conformance.checks.parts import is_integer, is_one_of
from conformance.checks.refused import answered_chats, messages_of, wants_400
from conformance.checks.show import shown
from conformance.wire.exchange import Exchange

_PARTS = ("text", "refusal", "image_url", "input_audio", "file")


def _parts_missing(one: Facts) -> list[str]:
    """What a request lacks within its members, so that it cannot be meant."""
    found = ["a message without `role`" for each in messages_of(one) if "role" not in each]
    tools = one.asked.get("tools")
    for each in tools if isinstance(tools, list) else ():
        held = each.get(each.get("type")) if isinstance(each, dict) and _is_tool(each) else each
        if not (isinstance(held, dict) and (held is each or isinstance(held.get("name"), str))):
            found.append(f"the tool {shown(each)}")
    shape = one.asked.get("response_format")
    if isinstance(shape, dict) and shape.get("type") == "json_schema":
        schema = shape.get("json_schema")
        if not isinstance(schema, dict):
            found.append("`json_schema` without a schema")
    return found


def _is_tool(listed: dict[str, Any]) -> bool:
    return is_one_of(listed.get("type"), "function", "custom")


def _values_unknown(one: Facts) -> list[str]:
    """Words of closed lists that stand in none; a vendor may know more than the contract does."""
    found = []
    choice = one.asked.get("tool_choice")
    if isinstance(choice, str) and choice not in {"none", "auto", "required"}:
        found.append(f"tool_choice {shown(choice)}")
    shape = one.asked.get("response_format")
    known = ("text", "json_object", "json_schema")
    if isinstance(shape, dict) and not is_one_of(shape.get("type"), *known):
        found.append(f"response_format {shown(shape)}")
    odd = [kind for kind in _kinds_of_parts(one) if not is_one_of(kind, *_PARTS)]
    return found + [f"a content part of type {shown(kind)}" for kind in odd]


def _kinds_of_parts(one: Facts) -> list[Any]:
    """The types of all parts of contents."""
    lists = [each.get("content") for each in messages_of(one)]
    parts = [part for listed in lists if isinstance(listed, list) for part in listed]
    return [part.get("type") for part in parts if isinstance(part, dict)]


_invalid = select.among(
    answered_chats, lambda one: bool(_parts_missing(one) or _values_unknown(one))
)


@check("ERR-008", over=_invalid, always=True)
def invalid_value_is_400(one: Facts) -> Iterator[Problem]:
    """An incomplete or unknown value gets 400; an unknown one may be a vendor's, and be served."""
    missing, unknown = _parts_missing(one), _values_unknown(one)
    if missing or (one.status or 0) >= ERROR:
        yield from wants_400(one, " and ".join(missing + unknown))


def _sees_and_hears(clause: str, name: str, about: str, *kinds: str) -> None:
    """Register that parts which not every model takes are refused with 400, where they are."""

    def judge(one: Facts) -> Iterator[Problem]:
        if (one.status or 0) >= ERROR:
            yield from wants_400(one, f"a content part of type {' or '.join(kinds)}")

    judge.__doc__ = about
    over = select.among(
        answered_chats, lambda one: any(is_one_of(kind, *kinds) for kind in _kinds_of_parts(one))
    )
    check(clause, over=over, always=True, name=name)(judge)


_sees_and_hears(
    "CREQ-007", "image_is_taken_or_400", "An image is taken, or refused with 400.", "image_url"
)
_sees_and_hears(
    "CREQ-008",
    "sound_or_file_is_taken_or_400",
    "Sound and files are taken, or refused with 400.",
    "input_audio",
    "file",
)


# --- what is passed over in silence ----------------------------------------------------------------


def _asks_for_json(asked: dict[str, Any]) -> bool:
    shape = asked.get("response_format")
    return isinstance(shape, dict) and is_one_of(shape.get("type"), "json_object", "json_schema")


def _featured(exchange: Exchange) -> Sequence[Facts]:
    """Answers to requests for what not every server has: log probabilities, several choices, JSON."""
    found = facts(exchange)
    count = found.asked.get("n")
    several = is_integer(count) and count > 1
    wanted = found.asked.get("logprobs") is True or several or _asks_for_json(found.asked)
    return (found,) if wanted and found.choices else ()


@check("ERR-033", over=_featured, always=True)
def features_are_not_passed_over(one: Facts) -> Iterator[Problem]:
    """What a server does not have it refuses, and does not leave out in silence."""
    texts = [each.choice for each in one.choices if not each.choice.tool_calls]
    if one.asked.get("logprobs") is True:
        bare = [each for each in texts if each.content and each.logprobs is None]
        if bare and len(bare) == len(texts):
            yield Problem(message="log probabilities were asked for, and 200 came without them")
    count = one.asked.get("n")
    if is_integer(count) and count > 1 == len(one.choices):
        yield Problem(message=f"{count} choices were asked for, and 200 came with one")
    if _asks_for_json(one.asked):
        said = [each.choice.content for each in one.choices if not _may_be_a_call(each)]
        said = [each for each in said if isinstance(each, str)]
        if said and all(map(_is_prose, said)) and not any(each.refusal for each in texts):
            yield Problem(message=f"JSON was asked for, and 200 came with {shown(said[0])}")


def _may_be_a_call(one: Said) -> bool:
    """A call, which is free to come in place of JSON, or one that was cut before it could be told."""
    return bool(one.choice.tool_calls or (one.cut and one.facts.tools))


def _is_prose(text: str) -> bool:
    """Nothing in it looks like the beginning of a JSON value."""
    return bool(text.strip()) and not any(sign in text for sign in '{["')
