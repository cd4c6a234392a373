"""When to ask again, and when not to."""

import asyncio
import email.utils
import time

import pytest
from scripted import answer

from conformance.engine.retry import LONGEST_WAIT, attempts, pause, retry_after, worth_another
from conformance.wire.exchange import End, Ended, Exchange, Request
from conformance.wire.piece import Ns, Piece


def heard(status=200, *headers, how=Ended.COMPLETE):
    received = (
        (Piece(at=Ns(1), data=answer(status=f"{status} X", headers=headers)),) if status else ()
    )
    return Exchange(
        step="main",
        attempt=1,
        request=Request(method="GET", url="", headers=(), body=b"", at=Ns(0)),
        sent=(),
        received=received,
        end=End(how=how, at=Ns(2)),
    )


@pytest.mark.parametrize(
    ("exchange", "again"),
    [
        *[(heard(status), True) for status in (408, 409, 429, 500, 503, 529)],
        *[(heard(status), False) for status in (200, 201, 302, 400, 401, 404, 422)],
        (heard(0, how=Ended.UNREACHABLE), True),
        (heard(0, how=Ended.TIMED_OUT), False),
        (heard(0, how=Ended.CLOSED), False),
        (heard(200, how=Ended.CLOSED), False),
    ],
)
def test_what_a_client_would_ask_again(exchange, again):
    assert worth_another(exchange) is again


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ([], None),
        (["Retry-After: 3"], 3),
        (["Retry-After: 0.5"], 0.5),
        (["retry-after-ms: 250", "Retry-After: 3"], 0.25),
        (["Retry-After: soon"], None),
        (["Retry-After: -1"], None),
        (["Retry-After: " + "9" * 400], float("inf")),
        (["Retry-After: Mon, 99 Foo 9999"], None),
    ],
    ids=str,
)
def test_what_an_endpoint_asks_for(headers, seconds):
    assert retry_after(heard(429, *headers)) == seconds


def test_a_date_is_a_time_from_now():
    date = email.utils.formatdate(time.time() + 20, usegmt=True)

    assert 10 < retry_after(heard(429, f"Retry-After: {date}")) <= 20


@pytest.mark.parametrize(
    ("headers", "attempt", "seconds"),
    [
        ([], 1, 0.5),
        ([], 2, 1),
        ([], 3, 2),
        ([], 50, LONGEST_WAIT),
        (["Retry-After: 7"], 3, 7),
        (["Retry-After: 3600"], 1, 0.5),
    ],
    ids=str,
)
def test_waiting_is_bounded(headers, attempt, seconds):
    assert pause(heard(429, *headers), attempt) == seconds


def test_the_last_attempt_stands_when_none_is_better():
    sent, slept = [], []

    async def send():
        sent.append(heard(503))
        return sent[-1]

    async def sleep(seconds):
        slept.append(seconds)

    last = asyncio.run(attempts(send, 2, sleep=sleep))

    assert (last is sent[-1], len(sent), slept) == (True, 3, [0.5, 1])
