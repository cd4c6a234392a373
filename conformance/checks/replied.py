"""Selectors for /responses: what was asked there, and the response that came, whole or at the end of a stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conformance.checks import select
from conformance.checks.facts import Facts, facts
from conformance.checks.parts import Body, is_integer
from conformance.checks.paths import RESPONSE, RESPONSES
from conformance.checks.response_flow import FAILED, Flow, flows
from conformance.wire.assemble import Choice
from conformance.wire.exchange import Exchange


def tells_of_itself(one: Facts) -> bool:
    """The body is a response, which has a member for what went wrong in it."""
    value = one.exchange.document.value
    made = one.endpoint in {RESPONSES, RESPONSE} and isinstance(value, dict)
    return made and value.get("object") == "response"


def bodies(exchange: Exchange) -> Sequence[Body]:
    """The JSON of responses with status 200 that came in one piece, made now or stored before.

    Errors in disguise are the matter of ERR-007.
    """
    found = facts(exchange)
    fits = found.fits and found.endpoint in {RESPONSES, RESPONSE} and found.ok
    if not fits or exchange.streamed or (found.failed and not tells_of_itself(found)):
        return ()
    return found.documents


def _at_the_end(flow: Flow) -> Body | None:
    """The response that ends a stream, which is to be the full one; what failed need not be."""
    if flow.end is None or flow.end.type == FAILED or not flow.response:
        return None
    return Body(value=flow.response, at=flow.end.at)


def told(exchange: Exchange) -> Sequence[Body]:
    """Responses as a client gets them in the end: in one piece, or with the event that ends a stream."""
    notes = exchange.derived
    if told not in notes:
        ends = map(_at_the_end, flows(exchange))
        notes[told] = (*bodies(exchange), *(each for each in ends if each is not None))
    found: Sequence[Body] = notes[told]
    return found


def items_of(body: Body) -> list[dict[str, Any]]:
    """The items of a response that are objects."""
    listed = select.member(body, "output")
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def parts_of(body: Body) -> list[dict[str, Any]]:
    """The parts of its messages that are objects."""
    lists = [each.get("content") for each in items_of(body) if each.get("type") == "message"]
    parts = [part for listed in lists if isinstance(listed, list) for part in listed]
    return [part for part in parts if isinstance(part, dict)]


def with_item(kind: str) -> select.Selected:
    """Responses with an item of that type."""
    return select.among(told, lambda body: any(each.get("type") == kind for each in items_of(body)))


def with_part(kind: str) -> select.Selected:
    """Responses of which some message has a part of that type."""
    return select.among(told, lambda body: any(each.get("type") == kind for each in parts_of(body)))


with_items = select.among(told, lambda body: bool(items_of(body)))
with_output = select.among(told, lambda body: bool(select.member(body, "output")))
with_tools = select.among(told, lambda body: bool(select.member(body, "tools")))
with_usage = select.among(told, lambda body: select.member(body, "usage") is not None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Replied:
    """A whole response to a request of its own, streamed or not, as checks of effects see it."""

    facts: Facts
    choice: Choice
    """All it says and calls."""
    status: Any

    @property
    def asked(self) -> dict[str, Any]:
        return self.facts.asked

    @property
    def called(self) -> list[Any]:
        """The names of the tools that it calls."""
        return [call.name for call in self.choice.tool_calls]

    @property
    def usage(self) -> Any:
        answer = self.facts.exchange.answer
        return answer.usage if answer else None

    @property
    def spent(self) -> int | None:
        """Output tokens as the usage counts them."""
        usage = self.usage
        count = usage.get("output_tokens") if isinstance(usage, dict) else None
        return count if is_integer(count) else None

    @property
    def read(self) -> int | None:
        """Input tokens as the usage counts them."""
        usage = self.usage
        count = usage.get("input_tokens") if isinstance(usage, dict) else None
        return count if is_integer(count) else None

    @property
    def to_its_end(self) -> bool:
        """Nothing was cut short, whatever the response says, and the model did not decline."""
        cap = self.asked.get("max_output_tokens")
        capped = is_integer(cap) and (self.spent is None or self.spent >= cap)
        return self.status == "completed" and not self.choice.refusal and not capped


def replied(exchange: Exchange) -> Sequence[Replied]:
    """Responses that came whole and say something."""
    found = facts(exchange)
    fits = found.fits and found.endpoint == RESPONSES and found.ok and found.whole
    reply, answer = exchange.reply, exchange.answer
    if not fits or reply is None or answer is None or not answer.choices:
        return ()
    return (Replied(facts=found, choice=answer.choices[0], status=reply.status),)


def texts_asked(asked: dict[str, Any]) -> list[Any]:
    """The texts of a request for a response: its instructions, and what its messages say."""
    given = asked.get("input")
    items = given if isinstance(given, list) else [{"content": given}]
    found = [asked.get("instructions")]
    for each in items:
        says = isinstance(each, dict) and each.get("type", "message") == "message"
        content = each.get("content") if says else None
        parts = content if isinstance(content, list) else [{"text": content}]
        found += [part.get("text") for part in parts if isinstance(part, dict)]
    return found
