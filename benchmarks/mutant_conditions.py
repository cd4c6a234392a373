"""Neighbourhoods: which requests a mutant touches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformance.wire.exchange import Exchange


def texts(value: Any) -> str:
    """All that is said in a value, joined."""
    match value:
        case str():
            return value
        case dict():
            return " ".join(map(texts, value.values()))
        case list():
            return " ".join(map(texts, value))
    return ""


def _number(value: Any) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 0


def _items(body: dict[str, Any]) -> list[dict[str, Any]]:
    held = body.get("messages", body.get("input"))
    return [each for each in held if isinstance(each, dict)] if isinstance(held, list) else []


def _roles(body: dict[str, Any]) -> set[Any]:
    return {each.get("role") for each in _items(body) if isinstance(each.get("role"), str)}


def _said(body: dict[str, Any]) -> str:
    return texts(
        [body.get(name) for name in ("messages", "input", "prompt", "instructions", "suffix")]
    )


def _form(body: dict[str, Any]) -> Any:
    held = body.get("response_format")
    if isinstance(body.get("text"), dict):
        held = body["text"].get("format")
    return held.get("type") if isinstance(held, dict) else None


def _cap(body: dict[str, Any]) -> float:
    names = ("max_tokens", "max_completion_tokens", "max_output_tokens")
    return max(_number(body.get(name)) for name in names)


def _thinks(body: dict[str, Any]) -> bool:
    held = body.get("reasoning_effort") or body.get("thinking") or body.get("reasoning")
    return bool(held) or bool(body.get("enable_thinking"))


def _results(body: dict[str, Any]) -> bool:
    return any(
        each.get("role") == "tool" or each.get("type") == "function_call_output"
        for each in _items(body)
    )


def _calls(each: dict[str, Any]) -> int:
    held = each.get("tool_calls")
    return len(held) if isinstance(held, list) else 0


REQUESTS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "include_usage": lambda body: bool(body.get("stream_options")),
    "n": lambda body: _number(body.get("n")) > 1,
    "stop": lambda body: bool(body.get("stop")),
    "seed": lambda body: "seed" in body,
    "logprobs": lambda body: bool(body.get("logprobs")),
    "top_logprobs": lambda body: _number(body.get("top_logprobs")) > 0,
    "temperature": lambda body: _number(body.get("temperature")) > 0.3,
    "penalty": lambda body: bool(body.get("presence_penalty") or body.get("frequency_penalty")),
    "max_completion_tokens": lambda body: "max_completion_tokens" in body,
    "cut": lambda body: 0 < _cap(body) < 5,
    "no cap": lambda body: not _cap(body),
    "system": lambda body: "system" in _roles(body) or bool(body.get("instructions")),
    "developer": lambda body: "developer" in _roles(body),
    "history": lambda body: "assistant" in _roles(body) or bool(body.get("previous_response_id")),
    "tool results": _results,
    "several past calls": lambda body: any(_calls(each) > 1 for each in _items(body)),
    "parts": lambda body: any(isinstance(each.get("content"), list) for each in _items(body)),
    "wide characters": lambda body: any(ord(each) > 0x2FFF for each in _said(body)),
    "emoji": lambda body: any(ord(each) > 0xFFFF for each in _said(body)),
    "tags": lambda body: "<" in _said(body),
    "newlines": lambda body: "\n" in _said(body),
    "long prompt": lambda body: len(_said(body)) > 4000,
    "tools": lambda body: bool(body.get("tools")),
    "several tools": lambda body: isinstance(body.get("tools"), list) and len(body["tools"]) > 1,
    "strict tool": lambda body: "'strict': True" in str(body.get("tools")),
    "required": lambda body: body.get("tool_choice") == "required",
    "named": lambda body: isinstance(body.get("tool_choice"), dict),
    "none": lambda body: body.get("tool_choice") == "none",
    "not parallel": lambda body: body.get("parallel_tool_calls") is False,
    "json_schema": lambda body: _form(body) == "json_schema",
    "json_object": lambda body: _form(body) == "json_object",
    "text format": lambda body: _form(body) == "text",
    "thinking": _thinks,
    "images": lambda body: "image" in str(body.get("messages", body.get("input")))[:4000],
    "echo": lambda body: body.get("echo") is True,
    "several prompts": lambda body: (
        isinstance(body.get("prompt", body.get("input")), list)
        and len(body.get("prompt", body.get("input"))) > 1
    ),
    "user": lambda body: "user" in body or "metadata" in body or "store" in body,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A name, and the exchanges (by number) that it holds of."""

    name: str
    holds: frozenset[int]


def _body(exchange: Exchange) -> dict[str, Any]:
    body = exchange.request.json
    return body if isinstance(body, dict) else {}


def _answers(exchange: Exchange) -> set[str]:
    """What is so of the answer."""
    found = {"streamed" if exchange.streamed else "whole"}
    answer = exchange.answer
    for choice in answer.choices if answer else ():
        calls = choice.tool_calls
        found |= {"calls"} if calls else {"no call"}
        found |= {"several calls"} if len(calls) > 1 else set()
        if choice.finish_reason == "length":
            found.add("ended by length")
    return found


def conditions(exchanges: list[Exchange]) -> list[Condition]:
    """Everywhere, of each feature, and of each feature streamed and whole."""
    holds: dict[str, set[int]] = {"everywhere": set(range(len(exchanges)))}
    for number, exchange in enumerate(exchanges):
        body = _body(exchange)
        names = {name for name, has in REQUESTS.items() if has(body)} | _answers(exchange)
        way = "streamed" if "streamed" in names else "whole"
        for name in names:
            holds.setdefault(name, set()).add(number)
            if name != way:
                holds.setdefault(f"{name}, {way}", set()).add(number)
    return [Condition(name=name, holds=frozenset(held)) for name, held in holds.items()]
