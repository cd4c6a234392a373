"""SSE: the bytes of an event stream."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.checks import select
from conformance.checks.core import Problem, check
from conformance.checks.facts import Facts, facts
from conformance.checks.parts import Entry, is_integer, is_one_of
from conformance.checks.response_flow import INCOMPLETE, told_of
from conformance.checks.show import shown
from conformance.checks.torn import TORN, lost
from conformance.wire import jsontext
from conformance.wire.exchange import Ended, Exchange
from conformance.wire.sse import DONE, Deviation, Event

_TEXTS = ("content", "reasoning_content", "reasoning")
_JOINT = re.compile(r"((?:\\[rn]|[\x00\v\f\x1c-\x1e\x85\u2028\u2029 ])*)(?:data|event|id|retry):")
"""Where a line seems to end without an end that counts."""
_TOLD = 5
"""Problems of one kind that are told of one stream."""


def _deviations(one: Facts, *kinds: str) -> list[Deviation]:
    found = [each for each in one.exchange.stream.deviations if each.kind in kinds]
    return found[:_TOLD]


def _at(deviation: Deviation) -> str:
    return f"byte {deviation.offset}"


@check("SSE-001", over=select.flows, always=True)
def stream_is_utf8(one: Facts) -> Iterator[Problem]:
    """A stream is UTF-8 without a byte order mark."""
    for each in _deviations(one, "bom", "not-utf8"):
        what = (
            "begins with a byte order mark" if each.kind == "bom" else f"is no UTF-8: {each.detail}"
        )
        yield Problem(message=f"the stream {what}", at=_at(each))


def _lines(exchange: Exchange) -> Sequence[tuple[Facts, Event]]:
    """Events that are no JSON, and as a witness of the others the first."""
    found = facts(exchange)
    if not found.flowing:
        return ()
    told = [(found, each) for each in found.data_events if each.terminated or found.whole]
    return [each for place, each in enumerate(told) if not place or not _is_read(each)]


def _is_read(each: tuple[Facts, Event]) -> bool:
    return each[1].start in each[0].readable


@check("SSE-002", over=_lines, always=True)
def lines_end_as_lines_do(each: tuple[Facts, Event]) -> Iterator[Problem]:
    """Lines end with LF, CRLF or CR; not with another character, with its escape, or with nothing."""
    data = each[1].data or ""
    joints = () if _is_read(each) else _JOINT.finditer(data)
    for joint in joints:
        if jsontext.read_text(data[: joint.start()]).ok:
            what = f"with {shown(joint[1])}" if joint[1] else "with nothing"
            yield Problem(message=f"a line ends {what}", at=f"byte {each[1].start}")
            return


@check("SSE-003", over=select.flows, always=True)
def events_end_with_a_blank_line(one: Facts) -> Iterator[Problem]:
    """Each event ends with a blank line, so that the next one is another."""
    for each in _deviations(one, "merged"):
        yield Problem(message=f"no blank line between events: {each.detail} in one", at=_at(each))


def _decided(exchange: Exchange) -> Sequence[tuple[Facts, Event]]:
    """Data events before the terminator that are no heap of several, and that arrived whole."""
    found = facts(exchange)
    if not found.flowing:
        return ()
    merged = {each.offset for each in exchange.stream.deviations if each.kind == "merged"}
    return [
        (found, each)
        for each in found.data_events
        if each.terminated and each.start not in merged and each.data is not None
    ]


@check("SSE-004", over=_decided, always=True)
def data_is_json(each: tuple[Facts, Event]) -> Iterator[Problem]:
    """The data of each event is a JSON text."""
    one, event = each
    if event.start not in one.readable and not _torn(each):
        assert event.data is not None
        flaw = jsontext.read_text(event.data).flaws[-1]
        yield Problem(message=f"data {shown(event.data)} is {flaw}", at=f"byte {event.start}")


@check("SSE-004", over=select.flows, always=True)
def lines_are_fields(one: Facts) -> Iterator[Problem]:
    """Each line is a field or a comment; JSON stands behind `data:`."""
    torn = [event for each in _decided(one.exchange) if _torn(each) for event in each[1:]]
    for each in _deviations(one, "unknown-line"):
        if not any(event.start <= each.offset < event.end for event in torn):
            yield Problem(message=f"a line that is no field: {shown(each.detail)}", at=_at(each))


def _torn(each: tuple[Facts, Event]) -> bool:
    """The event is JSON if the line breaks in it are taken for part of its data."""
    one, event = each
    assert one.response is not None
    if event.start in one.readable:
        return False
    block = one.response.body[event.start : event.end].decode("utf-8", "replace").strip()
    raw = block.partition("data:")[2]
    return "\n" in raw and jsontext.read_text(raw).ok


@check("SSE-005", over=select.flows, always=True)
def one_data_line(one: Facts) -> Iterator[Problem]:
    """Each chunk stands in one `data:` line."""
    for each in _deviations(one, "multi-data"):
        yield Problem(message=f"a chunk in {each.detail}", at=_at(each))


@check("SSE-008", over=select.flows, always=True)
def events_have_data(one: Facts) -> Iterator[Problem]:
    """No event goes without data: the SDK takes it for an empty chunk and breaks."""
    for each in _deviations(one, "no-data"):
        yield Problem(message="an event without data", at=_at(each))


@check("SSE-009", over=select.streams, always=True)
def events_have_no_name(one: Facts) -> Iterator[Problem]:
    """Events of chat streams have no name, or `message`."""
    errors = {id(each.event) for each in one.errors}
    named = [
        each
        for each in one.exchange.stream.events
        if each.name not in {None, "", "message"} and id(each) not in errors
    ]
    for each in named[:_TOLD]:
        yield Problem(message=f"an event called {shown(each.name)}", at=f"byte {each.start}")


@check("SSE-010", over=select.finished_streams, always=True)
def done_comes_last_and_once(one: Facts) -> Iterator[Problem]:
    """The last event is `[DONE]`, and it comes once."""
    events = one.exchange.stream.events
    done = [each for each in events if each.done]
    if not done:
        yield Problem(message=f"the stream ends without {DONE}{_how(one)}")
    elif len(done) > 1:
        yield Problem(message=f"{DONE} comes {len(done)} times", at=f"byte {done[1].start}")
    elif done[0].data != DONE:
        yield Problem(
            message=f"the terminator is {shown(done[0].data)}", at=f"byte {done[0].start}"
        )
    elif events[-1] is not done[0]:
        yield Problem(message=f"events come after {DONE}", at=f"byte {events[-1].start}")


def _how(one: Facts) -> str:
    if one.whole:
        return ""
    end = one.exchange.end
    return f": {end.how}{f' ({end.detail})' if end.detail else ''}"


_ENDS = frozenset({"stop", "length", "tool_calls", "function_call"})


def _told_to_their_ends(exchange: Exchange) -> Sequence[Facts]:
    """Chat streams in which every choice that was asked for says how it ended."""
    found = facts(exchange)
    number = found.asked.get("n") or 1
    ended = [key for key, entries in found.by_choice.items() if any(map(_ends, entries))]
    enough = is_integer(number) and len(ended) >= max(number, 1)
    return (found,) if enough and len(ended) == len(found.by_choice) else ()


def _ends(entry: Entry) -> bool:
    return is_one_of(entry.choice.get("finish_reason"), *_ENDS)


@check("SSE-010", over=_told_to_their_ends, always=True)
def what_is_finished_is_done(one: Facts) -> Iterator[Problem]:
    """A stream that has told how each choice ended goes on to `[DONE]`: not to an error, nor to nothing."""
    if _done(one) is not None:
        return
    last = max(each.number for each in one.entries if _ends(each))
    late = [each for each in one.errors if each.number > last]
    if late:
        yield Problem(message=f"an error comes in place of {DONE}", at=f"event {late[0].number}")
    elif one.exchange.end.how is Ended.TIMED_OUT:
        yield Problem(message=f"the stream stays open without {DONE}{_how(one)}")


@check("SSE-011", over=select.among(select.flows, lambda one: _done(one) is not None), always=True)
def nothing_comes_after_done(one: Facts) -> Iterator[Problem]:
    """After `[DONE]` nothing comes, and the response ends cleanly."""
    done = _done(one)
    assert done is not None
    length = one.exchange.stream.length - done.end
    assert one.response is not None
    if length > 0 and one.response.body[done.end :].strip():
        yield Problem(message=f"{length} bytes after {DONE}", at=f"byte {done.end}")
    if one.exchange.end.how is Ended.TIMED_OUT:
        yield Problem(message=f"the response stays open after {DONE}")
    if one.broken_off:
        flaws = ", ".join((*one.response.flaws, one.exchange.end.detail)).strip(", ")
        yield Problem(message=f"the response does not end cleanly after {DONE}: {flaws}")


def _done(one: Facts) -> Event | None:
    return next((each for each in one.exchange.stream.events if each.done), None)


@check("SSE-012", over=select.finished_streams, always=True)
def end_can_be_told_from_a_cut(one: Facts) -> Iterator[Problem]:
    """A stream that is whole says so with `[DONE]`."""
    if _done(one) is None:
        yield Problem(message=f"no {DONE}: a cut stream looks like this one{_how(one)}")


@check("SSE-013", over=select.finished_flows, always=True)
def last_event_is_terminated(one: Facts) -> Iterator[Problem]:
    """The last event, too, ends with a blank line; clients drop it otherwise."""
    for each in _deviations(one, "unterminated"):
        yield Problem(message="the last event has no blank line after it", at=_at(each))


@check("SSE-014", over=_decided, always=True)
def json_has_no_line_breaks(each: tuple[Facts, Event]) -> Iterator[Problem]:
    """The JSON of a chunk holds no raw line breaks."""
    _, event = each
    if _torn(each):
        yield Problem(
            message=f"a line break within the JSON after {shown(event.data)}",
            at=f"byte {event.start}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """What the deltas of one choice, or of one response, say together."""

    facts: Facts
    deltas: Sequence[tuple[str, str]]
    """Each with where it stands."""
    capped: bool


def _speaking(exchange: Exchange) -> Sequence[_Text]:
    """The texts of a stream."""
    found = facts(exchange)
    told = [(each.at, each.value.get("delta")) for each in told_of(found)]
    short = any(each.type == INCOMPLETE for each in told_of(found))
    texts = [_text(found, told, capped=short)]
    for entries in found.by_choice.values():
        said = [(each.at, each.delta.get(name)) for each in entries for name in _TEXTS]
        ends = [each.choice.get("finish_reason") for each in entries]
        texts.append(_text(found, said, capped="length" in ends))
    return [each for each in texts if each.deltas]


def _text(found: Facts, said: Sequence[tuple[str, Any]], *, capped: bool) -> _Text:
    deltas = [(at, one) for at, one in said if isinstance(one, str) and one]
    return _Text(facts=found, deltas=deltas, capped=capped)


@check("SSE-015", over=_speaking, always=True)
def characters_are_not_torn(one: _Text) -> Iterator[Problem]:
    """A character is never split over events."""
    text = "".join(said for _, said in one.deltas)
    if why := lost(text, one.facts.asked, capped=one.capped):
        torn = [(at, said) for at, said in one.deltas if TORN in said]
        for at, said in torn[:_TOLD]:
            yield Problem(message=f"U+FFFD in a delta, {shown(said)}: {why}", at=at)


@check("SSE-018", over=select.asked_streams, always=True)
def stream_is_a_stream(one: Facts) -> Iterator[Problem]:
    """`stream: true` is answered with events, not with one JSON document."""
    document = one.exchange.document
    if not one.exchange.streamed or (document.ok and isinstance(document.value, dict)):
        assert one.response is not None
        seen = shown(one.response.body[:60].decode("utf-8", "replace"))
        yield Problem(message=f"a stream was asked for, and {seen} came")
