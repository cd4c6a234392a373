"""Answers that end, count or begin otherwise in one circumstance: no role, no finish, no text at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.reference.answer import Choice, Completion, Reply
from conformance.reference.ask import Ask, Json
from conformance.reference.breaks import NO_ANSWER, UNTOLD
from conformance.reference.circumstances import busy, chat, streamed, texts, whole
from conformance.reference.edit import each_chunk_choice, each_delta, each_said, without
from conformance.reference.edit import whole as whole_document
from conformance.reference.fault import ASK, COMPLETION, REPLY, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens

_MANY = 16
_END = "<|im_end|>"
_SPOKEN = (
    "CRESP-*",
    "STRM-*",
    "USAGE-*",
    "SO-*",
    "LOGP-*",
    "CREQ-*",
    "RT-*",
    "TRANS-*",
    "STAT-*",
    "ERR-033",
    "TOOL-*",
)
"""What may fail where the content is not what the model said."""
_before: list[str] = []


def _counting(request: HttpRequest) -> bool:
    options: Any = request.json.get("stream_options")
    return streamed(request) and isinstance(options, dict) and bool(options.get("include_usage"))


@fault(
    "role-lost-where-usage-comes", at=REPLY, level="must", of=_counting,
    sources=["BerriAI/litellm#24221"], field=["role-missing-with-include-usage"],
    primary=["STRM-010"], cascades=["STRM-025", "CRESP-008"],
)  # fmt: skip
def role_lost_where_usage_comes(reply: Reply) -> Reply:
    """No delta has a role where the usage is asked for."""
    return each_delta(reply, lambda delta: without(delta, "role"))


@fault(
    "usage-runs-along", at=REPLY, level="should", of=_counting,
    sources=["vllm-project/vllm#7262", "ogx-ai/ogx#5122"], field=["usage-on-every-chunk-when-asked"],
    primary=["STRM-018"], cascades=["STRM-017", "STRM-019", "STRM-020", "USAGE-*", "RSN-004"],
)  # fmt: skip
def usage_runs_along(reply: Reply) -> Reply:
    """Every chunk has the usage so far, not the last alone."""
    final = next((one["usage"] for one in reply.chunks if one.get("usage")), None)
    if final is None:
        return reply
    prompt = final["prompt_tokens"]

    def so_far(place: int, chunk: Json) -> Json:
        spent = min(place, final["completion_tokens"])
        usage = {
            "prompt_tokens": prompt,
            "completion_tokens": spent,
            "total_tokens": prompt + spent,
        }
        return {**chunk, "usage": chunk.get("usage") or usage}

    return replace(
        reply, chunks=tuple(so_far(place, one) for place, one in enumerate(reply.chunks))
    )


@fault(
    "natural-end-untold", at=REPLY, level="must", of=streamed, takes=["the finish of streams"],
    sources=["waybarrios/vllm-mlx#628"], field=["stream-natural-stop-without-finish"],
    primary=["STRM-008"], cascades=UNTOLD,
)  # fmt: skip
def natural_end_untold(reply: Reply) -> Reply:
    """A stream that ends by itself ends without a finish reason; one that the cap ends has it."""

    def untold(choice: Json) -> Json:
        return {**choice, "finish_reason": None} if choice["finish_reason"] == "stop" else choice

    return each_chunk_choice(reply, untold)


@fault(
    "nothing-said-nothing-spent", at=REPLY, level="must", of=whole, rate=0.1,
    sources=["ollama/ollama#13371", "vllm-project/vllm#16361"], field=["empty-answer-zero-usage"],
    primary=["USAGE-003"], cascades=NO_ANSWER,
)  # fmt: skip
def nothing_said_nothing_spent(reply: Reply) -> Reply:
    """Now and then an answer has no content, ends with `stop`, and its usage is zero throughout."""
    zero = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}

    def empty(document: Json) -> Json:
        choices = [
            {
                **each,
                "message": {"role": "assistant", "content": None, "refusal": None},
                "finish_reason": "stop",
            }
            for each in document["choices"]
        ]
        return {**document, "choices": choices, "usage": zero}

    return whole_document(reply, empty)


def _no_stops(request: HttpRequest) -> bool:
    return chat(request) and request.json.get("stop") == []


@fault(
    "empty-stops-free-the-end-marker", at=COMPLETION, level="should", of=_no_stops,
    sources=["ollama/ollama#3629"], field=["empty-stop-list-drops-end-mark"],
    primary=["CREQ-032"], cascades=["CRESP-026", "CRESP-031", "CREQ-*"],
)  # fmt: skip
def empty_stops_free_the_end_marker(completion: Completion) -> Completion:
    """An empty list of stop strings takes the place of the model's own: its end marker comes as text."""

    def marked(one: Choice) -> Choice:
        if not one.text or one.finish != "stop":
            return one
        pieces = (*one.tokens, *tokens.split(_END))
        return replace(
            one, text="".join(pieces), tokens=pieces, spent=len(one.thought) + len(pieces)
        )

    return each_said(completion, marked)


@fault(
    "texts-under-many-ids", at=REPLY, level="must", of=texts,
    sources=["raullenchai/Rapid-MLX#461"], field=["completions-chunk-ids-rotate"],
    primary=["CMPL-011"], cascades=["CMPL-003"],
)  # fmt: skip
def texts_under_many_ids(reply: Reply) -> Reply:
    """Each chunk of a streamed text completion has an id of its own."""
    told = ({**one, "id": f"{one['id']}-{place}"} for place, one in enumerate(reply.texts))
    return replace(reply, texts=tuple(told))


@fault(
    "developer-goes-unheard", at=ASK, level="should", of=chat,
    sources=["sgl-project/sglang#40082"], field=["developer-message-dropped"],
    primary=["CREQ-003"], cascades=["USAGE-010", "USAGE-003", "CREQ-016", "RSN-019"],
)  # fmt: skip
def developer_goes_unheard(ask: Ask) -> Ask:
    """Messages of the developer are accepted, and lost in the chat template."""
    lost = [each for each in ask.messages if each.role == "developer"]
    kept = tuple(each for each in ask.messages if each.role != "developer")
    if not lost or not kept:
        return ask
    spent = sum(tokens.count(each.text) + tokens.MESSAGE_OVERHEAD for each in lost)
    return replace(ask, messages=kept, prompt_tokens=max(1, ask.prompt_tokens - spent))


@fault(
    "answers-crossed-by-sixteen", at=COMPLETION, level="should", of=chat, when=busy(_MANY),
    sources=["ml-explore/mlx-lm#965"], field=["cross-talk-from-sixteen"],
    primary=["STAT-006"], cascades=["RSN-018", *_SPOKEN],
    amended="the text of another may be one that was to hold markup: RSN-018",
)  # fmt: skip
def answers_crossed_by_sixteen(completion: Completion) -> Completion:
    """While sixteen requests are in flight, an answer is the text of the one before."""

    def crossed(one: Choice) -> Choice:
        if not one.text:
            return one
        other = _before[-1] if _before else one.text
        _before[:] = [one.text]
        return replace(one, text=other, tokens=tokens.split(other))

    return each_said(completion, crossed)
