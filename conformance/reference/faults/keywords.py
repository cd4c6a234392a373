"""Schemas that are taken and not kept: a keyword, a way of asking, or the order of keys."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Choice, Completion
from conformance.reference.ask import Ask, Json, Shape
from conformance.reference.circumstances import streamed, with_schema, with_tools
from conformance.reference.edit import each_said
from conformance.reference.fault import ASK, COMPLETION, REQUEST, Level, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens
from conformance.reference.refusal import Refusal
from conformance.reference.schema.rules import UNENFORCEABLE

_BOUND = ("SO-002", "SO-003", "SO-018", "SO-019", "TOOL-010")
"""A keyword that is not kept breaks what is promised of the schema as a whole, in every way of asking."""
_DEEP = 5


def with_strict(request: HttpRequest) -> bool:
    """Requests with a schema that binds the answer, or tools that may have one."""
    return with_schema(request) or with_tools(request)


def _streamed_schema(request: HttpRequest) -> bool:
    return streamed(request) and with_schema(request)


def _bound(ask: Ask, edit: Callable[[Any], Any]) -> Ask:
    """The schemas that bind the answer edited: that of the format, and those of strict tools."""
    shape = replace(ask.shape, schema=edit(ask.shape.schema)) if ask.shape.schema else ask.shape
    tools = tuple(
        replace(each, parameters=edit(each.parameters)) if each.strict else each
        for each in ask.tools
    )
    return replace(ask, shape=shape, tools=tools)


def _without(node: Any, names: Collection[str]) -> Any:
    """A schema without some keywords, wherever schemas stand in it; properties may be called so."""
    if isinstance(node, list):
        return [_without(each, names) for each in node]
    if not isinstance(node, dict):
        return node
    kept: Json = {}
    for key, held in node.items():
        if key in ("properties", "$defs", "definitions") and isinstance(held, dict):
            kept[key] = {name: _without(each, names) for name, each in held.items()}
        elif key not in names:
            kept[key] = held if key in ("enum", "const") else _without(held, names)
    return kept


def _ignored(  # noqa: PLR0913 - what is told apart, beside what all have in common
    name: str,
    keywords: Collection[str],
    title: str,
    *,
    sources: Collection[str],
    primary: Collection[str],
    cascades: Collection[str],
    level: Level = "must",
    amended: str = "",
    field: Collection[str] = (),
) -> None:
    def ignored(ask: Ask) -> Ask:
        return _bound(ask, lambda schema: _without(schema, keywords))

    ignored.__doc__ = title
    fault(name, at=ASK, level=level, of=with_strict, sources=sources, primary=primary,
          cascades=[*cascades, *_BOUND], amended=amended, field=field)(ignored)  # fmt: skip


_ignored(
    "pattern-ignored", ["pattern"], "`pattern` is taken, and any text goes.", level="must",
    sources=["vllm-project/vllm#45592", "ggml-org/llama.cpp: grammars/README.md"],
    field=["json-schema-constraint-ignored-silently"],
    primary=["SO-002", "SO-010"], cascades=[],
)  # fmt: skip
_ignored(
    "number-bounds-ignored",
    ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
    "Bounds of numbers are taken, and any number goes.", level="must",
    sources=["dottxt-ai/outlines-core#260", "vllm-project/vllm#12028"],
    field=["json-schema-constraint-ignored-silently"],
    primary=["SO-002", "SO-011"], cascades=["SO-013"],
)  # fmt: skip
_ignored(
    "list-bounds-ignored", ["minItems", "maxItems", "uniqueItems"],
    "Bounds of lists are taken, and lists are as long as they like.", level="must",
    sources=["ggml-org/llama.cpp: grammars/README.md", "Dan-wanna-M/formatron#31"],
    field=["json-schema-constraint-ignored-silently"],
    primary=["SO-002", "SO-012"], cascades=["SO-015"],
)  # fmt: skip
_ignored(
    "enum-ignored", ["enum", "const"], "`enum` and `const` are taken, and any value goes.",
    sources=["ollama/ollama-python#496"],
    primary=["SO-008", "SO-002"], cascades=["SO-009", "SO-014", "CREQ-047"],
)  # fmt: skip
_ignored(
    "objects-left-open", ["additionalProperties"],
    "Objects have keys that the schema does not know, in spite of `additionalProperties: false`.",
    sources=["ai-dynamo/frontend-crates#209", "noamgat/lm-format-enforcer#69"],
    primary=["SO-006", "SO-002"], cascades=["SO-008", "SO-009"],
)  # fmt: skip
_ignored(
    "required-ignored", ["required"], "Properties are left out that the schema requires.",
    sources=["ai-dynamo/frontend-crates#209"],
    primary=["SO-007", "SO-002"],
    cascades=["SO-006", "SO-008", "SO-009", "SO-014", "SO-015", "CREQ-047", "SO-010"],
    amended="an object without the property has no text of its format either: SO-010",
)  # fmt: skip


@fault(
    "format-ignored", at=ASK, level="should", of=with_strict,
    sources=["JSON Schema 2020-12: format is an annotation", "ggml-org/llama.cpp: grammars/README.md"],
    primary=["SO-010"], cascades=["SO-018"],
)  # fmt: skip
def format_ignored(ask: Ask) -> Ask:
    """`format` is an annotation, and any text goes."""
    return _bound(ask, lambda schema: _without(schema, ["format"]))


@fault(
    "references-left-open", at=ASK, level="must", of=with_strict,
    sources=["microsoft/autogen#7594", "QwenLM/Qwen-Agent#873"],
    primary=["SO-002", "SO-009"], cascades=["SO-006", "SO-007", "SO-015", "SO-021", *_BOUND],
)  # fmt: skip
def references_left_open(ask: Ask) -> Ask:
    """`$ref` is not followed: anything goes there."""
    return _bound(ask, lambda schema: _without(schema, ["$ref"]))


@fault(
    "keys-in-alphabetical-order", at=COMPLETION, level="should", of=with_schema, takes=["the text of answers"],
    sources=["guidance-ai/llguidance#162", "ggml-org/llama.cpp#6232"],
    field=["json-schema-property-order-lost"],
    primary=["SO-015"],
)  # fmt: skip
def keys_in_alphabetical_order(completion: Completion) -> Completion:
    """The keys of JSON come in alphabetical order, whatever the schema's is."""

    def sorted_keys(choice: Choice) -> Choice:
        try:
            held = json.loads(choice.text or "")
        except ValueError:  # cut short by the cap
            return choice
        text = json.dumps(held, ensure_ascii=False, sort_keys=True)
        pieces = tokens.split(text)
        return replace(
            choice, text=text, tokens=pieces, spent=len(choice.thought) + max(1, len(pieces))
        )

    return each_said(completion, sorted_keys)


@fault(
    "schema-ignored-in-streams", at=ASK, level="should", of=_streamed_schema,
    sources=["raullenchai/Rapid-MLX#46"],
    primary=["SO-018"], cascades=["SO-*", "CREQ-047", "CRESP-029", "CRESP-031", "ERR-033"],
    amended="a schema without any effect is a feature silently ignored: ERR-033",
)  # fmt: skip
def schema_ignored_in_streams(ask: Ask) -> Ask:
    """A schema is kept in whole answers, and has no effect on streams."""
    return replace(ask, shape=Shape())


@fault(
    "strict-ignored-in-tools", at=ASK, level="must", of=with_tools,
    sources=["Anthropic: OpenAI compatibility (strict is ignored)", "Soju06/codex-lb#658"],
    primary=["TOOL-010"], cascades=["TOOL-008", "SO-010", "SO-013"],
)  # fmt: skip
def strict_ignored_in_tools(ask: Ask) -> Ask:
    """`strict: true` of a tool is taken, and its arguments are as the model likes."""
    tools = tuple(
        replace(each, parameters={"type": "object"}) if each.strict else each for each in ask.tools
    )
    return replace(ask, tools=tools)


@fault(
    "deep-schemas-cut", at=ASK, level="must", of=with_strict,
    sources=["OpenAI: structured outputs (levels of nesting)"],
    primary=["SO-002", "SO-014"], cascades=[*_BOUND],
)  # fmt: skip
def deep_schemas_cut(ask: Ask) -> Ask:
    """What lies deeper than five levels in a schema is not looked at."""

    def cut(node: Any, left: int) -> Any:
        if not isinstance(node, dict):
            return node
        if "properties" not in node:
            return node if left else {}
        inside = {name: cut(each, left - 1) for name, each in node["properties"].items()}
        return {**node, "properties": inside} if left else {}

    return _bound(ask, lambda schema: cut(schema, _DEEP))


# --- what is looked at before the schema is read ---------------------------------------------------


def _format_of(request: HttpRequest) -> Json:
    shape = request.json.get("response_format")
    held = shape.get("json_schema") if isinstance(shape, dict) else None
    return held if isinstance(held, dict) else {}


@fault(
    "schema-name-with-hyphen-refused", at=REQUEST, level="must", of=with_schema,
    sources=["gateways that make a tool of the schema"],
    primary=["SO-001"], cascades=["ERR-033"],
)  # fmt: skip
def schema_name_with_hyphen_refused(request: HttpRequest) -> HttpRequest:
    """The name of a schema may hold letters, digits and `_` only."""
    if "-" in str(_format_of(request).get("name")):
        raise Refusal(
            "Invalid 'response_format.json_schema.name': it must match ^[a-zA-Z0-9_]+$.",
            code="invalid_value",
            param="response_format.json_schema.name",
        )
    return request


def _lists_types(node: Any) -> bool:
    if isinstance(node, list):
        return any(map(_lists_types, node))
    if not isinstance(node, dict):
        return False
    named = node.get("type")
    return (isinstance(named, list) and "null" in named) or any(map(_lists_types, node.values()))


@fault(
    "lists-of-types-refused", at=REQUEST, level="must", of=with_schema,
    sources=["langchain-ai/langchainjs#11328", "lmstudio-ai/lmstudio-bug-tracker#909"],
    field=["json-schema-type-array-rejected"],
    primary=["SO-007"], cascades=["SO-005", "SO-006", "ERR-033"],
)  # fmt: skip
def lists_of_types_refused(request: HttpRequest) -> HttpRequest:
    """A schema whose `type` is a list, as optional properties have it, is refused."""
    if _lists_types(_format_of(request).get("schema")):
        raise Refusal(
            "Invalid schema for response_format: 'type' must be a string.",
            code="invalid_schema",
            param="response_format",
        )
    return request


@fault(
    "odd-roots-ignored", at=REQUEST, level="must", of=with_schema,
    sources=["gateways that pass on what they know"],
    primary=["SO-005", "SO-002"], cascades=["SO-003", "SO-018", "ERR-033"],
    amended="a schema without any effect is a feature silently ignored: ERR-033",
)  # fmt: skip
def odd_roots_ignored(request: HttpRequest) -> HttpRequest:
    """A schema whose root is no object is taken, and has no effect."""
    schema = _format_of(request).get("schema")
    if isinstance(schema, dict) and schema.get("type") != "object":
        return request.edited(response_format={"type": "text"})
    return request


@fault(
    "odd-keywords-ignored", at=REQUEST, level="must", of=with_schema,
    sources=["guidance-ai/llguidance#265", "ggml-org/llama.cpp: grammars/README.md"],
    primary=["SO-013", "SO-002"], cascades=["SO-018"],
)  # fmt: skip
def odd_keywords_ignored(request: HttpRequest) -> HttpRequest:
    """Keywords beyond the strict subset are taken, and have no effect."""
    held = _format_of(request)
    shape = {
        "type": "json_schema",
        "json_schema": {**held, "schema": _without(held.get("schema"), UNENFORCEABLE)},
    }
    return request.edited(response_format=shape)


@fault(
    "odd-keywords-in-tools-crash", at=REQUEST, level="may", of=with_tools,
    sources=["ggml-org/llama.cpp#25923"],
    primary=["SO-024"], cascades=["ERR-*"],
)  # fmt: skip
def odd_keywords_in_tools_crash(request: HttpRequest) -> HttpRequest:
    """A tool that is not strict, and whose parameters use `oneOf` or `allOf`, ends in an error of the server."""
    listed = request.json.get("tools")
    for each in listed if isinstance(listed, list) else ():
        function = each.get("function") if isinstance(each, dict) else None
        loose = isinstance(function, dict) and function.get("strict") is not True
        if loose and any(key in json.dumps(function) for key in ('"oneOf"', '"allOf"')):
            raise Refusal("Internal server error", status=500, kind="internal_error")
    return request
