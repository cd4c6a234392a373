"""How a check is written in a suite, read off its function's signature.

A plain mapping, because this room does not know suites: a face makes
`CheckSignature(**describe(check))` of it.

    str int float bool None Any Literal      as they are in JSON
    list[T], dict[str, T], A | B             likewise
    Exchange                                 the id of another step
    Schemas                                  filled in when judging, not written in suites

A `str` parameter called `at` is an RFC 9535 singular query.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from typing import Any, Literal

from conformance.checks.core import Check, Parameter, Schemas
from conformance.wire.exchange import Exchange

STEP = r"^[a-z][a-z0-9_]*(?!\n)$"
QUERY = (
    r"""^\$(\.[A-Za-z_][A-Za-z0-9_]*|\[(0|-?[1-9][0-9]*)\]|\['[^'\\]+'\]|\["[^"\\]+"\])*(?!\n)$"""
)

_PLAIN: Mapping[Any, Mapping[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    Any: {},
    Exchange: {"type": "string", "pattern": STEP, "description": "An earlier step of this case."},
}


def describe(one: Check) -> dict[str, Any]:
    """The fields of a suite's `CheckSignature`. Raises TypeError for a hint that JSON cannot hold."""
    written = [each for each in one.parameters if each.hint is not Schemas]
    required = tuple(each.name for each in written if each.required)
    first = written[0].name if written and set(required) <= {written[0].name} else None
    return {
        "name": one.name,
        "about": one.about,
        "parameters": {each.name: _parameter(each) for each in written},
        "required": required,
        "positional": first,
        "steps": tuple(each.name for each in written if _names_a_step(each.hint)),
        "clauses": one.clauses,
        "assumable": one.assumable,
    }


def _parameter(one: Parameter) -> dict[str, Any]:
    schema = schema_of(one.hint)
    if one.name == "at" and schema.get("type") == "string":
        schema["pattern"] = QUERY
    return schema


def schema_of(hint: Any) -> dict[str, Any]:
    """The JSON Schema (draft-07) of what a suite may write for a parameter of that type.

    `X | None` is written as X: leaving the argument out is how a suite says None.
    """
    if isinstance(hint, typing.NewType):
        return schema_of(hint.__supertype__)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _union([schema_of(each) for each in arguments if each is not type(None)])
    if origin is Literal:
        return {"enum": list(arguments)}
    if hint is list or origin is list:
        return {"type": "array", **({"items": schema_of(arguments[0])} if arguments else {})}
    if hint is dict or origin in (dict, Mapping):
        values = schema_of(arguments[1]) if arguments else {}
        return {"type": "object", **({"additionalProperties": values} if values else {})}
    if hint not in _PLAIN:
        raise TypeError(f"a check parameter cannot be {hint!r}: suites could not write it")
    return dict(_PLAIN[hint])


def _union(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    """One schema with several types where that says the same: its messages read better."""
    if len(schemas) == 1:
        return schemas[0]
    kinds = [each.get("type") for each in schemas]
    if any(not isinstance(kind, str) for kind in kinds) or len(set(kinds)) < len(kinds):
        return {"anyOf": schemas}
    merged = {key: value for each in schemas for key, value in each.items() if key != "type"}
    return {"type": kinds, **merged}


def _names_a_step(hint: Any) -> bool:
    return hint is Exchange or Exchange in typing.get_args(hint)
