"""The whole body of a chat completion request, checked before anything is generated."""

from __future__ import annotations

import json
import re
from typing import Any

from conformance.reference.ask import Ask, Json, Message, Tool
from conformance.reference.model import tokens
from conformance.reference.model.complete import CONTEXT
from conformance.reference.refusal import Refusal, shown
from conformance.reference.validate import fields
from conformance.reference.validate.messages import read_messages
from conformance.reference.validate.thinking import read_effort
from conformance.reference.validate.tools import read_choice, read_shape, read_tools

CLOSED = "conformance/closed"
"""A model that no key may use, so that this can be seen."""
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
TIERS = ("auto", "default", "flex", "scale", "priority", "fast")
_IMAGE_TOKENS = 85
_MOST_STOPS = 4
_MOST_PAIRS = 16
_LONGEST_KEY = 64
_LONGEST_VALUE = 512
_LONGEST_ID = 18


def read_json(body: bytes) -> Json:
    """The body as a JSON object. Raises Refusal for anything else."""
    try:
        value = json.loads(body.decode(), parse_constant=_no_constant)
        if _SURROGATE.search(body):
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Refusal(
            f"We could not parse the JSON body of your request: {type(error).__name__}. "
            "The body must be one JSON object in UTF-8.",
            code="invalid_json",
        ) from None
    if not isinstance(value, dict):
        raise Refusal(
            f"The body must be a JSON object, but it is {fields.kind(value)}.", code="invalid_type"
        )
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def read_ask(body: Json, models: tuple[str, ...]) -> Ask:
    """The request as a value. Raises Refusal, the standard error, for the first thing wrong."""
    model = read_model(body, models)
    messages = read_messages(body)
    tools = read_tools(body)
    _check_the_rest(body)
    stream = fields.flag(body, "stream")
    logprobs = fields.flag(body, "logprobs")
    n = fields.integer(body, "n", 1, 128)
    return Ask(
        model=model,
        messages=messages,
        tools=tools,
        rule=read_choice(body, tools),
        parallel=fields.flag(body, "parallel_tool_calls", default=True),
        shape=read_shape(body),
        n=1 if n is None else n,
        cap=_cap(body),
        temperature=fields.number(body, "temperature", 0, 2, 1),
        top_p=fields.number(body, "top_p", 0, 1, 1),
        top_k=_top_k(body),
        min_tokens=fields.integer(body, "min_tokens", 0) or 0,
        frequency_penalty=fields.number(body, "frequency_penalty", -2, 2, 0),
        presence_penalty=fields.number(body, "presence_penalty", -2, 2, 0),
        repetition_penalty=fields.number(body, "repetition_penalty", 0.01, 10, 1),
        logit_bias=read_bias(body),
        seed=fields.integer(body, "seed", -(2**63)),
        stop=read_stop(body),
        logprobs=logprobs,
        top_logprobs=_top_logprobs(body, logprobs=logprobs),
        stream=stream,
        include_usage=read_include_usage(body, stream=stream),
        service_tier=fields.one_of(body, "service_tier", TIERS),
        prediction=_prediction(body),
        prompt_tokens=_prompt_tokens(body, messages, tools),
        effort=read_effort(body, model),
    )


def read_model(body: Json, models: tuple[str, ...]) -> str:
    """The model that is asked for. Raises Refusal where it is not on offer."""
    model = fields.needed_text(body, "model")
    if model == CLOSED:
        raise Refusal(
            f"Your key may not use the model {shown(model)}.",
            status=403,
            code="permission_denied",
            param="model",
        )
    if model not in models:
        raise Refusal(
            f"The model {shown(model)} does not exist or you do not have access to it.",
            status=404,
            code="model_not_found",
            param="model",
        )
    return model


def _cap(body: Json) -> int | None:
    old = fields.integer(body, "max_tokens", 1)
    new = fields.integer(body, "max_completion_tokens", 1)
    if old is not None and new is not None:
        raise Refusal(
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
            code="invalid_parameter_combination",
            param="max_tokens",
        )
    return new if old is None else old


def read_stop(body: Json) -> tuple[str, ...]:
    """The strings that end an answer. Raises Refusal."""
    value = body.get("stop")
    if value is None:
        return ()
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise fields.wrong_type("stop", "a string or an array of strings", value)
    if len(listed) > _MOST_STOPS:
        raise fields.wrong_value("stop", f"at most {_MOST_STOPS} strings are allowed.")
    if "" in listed:
        raise fields.wrong_value("stop", "a stop string must not be empty.")
    return tuple(listed)


def _top_logprobs(body: Json, *, logprobs: bool) -> int:
    top = fields.integer(body, "top_logprobs", 0, 20)
    if top is not None and not logprobs:
        raise fields.wrong_value("top_logprobs", "'logprobs' must be true when it is set.")
    return top or 0


def read_include_usage(body: Json, *, stream: bool) -> bool:
    """Whether a stream ends with a usage. Raises Refusal."""
    options = fields.mapping(body, "stream_options")
    if options is None:
        return False
    if not stream:
        raise fields.wrong_value("stream_options", "it is only allowed when 'stream' is true.")
    fields.flag(options, "include_obfuscation", at="stream_options.")
    return fields.flag(options, "include_usage", at="stream_options.")


def _check_the_rest(body: Json) -> None:
    """Parameters that are checked, but change nothing in what this model says."""
    fields.one_of(body, "reasoning_effort", EFFORTS)
    fields.one_of(body, "verbosity", ("low", "medium", "high"))
    fields.flag(body, "store")
    for name in ("user", "safety_identifier", "prompt_cache_key"):
        fields.text(body, name)
    check_metadata(body)
    _check_modalities(body)
    for name in ("functions", "function_call", "web_search_options", "audio"):
        if body.get(name) is not None:
            raise Refusal(
                f"Unsupported parameter: '{name}' is not supported by this model."
                + (" Use 'tools' and 'tool_choice'." if name.startswith("function") else ""),
                code="unsupported_parameter",
                param=name,
            )


def _top_k(body: Json) -> int | None:
    """A vendor's parameter that many engines know: -1 and 0 mean all."""
    wanted = fields.integer(body, "top_k", -1)
    return wanted if wanted and wanted > 0 else None


def read_bias(body: Json) -> dict[int, float]:
    """Token ids to their biases. Raises Refusal for biases that cannot be."""
    found = {}
    for token, bias in (fields.mapping(body, "logit_bias") or {}).items():
        if not (token.isascii() and token.isdecimal()):
            raise fields.wrong_value("logit_bias", f"{shown(token)} is not the id of a token.")
        name = f"logit_bias.{token}"
        found[int(token[:_LONGEST_ID])] = fields.number({name: bias}, name, -100, 100, 0)
    return found


def _prediction(body: Json) -> str:
    given = fields.mapping(body, "prediction") or {}
    content = given.get("content", "")
    if isinstance(content, str):
        return content
    parts = fields.array(given, "content", "prediction.") or []
    return "".join(str(each.get("text", "")) for each in parts if isinstance(each, dict))


def check_metadata(body: Json) -> None:
    """At most sixteen short pairs of text. Raises Refusal."""
    pairs = fields.mapping(body, "metadata") or {}
    if len(pairs) > _MOST_PAIRS:
        raise fields.wrong_value("metadata", f"at most {_MOST_PAIRS} pairs are allowed.")
    for key, value in pairs.items():
        if not isinstance(value, str):
            raise fields.wrong_type(f"metadata.{key[:_LONGEST_KEY]}", "a string", value)
        if len(key) > _LONGEST_KEY or len(value) > _LONGEST_VALUE:
            raise fields.wrong_value(
                "metadata", f"keys have {_LONGEST_KEY} characters at most, values {_LONGEST_VALUE}."
            )


def _check_modalities(body: Json) -> None:
    wanted = fields.array(body, "modalities")
    if wanted is not None and wanted != ["text"]:
        raise fields.unsupported("modalities", "this model answers in text only.")


def _prompt_tokens(body: Json, messages: tuple[Message, ...], tools: tuple[Tool, ...]) -> int:
    """What the prompt costs. Raises Refusal where it leaves no room in the context."""
    extras: list[Any] = [body.get("tools")] if tools else []
    shape = body.get("response_format")
    if isinstance(shape, dict) and shape.get("type") == "json_schema":
        extras.append(shape)
    spent = prompt_cost(messages, extras)
    if spent >= CONTEXT:
        raise too_long(spent, "messages")
    return spent


def prompt_cost(messages: tuple[Message, ...], extras: list[Any]) -> int:
    """Tokens of a conversation, and of the JSON that is told beside it."""
    said = sum(map(_message_tokens, messages))
    return tokens.PROMPT_OVERHEAD + said + sum(map(tokens.count_json, extras))


def too_long(spent: int, param: str) -> Refusal:
    """Refuses a conversation that leaves no room for an answer."""
    return Refusal(
        f"This model's maximum context length is {CONTEXT} tokens. However, your {param} "
        f"resulted in {spent} tokens. Please reduce the length of the {param}.",
        code="context_length_exceeded",
        param=param,
    )


def _message_tokens(message: Message) -> int:
    called = sum(tokens.count(call.name) + tokens.count(call.arguments) for call in message.calls)
    seen = _IMAGE_TOKENS * len(message.pictures)
    return tokens.MESSAGE_OVERHEAD + tokens.count(message.text) + called + seen
