"""TRANS and AUTH: what holds for the HTTP of an exchange, whatever it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks import select
from conformance.checks.core import Problem, check
from conformance.checks.facts import ERROR, EXCUSED, Facts, facts
from conformance.checks.paths import POSTED
from conformance.checks.show import shown
from conformance.checks.statuses import KEY_HEADERS
from conformance.wire import jsontext
from conformance.wire.exchange import Ended, Exchange

_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|us|µs|ns|s|m|h|d))+|0")
_COUNT = re.compile(r"-?\d+")
_OF_CODING = re.compile(r"\b(?:gzip|deflate) data\b|^coding ")
_FLUSH = b"\x00\x00\xff\xff"
"""What a deflate stream holds wherever it was flushed."""
_SEVERAL = 8
_FEW = 2
_GZIP_MAGIC = b"\x1f\x8b"
_REDIRECTS = range(300, 400)
_NOT_MODIFIED = 304
_NOT_STRICT = (
    "NaN",
    "Infinity",
    "-Infinity",
    "byte order mark",
    "not UTF-8",
    "not JSON",
    "raw control character",
    "text after the value",
    "empty",
)


@check("TRANS-005", over=select.at_once, always=True)
def one_json_value(one: Facts) -> Iterator[Problem]:
    """A success that is not streamed is one JSON value under a JSON media type."""
    assert one.response is not None
    media_type = one.response.media_type
    if not media_type.endswith("json"):
        yield Problem(
            message=f"media type {shown(media_type)}, wanted one that ends in json",
            at="content-type",
        )
    if one.broken_off:
        yield Problem(message=f"the body breaks off: {one.broken_by}")
    elif not one.exchange.document.ok:
        flaw = one.exchange.document.flaws[-1]
        yield Problem(message=f"the body is not one JSON value: {flaw}")


@check("TRANS-006", over=select.successes, always=True)
def plain_json_type(one: Facts) -> Iterator[Problem]:
    """JSON comes as `application/json`."""
    assert one.response is not None
    if one.response.media_type != "application/json":
        seen = shown(one.response.media_type)
        yield Problem(message=f"media type {seen}, wanted application/json", at="content-type")


@check("TRANS-007", over=select.flows, always=True)
def stream_type(one: Facts) -> Iterator[Problem]:
    """A stream comes as `text/event-stream`."""
    yield from _event_stream(one)


@check("SSE-019", over=select.flows, always=True)
def stream_type_for_browsers(one: Facts) -> Iterator[Problem]:
    """A stream is labelled so that `EventSource` and other generic clients read it."""
    yield from _event_stream(one)


def _event_stream(one: Facts) -> Iterator[Problem]:
    assert one.response is not None
    if one.response.media_type != "text/event-stream":
        seen = shown(one.response.media_type)
        yield Problem(message=f"media type {seen}, wanted text/event-stream", at="content-type")


def _documents(exchange: Exchange) -> Sequence[Facts]:
    """Whole responses that are JSON, or say that they are."""
    found = facts(exchange)
    if not found.whole or found.response is None or exchange.streamed or not found.response.body:
        return ()
    return (found,) if exchange.document.ok or found.response.media_type.endswith("json") else ()


@check("TRANS-008", over=_documents, always=True)
def strict_json(one: Facts) -> Iterator[Problem]:
    """JSON is strict: UTF-8, no NaN, no contradicting keys, nothing after it."""
    for flaw in one.exchange.document.flaws:
        contradicts = flaw.startswith("duplicate key") and flaw.endswith("different values")
        if contradicts or flaw.startswith(_NOT_STRICT):
            yield Problem(message=f"a strict reader objects: {flaw}")


def _compressible(exchange: Exchange) -> Sequence[Facts]:
    """Responses to requests that accept gzip, with their codings still as they were sent."""
    found = facts(exchange)
    accepted = _sent_header(exchange, "accept-encoding") or ""
    ended = exchange.end.how is Ended.COMPLETE and found.response is not None
    fits = "gzip" in accepted and not exchange.decoded and ended and found.fits
    return (found,) if fits else ()


@check("TRANS-009", over=_compressible, always=True)
def coding_is_told(one: Facts) -> Iterator[Problem]:
    """A body can be decompressed as its headers say."""
    assert one.response is not None
    told = one.response.header("content-encoding")
    if told is None and one.response.body.startswith(_GZIP_MAGIC):
        yield Problem(
            message="the body is gzip, and no Content-Encoding says so", at="content-encoding"
        )
    if told is not None:
        for flaw in one.response.flaws:
            if _OF_CODING.search(flaw):
                yield Problem(
                    message=f"Content-Encoding {shown(told)}: {flaw}", at="content-encoding"
                )


def _compressed_streams(exchange: Exchange) -> Sequence[Facts]:
    """Compressed streams of several events, with their codings still as they were sent."""
    found = facts(exchange)
    if exchange.decoded or not found.complete_stream or len(found.chunks) < _SEVERAL:
        return ()
    assert found.response is not None
    told = (found.response.header("content-encoding") or "identity").lower()
    return (found,) if told != "identity" else ()


@check("TRANS-009", over=_compressed_streams, always=True)
def compressed_stream_is_flushed(one: Facts) -> Iterator[Problem]:
    """A compressed stream is flushed after each event, as its bytes or its arrival show."""
    reads = {each.event.at for each in one.chunks}
    sent = b"".join(piece.data for piece in one.exchange.received)
    flushes = sent.count(_FLUSH) + sent.count(_GZIP_MAGIC) - 1
    if len(reads) <= _FEW and flushes < len(one.chunks) // 2:
        yield Problem(
            message=f"{len(one.chunks)} chunks were compressed as one and came at once",
            at="content-encoding",
        )


@check("TRANS-011", over=select.responses, always=True)
def request_id(one: Facts) -> Iterator[Problem]:
    """Every response names itself in `x-request-id`."""
    assert one.response is not None
    if not (one.response.header("x-request-id") or "").strip():
        yield Problem(message="no x-request-id", at="x-request-id")


def limits_of(exchange: Exchange) -> Sequence[tuple[str, str]]:
    """Headers that tell of rate limits."""
    found = facts(exchange)
    headers = found.response.headers if found.response and found.fits else ()
    names = ("x-ratelimit-limit-", "x-ratelimit-remaining-", "x-ratelimit-reset-")
    ours = ("requests", "tokens")
    return [
        (name.lower(), value)
        for name, value in headers
        if name.lower().startswith(names) and name.lower().endswith(ours)
    ]


@check("TRANS-014", over=limits_of, always=True)
def limits_are_readable(limit: tuple[str, str]) -> Iterator[Problem]:
    """Rate limits are told as numbers, and the time until they are reset as a duration."""
    name, value = limit
    wanted = _DURATION if "-reset-" in name else _COUNT
    if not wanted.fullmatch(value.strip()):
        example = "a duration such as 6m0s" if wanted is _DURATION else "a number"
        yield Problem(message=f"{name} is {shown(value)}, wanted {example}", at=name)


@check("TRANS-015", over=select.posts, always=True)
def no_redirect(one: Facts) -> Iterator[Problem]:
    """A POST is answered where it was sent."""
    assert one.response is not None
    if one.status in _REDIRECTS and one.status != _NOT_MODIFIED:
        target = shown(one.response.header("location"))
        yield Problem(message=f"status {one.status} redirects a POST to {target}", at="location")


def _malformed(exchange: Exchange) -> Sequence[Facts]:
    """Answers to JSON requests whose body is no JSON, in whatever encoding.

    Parsers of several languages read bytes that are no UTF-8 as U+FFFD, and go on.
    """
    found = facts(exchange)
    said = (_sent_header(exchange, "content-type") or "").lower()
    posted = found.fits and found.endpoint in POSTED and found.whole and "json" in said
    if not posted or found.status in EXCUSED or not exchange.request.body:
        return ()
    text = exchange.request.body.decode("utf-8", "replace")
    broken = exchange.request.json is None and not jsontext.read_text(text).ok
    return (found,) if broken else ()


@check("TRANS-023", over=_malformed, always=True)
def malformed_json_is_400(one: Facts) -> Iterator[Problem]:
    """A body that is no JSON is answered with 400 and a standard error object."""
    if one.status != ERROR:
        yield Problem(message=f"status {one.status} for a body that is no JSON, wanted 400")
    elif not _has_error_object(one.exchange.document.value):
        yield Problem(message="status 400, but no standard error object")


def _has_error_object(body: Any) -> bool:
    return isinstance(body, dict) and isinstance(body.get("error"), dict)


def _with_key(exchange: Exchange) -> Sequence[Exchange]:
    """Responses to requests that carried a key."""
    names = {name.lower() for name, _ in exchange.request.headers}
    carried = bool(names & KEY_HEADERS) or bool(exchange.redactions)
    return (exchange,) if carried and exchange.response is not None else ()


@check("AUTH-007", over=_with_key, always=True)
def key_is_not_echoed(exchange: Exchange) -> Iterator[Problem]:
    """No response repeats the key."""
    for redaction in exchange.redactions:
        if redaction.side == "received":
            yield Problem(
                message=f"the response repeats the key ${redaction.key} in full",
                at=f"byte {redaction.offset}",
            )


def _locked_streams(exchange: Exchange) -> Sequence[Facts]:
    """Requests for a stream that were refused for want of a right."""
    found = facts(exchange)
    refused = found.status in {401, 403} and found.whole
    return (found,) if found.fits and exchange.asked_stream and refused else ()


@check("AUTH-008", over=_locked_streams, always=True)
def refusal_of_a_stream_is_plain(one: Facts) -> Iterator[Problem]:
    """A stream that is refused for want of a right is refused as JSON, not as events."""
    if one.exchange.streamed:
        yield Problem(message=f"status {one.status} came as an event stream, wanted plain JSON")
    elif not one.exchange.document.ok:
        yield Problem(message=f"status {one.status} came without a JSON body")


@check("SSE-016", over=select.flows, always=True)
def stream_is_not_cached(one: Facts) -> Iterator[Problem]:
    """A stream tells caches to keep off, and does not claim to know its length."""
    assert one.response is not None
    control = (one.response.header("cache-control") or "").lower()
    if "no-cache" not in control and "no-store" not in control:
        seen = shown(control) if control else "missing"
        yield Problem(message=f"Cache-Control is {seen}, wanted no-cache", at="cache-control")
    if one.response.header("content-length") is not None:
        yield Problem(message="a stream with a Content-Length", at="content-length")


def _sent_header(exchange: Exchange, name: str) -> str | None:
    return next((value for key, value in exchange.request.headers if key.lower() == name), None)
