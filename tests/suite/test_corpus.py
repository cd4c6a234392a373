"""The corpus of schemas: each row breaks the keyword that it is about, and nothing else."""

import pytest
import yaml
from jsonschema import Draft202012Validator

from conformance.checks.formats import FORMATS
from conformance.data import suites_root

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's, which is many times faster
LISTS = [
    (path.stem, name, row)
    for path in sorted(suites_root().glob("*.yaml"))
    for name, rows in yaml.load(path.read_text(encoding="utf-8"), LOADER).get("rows", {}).items()
    for row in rows
    if "push" in row
]
ROWS = [row for _, _, row in LISTS]
ORDER = "order of properties"


def whole(row):
    """The schema as it is sent."""
    if "schema" in row:
        return row["schema"]
    return {
        "type": "object",
        "properties": {"value": row["value"]},
        "required": ["value"],
        "additionalProperties": False,
    }


def broken(row):
    """The keywords that what the question asks for breaks."""
    validator = Draft202012Validator(whole(row), format_checker=FORMATS)
    return {error.validator for error in validator.iter_errors(row["push"])}


def test_there_are_many_and_each_has_a_name_of_its_own():
    assert len(ROWS) >= 120
    assert len({row["id"] for row in ROWS}) == len(ROWS)
    assert len({str(whole(row)) for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_a_question_breaks_the_keyword_of_its_schema_and_nothing_else(row):
    Draft202012Validator.check_schema(whole(row))
    wanted = row.get("breaks", row["keyword"].partition(":")[0])
    if row["keyword"] == ORDER:
        wanted = []
    assert broken(row) == set([wanted] if isinstance(wanted, str) else wanted)


@pytest.mark.parametrize("row", [r for r in ROWS if r["keyword"] == ORDER], ids=lambda r: r["id"])
def test_a_question_about_order_has_the_keys_in_another(row):
    named, pushed = row["schema"]["properties"], row["push"]
    inside = [(value["properties"], pushed[key]) for key, value in named.items() if "properties" in value]
    lists = [(value["items"]["properties"], pushed[key][0]) for key, value in named.items() if "items" in value]
    assert any(list(a) != list(b) for a, b in [(named, pushed), *inside, *lists])


def test_all_that_the_clauses_name_is_there():
    rows = " ".join(str(whole(row)) for row in ROWS)
    for word in (
        *("string", "number", "integer", "boolean", "object", "array", "enum", "anyOf", "const"),
        *("$defs", "$ref", "pattern", "multipleOf", "minimum", "maximum", "exclusiveMinimum"),
        *("exclusiveMaximum", "minItems", "maxItems", "allOf", "not", "dependentRequired"),
        *("dependentSchemas", "if", "then", "oneOf", "patternProperties", "additionalProperties"),
        *("date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"),
    ):
        assert repr(word) in rows, word
