"""Streamed calls whose pieces do not belong together, or to no call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest

from conformance.reference.answer import Call, Choice, Completion, Reply
from conformance.reference.ask import Json
from conformance.reference.circumstances import streamed, with_tools
from conformance.reference.edit import (
    each_choice,
    each_chunk_choice,
    each_delta,
    each_fragment,
    each_said,
    without,
)
from conformance.reference.fault import COMPLETION, REPLY, fault
from conformance.reference.incoming import HttpRequest

_CALL = (
    "STOOL-*", "TOOL-*", "RT-*", "CRESP-025", "CRESP-031", "CREQ-056", "CREQ-057", "CREQ-058", "CREQ-061", "SO-019",
    "STRM-023", "STRM-025", "ERR-033", "STAT-003",
)  # fmt: skip
"""What may fail where a streamed call is not what was meant."""
_FINISH = (
    "CRESP-017",
    "CRESP-018",
    "CRESP-031",
    "TOOL-001",
    "TOOL-013",
    "STOOL-012",
    "STRM-008",
    "STRM-009",
    "STRM-025",
    "RT-*",
)
"""What may fail where calls end for another reason."""
_LONG = 240
_LOST = 4
"""Characters."""


def streamed_with_tools(request: HttpRequest) -> bool:
    """Streamed requests that offer tools."""
    return streamed(request) and with_tools(request)


def _fragments(chunk: Json) -> Iterator[Json]:
    for choice in chunk["choices"]:
        yield from choice["delta"].get("tool_calls", ())


@fault(
    "index-of-the-choice", at=REPLY, level="must", takes=["the indexes of calls"],
    sources=["vLLM (gpt-oss, early harmony): the index of the choice, a fresh id in each delta"],
    field=["stream-toolcall-index-is-choice-index"],
    primary=["STOOL-003"], cascades=_CALL,
)  # fmt: skip
def index_of_the_choice(reply: Reply) -> Reply:
    """Calls are numbered by their choice, so that all have one index, and each piece has an id of its own."""
    count = 0

    def numbered(held: Json) -> Json:
        nonlocal count
        count += 1
        return {**held, "index": 0, "id": f"chatcmpl-tool-{count:06d}", "type": "function"}

    return each_fragment(reply, numbered)


@fault(
    "call-nameless-without-arguments", at=REPLY, level="must", of=streamed_with_tools,
    takes=["the names of calls"],
    sources=["vllm-project/vllm-ascend: GLM-4.7, GLM-5, the delta is made anew at the end"],
    field=["stream-toolcall-name-missing-zero-arg"],
    primary=["STOOL-004"], cascades=_CALL,
)  # fmt: skip
def call_nameless_without_arguments(reply: Reply) -> Reply:
    """A streamed call without arguments has no name, no id and no type."""
    texts: dict[int, str] = {}
    for chunk in reply.chunks:
        for each in _fragments(chunk):
            index = each["index"]
            texts[index] = texts.get(index, "") + each["function"]["arguments"]

    def bare(held: Json) -> Json:
        if texts[held["index"]] != "{}" or "id" not in held:
            return held
        return {**without(held, "id", "type"), "function": {**held["function"], "name": ""}}

    return each_fragment(reply, bare)


@fault(
    "first-letters-of-objects-lost", at=COMPLETION, level="must", of=streamed_with_tools,
    takes=["the arguments of calls"],
    sources=["vLLM: the first keyword of a nested object is lost"],
    field=["stream-args-missing-first-chars"],
    primary=["TOOL-007"], cascades=_CALL,
)  # fmt: skip
def first_letters_of_objects_lost(completion: Completion) -> Completion:
    """Where an object stands within streamed arguments, the first letters of it are lost."""

    def shorter(call: Call) -> Call:
        inner = call.arguments.find("{", 1) + 1
        if not inner:
            return call
        return replace(call, arguments=call.arguments[:inner] + call.arguments[inner + _LOST :])

    def said(choice: Choice) -> Choice:
        return replace(choice, calls=tuple(map(shorter, choice.calls)))

    return each_said(completion, said)


@fault(
    "empty-piece-first", at=REPLY, level="must", of=streamed_with_tools,
    sources=["DashScope, vLLM (Qwen2.5): entries with an empty id, no name and no arguments"],
    field=["extra-chunks-in-tool-stream"],
    primary=["STOOL-004"], cascades=_CALL,
)  # fmt: skip
def empty_piece_first(reply: Reply) -> Reply:
    """Before the first piece of a call comes one more, its id and arguments empty, its name null."""
    kept: list[Json] = []
    for chunk in reply.chunks:
        for each in _fragments(chunk):
            if "id" in each:
                nothing = {"index": each["index"], "id": "", "type": "function"}
                piece = {**nothing, "function": {"name": None, "arguments": ""}}
                choice = {**chunk["choices"][0], "delta": {"tool_calls": [piece]}}
                kept.append({**chunk, "choices": [choice]})
        kept.append(chunk)
    return replace(reply, chunks=tuple(kept))


@fault(
    "pieces-not-in-a-list", at=REPLY, level="must",
    sources=["huggingface/text-generation-inference before 3.2"],
    field=["tool-calls-object-not-array"],
    primary=["STOOL-001"], cascades=_CALL, amended="of an object no entry has an index: STOOL-001",
)  # fmt: skip
def pieces_not_in_a_list(reply: Reply) -> Reply:
    """`delta.tool_calls` is one object, and no list of them."""

    def single(delta: Json) -> Json:
        listed = delta.get("tool_calls")
        return {**delta, "tool_calls": listed[0]} if listed else delta

    return each_delta(reply, single)


@fault(
    "pieces-without-keys", at=REPLY, level="must",
    sources=["gateways: neither id nor index, pieces of all calls in one delta"],
    field=["unkeyed-parallel-tool-deltas"],
    primary=["STOOL-001"], cascades=_CALL,
)  # fmt: skip
def pieces_without_keys(reply: Reply) -> Reply:
    """Pieces have neither index nor id; a delta holds one of each call, and their order tells them apart."""
    by_call: dict[int, list[Json]] = {}
    for chunk in reply.chunks:
        for each in _fragments(chunk):
            by_call.setdefault(each["index"], []).append(without(each, "index", "id"))
    rows = ([each for each in row if each] for row in zip_longest(*by_call.values()))
    kept = []
    for chunk in reply.chunks:
        if not any(_fragments(chunk)):
            kept.append(chunk)
        elif pieces := next(rows, None):
            kept.append(
                {**chunk, "choices": [{**chunk["choices"][0], "delta": {"tool_calls": pieces}}]}
            )
    return replace(reply, chunks=tuple(kept))


@fault(
    "long-calls-stall", at=COMPLETION, level="should", of=streamed_with_tools,
    sources=["vLLM (kimi_k2), vllm-ascend: the section of the calls is never sent"],
    field=["kimi-stream-toolcall-stalls"],
    primary=["CRESP-031"], cascades=[*_CALL, "USAGE-*", "CRESP-016", "CRESP-017"],
)  # fmt: skip
def long_calls_stall(completion: Completion) -> Completion:
    """A streamed call with long arguments never comes; the tokens are used up, and the answer is empty."""
    cap = completion.ask.cap

    def stalled(choice: Choice) -> Choice:
        if sum(len(call.arguments) for call in choice.calls) <= _LONG:
            return choice
        return replace(choice, text="", calls=(), finish="length", spent=cap or choice.spent)

    return each_said(completion, stalled)


# --- how they end ----------------------------------------------------------------------------------


@fault(
    "streamed-calls-finish-stop", at=COMPLETION, level="must", of=streamed_with_tools,
    sources=["Gemini: OpenAI compatibility, stop in streams only"],
    field=["gemini-stream-finish-stop-on-tools"],
    primary=["STOOL-012"], cascades=_FINISH,
)  # fmt: skip
def streamed_calls_finish_stop(completion: Completion) -> Completion:
    """Streamed calls end with `stop`, those in one document with `tool_calls`."""

    def stopped(choice: Choice) -> Choice:
        return replace(choice, finish="stop") if choice.finish == "tool_calls" else choice

    return each_said(completion, stopped)


@fault(
    "calls-finish-in-the-singular", at=REPLY, level="must",
    sources=["mlx-lm: finish_reason tool_call"],
    field=["finish-reason-tool-call-singular"],
    primary=["CRESP-011"], cascades=[*_FINISH, "TOOL-*"],
)  # fmt: skip
def calls_finish_in_the_singular(reply: Reply) -> Reply:
    """Calls end with `tool_call`."""

    def singular(choice: Json) -> Json:
        is_call = choice["finish_reason"] == "tool_calls"
        return {**choice, "finish_reason": "tool_call"} if is_call else choice

    return each_chunk_choice(each_choice(reply, singular), singular)


@fault(
    "cut-calls-finish-as-whole", at=COMPLETION, level="should", of=with_tools,
    sources=["Ollama before 2026-08, vLLM, FastFlowLM: the calls overwrite the length"],
    field=["finish-length-overwritten-by-toolcalls"],
    primary=["TOOL-025"], cascades=["CRESP-016", "TOOL-007", "TOOL-009", "TOOL-010", "STOOL-007", "STOOL-012", "CRESP-031", "RT-*"],
)  # fmt: skip
def cut_calls_finish_as_whole(completion: Completion) -> Completion:
    """Calls that the cap cut off end with `tool_calls`, as if they were whole."""

    def whole(choice: Choice) -> Choice:
        return replace(choice, finish="tool_calls") if choice.calls else choice

    return each_said(completion, whole)
