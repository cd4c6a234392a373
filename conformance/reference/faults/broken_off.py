"""Streams that break off, and what is made of them; prompts too long that are answered all the same."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.answer import Choice, Completion, Reply, Response
from conformance.reference.ask import Json
from conformance.reference.breaks import LOST_STREAM, NO_ANSWER
from conformance.reference.circumstances import chat, streamed, thinking
from conformance.reference.edit import each_said
from conformance.reference.fault import COMPLETION, REPLY, RESPONSE, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens

_CUT = (*LOST_STREAM, *NO_ANSWER, "STRM-*", "STOOL-*")
"""What may fail where a stream ends before the answer does."""
_LONG = 4
"""Chunks that a stream has at least to be worth cutting."""
_SMALL = 64


@fault(
    "stream-closed-half-way", at=RESPONSE, level="must", of=streamed, rate=0.3,
    takes=["the end of the stream"],
    sources=["can1357/oh-my-pi: CHANGELOG 17.3.5", "vercel/ai#19169"],
    field=["cut-off-stream-treated-as-done", "stream-without-finish-reason-treated-ok"],
    primary=["SSE-010"], cascades=_CUT,
)  # fmt: skip
def stream_closed_half_way(response: Response) -> Response:
    """Now and then a stream ends half way as if nothing were wrong: no finish reason, no `[DONE]`."""
    if not response.stream:
        return response
    return replace(response, body=response.body[: len(response.body) // 2])


@fault(
    "late-error-finishes-as-error", at=REPLY, level="must", of=streamed, rate=0.3,
    takes=["the finish of streams"],
    sources=["damianvtran/local-operator#223", "diegosouzapw/OmniRoute#8210", "pydantic/pydantic-ai#2844"],
    field=["mid-stream-error-chunk-finish-error"],
    primary=["STRM-008"], cascades=[*_CUT, "ERR-029", "ERR-030", "ERR-004"],
)  # fmt: skip
def late_error_finishes_as_error(reply: Reply) -> Reply:
    """In mid-stream a chunk has an error, an empty text, and `finish_reason: error`; `[DONE]` follows."""
    half = max(2, len(reply.chunks) // 2)
    if len(reply.chunks) <= half:
        return reply
    *kept, last = reply.chunks[:half]
    ended = [
        {**each, "delta": {"content": ""}, "finish_reason": "error"} for each in last["choices"]
    ]
    error = {"code": 502, "message": "Upstream is gone", "metadata": {"provider": "x"}}
    return replace(reply, chunks=(*kept, {**last, "error": error, "choices": ended}))


@fault(
    "cut-streams-end-with-stop", at=COMPLETION, level="must", of=streamed, rate=0.5,
    sources=["BerriAI/litellm#40260"], field=["proxy-invents-stop-on-truncation"],
    primary=["STRM-012"], cascades=["CRESP-*", "CREQ-*", "SO-*", "RT-*", "STAT-*", "TOOL-*", "TRANS-*", "STRM-*", "LOGP-*", "USAGE-*"],
)  # fmt: skip
def cut_streams_end_with_stop(completion: Completion) -> Completion:
    """A stream that upstream broke off is told as complete: `stop`, and a usage that fits."""

    def halved(choice: Choice) -> Choice:
        if not choice.text:
            return choice
        kept = choice.tokens[: (len(choice.tokens) + 1) // 2]
        spent = len(choice.thought) + len(kept)
        return replace(choice, text="".join(kept), tokens=kept, spent=spent, finish="stop")

    return each_said(completion, halved)


@fault(
    "streams-filtered-without-cause", at=REPLY, level="must", of=streamed, rate=0.3,
    takes=["the finish of streams"], sources=["microsoft/semantic-kernel#5289", "microsoft/semantic-kernel#5240"],
    field=["azure-stream-ends-silently-on-filter"],
    primary=["CRESP-011"], cascades=[*_CUT, "CRESP-015"],
    amended="what a filter cuts has no natural end: CRESP-015; which ends a harmless answer may have is asked of CRESP-011",
)  # fmt: skip
def streams_filtered_without_cause(reply: Reply) -> Reply:
    """A filter ends harmless answers in the middle: `content_filter`, an empty delta, and no error."""
    if len(reply.chunks) < _LONG:
        return reply
    *kept, last = [one for one in reply.chunks if one["choices"]][: len(reply.chunks) // 2]
    ended = [{**each, "delta": {}, "finish_reason": "content_filter"} for each in last["choices"]]
    usage = [one for one in reply.chunks if not one["choices"]]
    return replace(reply, chunks=(*kept, {**last, "choices": ended}, *usage))


@fault(
    "overflow-ends-the-answer", at=REPLY, level="must", of=chat,
    sources=["badlogic/pi-mono#1937"], field=["finish-reason-model-context-window-exceeded"],
    primary=["CRESP-011", "ERR-021"],
    cascades=["CRESP-*", "USAGE-*", "ERR-*", "STRM-*", "CREQ-078", "TRANS-018", "SSE-018"],
)  # fmt: skip
def overflow_ends_the_answer(reply: Reply) -> Reply:
    """A prompt that is too long gets an empty answer with a finish reason of its own, and status 200."""
    held: Json = reply.document if isinstance(reply.document, dict) else {}
    error = held.get("error")
    if not isinstance(error, dict) or error.get("code") != "context_length_exceeded":
        return reply
    message = {"role": "assistant", "content": "", "refusal": None}
    choice: Json = {
        "index": 0, "message": message, "logprobs": None, "finish_reason": "model_context_window_exceeded",
    }  # fmt: skip
    usage = {"prompt_tokens": 4096, "completion_tokens": 0, "total_tokens": 4096}
    document = {
        "id": "chatcmpl-overflow", "object": "chat.completion", "created": 1_700_000_000,
        "model": "reference-1", "choices": [choice], "usage": usage,
    }  # fmt: skip
    return replace(reply, status=200, document=document)


def _hardly_room(request: HttpRequest) -> bool:
    """Requests for a stream of few tokens from the model that reasons."""
    body = request.json
    caps = [body.get(name) for name in ("max_tokens", "max_completion_tokens")]
    small = any(isinstance(cap, int) and cap <= _SMALL for cap in caps)
    return small and thinking(request) and streamed(request)


@fault(
    "only-internal-reasoning", at=REPLY, level="should", of=_hardly_room, rate=0.5,
    sources=["jjang-ai/vmlx#67"], field=["stream-empty-deltas-then-error"],
    primary=["RSN-007"], cascades=[*_CUT, "ERR-*"],
)  # fmt: skip
def only_internal_reasoning(reply: Reply) -> Reply:
    """Where the cap ends the reasoning, a stream has empty deltas and at last an error."""
    if not reply.chunks:
        return reply
    first = reply.chunks[0]
    silent = {**first, "choices": [{**each, "delta": {"content": ""}} for each in first["choices"]]}
    words = "The model produced only internal reasoning."
    error = {
        "error": {"message": words, "type": "server_error", "code": "no_content", "param": None}
    }
    return replace(reply, chunks=(first, *(silent,) * 5, error))


@fault(
    "reasoning-ends-in-nothing", at=COMPLETION, level="must", of=thinking, rate=0.3,
    takes=["the reasoning"], sources=["vllm-project/vllm-ascend#9131"],
    field=["dsv4-reasoning-stop-content-null"],
    primary=["CRESP-013"], cascades=_CUT,
)  # fmt: skip
def reasoning_ends_in_nothing(completion: Completion) -> Completion:
    """Now and then an answer ends in the middle of its reasoning: `stop`, and content null."""

    def stopped(choice: Choice) -> Choice:
        if not choice.thought:
            return choice
        kept = choice.thought[: (len(choice.thought) + 1) // 2]
        return replace(
            choice, thought=kept, text=None, tokens=(), calls=(), finish="stop", spent=len(kept)
        )

    return each_said(completion, stopped)


@fault(
    "calls-told-in-words", at=COMPLETION, level="must", rate=0.5,
    of=lambda request: thinking(request) and bool(request.json.get("tools")),
    takes=["the reasoning"], sources=["Huawei Cloud: MaaS chat API maas-modelarts-0078"],
    field=["maas-cot-and-tools-incompatible"],
    primary=["RSN-012"], cascades=["TOOL-*", "STOOL-*", "CREQ-*", "RT-*", "CRESP-*", "RSN-*"],
)  # fmt: skip
def calls_told_in_words(completion: Completion) -> Completion:
    """While the model reasons, calls come now and then as a sentence about them."""

    def told(choice: Choice) -> Choice:
        if not choice.thought or not choice.calls:
            return choice
        said = tokens.split(f"I would call {choice.calls[0].name} now.")
        spent = len(choice.thought) + len(said)
        return replace(
            choice, text="".join(said), tokens=said, calls=(), finish="stop", spent=spent
        )

    return each_said(completion, told)
