"""What was said on the wire, and when. Facts are fields; everything else is derived from them.

Exchange = Request + raw pieces both ways + how it ended
   .response  status, headers and decoded body pieces     (wire/http.py)
   .document  the body as strict JSON, with its flaws     (wire/jsontext.py)
   .stream    server-sent events, with their deviations   (wire/sse.py)
   .chunks    the JSON values of the data events          (wire/sse.py)
   .reply     the response of /responses that was meant   (wire/responses.py)
   .answer    the completion that was meant               (wire/assemble.py)
   .sdk       what the openai SDK makes of the same chunks (wire/assemble.py)
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from conformance.wire import assemble, http, jsontext, response_events, responses, sse
from conformance.wire.piece import Headers, Ns, Piece


class Ended(StrEnum):
    """How an exchange came to its end; a fact like any other, never an exception."""

    COMPLETE = "complete"
    """The response was read to its end."""
    CLOSED = "closed"
    """The peer closed the connection before the response was complete (or before it began)."""
    RESET = "reset"
    """The connection broke."""
    TIMED_OUT = "timed out"
    """Nothing came for longer than the provider's limit, or the whole took too long."""
    TOO_LARGE = "too large"
    """More bytes came than the provider's limit allows; the rest was not read."""
    GARBLED = "garbled"
    """The bytes are not HTTP/1.1."""
    UNREACHABLE = "unreachable"
    """No connection: name not found, refused, TLS failed. Says nothing about conformance."""
    CANCELLED = "cancelled"
    """We hung up on purpose, because the case wants to see what the server makes of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What came in all where a limit cut it off; but the first part of it is kept."""

    size: int
    """Bytes, head and framing included."""
    sha256: str
    """Hexadecimal, of all of them; empty where they held a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The end of an exchange: how, when, and the words of the layer that noticed."""

    how: Ended
    at: Ns
    detail: str = ""
    cut: Cut | None = None
    """Where `how` is TOO_LARGE."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What was asked. `url` and `headers` are redacted; `body` is byte for byte what was sent."""

    method: str
    url: str
    headers: Headers
    body: bytes
    at: Ns
    """Just before the first byte was handed to the connection; `begun` where there was none."""
    begun: Ns | None = None
    """Before a connection was looked for: up to `at` one was made, where none was kept alive. None
    in records that do not tell."""

    @cached_property
    def json(self) -> Any:
        """The body as JSON; None where there is none or it is not JSON (deliberately broken bodies)."""
        return jsontext.read(self.body).value


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """A key was overwritten with `*` of the same length in the received (or sent) bytes."""

    side: str
    offset: int
    length: int
    key: str
    """Which key, by the name of its variable; never its value."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Exchange:
    """One request and what came back. Compared by identity: two equal answers are still two."""

    step: str
    attempt: int
    request: Request
    sent: tuple[Piece, ...]
    """Raw bytes written, request head and body; empty where no connection came about."""
    received: tuple[Piece, ...]
    """Raw bytes read: status line, headers, chunk framing, body."""
    end: End
    decoded: bool = False
    """The body in `received` is already unframed and decompressed, because the bytes on the wire
    hid a key that had to be overwritten (`design.md` 4.6)."""
    redactions: tuple[Redaction, ...] = ()
    connection: int = 0
    """Which connection carried it; the same number twice means it was kept alive."""

    @cached_property
    def response(self) -> http.Response | None:
        """Status, headers and decoded body pieces; None where no response head arrived."""
        return http.parse(self.received, method=self.request.method, decoded=self.decoded)

    @cached_property
    def document(self) -> jsontext.Document:
        """The response body read as strict JSON, with everything that is wrong with it."""
        return jsontext.read(self.response.body if self.response else b"")

    @cached_property
    def stream(self) -> sse.Stream:
        """The response body read as server-sent events, whatever its content type says."""
        return sse.parse(self.response.pieces if self.response else ())

    @cached_property
    def chunks(self) -> tuple[sse.Chunk, ...]:
        """The JSON of each data event before `[DONE]`, as it was meant; what is no JSON is left out."""
        return sse.chunks(self.stream)

    @cached_property
    def reply(self) -> responses.Reply | None:
        """The response of /responses that was meant, streamed or not; None where there is none."""
        if self.streamed:
            return response_events.meant(self.chunks)
        return responses.whole(self.document.value)

    @cached_property
    def answer(self) -> assemble.Answer | None:
        """The completion that was meant, streamed or not; None where there is none to see.

        A response of /responses is one of a single choice.
        """
        if self.streamed:
            found = assemble.meant([chunk.value for chunk in self.chunks])
        else:
            found = assemble.whole(self.document.value)
        return responses.answer(self.reply) if found is None and self.reply else found

    @cached_property
    def sdk(self) -> assemble.Assembly:
        """What the openai SDK accumulates from the same chunks, or how it breaks on them."""
        return assemble.sdk([chunk.value for chunk in sse.seen_by_sdk(self.stream)])

    @cached_property
    def derived(self) -> dict[Hashable, Any]:
        """What others have found out about it and need again."""
        return {}

    def forget(self) -> None:
        """Let go of everything derived; it is made again where it is asked for."""
        for name in (
            "response",
            "document",
            "stream",
            "chunks",
            "reply",
            "answer",
            "sdk",
            "derived",
        ):
            self.__dict__.pop(name, None)
        self.request.__dict__.pop("json", None)

    @property
    def streamed(self) -> bool:
        """The answer came as server-sent events: by content type, or by its first bytes."""
        return self.response is not None and self.response.is_event_stream

    @property
    def asked_stream(self) -> bool:
        """The request asked for a stream."""
        body = self.request.json
        return isinstance(body, dict) and body.get("stream") is True


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class TrialKey:
    """Who was asked what, the how-manyeth time. The public identity of a trial."""

    case: str
    axes: tuple[tuple[str, str], ...]
    """Axis name and the printed value, in file order."""
    provider: str
    arm: str = "plain"
    """`plain`: exactly the suite's request. `adapted`: with the provider's fragments (`with`)."""
    sample: int = 0

    @property
    def cell(self) -> str:
        """`tools/round-trip[stream-true]`: the case with its axes, whoever is asked."""
        axes = "-".join(f"{name}-{value}" for name, value in self.axes)
        return f"{self.case}[{axes}]" if axes else self.case

    def __str__(self) -> str:
        axes = "".join(f"-{name}-{value}" for name, value in self.axes)
        arm = "" if self.arm == "plain" else f"+{self.arm}"
        return f"{self.case}[{self.provider}{axes}]{arm}#{self.sample}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One run of one case against one provider: the unit of recording, judging and counting."""

    key: TrialKey
    exchanges: tuple[Exchange, ...]
    """In order of sending; retried attempts of a step stand before its last one."""
    captured: Mapping[str, Any]
    """`step.name` to the value captured from that step's answer."""
    error: str = ""
    """Why *we* could not finish the trial; such a trial says nothing about the endpoint."""
    withheld: str = ""
    """Why it was not asked (to its end) although nothing went wrong: a budget was used up."""

    @property
    def finished(self) -> bool:
        """It was asked to its end: nobody needs to ask it again."""
        return not self.error and not self.withheld

    def last(self, step: str) -> Exchange | None:
        """The last attempt of a step, which is the one a case is judged on.

        One that found nobody tells less than one before it that did.
        """
        tried = [each for each in self.exchanges if each.step == step]
        found = [each for each in tried if each.end.how is not Ended.UNREACHABLE]
        return (found or tried)[-1] if tried else None
