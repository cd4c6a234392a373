"""RSTRM: texts, arguments, thoughts and refusals of a streamed response, from their first delta on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks.core import Problem, check
from conformance.checks.parts import is_integer
from conformance.checks.response_flow import Flow, courses_that, flows_that
from conformance.checks.show import shown
from conformance.wire.exchange import Exchange
from conformance.wire.members import joined
from conformance.wire.response_events import (
    ARGUMENTS,
    ITEM_DONE,
    PART_ADDED,
    PART_DONE,
    REFUSAL,
    TEXT,
    THOUGHTS,
    Course,
    Texts,
    Told,
    index_of,
)
from conformance.wire.responses import item

Subject = tuple[Flow, Course]
_STRICT = ("message", "function_call")
"""Items that have to have a status; others may."""
_SUMMARY_PARTS = ("response.reasoning_summary_part.added", "response.reasoning_summary_part.done")
_REASONING = {
    *_SUMMARY_PARTS,
    *(each.delta for each in THOUGHTS),
    *(each.done for each in THOUGHTS),
}


def _telling(*kinds: Texts) -> Any:
    """Items of which some event tells such a text."""
    types = [name for each in kinds for name in (each.delta, each.done)]
    return courses_that(lambda flow, course: course.of(*types))


def _by_part(course: Course, texts: Texts, *types: str) -> dict[int, list[Told]]:
    """Events of some types, by the part of the item that they are about."""
    found: dict[int, list[Told]] = {}
    for each in course.of(*types):
        found.setdefault(index_of(each, texts), []).append(each)
    return found


def _joined(deltas: Sequence[Told]) -> str:
    said = (each.value.get("delta") for each in deltas)
    return joined(each for each in said if isinstance(each, str))


def _untold(event: Told, *names: str) -> Iterator[Problem]:
    """Where an event belongs: the members that say so, each of which has to be there."""
    for name in names:
        value = event.value.get(name)
        right = isinstance(value, str) and value if name == "item_id" else is_integer(value)
        if not right:
            seen = "missing" if name not in event.value else shown(value)
            yield Problem(message=f"{name} of {event.type} is {seen}", at=event.at)


def _first_untold(events: Sequence[Told], *names: str) -> Iterator[Problem]:
    """The same of the first event that lacks some."""
    yield from next(filter(None, (list(_untold(each, *names)) for each in events)), [])


def _ends(flow: Flow, course: Course, texts: Texts) -> Iterator[Problem]:
    """The text at the end of a part is its deltas, one after the other, and comes after them."""
    dones = _by_part(course, texts, texts.done)
    for index, deltas in _by_part(course, texts, texts.delta).items():
        done = dones.get(index)
        if done is None:
            if flow.completed:
                yield Problem(message=f"no {texts.done} after the deltas", at=deltas[-1].at)
            continue
        text, said = done[0].value.get(texts.member), _joined(deltas)
        if text != said:
            message = f"{texts.done} has {shown(text)}, the deltas made {shown(said)}"
            yield Problem(message=message, at=done[0].at)
        elif deltas[-1].number > done[0].number:
            yield Problem(message=f"a delta after {texts.done}", at=deltas[-1].at)


# --- messages -------------------------------------------------------------------------------------


@check("RSTRM-007", over=_telling(TEXT, REFUSAL), always=True)
def parts_are_added_first(subject: Subject) -> Iterator[Problem]:
    """`response.content_part.added` comes before what is said in that part."""
    _, course = subject
    added = _by_part(course, TEXT, PART_ADDED)
    said = _by_part(course, TEXT, TEXT.delta, TEXT.done, REFUSAL.delta, REFUSAL.done)
    for index, events in said.items():
        if index not in added or added[index][0].number > events[0].number:
            first = events[0]
            yield Problem(message=f"{first.type} before part {index} was added", at=first.at)


@check("RSTRM-008", over=_telling(TEXT), always=True)
def text_is_its_deltas(subject: Subject) -> Iterator[Problem]:
    """Deltas of text say where they belong, have log probabilities, and make up the text at its end."""
    flow, course = subject
    for each in course.of(TEXT.delta):
        wrong = list(_untold(each, "item_id", "output_index", "content_index"))
        if not isinstance(each.value.get("delta"), str):
            seen = shown(each.value.get("delta"))
            wrong.append(Problem(message=f"delta is {seen}, wanted a string", at=each.at))
        if not isinstance(each.value.get("logprobs"), list):
            seen = shown(each.value["logprobs"]) if "logprobs" in each.value else "missing"
            message = f"logprobs are {seen}, wanted an array, be it empty"
            wrong.append(Problem(message=message, at=each.at))
        yield from wrong
        if wrong:
            break
    yield from _first_untold(course.of(TEXT.done), "item_id", "output_index", "content_index")
    for each in course.of(TEXT.done):
        if not isinstance(each.value.get("text"), str):
            seen = shown(each.value.get("text"))
            yield Problem(message=f"text of {TEXT.done} is {seen}", at=each.at)
            return
    yield from _ends(flow, course, TEXT)
    yield from _sudden(course)


def _sudden(course: Course) -> Iterator[Problem]:
    """A text at its end of which no delta told anything."""
    deltas = _by_part(course, TEXT, TEXT.delta)
    for index, done in _by_part(course, TEXT, TEXT.done).items():
        if index not in deltas and done[0].value.get("text"):
            seen = shown(done[0].value["text"])
            yield Problem(message=f"{TEXT.done} has {seen}, but no delta came", at=done[0].at)


@check("RSTRM-017", over=_telling(REFUSAL), always=True)
def refusal_is_its_deltas(subject: Subject) -> Iterator[Problem]:
    """A refusal comes in deltas, which say where they belong and make up the refusal at its end."""
    told = subject[1].of(REFUSAL.delta, REFUSAL.done)
    yield from _first_untold(told, "item_id", "output_index", "content_index")
    yield from _ends(*subject, REFUSAL)


def _refused(flow: Flow, course: Course) -> bool:
    return flow.completed and bool(item(course.last).refusal)


@check("RSTRM-017", over=courses_that(_refused), always=True)
def refusals_are_streamed(subject: Subject) -> Iterator[Problem]:
    """A message that refuses says so in events of its own, before it is done."""
    _, course = subject
    if not course.of(REFUSAL.done):
        seen = shown(item(course.last).refusal)
        yield Problem(message=f"a refusal {seen} without {REFUSAL.done}", at=course.events[-1].at)


# --- ends of parts and items ------------------------------------------------------------------------


@check("RSTRM-009", over=courses_that(lambda flow, course: flow.completed), always=True)
def parts_and_items_are_closed(subject: Subject) -> Iterator[Problem]:
    """In a response that is complete, each part and then each item is closed, whole and completed."""
    _, course = subject
    dones = course.of(ITEM_DONE)
    if not dones:
        yield Problem(message=f"no {ITEM_DONE} for the item", at=course.events[-1].at)
        return
    closed = _by_part(course, TEXT, PART_DONE)
    for index, added in _by_part(course, TEXT, PART_ADDED).items():
        if index not in closed:
            yield Problem(message=f"no {PART_DONE} for part {index}", at=added[0].at)
    if course.events[-1] is not dones[0]:
        last = course.events[-1]
        yield Problem(message=f"{last.type} after {ITEM_DONE}", at=last.at)
    yield from _whole(course, dones[0])


def _whole(course: Course, done: Told) -> Iterator[Problem]:
    """The item at its end says that it is complete, and holds all that was streamed of it."""
    held = item(done.object("item"))
    strict = isinstance(held.type, str) and held.type in _STRICT
    if held.status != "completed" and (strict or held.status is not None):
        yield Problem(message=f"status of a finished item is {shown(held.status)}", at=done.at)
    for texts, seen in ((TEXT, held.text), (ARGUMENTS, held.arguments)):
        ends = [each.value.get(texts.member) for each in course.of(texts.done)]
        said = joined(each for each in ends if isinstance(each, str))
        if ends and (seen or "") != said:
            message = f"the finished item has {shown(seen)}, streamed was {shown(said)}"
            yield Problem(message=message, at=done.at)


# --- calls ----------------------------------------------------------------------------------------


def _calls(flow: Flow, course: Course) -> bool:
    return bool(course.kind == "function_call")


@check("RSTRM-010", over=courses_that(_calls), always=True)
def call_is_named_and_then_filled(subject: Subject) -> Iterator[Problem]:
    """A call is added with name, call_id and empty arguments; then its arguments come, and their end.

    That the end repeats the name is not asked for: not all published descriptions have it there.
    """
    flow, course = subject
    added = course.first
    for name in ("name", "call_id") if added else ():
        if not isinstance(added.get(name), str) or not added[name]:
            message = f"a call is added with {name} {shown(added.get(name))}"
            yield Problem(message=message, at=course.events[0].at)
    if added and added.get("arguments") != "":
        seen = shown(added.get("arguments"))
        message = f'a call is added with arguments {seen}, wanted ""'
        yield Problem(message=message, at=course.events[0].at)
    told = course.of(ARGUMENTS.delta, ARGUMENTS.done)
    yield from _first_untold(told, "item_id", "output_index")
    dones = course.of(ARGUMENTS.done)
    if not dones and flow.completed:
        yield Problem(message=f"a call without {ARGUMENTS.done}", at=course.events[-1].at)
    for each in dones:
        if not isinstance(each.value.get("arguments"), str):
            seen = shown(each.value.get("arguments"))
            yield Problem(message=f"arguments of {ARGUMENTS.done} are {seen}", at=each.at)
            return
        if "name" in each.value and added and each.value["name"] != added.get("name"):
            seen = shown(each.value["name"])
            yield Problem(message=f"{ARGUMENTS.done} names {seen}", at=each.at)
    yield from _ends(flow, course, ARGUMENTS)


# --- thoughts -------------------------------------------------------------------------------------


def _thinking(flow: Flow) -> list[Told]:
    """Events about reasoning, by their names."""
    return [each for each in flow.events if each.type.startswith("response.reasoning")]


@check("RSTRM-016", over=flows_that(_thinking), always=True)
def reasoning_has_known_events(flow: Flow) -> Iterator[Problem]:
    """Reasoning comes in the events of OpenAI, or in those of Open Responses."""
    for each in _thinking(flow):
        if each.type not in _REASONING:
            yield Problem(message=f"reasoning in events {shown(each.type)}", at=each.at)
            return


@check("RSTRM-016", over=flows_that(_thinking), always=True)
def reasoning_events_have_a_place(flow: Flow) -> Iterator[Problem]:
    """Events about reasoning say which part of which item they are of."""
    for each in _thinking(flow):
        summary = each.type.startswith("response.reasoning_summary")
        part = "summary_index" if summary else "content_index"
        wrong = list(_untold(each, "item_id", "output_index", part))
        yield from wrong
        if wrong:
            return


@check("RSTRM-016", over=_telling(*THOUGHTS), always=True)
def reasoning_is_its_deltas(subject: Subject) -> Iterator[Problem]:
    """Deltas of reasoning make up the text at its end."""
    for texts in THOUGHTS:
        yield from _ends(*subject, texts)


def _thought(exchange: Exchange) -> Sequence[Subject]:
    """Items that hold reasoning once they are done."""
    found = courses_that(lambda flow, course: flow.completed and item(course.last).reasoning)
    return found(exchange)


@check("RSTRM-016", over=_thought, always=True)
def reasoning_is_streamed(subject: Subject) -> Iterator[Problem]:
    """Reasoning that an item holds at its end was streamed before."""
    _, course = subject
    if not course.of(*(each.delta for each in THOUGHTS)):
        seen = shown(item(course.last).reasoning)
        yield Problem(message=f"reasoning {seen} of which no delta told", at=course.events[-1].at)
