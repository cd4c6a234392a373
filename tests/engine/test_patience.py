"""The event loop that reads by itself: everything else that a loop is for still happens, in time."""

import asyncio
import random
import socket
import threading
from itertools import pairwise

import pytest
from scripted import BOUNDS, joined
from test_instrument import HEAD, LAST, Peer, breach_and_next, event, linux, request_to

from conformance.engine.instrument.patience import PatientLoop
from conformance.engine.instrument.wire import Wire
from conformance.wire.exchange import Ended

pytestmark = linux


def run(main):
    with asyncio.Runner(loop_factory=PatientLoop) as runner:
        return runner.run(main)


class Ticking:
    """Streams that go on until everything else has happened."""

    def __init__(self):
        self.over = threading.Event()

    def __call__(self, speaking):
        while not self.over.wait(0.002):
            speaking.sendall(event(1))

    def peer(self):
        return Peer(HEAD, self, LAST)


async def a_timer():
    await asyncio.sleep(0.03)


async def a_thread():
    loop, called = asyncio.get_running_loop(), asyncio.Event()
    threading.Timer(0.03, lambda: loop.call_soon_threadsafe(called.set)).start()
    await called.wait()


async def another_socket():
    near, far = socket.socketpair()
    with near, far:
        near.setblocking(False)
        threading.Timer(0.03, lambda: far.send(b"!")).start()
        assert await asyncio.get_running_loop().sock_recv(near, 1) == b"!"


@pytest.mark.parametrize("other", [a_timer, a_thread, another_socket])
def test_whatever_else_there_is_happens_while_streams_tick(other):
    ticking = Ticking()

    async def main(peers):
        wire = Wire()
        turns = [await wire.begin(request_to(one.url), BOUNDS) for one in peers]
        await other()
        ticking.over.set()
        ends = [(await turn.over()).how for turn in turns]
        await wire.aclose()
        return ends

    with ticking.peer() as one, ticking.peer() as another:
        assert run(main((one, another))) == [Ended.COMPLETE] * 2


def test_streams_are_read_while_work_never_waits():
    ticking = Ticking()

    async def main(peer):
        wire = Wire()
        turn = await wire.begin(request_to(peer.url), BOUNDS)
        while len(turn.reel.raw) < 5:  # noqa: ASYNC110 - that is what is looked at
            await asyncio.sleep(0)
        ticking.over.set()
        await turn.over()
        await wire.aclose()
        return turn.take()

    with ticking.peer() as peer:
        assert run(main(peer)).exchange.end.how is Ended.COMPLETE


def test_a_wire_that_is_closed_leaves_others_alone():
    ticking = Ticking()

    async def main(peers):
        first, second = Wire(), Wire()
        turns = [
            await wire.begin(request_to(peer.url), BOUNDS)
            for wire, peer in zip((first, second), peers, strict=True)
        ]
        await first.aclose()
        ticking.over.set()
        end = await turns[1].over()
        await second.aclose()
        return end.how

    with Peer(HEAD, event(1)) as one, ticking.peer() as other:
        assert run(main((one, other))) is Ended.COMPLETE


def test_what_goes_wrong_in_reading_is_our_fault_and_ends_that_exchange_only():
    with Peer(HEAD + event(1) + LAST) as first, Peer(HEAD + event(1) + LAST) as second:
        assert run(breach_and_next(first, second)).exchange.end.how is Ended.COMPLETE


@pytest.mark.parametrize("seed", range(4))
def test_no_byte_is_lost_however_it_is_cut(seed):
    """Whole events take a short way; what is cut, merged or ends does not, and they mix."""
    chance = random.Random(seed)
    raw = b"".join(event(number) for number in range(40)) + LAST
    cuts = sorted(chance.sample(range(1, len(raw)), 12))
    bounds = [end for number in range(40) if (end := len(b"".join(map(event, range(number)))))]
    places = sorted({0, len(raw), *cuts, *chance.sample(bounds, 20)})
    pieces = [raw[start:end] for start, end in pairwise(places)]
    acts = [each for piece in pieces for each in (0.002, piece)]

    async def main(peer):
        wire = Wire()
        heard = await wire.ask(request_to(peer.url), BOUNDS)
        await wire.aclose()
        return heard

    with Peer(HEAD, *acts) as peer:
        exchange = run(main(peer)).exchange

    assert joined(exchange.received) == HEAD + raw
    assert [each.value["n"] for each in exchange.chunks] == list(range(40))
    assert exchange.end.how is Ended.COMPLETE


def test_an_event_behind_the_end_is_nobodys_and_the_connection_is_not_used_again():
    async def main(peer):
        wire = Wire()
        turn = await wire.begin(request_to(peer.url), BOUNDS)
        await turn.over()
        reusable = turn.reel.reusable
        await wire.aclose()
        return reusable

    with Peer(HEAD, 0.01, event(1), 0.01, LAST + event(2)) as peer:
        assert not run(main(peer))
