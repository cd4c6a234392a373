"""The JSON Schema of a request as suites write it, before it is merged."""

from __future__ import annotations

from typing import Any

from conformance.suite.patterns import NAME

METHODS = ("POST", "GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")

SAYS: dict[str, Any] = {
    "type": "array",
    "minItems": 1,
    "uniqueItems": True,
    "items": {"type": "string", "pattern": NAME},
    "description": "Such fragments that are part of the request; a provider whose preset lacks one "
    "is not asked.",
}
REQUEST: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "method": {"enum": list(METHODS), "description": "POST unless written."},
        "path": {
            "type": ["string", "object"],
            "pattern": "^/",
            "description": "Below the provider's base_url; `$concat` puts a captured id into it.",
        },
        "headers": {
            "type": "object",
            "additionalProperties": {"type": ["string", "object"]},
            "description": "Beside the usual ones; `{$omit: true}` takes one away.",
        },
        "body": {
            "type": "object",
            "description": "Goes on the wire as it stands, but for `$`-directives. Merged over "
            "the suite's and the case's by top-level key.",
        },
        "raw": {"type": "string", "description": "Sent byte for byte in place of a JSON body."},
        "encoding": {
            "enum": ["utf-8", "latin-1"],
            "description": "Of `raw`; in latin-1 each character up to \\u00FF is a byte.",
        },
        "with": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {"type": "string", "pattern": NAME},
            "description": "Body fragments in the provider's own words, such as thinking-off; "
            "tried only where the plain request does not pass.",
        },
        "says": SAYS,
        "hang_up_after": {
            "type": "integer",
            "minimum": 0,
            "description": "Close the connection after so many received body bytes.",
        },
    },
    "not": {"required": ["body", "raw"]},
    "dependencies": {"encoding": ["raw"]},
}
