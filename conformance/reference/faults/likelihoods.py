"""Log probabilities of streamed chunks and of stopped answers, as engines lose or misplace them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from conformance.reference.answer import Completion, Reply
from conformance.reference.ask import Json
from conformance.reference.breaks import NO_ANSWER
from conformance.reference.circumstances import chat, streamed
from conformance.reference.edit import each_choice, joined_choices
from conformance.reference.fault import COMPLETION, REPLY, fault
from conformance.reference.model.sampling import number
from conformance.reference.refusal import Refusal
from conformance.reference.turned import in_entry


def _scored(chunk: Json) -> Json | None:
    """The choice of a chunk that carries text and its log probabilities."""
    choices = chunk["choices"]
    held: Json | None = choices[0] if len(choices) == 1 else None
    return held if held and held["logprobs"] and held["delta"].get("content") else None


def _in_pairs(chunks: tuple[Json, ...]) -> Iterator[Json]:
    """Chunks with text, two and two of one choice in one."""
    held: Json | None = None
    for chunk in chunks:
        mine, before = _scored(chunk), held and _scored(held)
        if held and mine and before and mine["index"] == before["index"]:
            yield {**held, "choices": [joined_choices(before, mine)]}
            held = None
            continue
        if held:
            yield held
        held = chunk
    if held:
        yield held


def _one_row(choice: Json) -> Json:
    """Every token of a chunk has the alternatives of the chunk's first."""
    told = choice["logprobs"]
    if not told or not told["content"]:
        return choice
    first = told["content"][0]["top_logprobs"]
    content = [{**each, "top_logprobs": first} for each in told["content"]]
    return {**choice, "logprobs": {**told, "content": content}}


@fault(
    "alternatives-of-the-first-in-a-chunk", at=REPLY, level="should", of=streamed,
    sources=["sgl-project/sglang#39260", "sgl-project/sglang#5761"],
    primary=["LOGP-007"], cascades=["LOGP-005", "LOGP-012", "STRM-024", "CREQ-042", "CRESP-031"],
)  # fmt: skip
def alternatives_of_the_first_in_a_chunk(reply: Reply) -> Reply:
    """A chunk holds two tokens, and the second is told with the alternatives of the first."""
    paired = (
        {**chunk, "choices": [*map(_one_row, chunk["choices"])]}
        for chunk in _in_pairs(reply.chunks)
    )
    return replace(reply, chunks=tuple(paired))


@fault(
    "scores-of-the-last-token-alone", at=REPLY, level="must", of=chat,
    sources=["Menci/Floway#481"],
    primary=["LOGP-001"], cascades=["LOGP-*", "CREQ-041", "CREQ-042", "STRM-024", "CRESP-031"],
)  # fmt: skip
def scores_of_the_last_token_alone(reply: Reply) -> Reply:
    """Streams are put together anew, and of the log probabilities the last entry is left, streamed or not."""

    def last(choice: Json) -> Json:
        told = choice["logprobs"]
        less = told and {**told, "content": told["content"][-1:]}
        return {**choice, "logprobs": less}

    final = {one["index"]: at for at, c in enumerate(reply.chunks) if (one := _scored(c))}

    def kept(at: int, choice: Json) -> Json:
        return choice if final.get(choice["index"]) == at else {**choice, "logprobs": None}

    chunks = (
        {**chunk, "choices": [kept(at, each) for each in chunk["choices"]]}
        for at, chunk in enumerate(reply.chunks)
    )
    return replace(each_choice(reply, last), chunks=tuple(chunks))


@fault(
    "stopped-and-scored-fails", at=COMPLETION, level="must", of=chat,
    sources=["NVIDIA/TensorRT-LLM#18190"],
    primary=["CREQ-030"],
    cascades=["CREQ-031", "CREQ-033", "STRM-028", "LOGP-*", *NO_ANSWER],
)  # fmt: skip
def stopped_and_scored_fails(completion: Completion) -> Completion:
    """Where a stop string ends an answer whose log probabilities are asked for, 400 comes."""
    if completion.ask.logprobs and any(each.stop for each in completion.choices):
        raise Refusal("Postprocessing error: token_ids and logprobs have different lengths")
    return completion


def _alternatives(reply: Reply, edit: Callable[[Json], Json]) -> Reply:
    """Every alternative edited, streamed or not."""

    def inside(entry: Json) -> Json:
        return {**entry, "top_logprobs": [edit(each) for each in entry["top_logprobs"]]}

    edited: Reply = in_entry(inside)(reply)
    return edited


@fault(
    "alternatives-lose-their-spaces", at=REPLY, level="should", of=chat,
    sources=["ggml-org/llama.cpp#11728"],
    primary=["LOGP-007"], cascades=["LOGP-003", "LOGP-005", "CREQ-042"],
    amended="the token is missing among its alternatives, as among those of another place: CREQ-042",
)  # fmt: skip
def alternatives_lose_their_spaces(reply: Reply) -> Reply:
    """Alternatives lack the space that they begin with; the tokens that were chosen have it."""

    def bare(one: Json) -> Json:
        token = one["token"].removeprefix(" ")
        return {**one, "token": token, "bytes": list(token.encode())}

    return _alternatives(reply, bare)


@fault(
    "alternatives-are-token-numbers", at=REPLY, level="should", of=chat,
    sources=["llmmanorg/llmman#159"],
    primary=["LOGP-007"], cascades=["LOGP-003", "LOGP-005", "CREQ-042"],
    amended="the token is missing among its alternatives, as among those of another place: CREQ-042",
)  # fmt: skip
def alternatives_are_token_numbers(reply: Reply) -> Reply:
    """Alternatives are told by the id of their token, as `<1234>`, and without bytes."""
    return _alternatives(
        reply, lambda one: {**one, "token": f"<{number(one['token'])}>", "bytes": None}
    )
