"""What an exchange cost, as the server reports it."""

from __future__ import annotations

from typing import Any

from conformance.wire.exchange import Exchange

REFUSED = 400
_PROMPT = ("prompt_tokens", "input_tokens")
_COMPLETION = ("completion_tokens", "output_tokens")
_DETAILS = ("completion_tokens_details", "output_tokens_details")
_THOUGHT = ("reasoning_tokens",)


def spent(exchange: Exchange) -> tuple[int, int] | None:
    """Prompt and completion tokens; None where something was asked and nothing is reported.

    What was never sent, was refused, or looks up what was paid before, costs nothing.
    """
    response = exchange.response
    if response is None:
        return None if exchange.sent else (0, 0)
    if response.status >= REFUSED or exchange.request.method == "GET":
        return 0, 0
    usage = _usage(exchange)
    if not isinstance(usage, dict):
        return None
    return _first(usage, _PROMPT), _first(usage, _COMPLETION)


def thought(exchange: Exchange) -> int:
    """Tokens of thoughts among those of the completion, as the server reports them; 0 where it says nothing."""
    usage = _usage(exchange)
    found = 0
    for name in _DETAILS if isinstance(usage, dict) else ():
        details = usage.get(name)
        found = found or (_first(details, _THOUGHT) if isinstance(details, dict) else 0)
    return found


def _usage(exchange: Exchange) -> Any:
    if exchange.answer is not None:
        return exchange.answer.usage
    if exchange.streamed:
        return None
    document = exchange.document.value
    return document.get("usage") if isinstance(document, dict) else None


def _first(usage: dict[str, Any], names: tuple[str, ...]) -> int:
    for name in names:
        value = usage.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
    return 0
