"""Tools, tool_choice and text.format as responses write them: flat."""

from __future__ import annotations

from conformance.reference.ask import Json, Shape, Tool, ToolRule
from conformance.reference.refusal import shown
from conformance.reference.validate import fields
from conformance.reference.validate.tools import listed_tools, read_form, read_function

_CHOICES = ("none", "auto", "required")
_FORMATS = ("text", "json_object", "json_schema")


def read_flat_tools(body: Json) -> tuple[Tool, ...]:
    """The tools of a request; an empty array is none. Raises Refusal."""
    return listed_tools(body, _tool) if body.get("tools") != [] else ()


def _tool(held: Json, at: str) -> Tool:
    kind = fields.needed_text(held, "type", f"{at}.")
    if kind != "function":
        raise fields.unsupported(
            f"{at}.type", f"tools of type {shown(kind)} are not supported, only 'function'."
        )
    return read_function(held, f"{at}.")


def echoed_tool(tool: Tool) -> Json:
    """A tool as the response repeats it."""
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description or None,
        "parameters": tool.parameters,
        "strict": tool.strict,
    }


def read_flat_choice(body: Json, tools: tuple[Tool, ...]) -> ToolRule:
    """`tool_choice`, resolved to a mode and the tools that may be called. Raises Refusal."""
    choice = body.get("tool_choice")
    names = tuple(tool.name for tool in tools)
    if choice is None or choice == "auto":
        return ToolRule(mode="auto", names=names)
    if choice == "none":
        return ToolRule(mode="none", names=())
    if isinstance(choice, str) and choice not in _CHOICES:
        raise fields.wrong_value(
            "tool_choice", f"{shown(choice)} is none of {', '.join(_CHOICES)}."
        )
    if not tools:
        raise fields.wrong_value("tool_choice", "it asks for a call, but there are no 'tools'.")
    if choice == "required":
        return ToolRule(mode="required", names=names)
    if not isinstance(choice, dict):
        raise fields.wrong_type("tool_choice", "a string or an object", choice)
    return _object_choice(choice, names)


def _object_choice(choice: Json, names: tuple[str, ...]) -> ToolRule:
    kind = fields.needed_text(choice, "type", "tool_choice.")
    if kind == "function":
        return ToolRule(mode="required", names=(_named(choice, names, "tool_choice."),))
    if kind != "allowed_tools":
        raise fields.unsupported("tool_choice.type", f"{shown(kind)} is not supported.")
    mode = fields.one_of(choice, "mode", ("auto", "required"), "tool_choice.")
    listed = fields.array(choice, "tools", "tool_choice.")
    if mode is None or not listed:
        raise fields.missing(f"tool_choice.{'tools' if mode else 'mode'}")
    allowed = tuple(
        _named(fields.member(each, f"tool_choice.tools[{n}]"), names, f"tool_choice.tools[{n}].")
        for n, each in enumerate(listed)
    )
    return ToolRule(mode="required" if mode == "required" else "auto", names=allowed)


def _named(held: Json, names: tuple[str, ...], at: str) -> str:
    name = fields.needed_text(held, "name", at)
    if name not in names:
        raise fields.wrong_value(f"{at}name", f"no tool is called {shown(name)}.")
    return name


def read_format(text: Json) -> Shape:
    """`text.format`, resolved. Raises Refusal."""
    held = fields.mapping(text, "format", "text.")
    if held is None:
        return Shape()
    kind = fields.needed_text(held, "type", "text.format.")
    if kind not in _FORMATS:
        raise fields.wrong_value(
            "text.format.type", f"{shown(kind)} is none of {', '.join(_FORMATS)}."
        )
    if kind == "json_schema":
        return read_form(held, "text.format.", "text.format")
    return Shape(kind="json_object" if kind == "json_object" else "text")
