"""STOOL: tool calls in deltas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks import select
from conformance.checks.by_schema import invariant
from conformance.checks.core import Problem, check
from conformance.checks.facts import Said, facts
from conformance.checks.parts import Entry, Fragment, Line, is_one_of
from conformance.checks.show import shown
from conformance.wire.exchange import Exchange

_SCHEMA = "chat_completion_chunk"
_CALLING = select.with_delta_member("tool_calls")
_FRAGMENTED = select.among(
    _CALLING,
    lambda body: any(
        isinstance(choice.get("delta"), dict) and choice["delta"].get("tool_calls")
        for choice in select.choices_of(body)
    ),
)

for _clause, _name, _over, _about in (
    ("STOOL-001", "fragment_has_an_index", _CALLING, "Each fragment of a tool call has an integer index."),
    ("STOOL-002", "fragment_index_is_no_less_than_0", _FRAGMENTED, "No index is below 0."),
    ("STOOL-004", "fragment_names_are_text", _FRAGMENTED, "Id, type and name of fragments are strings."),
    ("STOOL-006", "fragment_has_a_function", _FRAGMENTED, "Each later fragment has a `function`."),
    ("STOOL-007", "fragment_arguments_are_text", _FRAGMENTED, "Arguments come in strings."),
    ("STOOL-008", "fragment_arguments_are_not_null", _FRAGMENTED, "Arguments are never null."),
    ("STOOL-013", "no_empty_list_of_fragments", select.chunks_with_deltas,
     "Deltas without a tool call have no `tool_calls`, rather than an empty list."),
):  # fmt: skip
    invariant(_clause, _name, _about, schema=_SCHEMA, over=_over)


def lines(exchange: Exchange) -> Sequence[Line]:
    """Calls by their index. Fragments without one are left out."""
    found: dict[tuple[int, int], list[Fragment]] = {}
    for each in facts(exchange).fragments:
        if each.index is not None:
            found.setdefault((each.entry.key, each.index), []).append(each)
    return [Line(index=index, fragments=tuple(held)) for (_, index), held in found.items()]


def _orders(exchange: Exchange) -> Sequence[list[Fragment]]:
    """The first fragments of each index, by choice."""
    found: dict[int, list[Fragment]] = {}
    for each in facts(exchange).fragments:
        if each.first:
            found.setdefault(each.entry.key, []).append(each)
    return list(found.values())


@check("STOOL-002", over=_orders, always=True)
def indexes_count_from_0(firsts: list[Fragment]) -> Iterator[Problem]:
    """Indexes start at 0 and rise by 1 in the order in which calls appear."""
    indexes = [each.index for each in firsts]
    if indexes != list(range(len(indexes))) and all(
        each is not None and each >= 0 for each in indexes
    ):
        wrong = next(each for place, each in enumerate(firsts) if each.index != place)
        yield Problem(message=f"calls appear with indexes {shown(indexes)}", at=wrong.at)


def _calling(exchange: Exchange) -> Sequence[Said]:
    """Choices of streamed answers with calls that have indexes."""
    found = facts(exchange)
    if not found.complete_stream:
        return ()
    return [
        one
        for one in found.choices
        if any(isinstance(call.index, int) for call in one.choice.tool_calls)
    ]


@check("STOOL-003", over=_calling, always=True)
def each_call_has_its_own_index(one: Said) -> Iterator[Problem]:
    """Two calls have two indexes; under one the SDK merges them."""
    seen: dict[int, Any] = {}
    for call in one.choice.tool_calls:
        if not isinstance(call.index, int):
            continue
        if call.index in seen:
            yield Problem(
                message=f"calls of {shown(seen[call.index])} and {shown(call.name)} share index {call.index}",
                at=f"{one.at}.message.tool_calls",
            )
        seen[call.index] = call.name


@check("STOOL-004", over=lines, always=True)
def first_fragment_names_the_call(line: Line) -> Iterator[Problem]:
    """The first fragment of a call has its id, its type and its whole name."""
    first = line.first
    for what, value in (("id", first.value.get("id")), ("name", line.name)):
        if not isinstance(value, str) or not value:
            yield Problem(message=f"the first fragment has {what} {shown(value)}", at=first.at)
    if not is_one_of(first.value.get("type"), "custom" if line.custom else "function"):
        yield Problem(
            message=f"the first fragment has type {shown(first.value.get('type'))}", at=first.at
        )
    rest = [each for each in line.fragments[1:] if not each.value.get("id")]
    more = [each for each in rest if each.function.get("name") not in (None, "", line.name)]
    if line.name and more:
        seen = f"{shown(line.name)} goes on with {shown(more[0].function['name'])}"
        yield Problem(message=f"the name comes in pieces: {seen}", at=more[0].at)


@check("STOOL-005", over=select.among(lines, lambda line: len(line.fragments) > 1), always=True)
def later_fragments_do_not_repeat(line: Line) -> Iterator[Problem]:
    """Later fragments repeat neither id nor name: the SDK joins them to `c1c1` and `ff`."""
    known = line.first.value.get("id"), line.name
    for each in line.fragments[1:]:
        again = each.value.get("id"), each.function.get("name")
        if again[0] and again[0] != known[0] and again[1]:
            return  # another call, under the same index
        for what, value, first in zip(("id", "name"), again, known, strict=True):
            if value and first:
                yield Problem(
                    message=f"{what} {shown(value)} again after {shown(first)}", at=each.at
                )
                return


@check("STOOL-008", over=lines, always=True)
def first_fragment_has_arguments(line: Line) -> Iterator[Problem]:
    """Arguments are there from the first fragment on, be they empty."""
    if not line.custom and "arguments" not in line.first.function:
        yield Problem(message='the first fragment has no arguments, wanted ""', at=line.first.at)


@check("STOOL-009", over=lines, always=True)
def first_fragment_has_a_type(line: Line) -> Iterator[Problem]:
    """The first fragment has a type, without which the SDK emits no events."""
    if not line.first.value.get("type"):
        yield Problem(message=f"type is {shown(line.first.value.get('type'))}", at=line.first.at)


def _several(exchange: Exchange) -> Sequence[list[Fragment]]:
    """The fragments of choices with more than one call, in order of arrival."""
    found: dict[int, list[Fragment]] = {}
    for each in facts(exchange).fragments:
        if each.index is not None:
            found.setdefault(each.entry.key, []).append(each)
    return [held for held in found.values() if len({each.index for each in held}) > 1]


@check("STOOL-010", over=_several, always=True)
def calls_do_not_take_turns(fragments: list[Fragment]) -> Iterator[Problem]:
    """All fragments of a call precede those of the next."""
    closed: set[int | None] = set()
    current = fragments[0].index
    for each in fragments:
        if each.index != current:
            closed.add(current)
            current = each.index
        if each.index in closed:
            yield Problem(message=f"call {each.index} goes on after another began", at=each.at)
            return


def _fragmented(exchange: Exchange) -> Sequence[Entry]:
    return [each for each in facts(exchange).entries if each.delta.get("tool_calls")]


@check("STOOL-011", over=_fragmented, always=True)
def one_fragment_per_call_and_chunk(entry: Entry) -> Iterator[Problem]:
    """A chunk holds at most one fragment of a call."""
    listed = entry.delta["tool_calls"]
    indexes = (
        [each.get("index") for each in listed if isinstance(each, dict)]
        if isinstance(listed, list)
        else []
    )
    known = [each for each in indexes if isinstance(each, int)]
    if len(set(known)) < len(known):
        yield Problem(message=f"fragments with indexes {shown(known)} in one chunk", at=entry.at)
