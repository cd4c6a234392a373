"""Failures that call themselves what their status is not, or have a status that nobody reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from conformance.reference.answer import Reply, Response
from conformance.reference.breaks import REFUSED
from conformance.reference.circumstances import chat
from conformance.reference.edit import ERROR, UNAUTHORIZED, error
from conformance.reference.fault import REQUEST, RESPONSE
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal
from conformance.reference.turned import turned

_turned = partial(turned, area=__name__)
_CALLED = ("ERR-*", "CREQ-*", "SO-*", "RT-*", "RSN-*", "TRANS-016", "TRANS-023")
"""What reads the code of a refusal, or asks that it names what is wrong."""
_STATUS = (*_CALLED, "AUTH-*", "MODELS-*", "TRANS-*", "RESP-*", "CMPL-*", "EMB-*", "TOOL-*")
"""What asks for 400."""
_NOT_FOUND = 404


def _called(code: str) -> Callable[[Reply], Reply]:
    """Refusals with 400 that call themselves something else."""

    def renamed(reply: Reply) -> Reply:
        if reply.status != ERROR:
            return reply
        return error(reply, lambda inner: {"error": {**inner, "type": code, "code": code}})

    return renamed


def _blocked(reply: Reply) -> Reply:
    if reply.status != ERROR:
        return reply
    told = error(reply, lambda inner: {"error": {**inner, "code": "content_filter"}})
    return replace(told, status=451)


def _unknown_as_invalid(reply: Reply) -> Reply:
    return replace(reply, status=ERROR) if reply.status == _NOT_FOUND else reply


def _overloaded(_request: HttpRequest) -> HttpRequest:
    raise Refusal("Overloaded.", status=529, kind="overloaded_error", code="overloaded_error")


def _list_unprocessable(request: HttpRequest) -> HttpRequest:
    if request.body.lstrip()[:1] in (b"[", b'"') or request.body.strip() in (b"null", b"7"):
        raise Refusal("The body is not an object.", status=422, code="invalid_body")
    return request


def _hint(response: Response) -> Response:
    if response.status < ERROR:
        return response
    return replace(response, headers=response.with_header("x-should-retry", "maybe"))


def _challenge(response: Response) -> Response:
    if response.status != UNAUTHORIZED:
        return response
    return replace(response, headers=response.with_header("WWW-Authenticate", 'Basic realm="api"'))


_turned("refusals-called-conflicts", "ERR-012", "What is refused with 400 calls itself a conflict.",
        _called("conflict"), level="may", of=chat, cascades=_CALLED)  # fmt: skip
_turned("refusals-called-denials", "ERR-010", "What is refused with 400 calls itself a lack of permission.",
        _called("permission_denied"), of=chat, cascades=_CALLED)  # fmt: skip
_turned("refusals-called-limits", "ERR-014", "What is refused with 400 calls itself a limit of the rate.",
        _called("rate_limit_exceeded"), of=chat, cascades=_CALLED)  # fmt: skip
_turned("refusals-called-filtered", "ERR-022", "What is refused calls itself filtered, with status 451.",
        _blocked, level="should", of=chat, cascades=_STATUS)  # fmt: skip
_turned("unknown-told-as-invalid", "ERR-011", "What is not there is refused with 400 in place of 404.",
        _unknown_as_invalid, cascades=["ERR-*", "MODELS-*", "TRANS-*", "CREQ-001", "RESP-*", "CMPL-*", "EMB-*"])  # fmt: skip
_turned("overload-as-529", "ERR-015", "An overload has status 529, now and then.",
        _overloaded, at=REQUEST, of=chat, rate=0.1, cascades=REFUSED)  # fmt: skip
_turned("lists-are-unprocessable", "ERR-027", "A body that is no object is refused with 422.",
        _list_unprocessable, at=REQUEST, cascades=["ERR-*", "TRANS-*", "CREQ-*"])  # fmt: skip
_turned("hint-says-maybe", "ERR-018", "`x-should-retry` says maybe.", _hint, at=RESPONSE, level="may")  # fmt: skip
_turned("challenge-of-another-scheme", "AUTH-001", "A 401 asks for a user's name and password.",
        _challenge, at=RESPONSE, cascades=["AUTH-*", "ERR-009", "MODELS-012"])  # fmt: skip
