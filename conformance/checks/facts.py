"""What checks look at in one exchange, found once and shared by all of them.

Facts
  .asked      the request's body            .tools    what it offers to be called
  .endpoint   which part of the API         .ok, .whole   status 200; read to its end
  .body       the completion, not streamed  .chunks   those of a stream that are no errors
  .entries    `choices` of chunks           .fragments  `tool_calls` of deltas
  .answer     what was meant, either way    .choices, .calls   of that answer
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from conformance.checks.budget import caps_of, most_tokens
from conformance.checks.parts import (
    Body,
    Entry,
    Fragment,
    Tool,
    entries_of,
    fragments_of,
    is_integer,
    is_one_of,
    is_vendor_status,
    tools_of,
)
from conformance.checks.paths import CHAT, OTHER, POSTED, RESPONSES, STREAMED, endpoint_of
from conformance.wire.assemble import Answer, Choice, ToolCall
from conformance.wire.exchange import Ended, Exchange
from conformance.wire.http import Response
from conformance.wire.sse import Chunk, Event

CUT = ("length", "content_filter")
"""Reasons for which an answer stops short."""
OK = 200
ERROR = 400
EXCUSED = frozenset({401, 403, 404, 408, 413, 429, 503})
"""Statuses that a request may get for another reason, before what is wrong with it is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Said:
    """One choice of an answer, streamed or not."""

    facts: Facts
    choice: Choice
    place: int

    @property
    def at(self) -> str:
        """Where it stands in the answer; a streamed one is put together first."""
        return f"$.choices[{self.place}]"

    @property
    def cut(self) -> bool:
        """The answer stops short, or may do so: it says so, does not say how it ended, or has used
        up its tokens, whatever it says.
        """
        reason = self.choice.finish_reason
        return not reason or is_one_of(reason, *CUT) or self.facts.capped


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Called:
    """One tool call of an answer, streamed or not."""

    said: Said
    call: ToolCall
    place: int

    @property
    def at(self) -> str:
        return f"{self.said.at}.message.tool_calls[{self.place}]"

    @property
    def tool(self) -> Tool | None:
        """What the request says of the tool that is called."""
        name = self.call.name
        return self.said.facts.tools.get(name) if isinstance(name, str) else None


def facts(exchange: Exchange) -> Facts:
    """The facts of an exchange; it keeps them with all that is derived from it."""
    notes = exchange.derived
    if Facts not in notes:
        notes[Facts] = Facts(exchange)
    found: Facts = notes[Facts]
    return found


class Facts:
    """One exchange as checks see it; everything is found when first asked for."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange

    @cached_property
    def endpoint(self) -> str:
        """Which part of the API was asked."""
        return endpoint_of(self.exchange.request.url)

    @cached_property
    def fits(self) -> bool:
        """The method is the one that the endpoint is made for."""
        wanted = "POST" if self.endpoint in POSTED else "GET"
        return self.endpoint != OTHER and self.exchange.request.method == wanted

    @cached_property
    def asked(self) -> dict[str, Any]:
        """The request's body; empty where it is no JSON object."""
        body = self.exchange.request.json
        return body if isinstance(body, dict) else {}

    @cached_property
    def tools(self) -> dict[str, Tool]:
        """The tools of the request by name."""
        return tools_of(self.asked.get("tools"), flat=self.endpoint == RESPONSES)

    @cached_property
    def response(self) -> Response | None:
        return self.exchange.response

    @cached_property
    def status(self) -> int | None:
        return self.response.status if self.response else None

    @cached_property
    def ok(self) -> bool:
        return self.status == OK

    @cached_property
    def whole(self) -> bool:
        """The response was read to its end, and its framing says that nothing is missing."""
        ended = self.exchange.end.how is Ended.COMPLETE
        return ended and self.response is not None and self.response.complete

    @cached_property
    def broken_off(self) -> bool:
        """The endpoint ended the response before it was complete: not we, and not our limits."""
        how = self.exchange.end.how
        return how in {Ended.CLOSED, Ended.RESET, Ended.GARBLED} or (
            how is Ended.COMPLETE and self.response is not None and not self.response.complete
        )

    @cached_property
    def broken_by(self) -> str:
        """What broke the response off, in words: a compressed body may break inside whole frames."""
        how = self.exchange.end.how
        if how is Ended.COMPLETE and self.response is not None and self.response.flaws:
            return self.response.flaws[-1]
        return str(how)

    @cached_property
    def failed(self) -> bool:
        """The body says that something went wrong, whatever the status says."""
        value = self.exchange.document.value
        if not isinstance(value, dict) or value.get("choices"):
            return False
        told = bool(value.get("error")) or value.get("object") == "error"
        return told or any(map(is_vendor_status, value.values()))

    @cached_property
    def body(self) -> dict[str, Any] | None:
        """The completion of a chat request that came in one piece; None where there is none."""
        value = self.completions[0].value if self.completions else None
        return value if isinstance(value, dict) else None

    @cached_property
    def documents(self) -> Sequence[Body]:
        """The body of a whole response, where it is JSON, for schemas."""
        if not self.whole or not self.exchange.document.ok:
            return ()
        return (Body(value=self.exchange.document.value, at=""),)

    @cached_property
    def completions(self) -> Sequence[Body]:
        """The same, where it should be a completion; also where it is no object."""
        fits = self.fits and self.endpoint == CHAT and self.ok and not self.failed
        return self.documents if fits and not self.exchange.streamed else ()

    @cached_property
    def flowing(self) -> bool:
        """A stream: asked for, granted, and events came, be it that they broke off."""
        granted = self.fits and self.ok and self.exchange.streamed
        return granted and self.endpoint in STREAMED and self.exchange.asked_stream

    @property
    def streaming(self) -> bool:
        """A chat stream."""
        return self.flowing and self.endpoint == CHAT

    @cached_property
    def data_events(self) -> Sequence[Event]:
        """Events with data, in order, up to the terminator."""
        found = []
        for event in self.exchange.stream.events:
            if event.done:
                break
            if event.data is not None:
                found.append(event)
        return found

    @cached_property
    def readable(self) -> frozenset[int]:
        """Where the events begin whose data is JSON."""
        return frozenset(each.event.start for each in self.exchange.chunks)

    @cached_property
    def errors(self) -> Sequence[Chunk]:
        """Events that tell of an error, in whatever form."""
        return (
            [each for each in self.exchange.chunks if each.tells_of_an_error]
            if self.flowing
            else ()
        )

    @cached_property
    def chunks(self) -> Sequence[Chunk]:
        """The chunks of a chat stream that are no errors."""
        if not self.streaming:
            return ()
        return [each for each in self.exchange.chunks if not each.tells_of_an_error]

    @cached_property
    def chunk_bodies(self) -> Sequence[Body]:
        """The same, for schemas."""
        return [Body(value=each.value, at=f"event {each.number}") for each in self.chunks]

    @cached_property
    def entries(self) -> Sequence[Entry]:
        """Entries of `choices` in order of arrival; what is no object is the schema's matter."""
        return [entry for chunk in self.chunks for entry in entries_of(chunk)]

    @cached_property
    def by_choice(self) -> dict[int, list[Entry]]:
        """Entries by the choice that they belong to."""
        found: dict[int, list[Entry]] = {}
        for entry in self.entries:
            found.setdefault(entry.key, []).append(entry)
        return found

    @cached_property
    def fragments(self) -> Sequence[Fragment]:
        """Fragments of tool calls in order of arrival."""
        return fragments_of(self.entries)

    @cached_property
    def complete_stream(self) -> bool:
        """A chat stream that was read to its end and that no error cut short."""
        return self.streaming and self.whole and not self.errors

    @cached_property
    def answer(self) -> Answer | None:
        """The completion of a chat request, whichever way it came; None unless it is whole."""
        if self.body is not None or (self.complete_stream and self.chunks):
            return self.exchange.answer
        return None

    @cached_property
    def cap(self) -> int | None:
        """The largest cap on tokens that the request names; None where it names none."""
        return max(self.caps, default=None)

    @cached_property
    def caps(self) -> list[int]:
        """The caps that the request names: of two, either may be the one that counts."""
        return caps_of(self.asked)

    @cached_property
    def spent(self) -> int | None:
        """Completion tokens as the usage counts them."""
        usage = self.answer.usage if self.answer else None
        count = usage.get("completion_tokens") if isinstance(usage, dict) else None
        return count if is_integer(count) else None

    @cached_property
    def capped(self) -> bool:
        """The tokens of the answer are used up; where nothing counts them, they may be."""
        if self.cap is None or self.answer is None:
            return False
        spent = self.spent
        return (most_tokens(self.answer) if spent is None else spent) >= self.cap

    @cached_property
    def choices(self) -> Sequence[Said]:
        """The choices of that answer."""
        listed = self.answer.choices if self.answer else ()
        return [Said(facts=self, choice=each, place=place) for place, each in enumerate(listed)]

    @cached_property
    def calls(self) -> Sequence[Called]:
        """The tool calls of that answer."""
        return [
            Called(said=said, call=call, place=place)
            for said in self.choices
            for place, call in enumerate(said.choice.tool_calls)
        ]
