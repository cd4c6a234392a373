"""What the contract leaves open, and servers do in their own way.

No clause breaks, but an application that comes from a server that behaved otherwise finds it changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Reply, Response
from conformance.reference.ask import Ask, Json
from conformance.reference.circumstances import chat, with_schema, with_tools
from conformance.reference.edit import (
    both,
    each_choice,
    each_chunk_choice,
    each_event,
    error,
    without,
)
from conformance.reference.fault import ASK, REPLY, REQUEST, RESPONSE, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal

_PROMPTS = (
    "usage/present", "chat/system-message", "chat/empty-content", "transport/non-ascii-body",
    "tools/called",
)  # fmt: skip
"""Cases that keep the number of tokens of a fixed prompt."""
_DETAILS = ("completion_tokens_details", "prompt_tokens_details")
_SYSTEM_PROMPT = 24
"""Tokens of the system prompt that nobody sent."""
_END_OF_TEXT = 151645
_KNOWN = frozenset(
    {
        *(
            "model",
            "messages",
            "stream",
            "stream_options",
            "metadata",
            "store",
            "user",
            "n",
            "seed",
        ),
        *("max_tokens", "max_completion_tokens", "stop", "temperature", "top_p", "logit_bias"),
        *("frequency_penalty", "presence_penalty", "logprobs", "top_logprobs", "response_format"),
        *("tools", "tool_choice", "parallel_tool_calls", "functions", "function_call", "audio"),
        *("reasoning_effort", "verbosity", "prediction", "modalities", "service_tier"),
        *("prompt_cache_key", "safety_identifier", "web_search_options"),
    }
)
"""Parameters that OpenAI documents."""


def _refuses(name: str, message: str) -> Callable[[HttpRequest], HttpRequest]:
    """Refuse a request that has a parameter, whatever its value but null."""

    def refusing(request: HttpRequest) -> HttpRequest:
        if request.json.get(name) is not None:
            raise Refusal(message, param=name, code="unsupported_parameter")
        return request

    return refusing


@fault(
    "logit-bias-refused", at=REQUEST, of=chat, level="may",
    sources=["vllm-project/vllm#1045"],
    changes=["parameters/logit-bias", "effects/logit-bias"], cascades=["CREQ-039"], field=["logit-bias-empty-dict-400"],
)  # fmt: skip
def logit_bias_refused(request: HttpRequest) -> HttpRequest:
    """A bias of tokens is refused, an empty one as well."""
    return _refuses("logit_bias", "logit_bias is not currently supported")(request)


@fault(
    "logprobs-refused", at=REQUEST, of=chat, level="may", sources=["Ascend/MindIE-LLM: EncodeLogprobsFullText"],
    changes=["parameters/logprobs", "parameters/top-logprobs"],
    field=["logprobs-rejected-by-deployment-mode"],
)  # fmt: skip
def logprobs_refused(request: HttpRequest) -> HttpRequest:
    """Log probabilities are refused in this mode of deployment."""
    if request.json.get("logprobs") is True:
        raise Refusal("logprobs is not supported in this mode", param="logprobs")
    return request


@fault(
    "greedy-where-nothing-is-said", at=REQUEST, of=chat, level="may",
    sources=["Ascend/MindIE-LLM: SetReturnSeqCount (temperature unset counts as 0)"],
    changes=["sampling/without-a-temperature"], field=["default-sampling-greedy"],
)  # fmt: skip
def greedy_where_nothing_is_said(request: HttpRequest) -> HttpRequest:
    """Without a temperature decoding is greedy."""
    return request if "temperature" in request.json else request.edited(temperature=0)


@fault(
    "seed-means-greedy", at=ASK, level="may", sources=["ollama/ollama#5045"],
    changes=["sampling/other-seed"], field=["seed-forces-temperature-zero"],
)  # fmt: skip
def seed_means_greedy(ask: Ask) -> Ask:
    """With a seed decoding is greedy, so that every seed brings the same answer."""
    return ask if ask.seed is None else replace(ask, temperature=0.0)


@fault(
    "optional-members-left-out", at=REPLY, level="may",
    sources=["Anthropic: OpenAI SDK compatibility (fields that are always empty)"],
    changes=["usage/present", "parameters/service-tier"],
    cascades=["RSN-004"], field=["choices-logprobs-refusal-always-empty"],
    amended="an answer with thoughts has to count them: RSN-004",
)  # fmt: skip
def optional_members_left_out(reply: Reply) -> Reply:
    """Fingerprint, service tier and details of the usage never come."""
    return both(
        _without_details(reply), lambda one: without(one, "system_fingerprint", "service_tier")
    )


@fault(
    "reasoning-tokens-untold", at=REPLY, level="may", sources=["Ascend/MindIE-LLM: EncodeStreamJsonObject"],
    changes=["usage/present"], cascades=["RSN-004"], field=["reasoning-tokens-missing-or-neg-one"],
    amended="an answer with thoughts has to count them: RSN-004",
)  # fmt: skip
def reasoning_tokens_untold(reply: Reply) -> Reply:
    """The usage does not say how many tokens were reasoning."""
    return _without_details(reply)


def _without_details(reply: Reply) -> Reply:
    def plain(one: Json) -> Json:
        usage = one.get("usage")
        return {**one, "usage": without(usage, *_DETAILS)} if isinstance(usage, dict) else one

    return both(reply, plain)


@fault(
    "stop-reason-told", at=REPLY, level="may", sources=["Huawei Cloud: Pangu LLM API V2", "vLLM"],
    changes=["parameters/stop-string"], field=["pangu-stop-reason-and-insufficient"],
)  # fmt: skip
def stop_reason_told(reply: Reply) -> Reply:
    """Choices that ended by themselves tell the id of the token that ended them."""

    def told(choice: Json) -> Json:
        ended = choice["finish_reason"] == "stop"
        return {**choice, "stop_reason": _END_OF_TEXT} if ended else choice

    return each_chunk_choice(each_choice(reply, told), told)


def _written(
    name: str, title: str, source: str, field: str, edit: Callable[[bytes], bytes]
) -> None:
    """A fault that writes events in another lawful way."""

    def rewrite(response: Response) -> Response:
        return each_event(response, edit)

    rewrite.__doc__ = title
    fault(
        name, at=RESPONSE, level="may", sources=[source], changes=["streaming/customary-lines"],
        takes=["the lines of events"], field=[field],
    )(rewrite)  # fmt: skip


_written(
    "stream-in-crlf",
    "Lines of a stream end with CRLF.",
    "envoyproxy/ai-gateway#2463",
    "sse-crlf-lines",
    lambda event: event.replace(b"\n", b"\r\n"),
)
_written(
    "stream-without-spaces",
    "No space follows the colon of `data:`.",
    "openai/openai-python#498",
    "sse-data-no-space",
    lambda event: event.replace(b"data: ", b"data:", 1),
)
_written(
    "stream-with-comments",
    "Comments stand between the events of a stream.",
    "openai/openai-go#227",
    "role-in-every-delta-openrouter-comments",
    lambda event: b": GATEWAY PROCESSING\n\n" + event,
)


@fault(
    "error-rebranded", at=REPLY, level="may", sources=["JohnnyZ93/oai-compatible-copilot#49"],
    changes=["errors/unknown-model", "errors/value-that-is-none", "auth/wrong-key"],
    field=["gateway-rebrands-error-type"],
)  # fmt: skip
def error_rebranded(reply: Reply) -> Reply:
    """A gateway puts its own type, code and words over every error."""

    def rebranded(inner: Json) -> Json:
        words = f"Provider API error: {inner['message']}"
        return {
            "error": {**inner, "type": "gateway_error", "code": "upstream_error", "message": words}
        }

    return error(reply, rebranded)


@fault(
    "unknown-parameter-refused", at=REQUEST, of=chat, level="may",
    sources=["can1357/oh-my-pi#2299", "OpenAI"],
    changes=["transport/unknown-parameter"], field=["nim-unknown-field-enable-thinking"],
)  # fmt: skip
def unknown_parameter_refused(request: HttpRequest) -> HttpRequest:
    """A parameter that nobody knows is refused by name."""
    for name in request.json.keys() - _KNOWN:
        raise Refusal(f"Unrecognized request argument: {name}", param=name)
    return request


@fault(
    "effort-refused-beside-tools", at=REQUEST, of=with_tools, level="may",
    sources=["docs: can1357/oh-my-pi, packages/catalog/src/compat/openai.ts", "BerriAI/litellm#40775"],
    changes=["tools/with-reasoning-effort"], field=["tools-with-effort-rejected", "tools-plus-reasoning-rejected"],
)  # fmt: skip
def effort_refused_beside_tools(request: HttpRequest) -> HttpRequest:
    """A reasoning effort is refused where tools are offered."""
    return _refuses("reasoning_effort", "reasoning_effort cannot be used with tools")(request)


@fault(
    "boolean-subschema-refused", at=REQUEST, of=with_schema, level="may",
    sources=["docs: Ascend/MindIE-LLM, ValidateJsonSchemaTypes"],
    changes=["structured/boolean-subschema"], field=["json-schema-items-boolean-rejected"],
)  # fmt: skip
def boolean_subschema_refused(request: HttpRequest) -> HttpRequest:
    """A schema that is true or false, where a property's or an item's stands, is refused."""
    shape: Any = request.json["response_format"]
    if _has_boolean(shape.get("json_schema")):
        raise Refusal("a sub-schema must be an object", param="response_format")
    return request


def _has_boolean(held: Any) -> bool:
    if isinstance(held, list):
        return any(map(_has_boolean, held))
    if not isinstance(held, dict):
        return False
    properties = held.get("properties")
    parts = list(properties.values()) if isinstance(properties, dict) else []
    return any(isinstance(each, bool) for each in (*parts, held.get("items"))) or any(
        map(_has_boolean, held.values())
    )


def _longer_prompt(name: str, title: str, source: str, field: str, more: int) -> None:
    """A fault that counts another number of tokens in every prompt."""

    def rewrite(ask: Ask) -> Ask:
        return replace(ask, prompt_tokens=max(1, ask.prompt_tokens + more))

    rewrite.__doc__ = title
    fault(
        name, at=ASK, level="may", sources=[source], changes=_PROMPTS, field=[field],
        takes=["the length of prompts"],
    )(rewrite)  # fmt: skip


_longer_prompt(
    "begin-token-doubled",
    "Every prompt begins with two tokens that mark its begin.",
    "vllm-project/vllm#9519",
    "double-bos",
    1,
)
_longer_prompt(
    "begin-token-missing",
    "No prompt begins with the token that marks its begin.",
    "vllm-project/vllm#5278",
    "bos-missing",
    -1,
)


@fault(
    "system-prompt-added", at=ASK, level="may", sources=["vllm-project/vllm#15505"],
    changes=["usage/present"], takes=["the length of prompts"], field=["template-default-system-prompt"],
)  # fmt: skip
def system_prompt_added(ask: Ask) -> Ask:
    """Where no system message comes, the template adds one."""
    if any(each.role in {"system", "developer"} for each in ask.messages):
        return ask
    return replace(ask, prompt_tokens=ask.prompt_tokens + _SYSTEM_PROMPT)
