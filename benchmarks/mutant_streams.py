"""Damages to streams, and to answers as a whole, beside those of `mutant_operators.py`."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mutant_answers import Event, Said
from mutant_operators import Rewrite


def _said(said: Said) -> list[int]:
    """Numbers of the events that say something of the answer: not the first, nor those after the text."""
    return [number for number, each in enumerate(said.events or ()) if _delta(each.value)]


def _delta(value: Any) -> str:
    """The new text of an event of any endpoint."""
    if not isinstance(value, dict):
        return ""
    if str(value.get("type", "")).endswith(".delta"):
        return str(value.get("delta") or "")
    held = next(iter(value.get("choices") or ()), {})
    said = held.get("text") or (held.get("delta") or {}).get("content")
    return said if isinstance(said, str) else ""


def _events(how: Callable[[list[Event], list[int]], list[Event] | None]) -> Rewrite:
    """`how` of the events and the numbers of those with text; None where it cannot be done."""

    def rewrite(said: Said) -> Said | None:
        if said.events is None or said.status >= 400:
            return None
        new = how(copy.deepcopy(said.events), _said(said))
        return replace(said, events=new) if new is not None else None

    return rewrite


def _doubled_later(events: list[Event], texts: list[int]) -> list[Event] | None:
    """From the fifth text on each event comes twice."""
    if len(texts) < 6:
        return None
    late = set(texts[5:])
    return [
        each
        for n, one in enumerate(events)
        for each in ([one, copy.deepcopy(one)] if n in late else [one])
    ]


def _first_lost(events: list[Event], texts: list[int]) -> list[Event] | None:
    return [each for n, each in enumerate(events) if n != texts[0]] if texts else None


def _last_lost(events: list[Event], texts: list[int]) -> list[Event] | None:
    return [each for n, each in enumerate(events) if n != texts[-1]] if texts else None


def _every_eighth_lost(events: list[Event], texts: list[int]) -> list[Event] | None:
    gone = set(texts[7::8])
    return [each for n, each in enumerate(events) if n not in gone] if gone else None


def _capped(events: list[Event], texts: list[int]) -> list[Event] | None:
    """No more than eight texts come; all the rest is as it was."""
    gone = set(texts[8:])
    return [each for n, each in enumerate(events) if n not in gone] if gone else None


def _last_after_the_finish(events: list[Event], texts: list[int]) -> list[Event] | None:
    """The last text comes after the event that follows it."""
    if not texts or texts[-1] + 1 >= len(events) or events[texts[-1] + 1].value is None:
        return None
    here = texts[-1]
    events[here], events[here + 1] = events[here + 1], events[here]
    return events


def _swapped_texts(events: list[Event], texts: list[int]) -> list[Event] | None:
    if len(texts) < 4:
        return None
    first, second = texts[2:4]
    if _delta(events[first].value) == _delta(events[second].value):
        return None
    events[first], events[second] = events[second], events[first]
    return events


def _joined(events: list[Event], texts: list[int]) -> list[Event] | None:
    """All the text comes in the last event that has some."""
    if len(texts) < 2:
        return None
    whole: dict[int, str] = {}
    for number in texts:
        for choice in events[number].value.get("choices") or ():
            holder = choice if "text" in choice else choice.get("delta") or {}
            name = "text" if "text" in choice else "content"
            whole[choice["index"]] = whole.get(choice["index"], "") + (holder.get(name) or "")
    if len(whole) != 1:
        return None
    last = events[texts[-1]].value["choices"][0]
    holder = last if "text" in last else last["delta"]
    holder["text" if "text" in last else "content"] = next(iter(whole.values()))
    return [each for n, each in enumerate(events) if n not in set(texts[:-1])]


def _snapshots(events: list[Event], texts: list[int]) -> list[Event] | None:
    so_far: dict[int, str] = {}
    if len(texts) < 2:
        return None
    for number in texts:
        for choice in events[number].value.get("choices") or ():
            holder = choice if "text" in choice else choice.get("delta") or {}
            name = "text" if "text" in choice else "content"
            index = choice["index"]
            so_far[index] = so_far.get(index, "") + (holder.get(name) or "")
            holder[name] = so_far[index]
    return events if so_far else None


def _each(how: Callable[[dict[str, Any]], None]) -> Rewrite:
    """`how` of the value of each event."""

    def rewrite(said: Said) -> Said | None:
        if said.events is None or said.status >= 400:
            return None
        new = copy.deepcopy(said)
        for each in new.events or ():
            if isinstance(each.value, dict):
                how(each.value)
        before = [each.value for each in said.events]
        return new if [each.value for each in new.events or ()] != before else None

    return rewrite


def _role_again(value: dict[str, Any]) -> None:
    for choice in value.get("choices") or ():
        if isinstance(choice.get("delta"), dict):
            choice["delta"]["role"] = "assistant"


def _finish_empty(value: dict[str, Any]) -> None:
    for choice in value.get("choices") or ():
        if choice.get("finish_reason") is None:
            choice["finish_reason"] = ""


def _finish_gone(value: dict[str, Any]) -> None:
    for choice in value.get("choices") or ():
        if choice.get("finish_reason") is None:
            choice.pop("finish_reason", None)


def _numbered_from_one(value: dict[str, Any]) -> None:
    if "sequence_number" in value:
        value["sequence_number"] += 1


def _other_items(value: dict[str, Any]) -> None:
    if "item_id" in value:
        value["item_id"] = "item_0"


def _other_place(value: dict[str, Any]) -> None:
    if "output_index" in value:
        value["output_index"] += 1


def _usage_last_but_one(events: list[Event], texts: list[int]) -> list[Event] | None:
    """What holds the usage changes places with what came before it."""
    place = _place_of(events, lambda one: bool(one.get("usage")))
    if not place or place < 2:
        return None
    events[place], events[place - 1] = events[place - 1], events[place]
    return events


def _usage_twice(events: list[Event], texts: list[int]) -> list[Event] | None:
    place = _place_of(events, lambda one: bool(one.get("usage")))
    return None if place is None else [*events[: place + 1], *copy.deepcopy(events[place:])]


def _finish_twice(events: list[Event], texts: list[int]) -> list[Event] | None:
    place = _place_of(
        events, lambda one: any(each.get("finish_reason") for each in one.get("choices") or ())
    )
    return None if place is None else [*events[: place + 1], *copy.deepcopy(events[place:])]


def _place_of(events: list[Event], has: Callable[[dict[str, Any]], bool]) -> int | None:
    held = [n for n, each in enumerate(events) if isinstance(each.value, dict) and has(each.value)]
    return held[0] if held else None


def _late_error(events: list[Event], texts: list[int]) -> list[Event] | None:
    """All came, and then an error that is flat."""
    if not events or events[-1].value is not None:
        return None
    value = {"object": "error", "message": "The server failed.", "code": 500}
    return [*events[:-1], Event(before="", value=value, at=events[-1].at), events[-1]]


def _done_twice(events: list[Event], texts: list[int]) -> list[Event] | None:
    return [*events, copy.deepcopy(events[-1])] if events and events[-1].value is None else None


def _named(events: list[Event], texts: list[int]) -> list[Event] | None:
    changed = False
    for each in events:
        if each.value is not None and not each.before:
            each.before = "event: chunk\n"
            changed = True
    return events if changed else None


def _nameless(events: list[Event], texts: list[int]) -> list[Event] | None:
    changed = any(each.before.startswith("event:") for each in events)
    for each in events:
        if each.value is not None:
            each.before = ""
    return events if changed else None


def _torn(events: list[Event], texts: list[int]) -> list[Event] | None:
    """The first character past the BMP comes as two that say nothing, in two events."""
    for first, second in itertools.pairwise(texts):
        value, later = events[first].value, events[second].value
        if ord(max(_delta(value), default=" ")) > 0xFFFF and value.get("choices"):
            for each, how in ((value, "\ufffd"), (later, "\ufffd")):
                choice = each["choices"][0]
                holder = choice if "text" in choice else choice["delta"]
                name = "text" if "text" in choice else "content"
                kept = "".join(one for one in holder[name] if ord(one) <= 0xFFFF)
                holder[name] = kept + how if each is value else how + kept
            return events
    return None


def _answered_whole(said: Said) -> Said | None:
    """One document where events were asked for: the first event's, without its form."""
    if said.events is None or said.status >= 400:
        return None
    held = [each.value for each in said.events if isinstance(each.value, dict)]
    headers = [
        (name, "application/json" if name.lower() == "content-type" else value)
        for name, value in said.headers
    ]
    return replace(said, headers=headers, value=held[-1], events=None) if held else None


def _empty_body(said: Said) -> Said | None:
    return None if said.status >= 400 else replace(said, raw=b"", events=None)


def _no_events(said: Said) -> Said | None:
    """A stream that ends before it has begun: `[DONE]` alone, or nothing."""
    if said.events is None or said.status >= 400:
        return None
    return replace(said, events=said.events[-1:] if said.events[-1].value is None else [])


def _unavailable(said: Said) -> Said | None:
    if said.status >= 400:
        return None
    headers = [
        (name, "application/json" if name.lower() == "content-type" else value)
        for name, value in said.headers
    ]
    value = {"error": {"message": "Busy.", "type": "overloaded", "param": None, "code": None}}
    return replace(said, status=504, headers=headers, value=value, events=None)


STREAMS: dict[str, Rewrite] = {
    "stream: doubled from the fifth text on": _events(_doubled_later),
    "stream: first text lost": _events(_first_lost),
    "stream: last text lost": _events(_last_lost),
    "stream: every eighth text lost": _events(_every_eighth_lost),
    "stream: eight texts at most": _events(_capped),
    "stream: last text after what follows": _events(_last_after_the_finish),
    "stream: two texts swapped": _events(_swapped_texts),
    "stream: all text at once": _events(_joined),
    "stream: snapshots": _events(_snapshots),
    "stream: the role each time": _each(_role_again),
    "stream: finish reasons empty before the end": _each(_finish_empty),
    "stream: no finish reasons before the end": _each(_finish_gone),
    "stream: numbered from 1": _each(_numbered_from_one),
    "stream: other ids of items": _each(_other_items),
    "stream: places off by one": _each(_other_place),
    "stream: usage before its place": _events(_usage_last_but_one),
    "stream: usage twice": _events(_usage_twice),
    "stream: finished twice": _events(_finish_twice),
    "stream: a flat error at the end": _events(_late_error),
    "stream: done twice": _events(_done_twice),
    "stream: events with a name": _events(_named),
    "stream: events without their name": _events(_nameless),
    "stream: torn characters": _events(_torn),
    "stream: answered whole": _answered_whole,
    "stream: nothing but its end": _no_events,
    "answer: an empty body": _empty_body,
    "answer: a gateway's timeout": _unavailable,
}
"""By name; the part before the colon is the family."""
