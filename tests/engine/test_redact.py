"""Keys are overwritten wherever they show, and nothing else changes."""

import base64
import gzip
import itertools
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import answer, chunked, joined

from conformance.engine.redact import Redactor
from conformance.wire.exchange import End, Ended, Exchange, Request
from conformance.wire.piece import Ns, Piece

KEY = 'sk-Ab/9+~ü"x'
PLAIN = "topsecretkey"


def exchange(
    received,
    *,
    sent=b"POST /x HTTP/1.1\r\n\r\n",
    url="http://h/x",
    headers=(),
    body=b"",
    cuts=(),
    detail="",
):
    edges = [0, *sorted(cuts), len(received)]
    pieces = tuple(
        Piece(at=Ns(10 + n), data=received[start:end])
        for n, (start, end) in enumerate(itertools.pairwise(edges))
    )
    return Exchange(
        step="main",
        attempt=1,
        request=Request(method="POST", url=url, headers=tuple(headers), body=body, at=Ns(1)),
        sent=(Piece(at=Ns(2), data=sent),),
        received=pieces,
        end=End(how=Ended.COMPLETE, at=Ns(99), detail=detail),
    )


@pytest.mark.parametrize(
    "form",
    [
        KEY.encode(),
        quote(KEY, safe="").encode(),
        quote(KEY, safe="").lower().replace("sk-ab", "sk-Ab").encode(),
        json.dumps(KEY)[1:-1].encode(),
        json.dumps(KEY, ensure_ascii=False)[1:-1].encode(),
        json.dumps(KEY)[1:-1].replace("/", "\\/").encode(),
        base64.b64encode(KEY.encode()).rstrip(b"="),
        base64.urlsafe_b64encode(KEY.encode()).rstrip(b"="),
    ],
)
def test_every_way_to_write_a_key_is_overwritten_with_the_same_length(form):
    raw = answer(b"<" + form + b"> and <" + form + b">")
    one = Redactor({"KEY": KEY}).exchange(exchange(raw))

    assert joined(one.received) == raw.replace(form, b"*" * len(form))
    assert [(each.side, each.length, each.key) for each in one.redactions] == [
        ("received", len(form), "KEY")
    ] * 2
    assert joined(one.received)[one.redactions[0].offset :].startswith(b"*" * len(form))


@pytest.mark.parametrize("before", ["", "u", "us", "usr", "user:"])
@pytest.mark.parametrize("behind", ["", "x", "xy"])
def test_a_key_within_base64_is_found_whatever_stands_around_it(before, behind):
    hidden = base64.b64encode(f"{before}{PLAIN}{behind}".encode())
    one = Redactor({"KEY": PLAIN}).exchange(exchange(answer(hidden)))
    shown = joined(one.received).partition(b"\r\n\r\n")[2]

    assert PLAIN[1:-1].encode() not in base64.b64decode(shown.replace(b"*", b"A"))
    assert len(shown) == len(hidden)
    assert shown.count(b"*") >= len(PLAIN)


@given(st.lists(st.integers(0, 90), max_size=6))
def test_pieces_keep_their_sizes_and_times_wherever_they_are_cut(cuts):
    raw = answer(b"a " + PLAIN.encode() + b" b")
    before = exchange(raw, cuts=[min(cut, len(raw)) for cut in cuts])
    after = Redactor({"KEY": PLAIN}).exchange(before)

    assert [(len(piece.data), piece.at, piece.stamp) for piece in after.received] == [
        (len(piece.data), piece.at, piece.stamp) for piece in before.received
    ]
    assert joined(after.received) == raw.replace(PLAIN.encode(), b"*" * 12)


def test_the_request_is_redacted_in_all_its_parts():
    sent = (
        b"POST /x?key=topsecretkey HTTP/1.1\r\nAuthorization: Bearer topsecretkey\r\n\r\n"
        b'{"user":"topsecretkey"}'
    )
    one = Redactor({"KEY": PLAIN}).exchange(
        exchange(
            answer(),
            sent=sent,
            url="http://h/x?key=topsecretkey",
            headers=[("Authorization", "Bearer topsecretkey")],
            body=b'{"user":"topsecretkey"}',
            detail="topsecretkey?",
        )
    )

    assert joined(one.sent) == sent.replace(PLAIN.encode(), b"*" * 12)
    assert (one.request.url, one.request.headers[0][1]) == (
        "http://h/x?key=************",
        "Bearer ************",
    )
    assert one.request.body == b'{"user":"************"}'
    assert one.end.detail == "************?"
    assert [each.side for each in one.redactions] == ["sent"] * 3


def test_a_key_cut_in_two_by_chunk_framing_leads_to_the_decoded_body():
    raw = chunked(b"the key: topse", b"cretkey.")
    one = Redactor({"KEY": PLAIN}).exchange(exchange(raw, cuts=[raw.index(b"\r\n8\r\n")]))

    assert one.decoded
    assert joined(one.received).endswith(b"\r\n\r\nthe key: ************.")
    assert one.response.body == b"the key: ************."
    assert [piece.at for piece in one.response.pieces] == [Ns(10), Ns(11)]
    assert one.redactions[0].offset == joined(one.received).index(b"*")


def test_a_key_under_compression_leads_to_the_decoded_body():
    raw = answer(gzip.compress(b"the key: topsecretkey."), headers=["Content-Encoding: gzip"])
    one = Redactor({"KEY": PLAIN}).exchange(exchange(raw))

    assert (one.decoded, one.response.body) == (True, b"the key: ************.")


@pytest.mark.parametrize(
    "raw",
    [
        answer(gzip.compress(b"nothing"), headers=["Content-Encoding: gzip"]),
        chunked(b"nothing ", b"here"),
        chunked(b"whole: topsecretkey", b"."),
        b"no HTTP at all: topsecretkey",
        b"",
    ],
)
def test_encoded_bytes_are_kept_where_they_hide_no_key(raw):
    one = Redactor({"KEY": PLAIN}).exchange(exchange(raw))

    assert (one.decoded, joined(one.received)) == (False, raw.replace(PLAIN.encode(), b"*" * 12))


def test_the_longest_of_two_keys_is_overwritten_whole():
    one = Redactor({"SHORT": "abcd", "LONG": "abcdefgh"}).exchange(
        exchange(answer(b"abcdefgh abcd"))
    )

    assert [each.key for each in one.redactions] == ["LONG", "SHORT"]


@pytest.mark.parametrize("secrets", [{}, {"KEY": ""}, {"KEY": "abc"}])
def test_without_keys_nothing_is_touched(secrets):
    before = exchange(answer(b"abc"))

    assert Redactor(secrets).exchange(before) is before
    assert Redactor(secrets).text("abc") == "abc"


@given(st.binary(max_size=200), st.booleans())
def test_no_bytes_break_it_and_no_key_survives(noise, framed):
    raw = chunked(noise, PLAIN.encode(), noise) if framed else noise + PLAIN.encode() + noise
    one = Redactor({"KEY": PLAIN}).exchange(exchange(raw))

    assert PLAIN.encode() not in joined(one.received)
    assert len(joined(one.received)) == len(raw) or one.decoded
