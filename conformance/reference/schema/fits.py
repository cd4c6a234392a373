"""Does a value fit a schema? Enough of JSON Schema to trust what the model is about to say."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from conformance.reference.schema.walk import followed

_FORMATS: dict[str, re.Pattern[str]] = {
    "date": re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"),
    "time": re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)"),
    "date-time": re.compile(
        r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]"
        r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)"
    ),
    "duration": re.compile(r"P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?"),
    "email": re.compile(r"[\w.+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"),
    "hostname": re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)*"),
    "ipv4": re.compile(r"((25[0-5]|2[0-4]\d|1?\d?\d)(\.(?!$)|$)){4}"),
    "ipv6": re.compile(r"[0-9A-Fa-f:]*:[0-9A-Fa-f:]*"),
    "uuid": re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
    "uri": re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+"),
}


def fits(schema: Any, value: Any, root: Any) -> bool:
    """True where the value keeps every keyword of the schema that we know; `root` resolves `$ref`."""
    schema = followed(root, schema)
    if isinstance(schema, bool):
        return schema
    return all(
        test(schema, value, root) for keyword, test in _KEYWORDS.items() if keyword in schema
    )


def same(left: Any, right: Any) -> bool:
    """JSON equality: 1 is 1.0, but true is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return bool(left == right)


def is_a(kind: str, value: Any) -> bool:
    """Is this JSON value of that JSON Schema type?"""
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, int | float):
        return kind == "number" or (kind == "integer" and float(value).is_integer())
    if isinstance(value, str):
        return kind == "string"
    if isinstance(value, list):
        return kind == "array"
    return kind == ("null" if value is None else "object")


def _type(schema: dict[str, Any], value: Any, root: Any) -> bool:
    named = schema["type"]
    return any(is_a(kind, value) for kind in (named if isinstance(named, list) else [named]))


def _multiple(step: float, value: float) -> bool:
    return math.isclose(value / step, round(value / step), rel_tol=0, abs_tol=1e-9)


def _number(test: Callable[[Any, Any], bool], keyword: str) -> Keyword:
    def keyword_test(schema: dict[str, Any], value: Any, root: Any) -> bool:
        return not is_a("number", value) or test(schema[keyword], value)

    return keyword_test


def _sized(kind: str, keyword: str, test: Callable[[int, int], bool]) -> Keyword:
    def keyword_test(schema: dict[str, Any], value: Any, root: Any) -> bool:
        return not is_a(kind, value) or test(schema[keyword], len(value))

    return keyword_test


def _pattern(schema: dict[str, Any], value: Any, root: Any) -> bool:
    return not isinstance(value, str) or re.search(schema["pattern"], value) is not None


def _format(schema: dict[str, Any], value: Any, root: Any) -> bool:
    known = _FORMATS.get(schema["format"])
    return known is None or not isinstance(value, str) or known.fullmatch(value) is not None


def _properties(schema: dict[str, Any], value: Any, root: Any) -> bool:
    return not isinstance(value, dict) or all(
        fits(sub, value[name], root) for name, sub in schema["properties"].items() if name in value
    )


def _required(schema: dict[str, Any], value: Any, root: Any) -> bool:
    return not isinstance(value, dict) or all(name in value for name in schema["required"])


def _additional(schema: dict[str, Any], value: Any, root: Any) -> bool:
    known = schema.get("properties", {})
    patterns = schema.get("patternProperties", {})
    return not isinstance(value, dict) or all(
        fits(schema["additionalProperties"], each, root)
        for name, each in value.items()
        if name not in known and not any(re.search(pattern, name) for pattern in patterns)
    )


def _items(schema: dict[str, Any], value: Any, root: Any) -> bool:
    first = len(schema.get("prefixItems", ()))
    return not isinstance(value, list) or all(
        fits(schema["items"], each, root) for each in value[first:]
    )


def _prefix(schema: dict[str, Any], value: Any, root: Any) -> bool:
    return not isinstance(value, list) or all(
        fits(sub, each, root) for sub, each in zip(schema["prefixItems"], value, strict=False)
    )


def _unique(schema: dict[str, Any], value: Any, root: Any) -> bool:
    if not (schema["uniqueItems"] and isinstance(value, list)):
        return True
    return not any(same(one, other) for n, one in enumerate(value) for other in value[:n])


def _count(schema: dict[str, Any], keyword: str, value: Any, root: Any) -> int:
    return sum(fits(each, value, root) for each in schema[keyword])


Keyword = Callable[[dict[str, Any], Any, Any], bool]
_KEYWORDS: dict[str, Keyword] = {
    "type": _type,
    "enum": lambda schema, value, root: any(same(each, value) for each in schema["enum"]),
    "const": lambda schema, value, root: same(schema["const"], value),
    "minimum": _number(lambda bound, value: value >= bound, "minimum"),
    "maximum": _number(lambda bound, value: value <= bound, "maximum"),
    "exclusiveMinimum": _number(lambda bound, value: value > bound, "exclusiveMinimum"),
    "exclusiveMaximum": _number(lambda bound, value: value < bound, "exclusiveMaximum"),
    "multipleOf": _number(_multiple, "multipleOf"),
    "minLength": _sized("string", "minLength", lambda bound, size: size >= bound),
    "maxLength": _sized("string", "maxLength", lambda bound, size: size <= bound),
    "pattern": _pattern,
    "format": _format,
    "properties": _properties,
    "required": _required,
    "additionalProperties": _additional,
    "items": _items,
    "prefixItems": _prefix,
    "minItems": _sized("array", "minItems", lambda bound, size: size >= bound),
    "maxItems": _sized("array", "maxItems", lambda bound, size: size <= bound),
    "uniqueItems": _unique,
    "anyOf": lambda schema, value, root: _count(schema, "anyOf", value, root) > 0,
    "oneOf": lambda schema, value, root: _count(schema, "oneOf", value, root) == 1,
    "allOf": lambda schema, value, root: all(fits(e, value, root) for e in schema["allOf"]),
    "not": lambda schema, value, root: not fits(schema["not"], value, root),
}
