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
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, TypeGuard
from urllib.parse import unquote, urlsplit

from conformance.checks.core import Problem
from conformance.wire.assemble import Answer, Choice, ToolCall
from conformance.wire.exchange import Ended, Exchange
from conformance.wire.http import Response
from conformance.wire.sse import Chunk, Event

CHAT, COMPLETIONS, EMBEDDINGS = "chat/completions", "completions", "embeddings"
RESPONSES, MODELS, MODEL, OTHER = "responses", "models", "models/{id}", ""
POSTED = frozenset({CHAT, COMPLETIONS, EMBEDDINGS, RESPONSES})

OK = 200
ERROR = 400


@dataclass(slots=True, eq=False)
class Body:
    """A JSON value that a schema judges, once for all clauses."""

    value: Any
    at: str
    """Where it stands: empty for a body, `event 7` for a chunk."""
    broken: dict[str, dict[str, tuple[Problem, ...]]] = field(default_factory=dict)
    """By schema, then by clause; filled in by `by_schema`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entry:
    """One entry of `choices` in one chunk."""

    number: int
    """Of its data event, from 0."""
    place: int
    """In `choices`."""
    choice: dict[str, Any]
    key: int
    """Its index; where that is no integer, its place."""

    @property
    def delta(self) -> dict[str, Any]:
        """The delta; empty where it is no object."""
        delta = self.choice.get("delta")
        return delta if isinstance(delta, dict) else {}

    @property
    def at(self) -> str:
        return f"event {self.number} $.choices[{self.place}]"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fragment:
    """One entry of `delta.tool_calls`."""

    entry: Entry
    place: int
    value: dict[str, Any]
    index: int | None
    """None where it is missing or no integer."""
    first: bool
    """The first of its index in its choice."""

    @property
    def function(self) -> dict[str, Any]:
        """Its `function`, or `custom`; empty where there is neither."""
        for name in ("function", "custom"):
            if isinstance(self.value.get(name), dict):
                return self.value[name]  # type: ignore[no-any-return]
        return {}

    @property
    def at(self) -> str:
        return f"{self.entry.at}.delta.tool_calls[{self.place}]"


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
        """The answer stops short for a reason that it gives: tokens, or a filter."""
        return self.choice.finish_reason in {"length", "content_filter"}


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool that the request offers."""

    name: str
    custom: bool
    parameters: Any
    """Its JSON Schema; None where there is none."""
    strict: bool


@lru_cache(maxsize=4)
def facts(exchange: Exchange) -> Facts:
    """The facts of an exchange; those of the last few are kept, since many checks ask."""
    return Facts(exchange)


class Facts:
    """One exchange as checks see it; everything is found when first asked for."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange

    @cached_property
    def endpoint(self) -> str:
        """Which part of the API was asked, by the end of the path."""
        path = urlsplit(self.exchange.request.url).path.rstrip("/")
        for known in (CHAT, COMPLETIONS, EMBEDDINGS, RESPONSES, MODELS):
            if path.endswith(f"/{known}"):
                return known
        return MODEL if self.model_id else OTHER

    @cached_property
    def model_id(self) -> str:
        """The id in `/models/{id}`, decoded; empty for other paths."""
        path = urlsplit(self.exchange.request.url).path
        return unquote(path.partition("/models/")[2])

    @property
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
        listed = self.asked.get("tools")
        found = (_tool(each) for each in listed) if isinstance(listed, list) else ()
        return {tool.name: tool for tool in found if tool is not None}

    @property
    def response(self) -> Response | None:
        return self.exchange.response

    @property
    def status(self) -> int | None:
        return self.response.status if self.response else None

    @property
    def ok(self) -> bool:
        return self.status == OK

    @property
    def whole(self) -> bool:
        """The response was read to its end, and its framing says that nothing is missing."""
        ended = self.exchange.end.how is Ended.COMPLETE
        return ended and self.response is not None and self.response.complete

    @property
    def broken_off(self) -> bool:
        """The endpoint ended the response before it was complete: not we, and not our limits."""
        how = self.exchange.end.how
        return how in {Ended.CLOSED, Ended.RESET} or (
            how is Ended.COMPLETE and self.response is not None and not self.response.complete
        )

    @cached_property
    def failed(self) -> bool:
        """The body says that something went wrong, whatever the status says."""
        value = self.exchange.document.value
        if not isinstance(value, dict) or value.get("choices"):
            return False
        return bool(value.get("error")) or value.get("object") == "error"

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
    def streaming(self) -> bool:
        """A chat stream: asked for, granted, and events came, be it that they broke off."""
        return (
            self.fits
            and self.endpoint == CHAT
            and self.ok
            and self.exchange.asked_stream
            and self.exchange.streamed
        )

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
        return [each for each in self.exchange.chunks if _is_error(each)] if self.streaming else ()

    @cached_property
    def chunks(self) -> Sequence[Chunk]:
        """The chunks of a chat stream that are no errors."""
        if not self.streaming:
            return ()
        return [each for each in self.exchange.chunks if not _is_error(each)]

    @cached_property
    def chunk_bodies(self) -> Sequence[Body]:
        """The same, for schemas."""
        return [Body(value=each.value, at=f"event {each.number}") for each in self.chunks]

    @cached_property
    def entries(self) -> Sequence[Entry]:
        """Entries of `choices` in order of arrival; what is no object is the schema's matter."""
        found = []
        for chunk in self.chunks:
            choices = chunk.value.get("choices") if isinstance(chunk.value, dict) else None
            for place, choice in enumerate(choices if isinstance(choices, list) else ()):
                if isinstance(choice, dict):
                    index = choice.get("index")
                    key = index if is_integer(index) else place
                    found.append(Entry(number=chunk.number, place=place, choice=choice, key=key))
        return found

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
        found = []
        seen: set[tuple[int, int]] = set()
        for entry in self.entries:
            listed = entry.delta.get("tool_calls")
            for place, value in enumerate(listed if isinstance(listed, list) else ()):
                if not isinstance(value, dict):
                    continue
                index = value.get("index")
                index = index if is_integer(index) else None
                first = index is not None and (entry.key, index) not in seen
                if index is not None:
                    seen.add((entry.key, index))
                found.append(
                    Fragment(entry=entry, place=place, value=value, index=index, first=first)
                )
        return found

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


def is_integer(value: Any) -> TypeGuard[int]:
    """A JSON integer; Python takes `true` for one."""
    return isinstance(value, int) and not isinstance(value, bool)


def _tool(listed: Any) -> Tool | None:
    if not isinstance(listed, dict):
        return None
    custom = listed.get("type") == "custom"
    held = listed.get("custom" if custom else "function")
    name = held.get("name") if isinstance(held, dict) else None
    if not isinstance(held, dict) or not isinstance(name, str):
        return None
    return Tool(
        name=name,
        custom=custom,
        parameters=held.get("parameters"),
        strict=held.get("strict") is True,
    )


def _is_error(chunk: Chunk) -> bool:
    value = chunk.value
    if chunk.event.name == "error":
        return True
    if not isinstance(value, dict) or value.get("choices"):
        return False
    return bool(value.get("error")) or value.get("object") == "error"
