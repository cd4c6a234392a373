"""Faults of times: which figure notices each, on streams whose times are those of their scripts."""

import json

import pytest

from conformance.latency.reading import measure
from conformance.reference.app import App, Settings
from conformance.reference.dress import Pace
from conformance.reference.fault import TIMES, switched_on
from conformance.reference.incoming import HttpRequest
from conformance.reference.memory import Arrival
from conformance.reference.script import Pause, Send
from conformance.reference.serve import load_faults
from conformance.wire.exchange import End, Ended, Exchange, Request
from conformance.wire.piece import Ns, Piece
from conformance.wire.take import Take

load_faults()
FIRST, EACH = 1.5, 0.02
BODY = json.dumps({
    "model": "reference-1", "stream": True, "stream_options": {"include_usage": True}, "max_tokens": 40,
    "messages": [{"role": "user", "content": "Count from 1 to 30."}],
}).encode()  # fmt: skip


def streams(*faults, in_flight=1, number=12):
    """Readings of streams, as if each pause took exactly what it says."""
    app = App(Settings(faults=switched_on(faults), pace=Pace(FIRST, EACH), strict=True), lambda: 0.0)
    request = HttpRequest("POST", "/v1/chat/completions", {}, BODY)
    scripts = [app.respond(request, Arrival(in_flight=in_flight)).script for _ in range(number)]
    return [measure(take(each)) for each in scripts]


def take(script):
    now, received = 0, []
    for act in script:
        if isinstance(act, Pause):
            now += int(act.seconds * 1e9)
        elif isinstance(act, Send):
            now += 1000
            received.append(Piece(at=Ns(now), data=act.data))
    exchange = Exchange(
        step="main", attempt=1, sent=(), received=tuple(received), end=End(how=Ended.COMPLETE, at=Ns(now)),
        request=Request(method="POST", url="http://e/v1/chat/completions", headers=(), body=BODY, at=Ns(0)),
    )  # fmt: skip
    return Take(exchange=exchange, intended=Ns(0), handed=Ns(0), user=tuple(each.at for each in received))


def test_the_head_of_a_stream_comes_before_its_first_token_or_with_it():
    clean, late = streams(number=1)[0], streams("head-with-first-token", number=1)[0]

    assert clean.ttfb < 1e6
    assert late.ttfb >= FIRST * 1e9
    assert late.ttft == pytest.approx(clean.ttft, rel=0.01)
    assert late.tokens == clean.tokens


@pytest.mark.parametrize(("in_flight", "still"), [(1, False), (8, True)])
def test_streams_stand_still_in_a_crowd_only(in_flight, still):
    clean, crowded = streams(in_flight=in_flight), streams("preempted-in-a-crowd", in_flight=in_flight)
    stalled = [each for each in crowded if any(gap.stalled for gap in each.gaps)]

    assert not any(gap.stalled for each in clean for gap in each.gaps)
    assert bool(stalled) is still
    assert len(stalled) < len(crowded)  # half of them
    assert all(each.tpot > 2 * clean[0].tpot for each in stalled)


def test_each_says_which_figure_tells():
    assert {name: one.changes for name, one in TIMES.items()} == {
        "head-with-first-token": ("ttfb",), "preempted-in-a-crowd": ("itl", "tpot", "stalls"),
    }  # fmt: skip
