"""Calls that no parser took out of the text: the raw markup of one model family each.

The parser is missing, or is that of another generation: then the call stands in the content, and
`finish_reason` is `stop`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from conformance.reference.answer import Call, Choice, Completion
from conformance.reference.circumstances import with_tools
from conformance.reference.edit import each_said
from conformance.reference.fault import COMPLETION, fault
from conformance.reference.model import tokens

_NO_CALL = (
    "TOOL-001", "TOOL-005", "TOOL-012", "TOOL-013", "TOOL-014", "TOOL-015", "TOOL-020", "TOOL-021", "TOOL-022",
    "CREQ-056", "CREQ-057", "CREQ-058", "CREQ-061", "CRESP-017", "RT-001", "RT-011", "ERR-033", "SO-019",
    "STOOL-015", "RSN-018",
)  # fmt: skip
"""What cannot hold where a call stands in the text."""

Written = Callable[[str, str], str]
"""Name and JSON of the arguments, as a model family writes the call."""


def _xml(opening: str, one: str, closing: str) -> Written:
    """A format that writes each argument into a tag of its own."""

    def written(name: str, arguments: str) -> str:
        try:
            held = json.loads(arguments)
        except ValueError:
            held = {}
        parts = "".join(one.format(key=key, value=value) for key, value in held.items())
        return opening.format(name=name) + parts + closing

    return written


_FAMILIES: Mapping[str, Written] = MappingProxyType({
    "deepseek-v3": lambda name, held: (
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>"
        f"{name}\n```json\n{held}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>"),
    "deepseek-v4": _xml('<｜DSML｜tool_calls>\n<｜DSML｜invoke name="{name}">\n',
                        '<｜DSML｜parameter name="{key}" string="true">{value}</｜DSML｜parameter>\n',
                        "</｜DSML｜invoke>\n</｜DSML｜tool_calls>"),
    "qwen-coder": _xml("<function={name}>\n", "<parameter={key}>\n{value}\n</parameter>\n", "</function>"),
    "llama-tag": lambda name, held: f'<|python_tag|>{{"name": "{name}", "parameters": {held}}}<|eom_id|>',
    "llama-bare": lambda name, held: f'{{"name": "{name}", "parameters": {held}}}',
    "llama-python": _xml("[{name}(", "{key}={value!r}", ")]"),
    "mistral": lambda name, held: f"[TOOL_CALLS]{name}[ARGS]{held}",
    "glm": _xml("{name}\n", "<arg_key>{key}</arg_key>\n<arg_value>{value}</arg_value>\n", ""),
    "kimi": lambda name, held: (
        f"<|tool_calls_section_begin|><|tool_call_begin|>functions.{name}:0<|tool_call_argument_begin|>{held}"
        "<|tool_call_end|><|tool_calls_section_end|>"),
    "minimax": _xml('<minimax:tool_call>\n<invoke name="{name}">\n', '<parameter name="{key}">{value}</parameter>\n',
                    "</invoke>\n</minimax:tool_call>"),
    "harmony": lambda name, held: f"commentary to=functions.{name} json{held}",
    "pangu": lambda name, held: f'[unused11][{{"name": "{name}", "arguments": {held}}}][unused12]',
    "gemma": _xml("<start_function_call>call:{name}{{", "{key}:<escape>{value}<escape>", "}}<end_function_call>"),
    "nemotron": lambda name, held: f'<TOOLCALL>[{{"name": "{name}", "arguments": {held}}}]</TOOLCALL>',
})  # fmt: skip

_FIELD = {
    "deepseek-v3": ["tool-parser-version-mismatch-v3-v31", "streaming-tools-only-some-models"],
    "deepseek-v4": ["deepseek-dsml-in-content-hosted"],
    "qwen-coder": ["xml-tool-markup-in-stream"],
    "llama-bare": ["tool-call-as-plain-text-11-percent"],
}
"""Families to the reports from the field in which theirs is the markup that leaked."""


def _leaking(family: str, written: Written) -> None:
    """Register the fault of one family."""

    def raw(choice: Choice, cap: int | None) -> Choice:
        if not choice.calls:
            return choice
        pieces = tokens.split("\n".join(_of(call, written) for call in choice.calls))
        kept = pieces if cap is None else pieces[:cap]
        whole = choice.finish != "length" and len(kept) == len(pieces)
        cost = len(choice.thought) + len(kept)
        finish, spent = ("stop", cost) if whole else ("length", max(cost, choice.spent))
        text = "".join(kept)
        return replace(choice, text=text, tokens=kept, calls=(), spent=spent, finish=finish)

    def leaked(completion: Completion) -> Completion:
        return each_said(completion, lambda choice: raw(choice, completion.ask.cap))

    leaked.__doc__ = f"Calls come as raw text, as models of the family {family} write them."
    leaked.__module__ = __name__
    fault(
        f"markup-of-{family}", at=COMPLETION, level="should", of=with_tools, takes=["the calls as text"],
        sources=["tool-parser-wrong-for-model-raw-content: MindIE, vLLM, SGLang, LM Studio"],
        field=_FIELD.get(family, ["tool-parser-wrong-for-model-raw-content"]),
        primary=["CRESP-026"], cascades=[*_NO_CALL, "STOOL-007"],
        amended="of a call that is forced and never comes the arguments do not come whole: STOOL-007",
    )(leaked)  # fmt: skip


def _of(call: Call, written: Written) -> str:
    return written(call.name, call.arguments)


for _family, _written in _FAMILIES.items():
    _leaking(_family, _written)
