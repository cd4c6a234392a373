"""Offers of tools that are refused, or not read, though nothing is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from conformance.reference.ask import Json
from conformance.reference.breaks import NO_ANSWER, TOOLS_REFUSED
from conformance.reference.circumstances import both_of, streamed, thinking, with_schema, with_tools
from conformance.reference.fault import REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal

_REFUSED = (*NO_ANSWER, "STRM-*", "STOOL-*", "SSE-*", "ERR-033")
"""What may fail where a request that should be served is refused."""
_NO_CALL = (
    "TOOL-*", "STOOL-*", "CREQ-056", "CREQ-057", "CREQ-058", "CREQ-060", "CREQ-061", "CRESP-017", "CRESP-031",
    "RT-001", "RT-011", "ERR-033", "SO-019", "RSN-012",
)  # fmt: skip
"""What cannot hold where nobody knows of the tools."""
_BOUNDS = frozenset({"minItems", "maxItems", "pattern", "format", "minLength", "maxLength"})
_TYPES = ("type", "$ref", "anyOf", "oneOf", "allOf", "const")


def with_a_schema(request: HttpRequest) -> bool:
    """Requests with a schema, of their answer or of a tool."""
    return with_schema(request) or with_tools(request)


def functions(request: HttpRequest) -> Iterator[Json]:
    """The functions that a request offers."""
    listed = request.json.get("tools")
    for each in listed if isinstance(listed, list) else ():
        held = each.get("function") if isinstance(each, dict) else None
        if isinstance(held, dict):
            yield held


def schemas(node: Any) -> Iterator[Any]:
    """A schema and all those within it; names of properties are no keywords."""
    yield node
    if not isinstance(node, dict):
        return
    for key, held in node.items():
        if key in ("properties", "$defs", "definitions", "patternProperties") and isinstance(
            held, dict
        ):
            parts = list(held.values())
        elif key in ("anyOf", "oneOf", "allOf", "prefixItems") and isinstance(held, list):
            parts = held
        else:
            parts = (
                [held]
                if key in ("items", "additionalProperties", "not", "if", "then", "else")
                else []
            )
        for each in parts:
            yield from schemas(each)


def _parameters(request: HttpRequest) -> Iterator[Any]:
    """All schemas in the parameters of the functions offered."""
    for each in functions(request):
        yield from schemas(each.get("parameters"))


def _refuses(
    wrong: Callable[[Any], bool], message: str, code: str = "invalid_schema"
) -> Callable[[HttpRequest], HttpRequest]:
    """Refuse a request in which a schema of a tool's parameters is wrong in some eyes."""

    def refusing(request: HttpRequest) -> HttpRequest:
        if any(map(wrong, _parameters(request))):
            raise Refusal(message, code=code, param="tools")
        return request

    return refusing


@fault(
    "open-parameters-refused", at=REQUEST, level="should", of=with_tools,
    sources=["ggml-org/llama.cpp: boolean sub-schemas", "LM Studio", "vLLM (grammar)"],
    field=["boolean-subschema-grammar-400"],
    primary=["TOOL-028"], cascades=TOOLS_REFUSED,
)  # fmt: skip
def open_parameters_refused(request: HttpRequest) -> HttpRequest:
    """A parameter that may be anything, its schema `true`, is refused, and the request with it."""
    for each in _parameters(request):
        held = each.get("properties") if isinstance(each, dict) else None
        if isinstance(held, dict) and any(isinstance(one, bool) for one in held.values()):
            raise Refusal("Unrecognized schema: true", code="invalid_schema", param="tools")
    return request


@fault(
    "bounds-in-tools-refused", at=REQUEST, level="should", of=with_tools,
    sources=["vLLM 0.8.x, Gemini, Groq: json-schema-keyword-rejected-400"],
    field=["json-schema-keyword-rejected-400"],
    primary=["TOOL-028"], cascades=TOOLS_REFUSED,
)  # fmt: skip
def bounds_in_tools_refused(request: HttpRequest) -> HttpRequest:
    """A tool whose parameters bound a list or a text is refused, and the request with it."""
    wrong = "The provided JSON schema contains features not supported by the backend."
    return _refuses(lambda held: isinstance(held, dict) and bool(_BOUNDS & held.keys()), wrong)(
        request
    )


@fault(
    "untyped-enum-refused", at=REQUEST, level="should", of=with_tools,
    sources=["Moonshot: schemas have to be of a flavor of its own"],
    field=["moonshot-schema-subset-mfjs"],
    primary=["TOOL-028"], cascades=TOOLS_REFUSED,
)  # fmt: skip
def untyped_enum_refused(request: HttpRequest) -> HttpRequest:
    """A parameter that lists its values, or has one, must say their type as well."""
    wrong = "tools.function.parameters is not a valid moonshot flavored json schema"

    def untyped(held: Any) -> bool:
        return (
            isinstance(held, dict) and bool({"enum", "const"} & held.keys()) and "type" not in held
        )

    return _refuses(untyped, wrong)(request)


@fault(
    "typeless-branch-refused", at=REQUEST, level="should", of=with_tools,
    sources=["Fireworks: could not understand the instance {'required': [...]}"],
    field=["schema-root-required-anyof-400", "tools-top-level-anyof-rejected"],
    primary=["TOOL-028"], cascades=TOOLS_REFUSED,
)  # fmt: skip
def typeless_branch_refused(request: HttpRequest) -> HttpRequest:
    """A branch of `anyOf` that has no type of its own, but says what is required, is refused."""

    def typeless(held: Any) -> bool:
        branches = held.get("anyOf") if isinstance(held, dict) else None
        listed = branches if isinstance(branches, list) else []
        return any(
            isinstance(one, dict) and not any(map(one.__contains__, _TYPES)) for one in listed
        )

    return _refuses(typeless, "JSON Schema not supported: could not understand the instance.")(
        request
    )


@fault(
    "no-properties-refused", at=REQUEST, level="should", of=with_a_schema,
    sources=["huggingface/text-generation-inference: Grammar must have a 'properties' field"],
    field=["schema-without-properties-rejected"],
    primary=["CREQ-051"], cascades=[*TOOLS_REFUSED, "ERR-008"],
)  # fmt: skip
def no_properties_refused(request: HttpRequest) -> HttpRequest:
    """A function without parameters is refused, and so is a schema of an object without properties."""
    shape: Any = request.json.get("response_format")
    held = shape.get("json_schema") if isinstance(shape, dict) else None
    bound = [held.get("schema")] if isinstance(held, dict) else []
    for each in (*bound, *(one.get("parameters") for one in functions(request))):
        if not isinstance(each, dict) or "properties" not in each:
            raise Refusal("Grammar must have a 'properties' field", status=422, code="grammar")
    return request


@fault(
    "streamed-tools-refused", at=REQUEST, level="must", of=both_of(streamed, with_tools),
    sources=["Groq (2024), Bedrock, MindIE, vLLM (early): tool calls do not support streaming"],
    field=["stream-with-tools-400"],
    primary=["CREQ-049"], cascades=_REFUSED,
)  # fmt: skip
def streamed_tools_refused(_request: HttpRequest) -> HttpRequest:
    """Whoever offers tools must not stream."""
    raise Refusal("Tool and function calls do not currently support streaming.", param="stream")


@fault(
    "tools-refused-when-thinking", at=REQUEST, level="must", of=both_of(thinking, with_tools),
    sources=["DeepSeek API: deepseek-reasoner does not support Function Calling"],
    field=["reasoner-rejects-tools-400"],
    primary=["CREQ-049"], cascades=_REFUSED,
)  # fmt: skip
def tools_refused_when_thinking(_request: HttpRequest) -> HttpRequest:
    """The model that reasons takes no tools."""
    raise Refusal(
        "deepseek-reasoner does not support Function Calling", code="invalid_request_error"
    )


@fault(
    "tools-never-read", at=REQUEST, level="must", of=with_tools,
    sources=["Huawei Cloud ModelArts MaaS: Function Call, not supported", "gateways that drop what they do not know"],
    field=["maas-tools-not-supported-on-qwen"],
    primary=["TOOL-020"],
    cascades=[*_NO_CALL, "ERR-008", "ERR-026", "ERR-027"],
    amended="what is never read is never refused either, whatever its form: ERR-008, ERR-026, ERR-027",
)  # fmt: skip
def tools_never_read(request: HttpRequest) -> HttpRequest:
    """Tools are accepted, and the model never hears of them."""
    return request.edited(tools=None, tool_choice=None, parallel_tool_calls=None)


# --- whom to call ----------------------------------------------------------------------------------


@fault(
    "choice-must-be-auto", at=REQUEST, level="should", of=with_tools,
    sources=["Z.ai, Zhipu GLM: Tool choice must be auto", "Kimi, Meta Model API, DashScope when thinking"],
    field=["tool-choice-auto-only-400"],
    primary=["CREQ-056", "CREQ-057"], cascades=[*_NO_CALL, "RSN-*", "ERR-*", "CREQ-055"],
)  # fmt: skip
def choice_must_be_auto(request: HttpRequest) -> HttpRequest:
    """Whoever demands a call is refused, without a word on the parameter that he may not use."""
    if request.json.get("tool_choice") not in (None, "auto", "none"):
        raise Refusal("Only auto is possible here.", code="400")
    return request


@fault(
    "choice-by-name-unread", at=REQUEST, level="must", of=with_tools,
    sources=["llama.cpp, LM Studio: tool_choice is one of three words"],
    field=["named-tool-choice-string-only"],
    primary=["TOOL-021"], cascades=[*_NO_CALL, "ERR-008"],
    amended="an object that has no form of a choice is passed over as well: ERR-008",
)  # fmt: skip
def choice_by_name_unread(request: HttpRequest) -> HttpRequest:
    """`tool_choice` has to be a word; an object is passed over in silence."""
    chosen = request.json.get("tool_choice")
    return request.edited(tool_choice=None) if isinstance(chosen, dict) else request
