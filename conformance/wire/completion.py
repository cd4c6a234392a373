"""A chat completion as values: what checks and captures look at, whichever way it came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

REASONING = ("reasoning_content", "reasoning")
"""The names under which servers send what a model thinks, the more common one first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A tool call as received: any field may have any type, absent ones are None."""

    index: Any
    id: Any
    type: Any
    name: Any
    arguments: Any
    """The JSON text where all is well; whatever was sent otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One choice of a completion, streamed or not. Values as received, unchecked."""

    index: Any
    role: Any
    content: Any
    refusal: Any
    reasoning: Any
    """`reasoning_content` or `reasoning`, whichever is there."""
    tool_calls: tuple[ToolCall, ...]
    finish_reason: Any
    logprobs: Any
    message: Any
    """The message as it would be sent back in a conversation: the received object, or the one
    put together from deltas (role, content, tool_calls, reasoning members and other strings)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A chat completion, whichever way it came."""

    id: Any
    model: Any
    created: Any
    choices: tuple[Choice, ...]
    usage: Any
    system_fingerprint: Any
    body: Any
    """The whole as one `chat.completion` object: received, or put together from chunks. Captures
    (`$.choices[0].message...`) look here, so that they work for both."""


def whole(value: Any) -> Answer | None:
    """A non-streamed body as an Answer; None where it has no list `choices`. Never raises.

    A choice that is no object is kept as one of which nothing is known; a `delta` in place of the
    `message` is taken for it.
    """
    if not isinstance(value, dict) or not isinstance(value.get("choices"), list):
        return None
    return Answer(
        id=value.get("id"),
        model=value.get("model"),
        created=value.get("created"),
        choices=tuple(_choice(one) for one in value["choices"]),
        usage=value.get("usage"),
        system_fingerprint=value.get("system_fingerprint"),
        body=value,
    )


def _choice(received: Any) -> Choice:
    choice = received if isinstance(received, dict) else {}
    message = choice.get("message")
    if message is None:
        message = choice.get("delta")
    said = message if isinstance(message, dict) else {}
    calls = said.get("tool_calls")
    return Choice(
        index=choice.get("index"),
        role=said.get("role"),
        content=said.get("content"),
        refusal=said.get("refusal"),
        reasoning=next((said[name] for name in REASONING if said.get(name) is not None), None),
        tool_calls=tuple(tool_call(one) for one in calls) if isinstance(calls, list) else (),
        finish_reason=choice.get("finish_reason"),
        logprobs=choice.get("logprobs"),
        message=message,
    )


def tool_call(received: Any) -> ToolCall:
    """One entry of `tool_calls`: a function, a custom tool, or its members without either."""
    call = received if isinstance(received, dict) else {}
    callee, arguments = callee_of(call)
    return ToolCall(
        index=call.get("index"),
        id=call.get("id"),
        type=call.get("type"),
        name=callee.get("name"),
        arguments=callee.get(arguments),
    )


def callee_of(call: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The object that holds `name`, and the member in which its arguments stand.

    Some servers leave `function` out and put its members into the call itself.
    """
    function, custom = call.get("function"), call.get("custom")
    if isinstance(function, dict):
        return function, "arguments"
    if isinstance(custom, dict):
        return custom, "input"
    return call, "arguments"
