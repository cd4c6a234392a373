"""Where schemas stand inside a schema, and what `$ref` means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.reference.refusal import Refusal

MAPS = ("properties", "$defs", "definitions", "patternProperties", "dependentSchemas")
LISTS = ("anyOf", "allOf", "oneOf", "prefixItems")
SINGLES = ("items", "additionalProperties", "not", "if", "then", "else", "contains")


def children(schema: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each direct subschema (or what stands in its place) with its place, such as `properties.a`."""
    for key in MAPS:
        held = schema.get(key)
        if isinstance(held, dict):
            yield from ((f"{key}.{name}", each) for name, each in held.items())
    for key in LISTS:
        held = schema.get(key)
        if isinstance(held, list):
            yield from ((f"{key}[{place}]", each) for place, each in enumerate(held))
    for key in SINGLES:
        if key in schema:
            yield key, schema[key]


def resolve(root: Any, reference: str) -> Any:
    """What a local `$ref` (`#`, `#/$defs/name`) points to. Raises KeyError where there is nothing."""
    if not reference.startswith("#"):
        raise KeyError(reference)
    found = root
    for part in filter(None, reference[1:].split("/")):
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        elif isinstance(found, dict) and name in found:
            found = found[name]
        else:
            raise KeyError(reference)
    return found


def followed(root: Any, schema: Any) -> Any:
    """The schema behind a chain of `$ref`s. Raises Refusal for one that runs in a circle."""
    for _ in range(64):
        if not (isinstance(schema, dict) and isinstance(schema.get("$ref"), str)):
            return schema
        schema = resolve(root, schema["$ref"])
    raise Refusal("A $ref of the schema leads back to itself.", code="invalid_value")


def types(schema: dict[str, Any]) -> tuple[str, ...]:
    """The `type` of a schema as a tuple; guessed from other keywords where it is absent."""
    named = schema.get("type")
    if isinstance(named, list):
        return tuple(named)
    if isinstance(named, str):
        return (named,)
    if "properties" in schema or "required" in schema:
        return ("object",)
    if "items" in schema or "prefixItems" in schema:
        return ("array",)
    if "minimum" in schema or "maximum" in schema or "multipleOf" in schema:
        return ("number",)
    return ("string",)
