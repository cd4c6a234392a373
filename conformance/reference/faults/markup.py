"""Parsers of a model's own markup that lose calls, or cut, close or mingle their arguments wrongly."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Call, Choice, Completion, Reply
from conformance.reference.ask import Json, Tool
from conformance.reference.circumstances import both_of, streamed, whole, with_tools
from conformance.reference.edit import each_fragment, each_said, finishing
from conformance.reference.fault import COMPLETION, REPLY, fault
from conformance.reference.faults.streamed_calls import ARGUMENTS, each_value
from conformance.reference.incoming import HttpRequest
from conformance.reference.schema.walk import followed

_STREAMED = both_of(streamed, with_tools)
_FEWER = (
    *ARGUMENTS,
    "TOOL-012",
    "TOOL-020",
    "TOOL-021",
    "TOOL-022",
    "STRM-025",
    "STOOL-*",
    "CREQ-061",
)
"""What may fail where there are fewer calls, or other arguments, than the model made."""
_SWALLOWED = (
    "\n</parameter>\n</function>\n</tool_call>\n<tool_call>\n<function={name}>\n{arguments}"
)


def each_call(completion: Completion, edit: Callable[[Call], Call]) -> Completion:
    """Every call of every choice edited."""

    def said(choice: Choice) -> Choice:
        return replace(choice, calls=tuple(map(edit, choice.calls)))

    return each_said(completion, said)


def required_stream(request: HttpRequest) -> bool:
    """Requests for a stream in which something must be called."""
    return _STREAMED(request) and request.json.get("tool_choice") == "required"


def _counted(arguments: str) -> str:
    """Up to where as many braces were closed as opened, those within texts counted as well."""
    depth = 0
    for place, each in enumerate(arguments):
        depth += (each == "{") - (each == "}")
        if each == "}" and depth <= 0:
            return arguments[: place + 1]
    return arguments + "}" * depth


@fault(
    "braces-in-texts-end-calls", at=COMPLETION, level="must", of=required_stream,
    sources=["vllm-project/vllm#45389"], field=["required-stream-counts-braces-in-strings"],
    primary=["STOOL-007"], cascades=_FEWER,
)  # fmt: skip
def braces_in_texts_end_calls(completion: Completion) -> Completion:
    """Where a call is required, streamed arguments end where the braces are even, those in texts counted too."""
    return each_call(completion, lambda call: replace(call, arguments=_counted(call.arguments)))


@fault(
    "calls-lost-together", at=COMPLETION, level="must", of=with_tools,
    sources=["ml-explore/mlx-lm#1448"], field=["several-calls-lost-together"],
    primary=["TOOL-001"], cascades=[*_FEWER, "CRESP-*", "STRM-*"],
)  # fmt: skip
def calls_lost_together(completion: Completion) -> Completion:
    """Several calls in one answer cannot be read as one, and are all dropped: nothing is said or called."""

    def said(choice: Choice) -> Choice:
        return replace(choice, calls=(), text="") if len(choice.calls) > 1 else choice

    return each_said(completion, said)


@fault(
    "arguments-lost-after-an-empty-call", at=COMPLETION, level="must", of=_STREAMED,
    sources=["vllm-project/vllm#47901"], field=["stream-args-lost-after-empty-call"],
    primary=["STOOL-007"], cascades=_FEWER,
)  # fmt: skip
def arguments_lost_after_an_empty_call(completion: Completion) -> Completion:
    """In streams the calls that come after one without arguments have none either: nothing is sent of them."""

    def said(choice: Choice) -> Choice:
        after = False
        calls: list[Call] = []
        for call in choice.calls:
            calls.append(replace(call, arguments="") if after else call)
            after = after or call.arguments == "{}"
        return replace(choice, calls=tuple(calls))

    return each_said(completion, said)


@fault(
    "last-object-unclosed", at=COMPLETION, level="must", of=_STREAMED,
    sources=["sgl-project/sglang#35564"], field=["stream-args-unclosed-after-object"],
    primary=["STOOL-007"], cascades=_FEWER,
)  # fmt: skip
def last_object_unclosed(completion: Completion) -> Completion:
    """Streamed arguments whose last member is an object lose the brace that closes them."""

    def cut(call: Call) -> Call:
        held = call.arguments
        return replace(call, arguments=held[:-1]) if held.endswith("}}") else call

    return each_call(completion, cut)


@fault(
    "whole-arguments-again-at-the-end", at=REPLY, level="must", of=_STREAMED, rate=0.5,
    sources=["vllm-project/vllm#51697", "vllm-project/vllm#51698"], field=["stream-args-flushed-twice"],
    primary=["STOOL-007"], cascades=_FEWER,
)  # fmt: skip
def whole_arguments_again_at_the_end(reply: Reply) -> Reply:
    """When a stream of calls ends, all arguments of the last one are sent once more."""
    told: dict[int, str] = {}

    def heard(held: Json) -> Json:
        told[held["index"]] = told.get(held["index"], "") + held["function"]["arguments"]
        return held

    each_fragment(reply, heard)
    if not told:
        return reply
    last = max(told)
    more = {"tool_calls": [{"index": last, "function": {"arguments": told[last]}}]}

    def flushed() -> Iterator[Json]:
        for chunk in reply.chunks:
            if finishing(chunk):
                one = {**chunk["choices"][0], "delta": more, "finish_reason": None}
                yield {**chunk, "choices": [one]}
            yield chunk

    return replace(reply, chunks=tuple(flushed()))


def _listed_in_branches(tool: Tool, name: str) -> bool:
    """Is a parameter one of several schemas, of which one lists the texts that it may be?"""
    root = tool.parameters
    schema = followed(root, root.get("properties", {}).get(name))
    if not isinstance(schema, dict):
        return False
    found = [followed(root, each) for each in schema.get("anyOf") or schema.get("oneOf") or ()]
    return any(isinstance(each, dict) and {"enum", "const"} & each.keys() for each in found)


@fault(
    "branches-keep-their-quotes", at=COMPLETION, level="should", of=with_tools,
    sources=["ggml-org/llama.cpp#22240"], field=["anyof-enum-keeps-quotes"],
    primary=["TOOL-009"], cascades=[*ARGUMENTS, "TOOL-028"],
)  # fmt: skip
def branches_keep_their_quotes(completion: Completion) -> Completion:
    """A text that a branch of `anyOf` or `oneOf` lists comes with the quotes that it has in JSON."""
    tools = {tool.name: tool for tool in completion.ask.tools}

    def quoted(call: Call) -> Call:
        tool = tools.get(call.name)
        try:
            held = json.loads(call.arguments)
        except ValueError:
            return call
        if tool is None or not isinstance(held, dict):
            return call
        told = {
            name: json.dumps(value, ensure_ascii=False)
            if isinstance(value, str) and _listed_in_branches(tool, name)
            else value
            for name, value in held.items()
        }
        return replace(call, arguments=json.dumps(told, ensure_ascii=False))

    return each_call(completion, quoted)


@fault(
    "entities-unescaped", at=COMPLETION, level="should", of=with_tools,
    sources=["smg-project/smg#1888"], field=["arguments-html-unescaped"],
    primary=["TOOL-024"], cascades=ARGUMENTS,
)  # fmt: skip
def entities_unescaped(completion: Completion) -> Completion:
    """Entities that an argument is about are read: `&lt;` comes as `<`."""

    def read(value: Any) -> Any:
        return html.unescape(value) if isinstance(value, str) else value

    return each_value(completion, read)


@fault(
    "ends-of-texts-stripped", at=COMPLETION, level="should", of=both_of(whole, with_tools),
    sources=["sgl-project/sglang#32179"], field=["whole-arguments-lose-trailing-space"],
    primary=["TOOL-024"], cascades=ARGUMENTS,
)  # fmt: skip
def ends_of_texts_stripped(completion: Completion) -> Completion:
    """White space at the end of an argument is lost where the answer is not streamed."""

    def stripped(value: Any) -> Any:
        return value.rstrip() if isinstance(value, str) else value

    return each_value(completion, stripped)


@fault(
    "calls-within-arguments", at=COMPLETION, level="should", of=with_tools,
    sources=["ggml-org/llama.cpp#26763"], field=["later-calls-swallowed-by-an-argument"],
    primary=["TOOL-012"], cascades=[*_FEWER, "CRESP-026", "STOOL-015", "RSN-018"],
    amended="markup that stands in arguments is RSN-018",
)  # fmt: skip
def calls_within_arguments(completion: Completion) -> Completion:
    """The last text of the first call goes on with the markup of the calls that follow, which are lost."""

    def said(choice: Choice) -> Choice:
        if len(choice.calls) <= 1:
            return choice
        first, *others = choice.calls
        held = json.loads(first.arguments)
        name, value = list(held.items())[-1] if held else ("", None)
        if not isinstance(value, str):
            return choice
        rest = "".join(
            _SWALLOWED.format(name=each.name, arguments=each.arguments) for each in others
        )
        told = json.dumps({**held, name: value + rest}, ensure_ascii=False)
        return replace(choice, calls=(replace(first, arguments=told),))

    return each_said(completion, said)
