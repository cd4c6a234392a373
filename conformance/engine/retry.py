"""Trying again where a client would: no connection, 408, 409, 429 and 5xx. Every attempt is kept."""

from __future__ import annotations

import email.utils
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from conformance.wire.exchange import Ended, Exchange

if TYPE_CHECKING:
    from tenacity import RetryCallState

FIRST_WAIT = 0.5
LONGEST_WAIT = 8.0
"""Seconds between attempts where the endpoint does not say: doubling, as the openai SDK does."""
LONGEST_OBEYED = 60.0
"""Seconds; a `Retry-After` beyond it is not obeyed."""

_AGAIN = frozenset({408, 409, 429})
_SERVER_ERRORS = 500

Sleep = Callable[[float], Awaitable[None]]


async def attempts(
    send: Callable[[], Awaitable[Exchange]], retries: int, *, sleep: Sleep
) -> Exchange:
    """Call `send` until an answer stands, at most `retries` times more than once.

    Returns the last attempt; `send` itself keeps all of them.
    """
    first = await send()
    if not retries or not worth_another(first):
        return first
    import tenacity  # here: most runs never need it, and it is slow to import

    waiting = [first]

    async def another() -> Exchange:
        return waiting.pop() if waiting else await send()

    retrying = tenacity.AsyncRetrying(
        sleep=sleep,
        stop=tenacity.stop_after_attempt(1 + retries),
        wait=lambda state: pause(_outcome(state), state.attempt_number),
        retry=tenacity.retry_if_result(worth_another),
        retry_error_callback=_outcome,
    )
    return await retrying(another)


def worth_another(exchange: Exchange) -> bool:
    """Whether a client would ask again."""
    if exchange.end.how is Ended.UNREACHABLE:
        return True
    status = status_of(exchange)
    return status in _AGAIN or status >= _SERVER_ERRORS


def pause(exchange: Exchange, attempt: int) -> float:
    """Seconds before the next attempt: as the endpoint says, within bounds; else doubling."""
    said = retry_after(exchange)
    if said is not None and 0 <= said <= LONGEST_OBEYED:
        return said
    return min(FIRST_WAIT * 2.0 ** (attempt - 1), LONGEST_WAIT)


def retry_after(exchange: Exchange) -> float | None:
    """Seconds that `Retry-After` (or `retry-after-ms`) asks for; None where it says nothing usable."""
    response = exchange.response
    if response is None:
        return None
    milliseconds = _number(response.header("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = response.header("retry-after")
    seconds = _number(value)
    if seconds is not None or value is None:
        return seconds
    try:
        at = email.utils.parsedate_to_datetime(value)
        return at.timestamp() - time.time()
    except (ValueError, OverflowError, OSError):
        return None


def _number(text: str | None) -> float | None:
    """A decimal number without sign or exponent, as HTTP writes them."""
    if text is None or not text.strip().replace(".", "", 1).isdecimal():
        return None
    return float(text)


def status_of(exchange: Exchange) -> int:
    """The status, 0 where there is none; looked up without parsing where it is the usual one."""
    if exchange.received and exchange.received[0].data.startswith(b"HTTP/1.1 200"):
        return 200
    return exchange.response.status if exchange.response else 0


def _outcome(state: RetryCallState) -> Exchange:
    assert state.outcome is not None  # tenacity asks after an attempt only
    exchange: Exchange = state.outcome.result()
    return exchange
