"""The whole body of a request for a response, checked before anything is generated."""

from __future__ import annotations

from typing import Any

from conformance.reference.ask import Ask, Json, Message, Shape
from conformance.reference.model import tokens
from conformance.reference.model.complete import CONTEXT
from conformance.reference.refusal import Refusal, shown
from conformance.reference.responses.asked import Asked, Thinking
from conformance.reference.responses.items import read_input
from conformance.reference.responses.tools import (
    echoed_tool,
    read_flat_choice,
    read_flat_tools,
    read_format,
)
from conformance.reference.shelf import Shelf
from conformance.reference.validate import fields
from conformance.reference.validate.body import (
    EFFORTS,
    TIERS,
    check_metadata,
    prompt_cost,
    read_model,
    too_long,
)

_LEAST_CAP = 16
_INCLUDED = (
    "message.output_text.logprobs",
    "reasoning.encrypted_content",
    "message.input_image.image_url",
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "computer_call_output.output.image_url",
    "code_interpreter_call.outputs",
)
_CALLED_OTHERWISE = {
    "messages": "input",
    "max_tokens": "max_output_tokens",
    "max_completion_tokens": "max_output_tokens",
    "response_format": "text.format",
    "reasoning_effort": "reasoning.effort",
    "verbosity": "text.verbosity",
    "functions": "tools",
    "function_call": "tool_choice",
}
"""Parameters of chat, and what takes their place here."""
_NOT_OFFERED = ("conversation", "prompt")
_THOUGHT = "I look for the rule that fits."


def read_asked(body: Json, models: tuple[str, ...], shelf: Shelf) -> Asked:
    """The request as a value. Raises Refusal, the standard error, for the first thing wrong."""
    _check_names(body)
    model = read_model(body, models)
    conversation = read_input(body, _before(body, shelf))
    told = fields.text(body, "instructions")
    orders = (Message(role="developer", text=told),) if told else ()
    tools = read_flat_tools(body)
    text = fields.mapping(body, "text") or {}
    include = _include(body)
    thinking = _thinking(body, include)
    check_metadata(body)
    logprobs, top = _logprobs(body, include)
    messages, spent = _fitting(body, orders, conversation)
    ask = Ask(
        model=model,
        messages=messages,
        tools=tools,
        rule=read_flat_choice(body, tools),
        parallel=fields.flag(body, "parallel_tool_calls", default=True),
        shape=read_format(text),
        n=1,
        cap=_cap(body, thinking),
        temperature=fields.number(body, "temperature", 0, 2, 1),
        top_p=fields.number(body, "top_p", 0, 1, 1),
        seed=None,
        stop=(),
        logprobs=logprobs,
        top_logprobs=top,
        stream=_stream(body),
        include_usage=True,
        service_tier=fields.one_of(body, "service_tier", TIERS),
        prompt_tokens=spent,
    )
    return Asked(
        ask=ask,
        conversation=conversation,
        thinking=thinking,
        stored=fields.flag(body, "store", default=True),
        echo=_echo(body, ask, text),
    )


def _check_names(body: Json) -> None:
    for name, here in _CALLED_OTHERWISE.items():
        if body.get(name) is not None:
            raise _unsupported(name, f"In the Responses API it is called '{here}'.")
    for name in _NOT_OFFERED:
        if body.get(name) is not None:
            raise _unsupported(name, "This server has none.")
    if fields.flag(body, "background"):
        raise fields.unsupported("background", "responses are only made while you wait.")


def _unsupported(name: str, why: str) -> Refusal:
    message = f"Unsupported parameter: '{name}'. {why}"
    return Refusal(message, code="unsupported_parameter", param=name)


def _before(body: Json, shelf: Shelf) -> tuple[Message, ...]:
    name = fields.text(body, "previous_response_id")
    if name is None:
        return ()
    stored = shelf.find(name)
    if stored is None:
        raise Refusal(
            f"Previous response with id {shown(name)} not found.",
            status=404,
            code="previous_response_not_found",
            param="previous_response_id",
        )
    return stored.conversation


def _include(body: Json) -> tuple[str, ...]:
    wanted = fields.array(body, "include") or []
    for place, each in enumerate(wanted):
        fields.one_of({f"include[{place}]": each}, f"include[{place}]", _INCLUDED)
    return tuple(wanted)


def _thinking(body: Json, include: tuple[str, ...]) -> Thinking:
    held = fields.mapping(body, "reasoning") or {}
    effort = fields.one_of(held, "effort", EFFORTS, "reasoning.")
    told = fields.one_of(held, "summary", ("auto", "concise", "detailed"), "reasoning.")
    if effort in (None, "none"):
        return Thinking()
    return Thinking(
        thought=_THOUGHT,
        summarized=told is not None,
        encrypted="reasoning.encrypted_content" in include,
    )


def _logprobs(body: Json, include: tuple[str, ...]) -> tuple[bool, int]:
    top = fields.integer(body, "top_logprobs", 0, 20) or 0
    return "message.output_text.logprobs" in include or top > 0, top


def _cap(body: Json, thinking: Thinking) -> int | None:
    """What is left for the answer after what is thought."""
    cap = fields.integer(body, "max_output_tokens", _LEAST_CAP)
    return None if cap is None else cap - tokens.count(thinking.thought)


def _stream(body: Json) -> bool:
    stream = fields.flag(body, "stream")
    options = fields.mapping(body, "stream_options")
    if options is not None and not stream:
        raise fields.wrong_value("stream_options", "it is only allowed when 'stream' is true.")
    fields.flag(options or {}, "include_obfuscation", at="stream_options.")
    return stream


def _fitting(
    body: Json, orders: tuple[Message, ...], said: tuple[Message, ...]
) -> tuple[tuple[Message, ...], int]:
    """What the model reads, and what that costs; `truncation: auto` drops what was said first."""
    mode = fields.one_of(body, "truncation", ("auto", "disabled"))
    extras: list[Any] = [body["tools"]] if body.get("tools") else []
    text = fields.mapping(body, "text") or {}
    extras += [text["format"]] if text.get("format") else []
    spent = prompt_cost((*orders, *said), extras)
    while spent >= CONTEXT and mode == "auto" and len(said) > 1:
        said = said[1:]
        spent = prompt_cost((*orders, *said), extras)
    if spent >= CONTEXT:
        raise too_long(spent, "input")
    return (*orders, *said), spent


def _echo(body: Json, ask: Ask, text: Json) -> Json:
    """What the response repeats of its request, with the defaults filled in."""
    reasoning = body.get("reasoning") or {}
    return {
        "background": False,
        "instructions": body.get("instructions"),
        "max_output_tokens": fields.integer(body, "max_output_tokens", _LEAST_CAP),
        "max_tool_calls": fields.integer(body, "max_tool_calls", 1),
        "model": ask.model,
        "parallel_tool_calls": ask.parallel,
        "previous_response_id": body.get("previous_response_id"),
        "prompt_cache_key": fields.text(body, "prompt_cache_key"),
        "reasoning": {"effort": reasoning.get("effort"), "summary": reasoning.get("summary")},
        "safety_identifier": fields.text(body, "safety_identifier"),
        "service_tier": "default",
        "store": fields.flag(body, "store", default=True),
        "temperature": ask.temperature,
        "presence_penalty": fields.number(body, "presence_penalty", -2, 2, 0),
        "frequency_penalty": fields.number(body, "frequency_penalty", -2, 2, 0),
        "text": {
            "format": _format(text.get("format"), ask.shape),
            "verbosity": fields.one_of(text, "verbosity", ("low", "medium", "high"), "text.")
            or "medium",
        },
        "tool_choice": body.get("tool_choice") or "auto",
        "tools": [echoed_tool(each) for each in ask.tools],
        "top_logprobs": ask.top_logprobs,
        "top_p": ask.top_p,
        "truncation": body.get("truncation") or "disabled",
        "user": fields.text(body, "user"),
        "metadata": body.get("metadata") or {},
    }


def _format(given: Json | None, shape: Shape) -> Json:
    if given is None or shape.kind != "json_schema":
        return {"type": shape.kind}
    return {
        "type": "json_schema",
        "name": given["name"],
        "description": given.get("description"),
        "schema": given["schema"],
        "strict": given.get("strict") or False,
    }
