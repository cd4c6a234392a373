"""Parameters that work in the plain case, and fail in the one beside it."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.answer import Reply
from conformance.reference.ask import Ask, Json
from conformance.reference.circumstances import chat, streamed, texts, with_tools
from conformance.reference.edit import each_choice, each_chunk_choice, joined_choices
from conformance.reference.fault import ASK, REPLY, REQUEST, fault
from conformance.reference.incoming import HttpRequest

_NO_LOGPROBS = ("CREQ-041", "CREQ-042", "LOGP-*", "STRM-024")
"""What may fail where log probabilities are not there, or are not those of the text."""


@fault(
    "white-space-stops-nothing", at=ASK, level="must", of=chat,
    sources=["docs: Anthropic, OpenAI SDK compatibility (only non-whitespace stop sequences work)"],
    field=["stop-whitespace-ignored"],
    primary=["CREQ-030"], cascades=["CREQ-031", "CREQ-033", "STRM-028", "RSN-010"],
)  # fmt: skip
def white_space_stops_nothing(ask: Ask) -> Ask:
    """Stop strings of white space are accepted and do not stop anything."""
    return replace(ask, stop=tuple(each for each in ask.stop if each.strip()))


@fault(
    "logprobs-empty-without-alternatives", at=REPLY, level="must", of=chat,
    sources=["huggingface/text-generation-inference#1682"], field=["logprobs-empty-when-top-zero"],
    primary=["LOGP-001"], cascades=[*_NO_LOGPROBS, "TRANS-017"],
    amended="alternatives that are null are none: TRANS-017",
)  # fmt: skip
def logprobs_empty_without_alternatives(reply: Reply) -> Reply:
    """Log probabilities are an empty list where no alternatives are asked for."""

    def emptied(choice: Json) -> Json:
        told = choice["logprobs"]
        if not told or any(entry["top_logprobs"] for entry in told["content"]):
            return choice
        return {**choice, "logprobs": {**told, "content": []}}

    return each_chunk_choice(each_choice(reply, emptied), emptied)


@fault(
    "logprobs-lost-beside-tools", at=REQUEST, level="must", of=with_tools,
    sources=["sgl-project/sglang#28456"], field=["logprobs-vanish-with-parsers"],
    primary=["LOGP-001"], cascades=[*_NO_LOGPROBS, "ERR-033"],
    amended="what is taken and has no effect might as well be refused: ERR-033",
)  # fmt: skip
def logprobs_lost_beside_tools(request: HttpRequest) -> HttpRequest:
    """Where tools are offered, log probabilities are null, whatever is asked for."""
    return request.edited(logprobs=None, top_logprobs=None)


@fault(
    "likeliest-alternatives-missing", at=REPLY, level="should", of=chat, rate=0.5,
    sources=["docs: vllm-ascend, v0.23.0 release notes (Known Issues: reduce sampling)",
             "vllm-project/vllm-ascend#13469"],
    field=["logprobs-wrong-with-reduce-sampling"],
    primary=["LOGP-007"], cascades=["LOGP-002", "LOGP-005", "LOGP-006", "LOGP-013", "CREQ-042"],
    amended="the rest is so likely that it is more than certain together: LOGP-002",
)  # fmt: skip
def likeliest_alternatives_missing(reply: Reply) -> Reply:
    """Alternatives are those of a part of the vocabulary: the likeliest token is not among them, the rest too likely."""

    def partly(entry: Json) -> Json:
        others = entry["top_logprobs"][1:]
        likelier = [{**each, "logprob": each["logprob"] + 4.59} for each in others]
        lower = {**entry, "logprob": entry["logprob"] - 0.5}
        return {**lower, "top_logprobs": likelier} if others else entry

    def choice(held: Json) -> Json:
        told = held["logprobs"]
        if not told:
            return held
        return {**held, "logprobs": {**told, "content": [*map(partly, told["content"])]}}

    return each_chunk_choice(each_choice(reply, choice), choice)


@fault(
    "chunks-score-one-token", at=REPLY, level="should", of=streamed, rate=0.5,
    sources=["docs: Ascend/MindIE-LLM, EncodeLogprobsStream"], field=["stream-logprobs-one-token-per-chunk"],
    primary=["STRM-024"], cascades=["LOGP-008", "LOGP-009", "LOGP-012", "STRM-026"],
)  # fmt: skip
def chunks_score_one_token(reply: Reply) -> Reply:
    """Chunks of several tokens have the log probability of one of them."""
    merged: list[Json] = []
    for chunk in reply.chunks:
        before = merged[-1] if merged else None
        if before is None or not (_scored(before) and _scored(chunk) and _of_one(before, chunk)):
            merged.append(chunk)
            continue
        both = joined_choices(before["choices"][0], chunk["choices"][0])
        merged[-1] = {**before, "choices": [both]}
        if len(both["logprobs"]["content"]) > 1:
            merged.append({**chunk, "choices": [_silent(chunk["choices"][0])]})
    return replace(
        reply, chunks=tuple({**one, "choices": [*map(_first, one["choices"])]} for one in merged)
    )


def _scored(chunk: Json) -> bool:
    """Is it a chunk of one choice that says something, and how likely that is?"""
    choices = chunk["choices"]
    held = choices[0] if len(choices) == 1 else {"delta": {}}
    return bool(held["delta"].get("content") and held["logprobs"])


def _of_one(before: Json, chunk: Json) -> bool:
    """Do two chunks tell of the same choice?"""
    return bool(before["choices"][0]["index"] == chunk["choices"][0]["index"])


def _silent(choice: Json) -> Json:
    return {**choice, "delta": {"content": ""}, "logprobs": None}


def _first(choice: Json) -> Json:
    told = choice["logprobs"]
    return {**choice, "logprobs": {**told, "content": told["content"][:1]}} if told else choice


@fault(
    "text-tokens-do-not-join", at=REPLY, level="should", of=texts,
    sources=["vllm-project/vllm#5334"], field=["logprobs-token-strings-empty-or-shifted"],
    primary=["CMPL-015"], cascades=["CMPL-008", "CMPL-007"],
)  # fmt: skip
def text_tokens_do_not_join(reply: Reply) -> Reply:
    """The tokens of a scored text lose their spaces, and every third is empty."""

    def mangled(choice: Json) -> Json:
        told = choice["logprobs"]
        if not told:
            return choice
        spelled = [
            "" if place % 3 == 1 else each.strip(" ") for place, each in enumerate(told["tokens"])
        ]
        return {**choice, "logprobs": {**told, "tokens": spelled}}

    def edited(held: Json) -> Json:
        return {**held, "choices": [*map(mangled, held["choices"])]}

    whole = isinstance(reply.document, dict) and "choices" in reply.document
    document = edited(reply.document) if whole else reply.document  # type: ignore[arg-type]
    return replace(reply, document=document, texts=tuple(map(edited, reply.texts)))
