"""Streams whose end is told in another way than by one finish reason in a chunk of its own."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.answer import Choice, Completion, Reply
from conformance.reference.ask import Json
from conformance.reference.breaks import UNTOLD
from conformance.reference.circumstances import chat, streamed
from conformance.reference.edit import each_chunk, each_chunk_choice, each_said, finishing, without
from conformance.reference.fault import COMPLETION, REPLY, fault
from conformance.reference.incoming import HttpRequest

_MINGLED = (
    "STRM-*", "STOOL-*", "CRESP-*", "CREQ-*", "TOOL-*", "SO-*", "RT-*", "RSN-*", "LOGP-*", "USAGE-*",
    "TRANS-004", "STAT-*",
)  # fmt: skip
"""What may fail where the pieces of a stream belong to other choices than they say."""


def _several(request: HttpRequest) -> bool:
    """Requests for a stream of several choices."""
    count = request.json.get("n")
    return streamed(request) and isinstance(count, int) and count > 1


def _with_logprobs(request: HttpRequest) -> bool:
    """Requests for a stream with log probabilities."""
    return streamed(request) and request.json.get("logprobs") is True


@fault(
    "finish-in-camel-case", at=REPLY, level="must", takes=["the finish of streams"],
    sources=["jakobdylanc/llmcord#84"], field=["camelcase-finish-reason"],
    primary=["STRM-008"], cascades=UNTOLD,
)  # fmt: skip
def finish_in_camel_case(reply: Reply) -> Reply:
    """The reason comes in `finishReason`, and `finish_reason` stays null."""

    def renamed(choice: Json) -> Json:
        told = choice["finish_reason"]
        return {**choice, "finish_reason": None, "finishReason": told} if told else choice

    return each_chunk_choice(reply, renamed)


@fault(
    "finish-end-now-and-then", at=COMPLETION, level="must", of=chat, rate=0.3,
    sources=["badlogic/pi-mono#2142"], field=["finish-reason-end"],
    primary=["CRESP-011"],
    cascades=["CRESP-015", "CRESP-029", "CRESP-031", "STRM-008", "STRM-025", "STRM-029", "CREQ-030",
              "CREQ-031", "RT-002"],
)  # fmt: skip
def finish_end_now_and_then(completion: Completion) -> Completion:
    """Now and then a natural end is told as `end`."""

    def native(choice: Choice) -> Choice:
        return replace(choice, finish="end") if choice.finish == "stop" else choice

    return each_said(completion, native)


@fault(
    "finish-key-missing-before-the-end", at=REPLY, level="must", takes=["the finish of streams"],
    sources=["BerriAI/liteLLM-proxy#19", "HabanaAI/vllm-fork#2266", "vllm-project/vllm#19662"],
    field=["finish-reason-key-absent-until-end"],
    primary=["STRM-008"], cascades=["STRM-025"],
)  # fmt: skip
def finish_key_missing_before_the_end(reply: Reply) -> Reply:
    """Only the last chunk of a choice has the member `finish_reason`; chunks echo `stream_options`."""

    def bare(choice: Json) -> Json:
        return choice if choice["finish_reason"] else without(choice, "finish_reason")

    echoed = each_chunk(reply, lambda one: {**one, "stream_options": {"include_usage": True}})
    return each_chunk_choice(echoed, bare)


@fault(
    "finish-lost-beside-logprobs", at=REPLY, level="must", of=_with_logprobs,
    takes=["the finish of streams"], sources=["BerriAI/litellm#10686"],
    field=["finish-reason-stripped-with-logprobs"],
    primary=["STRM-008"], cascades=[*UNTOLD, "LOGP-*", "STRM-024"],
)  # fmt: skip
def finish_lost_beside_logprobs(reply: Reply) -> Reply:
    """Where log probabilities are asked for, the chunk with the finish reason never comes."""
    return replace(reply, chunks=tuple(one for one in reply.chunks if not finishing(one)))


@fault(
    "only-the-last-choice-finishes", at=REPLY, level="must", of=_several,
    takes=["the finish of streams"], sources=["sgl-project/sglang#8417"],
    field=["n-stream-only-last-choice-finishes"],
    primary=["STRM-008"], cascades=[*UNTOLD, "CREQ-035", "CREQ-036"],
)  # fmt: skip
def only_the_last_choice_finishes(reply: Reply) -> Reply:
    """Of several choices the last alone gets a finish reason."""
    ends = [one for one in reply.chunks if finishing(one)]
    return replace(reply, chunks=tuple(one for one in reply.chunks if one not in ends[:-1]))


@fault(
    "choices-all-at-index-0", at=REPLY, level="must", of=_several,
    sources=["BerriAI/litellm#3276"], field=["n2-stream-choice-index-always-zero"],
    primary=["STRM-008"], cascades=["ERR-033", *_MINGLED],
    amended="several choices are neither given nor refused: ERR-033",
)  # fmt: skip
def choices_all_at_index_0(reply: Reply) -> Reply:
    """All choices of a stream have index 0, so that their texts become one."""
    return each_chunk_choice(reply, lambda choice: {**choice, "index": 0})


@fault(
    "finish-told-twice", at=REPLY, level="must", takes=["the finish of streams"],
    sources=["sgl-project/sglang#8417"], field=["two-finish-reason-chunks"],
    primary=["STRM-008"], cascades=["STRM-013", "STRM-014", "STRM-025"],
)  # fmt: skip
def finish_told_twice(reply: Reply) -> Reply:
    """The last piece of a choice has the finish reason, and an empty chunk after it has it again."""
    told = list(reply.chunks)
    for end in [one for one in reply.chunks if finishing(one)]:
        choice = end["choices"][0]
        mine = [
            n
            for n, one in enumerate(told)
            if any(each["index"] == choice["index"] for each in one["choices"]) and one is not end
        ]
        last = told[mine[-1]]
        [said] = last["choices"]
        told[mine[-1]] = {
            **last,
            "choices": [{**said, "finish_reason": choice["finish_reason"]}],
        }
    return replace(reply, chunks=tuple(told))


@fault(
    "choice-per-chunk", at=REPLY, level="must",
    sources=["huggingface/text-generation-inference#1648"], field=["chunk-index-counts-tokens"],
    primary=["STRM-008"], cascades=["ERR-033", *_MINGLED],
    amended="JSON is neither given nor refused: ERR-033",
)  # fmt: skip
def choice_per_chunk(reply: Reply) -> Reply:
    """The index of a choice counts the chunks, so that each piece seems to be an answer of its own."""
    counted = (
        {**one, "choices": [{**each, "index": n} for each in one["choices"]]}
        for n, one in enumerate(reply.chunks)
    )
    return replace(reply, chunks=tuple(counted))
