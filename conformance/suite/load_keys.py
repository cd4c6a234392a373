"""The keys of files of loads: what each holds, how a right one looks, and the JSON Schema of all."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

VERSION = 1
OWN = ("messages", "max_tokens", "stream", "stream_options")
"""Members of a request that no `body` says: other keys do, or the measurement."""
_DRAFT = "http://json-schema.org/draft-07/schema#"

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of a mapping."""

    holds: str
    """In words."""
    fits: Callable[[Any], bool]
    example: str
    """A right one, as it is written."""
    schema: Schema
    about: str = ""


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_number(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value)


def _whole(example: str, about: str) -> Key:
    return Key(
        holds="a whole number of at least 1",
        fits=_is_whole,
        example=example,
        schema={"type": "integer", "minimum": 1},
        about=about,
    )


def _positive(example: str, about: str) -> Key:
    return Key(
        holds="a number above 0",
        fits=lambda value: _is_number(value) and value > 0,
        example=example,
        schema={"type": "number", "exclusiveMinimum": 0},
        about=about,
    )


def _text(example: str, about: str) -> Key:
    return Key(
        holds="a text",
        fits=lambda value: isinstance(value, str) and bool(value),
        example=example,
        schema={"type": "string", "minLength": 1},
        about=about,
    )


def _one_of(*words: str, about: str, name: str) -> Key:
    return Key(
        holds=f"one of {', '.join(words)}",
        fits=lambda value: value in words,
        example=f"{name}: {words[-1]}",
        schema={"enum": list(words)},
        about=about,
    )


REQUEST: Mapping[str, Key] = {
    "prompt": _text(
        'prompt: "Name three rivers."',
        "What is asked. {word} stands for a word that each request has of its own.",
    ),
    "words": _whole("words: 2000", "So many words of other text before the prompt."),
    "max_tokens": _whole("max_tokens: 64", "Of the answer."),
    "share": _whole("share: 2", "How often in a turn of the mix it is asked; 1 if left out."),
    "body": Key(
        holds="a mapping",
        fits=lambda value: isinstance(value, dict),
        example="body: {top_p: 0.9}",
        schema={"type": "object", "propertyNames": {"not": {"enum": list(OWN)}}},
        about="The rest of the request, such as tools or response_format.",
    ),
}
REQUEST_NEEDS = ("prompt", "max_tokens")
SCENARIO: Mapping[str, Key] = {
    "title": _text("title: Short questions", "What `conformance list loads` says of it."),
    "streams": _whole("streams: 4", "Closed loop: so many requests at once."),
    "rate": _positive("rate: 2", "Open loop: so many requests a second, whatever becomes of them."),
    "arrivals": _one_of(
        "constant",
        "poisson",
        name="arrivals",
        about="Evenly, or independent of each other; of a rate only.",
    ),
    "seconds": _positive("seconds: 20", "No request is begun after that."),
    "warm_up": _positive(
        "warm_up: 5", "So many seconds of the same load before it, which are in no figure."
    ),
    "hang_up_after": _positive(
        "hang_up_after: 0.5",
        "Seconds after which each request is given up: how long does the endpoint go on?",
    ),
    "cache": _one_of(
        "busted",
        "primed",
        name="cache",
        about="primed: the same prompts each time; busted: each request has a word of its own.",
    ),
    "mix": Key(
        holds="a list of requests",
        fits=lambda value: isinstance(value, list) and bool(value),
        example='mix: [{prompt: "Name three rivers.", max_tokens: 64}]',
        schema={"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/request"}},
        about="Asked in turn.",
    ),
}
SCENARIO_NEEDS = ("title", "seconds", "mix")
ROOT: Mapping[str, Key] = {
    "loads": Key(
        holds=f"{VERSION}",
        fits=lambda value: _is_whole(value) and value == VERSION,
        example=f"loads: {VERSION}",
        schema={"const": VERSION},
        about="The grammar's version. Marks the file as one of loads.",
    ),
    "scenarios": Key(
        holds="a mapping of names to loads",
        fits=lambda value: isinstance(value, dict) and bool(value),
        example="scenarios: {evening: {...}}",
        schema={
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {"$ref": "#/definitions/load"},
        },
    ),
}


def loads_schema() -> Schema:
    """Of a whole file; editors complete and complain by it."""
    either = [{"required": ["streams"]}, {"required": ["rate"]}]
    load = {**_closed(SCENARIO, SCENARIO_NEEDS), "oneOf": either}
    load["dependencies"] = {"arrivals": ["rate"]}
    return {
        "$schema": _DRAFT,
        "title": "Loads of conformance latency",
        **_closed(ROOT, tuple(ROOT)),
        "definitions": {"load": load, "request": _closed(REQUEST, REQUEST_NEEDS)},
    }


def _closed(keys: Mapping[str, Key], needed: tuple[str, ...]) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: {**key.schema, **({"description": key.about} if key.about else {})}
            for name, key in keys.items()
        },
        "required": list(needed),
    }
