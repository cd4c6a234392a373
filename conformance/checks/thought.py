"""Expectations on what a model thinks before it answers: whether, how much, and what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.checks.core import Problem, check
from conformance.checks.ends import count_words
from conformance.checks.facts import Said, facts
from conformance.checks.generic import missing_answer
from conformance.checks.parts import is_integer
from conformance.checks.reasoning import think_tags
from conformance.checks.show import shown
from conformance.checks.spoken import first_choice
from conformance.wire.exchange import Exchange

_TELLING = 16
"""Words of reasoning whose tokens are more than what two calls of one tool differ by."""
_END = 8
"""Characters of an end that two answers have by no accident."""


def _text(exchange: Exchange) -> str:
    """The reasoning that came beside the answer; empty where none did."""
    choice = first_choice(exchange)
    thought = choice.reasoning if choice else None
    return thought.strip() if isinstance(thought, str) else ""


def _tokens(exchange: Exchange) -> int:
    """Reasoning tokens as the usage counts them; 0 where it counts none."""
    usage = exchange.answer.usage if exchange.answer else None
    counts = usage if isinstance(usage, dict) else {}
    details = counts.get("completion_tokens_details") or counts.get("output_tokens_details")
    spent = details.get("reasoning_tokens") if isinstance(details, dict) else None
    return spent if is_integer(spent) else 0


def _signs(exchange: Exchange) -> str:
    """What shows that the model has thought, whether its thoughts are told or not; else empty."""
    if text := _text(exchange):
        return f"reasoning {shown(text)}"
    if spent := _tokens(exchange):
        return f"{spent} reasoning tokens"
    tags = [mark for said in facts(exchange).choices for mark in think_tags(said)]
    return f"{shown(tags[0])} in the content" if tags else ""


@check(assumable=True)
def reasons(
    exchange: Exchange,
    present: bool = True,  # noqa: FBT001, FBT002 - written by name in suites
) -> Iterator[Problem]:
    """The model has reasoned: the reasoning is there, or its tokens are counted; or it has not."""
    if why := missing_answer(exchange):
        yield Problem(message=why)
        return
    seen = _signs(exchange)
    if present and not seen:
        yield Problem(message="no reasoning, and no tokens of any", at="$.choices[0].message")
    elif not present and seen:
        yield Problem(message=f"{seen}, wanted none", at="$.choices[0].message")


@check(assumable=True)
def reasoning_text(exchange: Exchange, contains: str) -> Iterator[Problem]:
    """The reasoning that comes beside the answer contains something."""
    if why := missing_answer(exchange):
        yield Problem(message=why)
    elif contains not in _text(exchange):
        seen = shown(_text(exchange))
        yield Problem(message=f"{contains!r} is not in the reasoning {seen}")


def _thought_out(exchange: Exchange) -> Sequence[Said]:
    """Choices that came to their end after some reasoning, without a call or a refusal."""
    if not _signs(exchange):
        return ()
    return [
        one
        for one in facts(exchange).choices
        if one.choice.finish_reason == "stop"
        and not one.cut
        and not one.choice.tool_calls
        and not one.choice.refusal
    ]


@check("CRESP-028", over=_thought_out)
def answer_stands_in_the_content(one: Said) -> Iterator[Problem]:
    """After the reasoning the answer stands in the content."""
    if not one.choice.content:
        yield Problem(
            message=f"content {shown(one.choice.content)} after reasoning, and finish_reason stop",
            at=f"{one.at}.message.content",
        )


def _stops(one: Said) -> list[str]:
    asked = one.facts.asked.get("stop")
    listed = asked if isinstance(asked, list) else [asked]
    return [each for each in listed if isinstance(each, str) and each]


def _may_stop(exchange: Exchange) -> Sequence[Said]:
    """Choices of which it shows what a stop string did: it stands in the reasoning, or no answer came."""
    return [
        one
        for one in facts(exchange).choices
        if _stopped(one) or any(each in str(one.choice.reasoning) for each in _stops(one))
    ]


def _stopped(one: Said) -> bool:
    said = one.choice.content or one.choice.tool_calls
    return one.choice.finish_reason == "stop" and not said and not one.cut


@check("RSN-010", over=_may_stop)
def stop_spares_the_reasoning(one: Said) -> Iterator[Problem]:
    """A stop string does not end the reasoning."""
    if _stopped(one) and not any(each in str(one.choice.reasoning) for each in _stops(one)):
        yield Problem(
            message=f"no answer: the stop string ended the reasoning {shown(one.choice.reasoning)}",
            at=f"{one.at}.message.content",
        )


def _gaps(*steps: Exchange) -> list[Problem]:
    """Steps without an answer."""
    told = ((each, missing_answer(each)) for each in steps)
    return [Problem(message=f"step {each.step}: {why}") for each, why in told if why]


@check("RSN-003")
def same_reasoning(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """The reasoning is that of another step, and there is some."""
    gaps = _gaps(exchange, step)
    yield from gaps
    here, there = _text(exchange), _text(step)
    if not gaps and (not here or here != there):
        yield Problem(message=f"{shown(here)}, in step {step.step} {shown(there)}")


@check("RSN-002")
def reasoning_ends_before_the_content(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """The content does not begin with the end of the reasoning that another step told.

    An answer that begins like that in the other step as well is one: the model says what it thought last.
    """
    gaps = _gaps(exchange, step)
    yield from gaps
    here, there = _text(exchange), _text(step)
    rest = there.removeprefix(here).strip() if here and there.startswith(here) else ""
    if not gaps and len(rest) >= _END and _begins(exchange, rest) and not _begins(step, rest):
        yield Problem(
            message=f"the content begins with {shown(rest)}, which ends the reasoning of step {step.step}",
            at="$.choices[0].message.content",
        )


def _begins(exchange: Exchange, text: str) -> bool:
    choice = first_choice(exchange)
    said = choice.content if choice else None
    return isinstance(said, str) and said.lstrip().startswith(text)


def _calls_alone(exchange: Exchange) -> bool:
    """One call and not a word beside it: words would cost tokens that are no reasoning."""
    choice = first_choice(exchange)
    return choice is not None and not choice.content and len(choice.tool_calls) == 1


@check("RSN-003")
def reasoning_is_told_as_well(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """Reasoning that another step told is told here, too, where it was spent: by the tokens of either."""
    gaps = _gaps(exchange, step)
    yield from gaps
    told, here, there = _text(step), facts(exchange).spent, facts(step).spent
    if gaps or not told or _text(exchange):
        return
    words = count_words(told)
    counted = _calls_alone(exchange) and None not in (here, there) and words >= _TELLING
    if _tokens(exchange) or (counted and (here or 0) > (there or 0) - words / 2):
        yield Problem(
            message=f"{here} tokens and no reasoning, in step {step.step} {there} tokens and {shown(told)}",
            at="$.choices[0].message",
        )


@check("RSN-015")
def same_mode(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """The model has reasoned if and only if it has in another step."""
    gaps = _gaps(exchange, step)
    yield from gaps
    here, there = _signs(exchange), _signs(step)
    if not gaps and bool(here) is not bool(there):
        yield Problem(message=f"{here or 'no reasoning'}, in step {step.step} {there or 'none'}")


@check("RSN-016")
def more_reasoning(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """There is more reasoning than in another step: by the usage, or by the text where it counts none."""
    gaps = _gaps(exchange, step)
    yield from gaps
    here, there = _tokens(exchange), _tokens(step)
    what = "reasoning tokens"
    if not (here and there):
        here, there, what = len(_text(exchange)), len(_text(step)), "characters of reasoning"
    if not gaps and here <= there:
        yield Problem(message=f"{here} {what}, in step {step.step} {there}: wanted more")
