"""What came in several segments and was read as one: whose time is known all the same."""

import json

import pytest
from test_instrument import HEAD, LAST, Peer, Stall, linux, take, within

from conformance.latency.reading import measure

pytestmark = linux


def says(end=b"\n\n", **delta):
    text = b"data: " + json.dumps({"choices": [{"index": 0, "delta": delta}]}).encode() + end
    return b"%x\r\n%s\r\n" % (len(text), text)


ROLE, FIRST, SECOND, FINISH = says(role="assistant", content=""), says(content="a"), says(content="b"), says()
CRLF = says(end=b"\r\n\r\n", content="a")
PING = b"8\r\n: ping\n\n\r\n"


@pytest.mark.parametrize(
    ("together", "known"),
    [
        ([ROLE, FIRST], True),
        ([ROLE, FINISH, FIRST], True),
        ([ROLE, FIRST[:20], FIRST[20:]], True),
        ([PING, ROLE, FIRST], False),  # where comments stand is not kept
        ([ROLE, CRLF], True),
        ([FIRST, SECOND], False),
        ([FIRST, SECOND[:20]], False),
        ([FIRST, FINISH], False),
        ([ROLE, FIRST, SECOND], False),
        ([ROLE, FIRST, SECOND[:20]], False),
        ([ROLE, FIRST, PING], False),
        ([ROLE, FIRST, b"8\r\n: pi"], False),
        ([ROLE, CRLF, LAST], False),
    ],
)
def test_the_time_of_the_only_token_is_known_where_all_ends_with_it(together, known):
    stall = Stall()
    rest = {SECOND[:20]: [SECOND[20:]], b"8\r\n: pi": [b"ng\n\n\r\n"]}.get(together[-1], [])
    end = [] if together[-1] == LAST else [SECOND, LAST]
    parts = [act for part in together for act in (part, 0.01)]
    with Peer(HEAD, stall.wait, *parts, stall.end, 0.2, *rest, *end) as peer:
        heard = take(peer, meanwhile=stall)
    one = measure(heard)

    assert one.arrivals[0].doubtful is not known
    if known:
        assert within(one.arrivals[0].at, peer.wrote[len(together)])  # HEAD was the first
