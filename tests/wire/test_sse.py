"""Server-sent events: WHATWG's reading, every deviation, and no dependence on how bytes arrive."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from openai._streaming import SSEDecoder
from streams import cut, pieces

from conformance.wire import sse
from conformance.wire.piece import Ns, Piece


def parse(*data):
    return sse.parse(pieces(*data))


def datas(body):
    return [event.data for event in parse(body).events]


def kinds(body):
    return [(one.kind, one.offset) for one in parse(body).deviations]


READINGS = {
    "one event": (b"data: a\n\n", ["a"]),
    "two events": (b"data: a\n\ndata: b\n\n", ["a", "b"]),
    "CRLF": (b"data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]),
    "CR": (b"data: a\r\rdata: b\r\r", ["a", "b"]),
    "line ends of all kinds": (b"data: a\r\n\ndata: b\n\rdata: c\r\r\n", ["a", "b", "c"]),
    "no space after the colon": (b"data:a\n\n", ["a"]),
    "one space is taken away, no more": (b"data:  a \n\n", [" a "]),
    "no colon at all": (b"data\n\n", [""]),
    "empty data": (b"data:\n\n", [""]),
    "a colon in the data": (b"data: a: b\n\n", ["a: b"]),
    "extra blank lines": (b"\n\n\ndata: a\n\n\n\n\ndata: b\n\n", ["a", "b"]),
    "comments": (b": hi\n\n:\n\ndata: a\n: in between\n\n", ["a"]),
    "several data lines": (b"data: a\ndata: b\ndata\n\n", ["a\nb\n"]),
    "separators of lines that are none here": (
        "data: a\u2028b\u2029c\u0085d\x0be\x0c\n\n".encode(),
        ["a\u2028b\u2029c\u0085d\x0be\x0c"],
    ),
    "byte order mark": (b"\xef\xbb\xbfdata: a\n\n", ["a"]),
    "byte order mark further on": (b"data: a\n\n\xef\xbb\xbfdata: b\n\n", ["a"]),
    "capitals": (b"Data: a\n\n", []),
    "indented": (b" data: a\n\n", []),
    "an event without data": (b"event: ping\n\n", [None]),
    "no blank line at the end": (b"data: a\n\ndata: b\n", ["a", "b"]),
    "no line end at the end": (b"data: a\n\ndata: b", ["a", "b"]),
    "invalid UTF-8": (b"data: \xff\n\n", ["\ufffd"]),
    "a JSON body": (b'{"a":\n 1}', []),
    "nothing": (b"", []),
}


@pytest.mark.parametrize(("body", "expected"), READINGS.values(), ids=READINGS)
def test_events_are_read_as_the_standard_says(body, expected):
    assert datas(body) == expected


DEVIATIONS = {
    "nothing wrong": (b": c\n\ndata: a\r\n\r\nevent: e\nid: 1\nretry: 5\ndata: b\n\n", []),
    "byte order mark": (b"\xef\xbb\xbfdata: a\n\n", [("bom", 0)]),
    "invalid UTF-8": (b"data: a\n\ndata: b\xff\n\n", [("not-utf8", 16)]),
    "a character torn between events": (
        b"data: \xc3\n\ndata: \xa4\n\n",
        [("not-utf8", 6), ("not-utf8", 15)],
    ),
    "no blank line at the end": (b"data: a\n\ndata: b\n", [("unterminated", 9)]),
    "no line end at the end": (b"data: a\n\ndata: b", [("unterminated", 9)]),
    "events without data": (
        b"event: ping\n\nid: 1\n\nretry: 1\n\n",
        [("no-data", 0), ("no-data", 13), ("no-data", 20)],
    ),
    "a blank line is missing": (b'data: {"a":1}\ndata: {"a":2}\n\n', [("merged", 0)]),
    "a blank line is missing before the end": (b'data: {"a":1}\ndata: [DONE]\n\n', [("merged", 0)]),
    "one text in several lines": (b'data: {\ndata: "a":1}\n\n', [("multi-data", 0)]),
    "several numbers are one text": (b"data: 1\ndata: 2\n\n", [("multi-data", 0)]),
    "raw JSON between events": (b'data: a\n\n{"a":1}\n\n', [("unknown-line", 9)]),
    "indented": (b" data: a\n\n", [("unknown-line", 0)]),
    "CR": (b"data: a\n\ndata: b\r\rdata: c\r\r", [("cr", 16)]),
    "NUL": (b"data: a\0\n\n", [("nul", 7)]),
    "NUL in an id": (b"id: a\0\ndata: a\n\n", [("nul", 5)]),
    "several at once": (
        b"\xef\xbb\xbf<html>\n\nevent: \xff",
        [("bom", 0), ("unknown-line", 3), ("no-data", 11), ("unterminated", 11), ("not-utf8", 18)],
    ),
    "cut off within a character": (b"data: a\n\ndata: \xf0\x9f\x98", [("unterminated", 9)]),
    "cut off within a field name": (b"data: a\n\nda", [("unterminated", 9)]),
    "another field's name at the end": (b"data: a\n\ndate", [("unknown-line", 9)]),
    "one text that is no stream": (
        b'{"error": {}}',
        [("unknown-line", 0)],
    ),
}


@pytest.mark.parametrize(("body", "expected"), DEVIATIONS.values(), ids=DEVIATIONS)
def test_every_deviation_is_kept_with_its_offset(body, expected):
    assert sorted(kinds(body)) == sorted(expected)


def test_every_kind_of_deviation_is_shown_by_some_example():
    assert {kind for body, _ in DEVIATIONS.values() for kind, _ in kinds(body)} == set(sse.KINDS)


def test_deviations_are_in_the_order_of_the_stream():
    offsets = [one.offset for one in parse(b"data: a\r\rx\n\ndata: \xff\n\nid: 1").deviations]
    assert offsets == sorted(offsets)


def test_all_fields_of_a_block_are_kept():
    body = b"event: e\nid: 7\nretry: 10\n: note\ndata: a\ndata: b\nevent: f\n\n"
    (event,) = parse(body).events
    assert (event.name, event.id, event.retry) == ("f", "7", "10")
    assert event.comments == ("note",)
    assert event.data_lines == ("a", "b")
    assert (event.start, event.end, event.terminated) == (0, len(body), True)


def test_an_id_with_a_nul_is_ignored():
    (event,) = parse(b"id: 1\nid: 2\0\ndata: a\n\n").events
    assert event.id == "1"


def test_events_know_where_they_stand_and_when_they_came():
    stream = parse(b"data", b": a\n", b"\ndata: b", b"\r\n\r", b"\n")
    first, second = stream.events
    assert (first.start, first.end, first.first_at, first.at) == (0, 9, 0, 2)
    assert (second.start, second.end, second.first_at, second.at) == (9, 20, 2, 4)
    assert stream.length == 20


def test_comments_alone_are_kept_with_their_time():
    stream = parse(b": one\n\n", b":two\n", b"\ndata: a\n\n", b": three")
    assert stream.comments == ((0, "one"), (1, "two"), (3, "three"))
    assert len(stream.events) == 1
    assert stream.deviations == ()


def test_the_terminator_is_what_the_sdk_takes_for_it():
    events = parse(b"data: [DONE]\n\ndata: [DONE] bye\n\ndata:  [DONE]\n\nevent: x\n\n").events
    assert [event.done for event in events] == [True, True, False, False]


def test_chunks_are_the_json_before_the_terminator():
    body = (
        b'data: {"a":1}\n\n: hm\n\nevent: x\n\ndata: oops\n\ndata: 2\n\ndata: [DONE]\n\ndata: 3\n\n'
    )
    found = sse.chunks(parse(body))
    assert [(one.number, one.value) for one in found] == [(0, {"a": 1}), (2, 2)]
    assert found[1].event.data == "2"


LINES = st.lists(
    st.sampled_from(
        [
            b"data: a",
            b"data",
            b"data:",
            b": c",
            b"event: e",
            b"retry: 1",
            b"id: 1",
            b"x",
            b"",
            b"",
            b'data: {"a":1}',
            b"data: [DONE]",
            b"data: \xff",
            b"\x00",
            b"data: \xf0\x9f\x98\x80",
        ]
    )
)
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])


@st.composite
def bodies(draw):
    start = draw(st.sampled_from([b"", b"", b"\xef\xbb\xbf"]))
    return (
        start
        + b"".join(line + draw(ENDS) for line in draw(LINES))
        + draw(st.sampled_from([b"", b"data: z"]))
    )


def without_times(stream):
    return (
        [
            (e.start, e.end, e.data, e.data_lines, e.name, e.id, e.retry, e.comments, e.terminated)
            for e in stream.events
        ],
        [text for _, text in stream.comments],
        stream.deviations,
        stream.length,
    )


@given(bodies(), st.lists(st.integers(0, 80)))
@example(b"data: a\r\n\r\n", [8, 9, 10])
def test_any_cut_of_the_bytes_gives_the_same_events(body, places):
    assert without_times(sse.parse(cut(body, places))) == without_times(parse(body))


@given(bodies(), st.lists(st.integers(0, 80)))
def test_the_times_of_an_event_are_those_of_its_first_and_last_byte(body, places):
    arrived = cut(body, places)
    times = [piece.at for piece in arrived for _ in piece.data]
    for event in sse.parse(arrived).events:
        assert (event.first_at, event.at) == (times[event.start], times[event.end - 1])


@given(st.binary(), st.lists(st.integers(0, 80)))
def test_no_bytes_make_it_raise(body, places):
    stream = sse.parse(cut(body, places))
    assert stream.length == len(body)
    assert {one.kind for one in stream.deviations} <= set(sse.KINDS)
    assert len(sse.chunks(stream)) <= len(stream.events)


@given(bodies())
def test_the_sdk_reads_the_same_events_where_nothing_deviates(body):
    # the SDK drops what has no blank line behind it, keeps an id for later events, and loses the
    # event behind a byte order mark: all of that is a deviation here
    stream = parse(body)
    kinds = {one.kind for one in stream.deviations}
    assume(not kinds & {"not-utf8", "bom"} and not any(event.id for event in stream.events))
    theirs = [(one.data, one.event) for one in SSEDecoder().iter_bytes(iter([body]))]
    ours = [(one.data or "", one.name) for one in stream.events if one.terminated]
    assert theirs == ours


def test_a_hundred_thousand_events_are_read_in_linear_time():
    body = b'data: {"choices": [{"index": 0, "delta": {"content": "word"}}]}\n\n' * 100_000
    arrived = [Piece(at=Ns(at), data=body[at : at + 4096]) for at in range(0, len(body), 4096)]
    stream = sse.parse(arrived)
    assert len(sse.chunks(stream)) == 100_000  # quadratic, it would run for hours
