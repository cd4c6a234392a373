"""An ask as the body of a request: the same for every endpoint but for its own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conformance.parity.candidates import Prompt
from conformance.parity.model import Ask, Settings

CHAT, TEXTS = "/chat/completions", "/completions"
MOST_TEXT_LOGPROBS = 5  # of text completions


def chat_body(ask: Ask, prompt: Prompt) -> dict[str, Any]:
    """For chat completions."""
    body: dict[str, Any] = {"messages": _salted(prompt.messages, ask.salt)}
    if prompt.tools:
        body["tools"] = [dict(each) for each in prompt.tools]
    width = ask.settings.top_logprobs
    lists = {} if width is None else {"logprobs": True, "top_logprobs": width}
    return {**body, **sampling(ask.settings), **lists}


def text_body(ask: Ask, prompt: Prompt) -> dict[str, Any]:
    """For text completions, where an endpoint has no chat: the messages' texts, without a template."""
    texts = [each["content"] for each in _salted(prompt.messages, ask.salt)]
    width = ask.settings.top_logprobs
    lists = {} if width is None else {"logprobs": min(width, MOST_TEXT_LOGPROBS)}
    return {"prompt": "\n".join(texts), **sampling(ask.settings), **lists}


def sampling(settings: Settings) -> dict[str, Any]:
    """The parameters of an answer."""
    named = {
        "max_tokens": settings.max_tokens,
        "temperature": settings.temperature,
        "top_p": settings.top_p,
        "top_k": settings.top_k,
    }
    return {
        **{name: value for name, value in named.items() if value is not None},
        **dict(settings.neutral),
    }


def _salted(messages: Sequence[Mapping[str, str]], salt: str) -> list[dict[str, str]]:
    """The prefix goes before the first word that the user says: a cache meets it early."""
    out = [dict(each) for each in messages]
    first = next((each for each in out if each["role"] == "user"), None)
    if salt and first is not None:
        first["content"] = f"[{salt}] {first['content']}"
    return out
