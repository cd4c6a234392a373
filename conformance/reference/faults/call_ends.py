"""Calls with something left over at their end, or something missing there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Call, Choice, Completion, Reply
from conformance.reference.ask import Json
from conformance.reference.circumstances import both_of, chat, streamed, whole, with_tools
from conformance.reference.edit import each_message, each_said
from conformance.reference.fault import COMPLETION, REPLY, fault
from conformance.reference.faults.markup import each_call
from conformance.reference.faults.streamed_calls import ARGUMENTS, each_value
from conformance.reference.faults.wanted import required
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens

_STREAMED = both_of(streamed, with_tools)
_OTHER_CALLS = (
    *ARGUMENTS,
    "TOOL-*",
    "STOOL-*",
    "STRM-025",
    "CRESP-*",
    "CREQ-061",
    "SO-019",
    "STAT-003",
)
"""What may fail where clients see other calls than the model made."""
_AFTER = "I have sent that for you."
_CLOSING = "</｜DSML｜parameter"
_AGAIN = 64
"""So many times a call comes again where no cap ends it sooner."""


def after_a_result(request: HttpRequest) -> bool:
    """Requests whose last message is the result of a tool."""
    held = request.messages
    return chat(request) and bool(held) and held[-1].get("role") == "tool"


def ahead_of_the_finish(reply: Reply, more: Callable[[int | None], Json | None]) -> Reply:
    """In streams a delta before the finish of a choice, by the index of its last call, or None."""
    last: dict[int, int] = {}
    for chunk in reply.chunks:
        for one in chunk["choices"]:
            for call in one["delta"].get("tool_calls", ()):
                last[one["index"]] = call["index"]

    def told() -> Iterator[Json]:
        for chunk in reply.chunks:
            for one in chunk["choices"]:
                delta = more(last.get(one["index"])) if one["finish_reason"] else None
                if delta is not None:
                    said = {**one, "delta": delta, "finish_reason": None}
                    yield {**chunk, "choices": [said]}
            yield chunk

    return replace(reply, chunks=tuple(told()))


@fault(
    "braces-in-texts-leave-calls-open", at=COMPLETION, level="must", of=_STREAMED,
    sources=["NVIDIA/TensorRT-LLM#19228"],
    primary=["STOOL-007"], cascades=_OTHER_CALLS,
)  # fmt: skip
def braces_in_texts_leave_calls_open(completion: Completion) -> Completion:
    """Streamed arguments with a closing brace in a text lose the last one: braces are counted."""

    def left_open(call: Call) -> Call:
        inner = call.arguments[:-1]
        even = inner.count("{") <= inner.count("}")
        return replace(call, arguments=inner) if even and call.arguments.endswith("}") else call

    return each_call(completion, left_open)


@fault(
    "text-after-calls-lost-in-whole-answers", at=REPLY, level="should", of=with_tools,
    sources=["vllm-project/vllm#56263"],
    primary=["CRESP-031"], cascades=["RT-014", "RT-006", "USAGE-*", "LOGP-*", "STRM-*", "STOOL-*"],
)  # fmt: skip
def text_after_calls_lost_in_whole_answers(reply: Reply) -> Reply:
    """What is said after a call comes in streams, and not in one document."""
    return ahead_of_the_finish(reply, lambda last: None if last is None else {"content": _AFTER})


@fault(
    "call-of-nothing-at-the-end", at=REPLY, level="must", of=_STREAMED, rate=0.5,
    sources=["earendil-works/pi#3903"],
    primary=["STOOL-004"], cascades=[*_OTHER_CALLS, "RT-*"],
)  # fmt: skip
def call_of_nothing_at_the_end(reply: Reply) -> Reply:
    """A stream of calls now and then ends with a piece under the next index, with no id or name."""

    def nothing(last: int | None) -> Json | None:
        if last is None:
            return None
        return {"tool_calls": [{"index": last + 1, "function": {"arguments": ""}}]}

    return ahead_of_the_finish(reply, nothing)


@fault(
    "nameless-call-beside-the-others", at=REPLY, level="must", of=with_tools,
    sources=["BerriAI/litellm#9127"],
    primary=["TOOL-005"], cascades=[*_OTHER_CALLS, "RT-*"],
)  # fmt: skip
def nameless_call_beside_the_others(reply: Reply) -> Reply:
    """Beside the calls there is one more, with an id, null for a name, and `{}`."""
    held: Json = {"name": None, "arguments": "{}"}
    call: Json = {"id": "call_nameless", "type": "function", "function": held}

    def message(one: Json) -> Json:
        calls = one.get("tool_calls")
        return {**one, "tool_calls": [*calls, call]} if calls else one

    def delta(last: int | None) -> Json | None:
        return None if last is None else {"tool_calls": [{"index": last + 1, **call}]}

    return ahead_of_the_finish(each_message(reply, message), delta)


@fault(
    "call-without-function-after-results", at=REPLY, level="must", of=after_a_result,
    sources=["lmstudio-ai/lmstudio-bug-tracker#830"],
    primary=["TOOL-002"], cascades=[*_OTHER_CALLS, "RT-*", "CREQ-*"],
)  # fmt: skip
def call_without_function_after_results(reply: Reply) -> Reply:
    """The text that answers a result has a call beside it, with an empty id and no function."""
    call = {"id": "", "type": "function"}

    def message(one: Json) -> Json:
        return one if one.get("tool_calls") else {**one, "tool_calls": [call]}

    def delta(last: int | None) -> Json | None:
        return {"tool_calls": [{"index": 0, **call}]} if last is None else None

    return ahead_of_the_finish(each_message(reply, message), delta)


def _ends(arguments: str) -> bool:
    """Are these the arguments of a call that came to its end?"""
    try:
        json.loads(arguments)
    except ValueError:
        return False
    return True


@fault(
    "cut-calls-are-markup-in-whole-answers", at=COMPLETION, level="must", of=both_of(whole, with_tools),
    sources=["vllm-project/vllm#47903", "vllm-project/vllm#47562"],
    primary=["RSN-018"],
    cascades=["CRESP-026", "CRESP-031", "TOOL-025", "TOOL-011", "LOGP-*", "USAGE-*", "RT-*", "SO-019"],
)  # fmt: skip
def cut_calls_are_markup_in_whole_answers(completion: Completion) -> Completion:
    """A call that the cap cuts stands in the content of one document, in the model's own markup."""

    def unread(choice: Choice) -> Choice:
        if choice.finish != "length" or not choice.calls or _ends(choice.calls[-1].arguments):
            return choice
        *made, last = choice.calls
        text = f'<tool_call>\n{{"name": "{last.name}", "arguments": {last.arguments}'
        return replace(choice, text=text, tokens=tokens.split(text), calls=tuple(made), likely=())

    return each_said(completion, unread)


@fault(
    "closing-tag-in-streamed-arguments", at=COMPLETION, level="must", of=_STREAMED,
    sources=["vllm-project/vllm#53227", "vllm-project/vllm#53417"],
    primary=["RSN-018"], cascades=[*ARGUMENTS, "CRESP-026", "TOOL-*", "STAT-003", "SO-010", "SO-019"],
)  # fmt: skip
def closing_tag_in_streamed_arguments(completion: Completion) -> Completion:
    """Texts of streamed arguments end with the beginning of the tag that closes them."""

    def tagged(value: Any) -> Any:
        return value + _CLOSING if isinstance(value, str) else value

    return each_value(completion, tagged)


@fault(
    "demanded-call-comes-again", at=COMPLETION, level="should", of=required,
    sources=["raullenchai/Rapid-MLX#1180"],
    primary=["CREQ-061"], cascades=[*_OTHER_CALLS, "RT-*", "USAGE-*", "STRM-*", "RSN-012", "CREQ-056"],
    amended="the cap is reached, so that `length` is right, and CRESP-017 kept; that one call is enough is CREQ-061",
)  # fmt: skip
def demanded_call_comes_again(completion: Completion) -> Completion:
    """Where a tool has to be called, its call comes again and again up to the cap."""
    cap = completion.ask.cap

    def repeated(choice: Choice) -> Choice:
        if not choice.calls or choice.finish != "tool_calls":
            return choice
        last = choice.calls[-1]
        cost = max(1, tokens.count(last.arguments))
        times = _AGAIN if cap is None else min(_AGAIN, (cap - choice.spent) // cost)
        more = tuple(replace(last, id=f"{last.id}{place}") for place in range(times))
        return replace(
            choice,
            calls=(*choice.calls, *more),
            finish="length" if more else choice.finish,
            spent=choice.spent + cost * len(more),
        )

    return each_said(completion, repeated)
