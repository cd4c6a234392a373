"""STRM: the chunks of a streamed completion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from conformance.checks import select
from conformance.checks.by_schema import invariant
from conformance.checks.core import Problem, check
from conformance.checks.ends import count_words
from conformance.checks.facts import Facts, facts
from conformance.checks.parts import Entry, is_integer, is_one_of
from conformance.checks.select import member
from conformance.checks.show import shown
from conformance.wire.exchange import Exchange

_SCHEMA = "chat_completion_chunk"
_MANY_WORDS = 40
"""A text of so many words has more than 20 tokens in any tokenizer."""
SEVERAL, _LONG = 3, 16
"""Deltas that hold each other, and characters of the last of them, that are no coincidence."""
_REASONING = ("reasoning_content", "reasoning")
_FILLS = ("content", "refusal", "tool_calls", "function_call", *_REASONING)
"""Members of a delta that say something."""

for _clause, _name, _over, _about in (
    ("STRM-001", "chunk_object", select.chunks, "Each chunk says `object: chat.completion.chunk`."),
    ("STRM-002", "chunk_id", select.chunks, "Each chunk has an id that is not empty."),
    ("STRM-003", "chunk_created", select.chunks, "Each chunk has an integer `created`."),
    ("STRM-004", "chunk_model", select.chunks, "Each chunk names the model."),
    ("STRM-005", "chunk_choices", select.chunks, "Each chunk has an array `choices`, be it empty."),
    ("STRM-006", "choice_index", select.chunks_with_choices, "Each choice of a chunk has an integer index."),
    ("STRM-007", "choice_delta", select.chunks_with_choices, "Each choice of a chunk has a delta, be it empty."),
    ("STRM-008", "choice_finish_reason", select.chunks_with_choices,
     "Each choice of a chunk has `finish_reason`, null or one of the five known."),
    ("STRM-009", "no_empty_finish_reason", select.chunks_with_choices,
     "Before the end `finish_reason` is null, not an empty string."),
    ("STRM-012", "delta_content_is_text", select.with_delta_member("content"),
     "Content comes in strings."),
    ("STRM-022", "chunk_extras_are_text",
     select.among(select.chunks, lambda body: member(body, "system_fingerprint") is not None
                  or member(body, "service_tier") is not None),
     "`system_fingerprint` and `service_tier` of chunks are strings or null."),
    ("STRM-023", "delta_lists_have_indexes", select.chunks_with_deltas,
     "Lists of objects in a delta have indexes, without which the SDK breaks on the second."),
    ("STRM-029", "delta_refusal_is_text", select.with_delta_member("refusal"), "Refusals come in strings."),
):  # fmt: skip
    invariant(_clause, _name, _about, schema=_SCHEMA, over=_over)


# --- what all chunks share ------------------------------------------------------------------------


def _agree(one: Facts, name: str) -> Iterator[Problem]:
    """Chunks that have a member have the same there. Which type it has the schema says."""
    seen: Any = None
    for chunk in one.chunks:
        value = chunk.value.get(name) if isinstance(chunk.value, dict) else None
        if value is None:
            continue
        if seen is None:
            seen = value
        elif value != seen:
            yield Problem(
                message=f"{name} changes from {shown(seen)} to {shown(value)}",
                at=f"event {chunk.number}",
            )
            return


@check("STRM-002", over=select.chunked_streams, always=True)
def ids_agree(one: Facts) -> Iterator[Problem]:
    """All chunks of a stream have the same id."""
    yield from _agree(one, "id")


@check("STRM-003", over=select.chunked_streams, always=True)
def times_agree(one: Facts) -> Iterator[Problem]:
    """All chunks of a stream have the same `created`."""
    yield from _agree(one, "created")


@check("STRM-004", over=select.chunked_streams, always=True)
def models_agree(one: Facts) -> Iterator[Problem]:
    """All chunks of a stream name the same model."""
    yield from _agree(one, "model")


# --- the course of one choice ---------------------------------------------------------------------


def _courses(exchange: Exchange) -> Sequence[Sequence[Entry]]:
    """The entries of each choice, in order."""
    return list(facts(exchange).by_choice.values())


def _whole_courses(exchange: Exchange) -> Sequence[Sequence[Entry]]:
    """The same, of streams that ended well."""
    return _courses(exchange) if facts(exchange).complete_stream else ()


def _finishes(course: Sequence[Entry]) -> list[Entry]:
    return [each for each in course if each.choice.get("finish_reason")]


def fills(delta: dict[str, Any]) -> list[str]:
    """The members of a delta that say something."""
    return [name for name in _FILLS if delta.get(name)]


@check("STRM-008", over=_whole_courses, always=True)
def choice_finishes_once(course: Sequence[Entry]) -> Iterator[Problem]:
    """Each choice gets one finish reason, at its end."""
    finishes = _finishes(course)
    if not finishes:
        yield Problem(
            message=f"choice {course[0].key} never gets a finish_reason", at=course[-1].at
        )
    for again in finishes[1:2]:
        seen = shown(again.choice["finish_reason"])
        yield Problem(message=f"choice {again.key} finishes again, with {seen}", at=again.at)


@check("STRM-010", over=_courses, always=True)
def role_comes_first(course: Sequence[Entry]) -> Iterator[Problem]:
    """The first delta of each choice says who speaks."""
    role = course[0].delta.get("role")
    if role != "assistant":
        what = "no role" if role is None else f"role {shown(role)}"
        yield Problem(
            message=f"the first delta of choice {course[0].key} has {what}", at=course[0].at
        )


@check("STRM-011", over=select.among(_courses, lambda course: len(course) > 1), always=True)
def role_comes_once(course: Sequence[Entry]) -> Iterator[Problem]:
    """Later deltas have no role: the SDK makes `assistantassistant` of it, and others know no empty one."""
    told = [each for each in course if each.delta.get("role") is not None]
    later = [each for each in told if each is not course[0]]
    if told and told[0] is not course[0]:
        later = later[1:]  # that it comes late is another clause's matter
    for again in later[:1]:
        yield Problem(message=f"role {shown(again.delta['role'])} again", at=again.at)


_finishing = select.among(_courses, lambda course: bool(_finishes(course)))


@check("STRM-013", over=_finishing, always=True)
def finish_chunk_says_nothing_else(course: Sequence[Entry]) -> Iterator[Problem]:
    """The chunk with the finish reason carries no tool calls; trailing text is let pass."""
    finish = _finishes(course)[0]
    if finish.delta.get("tool_calls"):
        yield Problem(message="tool calls in the chunk with the finish reason", at=finish.at)


@check("STRM-014", over=_finishing, always=True)
def nothing_after_the_finish(course: Sequence[Entry]) -> Iterator[Problem]:
    """After a choice has finished there is no more of it, but for the expiry of its audio."""
    finish = _finishes(course)[0]
    for each in course[course.index(finish) + 1 :]:
        if set(each.delta) != {"audio"}:
            said = fills(each.delta)
            what = (
                f"{said[0]} {shown(each.delta[said[0]])}" if said else f"delta {shown(each.delta)}"
            )
            yield Problem(message=f"{what} after the finish", at=each.at)
            return


def _order_of_choices(exchange: Exchange) -> Sequence[tuple[Facts, list[int]]]:
    """Indexes in order of first appearance."""
    found = facts(exchange)
    indexes = [course[0].choice.get("index") for course in found.by_choice.values()]
    known = [each for each in indexes if is_integer(each)]
    return ((found, known),) if known else ()


def _one(order: tuple[Facts, list[int]]) -> bool:
    count = order[0].asked.get("n")
    return count is None or count == 1


@check("STRM-015", over=select.among(_order_of_choices, _one), always=True)
def first_choice_is_zero(order: tuple[Facts, list[int]]) -> Iterator[Problem]:
    """The first choice of a stream has index 0."""
    _, indexes = order
    if indexes[0] != 0:
        yield Problem(message=f"the first choice has index {indexes[0]}", at="$.choices[0].index")


@check("STRM-016", over=select.among(_order_of_choices, lambda order: not _one(order)), always=True)
def choices_appear_in_order(order: tuple[Facts, list[int]]) -> Iterator[Problem]:
    """Choices appear in the order of their indexes; afterwards they may take turns."""
    _, indexes = order
    if indexes != list(range(len(indexes))):
        yield Problem(message=f"choices appear in the order {shown(indexes)}", at="$.choices")


def _with_text(exchange: Exchange) -> Sequence[Sequence[Entry]]:
    """Choices of whole streams with a text of more than 20 tokens."""
    return [
        course
        for course in _whole_courses(exchange)
        if count_words("".join(_texts(course))) > _MANY_WORDS
    ]


def _texts(course: Sequence[Entry]) -> list[str]:
    held = [each.delta.get("content") for each in course]
    return [each for each in held if isinstance(each, str) and each]


_several_texts = select.among(_courses, lambda course: len(_texts(course)) >= SEVERAL)


@check("STRM-012", over=_several_texts, always=True)
def deltas_are_no_snapshots(course: Sequence[Entry]) -> Iterator[Problem]:
    """A delta is what is new, not the whole text so far."""
    yield from snapshots(course, _texts(course), "content")


def snapshots(course: Sequence[Entry], texts: Sequence[str], name: str) -> Iterator[Problem]:
    """Several deltas in a row, each of which holds the one before."""
    grown = 1
    for before, text in pairwise(texts):
        grown = grown + 1 if len(text) > len(before) and text.startswith(before) else 1
        if grown >= SEVERAL and len(text) > _LONG:
            yield Problem(
                message=f"{grown} deltas, each of which holds the one before: {shown(text)}",
                at=f"{course[0].at}.delta.{name}",
            )
            return


@check("STRM-026", over=_with_text, always=True)
def long_text_comes_in_parts(course: Sequence[Entry]) -> Iterator[Problem]:
    """A text of more than 20 tokens comes in more than one delta."""
    texts = _texts(course)
    if len(texts) == 1:
        yield Problem(
            message=f"{count_words(texts[0])} words in one delta",
            at=f"{course[0].at}.delta.content",
        )


_refusing = select.among(
    _whole_courses,
    lambda course: any(
        isinstance(e.delta.get("refusal"), str) and e.delta["refusal"] for e in course
    ),
)


@check("STRM-029", over=_refusing, always=True)
def streamed_refusal_stops(course: Sequence[Entry]) -> Iterator[Problem]:
    """A streamed refusal ends with `stop`."""
    for finish in _finishes(course)[:1]:
        if not is_one_of(finish.choice["finish_reason"], "stop", "content_filter"):
            seen = shown(finish.choice["finish_reason"])
            yield Problem(message=f"a refusal ends with {seen}", at=finish.at)


def _thinking(exchange: Exchange) -> Sequence[Sequence[Entry]]:
    return [
        course
        for course in _courses(exchange)
        if any(each.delta.get(name) for each in course for name in _REASONING)
    ]


@check("STRM-030", over=_thinking, always=True)
def reasoning_comes_before_content(course: Sequence[Entry]) -> Iterator[Problem]:
    """Reasoning comes before the content, and never in the same delta."""
    spoken = False
    for each in course:
        thinks = any(each.delta.get(name) for name in _REASONING)
        speaks = bool(each.delta.get("content"))
        if thinks and speaks:
            yield Problem(message="reasoning and content in one delta", at=each.at)
            return
        if thinks and spoken:
            yield Problem(message="reasoning after content", at=each.at)
            return
        spoken = spoken or speaks
