"""The parameters of a chat request, as the capability matrix names and orders them.

A dot sets a value or a member apart that can be honoured where others are not. What decides nothing
about a provider (`model`, `messages`) is not listed.
"""

from __future__ import annotations

PARAMETERS: tuple[str, ...] = (
    "max_tokens",
    "max_completion_tokens",
    "stop",
    "n",
    "temperature",
    "top_p",
    "seed",
    "frequency_penalty",
    "presence_penalty",
    "logit_bias",
    "logprobs",
    "top_logprobs",
    "response_format.text",
    "response_format.json_object",
    "response_format.json_schema",
    "tools",
    "tools.strict",
    "tool_choice.none",
    "tool_choice.required",
    "tool_choice.named",
    "tool_choice.allowed_tools",
    "tool_choice.custom",
    "parallel_tool_calls",
    "functions",
    "function_call",
    "stream",
    "stream_options.include_usage",
    "stream_options.include_obfuscation",
    "reasoning_effort",
    "verbosity",
    "modalities",
    "audio",
    "prediction",
    "web_search_options",
    "moderation",
    "store",
    "metadata",
    "user",
    "safety_identifier",
    "service_tier",
    "prompt_cache_key",
    "prompt_cache_retention",
    "prompt_cache_options",
)
"""Those of the OpenAPI document, what is tried most first."""
