"""Conversations and tools that a server sends back: refused, or called its own failure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Reply
from conformance.reference.ask import Json
from conformance.reference.breaks import NO_ANSWER, TOOLS_REFUSED
from conformance.reference.circumstances import chat, streamed, with_tools
from conformance.reference.fault import REPLY, REQUEST, fault
from conformance.reference.faults.wanted import required
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal, crash

_HISTORY = ("RT-*", "CREQ-006", "CREQ-009", "CREQ-010", "CREQ-011", "CREQ-012", "CREQ-013",
            "CREQ-015", "TOOL-003", "TOOL-013", "TOOL-020", "RSN-*")  # fmt: skip
"""What may fail where a conversation with calls is refused."""
_OURS = re.compile(r"call_[0-9a-f]{20}\d{4}")
"""What ids of calls look like that this server has made, and so has signed."""


def _past_ids(request: HttpRequest) -> Iterator[str]:
    """The ids of the calls in a conversation."""
    for message in request.messages:
        listed = message.get("tool_calls")
        for each in listed if isinstance(listed, list) else ():
            if isinstance(each, dict):
                yield str(each.get("id"))


@fault(
    "unsigned-calls-refused", at=REQUEST, level="should", of=chat,
    sources=["NVIDIA-NeMo/Gym#2374"],
    primary=["RT-012"], cascades=_HISTORY,
)  # fmt: skip
def unsigned_calls_refused(request: HttpRequest) -> HttpRequest:
    """A past call that another server made is refused: it lacks the signature that ours have."""
    if not all(map(_OURS.fullmatch, _past_ids(request))):
        raise Refusal("Function call is missing a thought_signature in functionCall parts.")
    return request


def _begun_by_force(request: HttpRequest) -> bool:
    """Was the first turn of this conversation a stream that had to call something?"""
    held = request.messages
    return any(
        required(each)
        and streamed(each)
        and 0 < len(each.messages) < len(held)
        and held[: len(each.messages)] == each.messages
        for each in request.earlier
    )


@fault(
    "ids-of-demanded-streams-refused", at=REQUEST, level="should", of=chat,
    sources=["vllm-project/vllm#47734"],
    primary=["RT-014"], cascades=_HISTORY,
)  # fmt: skip
def ids_of_demanded_streams_refused(request: HttpRequest) -> HttpRequest:
    """Calls that were demanded and streamed have ids that the server refuses in the next turn."""
    ids = [each for each in _past_ids(request) if _OURS.fullmatch(each)]
    if ids and _begun_by_force(request):
        raise Refusal(f"Tool call id was {ids[0]} but must be a-z, A-Z, 0-9, with a length of 9.")
    return request


@fault(
    "empty-last-message-crashes", at=REQUEST, level="must", of=chat,
    sources=["Arthur-Ficial/apfel#233"],
    primary=["CREQ-018"], cascades=[*NO_ANSWER, "ERR-*", "STRM-*"],
)  # fmt: skip
def empty_last_message_crashes(request: HttpRequest) -> HttpRequest:
    """A last message of the user that says nothing, an empty text or null, is answered with 500."""
    last: Json = request.messages[-1] if request.messages else {}
    if last.get("role") == "user" and last.get("content", "there is none") in ("", None):
        raise crash("The session has no prompt.")
    return request


@fault(
    "broken-tools-are-the-servers-fault", at=REPLY, level="must", of=with_tools, takes=["the body of errors"],
    sources=["Mesh-LLM/mesh-llm#1595"],
    primary=["ERR-008"], cascades=["ERR-*", "CREQ-052", "CREQ-054", "CREQ-059", "TRANS-016", "TOOL-*"],
)  # fmt: skip
def broken_tools_are_the_servers_fault(reply: Reply) -> Reply:
    """A tool without its function, or of no known type, is answered with 502, as an outage is."""
    document = reply.document
    told: Any = document.get("error") if isinstance(document, dict) else None
    if not isinstance(told, dict) or not str(told.get("param")).startswith("tools["):
        return reply
    if told.get("code") == "invalid_schema":
        return reply
    words = f"Unsupported: failed to apply chat template: {told.get('message')}"
    inner = {"message": words, "type": "server_error", "param": None, "code": None}
    return replace(reply, status=502, document={"error": inner})


@fault(
    "none-needs-tools", at=REQUEST, level="must", of=chat,
    sources=["vllm-project/vllm#9426", "vllm-project/vllm#10000"],
    primary=["CREQ-055"], cascades=["CREQ-060", "ERR-*", *NO_ANSWER],
)  # fmt: skip
def none_needs_tools(request: HttpRequest) -> HttpRequest:
    """`tool_choice: none` is refused where no tools are offered, though nothing is to be called."""
    if request.json.get("tool_choice") == "none" and not request.json.get("tools"):
        raise Refusal("When using `tool_choice`, `tools` must be set.", param="tool_choice")
    return request


@fault(
    "custom-tools-miss-a-key", at=REQUEST, level="may", of=with_tools,
    sources=["microsoft/foundry-local#1080"],
    primary=["CREQ-054"], cascades=["CREQ-059", "TOOL-023", "ERR-*", *TOOLS_REFUSED],
)  # fmt: skip
def custom_tools_miss_a_key(request: HttpRequest) -> HttpRequest:
    """A custom tool is refused for want of a key `function`, and nothing names its type."""
    listed = request.json.get("tools")
    held = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    if any(each.get("type") == "custom" for each in held):
        raise Refusal("Invalid request: [json.exception.out_of_range.403] key 'function' not found")
    return request
