"""The events of a streamed response: told apart by item, and put together to what was meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.wire.members import joined
from conformance.wire.responses import CALLS, Reply, whole
from conformance.wire.sse import Chunk

PREFIX = "response."
TERMINAL = ("response.completed", "response.incomplete", "response.failed")
ITEM_ADDED, ITEM_DONE = "response.output_item.added", "response.output_item.done"
PART_ADDED, PART_DONE = "response.content_part.added", "response.content_part.done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """A pair of events, `.delta` and `.done`, that tell a text of an item."""

    begins: str
    """Of both types; `delta` and `done` follow."""
    item: str
    """The type of items that have such a text."""
    part: str
    """The type of the part that holds it; empty where it is a member of the item itself."""
    member: str
    """Where it stands in the part, or the item, and in the `.done` event."""
    within: str = "content"

    @property
    def delta(self) -> str:
        return f"{self.begins}.delta"

    @property
    def done(self) -> str:
        return f"{self.begins}.done"


TEXT = Texts(begins="response.output_text", item="message", part="output_text", member="text")
REFUSAL = Texts(begins="response.refusal", item="message", part="refusal", member="refusal")
ARGUMENTS = Texts(
    begins="response.function_call_arguments", item="function_call", part="", member="arguments"
)
_INPUT = Texts(
    begins="response.custom_tool_call_input", item="custom_tool_call", part="", member="input"
)
THOUGHTS = (
    Texts(begins="response.reasoning_text", item="reasoning", part="reasoning_text", member="text"),
    Texts(begins="response.reasoning", item="reasoning", part="reasoning_text", member="text"),
    Texts(begins="response.reasoning_summary_text", item="reasoning", part="summary_text",
          member="text", within="summary"),
)  # fmt: skip
"""OpenAI's names, and that of Open Responses."""
_TEXTS = (TEXT, REFUSAL, ARGUMENTS, _INPUT, *THOUGHTS)
_DELTAS = {each.delta: each for each in _TEXTS}
_DONES = {each.done: each for each in _TEXTS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One event whose data is an object."""

    number: int
    """Of its data event, from 0."""
    name: str | None
    """As its `event:` line calls it."""
    type: str
    """As its data calls it; where that says nothing, its name."""
    value: dict[str, Any]

    @property
    def at(self) -> str:
        return f"event {self.number}"

    def integer(self, name: str) -> int | None:
        """A member that is an integer; None for anything else."""
        value = self.value.get(name)
        return value if type(value) is int else None

    def object(self, name: str) -> dict[str, Any]:
        """A member that is an object; an empty one for anything else."""
        value = self.value.get(name)
        return value if isinstance(value, dict) else {}

    @property
    def item_id(self) -> str | None:
        """The id of the item that it is about."""
        named = (self.object("item").get("id"), self.value.get("item_id"))
        return next((each for each in named if isinstance(each, str) and each), None)


@dataclass(slots=True)
class Course:
    """The events about one item, in order of arrival."""

    place: int | None
    """Its `output_index`, where it has one."""
    events: list[Told] = field(default_factory=list)

    def of(self, *types: str) -> list[Told]:
        """Those of some types."""
        return [each for each in self.events if each.type in types]

    @property
    def first(self) -> dict[str, Any]:
        """The item as it was when it was added; empty where it was not."""
        return next((each.object("item") for each in self.of(ITEM_ADDED)), {})

    @property
    def last(self) -> dict[str, Any]:
        """The item as it was when it was done; empty where it never was."""
        return next((each.object("item") for each in reversed(self.of(ITEM_DONE))), {})

    @property
    def kind(self) -> Any:
        """The type of the item; where it is not said, the one that its events suggest."""
        for value in (self.first, self.last):
            if value.get("type") is not None:
                return value["type"]
        texts = (_DELTAS.get(each.type) or _DONES.get(each.type) for each in self.events)
        return next((each.item for each in texts if each), None)


def told(chunks: Sequence[Chunk]) -> tuple[Told, ...]:
    """The events whose data is an object."""
    found = []
    for chunk in chunks:
        if isinstance(chunk.value, dict):
            kind, name = chunk.value.get("type"), chunk.event.name
            found.append(
                Told(
                    number=chunk.number,
                    name=name,
                    type=kind if isinstance(kind, str) and kind else name or "",
                    value=chunk.value,
                )
            )
    return tuple(found)


def courses(events: Sequence[Told]) -> tuple[Course, ...]:
    """The events about items by item, in the order in which items appear.

    They go by `output_index`; where there is none, by the item's id; failing both, they are about
    the item before.
    """
    found: list[Course] = []
    by_place: dict[int, Course] = {}
    by_id: dict[str, Course] = {}
    for each in events:
        if not _about_an_item(each):
            continue
        place, identity = each.integer("output_index"), each.item_id
        course = by_place.get(place) if place is not None else None
        if course is None and place is None:
            course = by_id.get(identity) if identity is not None else None
            if course is None and found and each.type != ITEM_ADDED:
                course = found[-1]
        if course is None:
            course = Course(place)
            found.append(course)
        course.events.append(each)
        if place is not None:
            by_place[place] = course
        if identity is not None:
            by_id.setdefault(identity, course)
    return tuple(found)


def _about_an_item(each: Told) -> bool:
    if not each.type.startswith(PREFIX):
        return False
    return "output_index" in each.value or "item_id" in each.value or bool(_texts_of(each))


def _texts_of(each: Told) -> bool:
    known = (ITEM_ADDED, ITEM_DONE, PART_ADDED, PART_DONE)
    return each.type in known or each.type in _DELTAS or each.type in _DONES


def meant(chunks: Sequence[Chunk]) -> Reply | None:
    """The response that the server most likely meant; None where no event is one of a response's.

    The last response that an event carries, with the items it holds; where it lacks some that were
    streamed, with those. Never raises.
    """
    events = told(chunks)
    if not any(each.type.startswith(PREFIX) for each in events):
        return None
    body: dict[str, Any] = {"object": "response"}
    for each in events:
        if each.type.startswith(PREFIX):
            body |= each.object("response")
    streamed = [put_together(course) for course in courses(events)]
    output = body.get("output")
    if not isinstance(output, list) or len(output) < len(streamed):
        body["output"] = streamed
    return whole({key: value for key, value in body.items() if key != "choices"})


def put_together(course: Course) -> dict[str, Any]:
    """The item that was meant: as it was when it was done, or from its deltas."""
    if course.last:
        return course.last
    item = {**course.first}
    if course.kind is not None:
        item.setdefault("type", course.kind)
    held: dict[str, dict[int, dict[str, Any]]] = {}
    for each in course.of(PART_ADDED, PART_DONE):
        held.setdefault("content", {})[each.integer("content_index") or 0] = {**each.object("part")}
    for (texts, index), said in texts_of(course).items():
        if not texts.part:
            item[texts.member] = said
            continue
        part = held.setdefault(texts.within, {}).setdefault(index, {})
        part.setdefault("type", texts.part)
        part[texts.member] = said
    for within, listed in held.items():
        item[within] = [listed[index] for index in sorted(listed)]
    if isinstance(course.kind, str) and course.kind in CALLS:
        item.setdefault(CALLS[course.kind], "")
    return item


def texts_of(course: Course) -> dict[tuple[Texts, int], str]:
    """What the deltas of an item say, by the text they belong to; where there are none, its end."""
    said: dict[tuple[Texts, int], list[str]] = {}
    for each in course.events:
        texts = _DELTAS.get(each.type)
        delta = each.value.get("delta")
        if texts is not None and isinstance(delta, str):
            said.setdefault((texts, index_of(each, texts)), []).append(delta)
    for each in course.events:
        texts = _DONES.get(each.type)
        whole_text = each.value.get(texts.member) if texts is not None else None
        if texts is not None and isinstance(whole_text, str):
            said.setdefault((texts, index_of(each, texts)), [whole_text])
    return {key: joined(parts) for key, parts in said.items()}


def index_of(each: Told, texts: Texts) -> int:
    """Which part of its item an event is about; the first where it does not say."""
    return each.integer("summary_index" if texts.within == "summary" else "content_index") or 0
