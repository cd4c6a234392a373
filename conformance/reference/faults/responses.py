"""Responses that are not what they must be: the object, its items, and how it says that it was cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from conformance.reference.answer import Reply
from conformance.reference.ask import Json
from conformance.reference.circumstances import responding
from conformance.reference.edit import error, without
from conformance.reference.fault import REPLY, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.turned import Edit, having, turned

_ANSWERS = ("RESP-*", "RT-015")
"""What is asked of answers to valid requests, where there is none that can be read."""
_ROUND_TRIP = ("RESP-019", "RESP-031", "RT-015")
"""What may fail where items cannot be sent back."""
_SAYS = ("RESP-*", "SO-*", "TOOL-*", "RT-*", "STAT-*", "CREQ-*", "CRESP-*")
"""What may fail where a response says something else."""
_OK = 200

_turned = partial(turned, area=__name__, of=responding)


def _body(edit: Edit) -> Edit:
    """A response in one piece edited, made now or looked up."""

    def edited(reply: Reply) -> Reply:
        held = reply.document
        is_response = isinstance(held, dict) and held.get("object") == "response"
        return replace(reply, document=edit(held)) if is_response else reply

    return edited


def _items(kind: str, edit: Edit) -> Edit:
    """Its items of that type edited."""
    return _body(
        lambda held: {
            **held,
            "output": [edit(each) if each["type"] == kind else each for each in held["output"]],
        }
    )


def _parts(kind: str, edit: Edit) -> Edit:
    """The parts of that type in its messages edited."""
    return _items(
        "message",
        lambda item: {
            **item,
            "content": [edit(each) if each["type"] == kind else each for each in item["content"]],
        },
    )


def _where(status: str, edit: Callable[[Json], Json]) -> Edit:
    """Responses of that status edited, and no others."""
    return _body(lambda held: edit(held) if held["status"] == status else held)


def _nested(held: Json) -> Json:
    tools = [{"type": "function", "function": without(each, "type")} for each in held["tools"]]
    return {**held, "tools": tools}


def _usage_of_chat(held: Json) -> Json:
    usage = held["usage"]
    told = {"prompt_tokens": usage["input_tokens"], "completion_tokens": usage["output_tokens"]}
    return {**held, "usage": {**told, "total_tokens": usage["total_tokens"]}}


def _total_wrong(held: Json) -> Json:
    usage = held["usage"]
    return {**held, "usage": {**usage, "total_tokens": usage["total_tokens"] + 1}}


@fault(
    "response-usage-without-input", at=REPLY, of=responding, level="must",
    sources=["sgl-project/sglang#10012"], field=["responses-usage-input-zero"],
    primary=["RESP-014"], cascades=["RESP-015", "RESP-020", "RESP-023"],
)  # fmt: skip
def response_usage_without_input(reply: Reply) -> Reply:
    """The input is not counted, and the total is that of the output."""

    def uncounted(held: Json) -> Json:
        usage = without(held["usage"], "input_tokens")
        return {**held, "usage": {**usage, "total_tokens": usage["output_tokens"]}}

    return _body(uncounted)(reply)  # type: ignore[no-any-return]  # an edit gives what it takes


def _noted(held: Json) -> Json:
    note = {"id": "note_1", "type": "tool_result", "status": "completed"}
    return {**held, "output": [note, *held["output"]]}


def _torn(text: str) -> str:
    return "".join(each if each.isascii() else "\ufffd" for each in text)


def _all_completed(held: Json) -> Json:
    return {**held, "output": [{**each, "status": "completed"} for each in held["output"]]}


def _looking_up(request: HttpRequest) -> bool:
    return responding(request) and request.method == "GET"


def _lookup_empty(reply: Reply) -> Reply:
    return replace(reply, document={}) if reply.status == _OK else reply


# fmt: off
_turned("response-object-of-chat", "RESP-002", "A response calls itself a chat completion.",
        _body(having(object="chat.completion")), cascades=["RESP-022"])
_turned("response-output-null", "RESP-005", "`output` is null.", _body(having(output=None)),
        cascades=[*_ANSWERS, "ERR-008", "TRANS-016"],
        amended="a past answer without parts, and parameters at their defaults, get neither a refusal nor an answer that can be read: ERR-008, TRANS-016")
_turned("response-created-in-words", "RESP-005", "`created_at` is a date in words.",
        _body(having(created_at="2026-11-22T12:00:00Z")))
_turned("response-error-left-out", "RESP-006", "`error` is left out where there is none.",
        _body(lambda held: without(held, "error")))
_turned("response-resource-incomplete", "RESP-007", "Members that Open Responses demands are left out.",
        _body(lambda held: without(held, "completed_at", "store", "truncation")), level="should")
_turned("response-status-of-chat", "RESP-008", "`status` is the finish reason of chat.",
        _where("completed", having(status="stop")), cascades=["CRESP-031"], amended="asked whole and streamed, answers are compared: CRESP-031")
_turned("message-item-content-null", "RESP-009", "The content of a message is null.",
        _items("message", having(content=None)), cascades=["RESP-024", "RESP-018", "RESP-011", "CRESP-031", *_ROUND_TRIP],
    amended="a message without content is refused where it is sent back with its reasoning: RESP-024; asked whole and streamed, answers are compared: CRESP-031")
_turned("text-part-without-annotations", "RESP-010", "A part of text has no `annotations`.",
        _parts("output_text", lambda part: without(part, "annotations")), field=["responses-text-part-without-annotations"])
_turned("refusal-part-empty", "RESP-011", "A refusal says nothing.",
        _parts("refusal", having(refusal=None)), level="may", cascades=["RESP-018"])
_turned("call-item-arguments-object", "RESP-012", "The arguments of a call are an object.",
        _items("function_call", having(arguments={"city": "Oslo"})), cascades=[*_ROUND_TRIP, "CRESP-031"],
        amended="asked whole and streamed, answers are compared: CRESP-031")
_turned("response-arguments-as-list", "TOOL-007", "The arguments of a call are a list that holds the object.",
        _items("function_call", lambda item: {**item, "arguments": f"[{item['arguments']}]"}), cascades=_SAYS)
_turned("responses-end-with-a-token", "CRESP-026", "The text ends with the token that ends a turn.",
        _parts("output_text", lambda part: {**part, "text": part["text"] + "<|im_end|>"}), level="should", cascades=_SAYS)
_turned("responses-torn", "CRESP-027", "Characters beyond ASCII come as U+FFFD.",
        _parts("output_text", lambda part: {**part, "text": _torn(part["text"])}), cascades=_SAYS)
_turned("reasoning-item-without-summary", "RESP-013", "Reasoning has no `summary`.",
        _items("reasoning", lambda item: without(item, "summary")), level="should", cascades=["RESP-025"],
        amended="a stream tells the summary, and the document does not: RESP-025")
_turned("response-usage-of-chat", "RESP-014", "The usage has the names that chat gives it.",
        _body(_usage_of_chat))
_turned("response-usage-left-out", "RESP-014", "A response in one piece does not say what it cost.",
        _body(lambda held: without(held, "usage")), cascades=["RESP-007", "RESP-015", "RESP-020", "RESP-023", "RSN-004"])
_turned("response-usage-total-wrong", "RESP-014", "The total is one more than its parts.",
        _body(_total_wrong))
_turned("item-without-id", "RESP-029", "Messages have no id.",
        _items("message", lambda item: without(item, "id")), cascades=["RESP-009"])
_turned("item-unknown-without-prefix", "RESP-027", "An item of the provider's own says so nowhere.",
        _body(_noted), cascades=["RESP-024", *_ROUND_TRIP],
    amended="an item that nobody knows stands where the reasoning is looked for, and is sent back: RESP-024")
_turned("tools-repeated-nested", "RESP-016", "Tools come back as chat writes them.", _body(_nested))
_turned("response-cut-completed", "RESP-015", "A response that its budget ended is told as completed.",
        _where("incomplete", having(status="completed", incomplete_details=None)), cascades=["RESP-028", "CRESP-031"],
        amended="asked whole and streamed, answers are compared: CRESP-031")
_turned("response-cut-by-length", "RESP-015", "The reason is the word of chat.",
        _where("incomplete", having(incomplete_details={"reason": "length"})))
_turned("cut-message-completed", "RESP-028", "The message that the budget ended is told as completed.",
        _where("incomplete", _all_completed))
_turned("message-left-incomplete", "RESP-028", "Messages of completed responses are incomplete.",
        _items("message", having(status="incomplete")), cascades=["RESP-031"])
_turned("response-error-detail", "RESP-026", 'Refusals are `{"detail": ...}`.',
        lambda reply: error(reply, lambda held: {"detail": held["message"]}), level="should",
        cascades=["ERR-*", "AUTH-*"])
_turned("response-lookup-empty", "RESP-022", "A stored response comes back empty.", _lookup_empty,
        of=_looking_up, level="may", cascades=["RESP-002", "RESP-005", "RESP-006", "RESP-007", "RESP-008"])
