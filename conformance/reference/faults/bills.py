"""What is charged: counts that only whole answers tell, or that every chunk tells, and models that nobody has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance.reference.answer import Reply
from conformance.reference.ask import Json
from conformance.reference.circumstances import streamed, texts, vectors
from conformance.reference.edit import each_chunk, without
from conformance.reference.fault import REPLY, REQUEST, fault
from conformance.reference.incoming import HttpRequest


def _in_usage(reply: Reply, edit: Callable[[Json], Json]) -> Reply:
    def told(chunk: Json) -> Json:
        return {**chunk, "usage": edit(chunk["usage"])} if chunk.get("usage") else chunk

    return each_chunk(reply, told)


@fault(
    "details-lost-in-streams", at=REPLY, level="should", of=streamed,
    sources=["QuantumNous/new-api#5671"],
    primary=["USAGE-009"], cascades=["USAGE-007", "USAGE-013", "RSN-004", "CREQ-069"],
)  # fmt: skip
def details_lost_in_streams(reply: Reply) -> Reply:
    """In the usage of a stream every detail is 0; whole answers tell what came from the cache, and what was thought."""

    def none(usage: Json) -> Json:
        lost = {
            name: dict.fromkeys(held, 0) for name, held in usage.items() if isinstance(held, dict)
        }
        return {**usage, **lost}

    return _in_usage(reply, none)


@fault(
    "streamed-prompts-estimated", at=REPLY, level="should", of=streamed,
    sources=["QuantumNous/new-api#6217"],
    primary=["USAGE-013"], cascades=["USAGE-008", "USAGE-010", "USAGE-012", "STAT-007"],
)  # fmt: skip
def streamed_prompts_estimated(reply: Reply) -> Reply:
    """The usage of a stream counts the prompt with another tokenizer: a quarter more."""

    def more(usage: Json) -> Json:
        prompt = usage["prompt_tokens"] * 63 // 50
        return {
            **usage,
            "prompt_tokens": prompt,
            "total_tokens": prompt + usage["completion_tokens"],
        }

    return _in_usage(reply, more)


@fault(
    "text-usage-runs-along", at=REPLY, level="should", of=texts,
    sources=["tenstorrent/tt-inference-server#632"],
    primary=["CMPL-012"], cascades=["CMPL-011", "CMPL-013"],
)  # fmt: skip
def text_usage_runs_along(reply: Reply) -> Reply:
    """Every chunk of a text completion has the usage so far, and no chunk of its own has it at the end."""
    final = next((each["usage"] for each in reply.texts if each.get("usage")), None)
    if final is None:
        return reply
    prompt = final["prompt_tokens"]

    def so_far(place: int, chunk: Json) -> Json:
        spent = min(place + 1, final["completion_tokens"])
        usage = {
            "prompt_tokens": prompt,
            "completion_tokens": spent,
            "total_tokens": prompt + spent,
        }
        return {**chunk, "usage": usage}

    told = [each for each in reply.texts if each["choices"]]
    return replace(reply, texts=tuple(so_far(place, each) for place, each in enumerate(told)))


@fault(
    "usage-ahead-of-a-bare-end", at=REPLY, level="must", of=streamed,
    sources=["BerriAI/litellm#17136"],
    primary=["STRM-017"], cascades=["STRM-018", "STRM-019", "STRM-020", "STRM-025", "USAGE-*"],
    amended="the SDK takes the usage of the last chunk, and here it has none: STRM-025",
)  # fmt: skip
def usage_ahead_of_a_bare_end(reply: Reply) -> Reply:
    """The usage stands in the chunk with the finish reason; the last one has neither choices nor usage."""
    counted = next((n for n, each in enumerate(reply.chunks) if each.get("usage")), 0)
    if not counted:
        return reply
    chunks = list(reply.chunks)
    chunks[counted - 1] = {**chunks[counted - 1], "usage": chunks[counted]["usage"]}
    chunks[counted] = without(chunks[counted], "usage")
    return replace(reply, chunks=tuple(chunks))


@fault(
    "vectors-of-any-model", at=REQUEST, level="must", of=vectors,
    sources=["kekzl/imp#890"],
    primary=["ERR-011"], cascades=["CREQ-001", "AUTH-004", "ERR-032"],
)  # fmt: skip
def vectors_of_any_model(request: HttpRequest) -> HttpRequest:
    """Whatever model an embedding is asked of, the one that is loaded makes it."""
    asked = request.json.get("model")
    if asked in request.served or not isinstance(asked, str):
        return request
    return request.edited(model=request.served[0])
