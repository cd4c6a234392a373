"""Answers that name or count a thing in one place only: the first model, the completion, the last chunk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import unquote

from conformance.reference.answer import Reply
from conformance.reference.ask import Json
from conformance.reference.circumstances import listing_models, responding, streamed, texts
from conformance.reference.edit import TEXT, each_chunk, is_model_list
from conformance.reference.fault import REPLY, REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal

_ANOTHER = "resp_bGl0ZWxsbTpjdXN0b21fbGxt"


@fault(
    "usage-of-texts-called-chat", at=REPLY, level="must", of=texts,
    sources=["NVIDIA/TensorRT-LLM#12758"],
    primary=["CMPL-011"], cascades=["CMPL-012"],
)  # fmt: skip
def usage_of_texts_called_chat(reply: Reply) -> Reply:
    """The chunk with the usage of a text completion calls itself a chunk of a chat."""
    told = (
        each if each["choices"] else {**each, "object": "chat.completion.chunk"}
        for each in reply.texts
    )
    return replace(reply, texts=tuple(told))


@fault(
    "owners-in-lists", at=REPLY, level="should", of=listing_models,
    sources=["huggingface/transformers#46006"],
    primary=["MODELS-005"], cascades=["MODELS-006"],
    amended="a member of another kind makes the entry no model with more members: MODELS-006",
)  # fmt: skip
def owners_in_lists(reply: Reply) -> Reply:
    """`owned_by` of a listed model is the list of the parts of its name."""
    held = reply.document
    if not is_model_list(held) or not isinstance(held, dict):
        return reply
    listed = [{**each, "owned_by": each["id"].split("/")} for each in held["data"]]
    return replace(reply, document={**held, "data": listed})


def _one_model(request: HttpRequest) -> bool:
    return request.method == "GET" and "/models/" in request.path


@fault(
    "first-model-alone-is-known", at=REQUEST, level="should", of=_one_model,
    sources=["BaseIntelligence/bounty-challenge#14757"],
    primary=["MODELS-009"], cascades=["MODELS-010"],
)  # fmt: skip
def first_model_alone_is_known(request: HttpRequest) -> HttpRequest:
    """Of the models that are listed the first can be looked up, and no other."""
    name = unquote(request.path.partition("/models/")[2])
    if name != next(iter(request.served), name):
        raise Refusal("Model not found", status=404, code="model_not_found")
    return request


def _usage(reply: Reply, edit: Callable[[Json], Json]) -> Reply:
    """The usage of chunks of a chat edited, where there is one."""

    def counted(chunk: Json) -> Json:
        usage = chunk.get("usage")
        return {**chunk, "usage": edit(usage)} if usage else chunk

    return each_chunk(reply, counted)


@fault(
    "usage-of-the-completion-alone", at=REPLY, level="must", of=streamed,
    sources=["Portkey-AI/gateway#858"],
    primary=["USAGE-001"], cascades=["USAGE-*", "STRM-017", "RSN-004"],
)  # fmt: skip
def usage_of_the_completion_alone(reply: Reply) -> Reply:
    """The usage of a stream has `completion_tokens`, and nothing else."""
    return _usage(reply, lambda usage: {"completion_tokens": usage["completion_tokens"]})


@fault(
    "streams-cost-one-token", at=REPLY, level="should", of=streamed,
    sources=["smg-project/smg#282"],
    primary=["USAGE-005"], cascades=["USAGE-*", "RSN-004", "LOGP-009"],
)  # fmt: skip
def streams_cost_one_token(reply: Reply) -> Reply:
    """The usage of a stream counts one token of the completion, however long it is."""

    def cheap(usage: Json) -> Json:
        return {**usage, "completion_tokens": 1, "total_tokens": usage["prompt_tokens"] + 1}

    return _usage(reply, cheap)


@fault(
    "whole-texts-cost-nothing", at=REPLY, level="should", of=texts,
    sources=["tenstorrent/tt-inference-server#3552"],
    primary=["CMPL-013"], cascades=["CMPL-012", "USAGE-*", "CMPL-009"],
    amended="whether a suffix is read is told by the tokens of the prompt: CMPL-009",
)  # fmt: skip
def whole_texts_cost_nothing(reply: Reply) -> Reply:
    """The usage of a text completion in one piece is zero throughout."""
    held = reply.document
    if not isinstance(held, dict) or held.get("object") != TEXT:
        return reply
    usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    return replace(reply, document={**held, "usage": usage})


def _looking_up(request: HttpRequest) -> bool:
    return responding(request) and request.method == "GET"


@fault(
    "looked-up-under-another-id", at=REPLY, level="may", of=_looking_up,
    sources=["BerriAI/litellm#17204"],
    primary=["RESP-022"], cascades=["RESP-005", "RESP-020"],
)  # fmt: skip
def looked_up_under_another_id(reply: Reply) -> Reply:
    """A stored response comes back under another id than the one that it was asked for by."""
    held = reply.document
    if not isinstance(held, dict) or held.get("object") != "response":
        return reply
    return replace(reply, document={**held, "id": _ANOTHER})


@fault(
    "previous-response-untold", at=REPLY, level="should", of=responding,
    sources=["masaic-ai-platform/AgC#49"],
    primary=["RESP-007"], cascades=["RESP-020"],
)  # fmt: skip
def previous_response_untold(reply: Reply) -> Reply:
    """A response does not say from which one it goes on: `previous_response_id` is null."""

    def untold(held: Json) -> Json:
        return {**held, "previous_response_id": None}

    document = reply.document
    if isinstance(document, dict) and document.get("object") == "response":
        reply = replace(reply, document=untold(document))
    events = (
        {**each, "response": untold(each["response"])} if "response" in each else each
        for each in reply.events
    )
    return replace(reply, events=tuple(events))
