"""RSN: what the counts of an answer say of its reasoning, and what they leave for the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.checks.core import Problem, check
from conformance.checks.facts import Facts, facts
from conformance.checks.parts import is_integer
from conformance.checks.show import shown
from conformance.wire.exchange import Exchange

_SPECIAL = 12
"""Tokens of a choice that no text shows: its begin, its ends, and the marks around its parts."""
_SHARE = 3
_CALL = 64
"""Tokens of a call beside its name and its arguments."""
_MEMBER = 32
"""The same for each argument: some models write markup around every one."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Counts:
    """A whole answer that counts its reasoning apart."""

    facts: Facts
    spent: int
    reasoning: int

    @property
    def cut(self) -> bool:
        """The cap ended a choice."""
        return any(one.choice.finish_reason == "length" for one in self.facts.choices)

    @property
    def most(self) -> int:
        """Tokens that what is told beside the reasoning has at most: none is less than a byte."""
        total = 0
        for one in self.facts.choices:
            texts = [one.choice.content, one.choice.refusal]
            for call in one.choice.tool_calls:
                texts += [call.name, call.arguments]
                total += _CALL + _MEMBER * (call.arguments or "").count(":")
            total += _SPECIAL + sum(_bytes(each) for each in texts if isinstance(each, str))
        return total


def _bytes(text: str) -> int:
    return len(text.encode(errors="surrogatepass"))  # half a character is another clause's matter


def _counted(exchange: Exchange) -> Sequence[_Counts]:
    found = facts(exchange)
    usage = found.answer.usage if found.answer else None
    details = usage.get("completion_tokens_details") if isinstance(usage, dict) else None
    reasoning = details.get("reasoning_tokens") if isinstance(details, dict) else None
    if not is_integer(reasoning) or reasoning <= 0 or not found.spent or not found.choices:
        return ()
    return (_Counts(facts=found, spent=found.spent, reasoning=reasoning),)


def _all_told(exchange: Exchange) -> Sequence[_Counts]:
    """Those of which the rest can be seen.

    A stop string takes a part of it away, a call that the cap cut need not be told, and of
    arguments that are no text nobody knows how they were written.
    """
    return [
        one
        for one in _counted(exchange)
        if not one.facts.asked.get("stop")
        if all(isinstance(each, str | None) for each in _arguments(one))
        if not (one.facts.asked.get("tools") and one.cut)
    ]


def _arguments(one: _Counts) -> Iterator[object]:
    for said in one.facts.choices:
        yield from (call.arguments for call in said.choice.tool_calls)


@check("RSN-004", over=_all_told, always=True)
def all_reasoning_is_counted(one: _Counts) -> Iterator[Problem]:
    """What is not reasoning is the answer: its tokens are no more than its bytes.

    A third as much as the reasoning is let pass: some count it by the words of another vocabulary.
    """
    rest = one.spent - one.reasoning
    if rest > one.most + one.reasoning / _SHARE:
        message = (
            f"{one.reasoning} of {one.spent} completion tokens are reasoning, and the {rest} others "
            f"are more than the answer has"
        )
        at = "$.usage.completion_tokens_details.reasoning_tokens"
        yield Problem(message=message, at=at)


def _used_up(exchange: Exchange) -> Sequence[_Counts]:
    """Single answers that their cap ended, all of whose tokens were reasoning."""
    return [
        one
        for one in _counted(exchange)
        if len(one.facts.choices) == 1 and one.facts.choices[0].choice.finish_reason == "length"
        if one.reasoning >= one.spent
    ]


@check("RSN-007", over=_used_up, always=True)
def cut_reasoning_says_nothing(one: _Counts) -> Iterator[Problem]:
    """Where reasoning used up all tokens, nothing is left for the content."""
    said = one.facts.choices[0]
    content = said.choice.content
    if isinstance(content, str) and content.strip():
        message = f"content {shown(content)}, though all {one.spent} tokens were reasoning"
        yield Problem(message=message, at=f"{said.at}.message.content")
