"""`$thread`: a conversation goes on after an answer, with the results of the tools it called. Pure.

What came is sent back as it came: chat's message with its calls, or the items of a response.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.wire.exchange import Exchange
from conformance.wire.query import MISSING, find
from conformance.wire.responses import Item

GENERIC_RESULT = '{"ok": true}'
"""What a tool has said that the suite gives no result for."""


def gone_on(exchange: Exchange, results: Mapping[str, str]) -> list[Any] | None:
    """What was asked, the answer, and a result for each of its calls; None without an answer."""
    sent = exchange.request.json
    if exchange.reply is not None and isinstance(sent, dict):
        return _items(sent.get("input"), exchange.reply.items, results)
    messages = find(sent, "$.messages")
    choices = exchange.answer.choices if exchange.answer else ()
    message = choices[0].message if choices else None
    if not isinstance(messages, list) or not isinstance(message, Mapping):
        return None
    calls = message.get("tool_calls")
    told = [_message(call, results) for call in calls] if isinstance(calls, list) else []
    return [*messages, message, *told]


def _message(call: Any, results: Mapping[str, str]) -> dict[str, Any]:
    """The message with a tool's result; whatever the call's id is, it is sent back as it came."""
    call_id = find(call, "$.id")
    return {
        "role": "tool",
        "tool_call_id": None if call_id is MISSING else call_id,
        "content": _result(find(call, "$.function.name"), results),
    }


def _items(sent: Any, output: tuple[Item, ...], results: Mapping[str, str]) -> list[Any] | None:
    """The same as input of a response; a text that was sent becomes the message it stood for."""
    before = [{"role": "user", "content": sent}] if isinstance(sent, str) else sent
    if not isinstance(before, list) or not output:
        return None
    told = [
        {
            "type": "function_call_output",
            "call_id": each.call_id,
            "output": _result(each.name, results),
        }
        for each in output
        if each.type == "function_call"
    ]
    return [*before, *(each.value for each in output), *told]


def _result(name: Any, results: Mapping[str, str]) -> str:
    return results.get(name, GENERIC_RESULT) if isinstance(name, str) else GENERIC_RESULT
