"""Results of tools that are attributed to the wrong call, not heeded, or not let in."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from conformance.reference.ask import Ask, Message
from conformance.reference.circumstances import chat
from conformance.reference.fault import ASK, REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens
from conformance.reference.refusal import Refusal


@fault(
    "results-taken-in-order", at=ASK, level="must", of=chat,
    sources=["Ollama: ids are ignored, or mapped by position"],
    field=["toolcall-ids-remapped-wrong"],
    primary=["RT-003"], cascades=["RT-002", "RT-004"],
)  # fmt: skip
def results_taken_in_order(ask: Ask) -> Ask:
    """The first result is taken for that of the first call, whatever its id says, and so on."""
    messages = list(ask.messages)
    for place, message in enumerate(messages):
        ids = [call.id for call in message.calls]
        for offset, each in enumerate(ids, start=1):
            if place + offset < len(messages) and messages[place + offset].role == "tool":
                messages[place + offset] = replace(messages[place + offset], answers=each)
    return replace(ask, messages=tuple(messages))


@fault(
    "results-not-heeded", at=ASK, level="must", of=chat, rate=0.8,
    sources=["DeepSeek-V3 API (2025): the same call again and again"],
    field=["repeat-same-tool-call-loop"],
    primary=["RT-002"], cascades=["RT-*", "TOOL-*"],
)  # fmt: skip
def results_not_heeded(ask: Ask) -> Ask:
    """After the result of a tool the same call comes again, as if nothing had been called."""
    if not ask.messages or ask.messages[-1].role != "tool" or not ask.tools:
        return ask
    before: list[Message] = [
        each for each in ask.messages if each.role != "tool" and not each.calls
    ]
    lost = sum(tokens.count(each.text) for each in ask.messages if each.role == "tool")
    return replace(ask, messages=tuple(before), prompt_tokens=max(1, ask.prompt_tokens - lost))


def _arguments(request: HttpRequest) -> list[Any]:
    """The arguments of all calls in a conversation."""
    listed = request.json.get("messages")
    held = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    calls = [
        call for each in held for call in each.get("tool_calls") or () if isinstance(call, dict)
    ]
    functions = [call.get("function") for call in calls]
    return [each.get("arguments") for each in functions if isinstance(each, dict)]


@fault(
    "torn-arguments-refused", at=REQUEST, level="should", of=chat,
    sources=["MiniMax: invalid params, invalid function arguments json string (2013)"],
    field=["tool-history-args-must-be-json"],
    primary=["RT-005"], cascades=["RT-012", "RT-016", "CREQ-010"],
)  # fmt: skip
def torn_arguments_refused(request: HttpRequest) -> HttpRequest:
    """A call whose arguments were cut off poisons the conversation: it is refused from then on."""
    for each in _arguments(request):
        try:
            json.loads(str(each))
        except ValueError:
            raise Refusal(
                "invalid params, invalid function arguments json string (2013)",
                kind="bad_request_error",
            ) from None
    return request
