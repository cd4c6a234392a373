"""Items of the user's own: one row as an item, strictly read. Whatever is odd is named by its key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from conformance.errors import SourceError, did_you_mean
from conformance.parity.items.model import ABSENT, Call, Expected, Item, Kind
from conformance.parity.items.score import SCRIPTS

_KEYS = ("id", "prompt", "messages", "expected", "schema", "tools", "parameters", "family")
_EXPECTED = ("text", "json", "calls", "words", "script", "answerable")
_CALL = ("name", "arguments", "also", "optional")
_OURS = ("messages", "tools", "response_format", "model", "stream", "n")
_FORM = (
    'a task is {"messages": [...], "expected": "..."}, or has a "schema", or "tools" '
    '(docs/parity.md, "Tasks of your own")'
)
_LENGTH = 8


def item(row: Mapping[str, Any], place: str, name: str) -> Item:
    """The item of a row; `name` is its id where it has none. Raises SourceError.

    What it says is part of its id: what a kept baseline said to other words is never taken for it.
    """
    _known(row, _KEYS, place, "")
    tools = _tools(row.get("tools", []), place)
    schema = row.get("schema")
    if schema is not None:
        _schema(schema, place, "schema")
    found = Item(
        id=f"own-{row.get('id', name)}-{_digest(row)}",
        kind=Kind.OWN,
        messages=_messages(row, place),
        family=str(row.get("family", "")),
        tools=tools,
        schema=schema,
        parameters=_parameters(row.get("parameters", {}), place),
        expected=_expected(row.get("expected"), [_name(each) for each in tools], place),
    )
    if not tools and schema is None and found.expected == Expected():
        raise SourceError(place, "nothing says which answer is right", _FORM)
    return found


def _messages(row: Mapping[str, Any], place: str) -> tuple[Mapping[str, Any], ...]:
    if isinstance(row.get("prompt"), str) and "messages" not in row:
        return ({"role": "user", "content": row["prompt"]},)
    listed = row.get("messages")
    if not isinstance(listed, list) or not listed:
        raise SourceError(
            place, "neither `prompt` (a text) nor `messages` (a list) is there", _FORM
        )
    for n, each in enumerate(listed):
        if not isinstance(each, Mapping) or not isinstance(each.get("role"), str):
            raise _wrong(place, f"messages[{n}]", each, 'an object with a "role"')
    return tuple(dict(each) for each in listed)


def _tools(listed: Any, place: str) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(listed, list):
        raise _wrong(place, "tools", listed, "a list")
    for n, each in enumerate(listed):
        function = each.get("function") if isinstance(each, Mapping) else None
        if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
            shape = '{"type": "function", "function": {"name": ..., "parameters": {...}}}'
            raise _wrong(place, f"tools[{n}]", each, shape)
        _schema(function.get("parameters", {}), place, f"tools[{n}].function.parameters")
    return tuple(dict(each) for each in listed)


def _schema(schema: Any, place: str, key: str) -> None:
    if not isinstance(schema, Mapping):
        raise _wrong(place, key, schema, "a JSON Schema")
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise SourceError(place, f"`{key}` is no JSON Schema: {error.message}") from error


def _parameters(given: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise _wrong(place, "parameters", given, 'an object, as in {"temperature": 0.6}')
    if taken := sorted(set(given) & set(_OURS)):
        raise SourceError(place, f"`parameters.{taken[0]}` is not for `parameters`", _FORM)
    return dict(given)


def _expected(given: Any, tools: Sequence[str], place: str) -> Expected:
    if given is None:
        return Expected()
    if isinstance(given, str | int | float) and not isinstance(given, bool):
        return Expected(text=str(given))
    if not isinstance(given, Mapping):
        raise _wrong(
            place, "expected", given, f"a text, a number, or an object of {_listed(_EXPECTED)}"
        )
    _known(given, _EXPECTED, place, "expected.")
    for key, (right, shape) in _SHAPES.items():
        if key in given and not right(given[key]):
            raise _wrong(place, f"expected.{key}", given[key], shape)
    calls = given.get("calls")
    return Expected(
        text=given.get("text"),
        value=given.get("json"),
        calls=None if calls is None else tuple(_calls(calls, tools, place)),
        words=tuple(given["words"]) if "words" in given else None,
        script=given.get("script"),
        answerable=given.get("answerable", False),
    )


def _calls(listed: Sequence[Any], tools: Sequence[str], place: str) -> list[Call]:
    if not tools:
        raise SourceError(
            place, "`expected.calls` without `tools`", "offer the tools that are called"
        )
    return [_call(each, tools, place, f"expected.calls[{n}]") for n, each in enumerate(listed)]


def _call(given: Any, tools: Sequence[str], place: str, key: str) -> Call:
    arguments = given.get("arguments", {}) if isinstance(given, Mapping) else None
    if not isinstance(arguments, Mapping):
        raise _wrong(place, key, given, '{"name": ..., "arguments": {...}}')
    _known(given, _CALL, place, f"{key}.")
    if given.get("name") not in tools:
        near = did_you_mean(str(given.get("name")), tools)
        raise SourceError(
            place, f"`{key}.name`: no tool is called {given.get('name')!r}{near}", _offered(tools)
        )
    also, optional = given.get("also", {}), given.get("optional", [])
    if not isinstance(also, Mapping) or not all(isinstance(each, list) for each in also.values()):
        raise _wrong(place, f"{key}.also", also, 'lists of other right values, {"city": ["Rome"]}')
    if not isinstance(optional, list) or not set(map(str, optional)) <= {*arguments, *also}:
        raise _wrong(place, f"{key}.optional", optional, "a list of names of its arguments")
    return Call(
        given["name"],
        {
            name: (
                *([arguments[name]] if name in arguments else []),
                *also.get(name, []),
                *([ABSENT] if name in optional else []),
            )
            for name in {**arguments, **also}
        },
    )


def _texts(value: Any) -> bool:
    return isinstance(value, str)


def _range(value: Any) -> bool:
    return isinstance(value, list) and [type(each) for each in value] == [int, int]


_SHAPES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "text": (_texts, "a text"),
    "calls": (
        lambda value: isinstance(value, list),
        "a list of calls; an empty one where none is right",
    ),
    "words": (_range, "[at least, at most]"),
    "script": (lambda value: value in SCRIPTS, f"one of {', '.join(SCRIPTS)}"),
    "answerable": (lambda value: value is True, "true, or not there"),
}


def _known(row: Mapping[str, Any], keys: Sequence[str], place: str, prefix: str) -> None:
    for key in row:
        if key not in keys:
            reason = f"`{prefix}{key}`: nobody knows this key{did_you_mean(str(key), keys)}"
            raise SourceError(place, reason, f"there are {_listed(keys)}")


def _wrong(place: str, key: str, given: Any, shape: str) -> SourceError:
    told = json.dumps(given, ensure_ascii=False, default=str)[:60]
    return SourceError(place, f"`{key}` is {told}", f"it has to be {shape}")


def _name(tool: Mapping[str, Any]) -> str:
    return str(tool["function"]["name"])


def _listed(keys: Sequence[str]) -> str:
    return ", ".join(f"`{each}`" for each in keys)


def _offered(tools: Sequence[str]) -> str:
    return f"on offer are {_listed(tools)}"


def _digest(row: Mapping[str, Any]) -> str:
    told = json.dumps(row, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]
