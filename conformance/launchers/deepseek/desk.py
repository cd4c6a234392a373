"""Requests to the adapter and its answers to HTTP: chat completions and the list of models."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from deepseek_recipe import (
    ChatCompletionChunk,
    ChatCompletionRequest,
    ChatCompletionResponse,
    ConversationRequest,
    ConversionError,
    ConversionOptions,
    DeepseekV4Encoding,
    DeepseekV41Encoding,
    InferenceChunk,
    InferenceFinishReason,
    ModelVersion,
    PromptUsage,
    ReasoningContentBehavior,
    StreamProcessor,
)

from conformance.launchers.deepseek.model import spoken
from conformance.launchers.deepseek.vocabulary import tokenizer
from conformance.reference.answer import Reply
from conformance.reference.app import Planned
from conformance.reference.ask import Json
from conformance.reference.dress import Connection, Pace, dress, frame, http_date
from conformance.reference.incoming import HttpRequest
from conformance.reference.memory import Arrival
from conformance.reference.model.tokens import logprob
from conformance.reference.refusal import Refusal

MODELS = ("DeepSeek-V4.1-Flash", "DeepSeek-V4-Pro")
CONTEXT = 1_048_576
FINGERPRINT = "fp_recipe_0_2_0"
_PACE = Pace(each=0.0005)
_CACHE_UNIT = 64
"""Tokens; DeepSeek's cache of prompts counts in these."""
_REMEMBERED = 10_000
_PATHS = {
    "/v1/chat/completions": "POST",
    "/v1/models": "GET",
    **{f"/v1/models/{each}": "GET" for each in MODELS},
}


class Desk:
    """Answers requests as the adapter does; what the reference server's connections talk to."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._number = 0
        self._prompts: OrderedDict[tuple[int, ...], None] = OrderedDict()

    def respond(self, request: HttpRequest, arrival: Arrival) -> Planned:
        """Everything that will be sent in answer to a request."""
        try:
            return self._sent(self._answer(request), request)
        except Refusal as refusal:
            return self.refuse(request, refusal, arrival)

    def refuse(self, request: HttpRequest, refusal: Refusal, arrival: Arrival) -> Planned:
        """The answer to what is refused before the adapter sees it."""
        return self._sent(Reply(status=refusal.status, document=refusal.document), request)

    def abandoned(self) -> None:
        """Nothing depends on it here."""

    def _sent(self, reply: Reply, request: HttpRequest) -> Planned:
        self._number += 1
        common = (("Date", http_date(self._clock())), ("x-request-id", f"{self._number:08d}"))
        response = dress(reply, _PACE, common)
        how = Connection(
            keep_alive=request.keep_alive,
            http_1_0=request.version == "HTTP/1.0",
            head_only=request.method == "HEAD",
        )
        return Planned(frame(response, how), response.status, f"{self._number}")

    def _answer(self, request: HttpRequest) -> Reply:
        path = "/" + "/".join(each for each in request.path.split("/") if each)
        if path not in _PATHS:
            raise Refusal(f"Not found: {path}", status=404, code="not_found")
        if request.method != _PATHS[path]:
            raise Refusal(f"{path} takes {_PATHS[path]}", status=405, code="method_not_allowed")
        if path == "/v1/models":
            return Reply(document={"object": "list", "data": [*map(_model, MODELS)]})
        if path.startswith("/v1/models/"):
            return Reply(document=_model(path.removeprefix("/v1/models/")))
        try:
            return self._chat(request.body)
        except ConversionError as error:
            return Reply(status=error.status_code, document=json.loads(error.body))
        except ValueError as error:  # what the adapter cannot read; the hosted API's words for it
            raise Refusal(
                str(error).replace(
                    "invalid request body",
                    "Failed to deserialize the JSON body into the target type",
                ),
                code="invalid_request_error",
            ) from error

    def _chat(self, body: bytes) -> Reply:
        request = ChatCompletionRequest(body)
        model = request.model
        asked = request.convert(
            ConversionOptions(reasoning_content_behavior=ReasoningContentBehavior.Reject)
        )
        prompt = _encoded(asked)
        cap = asked.resolve_max_tokens(len(prompt), CONTEXT)
        usage = PromptUsage(
            prompt_tokens=len(prompt), prompt_cache_hit_tokens=self._cached(tuple(prompt))
        )
        self._number += 1
        name, now = str(UUID(int=self._number)), int(self._clock())
        chunks = list(_chunks(asked, (name, model), usage, _generated(asked, name, now, cap)))
        if asked.stream:
            told = tuple(json.loads(each.to_json()) for each in chunks)
            return Reply(stream=True, chunks=told)
        whole = ChatCompletionResponse(
            name, model, now, usage.prompt_tokens, usage.prompt_cache_hit_tokens
        )
        for each in chunks:
            whole.accumulate(each)
        document = json.loads(whole.to_json())
        return Reply(document=document, spent=document["usage"]["completion_tokens"])

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


def _model(name: str) -> Json:
    return {"id": name, "object": "model", "owned_by": "deepseek"}


def _encoded(asked: ConversationRequest) -> list[int]:
    """The prompt in tokens, as the model version renders it."""
    newer = asked.model_version == ModelVersion.DeepseekV41Flash
    encoding = DeepseekV41Encoding() if newer else DeepseekV4Encoding()
    return encoding.with_tokenizer(tokenizer()).encode(asked.conversation)


def _generated(
    asked: ConversationRequest, name: str, now: int, cap: int
) -> Iterator[InferenceChunk]:
    """The tokens of the answer, one by one, up to the cap."""
    ids = tokenizer().encode(spoken(asked, name, now))
    top = asked.inference_options.top_logprobs or 0
    for place, one in enumerate(ids[:cap]):
        value = logprob(str(one), place)
        likely = [(one, value), *((other, -4.0 - other / 8) for other in range(33, 33 + top))][:top]
        told = [(value, likely)] if asked.inference_options.logprobs else None
        yield InferenceChunk.tokens([one], told)
    reason = InferenceFinishReason.Length if len(ids) > cap else InferenceFinishReason.Stop
    yield InferenceChunk.finish(reason)


def _chunks(
    asked: ConversationRequest,
    names: tuple[str, str],
    usage: PromptUsage,
    generated: Iterator[InferenceChunk],
) -> Iterator[ChatCompletionChunk]:
    """What the adapter makes of them; it ends by itself at a stop string."""
    maker = ChatCompletionRequest.chunk_generator(asked, *names)
    processor = StreamProcessor(maker, asked.parsing_options, tokenizer())
    yield from _of(
        processor.push(InferenceChunk.ready(prompt_usage=usage, system_fingerprint=FINGERPRINT))
    )
    for each in generated:
        yield from _of(processor.push(each))
        if processor.finished:
            return
    yield from _of(processor.finish())


def _of(made: list[Any]) -> list[ChatCompletionChunk]:
    """A processor of chat makes chunks of chat; its type says less."""
    return made
