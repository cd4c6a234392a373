"""Several answers come from several requests, where the server ignores `n` or copies one answer.

    completion = several(client, n=3, model=..., messages=...)

For CREQ-035, CREQ-036, USAGE-011.
"""

from __future__ import annotations

from typing import Any

from openai import OpenAI
from openai.types.chat import ChatCompletion


def several(client: OpenAI, *, n: int, **asked: Any) -> ChatCompletion:
    """As `client.chat.completions.create(n=n, ...)`, not streamed; the prompt is paid for n times."""
    answers = [client.chat.completions.create(**asked, n=1) for _ in range(n)]
    first: ChatCompletion = answers[0]
    for index, other in enumerate(answers[1:], 1):
        other.choices[0].index = index
        first.choices.append(other.choices[0])
        if first.usage and other.usage:
            first.usage.completion_tokens += other.usage.completion_tokens
            first.usage.total_tokens += other.usage.completion_tokens
    return first
