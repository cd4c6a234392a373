"""What a person sees of an exchange."""

from __future__ import annotations

import re

import pytest
from sample import HOSTILE, evidence, hostile

from conformance.checks.core import Problem
from conformance.report.trace import WIDTH, trace
from conformance.verdict.evidence import HEAD_BYTES, TAIL_BYTES

STREAM = (("content-type", "text/event-stream"),)
JSON = (("content-type", "application/json"),)


def rows(one, label: str) -> list[str]:
    """What follows the label in each of its lines."""
    return [
        line.removeprefix(label).strip()
        for line in trace(one).split("\n")
        if line.startswith(label)
    ]


def test_an_exchange_reads_from_the_request_to_the_end():
    lines = trace(evidence()).split("\n")
    assert lines[0] == ("request>        0.0 ms  POST http://127.0.0.1:8000/v1/chat/completions")
    assert lines[-2:] == [
        "end            60.7 ms  complete",
        "problem                 the role is said twice (at event 1)",
    ]
    assert max(map(len, lines)) <= WIDTH


def test_an_event_has_the_time_of_its_last_byte_and_shows_its_blank_line():
    events = [row for row in rows(evidence(), "response<") if "data:" in row]
    assert [row.split(" ms ")[0] for row in events] == ["41.2", "52.0", "60.5"]
    assert all(row.endswith("␊␊") for row in events)
    assert events[-1].endswith("data: [DONE]␊␊")


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (b"data: 1\n\ndata: 2\n\n", ["data: 1␊␊", "data: 2␊␊"]),
        (b"data: 1\r\n\r\ndata: 2\r\n\r\n", ["data: 1␍␊␍␊", "data: 2␍␊␍␊"]),
        (b"data: 1\r\rdata: 2\r\r", ["data: 1␍␍", "data: 2␍␍"]),
        (b"data: 1\ndata: 2\n\n", ["data: 1␊data: 2␊␊"]),
        (b"data: 1\n\ndata: 2", ["data: 1␊␊", "data: 2"]),
        (b'data: "a\\nb"\n\n', [r'data: "a\nb"␊␊']),
        (b"data: \xff\x1b\n\n", [r"data: \xff␛␊␊"]),
    ],
)
def test_framing_and_broken_bytes_are_visible(body, wanted):
    one = evidence(response_headers=STREAM, pieces=((1_000_000, body),))
    assert [row.removeprefix("1.0 ms").strip() for row in rows(one, "response<")[2:]] == wanted


def test_any_split_into_pieces_shows_the_same_events():
    body = b"data: 1\r\n\r\ndata: 2\n\ndata: [DONE]\n\n"
    whole = rows(evidence(response_headers=STREAM, pieces=((1, body),)), "response<")
    for cut in range(1, len(body)):
        halves = evidence(response_headers=STREAM, pieces=((1, body[:cut]), (2, body[cut:])))
        assert rows(halves, "response<") == whole, cut


def test_of_a_long_stream_the_first_and_the_last_events_are_shown():
    pieces = tuple((n * 1_000_000, f"data: {n:03}\n\n".encode()) for n in range(100))
    one = evidence(response_headers=STREAM, pieces=pieces)
    shown = [int(found) for found in re.findall(r"data: (\d+)", trace(one))]
    assert shown == [0, 1, 2, 3, 4, 5, 96, 97, 98, 99]
    assert "90 events, 990 bytes left out" in trace(one)


def test_bytes_that_were_not_kept_are_counted_where_they_are_missing():
    event = b"data: " + b"x" * 92 + b"\n\n"
    head = tuple((n, event) for n in range(HEAD_BYTES // len(event)))
    tail = tuple((1000 + n, event) for n in range(TAIL_BYTES // len(event)))
    one = evidence(response_headers=STREAM, pieces=(*head, *tail), omitted=40_000)
    lines = [line for line in trace(one).split("\n") if "left out" in line or "data:" in line]
    assert len(lines) == 11
    assert lines[6].strip(". ") == "at least 35 events, 43.5 kB left out"


def test_a_body_that_is_no_stream_is_shown_at_both_ends():
    body = b"{" + b"a" * 5000 + b"}"
    one = evidence(response_headers=JSON, pieces=((2_000_000, body),), body=b"")
    shown = rows(one, "response<")[2:]
    assert shown[0].startswith("2.0 ms  {aaa")
    assert shown[-1].endswith("a}")
    left_out = int(re.search(r"([\d.]+) kB left out", trace(one))[1].replace(".", "")) * 100
    visible = sum(row.count("a") for row in shown)
    assert abs(visible + left_out + 2 - len(body)) <= 100


@pytest.mark.parametrize("shift", [b"", b"a", b"ab", b"abc"])
@pytest.mark.parametrize("headers", [STREAM, JSON])
@pytest.mark.parametrize("char", ["é", "世", "🎉"])
def test_no_character_is_cut_in_two(shift, headers, char):
    body = shift + char.encode() * 3000 + shift
    shown = "".join(rows(evidence(response_headers=headers, pieces=((1, body),)), "response<"))
    assert "\\x" not in shown
    assert shown.count(char) > 20


@pytest.mark.parametrize(
    "body", [b"\x80" * 4000, b"\xff" * 4000, "世".encode() * 2000, b"\x00" * 999]
)
@pytest.mark.parametrize("headers", [STREAM, JSON])
def test_bodies_that_are_no_text_end_and_are_bounded(body, headers):
    one = evidence(response_headers=headers, pieces=((1, body),), body=body)
    lines = trace(one).split("\n")
    assert len(lines) <= 45
    assert max(map(len, lines)) <= WIDTH


def test_no_answer_is_said_in_words():
    one = evidence(status=None, response_headers=(), pieces=(), ended="unreachable: refused")
    assert "(no response head)" in trace(one)
    assert "unreachable: refused" in trace(one)


def test_whatever_an_endpoint_says_the_trace_is_bounded_and_printable():
    one = hostile().providers[0].findings[0].evidence[0]
    many = evidence(
        response_headers=((HOSTILE * 100, HOSTILE),) * 500,
        pieces=tuple((n, HOSTILE.encode("utf-8", "replace") + b"\n\n") for n in range(500)),
        problems=(Problem(message=HOSTILE * 1000, at=HOSTILE),) * 5,
    )
    for each in (one, many):
        lines = trace(each).split("\n")
        assert len(lines) <= 45
        assert max(map(len, lines)) <= WIDTH
        assert all(line.isprintable() for line in lines)
