"""What an answer says of itself, told wrongly or not at all: ids, times, kinds, counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance.reference.answer import Reply
from conformance.reference.ask import Json
from conformance.reference.circumstances import chat, listing_models, responding, streamed, texts
from conformance.reference.edit import both, each_chunk, is_model_list, without
from conformance.reference.fault import REPLY, fault
from conformance.reference.faults.response_events import told
from conformance.reference.turned import in_call

_LISTS = ("MODELS-*", "CREQ-001", "AUTH-*")
_SLIDES_AFTER = 20
"""Chunks within which an answer has its second: about as many as a small engine makes."""
_UNCOUNTED = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


def _everywhere(reply: Reply, edit: Callable[[Json], Json]) -> Reply:
    """Chunks of a chat and of a text edited."""
    return replace(each_chunk(reply, edit), texts=tuple(map(edit, reply.texts)))


@fault(
    "chunks-created-in-milliseconds", at=REPLY, level="must",
    sources=["EricLBuehler/mistral.rs#1805", "mlc-ai/web-llm#829"], field=["stream-created-in-ms"],
    primary=["CRESP-004"], cascades=["STRM-003", "STRM-025", "CMPL-003", "CMPL-011", "CRESP-025"],
)  # fmt: skip
def chunks_created_in_milliseconds(reply: Reply) -> Reply:
    """In streams `created` is in milliseconds; one document has seconds."""
    return _everywhere(reply, lambda chunk: {**chunk, "created": chunk["created"] * 1000})


@fault(
    "created-slides-along", at=REPLY, level="must", of=streamed,
    sources=["ollama/ollama#15088"], field=["stream-created-drifts"],
    primary=["STRM-003"], cascades=["CRESP-030", "STRM-025"],
)  # fmt: skip
def created_slides_along(reply: Reply) -> Reply:
    """Each chunk tells when it was made itself: those of a longer answer have later times."""
    slid = (
        {**chunk, "created": chunk["created"] + place // _SLIDES_AFTER}
        for place, chunk in enumerate(reply.chunks)
    )
    return replace(reply, chunks=tuple(slid))


@fault(
    "chunks-without-created", at=REPLY, level="must", of=streamed,
    sources=["0xzr/freellmpool#92", "peach0x33a/cmdcode2api#1"], field=["stream-created-missing"],
    primary=["STRM-003"], cascades=["CRESP-004", "CRESP-030", "STRM-025"],
)  # fmt: skip
def chunks_without_created(reply: Reply) -> Reply:
    """No chunk says when the answer was made."""
    return each_chunk(reply, lambda chunk: without(chunk, "created"))


@fault(
    "first-chunk-without-object", at=REPLY, level="must", of=streamed,
    sources=["mudler/LocalAI#8341", "acon96/home-llm#350"], field=["stream-first-chunk-without-object"],
    primary=["STRM-001"], cascades=["STRM-025"],
)  # fmt: skip
def first_chunk_without_object(reply: Reply) -> Reply:
    """The first chunk does not say that it is one: no `object`."""
    first, rest = reply.chunks[:1], reply.chunks[1:]
    return replace(reply, chunks=(*(without(each, "object") for each in first), *rest))


@fault(
    "chunk-ids-empty", at=REPLY, level="must", of=streamed,
    sources=["huggingface/text-generation-inference#2794"], field=["stream-ids-empty"],
    primary=["STRM-002"], cascades=["CRESP-001", "CRESP-002", "CRESP-030", "STRM-025"],
)  # fmt: skip
def chunk_ids_empty(reply: Reply) -> Reply:
    """The id of every chunk is empty."""
    return each_chunk(reply, lambda chunk: {**chunk, "id": ""})


def _bare(document: Json) -> Json:
    """Of the last chunk nothing but how it ended, of others nothing but the text."""
    choices = [
        {"finish_reason": each["finish_reason"]}
        if each["finish_reason"]
        else {"text": each["text"]}
        for each in document["choices"]
    ]
    ended = any("finish_reason" in each for each in choices)
    named = {} if ended else {"object": document["object"]}
    return {**named, "model": document["model"], "choices": choices, "usage": _UNCOUNTED}


@fault(
    "text-chunks-bare", at=REPLY, level="must", of=texts,
    sources=["mudler/LocalAI#648"], field=["completions-stream-chunks-bare"],
    primary=["CMPL-011"], cascades=["CMPL-*", "USAGE-*", "CRESP-031"],
    amended="asked whole and streamed, answers are compared: CRESP-031",
)  # fmt: skip
def text_chunks_bare(reply: Reply) -> Reply:
    """Chunks of a text have neither id nor time nor index, and the last no text."""
    return replace(reply, texts=tuple(map(_bare, reply.texts)))


@fault(
    "prompts-cost-nothing", at=REPLY, level="must", of=chat,
    sources=["warpfront/hipfire#74"], field=["prompt-tokens-zero"],
    primary=["USAGE-003"], cascades=["USAGE-*", "CREQ-003"],
    amended="whether a message is heard is told by its tokens: CREQ-003",
)  # fmt: skip
def prompts_cost_nothing(reply: Reply) -> Reply:
    """`prompt_tokens` is 0, and the total is that of the completion."""

    def free(held: Json) -> Json:
        usage = held.get("usage")
        if not usage:
            return held
        spent = {"prompt_tokens": 0, "total_tokens": usage["completion_tokens"]}
        return {**held, "usage": {**without(usage, "prompt_tokens_details"), **spent}}

    return both(reply, free)


@fault(
    "models-under-another-name", at=REPLY, level="must", of=listing_models,
    sources=["vllm-project/router#133"], field=["models-under-models"],
    primary=["MODELS-001"], cascades=_LISTS,
)  # fmt: skip
def models_under_another_name(reply: Reply) -> Reply:
    """The list of models is `{"models": [...]}`, of their names."""
    held = reply.document
    if not is_model_list(held) or not isinstance(held, dict):
        return reply
    return replace(reply, document={"models": [each["id"] for each in held["data"]]})


@fault(
    "models-of-no-object", at=REPLY, level="must", of=listing_models,
    sources=["mostlygeek/llama-swap#154", "tarasglek/chatcraft.org#515"], field=["models-without-object"],
    primary=["MODELS-001"], cascades=_LISTS,
)  # fmt: skip
def models_of_no_object(reply: Reply) -> Reply:
    """The list of models does not call itself a list."""
    held = reply.document
    if not is_model_list(held) or not isinstance(held, dict):
        return reply
    return replace(reply, document=without(held, "object"))


@fault(
    "call-ids-empty", at=REPLY, level="must", of=chat,
    sources=["vercel/ai#6663"], field=["whole-call-id-empty"],
    primary=["TOOL-002"], cascades=["RT-*", "CREQ-009", "CREQ-010", "CREQ-011", "CREQ-013", "TOOL-012", "RSN-006"],
)  # fmt: skip
def call_ids_empty(reply: Reply) -> Reply:
    """The ids of calls are empty in whole answers; in streams there are some."""
    edited: Reply = in_call(lambda call: {**call, "id": ""})(reply)
    return edited


def _statusless(event: Json) -> list[Json]:
    if "item" in event:
        return [{**event, "item": without(event["item"], "status")}]
    held = event.get("response")
    if not held or not held["output"]:
        return [event]
    output = [without(each, "status") for each in held["output"]]
    return [{**event, "response": {**held, "output": output}}]


@fault(
    "streamed-items-without-status", at=REPLY, level="must", of=responding,
    sources=["diegosouzapw/OmniRoute#13964"], field=["responses-stream-items-without-status"],
    primary=["RESP-029"], cascades=["RSTRM-009", "RSTRM-013", "RSTRM-006", "RESP-009", "RESP-012", "RESP-028", "RSTRM-022"],
)  # fmt: skip
def streamed_items_without_status(reply: Reply) -> Reply:
    """Items of a streamed response do not say how far they are: no `status`."""
    return told(reply, _statusless)


@fault(
    "finished-items-numbered-one", at=REPLY, level="must", of=responding,
    sources=["BerriAI/litellm#28899"], field=["responses-item-done-number-one"],
    primary=["RSTRM-005"],
)  # fmt: skip
def finished_items_numbered_one(reply: Reply) -> Reply:
    """`response.output_item.done` always has the number 1."""
    numbered = (
        {**each, "sequence_number": 1} if each["type"] == "response.output_item.done" else each
        for each in reply.events
    )
    return replace(reply, events=tuple(numbered))


@fault(
    "response-thoughts-uncounted", at=REPLY, level="should", of=responding,
    sources=["router-for-me/CLIProxyAPI#5224"], field=["responses-reasoning-tokens-zero-whole"],
    primary=["RSN-004"], cascades=["RESP-014", "USAGE-007"],
)  # fmt: skip
def response_thoughts_uncounted(reply: Reply) -> Reply:
    """`reasoning_tokens` of a whole response are 0, though it reasoned; a stream counts them."""
    held = reply.document
    if not isinstance(held, dict) or not held.get("usage"):
        return reply
    usage = {**held["usage"], "output_tokens_details": {"reasoning_tokens": 0}}
    return replace(reply, document={**held, "usage": usage})
