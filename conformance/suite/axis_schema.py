"""The JSON Schema of axes: their values, rows, which of them are tried when, and what they are about."""

from __future__ import annotations

from typing import Any

from conformance.suite.patterns import NAME, WORD

_NAMED: dict[str, Any] = {
    "properties": {"id": {"type": "string", "pattern": NAME}},
    "required": ["id"],
}

ROWS: dict[str, Any] = {
    "type": "object",
    "minProperties": 1,
    "propertyNames": {"pattern": WORD},
    "additionalProperties": {
        "type": "array",
        "minItems": 1,
        "items": {"type": "object", **_NAMED},
    },
    "description": "Lists of values for axes of several cases, each with an `id`; "
    "`{$rows: NAME}` takes them.",
}

AXES: dict[str, Any] = {
    "type": "object",
    "minProperties": 1,
    "propertyNames": {"pattern": WORD},
    "additionalProperties": {
        "type": ["array", "object"],
        "minItems": 1,
        "items": {"type": ["string", "number", "boolean", "null", "object"], **_NAMED},
        "properties": {
            "$rows": {"type": ["string", "array"], "minItems": 1, "items": {"type": "string"}}
        },
        "required": ["$rows"],
        "additionalProperties": False,
    },
    "description": "One variant for every combination; used by `{$var: axis.NAME}`, and by "
    "`{$var: axis.NAME.KEY}` where the values are mappings. `{$rows: NAME}` takes the values from "
    "the `rows` of the file, `{$rows: [A, B]}` from several lists.",
}

THOROUGH: dict[str, Any] = {
    "type": "object",
    "minProperties": 1,
    "propertyNames": {"pattern": WORD},
    "additionalProperties": {
        "type": "array",
        "minItems": 1,
        "items": {"type": ["string", "number", "boolean", "null"]},
    },
    "description": "Axis to values of it (a mapping by its `id`) that only a thorough run tries.",
}

KEYWORD: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": ["string", "object"], "minLength": 1},
        "by": {"type": "string", "minLength": 1},
    },
    "required": ["name", "by"],
    "additionalProperties": False,
    "description": "Puts the case into the report's table of keywords: the row, or "
    "`{$var: axis.NAME.KEY}` where every variant has its own, and the column.",
}
