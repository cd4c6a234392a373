"""Conversations with calls and results that are refused, or whose results never reach the model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance.reference.ask import Ask
from conformance.reference.breaks import NO_ANSWER
from conformance.reference.circumstances import chat
from conformance.reference.fault import ASK, REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens
from conformance.reference.refusal import Refusal, crash

_REFUSED = (
    "RT-*",
    "CREQ-006",
    "CREQ-010",
    "CREQ-011",
    "CREQ-012",
    "CREQ-013",
    "TOOL-003",
    "TOOL-013",
    "TOOL-020",
)
"""What may fail where a conversation with calls is refused."""
_LONGEST_ID = 40
_NINE = re.compile(r"[A-Za-z0-9]{9}")
_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]+")
_ROUNDS = 3


def _calls(request: HttpRequest) -> Iterator[dict[str, Any]]:
    for message in request.messages:
        listed = message.get("tool_calls")
        yield from (
            (each for each in listed if isinstance(each, dict)) if isinstance(listed, list) else ()
        )


def _results(request: HttpRequest) -> Iterator[dict[str, Any]]:
    yield from (each for each in request.messages if each.get("role") == "tool")


@fault(
    "results-lost-on-the-way", at=ASK, level="must", of=chat,
    sources=["chat templates that know no role tool"],
    primary=["RT-003"], cascades=["RT-002", "RT-011"],
)  # fmt: skip
def results_lost_on_the_way(ask: Ask) -> Ask:
    """The results of tools are accepted, and the chat template drops them."""
    if not any(message.role == "tool" for message in ask.messages):
        return ask
    lost = sum(tokens.count(each.text) for each in ask.messages if each.role == "tool")
    kept = tuple(replace(each, text="") if each.role == "tool" else each for each in ask.messages)
    return replace(ask, messages=kept, prompt_tokens=max(1, ask.prompt_tokens - lost))


@fault(
    "ids-of-nine-letters-only", at=REQUEST, level="should", of=chat,
    sources=["Mistral API, vLLM with the Mistral tokenizer: mistral-tool-call-id-9-alnum"],
    field=["mistral-tool-call-id-9-alnum"],
    primary=["RT-012", "TOOL-003"], cascades=_REFUSED,
)  # fmt: skip
def ids_of_nine_letters_only(request: HttpRequest) -> HttpRequest:
    """An id of a call that is not nine letters and digits is refused."""
    for call in _calls(request):
        if not _NINE.fullmatch(str(call.get("id"))):
            raise Refusal(
                f"Tool call id was {call.get('id')} but must be a-z, A-Z, 0-9, with a length of 9.",
                code="3280",
            )
    return request


@fault(
    "long-ids-refused", at=REQUEST, level="should", of=chat,
    sources=["OpenAI and gateways: tool-call-id-too-long-400"],
    field=["tool-call-id-too-long-400"],
    primary=["RT-012"], cascades=["TOOL-003", "RT-002", "RT-005"],
)  # fmt: skip
def long_ids_refused(request: HttpRequest) -> HttpRequest:
    """An id of a call with more than forty characters is refused."""
    if any(len(str(call.get("id"))) > _LONGEST_ID for call in _calls(request)):
        raise Refusal(
            "string too long: at most 40 characters.",
            code="string_above_max_length",
            param="messages",
        )
    return request


@fault(
    "ids-with-colons-refused", at=REQUEST, level="should", of=chat,
    sources=["Bedrock, Claude behind proxies: bedrock-tool-id-charset"],
    field=["bedrock-tool-id-charset"],
    primary=["RT-012"], cascades=["TOOL-003", "RT-002", "RT-005"],
)  # fmt: skip
def ids_with_colons_refused(request: HttpRequest) -> HttpRequest:
    """An id of a call with a colon or a dot, as Kimi writes them, is refused."""
    if not all(_PLAIN_ID.fullmatch(str(call.get("id"))) for call in _calls(request)):
        raise Refusal("toolUseId must match [a-zA-Z0-9_-]+", param="messages")
    return request


@fault(
    "results-in-parts-refused", at=REQUEST, level="should", of=chat,
    sources=["DeepSeek API: tool-message-array-content-rejected"],
    field=["tool-message-array-content-rejected"],
    primary=["RT-008"], cascades=["CREQ-006"],
)  # fmt: skip
def results_in_parts_refused(request: HttpRequest) -> HttpRequest:
    """A result that is a list of parts is refused."""
    if any(isinstance(each.get("content"), list) for each in _results(request)):
        raise Refusal("content of a tool message must be a string.", param="messages")
    return request


@fault(
    "empty-results-refused", at=REQUEST, level="should", of=chat,
    sources=["Bedrock-backed gateways: text content blocks must be non-empty"],
    primary=["RT-008"],
)  # fmt: skip
def empty_results_refused(request: HttpRequest) -> HttpRequest:
    """An empty result is refused."""
    if any(each.get("content") == "" for each in _results(request)):
        raise Refusal("text content blocks must be non-empty.", param="messages")
    return request


@fault(
    "empty-content-beside-calls-refused", at=REQUEST, level="should", of=chat,
    sources=["Bedrock, Kimi: assistant-empty-string-with-tools-rejected"],
    field=["assistant-empty-string-with-tools-rejected"],
    primary=["RT-007"],
)  # fmt: skip
def empty_content_beside_calls_refused(request: HttpRequest) -> HttpRequest:
    """Empty content beside calls is refused."""
    if any(each.get("tool_calls") and each.get("content") == "" for each in request.messages):
        raise Refusal("text content blocks must be non-empty.", param="messages")
    return request


@fault(
    "calls-without-content-refused", at=REQUEST, level="must", of=chat,
    sources=["servers whose schema asks for content in every message"],
    field=["assistant-missing-content-500", "null-content-with-calls-500"],
    primary=["CREQ-010"], cascades=["CREQ-015", *_REFUSED],
    amended="a history with a name has such a message: CREQ-015",
)  # fmt: skip
def calls_without_content_refused(request: HttpRequest) -> HttpRequest:
    """An assistant's message without content is refused, calls or not."""
    for each in request.messages:
        if each.get("role") == "assistant" and each.get("content") is None:
            raise Refusal("content: field required.", param="messages")
    return request


@fault(
    "results-out-of-order-refused", at=REQUEST, level="must", of=chat,
    sources=["templates that pair calls and results by their place"],
    primary=["RT-004"],
)  # fmt: skip
def results_out_of_order_refused(request: HttpRequest) -> HttpRequest:
    """Results that come in another order than their calls are refused."""
    made = [str(call.get("id")) for call in _calls(request)]
    given = [str(each.get("tool_call_id")) for each in _results(request)]
    if given != [each for each in made if each in given]:
        raise Refusal("tool messages do not follow the order of tool_calls.", param="messages")
    return request


@fault(
    "third-round-fails", at=REQUEST, level="should", of=chat,
    sources=["chat templates that fail on long chains of calls"],
    primary=["RT-011"], cascades=[*NO_ANSWER, "ERR-015"],
)  # fmt: skip
def third_round_fails(request: HttpRequest) -> HttpRequest:
    """The third round of calls is answered with 500."""
    rounds = sum(bool(each.get("tool_calls")) for each in request.messages)
    if rounds >= _ROUNDS:
        raise Refusal(
            "Conversation roles must alternate.", status=500, kind="server_error", code="internal"
        )
    return request


@fault(
    "unanswered-call-fails", at=REQUEST, level="must", of=chat,
    sources=["vLLM and others: KeyError on a call without a result"],
    primary=["RT-010"], cascades=["ERR-008", "CREQ-014"],
)  # fmt: skip
def unanswered_call_fails(request: HttpRequest) -> HttpRequest:
    """A call without a result is answered with 500."""
    given = {str(each.get("tool_call_id")) for each in _results(request)}
    if any(str(call.get("id")) not in given for call in _calls(request)):
        raise crash("KeyError: 'tool_call_id'")
    return request


@fault(
    "rewritten-arguments-refused", at=REQUEST, level="should", of=chat,
    sources=["servers that compare calls with those they remember"],
    primary=["RT-016"], cascades=["RT-002", "RT-012"],
)  # fmt: skip
def rewritten_arguments_refused(request: HttpRequest) -> HttpRequest:
    """Arguments that come back with line breaks are refused."""
    for call in _calls(request):
        function = call.get("function")
        if isinstance(function, dict) and "\n" in str(function.get("arguments")):
            raise Refusal("arguments: invalid JSON string.", param="messages")
    return request


@fault(
    "reasoning-sent-back-refused", at=REQUEST, level="should", of=chat,
    sources=["OpenCode gateway, Cerebras: Extra inputs are not permitted"],
    field=["reasoning-history-rejected-when-thinking-off"],
    primary=["RT-013", "CREQ-012"], cascades=["RT-005", "RT-014", "RSN-*"],
)  # fmt: skip
def reasoning_sent_back_refused(request: HttpRequest) -> HttpRequest:
    """An assistant's message that brings its reasoning back is refused."""
    if any("reasoning_content" in each or "reasoning" in each for each in request.messages):
        raise Refusal("Extra inputs are not permitted.", param="messages")
    return request


@fault(
    "reasoning-missing-unnamed", at=REQUEST, level="should", of=chat,
    sources=["DeepSeek API in thinking mode, behind gateways that hide why"],
    field=["reasoning-content-must-be-returned-400"],
    primary=["RT-013"], cascades=[*_REFUSED, "ERR-033", "CREQ-015"],
    amended="a history with a name on its result is refused as well: CREQ-015",
)  # fmt: skip
def reasoning_missing_unnamed(request: HttpRequest) -> HttpRequest:
    """A call that comes back without its reasoning is refused, and the refusal does not say why."""
    if any(each.get("tool_calls") and "reasoning_content" not in each for each in request.messages):
        raise Refusal("Invalid request.")
    return request
