"""The instrument over real sockets: whose times are written down, and which of them are doubted."""

import asyncio
import contextlib
import gc
import os
import select
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest
from scripted import BOUNDS, chunked, free_port, joined

from conformance.engine.address import address
from conformance.engine.instrument.connect import UnreachableError
from conformance.engine.instrument.line import HIGH_WATER, Line
from conformance.engine.instrument.over import Ending, GarbledError
from conformance.engine.instrument.prepared import prepare
from conformance.engine.instrument.quiet import first_in_line, loop_factory, quiet, run
from conformance.engine.instrument.segments import Segments
from conformance.engine.instrument.wire import Wire
from conformance.errors import HarnessError
from conformance.wire.exchange import Ended
from conformance.wire.piece import Stamp

linux = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's stamps are Linux's")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
LAST = b"0\r\n\r\n"


def event(number):
    text = b'data: {"n": %d}\n\n' % number
    return b"%x\r\n%s\r\n" % (len(text), text)


class Peer:
    """Writes what it is told from a thread of its own, and notes when."""

    def __init__(self, *acts, tls=None):
        """Acts: bytes are sent, numbers are pauses, callables are called with the socket."""
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.acts, self.tls = acts, tls
        self.wrote, self.heard = [], b""
        self.thread = threading.Thread(target=self.run)

    def run(self):
        with self.listening.accept()[0] as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.tls.wrap_socket(sock, server_side=True) if self.tls else sock as speaking:
                self.heard = speaking.recv(65536)
                for act in self.acts:
                    self.play(speaking, act)
                with contextlib.suppress(OSError):
                    speaking.recv(1)

    def play(self, speaking, act):
        if isinstance(act, bytes):
            before = time.monotonic_ns()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                speaking.sendall(act)
            self.wrote.append((before, time.monotonic_ns()))
        elif callable(act):
            act(speaking)
        else:
            time.sleep(act)

    def __enter__(self):
        self.thread.start()
        scheme = "https" if self.tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self.listening.getsockname()[1]}/v1"
        return self

    def __exit__(self, *_):
        self.listening.close()
        self.thread.join()


def request_to(url, body=b"{}", method="POST", path="/x"):
    place = address(url, path)
    headers = (("Host", place.authority), ("Content-Length", str(len(body))))
    return prepare(method, place, headers, body)


def take(peer, *, meanwhile=None, hang_up_after=None, intended=None, **options):
    """One exchange; `meanwhile` blocks the event loop once the request has been sent."""

    async def main():
        wire = Wire(**options)
        request = request_to(peer.url)
        try:
            if meanwhile is None:
                return await wire.ask(
                    request, BOUNDS, intended=intended, hang_up_after=hang_up_after
                )
            turn = await wire.begin(request, BOUNDS)
            meanwhile()
            await turn.over()
            return turn.take()
        finally:
            await wire.aclose()

    return run(main())


class Stall:
    """The reading process is busy from before something is written until after it."""

    def __init__(self):
        self.begun, self.over = threading.Event(), threading.Event()

    def __call__(self):
        self.begun.set()
        self.over.wait(10)

    def wait(self, _speaking):
        self.begun.wait(10)

    def end(self, _speaking):
        self.over.set()


SLACK = 1_000_000


def within(at, write):
    """The kernel stamps what arrives while it is being sent."""
    before, after = write
    return before - SLACK <= at <= after + SLACK


@linux
def test_stamps_are_the_kernels_however_late_the_process_is():
    stall = Stall()
    with Peer(HEAD, stall.wait, event(1), 0.1, stall.end, 0.2, event(2) + LAST) as peer:
        heard = take(peer, meanwhile=stall)

    pieces = heard.exchange.received
    late = next(number for number, each in enumerate(pieces) if event(1) in each.data)
    assert {each.stamp for each in pieces} == {Stamp.KERNEL}
    assert within(pieces[late].at, peer.wrote[1])
    assert heard.user[late] - pieces[late].at > 50_000_000  # what it would have been told otherwise
    assert within(pieces[-1].at, peer.wrote[-1])


def test_without_the_kernel_it_says_whose_stamps_they_are():
    with Peer(HEAD, 0.02, event(1) + LAST) as peer:
        heard = take(peer, kernel=False)

    assert {each.stamp for each in heard.exchange.received} == {Stamp.USER}
    assert list(heard.user) == [each.at for each in heard.exchange.received]


@linux
def test_events_that_merged_while_nobody_read_are_doubted():
    stall = Stall()
    events = (event(1), 0.01, event(2), 0.01, event(3))
    with Peer(HEAD, stall.wait, *events, stall.end, 0.2, event(4) + LAST) as peer:
        heard = take(peer, meanwhile=stall)

    data = [each.data for each in heard.exchange.received]
    merged = next(n for n, each in enumerate(data) if event(1) + event(2) + event(3) in each)
    assert merged in heard.doubtful


@linux
def test_events_that_were_written_together_are_not_doubted():
    together = event(1) + event(2) + event(3)
    with Peer(HEAD, *[0.05, together] * 4, 0.05, event(4) + LAST) as peer:
        heard = take(peer)

    data = [each.data for each in heard.exchange.received]
    alone = {number for number, each in enumerate(data) if each == together}
    assert alone
    assert not alone & heard.doubtful


def test_without_the_kernel_all_that_came_together_is_doubted():
    with Peer(HEAD, 0.02, event(1) + event(2), 0.02, event(3) + LAST) as peer:
        heard = take(peer, kernel=False)

    data = [each.data for each in heard.exchange.received]
    assert {n for n, each in enumerate(data) if each.count(b"data:") > 1} <= heard.doubtful


def test_the_tape_has_heads_and_chunk_framing_and_the_parser_reads_it():
    with Peer(HEAD, 0.02, event(1)[:7], 0.02, event(1)[7:] + event(2), LAST) as peer:
        heard = take(peer)

    exchange = heard.exchange
    assert joined(exchange.received) == HEAD + event(1) + event(2) + LAST
    assert joined(exchange.sent) == peer.heard
    assert [each.value for each in exchange.chunks] == [{"n": 1}, {"n": 2}]
    assert exchange.end.how is Ended.COMPLETE


def test_a_request_is_stamped_just_before_it_is_sent_beside_the_time_that_was_meant():
    origin = time.monotonic_ns()
    with Peer(HEAD + LAST) as peer:
        heard = take(peer, intended=origin + 5, origin=origin)

    connecting = heard.connecting
    assert heard.intended == 5
    assert connecting.begun <= connecting.resolved <= connecting.connected == connecting.secured
    assert connecting.secured <= heard.exchange.request.at < heard.exchange.received[0].at


def test_under_tls_the_plain_text_is_on_the_tape_and_its_own_time_apart(server_tls, certificate):
    context = ssl.create_default_context(cafile=str(certificate[1]))
    with Peer(HEAD, 0.02, event(1), 0.02, event(2) + LAST, tls=server_tls) as peer:
        heard = take(peer, context=context)

    assert joined(heard.exchange.received) == HEAD + event(1) + event(2) + LAST
    assert heard.connecting.connected < heard.connecting.secured
    assert within(heard.exchange.received[-1].at, peer.wrote[-1])


@linux
def test_under_tls_what_merged_is_doubted_and_what_was_written_together_is_not(
    server_tls, certificate
):
    stall, together = Stall(), event(7) + event(8)
    events = (event(1), 0.01, event(2), stall.end, 0.1, together, 0.1, together, 0.1)
    context = ssl.create_default_context(cafile=str(certificate[1]))
    with Peer(HEAD, stall.wait, *events, event(9) + LAST, tls=server_tls) as peer:
        heard = take(peer, context=context, meanwhile=stall)

    data = [each.data for each in heard.exchange.received]
    merged = next(n for n, each in enumerate(data) if event(1) + event(2) in each)
    alone = {number for number, each in enumerate(data) if each == together}
    assert merged in heard.doubtful
    assert not alone & heard.doubtful


def test_opening_where_nobody_listens_says_so():
    async def main():
        wire = Wire()
        try:
            await wire.open(address(f"http://127.0.0.1:{free_port()}/v1", "/x"), BOUNDS, 3)
        finally:
            await wire.aclose()

    with pytest.raises(UnreachableError, match="connection refused"):
        asyncio.run(main())


def test_what_is_no_tls_in_the_middle_of_it_breaks_the_exchange_and_nothing_else(
    server_tls, certificate
):
    def rubbish(speaking):
        socket.socket.send(speaking, b"this is no record of TLS")

    context = ssl.create_default_context(cafile=str(certificate[1]))
    with Peer(HEAD, 0.02, rubbish, tls=server_tls) as peer:
        heard = take(peer, context=context)

    assert (heard.exchange.end.how, joined(heard.exchange.received)) == (Ended.RESET, HEAD)
    assert heard.exchange.end.detail.startswith("TLS failed")


def test_new_keys_that_the_peer_wants_are_answered(certificate, tmp_path):
    """openssl s_server: a line `K` asks for a KeyUpdate; ours goes out before the next request."""
    key, pem = certificate
    port = free_port()
    log = (tmp_path / "log").open("w+b")
    server = subprocess.Popen(
        ["openssl", "s_server", "-accept", str(port), "-key", str(key), "-cert", str(pem), "-msg"],
        stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT,
    )

    def said(words, times=1):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            log.flush()
            if (tmp_path / "log").read_bytes().count(words) >= times:
                return True
            time.sleep(0.02)
        return False

    def answer():
        for number in (1, 2):
            assert said(b"POST /v1/%d" % number)
            server.stdin.write(b"K\n")  # a command only where a read of its input begins with it
            server.stdin.flush()
            assert said(b">>> TLS 1.3, Handshake [length 0005], KeyUpdate", number)
            server.stdin.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n")
            server.stdin.flush()

    thread = threading.Thread(target=answer)
    try:
        assert said(b"ACCEPT")
        thread.start()

        async def main():
            wire = Wire(context=ssl.create_default_context(cafile=str(pem)))
            url = f"https://127.0.0.1:{port}/v1"
            takes = [await wire.ask(request_to(url, path=f"/{each}"), BOUNDS) for each in (1, 2)]
            await wire.aclose()
            return takes

        takes = asyncio.run(main())
        thread.join()
        assert [each.exchange.connection for each in takes] == [1, 1]
        assert [each.exchange.response.body.strip() for each in takes] == [b"ok", b"ok"]
        assert b"<<< TLS 1.3, Handshake [length 0005], KeyUpdate" in (tmp_path / "log").read_bytes()
    finally:
        server.kill()
        server.wait()
        server.stdin.close()
        log.close()


def test_a_peer_that_takes_its_time_to_read_gets_the_whole_request():
    body = b"x" * 8_000_000
    received = []

    def read_all(speaking):
        rest = len(body) - len(peer.heard.partition(b"\r\n\r\n")[2])
        while rest > 0 and (data := speaking.recv(1_000_000)):
            rest -= len(data)
            received.append(len(data))

    async def main(peer):
        wire = Wire()
        heard = await wire.ask(request_to(peer.url, body), BOUNDS)
        await wire.aclose()
        return heard

    with Peer(0.1, read_all, HEAD + LAST) as peer:
        heard = asyncio.run(main(peer))

    assert heard.exchange.end.how is Ended.COMPLETE
    assert sum(received) > len(body) // 2
    assert joined(heard.exchange.sent).endswith(body)


def test_a_listener_that_is_late_makes_the_peer_wait_and_the_next_stamp_doubtful():
    size = 8 * HIGH_WATER

    async def main(peer):
        wire = Wire()
        turn = await wire.begin(request_to(peer.url), replace(BOUNDS, response_bytes=2 * size))
        most = 0
        woken = asyncio.Event()
        turn.reel.listener = woken.set
        async with asyncio.timeout(60):
            while turn.reel.held <= HIGH_WATER:  # noqa: ASYNC110  # nobody is there to set an event
                await asyncio.sleep(0.01)
        while not turn.reel.finished:
            most = max(most, turn.reel.held)
            turn.line.taken(turn.reel.held)
            woken.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), 0.1)
        await turn.over()
        await wire.aclose()
        return most, turn.take()

    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size
    with Peer(head + b"x" * size) as peer:
        most, heard = asyncio.run(main(peer))

    assert HIGH_WATER < most < 2 * HIGH_WATER
    assert heard.exchange.end.how is Ended.COMPLETE
    assert heard.doubtful


def test_when_it_stops_after_we_hang_up_is_seen():
    """We say that it is enough by closing our side only, and go on listening."""

    def until_told(speaking):
        speaking.settimeout(0.01)
        while True:
            speaking.sendall(event(1))
            try:
                if not speaking.recv(1):
                    break
            except TimeoutError:
                continue
        time.sleep(0.05)
        speaking.sendall(event(2))
        speaking.shutdown(socket.SHUT_WR)

    with Peer(HEAD, until_told) as peer:
        heard = take(peer, hang_up_after=0.05)

    assert heard.exchange.end.how is Ended.CANCELLED
    assert joined(heard.exchange.received).endswith(event(2))
    assert heard.exchange.received[-1].at - heard.hung_up >= 40_000_000


@pytest.mark.parametrize(
    ("headers", "method"), [((("A", "b\r\nc"),), "GET"), ((("A b", "c"),), "GET"), ((), "GE T")]
)
def test_what_http_cannot_carry_is_not_prepared(headers, method):
    with pytest.raises(HarnessError, match="cannot be sent"):
        prepare(method, address("http://h/v1", "/x"), headers, b"")


WHOLE = [
    chunked(b"data: 1\n\n", b"data: 2\n\n"),
    chunked(b"data: 1\r\n\r\n", b"data: 2\r\n\r\n"),
    chunked(b"a", b"\n\n", b"\r\n\r\n", headers=["Content-Type: text/plain"]),
    chunked(b"x" * 70_000),
    HEAD + b"3;ext=1\r\nabc\r\n0\r\nTrailer: x\r\n\r\n",
    HEAD.replace(b"\r\n", b"\n") + b"3\nabc\n0\n\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd",
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
]


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("step", [1, 2, 3, 7, 64, 100_000])
@pytest.mark.parametrize("raw", WHOLE, ids=range(len(WHOLE)))
def test_the_end_is_found_at_its_byte_however_it_is_cut(raw, step, keep):
    ending = Ending("POST", keep=keep)
    for start in range(0, len(raw), step):
        assert not ending.over, start
        ending.feed(raw[start : start + step])

    assert (ending.over, ending.left_over) == (True, False)


@pytest.mark.parametrize("raw", [WHOLE[0], WHOLE[6]])
def test_what_follows_the_end_is_noticed(raw):
    ending = Ending("POST")
    ending.feed(raw + b"x")

    assert (ending.over, ending.left_over, ending.reusable) == (True, True, False)


def test_a_body_is_unframed_for_whoever_reads_it_while_it_comes():
    ending = Ending("POST", keep=True)
    for byte in chunked(b"data: 1\n\n", b"data: 2\n\n"):
        ending.feed(bytes([byte]))

    assert b"".join(ending.body) == b"data: 1\n\ndata: 2\n\n"


@pytest.mark.parametrize("body", [b"zz\r\nabc\r\n", b"3\r\nabcd\r\n", b"-3\r\nabc\r\n"])
def test_framing_that_is_none_is_garbled(body):
    with pytest.raises(GarbledError):
        Ending("POST").feed(HEAD + body)


def test_garbage_waits_while_it_is_quiet():
    with quiet():
        assert not gc.isenabled()
        assert gc.get_freeze_count() > 0
    assert gc.isenabled()


def test_a_place_in_front_is_given_back():
    before = os.sched_getscheduler(0)
    with first_in_line() as granted:
        assert granted == (os.sched_getscheduler(0) != before)
    assert os.sched_getscheduler(0) == before


def test_it_works_on_whatever_loop_there_is():
    factory = loop_factory()
    with Peer(HEAD, 0.01, event(1) + LAST) as peer, asyncio.Runner(loop_factory=factory) as runner:

        async def main():
            wire = Wire()
            heard = await wire.ask(request_to(peer.url), BOUNDS)
            await wire.aclose()
            return heard

        assert runner.run(main()).exchange.end.how is Ended.COMPLETE


@linux
def test_a_connection_that_was_reset_counts_as_doubtful():
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.create_connection(listening.getsockname()) as near:
        far, _ = listening.accept()
        near.setblocking(False)
        segments = Segments(near)
        far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        far.close()  # with a reset: the next to read anything is told of it
        select.select([near], [], [], 5)

        assert segments.merged()


class BrokenOnce:
    """A clock that cannot read the first stamp, and every other."""

    steps = 0

    def __init__(self):
        self.asked = 0

    def arrival(self, notes, user):
        self.asked += 1
        if self.asked == 1:
            raise ValueError("no such stamp")
        return user

    def close(self):
        pass


async def breach_and_next(first, second):
    """What is heard of a second peer, after reading the first one went wrong."""
    wire = Wire()
    wire.clock.close()
    wire.clock = BrokenOnce()
    try:
        broken = await wire.begin(request_to(first.url), BOUNDS)
        with pytest.raises(HarnessError, match="no such stamp"):
            await broken.over()
        return await wire.ask(request_to(second.url), BOUNDS)
    finally:
        await wire.aclose()


@linux
def test_what_goes_wrong_in_reading_is_our_fault_and_ends_that_exchange_only():
    answer = HEAD + event(1) + LAST

    with Peer(answer) as first, Peer(answer) as second:
        heard = asyncio.run(breach_and_next(first, second))

    assert heard.exchange.end.how is Ended.COMPLETE


def breaks(_line):
    raise ValueError("of our own")


@pytest.mark.parametrize("callback", ["_look", "_writable", "readable"])
def test_no_callback_of_a_line_leaves_anybody_waiting(callback, monkeypatch):
    """Whoever waits is told, and what came until then is there."""
    monkeypatch.setattr(Line, callback, breaks)
    bounds = replace(BOUNDS, first_byte=0.05)

    def drain(speaking):
        time.sleep(0.2)  # read at once, and one `send` may have taken everything
        with contextlib.suppress(ConnectionResetError):
            while speaking.recv(1_000_000):
                pass

    async def main(peer):
        wire = Wire()
        try:
            turn = await wire.begin(request_to(peer.url, body=b"x" * 40_000_000), bounds)
            with pytest.raises(HarnessError, match="of our own"):
                await asyncio.wait_for(turn.over(), 30)
            return turn.footage()
        finally:
            await wire.aclose()

    with Peer(HEAD + event(1), drain) as peer:
        footage = asyncio.run(main(peer))

    assert footage.finish.how is Ended.CANCELLED
    assert "the instrument failed" in footage.failure
    assert footage.sent
