"""Stored responses: what a conversation keeps of its turns, and what a response says of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance.reference.answer import Reply
from conformance.reference.ask import Json
from conformance.reference.circumstances import responding
from conformance.reference.edit import without
from conformance.reference.fault import REPLY, REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal

_AFTER = ("RESP-019", "RESP-022", "RESP-023", "RT-015")
"""What may fail in the turns after a first one."""


def _each_snapshot(reply: Reply, edit: Callable[[Json], Json], *ends: str) -> Reply:
    """Responses edited, in one document and in events: all of them, or those of some types."""
    document = reply.document
    if not ends and isinstance(document, dict) and document.get("object") == "response":
        reply = replace(reply, document=edit(document))
    events = (
        {**each, "response": edit(each["response"])}
        if "response" in each and (not ends or each["type"] in ends)
        else each
        for each in reply.events
    )
    return replace(reply, events=tuple(events))


@fault(
    "third-turn-forgets-the-first", at=REQUEST, level="should", of=responding,
    sources=["ogx-ai/ogx#2299"], primary=["RESP-020"], cascades=_AFTER,
)  # fmt: skip
def third_turn_forgets_the_first(request: HttpRequest) -> HttpRequest:
    """Of a turn its own input and output are stored, and not what it went on from."""
    return replace(request, keeps="own turn")


@fault(
    "stored-answers-without-questions", at=REQUEST, level="should", of=responding,
    sources=["ogx-ai/ogx#2074"], primary=["RESP-020"], cascades=_AFTER,
)  # fmt: skip
def stored_answers_without_questions(request: HttpRequest) -> HttpRequest:
    """What is stored of a response is its output, and not what was asked."""
    return replace(request, keeps="answer alone")


@fault(
    "instructions-kept-for-later", at=REQUEST, level="should", of=responding,
    sources=["vllm-project/vllm#37697"], primary=["RESP-023"], cascades=["RESP-020"],
)  # fmt: skip
def instructions_kept_for_later(request: HttpRequest) -> HttpRequest:
    """Instructions are stored with the conversation, and hold for the responses that go on from it."""
    return replace(request, keeps="instructions too")


@fault(
    "stored-responses-never-found", at=REQUEST, level="should", of=responding,
    sources=["digitalocean/gradient-python#96"],
    primary=["RESP-020"], cascades=[*_AFTER, "RESP-021", "RESP-026"],
)  # fmt: skip
def stored_responses_never_found(request: HttpRequest) -> HttpRequest:
    """`store: true` is accepted, and no response is ever found again."""
    held = request.json.get("previous_response_id")
    if held is not None or request.method != "POST":
        raise Refusal("Response not found.", status=404, code="not_found_error")
    return request


@fault(
    "stored-told-as-not", at=REPLY, level="should", of=responding,
    sources=["danny-avila/LibreChat#15683", "danny-avila/LibreChat#13300"],
    primary=["RESP-007"], cascades=["RESP-021", "RESP-022"],
)  # fmt: skip
def stored_told_as_not(reply: Reply) -> Reply:
    """Every response says `store: false`, though it is stored."""
    return _each_snapshot(reply, lambda held: {**held, "store": False})


@fault(
    "end-of-response-without-identity", at=REPLY, level="must", of=responding,
    sources=["Oaklight/llm-rosetta#56"], primary=["RSTRM-012"],
    cascades=["RSTRM-011", "RESP-005", "RESP-002", "RSTRM-022"],
)  # fmt: skip
def end_of_response_without_identity(reply: Reply) -> Reply:
    """The response at the end of a stream has neither id nor object nor model."""
    return _each_snapshot(
        reply,
        lambda held: without(held, "id", "object", "model"),
        "response.completed",
        "response.incomplete",
    )
