"""What a control showed, in words for somebody who has to decide, not to debug."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from conformance.checks.show import shown
from conformance.suite.model import CheckRef

_MOST = 24
"""Characters of a text that are told."""
Given = Mapping[str, Any]


def in_words(refs: Sequence[CheckRef]) -> str:
    """`20 tokens or more`; what only asks for any answer at all is left out beside more."""
    telling = [ref for ref in refs if ref.arguments != {"at_least": 1}] or refs
    return "; ".join(_word(ref) for ref in telling)


def _word(ref: CheckRef) -> str:
    """A check that has no words here is told as suites write it."""
    if ref.name in _WORDS:
        return _WORDS[ref.name](ref.arguments)
    return " ".join([ref.name, *(f"{name} {value}" for name, value in ref.arguments.items())])


def _text(given: Given) -> str:
    for name, word in (("contains", "with"), ("excludes", "without")):
        if name in given:
            return f"{word} {shown(given[name], _MOST)}"
    return "of another form"


def _calls(given: Given) -> str:
    least = given.get("at_least", 1)
    return "a call" if least == 1 else f"{least} calls or more" if least else "no call"


_WORDS: Mapping[str, Callable[[Given], str]] = {
    "choices": lambda given: f"{given['count']} choice",
    "completion_tokens": lambda given: f"{given['at_least']} tokens or more",
    "content_length": lambda given: f"{given['at_least']} characters or more",
    "copied_json": lambda _: "the JSON that the prompt asks for",
    "different_text": lambda _: "two answers that differ",
    "logprobs": lambda _: "no log probabilities",
    "more_prompt_tokens": lambda _: "a longer prompt",
    "reasoning_text": lambda given: f"thoughts {_text(given)}",
    "reasons": lambda given: "thoughts" if given.get("present", True) else "no thoughts",
    "same_calls": lambda _: "the same calls twice",
    "same_prompt_tokens": lambda _: "a prompt as long",
    "same_reasoning": lambda _: "the same thoughts",
    "same_text": lambda _: "the same answer twice",
    "text": lambda given: f"a text {_text(given)}",
    "tool_call": lambda given: f"a call of {given['name']}",
    "tool_calls": _calls,
    "usage_chunk": lambda _: "no chunk of usage",
    "value": lambda _: "no such member",
    "vector_length": lambda given: f"{given['at_least']} numbers or more",
}
