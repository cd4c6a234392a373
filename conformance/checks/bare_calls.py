"""A call that stands in the text as plain text: what is left where a parser took the tokens, or none ran.

Only a text that is nothing but calls of tools that were offered counts: models speak of functions,
and show JSON, without calling any.
"""

from __future__ import annotations

import re
from typing import Any

from conformance.wire import jsontext

_NAMED_CALL = re.compile(r"(?:function)?([\w.-]{1,64})\s*\(?\s*(\{.*\})\s*\)?", re.DOTALL)
"""`get_weather {...}`, `get_weather({...})`."""
_FENCED = re.compile(r"((?:function)?[\w.-]{1,64})\s*```(?:json)?\s*(\{.*\})\s*```", re.DOTALL)
"""`get_weather` and its arguments in a code fence, as DeepSeek's models were taught."""
_PYTHON = re.compile(r"\[\s*([A-Za-z_][\w.-]{0,63})\((?:\s*\w+\s*=[^\n]*)?\)\s*\]")
"""`[get_weather(city='Oslo')]`: a list of calls as Python writes them."""


def bare_call(text: str, asked: dict[str, Any]) -> list[str]:
    """The text, where it is a call: as JSON, as a name and an object, as a list of Python calls."""
    trimmed = text.strip()
    if not trimmed.endswith(("}", ")", "]", "```")) or _has_a_form(asked):
        return []
    offered = offered_names(asked)
    if not offered:
        return []
    if python := _PYTHON.fullmatch(trimmed):
        return [trimmed] if python[1] in offered else []
    named = _FENCED.fullmatch(trimmed) or _NAMED_CALL.fullmatch(trimmed)
    if named and {named[1], named[1].removeprefix("function")} & offered:
        _, ok = jsontext.quick(named[2].strip())
        return [trimmed] if ok else []
    told, ok = jsontext.quick(trimmed)
    listed = told if isinstance(told, list) else [told]
    return [trimmed] if ok and listed and all(_is_call(each, offered) for each in listed) else []


def _is_call(value: Any, offered: set[str]) -> bool:
    """`{"name": <a tool that was offered>, "arguments": {...}}`, or `parameters` in their place."""
    if not isinstance(value, dict):
        return False
    name, arguments = value.get("name"), value.get("arguments", value.get("parameters"))
    return isinstance(name, str) and name in offered and isinstance(arguments, dict | str)


def _has_a_form(asked: dict[str, Any]) -> bool:
    """The text is to be JSON, of chat or of /responses: what looks like a call may be the answer."""
    return bool(asked.get("response_format") or asked.get("text"))


def offered_names(asked: dict[str, Any]) -> set[str]:
    """The names of the tools in a request: nested, as chat has them, or flat, as responses do."""
    listed = asked.get("tools")
    held = [
        each.get("function") or each.get("custom") or each
        for each in (listed if isinstance(listed, list) else ())
        if isinstance(each, dict)
    ]
    return {
        one["name"] for one in held if isinstance(one, dict) and isinstance(one.get("name"), str)
    }
