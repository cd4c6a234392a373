"""Checks describe themselves: what a suite may write is read off the function."""

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from jsonschema import Draft7Validator

from conformance.checks.core import Check, Problem, Schemas, check
from conformance.checks.signature import QUERY, describe, schema_of
from conformance.registry import Registry
from conformance.suite import schema as frame
from conformance.suite.signatures import CheckSignature
from conformance.wire.exchange import Exchange


@pytest.mark.parametrize(
    ("hint", "schema"),
    [
        (str, {"type": "string"}),
        (int | None, {"type": "integer"}),
        (int | list[int], {"type": ["integer", "array"], "items": {"type": "integer"}}),
        (list[str], {"type": "array", "items": {"type": "string"}}),
        (list[int] | list[str], {"anyOf": [schema_of(list[int]), schema_of(list[str])]}),
        (dict[str, Any], {"type": "object"}),
        (dict[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
        (Literal["a", "b"], {"enum": ["a", "b"]}),
        (Literal["a"] | None, {"enum": ["a"]}),
        (Any, {}),
        (float, {"type": "number"}),
        (bool, {"type": "boolean"}),
    ],
)
def test_hints_become_json_schemas(hint, schema):
    assert schema_of(hint) == schema
    Draft7Validator.check_schema(schema)


def test_a_hint_that_json_cannot_hold_is_an_error():
    with pytest.raises(TypeError, match="suites could not write it"):
        schema_of(bytes)


def test_a_check_is_described():
    registry: Registry[Check] = Registry("check")

    @check("USAGE-012", assumable=True, registry=registry)
    def sample(
        exchange: Exchange, at: str, schemas: Schemas, other: Exchange | None = None
    ) -> Iterator[Problem]:
        """Compares."""
        yield from ()

    one = CheckSignature(**describe(registry["sample"]))
    assert one.about == "Compares."
    assert list(one.parameters) == ["at", "other"], "schemas are filled in, not written"
    assert one.parameters["at"]["pattern"] == QUERY
    assert (one.required, one.positional, one.steps) == (("at",), "at", ("other",))
    assert (one.clauses, one.assumable) == (("USAGE-012",), True)


def test_there_is_no_bare_value_where_two_are_needed():
    registry: Registry[Check] = Registry("check")

    @check(registry=registry)
    def pair(exchange: Exchange, one: int, other: int) -> Iterator[Problem]:
        yield from ()

    assert describe(registry["pair"])["positional"] is None


def test_both_rooms_know_the_same_queries():
    assert frame.QUERY == QUERY
