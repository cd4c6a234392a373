"""The reference server and the corpus of schemas: each is kept, or refused in strict mode."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
import yaml

from conformance.checks.formats import FORMATS
from conformance.data import suites_root
from conformance.reference.model.facts import Facts
from conformance.reference.model.shape import conforming
from conformance.reference.schema.rules import flaws

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's, which is many times faster."""
REFUSED = {
    *("all-of", "not-yes", "one-of", "dependent-required", "dependent-schemas", "if-then"),
    *("pattern-properties", "contains", "map-of-integers"),
}
"""Schemas with a keyword that strict mode does not know."""


def rows() -> list[dict[str, Any]]:
    found = []
    for name in ("keywords", "schemas"):
        text = (suites_root() / f"{name}.yaml").read_text(encoding="utf-8")
        found += [row for each in yaml.load(text, LOADER)["rows"].values() for row in each]
    return found


def whole(row: dict[str, Any]) -> dict[str, Any]:
    if "schema" in row:
        schema: dict[str, Any] = row["schema"]
        return schema
    return {
        "type": "object",
        "properties": {"value": row["value"]},
        "required": ["value"],
        "additionalProperties": False,
    }


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["id"])
def test_a_schema_is_kept_whatever_the_question_asks_for(row: dict[str, Any]) -> None:
    schema = whole(row)
    assert bool(list(flaws(schema, strict=True))) is (row["id"] in REFUSED)
    if row["id"] in REFUSED:
        return
    question = f"Reply with exactly this JSON: {json.dumps(row['push'], ensure_ascii=False)}"
    said = json.loads(conforming(schema, Facts(question)))
    jsonschema.Draft202012Validator(schema, format_checker=FORMATS).validate(said)
    assert [key for key in schema["properties"] if key in said] == list(said)
