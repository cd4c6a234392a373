"""Counts and scores that belong to something else: another choice, another chunk, what came after the stop."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from conformance.reference.answer import Completion, Reply
from conformance.reference.ask import Ask, Json
from conformance.reference.circumstances import chat, streamed, texts
from conformance.reference.edit import both, each_choice, each_chunk, each_chunk_choice
from conformance.reference.fault import ASK, COMPLETION, REPLY, REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens
from conformance.reference.refusal import Refusal
from conformance.reference.turned import in_entry

_SCORES = ("LOGP-*", "STRM-024", "CREQ-041", "CREQ-042")
_FEW = 16
"""Alternatives that a vocabulary without broken tokens can always give."""
_LATER = ((" ha", -0.7), ("!", -0.9))
_SPARE = 3


def _recounted(document: Json, more: int) -> Json:
    usage = document.get("usage")
    if not usage:
        return document
    spent = usage["completion_tokens"] + more
    told = {**usage, "completion_tokens": spent, "total_tokens": usage["prompt_tokens"] + spent}
    return {**document, "usage": told}


@fault(
    "streamed-tokens-estimated", at=REPLY, level="must", of=streamed,
    sources=["BerriAI/litellm#1304"], field=["stream-completion-tokens-overestimated"],
    primary=["USAGE-004"], cascades=["USAGE-*", "LOGP-009", "RSN-004", "CREQ-019", "CREQ-020", "CRESP-016"],
    amended="by its own count an answer of one token, which ended by itself, goes beyond a cap of one: CRESP-016",
)  # fmt: skip
def streamed_tokens_estimated(reply: Reply) -> Reply:
    """The usage of a stream counts three tokens more than were generated."""
    return each_chunk(reply, lambda chunk: _recounted(chunk, _SPARE))


@fault(
    "total-adds-the-cache", at=REPLY, level="must", of=chat,
    sources=["Portkey-AI/gateway#1754"], field=["total-tokens-add-cache-again"],
    primary=["USAGE-002"], cascades=["USAGE-009"],
)  # fmt: skip
def total_adds_the_cache(reply: Reply) -> Reply:
    """What came from the cache is added to the total once more."""

    def added(document: Json) -> Json:
        usage = document.get("usage")
        if not usage:
            return document
        total = usage["total_tokens"] + usage["prompt_tokens_details"]["cached_tokens"]
        return {**document, "usage": {**usage, "total_tokens": total}}

    return both(reply, added)


@fault(
    "last-choice-counted", at=COMPLETION, level="should", of=streamed,
    sources=["vllm-project/vllm#9357"], field=["usage-counts-last-choice"],
    primary=["USAGE-011"], cascades=["USAGE-*"],
)  # fmt: skip
def last_choice_counted(completion: Completion) -> Completion:
    """The usage of a stream counts the tokens of the last choice only."""
    *others, last = completion.choices
    return replace(completion, choices=(*(replace(each, spent=0) for each in others), last))


def _stopped_and_scored(request: HttpRequest) -> bool:
    return chat(request) and bool(request.json.get("stop")) and bool(request.json.get("logprobs"))


@fault(
    "scores-beyond-the-stop", at=REPLY, level="should", of=_stopped_and_scored,
    sources=["vllm-project/vllm#47616"], field=["logprobs-past-the-stop"],
    primary=["LOGP-008"], cascades=[*_SCORES, "USAGE-*"],
)  # fmt: skip
def scores_beyond_the_stop(reply: Reply) -> Reply:
    """Log probabilities go on with tokens that the stop string cut off."""
    more = [
        {"token": token, "logprob": value, "bytes": list(token.encode()), "top_logprobs": []}
        for token, value in _LATER
    ]

    def longer(choice: Json) -> Json:
        if choice["finish_reason"] != "stop":
            return choice
        told = choice["logprobs"] or {"content": [], "refusal": None}
        return {**choice, "logprobs": {**told, "content": [*told["content"], *more]}}

    return each_chunk_choice(each_choice(reply, longer), longer)


@fault(
    "scores-ahead-of-the-text", at=REPLY, level="should",
    of=lambda request: streamed(request) and _stopped_and_scored(request),
    sources=["vllm-project/vllm#31135"], field=["stop-shifts-stream-logprobs"],
    primary=["LOGP-012"], cascades=_SCORES,
)  # fmt: skip
def scores_ahead_of_the_text(reply: Reply) -> Reply:
    """Text is held back for the sake of a stop string, its log probabilities are not: they come a chunk early."""
    scored = [
        at
        for at, one in enumerate(reply.chunks)
        if one["choices"] and one["choices"][0]["logprobs"]
    ]
    chunks = list(reply.chunks)
    for place, (at, later) in enumerate(pairwise(scored)):
        mine, next_one = (
            reply.chunks[each]["choices"][0]["logprobs"]["content"] for each in (at, later)
        )
        chunks[at] = _scored(reply.chunks[at], [*mine, *next_one] if place == 0 else next_one)
    if len(scored) > 1:
        chunks[scored[-1]] = _scored(reply.chunks[scored[-1]], [])
    return replace(reply, chunks=tuple(chunks))


def _scored(chunk: Json, content: list[Json]) -> Json:
    choice = chunk["choices"][0]
    told = {**choice, "logprobs": {**choice["logprobs"], "content": content}}
    return {**chunk, "choices": [told]}


def _letters() -> dict[int, str]:
    """What byte-level vocabularies write for each byte."""
    plain = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [each for each in range(0x100) if each not in plain]
    return {each: chr(each) for each in plain} | {
        each: chr(0x100 + n) for n, each in enumerate(others)
    }


_LETTERS = _letters()


def _in_letters(entry: Json) -> Json:
    token = "".join(_LETTERS[each] for each in entry["token"].encode())
    others = (
        {"top_logprobs": [*map(_in_letters, entry["top_logprobs"])]}
        if "top_logprobs" in entry
        else {}
    )
    return {**entry, "token": token, "bytes": list(token.encode()), **others}


@fault(
    "tokens-in-letters-for-bytes", at=REPLY, level="should", of=chat,
    sources=["vllm-project/vllm#19177"], field=["logprobs-tokens-in-byte-alphabet"],
    primary=["LOGP-008"], cascades=_SCORES,
)  # fmt: skip
def tokens_in_letters_for_bytes(reply: Reply) -> Reply:
    """Tokens of log probabilities are spelled as the vocabulary writes bytes: `Ġthe` for ` the`."""
    edited: Reply = in_entry(_in_letters)(reply)
    return edited


@fault(
    "many-alternatives-refused", at=REQUEST, level="should", of=chat,
    sources=["vllm-project/vllm#16540"], field=["top-logprobs-many-400"],
    primary=["CREQ-042"], cascades=["LOGP-005"],
)  # fmt: skip
def many_alternatives_refused(request: HttpRequest) -> HttpRequest:
    """More than 15 alternatives for a token are refused: one of them is no valid text."""
    wanted = request.json.get("top_logprobs")
    if isinstance(wanted, int) and _FEW <= wanted <= 20:  # noqa: PLR2004 - what the contract allows
        words = "Input should be a valid string, unable to parse raw data as a unicode string"
        raise Refusal(words, code="invalid_value", param="top_logprobs")
    return request


@fault(
    "long-stops-ignored", at=ASK, level="must", of=chat,
    sources=["ggml-org/llama.cpp#11538"], field=["stops-of-several-tokens-ignored"],
    primary=["CREQ-030"], cascades=["CREQ-031", "CREQ-033", "STRM-028", "RSN-010", "CRESP-015", "LOGP-008"],
)  # fmt: skip
def long_stops_ignored(ask: Ask) -> Ask:
    """A stop string of several tokens does not stop anything."""
    return replace(ask, stop=tuple(each for each in ask.stop if tokens.count(each) == 1))


def _echoing(request: HttpRequest) -> bool:
    return texts(request) and request.json.get("stream") is True and bool(request.json.get("echo"))


@fault(
    "offsets-forget-the-echo", at=REPLY, level="should", of=_echoing,
    sources=["vllm-project/vllm#47815"], field=["stream-echo-offsets-shifted"],
    primary=["CMPL-008"], cascades=["CMPL-007", "CMPL-011"],
)  # fmt: skip
def offsets_forget_the_echo(reply: Reply) -> Reply:
    """After the chunk with the echoed prompt, offsets count from its end."""
    echoed: dict[int, int] = {}

    def shifted(choice: Json) -> Json:
        before = echoed.setdefault(choice["index"], len(choice["text"]))
        told = choice["logprobs"]
        if not told or told["text_offset"][:1] == [0]:
            return choice
        offsets = [max(0, each - before) for each in told["text_offset"]]
        return {**choice, "logprobs": {**told, "text_offset": offsets}}

    chunks = ({**one, "choices": [*map(shifted, one["choices"])]} for one in reply.texts)
    return replace(reply, texts=tuple(chunks))
