from __future__ import annotations

import json
from typing import Any

import httpx
import jsonschema
import pytest
from asking import said
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.reference.refusal import Refusal
from conformance.reference.schema.fits import fits
from conformance.reference.schema.instance import Maker
from conformance.reference.schema.rules import flaws


def strict(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


STRING = {"type": "string"}
SCHEMAS: list[dict[str, Any]] = [
    strict(a=STRING, b={"type": "integer"}, c={"type": "number"}, d={"type": "boolean"}),
    strict(a={"enum": ["x", "y"]}, b={"const": 5}, c={"type": ["string", "null"]}),
    strict(a={"type": "array", "items": strict(b=STRING), "minItems": 3, "maxItems": 4}),
    strict(a={"anyOf": [{"type": "integer", "minimum": 3}, {"type": "null"}]}),
    {**strict(node={"$ref": "#/$defs/node"}),
     "$defs": {"node": strict(value=STRING, next={"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]})}},
    strict(children={"type": "array", "items": {"$ref": "#"}}, name=STRING),
    *(strict(a={"type": "string", "format": form}) for form in (
        "date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid")),
    *(strict(a={"type": "string", "pattern": pattern}) for pattern in (
        "^[A-Z]{3}-\\d{4}$", "^(foo|bar)+$", "^\\+?[0-9]{7,15}$", "[^a-z]", "^\\w+@\\w+\\.com$", "^a?b*c+$",
        "^[\\w.-]{5,}$", "^(?:[01]\\d|2[0-3]):[0-5]\\d$")),
    strict(a={"type": "integer", "minimum": 10, "maximum": 12, "multipleOf": 3}),
    strict(a={"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}),
    strict(a={"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.01}),
    strict(a={"type": "number", "maximum": -5}),
    strict(a={"type": "string", "minLength": 20}), strict(a={"type": "string", "maxLength": 2}),
    strict(a={"type": "array", "items": {"type": "integer"}, "minItems": 4, "uniqueItems": True}),
    strict(a={"type": "array", "items": {"enum": ["p", "q", "r"]}, "minItems": 3, "uniqueItems": True}),
    strict(), strict(a=strict(b=strict(c=strict(d=strict(e=STRING))))),
    strict(a={"type": "array", "prefixItems": [STRING, {"type": "integer"}], "items": False, "minItems": 2}),
    {"type": "object", "properties": {"a": {"allOf": [STRING, {"minLength": 9}]}}, "required": ["a"]},
    {"type": "object", "properties": {"a": {"oneOf": [STRING, {"type": "integer"}]}}, "required": ["a"]},
    {"type": "object", "required": ["free"]}, {"type": "object"}, {},
    strict(quoted={"type": "string", "description": "with “quotes” and \\ signs"}),
]  # fmt: skip
PROMPTS = [
    "Tell me a joke in plain prose, no JSON!",
    "Ann (ann@example.org), 31, of Oslo: 'x' on 2026-05-04.",
]


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("schema", SCHEMAS)
def test_an_answer_fits_the_schema_whatever_the_prompt(
    client: httpx.Client, schema: dict[str, Any], prompt: str
) -> None:
    form = {"name": "answer", "schema": schema, "strict": not list(flaws(schema, strict=True))}
    answer = json.loads(
        said(client, prompt, response_format={"type": "json_schema", "json_schema": form})
    )
    draft = jsonschema.Draft202012Validator
    draft(schema, format_checker=draft.FORMAT_CHECKER).validate(answer)
    assert (
        list(answer)[: len(schema.get("properties", ()))]
        == list(schema.get("properties", ()))[: len(answer)]
    )


HOPELESS: list[dict[str, Any]] = [
    strict(a={"type": "integer", "minimum": 5, "maximum": 4}),
    strict(a={"$ref": "#"}),
    strict(a={"type": "string", "enum": [1]}),
    strict(a={"type": "array", "items": {"type": "boolean"}, "minItems": 5, "uniqueItems": True}),
    strict(a={"type": "array", "items": STRING, "minItems": 10**7}),
    {**strict(a={"$ref": "#/$defs/a"}), "$defs": {"a": {"$ref": "#/$defs/a"}}},
]


@pytest.mark.parametrize("schema", HOPELESS)
def test_what_cannot_be_generated_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(Refusal):
        Maker(schema).make()


LEAVES = st.sampled_from(
    [STRING, {"type": "integer", "minimum": 3}, {"type": "boolean"}, {"enum": ["a", 1, None]},
     {"type": "string", "minLength": 3, "maxLength": 5}, {"type": ["integer", "null"]}, {"const": "c"}]
)  # fmt: skip
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.dictionaries(st.sampled_from("abcde"), inner, max_size=3).map(
            lambda each: strict(**each)
        ),
        st.builds(
            lambda items, least: {"type": "array", "items": items, "minItems": least},
            inner,
            st.integers(0, 3),
        ),
        st.lists(inner, min_size=1, max_size=3).map(lambda each: {"anyOf": each}),
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(TREES)
def test_every_instance_that_is_made_fits_by_another_validator(schema: dict[str, Any]) -> None:
    value = Maker(schema).make()
    jsonschema.validate(value, schema)
    assert fits(schema, value, schema)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("abc", max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcde"), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(TREES, VALUES)
def test_our_little_validator_agrees_with_a_grown_up_one(
    schema: dict[str, Any], value: Any
) -> None:
    assert fits(schema, value, schema) == jsonschema.Draft202012Validator(schema).is_valid(value)
