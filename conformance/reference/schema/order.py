"""The keys of a value in the order in which its schema names them."""

from __future__ import annotations

from typing import Any

from conformance.reference.schema.fits import fits
from conformance.reference.schema.walk import followed


def arranged(schema: Any, value: Any, root: Any) -> Any:
    """A value that fits the schema, its keys in the schema's order; `root` resolves `$ref`."""
    schema = followed(root, schema)
    if not isinstance(schema, dict):
        return value
    for keyword in ("anyOf", "oneOf"):
        for option in schema.get(keyword, ()):
            if fits(option, value, root):
                return arranged(option, value, root)
    if isinstance(value, list):
        return [arranged(schema.get("items"), each, root) for each in value]
    if not isinstance(value, dict):
        return value
    named = schema.get("properties", {})
    first = {name: arranged(named[name], value[name], root) for name in named if name in value}
    return {**first, **{name: each for name, each in value.items() if name not in first}}
