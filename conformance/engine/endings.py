"""What the layers below say when something goes wrong, as facts in words: one table."""

from __future__ import annotations

from collections.abc import Callable

import httpcore

from conformance.engine.causes import broken, unconnected
from conformance.engine.limits import Bounds
from conformance.engine.tape import HungUp, Tape, TooMuch
from conformance.wire.exchange import Ended

_HEADS_TOO_LARGE = 431
"""h11 hints with this status that a head (or a chunk's size line) exceeds what it holds."""


_ENDINGS: tuple[tuple[type[Exception], Ended, Callable[[Exception, Bounds, Tape], str]], ...] = (
    (TooMuch, Ended.TOO_LARGE, lambda error, *_: str(error)),
    (HungUp, Ended.CANCELLED, lambda *_: "we hung up on purpose"),
    (
        httpcore.ConnectTimeout,
        Ended.UNREACHABLE,
        lambda _, bounds, __: f"no connection within {bounds.connect:g} s",
    ),
    (httpcore.ConnectError, Ended.UNREACHABLE, lambda error, *_: unconnected(_cause(error))),
    (httpcore.ProxyError, Ended.UNREACHABLE, lambda error, *_: f"the proxy refused: {error}"),
    (
        httpcore.ReadTimeout,
        Ended.TIMED_OUT,
        lambda _, __, tape: f"nothing came for {tape.patience():g} s",
    ),
    (
        httpcore.WriteTimeout,
        Ended.TIMED_OUT,
        lambda _, bounds, __: f"the request was not taken for {bounds.read:g} s",
    ),
    (TimeoutError, Ended.TIMED_OUT, lambda _, bounds, __: f"not over after {bounds.total:g} s"),
    (httpcore.NetworkError, Ended.RESET, lambda error, *_: broken(_cause(error))),
)
"""From the particular to the general: the first that fits counts."""


def ending(error: Exception, tape: Tape, bounds: Bounds) -> tuple[Ended, str] | None:
    """How an exchange ended that raised `error`, with a detail for people.

    None for what is no fact about the endpoint but a mistake of ours or of the suite.
    """
    if isinstance(error, httpcore.RemoteProtocolError):
        return _garbled(error, tape)
    for kind, how, words in _ENDINGS:
        if isinstance(error, kind):
            return how, words(error, bounds, tape)
    return None


def _cause(error: Exception) -> object:
    """What httpcore's exception is made of; it hides `__cause__`."""
    return error.args[0] if error.args else None


def _garbled(error: Exception, tape: Tape) -> tuple[Ended, str]:
    """h11 gave up: because the peer closed too early, or because of what it said."""
    if getattr(_cause(error), "error_status_hint", None) == _HEADS_TOO_LARGE:
        return Ended.TOO_LARGE, "a head that does not end"
    if not tape.ended:
        return Ended.GARBLED, str(error)
    start = b"".join(piece.data for piece in tape.received[:8])[:5]
    if not start:
        return Ended.CLOSED, "before a response"
    if not b"HTTP/".startswith(start):
        return Ended.GARBLED, "what came before the end is no HTTP"
    return Ended.CLOSED, "in the middle of the response"
