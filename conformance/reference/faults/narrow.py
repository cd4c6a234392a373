"""Requests that are read narrowly: what tools, schemas and items may say, and what a vendor behind makes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Call, Choice, Completion, Reply
from conformance.reference.ask import Ask, Json
from conformance.reference.breaks import OTHER_WORDS, REFUSED, TOOLS_REFUSED
from conformance.reference.circumstances import responding, with_schema, with_tools
from conformance.reference.edit import each_said
from conformance.reference.fault import ASK, COMPLETION, REPLY, REQUEST, fault
from conformance.reference.faults.bridges import input_items, put_again
from conformance.reference.faults.grammars import schema_of
from conformance.reference.faults.offers import functions, schemas
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens
from conformance.reference.refusal import Refusal

_UPSTREAM = 502
_FORMATS = ("SO-*", "CREQ-047", "CRESP-031", "ERR-033")
"""What may fail where an answer by a schema is another, or none."""


def _parameters(request: HttpRequest) -> Iterator[Json]:
    """All schemas in the parameters of the functions offered that are objects."""
    for each in functions(request):
        yield from (one for one in schemas(each.get("parameters")) if isinstance(one, dict))


@fault(
    "tools-want-a-description", at=REQUEST, level="must", of=with_tools,
    sources=["BerriAI/litellm#24668"],
    primary=["CREQ-049"], cascades=[*TOOLS_REFUSED, *REFUSED],
)  # fmt: skip
def tools_want_a_description(request: HttpRequest) -> HttpRequest:
    """A function without a description, or with an empty one, is refused by the vendor behind."""
    if any(not each.get("description") for each in functions(request)):
        told = "toolConfig.tools.0.member.toolSpec.description: minimum length is 1"
        raise Refusal(told, param="tools")
    return request


@fault(
    "closed-tools-fail", at=REQUEST, level="should", of=with_tools,
    sources=["tashfeenahmed/freellmapi#97"],
    primary=["TOOL-028"], cascades=[*TOOLS_REFUSED, *REFUSED],
)  # fmt: skip
def closed_tools_fail(request: HttpRequest) -> HttpRequest:
    """Parameters with `additionalProperties` are more than the vendor behind knows: 502."""
    if any("additionalProperties" in each for each in _parameters(request)):
        told = 'Provider error: 400: Invalid JSON payload received. Unknown name "additionalProperties"'
        raise Refusal(told, status=_UPSTREAM, kind="server_error")
    return request


@fault(
    "listed-numbers-in-tools-refused", at=REQUEST, level="should", of=with_tools,
    sources=["esengine/DeepSeek-Reasonix#9005"],
    primary=["TOOL-028"], cascades=TOOLS_REFUSED,
)  # fmt: skip
def listed_numbers_in_tools_refused(request: HttpRequest) -> HttpRequest:
    """A parameter may list texts: one that lists numbers is refused, and the request with it."""
    lists = [each["enum"] for each in _parameters(request) if isinstance(each.get("enum"), list)]
    if any(not isinstance(value, str) for listed in lists for value in listed):
        raise Refusal("Invalid value at 'parameters.enum[0]' (TYPE_STRING)", param="tools")
    return request


@fault(
    "comments-in-tools-refused", at=REQUEST, level="should", of=with_tools,
    sources=["router-for-me/CLIProxyAPI#3512"],
    primary=["TOOL-028"], cascades=TOOLS_REFUSED,
)  # fmt: skip
def comments_in_tools_refused(request: HttpRequest) -> HttpRequest:
    """Parameters with `$comment` or `enumDescriptions`, as editors write them, are refused."""
    if any({"$comment", "enumDescriptions"} & set(each) for each in _parameters(request)):
        raise Refusal('Invalid JSON payload received. Unknown name "$comment"', param="tools")
    return request


def _whole_numbers(call: Call) -> bool:
    try:
        held = json.loads(call.arguments)
    except ValueError:
        return False
    values = held.values() if isinstance(held, dict) else ()
    return any(isinstance(each, int) and not isinstance(each, bool) for each in values)


@fault(
    "calls-with-whole-numbers-dropped", at=COMPLETION, level="must", of=with_tools, rate=0.5,
    sources=["ml-explore/mlx-lm#1417", "ml-explore/mlx-lm#1310"],
    primary=["TOOL-001"], cascades=["TOOL-*", "STOOL-*", "RT-*", "CRESP-*", "STRM-*", "CREQ-*", "RSN-*", "SO-*"],
)  # fmt: skip
def calls_with_whole_numbers_dropped(completion: Completion) -> Completion:
    """A whole number that the model writes with a point is not read: the call is dropped, and `tool_calls` ends."""

    def dropped(choice: Choice) -> Choice:
        kept = tuple(each for each in choice.calls if not _whole_numbers(each))
        if len(kept) == len(choice.calls):
            return choice
        return replace(choice, calls=kept, text=choice.text or "")

    return each_said(completion, dropped)


@fault(
    "none-comes-as-markup", at=COMPLETION, level="must", of=with_tools,
    sources=["tenstorrent/tt-inference-server#4386", "vllm-project/vllm#37081"],
    primary=["TOOL-013"], cascades=[*OTHER_WORDS, "TOOL-*", "STOOL-*"],
)  # fmt: skip
def none_comes_as_markup(completion: Completion) -> Completion:
    """With `tool_choice: none` the model hears of the tools, and its call comes as text, markup and all."""
    ask = completion.ask
    if ask.rule.mode != "none" or not ask.tools or ask.messages[-1].role != "user":
        return completion
    markup = f'<tool_call>\n{{"name": "{ask.tools[0].name}", "arguments": {{}}}}\n</tool_call>'

    def marked(choice: Choice) -> Choice:
        if not choice.text or choice.finish != "stop":
            return choice
        return replace(choice, text=markup, tokens=tokens.split(markup), likely=())

    return each_said(completion, marked)


@fault(
    "maps-loosen-the-schema", at=REQUEST, level="must", of=with_schema,
    sources=["kekzl/imp#1564"],
    primary=["SO-002"], cascades=_FORMATS,
    amended="a schema that is taken and not kept breaks SO-002; SO-003 speaks of servers that keep none",
)  # fmt: skip
def maps_loosen_the_schema(request: HttpRequest) -> HttpRequest:
    """Where `additionalProperties` is a schema, any object of JSON goes, and nobody is told."""
    parts = [one for one in schemas(schema_of(request)) if isinstance(one, dict)]
    if any(isinstance(one.get("additionalProperties"), dict) for one in parts):
        return request.edited(response_format={"type": "json_object"})
    return request


def _texts_only(node: Any) -> Any:
    """A schema in which lists of values that are no texts allow an empty text alone."""
    if isinstance(node, list):
        return [_texts_only(each) for each in node]
    if not isinstance(node, dict):
        return node
    listed = node.get("enum")
    if isinstance(listed, list) and listed and not any(isinstance(one, str) for one in listed):
        return {"type": "string", "enum": [""]}
    return {
        key: held if key in ("enum", "const") else _texts_only(held) for key, held in node.items()
    }


@fault(
    "listed-numbers-are-empty-texts", at=ASK, level="must", of=with_schema,
    sources=["kekzl/imp#1564"],
    primary=["SO-008"], cascades=[*_FORMATS, "TOOL-010"],
)  # fmt: skip
def listed_numbers_are_empty_texts(ask: Ask) -> Ask:
    """An `enum` of numbers, booleans or null is held to the empty text."""
    return replace(ask, shape=replace(ask.shape, schema=_texts_only(ask.shape.schema)))


@fault(
    "nullable-enums-fail", at=REQUEST, level="must", of=with_schema, rate=0.5,
    sources=["scienceverse/metacheck#365"],
    primary=["SO-007"], cascades=[*_FORMATS, *REFUSED],
)  # fmt: skip
def nullable_enums_fail(request: HttpRequest) -> HttpRequest:
    """Where a list of values has null, the null that the model writes does not fit, and 400 comes."""
    parts = [one for one in schemas(schema_of(request)) if isinstance(one, dict)]
    if any(None in one["enum"] for one in parts if isinstance(one.get("enum"), list)):
        raise Refusal(
            "Generated JSON does not match the expected schema.", code="json_validate_failed"
        )
    return request


@fault(
    "summaries-refused-beside-tools", at=REQUEST, level="should", of=responding,
    sources=["simonw/llm-openrouter#58"],
    primary=["RESP-025"], cascades=["RESP-*", "RSTRM-*", "RSN-*", "ERR-*"],
)  # fmt: skip
def summaries_refused_beside_tools(request: HttpRequest) -> HttpRequest:
    """A summary of the reasoning is not to be had where tools are offered: 400."""
    wanted: Any = request.json.get("reasoning")
    if request.json.get("tools") and isinstance(wanted, dict) and wanted.get("summary"):
        raise Refusal("Server tool request failed")
    return request


@fault(
    "sealed-reasoning-looked-up", at=REQUEST, level="should", of=responding,
    sources=["maximhq/bifrost#5410"],
    primary=["RESP-031"], cascades=["RESP-*", "RSTRM-*", "RT-*", "RSN-*"],
)  # fmt: skip
def sealed_reasoning_looked_up(request: HttpRequest) -> HttpRequest:
    """Reasoning that comes back sealed is looked up by its id, which nobody stored: 400 with `store: false`."""
    sealed = [each for each in input_items(request) if each.get("encrypted_content")]
    if request.json.get("store") is False and sealed:
        told = f"Item with id {sealed[0].get('id')!r} not found. Items are not persisted when `store` is set to false."
        raise Refusal(told, param="input")
    return request


@fault(
    "summaries-lost-in-whole-responses", at=REPLY, level="should", of=responding,
    sources=["diegosouzapw/OmniRoute#10166"],
    primary=["RESP-025"], cascades=["RESP-013", "RSN-003", "CRESP-031"],
)  # fmt: skip
def summaries_lost_in_whole_responses(reply: Reply) -> Reply:
    """A summary that was asked for comes in streams; in one document it is empty."""
    if reply.events:
        return reply
    return put_again(
        reply, lambda item: {**item, "summary": []} if item["type"] == "reasoning" else item
    )
