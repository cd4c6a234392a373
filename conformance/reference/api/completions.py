"""POST /completions: the older endpoint, which goes on with a text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, zip_longest
from typing import Any

from conformance.reference.answer import Choice, Reply
from conformance.reference.api.core import Call, route
from conformance.reference.ask import Json
from conformance.reference.model import tokens
from conformance.reference.model.complete import before_stop
from conformance.reference.model.continuation import continued
from conformance.reference.model.voice import Voice
from conformance.reference.replies import FINGERPRINT
from conformance.reference.validate.completion import TextAsk, read_text_ask


@route("/v1/completions", "POST")
def completions(call: Call) -> Reply:
    """A text completion, streamed or not."""
    ask = read_text_ask(call.body, call.models)
    choices = [_choice(ask, index, call.name) for index in range(len(ask.prompts) * ask.n)]
    base = {
        "id": f"cmpl-{call.name}",
        "object": "text_completion",
        "created": call.now,
        "model": ask.model,
        "system_fingerprint": FINGERPRINT,
    }
    if ask.stream:
        return Reply(stream=True, texts=tuple(_chunks(ask, choices, base)))
    whole = [_said(ask, each, _all(ask, each), each.finish) for each in choices]
    spent = sum(each.spent for each in choices)
    return Reply(document={**base, "choices": whole, "usage": _usage(ask, choices)}, spent=spent)


def _choice(ask: TextAsk, index: int, name: str) -> Choice:
    """The continuation of one prompt; each prompt has `n` of them, one after the other."""
    seed = f"{name if ask.seed is None else ask.seed}:{index}"
    voice = Voice(temperature=ask.temperature, top_p=ask.top_p, seed=seed)
    text, stop = before_stop(continued(ask.prompts[index // ask.n].text, voice), ask.stop)
    pieces = tokens.split(text)
    kept = pieces[: ask.cap]
    finish = "length" if len(pieces) > len(kept) else "stop"
    return Choice(
        index=index, text="".join(kept), tokens=kept, calls=(), finish=finish,
        spent=len(kept), stop=stop if finish == "stop" else "",
    )  # fmt: skip


def _all(ask: TextAsk, choice: Choice) -> tuple[str, ...]:
    """Every token that is told of a choice: with `echo`, those of the prompt come first."""
    return (*_echoed(ask, choice), *choice.tokens)


def _echoed(ask: TextAsk, choice: Choice) -> tuple[str, ...]:
    return tokens.split(ask.prompts[choice.index // ask.n].text) if ask.echo else ()


def _said(
    ask: TextAsk, choice: Choice, pieces: tuple[str, ...], finish: str | None, start: int = 0
) -> Json:
    """An entry of `choices` with some tokens, the first of which stands at `start`."""
    return {
        "text": "".join(pieces),
        "index": choice.index,
        "logprobs": _logprobs(ask, choice, pieces, start),
        "finish_reason": finish,
    }


def _logprobs(ask: TextAsk, choice: Choice, pieces: tuple[str, ...], start: int) -> Json | None:
    if ask.logprobs is None:
        return None
    before = sum(map(len, _all(ask, choice)[:start]))
    first = 0 if ask.echo else -1
    told: Json = {"tokens": list(pieces), "token_logprobs": [], "top_logprobs": []}
    for place, token in enumerate(pieces, start):
        begins = place == first  # nothing comes before it that could make it likely
        top = tokens.alternatives(token, place, max(1, ask.logprobs))
        value = round(tokens.logprob(token, place), 6)
        told["token_logprobs"].append(None if begins else value)
        told["top_logprobs"].append(None if begins else dict(top))
    told["text_offset"] = list(accumulate(map(len, pieces), initial=before))[: len(pieces)]
    return told


def _usage(ask: TextAsk, choices: list[Choice]) -> Json:
    """All that was generated costs, also the candidates of `best_of` that were not the best."""
    spent = sum(each.spent for each in choices) * ask.best_of // ask.n
    return {
        "prompt_tokens": ask.prompt_tokens,
        "completion_tokens": spent,
        "total_tokens": ask.prompt_tokens + spent,
    }


def _chunks(ask: TextAsk, choices: list[Choice], base: Json) -> Iterator[Json]:
    """A token each, the choices in turns; then each end, and the usage where it is wanted."""
    base = {**base, "usage": None} if ask.include_usage else base

    def chunk(entry: Any) -> Json:
        return {**base, "choices": [entry]}

    for choice in choices:
        if echoed := _echoed(ask, choice):
            yield chunk(_said(ask, choice, echoed, None))
    for row in zip_longest(*(enumerate(each.tokens) for each in choices)):
        for choice, told in zip(choices, row, strict=True):
            if told is not None:
                start = len(_echoed(ask, choice)) + told[0]
                yield chunk(_said(ask, choice, (told[1],), None, start))
    for choice in choices:
        end = {"text": "", "index": choice.index, "logprobs": None, "finish_reason": choice.finish}
        yield chunk(end)
    if ask.include_usage:
        yield {**base, "choices": [], "usage": _usage(ask, choices)}
