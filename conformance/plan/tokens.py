"""How many tokens a request may cost, before it is sent. Pure.

Upper bounds: a byte-level tokenizer makes at most one token of a byte, and chat templates add a few
for each message. What the server then reports takes the place of the bound.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PER_REQUEST = 64
"""For what templates put in front of it all: the longest default system prompts seen have 40."""
PER_MESSAGE = 16
"""For the marks around a message."""
PER_IMAGE = 1_600
"""The dearest tile count of one small image among the vendors that publish theirs."""
PER_STORED = 512
"""For what the server keeps of earlier turns, which stands in no body: our suites keep it short."""
_CAPS = ("max_completion_tokens", "max_tokens", "max_output_tokens")
_TEXTS = ("messages", "prompt", "input", "instructions")
_RENDERED = ("tools", "functions", "response_format", "text")
"""What many servers write into the prompt as JSON."""
_DATA_URI = "data:"
_NO_ANSWER = "/embeddings"
"""Of these paths answers are made of no tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Of a request and of its answer."""

    prompt: int = 0
    completion: int = 0

    @property
    def total(self) -> int:
        return self.prompt + self.completion

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(
            prompt=self.prompt + other.prompt, completion=self.completion + other.completion
        )


def bound(path: str, body: Any, without_cap: int) -> Tokens:
    """The most that a request with this body costs; nothing where there is no body.

    `without_cap`: tokens of an answer whose length the body does not limit.
    """
    if not isinstance(body, Mapping):
        return Tokens()
    prompt = sum(_texts(body.get(name)) for name in _TEXTS)
    prompt += sum(len(json.dumps(body[name])) for name in _RENDERED if name in body)
    prompt += PER_STORED if body.get("previous_response_id") else 0
    if path.endswith(_NO_ANSWER):
        return Tokens(prompt=PER_REQUEST + prompt)
    many = max([1, *_counts(body, ("n", "best_of"))]) * _prompts(body.get("prompt"))
    cap = min(_counts(body, _CAPS), default=without_cap)
    return Tokens(prompt=PER_REQUEST + prompt, completion=many * cap)


def _prompts(prompt: Any) -> int:
    """How many texts go on from a `prompt`: each of a list of texts, or of lists of token ids."""
    if not isinstance(prompt, list):
        return 1
    return max(1, sum(isinstance(each, str | list) for each in prompt))


def _counts(body: Mapping[str, Any], names: Sequence[str]) -> list[int]:
    """Those of the members that are there and that a server can take for a number of things."""
    values = [body.get(name) for name in names]
    return [one for one in values if isinstance(one, int) and not isinstance(one, bool) and one > 0]


def _texts(value: Any) -> int:
    match value:
        case str():
            return (
                PER_IMAGE if value.startswith(_DATA_URI) else len(value.encode("utf-8", "replace"))
            )
        case Mapping():
            return PER_MESSAGE + sum(_texts(each) for each in value.values())
        case Sequence():
            return sum(_texts(each) for each in value)
        case None:
            return 0
        case _:
            return 1  # a token id
