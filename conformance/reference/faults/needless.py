"""Refused without need: a parameter that says what holds anyway, a header that clients add."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from conformance.reference.breaks import REFUSED
from conformance.reference.circumstances import chat
from conformance.reference.fault import REQUEST
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal
from conformance.reference.turned import turned

_turned = partial(turned, area=__name__, at=REQUEST, cascades=REFUSED)
_HEARD = frozenset({"input_audio", "file"})


def _at_default(name: str, value: Any) -> Callable[[HttpRequest], HttpRequest]:
    """Refuse a parameter that is there and says what holds without it."""

    def refused(request: HttpRequest) -> HttpRequest:
        held = request.json.get(name)
        if held == value and isinstance(held, bool) is isinstance(value, bool):
            raise Refusal(f"'{name}' is not supported.", param=name, code="unsupported_parameter")
        return request

    return refused


def _with_header(start: str) -> Callable[[HttpRequest], HttpRequest]:
    """Refuse a header of that beginning, by its name."""

    def refused(request: HttpRequest) -> HttpRequest:
        if name := next((each for each in request.headers if each.startswith(start)), None):
            raise Refusal(f"The header {name} is not allowed.", code="unknown_header")
        return request

    return refused


def _json_unknown(_request: HttpRequest) -> HttpRequest:
    raise Refusal("The content type is not supported.", status=415, code="unsupported_media_type")


def _sound_unprocessable(request: HttpRequest) -> HttpRequest:
    messages = request.json.get("messages")
    contents = [each.get("content") for each in messages or () if isinstance(each, dict)]
    parts = [part for held in contents if isinstance(held, list) for part in held]
    if any(isinstance(part, dict) and part.get("type") in _HEARD for part in parts):
        raise Refusal("There are no ears here.", status=422, code="unsupported_content")
    return request


_turned("n-of-one-refused", "CREQ-034", "`n: 1` is refused.", _at_default("n", 1), of=chat)
_turned("top-p-of-one-refused", "CREQ-026", "`top_p: 1` is refused.", _at_default("top_p", 1), of=chat,
        field=["top-p-one-422"])  # fmt: skip
_turned("temperature-of-one-refused", "CREQ-023", "`temperature: 1` is refused.", _at_default("temperature", 1), of=chat)  # fmt: skip
_turned("format-of-text-refused", "CREQ-044", "A `response_format` of plain text is refused.",
        _at_default("response_format", {"type": "text"}), of=chat)  # fmt: skip
_turned("stream-false-refused", "CREQ-063", "`stream: false` is refused.", _at_default("stream", value=False), of=chat)  # fmt: skip
_turned("client-headers-refused", "TRANS-010", "Headers in which client libraries tell of themselves are refused.",
        _with_header("x-stainless-"))  # fmt: skip
_turned("client-request-id-refused", "TRANS-012", "A request with an id of the client's is refused.",
        _with_header("x-client-request-id"), level="may")  # fmt: skip
_turned("organization-refused", "AUTH-009", "A request that names an organization is refused.",
        _with_header("openai-organization"), level="may")  # fmt: skip
_turned("json-refused-now-and-then", "TRANS-003", "JSON is now and then a content type that is not supported.",
        _json_unknown, of=chat, rate=0.2)  # fmt: skip
_turned("sound-refused-with-422", "CREQ-008", "Parts with sound or a file are refused with 422.",
        _sound_unprocessable, of=chat, level="may")  # fmt: skip
