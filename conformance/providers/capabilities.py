"""The words for what an endpoint may offer: in `capabilities`, in a suite's `needs`, in profiles."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "chat": "POST /chat/completions answers",
        "stream": "`stream: true` answers with server-sent events",
        "tools": "`tools` are taken, and the model may call them",
        "tool_choice.required": "`tool_choice: required` forces some call",
        "tool_choice.named": "`tool_choice` with a function's name forces a call of that function",
        "parallel_tools": "several calls in one message, and `parallel_tool_calls`",
        "json_object": "`response_format` of type `json_object`",
        "json_schema": "`response_format` of type `json_schema`",
        "logprobs": "`logprobs` and `top_logprobs` in chat completions",
        "n": "several choices for one request (`n` above 1)",
        "seed": "`seed`",
        "logit_bias": "`logit_bias`",
        "reasoning": "a model that reasons before it answers, and `reasoning_effort`",
        "vision": "images in user messages",
        "audio": "sound in messages or answers",
        "completions": "POST /completions, the older text endpoint",
        "embeddings": "POST /embeddings",
        "responses": "POST /responses",
        "auth": "the server checks keys: a wrong one is refused",
        "models": "GET /models lists what is served",
        "forbidden_model": "`models.forbidden` names a model that the key may not use",
        "context_tokens": "`limits.context_tokens` says how much fits, so that more can be tried",
    }
)
"""Each word with its meaning in one line, in the order of reports."""

CAPABILITIES: tuple[str, ...] = tuple(MEANINGS)
