"""From a completion to the JSON that is sent: one document, or the chunks of a stream."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile, zip_longest
from typing import Any

from conformance.reference.answer import Choice, Completion, Likely, Reply
from conformance.reference.ask import Ask, Json
from conformance.reference.model import tokens
from conformance.reference.refusal import Refusal

FINGERPRINT = "fp_reference_1"


def reply(completion: Completion) -> Reply:
    """The reply to a chat completion request, streamed or not, as it was asked for."""
    if completion.ask.stream:
        return Reply(stream=True, chunks=tuple(_chunks(completion)))
    return Reply(document=_document(completion), spent=completion.spent)


def refused(refusal: Refusal) -> Reply:
    """The reply that says no."""
    return Reply(status=refusal.status, document=refusal.document)


def _document(completion: Completion) -> Json:
    return {
        "id": completion.id,
        "object": "chat.completion",
        "created": completion.created,
        "model": completion.ask.model,
        "choices": [_choice(completion.ask, choice) for choice in completion.choices],
        "usage": _usage(completion),
        **_common(completion.ask),
    }


def _common(ask: Ask) -> Json:
    tier = {"service_tier": "default"} if ask.service_tier else {}
    return {"system_fingerprint": FINGERPRINT, **tier}


def _choice(ask: Ask, choice: Choice) -> Json:
    message: Json = {
        "role": "assistant",
        "content": choice.text,
        "refusal": choice.refusal,
        "annotations": [],
    }
    if choice.thought:
        message["reasoning_content"] = "".join(choice.thought)
    if choice.calls:
        message["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in choice.calls
        ]
    return {
        "index": choice.index,
        "message": message,
        "logprobs": _logprobs(ask, choice, choice.tokens, 0),
        "finish_reason": choice.finish,
    }


def _usage(completion: Completion) -> Json:
    return {
        "prompt_tokens": completion.ask.prompt_tokens,
        "completion_tokens": completion.spent,
        "total_tokens": completion.ask.prompt_tokens + completion.spent,
        "prompt_tokens_details": {"cached_tokens": completion.cached},
        "completion_tokens_details": {
            "reasoning_tokens": completion.thought,
            "audio_tokens": 0,
            "accepted_prediction_tokens": _foreseen(completion),
            "rejected_prediction_tokens": 0,
        },
    }


def _foreseen(completion: Completion) -> int:
    """Tokens from the beginning of the answers that the client had predicted."""
    predicted = tokens.split(completion.ask.prediction)
    return sum(
        len(
            list(
                takewhile(
                    lambda pair: pair[0] == pair[1], zip(choice.tokens, predicted, strict=False)
                )
            )
        )
        for choice in completion.choices
    )


def _logprobs(ask: Ask, choice: Choice, pieces: tuple[str, ...], place: int) -> Json | None:
    """Log probabilities of some tokens, the first of which stands at `place` of the answer."""
    if not ask.logprobs:
        return None
    if choice.likely:
        known = choice.likely[place : place + len(pieces)]
        told = [_known(token, each) for token, each in zip(pieces, known, strict=True)]
    else:
        told = [_logprob(token, place + n, ask.top_logprobs) for n, token in enumerate(pieces)]
    if choice.refusal is not None:
        return {"content": [], "refusal": told}
    return {"content": told, "refusal": None}


def _logprob(token: str, place: int, top: int) -> Json:
    likely = [_entry(each, value) for each, value in tokens.alternatives(token, place, top)]
    return {**_entry(token, tokens.logprob(token, place)), "top_logprobs": likely}


def _known(token: str, likely: Likely) -> Json:
    top = [_entry(each, value) for each, value in likely.top]
    return {**_entry(token, likely.logprob), "top_logprobs": top}


def _entry(token: str, value: float) -> Json:
    return {"token": token, "logprob": round(value, 6), "bytes": list(token.encode())}


def _chunks(completion: Completion) -> Iterator[Json]:
    """All chunks: roles first, then the choices in turns, then each end, then the usage."""
    ask = completion.ask
    base = {
        "id": completion.id,
        "object": "chat.completion.chunk",
        "created": completion.created,
        "model": ask.model,
        **_common(ask),
    }
    if ask.include_usage:
        base["usage"] = None

    def chunk(choice: Choice, delta: Json, logprobs: Any = None, finish: str | None = None) -> Json:
        one = {"index": choice.index, "delta": delta, "logprobs": logprobs, "finish_reason": finish}
        return {**base, "choices": [one]}

    for choice in completion.choices:
        silent = bool(choice.calls) or choice.refusal is not None
        first = {"role": "assistant", "content": None if silent else "", "refusal": None}
        yield chunk(choice, first)
    turns = [list(_deltas(ask, choice)) for choice in completion.choices]
    for row in zip_longest(*turns):
        for choice, said in zip(completion.choices, row, strict=True):
            if said is not None:
                yield chunk(choice, *said)
    for choice in completion.choices:
        yield chunk(choice, {}, None, choice.finish)
    if ask.include_usage:
        yield {**base, "choices": [], "usage": _usage(completion)}


def _deltas(ask: Ask, choice: Choice) -> Iterator[tuple[Json, Json | None]]:
    """The deltas of one choice with their log probabilities, a token each; thoughts come first."""
    for token in choice.thought:
        yield {"reasoning_content": token}, None
    part = "content" if choice.refusal is None else "refusal"
    for place, token in enumerate(choice.tokens):
        yield {part: token}, _logprobs(ask, choice, (token,), place)
    for index, call in enumerate(choice.calls):
        opening = {"name": call.name, "arguments": ""}
        begun = {"index": index, "id": call.id, "type": "function", "function": opening}
        yield {"tool_calls": [begun]}, None
        for token in tokens.split(call.arguments):
            more = {"index": index, "function": {"arguments": token}}
            yield {"tool_calls": [more]}, None
