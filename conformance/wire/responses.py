"""A response of POST /responses as values: what checks and captures look at, whichever way it came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from conformance.wire.completion import Answer, Choice, ToolCall
from conformance.wire.members import joined

CALLS = {"function_call": "arguments", "custom_tool_call": "input"}
"""Items that call a tool, and the member in which its arguments stand."""
_CUT = {"max_output_tokens": "length", "content_filter": "content_filter"}
"""Why a response stops short, in the words of chat completions."""
_USAGE = {"prompt_tokens": "input_tokens", "completion_tokens": "output_tokens"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of `output`. Values as received, unchecked; absent ones are None."""

    type: Any
    id: Any
    status: Any
    role: Any
    call_id: Any
    name: Any
    arguments: Any
    """Of a call: the JSON text where all is well; the input of a custom tool."""
    text: str | None
    """What its `output_text` parts say, one after the other; None where it has none."""
    refusal: str | None
    reasoning: str | None
    """Its `reasoning_text` parts; failing that, those of its summary."""
    value: Any
    """The object itself, as it would be sent back in a conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A response object, streamed or not."""

    id: Any
    model: Any
    created_at: Any
    status: Any
    error: Any
    incomplete_details: Any
    items: tuple[Item, ...]
    usage: Any
    body: Any
    """The whole as one object: received, or put together from events. Captures
    (`$.output[0].content[0].text`) look here, so that they work for both."""

    @property
    def cut(self) -> Any:
        """Why it stops short, as it says; None where it does not say so."""
        details = self.incomplete_details
        return details.get("reason") if isinstance(details, dict) else None


def whole(value: Any) -> Reply | None:
    """A body as a Reply; None where it neither calls itself a response nor has a list `output`.

    Never raises. An item that is no object is kept as one of which nothing is known.
    """
    if not isinstance(value, dict) or isinstance(value.get("choices"), list):
        return None
    output = value.get("output")
    if value.get("object") != "response" and not isinstance(output, list):
        return None
    return Reply(
        id=value.get("id"),
        model=value.get("model"),
        created_at=value.get("created_at"),
        status=value.get("status"),
        error=value.get("error"),
        incomplete_details=value.get("incomplete_details"),
        items=tuple(map(item, output)) if isinstance(output, list) else (),
        usage=value.get("usage"),
        body=value,
    )


def item(received: Any) -> Item:
    """One entry of `output`."""
    value = received if isinstance(received, dict) else {}
    arguments = CALLS.get(value["type"]) if isinstance(value.get("type"), str) else None
    content, summary = parts(value.get("content")), parts(value.get("summary"))
    return Item(
        type=value.get("type"),
        id=value.get("id"),
        status=value.get("status"),
        role=value.get("role"),
        call_id=value.get("call_id"),
        name=value.get("name"),
        arguments=value.get(arguments or "arguments"),
        text=_said(content, "output_text", "text"),
        refusal=_said(content, "refusal", "refusal"),
        reasoning=_said(content, "reasoning_text", "text")
        or _said(summary, "summary_text", "text"),
        value=received,
    )


def parts(listed: Any) -> list[dict[str, Any]]:
    """The parts of a content or a summary that are objects; a bare text is one part."""
    if isinstance(listed, str):
        return [{"type": "output_text", "text": listed}]
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _said(listed: Iterable[dict[str, Any]], kind: str, member: str) -> str | None:
    """The texts of the parts of one kind, one after the other; None where there is none."""
    texts = [each.get(member) for each in listed if each.get("type") == kind]
    said = [each for each in texts if isinstance(each, str)]
    return joined(said) if said else None


def answer(reply: Reply) -> Answer:
    """The same as a chat completion of one choice, so that what is asked of text and calls can be
    asked of both: the text of all messages, the calls of all items, and token counts and the
    reason to stop in the words of chat completions. The body stays the response.

    Without an item, or where the response failed, there is no choice.
    """
    return Answer(
        id=reply.id,
        model=reply.model,
        created=reply.created_at,
        choices=(_choice(reply),) if reply.items and reply.status != "failed" else (),
        usage=_usage(reply.usage),
        system_fingerprint=None,
        body=reply.body,
    )


def _choice(reply: Reply) -> Choice:
    calls = tuple(_call(each) for each in reply.items if _calls(each))
    return Choice(
        index=0,
        role=next((each.role for each in reply.items if each.role is not None), None),
        content=_all(each.text for each in reply.items),
        refusal=_all(each.refusal for each in reply.items),
        reasoning=_all(each.reasoning for each in reply.items),
        tool_calls=calls,
        finish_reason=_finish(reply, calls=bool(calls)),
        logprobs=None,
        message=None,
    )


def _calls(one: Item) -> bool:
    return isinstance(one.type, str) and one.type in CALLS


def _call(one: Item) -> ToolCall:
    kind = "custom" if one.type == "custom_tool_call" else "function"
    return ToolCall(index=None, id=one.call_id, type=kind, name=one.name, arguments=one.arguments)


def _all(texts: Iterable[str | None]) -> str | None:
    said = [each for each in texts if each is not None]
    return joined(said) if said else None


def _finish(reply: Reply, *, calls: bool) -> Any:
    """How it ended, in the words of chat completions; where there is none for it, its own."""
    if reply.status == "completed":
        return "tool_calls" if calls else "stop"
    if reply.status == "incomplete":
        return _CUT.get(reply.cut, reply.cut) if isinstance(reply.cut, str) else reply.cut
    return None


def _usage(received: Any) -> Any:
    """Counts under the names of chat completions as well."""
    if not isinstance(received, dict):
        return received
    known = {ours: received[name] for ours, name in _USAGE.items() if name in received}
    return {**received, **known}
