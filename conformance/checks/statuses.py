"""ERR and AUTH: whether the status of an error says what the error says of itself.

What an error says is read from `type`, `code` and numbers that are statuses, never from its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks import select
from conformance.checks.core import Problem, check
from conformance.checks.facts import ERROR, EXCUSED, Facts, facts
from conformance.checks.noted import noted
from conformance.checks.paths import MODEL, RESPONSES
from conformance.checks.show import shown
from conformance.wire.exchange import Exchange

SERVER_FAULT = 500
KEY_HEADERS = frozenset({"authorization", "api-key", "x-api-key", "x-goog-api-key"})
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _CONFLICT, _TOO_LARGE, _BUSY = 401, 403, 404, 409, 413, 429
_NOT_IMPLEMENTED = 501
_SERVER_FAULTS = frozenset({500, 502, 503, 504})
_NAMED = frozenset({400, 401, 403, 404, 409, 422, 429})
"""Statuses from 400 to 499 that a clause of their own speaks of."""
FINAL = frozenset({400, 401, 402, 403, 404, 413, 422, 424})
"""Statuses that clients do not retry."""
_STATUSES = range(ERROR, 600)

_AUTH = frozenset(
    {"invalidapikey", "incorrectapikey", "authenticationerror", "unauthorized", "unauthenticated",
     "invalidauthentication", "invalidauthenticationerror", "authenticationfailed"}
)  # fmt: skip
_PERMISSION = frozenset(
    {"permissiondenied", "permissiondeniederror", "permissionerror", "forbidden", "accessdenied",
     "unsupportedcountryregionterritory"}
)  # fmt: skip
_MISSING = frozenset({"modelnotfound", "notfound", "notfounderror", "resourcenotfound"})
_CLASH = frozenset({"conflict", "conflicterror"})
LIMIT = frozenset(
    {"ratelimitexceeded", "ratelimiterror", "ratelimit", "toomanyrequests", "insufficientquota",
     "quotaexceeded"}
)  # fmt: skip
OVERLOAD = frozenset(
    {"overloaded", "overloadederror", "engineoverloadederror", "serviceunavailable", "serviceunavailableerror"}
)  # fmt: skip
"""Who calls an error so did not begin with the request."""
_FAULT = OVERLOAD | {
    "servererror",
    "internalservererror",
    "internalerror",
    "badgateway",
    "gatewaytimeout",
}
_OVERFLOW = frozenset({"contextlengthexceeded", "exceedcontextsizeerror"})
POLICY = frozenset({"contentfilter", "contentpolicyviolation"})
_INVALID = frozenset({"invalidrequesterror", "invalidrequest", "badrequest", "badrequesterror"})
PERMANENT = _AUTH | _PERMISSION | _MISSING | _OVERFLOW | POLICY | _INVALID


def error_of(one: Facts) -> dict[str, Any]:
    """The error object of a body, also a flat one; empty where there is none."""
    value = one.exchange.document.value
    if not isinstance(value, dict):
        return {}
    error = value.get("error")
    return error if isinstance(error, dict) else value


@noted
def words(one: Facts) -> frozenset[str]:
    """What an error calls itself, in small letters alone."""
    return called(error_of(one))


def called(error: dict[str, Any]) -> frozenset[str]:
    """The same of an error object."""
    told = (error.get("type"), error.get("code"))
    return frozenset(re.sub(r"[\W_]", "", each).lower() for each in told if isinstance(each, str))


@noted
def number(one: Facts) -> int | None:
    """The status that stands in `code`, as a number or in digits; None where there is none."""
    code = error_of(one).get("code")
    if isinstance(code, str) and re.fullmatch(r"[45]\d\d", code):
        code = int(code)
    return code if isinstance(code, int) and code in _STATUSES else None


def is_standard(one: Facts) -> bool:
    """The body is `{"error": {...}}`."""
    value = one.exchange.document.value
    return (
        one.exchange.document.ok
        and isinstance(value, dict)
        and isinstance(value.get("error"), dict)
    )


def _told(one: Facts, names: frozenset[str], numbers: frozenset[int]) -> bool:
    return bool(words(one) & names) or number(one) in numbers


def _status_of(
    clause: str, name: str, about: str, told: tuple[frozenset[str], frozenset[int]], *allowed: int
) -> None:
    """Register that errors that call themselves so have one of these statuses."""

    def judge(one: Facts) -> Iterator[Problem]:
        if one.status not in allowed:
            wanted = " or ".join(map(str, allowed))
            error = error_of(one)
            seen = shown({each: error.get(each) for each in ("type", "code")})
            yield Problem(message=f"status {one.status} with {seen}, wanted {wanted}")

    judge.__doc__ = about
    over = select.among(select.refusals, lambda one: _told(one, *told))
    check(clause, over=over, always=True, name=name)(judge)


_status_of("ERR-009", "auth_failure_is_401", "What calls itself a failed authentication is 401.",
           (_AUTH, frozenset({_UNAUTHORIZED})), _UNAUTHORIZED)  # fmt: skip
_status_of("ERR-010", "denial_is_403", "What calls itself a lack of permission is 403.",
           (_PERMISSION, frozenset({_FORBIDDEN})), _FORBIDDEN)  # fmt: skip
_status_of("ERR-012", "conflict_is_409", "What calls itself a conflict is 409.",
           (_CLASH, frozenset({_CONFLICT})), _CONFLICT)  # fmt: skip
_status_of("ERR-014", "limit_is_429", "What calls itself a limit of rate or quota is 429, or 413 where it never fits.",
           (LIMIT, frozenset({_BUSY})), _BUSY, _TOO_LARGE)  # fmt: skip
_status_of("ERR-022", "policy_block_is_400", "What calls itself a block by policy is 400.",
           (POLICY, frozenset()), ERROR)  # fmt: skip


def _missing(exchange: Exchange) -> Sequence[Facts]:
    """Errors that say that something is not there; /responses says so with 400, as OpenAI does."""
    return [
        one
        for one in select.refusals(exchange)
        if one.endpoint != RESPONSES and _told(one, _MISSING, frozenset({_NOT_FOUND}))
    ]


@check("ERR-011", over=_missing, always=True)
def unknown_is_404(one: Facts) -> Iterator[Problem]:
    """What says that a model or resource is not there is 404; 403 where it is there for others."""
    if one.status not in {_NOT_FOUND, _FORBIDDEN}:
        yield Problem(message=f"status {one.status} for something that is not there, wanted 404")


_fails = select.among(
    select.refusals,
    lambda one: (
        one.status != _NOT_IMPLEMENTED
        and ((one.status or 0) >= SERVER_FAULT or _told(one, _FAULT, _SERVER_FAULTS))
    ),
)


@check("ERR-015", over=_fails, always=True)
def server_fault_is_told_as_one(one: Facts) -> Iterator[Problem]:
    """A server's fault has status 500, 502, 503 or 504; overload may be 429, a timeout 408."""
    status = one.status or 0
    if status >= SERVER_FAULT and status not in _SERVER_FAULTS:
        yield Problem(message=f"status {status}, wanted 500, 502, 503 or 504")
    elif status < SERVER_FAULT and status not in {408, _BUSY}:
        seen = shown(error_of(one).get("type"))
        yield Problem(message=f"status {status} for a fault of the server ({seen}), wanted 5xx")


_others = select.among(
    select.refusals, lambda one: (one.status or 0) < SERVER_FAULT and one.status not in _NAMED
)


@check("ERR-016", over=_others, always=True)
def other_refusals_are_standard(one: Facts) -> Iterator[Problem]:
    """Statuses such as 402, 413 and 424 carry the standard error object, too."""
    if not is_standard(one):
        yield Problem(message=f"status {one.status} without a standard error object")


def _hinted(exchange: Exchange) -> Sequence[str]:
    found = facts(exchange)
    hint = found.response.header("x-should-retry") if found.response and found.fits else None
    return () if hint is None else (hint,)


@check("ERR-018", over=_hinted, always=True)
def retry_hint_is_readable(hint: str) -> Iterator[Problem]:
    """`x-should-retry` is true or false."""
    if hint.strip() not in {"true", "false"}:
        yield Problem(message=f"x-should-retry is {shown(hint)}", at="x-should-retry")


_retried = select.among(
    select.refusals, lambda one: one.status == _BUSY or (one.status or 0) >= SERVER_FAULT
)


@check("ERR-019", over=_retried, always=True)
def permanent_failure_is_not_retried(one: Facts) -> Iterator[Problem]:
    """What is the request's own fault, or not implemented, has no status that clients retry."""
    told = words(one)
    permanent = bool(told & PERMANENT) or number(one) in FINAL
    if one.status == _NOT_IMPLEMENTED:
        yield Problem(message="status 501: clients retry what never works")
    elif permanent and not told & (LIMIT | _FAULT):
        seen = shown({each: error_of(one).get(each) for each in ("type", "code")})
        yield Problem(message=f"status {one.status}, which clients retry, with {seen}")


_overflows = select.among(select.refusals, lambda one: bool(words(one) & _OVERFLOW))


@check("ERR-021", over=_overflows, always=True)
def overflow_is_400_and_names_the_limit(one: Facts) -> Iterator[Problem]:
    """A prompt that is too long gets 400 (or 413) and a message that names the limit."""
    if one.status not in {ERROR, _TOO_LARGE}:
        yield Problem(message=f"status {one.status} for a prompt that is too long, wanted 400")
    message = error_of(one).get("message")
    if isinstance(message, str) and not re.search(r"\d", message):
        yield Problem(message=f"no limit in {shown(message)}", at="$.error.message")


# --- keys -----------------------------------------------------------------------------------------


def carries_key(exchange: Exchange) -> bool:
    """The request has a header for keys, or a key was taken out of it."""
    names = {name.lower() for name, _ in exchange.request.headers}
    return bool(names & KEY_HEADERS) or any(each.side == "sent" for each in exchange.redactions)


def _locked(*, key: bool) -> select.Selected:
    """Refusals for want of a right key, to requests with or without one."""
    statuses = {_UNAUTHORIZED} if key else {_UNAUTHORIZED, _FORBIDDEN}

    def selected(exchange: Exchange) -> Sequence[Facts]:
        return [
            one
            for one in select.refusals(exchange)
            if carries_key(exchange) is key and (one.status in statuses or bool(words(one) & _AUTH))
        ]

    return selected


@check("AUTH-002", over=_locked(key=False), always=True)
def missing_key_is_401(one: Facts) -> Iterator[Problem]:
    """Where a key is wanted, its lack is 401 and a standard error object."""
    told = one.status == _FORBIDDEN and isinstance(error_of(one).get("code"), str)
    if one.status != _UNAUTHORIZED and (not told or bool(words(one) & _AUTH)):
        yield Problem(message=f"status {one.status} for a request without a key, wanted 401")
    elif not is_standard(one):
        yield Problem(message=f"status {one.status} without a standard error object")


@check("AUTH-003", over=_locked(key=True), always=True)
def wrong_key_is_401(one: Facts) -> Iterator[Problem]:
    """A wrong key is 401 and a standard error object."""
    if one.status != _UNAUTHORIZED:
        yield Problem(message=f"status {one.status} for a wrong key, wanted 401")
    elif not is_standard(one):
        yield Problem(message=f"status {one.status} without a standard error object")


def _with_bearer(exchange: Exchange) -> Sequence[Facts]:
    """Responses to a bearer token that was let in, or that say what else is wanted."""
    sent = [value for name, value in exchange.request.headers if name.lower() == "authorization"]
    if not any(value.lower().startswith("bearer ") for value in sent):
        return ()
    return [one for one in select.responses(exchange) if one.ok or _challenge(one) is not None]


def _challenge(one: Facts) -> str | None:
    locked = one.status == _UNAUTHORIZED and one.response is not None
    return one.response.header("www-authenticate") if locked and one.response else None


@check("AUTH-001", over=_with_bearer, always=True)
def bearer_is_a_way_in(one: Facts) -> Iterator[Problem]:
    """A 401 that says which scheme it wants names Bearer among them."""
    challenge = _challenge(one)
    if challenge is not None and "bearer" not in challenge.lower():
        yield Problem(
            message=f"a bearer token, and {shown(challenge)} is wanted", at="www-authenticate"
        )


_unknown_models = select.among(
    select.refusals, lambda one: one.endpoint == MODEL and one.status not in EXCUSED - {_NOT_FOUND}
)


@check("MODELS-011", over=_unknown_models, always=True)
def unknown_model_is_404(one: Facts) -> Iterator[Problem]:
    """A model that GET /models/{id} does not know is 404 and a standard error."""
    if one.status != _NOT_FOUND and one.status not in _SERVER_FAULTS:
        yield Problem(message=f"status {one.status} for a model, wanted 404 where it is not known")
    elif one.status == _NOT_FOUND and not is_standard(one):
        yield Problem(message="status 404 without a standard error object")
