"""POST /responses, and GET and DELETE /responses/{id}."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.answer import Reply
from conformance.reference.api.core import Call, route
from conformance.reference.ask import Message
from conformance.reference.model.complete import complete
from conformance.reference.refusal import Refusal, shown
from conformance.reference.responses.asked import Asked
from conformance.reference.responses.body import read_asked
from conformance.reference.responses.document import document, said
from conformance.reference.responses.events import events
from conformance.reference.shelf import Stored


@route("/v1/responses", "POST")
def responses(call: Call) -> Reply:
    """A response, streamed or not; kept unless the request says otherwise."""
    shelf = call.memory.shelf
    asked = read_asked(call.body, call.models, shelf)
    completion = complete(asked.ask, name=call.name, created=call.now)
    made = document(asked, completion, call.name)
    if asked.stored:
        answer = said(completion.choices[0])
        shelf.put(Stored(document=made, conversation=_kept(call, asked, answer)))
    if asked.ask.stream:
        return Reply(stream=True, events=events(made))
    return Reply(document=made, spent=made["usage"]["output_tokens"])


def _kept(call: Call, asked: Asked, answer: tuple[Message, ...]) -> tuple[Message, ...]:
    """What a later request goes on from: all that was said, unless a fault has it otherwise."""
    match call.request.keeps:
        case "no calls":
            whole = (*asked.conversation, *answer)
            return tuple(replace(each, calls=()) for each in whole if each.role != "tool")
        case "own turn":
            earlier = call.memory.shelf.find(str(call.body.get("previous_response_id")))
            begun = len(earlier.conversation) if earlier else 0
            return (*asked.conversation[begun:], *answer)
        case "answer alone":
            return answer
        case "instructions too":
            return (*asked.ask.messages, *answer)
        case "no answers":
            told = str(call.body.get("instructions") or "")
            return (*asked.conversation, Message(role="system", text=told))
        case "all":
            return (*asked.conversation, *answer)


@route("/v1/responses/", "GET", "DELETE")
def one_response(call: Call) -> Reply:
    """A stored response, or the end of it. Raises Refusal for any other."""
    stored = call.memory.shelf.find(call.rest)
    if stored is None:
        raise Refusal(
            f"Response with id {shown(call.rest)} not found.", status=404, code="not_found"
        )
    if call.request.method == "GET":
        return Reply(document=stored.document)
    call.memory.shelf.drop(call.rest)
    return Reply(document={"id": call.rest, "object": "response", "deleted": True})
