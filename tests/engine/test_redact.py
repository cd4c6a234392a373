"""Keys are overwritten wherever they show, and nothing else changes."""

import base64
import gzip
import itertools
import json
from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import answer, chunked, joined

from conformance.engine.redact import Redactor
from conformance.wire.exchange import Cut, End, Ended, Exchange, Request
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
    how=Ended.COMPLETE,
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
        end=End(how=how, at=Ns(99), detail=detail),
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


@pytest.mark.parametrize("extension", [b"", b";a=b", b";x=" + b"y" * 300, b";x=" + b"y" * 9000])
def test_a_key_cut_in_two_by_chunk_framing_is_overwritten_where_its_parts_stand(extension):
    raw = chunked(b"the key: topse", b"cretkey.").replace(b"\r\n8\r\n", b"\r\n8%s\r\n" % extension)
    one = Redactor({"KEY": PLAIN}).exchange(exchange(raw, cuts=[raw.index(b"\r\n8")]))

    assert not one.decoded
    assert joined(one.received) == raw.replace(b"topse", b"*" * 5).replace(b"cretkey", b"*" * 7)
    assert [(each.length, each.key) for each in one.redactions] == [(5, "KEY"), (7, "KEY")]
    assert [piece.at for piece in one.received] == [Ns(10), Ns(11)]


WRITTEN = {
    "as it stands": KEY,
    "every character as JSON escapes it": "".join(f"\\u{ord(each):04X}" for each in KEY),
    "in lower case": "".join(f"\\u{ord(each):04x}" for each in KEY),
    "JSON within JSON": json.dumps(json.dumps(KEY)),
    "as Python shows bytes": "".join(f"\\x{ord(each):02x}" for each in KEY),
    "slashes escaped": json.dumps(KEY).replace("/", "\\/"),
    "one character only": KEY.replace("+", "\\u002B"),
    "percent, in mixed case": quote(KEY, safe="").replace("%2B", "%2b"),
    "percent, all": "".join(f"%{byte:02x}" for byte in KEY.encode()),
    "percent, twice": quote(quote(KEY, safe=""), safe=""),
    "base64 within JSON": base64.b64encode(KEY.encode()).decode().rstrip("=").replace("/", "\\/"),
    "base64 in a query": quote(base64.b64encode(b"u:" + KEY.encode()).decode(), safe=""),
}


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_each_character_of_a_key_may_be_written_in_its_own_way(written):
    raw = answer(b'{"error": "' + written.encode() + b'"}')
    one = Redactor({"KEY": KEY}).exchange(exchange(raw))
    shown = joined(one.received).partition(b'": "')[2]

    assert len(joined(one.received)) == len(raw)
    assert not {chr(byte) for byte in shown} & set("Ab9~x"), shown


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
@pytest.mark.parametrize("dress", [bytes, lambda raw: base64.b64encode(b"user:" + raw)])
def test_a_password_is_found_in_either_encoding(encoding, dress):
    password = "geheim-ß-wörtlich"
    raw = answer(b"<" + dress(password.encode(encoding)) + b">")
    one = Redactor({"proxy password": password}).exchange(exchange(raw))

    assert [each.key for each in one.redactions] == ["proxy password"]
    assert one.redactions[0].length > 20 - 4


@pytest.mark.parametrize("value", ["日本", "ä", "日本 topsecretkey"])
def test_headers_of_any_text_are_kept_as_they_were(value):
    one = Redactor({"KEY": PLAIN}).exchange(exchange(answer(), headers=[("X-Note", value)]))

    assert one.request.headers == (("X-Note", value.replace(PLAIN, "*" * 12)),)


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b"echo: topsecre", b"echo: "),
        (b"echo: topsecretke", b"echo: "),
        (b"echo: topsecr\\u0065tk", b"echo: "),
        (b"echo: topsecre\\u00", b"echo: "),
        (b"echo: topsecre%7", b"echo: "),
        (b"echo: topsecr", b"echo: topsecr"),
        (b"topsecre there", b"topsecre there"),
    ],
)
@pytest.mark.parametrize("end", [Ended.TOO_LARGE, Ended.CLOSED])
def test_the_beginning_of_a_key_at_the_end_of_a_body_that_was_cut_is_overwritten(body, kept, end):
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    one = Redactor({"KEY": PLAIN}).exchange(exchange(head + body, how=end))

    assert joined(one.received) == head + kept + b"*" * (len(body) - len(kept))


def deltas(*texts, member="content"):
    """A stream whose deltas are these."""
    lines = []
    for number, text in enumerate(texts):
        index, words = text if isinstance(text, tuple) else (0, text)
        delta = {"content": words}
        if member == "arguments":
            delta = {"tool_calls": [{"index": 0, "function": {"arguments": words}}]}
        chunk = {"id": f"c{number}", "choices": [{"index": index, "delta": delta}]}
        lines.append(b"data: " + json.dumps(chunk).encode() + b"\n\n")
    return lines


@pytest.mark.parametrize("member", ["content", "arguments"])
@pytest.mark.parametrize(
    "texts",
    [
        ["the key: topse", "cretkey."],
        list(PLAIN),
        ["top", "sec", "", "retkey and topsecret", "key"],
        ["topsec", (1, "other"), "retkey"],
        [(1, "topsec"), (0, "topsec"), (1, "retkey"), (0, "retkey")],
    ],
)
@pytest.mark.parametrize("framed", [True, False])
def test_a_key_split_over_deltas_is_overwritten_in_each(texts, member, framed):
    lines = deltas(*texts, member=member)
    headers = ["Content-Type: text/event-stream"]
    raw = chunked(*lines, headers=headers) if framed else answer(b"".join(lines), headers=headers)
    one = Redactor({"KEY": PLAIN}).exchange(exchange(raw))
    told = json.dumps([(each.content, str(each.tool_calls)) for each in one.answer.choices])

    assert (len(joined(one.received)), one.decoded) == (len(raw), False)
    assert "*" * 12 in told
    assert PLAIN not in told
    assert "other" in told or not any("other" in each for each in texts)


def test_a_key_split_over_deltas_under_compression_leads_to_the_decoded_body():
    raw = answer(
        gzip.compress(b"".join(deltas("topse", "cretkey")), mtime=0),
        headers=["Content-Encoding: gzip", "Content-Type: text/event-stream"],
    )
    one = Redactor({"KEY": PLAIN}).exchange(exchange(raw))

    assert (one.decoded, one.answer.choices[0].content) == (True, "*" * 12)


def test_the_beginning_of_a_key_in_the_last_deltas_of_a_stream_that_was_cut_is_overwritten():
    raw = b"HTTP/1.1 200 OK\r\n\r\n" + b"".join(deltas("the topsec", "ret"))[:-6]
    one = Redactor({"KEY": PLAIN}).exchange(exchange(raw, how=Ended.TOO_LARGE))

    assert b"topsec" not in joined(one.received)


def test_a_key_under_compression_leads_to_the_decoded_body():
    raw = answer(gzip.compress(b"the key: topsecretkey."), headers=["Content-Encoding: gzip"])
    one = Redactor({"KEY": PLAIN}).exchange(exchange(raw))

    assert (one.decoded, one.response.body) == (True, b"the key: ************.")


@pytest.mark.parametrize(
    "raw",
    [
        answer(gzip.compress(b"nothing", mtime=0), headers=["Content-Encoding: gzip"]),
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


@pytest.mark.parametrize(("body", "digest"), [(b"nothing", "d" * 64), (b"a topsecretkey", "")])
def test_the_digest_of_bytes_that_held_a_key_is_not_kept(body, digest):
    before = exchange(answer(body), how=Ended.TOO_LARGE)
    before = replace(before, end=replace(before.end, cut=Cut(size=9, sha256="d" * 64)))

    assert Redactor({"KEY": PLAIN}).exchange(before).end.cut == Cut(size=9, sha256=digest)
