"""Expectations on two steps of a case: what is the same in both, and what is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.checks.core import Problem, check
from conformance.checks.facts import ERROR, facts
from conformance.checks.generic import absence, missing_answer, unserved
from conformance.checks.http import limits_of
from conformance.checks.show import shown
from conformance.checks.spoken import first_choice, spoken, tokens
from conformance.wire.exchange import Exchange

_LONG = 200
_CALLS = frozenset({"tool_calls", "function_call"})


def _gaps(*steps: Exchange) -> Iterator[Problem]:
    """Steps without an answer."""
    for each in steps:
        if why := missing_answer(each):
            yield Problem(message=f"step {each.step}: {why}")


@check()
def same_text(exchange: Exchange, step: Exchange, first: int | None = None) -> Iterator[Problem]:
    """The assistant's text is that of another step; with `first`, so many characters of it are."""
    gaps = list(_gaps(exchange, step))
    yield from gaps
    if not gaps and _beginning(exchange, first) != _beginning(step, first):
        here, there = shown(spoken(exchange), _LONG), shown(spoken(step), _LONG)
        yield Problem(message=f"{here}, in step {step.step} {there}")


@check()
def different_text(
    exchange: Exchange, step: Exchange, first: int | None = None
) -> Iterator[Problem]:
    """The assistant's text is another than that of another step; with `first`, so are so many characters."""
    gaps = list(_gaps(exchange, step))
    yield from gaps
    if not gaps and _beginning(exchange, first) == _beginning(step, first):
        yield Problem(message=f"the same as in step {step.step}: {shown(spoken(exchange), _LONG)}")


def _beginning(exchange: Exchange, first: int | None) -> str | None:
    said = spoken(exchange)
    return said if said is None else said[:first]


@check()
def same_finish(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """The first choice ends as in another step; both ways to say that a tool was called are one."""
    gaps = list(_gaps(exchange, step))
    yield from gaps
    here, there = first_choice(exchange), first_choice(step)
    if not gaps and here and there and _family(here.finish_reason) != _family(there.finish_reason):
        yield Problem(
            message=f"finish_reason {shown(here.finish_reason)}, "
            f"in step {step.step} {shown(there.finish_reason)}",
            at="$.choices[0].finish_reason",
        )


@check(assumable=True)
def has_room_for_both(exchange: Exchange, step: Exchange, again: Exchange) -> Iterator[Problem]:
    """Two other steps ended by themselves with the same words, and this one's cap has room for them and an end."""
    cap = facts(exchange).cap
    for each in (step, again):
        choice, spent = first_choice(each), tokens(each, "completion_tokens")
        if choice is None or choice.finish_reason != "stop" or spoken(each) != spoken(step):
            yield Problem(message=f"step {each.step} does not end by itself, or with other words")
        elif spent is None or cap is None or spent >= cap:
            yield Problem(message=f"step {each.step} has {spent} tokens, and the cap is {cap}")


def _family(reason: Any) -> str:
    return "calls" if isinstance(reason, str) and reason in _CALLS else shown(reason)


@check()
def same_prompt_tokens(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """The prompt has as many tokens as in another step."""
    gaps = list(_gaps(exchange, step))
    yield from gaps
    here, there = tokens(exchange, "prompt_tokens"), tokens(step, "prompt_tokens")
    if not gaps and (here is None or here != there):
        yield Problem(
            message=f"prompt_tokens {here}, in step {step.step} {there}", at="$.usage.prompt_tokens"
        )


@check()
def more_prompt_tokens(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """The prompt has more tokens than in another step."""
    gaps = list(_gaps(exchange, step))
    yield from gaps
    here, there = tokens(exchange, "prompt_tokens"), tokens(step, "prompt_tokens")
    if not gaps and (here is None or there is None or here <= there):
        yield Problem(
            message=f"prompt_tokens {here}, in step {step.step} {there}: wanted more",
            at="$.usage.prompt_tokens",
        )


@check()
def same_media_type(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """The response has the media type of that in another step: where both ask alike, the same kind of answer."""
    here, there = (each.response.media_type if each.response else "" for each in (exchange, step))
    if not here or here != there:
        told = shown(here) if here else absence(exchange)
        yield Problem(message=f"{told}, in step {step.step} {shown(there)}", at="content-type")


@check("TRANS-014")
def limits_told_as_well(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """The rate limits that are told here were told in another step, too; who has none tells none."""
    here, there = ({name for name, _ in limits_of(each)} for each in (exchange, step))
    lost = sorted(here - there)
    if facts(step).ok and lost:
        yield Problem(message=f"step {step.step} does not tell {', '.join(lost)}", at=lost[0])


@check("CRESP-001")
def different_ids(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """The completion has another id than that of another step."""
    gaps = list(_gaps(exchange, step))
    yield from gaps
    here, there = (each.answer.id if each.answer else None for each in (exchange, step))
    if not gaps and (not isinstance(here, str) or not here or here == there):
        yield Problem(message=f"id {shown(here)}, in step {step.step} {shown(there)}", at="$.id")


@check("ERR-032", over=unserved)
def same_error(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """The failure has the same status, type and code as in another step; there has to be one."""
    for each in (exchange, step):
        if why := absence(each):
            yield Problem(message=f"step {each.step}: {why}")
            return
    here, there = _told(exchange), _told(step)
    if here != there:
        yield Problem(message=f"{shown(here)}, in step {step.step} {shown(there)}")


def _told(exchange: Exchange) -> list[Any]:
    """Status, type and code of a failure; null where the body names none."""
    body = exchange.document.value
    error = body.get("error") if isinstance(body, dict) else None
    error = error if isinstance(error, dict) else {}
    assert exchange.response is not None
    return [exchange.response.status, error.get("type"), error.get("code")]


@check()
def refused_as_well(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """The request is refused, and so was that of another step; with which status is for ERR to say."""
    for each in (exchange, step):
        if why := absence(each):
            yield Problem(message=f"step {each.step}: {why}")
        elif each.response is not None and each.response.status < ERROR and not facts(each).failed:
            yield Problem(message=f"step {each.step}: status {each.response.status}")


@check("TRANS-020")
def kept_alive(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """The request went over the connection of another step, and was answered."""
    yield from _left(exchange, step)


@check("TRANS-020")
def kept_or_told(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """The request went over the connection of another step, unless that one said it would close it."""
    closing = step.response.header("connection") if step.response else None
    if (closing or "").strip().lower() != "close":
        yield from _left(exchange, step)


def _left(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    if why := absence(exchange):
        yield Problem(message=why)
    elif exchange.connection != step.connection:
        closing = step.response.header("connection") if step.response else None
        said = f" (it said Connection: {closing})" if closing else ""
        whole = "" if facts(step).whole else " and was not read to its end"
        yield Problem(message=f"step {step.step} left its connection closed{said}{whole}")
