"""Markup of chat templates and tool calls that a parser should have taken out of a text.

Detection goes by form, not by model: special tokens (`<|...|>`, `<｜...｜>`), tags of functions and
tools, think tags, markers in square brackets. What the prompt itself holds is no leak, and neither
is what stands in a code span, nor markup of results where the request brings results: the template
has written it into the prompt, and a model that copies it shows a weakness of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from conformance.wire import jsontext

_SPECIAL = r"<\|[^<>|\s][^<>|\n]{0,60}\|>"
_FULLWIDTH = r"</?｜[^<>\n]{1,60}>"
_CALLS = r"</?(?:[\w-]{1,20}:)?(?:tool_calls?|tool_responses?|function_calls?|tools?_sections?)(?:_\w{1,20})?(?:\s[^<>\n]{0,80})?>"
_FUNCTION = r"<(?:function|parameter)=[\w.:-]{1,64}>|</(?:function|parameter)>|<invoke\s+name=[^<>\n]{1,80}>"
_THINK = r"</?(?:think|thinking|thought|reasoning)>"
_TURN = r"<(?:start|end)_of_turn>|<(?:eos|bos|pad|unk)>|</s>\s*$|\[/?INST\]|<<SYS>>"
_BRACKET = r"\[/?(?:TOOL_CALLS|TOOL_RESULTS|AVAILABLE_TOOLS|TOOL_CONTENT|THINK)\]"

_RESULT = re.compile(r"tool_response|TOOL_RESULTS|TOOL_CONTENT")
"""Marks that templates put around results, and no model around calls."""

_FORMS = (
    _SPECIAL,
    _FULLWIDTH,
    _CALLS,
    _FUNCTION,
    _THINK,
    _TURN,
    _BRACKET,
)
_MARK = re.compile("|".join(_FORMS))
_NAMED_CALL = re.compile(r"([\w.-]{1,64})\s*\(?\s*(\{.*\})\s*\)?", re.DOTALL)
_CODE = re.compile(r"```.*?(?:```|$)|`[^`\n]*`", re.DOTALL)
_MOST = 3
"""Different marks that are told of one text."""
_LONGEST = 200_000
"""Characters of a text that are searched."""


def leaked(text: str, asked: dict[str, Any]) -> list[str]:
    """The first few different marks that leaked into a text, as they stand there.

    A call written as plain JSON, `{"name": <a tool that was offered>, "arguments": {...}}`, or as
    the name of such a tool and an object, with nothing around it, is one as well.
    """
    if not text:
        return []
    found = _marks(text)
    if found:
        given = list(strings(asked))
        copied = _brings_results(asked)
        found = [
            mark
            for mark in found
            if not any(mark in each for each in given) and not (copied and _RESULT.search(mark))
        ]
    return found or _bare_call(text, asked)


def _brings_results(asked: dict[str, Any]) -> bool:
    messages = asked.get("messages")
    held = messages if isinstance(messages, list) else ()
    return any(isinstance(each, dict) and each.get("role") == "tool" for each in held)


def _marks(text: str) -> list[str]:
    if not any(sign in text for sign in "<["):
        return []
    seen: dict[str, None] = {}
    for match in _MARK.finditer(_CODE.sub(" ", text[:_LONGEST])):
        seen[match[0].strip()] = None
        if len(seen) == _MOST:
            break
    return list(seen)


def _bare_call(text: str, asked: dict[str, Any]) -> list[str]:
    trimmed = text.strip()
    if not trimmed.endswith(("}", ")")) or not asked.get("tools") or asked.get("response_format"):
        return []
    named = _NAMED_CALL.fullmatch(trimmed)
    if named and named[1] in offered_names(asked):
        _, ok = jsontext.quick(named[2].strip())
        return [trimmed] if ok else []
    call, ok = jsontext.quick(trimmed)
    if not ok or not isinstance(call, dict):
        return []
    arguments = call.get("arguments", call.get("parameters"))
    named = call.get("name")
    offered = isinstance(named, str) and named in offered_names(asked)
    return [trimmed] if offered and isinstance(arguments, dict | str) else []


def offered_names(asked: dict[str, Any]) -> set[str]:
    """The names of the tools in a request."""
    listed = asked.get("tools")
    held = [
        each.get("function") or each.get("custom")
        for each in (listed if isinstance(listed, list) else ())
        if isinstance(each, dict)
    ]
    return {
        one["name"] for one in held if isinstance(one, dict) and isinstance(one.get("name"), str)
    }


def strings(value: Any) -> Iterator[str]:
    """All strings in a JSON value, but for the names of members."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
