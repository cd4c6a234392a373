"""One take, measured. Definitions that do not depend on how a provider cuts its answer into chunks:

- the **first token** is the first non-empty content, reasoning or argument of a tool; a role, an
  empty delta, the finishing chunk and the usage chunk are none;
- an **arrival** is all that came together (in one segment): how many events it was cut into is not
  a time, so gaps are between arrivals;
- **tokens** are those that the usage reports, or that a tokenizer counts (`tokens.py`); where
  nothing is known, there is no time per token;
- times count from the moment the request was sent; what lies between that and the moment it was
  meant to be sent is **queueing**, and what making a connection took stands apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

from conformance.latency.doubt import doubted
from conformance.latency.spoken import Kind, spoken
from conformance.latency.tokens import Heard, Tokenizer, counted
from conformance.wire.exchange import Ended, Exchange
from conformance.wire.piece import Stamp
from conformance.wire.take import Take

REFUSED = 400
STALL_FACTOR = 5
"""A gap so many times the usual one of its stream is a stall ..."""
STALL_LEAST = 50_000_000
"""... if it is also this long (nanoseconds)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Tokens that came together. Times of a reading are nanoseconds on the take's clock."""

    at: int
    text: str
    answer: bool
    """Holds content or arguments, not reasoning alone."""
    tokens: float | None
    doubtful: bool
    """May have come at several times, of which this is the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Between one arrival and the next."""

    ns: int
    tokens: float | None
    """Of the arrival that ends it."""
    doubtful: bool
    stalled: bool = False

    @property
    def per_token(self) -> float | None:
        """Inter-token latency."""
        return self.ns / self.tokens if self.tokens else None


@dataclass(frozen=True, kw_only=True)
class Reading:
    """All times of one request. None: there was no such moment."""

    key: str
    """The value of `X-Request-ID` that was sent."""
    intended: int
    begun: int
    sent: int
    ended: int
    first_byte: int | None
    arrivals: tuple[Arrival, ...]
    tokens: int | None
    """Of the whole answer."""
    estimated: bool = False
    """How many of them an arrival brought is not known for sure."""
    failure: str = ""
    """Why it does not count among the good ones; such times stand apart."""
    connect: int = 0
    """Looking the name up and connecting."""
    tls: int = 0
    ahead: bool = False
    """It was connected before there was anything to ask."""
    stop: int | None = None
    """From our hanging up to the last byte that came; None: we did not hang up."""
    went_on: bool = False
    """We hung up, and all of the answer came."""
    kernel: bool = True
    """All stamps are the kernel's."""
    handing: int = 0
    """How long handing the request to the system took: so much `sent` may be too early."""
    lags: tuple[int, ...] = ()
    """How late this process read each piece."""
    stepped: bool = False
    """The system's clock was set meanwhile."""

    @property
    def queueing(self) -> int:
        """From the moment it was meant to be sent to the moment it was, without connecting."""
        waited = self.sent - self.intended
        return waited if self.ahead else waited - self.connect - self.tls

    @property
    def ttfb(self) -> int | None:
        """Time to the first byte of the response."""
        return None if self.first_byte is None else self.first_byte - self.sent

    @property
    def ttft(self) -> int | None:
        """Time to the first token; the service time, from the moment of sending."""
        return self.arrivals[0].at - self.sent if self.arrivals else None

    @property
    def response_time(self) -> int | None:
        """Time to the first token from the moment that was intended."""
        return self.arrivals[0].at - self.intended if self.arrivals else None

    @property
    def ttfa(self) -> int | None:
        """Time to the first token of the answer, after reasoning."""
        return next((each.at - self.sent for each in self.arrivals if each.answer), None)

    @property
    def first_doubtful(self) -> bool:
        """The first token may have come earlier."""
        return bool(self.arrivals) and self.arrivals[0].doubtful

    @property
    def e2e(self) -> int:
        """From sending to the end of the response."""
        return self.ended - self.sent

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """Between arrivals."""
        plain = [
            Gap(
                ns=later.at - former.at,
                tokens=later.tokens,
                doubtful=former.doubtful or later.doubtful,
            )
            for former, later in pairwise(self.arrivals)
        ]
        if not plain:
            return ()
        usual = sorted(gap.ns for gap in plain)[len(plain) // 2]
        long = max(STALL_FACTOR * usual, STALL_LEAST)
        return tuple(
            Gap(ns=gap.ns, tokens=gap.tokens, doubtful=gap.doubtful, stalled=gap.ns > long)
            for gap in plain
        )

    @property
    def tpot(self) -> float | None:
        """Time per output token after the first arrival."""
        later = [each.tokens for each in self.arrivals[1:]]
        if not later or None in later:
            return None
        count = sum(each for each in later if each is not None)
        return (self.arrivals[-1].at - self.arrivals[0].at) / count if count else None

    @property
    def tokens_per_second(self) -> float | None:
        """Of this stream, from sending to the last token."""
        if not self.tokens or not self.arrivals:
            return None
        return self.tokens / (self.arrivals[-1].at - self.sent) * 1e9


def measure(take: Take, tokenizer: Tokenizer | None = None) -> Reading:
    """All times of a take."""
    exchange, connecting = take.exchange, take.connecting
    arrivals, heard = _arrivals(take)
    tokens = counted(heard, exchange, tokenizer)
    received = exchange.received
    return Reading(
        key=_key(exchange),
        intended=take.intended,
        begun=exchange.request.begun or exchange.request.at,
        sent=exchange.request.at,
        ended=_ended(exchange),
        first_byte=received[0].at if received else None,
        arrivals=_with_tokens(arrivals, tokens.shares),
        tokens=tokens.total,
        estimated=tokens.estimated,
        failure=_failure(take, arrivals),
        connect=connecting.connected - connecting.begun if connecting else 0,
        tls=connecting.secured - connecting.connected if connecting else 0,
        ahead=connecting is not None and connecting.secured < take.intended,
        stop=_stop(take),
        went_on=take.hung_up is not None and exchange.end.how is Ended.COMPLETE,
        handing=take.handed - exchange.request.at,
        kernel=all(piece.stamp is Stamp.KERNEL for piece in received),
        lags=tuple(user - piece.at for user, piece in zip(take.user, received, strict=True)),
        stepped=take.steps > 0,
    )


def _arrivals(take: Take) -> tuple[list[Arrival], list[Heard]]:
    """Token by token events, those of one piece together."""
    doubtful = doubted(take)
    found: list[Arrival] = []
    heard: list[Heard] = []
    for chunk in take.exchange.chunks:
        said = list(spoken(chunk.value))
        if not said:
            continue
        at, events = chunk.event.at, 1
        text = "".join(each for _, each in said)
        answer = any(kind is not Kind.REASONING for kind, _ in said)
        thoughts = any(kind is Kind.REASONING for kind, _ in said)
        if found and found[-1].at == at:
            former, before = found.pop(), heard.pop()
            answer, text = former.answer or answer, former.text + text
            events, thoughts = before.events + events, before.thoughts or thoughts
        found.append(Arrival(at=at, text=text, answer=answer, tokens=None, doubtful=at in doubtful))
        heard.append(Heard(text, events, thoughts))
    return found, heard


def _with_tokens(arrivals: list[Arrival], shares: Sequence[float] | None) -> tuple[Arrival, ...]:
    if shares is None:
        return tuple(arrivals)
    return tuple(replace(one, tokens=own) for one, own in zip(arrivals, shares, strict=True))


def _ended(exchange: Exchange) -> int:
    """When the last byte of a complete response arrived; else when we knew that it was over."""
    whole = exchange.end.how is Ended.COMPLETE and exchange.received
    return exchange.received[-1].at if whole else exchange.end.at


def _failure(take: Take, arrivals: Sequence[Arrival]) -> str:
    exchange = take.exchange
    if take.hung_up is not None:
        return "" if arrivals else "no token before we hung up"
    if exchange.end.how is not Ended.COMPLETE:
        return exchange.end.how.value
    response = exchange.response
    if response is None or response.status >= REFUSED:
        told = response is not None and response.header("retry-after") is not None
        return f"status {response.status if response else 0}" + (
            " with Retry-After" if told else ""
        )
    if any(each.ends_in_an_error for each in exchange.chunks):
        return "error in the stream"
    return "" if arrivals or not exchange.streamed else "no token"


def _stop(take: Take) -> int | None:
    if take.hung_up is None or not take.exchange.received:
        return None
    return max(0, take.exchange.received[-1].at - take.hung_up)


def _key(exchange: Exchange) -> str:
    headers: dict[str, Any] = {name.lower(): value for name, value in exchange.request.headers}
    return str(headers.get("x-request-id", ""))
