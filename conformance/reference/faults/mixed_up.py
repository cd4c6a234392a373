"""One thing for another: the first token's chances, the model that is loaded, a count of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Reply
from conformance.reference.ask import Json
from conformance.reference.breaks import NO_ANSWER
from conformance.reference.circumstances import chat, listing_models, texts
from conformance.reference.circumstances import whole as in_one_document
from conformance.reference.edit import TEXT, each_choice, each_chunk_choice, is_model_list, whole
from conformance.reference.fault import REPLY, REQUEST, fault
from conformance.reference.incoming import HttpRequest

_MADE_UP = ("gpt-3.5-turbo", "text-embedding-ada-002")
_SCORES = ("LOGP-*", "STRM-024", "CREQ-041", "CREQ-042")


def _recounted(held: Json, count: Callable[[int], int]) -> Json:
    """What says what it cost with another count of its completion, and a total that fits."""
    usage = held.get("usage")
    if not usage:
        return held
    spent = count(usage["completion_tokens"])
    told = {"completion_tokens": spent, "total_tokens": usage["prompt_tokens"] + spent}
    return {**held, "usage": {**usage, **told}}


@fault(
    "streamed-texts-counted-twice", at=REPLY, level="should", of=texts,
    sources=["PaddlePaddle/FastDeploy#3507"],
    primary=["CMPL-013"], cascades=["CMPL-012", "CMPL-006", "USAGE-*"],
)  # fmt: skip
def streamed_texts_counted_twice(reply: Reply) -> Reply:
    """The usage of a streamed text completion counts each of its tokens twice."""
    told = tuple(_recounted(each, lambda spent: 2 * spent) for each in reply.texts)
    return replace(reply, texts=told)


@fault(
    "whole-answers-cost-one-token", at=REPLY, level="should", of=in_one_document,
    sources=["abetlen/llama-cpp-python#1344"],
    primary=["USAGE-005"], cascades=["USAGE-*", "RSN-004", "LOGP-009", "CRESP-031"],
)  # fmt: skip
def whole_answers_cost_one_token(reply: Reply) -> Reply:
    """The usage of an answer in one document counts one token of it, however long it is."""
    return whole(reply, lambda document: _recounted(document, lambda _spent: 1))


def _held_and_scored(request: HttpRequest) -> bool:
    """Requests for a scored text in one document, some of which is held for a stop string."""
    asked = request.json
    told = asked.get("logprobs") is not None and bool(asked.get("stop"))
    return texts(request) and told and asked.get("stream") is not True


def _in_twos(told: Json) -> Json:
    """Of two tokens the first is told, with the alternatives of both."""
    top: list[Json | None] = told["top_logprobs"]
    firsts = range(0, len(top), 2)

    def both(at: int) -> Json | None:
        first, more = top[at], top[at + 1] if at + 1 < len(top) else None
        return first and {**first, **(more or {})}

    kept = {name: [values[at] for at in firsts] for name, values in told.items()}
    return {**kept, "top_logprobs": [both(at) for at in firsts]}


@fault(
    "held-tokens-scored-in-twos", at=REPLY, level="should", of=_held_and_scored,
    sources=["theroyallab/tabbyAPI#141"],
    primary=["CMPL-008"], cascades=["CMPL-007", "CMPL-014", "CMPL-015"],
)  # fmt: skip
def held_tokens_scored_in_twos(reply: Reply) -> Reply:
    """With a stop string, two tokens of a scored text are told as one, with the chances of both."""
    held = reply.document
    if not isinstance(held, dict) or held.get("object") != TEXT:
        return reply
    choices = [
        {**each, "logprobs": each["logprobs"] and _in_twos(each["logprobs"])}
        for each in held["choices"]
    ]
    return replace(reply, document={**held, "choices": choices})


@fault(
    "alternatives-of-the-first-token-throughout", at=REPLY, level="should", of=chat,
    sources=["sgl-project/sglang#2088"],
    primary=["LOGP-007"], cascades=_SCORES,
)  # fmt: skip
def alternatives_of_the_first_token_throughout(reply: Reply) -> Reply:
    """Each token of an answer is told with the alternatives of the first one."""
    first: dict[int, list[Json]] = {}

    def told(choice: Json) -> Json:
        logprobs = choice.get("logprobs")
        if not logprobs or not logprobs["content"]:
            return choice
        top = first.setdefault(choice["index"], logprobs["content"][0]["top_logprobs"])
        content = [{**each, "top_logprobs": top} for each in logprobs["content"]]
        return {**choice, "logprobs": {**logprobs, "content": content}}

    return each_chunk_choice(each_choice(reply, told), told)


@fault(
    "listed-models-are-one", at=REQUEST, level="must",
    sources=["antirez/ds4#414"],
    primary=["CREQ-001"],
    cascades=["CRESP-005", "CRESP-028", "STRM-004", "STRM-030", "RSN-*", "RESP-*", "RSTRM-*", "USAGE-*", "SO-020", "AUTH-004"],
)  # fmt: skip
def listed_models_are_one(request: HttpRequest) -> HttpRequest:
    """Whichever listed model is asked, the one that is loaded answers, under its own name."""
    asked: Any = request.json.get("model")
    return request.edited(model=request.served[0]) if asked in request.served[1:] else request


@fault(
    "listed-models-made-up", at=REPLY, level="should", of=listing_models,
    sources=["oobabooga/textgen#5675"],
    primary=["MODELS-009"], cascades=["MODELS-*", "CREQ-001", "ERR-011"],
    amended="no case asks a model that is only listed, whatever kind it is of: it is looked up by its id",
)  # fmt: skip
def listed_models_made_up(reply: Reply) -> Reply:
    """Whatever is loaded, the list of models holds two of OpenAI's, and nothing else."""
    held = reply.document
    if not isinstance(held, dict) or not is_model_list(held):
        return reply
    listed = [
        {"id": name, "object": "model", "created": 0, "owned_by": "user"} for name in _MADE_UP
    ]
    return replace(reply, document={**held, "data": listed})


def _seeing(request: HttpRequest) -> bool:
    return chat(request) and b'"image_url"' in request.body


@fault(
    "pictures-answered-with-advice", at=REPLY, level="must", of=_seeing,
    takes=["the body of answers"], sources=["lmstudio-ai/lmstudio-bug-tracker#266"],
    primary=["CRESP-006"], cascades=["CREQ-007", "STRM-*", "SSE-*", *NO_ANSWER],
)  # fmt: skip
def pictures_answered_with_advice(reply: Reply) -> Reply:
    """A model without eyes answers a picture with advice, no choice at all, and status 200."""
    advice = "This model has no vision adapter. Load one that has."
    blind = replace(reply, chunks=())
    return whole(blind, lambda document: {**document, "choices": [], "suggestion": advice})
