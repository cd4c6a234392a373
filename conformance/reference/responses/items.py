"""The input of a response: a text, or items that become the messages of a conversation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.reference.ask import Json, Message, PastCall
from conformance.reference.model.sight import color, decoded
from conformance.reference.refusal import Refusal, shown
from conformance.reference.validate import fields

_ROLES = ("user", "assistant", "system", "developer")
_STATES = ("in_progress", "completed", "incomplete")


def read_input(body: Json, before: tuple[Message, ...]) -> tuple[Message, ...]:
    """The conversation up to the answer: what was said `before`, and the input. Raises Refusal."""
    given = body.get("input")
    if given is None:
        raise fields.missing("input")
    if isinstance(given, str):
        said = (*before, Message(role="user", text=given))
    elif isinstance(given, list):
        if not given:
            raise fields.wrong_value("input", "the array must hold at least one item.")
        said = before
        for place, each in enumerate(given):
            said = _appended(said, fields.member(each, f"input[{place}]"), f"input[{place}]")
    else:
        raise fields.wrong_type("input", "a string or an array of items", given)
    _check_answered(said)
    return said


def _appended(said: tuple[Message, ...], item: Json, at: str) -> tuple[Message, ...]:
    """The conversation with one item more. Reasoning is read and says nothing."""
    fields.text(item, "id", f"{at}.")
    fields.one_of(item, "status", _STATES, f"{at}.")
    match fields.text(item, "type", f"{at}.") or "message":
        case "message":
            return (*said, _message(item, at))
        case "function_call":
            return _called(said, _call(item, at))
        case "function_call_output":
            return (*said, _result(said, item, at))
        case "reasoning":
            _check_reasoning(item, at)
            return said
        case other:
            raise fields.unsupported(f"{at}.type", f"items of type {shown(other)} are not read.")


def _message(item: Json, at: str) -> Message:
    role = fields.needed_text(item, "role", f"{at}.")
    if role not in _ROLES:
        raise fields.wrong_value(f"{at}.role", f"{shown(role)} is none of {', '.join(_ROLES)}.")
    content = item.get("content")
    if isinstance(content, str):
        return Message(role=role, text=content)
    if not isinstance(content, list):
        raise fields.wrong_type(f"{at}.content", "a string or an array of parts", content)
    at = f"{at}.content"
    if role != "user":
        kinds = ("output_text", "refusal") if role == "assistant" else ("input_text",)
        return Message(role=role, text=_joined(content, kinds, at))
    kinds = ("input_text", "input_image")
    return Message(role=role, text=_joined(content, kinds, at), pictures=_pictures(content, at))


def _joined(parts: list[Any], kinds: tuple[str, ...], at: str) -> str:
    return "".join(_part(each, kinds, f"{at}[{place}]") for place, each in enumerate(parts))


def _part(part: Any, kinds: tuple[str, ...], at: str) -> str:
    held = fields.member(part, at)
    kind = fields.needed_text(held, "type", f"{at}.")
    if kind not in kinds:
        raise fields.unsupported(f"{at}.type", f"{shown(kind)} is not {' or '.join(kinds)}.")
    if kind == "input_image":
        return ""
    name = "refusal" if kind == "refusal" else "text"
    said = fields.text(held, name, f"{at}.")
    if said is None:
        raise fields.missing(f"{at}.{name}")
    return said


def _pictures(parts: list[Any], at: str) -> tuple[str, ...]:
    """What is seen in the images among the parts."""
    seen = []
    for place, part in enumerate(parts):
        if part["type"] == "input_image":
            fields.one_of(part, "detail", ("auto", "low", "high"), f"{at}[{place}].")
            url = fields.needed_text(part, "image_url", f"{at}[{place}].")
            try:
                seen.append(color(decoded(url)))
            except ValueError as error:
                raise fields.wrong_value(f"{at}[{place}].image_url", f"{error}.") from None
    return tuple(seen)


def _call(item: Json, at: str) -> PastCall:
    arguments = fields.text(item, "arguments", f"{at}.")
    if arguments is None:
        raise fields.missing(f"{at}.arguments")
    return PastCall(
        id=fields.needed_text(item, "call_id", f"{at}."),
        name=fields.needed_text(item, "name", f"{at}."),
        arguments=arguments,
    )


def _called(said: tuple[Message, ...], call: PastCall) -> tuple[Message, ...]:
    """A call belongs to the assistant's turn, where one is open."""
    if said and said[-1].role == "assistant":
        return (*said[:-1], replace(said[-1], calls=(*said[-1].calls, call)))
    return (*said, Message(role="assistant", text="", calls=(call,)))


def _result(said: tuple[Message, ...], item: Json, at: str) -> Message:
    answers = fields.needed_text(item, "call_id", f"{at}.")
    if answers not in {call.id for message in said for call in message.calls}:
        raise Refusal(
            f"No tool call found for function call output with call_id {shown(answers)}.",
            code="invalid_value",
            param=f"{at}.call_id",
        )
    output = item.get("output")
    if isinstance(output, list):
        output = _joined(output, ("input_text",), f"{at}.output")
    if not isinstance(output, str):
        raise fields.wrong_type(f"{at}.output", "a string or an array of parts", output)
    return Message(role="tool", text=output, answers=answers)


def _check_reasoning(item: Json, at: str) -> None:
    for place, each in enumerate(fields.array(item, "summary", f"{at}.") or []):
        _part(each, ("summary_text",), f"{at}.summary[{place}]")
    for place, each in enumerate(fields.array(item, "content", f"{at}.") or []):
        _part(each, ("reasoning_text",), f"{at}.content[{place}]")
    fields.text(item, "encrypted_content", f"{at}.")


def _check_answered(said: tuple[Message, ...]) -> None:
    """Every call has its output, wherever it stands."""
    answered = {message.answers for message in said if message.role == "tool"}
    for message in said:
        for call in message.calls:
            if call.id not in answered:
                raise Refusal(
                    f"No tool output found for function call {shown(call.id)}.",
                    code="invalid_value",
                    param="input",
                )
