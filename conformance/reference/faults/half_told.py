"""Answers of which streams or scores tell a part, or tell it in the form of something else."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle

from conformance.reference.answer import Choice, Completion, Reply
from conformance.reference.ask import Json
from conformance.reference.breaks import OTHER_WORDS
from conformance.reference.circumstances import both_of, chat, streamed, thinking, with_tools
from conformance.reference.edit import (
    each_choice,
    each_chunk_choice,
    each_delta,
    each_fragment,
    each_said,
    without,
)
from conformance.reference.fault import COMPLETION, REPLY, REQUEST, fault
from conformance.reference.faults.streamed_calls import ARGUMENTS, each_value, in_words, naming
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens
from conformance.reference.turned import in_entry

_STREAMED = both_of(streamed, with_tools)
_SCORES = ("LOGP-*", "STRM-024", "CREQ-041", "CREQ-042", "ERR-033")
_NO_CALL = ("TOOL-*", "STOOL-*", "RT-*", "CREQ-049", "CREQ-050", "CREQ-055", "CREQ-056", "CREQ-057", "CREQ-058",
            "CREQ-061", "CRESP-*", "STRM-*", "RSN-012", "SO-019", "ERR-033")  # fmt: skip
"""What may fail where no call comes."""
_PROSE = ("Hello", "!", " How", " may", " I", " help", "?")
_OPEN, _CLOSE = "<think>", "</think>"
_END = "<|im_end|>"
_UNREADABLE = "\ufffd"


def _called(reply: Reply) -> bool:
    return any("tool_calls" in one["delta"] for each in reply.chunks for one in each["choices"])


@fault(
    "streams-never-call", at=REPLY, level="should", of=_STREAMED,
    sources=["ddalcu/mlx-serve#287", "lmstudio-ai/lmstudio-bug-tracker#1066"],
    field=["stream-tool-calls-never-sent"],
    primary=["CRESP-031"], cascades=_NO_CALL,
)  # fmt: skip
def streams_never_call(reply: Reply) -> Reply:
    """A stream has no piece of a call: it is empty and ends with `stop`, where one document has the call."""
    if not _called(reply):
        return reply
    kept = (
        one for one in reply.chunks if not any(c["delta"].get("tool_calls") for c in one["choices"])
    )

    def stopped(choice: Json) -> Json:
        return {**choice, "finish_reason": "stop"} if choice["finish_reason"] else choice

    return each_chunk_choice(replace(reply, chunks=tuple(kept)), stopped)


@fault(
    "named-call-in-prose", at=REPLY, level="must", of=naming,
    sources=["vllm-project/vllm#13078"], field=["named-choice-stream-arguments-prose"],
    primary=["TOOL-007"], cascades=[*ARGUMENTS, "TOOL-*", "STOOL-*", "STRM-025", "CRESP-*", "SO-010"],
    amended="keywords of a schema are not seen to hold in arguments that are none: SO-010",
)  # fmt: skip
def named_call_in_prose(reply: Reply) -> Reply:
    """Where a function is named, its streamed arguments are words, each with the name and without id or type."""
    words = cycle(_PROSE)
    named: dict[int, str] = {}

    def prose(call: Json) -> Json:
        name = named.setdefault(call["index"], call["function"].get("name", ""))
        return {"index": call["index"], "function": {"name": name, "arguments": next(words)}}

    return each_fragment(reply, prose)


@fault(
    "streamed-arguments-all-strings", at=COMPLETION, level="should", of=_STREAMED,
    sources=["vllm-project/vllm#21756"], field=["stream-args-types-stringified"],
    primary=["TOOL-009"], cascades=ARGUMENTS,
)  # fmt: skip
def streamed_arguments_all_strings(completion: Completion) -> Completion:
    """In streams every value of the arguments is a string; in one document they have their types."""
    return each_value(completion, in_words)


@fault(
    "calls-merged-the-last-wins", at=COMPLETION, level="should", of=with_tools,
    sources=["ml-explore/mlx-lm#1170"], field=["parallel-calls-merged-last-wins"],
    primary=["TOOL-012"], cascades=[*ARGUMENTS, "STOOL-*", "CREQ-061"],
)  # fmt: skip
def calls_merged_the_last_wins(completion: Completion) -> Completion:
    """Several calls of one answer become one: the name of the first, the arguments of the last."""

    def merged(choice: Choice) -> Choice:
        if not choice.calls:
            return choice
        one = replace(choice.calls[0], arguments=choice.calls[-1].arguments)
        return replace(choice, calls=(one,))

    return each_said(completion, merged)


@fault(
    "text-beside-tools-cut", at=COMPLETION, level="should", of=_STREAMED, takes=["the text of deltas"],
    sources=["mudler/LocalAI#9988"], field=["tools-stream-text-cut"],
    primary=["CRESP-031"], cascades=OTHER_WORDS,
)  # fmt: skip
def text_beside_tools_cut(completion: Completion) -> Completion:
    """Where tools are offered, a streamed text is `{"` and nothing else."""

    def cut(choice: Choice) -> Choice:
        return replace(choice, text='{"', tokens=('{"',)) if choice.text else choice

    return each_said(completion, cut)


@fault(
    "closing-tag-split", at=REPLY, level="must", of=both_of(thinking, streamed),
    sources=["waybarrios/vllm-mlx#677", "InternLM/lmdeploy#4754", "diegosouzapw/OmniRoute#10441"],
    field=["split-think-tag-leaks"],
    primary=["RSN-018"], cascades=["RSN-*", "CRESP-026", "CRESP-031", "CRESP-028", "SO-*", "CREQ-*", "LOGP-008"],
    amended="the tag stands in two texts of one answer, which is markup that was not parsed: RSN-018; RSN-003 takes two answers",
)  # fmt: skip
def closing_tag_split(reply: Reply) -> Reply:
    """The tag that closes the reasoning streams in halves: one ends the reasoning, one begins the content."""
    opened = False
    thought = [at for at, one in enumerate(reply.chunks) if _says(one, "reasoning_content")]
    chunks = list(reply.chunks)
    for at, chunk in enumerate(reply.chunks):
        if thought and at == thought[-1]:
            chunks[at] = _adding(chunk, "reasoning_content", "", "</thi")
        elif thought and not opened and _says(chunk, "content"):
            chunks[at], opened = _adding(chunk, "content", "nk>", ""), True
    return replace(reply, chunks=tuple(chunks))


def _says(chunk: Json, member: str) -> bool:
    return any(each["delta"].get(member) for each in chunk["choices"])


def _adding(chunk: Json, member: str, before: str, after: str) -> Json:
    choice = chunk["choices"][0]
    delta = {**choice["delta"], member: before + choice["delta"][member] + after}
    return {**chunk, "choices": [{**choice, "delta": delta}]}


@fault(
    "tags-of-the-answer-are-parsed", at=COMPLETION, level="should", of=both_of(thinking, streamed),
    sources=["vllm-project/vllm#48971"], field=["literal-think-tag-in-answer-swallowed"],
    primary=["CRESP-031"], cascades=["RSN-*", "CRESP-*", "CREQ-*", "USAGE-*"],
)  # fmt: skip
def tags_of_the_answer_are_parsed(completion: Completion) -> Completion:
    """A think tag that the answer is to hold is taken for one of the model's own, in streams."""

    def parsed(choice: Choice) -> Choice:
        text = choice.text or ""
        tag = next((each for each in (_OPEN, _CLOSE) if each in text), None)
        if tag is None:
            return choice
        before, _, after = text.partition(tag)
        if tag == _CLOSE:
            before, after = before + after, ""
        thought = (*choice.thought, *tokens.split(after))
        return replace(choice, text=before, tokens=tokens.split(before), thought=thought)

    return each_said(completion, parsed)


@fault(
    "answer-as-reasoning-when-off", at=REPLY, level="should", of=both_of(thinking, streamed),
    sources=["vllm-project/vllm#40466"], field=["answer-as-reasoning-when-off"],
    primary=["RSN-009"], cascades=OTHER_WORDS,
)  # fmt: skip
def answer_as_reasoning_when_off(reply: Reply) -> Reply:
    """Where the reasoning was switched off, the streamed answer comes as reasoning."""
    if any(_says(one, "reasoning_content") for one in reply.chunks):
        return reply

    def moved(delta: Json) -> Json:
        text = delta.get("content")
        return {**without(delta, "content"), "reasoning_content": text} if text else delta

    return each_delta(reply, moved)


@fault(
    "scores-of-half-characters", at=REPLY, level="should", of=chat,
    sources=["ollama/ollama#13497", "ollama/ollama#13500"], field=["logprobs-partial-utf8-replaced"],
    primary=["LOGP-008"], cascades=_SCORES,
)  # fmt: skip
def scores_of_half_characters(reply: Reply) -> Reply:
    """An emoji is several tokens, each of which is told as U+FFFD with the bytes of that."""

    def parts(entry: Json) -> list[Json]:
        count = (
            len(entry["token"].encode()) if any(each > "\uffff" for each in entry["token"]) else 0
        )
        lost = {**entry, "token": _UNREADABLE, "bytes": list(_UNREADABLE.encode())}
        return [lost] * count or [entry]

    def choice(held: Json) -> Json:
        told = held["logprobs"]
        if not told:
            return held
        entries = [part for entry in told["content"] for part in parts(entry)]
        return {**held, "logprobs": {**told, "content": entries}}

    return each_chunk_choice(each_choice(reply, choice), choice)


def _emptied(entry: Json) -> Json:
    plain = [
        each if each["token"].isascii() else {**each, "token": "", "bytes": []}
        for each in entry["top_logprobs"]
    ]
    return {**entry, "top_logprobs": plain}


@fault(
    "alternatives-of-no-text", at=REPLY, level="should", of=chat,
    sources=["vllm-project/vllm#34875", "vllm-project/vllm#27300"], field=["top-logprobs-multibyte-empty"],
    primary=["LOGP-007"], cascades=["LOGP-005", "LOGP-003"],
)  # fmt: skip
def alternatives_of_no_text(reply: Reply) -> Reply:
    """Among the alternatives, what is not ASCII has an empty token."""
    edited: Reply = in_entry(_emptied)(reply)
    return edited


@fault(
    "scores-in-the-older-form", at=REPLY, level="must", of=chat,
    sources=["abetlen/llama-cpp-python#1787"], field=["chat-logprobs-legacy-shape"],
    primary=["LOGP-001"], cascades=_SCORES,
)  # fmt: skip
def scores_in_the_older_form(reply: Reply) -> Reply:
    """Log probabilities have the form that they have in text completions: four lists."""

    def older(choice: Json) -> Json:
        if not choice["logprobs"]:
            return choice
        entries = choice["logprobs"]["content"]
        told = {
            "tokens": [each["token"] for each in entries],
            "token_logprobs": [each["logprob"] for each in entries],
            "top_logprobs": [
                {e["token"]: e["logprob"] for e in each["top_logprobs"]} for each in entries
            ],
            "text_offset": [0 for _ in entries],
        }
        return {**choice, "logprobs": told}

    return each_chunk_choice(each_choice(reply, older), older)


@fault(
    "scores-lost-in-streams", at=REPLY, level="must", of=streamed,
    sources=["modular/modular#5085", "ml-explore/mlx-lm#1630"], field=["stream-logprobs-always-null"],
    primary=["LOGP-001"], cascades=_SCORES,
    amended="what was asked for and is null in every chunk breaks LOGP-001; LOGP-012 says what a chunk holds that has some",
)  # fmt: skip
def scores_lost_in_streams(reply: Reply) -> Reply:
    """Log probabilities are null in every chunk; one document has them."""
    return each_chunk_choice(reply, lambda choice: {**choice, "logprobs": None})


@fault(
    "null-alternatives-lose-scores", at=REQUEST, level="should", of=chat,
    sources=["NVIDIA-NeMo/Gym#1013"], field=["null-top-logprobs-loses-logprobs"],
    primary=["TRANS-017"], cascades=_SCORES,
)  # fmt: skip
def null_alternatives_lose_scores(request: HttpRequest) -> HttpRequest:
    """`top_logprobs: null` takes the log probabilities away, which were asked for."""
    held = request.json
    lost = "top_logprobs" in held and held["top_logprobs"] is None
    return request.edited(logprobs=None) if lost else request
