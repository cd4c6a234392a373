"""Bridges from responses to chat: what a second protocol loses of calls, items and their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Reply
from conformance.reference.ask import Json
from conformance.reference.circumstances import responding
from conformance.reference.fault import REPLY, REQUEST, fault
from conformance.reference.faults.response_events import told
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal
from conformance.reference.responses.events import events

_ENDS = ("response.completed", "response.incomplete", "response.failed")
_CALLED = ("RESP-*", "RSTRM-*", "RT-*", "TOOL-*", "CRESP-031")
"""What may fail where a call is no call any more."""
_SECOND_TURN = ("RESP-*", "RSTRM-*", "RT-*")
"""What may fail where a conversation cannot be gone on with."""
_TWO_ROUNDS, _DELTA, _DONE = 2, "response.output_text.delta", "response.output_text.done"


def input_items(request: HttpRequest) -> list[Json]:
    held = request.json.get("input")
    return [each for each in held if isinstance(each, dict)] if isinstance(held, list) else []


def made_again(reply: Reply, edit: Callable[[Json], Json]) -> Reply:
    """A finished response edited, and its stream told of it anew."""
    if reply.events and reply.events[-1]["type"] in _ENDS:
        return replace(reply, events=events(edit(reply.events[-1]["response"])))
    document = reply.document
    if isinstance(document, dict) and document.get("object") == "response":
        return replace(reply, document=edit(document))
    return reply


def put_again(reply: Reply, edit: Callable[[Json], Json]) -> Reply:
    """The items of a response edited, in one document or as a stream."""
    return made_again(reply, lambda one: {**one, "output": [edit(each) for each in one["output"]]})


def _at_the_end(edit: Callable[[list[Json]], list[Json]]) -> Callable[[Reply], Reply]:
    """The output of the response that ends a stream edited."""

    def edited(event: Json) -> Iterable[Json]:
        if event["type"] not in _ENDS:
            return [event]
        response = event["response"]
        return [{**event, "response": {**response, "output": edit(response["output"])}}]

    return lambda reply: told(reply, edited)


def _not_reasoning(items: list[Json]) -> list[Json]:
    return [each for each in items if each["type"] != "reasoning"]


def _said(item: Json, text: str) -> Json:
    """A message in place of an item."""
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    return {"id": item["id"], "type": "message", "status": item["status"], "role": "assistant", "content": [part]}  # fmt: skip


def _much_called(request: HttpRequest) -> bool:
    """Requests whose input holds the outputs of two rounds of calls or more."""
    kinds = [each.get("type") for each in input_items(request)]
    return responding(request) and kinds.count("function_call_output") >= _TWO_ROUNDS


@fault(
    "calls-told-in-words-after-two-rounds", at=REPLY, level="must", of=_much_called,
    sources=["BerriAI/litellm#42005"],
    primary=["RT-015"], cascades=_CALLED,
)  # fmt: skip
def calls_told_in_words_after_two_rounds(reply: Reply) -> Reply:
    """Once the input holds two rounds of calls, the next call comes as a thought about it, in a message."""

    def spoken(item: Json) -> Json:
        called = item["type"] == "function_call"
        return (
            _said(item, f"Now I should call {item['name']} for the next one.") if called else item
        )

    return put_again(reply, spoken)


@fault(
    "response-calls-streamed-as-markup", at=REPLY, level="must", of=responding,
    sources=["vllm-project/vllm#36445"],
    primary=["RESP-017", "CRESP-026"], cascades=[*_CALLED, "RSN-018"],
    amended="of responses CRESP-026 says that markup is no text, and RESP-017 that a call that was demanded comes: in place of RSN-018",
)  # fmt: skip
def response_calls_streamed_as_markup(reply: Reply) -> Reply:
    """A streamed response has the model's own markup as text where one document has the call."""

    def marked(item: Json) -> Json:
        if item["type"] != "function_call":
            return item
        held = f'{{"name": "{item["name"]}", "arguments": {item["arguments"]}}}'
        return _said(item, f"<tool_call>\n{held}\n</tool_call>")

    return put_again(reply, marked) if reply.events else reply


@fault(
    "arguments-under-custom-events", at=REPLY, level="must", of=responding,
    sources=["justlovemaki/AIClient2API#471"],
    primary=["RSTRM-010"], cascades=["RSTRM-*"],
)  # fmt: skip
def arguments_under_custom_events(reply: Reply) -> Reply:
    """Arguments of functions stream as `response.custom_tool_call_input.delta` and `.done`."""
    name = "function_call_arguments"

    def renamed(event: Json) -> Iterable[Json]:
        if name not in event["type"]:
            return [event]
        return [{**event, "type": event["type"].replace(name, "custom_tool_call_input")}]

    return told(reply, renamed)


@fault(
    "finished-calls-without-name", at=REPLY, level="must", of=responding,
    sources=["router-for-me/CLIProxyAPI#1004"],
    primary=["RSTRM-009"], cascades=["RESP-012", "RSTRM-010", "RSTRM-013", "TOOL-005"],
)  # fmt: skip
def finished_calls_without_name(reply: Reply) -> Reply:
    """`response.output_item.done` of a call has an empty name; the item was added with it."""

    def nameless(event: Json) -> Iterable[Json]:
        done = event["type"] == "response.output_item.done"
        if not done or event["item"]["type"] != "function_call":
            return [event]
        return [{**event, "item": {**event["item"], "name": ""}}]

    return told(reply, nameless)


@fault(
    "text-done-after-the-first-delta", at=REPLY, level="must", of=responding,
    sources=["decolua/9router#3234"],
    primary=["RSTRM-008"], cascades=["RSTRM-009"],
)  # fmt: skip
def text_done_after_the_first_delta(reply: Reply) -> Reply:
    """`response.output_text.done` comes after the first delta, with its text, and the other deltas follow."""
    told_of: set[Any] = set()

    def early(event: Json) -> Iterable[Json]:
        if event["type"] == _DONE:
            return []
        if event["type"] != _DELTA or event["item_id"] in told_of:
            return [event]
        told_of.add(event["item_id"])
        rest = {name: held for name, held in event.items() if name != "delta"}
        return [event, {**rest, "type": _DONE, "text": event["delta"]}]

    return told(reply, early)


@fault(
    "reasoning-never-added", at=REPLY, level="must", of=responding,
    sources=["majiayu000/litellm-rs#541"],
    primary=["RSTRM-006"], cascades=["RSTRM-*", "RESP-013", "RESP-024", "RESP-025", "RSN-*"],
)  # fmt: skip
def reasoning_never_added(reply: Reply) -> Reply:
    """Events of reasoning have no item: none is added or done, and the response ends without one."""
    kept = ("response.reasoning_text", "response.reasoning_summary_text")
    items: set[str] = set()

    def bare(event: Json) -> Iterable[Json]:
        item = event.get("item")
        if item and item["type"] == "reasoning":
            items.add(item["id"])
            return []
        about = event.get("item_id") in items and not event["type"].startswith(kept)
        return [] if about else [event]

    return _at_the_end(_not_reasoning)(told(reply, bare))


@fault(
    "summaries-done-empty", at=REPLY, level="should", of=responding,
    sources=["maximhq/bifrost#5149"],
    primary=["RSTRM-016"], cascades=["RSTRM-009"],
)  # fmt: skip
def summaries_done_empty(reply: Reply) -> Reply:
    """`response.reasoning_summary_text.done` has an empty text, whatever its deltas were."""
    name = "response.reasoning_summary_text.done"
    return told(reply, lambda one: [{**one, "text": ""} if one["type"] == name else one])


@fault(
    "reasoning-finished-as-message", at=REPLY, level="must", of=responding,
    sources=["maximhq/bifrost#5149"],
    primary=["RSTRM-009"], cascades=["RSTRM-013", "RSTRM-016", "RESP-009", "RESP-013"],
)  # fmt: skip
def reasoning_finished_as_message(reply: Reply) -> Reply:
    """`response.output_item.done` of reasoning has an empty message under its id."""

    def shell(event: Json) -> Iterable[Json]:
        done = event["type"] == "response.output_item.done"
        if not done or event["item"]["type"] != "reasoning":
            return [event]
        return [{**event, "item": {**_said(event["item"], ""), "content": []}}]

    return told(reply, shell)


@fault(
    "reasoning-lost-at-the-end", at=REPLY, level="must", of=responding,
    sources=["maximhq/bifrost#5149"],
    primary=["RSTRM-013"], cascades=["RSTRM-021", "RESP-013", "RESP-024", "RESP-025", "RSN-*"],
)  # fmt: skip
def reasoning_lost_at_the_end(reply: Reply) -> Reply:
    """The response that ends a stream has no item of reasoning, though one was streamed."""
    return _at_the_end(_not_reasoning)(reply)


@fault(
    "all-items-at-index-0", at=REPLY, level="should", of=responding,
    sources=["BerriAI/litellm#36375"],
    primary=["RSTRM-021"], cascades=["RSTRM-*"],
)  # fmt: skip
def all_items_at_index_0(reply: Reply) -> Reply:
    """Every event names `output_index` 0, however many items there are."""
    return told(reply, lambda one: [{**one, "output_index": 0} if "output_index" in one else one])


@fault(
    "responses-never-reason", at=REPLY, level="should", of=responding,
    sources=["vllm-project/vllm#43395"],
    primary=["RESP-025"], cascades=["RESP-013", "RESP-024", "RSTRM-016", "RSN-*"],
)  # fmt: skip
def responses_never_reason(reply: Reply) -> Reply:
    """A response asked to reason has no item of reasoning, and counts none."""

    def silent(response: Json) -> Json:
        usage = response["usage"]
        details = {**usage["output_tokens_details"], "reasoning_tokens": 0}
        output = _not_reasoning(response["output"])
        return {**response, "output": output, "usage": {**usage, "output_tokens_details": details}}

    return made_again(reply, silent)


@fault(
    "past-messages-need-a-status", at=REQUEST, level="must", of=responding,
    sources=["vllm-project/vllm#45273"],
    primary=["RESP-004"], cascades=_SECOND_TURN,
)  # fmt: skip
def past_messages_need_a_status(request: HttpRequest) -> HttpRequest:
    """An answer of the past, in parts, is refused where its item has no `status`."""
    past = [each for each in input_items(request) if each.get("role") == "assistant"]
    if any(isinstance(each.get("content"), list) and "status" not in each for each in past):
        raise Refusal("Field required: status", param="input")
    return request


@fault(
    "empty-past-message-crashes", at=REQUEST, level="must", of=responding,
    sources=["vllm-project/vllm#45276"],
    primary=["ERR-008"], cascades=[*_SECOND_TURN, "ERR-*"],
    amended="that an answer may have no part at all is said nowhere, so it may be refused, with 400: ERR-008 in place of RESP-003",
)  # fmt: skip
def empty_past_message_crashes(request: HttpRequest) -> HttpRequest:
    """An answer of the past without any part is answered with 500."""
    if any(each.get("content") == [] for each in input_items(request)):
        raise Refusal("list index out of range", status=500, kind="server_error")
    return request


@fault(
    "stored-answers-lost", at=REQUEST, level="should", of=responding,
    sources=["sgl-project/sglang#23662"],
    primary=["RESP-020"], cascades=["RESP-023", "RT-015"],
    amended="a call that was stored is part of an answer: its result finds none, RT-015",
)  # fmt: skip
def stored_answers_lost(request: HttpRequest) -> HttpRequest:
    """In place of the answers that were stored, the instructions stand in the conversation once more."""
    return replace(request, keeps="no answers")


@fault(
    "forced-calls-not-implemented", at=REQUEST, level="must", of=responding,
    sources=["vllm-project/vllm#53626"],
    primary=["RESP-017"], cascades=[*_CALLED, "ERR-*"],
)  # fmt: skip
def forced_calls_not_implemented(request: HttpRequest) -> HttpRequest:
    """A `tool_choice` beyond auto and none is answered with 501."""
    if request.json.get("tool_choice") not in (None, "auto", "none"):
        told_why = "Only 'auto' or 'none' tool_choice is supported in response API"
        raise Refusal(told_why, status=501, kind="NotImplementedError")
    return request


@fault(
    "text-without-format-refused", at=REQUEST, level="must", of=responding,
    sources=["lmstudio-ai/lmstudio-bug-tracker#1576"],
    primary=["RESP-018"], cascades=["RESP-*"],
)  # fmt: skip
def text_without_format_refused(request: HttpRequest) -> HttpRequest:
    """`text` without a `format` is refused, though the format has a default."""
    text = request.json.get("text")
    if isinstance(text, dict) and text.get("format") is None:
        raise Refusal("Required", code="missing_required_parameter", param="text.format")
    return request
