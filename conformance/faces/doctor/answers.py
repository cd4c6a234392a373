"""What doctor asks for, and how the answers are read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.report.escape import oneline
from conformance.wire.exchange import Exchange

_MOST_TOKENS = 128
_SHOWN = 60
WORD, CITY, MOODS = "OK", "Oslo", ("warm", "cold")
_ORDER = f"Reply with the word {WORD} and nothing else."

CHAT: Mapping[str, Any] = {
    "messages": [{"role": "user", "content": _ORDER}],
    "max_tokens": _MOST_TOKENS,
    "temperature": 0,
}
STREAM: Mapping[str, Any] = {**CHAT, "stream": True, "stream_options": {"include_usage": True}}
TOOLS: Mapping[str, Any] = {
    **CHAT,
    "messages": [{"role": "user", "content": f"What is the weather in {CITY} now?"}],
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "get_weather",
                "description": "The weather of a city now.",
                "parameters": {
                    "type": "object",
                    "properties": {"city": {"type": "string"}},
                    "required": ["city"],
                },
            },
        }
    ],
    "tool_choice": "required",
}
SHAPED: Mapping[str, Any] = {
    **CHAT,
    "messages": [{"role": "user", "content": "Say hello to Ada in one short sentence."}],
    "logprobs": True,
    "response_format": {
        "type": "json_schema",
        "json_schema": {
            "name": "greeting",
            "strict": True,
            "schema": {
                "type": "object",
                "properties": {"mood": {"enum": MOODS}},
                "required": ["mood"],
                "additionalProperties": False,
            },
        },
    },
}
"""Two things in one request; where it is refused, the refusal mostly says which is meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obeyed:
    """Whether the model did what it was told; None where that does not show."""

    yes: bool | None
    words: str


def said(exchange: Exchange) -> str | None:
    """The text of the first choice; None where there is no completion."""
    choice = first(exchange)
    return None if choice is None else str(choice.content or "")


def first(exchange: Exchange) -> Any:
    """The first choice; None where there is none."""
    answer = exchange.answer
    return answer.choices[0] if answer and answer.choices else None


def obeyed(exchange: Exchange) -> Obeyed:
    """Whether the one word came that was asked for."""
    choice, text = first(exchange), said(exchange) or ""
    if not text.strip() and choice is not None and choice.finish_reason == "length":
        return Obeyed(yes=None, words=f"it reasons for more than {_MOST_TOKENS} tokens")
    words = {word.strip(".,!?\"'*`").casefold() for word in text.split()}
    shown = oneline(text, _SHOWN)
    return Obeyed(yes=WORD.casefold() in words, words=f"to {_ORDER!r} it said {shown!r}")


def called(exchange: Exchange) -> Obeyed | None:
    """Whether the call has the argument that was asked about; None where there is no call."""
    choice = first(exchange)
    if choice is None or not choice.tool_calls:
        return None
    call = choice.tool_calls[0]
    try:
        arguments = json.loads(call.arguments)
    except (TypeError, ValueError, RecursionError):
        arguments = None
    city = arguments.get("city") if isinstance(arguments, dict) else None
    shown = oneline(f"{call.name}({call.arguments})", _SHOWN)
    right = isinstance(city, str) and CITY.casefold() in city.casefold()
    return Obeyed(yes=right, words=f"asked for the weather in {CITY} it called {shown}")


def shaped(exchange: Exchange) -> bool:
    """The text is JSON that fits the schema of `SHAPED`."""
    try:
        value = json.loads(said(exchange) or "")
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and value.keys() == {"mood"} and value["mood"] in MOODS


def has_logprobs(exchange: Exchange) -> bool:
    """Logprobs stand beside the text."""
    choice = first(exchange)
    logprobs = choice.logprobs if choice is not None else None
    return isinstance(logprobs, dict) and bool(logprobs.get("content"))


def models(exchange: Exchange) -> tuple[dict[str, Any], ...]:
    """The entries of a list of models that have an id; empty where it is no such list."""
    value = exchange.document.value
    listed = value.get("data") if isinstance(value, dict) else None
    entries = listed if isinstance(listed, list) else []
    return tuple(
        each for each in entries if isinstance(each, dict) and isinstance(each.get("id"), str)
    )
