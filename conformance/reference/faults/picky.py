"""Requests that are refused without need: for a word, a default, a newer parameter, an order."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from conformance.reference.answer import Reply
from conformance.reference.ask import Json
from conformance.reference.breaks import REFUSED
from conformance.reference.circumstances import chat, responding
from conformance.reference.fault import REPLY, REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal, crash

_SPECIAL = re.compile(r"<\||<｜|\[/?INST\]|</s>")
_NEWER = ("store", "max_completion_tokens", "stream_options", "reasoning_effort")
_OLD = frozenset(
    {"model", "messages", "temperature", "top_p", "n", "stream", "stop", "max_tokens", "seed",
     "presence_penalty", "frequency_penalty", "logit_bias", "functions", "function_call", "tools",
     "tool_choice", "response_format", "logprobs", "top_logprobs"}
)  # fmt: skip
"""What a server of 2023 knows."""
_PENALTIES = ("frequency_penalty", "presence_penalty")


def _present(request: HttpRequest, names: Sequence[str]) -> str | None:
    """The first of these parameters that the request has, whatever its value."""
    return next((name for name in names if name in request.json), None)


def _refuse(name: str | None, message: str) -> None:
    if name:
        raise Refusal(message, param=name, code="unsupported_parameter")


@fault(
    "special-tokens-blocked", at=REQUEST, level="must", of=chat,
    sources=["docs: can1357/oh-my-pi, packages/ai/CHANGELOG.md"],
    field=["control-tokens-in-user-text-rejected"],
    primary=["CREQ-004"], cascades=["CREQ-*", "RT-*", "TOOL-*"],
)  # fmt: skip
def special_tokens_blocked(request: HttpRequest) -> HttpRequest:
    """A message with the text of a special token is refused as an invalid prompt."""
    if _SPECIAL.search(json.dumps(request.json.get("messages"), ensure_ascii=False)):
        raise Refusal("Invalid prompt: your prompt was flagged.", code="invalid_prompt")
    return request


@fault(
    "newer-parameters-refused", at=REQUEST, level="should", of=chat, sources=["apmantza/pi-free#45"],
    field=["dashscope-unsupported-params"],
    primary=["CREQ-003"], cascades=REFUSED,
    amended="a refusal of `stream_options` by name is a way to conform: CREQ-064",
)  # fmt: skip
def newer_parameters_refused(request: HttpRequest) -> HttpRequest:
    """Parameters that came after 2023, and messages of the developer, are refused."""
    name = _present(request, _NEWER)
    _refuse(name, f"'{name}' is not supported.")
    if any(message.get("role") == "developer" for message in request.messages):
        raise Refusal("Unknown role 'developer'.", code="invalid_value", param="messages")
    return request


@fault(
    "penalties-refused-at-any-value", at=REQUEST, level="should", of=chat, sources=["brainlid/langchain#356"],
    field=["default-valued-param-rejected"],
    primary=["CREQ-028"], cascades=["CREQ-029", "TRANS-017"],
)  # fmt: skip
def penalties_refused_at_any_value(request: HttpRequest) -> HttpRequest:
    """A penalty is refused, be it 0, which asks for nothing."""
    name = _present(request, _PENALTIES)
    _refuse(name, f"The '{name}' parameter is not supported.")
    return request


def _modern(request: HttpRequest) -> bool:
    return chat(request) and bool(request.json.keys() - _OLD)


@fault(
    "unknown-fields-in-an-envelope", at=REPLY, level="must", of=_modern, takes=["the body of errors"],
    sources=["pydantic/pydantic-ai#821"], field=["unknown-field-400"],
    primary=["ERR-001", "CREQ-071"], cascades=REFUSED,
    amended="it names four other shapes, and this is none of them: ERR-006",
)  # fmt: skip
def unknown_fields_in_an_envelope(_reply: Reply) -> Reply:
    """What a server of 2023 does not know is refused, in an envelope of its own."""
    told = 'Bad request: json: unknown field "user"\n'
    return Reply(status=400, document={"error_code": "BAD_REQUEST", "message": told})


def _storing(request: HttpRequest) -> bool:
    return chat(request) and "store" in request.json


@fault(
    "store-refused", at=REPLY, level="must", of=_storing, takes=["the body of errors"],
    sources=["carloslfu/slotstream#19"], field=["store-field-rejected"],
    primary=["ERR-001"], cascades=["CREQ-070", "ERR-*"],
    amended="it names four other shapes, and this is none of them: ERR-006",
)  # fmt: skip
def store_refused(_reply: Reply) -> Reply:
    """`store: false` is refused, in an error that stands at the top level."""
    kind = "invalid_request_error"
    told = "unsupported request field(s): store"
    return Reply(status=400, document={"type": kind, "code": kind, "message": told})


def _without_user(request: HttpRequest) -> bool:
    messages = request.messages
    return chat(request) and bool(messages) and all(each.get("role") != "user" for each in messages)


@fault(
    "user-message-demanded", at=REPLY, level="should", of=_without_user, sources=["anomalyco/opencode#2557"],
    field=["messages-illegal-without-user"],
    primary=["CREQ-016"], cascades=["ERR-*", "CREQ-*", "RT-*"],
)  # fmt: skip
def user_message_demanded(_reply: Reply) -> Reply:
    """A conversation without a message of the user is refused, by a number."""
    told = "The messages parameter is illegal. Please check the documentation."
    return Reply(status=400, document={"error": {"code": "1214", "message": told}})


@fault(
    "cap-demanded-by-a-crash", at=REQUEST, level="must", of=chat, sources=["kserve/kserve#3971"],
    field=["missing-max-tokens-crash"],
    primary=["CREQ-022"], cascades=REFUSED,
)  # fmt: skip
def cap_demanded_by_a_crash(request: HttpRequest) -> HttpRequest:
    """Without a cap a request ends in an error of the server."""
    if not {"max_tokens", "max_completion_tokens"} & request.json.keys():
        words = "unsupported operand type(s) for +: 'int' and 'NoneType'"
        raise crash(words)
    return request


@fault(
    "features-under-another-path", at=REQUEST, level="must", of=chat,
    sources=["docs: Huawei Cloud MaaS, OpenAI-compatible APIs and MaaS Standard API V1"],
    field=["base-url-two-api-generations"],
    primary=["CREQ-049"], cascades=REFUSED,
)  # fmt: skip
def features_under_another_path(request: HttpRequest) -> HttpRequest:
    """Tools and formats are known under another base path only, and refused under this one."""
    name = _present(request, ("tools", "response_format"))
    _refuse(name, f"'{name}' is not supported by /v1; see /openai/v1.")
    return request


def _between(items: Sequence[Json]) -> bool:
    """A message stands between a call and an output."""
    kinds = [each.get("type", "message") for each in items]
    calls = [place for place, kind in enumerate(kinds) if kind == "function_call"]
    outputs = [place for place, kind in enumerate(kinds) if kind == "function_call_output"]
    return bool(calls and outputs) and "message" in kinds[calls[0] : outputs[-1]]


@fault(
    "message-between-calls-refused", at=REQUEST, level="should", of=responding,
    sources=["can1357/oh-my-pi#8789", "can1357/oh-my-pi#11473"],
    field=["responses-message-between-calls-400"],
    primary=["RESP-031"], cascades=["RESP-019", "RT-015"],
)  # fmt: skip
def message_between_calls_refused(request: HttpRequest) -> HttpRequest:
    """Outputs have to follow their calls at once: with a message in between they are not found."""
    items = request.json.get("input")
    if isinstance(items, list) and _between(items):
        raise Refusal("No tool output found for function call call00001.", param="input")
    return request
