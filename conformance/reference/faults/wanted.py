"""Calls that have to come, and do not: what stands in their place."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Choice, Completion, Reply
from conformance.reference.ask import Ask, ToolRule
from conformance.reference.breaks import LOST_STREAM, NO_ANSWER
from conformance.reference.circumstances import both_of, shape_of, streamed, thinking, with_tools
from conformance.reference.edit import each_said
from conformance.reference.fault import ASK, COMPLETION, REPLY, REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens
from conformance.reference.refusal import Refusal

_NO_CALL = (
    "TOOL-*", "STOOL-*", "CREQ-056", "CREQ-057", "CREQ-058", "CREQ-061", "CRESP-016", "CRESP-017", "CRESP-031",
    "RT-001", "RT-011", "ERR-033", "SO-019", "RSN-012", "RSN-018", "STAT-003", "STRM-025", "STRM-008",
)  # fmt: skip
"""What cannot hold where a call that has to come does not."""
_FILLER = 4096
"""Tokens of filler where no cap ends it."""


def _with(request: HttpRequest) -> Any:
    return request.json.get("tool_choice")


def required(request: HttpRequest) -> bool:
    """Requests for which some tool has to be called."""
    return with_tools(request) and _with(request) == "required"


def named(request: HttpRequest) -> bool:
    """Requests for which one tool has to be called."""
    chosen = _with(request)
    return with_tools(request) and isinstance(chosen, dict) and chosen.get("type") == "function"


def automatic(request: HttpRequest) -> bool:
    """Requests in which the model may call a tool, and need not."""
    return with_tools(request) and _with(request) in (None, "auto")


def forced(request: HttpRequest) -> bool:
    """Requests for which a tool has to be called."""
    return required(request) or named(request)


def streamed_with_tools(request: HttpRequest) -> bool:
    """Streamed requests that offer tools."""
    return streamed(request) and with_tools(request)


_with_json = shape_of("json_object")
_with_schema = shape_of("json_schema")


def _formatted(request: HttpRequest) -> bool:
    return with_tools(request) and (_with_json(request) or _with_schema(request))


def _in_words(
    completion: Completion, text: Callable[[Choice], str], finish: str = "stop"
) -> Completion:
    """Choices with calls say something in their place; the cap cuts that like any text."""
    cap = completion.ask.cap

    def said(choice: Choice) -> Choice:
        if not choice.calls:
            return choice
        pieces = tokens.split(text(choice))
        kept = pieces if cap is None else pieces[:cap]
        whole = choice.finish != "length" and len(kept) == len(pieces)
        spent = len(choice.thought) + max(1, len(kept))
        return replace(
            choice, text="".join(kept), tokens=kept, calls=(),
            finish=finish if whole else "length", spent=spent if whole else max(spent, choice.spent),
        )  # fmt: skip

    return each_said(completion, said)


@fault(
    "forced-calls-run-on", at=COMPLETION, level="must", of=required,
    sources=["SGLang (GLM-4.x, Kimi-K3): calls that are not JSON under a grammar for JSON"],
    field=["forced-tool-runs-to-max-tokens"],
    primary=["TOOL-020"], cascades=[*_NO_CALL, "CRESP-*", "USAGE-*"],
)  # fmt: skip
def forced_calls_run_on(completion: Completion) -> Completion:
    """Where a tool has to be called, line breaks come until the tokens are used up."""
    cap = completion.ask.cap or _FILLER

    def endless(choice: Choice) -> Choice:
        filler = ("\n",) * max(0, cap - len(choice.thought))
        return replace(
            choice, text="".join(filler), tokens=filler, calls=(), finish="length",
            spent=len(choice.thought) + len(filler),
        )  # fmt: skip

    return each_said(completion, endless)


@fault(
    "forced-calls-fail-when-thinking", at=REQUEST, level="must", of=both_of(thinking, forced), rate=0.5,
    sources=["vLLM, vllm-ascend: AssertionError, content is None"],
    field=["forced-tool-choice-content-none-500"],
    primary=["RSN-012"], cascades=[*NO_ANSWER, "ERR-*", "STRM-*", "STOOL-*", "SSE-*"],
)  # fmt: skip
def forced_calls_fail_when_thinking(_request: HttpRequest) -> HttpRequest:
    """Where a tool has to be called and all that the model says counts as reasoning, 500 comes."""
    raise Refusal("Internal server error", status=500, kind="InternalServerError", code="500")


@fault(
    "required-call-in-content", at=COMPLETION, level="must", of=required, rate=0.5,
    sources=["vLLM without a tool parser: finish_reason tool_calls, tool_calls []"],
    field=["finish-reason-toolcalls-with-empty-array"],
    primary=["TOOL-001", "TOOL-020"], cascades=[*_NO_CALL, "CRESP-026"],
    amended="the JSON of a call in the content is markup as well: CRESP-026",
)  # fmt: skip
def required_call_in_content(completion: Completion) -> Completion:
    """`finish_reason` is `tool_calls`, but the calls that have to come stand in the content, as JSON."""

    def listed(choice: Choice) -> str:
        calls = (f'{{"name": "{one.name}", "parameters": {one.arguments}}}' for one in choice.calls)
        return f"[{', '.join(calls)}]"

    return _in_words(completion, listed, finish="tool_calls")


@fault(
    "arguments-in-content", at=COMPLETION, level="must", of=with_tools, rate=0.4,
    sources=["vLLM (gpt-oss): the arguments alone as content"],
    field=["gptoss-args-in-content"],
    primary=["TOOL-020"], cascades=_NO_CALL,
)  # fmt: skip
def arguments_in_content(completion: Completion) -> Completion:
    """The arguments of a call are the content, and nothing says which tool was meant."""
    return _in_words(completion, lambda choice: "\n".join(one.arguments for one in choice.calls))


@fault(
    "unparsed-calls-in-content", at=COMPLETION, level="should", of=automatic, rate=0.5,
    takes=["the calls as text"],
    sources=["vLLM (Mistral): calls with single quotes are not parsed"],
    field=["tool-parser-single-quotes-400"],
    primary=["CRESP-026"], cascades=_NO_CALL,
)  # fmt: skip
def unparsed_calls_in_content(completion: Completion) -> Completion:
    """Calls whose JSON has single quotes stay in the content, markup and all, unless one is required."""

    def quoted(choice: Choice) -> str:
        held = [{"name": one.name, "arguments": _read(one.arguments)} for one in choice.calls]
        return f"[TOOL_CALLS]{held!r}"

    return _in_words(completion, quoted)


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:  # cut short by the cap
        return text


@fault(
    "calls-swallowed", at=COMPLETION, level="must", of=streamed_with_tools, rate=0.4,
    sources=["MindIE: an exception of the tool parser is logged, and the delta dropped"],
    field=["tool-args-parse-failure-swallowed"],
    primary=["TOOL-020"], cascades=[*_NO_CALL, "CRESP-*", "USAGE-*", "STRM-*"],
)  # fmt: skip
def calls_swallowed(completion: Completion) -> Completion:
    """A streamed call that the parser could not read is dropped: an empty answer ends with `stop`."""

    def empty(choice: Choice) -> Choice:
        return replace(choice, text="", calls=(), finish="stop") if choice.calls else choice

    return each_said(completion, empty)


@fault(
    "markup-in-named-arguments", at=COMPLETION, level="must", of=named, takes=["the arguments of calls"],
    sources=["vllm-ascend, vLLM (DeepSeek-V4): DSML within the arguments"],
    field=["dsml-leak-with-named-tool-choice"],
    primary=["TOOL-007"], cascades=[*_NO_CALL, "CREQ-057", "SO-010"],
    amended="keywords of a schema are not seen to hold in arguments that are none: SO-010",
)  # fmt: skip
def markup_in_named_arguments(completion: Completion) -> Completion:
    """The arguments of a named tool are the model's own markup of the call."""

    def raw(choice: Choice) -> Choice:
        calls = (
            replace(one, arguments=f'<｜DSML｜invoke name="{one.name}">{one.arguments}')
            for one in choice.calls
        )
        return replace(choice, calls=tuple(calls))

    return each_said(completion, raw)


@fault(
    "calls-lost-to-formats", at=ASK, level="should", of=_formatted,
    sources=["vLLM, llama.cpp: the grammar of the format binds from the first token on"],
    field=["response-format-suppresses-tools-auto"],
    primary=["TOOL-015"], cascades=_NO_CALL,
)  # fmt: skip
def calls_lost_to_formats(ask: Ask) -> Ask:
    """Where the answer has a format, no tool is ever called unless one has to be."""
    if ask.rule.mode != "auto":
        return ask
    return replace(ask, rule=ToolRule(mode="none", names=ask.rule.names))


@fault(
    "stream-fails-at-the-call", at=REPLY, level="must", of=both_of(streamed, required),
    sources=["vLLM: an internal server error when the tool phase begins"],
    field=["tool-stream-500-mid-flight"],
    primary=["TOOL-020"], cascades=[*_NO_CALL, *NO_ANSWER, *LOST_STREAM, "STRM-*", "ERR-*", "SSE-*"],
)  # fmt: skip
def stream_fails_at_the_call(reply: Reply) -> Reply:
    """A stream goes well up to the call that has to come; there an error ends it."""
    inner = {
        "message": "Internal server error",
        "type": "InternalServerError",
        "param": None,
        "code": 500,
    }
    for place, chunk in enumerate(reply.chunks):
        if any(one["delta"].get("tool_calls") for one in chunk["choices"]):
            return replace(reply, chunks=(*reply.chunks[:place], {"error": inner}))
    return reply
