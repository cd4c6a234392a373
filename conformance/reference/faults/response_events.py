"""Streamed responses that go wrong: events without names, numbers or ends, and in the wrong order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from conformance.reference.answer import Reply, Response
from conformance.reference.ask import Json
from conformance.reference.breaks import NO_ANSWER
from conformance.reference.edit import DONE, each_event, without
from conformance.reference.fault import RESPONSE
from conformance.reference.script import Send
from conformance.reference.turned import turned

_turned = partial(turned, area=__name__)
_ENDS = ("response.completed", "response.incomplete")
_SAYS = ("response.output_text", "response.refusal")
_TYPE = re.compile(rb'"type":"[^"]*",')


def told(reply: Reply, edit: Callable[[Json], Iterable[Json]]) -> Reply:
    """Each event of a streamed response replaced by some others, all of them numbered anew."""
    events = (each for event in reply.events for each in edit(event))
    return replace(reply, events=tuple({**e, "sequence_number": n} for n, e in enumerate(events)))


def _events(edit: Callable[[Json], Iterable[Json]]) -> Callable[[Reply], Reply]:
    return lambda reply: told(reply, edit)


def _each(types: str | tuple[str, ...], edit: Callable[[Json], Json]) -> Callable[[Reply], Reply]:
    """Events whose type begins like that edited."""
    return _events(lambda event: [edit(event) if event["type"].startswith(types) else event])


def _lost(types: str | tuple[str, ...]) -> Callable[[Reply], Reply]:
    """Events whose type begins like that left out."""
    return _events(lambda event: [] if event["type"].startswith(types) else [event])


def _twice(types: str | tuple[str, ...]) -> Callable[[Reply], Reply]:
    return _events(lambda event: [event] * (2 if event["type"].startswith(types) else 1))


def _numbers(edit: Callable[[Json], Json]) -> Callable[[Reply], Reply]:
    """Events edited without being numbered anew."""
    return lambda reply: replace(reply, events=tuple(map(edit, reply.events)))


def _in_response(**members: Any) -> Callable[[Json], Json]:
    """The response of an event with other members."""
    return lambda event: {**event, "response": {**event["response"], **members}}


def _in_item(edit: Callable[[Json], Json]) -> Callable[[Json], Json]:
    return lambda event: {**event, "item": edit(event["item"])}


def _brief(event: Json) -> Json:
    kept = ("id", "object", "status")
    return {**event, "response": {name: event["response"][name] for name in kept}}


def _queued_first(event: Json) -> Iterable[Json]:
    created = event["type"] == "response.created"
    return [{**event, "type": "response.queued"}, event] if created else [event]


def _grown(reply: Reply) -> Reply:
    """Each delta of text is the whole text so far."""
    so_far: dict[Any, str] = {}

    def grow(event: Json) -> Iterable[Json]:
        if event["type"] == "response.output_text.delta":
            place = (event["output_index"], event["content_index"])
            so_far[place] = so_far.get(place, "") + event["delta"]
            event = {**event, "delta": so_far[place]}
        return [event]

    return told(reply, grow)


def _other_text(item: Json) -> Json:
    parts = [{**part, "text": "…"} if "text" in part else part for part in item.get("content", ())]
    arguments = {"arguments": "{}"} if "arguments" in item else {}
    return {**item, **({"content": parts} if parts else {}), **arguments}


def _other_texts(event: Json) -> Json:
    return _in_response(output=[_other_text(each) for each in event["response"]["output"]])(event)


def _filled(item: Json) -> Json:
    return {**item, "arguments": "{}"} if item["type"] == "function_call" else item


def _renamed(event: Json, before: str, after: str) -> Json:
    return {**event, "type": event["type"].replace(before, after)}


def _refused_as_text(event: Json) -> Json:
    event = _renamed(event, "response.refusal", "response.output_text")
    return {"logprobs": [], **event, **({"text": event["refusal"]} if "refusal" in event else {})}


def _whole(event: Json) -> Json:
    """A cut response told as if it were complete."""
    held = event.get("response") or {}
    if held.get("status") != "incomplete":
        return event
    output = [{**each, "status": "completed"} for each in held["output"]]
    known = _in_response(status="completed", incomplete_details=None, output=output)(event)
    return {**known, "type": "response.completed"}


def _before_the_end(response: Response) -> Response:
    """`[DONE]` changes places with the event before it."""
    body = response.body
    named = len(body) > 1 and isinstance(body[-2], Send) and body[-2].data.startswith(b"event: ")
    if not response.stream or not named:
        return response
    return replace(response, body=(*body[:-2], body[-1], body[-2]))


def _middle(event: bytes) -> Callable[[Response], Response]:
    """Half of the events of a response, then an error, then `[DONE]`."""

    def edited(response: Response) -> Response:
        sends = [act for act in response.body if isinstance(act, Send)]
        if not response.stream or not sends[0].data.startswith(b"event: "):
            return response
        return replace(response, body=(*sends[: len(sends) // 2], Send(event), Send(DONE)))

    return edited


def _named(edit: Callable[[bytes], bytes]) -> Callable[[Response], Response]:
    """The bytes of each event that has a name edited."""
    return lambda response: each_event(
        response, lambda event: edit(event) if event.startswith(b"event: ") else event
    )


# fmt: off
_turned("response-events-unnamed", "RSTRM-001", "Events of responses have no `event:` line.",
        _named(lambda event: event.partition(b"\n")[2]), at=RESPONSE, field=["responses-done-sentinel-and-event-name"])
_turned("response-events-untyped", "RSTRM-002", "The data of events does not name its type.",
        _named(lambda event: _TYPE.sub(b"", event, count=1)), at=RESPONSE)
_turned("response-queued-first", "RSTRM-003", "`response.queued` comes before `response.created`.",
        _events(_queued_first), cascades=["RSTRM-004"])
_turned("response-created-in-brief", "RSTRM-003", "The response at its beginning has an id and a status only.",
        _each("response.created", _brief))
_turned("response-progress-untold", "RSTRM-004", "`response.in_progress` never comes.",
        _lost("response.in_progress"), level="should")
_turned("response-events-count-from-one", "RSTRM-005", "`sequence_number` starts at 1.",
        _numbers(lambda event: {**event, "sequence_number": event["sequence_number"] + 1}))
_turned("response-events-unnumbered", "RSTRM-005", "Events have no `sequence_number`.",
        _numbers(lambda event: without(event, "sequence_number")))
_turned("output-index-missing", "RSTRM-006 RSTRM-008", "Events about items have no `output_index`.",
        _each("response.", lambda event: without(event, "output_index")), cascades=["RSTRM-010", "RSTRM-021", "RSTRM-016", "RSTRM-017"],
        amended="events of reasoning and of refusals have no place, either: RSTRM-016, RSTRM-017",
        field=["responses-stream-missing-output-index"])
_turned("item-never-added", "RSTRM-006", "`response.output_item.added` never comes.",
        _lost("response.output_item.added"), cascades=["RSTRM-010", "RSTRM-021", "RSTRM-016"],
        amended="events of reasoning have an item that was never added: RSTRM-016")
_turned("item-added-twice", "RSTRM-006", "`response.output_item.added` comes twice.",
        _twice("response.output_item.added"))
_turned("text-told-at-its-end", "RSTRM-006 RSTRM-008", "A text is told at its end: nothing is added, and there are no deltas.",
        _lost(("response.output_item.added", "response.content_part.added", "response.output_text.delta")),
        cascades=["RSTRM-005", "RSTRM-007", "RSTRM-009", "RSTRM-010", "RSTRM-016", "RSTRM-021"], field=["responses-stream-missing-events"],
        amended="cases look for deltas to number, and for items of reasoning: RSTRM-005, RSTRM-016")
_turned("part-never-added", "RSTRM-007", "`response.content_part.added` never comes.",
        _lost("response.content_part.added"), cascades=["RSTRM-009"])
_turned("text-never-done", "RSTRM-008", "`response.output_text.done` never comes.",
        _lost("response.output_text.done"))
_turned("text-done-differs", "RSTRM-008", "`response.output_text.done` has another text than its deltas.",
        _each("response.output_text.done", lambda event: {**event, "text": event["text"] + "!"}), cascades=["RSTRM-009"])
_turned("text-deltas-without-logprobs", "RSTRM-008", "Deltas of text have no `logprobs`.",
        _each("response.output_text.delta", lambda event: without(event, "logprobs")))
_turned("text-deltas-are-snapshots", "RSTRM-008", "Each delta holds the whole text so far.", _grown)
_turned("text-deltas-left-empty", "RSTRM-008", "Every second delta of text has no `delta`.",
        _each("response.output_text.delta", lambda event: without(event, "delta") if event["sequence_number"] % 2 else event),
        field=["responses-delta-payload-omitted"])
_turned("part-never-done", "RSTRM-009", "`response.content_part.done` never comes.",
        _lost("response.content_part.done"))
_turned("item-never-done", "RSTRM-009", "`response.output_item.done` never comes.",
        _lost("response.output_item.done"), cascades=["RSTRM-013"])
_turned("item-done-in-progress", "RSTRM-009", "A finished item says that it is in progress.",
        _each("response.output_item.done", _in_item(lambda item: {**item, "status": "in_progress"})),
        cascades=["RSTRM-013"])
_turned("call-added-with-arguments", "RSTRM-010", "A call is added with arguments, which its deltas repeat.",
        _each("response.output_item.added", _in_item(_filled)))
_turned("call-arguments-never-done", "RSTRM-010", "`response.function_call_arguments.done` never comes.",
        _lost("response.function_call_arguments.done"))
_turned("response-id-changes", "RSTRM-011", "The response has another id at its end.",
        _each(_ENDS, _in_response(id="resp_another")), cascades=["RESP-020", "RESP-021", "RESP-022"])
_turned("item-id-changes", "RSTRM-011", "Deltas name another item than the one that was added.",
        _each("response.output_text.delta", lambda event: {**event, "item_id": "msg_another"}))
_turned("response-without-end", "RSTRM-012", "No event ends the response.", _lost(_ENDS),
        cascades=["RSTRM-009", "RSTRM-013", "RSTRM-022", "RESP-*", "CRESP-031"], amended="asked whole and streamed, answers are compared: CRESP-031")
_turned("response-ends-without-usage", "RSTRM-012", "The response at its end has no usage.",
        _each(_ENDS, _in_response(usage=None)), cascades=["RESP-014", "RESP-015", "RSTRM-022"])
_turned("response-ends-twice", "RSTRM-012", "The event that ends the response comes twice.", _twice(_ENDS))
_turned("finished-items-lost", "RSTRM-013", "The response at its end has no output.",
        _each(_ENDS, _in_response(output=[])), cascades=["RESP-*"],
        field=["responses-completed-output-empty"])
_turned("finished-items-differ", "RSTRM-013", "The response at its end says something else than was streamed.",
        _each(_ENDS, _other_texts), cascades=["RESP-*", "RSTRM-*", "TOOL-010", "CRESP-031"],
        amended="arguments at the end that are others fit no strict schema: TOOL-010; asked whole and streamed, answers are compared: CRESP-031")
_turned("done-before-the-response", "RSTRM-014", "`[DONE]` comes before the response has ended.", _before_the_end,
        level="should", at=RESPONSE, cascades=["SSE-011", "RSTRM-009", "RSTRM-012", "RSTRM-013", "RSTRM-022", "RESP-*", "CRESP-031"],
        amended="asked whole and streamed, answers are compared: CRESP-031")
_turned("late-response-error-as-in-chat", "RSTRM-015", "In mid-stream an error comes as it would in a chat.",
        _middle(b'data: {"error":{"message":"upstream is gone","type":"server_error","param":null,"code":null}}\n\n'),
        at=RESPONSE, rate=0.3, cascades=["RSTRM-*", "RESP-*", *NO_ANSWER])
_turned("reasoning-events-misnamed", "RSTRM-016", "Reasoning comes as `response.reasoning_content.delta`.",
        _each("response.reasoning_text", lambda event: _renamed(event, "reasoning_text", "reasoning_content")),
        level="should")
_turned("reasoning-deltas-untold", "RSTRM-016", "Reasoning comes at its end alone, without a delta before it.",
        _lost(("response.reasoning_text.delta", "response.reasoning_summary_text.delta")), level="should")
_turned("reasoning-done-differs", "RSTRM-016", "Reasoning at its end is another text than its deltas.",
        _each("response.reasoning_text.done", lambda event: {**event, "text": event["text"] + "!"}), level="should",
        cascades=["RSTRM-009"])
_turned("refusal-done-differs", "RSTRM-017", "A refusal at its end is another text than its deltas.",
        _each("response.refusal.done", lambda event: {**event, "refusal": event["refusal"] + "!"}), level="should",
        cascades=["RSTRM-009"])
_turned("refusal-as-text-events", "RSTRM-017", "A refusal comes in the events of a text.",
        _each("response.refusal", _refused_as_text), level="should", cascades=["RSTRM-008", "RSTRM-009"])
_turned("annotation-events-empty", "RSTRM-018", "An event about an annotation has none.",
        _events(lambda event: [event, {"type": "response.output_text.annotation.added", **without(event, "type", "text", "logprobs")}]
                if event["type"] == "response.output_text.done" else [event]), level="may", cascades=["RSTRM-008"])
_turned("response-events-with-ids", "RSTRM-019", "Events have an `id:` line.",
        _named(lambda event: b"id: 1\n" + event), level="should", at=RESPONSE)
_turned("obfuscated-in-spite", "RSTRM-020", "Deltas are obfuscated, whatever the request says.",
        _each(tuple(f"{each}.delta" for each in _SAYS), lambda event: {**event, "obfuscation": "x7Qa"}), level="may")
_turned("items-count-from-one", "RSTRM-021", "`output_index` starts at 1.",
        _each("response.", lambda event: {**event, "output_index": event["output_index"] + 1} if "output_index" in event else event),
        level="should")
_turned("cut-response-completed", "RSTRM-022", "A response that was cut ends with `response.completed`.",
        _each("response.incomplete", lambda event: {**event, "type": "response.completed"}), cascades=["RSTRM-009"])
_turned("cut-response-untold", "RSTRM-022", "A response that was cut says that it is complete.",
        _each("response.incomplete", _whole), cascades=["RSTRM-009", "RESP-015", "RESP-028", "CRESP-031"],
        amended="asked whole and streamed, answers are compared: CRESP-031")
