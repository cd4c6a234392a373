"""Requests that a server refuses because they are not the ones that it was tried with."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from conformance.reference.breaks import NO_ANSWER
from conformance.reference.circumstances import chat
from conformance.reference.fault import REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal

_UNPROCESSABLE = 422
_SYSTEM = ("system", "developer")


def _roles(request: HttpRequest) -> Sequence[Any]:
    return [each.get("role") for each in request.messages]


@fault(
    "temperature-fixed", at=REQUEST, level="must", of=chat,
    sources=["NousResearch/hermes-agent#9125", "countbot-ai/CountBot#61", "BerriAI/litellm#29687",
             "can1357/oh-my-pi#5606"],
    field=["temperature-value-rejected", "fixed-sampling-params-400"],
    primary=["CREQ-023"], cascades=["*"],
)  # fmt: skip
def temperature_fixed(request: HttpRequest) -> HttpRequest:
    """Every temperature but 1 is refused."""
    if request.json.get("temperature", 1) not in (1, None):
        raise Refusal(
            "invalid temperature: only 1 is allowed for this model",
            code="unsupported_value",
            param="temperature",
        )
    return request


@fault(
    "temperature-zero-refused", at=REQUEST, level="must", of=chat,
    sources=["docs: hiascend MindIE 1.0.RC3, mindie_service0266"], field=["temperature-zero-rejected"],
    primary=["CREQ-023"], cascades=["*"],
)  # fmt: skip
def temperature_zero_refused(request: HttpRequest) -> HttpRequest:
    """A temperature of 0 is refused: it must be above."""
    if request.json.get("temperature") == 0:
        raise Refusal("temperature must be > 1e-6.", status=_UNPROCESSABLE, param="temperature")
    return request


@fault(
    "several-choices-need-a-temperature", at=REQUEST, level="should", of=chat,
    sources=["docs: Ascend/MindIE-LLM, SetReturnSeqCount"], field=["n-rejected-when-temperature-missing"],
    primary=["CREQ-035"], cascades=["ERR-008", "CREQ-036", "USAGE-011", "STRM-016", "CRESP-030"],
)  # fmt: skip
def several_choices_need_a_temperature(request: HttpRequest) -> HttpRequest:
    """More than one choice is answered with 422 where no temperature above 0 is given."""
    n = request.json.get("n")
    if isinstance(n, int) and n > 1 and not request.json.get("temperature"):
        raise Refusal(
            "n can not be greater than 1 when temperature is 0 or not set.",
            status=_UNPROCESSABLE,
            param="n",
        )
    return request


@fault(
    "stop-refused", at=REQUEST, level="should", of=chat,
    sources=["ModelTC/LightLLM#130"], field=["stop-param-rejected"],
    primary=["CREQ-032"], cascades=["CREQ-030", "CREQ-031", "CREQ-033", "STRM-028", "RSN-*"],
)  # fmt: skip
def stop_refused(request: HttpRequest) -> HttpRequest:
    """Stop strings are refused, and so is a list that is empty."""
    if request.json.get("stop") is not None:
        raise Refusal("The stop parameter is not currently supported", param="stop")
    return request


@fault(
    "empty-answers-refused", at=REQUEST, level="must", of=chat,
    sources=["docs: Ascend/MindIE-LLM, ValidAssistantMessage", "infiniflow/ragflow#3209"],
    field=["assistant-empty-content-rejected"],
    primary=["CREQ-009"], cascades=["CREQ-010", "CREQ-011", "CREQ-012", "RT-*", "ERR-008", "RSN-*"],
)  # fmt: skip
def empty_answers_refused(request: HttpRequest) -> HttpRequest:
    """A conversation in which an answer is empty is refused from then on."""
    if any(
        each.get("role") == "assistant" and each.get("content") == "" for each in request.messages
    ):
        raise Refusal('Request param "content" should not be empty.', status=_UNPROCESSABLE)
    return request


@fault(
    "assistant-last-refused", at=REQUEST, level="should", of=chat,
    sources=["QuantumNous/new-api#2858", "huggingface/smolagents#757", "crewAIInc/crewAI#2194"],
    field=["last-role-assistant-rejected"],
    primary=["CREQ-017"], cascades=["RT-010"],
)  # fmt: skip
def assistant_last_refused(request: HttpRequest) -> HttpRequest:
    """A conversation that ends with an answer is refused."""
    if _roles(request)[-1:] == ["assistant"]:
        raise Refusal(
            "Expected last role User or Tool for serving but got assistant",
            kind="invalid_request_message_order",
            code="3230",
        )
    return request


@fault(
    "one-system-message-at-the-beginning", at=REQUEST, level="should", of=chat,
    sources=["docs: can1357/oh-my-pi, packages/catalog/src/compat/openai.ts",
             "docs: pydantic/pydantic-ai, pydantic_ai/profiles/openai.py"],
    field=["multiple-system-messages-error"],
    primary=["CREQ-016"], cascades=["CREQ-003", "CREQ-006", "RSN-019", "RT-*", *NO_ANSWER],
)  # fmt: skip
def one_system_message_at_the_beginning(request: HttpRequest) -> HttpRequest:
    """A second system message, or one that is not the first message, fails in the chat template."""
    if any(each in _SYSTEM for each in _roles(request)[1:]):
        raise Refusal("System message must be at the beginning.", status=500, kind="server_error")
    return request


@fault(
    "roles-must-alternate", at=REQUEST, level="should", of=chat,
    sources=["perplexityai/api-discussion#265", "danny-avila/LibreChat#3048", "FoundationAgents/OpenManus#580"],
    field=["roles-must-alternate-400"],
    primary=["CREQ-016"], cascades=["CREQ-002", "CREQ-003", "CREQ-006", "RSN-019", "RT-*", *NO_ANSWER],
)  # fmt: skip
def roles_must_alternate(request: HttpRequest) -> HttpRequest:
    """Two messages of one role in a row are refused, and so is a system message after them."""
    said = _roles(request)
    while said[:1] and said[0] in _SYSTEM:
        said = said[1:]
    row = [each for each in said if each != "tool"]
    if any(one == other for one, other in pairwise(row)) or {*_SYSTEM} & {*row}:
        raise Refusal(
            "After the (optional) system message(s), user and assistant roles should be alternating.",
            kind="invalid_message",
        )
    return request
