"""Schemas that are not held to, or refused, for how they are written or where they are asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.reference.answer import Choice, Completion
from conformance.reference.ask import Ask, Json
from conformance.reference.breaks import TOOLS_REFUSED
from conformance.reference.circumstances import (
    both_of,
    responding,
    thinking,
    with_schema,
    with_tools,
)
from conformance.reference.edit import each_said
from conformance.reference.fault import ASK, COMPLETION, REQUEST, fault
from conformance.reference.faults.offers import functions, schemas, with_a_schema
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal

_TYPED = frozenset(
    {"pattern", "format", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
     "multipleOf", "minItems", "maxItems"}
)  # fmt: skip
"""Keywords that speak of values of one type."""
_UNKNOWN = "Invalid JSON payload received. Unknown name"


def _parameters(request: HttpRequest) -> list[Any]:
    """The schemas of what the functions offered take, each as a whole."""
    return [held.get("parameters") for held in functions(request)]


def _untyped(node: Any) -> Any:
    """A schema whose parts keep the keywords of a type only where they name the type."""
    if isinstance(node, list):
        return [_untyped(each) for each in node]
    if not isinstance(node, dict):
        return node
    kept: Json = {}
    for key, held in node.items():
        if key in ("properties", "$defs", "definitions") and isinstance(held, dict):
            kept[key] = {name: _untyped(each) for name, each in held.items()}
        elif key in ("enum", "const"):
            kept[key] = held
        elif key not in _TYPED or "type" in node:
            kept[key] = _untyped(held)
    return kept


@fault(
    "untyped-keywords-unenforced", at=ASK, level="should", of=with_a_schema,
    sources=["vllm-project/vllm#57550"], field=["schema-keywords-without-type-ignored"],
    primary=["SO-010"], cascades=["SO-002", "SO-003", "SO-011", "SO-012", "SO-018", "SO-019", "TOOL-009", "TOOL-010"],
)  # fmt: skip
def untyped_keywords_unenforced(ask: Ask) -> Ask:
    """Keywords of texts, numbers and lists hold only where the schema names the type beside them."""
    shape = replace(ask.shape, schema=_untyped(ask.shape.schema)) if ask.shape.schema else ask.shape
    tools = tuple(replace(each, parameters=_untyped(each.parameters)) for each in ask.tools)
    return replace(ask, shape=shape, tools=tools)


def _nested_pattern(schema: Any) -> bool:
    """Does an object within the parameters have a text with a pattern?"""
    held = schema.get("properties") if isinstance(schema, dict) else None
    inner = [
        part
        for each in (held.values() if isinstance(held, dict) else ())
        if isinstance(each, dict) and each.get("type") == "object"
        for part in schemas(each)
    ]
    return any(isinstance(each, dict) and "pattern" in each for each in inner)


@fault(
    "nested-patterns-refused", at=REQUEST, level="should", of=with_tools,
    sources=["ggml-org/llama.cpp#25746"], field=["nested-pattern-in-tool-400"],
    primary=["TOOL-028"], cascades=TOOLS_REFUSED,
)  # fmt: skip
def nested_patterns_refused(request: HttpRequest) -> HttpRequest:
    """A pattern in an object within a tool's parameters is refused; one at the top is served."""
    if any(map(_nested_pattern, _parameters(request))):
        raise Refusal("failed to parse grammar", param="tools")
    return request


@fault(
    "meta-schema-refused", at=REQUEST, level="should", of=with_tools,
    sources=["PublicAffairs/openai-gemini#70"], field=["tool-schema-dollar-schema-400"],
    primary=["TOOL-028"], cascades=TOOLS_REFUSED,
)  # fmt: skip
def meta_schema_refused(request: HttpRequest) -> HttpRequest:
    """Parameters that say by `$schema` which JSON Schema they are written in are refused."""
    if any(isinstance(each, dict) and "$schema" in each for each in _parameters(request)):
        raise Refusal(f'{_UNKNOWN} "$schema"', param="tools")
    return request


@fault(
    "lists-of-none-refused", at=REQUEST, level="should", of=with_a_schema,
    sources=["ggml-org/llama.cpp#13116"], field=["max-items-zero-400"],
    primary=["SO-012"], cascades=TOOLS_REFUSED,
)  # fmt: skip
def lists_of_none_refused(request: HttpRequest) -> HttpRequest:
    """A list that may hold nothing (`maxItems: 0`) makes no grammar, and the request is refused."""
    shape: Any = request.json.get("response_format")
    held = shape.get("json_schema") if isinstance(shape, dict) else None
    bound = held.get("schema") if isinstance(held, dict) else None
    parts = [part for each in (bound, *_parameters(request)) for part in schemas(each)]
    if any(isinstance(each, dict) and each.get("maxItems") == 0 for each in parts):
        raise Refusal("failed to parse grammar", param="response_format")
    return request


@fault(
    "json-told-as-reasoning", at=COMPLETION, level="should", of=both_of(thinking, with_schema),
    sources=["lmstudio-ai/lmstudio-bug-tracker#1779"], field=["structured-answer-in-reasoning"],
    primary=["SO-020"], cascades=["SO-*", "RSN-*", "CRESP-*", "CREQ-047", "STRM-*", "USAGE-*"],
)  # fmt: skip
def json_told_as_reasoning(completion: Completion) -> Completion:
    """What a model that reasons says by a schema comes as reasoning, and the content is empty."""

    def said(choice: Choice) -> Choice:
        if not choice.text:
            return choice
        return replace(choice, thought=(*choice.thought, *choice.tokens), text="", tokens=())

    return each_said(completion, said)


@fault(
    "formats-of-responses-unread", at=REQUEST, level="must", of=responding,
    sources=["lmstudio-ai/lmstudio-bug-tracker#1396", "lmstudio-ai/lmstudio-bug-tracker#2403"],
    field=["responses-text-format-ignored"],
    primary=["RESP-018"], cascades=["RESP-*", "RSTRM-*", "SO-*", "ERR-*"],
)  # fmt: skip
def formats_of_responses_unread(request: HttpRequest) -> HttpRequest:
    """The format that a response should have is not read: text comes, in a code fence or not."""
    held: Any = request.json.get("text")
    if not isinstance(held, dict) or "format" not in held:
        return request
    return request.edited(text={key: each for key, each in held.items() if key != "format"})


@fault(
    "null-parameters-refused", at=REQUEST, level="must", of=responding,
    sources=["lmstudio-ai/lmstudio-bug-tracker#1652"], field=["responses-tool-null-parameters-400"],
    primary=["RESP-016"], cascades=["RESP-*", "RSTRM-*"],
)  # fmt: skip
def null_parameters_refused(request: HttpRequest) -> HttpRequest:
    """A function whose parameters are null, as a client writes none, is refused by `/responses`."""
    listed = request.json.get("tools")
    held = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    if any("parameters" in each and each["parameters"] is None for each in held):
        raise Refusal("tools.0.parameters: Expected object, received null", param="tools")
    return request
