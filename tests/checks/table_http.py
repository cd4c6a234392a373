"""Rows for http.py and the errors of errors.py, and for models.py."""

import gzip
import zlib

from build import (
    ASKED,
    DONE,
    DROP,
    ERROR,
    HEL,
    HELLO,
    MODEL,
    ROLE,
    STOP,
    bad,
    dumped,
    event,
    exchange,
    failing,
    good,
    hello,
    model,
    models,
    redaction,
    saying,
    spoken,
    stream,
)  # fmt: skip

from conformance.wire.exchange import Ended

GZIP = {"Accept-Encoding": "gzip, deflate"}
KEY = {"Authorization": "Bearer ********", "Content-Type": "application/json"}
MANY = [ROLE, *[HEL] * 10, STOP]


def zipped(data, flushed):
    """Events, compressed one by one or as a whole."""
    packer = zlib.compressobj(wbits=31)
    parts = [
        packer.compress(each) + (packer.flush(zlib.Z_SYNC_FLUSH) if flushed else b"")
        for each in data
    ]
    return b"".join(parts) + packer.flush()


def compressed_stream(*, flushed, apart=False):
    data = [event(each) for each in MANY] + [DONE]
    if apart:
        packer = zlib.compressobj(wbits=31)
        body = [packer.compress(each) + packer.flush(zlib.Z_PARTIAL_FLUSH) for each in data]
        body.append(packer.flush())
    else:
        body = zipped(data, flushed)
    headers = {"Content-Type": "text/event-stream", "Content-Encoding": "gzip"}
    return exchange(body, headers=headers, asked=ASKED | {"stream": True}, sent=GZIP)


def late(value, **known):
    """A stream that fails after its first words."""
    return stream(ROLE, HEL, value, **known)


def texts_failing(*values):
    """A streamed text completion that fails."""
    asked = {"model": "m", "prompt": "1, 2,", "stream": True}
    return stream(*values, asked=asked, path="/completions")


WORDS = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "m", "choices": [{"index": 0, "text": " 3", "finish_reason": None, "logprobs": None}]}


TABLE = {
    "one_json_value": [
        good("application/json", hello()),
        good("a JSON type of another name", hello(headers={"Content-Type": "application/vnd.api+json"})),
        good("white space around it", exchange(b"\n  " + dumped(HELLO) + b"\n")),
        bad("text/plain", hello(headers={"Content-Type": "text/plain"})),
        bad("no content type", hello(headers={"Content-Type": DROP})),
        bad("a page", exchange(b"<html>ok</html>")),
        bad("text after the value", exchange(dumped(HELLO) + b"{}")),
        bad("nothing", exchange(b"")),
        bad("a part of it", hello(cut=9, end=Ended.CLOSED)), bad("a part that is JSON", exchange(b"{}  ", cut=2, end=Ended.RESET)),
        bad("a head that is not HTTP", exchange(dumped(HELLO), end=Ended.GARBLED)),
    ],
    "plain_json_type": [
        good("with a charset", hello(headers={"Content-Type": "application/json; charset=utf-8"})),
        bad("another JSON type", hello(headers={"Content-Type": "application/vnd.api+json"})),
    ],
    "stream_type": [
        good("with a charset", spoken(headers={"Content-Type": "text/event-stream; charset=utf-8"})),
        bad("application/json", spoken(headers={"Content-Type": "application/json"})),
        bad("text/plain", spoken(headers={"Content-Type": "text/plain"})),
    ],
    "stream_type_for_browsers": [
        good("text/event-stream", spoken()),
        bad("application/json", spoken(headers={"Content-Type": "application/json"})),
    ],
    "strict_json": [
        good("plain", hello()),
        good("the same key twice, with one value", exchange(b'{"a": 1, "a": 1}')),
        bad("contradicting keys", exchange(b'{"a": 1, "a": 2}')),
        bad("NaN", exchange(b'{"a": NaN}')),
        bad("a byte order mark", exchange(b"\xef\xbb\xbf{}")),
        bad("not UTF-8", exchange(b'{"a": "\xff"}')),
        bad("called JSON, but a page", exchange(b"<html>")),
        bad("in an error, too", failing(body=b'{"error": {"code": Infinity}}')),
    ],
    "coding_is_told": [
        good("plain", hello(sent=GZIP)),
        good("gzip, and told", exchange(gzip.compress(dumped(HELLO)), headers={"Content-Encoding": "gzip"}, sent=GZIP)),
        bad("gzip, and not told", exchange(gzip.compress(dumped(HELLO)), sent=GZIP)),
        bad("told, but plain", hello(headers={"Content-Encoding": "gzip"}, sent=GZIP)),
        bad("cut off", exchange(gzip.compress(dumped(HELLO))[:-20], headers={"Content-Encoding": "gzip"}, sent=GZIP)),
        bad("a coding that nobody accepts", exchange(b"xyz", headers={"Content-Encoding": "br"}, sent=GZIP)),
    ],
    "compressed_stream_is_flushed": [
        good("flushed after each event, read at once", compressed_stream(flushed=True)),
        good("flushed in another way, read apart", compressed_stream(flushed=False, apart=True)),
        bad("compressed as one", compressed_stream(flushed=False)),
    ],
    "request_id": [
        good("there", hello()),
        good("on an error", failing()),
        bad("missing", hello(headers={"x-request-id": DROP})),
        bad("empty", hello(headers={"x-request-id": " "})),
    ],
    "limits_are_readable": [
        good("durations", hello(headers={"x-ratelimit-reset-tokens": "6m0s"})),
        good("milliseconds", hello(headers={"X-RateLimit-Reset-Requests": "20ms"})),
        good("a fraction", hello(headers={"x-ratelimit-reset-requests": "1.5s"})),
        good("a count", hello(headers={"x-ratelimit-remaining-requests": "59"})),
        bad("a date", hello(headers={"x-ratelimit-reset-requests": "2026-11-22T12:00:00Z"})),
        bad("words", hello(headers={"x-ratelimit-limit-tokens": "unlimited"})),
    ],
    "no_redirect": [
        good("answered", hello()),
        good("refused", failing()),
        bad("moved", exchange(b"", status=307, headers={"Location": "https://elsewhere.example/"})),
        bad("moved for good", exchange(b"", status=301)),
    ],
    "malformed_json_is_400": [
        good("400", failing(status=400, asked=None, raw=b'{"model": ')),
        bad("500", failing(status=500, asked=None, raw=b'{"model": ')),
        bad("served", exchange(dumped(HELLO), asked=None, raw=b"{]")),
        bad("400 without an error object", failing(status=400, asked=None, raw=b"{]", body={"detail": "no"})),
    ],
    "key_is_not_echoed": [
        good("not there", hello(sent=KEY)),
        good("in the request only", hello(sent=KEY, redactions=(redaction("sent"),))),
        bad("in an error", failing(sent=KEY, redactions=(redaction("received"),))),
    ],
    "refusal_of_a_stream_is_plain": [
        good("JSON", failing(status=401, asked=ASKED | {"stream": True})),
        bad("events", exchange(event(ERROR), status=401, headers={"Content-Type": "text/event-stream"},
                               asked=ASKED | {"stream": True})),
        bad("a page", failing(status=403, body=b"<html>", asked=ASKED | {"stream": True})),
    ],
    "stream_is_not_cached": [
        good("no-cache", spoken()),
        good("no-store", spoken(headers={"Cache-Control": "private, no-store"})),
        bad("silent", spoken(headers={"Cache-Control": DROP})),
        bad("may be cached", spoken(headers={"Cache-Control": "max-age=60"})),
        bad("with a length", exchange(event(HEL) + DONE, asked=ASKED | {"stream": True},
                                      headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})),
    ],
    # --- errors ---------------------------------------------------------------------------------
    "error_object_is_standard": [
        good("standard", failing()),
        good("with more members", failing({"error.innererror": {}, "request_id": "r"})),
        bad("flat", failing(body={"object": "error", "message": "no", "type": "x"})),
        bad("a string", failing(body={"error": "no"})),
        bad("a page", failing(body=b"<html>")),
        bad("nothing", failing(body=b"")),
    ],
    "error_comes_whole": [
        good("standard", failing()), good("flat", failing(body={"object": "error", "message": "no"})), good("nothing", failing(body=b"")),
        bad("a byte short", failing(cut=1, end=Ended.CLOSED)), bad("reset", failing(cut=9, end=Ended.RESET)),
    ],
    "error_is_not_of_another_shape": [
        good("standard", failing()),
        bad("flat", failing(body={"object": "error", "message": "no"})),
        bad("detail", failing(body={"detail": "Not Found"})),
        bad("a list", failing(body=[ERROR])),
        bad("plain text", failing(body=b"Not Found")),
    ],
    "error_has_a_message": [
        good("standard", failing()), bad("empty", failing({"error.message": ""})),
        bad("missing", failing({"error.message": DROP})),
    ],
    "error_has_a_type": [
        good("standard", failing()), good("any text", failing({"error.type": "NotFoundError"})),
        bad("null", failing({"error.type": None})),
    ],
    "error_code_is_text": [
        good("text", failing()), good("null", failing({"error.code": None})),
        bad("a number", failing({"error.code": 404})),
    ],
    "error_has_param": [
        good("text", failing()), good("null", failing({"error.param": None})),
        bad("missing", failing({"error.param": DROP})),
    ],
    "error_has_an_error_status": [
        good("a success", hello()),
        good("an error that is null", hello({"error": None})),
        bad("200", failing(status=200)),
        bad("200 and a detail", failing(status=200, body={"detail": "n > 1 is not supported"})), bad("200 and a list of details", failing(status=200, body={"detail": [{"msg": "no"}]})),
        bad("200 and a message", failing(status=200, body={"code": 50501, "message": "no"})), good("a message beside an answer", hello({"message": "cached"})),
        bad("200 and flat", failing(status=200, body={"object": "error", "message": "no"})),
        bad("200 and empty choices", failing({"choices": []}, status=200)),
        bad("200 in place of a response", failing(status=200, path="/responses")),
        bad("200 and a vendor's status", failing(status=200, body={"choices": None, "base_resp": {"status_code": 1008, "status_msg": "no"}})),
        good("a vendor's status that says success", hello({"base_resp": {"status_code": 0, "status_msg": "success"}})),
    ],
    "error_is_not_said_by_the_assistant": [
        good("an object", saying('{"city": "Oslo"}')), good("an error among others", saying('{"error": {"message": "no"}, "city": 1}')),
        bad("an error", saying('{"error": {"message": "Request Timeout", "code": 504}}')),
        bad("in a fence", saying('```json\n{"error": {"message": "Request Timeout"}}\n```')),
    ],
    "says_when_to_come_back": [
        good("seconds", failing(status=429, headers={"Retry-After": "20"})),
        good("a date", failing(status=503, headers={"Retry-After": "Sun, 22 Nov 2026 12:00:20 GMT"})),
        good("milliseconds", failing(status=429, headers={"retry-after-ms": "1500"})),
        bad("silent", failing(status=429)),
        bad("zero", failing(status=429, headers={"Retry-After": "0"})),
        bad("too long", failing(status=503, headers={"Retry-After": "3600"})),
        bad("words", failing(status=429, headers={"Retry-After": "soon"})),
        bad("words for milliseconds", failing(status=429, headers={"retry-after-ms": "1s"})),
    ],
    "error_is_called_json": [
        good("JSON", failing()), bad("a page", failing(headers={"Content-Type": "text/html"})),
    ],
    "early_error_is_no_stream": [
        good("after words", late(ERROR)),
        good("the server's fault", stream({"error": {"message": "out of memory", "type": "server_error", "code": 500}})),
        bad("the request's fault, by type", stream(ERROR)),
        bad("a quota", stream({"error": {"message": "You exceeded it.", "type": "insufficient_quota", "code": "insufficient_quota"}})),
        bad("too many", stream({"error": {"message": "Slow down.", "type": "x", "code": "rate_limit_exceeded"}})),
        bad("the request's fault, by code", stream({"error": {"message": "no", "type": "x", "code": 400}})),
        bad("a full queue", stream({"error": {"message": "The queue is full.", "type": "ServiceUnavailable", "code": 503}})),
        bad("the request's fault, behind the role", stream(ROLE, ERROR)),
        bad("in a stream of texts", texts_failing(ERROR)),
        good("a filter, behind the role", stream(ROLE, {"error": {"message": "no", "type": "x", "code": "content_filter"}})),
        good("an overload, behind the role", stream(ROLE, {"error": {"message": "no", "type": "overloaded_error", "code": None}})),
        good("an overload on the way", late({"error": {"message": "no", "type": "overloaded_error", "code": None, "param": None}})),
    ],
    "late_error_is_told": [
        good("standard", late({"error": {"message": "no", "type": "server_error", "code": None, "param": None}})),
        good("and then the end, without [DONE]", late(ERROR, done=b"")),
        bad("a string", late({"error": "out of memory"})),
        bad("without a message", late({"error": {"type": "server_error"}})),
        bad("and then more", stream(ROLE, ERROR, HEL)),
    ],
    "late_error_is_not_lost": [
        good("standard", late(ERROR)),
        bad("flat", late({"object": "error", "message": "no"})),
        bad("named", late(b'event: error\ndata: {"message": "no"}\n\n')),
        good("in a stream of texts", texts_failing(WORDS, ERROR)),
        bad("lost in a stream of texts", texts_failing(WORDS, {"object": "error", "message": "no"})),
    ],
    # --- models ---------------------------------------------------------------------------------
    "models_are_a_list_object": [
        good("standard", models()), good("empty", models({"data": []})),
        bad("a bare array", models({"": [MODEL]})), bad("without object", models({"object": DROP})),
    ],
    "model_has_an_id": [
        good("standard", models()), good("alone", model()), bad("empty", models({"data.0.id": ""})),
        bad("alone and missing", model({"id": DROP})),
    ],
    "model_is_called_model": [
        good("standard", models()), bad("otherwise", models({"data.1.object": "engine"})),
        bad("alone and otherwise", model({"object": "engine"})),
    ],
    "model_has_a_time": [
        good("standard", models()), bad("missing", models({"data.0.created": DROP})),
        bad("milliseconds", model({"created": 1795348800000})),
    ],
    "model_has_an_owner": [
        good("with more members", models({"data.0.max_model_len": 4096})),
        bad("null", models({"data.0.owned_by": None})),
    ],
    "models_are_one_page": [
        good("standard", models()), good("no more", models({"has_more": False})),
        bad("more", models({"has_more": True})),
    ],
    "model_is_the_one_asked_for": [
        good("encoded", model()), good("with a slash", model(path="/models/org/m")),
        bad("another", model({"id": "m"})), bad("a list", model({"": [MODEL]})),
    ],
    "model_ids_are_unique": [
        good("two", models()), bad("twice", models({"data.1.id": "org/m"})),
    ],
}  # fmt: skip
