"""What a variant is, and what it gets to see: a request, an event, the way an answer is framed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any

Json = dict[str, Any]
Head = list[tuple[str, str]]


@dataclass(frozen=True)
class Asked:
    """A request."""

    method: str
    path: str
    head: Head
    body: bytes

    @property
    def said(self) -> Json:
        """The body, where it is a JSON object; else an empty one."""
        try:
            held = json.loads(self.body)
        except ValueError:
            return {}
        return held if isinstance(held, dict) else {}

    @property
    def about(self) -> str:
        """The path below the version: `/chat/completions`."""
        return self.path.partition("?")[0].removeprefix("/v1")

    def header(self, name: str) -> str:
        return next((value for key, value in self.head if key.lower() == name), "")

    def saying(self, said: Json) -> Asked:
        return replace(self, body=json.dumps(said).encode())


@dataclass(frozen=True)
class Event:
    """One server-sent event; `value` is its data, decoded, or None for `[DONE]`."""

    name: str
    value: Json | None


@dataclass(frozen=True)
class Framing:
    """How an answer lies on the wire."""

    chunked: bool = False
    close: bool = False
    gzip: bool = False
    unframed: bool = False
    """Neither a length nor chunks: the body ends where the connection does."""


@dataclass(frozen=True)
class Refused:
    """An answer of our own."""

    status: int
    message: str
    param: str | None = None
    code: str | None = None

    @property
    def document(self) -> Json:
        kind = "invalid_request_error"
        return {
            "error": {"message": self.message, "type": kind, "param": self.param, "code": self.code}
        }


Events = AsyncIterator[Event]
Pieces = AsyncIterator[bytes]

PLACES = ("refuse", "request", "document", "error", "events", "text", "event", "pieces", "head", "frame")  # fmt: skip
"""Where a variant steps in, in this order: `refuse` answers itself; `text` writes JSON down."""


@dataclass
class Variant:
    """A way to be right: what it does at each place, and the clauses that allow it."""

    name: str
    why: list[str] = field(default_factory=list)
    suites: tuple[str, ...] = ()
    """Packaged suites that its difference touches most."""
    group: int = 1
    """Those of one group are compatible: one server shows all of them at once."""
    at: dict[str, Callable[..., Any]] = field(default_factory=dict)


VARIANTS: dict[str, Variant] = {}


def variant(
    place: str, suites: str = "", *, of: str = "", group: int = 1
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a function a variant, or with `of` what another one does at one more place."""
    assert place in PLACES

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        name = of or function.__name__.replace("_", "-")
        one = VARIANTS.setdefault(name, Variant(name, group=group))
        assert place not in one.at, name
        one.at[place] = function
        one.suites += tuple(suites.split())
        words = " ".join((function.__doc__ or "").split())
        if words and words not in one.why:
            one.why.append(words)
        return function

    return register
