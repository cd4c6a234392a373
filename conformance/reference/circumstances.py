"""Which requests a fault is about, and in which state of the server it shows.

    @fault(..., of=streamed, when=busy(4))       while four requests are being answered
    @fault(..., of=with_schema, when=from_the(2))   from the second request with a schema on
    @fault(..., of=chat, rate=0.2)                  in a fifth of the chat requests

Four questions, each on its own: `of` looks at the request, `when` at the state of the server,
`since` at whether a request of some kind has come, `rate` at a number drawn from the request.
All four must agree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens
from conformance.reference.model.think import THINKER


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a fault may depend on, as it was when the request had been read."""

    request: HttpRequest
    number: int
    """Which request this is among those that the fault is about, from 1."""
    on_connection: int
    """Which request this is on its connection, whatever it asks for, from 1."""
    in_flight: int
    """Requests that are being answered, this one included."""
    abandoned: int
    """Answers so far that the client did not hear to their end."""
    abandoned_amid: int = 0
    """Those of them during which others were being answered as well."""
    uptime: float
    """Seconds since the server came up."""
    lately: tuple[HttpRequest, ...] = ()
    """The requests that came shortly before this one, whatever they ask for, the latest first."""
    before: HttpRequest | None = None
    """The request that was answered on this connection before this one."""
    since_abandoned: int | None = None
    """How many requests came since a client last hung up on its answer; None where none ever did."""

    @property
    def prompt_tokens(self) -> int:
        """The length of the conversation, as our tokenizer counts its JSON."""
        return tokens.count_json(self.request.json.get("messages", []))


Of = Callable[[HttpRequest], bool]
When = Callable[[Circumstances], bool]


def anything(_request: HttpRequest) -> bool:
    """Every request."""
    return True


def chat(request: HttpRequest) -> bool:
    """Requests for a chat completion."""
    return request.path.rstrip("/").endswith("/chat/completions")


def streamed(request: HttpRequest) -> bool:
    """Requests for a streamed completion."""
    return chat(request) and request.json.get("stream") is True


def whole(request: HttpRequest) -> bool:
    """Requests for a completion in one document."""
    return chat(request) and not streamed(request)


def with_tools(request: HttpRequest) -> bool:
    """Requests that offer tools."""
    return chat(request) and bool(request.json.get("tools"))


def thinking(request: HttpRequest) -> bool:
    """Requests for a completion of the model that reasons."""
    return chat(request) and str(request.json.get("model", "")).endswith(THINKER)


def both_of(one: Of, other: Of) -> Of:
    """Requests of both kinds."""
    return lambda request: one(request) and other(request)


def shape_of(kind: str) -> Of:
    """Requests with a `response_format` of this kind."""

    def asked(request: HttpRequest) -> bool:
        shape: Any = request.json.get("response_format")
        return chat(request) and isinstance(shape, dict) and shape.get("type") == kind

    return asked


with_schema = shape_of("json_schema")
with_json = shape_of("json_object")


def texts(request: HttpRequest) -> bool:
    """Requests for a text completion."""
    return request.path.rstrip("/").endswith("/completions") and not chat(request)


def vectors(request: HttpRequest) -> bool:
    """Requests for embeddings."""
    return request.path.rstrip("/").endswith("/embeddings")


def listing_models(request: HttpRequest) -> bool:
    """Requests for the list of models."""
    return request.path.rstrip("/").endswith("/models")


def responding(request: HttpRequest) -> bool:
    """Requests for a response, and about stored ones."""
    return "/responses" in request.path


def always(_now: Circumstances) -> bool:
    """In every state."""
    return True


def from_the(number: int) -> When:
    """From that request on."""
    return lambda now: now.number >= number


def every(number: int) -> When:
    """Each request whose number is a multiple."""
    return lambda now: now.number % number == 0


def up_to_the(number: int) -> When:
    """Up to that request."""
    return lambda now: now.number <= number


def busy(number: int) -> When:
    """While at least so many requests are being answered."""
    return lambda now: now.in_flight >= number


def after_abandoned(number: int) -> When:
    """Once clients have hung up on that many answers."""
    return lambda now: now.abandoned >= number


def after_abandoned_amid(now: Circumstances) -> bool:
    """Once a client has hung up on its answer while others were being answered."""
    return now.abandoned_amid > 0


def just_abandoned(number: int) -> When:
    """For so many requests after each hang-up."""
    return lambda now: now.since_abandoned is not None and now.since_abandoned < number


def struck(by: Of, number: int) -> When:
    """For a request of that kind, and for so many that come after it."""
    return lambda now: any(map(by, (now.request, *now.lately[:number])))


def all_of(*conditions: When) -> When:
    """Where all of them hold."""
    return lambda now: all(each(now) for each in conditions)


def up_for(seconds: float) -> When:
    """Once the server has been up that long."""
    return lambda now: now.uptime >= seconds


def longer_than(number: int) -> When:
    """Where the conversation has more tokens than that."""
    return lambda now: now.prompt_tokens > number


def begun_alike(characters: int) -> When:
    """Where the conversation begins with so many characters that a late one began with, too."""

    def alike(now: Circumstances) -> bool:
        begun = _beginning(now.request, characters)
        return bool(begun) and any(_beginning(each, characters) == begun for each in now.lately)

    return alike


def _beginning(request: HttpRequest, characters: int) -> str:
    """Of its messages as text; nothing where they are shorter."""
    said = str(request.json.get("messages", ""))
    return said[:characters] if len(said) > characters else ""


def reused(now: Circumstances) -> bool:
    """On a connection that has answered before."""
    return now.on_connection > 1


def accepting(coding: str) -> When:
    """For clients that accept this content coding."""
    return lambda now: coding in now.request.headers.get("accept-encoding", "").lower()
