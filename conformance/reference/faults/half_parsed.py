"""Parsers of calls and reasoning that read a part of what the model says, and leave the rest."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Call, Choice, Completion, Reply
from conformance.reference.ask import Json
from conformance.reference.breaks import OTHER_WORDS, REFUSED
from conformance.reference.circumstances import (
    both_of,
    chat,
    streamed,
    thinking,
    whole,
    with_json,
    with_schema,
    with_tools,
)
from conformance.reference.edit import (
    each_chunk_choice,
    each_fragment,
    each_message,
    each_said,
    without,
)
from conformance.reference.fault import COMPLETION, REPLY, fault
from conformance.reference.faults.streamed_calls import (
    ARGUMENTS,
    BEFORE,
    before_the_call,
    beside,
    each_value,
)
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens

_STREAMED = both_of(streamed, with_tools)
_INDEXES = (*ARGUMENTS, "STOOL-*", "STRM-025", "TOOL-002", "TOOL-005", "TOOL-012", "TOOL-020", "TOOL-021", "CREQ-061")  # fmt: skip
"""What may fail where clients put fragments together to other calls than were made."""
_NO_CALL = (
    "CRESP-*",
    "STRM-025",
    "TOOL-*",
    "STOOL-*",
    "RT-*",
    "CREQ-*",
    "SO-019",
    "RSN-*",
    "USAGE-*",
    "LOGP-*",
)
"""What may fail where no call comes."""
_END_OF_CALL = "<|call|>"
_MARK = '<|"|'


def _texts(held: Any) -> list[str]:
    """Every text within a value."""
    if isinstance(held, dict):
        return [text for each in held.values() for text in _texts(each)]
    if isinstance(held, list):
        return [text for each in held for text in _texts(each)]
    return [held] if isinstance(held, str) else []


def _instead(choice: Choice, text: str) -> Choice:
    """Another text in place of what was said or called."""
    return replace(choice, text=text, tokens=tokens.split(text), likely=())


@fault(
    "second-calls-streamed-without-arguments", at=REPLY, level="must", of=_STREAMED,
    sources=["sgl-project/sglang#37634"],
    primary=["STOOL-007"], cascades=[*_INDEXES],
)  # fmt: skip
def second_calls_streamed_without_arguments(reply: Reply) -> Reply:
    """Of several calls in a stream, those after the first have a name and no arguments."""

    def emptied(held: Json) -> Json:
        if not held["index"] or not held["function"].get("arguments"):
            return held
        return {**held, "function": {**held["function"], "arguments": ""}}

    return each_fragment(reply, emptied)


@fault(
    "calls-after-text-not-streamed", at=REPLY, level="should", of=with_tools, rate=0.5,
    sources=["BerriAI/litellm#17246", "BerriAI/litellm#36262"],
    primary=["CRESP-031"], cascades=[*_NO_CALL, "ERR-033"],
    amended="a format beside tools is neither kept nor refused where no call comes: ERR-033",
)  # fmt: skip
def calls_after_text_not_streamed(reply: Reply) -> Reply:
    """Where text is said before calls, a stream has the text alone, and ends with `stop`."""
    told = before_the_call(
        each_message(reply, lambda one: beside(one, BEFORE)), lambda _one: BEFORE
    )
    called = [
        one for one in told.chunks if any(c["delta"].get("tool_calls") for c in one["choices"])
    ]
    if not called:
        return told

    def stopped(choice: Json) -> Json:
        return (
            {**choice, "finish_reason": "stop"}
            if choice["finish_reason"] == "tool_calls"
            else choice
        )

    kept = tuple(one for one in told.chunks if one not in called)
    return each_chunk_choice(replace(told, chunks=kept), stopped)


@fault(
    "calls-opened-at-index-0", at=REPLY, level="must", of=_STREAMED,
    sources=["diegosouzapw/OmniRoute#11144"],
    primary=["STOOL-003"], cascades=_INDEXES,
)  # fmt: skip
def calls_opened_at_index_0(reply: Reply) -> Reply:
    """Every call opens under index 0; the rest of its arguments comes under an index of its own."""
    return each_fragment(reply, lambda held: {**held, "index": 0} if "id" in held else held)


def _after_a_result(request: HttpRequest) -> bool:
    """Requests whose last message is the result of a tool."""
    listed = request.json.get("messages")
    last = listed[-1] if chat(request) and isinstance(listed, list) and listed else None
    return isinstance(last, dict) and last.get("role") == "tool"


@fault(
    "results-answered-with-nothing", at=COMPLETION, level="must", of=_after_a_result,
    sources=["jundot/omlx#1465"],
    primary=["CRESP-013"],
    amended="content that is null without a call breaks CRESP-013; a model may have nothing to say, so RT-002 does not speak",
    cascades=["CRESP-*", "USAGE-*", "RT-*", "RSN-*", "SO-*", "STRM-*", "TOOL-*", "LOGP-*", "CREQ-*"],
)  # fmt: skip
def results_answered_with_nothing(completion: Completion) -> Completion:
    """After the result of a tool nothing is said: content null, no tokens, and `stop`."""

    def silent(choice: Choice) -> Choice:
        spent = len(choice.thought)
        return replace(
            choice, text=None, tokens=(), calls=(), finish="stop", spent=spent, likely=()
        )

    return each_said(completion, silent)


@fault(
    "mark-of-a-call-in-content", at=REPLY, level="should", of=with_tools,
    sources=["NVIDIA/TensorRT-LLM#10651"],
    primary=["CRESP-026"], cascades=["RSN-018", "STOOL-015", "CRESP-031", "USAGE-*", "TOOL-011", "TOOL-013", "RT-*"],
)  # fmt: skip
def mark_of_a_call_in_content(reply: Reply) -> Reply:
    """The model's own mark of a call stands beside the call, as text."""
    marked = each_message(reply, lambda message: beside(message, _END_OF_CALL))
    return before_the_call(marked, lambda _call: _END_OF_CALL)


@fault(
    "colons-in-arguments-crash", at=REPLY, level="should", of=with_tools,
    sources=["ggml-org/llama.cpp#16465"],
    primary=["TOOL-024"], cascades=REFUSED,
)  # fmt: skip
def colons_in_arguments_crash(reply: Reply) -> Reply:
    """A call with a colon or a written escape in one of its texts is answered with 500."""
    pieces: dict[Any, str] = {}

    def kept(held: Json) -> Json:
        place = held.get("index"), held.get("id") if "index" not in held else None
        pieces[place] = pieces.get(place, "") + str(held["function"].get("arguments") or "")
        return held

    each_fragment(reply, kept)
    each_message(
        reply, lambda one: {**one, "tool_calls": [kept(c) for c in one.get("tool_calls") or ()]}
    )
    for written in pieces.values():
        try:
            texts = _texts(json.loads(written))
        except ValueError:
            continue
        if any(":" in text or "\\u" in text for text in texts):
            error = {"message": "Failed to parse tool call arguments", "type": "server_error", "param": None, "code": None}  # fmt: skip
            return Reply(status=500, document={"error": error})
    return reply


@fault(
    "listed-texts-keep-their-marks", at=COMPLETION, level="must", of=with_tools,
    sources=["vllm-project/vllm#39468"],
    primary=["RSN-018"], cascades=[*ARGUMENTS, "TOOL-024", "CRESP-026", "STAT-003"],
)  # fmt: skip
def listed_texts_keep_their_marks(completion: Completion) -> Completion:
    """Texts in lists of an argument keep the marks in which the model quotes them."""

    def marked(value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return [f"{_MARK}{each}{_MARK}" if isinstance(each, str) else each for each in value]

    return each_value(completion, marked)


@fault(
    "schemas-answered-by-a-call", at=COMPLETION, level="must", of=both_of(with_tools, with_schema),
    sources=["BerriAI/litellm#8241"],
    primary=["TOOL-005"], cascades=[*_NO_CALL, "SO-*", "STRM-*"],
)  # fmt: skip
def schemas_answered_by_a_call(completion: Completion) -> Completion:
    """Where there are tools and a schema, the JSON comes as a call of a tool that nobody offered."""

    def called(choice: Choice) -> Choice:
        if choice.calls or not choice.text or choice.finish != "stop":
            return choice
        call = Call(id=f"call_json{choice.index}", name="json_tool_call", arguments=choice.text)
        return replace(choice, text=None, tokens=(), calls=(call,), finish="tool_calls", likely=())

    return each_said(completion, called)


def _several(request: HttpRequest) -> bool:
    """Requests for several choices."""
    n = request.json.get("n")
    return chat(request) and isinstance(n, int) and n > 1


@fault(
    "choices-left-unparsed", at=COMPLETION, level="must", of=_several,
    sources=["sgl-project/sglang#30556"],
    primary=["RSN-018"], cascades=[*OTHER_WORDS, *_NO_CALL],
)  # fmt: skip
def choices_left_unparsed(completion: Completion) -> Completion:
    """Where several choices are asked for, reasoning and calls stay in the content, in their markup."""

    def raw(choice: Choice) -> Choice:
        thought = f"<think>{''.join(choice.thought)}</think>\n" if choice.thought else ""
        calls = "".join(
            f'<tool_call>\n{{"name": "{one.name}", "arguments": {one.arguments}}}\n</tool_call>'
            for one in choice.calls
        )
        if not thought and not calls:
            return choice
        finish = "stop" if choice.finish == "tool_calls" else choice.finish
        told = replace(choice, thought=(), calls=(), finish=finish)
        return _instead(told, thought + (choice.text or "") + calls)

    return each_said(completion, raw)


@fault(
    "reasoning-of-later-choices-leaks", at=COMPLETION, level="must", of=both_of(_several, both_of(streamed, thinking)),
    sources=["ai-dynamo/dynamo#11997"],
    primary=["RSN-002"], cascades=[*OTHER_WORDS],
)  # fmt: skip
def reasoning_of_later_choices_leaks(completion: Completion) -> Completion:
    """In a stream of several choices, the end of the first reasoning ends that of all: the rest is content."""

    def mixed(choice: Choice) -> Choice:
        half = len(choice.thought) // 2
        if not choice.index or not half or choice.text is None:
            return choice
        leaked = "".join(choice.thought[half:])
        return _instead(replace(choice, thought=choice.thought[:half]), leaked + choice.text)

    return each_said(completion, mixed)


@fault(
    "reasoning-lost-beside-calls", at=REPLY, level="should", of=both_of(whole, thinking),
    sources=["waybarrios/vllm-mlx#168"],
    primary=["RSN-003"], cascades=["CRESP-031", "RSN-004", "RT-*"],
)  # fmt: skip
def reasoning_lost_beside_calls(reply: Reply) -> Reply:
    """In whole answers the reasoning is lost where a call was made; streams have it."""

    def silent(message: Json) -> Json:
        return without(message, "reasoning_content") if message.get("tool_calls") else message

    return each_message(reply, silent)


@fault(
    "json-fenced-in-streams", at=COMPLETION, level="should", of=both_of(streamed, with_json),
    sources=["raullenchai/Rapid-MLX#769", "Arthur-Ficial/apfel#223"],
    primary=["CREQ-045"], cascades=["SO-004", "CRESP-031", "STAT-004", "CREQ-046", "LOGP-*", "USAGE-*", "RSN-*"],
)  # fmt: skip
def json_fenced_in_streams(completion: Completion) -> Completion:
    """In streams the object that `json_object` asks for comes in a code fence."""

    def fenced(choice: Choice) -> Choice:
        return _instead(choice, f"```json\n{choice.text}\n```") if choice.text else choice

    return each_said(completion, fenced)
