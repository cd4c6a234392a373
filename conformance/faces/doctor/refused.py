"""An answer came, and it is a refusal: what it means, and what to do. One function for each kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.errors import did_you_mean
from conformance.faces.doctor.keys import key_source
from conformance.faces.doctor.remark import Mark, Remark
from conformance.faces.doctor.unanswered import other_scheme
from conformance.providers.model import Provider
from conformance.report.escape import oneline
from conformance.wire.exchange import Exchange
from conformance.wire.http import Response

_LONGEST = 200
OK, MULTIPLE, BAD, PAYMENT, FORBIDDEN, RATE, SERVER = 200, 300, 400, 402, 403, 429, 500
_KEY_REFUSED = (401, FORBIDDEN)
_NOT_THERE = (404, 405)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a refusal is read against."""

    provider: Provider
    model: str = ""
    listed: Sequence[str] = ()
    """Models that GET /models named."""
    environ: Mapping[str, str]


def refused(exchange: Exchange, asked: Asked) -> Remark | None:
    """What is wrong with an answer by its status and kind; None where it was served."""
    response = exchange.response
    assert response is not None  # looked at before
    status, said = response.status, own_words(exchange)
    if _speaks_only_tls(response):
        return _wrong("reach", f"{status}: it wants TLS", other_scheme(asked.provider))
    if status in _KEY_REFUSED:
        return _key(status, said, asked)
    if wrong_path(exchange):
        return _path(response, said)
    if status in _NOT_THERE:
        return _model(status, said, asked)
    if OK <= status < MULTIPLE:
        return None
    if status < BAD:
        place = oneline(response.header("location") or "nowhere", _LONGEST)
        fix = "write where it leads as base_url: with a key no redirect is followed"
        return _wrong("path", f"{status}: it redirects to {place}", fix)
    if status in {PAYMENT, RATE}:
        return _too_much(response, said)
    if status >= SERVER:
        return _server(status, said)
    return _request(status, said, asked)


def wrong_path(exchange: Exchange) -> bool:
    """Nothing of an API is there: a web page, or a bare 404 that does not speak of a model."""
    response = exchange.response
    assert response is not None  # looked at before
    if is_html(response):
        return response.status < BAD or response.status in _NOT_THERE
    return response.status in _NOT_THERE and not _about_model(exchange)


def is_html(response: Response) -> bool:
    """A page for people."""
    start = response.body[:200].lstrip().lower()
    return response.media_type == "text/html" or start.startswith((b"<!doctype html", b"<html"))


def own_words(exchange: Exchange) -> str:
    """The message of an error, in whichever member it stands; the body where there is none."""
    response = exchange.response
    if response is None:
        return ""
    if is_html(response):
        return "(a web page)"
    value = exchange.document.value
    found = _message(value.get("error", value)) if isinstance(value, dict) else None
    text = found or response.body[: 4 * _LONGEST].decode("utf-8", "replace")
    return repr(oneline(text, _LONGEST)) if text.strip() else "(empty)"


def _message(error: Any) -> str | None:
    if isinstance(error, str):
        return error
    if not isinstance(error, dict):
        return None
    found = (error.get(name) for name in ("message", "detail", "error_msg", "error"))
    return next((each for each in found if isinstance(each, str)), None)


def _about_model(exchange: Exchange) -> bool:
    value = exchange.document.value
    error = value.get("error", value) if isinstance(value, dict) else None
    if not isinstance(error, dict):
        return isinstance(error, str) and "model" in error.lower()
    members = (error.get(name) for name in ("message", "param", "code", "type", "detail"))
    return any("model" in each.lower() for each in members if isinstance(each, str))


def _wrong(name: str, words: str, fix: str) -> Remark:
    return Remark(Mark.WRONG, name, words, fix)


def _speaks_only_tls(response: Response) -> bool:
    text = response.body[:1000].lower()
    return response.status == BAD and b"http request" in text and b"https" in text


def _key(status: int, said: str, asked: Asked) -> Remark:
    source, fix = key_source(asked.provider, asked.environ)
    if status == FORBIDDEN:
        fix = f"may this key use this model? Or a firewall stands before the API; else: {fix}"
    return _wrong("key", f"{status}, {said}: {source}", fix)


def _path(response: Response, said: str) -> Remark:
    if is_html(response):
        words = f"{response.status} with a web page: that is a console or a login, not the API"
    else:
        words = f"{response.status}, {said}: there is no such path"
    return _wrong("path", words, "base_url is where the API starts, mostly ending in /v1")


def _model(status: int, said: str, asked: Asked) -> Remark:
    hint = did_you_mean(asked.model, asked.listed)
    listed = f"; it offers {', '.join(asked.listed[:5])}" if asked.listed else ""
    fix = 'correct `model = "..."` in the entry, or --endpoint-model'
    return _wrong("model", f"{status}, {said}: no model {asked.model!r}{hint}{listed}", fix)


def _too_much(response: Response, said: str) -> Remark:
    if response.status == PAYMENT or any(
        word in said.lower() for word in ("quota", "billing", "balance")
    ):
        return _wrong(
            "limit", f"{response.status}, {said}: nothing is left to spend", "pay, or another key"
        )
    after = response.header("retry-after")
    wait = f" (again in {oneline(after, 40)} s)" if after else ""
    fix = (
        "wait, and ask less at once: limits = { concurrency = 1 } in the entry, or --concurrency=1"
    )
    return _wrong("limit", f"{response.status}, {said}: too many requests{wait}", fix)


def _server(status: int, said: str) -> Remark:
    if "load" in said.lower() or "start" in said.lower():
        return _wrong(
            "server",
            f"{status}, {said}: it is not ready yet",
            "wait until it has loaded (pytest --provider=NAME --wait=600 does)",
        )
    if status in {502, 503, 504}:
        fix = "the gateway is up, the server behind it is not (or not yet): look at its log"
        return _wrong("server", f"{status}, {said}", fix)
    return _wrong("server", f"{status}, {said}", "the server failed: look at its log")


def _request(status: int, said: str, asked: Asked) -> Remark:
    if "max_completion_tokens" in said:
        fix = "it reasons: write it as models = { reasoning = ... }, and a chat model as model"
        return _wrong("chat", f"{status}, {said}", fix)
    if "model" in said.lower() and asked.listed and asked.model not in asked.listed:
        return _model(status, said, asked)
    return _wrong(
        "chat", f"{status}, {said}", "that was the smallest request there is: see its log"
    )
