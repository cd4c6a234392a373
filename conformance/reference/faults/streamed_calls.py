"""Calls that lose something on their way into the stream, or into arguments: an id, an end, a type."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Call, Choice, Completion, Reply, Response
from conformance.reference.ask import Json
from conformance.reference.breaks import UNTOLD
from conformance.reference.circumstances import both_of, streamed, with_tools
from conformance.reference.edit import (
    each_event,
    each_fragment,
    each_message,
    each_said,
    finishing,
    without,
)
from conformance.reference.fault import COMPLETION, REPLY, RESPONSE, fault
from conformance.reference.incoming import HttpRequest

_STREAMED = both_of(streamed, with_tools)
ARGUMENTS = (
    "TOOL-007",
    "TOOL-008",
    "TOOL-009",
    "TOOL-010",
    "TOOL-024",
    "STOOL-007",
    "CRESP-031",
    "RT-*",
)
"""What may fail where arguments are not what the model meant."""
_GROUPED = re.compile(r"\d+(?:_\d+)+")
_BEYOND = re.compile(r"[\U00010000-\U0010ffff]")
_MARKUP = '<tool_call>\n{{"name": "{name}", "arguments": {arguments}}}\n</tool_call>'
BEFORE = "I will look that up for you now."
_CUT = "I will look"


def in_words(value: Any) -> str:
    """A value as a string: what is none as its JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def each_value(completion: Completion, edit: Callable[[Any], Any]) -> Completion:
    """The members of all arguments edited, where they are whole objects."""

    def called(call: Call) -> Call:
        try:
            held = json.loads(call.arguments)
        except ValueError:
            return call
        edited = {name: edit(value) for name, value in held.items()}
        return replace(call, arguments=json.dumps(edited, ensure_ascii=False))

    def said(choice: Choice) -> Choice:
        return replace(choice, calls=tuple(map(called, choice.calls)))

    return each_said(completion, said)


@fault(
    "arguments-all-strings", at=COMPLETION, level="should", of=with_tools,
    sources=["antirez/ds4#569", "vllm-project/vllm#47906"], field=["arguments-all-strings"],
    primary=["TOOL-009"], cascades=ARGUMENTS,
)  # fmt: skip
def arguments_all_strings(completion: Completion) -> Completion:
    """Every value of the arguments is a string: numbers, booleans and lists as their JSON."""
    return each_value(completion, in_words)


@fault(
    "grouped-digits-joined", at=COMPLETION, level="should", of=with_tools,
    sources=["sgl-project/sglang#30644"], field=["string-arguments-read-as-numbers"],
    primary=["TOOL-024"], cascades=ARGUMENTS,
)  # fmt: skip
def grouped_digits_joined(completion: Completion) -> Completion:
    """A string of digits with underscores between them is read as a number: `123_456` is `123456`."""

    def joined(value: Any) -> Any:
        grouped = isinstance(value, str) and _GROUPED.fullmatch(value)
        return value.replace("_", "") if grouped else value

    return each_value(completion, joined)


def _halves(event: bytes) -> bytes:
    """An event whose arguments hold a character of two surrogates, as two events with one half each."""
    if not event.startswith(b"data: {"):
        return event
    chunk = json.loads(event.removeprefix(b"data: "))
    calls = [call for choice in chunk["choices"] for call in choice["delta"].get("tool_calls", ())]
    found = _BEYOND.search(calls[0]["function"]["arguments"]) if calls else None
    if found is None:
        return event
    text, (call, *_) = found.string, calls
    units = found[0].encode("utf-16-be")
    high, low = (chr(int.from_bytes(units[at : at + 2], "big")) for at in (0, 2))
    call["function"]["arguments"] = text[: found.start()] + high
    first = json.dumps(chunk)
    more = {"index": call["index"], "function": {"arguments": low + text[found.end() :]}}
    chunk["choices"] = [{**chunk["choices"][0], "delta": {"tool_calls": [more]}}]
    return f"data: {first}\n\ndata: {json.dumps(chunk)}\n\n".encode()


@fault(
    "argument-fragments-split-surrogates", at=RESPONSE, level="should", of=_STREAMED,
    sources=["openclaw/openclaw#115536"], field=["argument-fragments-split-surrogates"],
    primary=["TOOL-024"], cascades=[*ARGUMENTS, "TRANS-008", "SSE-015", "CRESP-027", "STRM-025"],
)  # fmt: skip
def argument_fragments_split_surrogates(response: Response) -> Response:
    """A fragment ends within a character beyond 16 bits: one half in each, as escapes."""
    return each_event(response, _halves)


def naming(request: HttpRequest) -> bool:
    """Requests for a stream in which a named function is called."""
    choice = request.json.get("tool_choice")
    return _STREAMED(request) and isinstance(choice, dict) and choice.get("type") == "function"


@fault(
    "type-lost-where-named", at=REPLY, level="must", of=naming,
    sources=["vllm-project/vllm#16340"], field=["named-choice-stream-type-missing"],
    primary=["STOOL-004"], cascades=["STOOL-009", "TOOL-004", "STRM-025", "CRESP-031"],
)  # fmt: skip
def type_lost_where_named(reply: Reply) -> Reply:
    """Streamed calls have no `type` where `tool_choice` names the function."""
    return each_fragment(reply, lambda call: without(call, "type"))


@fault(
    "streamed-call-without-id", at=REPLY, level="must", of=_STREAMED,
    sources=["vllm-project/vllm#18412"], field=["stream-tool-call-id-missing"],
    primary=["STOOL-004"], cascades=["TOOL-002", "STRM-025", "CRESP-031", "RT-*"],
)  # fmt: skip
def streamed_call_without_id(reply: Reply) -> Reply:
    """No fragment of a streamed call has an id."""
    return each_fragment(reply, lambda call: without(call, "id"))


@fault(
    "streamed-calls-without-finish", at=REPLY, level="must", of=_STREAMED, takes=["the finish of streams"],
    sources=["ai-dynamo/dynamo#10513", "ai-dynamo/dynamo#11045"], field=["streamed-calls-without-finish"],
    primary=["STRM-008"], cascades=UNTOLD,
)  # fmt: skip
def streamed_calls_without_finish(reply: Reply) -> Reply:
    """The stream of a call ends without a finish reason; that of a text has one."""
    if not any("tool_calls" in one["delta"] for each in reply.chunks for one in each["choices"]):
        return reply
    return replace(reply, chunks=tuple(each for each in reply.chunks if not finishing(each)))


def beside(message: Json, text: str) -> Json:
    return {**message, "content": text} if message.get("tool_calls") else message


def before_the_call(reply: Reply, told: Callable[[Json], str]) -> Reply:
    """In streams a delta of text put before the first fragment of the first call."""
    chunks: list[Json] = []
    spoken = False
    for chunk in reply.chunks:
        opened = [one for one in chunk["choices"] if one["delta"].get("tool_calls")]
        if opened and not spoken:
            text = {**opened[0], "delta": {"content": told(opened[0]["delta"]["tool_calls"][0])}}
            chunks.append({**chunk, "choices": [text]})
            spoken = True
        chunks.append(chunk)
    return replace(reply, chunks=tuple(chunks))


@fault(
    "text-before-calls-cut-in-streams", at=REPLY, level="should", of=with_tools,
    sources=["sgl-project/sglang#34214"], field=["stream-loses-text-before-calls"],
    primary=["CRESP-031"], cascades=["RT-014", "USAGE-*"],
)  # fmt: skip
def text_before_calls_cut_in_streams(reply: Reply) -> Reply:
    """What is said beside a call is whole in one document, and loses its end in a stream."""
    told = each_message(reply, lambda message: beside(message, BEFORE))
    return before_the_call(told, lambda _call: _CUT)


@fault(
    "markup-beside-calls", at=REPLY, level="should", of=with_tools, rate=0.5,
    sources=["raullenchai/Rapid-MLX#208"], field=["tool-markup-beside-calls"],
    primary=["CRESP-026"], cascades=["RSN-018", "STOOL-015", "CRESP-031", "USAGE-*", "TOOL-011", "RT-*"],
)  # fmt: skip
def markup_beside_calls(reply: Reply) -> Reply:
    """A call that was parsed stands in the content as well, in the model's own markup."""

    def marked(message: Json) -> Json:
        calls = message.get("tool_calls") or ()
        return beside(message, "\n".join(_MARKUP.format(**each["function"]) for each in calls))

    def opening(call: Json) -> str:
        return _MARKUP.format(name=call["function"]["name"], arguments="{}")

    return before_the_call(each_message(reply, marked), opening)
