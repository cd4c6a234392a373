"""TRANS and AUTH: requests that are to be put up with, and odd ones that are to be refused in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from conformance.checks import select
from conformance.checks.core import Problem, check
from conformance.checks.facts import ERROR, EXCUSED, OK, Facts, facts
from conformance.checks.paths import CHAT, MODELS, OTHER, POSTED
from conformance.checks.show import shown
from conformance.checks.statuses import SERVER_FAULT, error_of, is_standard
from conformance.wire.exchange import Ended, Exchange

_NOT_ALLOWED, _TOO_LARGE, _WRONG_TYPE, _NOT_IMPLEMENTED = 405, 413, 415, 501
_NOT_FOUND = 404
_LARGE = 65_536
"""Bytes of a body that is surely not sent in one piece."""
_SLOW, _PATIENCE = 5_000_000_000, 600_000_000_000
"""Nanoseconds after which an answer is slow, and for which clients wait."""
_LONGEST_ID = 512
_TOLERATED = ("x-stainless-", "openai-organization", "openai-project", "x-client-request-id",
              "idempotency-key", "user-agent")  # fmt: skip
_ODD_METHODS = frozenset({"PUT", "PATCH", "DELETE", "GET", "POST"})

KNOWN = frozenset(
    {"model", "messages", "audio", "frequency_penalty", "function_call", "functions", "logit_bias",
     "logprobs", "max_completion_tokens", "max_tokens", "metadata", "modalities", "moderation", "n",
     "parallel_tool_calls", "prediction", "presence_penalty", "prompt_cache_key",
     "prompt_cache_options", "prompt_cache_retention", "reasoning_effort", "response_format",
     "safety_identifier", "seed", "service_tier", "stop", "store", "stream", "stream_options",
     "temperature", "tool_choice", "tools", "top_logprobs", "top_p", "user", "verbosity",
     "web_search_options"}
)  # fmt: skip
"""The parameters of chat requests that the OpenAPI document knows."""

_reached = select.among(
    select.responses,
    lambda one: (
        _is_plain(one.exchange.request.url)
        and (one.endpoint == MODELS or (one.endpoint == CHAT and one.ok))
    ),
)
"""Requests for the list, and those that were served: a 404 to a chat may be about its model."""


def _is_plain(url: str) -> bool:
    """The path is as clients write it: no double slash, none at the end."""
    path = urlsplit(url).path
    return "//" not in path and not path.endswith("/")


@check("TRANS-001", over=_reached, always=True)
def endpoints_are_under_the_base_url(one: Facts) -> Iterator[Problem]:
    """Chat and the list of models are found under the same base URL."""
    if one.status in {_NOT_FOUND, _NOT_ALLOWED, _NOT_IMPLEMENTED}:
        yield Problem(message=f"status {one.status} for GET /models")


def _json_posts(exchange: Exchange) -> Sequence[Facts]:
    """Responses to POSTs of JSON objects that are called JSON."""
    found = facts(exchange)
    if not (found.fits and found.endpoint in POSTED and found.response is not None):
        return ()
    called = "".join(_sent(exchange, "content-type")).lower().startswith("application/json")
    return (found,) if called and isinstance(exchange.request.json, dict) else ()


def _sent(exchange: Exchange, name: str) -> list[str]:
    return [value for key, value in exchange.request.headers if key.lower() == name]


@check("TRANS-003", over=_json_posts, always=True)
def json_is_accepted(one: Facts) -> Iterator[Problem]:
    """POST and `application/json` are no reason to refuse a request."""
    if one.status in {_NOT_ALLOWED, _WRONG_TYPE}:
        seen = shown(_sent(one.exchange, "content-type")[0])
        yield Problem(message=f"status {one.status} for a POST of content type {seen}")


# --- headers --------------------------------------------------------------------------------------


def _with_header(*names: str) -> select.Selected:
    """Whole responses to requests with such headers, and those headers."""

    def selected(exchange: Exchange) -> Sequence[tuple[Facts, list[tuple[str, str]]]]:
        sent = [
            (name, value)
            for name, value in exchange.request.headers
            if name.lower().startswith(names) and len(value) <= _LONGEST_ID
        ]
        return [(one, sent) for one in select.responses(exchange)] if sent else ()

    return selected


def _blamed(one: Facts, sent: list[tuple[str, str]]) -> Iterator[Problem]:
    """Refusals that name one of the headers."""
    if (one.status or 0) < ERROR:
        return
    assert one.response is not None
    body = one.response.body.lower()
    for name, _ in sent:
        if name.lower().encode("latin-1", "replace") in body:
            yield Problem(message=f"status {one.status}, for the header {name}", at=name.lower())


@check("TRANS-010", over=_with_header(*_TOLERATED), always=True)
def unknown_headers_are_ignored(told: tuple[Facts, list[tuple[str, str]]]) -> Iterator[Problem]:
    """No request is refused for a header that client libraries add."""
    one, sent = told
    if one.status not in EXCUSED:
        yield from _blamed(one, sent)


@check("TRANS-012", over=_with_header("x-client-request-id"), always=True)
def client_request_id_is_let_pass(told: tuple[Facts, list[tuple[str, str]]]) -> Iterator[Problem]:
    """The client's request id is not refused, and an echo of it says the same."""
    one, sent = told
    yield from _blamed(one, sent)
    assert one.response is not None
    echo = one.response.header("x-client-request-id")
    if echo is not None and echo.strip() != sent[0][1].strip():
        yield Problem(
            message=f"sent {shown(sent[0][1])}, echoed {shown(echo)}", at="x-client-request-id"
        )


@check("AUTH-009", over=_with_header("openai-organization", "openai-project"), always=True)
def organization_is_no_error(told: tuple[Facts, list[tuple[str, str]]]) -> Iterator[Problem]:
    """Headers that name an organization are ignored, or checked as a right: 401, 403 or 404."""
    one, sent = told
    if one.status not in {401, 403, 404}:
        yield from _blamed(one, sent)


# --- parameters -----------------------------------------------------------------------------------


def _unknown(one: Facts) -> list[str]:
    return [name for name in one.asked if name not in KNOWN] if one.endpoint == CHAT else []


@check(
    "TRANS-016", over=select.among(select.responses, lambda one: bool(_unknown(one))), always=True
)
def unknown_parameter_is_no_fault(one: Facts) -> Iterator[Problem]:
    """A parameter that nobody knows is ignored, or refused with 400; it is no fault of the server."""
    status = one.status or 0
    if status in {SERVER_FAULT, _NOT_IMPLEMENTED}:
        yield Problem(message=f"status {status} for a request with {shown(_unknown(one))}")
    elif status > ERROR and error_of(one).get("param") in _unknown(one):
        seen = shown(error_of(one)["param"])
        yield Problem(message=f"status {status} for the parameter {seen}, wanted 400")


def _nulls(one: Facts) -> frozenset[str]:
    """Parameters that are null and may be."""
    required = ("model", "messages")
    names = (name for name, value in one.asked.items() if value is None and name not in required)
    return frozenset(names) & KNOWN if one.endpoint == CHAT else frozenset()


@check("TRANS-017", over=select.among(select.responses, lambda one: bool(_nulls(one))), always=True)
def null_is_not_refused(one: Facts) -> Iterator[Problem]:
    """No request is refused for a parameter that is null."""
    if (one.status or 0) >= ERROR:
        for name in sorted(_nulls(one) & _named(one)):
            yield Problem(message=f"status {one.status} for {name} null, which means its default")


def _named(one: Facts) -> frozenset[str]:
    """The parameters that an error says it is about."""
    error = error_of(one)
    told = [error.get("param")]
    details = error.get("detail")
    for each in details if isinstance(details, list) else ():
        place = each.get("loc") if isinstance(each, dict) else None
        told += place if isinstance(place, list) else []
    return frozenset(each for each in told if isinstance(each, str))


# --- sizes and times ------------------------------------------------------------------------------


def _large(exchange: Exchange) -> Sequence[Facts]:
    """Requests that are large, or refused for it."""
    found = facts(exchange)
    ours = exchange.end.how in {Ended.CANCELLED, Ended.UNREACHABLE, Ended.TIMED_OUT}
    large = len(exchange.request.body) > _LARGE and not ours
    return (
        (found,) if found.fits and (large or (found.status == _TOO_LARGE and found.whole)) else ()
    )


@check("TRANS-018", over=_large, always=True)
def too_large_is_told(one: Facts) -> Iterator[Problem]:
    """What is too large is refused with a standard error, not by a broken connection."""
    how = one.exchange.end.how
    written = sum(len(each.data) for each in one.exchange.sent)
    size = len(one.exchange.request.body)
    if one.status == _TOO_LARGE and not is_standard(one):
        yield Problem(message="status 413 without a standard error object")
    if one.response is None and how in {Ended.CLOSED, Ended.RESET} and written < size:
        yield Problem(message=f"the connection broke after {written} of {size} bytes: {how}")


def _waiting(exchange: Exchange) -> Sequence[Facts]:
    """Requests for an answer in one piece that took long."""
    found = facts(exchange)
    lasted = exchange.end.at - exchange.request.at
    fits = found.fits and found.endpoint == CHAT and not exchange.asked_stream
    return (found,) if fits and _SLOW <= lasted < _PATIENCE else ()


@check("TRANS-019", over=_waiting, always=True)
def slow_answers_are_waited_for(one: Facts) -> Iterator[Problem]:
    """The connection stays open while an answer is being written, for 600 seconds."""
    end = one.exchange.end
    if one.response is None and end.how in {Ended.CLOSED, Ended.RESET}:
        lasted = (end.at - one.exchange.request.at) / 1e9
        yield Problem(message=f"no answer: {end.how} after {lasted:.0f} s, clients wait for 600")


# --- odd requests ---------------------------------------------------------------------------------


def _odd_methods(exchange: Exchange) -> Sequence[Facts]:
    """Known paths asked with a method that is not theirs. Stored completions may be read."""
    found = facts(exchange)
    method = exchange.request.method
    odd = found.endpoint != OTHER and not found.fits and method in _ODD_METHODS
    if not (odd and found.whole) or found.status in EXCUSED - {_NOT_FOUND}:
        return ()
    reads = method in {"GET", "DELETE"} and found.ok and exchange.document.ok
    return () if reads else (found,)


@check("TRANS-021", over=_odd_methods, always=True)
def wrong_method_is_refused(one: Facts) -> Iterator[Problem]:
    """A method that a path does not know is answered with 405 or 404, and JSON."""
    method = one.exchange.request.method
    if one.status not in {_NOT_FOUND, _NOT_ALLOWED}:
        yield Problem(message=f"status {one.status} for {method}, wanted 405 or 404")
    elif not one.exchange.document.ok:
        yield Problem(message=f"status {one.status} for {method} without a JSON body")


def _strays(exchange: Exchange) -> Sequence[Facts]:
    """Unknown paths that are not there, or are a page."""
    found = facts(exchange)
    deep = found.endpoint == OTHER and urlsplit(exchange.request.url).path.strip("/") != ""
    if not (deep and found.whole and found.response is not None):
        return ()
    page = found.ok and found.response.media_type == "text/html"
    return (found,) if found.status == _NOT_FOUND or page else ()


@check("TRANS-022", over=_strays, always=True)
def unknown_path_is_404_and_json(one: Facts) -> Iterator[Problem]:
    """A path that is not there is answered with 404 and JSON."""
    if one.status == OK:
        yield Problem(message="status 200 and a page for a path of the API, wanted 404")
    elif not one.exchange.document.ok:
        yield Problem(message="status 404 without a JSON body")
