"""Which schemas are accepted: any valid one, and in strict mode only the enforceable subset."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from conformance.reference.refusal import shown
from conformance.reference.schema.walk import children, resolve

TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")
UNENFORCEABLE = (
    "allOf",
    "not",
    "dependentRequired",
    "dependentSchemas",
    "if",
    "then",
    "else",
    "oneOf",
    "patternProperties",
)
"""Keywords that strict mode refuses, because it could not keep what they promise."""
_ENFORCED = frozenset(
    (
        *("type", "enum", "const", "anyOf", "$ref", "$defs", "definitions"),
        *("properties", "required", "additionalProperties", "items", "prefixItems"),
        *("pattern", "format", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    )
)
"""Keywords that are kept."""
_SAID = frozenset(
    (
        *("title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"),
        *("$schema", "$id", "$comment"),
    )
)
"""Keywords that only say something."""
_DEEPEST = 64

Flaw = tuple[str, str]
"""Where (`properties.a.items`, empty for the root) and what is wrong there."""


def flaws(schema: Any, *, strict: bool) -> Iterator[Flaw]:
    """Everything that is wrong with a schema; the first is what an error should say."""
    if strict:
        yield from _root_flaws(schema)
    waiting: list[tuple[str, Any, int]] = [("", schema, 0)]
    while waiting:
        place, each, depth = waiting.pop()
        if isinstance(each, bool):
            continue
        if not isinstance(each, dict):
            yield place, f"a schema is an object or a boolean, not {shown(each)}"
            continue
        if depth > _DEEPEST:
            yield place, f"schemas may be nested {_DEEPEST} levels deep at most"
            continue
        yield from ((place, what) for what in _node_flaws(each, schema))
        if strict:
            yield from ((place, what) for what in _strict_flaws(each))
        inside = [(f"{place}.{name}".lstrip("."), sub, depth + 1) for name, sub in children(each)]
        waiting.extend(reversed(inside))


def _root_flaws(schema: Any) -> Iterator[Flaw]:
    if isinstance(schema, dict):
        if "anyOf" in schema:
            yield "", "the root of a strict schema must not be 'anyOf'"
        elif schema.get("type") != "object":
            yield (
                "",
                f"the root of a strict schema must be type 'object', not {schema.get('type')!r}",
            )


def _strict_flaws(node: dict[str, Any]) -> Iterator[str]:
    for keyword in node:
        if keyword not in _ENFORCED and keyword not in _SAID:
            yield f"'{keyword}' is not supported in strict mode"
    named = node.get("type")
    is_object = named == "object" or (isinstance(named, list) and "object" in named)
    if is_object or "properties" in node:
        if node.get("additionalProperties") is not False:
            yield "'additionalProperties' is required to be supplied and to be false"
        missing = sorted(set(_mapping(node, "properties")) - set(_strings(node, "required")))
        if missing:
            yield f"'required' must list every property; missing: {', '.join(missing)}"


def _node_flaws(node: dict[str, Any], root: Any) -> Iterator[str]:
    for keyword, is_right, wanted in _FORMS:
        if keyword in node and not is_right(node[keyword]):
            yield f"'{keyword}' must be {wanted}, not {shown(node[keyword])}"
    if isinstance(node.get("pattern"), str) and not _compiles(node["pattern"]):
        yield f"'pattern' is not a regular expression: {shown(node['pattern'])}"
    if isinstance(node.get("$ref"), str) and not _resolves(root, node["$ref"]):
        yield f"'$ref' {shown(node['$ref'])} points to nothing in this schema"


def _is_type(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(each, str) and each in TYPES for each in value)
    return isinstance(value, str) and value in TYPES


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _is_filled(value: Any) -> bool:
    return isinstance(value, list) and bool(value)


_FORMS: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("type", _is_type, f"one of {', '.join(TYPES)} or a list of them"),
    *((key, _is_count, "a whole number") for key in ("minLength", "maxLength")),
    *((key, _is_count, "a whole number") for key in ("minItems", "maxItems")),
    *((key, _is_number, "a number") for key in ("minimum", "maximum")),
    *((key, _is_number, "a number") for key in ("exclusiveMinimum", "exclusiveMaximum")),
    ("multipleOf", lambda value: _is_number(value) and value > 0, "a number above 0"),
    ("required", _is_names, "a list of names"),
    ("enum", _is_filled, "a list that is not empty"),
    *((key, _is_filled, "a list of schemas") for key in ("anyOf", "oneOf", "allOf")),
    *((key, lambda value: isinstance(value, dict), "an object") for key in ("properties", "$defs")),
    ("pattern", lambda value: isinstance(value, str), "a string"),
    ("format", lambda value: isinstance(value, str), "a string"),
    ("$ref", lambda value: isinstance(value, str), "a string"),
)


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    return True


def _resolves(root: Any, reference: str) -> bool:
    try:
        resolve(root, reference)
    except KeyError:
        return False
    return True


def _mapping(node: dict[str, Any], key: str) -> dict[str, Any]:
    value = node.get(key)
    return value if isinstance(value, dict) else {}


def _strings(node: dict[str, Any], key: str) -> list[str]:
    value = node.get(key)
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
