"""RSTRM: in which order the events of a streamed response come, and how it ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks.core import Problem, check
from conformance.checks.parts import is_integer
from conformance.checks.response_flow import (
    COMPLETED,
    FAILED,
    INCOMPLETE,
    Flow,
    courses_that,
    flows_that,
)
from conformance.checks.show import kind, shown
from conformance.wire.response_events import ITEM_ADDED, ITEM_DONE, Course, Told
from conformance.wire.responses import Item, item

_CREATED, _IN_PROGRESS, _QUEUED = "response.created", "response.in_progress", "response.queued"
_SNAPSHOT: dict[str, tuple[type, ...]] = {
    "id": (str,),
    "object": (str,),
    "created_at": (int, float),
    "status": (str,),
    "model": (str,),
    "output": (list,),
}
"""What a response has from its beginning on."""
_COUNTS = ("input_tokens", "output_tokens", "total_tokens")


def _lacks(response: Any) -> Iterator[str]:
    """What is wrong with a response that an event carries."""
    if not isinstance(response, dict):
        yield f"response is {kind(response)}, wanted object"
        return
    for name, kinds in _SNAPSHOT.items():
        value = response.get(name)
        if not isinstance(value, kinds) or isinstance(value, bool) or value == "":
            seen = "missing" if name not in response else shown(value)
            yield f"response.{name} is {seen}"


@check(
    "RSTRM-003",
    over=flows_that(lambda flow: flow.heard and flow.heard[0].number not in flow.wrong),
    always=True,
)
def response_is_created_first(flow: Flow) -> Iterator[Problem]:
    """The first event is `response.created` with the response as it is so far."""
    first = flow.heard[0]
    if first.type != _CREATED or first.number:
        yield Problem(message=f"the first event is {shown(first.type)}", at="event 0")
        return
    for why in _lacks(first.value.get("response")):
        yield Problem(message=why, at=first.at)


@check(
    "RSTRM-004",
    over=flows_that(lambda flow: flow.events[:1] and flow.events[0].type == _CREATED),
    always=True,
)
def progress_is_told_second(flow: Flow) -> Iterator[Problem]:
    """The second event is `response.in_progress`; before it the response may be queued."""
    rest = [each for each in flow.events[1:] if each.type != _QUEUED]
    told = rest and rest[0].type in (_IN_PROGRESS, FAILED)
    if rest and not told:
        yield Problem(message=f"the second event is {shown(rest[0].type)}", at=rest[0].at)


# --- items ----------------------------------------------------------------------------------------


@check("RSTRM-006", over=courses_that(lambda flow, course: True), always=True)
def items_are_added_first_and_once(subject: tuple[Flow, Course]) -> Iterator[Problem]:
    """`response.output_item.added` comes before anything else about an item, and once."""
    _, course = subject
    first = course.events[0]
    if first.type != ITEM_ADDED:
        yield Problem(message=f"{first.type} before the item was added", at=first.at)
    added = course.of(ITEM_ADDED)
    if len(added) > 1:
        yield Problem(message=f"output_index {course.place} is added again", at=added[1].at)
    for each in added[:1]:
        if course.place is None or course.place < 0:
            there = "output_index" in each.value
            seen = shown(each.value["output_index"]) if there else "missing"
            yield Problem(message=f"output_index is {seen}, wanted a count from 0", at=each.at)
        if not isinstance(each.object("item").get("type"), str):
            seen = shown(each.value.get("item"))
            yield Problem(message=f"item is {seen}, wanted an object with its type", at=each.at)


@check(
    "RSTRM-011",
    over=flows_that(lambda flow: len(flow.events) > 1),
    always=True,
)
def response_id_is_constant(flow: Flow) -> Iterator[Problem]:
    """The response has the same id in all events."""
    named = [(each, each.object("response").get("id")) for each in flow.events]
    yield from _changes([(each, name) for each, name in named if name], "the response")


@check(
    "RSTRM-011",
    over=courses_that(lambda flow, course: len(course.events) > 1),
    always=True,
)
def item_id_is_constant(subject: tuple[Flow, Course]) -> Iterator[Problem]:
    """An item has the same id in all events."""
    _, course = subject
    named = [(each, each.item_id) for each in course.events]
    yield from _changes([(each, name) for each, name in named if name], "the item")


@check(
    "RSTRM-011",
    over=courses_that(
        lambda flow, course: bool(course.first.get("id")) and bool(course.of(ITEM_DONE))
    ),
    always=True,
)
def done_item_keeps_its_id(subject: tuple[Flow, Course]) -> Iterator[Problem]:
    """An item that was added under an id is done under one."""
    _, course = subject
    for each in course.of(ITEM_DONE):
        name = each.object("item").get("id")
        if not name:
            message = f"an item that was added as {shown(course.first['id'])} is done with id {shown(name)}"
            yield Problem(message=message, at=each.at)


_SETTLED = ("type", "role", "call_id", "name")
"""What an item says of itself from its beginning on, and never otherwise."""


def _differs(before: Item, after: Item) -> str:
    """The first of what is settled that an item had and has otherwise now; empty where there is none."""
    pairs = ((each, getattr(before, each), getattr(after, each)) for each in _SETTLED)
    return next((each for each, was, now in pairs if was and was != now), "")


@check(
    "RSTRM-009",
    over=courses_that(lambda flow, course: bool(course.first) and bool(course.of(ITEM_DONE))),
    always=True,
)
def item_is_done_as_it_was_added(subject: tuple[Flow, Course]) -> Iterator[Problem]:
    """A finished item has the type, role, call_id and name under which it was added."""
    _, course = subject
    before, after = item(course.first), item(course.last)
    if differs := _differs(before, after):
        was, now = shown(getattr(before, differs)), shown(getattr(after, differs))
        message = f"an item that was added with {differs} {was} is done with {now}"
        yield Problem(message=message, at=course.of(ITEM_DONE)[-1].at)


def _changes(named: Sequence[tuple[Told, Any]], what: str) -> Iterator[Problem]:
    for each, name in named[1:]:
        if name != named[0][1]:
            message = f"the id of {what} changes from {shown(named[0][1])} to {shown(name)}"
            yield Problem(message=message, at=each.at)
            return


def _added(flow: Flow) -> list[Told]:
    return [each for each in flow.events if each.type == ITEM_ADDED]


@check(
    "RSTRM-021",
    over=flows_that(
        lambda flow: (
            _added(flow) and all(is_integer(e.value.get("output_index")) for e in _added(flow))
        )
    ),
    always=True,
)
def items_count_from_0(flow: Flow) -> Iterator[Problem]:
    """`output_index` counts items from 0 in the order in which they appear, each of them once."""
    named = {
        (str(e.object("item").get("id")), e.integer("output_index")): None for e in _added(flow)
    }
    places = [place for _, place in named]
    if places != list(range(len(places))):
        yield Problem(
            message=f"items appear with output_index {shown(places)}", at=_added(flow)[0].at
        )


# --- the end --------------------------------------------------------------------------------------


@check("RSTRM-012", over=flows_that(lambda flow: flow.ended), always=True)
def response_ends_once_and_in_full(flow: Flow) -> Iterator[Problem]:
    """One event ends the response, as the last one, with the whole response and its usage."""
    if flow.end is None:
        end = flow.facts.exchange.end
        how = "" if flow.facts.whole else f": {end.how}{f' ({end.detail})' if end.detail else ''}"
        yield Problem(message=f"no event says that the response is complete, or is not{how}")
        return
    later = [each for each in flow.events if each.number > flow.end.number]
    if later:
        yield Problem(message=f"{later[0].type} after {flow.end.type}", at=later[0].at)
    response = flow.end.value.get("response")
    for why in _lacks(response):
        yield Problem(message=why, at=flow.end.at)
    yield from _contradicts(flow.end)
    if flow.end.type != FAILED and isinstance(response, dict):
        usage = response.get("usage")
        counts = usage if isinstance(usage, dict) else {}
        if not all(is_integer(counts.get(name)) for name in _COUNTS):
            yield Problem(message=f"response.usage is {shown(usage)}", at=flow.end.at)


def _contradicts(end: Told) -> Iterator[Problem]:
    """The status is another than the event's; what is incomplete is for RSTRM-022 to judge."""
    status = end.object("response").get("status")
    right = end.type.rpartition(".")[2]
    if isinstance(status, str) and status not in {right, "incomplete"} and end.type != INCOMPLETE:
        yield Problem(message=f"{end.type} with status {shown(status)}", at=end.at)


@check(
    "RSTRM-013",
    over=flows_that(lambda flow: _finished(flow) and isinstance(flow.response.get("output"), list)),
    always=True,
)
def response_holds_its_items(flow: Flow) -> Iterator[Problem]:
    """The response at the end contains every item that was finished, under its id and as it was."""
    assert flow.end is not None
    output = [item(each) for each in flow.response["output"]]
    for course in _finished(flow):
        done = item(course.last)
        same = [each for each in output if each.id == done.id]
        if not same:
            ids = [each.id for each in output]
            message = f"item {shown(done.id)} is not among those at the end: {shown(ids)}"
            yield Problem(message=message, at=flow.end.at)
        elif differs := _differs(done, same[0]):
            message = f"item {shown(done.id)} has another {differs} at the end"
            yield Problem(message=message, at=flow.end.at)
        elif (same[0].text, same[0].arguments) != (done.text, done.arguments):
            seen = shown(same[0].text if done.arguments is None else same[0].arguments)
            yield Problem(message=f"item {shown(done.id)} says {seen} at the end", at=flow.end.at)


def _finished(flow: Flow) -> list[Course]:
    """Items that were done and have an id, of responses that came to an end other than a failure."""
    if flow.end is None or flow.end.type == FAILED:
        return []
    return [each for each in flow.courses if isinstance(each.last.get("id"), str)]


@check(
    "RSTRM-014",
    over=flows_that(lambda flow: flow.ended and flow.facts.whole),
    always=True,
)
def done_comes_after_the_response(flow: Flow) -> Iterator[Problem]:
    """`[DONE]` may be sent or not; where it is, it comes once, and after the end of the response."""
    events = flow.facts.exchange.stream.events
    done = [each for each in events if each.done]
    if len(done) > 1:
        yield Problem(message=f"[DONE] comes {len(done)} times", at=f"byte {done[1].start}")
    if done and events[-1] is not done[-1] and flow.end is None:
        message = f"events come after [DONE], which clients do not read: {shown(events[-1].data)}"
        yield Problem(message=message, at=f"byte {events[-1].start}")


def _cut(flow: Flow) -> bool:
    """The response says that it is not complete, or ends with an event that says so."""
    details = flow.response.get("incomplete_details")
    reason = details.get("reason") if isinstance(details, dict) else None
    incomplete = flow.response.get("status") == "incomplete" or reason is not None
    return flow.end is not None and (flow.end.type == INCOMPLETE or incomplete)


@check("RSTRM-022", over=flows_that(_cut), always=True)
def cut_response_ends_as_incomplete(flow: Flow) -> Iterator[Problem]:
    """A response that was cut ends with `response.incomplete`, and says so."""
    assert flow.end is not None
    status, details = flow.response.get("status"), flow.response.get("incomplete_details")
    if flow.end.type == COMPLETED:
        seen = f"status {shown(status)}, incomplete_details {shown(details)}"
        yield Problem(message=f"a cut response ends with {COMPLETED}: {seen}", at=flow.end.at)
    elif flow.end.type == INCOMPLETE and status != "incomplete":
        yield Problem(message=f"{INCOMPLETE} with status {shown(status)}", at=flow.end.at)
