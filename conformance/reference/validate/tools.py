"""Tools, tool_choice and response_format, with the schemas inside them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from conformance.reference.ask import Json, Shape, Tool, ToolRule
from conformance.reference.refusal import Refusal, shown
from conformance.reference.schema.rules import flaws
from conformance.reference.validate import fields

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MOST_TOOLS = 128
_CHOICES = ("none", "auto", "required")


def read_tools(body: Json) -> tuple[Tool, ...]:
    """The tools of a request, none where there are none. Raises Refusal."""
    return listed_tools(body, _tool)


def listed_tools(body: Json, read: Callable[[Json, str], Tool]) -> tuple[Tool, ...]:
    """The same, with a reader of one tool and its path. Raises Refusal."""
    listed = fields.array(body, "tools")
    if listed is None:
        return ()
    if not 1 <= len(listed) <= _MOST_TOOLS:
        raise fields.wrong_value("tools", f"it must hold 1 to {_MOST_TOOLS} tools.")
    tools = tuple(
        read(fields.member(each, f"tools[{place}]"), f"tools[{place}]")
        for place, each in enumerate(listed)
    )
    if len({tool.name for tool in tools}) < len(tools):
        raise fields.wrong_value("tools", "two tools have the same name.")
    return tools


def _tool(held: Json, at: str) -> Tool:
    kind = fields.needed_text(held, "type", f"{at}.")
    if kind != "function":
        raise fields.unsupported(
            f"{at}.type", f"tools of type {shown(kind)} are not supported, only 'function'."
        )
    function = fields.mapping(held, "function", f"{at}.")
    if function is None:
        raise fields.missing(f"{at}.function")
    return read_function(function, f"{at}.function.")


def read_function(held: Json, at: str) -> Tool:
    """What can be called, wherever it stands: chat nests it in a tool, responses do not."""
    name = _name(held, at)
    strict = fields.flag(held, "strict", at=at)
    parameters = fields.mapping(held, "parameters", at) or {}
    if parameters.get("type", "object") != "object":
        raise fields.wrong_value(
            f"{at}parameters", f"the schema of '{name}' must be of type 'object'."
        )
    if parameters or strict:
        schema = parameters or _NO_PARAMETERS
        _check_schema(schema, f"function '{name}'", f"{at}parameters", strict=strict)
    return Tool(
        name=name,
        description=fields.text(held, "description", at) or "",
        parameters={"type": "object", **parameters},
        strict=strict,
    )


_NO_PARAMETERS: Json = {
    "type": "object",
    "properties": {},
    "required": [],
    "additionalProperties": False,
}


def _name(held: Json, at: str) -> str:
    name = fields.needed_text(held, "name", at)
    if not _NAME.fullmatch(name):
        raise fields.wrong_value(
            f"{at}name", f"{shown(name)} does not match ^[a-zA-Z0-9_-]{{1,64}}$."
        )
    return name


def _check_schema(schema: Json, whose: str, param: str, *, strict: bool) -> None:
    for place, flaw in flaws(schema, strict=strict):
        where = f"In context=({place!r}), " if place else ""
        raise Refusal(
            f"Invalid schema for {whose}: {where}{flaw}.", code="invalid_schema", param=param
        )


def read_choice(body: Json, tools: tuple[Tool, ...]) -> ToolRule:
    """`tool_choice`, resolved to a mode and the tools that may be called. Raises Refusal."""
    choice = body.get("tool_choice")
    names = tuple(tool.name for tool in tools)
    if choice is None:
        return ToolRule(mode="auto", names=names)
    if isinstance(choice, str) and choice not in _CHOICES:
        raise fields.wrong_value(
            "tool_choice", f"{shown(choice)} is none of {', '.join(_CHOICES)}."
        )
    if not tools and choice != "none":
        raise fields.wrong_value("tool_choice", "it is only allowed when 'tools' are given.")
    if choice == "none":
        return ToolRule(mode="none", names=())
    if choice == "required":
        return ToolRule(mode="required", names=names)
    if choice == "auto":
        return ToolRule(mode="auto", names=names)
    if not isinstance(choice, dict):
        raise fields.wrong_type("tool_choice", "a string or an object", choice)
    return _object_choice(choice, names)


def _object_choice(choice: Json, names: tuple[str, ...]) -> ToolRule:
    kind = fields.needed_text(choice, "type", "tool_choice.")
    if kind == "function":
        name = _named(choice, names, "tool_choice.")
        return ToolRule(mode="required", names=(name,))
    if kind == "allowed_tools":
        return _allowed(choice, names)
    raise fields.unsupported("tool_choice.type", f"{shown(kind)} is not supported.")


def _named(held: Json, names: tuple[str, ...], at: str) -> str:
    function = fields.mapping(held, "function", at)
    if function is None:
        raise fields.missing(f"{at}function")
    name = fields.needed_text(function, "name", f"{at}function.")
    if name not in names:
        raise fields.wrong_value(f"{at}function.name", f"no tool is called {shown(name)}.")
    return name


def _allowed(choice: Json, names: tuple[str, ...]) -> ToolRule:
    held = fields.mapping(choice, "allowed_tools", "tool_choice.")
    if held is None:
        raise fields.missing("tool_choice.allowed_tools")
    at = "tool_choice.allowed_tools."
    mode = fields.one_of(held, "mode", ("auto", "required"), at)
    listed = fields.array(held, "tools", at)
    if mode is None or not listed:
        raise fields.missing(f"{at}mode" if mode is None else f"{at}tools")
    allowed = tuple(
        _named(fields.member(each, f"{at}tools[{place}]"), names, f"{at}tools[{place}].")
        for place, each in enumerate(listed)
    )
    return ToolRule(mode="required" if mode == "required" else "auto", names=allowed)


def read_shape(body: Json) -> Shape:
    """`response_format`, resolved. Raises Refusal."""
    held = fields.mapping(body, "response_format")
    if held is None:
        return Shape()
    kind: Any = fields.needed_text(held, "type", "response_format.")
    if kind not in ("text", "json_object", "json_schema"):
        raise fields.wrong_value(
            "response_format.type",
            f"{shown(kind)} is none of text, json_object, json_schema.",
        )
    if kind != "json_schema":
        return Shape(kind=kind)
    given = fields.mapping(held, "json_schema", "response_format.")
    if given is None:
        raise fields.missing("response_format.json_schema")
    return read_form(given, "response_format.json_schema.", "response_format")


def read_form(held: Json, at: str, whole: str) -> Shape:
    """A named JSON Schema for the answer. `whole`: the parameter that holds it. Raises Refusal."""
    name = _name(held, at)
    strict = fields.flag(held, "strict", at=at)
    fields.text(held, "description", at)
    schema = fields.mapping(held, "schema", at)
    if schema is None:
        raise fields.missing(f"{at}schema")
    _check_schema(schema, f"{whole} '{name}'", whole, strict=strict)
    return Shape(kind="json_schema", schema=schema)
