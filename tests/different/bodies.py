"""Differences in members: what documents and chunks hold beside what they must hold."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from variety import Asked, Events, Json, variant

SNAPSHOT = "-2026-08-06"
IDS = {
    "call_": "chatcmpl-tool-", "resp_": "r.", "msg_": "item:msg:", "rs_": "item:rs:",
    "fc_": "item:fc:", "cmpl-": "text.",
}  # fmt: skip
ID_MEMBERS = {"id", "item_id", "call_id", "tool_call_id", "previous_response_id"}


def each_value(change: Callable[[Any, Asked], Any]) -> Callable[[Events, Asked], Events]:
    """What is done to documents, done to every event."""

    async def changed(events: Events, asked: Asked) -> Events:
        async for event in events:
            yield event if event.value is None else replace(event, value=change(event.value, asked))

    changed.__doc__ = ""
    return changed


def choices(value: Any) -> Iterator[tuple[Json, Json]]:
    """Choices of a chat answer with their message or delta."""
    if isinstance(value, dict) and str(value.get("object")).startswith("chat.completion"):
        for choice in value["choices"]:
            yield choice, choice.get("message") or choice.get("delta") or {}


def mapped(value: Any, change: Callable[[str, str], str], name: str = "") -> Any:
    """A value with every text of an id member changed."""
    if isinstance(value, dict):
        return {key: mapped(held, change, key) for key, held in value.items()}
    if isinstance(value, list):
        return [mapped(held, change, name) for held in value]
    return change(name, value) if isinstance(value, str) else value


def _renamed(table: dict[str, str]) -> Callable[[str, str], str]:
    def change(name: str, text: str) -> str:
        for ours, theirs in table.items() if name in ID_MEMBERS else ():
            if text.startswith(ours):
                return theirs + text[len(ours) :]
        return text

    return change


_BACK = {theirs: ours for ours, theirs in IDS.items()}


@variant("document", "chat tools multi-turn responses streaming-tools")
def other_ids(document: Any, asked: Asked) -> Any:
    """Ids in another style: of calls, which are opaque (TOOL-003), of responses and their items
    (RESP-005, RESP-009, RESP-012 ask for an id), of text completions (CMPL-003).
    """
    return mapped(document, _renamed(IDS))


variant("events", of="other-ids")(each_value(other_ids))


@variant("request", of="other-ids")
def _ids_back(asked: Asked) -> Asked:
    head, found, rest = asked.path.partition("/responses/")
    asked = replace(
        asked, path=head + found + mapped(rest, lambda _, text: _renamed(_BACK)("id", text))
    )
    return asked.saying(mapped(asked.said, _renamed(_BACK))) if asked.said else asked


@variant("document", "chat streaming streaming-tools tools models usage embeddings completions")
def extra_members(document: Any, asked: Asked) -> Any:
    """Members of vendors, in everything that is not of the Responses API: additive in answers
    (CRESP-025), of models (MODELS-006), of usage (USAGE-006, USAGE-009), of chunks (STRM-022) and of
    deltas, where lists of objects have an index (STRM-023).
    """
    if not isinstance(document, dict) or document.get("object") == "response" or "type" in document:
        return document
    document = {
        "provider": "vendor",
        "kv_transfer_params": None,
        **document,
        "service_tier": "default",
    }
    for choice, said in choices(document):
        choice |= {"stop_reason": None, "content_filter_results": {"hate": {"filtered": False}}}
        said |= {"annotations": []} if "message" in choice else {"vendor": {"a": 1}}  # noqa: PLW2901
        for call in said.get("tool_calls") or []:
            call["extra_content"] = {"google": {"thought_signature": "c2ln"}}
    if document.get("usage"):
        document["usage"] |= {"prompt_cache_hit_tokens": 0, "queue_time": 0.01, "cost": None}
    for entry in document.get("data") or []:
        if entry.get("object") == "model":
            entry |= {"max_model_len": 32768, "root": entry["id"], "parent": None, "permission": []}
    return document


variant("events", of="extra-members")(each_value(extra_members))


@variant("document", "chat tools streaming streaming-tools reasoning", group=2)
def nulls_given(document: Any, asked: Asked) -> Any:
    """Members that are not needed, as null: `tool_calls` (CRESP-013, STOOL-013), `system_fingerprint`
    (CRESP-021), details of usage (USAGE-006), `role` after the first delta (STRM-011), content of
    deltas (STRM-010, STRM-012), the reasoning where there is none (RSN-002), `id` and name of later
    fragments (STOOL-005), `logprobs` that were not asked for (LOGP-011).
    """
    for choice, said in choices(document):
        if choice.get("finish_reason") and "delta" in choice:
            continue  # STRM-013: the delta of the last chunk is empty
        names = (
            "role",
            "content",
            "tool_calls",
            "refusal",
            "function_call",
            "audio",
            "reasoning_content",
        )
        for name in names:
            said.setdefault(name, None)
        choice.setdefault("logprobs", None)
        for call in (said["tool_calls"] or []) if "delta" in choice else []:
            call.setdefault("id", None)
            call["function"].setdefault("name", None)
    if isinstance(document, dict) and str(document.get("object")).startswith("chat."):
        document["system_fingerprint"] = None
        document.setdefault("service_tier", None)
        _forget(document, lambda usage, name: usage.update({name: None}))
    return document


variant("events", of="nulls-given")(each_value(nulls_given))


def _forget(document: Json, forget: Callable[[Json, str], Any]) -> None:
    usage = document.get("usage") or {}
    details = usage.get("completion_tokens_details") or {}
    for name in (
        "prompt_tokens_details",
        *(() if details.get("reasoning_tokens") else ("completion_tokens_details",)),
    ):
        if name in usage:
            forget(usage, name)


@variant("document", "chat tools streaming streaming-tools usage")
def members_left_out(document: Any, asked: Asked) -> Any:
    """Members that may be absent: `system_fingerprint` (CRESP-021), `annotations` (CRESP-023), details
    of usage (USAGE-006, USAGE-008, USAGE-009), `logprobs` of chunks that were not asked for
    (LOGP-011), null contents (STRM-010).
    """
    for choice, said in choices(document):
        said.pop("annotations", None)
        if "delta" in choice:
            if said.get("refusal", ...) is None:
                del said["refusal"]
            if said.get("content", ...) is None:
                del said["content"]
            if choice.get("logprobs", ...) is None:
                del choice["logprobs"]
    if isinstance(document, dict) and str(document.get("object")).startswith(("chat.", "text_")):
        document.pop("system_fingerprint", None)
        _forget(document, lambda usage, name: usage.pop(name))
    return document


variant("events", of="members-left-out")(each_value(members_left_out))


@variant("document", "chat tools responses responses-streaming models embeddings errors")
def other_order(document: Any, asked: Asked) -> Any:
    """Members of objects in reverse order: JSON objects have none (TRANS-008)."""
    if isinstance(document, dict):
        return {name: other_order(document[name], asked) for name in reversed(document)}
    return (
        [other_order(each, asked) for each in document] if isinstance(document, list) else document
    )


variant("events", of="other-order")(each_value(other_order))
variant("error", of="other-order")(other_order)


@variant("error", "errors auth parameters responses embeddings transport large")
def other_errors(document: Json, asked: Asked) -> Json:
    """Errors in other words (ERR-002), of another type (ERR-003), with another code, a text or null
    (ERR-004), and with members of their own. What the message names it still names.
    """
    error = document["error"]
    codes = {None: "invalid_request", "invalid_api_key": None}
    error |= {
        "message": f"Sorry, this cannot be done: {error['message']} (See https://example.com/errors.)",
        "type": {"invalid_request_error": "BadRequestError"}.get(error["type"], error["type"]),
        "code": codes.get(error["code"], error["code"]),
        "innererror": {"code": "x", "details": []},
    }
    return {"request_id": "0", **document, "object": "error"}


@variant("document", "chat streaming")
def dated_model(document: Any, asked: Asked) -> Any:
    """The model under the name of a dated snapshot (CRESP-005, the same in all chunks: STRM-004)."""
    if isinstance(document, dict) and str(document.get("object")).startswith("chat."):
        return {**document, "model": document["model"] + SNAPSHOT}
    return document


variant("events", of="dated-model")(each_value(dated_model))


@variant("document", "reasoning streaming", group=4)
def reasoning_named_reasoning(document: Any, asked: Asked) -> Any:
    """The reasoning as `reasoning` in place of `reasoning_content` (RSN-001, RSN-003)."""
    for _, said in choices(document):
        if "reasoning_content" in said:
            said["reasoning"] = said.pop("reasoning_content")
    return document


variant("events", of="reasoning-named-reasoning")(each_value(reasoning_named_reasoning))


@variant("document", "chat tools streaming-tools")
def named_call_stops(document: Any, asked: Asked) -> Any:
    """`finish_reason` is `stop` where a function was named in `tool_choice` (CRESP-018)."""
    choice_of_tool = asked.said.get("tool_choice")
    if isinstance(choice_of_tool, dict) and choice_of_tool.get("type") == "function":
        for choice, _ in choices(document):
            if choice["finish_reason"] == "tool_calls":
                choice["finish_reason"] = "stop"
    return document


variant("events", of="named-call-stops")(each_value(named_call_stops))


@variant("document", "tools multi-turn tool-arguments", group=2)
def empty_content_beside_calls(document: Any, asked: Asked) -> Any:
    """Content is "" rather than null beside calls (TOOL-011: null or a text)."""
    for _, said in choices(document):
        if said.get("tool_calls"):
            said["content"] = ""
    return document


@variant("document", "tool-arguments tools")
def spaced_arguments(document: Any, asked: Asked) -> Any:
    """Arguments of calls as JSON with line breaks and in other order (TOOL-006 and TOOL-007 ask for a
    text that is a JSON object), `{}` as it is (TOOL-008).
    """
    for choice, said in choices(document):
        for call in (said.get("tool_calls") or []) if choice["finish_reason"] != "length" else []:
            if call["type"] == "function" and (held := json.loads(call["function"]["arguments"])):
                call["function"]["arguments"] = json.dumps(dict(reversed(held.items())), indent=2)
    return document


@variant("document", "chat sampling streaming")
def other_logprobs(document: Any, asked: Asked) -> Any:
    """Fewer alternatives than the most that were asked for (LOGP-005), `bytes` null (LOGP-003), and
    the sentinel for what is as good as impossible (LOGP-002).
    """
    for choice, _ in choices(document):
        for entry in (choice.get("logprobs") or {}).get("content") or []:
            if "\ufffd" not in entry["token"]:
                entry["bytes"] = None
            if len(entry["top_logprobs"]) > 1:
                entry["top_logprobs"].pop()
            if len(entry["top_logprobs"]) > 1:
                entry["top_logprobs"][-1]["logprob"] = -9999.0
    return document


variant("events", of="other-logprobs")(each_value(other_logprobs))


@variant("document", "embeddings")
def embeddings_as_numbers(document: Any, asked: Asked) -> Any:
    """Numbers also where base64 was asked for (EMB-005: either)."""
    for entry in (document.get("data") or []) if isinstance(document, dict) else []:
        if isinstance(held := entry.get("embedding"), str):
            raw = base64.b64decode(held)
            entry["embedding"] = list(struct.unpack(f"<{len(raw) // 4}f", raw))
    return document


@variant(
    "request", "chat tools streaming streaming-tools reasoning structured usage multi-turn", group=4
)
def thinking_by_default(asked: Asked) -> Asked:
    """The model thinks where nothing says otherwise (RSN-001, RSN-011: which is the default is left
    open); the cap includes it (CREQ-019) and may be used up by it (RSN-007).
    """
    if asked.about == "/chat/completions" and asked.said.get("model") == "reference-1":
        return asked.saying({**asked.said, "model": "reference-1-thinking"})
    return asked


@variant("document", of="thinking-by-default")
def _usual_name(document: Any, asked: Asked) -> Any:
    """The model keeps the name that was asked for (CRESP-005)."""
    if asked.said.get("model") == "reference-1-thinking" and "model" in document:
        return {**document, "model": "reference-1"}
    return document


variant("events", of="thinking-by-default")(each_value(_usual_name))
