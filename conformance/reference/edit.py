"""Small tools for rewriting replies: each gives a new value and leaves the old one alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Completion, Reply, Response
from conformance.reference.ask import Json
from conformance.reference.script import Act, HangUp, Pause, Script, Send

EVENT_END = b"\n\n"
DONE = b"data: [DONE]\n\n"
ERROR = 400
"""From this status on a reply is an error."""
UNAUTHORIZED = 401
_HEAD_OF_EVENT = 16
"""Bytes within which an event begins, the size of its chunk before it."""
TEXT = "text_completion"
"""What answers of the older endpoint call themselves, whole or in chunks."""


def each_chunk(reply: Reply, edit: Callable[[Json], Json]) -> Reply:
    """Every chunk of a stream edited."""
    return replace(reply, chunks=tuple(edit(chunk) for chunk in reply.chunks))


def each_chunk_choice(reply: Reply, edit: Callable[[Json], Json]) -> Reply:
    """Every choice of every chunk edited."""
    return each_chunk(
        reply, lambda chunk: {**chunk, "choices": [edit(choice) for choice in chunk["choices"]]}
    )


def each_delta(reply: Reply, edit: Callable[[Json], Json]) -> Reply:
    """Every delta edited, those of finish chunks included."""
    return each_chunk_choice(reply, lambda choice: {**choice, "delta": edit(choice["delta"])})


def joined_choices(first: Json, more: Json) -> Json:
    """Two chunk choices with text in one: their text and their log probabilities, one after the other."""
    text = first["delta"]["content"] + more["delta"]["content"]
    logprobs = first["logprobs"]
    if logprobs is not None:
        content = [*logprobs["content"], *more["logprobs"]["content"]]
        logprobs = {**logprobs, "content": content}
    return {**first, "delta": {**first["delta"], "content": text}, "logprobs": logprobs}


def finishing(chunk: Json) -> bool:
    """Does a chunk tell how a choice ended?"""
    return any(each["finish_reason"] for each in chunk["choices"])


def each_fragment(reply: Reply, edit: Callable[[Json], Json]) -> Reply:
    """Every entry of `delta.tool_calls` edited."""

    def in_delta(delta: Json) -> Json:
        if "tool_calls" not in delta:
            return delta
        return {**delta, "tool_calls": [edit(each) for each in delta["tool_calls"]]}

    return each_delta(reply, in_delta)


def whole(reply: Reply, edit: Callable[[Json], Json]) -> Reply:
    """A chat completion that is not streamed edited; other replies as they are."""
    document = reply.document
    if isinstance(document, dict) and document.get("object") == "chat.completion":
        return replace(reply, document=edit(document))
    return reply


def each_choice(reply: Reply, edit: Callable[[Json], Json]) -> Reply:
    """Every choice of a completion that is not streamed edited."""
    return whole(
        reply,
        lambda document: {**document, "choices": [edit(each) for each in document["choices"]]},
    )


def each_message(reply: Reply, edit: Callable[[Json], Json]) -> Reply:
    """Every message of a completion that is not streamed edited."""
    return each_choice(reply, lambda choice: {**choice, "message": edit(choice["message"])})


def both(reply: Reply, edit: Callable[[Json], Json]) -> Reply:
    """The top level edited, of a completion and of every chunk alike."""
    return each_chunk(whole(reply, edit), edit)


def error(reply: Reply, edit: Callable[[Json], Any]) -> Reply:
    """The body of an error made anew out of its `error` member; other replies as they are,
    those among them that a fault has left without one.
    """
    document = reply.document
    if reply.status < ERROR or not isinstance(document, dict) or "error" not in document:
        return reply
    return replace(reply, document=edit(document["error"]))


def is_model_list(document: Any) -> bool:
    """The list of models; embeddings are a list as well, and name the model that made them."""
    listed = isinstance(document, dict) and document.get("object") == "list"
    return listed and "model" not in document


def without(held: Json, *names: str) -> Json:
    """An object without some of its members."""
    return {key: value for key, value in held.items() if key not in names}


def each_said(completion: Completion, edit: Callable[[Any], Any]) -> Completion:
    """Every choice of a completion edited."""
    return replace(completion, choices=tuple(edit(choice) for choice in completion.choices))


def each_event(response: Response, edit: Callable[[bytes], bytes]) -> Response:
    """The bytes of every event of a stream edited; what becomes empty is not sent."""
    if not response.stream:
        return response
    edited = (Send(edit(act.data)) if isinstance(act, Send) else act for act in response.body)
    return replace(response, body=tuple(act for act in edited if act != Send(b"")))


def at_once(body: Script) -> tuple[Script, bytes]:
    """All pauses of a body, and all its bytes."""
    pauses = tuple(act for act in body if isinstance(act, Pause))
    return pauses, b"".join(act.data for act in body if isinstance(act, Send))


def is_streamed(script: Script) -> bool:
    """Is it the script of an event stream, whatever its head calls it?"""
    sent = [act.data for act in script[:3] if isinstance(act, Send)]
    return any(b"text/event-stream" in data or b"data: {" in data[:_HEAD_OF_EVENT] for data in sent)


def cut(script: Script, end: HangUp) -> Script:
    """A streamed script up to half of its events, and then the end; others as they are."""
    if not is_streamed(script):
        return script
    return at_event(script, sum(isinstance(act, Send) for act in script) // 2, end)


def at_event(script: Script, number: int, *then: Act) -> Script:
    """A streamed script up to so many events, and then something else; others as they are."""
    if not is_streamed(script):
        return script
    kept: list[Act] = []
    left = number + 1  # the head goes ahead of the events
    for act in script:
        if isinstance(act, Send) and not left:
            break
        left -= isinstance(act, Send)
        kept.append(act)
    return (*kept, *then)


def at_byte(script: Script, place: int, *then: Act) -> Script:
    """A script up to so many bytes, head included, and then something else."""
    kept: list[Act] = []
    for act in script:
        if not isinstance(act, Send):
            kept.append(act)
            continue
        if place < len(act.data):
            return (*kept, *((Send(act.data[:place]),) if place else ()), *then)
        place -= len(act.data)
        kept.append(act)
    return (*kept, *then)


def spelled(script: Script, edit: Callable[[bytes], bytes]) -> Script:
    """Every piece of a script as raw bytes, framing included, edited; what becomes empty is not sent."""
    edited = (Send(edit(act.data)) if isinstance(act, Send) else act for act in script)
    return tuple(act for act in edited if act != Send(b""))
