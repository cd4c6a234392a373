"""Whatever comes in place of a streamed response, no check raises."""

import json

import pytest
from build import DONE, DROP, edited
from build_replies import ASKING, CALLING, CAPPED, FAILS, HELLO, REFUSAL, THINKS, reply
from test_hostile import BYTES, ODD, places, survives

from conformance.wire.exchange import Ended

EVENTS = [*HELLO[:-1], *CALLING[2:-1], *REFUSAL[2:-1], *THINKS, CAPPED[-1], FAILS, HELLO[-1]]


@pytest.mark.parametrize(
    "value", ODD, ids=lambda value: "nothing" if value is DROP else json.dumps(value)[:12]
)
def test_any_member_of_an_event_may_be_anything(value):
    for number, one in enumerate(EVENTS):
        for place in ["", *places(one)]:
            if place or value is not DROP:
                events = [*EVENTS[:number], edited(one, {place: value}), *EVENTS[number + 1 :]]
                survives(reply(*events, count=False))


@pytest.mark.parametrize("data", BYTES, ids=lambda data: repr(data[:16]))
def test_any_bytes_may_come_in_between(data):
    for end in (Ended.COMPLETE, Ended.RESET):
        survives(reply(*HELLO[:4], data, *HELLO[4:], done=DONE, end=end))
        survives(reply(data, end=end))


@pytest.mark.parametrize("end", list(Ended), ids=str)
def test_any_reply_may_end_anyhow(end):
    for cut in (1, 40, 400):
        survives(reply(*EVENTS, end=end, cut=cut))


@pytest.mark.parametrize("value", [None, [], 7, "x", True, {"include_obfuscation": []}])
def test_any_member_of_a_request_may_be_anything(value):
    for name in [*ASKING, "stream_options", "tools"]:
        survives(reply(*HELLO, asked={name: value} if name != "stream" else {}))


def test_long_streams_are_judged_in_passing():
    survives(reply(*HELLO[:4], *[HELLO[4]] * 3000, *HELLO[5:]))
    wide = [edited(HELLO[2], {"output_index": n, "item.id": f"m{n}"}) for n in range(3000)]
    survives(reply(*HELLO[:2], *wide, HELLO[-1]))
