"""RSN: what a model thinks, beside what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from conformance.checks import select
from conformance.checks.by_schema import invariant
from conformance.checks.core import Problem, check
from conformance.checks.ends import PER_TOKEN, count_words
from conformance.checks.facts import CUT, Facts, Said, facts
from conformance.checks.markup import leaked
from conformance.checks.parts import Entry, is_one_of
from conformance.checks.show import shown
from conformance.checks.stream import SEVERAL, snapshots
from conformance.wire.completion import REASONING
from conformance.wire.exchange import Exchange

_COPIED = 40
"""Characters of reasoning that stand in the content by no accident."""
_MANY = 8
"""Deltas that are the same in pairs by no accident."""
_OTHER_NAMES = ("thinking", "thinking_content", "thought", "thoughts", "reasoning_text")
"""Members in which some send reasoning, and where no client of this API looks for it."""
_TAG = re.compile(r"</?(?:[\w-]+:)?(?:think|thinking|thought|reasoning)>|\[/?THINK\]")

invariant(
    "RSN-003",
    "delta_reasoning_is_text",
    "Reasoning streams in strings.",
    schema="chat_completion_chunk",
    over=select.with_delta_member("reasoning_content", "reasoning"),
)


def _thinking(exchange: Exchange) -> Sequence[Said]:
    """Choices with reasoning beside the content."""
    return [
        one
        for one in facts(exchange).choices
        if isinstance(one.choice.reasoning, str) and one.choice.reasoning.strip()
    ]


def think_tags(one: Said) -> list[str]:
    """Tags around reasoning that leaked into the content of a choice."""
    content = one.choice.content
    marks = leaked(content, one.facts.asked) if isinstance(content, str) else []
    return [mark for mark in marks if _TAG.fullmatch(mark)]


def _exposed(exchange: Exchange) -> Sequence[tuple[Said, str]]:
    """Choices with reasoning in a member of whatever name, and that name."""
    found = []
    for one in facts(exchange).choices:
        held = one.choice.message if isinstance(one.choice.message, dict) else {}
        names = [name for name in (*REASONING, *_OTHER_NAMES) if held.get(name)]
        found += [(one, name) for name in names[:1]]
    return found


@check("RSN-001", over=_exposed, always=True)
def reasoning_has_a_known_name(told: tuple[Said, str]) -> Iterator[Problem]:
    """Reasoning comes in `reasoning_content` or `reasoning`."""
    one, name = told
    if name not in REASONING:
        at = f"{one.at}.message.{name}"
        yield Problem(message=f"reasoning comes in {name!r}, where nobody looks for it", at=at)


@check("RSN-002", over=_thinking, always=True)
def reasoning_is_not_in_the_content(one: Said) -> Iterator[Problem]:
    """What stands in the reasoning member does not stand in the content as well."""
    content, thought = one.choice.content, one.choice.reasoning.strip()
    if isinstance(content, str) and len(thought) >= _COPIED and thought in content:
        yield Problem(
            message=f"the content holds the reasoning, too: {shown(thought)}",
            at=f"{one.at}.message.content",
        )


def _beside(exchange: Exchange) -> Sequence[tuple[Said, Said]]:
    """Each choice with reasoning beside each other one of the same answer."""
    thinking = _thinking(exchange)
    return [(one, other) for one in thinking for other in thinking if one is not other]


@check("RSN-002", over=_beside, always=True)
def reasoning_does_not_go_on_in_the_content(told: tuple[Said, Said]) -> Iterator[Problem]:
    """Where two choices reason alike, the one's content is not what the other's reasoning goes on with."""
    one, other = told
    content, thought, whole = one.choice.content, one.choice.reasoning, other.choice.reasoning
    rest = whole.removeprefix(thought).strip() if whole.startswith(thought) else ""
    if isinstance(content, str) and len(rest) >= _COPIED and content.strip().startswith(rest):
        yield Problem(
            message=f"the reasoning goes on in the content: {shown(rest)}",
            at=f"{one.at}.message.content",
        )


def _streamed_thoughts(exchange: Exchange) -> Sequence[tuple[Sequence[Entry], str, list[str]]]:
    """Choices of streams with several pieces of reasoning: its member, and the pieces."""
    found = []
    for course in facts(exchange).by_choice.values():
        for name in REASONING:
            held = [each.delta.get(name) for each in course]
            texts = [each for each in held if isinstance(each, str) and each]
            if len(texts) >= SEVERAL:
                found.append((course, name, texts))
    return found


@check("RSN-003", over=_streamed_thoughts, always=True)
def reasoning_deltas_are_no_snapshots(
    told: tuple[Sequence[Entry], str, list[str]],
) -> Iterator[Problem]:
    """A delta is what is new of the reasoning, not all of it so far."""
    course, name, texts = told
    yield from snapshots(course, texts, name)


_in_many_deltas = select.among(_streamed_thoughts, lambda told: len(told[2]) >= _MANY)


@check("RSN-003", over=_in_many_deltas, always=True)
def reasoning_deltas_come_once(
    told: tuple[Sequence[Entry], str, list[str]],
) -> Iterator[Problem]:
    """Not each delta of the reasoning comes twice in a row."""
    course, name, texts = told
    firsts, seconds = texts[::2], texts[1::2]
    if firsts == seconds and len(set(firsts)) >= SEVERAL:
        yield Problem(
            message=f"each of {len(firsts)} deltas comes twice: {shown(''.join(texts))}",
            at=f"{course[0].at}.delta.{name}",
        )


def _reasoning_tokens(found: Facts) -> object:
    """What the usage says of reasoning tokens; None where it says nothing."""
    usage = found.answer.usage if found.answer else None
    details = usage.get("completion_tokens_details") if isinstance(usage, dict) else None
    return details.get("reasoning_tokens") if isinstance(details, dict) else None


def _thoughtful(exchange: Exchange) -> Sequence[Said]:
    """Choices with reasoning: told, or, of a single choice, kept back and counted."""
    found = facts(exchange)
    alone = len(found.choices) == 1 and bool(_reasoning_tokens(found))
    return found.choices if alone else _thinking(exchange)


def _counted(exchange: Exchange) -> Sequence[tuple[Said, object]]:
    """Such choices of answers with a usage, and what it says of reasoning tokens."""
    found = facts(exchange)
    if not found.answer or not isinstance(found.answer.usage, dict):
        return ()
    return [(one, _reasoning_tokens(found)) for one in _thoughtful(exchange)]


@check("RSN-004", over=_counted, always=True)
def reasoning_is_counted(told: tuple[Said, object]) -> Iterator[Problem]:
    """Reasoning is counted in `completion_tokens` and, of them, in `reasoning_tokens`."""
    one, spent = told
    if not spent:
        yield Problem(
            message=f"reasoning_tokens {shown(spent)} for an answer with reasoning",
            at="$.usage.completion_tokens_details.reasoning_tokens",
        )
    words, total = count_words(one.choice.reasoning), one.facts.spent
    if total is not None and total < words // PER_TOKEN:
        yield Problem(
            message=f"{total} completion tokens, but the reasoning alone has {words} words",
            at="$.usage.completion_tokens",
        )


def _cut_thoughts(exchange: Exchange) -> Sequence[Said]:
    """Choices that used up their tokens, as the usage counts them, before they said anything."""
    found = facts(exchange)
    used = found.cap is not None and found.spent is not None and found.spent >= found.cap
    if not used or len(found.choices) != 1:
        return ()
    silent = (one for one in _thoughtful(exchange) if not one.choice.content)
    return [one for one in silent if not one.choice.tool_calls]


@check("RSN-007", over=_cut_thoughts, always=True)
def cut_reasoning_is_told(one: Said) -> Iterator[Problem]:
    """An answer that the cap ended while the model was still thinking ends with `length`."""
    if not is_one_of(one.choice.finish_reason, *CUT):
        seen = shown(one.choice.finish_reason)
        yield Problem(
            message=f"finish_reason {seen} for reasoning that used up the cap of {one.facts.cap}",
            at=f"{one.at}.finish_reason",
        )


def _without_effort(exchange: Exchange) -> Sequence[Said]:
    """Choices of requests for no effort."""
    found = facts(exchange)
    return found.choices if found.asked.get("reasoning_effort") == "none" else ()


@check("RSN-014", over=_without_effort, always=True)
def no_effort_no_reasoning(one: Said) -> Iterator[Problem]:
    """With `reasoning_effort: none` no reasoning comes."""
    thought = one.choice.reasoning
    if isinstance(thought, str) and thought.strip():
        yield Problem(
            message=f"reasoning with reasoning_effort none: {shown(thought)}",
            at=f"{one.at}.message",
        )


def _thinking_anywhere(exchange: Exchange) -> Sequence[Said]:
    """Choices with reasoning, be it in a member of its own or with tags in the content."""
    thinking = _thinking(exchange)
    return [one for one in facts(exchange).choices if one in thinking or think_tags(one)]


@check("RSN-018", over=_thinking_anywhere, always=True)
def thinking_is_parsed(one: Said) -> Iterator[Problem]:
    """Think tags do not stand in the content, not even the closing one alone."""
    for mark in think_tags(one):
        yield Problem(message=f"the content holds {shown(mark)}", at=f"{one.at}.message.content")


def _calling(exchange: Exchange) -> Sequence[Said]:
    """Choices of requests that offer tools."""
    return facts(exchange).choices if facts(exchange).tools else ()


@check("RSN-018", over=_calling, always=True)
def markup_is_parsed(one: Said) -> Iterator[Problem]:
    """The markup of a model's calls stands neither in the content nor in arguments."""
    texts = [("content", one.choice.content)]
    texts += [(f"tool_calls[{n}]", call.arguments) for n, call in enumerate(one.choice.tool_calls)]
    for where, text in texts:
        for mark in leaked(text, one.facts.asked) if isinstance(text, str) else ():
            yield Problem(message=f"{where} holds {shown(mark)}", at=f"{one.at}.message.{where}")
