"""Streams in which reasoning, calls or answers go astray, while one document has them in their places."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from conformance.reference.answer import Choice, Completion, Reply
from conformance.reference.ask import Json
from conformance.reference.breaks import LOST_STREAM, NO_ANSWER, OTHER_WORDS
from conformance.reference.circumstances import (
    both_of,
    responding,
    streamed,
    thinking,
    with_json,
    with_schema,
    with_tools,
)
from conformance.reference.edit import each_fragment, each_said
from conformance.reference.fault import COMPLETION, REPLY, fault
from conformance.reference.faults.bridges import put_again
from conformance.reference.faults.half_told import streams_never_call
from conformance.reference.faults.response_events import told
from conformance.reference.faults.streamed_calls import ARGUMENTS, before_the_call
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens

_CALLING = both_of(streamed, with_tools)
_THOUGHT = both_of(streamed, thinking)
_NO_CALL = (
    "TOOL-*", "STOOL-*", "RT-*", "CREQ-049", "CREQ-050", "CREQ-055", "CREQ-056", "CREQ-057", "CREQ-058",
    "CREQ-061", "CRESP-*", "STRM-*", "RSN-*", "SO-*", "ERR-033", "USAGE-*",
)  # fmt: skip
"""What may fail where no call comes."""
_MIXED = (*OTHER_WORDS, "TOOL-*", "CRESP-031")
"""What may fail where a piece of the reasoning stands in the answer."""
_OPEN, _CLOSE = "<think>", "</think>\n\n"
_MARK = "[ARGS]"
_TAIL = 4
"""Tokens of the reasoning that go astray."""


def _has(request: HttpRequest, role: str) -> bool:
    return any(each.get("role") == role for each in request.messages)


def _instructed(request: HttpRequest) -> bool:
    """Requests for a stream with tools and instructions of the system."""
    return _CALLING(request) and (_has(request, "system") or _has(request, "developer"))


@fault(
    "instructions-silence-streamed-calls", at=REPLY, level="should", of=_instructed,
    sources=["FootprintAI/Containarium#819"],
    primary=["CRESP-031"], cascades=_NO_CALL,
)  # fmt: skip
def instructions_silence_streamed_calls(reply: Reply) -> Reply:
    """A filter against leaks rebuilds the chunks where there is a system message, and drops their calls."""
    return streams_never_call(reply)


@fault(
    "streams-with-tools-are-empty", at=REPLY, level="must", of=_CALLING,
    sources=["preloop/preloop#121"],
    primary=["SSE-010"], cascades=[*LOST_STREAM, *NO_ANSWER, "STRM-*", "STOOL-*", "ERR-*", "TRANS-*"],
)  # fmt: skip
def streams_with_tools_are_empty(_reply: Reply) -> Reply:
    """Where tools are offered, a stream is status 200 and no byte of a body."""
    return Reply(stream=True, done=False)


@fault(
    "answers-lost-beside-tools", at=COMPLETION, level="should", of=_CALLING,
    sources=["sgl-project/sglang#9657", "Blaizzy/mlx-vlm#1850"],
    primary=["CRESP-031"], cascades=OTHER_WORDS,
)  # fmt: skip
def answers_lost_beside_tools(completion: Completion) -> Completion:
    """Where tools are offered and none is called, the content of a stream never comes."""
    return each_said(
        completion,
        lambda one: replace(one, text="", tokens=(), likely=()) if one.text else one,
    )


def _first_arguments(reply: Reply) -> str:
    """The arguments of the first call of a stream."""
    pieces = [
        call["function"].get("arguments") or ""
        for chunk in reply.chunks
        for choice in chunk["choices"]
        for call in choice["delta"].get("tool_calls", ())
        if not choice["index"] and not call["index"]
    ]
    return "".join(pieces)


def _after_a_round(request: HttpRequest) -> bool:
    return _CALLING(request) and _has(request, "tool")


@fault(
    "argument-values-in-content", at=REPLY, level="should", of=_after_a_round,
    sources=["youssofal/MTPLX#249"],
    primary=["CRESP-031"], cascades=["STOOL-015", "CRESP-026", "TOOL-011", "TOOL-013", "RT-*", "USAGE-*"],
)  # fmt: skip
def argument_values_in_content(reply: Reply) -> Reply:
    """Once a tool has answered, the values of a streamed call stand in the content as well, bare of JSON."""
    try:
        held = json.loads(_first_arguments(reply))
    except ValueError:
        return reply
    values = " ".join(map(str, held.values())) if isinstance(held, dict) else ""
    return before_the_call(reply, lambda _call: values) if values else reply


@fault(
    "mark-opens-streamed-arguments", at=REPLY, level="must", of=_CALLING,
    sources=["raullenchai/Rapid-MLX#579"],
    primary=["STOOL-007"], cascades=[*ARGUMENTS, "RSN-018", "STRM-025", "STAT-003", "STOOL-014", "SO-010"],
    amended="arguments of a function that takes none are no `{}` either: STOOL-014; nor do they fit the formats of their schema: SO-010",
)  # fmt: skip
def mark_opens_streamed_arguments(reply: Reply) -> Reply:
    """The model's mark between name and arguments comes as the first piece of streamed arguments."""
    begun: set[int] = set()

    def marked(call: Json) -> Json:
        if "id" in call or call["index"] in begun:
            return call
        begun.add(call["index"])
        function = call["function"]
        return {**call, "function": {**function, "arguments": _MARK + function["arguments"]}}

    return each_fragment(reply, marked)


@fault(
    "streamed-thoughts-end-without-the-call", at=COMPLETION, level="must",
    of=both_of(_THOUGHT, with_tools),
    sources=["vllm-project/vllm-ascend#5683"],
    primary=["RSN-012"], cascades=_NO_CALL,
)  # fmt: skip
def streamed_thoughts_end_without_the_call(completion: Completion) -> Completion:
    """A stream of a model that reasons ends with its reasoning, where one document goes on to the call."""

    def ended(choice: Choice) -> Choice:
        if not choice.thought or not choice.calls:
            return choice
        spent = len(choice.thought)
        return replace(choice, text="", tokens=(), calls=(), finish="stop", spent=spent, likely=())

    return each_said(completion, ended)


@fault(
    "last-letter-of-streamed-thoughts-lost", at=COMPLETION, level="should", of=_THOUGHT,
    sources=["vllm-project/vllm#53303"],
    primary=["RSN-003"], cascades=["CRESP-031", "RSN-*"],
)  # fmt: skip
def last_letter_of_streamed_thoughts_lost(completion: Completion) -> Completion:
    """The closing tag is looked for and not found, so that streamed reasoning ends a letter early."""

    def clipped(choice: Choice) -> Choice:
        if not choice.thought or choice.finish == "length":
            return choice
        return replace(choice, thought=(*choice.thought[:-1], choice.thought[-1][:-1]))

    return each_said(completion, clipped)


@fault(
    "opening-tag-in-streamed-thoughts", at=COMPLETION, level="should", of=_THOUGHT,
    sources=["vllm-project/vllm#55195", "vllm-project/vllm#56262"],
    primary=["RSN-003"], cascades=["CRESP-031", "RSN-*"],
)  # fmt: skip
def opening_tag_in_streamed_thoughts(completion: Completion) -> Completion:
    """The tag that opens the reasoning is the beginning of what streams as reasoning."""

    def opened(choice: Choice) -> Choice:
        if not choice.thought:
            return choice
        return replace(choice, thought=(_OPEN + choice.thought[0], *choice.thought[1:]))

    return each_said(completion, opened)


def _tail_in_text(completion: Completion, closing: str) -> Completion:
    """The last of the reasoning at the beginning of the answer, with what stands between them or without."""

    def mixed(choice: Choice) -> Choice:
        if not choice.thought or not choice.text:
            return choice
        text = "".join(choice.thought[-_TAIL:]) + closing + choice.text
        return replace(
            choice, thought=choice.thought[:-_TAIL], text=text, tokens=tokens.split(text), likely=()
        )

    return each_said(completion, mixed)


def _shaped(request: HttpRequest) -> bool:
    return _THOUGHT(request) and (with_json(request) or with_schema(request))


@fault(
    "thoughts-end-in-streamed-json", at=COMPLETION, level="must", of=_shaped,
    sources=["tenstorrent/tt-inference-server#4386"],
    primary=["RSN-018", "SO-020"], cascades=_MIXED,
    amended="the tag in the content breaks RSN-018, and reasoning before the JSON SO-020: in place of RSN-002",
)  # fmt: skip
def thoughts_end_in_streamed_json(completion: Completion) -> Completion:
    """With a format, the end of streamed reasoning and its closing tag stand in front of the JSON."""
    return _tail_in_text(completion, _CLOSE)


def _stopping(request: HttpRequest) -> bool:
    return _THOUGHT(request) and bool(request.json.get("stop"))


@fault(
    "stops-misroute-the-reasoning", at=COMPLETION, level="must", of=_stopping,
    sources=["vllm-project/vllm#51641"],
    primary=["RSN-018"], cascades=_MIXED,
    amended="the tag in the content is markup that was not parsed: RSN-018 in place of RSN-002, which takes two answers",
)  # fmt: skip
def stops_misroute_the_reasoning(completion: Completion) -> Completion:
    """Where text is held back for a stop string, the end of streamed reasoning comes as content, tag and all."""
    return _tail_in_text(completion, _CLOSE)


@fault(
    "tail-of-streamed-thoughts-in-content", at=COMPLETION, level="must", of=_THOUGHT,
    sources=["raullenchai/Rapid-MLX#219"],
    primary=["RSN-002"], cascades=_MIXED,
)  # fmt: skip
def tail_of_streamed_thoughts_in_content(completion: Completion) -> Completion:
    """A delta reaches over the end of the reasoning: its last words begin the content, without a tag."""
    return _tail_in_text(completion, "")


@fault(
    "finished-calls-lose-their-arguments", at=REPLY, level="must", of=responding,
    sources=["earendil-works/pi#917"],
    primary=["RSTRM-009"], cascades=["RSTRM-*", "RESP-012", "TOOL-*", "RT-*", "CRESP-031"],
)  # fmt: skip
def finished_calls_lose_their_arguments(reply: Reply) -> Reply:
    """Arguments come with their `.done` event alone; the item that ends after it has `{}`."""

    def emptied(event: Json) -> Iterable[Json]:
        if event["type"] == "response.function_call_arguments.delta":
            return []
        done = event["type"] == "response.output_item.done"
        if not done or event["item"]["type"] != "function_call":
            return [event]
        return [{**event, "item": {**event["item"], "arguments": "{}"}}]

    return told(reply, emptied)


@fault(
    "streamed-responses-think-of-calls", at=REPLY, level="must", of=responding,
    sources=["vllm-project/vllm#24076"],
    primary=["RESP-017"], cascades=["RESP-*", "RSTRM-*", "RT-*", "TOOL-*", "CRESP-031", "RSN-004"],
    amended="reasoning in place of the call is not counted as such: RSN-004",
)  # fmt: skip
def streamed_responses_think_of_calls(reply: Reply) -> Reply:
    """A streamed response has reasoning about a call in place of the call that one document has."""

    def thought(item: Json) -> Json:
        if item["type"] != "function_call":
            return item
        part = {"type": "reasoning_text", "text": f"We need to call {item['name']}."}
        return {"id": item["id"], "type": "reasoning", "status": item["status"], "summary": [], "content": [part]}  # fmt: skip

    return put_again(reply, thought) if reply.events else reply
