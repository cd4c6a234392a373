"""Responses that are cut off, told as whole, or put where nobody looks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Reply, Response
from conformance.reference.ask import Json
from conformance.reference.circumstances import responding
from conformance.reference.edit import without
from conformance.reference.fault import REPLY, REQUEST, RESPONSE, fault
from conformance.reference.faults.response_events import told
from conformance.reference.incoming import HttpRequest
from conformance.reference.model.think import THINKER
from conformance.reference.script import Send

_FEW = 2
"""Events that fit into the first pieces of a stream."""
_ENDS = ("response.completed", "response.incomplete")


def everywhere(reply: Reply, edit: Callable[[Json], Json]) -> Reply:
    """The response edited, as a document and within events."""
    held = reply.document
    if isinstance(held, dict) and held.get("object") == "response":
        reply = replace(reply, document=edit(held))

    def in_event(event: Json) -> list[Json]:
        return [{**event, "response": edit(event["response"])} if "response" in event else event]

    return told(reply, in_event)


@fault(
    "output-details-untold", at=REPLY, level="must", of=responding,
    sources=["ggml-org/llama.cpp#22659"], field=["responses-usage-output-details-missing"],
    primary=["RESP-014"], cascades=["RSTRM-012", "RESP-007"],
)  # fmt: skip
def output_details_untold(reply: Reply) -> Reply:
    """The usage of responses has no `output_tokens_details`."""

    def briefer(response: Json) -> Json:
        usage = response.get("usage")
        return {**response, "usage": without(usage, "output_tokens_details")} if usage else response

    return everywhere(reply, briefer)


@fault(
    "finished-calls-without-id", at=REPLY, level="must", of=responding,
    sources=["vllm-project/vllm#44608"], field=["responses-done-call-id-null"],
    primary=["RSTRM-011"], cascades=["RSTRM-009", "RESP-012", "RSTRM-013"],
)  # fmt: skip
def finished_calls_without_id(reply: Reply) -> Reply:
    """`response.output_item.done` of a call has null for its id."""

    def nameless(event: Json) -> list[Json]:
        called = (
            event["type"] == "response.output_item.done"
            and event["item"]["type"] == "function_call"
        )
        return [{**event, "item": {**event["item"], "id": None}} if called else event]

    return told(reply, nameless)


@fault(
    "item-ids-minted-per-event", at=REPLY, level="must", of=responding,
    sources=["BerriAI/litellm#30071", "1jehuang/jcode#1336"], field=["responses-item-id-differs-per-event"],
    primary=["RSTRM-011"], cascades=["RSTRM-*"],
)  # fmt: skip
def item_ids_minted_per_event(reply: Reply) -> Reply:
    """Each event about an item names it by another id."""

    def minted(place: int, event: Json) -> Json:
        if "item" in event:
            return {**event, "item": {**event["item"], "id": f"{event['item']['id']}{place}"}}
        return {**event, "item_id": f"{event['item_id']}{place}"} if "item_id" in event else event

    return replace(
        reply, events=tuple(minted(place, one) for place, one in enumerate(reply.events))
    )


@fault(
    "stream-cut-at-its-length", at=RESPONSE, level="must", of=responding,
    sources=["envoyproxy/ai-gateway#2392", "kubernetes-sigs/gateway-api-inference-extension#2993"],
    field=["responses-stream-cut-by-content-length"],
    primary=["RSTRM-012"], cascades=["RSTRM-*", "RESP-*", "RT-*", "SSE-*", "TRANS-*"],
)  # fmt: skip
def stream_cut_at_its_length(response: Response) -> Response:
    """A proxy takes the first events for the whole: they get a `Content-Length`, and the rest never comes."""
    if not response.stream:
        return response
    sends = tuple(act for act in response.body if isinstance(act, Send))
    return replace(response, stream=False, body=sends[:_FEW])


def _shaped(request: HttpRequest) -> bool:
    text: Any = request.json.get("text")
    shape = text.get("format") if isinstance(text, dict) else None
    return responding(request) and isinstance(shape, dict) and shape.get("type") == "json_schema"


def _moved(output: list[Json]) -> list[Json]:
    """The text of messages taken into an item of reasoning."""
    said = "".join(
        part.get("text", "")
        for item in output
        if item["type"] == "message"
        for part in item["content"]
    )
    thought = {"type": "reasoning", "id": "rs_schema", "status": "completed", "summary": [],
               "content": [{"type": "reasoning_text", "text": said}]}  # fmt: skip
    kept = [each for each in output if each["type"] != "reasoning"]
    return [thought, *map(_emptied, kept)]


def _emptied(item: Json) -> Json:
    if item["type"] != "message":
        return item
    return {**item, "content": [{**part, "text": ""} for part in item["content"]]}


@fault(
    "schema-fills-the-reasoning", at=REPLY, level="must", of=_shaped,
    sources=["vllm-project/vllm#44012"], field=["responses-schema-text-in-reasoning"],
    primary=["RESP-018"], cascades=["RESP-*", "RSTRM-*", "RSN-004"],
    amended="reasoning that a model did not do is not counted: RSN-004",
)  # fmt: skip
def schema_fills_the_reasoning(reply: Reply) -> Reply:
    """Where a response has a schema, its JSON stands in an item of reasoning, and the message is empty."""

    def moved(response: Json) -> Json:
        return {**response, "output": _moved(response["output"]) if response["output"] else []}

    return everywhere(reply, moved)


@fault(
    "named-response-calls-are-free", at=REQUEST, level="must", of=responding, rate=0.3,
    sources=["vllm-project/vllm#49712"], field=["responses-named-choice-ignored"],
    primary=["RESP-017"], cascades=["RESP-*", "RSTRM-*", "RT-015"],
)  # fmt: skip
def named_response_calls_are_free(request: HttpRequest) -> HttpRequest:
    """A `tool_choice` that names a function is taken for `auto`, now and then."""
    named = isinstance(request.json.get("tool_choice"), dict)
    return request.edited(tool_choice="auto") if named else request


def _thinking(request: HttpRequest) -> bool:
    return responding(request) and str(request.json.get("model", "")).endswith(THINKER)


def _complete(response: Json) -> Json:
    if response.get("status") != "incomplete":
        return response
    output = [{**each, "status": "completed"} for each in response["output"]]
    return {**response, "status": "completed", "incomplete_details": None, "output": output}


@fault(
    "cut-thoughts-told-as-whole", at=REPLY, level="must", of=_thinking,
    sources=["sgl-project/sglang#29325"], field=["responses-cut-told-complete-when-reasoning"],
    primary=["RESP-015"], cascades=["RESP-028", "RSTRM-022", "RSTRM-012"],
)  # fmt: skip
def cut_thoughts_told_as_whole(reply: Reply) -> Reply:
    """A response of the model that reasons is never incomplete, though its budget ended it."""

    def renamed(event: Json) -> Iterable[Json]:
        cut = event["type"] == "response.incomplete"
        return [{**event, "type": "response.completed"} if cut else event]

    return told(everywhere(reply, _complete), renamed)
