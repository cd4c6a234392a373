"""`tool_choice` that is obeyed now and then, and offers of tools that are refused without need."""

from __future__ import annotations

import re
from dataclasses import replace

from conformance.reference.ask import Ask, ToolRule
from conformance.reference.circumstances import streamed, with_tools
from conformance.reference.fault import ASK, REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal

_ANOTHER = ("TOOL-*", "CREQ-055", "CREQ-056", "CREQ-057", "CREQ-058", "CRESP-017", "CRESP-031", "ERR-033",
            "STOOL-*", "STRM-025", "RT-*", "SO-019")  # fmt: skip
"""What may fail where another tool is called than had to be, or none."""
_CHOICES = ("none", "auto", "required")
_TYPE_LIST = re.compile(rb'"type"\s*:\s*\[')


def _all(ask: Ask) -> tuple[str, ...]:
    return tuple(tool.name for tool in ask.tools)


@fault(
    "required-ignored-when-streaming", at=ASK, level="must", of=streamed,
    sources=["servers whose streaming path has a parser of its own"],
    field=["tool-choice-not-supported-ignored"],
    primary=["TOOL-020"], cascades=_ANOTHER,
)  # fmt: skip
def required_ignored_when_streaming(ask: Ask) -> Ask:
    """`tool_choice: required` is taken for `auto` in streams."""
    if ask.rule.mode != "required":
        return ask
    return replace(ask, rule=ToolRule(mode="auto", names=ask.rule.names))


@fault(
    "named-tool-taken-for-required", at=ASK, level="must", of=with_tools,
    sources=["servers that know `required` only"],
    primary=["TOOL-021"], cascades=_ANOTHER,
)  # fmt: skip
def named_tool_taken_for_required(ask: Ask) -> Ask:
    """`tool_choice` with a name forces a call, but of whichever tool fits."""
    if ask.rule.mode != "required":
        return ask
    return replace(ask, rule=ToolRule(mode="required", names=_all(ask)))


@fault(
    "allowed-tools-ignored", at=ASK, level="must", of=with_tools,
    sources=["servers that read `tool_choice.type` only"],
    primary=["TOOL-022"], cascades=_ANOTHER,
)  # fmt: skip
def allowed_tools_ignored(ask: Ask) -> Ask:
    """Of `allowed_tools` only the mode is obeyed: every tool may be called."""
    rule = ask.rule
    if rule.mode == "none" or len(rule.names) == len(ask.tools):
        return ask
    return replace(ask, rule=ToolRule(mode=rule.mode, names=_all(ask)))


@fault(
    "none-forgotten-after-a-call", at=ASK, level="must", of=with_tools,
    sources=["servers that follow the conversation in place of the parameter"],
    primary=["TOOL-013"], cascades=["CREQ-055", "ERR-033", "RT-*"],
)  # fmt: skip
def none_forgotten_after_a_call(ask: Ask) -> Ask:
    """`tool_choice: none` is not obeyed any more once the conversation holds a call."""
    if ask.rule.mode != "none" or not any(message.calls for message in ask.messages):
        return ask
    return replace(ask, rule=ToolRule(mode="auto", names=_all(ask)))


@fault(
    "mixed-strictness-refused", at=REQUEST, level="should", of=with_tools,
    sources=["Cerebras: strict-mixed-tools-rejected"],
    field=["strict-mixed-tools-rejected"],
    primary=["CREQ-050"],
)  # fmt: skip
def mixed_strictness_refused(request: HttpRequest) -> HttpRequest:
    """Tools of which some are strict and some are not are refused."""
    listed = request.json.get("tools")
    held = (
        [one.get("function") for one in listed if isinstance(one, dict)]
        if isinstance(listed, list)
        else []
    )
    kinds = {one.get("strict") is True for one in held if isinstance(one, dict)}
    if len(kinds) > 1:
        raise Refusal(
            "Tools with mixed values for 'strict' are not allowed.",
            code="wrong_api_format",
            param="tools",
        )
    return request


@fault(
    "type-lists-refused", at=REQUEST, level="should", of=with_tools,
    sources=["Gemini, Moonshot: tools-top-level-anyof-rejected, and types in lists"],
    field=["tools-top-level-anyof-rejected"],
    primary=["TOOL-028"], cascades=["TOOL-009", "TOOL-010", "CREQ-049"],
)  # fmt: skip
def type_lists_refused(request: HttpRequest) -> HttpRequest:
    """Parameters with a list of types are refused."""
    if _TYPE_LIST.search(request.body):
        raise Refusal("'type' must be a string.", code="invalid_schema", param="tools")
    return request


@fault(
    "unknown-choice-taken-for-auto", at=REQUEST, level="must", of=with_tools,
    sources=['xpyd-sim 0.5.0, measured: tool_choice "sometimes" is served'],
    primary=["ERR-008"],
)  # fmt: skip
def unknown_choice_taken_for_auto(request: HttpRequest) -> HttpRequest:
    """A `tool_choice` in a word that there is not is taken for `auto`."""
    choice = request.json.get("tool_choice")
    known = not isinstance(choice, str) or choice in _CHOICES
    return request if known else request.edited(tool_choice="auto")
