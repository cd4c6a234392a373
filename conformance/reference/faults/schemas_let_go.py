"""Schemas of answers and tools that are refused, unanswered or let go for how they are built."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance.reference.ask import Ask, Json, Shape
from conformance.reference.breaks import TOOLS_REFUSED
from conformance.reference.circumstances import both_of, thinking, with_schema, with_tools
from conformance.reference.fault import ASK, REQUEST, SCRIPT, fault
from conformance.reference.faults.grammars import schema_of
from conformance.reference.faults.offers import functions, schemas, with_a_schema
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal, crash
from conformance.reference.schema.walk import children, resolve
from conformance.reference.script import Pause, Script

_UNBOUND = ("SO-*", "CREQ-047", "CRESP-029", "CRESP-031", "STRM-029", "ERR-033")
"""What may fail where a schema binds nothing."""
_MOST_BYTES = 98_000
"""Of all tools together, as JSON."""
_PLACE = re.compile(r"/\d+(?:/|$)")
_DEEPEST = 64
_HOURS = 6 * 3600.0


def _parameters(request: HttpRequest) -> Iterator[Any]:
    """The schemas of what the functions offered take, each as a whole."""
    return (held.get("parameters") for held in functions(request))


def _nodes(request: HttpRequest) -> Iterator[Json]:
    """All schemas of a request that are objects, of its answer and of its tools."""
    for root in (schema_of(request), *_parameters(request)):
        yield from (each for each in schemas(root) if isinstance(each, dict))


def circular(root: Any) -> bool:
    """Does a schema lead back to itself?"""
    done: set[int] = set()

    def leads_back(node: Any, above: frozenset[int]) -> bool:
        if not isinstance(node, dict) or id(node) in done or len(above) > _DEEPEST:
            return False
        if id(node) in above:
            return True
        inside = above | {id(node)}
        found = any(leads_back(each, inside) for each in _within(root, node))
        done.add(id(node))
        return found

    return leads_back(root, frozenset())


def _within(root: Any, node: Json) -> Iterator[Any]:
    """The schemas within a schema, and the one that it refers to."""
    yield from (each for _place, each in children(node))
    reference = node.get("$ref")
    if isinstance(reference, str):
        try:
            yield resolve(root, reference)
        except KeyError:
            return


def recursive(request: HttpRequest) -> bool:
    """Requests with a schema that leads back to itself, of their answer or of a tool."""
    return with_a_schema(request) and any(
        map(circular, (schema_of(request), *_parameters(request)))
    )


def _escaping(request: HttpRequest) -> bool:
    """Requests for an answer by a schema that has a pattern with an escape."""
    parts = schemas(schema_of(request))
    patterns = (each.get("pattern") for each in parts if isinstance(each, dict))
    return with_schema(request) and any("\\" in str(each) for each in patterns)


@fault(
    "escapes-in-patterns-free-the-answer", at=ASK, level="must", of=_escaping,
    sources=["ggml-org/llama.cpp#19051"],
    primary=["SO-002"], cascades=_UNBOUND,
    amended="one pattern is let go, not all schemas: that is seen in the answer, SO-002, and SO-003 is asked of a schema without patterns",
)  # fmt: skip
def escapes_in_patterns_free_the_answer(ask: Ask) -> Ask:
    """A pattern with an escape makes no grammar: the whole schema is let go, and nobody is told."""
    return replace(ask, shape=Shape())


@fault(
    "long-tools-refused", at=REQUEST, level="should", of=with_tools,
    sources=["ggml-org/llama.cpp#25895"],
    primary=["TOOL-027"], cascades=TOOLS_REFUSED,
)  # fmt: skip
def long_tools_refused(request: HttpRequest) -> HttpRequest:
    """Tools of more than 98,000 bytes altogether are refused, however short each of them is."""
    if len(json.dumps(request.json.get("tools")).encode()) > _MOST_BYTES:
        raise Refusal("Failed to initialize samplers: failed to parse grammar")
    return request


@fault(
    "empty-schemas-crash", at=REQUEST, level="should", of=with_tools,
    sources=["mudler/LocalAI#2223"],
    primary=["TOOL-028"], cascades=[*TOOLS_REFUSED, "ERR-*"],
)  # fmt: skip
def empty_schemas_crash(request: HttpRequest) -> HttpRequest:
    """A parameter that may be anything, its schema an empty object, is answered with 500."""
    if any(each == {} for root in _parameters(request) for each in schemas(root)):
        raise crash("Unrecognized schema: map[]")
    return request


@fault(
    "strict-refused", at=REQUEST, level="should", of=with_tools,
    sources=["deepset-ai/haystack-experimental#150", "livekit/agents#3134"],
    primary=["CREQ-050"], cascades=TOOLS_REFUSED,
)  # fmt: skip
def strict_refused(request: HttpRequest) -> HttpRequest:
    """`strict` of a function is refused as a member that is not known, be it false."""
    if any("strict" in each for each in functions(request)):
        raise Refusal("Extra inputs are not permitted", param="tools")
    return request


@fault(
    "references-through-lists-refused", at=REQUEST, level="should", of=with_a_schema,
    sources=["ggml-org/llama.cpp#16790"],
    primary=["TOOL-028"], cascades=[*TOOLS_REFUSED, "SO-*"],
)  # fmt: skip
def references_through_lists_refused(request: HttpRequest) -> HttpRequest:
    """A reference that leads through a list, as `anyOf/0` does, is refused: it is not found."""
    for each in _nodes(request):
        reference = str(each.get("$ref"))
        if _PLACE.search(reference):
            raise Refusal(f"Error resolving ref {reference}: not found", code="invalid_schema")
    return request


@fault(
    "recursive-schemas-hang", at=SCRIPT, level="should", of=recursive,
    takes=["the end of the stream", "the body of answers"],
    sources=["BerriAI/litellm#13151"],
    primary=["SO-009"], cascades=["*"],
)  # fmt: skip
def recursive_schemas_hang(script: Script) -> Script:
    """A request with a schema that leads back to itself is never answered."""
    return (Pause(_HOURS), *script)


@fault(
    "recursive-tools-refused", at=REQUEST, level="should", of=with_tools,
    sources=["luxus/pi-hindsight#365"],
    primary=["TOOL-028"], cascades=[*TOOLS_REFUSED, "ERR-*"],
)  # fmt: skip
def recursive_tools_refused(request: HttpRequest) -> HttpRequest:
    """A tool whose parameters lead back to themselves is refused: nobody follows them to an end."""
    if any(map(circular, _parameters(request))):
        raise Refusal(
            "Error resolving schema reference: RecursionError('maximum recursion depth exceeded')"
        )
    return request


@fault(
    "schemas-forgotten-while-reasoning", at=ASK, level="should", of=both_of(thinking, with_schema), rate=0.5,
    sources=["vllm-project/vllm#44142"],
    primary=["SO-020"], cascades=[*_UNBOUND, "RSN-*", "USAGE-*"],
)  # fmt: skip
def schemas_forgotten_while_reasoning(ask: Ask) -> Ask:
    """Now and then the end of the reasoning is missed: the schema never holds, any text comes."""
    return replace(ask, shape=Shape())


def _freed(node: Any, unknown: frozenset[str]) -> Any:
    """A schema without the references to some definitions: anything goes there."""
    if isinstance(node, list):
        return [_freed(each, unknown) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: held if key in ("enum", "const") else _freed(held, unknown)
        for key, held in node.items()
        if not (key == "$ref" and isinstance(held, str) and held in unknown)
    }


def _in_order(root: Json) -> Json:
    """A schema whose definitions do not know those that come after them."""
    listed = root.get("$defs")
    if not isinstance(listed, dict):
        return root
    names = list(listed)
    told = {
        name: _freed(listed[name], frozenset(f"#/$defs/{each}" for each in names[place + 1 :]))
        for place, name in enumerate(names)
    }
    return {**root, "$defs": told}


@fault(
    "later-definitions-left-open", at=ASK, level="must", of=with_schema,
    sources=["ollama/ollama#8444"],
    primary=["SO-002", "SO-009"], cascades=_UNBOUND,
)  # fmt: skip
def later_definitions_left_open(ask: Ask) -> Ask:
    """A definition that refers to one that stands after it finds nothing: anything goes there."""
    schema = ask.shape.schema
    if schema is None:
        return ask
    return replace(ask, shape=replace(ask.shape, schema=_in_order(schema)))
