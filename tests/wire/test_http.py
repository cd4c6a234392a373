"""HTTP responses from raw bytes: framing, codings, times, and every way in which they go wrong."""

import gzip
import zlib

import h11
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from streams import cut, pieces

from conformance.wire import coding, http

TEXT = b"Hello, world! " * 20
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def parse(*data, method="POST", decoded=False):
    return http.parse(pieces(*data), method=method, decoded=decoded)


def sized(body, *headers):
    lines = b"".join(header + b"\r\n" for header in headers)
    return OK + lines + b"Content-Length: %d\r\n\r\n" % len(body) + body


def chunked(*parts, end=b"0\r\n\r\n"):
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + end


def raw_deflate(data):
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


GOOD = {
    "content-length": (sized(TEXT), TEXT),
    "an empty body": (sized(b""), b""),
    "until the connection closes": (OK + b"\r\n" + TEXT, TEXT),
    "chunked": (CHUNKED + chunked(TEXT, b"a", TEXT), TEXT + b"a" + TEXT),
    "chunk sizes in capitals, with zeros, with extensions": (
        CHUNKED + b'00A;x="y";z\r\n0123456789\r\n000\r\n\r\n',
        b"0123456789",
    ),
    "trailers": (CHUNKED + chunked(b"a", end=b"0\r\nX: 1\r\nY: 2\r\n\r\n"), b"a"),
    "line ends in the data": (CHUNKED + chunked(b"\r\n0\r\n\r\n"), b"\r\n0\r\n\r\n"),
    "gzip": (sized(gzip.compress(TEXT), b"Content-Encoding: gzip"), TEXT),
    "two gzip members": (
        sized(gzip.compress(b"a") + gzip.compress(b"b"), b"Content-Encoding: x-gzip"),
        b"ab",
    ),
    "deflate": (sized(zlib.compress(TEXT), b"Content-Encoding: deflate"), TEXT),
    "gzip in deflate": (
        sized(zlib.compress(gzip.compress(TEXT)), b"Content-Encoding: gzip, deflate"),
        TEXT,
    ),
    "gzip, announced but empty": (sized(b"", b"Content-Encoding: gzip"), b""),
    "identity": (sized(TEXT, b"Content-Encoding: identity"), TEXT),
    "gzip as a transfer coding": (
        OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + chunked(gzip.compress(TEXT)),
        TEXT,
    ),
    "after interim responses": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + sized(TEXT),
        TEXT,
    ),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    "a head alone": (b"HTTP/1.1 200 OK\r\n\r\n", b""),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\n\r\nhi", b"hi"),
    "no reason": (b"HTTP/1.1 200\r\n\r\nhi", b"hi"),
}


@pytest.mark.parametrize(("raw", "body"), GOOD.values(), ids=GOOD)
def test_a_good_response_has_no_flaws(raw, body):
    response = parse(raw)
    assert response.flaws == ()
    assert response.complete
    assert response.body == body


FLAWED = {
    "the body is too short": (
        OK + b"Content-Length: 10\r\n\r\nabc",
        b"abc",
        "the body has 3 of 10 bytes",
    ),
    "two lengths": (
        OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nabcd",
        b"abcd",
        "content-length says 2 and 3",
    ),
    "no length": (OK + b"Content-Length: many\r\n\r\nabc", b"abc", "'many' is no length"),
    "a negative length": (OK + b"Content-Length: -1\r\n\r\nabc", b"abc", "'-1' is no length"),
    "digits that are none": (OK + b"Content-Length: \xb2\r\n\r\nabc", b"abc", "is no length"),
    "an endless length": (
        OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\nabc",
        b"abc",
        "is no length",
    ),
    "no last chunk": (CHUNKED + chunked(b"abc", end=b""), b"abc", "without a last chunk"),
    "no line end behind the last data": (CHUNKED + b"3\r\nabc", b"abc", "without a last chunk"),
    "half a line end behind the data": (CHUNKED + b"3\r\nabc\r", b"abc", "without a last chunk"),
    "half a size line": (CHUNKED + chunked(b"abc", end=b"1"), b"abc", "without a last chunk"),
    "inside a chunk": (
        CHUNKED + chunked(b"abc", end=b"5\r\nde"),
        b"abcde",
        "inside a chunk, after 2 of 5 bytes",
    ),
    "no chunk size": (CHUNKED + b"hello\r\nabc\r\n", b"", "begins no chunk size line: b'hello"),
    "a size that is negative": (CHUNKED + b"-1\r\nabc\r\n", b"", "begins no chunk size line"),
    "a size beyond all bodies": (CHUNKED + b"f" * 17 + b"\r\nabc\r\n", b"", "begins no chunk size"),
    "plain text where chunks should be": (CHUNKED + TEXT, b"", "begins no chunk size line"),
    "a chunk larger than its size": (
        CHUNKED + b"2\r\nabc\r\n0\r\n\r\n",
        b"ab",
        "is not followed by a line end",
    ),
    "gzip cut off": (
        sized(gzip.compress(TEXT)[:-9], b"Content-Encoding: gzip"),
        TEXT,
        "the gzip data is cut off",
    ),
    "no gzip at all": (sized(TEXT, b"Content-Encoding: gzip"), b"", "the gzip data is corrupt"),
    "gzip with a wrong check sum": (
        sized(gzip.compress(TEXT)[:-8] + b"\0" * 8, b"Content-Encoding: gzip"),
        TEXT,
        "the gzip data is corrupt",
    ),
}


@pytest.mark.parametrize(("raw", "body", "flaw"), FLAWED.values(), ids=FLAWED)
def test_what_is_wrong_and_leaves_the_body_in_doubt_is_said(raw, body, flaw):
    response = parse(raw)
    assert not response.complete
    assert response.body == body
    (said,) = response.flaws
    assert flaw in said


BLEMISHED = {
    "garbage before": (b"\r\nnoise\r\n" + sized(TEXT), TEXT, "9 bytes before the status line"),
    "bytes behind": (sized(TEXT) + b"more", TEXT, "4 bytes after the end of the body"),
    "bytes behind chunks": (CHUNKED + chunked(TEXT) + b"x", TEXT, "1 bytes after the end"),
    "a body where none may be": (b"HTTP/1.1 204 No\r\n\r\nabc", b"", "3 bytes after the end"),
    "LF alone in the head": (b"HTTP/1.1 200 OK\nA: b\n\nabc", b"abc", "LF alone"),
    "LF alone in the framing": (
        CHUNKED + b"3\nabc\n0\n\n",
        b"abc",
        "chunk framing lines end with LF alone",
    ),
    "a folded header": (OK + b"A: b\r\n  c\r\n\r\nabc", b"abc", "header 'A' is folded"),
    "a header without a name": (OK + b"nonsense\r\n\r\nabc", b"abc", "without a name: 'nonsense'"),
    "white space first": (OK + b" A: b\r\n\r\nabc", b"abc", "begins with white space"),
    "white space before the colon": (OK + b"A : b\r\n\r\nabc", b"abc", "before the colon"),
    "a NUL in a header": (OK + b"A: b\0\r\n\r\nabc", b"abc", "a control character in header 'A'"),
    "the same length twice": (
        OK + b"Content-Length: 3\r\ncontent-length: 3\r\n\r\nabc",
        b"abc",
        "content-length is said twice",
    ),
    "the same length in one line": (
        OK + b"Content-Length: 3, 3\r\n\r\nabc",
        b"abc",
        "content-length is said twice",
    ),
    "both framings": (
        OK + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"abc"),
        b"abc",
        "both transfer-encoding and content-length",
    ),
    "chunked in HTTP/1.0": (
        b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"abc"),
        b"abc",
        "in an HTTP/1.0 response",
    ),
    "not chunked in the end": (
        OK + b"Transfer-Encoding: chunked, identity\r\n\r\nabc",
        b"abc",
        "the last transfer-encoding is 'identity'",
    ),
    "no blank line at the end": (
        CHUNKED + chunked(b"abc", end=b"0\r\n"),
        b"abc",
        "no blank line after the last chunk",
    ),
    "a trailer without a name": (
        CHUNKED + chunked(b"abc", end=b"0\r\nnonsense\r\n\r\n"),
        b"abc",
        "a trailer line without a name",
    ),
    "deflate without its header": (
        sized(raw_deflate(TEXT), b"Content-Encoding: deflate"),
        TEXT,
        "deflate data without the zlib header",
    ),
    "garbage after gzip": (
        sized(gzip.compress(TEXT) + b"garbage", b"Content-Encoding: gzip"),
        TEXT,
        "bytes after the end of the gzip data",
    ),
    "a coding from elsewhere": (
        sized(b"xyz", b"Content-Encoding: br"),
        b"xyz",
        "coding 'br' can't be undone here",
    ),
}


@pytest.mark.parametrize(("raw", "body", "flaw"), BLEMISHED.values(), ids=BLEMISHED)
def test_what_is_wrong_but_leaves_no_doubt_is_said_too(raw, body, flaw):
    response = parse(raw)
    assert response.complete
    assert response.body == body
    (said,) = response.flaws
    assert flaw in said


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200",
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"<html>not HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"\x16\x03\x01\x00\x00",
    ],
)
def test_without_a_complete_head_there_is_no_response(raw):
    assert parse(raw) is None


def test_the_head_is_kept_as_written():
    raw = b"HTTP/1.1 404 Nicht gefunden\r\nX-Tr\xe4ce:  \t caf\xe9 \r\nx-trace: 2\r\nEmpty:\r\n\r\n"
    response = parse(raw)
    assert (response.version, response.status, response.reason) == (
        "HTTP/1.1",
        404,
        "Nicht gefunden",
    )
    assert response.headers == (("X-Träce", "café"), ("x-trace", "2"), ("Empty", ""))
    assert response.header("EMPTY") == ""
    assert response.header("X-TRACE") == "2"
    assert response.header("none") is None


def test_lines_that_are_no_headers_are_left_out_and_folded_ones_joined():
    response = parse(OK + b" x\r\nnonsense\r\n: y\r\nA : b\r\n  c\r\n\td\r\nE: f\r\n\r\n")
    assert response.headers == (("A", "b c d"), ("E", "f"))
    assert len(response.flaws) == 5


def test_a_switched_protocol_is_a_final_answer():
    assert parse(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n").status == 101


def test_an_answer_to_head_has_no_body():
    response = parse(OK + b"Content-Length: 10\r\n\r\n", method="HEAD")
    assert (response.body, response.complete, response.flaws) == (b"", True, ())


def test_a_body_that_was_decoded_before_is_taken_as_it_stands():
    raw = OK + b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n" + TEXT
    response = parse(raw[:90], raw[90:], decoded=True)
    assert (response.body, response.complete, response.flaws) == (TEXT, True, ())


def test_pieces_of_the_body_have_the_times_of_the_raw_pieces_they_came_in():
    response = parse(CHUNKED, b"3\r\nab", b"c\r", b"\n1\r\nd\r\n2\r\ne", b"f\r\n0\r\n", b"\r\n")
    assert [(piece.at, piece.data) for piece in response.pieces] == [
        (1, b"ab"),
        (2, b"c"),
        (3, b"de"),
        (4, b"f"),
    ]
    assert response.head_at == 0


def test_the_head_has_the_time_of_its_last_byte():
    assert parse(b"HTTP/1.1 200 OK\r\n", b"\r", b"\nbody").head_at == 2
    assert parse(b"HTTP/1.1 200 OK\r\n", b"\r\n", b"body").head_at == 1


def test_decompressed_bytes_have_the_time_of_the_piece_that_completed_them():
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    first = packer.compress(b"first") + packer.flush(zlib.Z_SYNC_FLUSH)
    second = packer.compress(b"second") + packer.flush()
    head = OK + b"Content-Encoding: gzip\r\n\r\n"
    response = parse(head, first[:5], first[5:], second)
    assert [(piece.at, piece.data) for piece in response.pieces] == [(2, b"first"), (3, b"second")]


def test_a_decompression_bomb_ends_at_the_limit():
    bomb = gzip.compress(b"\0" * 1_000_000)
    headers = (("Content-Encoding", "gzip"),)
    plain = coding.undo(pieces(bomb[:500], bomb[500:]), headers, most=10_000)
    assert sum(len(piece.data) for piece in plain.pieces) == 10_000
    assert not plain.complete
    assert plain.flaws == ("the gzip data grows beyond the limit",)


def test_the_limit_holds_for_all_members_together():
    data = b"".join(gzip.compress(b"\0" * size) for size in (6_000, 3_000, 3_000))
    plain = coding.undo(pieces(data), (("Content-Encoding", "gzip"),), most=10_000)
    assert sum(len(piece.data) for piece in plain.pieces) == 10_000
    assert not plain.complete


def test_nothing_is_read_behind_corrupt_data():
    packed = gzip.compress(b"first") + b"\x1f\x8bnonsense"
    headers = (("Content-Encoding", "gzip"),)
    plain = coding.undo(pieces(packed, gzip.compress(b"second")), headers)
    assert [piece.data for piece in plain.pieces] == [b"first"]
    assert not plain.complete


def test_more_codings_than_anyone_needs_are_left_alone():
    raw = sized(TEXT, b"Content-Encoding: " + b"gzip," * 1000)
    assert parse(raw).flaws == ("1000 codings on one body",)
    assert parse(raw).body == TEXT


def test_a_head_full_of_nonsense_is_not_answered_with_as_many_words():
    raw = OK + b"".join(b"nonsense %d\r\n" % number for number in range(100_000)) + b"\r\n"
    assert len(parse(raw).flaws) == 41
    assert parse(raw).flaws[-1] == "and more"


HOSTILE_HEADS = {
    "spaces behind the status": b"HTTP/1.1 200" + b" " * 1_000_000,
    "line ends that are none": b"HTTP/1.1 200 OK" + b"\r" * 1_000_000,
    "beginnings": b"HTTP/1.1\n" * 100_000,
    "folds": OK + b"A: b\r\n" + b" c\r\n" * 100_000 + b"\r\n",
    "interim responses": b"HTTP/1.1 100 Continue\r\n\r\n" * 50_000,
}


@pytest.mark.parametrize("raw", HOSTILE_HEADS.values(), ids=HOSTILE_HEADS)
def test_hostile_heads_take_linear_time(raw):
    response = parse(raw)  # quadratic, it would run for hours
    assert response is None or response.flaws


@pytest.mark.parametrize(
    ("media_type", "body", "expected"),
    [
        (b"text/event-stream", b"", True),
        (b"Text/Event-Stream; charset=utf-8", b'{"a": 1}', True),
        (b"application/json", b'{"a": 1}', False),
        (b"application/json", b"data: {}\n\n", True),
        (b"application/json", b"\xef\xbb\xbf\r\n : ping\n\n", True),
        (b"text/plain", b"event: x\n\n", True),
        (b"text/plain", b"database: x\n\n", False),
        (b"text/html", b"<html>data: x", False),
    ],
)
def test_an_event_stream_is_known_by_its_type_or_its_first_bytes(media_type, body, expected):
    assert parse(sized(body, b"Content-Type: " + media_type)).is_event_stream is expected


def test_a_response_without_content_type_has_no_media_type():
    assert parse(sized(b"")).media_type == ""


EVERY = [raw for table in (GOOD, FLAWED, BLEMISHED) for raw, *_ in table.values()]


@given(st.sampled_from(EVERY), st.lists(st.integers(0, 700)))
@example(EVERY[3], list(range(700)))
def test_any_cut_of_the_bytes_gives_the_same_response(raw, places):
    whole = parse(raw)
    response = http.parse(cut(raw, places), method="POST", decoded=False)
    assert response.body == whole.body
    assert (response.headers, response.status) == (whole.headers, whole.status)
    assert (response.complete, response.flaws) == (whole.complete, whole.flaws)


@given(st.sampled_from(EVERY), st.integers(0, 700), st.lists(st.integers(0, 700)))
def test_a_response_cut_short_gives_a_beginning_of_its_body(raw, length, places):
    whole = parse(raw)
    response = http.parse(cut(raw[:length], places), method="POST", decoded=False)
    if response is not None:
        assert whole.body.startswith(response.body)


MUDDLE = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n",
        b"Content-Length: 5\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"\r\n",
        b"\n",
        b"\r",
        b":",
        b" ",
        b"5\r\nabcde\r\n",
        b"0\r\n\r\n",
        b"Content-Encoding: gzip\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"ffffffff\r\n",
        gzip.compress(b"x"),
        b"\x00",
        b"\xff",
        b"A",
    ]
)


@given(
    st.lists(st.one_of(MUDDLE, MUDDLE, st.binary(max_size=5))).map(b"".join),
    st.lists(st.integers(0, 200)),
    st.sampled_from(["POST", "HEAD"]),
    st.booleans(),
)
def test_no_bytes_make_it_raise(raw, places, method, decoded):
    response = http.parse(cut(raw, places), method=method, decoded=decoded)
    assert response is None or len(response.body) == sum(len(one.data) for one in response.pieces)


@given(st.lists(st.binary(min_size=1, max_size=30)), st.lists(st.integers(0, 200)))
def test_a_strict_reader_finds_the_same_body_in_good_chunks(parts, places):
    raw = CHUNKED + chunked(*parts)
    theirs = h11.Connection(h11.CLIENT)
    theirs.send(h11.Request(method="POST", target="/", headers=[("Host", "x")]))
    theirs.send(h11.EndOfMessage())
    theirs.receive_data(raw)
    body = b""
    while not isinstance(one := theirs.next_event(), h11.EndOfMessage):
        body += bytes(one.data) if isinstance(one, h11.Data) else b""
    response = http.parse(cut(raw, places), method="POST", decoded=False)
    assert (response.body, response.complete, response.flaws) == (body, True, ())


def test_a_hundred_thousand_small_chunks_are_read_in_linear_time():
    raw = CHUNKED + chunked(*[b"data: x\n\n"] * 100_000)
    arrived = cut(raw, range(0, len(raw), 1000))
    assert len(http.parse(arrived, method="POST", decoded=False).body) == 900_000
