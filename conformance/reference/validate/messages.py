"""The conversation: roles, contents, and tool calls that are answered before anything else is said."""

from __future__ import annotations

from typing import Any

from conformance.reference.ask import Json, Message, PastCall
from conformance.reference.model.sight import color, decoded
from conformance.reference.refusal import Refusal, shown
from conformance.reference.validate import fields

_ROLES = ("system", "developer", "user", "assistant", "tool")


def read_messages(body: Json) -> tuple[Message, ...]:
    """The messages of a request. Raises Refusal naming `messages[i]...` where one cannot be."""
    listed = fields.array(body, "messages")
    if listed is None:
        raise fields.missing("messages")
    if not listed:
        raise fields.wrong_value("messages", "the array must hold at least one message.")
    messages = tuple(
        _message(fields.member(each, f"messages[{place}]"), f"messages[{place}]")
        for place, each in enumerate(listed)
    )
    _check_pairing(messages)
    return messages


def _message(held: Json, at: str) -> Message:
    role = fields.needed_text(held, "role", f"{at}.")
    if role not in _ROLES:
        raise fields.wrong_value(f"{at}.role", f"{shown(role)} is none of {', '.join(_ROLES)}.")
    fields.text(held, "name", f"{at}.")
    calls = _calls(held, at) if role == "assistant" else ()
    content = held.get("content")
    if content is None:
        if not (role == "assistant" and (calls or fields.text(held, "refusal", f"{at}."))):
            raise fields.wrong_type(f"{at}.content", "a string or an array of parts", None)
        said, pictures = "", tuple[str, ...]()
    else:
        said, pictures = _content(content, role, f"{at}.content")
    answers = fields.needed_text(held, "tool_call_id", f"{at}.") if role == "tool" else ""
    return Message(role=role, text=said, calls=calls, answers=answers, pictures=pictures)


def _content(content: Any, role: str, at: str) -> tuple[str, tuple[str, ...]]:
    """The text of a content, and what is seen in its images."""
    if isinstance(content, str):
        return content, ()
    if not isinstance(content, list):
        raise fields.wrong_type(at, "a string or an array of parts", content)
    if not content:
        raise fields.wrong_value(at, "the array must hold at least one part.")
    parts = [
        (fields.member(part, f"{at}[{place}]"), f"{at}[{place}]")
        for place, part in enumerate(content)
    ]
    images = [(held, where) for held, where in parts if held.get("type") == "image_url"]
    texts = [_part(held, role, where) for held, where in parts if held.get("type") != "image_url"]
    return "".join(texts), tuple(_picture(held, role, where) for held, where in images)


def _picture(held: Json, role: str, at: str) -> str:
    if role != "user":
        raise fields.unsupported(f"{at}.type", f"a {role} message cannot hold an image_url.")
    image = fields.mapping(held, "image_url", f"{at}.")
    if image is None:
        raise fields.missing(f"{at}.image_url")
    fields.one_of(image, "detail", ("auto", "low", "high"), f"{at}.image_url.")
    url = fields.needed_text(image, "url", f"{at}.image_url.")
    try:
        return color(decoded(url))
    except ValueError as error:
        raise fields.wrong_value(f"{at}.image_url.url", f"{error}.") from None


def _part(held: Json, role: str, at: str) -> str:
    kind = fields.needed_text(held, "type", f"{at}.")
    if kind == "refusal" and role == "assistant":
        return fields.text(held, "refusal", f"{at}.") or ""
    if kind != "text":
        raise fields.unsupported(
            f"{at}.type",
            f"this model takes text and images, so {shown(kind)} parts are not accepted.",
        )
    said = fields.text(held, "text", f"{at}.")
    if said is None:
        raise fields.missing(f"{at}.text")
    return said


def _calls(held: Json, at: str) -> tuple[PastCall, ...]:
    listed = fields.array(held, "tool_calls", f"{at}.") or []
    return tuple(
        _past_call(fields.member(each, f"{at}.tool_calls[{n}]"), f"{at}.tool_calls[{n}]")
        for n, each in enumerate(listed)
    )


def _past_call(held: Json, at: str) -> PastCall:
    kind = fields.text(held, "type", f"{at}.") or "function"
    if kind != "function":
        raise fields.unsupported(f"{at}.type", f"{shown(kind)} calls are not accepted.")
    function = fields.mapping(held, "function", f"{at}.")
    if function is None:
        raise fields.missing(f"{at}.function")
    arguments = fields.text(function, "arguments", f"{at}.function.")
    if arguments is None:
        raise fields.missing(f"{at}.function.arguments")
    return PastCall(
        id=fields.needed_text(held, "id", f"{at}."),
        name=fields.needed_text(function, "name", f"{at}.function."),
        arguments=arguments,
    )


def _check_pairing(messages: tuple[Message, ...]) -> None:
    """Each tool call is answered right after its message, and nothing else is."""
    waiting: dict[str, None] = {}
    for place, message in enumerate(messages):
        if message.role == "tool":
            if message.answers not in waiting:
                raise Refusal(
                    f"Invalid parameter: messages[{place}] with role 'tool' must answer a "
                    "preceding message with 'tool_calls'; its 'tool_call_id' matches none that waits.",
                    code="invalid_value",
                    param=f"messages[{place}].tool_call_id",
                )
            del waiting[message.answers]
            continue
        _none_waits(waiting, place)
        waiting = dict.fromkeys(call.id for call in message.calls)
        if len(waiting) < len(message.calls):
            raise fields.wrong_value(f"messages[{place}].tool_calls", "two calls have the same id.")
    _none_waits(waiting, len(messages))


def _none_waits(waiting: dict[str, None], place: int) -> None:
    if waiting:
        raise Refusal(
            "An assistant message with 'tool_calls' must be followed by tool messages that answer "
            f"each 'tool_call_id'; without an answer: {', '.join(map(shown, waiting))}.",
            code="invalid_value",
            param=f"messages[{place}].role",
        )
