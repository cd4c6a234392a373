"""Whether a value fits a JSON Schema that came with a request."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from referencing import Registry
from referencing.exceptions import Unresolvable

from conformance.checks.by_schema import path
from conformance.checks.formats import FORMATS
from conformance.checks.show import shown
from conformance.wire import jsontext

_NO_NETWORK: Registry[Any] = Registry()
"""A schema's `$ref` finds what is within it, and nothing on the network."""


def unfit(arguments: str, schema: Any) -> str:
    """Why a text does not hold a JSON value that fits a schema; empty where it does.

    A schema that is none, or refers to something that is not within it, fits everything: what a
    server makes of such a schema is another question.
    """
    document = jsontext.read_text(arguments)
    if not document.ok:
        return f"{shown(arguments)} is no JSON: {document.flaws[-1]}"
    return misfit(document.value, schema)


def misfit(value: Any, schema: Any, *, formats: bool = False) -> str:
    """The same for a value. With `formats` the keyword `format` is kept as well.

    JSON Schema itself leaves open whether it is, so only who asks for it may be told of it.
    """
    if not is_schema(schema):
        return ""
    checker = FORMATS if formats else None
    validator = Draft202012Validator(schema, registry=_NO_NETWORK, format_checker=checker)
    try:
        error = next(validator.iter_errors(value), None)
    except (Unresolvable, re.error, RecursionError):
        return ""
    if error is None:
        return ""
    return f"{path(error.absolute_path)} {shown(error.instance)} breaks {error.validator} {shown(error.validator_value)}"


def is_schema(schema: Any) -> bool:
    """A JSON Schema, as far as its own schema can tell."""
    if not isinstance(schema, dict | bool):
        return False
    return _sound(json.dumps(schema))


@lru_cache(maxsize=256)
def _sound(text: str) -> bool:
    """By its text, because judging a schema takes long and the same ones come again and again."""
    try:
        Draft202012Validator.check_schema(json.loads(text))
    except (SchemaError, RecursionError):
        return False
    return True
