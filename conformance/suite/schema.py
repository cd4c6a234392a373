"""The JSON Schema (draft-07) of suite files: the frame stands here, the checks write themselves.

Editors complete and complain by it, and the loader's first look is by it as well. What a schema
cannot say (known clauses, earlier steps, rules of truth) is in sense.py, directives.py and
rules.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.suite.axis_schema import AXES, KEYWORD, ROWS, THOROUGH
from conformance.suite.model import Effort
from conformance.suite.patterns import CLAUSE, NAME, QUERY, WORD
from conformance.suite.request_schema import REQUEST, SAYS
from conformance.suite.signatures import CheckSignature

VERSION = 1
"""The grammar's version, in the `conformance` key of each file."""
MOST_SAMPLES = 100_000
CHECK = "a check"
"""Title of the subschemas of checks, by which complaints find them."""

Schema = dict[str, Any]


def suite_schema(signatures: Mapping[str, CheckSignature]) -> Schema:
    """The whole schema, for the given checks."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Conformance suite",
        **_closed(
            {
                "conformance": {
                    "const": VERSION,
                    "description": "The grammar's version. Marks the file as a suite.",
                },
                "title": {"type": "string", "minLength": 1},
                "about": {"type": "string"},
                "needs": _NEEDS,
                "effort": _EFFORT,
                "rows": ROWS,
                "request": _ref("request"),
                "cases": {"type": "array", "minItems": 1, "items": _ref("case")},
            },
            ["conformance", "title", "cases"],
        ),
        "definitions": {
            "check": _check(signatures),
            "checks": {"type": "array", "minItems": 1, "items": _ref("check")},
            "requirements": _REQUIREMENTS,
            "queries": _QUERIES,
            "request": REQUEST,
            "step": _closed(
                {
                    "id": _described(_WORD, "For `$var` and for checks that compare steps."),
                    "control": _described(
                        _ref("checks"),
                        "Makes this step the control: what shows that the effect under test is not "
                        "there anyway.",
                    ),
                    **_STEP_PARTS,
                },
                ["id"],
            ),
            "case": _CASE,
        },
    }


def _closed(properties: Schema, required: list[str] | None = None, **more: Any) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        **({"required": required} if required else {}),
        **more,
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _described(schema: Schema, description: str) -> Schema:
    # draft-07 ignores whatever stands beside `$ref`, so the description wraps it
    return (
        {"allOf": [schema], "description": description}
        if "$ref" in schema
        else {**schema, "description": description}
    )


def _check(signatures: Mapping[str, CheckSignature]) -> Schema:
    """A check is its name, `{name: argument}`, or `{name: {parameter: argument}}`."""
    return {
        "type": ["string", "object"],
        "if": {"type": "string"},
        "then": {
            "title": CHECK,
            "enum": [name for name, one in signatures.items() if not one.required],
        },
        "else": {
            "title": CHECK,
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
            "properties": {name: _arguments(one) for name, one in signatures.items()},
        },
    }


def _arguments(one: CheckSignature) -> Schema:
    by_name = _closed(
        {name: dict(schema) for name, schema in one.parameters.items()}, list(one.required)
    )
    if one.positional is None:
        return {"description": one.about, **by_name}
    # A mapping always is arguments by name, so that it is never a matter of guessing.
    return {
        "description": one.about,
        "if": {"type": "object"},
        "then": by_name,
        "else": dict(one.parameters[one.positional]),
    }


_WORD: Schema = {"type": "string", "pattern": WORD}
_CLAUSE_ID: Schema = {"type": "string", "pattern": CLAUSE}
_NEEDS: Schema = {
    "type": "array",
    "items": {"type": "string"},
    "uniqueItems": True,
    "description": "Capabilities; a provider without one is not asked.",
}
_NAMES: Schema = {**_NEEDS, "minItems": 1}
_REQUIREMENTS: Schema = {
    "type": ["object", "array"],
    "if": {"type": "array"},
    "then": _ref("checks"),
    "else": {
        "minProperties": 1,
        "propertyNames": {"pattern": CLAUSE},
        "additionalProperties": _ref("checks"),
    },
    "description": "Clause to the checks that judge it; a bare list where the case has one clause.",
}
_QUERIES: Schema = {
    "type": "object",
    "propertyNames": {"pattern": WORD},
    "additionalProperties": {"type": "string", "pattern": QUERY},
}
_BODY: Schema = {"type": "object"}
_JUDGED: Schema = {
    "always": _described(
        _ref("requirements"),
        "What the request promises: judged whatever the model does, unless an earlier step was refuted.",
    ),
    "assume": _described(
        _ref("checks"),
        "What the model is free to do: where one does not hold, the trial is inconclusive.",
    ),
    "expect": _described(_ref("requirements"), "What must hold where the assumptions do."),
    "outcome": {
        "type": "object",
        "minProperties": 2,
        "propertyNames": {"pattern": NAME},
        "additionalProperties": _ref("requirements"),
        "description": "Named ways to conform: the first that holds is what the provider does, "
        "none is a failure. `honoured` needs a control.",
    },
    "capture": _described(_ref("queries"), "Values for later steps, by RFC 9535 singular query."),
}
_STEP_PARTS: Schema = {"request": _ref("request"), **_JUDGED}
_EFFORT: Schema = {
    "enum": [each.value for each in Effort],
    "description": "The least --effort of a run that asks it: normal unless written.",
}
_SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
_CASE: Schema = _closed(
    {
        "id": {
            "type": "string",
            "pattern": NAME,
            "description": "Unique in the file, and public: reports, deviations and badges use it.",
        },
        "title": {
            "type": "string",
            "minLength": 1,
            "description": "The requirement in one sentence, as the reader of a report wants it.",
        },
        "about": {"type": "string"},
        "clauses": {"type": "array", "minItems": 1, "uniqueItems": True, "items": _CLAUSE_ID},
        "needs": _NEEDS,
        "axes": AXES,
        "thorough": THOROUGH,
        "samples": {
            "type": ["integer", "object"],
            "minimum": 1,
            "maximum": MOST_SAMPLES,
            "properties": {
                "min": {"type": "integer", "minimum": 1, "maximum": MOST_SAMPLES},
                "max": {"type": "integer", "minimum": 1, "maximum": MOST_SAMPLES},
            },
            "required": ["min", "max"],
            "additionalProperties": False,
            "description": "How often to run; between min and max, until the answer is clear.",
        },
        "rate": _closed(
            {
                "at_least": _SHARE,
                "margin": {
                    "type": "number",
                    "exclusiveMinimum": 0,
                    "maximum": 1,
                    "description": "Passed once rates below at_least - margin are ruled out, "
                    "failed once at_least is.",
                },
                "confidence": {"type": "number", "exclusiveMinimum": 0.5, "exclusiveMaximum": 1},
            },
            ["at_least", "margin"],
            description="The share of samples in which the case must pass.",
        ),
        "parameters": _described(_NAMES, "What it tells about, in the capability matrix."),
        "observe": _described(
            _ref("queries"), "Facts to keep of each sample; nothing judges them."
        ),
        "control": _closed(
            {"request": _ref("request"), "expect": _ref("checks")},
            ["expect"],
            description="A step before, without the thing under test, that must show that the "
            "effect is not there anyway.",
        ),
        "vary": _closed(
            {
                "body": {**_BODY, "minProperties": 1},
                "headers": {**_BODY, "minProperties": 1},
                "says": SAYS,
            },
            minProperties=1,
            description="The thing under test: what the main step has and the control has not.",
        ),
        "keyword": KEYWORD,
        "alone": {"type": "boolean", "description": "Nothing else is on the wire meanwhile."},
        "destructive": {"type": "boolean", "description": "May hurt the endpoint: runs last."},
        "retry": {"type": "boolean", "description": "false: 408, 409, 429 and 5xx are answers."},
        "timeout": {"type": "number", "exclusiveMinimum": 0, "description": "Seconds."},
        "effort": _EFFORT,
        "steps": {"type": "array", "minItems": 1, "items": _ref("step")},
        **_STEP_PARTS,
    },
    ["id", "title", "clauses"],
)
