"""The end of a response, noticed on the way, is the end that the parser finds in the whole."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from conformance.engine.instrument.over import Ending
from conformance.wire import framing, head

BODIES = st.lists(
    st.one_of(
        st.binary(min_size=1, max_size=40),
        st.sampled_from([b"data: 1\n\n", b"data: 2\r\n\r\n", b"\r\n", b"\n\n\r\n", b"0\r\n\r\n"]),
    ),
    max_size=6,
)
CUTS = st.lists(st.integers(0, 400), max_size=8)


def chunked(parts, trailer):
    framed = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + framed + b"0\r\n" + trailer + b"\r\n"


def fed(raw, cuts, *, keep):
    """Fed in pieces; how many bytes it took to be over, and what was unframed."""
    ending = Ending("POST", keep=keep)
    edges = sorted({0, len(raw), *(cut for cut in cuts if cut < len(raw))})
    for start, end in itertools.pairwise(edges):
        assert not ending.over
        ending.feed(raw[start:end])
    return ending


@given(BODIES, st.sampled_from([b"", b"X: 1\r\n"]), CUTS, st.booleans())
def test_a_chunked_body_is_over_with_its_last_byte_however_it_comes(parts, trailer, cuts, keep):
    raw = chunked(parts, trailer)
    first = head.read(raw)
    body = framing.find(raw, first, "POST")
    ending = fed(raw, cuts, keep=keep)

    assert (ending.over, ending.left_over, body.complete, body.flaws) == (True, False, True, ())
    assert ending.reusable
    if keep:
        assert b"".join(ending.body) == b"".join(raw[start:end] for start, end in body.spans)


@given(BODIES, st.sampled_from([b"", b"X: 1\r\n"]), CUTS, st.data())
def test_a_chunked_body_is_never_over_before(parts, trailer, cuts, data):
    raw = chunked(parts, trailer)
    short = data.draw(st.integers(0, len(raw) - 1))

    assert not fed(raw[:short], cuts, keep=False).over
    assert not fed(raw[:short], cuts, keep=False).closed()
