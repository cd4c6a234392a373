"""STRM: the usage of a stream, and what the openai SDK makes of the whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks import select
from conformance.checks.core import Problem, check
from conformance.checks.facts import Facts, facts
from conformance.checks.parts import Body, is_integer
from conformance.checks.select import member
from conformance.checks.show import shown
from conformance.wire.assemble import Choice
from conformance.wire.exchange import Exchange


def _options(one: Facts) -> dict[str, Any]:
    options = one.asked.get("stream_options")
    return options if isinstance(options, dict) else {}


def _accounted(one: Facts) -> bool:
    return _options(one).get("include_usage") is True


def _continuous(one: Facts) -> bool:
    """The request asks for a vendor's running count."""
    return bool(_options(one).get("continuous_usage_stats"))


def is_usage_chunk(body: Body) -> bool:
    """Empty choices, and a usage."""
    return member(body, "choices") == [] and isinstance(member(body, "usage"), dict)


_accounted_streams = select.among(select.whole_streams, _accounted)


@check("STRM-017", over=_accounted_streams, always=True)
def usage_has_one_chunk_of_its_own(one: Facts) -> Iterator[Problem]:
    """`include_usage` gives one more chunk, with empty choices and the usage."""
    count = sum(map(is_usage_chunk, one.chunk_bodies))
    if count != 1:
        what = "no chunk" if not count else f"{count} chunks"
        yield Problem(message=f"{what} with `choices: []` and a usage, wanted one")


def _other_chunks(exchange: Exchange) -> Sequence[Body]:
    """Chunks beside the usage chunk, where usage was asked for."""
    found = facts(exchange)
    if not (found.streaming and _accounted(found)) or _continuous(found):
        return ()
    return [
        each
        for each in found.chunk_bodies
        if member(each, "choices") or not isinstance(member(each, "usage"), dict)
    ]


@check("STRM-018", over=_other_chunks, always=True)
def other_chunks_have_usage_null(body: Body) -> Iterator[Problem]:
    """Where usage is asked for, every other chunk has `usage: null`."""
    if not isinstance(body.value, dict) or "usage" not in body.value:
        yield Problem(message="'usage' is missing, wanted null", at=body.at)
    elif body.value["usage"] is not None:
        yield Problem(message=f"usage is {shown(body.value['usage'])}, wanted null", at=body.at)


def _last_usage(one: Facts) -> int | None:
    """The place of the last chunk with a usage."""
    places = [
        place for place, body in enumerate(one.chunk_bodies) if member(body, "usage") is not None
    ]
    return places[-1] if places else None


@check(
    "STRM-019",
    over=select.among(_accounted_streams, lambda one: _last_usage(one) is not None),
    always=True,
)
def usage_comes_last(one: Facts) -> Iterator[Problem]:
    """The usage comes with the last chunk: the SDK overwrites it with that of every later one."""
    place = _last_usage(one)
    assert place is not None
    if place != len(one.chunk_bodies) - 1:
        later = len(one.chunk_bodies) - 1 - place
        yield Problem(message=f"{later} chunks after the usage", at=one.chunk_bodies[place].at)


def _unaccounted(exchange: Exchange) -> Sequence[Body]:
    """Chunks before the finish, where no usage was asked for."""
    found = facts(exchange)
    if not found.streaming or _accounted(found) or _continuous(found):
        return ()
    return [each for each in found.chunk_bodies if not _finishes(each)]


def _finishes(body: Body) -> bool:
    return any(each.get("finish_reason") for each in select.choices_of(body))


@check("STRM-020", over=_unaccounted, always=True)
def no_usage_unasked(body: Body) -> Iterator[Problem]:
    """Where no usage is asked for, none comes, or only beside the finish reason."""
    if member(body, "usage") is not None:
        yield Problem(
            message=f"usage {shown(member(body, 'usage'))} that nobody asked for", at=body.at
        )


# --- what the SDK makes of it ---------------------------------------------------------------------


@check(
    "STRM-025", over=select.among(select.chunked_streams, lambda one: not one.errors), always=True
)
def sdk_sees_what_was_meant(one: Facts) -> Iterator[Problem]:
    """The openai SDK puts the chunks together to the message that was meant."""
    assembly = one.exchange.sdk
    if assembly.crash:
        at = "" if assembly.at is None else f"event {one.exchange.chunks[assembly.at].number}"
        yield Problem(message=f"the SDK breaks: {assembly.crash}", at=at)
        return
    meant = one.exchange.answer
    seen = assembly.completion if isinstance(assembly.completion, dict) else {}
    if meant is None:
        return
    listed = [each for each in seen.get("choices") or () if isinstance(each, dict)]
    by_index = {each["index"]: each for each in listed if is_integer(each.get("index"))}
    for place, choice in enumerate(meant.choices):
        known = by_index.get(choice.index if is_integer(choice.index) else place, {})
        yield from _differences(_of_sdk(known), _of(choice), f"$.choices[{place}]")
    if meant.usage is not None and any(member(body, "usage") for body in one.chunk_bodies):
        yield from _differences({"usage": bool(seen.get("usage"))}, {"usage": True}, "$")


def _of(choice: Choice) -> dict[str, Any]:
    calls = [(each.id, each.type, each.name, each.arguments) for each in choice.tool_calls]
    return _told(choice.role, choice.content, choice.refusal, calls, choice.finish_reason)


def _of_sdk(choice: dict[str, Any]) -> dict[str, Any]:
    message = choice.get("message")
    message = message if isinstance(message, dict) else {}
    calls = []
    for each in message.get("tool_calls") or ():
        call = each if isinstance(each, dict) else {}
        callee = call.get("function") or call.get("custom") or {}
        callee = callee if isinstance(callee, dict) else {}
        arguments = callee.get("arguments", callee.get("input"))
        calls.append((call.get("id"), call.get("type"), callee.get("name"), arguments))
    names = ("role", "content", "refusal")
    return _told(*(message.get(name) for name in names), calls, choice.get("finish_reason"))


def _told(*parts: Any) -> dict[str, Any]:
    """The parts by name; what is empty is the same as what is absent."""
    role, content, refusal, calls, finish = (part or None for part in parts)
    named = {"role": role, "content": content, "refusal": refusal, "finish_reason": finish}
    for place, call in enumerate(calls or ()):
        for name, value in zip(("id", "type", "name", "arguments"), call, strict=True):
            named[f"tool_calls[{place}].{name}"] = value or None
    return named


def _differences(seen: dict[str, Any], meant: dict[str, Any], at: str) -> Iterator[Problem]:
    for name in dict.fromkeys((*meant, *seen)):
        if seen.get(name) != meant.get(name):
            yield Problem(
                message=f"the SDK has {name} {shown(seen.get(name))}, meant was {shown(meant.get(name))}",
                at=f"{at}.{name}",
            )
