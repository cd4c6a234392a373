"""Lists that lead nowhere or leave something out: models, vectors, choices, items of a response."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Reply
from conformance.reference.ask import Json
from conformance.reference.circumstances import listing_models, responding, texts, vectors
from conformance.reference.edit import is_model_list, without
from conformance.reference.fault import REPLY, REQUEST, fault
from conformance.reference.faults.response_events import told
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal

_ENDS = ("response.completed", "response.incomplete")


@fault(
    "listed-models-have-a-prefix", at=REPLY, level="should", of=listing_models,
    sources=["decolua/9router#1512"], field=["listed-ids-not-usable"],
    primary=["MODELS-009"], cascades=["MODELS-*", "CREQ-001", "ERR-011"],
    amended="which listed model may be asked is nobody's to guess; that it can be looked up is asked: MODELS-009",
)  # fmt: skip
def listed_models_have_a_prefix(reply: Reply) -> Reply:
    """Ids of listed models have the provider's name before them, and no request takes them so."""
    held = reply.document
    if not is_model_list(held) or not isinstance(held, dict):
        return reply
    listed = [{**each, "id": f"ds/{each['id']}"} for each in held["data"]]
    return replace(reply, document={**held, "data": listed})


def _one_model(request: HttpRequest) -> bool:
    return request.method == "GET" and "/models/" in request.path


@fault(
    "listed-models-not-found", at=REPLY, level="should", of=_one_model,
    sources=["FlashML-org/FreeToken#108"], field=["model-retrieve-404"],
    primary=["MODELS-009"], cascades=["MODELS-010", "MODELS-011", "ERR-*", "AUTH-*", "MODELS-012"],
)  # fmt: skip
def listed_models_not_found(_reply: Reply) -> Reply:
    """GET /models/{id} is not there: 404 for every id."""
    return Reply(status=404, document={"detail": "Not Found"})


@fault(
    "models-for-any-key", at=REQUEST, level="should", of=listing_models,
    sources=["diegosouzapw/OmniRoute#2257"], field=["models-open-to-wrong-key"],
    primary=["MODELS-012"], cascades=["AUTH-002", "AUTH-003", "ERR-009"],
)  # fmt: skip
def models_for_any_key(request: HttpRequest) -> HttpRequest:
    """Models are listed for any key, be it wrong; without one they are not."""
    return replace(request, trusted="authorization" in request.headers)


@fault(
    "vectors-without-index", at=REPLY, level="must", of=vectors,
    sources=["doobidoo/mcp-memory-service#612"], field=["embedding-index-missing"],
    primary=["EMB-003"], cascades=["EMB-002", "EMB-015"],
)  # fmt: skip
def vectors_without_index(reply: Reply) -> Reply:
    """Vectors do not say which input they are of."""
    held = reply.document
    if not isinstance(held, dict) or "data" not in held:
        return reply
    return replace(
        reply, document={**held, "data": [without(each, "index") for each in held["data"]]}
    )


def _batch(request: HttpRequest) -> bool:
    prompt = request.json.get("prompt")
    return texts(request) and isinstance(prompt, list) and isinstance(prompt[:1], list)


@fault(
    "only-the-last-prompt", at=REPLY, level="should", of=_batch,
    sources=["openai/openai-python#90"], field=["only-last-prompt-answered"],
    primary=["CMPL-004"], cascades=["CMPL-*"],
)  # fmt: skip
def only_the_last_prompt(reply: Reply) -> Reply:
    """Of several prompts the choice of the last one comes, under the index that it has."""
    held = reply.document if isinstance(reply.document, dict) else {}
    everything = [
        *held.get("choices", ()),
        *(one for each in reply.texts for one in each["choices"]),
    ]
    last = max((each["index"] for each in everything), default=0)

    def kept(document: Json) -> Json:
        return {
            **document,
            "choices": [each for each in document["choices"] if each["index"] == last],
        }

    if "choices" in held:
        return replace(reply, document=kept(held))
    told = ((one, kept(one)) for one in reply.texts)
    return replace(
        reply, texts=tuple(now for one, now in told if now["choices"] or not one["choices"])
    )


def _parts(request: HttpRequest) -> Iterator[Any]:
    listed = request.json.get("input")
    for item in listed if isinstance(listed, list) else ():
        content = item.get("content") if isinstance(item, dict) else None
        yield from content if isinstance(content, list) else ()


@fault(
    "response-images-refused", at=REQUEST, level="must", of=responding,
    sources=["vllm-project/vllm#46631"], field=["responses-image-input-refused"],
    primary=["RESP-004"], cascades=["RESP-003", "CREQ-007"],
)  # fmt: skip
def response_images_refused(request: HttpRequest) -> HttpRequest:
    """Responses take no images, though chat of the same model does."""
    if any(
        isinstance(each, dict) and each.get("type") == "input_image" for each in _parts(request)
    ):
        raise Refusal("input_image is not supported.", code="unsupported_value", param="input")
    return request


@fault(
    "reasoning-events-without-place", at=REPLY, level="should", of=responding,
    sources=["BerriAI/litellm#38654"], field=["responses-summary-index-missing"],
    primary=["RSTRM-016"], cascades=["RSTRM-007", "RSTRM-008"],
)  # fmt: skip
def reasoning_events_without_place(reply: Reply) -> Reply:
    """Events about reasoning do not say which part of it they are of."""

    def placeless(event: Json) -> list[Json]:
        if not event["type"].startswith("response.reasoning"):
            return [event]
        return [without(event, "summary_index", "content_index")]

    return told(reply, placeless)


def _again(item: Json) -> Json:
    if item["type"] != "function_call":
        return item
    return {**item, "id": f"{item['id']}a", "call_id": f"{item['call_id']}a"}


@fault(
    "calls-named-anew-at-the-end", at=REPLY, level="must", of=responding,
    sources=["vllm-project/vllm#47916"], field=["responses-terminal-call-ids-differ"],
    primary=["RSTRM-013"], cascades=["RSTRM-011", "RSTRM-012", "RT-015"],
)  # fmt: skip
def calls_named_anew_at_the_end(reply: Reply) -> Reply:
    """The response at its end has other ids for its calls than were streamed."""

    def renamed(event: Json) -> list[Json]:
        if event["type"] not in _ENDS:
            return [event]
        output = [*map(_again, event["response"]["output"])]
        return [{**event, "response": {**event["response"], "output": output}}]

    return told(reply, renamed)
