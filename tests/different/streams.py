"""Differences between events: how much each carries, and what comes between them."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

from variety import Asked, Event, Events, Json, variant

TEXTS = ("content", "reasoning_content", "reasoning", "refusal")


async def numbered(events: Events) -> Events:
    """Events of the Responses API with their sequence numbers put right again (RSTRM-005)."""
    number = 0
    async for event in events:
        if event.value is not None and "sequence_number" in event.value:
            event.value["sequence_number"] = number
            number += 1
        yield event


def text_of(value: Json | None) -> tuple[Any, str] | None:
    """What a running chunk adds text to, and the text; None of any other chunk."""
    if value is None:
        return None
    if str(value.get("type")).endswith(".delta"):
        return (value["type"], value["item_id"], value.get("content_index")), value["delta"]
    found = value.get("choices") or []
    if len(found) != 1 or found[0].get("finish_reason"):
        return None
    choice = found[0]
    if "text" in choice:
        return ("text", choice["index"]), choice["text"]
    delta = choice["delta"]
    if delta.get("role"):
        return None
    full = [name for name, held in delta.items() if held is not None]
    return (
        ((full[0], choice["index"]), delta[full[0]])
        if len(full) == 1 and full[0] in TEXTS
        else None
    )


def saying(event: Event, text: str) -> Event:
    """The same event with another text, without probabilities of tokens that are not its own."""
    value = deepcopy(event.value)
    assert value is not None
    if "delta" in value:
        value["delta"] = text
    elif "text" in value["choices"][0]:
        value["choices"][0]["text"] = text
    else:
        delta = value["choices"][0]["delta"]
        name = next(name for name in TEXTS if delta.get(name) is not None)
        delta[name] = text
    return replace(event, value=value)


def joined(first: Event, second: Event) -> Event:
    """Two running events of the same text as one, with the probabilities of both (LOGP-012)."""
    whole = saying(first, text_of(first.value)[1] + text_of(second.value)[1])  # type: ignore[index]
    for holder, more in zip(_holders(whole), _holders(second), strict=True):
        if more.get("logprobs"):
            if not holder.get("logprobs"):
                holder["logprobs"] = deepcopy(more["logprobs"])
            elif isinstance(holder["logprobs"], list):
                holder["logprobs"] += more["logprobs"]
            else:
                for name, entries in more["logprobs"].items():
                    if isinstance(entries, list):
                        holder["logprobs"][name] = holder["logprobs"][name] + entries
    return whole


def _holders(event: Event) -> list[Json]:
    assert event.value is not None
    return event.value.get("choices") or [event.value]


@variant("events", "streaming responses-streaming completions reasoning")
async def larger_chunks(events: Events, asked: Asked) -> Events:
    """Up to three tokens per chunk (STRM-012, STRM-026, RSTRM-008: what counts is the concatenation,
    and that there is more than one), with the probabilities of all of them (LOGP-012).
    """
    async for event in numbered(_in_threes(events)):
        yield event


async def _in_threes(events: Events) -> Events:
    held: Event | None = None
    count = 0
    async for event in events:
        found = text_of(event.value)
        if held and found and count < 3 and found[0] == text_of(held.value)[0]:  # type: ignore[index]
            held, count = joined(held, event), count + 1
            continue
        if held:
            yield held
        held, count = (event, 1) if found else (None, 0)
        if not found:
            yield event
    if held:
        yield held


@variant("events", "streaming responses-streaming completions", group=2)
async def one_character_chunks(events: Events, asked: Asked) -> Events:
    """One character per chunk (STRM-012, RSTRM-008), where no probabilities tie tokens to chunks
    (LOGP-012).
    """

    async def cut() -> Events:
        async for event in events:
            found = text_of(event.value)
            bare = found and not any(each.get("logprobs") for each in _holders(event))
            for letter in found[1] if bare and found else ():
                yield saying(event, letter)
            if not bare or not (found and found[1]):
                yield event

    async for event in numbered(cut()):
        yield event


def calls_of(value: Json | None) -> list[Json]:
    """The fragments of calls in a chunk of a single choice."""
    found = (value or {}).get("choices") or []
    return (found[0].get("delta") or {}).get("tool_calls") or [] if len(found) == 1 else []


def with_call(event: Event, call: Json) -> Event:
    value = deepcopy(event.value)
    assert value is not None
    value["choices"][0]["delta"]["tool_calls"] = [call]
    return replace(event, value=value)


@variant("events", "streaming reasoning")
async def role_alone(events: Events, asked: Asked) -> Events:
    """The first delta holds the role and no content (STRM-010: it may be absent), where content
    follows, so that it adds up to a text all the same (CRESP-013).
    """
    held: Event | None = None
    async for event in events:
        found = text_of(event.value)
        if held and held.value:
            if found and found[0] == ("content", held.value["choices"][0]["index"]):
                del held.value["choices"][0]["delta"]["content"]
            yield held
            held = None
        if _begins(event.value):
            held = event
        else:
            yield event
    if held:
        yield held


def _begins(value: Json | None) -> bool:
    found = (value or {}).get("choices") or []
    delta = (found[0].get("delta") or {}) if len(found) == 1 else {}
    return bool(delta.get("role")) and delta.get("content") == ""


@variant("events", "streaming-tools tools")
async def calls_in_one(events: Events, asked: Asked) -> Events:
    """A call in one fragment, with its arguments in the first delta (STOOL-004, STOOL-007); long
    arguments still in several (STOOL-016).
    """
    held: Event | None = None
    async for event in events:
        found = calls_of(event.value)
        if held and found and _of_one_call(held, event) and len(_arguments(held)) < 80:
            call = deepcopy(calls_of(held.value)[0])
            call["function"]["arguments"] += found[0]["function"]["arguments"]
            held = with_call(held, call)
            continue
        if held:
            yield held
        held = event if len(found) == 1 and found[0].get("type") != "custom" else None
        if not held:
            yield event
    if held:
        yield held


def _of_one_call(held: Event, event: Event) -> bool:
    (one,), (other,) = (each.value["choices"] for each in (held, event))  # type: ignore[index]
    known, more = calls_of(held.value)[0], calls_of(event.value)[0]
    same = (one["index"], known["index"]) == (other["index"], more["index"])
    return same and not more.get("id") and not other.get("finish_reason")


def _arguments(event: Event) -> str:
    text: str = calls_of(event.value)[0]["function"]["arguments"]
    return text


@variant("events", "streaming-tools tools", group=2)
async def calls_by_character(events: Events, asked: Asked) -> Events:
    """Arguments of calls character by character (STOOL-007), in events of the Responses API, too
    (RSTRM-010).
    """

    async def cut() -> Events:
        async for event in events:
            found = calls_of(event.value)
            if len(found) == 1 and "id" not in found[0] and "function" in found[0]:
                for letter in _arguments(event):
                    yield with_call(event, {**found[0], "function": {"arguments": letter}})
            elif event.name == "response.function_call_arguments.delta":
                for letter in event.value["delta"]:  # type: ignore[index]
                    yield saying(event, letter)
            else:
                yield event

    async for event in numbered(cut()):
        yield event


@variant("events", "streaming-tools tools multi-turn")
async def text_before_calls(events: Events, asked: Asked) -> Events:
    """Text accompanies calls (TOOL-011), where neither a format (SO-019) nor probabilities (LOGP-008)
    say what the text must be.
    """
    told: set[int] = set()
    async for event in events:
        if not _bound(asked) and calls_of(event.value):
            choice = event.value["choices"][0]  # type: ignore[index]
            if choice["index"] not in told:
                told.add(choice["index"])
                value = deepcopy(event.value)
                value["choices"][0]["delta"] = {"content": "One moment."}  # type: ignore[index]
                yield replace(event, value=value)
        yield event


@variant("document", of="text-before-calls")
def _text_beside_calls(document: Any, asked: Asked) -> Any:
    if (
        isinstance(document, dict)
        and document.get("object") == "chat.completion"
        and not _bound(asked)
    ):
        for choice in document["choices"]:
            if choice["message"].get("tool_calls"):
                choice["message"]["content"] = "One moment."
    return document


def _bound(asked: Asked) -> bool:
    return bool(
        {"response_format", "logprobs"} & {name for name, held in asked.said.items() if held}
    )


@variant("events", "streaming usage completions")
async def usage_more_often(events: Events, asked: Asked) -> Events:
    """Usage that was not asked for, on the last chunk of the choice (STRM-020), and as members of
    vendors, `x_groq` and `choices[].usage`, also where it was (STRM-021).
    """
    wanted = asked.header("x-different-usage") == "wanted"
    held: Event | None = None
    async for event in events:
        value = event.value
        if not value or str(value.get("object")) not in {
            "chat.completion.chunk",
            "text_completion",
        }:
            if held:
                yield held
                held = None
            yield event
        elif value["choices"]:
            if held:
                yield held
            if not wanted:
                value.pop("usage", None)
            held = event
        else:
            if held and held.value:
                for choice in held.value["choices"]:
                    choice["usage"] = value["usage"]
                held.value["x_groq"] = {"usage": value["usage"]}
                if not wanted:
                    held.value["usage"] = value["usage"]
                yield held
                held = None
            if wanted:
                yield event
    if held:
        yield held


@variant("request", of="usage-more-often")
def _ask_for_usage(asked: Asked) -> Asked:
    """Has the upstream count, and notes for the way back whether the request wanted it."""
    said = asked.said
    if said.get("stream") is not True or "/responses" in asked.path:
        return asked
    options = said.get("stream_options")
    if options is not None and not isinstance(options, dict):
        return asked
    wanted = "wanted" if (options or {}).get("include_usage") else "unwanted"
    asked = replace(asked, head=[*asked.head, ("x-different-usage", wanted)])
    return asked.saying({**said, "stream_options": {**(options or {}), "include_usage": True}})


@variant("events", "streaming usage")
async def empty_chunk_first(events: Events, asked: Asked) -> Events:
    """A chunk without choices goes ahead, with what a filter says of the prompt (STRM-027)."""
    first = True
    async for event in events:
        if first and event.value and event.value.get("object") == "chat.completion.chunk":
            filtered = [{"prompt_index": 0, "content_filter_results": {}}]
            yield replace(
                event, value={**event.value, "choices": [], "prompt_filter_results": filtered}
            )
        first = False
        yield event


@variant("events", "streaming responses-streaming")
async def obfuscated(events: Events, asked: Asked) -> Events:
    """Deltas are padded (STRM-022, RSTRM-020, CREQ-066), unless the request says not to."""
    options = asked.said.get("stream_options") or {}
    async for event in events:
        if text_of(event.value) and options.get("include_obfuscation") is not False:
            event = replace(event, value={**(event.value or {}), "obfuscation": "a8Xk2"})  # noqa: PLW2901
        yield event


@variant("events", "responses-streaming", group=2)
async def responses_without_done(events: Events, asked: Asked) -> Events:
    """A stream of the Responses API ends with its terminal event (RSTRM-014: both are accepted)."""
    async for event in events:
        if event.value is not None or "/responses" not in asked.path:
            yield event


@variant("events", "responses-streaming")
async def reasoning_events_renamed(events: Events, asked: Asked) -> Events:
    """Raw reasoning as Open Responses names its events (RSTRM-016: accept both)."""
    async for event in events:
        if event.name.startswith("response.reasoning_text."):
            name = event.name.replace("reasoning_text", "reasoning")
            yield Event(name, {**(event.value or {}), "type": name})
        else:
            yield event
