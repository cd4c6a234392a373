"""Names and arguments of tool calls that are not what the model meant."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Call, Choice, Completion, Reply
from conformance.reference.ask import Json
from conformance.reference.circumstances import streamed, with_tools
from conformance.reference.edit import each_fragment, each_message, each_said
from conformance.reference.fault import COMPLETION, REPLY, fault
from conformance.reference.incoming import HttpRequest

_NAME = ("TOOL-021", "TOOL-022", "TOOL-026", "CREQ-056", "CREQ-057", "CREQ-058", "TOOL-007", "TOOL-008",
         "TOOL-009", "TOOL-010", "TOOL-024", "STOOL-*", "STRM-025", "RT-*")  # fmt: skip
"""What may fail where a call is not found under its name."""
_BROKEN = ("TOOL-007", "TOOL-008", "TOOL-009", "TOOL-010", "TOOL-024", "TOOL-025", "TOOL-028", "STOOL-007",
           "STOOL-014", "STOOL-016", "CRESP-031", "STRM-025", "SO-019", "RT-*")  # fmt: skip
"""What may fail where arguments cannot be read."""
_LONG = 240


def _each_call(completion: Completion, edit: Callable[[Call], Call]) -> Completion:
    def said(choice: Choice) -> Choice:
        return replace(choice, calls=tuple(edit(call) for call in choice.calls))

    return each_said(completion, said)


def _each_value(call: Call, edit: Callable[[Any], Any]) -> Call:
    """The members of a call's arguments edited, where they are an object."""
    try:
        held = json.loads(call.arguments)
    except ValueError:
        return call
    if not isinstance(held, dict):
        return call
    text = json.dumps({name: edit(value) for name, value in held.items()}, ensure_ascii=False)
    return replace(call, arguments=text)


def _streamed_with_tools(request: HttpRequest) -> bool:
    return streamed(request) and with_tools(request)


@fault(
    "tool-names-lowercased", at=COMPLETION, level="must", of=with_tools,
    sources=["gateways that normalize names"],
    primary=["TOOL-005", "TOOL-026"], cascades=_NAME,
)  # fmt: skip
def tool_names_lowercased(completion: Completion) -> Completion:
    """Tools are called by their names in lower case."""
    return _each_call(completion, lambda call: replace(call, name=call.name.lower()))


@fault(
    "hyphens-become-underscores", at=COMPLETION, level="must", of=with_tools,
    sources=["gateways in front of models whose names take no hyphen"],
    primary=["TOOL-005", "TOOL-026"], cascades=_NAME,
)  # fmt: skip
def hyphens_become_underscores(completion: Completion) -> Completion:
    """A hyphen in the name of a tool comes back as an underscore."""
    return _each_call(completion, lambda call: replace(call, name=call.name.replace("-", "_")))


@fault(
    "name-holds-the-call", at=COMPLETION, level="must", of=with_tools, takes=["the names of calls"],
    sources=["tool-name-contains-whole-call: several models behind gateways"],
    field=["tool-name-contains-whole-call"],
    primary=["TOOL-005"], cascades=[*_NAME, "TOOL-020", "STAT-003"], amended="the share of calls that fit is STAT-003",
)  # fmt: skip
def name_holds_the_call(completion: Completion) -> Completion:
    """The name holds the whole call, and the arguments are an empty object."""
    return _each_call(
        completion,
        lambda call: replace(call, name=f"{call.name}({call.arguments})", arguments="{}"),
    )


@fault(
    "call-of-no-tool", at=COMPLETION, level="must", of=with_tools,
    sources=["TGI 2.x: no_tool, notify_error"],
    field=["dummy-no-tool-call"],
    primary=["TOOL-005", "TOOL-014"],
    cascades=["TOOL-013", "CRESP-*", "CREQ-*", "TOOL-*", "STOOL-*", "STRM-*", "RT-*", "SO-*", "USAGE-*"],
)  # fmt: skip
def call_of_no_tool(completion: Completion) -> Completion:
    """Where a text should come, a tool is called that nobody offered, with the text as its argument."""

    def called(choice: Choice) -> Choice:
        if choice.calls or choice.text is None or choice.finish != "stop":
            return choice
        text = json.dumps({"response": choice.text}, ensure_ascii=False)
        call = Call(id=f"call_none{choice.index}", name="no_tool", arguments=text)
        return replace(choice, text=None, tokens=(), calls=(call,), finish="tool_calls")

    return each_said(completion, called)


@fault(
    "arguments-encoded-twice", at=COMPLETION, level="must", of=with_tools,
    takes=["the arguments of calls"], sources=["gateways that serialize what is a string already"],
    primary=["TOOL-007"], cascades=["SO-010", *_BROKEN, "STAT-003"], amended="the share of calls that fit is STAT-003; a text keeps to no schema of an object: SO-010",
)  # fmt: skip
def arguments_encoded_twice(completion: Completion) -> Completion:
    """Arguments are a JSON string that holds the JSON of the object."""
    return _each_call(completion, lambda call: replace(call, arguments=json.dumps(call.arguments)))


@fault(
    "arguments-null", at=REPLY, level="must", of=with_tools, takes=["the arguments of calls"],
    sources=["vLLM 0.6 (hermes): arguments null in streams"],
    field=["hermes-stream-args-none"],
    primary=["TOOL-006", "STOOL-008"],
    cascades=["SO-010", *_BROKEN, "CRESP-025", "STOOL-*", "STAT-003"], amended="the share of calls that fit is STAT-003; null keeps to no schema of an object: SO-010",
)  # fmt: skip
def arguments_null(reply: Reply) -> Reply:
    """Arguments are null, streamed or not."""

    def emptied(held: Json) -> Json:
        return {**held, "function": {**held["function"], "arguments": None}}

    def in_message(message: Json) -> Json:
        if "tool_calls" not in message:
            return message
        return {**message, "tool_calls": [emptied(call) for call in message["tool_calls"]]}

    return each_fragment(each_message(reply, in_message), emptied)


@fault(
    "arguments-escaped-twice", at=COMPLETION, level="should", of=with_tools,
    sources=["LMDeploy, several parsers: \\u escapes that are escaped once more"],
    field=["tool-args-unicode-escaped"],
    primary=["TOOL-024"], cascades=["TOOL-009", "TOOL-010", "RT-*"],
)  # fmt: skip
def arguments_escaped_twice(completion: Completion) -> Completion:
    """Characters beyond ASCII come as the letters of their escapes, which were escaped once more."""

    def escaped(value: Any) -> Any:
        return json.dumps(value)[1:-1] if isinstance(value, str) and not value.isascii() else value

    return _each_call(completion, lambda call: _each_value(call, escaped))


@fault(
    "values-encoded-again", at=COMPLETION, level="should", of=with_tools,
    sources=["parsers that escape what is escaped already"],
    primary=["TOOL-024"], cascades=["TOOL-009", "TOOL-010", "RT-*"],
)  # fmt: skip
def values_encoded_again(completion: Completion) -> Completion:
    """Quotes, backslashes and line breaks within an argument come as their escapes, escaped once more."""

    def again(value: Any) -> Any:
        return json.dumps(value, ensure_ascii=False)[1:-1] if isinstance(value, str) else value

    return _each_call(completion, lambda call: _each_value(call, again))


@fault(
    "entities-in-arguments", at=COMPLETION, level="should", of=with_tools,
    sources=["XML tool formats: values that are not unescaped"],
    primary=["TOOL-024"], cascades=["TOOL-009", "TOOL-010", "RT-*"],
)  # fmt: skip
def entities_in_arguments(completion: Completion) -> Completion:
    """`<`, `>` and `&` come as entities, because the model's format is XML."""

    def quoted(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    return _each_call(completion, lambda call: _each_value(call, quoted))


@fault(
    "quotes-unescaped", at=COMPLETION, level="must", of=with_tools, takes=["the arguments of calls"],
    sources=["vLLM (Gemma 4): stream-args-escaped-delimiters-broken", "parsers that write JSON by hand"],
    field=["stream-args-escaped-delimiters-broken"],
    primary=["TOOL-007"], cascades=_BROKEN,
)  # fmt: skip
def quotes_unescaped(completion: Completion) -> Completion:
    """Quotes within a value are not escaped: the parser puts the JSON together by hand."""
    return _each_call(
        completion, lambda call: replace(call, arguments=call.arguments.replace('\\"', '"'))
    )


@fault(
    "long-arguments-cut", at=COMPLETION, level="must", of=with_tools, takes=["the arguments of calls"],
    sources=["vLLM (kimi_k2): kimi-stream-toolcall-stalls", "parsers with a buffer of fixed size"],
    field=["tool-arguments-truncated-or-trailing-text"],
    primary=["TOOL-007"], cascades=_BROKEN,
)  # fmt: skip
def long_arguments_cut(completion: Completion) -> Completion:
    """Long arguments lose their end, the last brace included."""

    def cut(call: Call) -> Call:
        held = call.arguments
        return replace(call, arguments=held[:-2]) if len(held) > _LONG else call

    return _each_call(completion, cut)


@fault(
    "digits-become-numbers", at=COMPLETION, level="should", of=with_tools,
    sources=["Qwen3-Coder and GLM parsers that guess types"],
    field=["tool-args-schema-invalid-rate"],
    primary=["TOOL-009"], cascades=["TOOL-010", "TOOL-024", "RT-*"],
)  # fmt: skip
def digits_become_numbers(completion: Completion) -> Completion:
    """A text of digits comes as a number: the parser guesses types and does not ask the schema."""

    def guessed(value: Any) -> Any:
        return (
            int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
        )

    return _each_call(completion, lambda call: _each_value(call, guessed))


@fault(
    "nested-arguments-as-text", at=COMPLETION, level="should", of=with_tools,
    sources=["args-flattened-paths: Gemini and XML tool formats"],
    field=["args-flattened-paths"],
    primary=["TOOL-009"], cascades=["TOOL-010", "TOOL-024", "TOOL-028", "RT-*"],
)  # fmt: skip
def nested_arguments_as_text(completion: Completion) -> Completion:
    """Objects and lists within arguments come as texts of JSON."""

    def flat(value: Any) -> Any:
        return json.dumps(value) if isinstance(value, dict | list) else value

    return _each_call(completion, lambda call: _each_value(call, flat))


@fault(
    "streamed-calls-run-together", at=COMPLETION, level="must", of=_streamed_with_tools,
    takes=["the arguments of calls"], sources=["LM Studio 0.3.17: parallel-tools-broken-in-stream-only"],
    field=["parallel-tools-broken-in-stream-only"],
    primary=["TOOL-007", "STOOL-007"], cascades=[*_BROKEN, "TOOL-012", "CREQ-061"],
)  # fmt: skip
def streamed_calls_run_together(completion: Completion) -> Completion:
    """Several calls are one when streamed, its arguments those of all, one after the other."""

    def joined(choice: Choice) -> Choice:
        if len(choice.calls) < 2:  # noqa: PLR2004
            return choice
        text = "".join(call.arguments for call in choice.calls)
        return replace(choice, calls=(replace(choice.calls[0], arguments=text),))

    return each_said(completion, joined)
