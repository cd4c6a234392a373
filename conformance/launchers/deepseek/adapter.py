"""Requests to the adapter and its answers back: chat completions and responses."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from deepseek_recipe import (
    ChatCompletionRequest,
    ChatCompletionResponse,
    ConversationRequest,
    ConversionOptions,
    DeepseekV4Encoding,
    DeepseekV41Encoding,
    InferenceChunk,
    InferenceFinishReason,
    ModelVersion,
    PromptUsage,
    ReasoningContentBehavior,
    ResponsesRequest,
    ResponsesResponse,
    StreamProcessor,
)

from conformance.launchers.deepseek.model import spoken
from conformance.launchers.deepseek.vocabulary import tokenizer
from conformance.reference.answer import Reply
from conformance.reference.model.tokens import logprob

CONTEXT = 1_048_576
FINGERPRINT = "fp_recipe_0_2_0"
_CACHE_UNIT = 64
"""Tokens; DeepSeek's cache of prompts counts in these."""
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """One request on its way through the adapter."""

    asked: ConversationRequest
    name: str
    model: str
    now: int
    cap: int
    usage: PromptUsage


class Adapter:
    """Bodies of requests to replies. Raises ConversionError and ValueError for what DeepSeek refuses."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._number = 0
        self._prompts: OrderedDict[tuple[int, int], None] = OrderedDict()

    def chat(self, body: bytes) -> Reply:
        """A chat completion, streamed or not."""
        request = ChatCompletionRequest(body)
        model = request.model
        asked = request.convert(
            ConversionOptions(reasoning_content_behavior=ReasoningContentBehavior.Reject)
        )
        turn = self._turn(asked, model)
        maker = ChatCompletionRequest.chunk_generator(asked, turn.name, model)
        chunks = list(_made(turn, maker))
        if asked.stream:
            return Reply(stream=True, chunks=tuple(json.loads(each.to_json()) for each in chunks))
        return _whole(ChatCompletionResponse(*_begun(turn)), chunks, "completion_tokens")

    def responses(self, body: bytes) -> Reply:
        """A response, streamed or not."""
        request = ResponsesRequest(body)
        model, echo = request.model, request.echo()
        asked = request.convert(ConversionOptions())
        turn = self._turn(asked, model)
        maker = ResponsesRequest.chunk_generator(asked, turn.name, model).with_echo(echo)
        events = list(_made(turn, maker))
        if asked.stream:
            told = tuple(json.loads(each.to_json()) for each in events)
            return Reply(stream=True, events=told, done=False)
        return _whole(ResponsesResponse(*_begun(turn)), events, "output_tokens")

    def _turn(self, asked: ConversationRequest, model: str) -> _Turn:
        prompt = _encoded(asked)
        self._number += 1
        return _Turn(
            asked=asked,
            name=str(UUID(int=self._number)),
            model=model,
            now=int(self._clock()),
            cap=asked.resolve_max_tokens(len(prompt), CONTEXT),
            usage=PromptUsage(
                prompt_tokens=len(prompt), prompt_cache_hit_tokens=self._cached(tuple(prompt))
            ),
        )

    def _cached(self, prompt: tuple[int, ...]) -> int:
        """How many tokens of a prompt were at the beginning of an earlier one, in whole units."""
        units = range(_CACHE_UNIT, len(prompt) + 1, _CACHE_UNIT)
        beginnings = [(end, hash(prompt[:end])) for end in units]
        hit = max((end for end, mark in beginnings if (end, mark) in self._prompts), default=0)
        for beginning in beginnings:
            self._prompts[beginning] = None
        while len(self._prompts) > _REMEMBERED:
            self._prompts.popitem(last=False)
        return hit


def _begun(turn: _Turn) -> tuple[str, str, int, int, int]:
    """What an answer that is put together begins with."""
    usage = turn.usage
    return turn.name, turn.model, turn.now, usage.prompt_tokens, usage.prompt_cache_hit_tokens


def _whole(made: Any, parts: list[Any], spent: str) -> Reply:
    """The answer in one piece, put together by the adapter itself."""
    for each in parts:
        made.accumulate(each)
    document = json.loads(made.to_json())
    return Reply(document=document, spent=document["usage"][spent])


def _encoded(asked: ConversationRequest) -> list[int]:
    """The prompt in tokens, as the model version renders it."""
    newer = asked.model_version == ModelVersion.DeepseekV41Flash
    encoding = DeepseekV41Encoding() if newer else DeepseekV4Encoding()
    return encoding.with_tokenizer(tokenizer()).encode(asked.conversation)


def _generated(turn: _Turn) -> Iterator[InferenceChunk]:
    """The tokens of the answer, one by one, up to the cap."""
    how = turn.asked.inference_options
    ids = tokenizer().encode(spoken(turn.asked, turn.name, turn.now))
    top = how.top_logprobs or 0
    for place, one in enumerate(ids[: turn.cap]):
        value = logprob(str(one), place)
        likely = [(one, value), *((other, -4.0 - other / 8) for other in range(33, 33 + top))][:top]
        yield InferenceChunk.tokens([one], [(value, likely)] if how.logprobs else None)
    reason = InferenceFinishReason.Length if len(ids) > turn.cap else InferenceFinishReason.Stop
    yield InferenceChunk.finish(reason)


def _made(turn: _Turn, maker: Any) -> Iterator[Any]:
    """The chunks or events that the adapter makes; it ends by itself at a stop string."""
    processor = StreamProcessor(maker, turn.asked.parsing_options, tokenizer())
    yield from processor.push(
        InferenceChunk.ready(prompt_usage=turn.usage, system_fingerprint=FINGERPRINT)
    )
    for each in _generated(turn):
        yield from processor.push(each)
        if processor.finished:
            return
    yield from processor.finish()
