"""Schemas by clause: whole, fair to each clause, and remembered without being mixed up."""

import pytest
from build import CALLING, DROP, HEL, HELLO, edited
from jsonschema import Draft202012Validator
from tables import SCHEMAS, invariants

from conformance.checks.by_schema import broken
from conformance.checks.core import Schemas
from conformance.checks.parts import Body
from conformance.checks.show import shown


def clauses_in(schema):
    """Every clause that a schema names."""
    if isinstance(schema, dict):
        yield from [schema["x-clause"]] if "x-clause" in schema else []
        for held in schema.values():
            yield from clauses_in(held)
    elif isinstance(schema, list):
        for held in schema:
            yield from clauses_in(held)


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_each_clause_of_a_schema_is_judged_by_an_invariant(name):
    judged = {one.clauses[0] for one in invariants()}

    assert set(clauses_in(SCHEMAS[name])) <= judged


def breaks(schema, value):
    return broken(Body(value=value, at=""), schema, SCHEMAS)


def test_a_missing_member_breaks_its_own_clause():
    found = breaks("chat_completion", edited(HELLO, {"id": DROP, "created": DROP}))

    assert set(found) == {"CRESP-001", "CRESP-004"}
    assert [(each.message, each.at) for each in found["CRESP-001"]] == [("'id' is missing", "$")]


def test_a_problem_says_what_was_seen_where_and_what_was_wanted():
    (problem,) = breaks("chat_completion", edited(HELLO, {"choices.0.finish_reason": "eos"}))[
        "CRESP-011"
    ]

    assert problem.at == "$.choices[0].finish_reason"
    assert problem.message == (
        'finish_reason is string "eos", wanted "stop", "length", "tool_calls", "content_filter" or "function_call"'
    )


def test_chunks_of_one_shape_keep_their_own_values():
    first = breaks("chat_completion_chunk", edited(HEL, {"choices.0.delta.content": ["a"]}))
    second = breaks("chat_completion_chunk", edited(HEL, {"choices.0.delta.content": ["b"]}))

    assert ('"a"' in first["STRM-012"][0].message, '"b"' in second["STRM-012"][0].message) == (
        True,
        True,
    )


ALIKE = [
    ("object", "chat.completion", "text_completion"),
    ("id", "x", ""),
    ("created", 1795348800, 999),
    ("created", 1795348800, True),
    ("created", 1795348800, 1795348800.0),
    ("choices", HELLO["choices"], []),
    ("choices.0.index", 0, -1),
    ("choices.0.message.role", "assistant", "assistent"),
    ("choices.0.message.tool_calls", None, []),
]


@pytest.mark.parametrize(("place", "right", "wrong"), ALIKE)
def test_values_that_a_schema_tells_apart_have_different_shapes(place, right, wrong):
    for value, expected in ((right, False), (wrong, True), (right, False), (wrong, True)):
        assert bool(breaks("chat_completion", edited(HELLO, {place: value}))) is expected


@pytest.mark.parametrize(
    "body", [HELLO, CALLING, edited(HELLO, {"choices.0.message": DROP}), {}, [], None]
)
def test_the_clauses_are_those_of_a_validator_without_memory(body):
    errors = list(Draft202012Validator(SCHEMAS["chat_completion"]).iter_errors(body))

    assert bool(breaks("chat_completion", body)) is bool(errors)


def test_a_schema_with_a_keyword_that_shapes_do_not_keep_is_refused():
    with pytest.raises(ValueError, match="pattern"):
        broken(Body(value="x", at=""), "odd", Schemas({"odd": {"type": "string", "pattern": "^x"}}))


@pytest.mark.parametrize(
    "value", ["x" * 10_000, list(range(10_000)), {str(n): n for n in range(500)}, "\ud800", 10**40]
)
def test_what_is_shown_of_a_value_is_short_and_printable(value):
    text = shown(value)

    assert len(text) < 120
    assert text.encode()
