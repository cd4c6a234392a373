"""The transport over real sockets: what is recorded, and how each exchange ends."""

import asyncio
import gzip
import hashlib
import socket

import pytest
from scripted import (
    BOUNDS,
    Asker,
    answer,
    ask,
    chunked,
    free_port,
    joined,
    provider,
    serving,
    until,
)

from conformance.engine.address import address
from conformance.engine.limits import Bounds
from conformance.engine.transport import Outgoing
from conformance.errors import HarnessError
from conformance.wire.exchange import Ended

pytestmark = pytest.mark.usefixtures("way")


def once(script, **how):
    """One request to a server that plays a script."""

    async def main():
        async with serving(script) as server:
            return await ask(server, **how)

    return asyncio.run(main())


def bounds(**changes):
    values = {"connect": 5, "read": 5, "total": 10, "response_bytes": 1_000_000, **changes}
    return Bounds(**{"first_byte": values["read"], **values})


GARBAGE = b"220 mail.example.com ESMTP\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
STREAM = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("script", "how", "detail", "received"),
    [
        ([answer(b"hello")], Ended.COMPLETE, "", answer(b"hello")),
        (
            [b"HTTP/1.1 204 No Content\r\n\r\n"],
            Ended.COMPLETE,
            "",
            b"HTTP/1.1 204 No Content\r\n\r\n",
        ),
        (
            [b"HTTP/1.1 100 Continue\r\n\r\n", 0.01, answer()],
            Ended.COMPLETE,
            "",
            b"HTTP/1.1 100 Continue\r\n\r\n" + answer(),
        ),
        ([chunked(b"ab", b"c")], Ended.COMPLETE, "", chunked(b"ab", b"c")),
        (
            [b"HTTP/1.1 200 OK\r\n\r\nuntil ", 0.01, b"close", "close"],
            Ended.COMPLETE,
            "",
            b"HTTP/1.1 200 OK\r\n\r\nuntil close",
        ),
        (["close"], Ended.CLOSED, "before a response", b""),
        ([b"HTTP/1.1 200 O", "close"], Ended.CLOSED, "in the middle", b"HTTP/1.1 200 O"),
        ([HEAD + b"half", "close"], Ended.CLOSED, "in the middle", HEAD + b"half"),
        (
            [chunked(b"ab", last=False), "close"],
            Ended.CLOSED,
            "in the middle",
            chunked(b"ab", last=False),
        ),
        ([HEAD + b"half", 0.05, "reset"], Ended.RESET, "reset by peer", HEAD + b"half"),
        ([GARBAGE], Ended.GARBLED, "status line", GARBAGE),
        ([b"no line end", 0.01, "close"], Ended.GARBLED, "no HTTP", b"no line end"),
        ([STREAM + b"zz\r\n"], Ended.GARBLED, "chunk", STREAM + b"zz\r\n"),
        (  # what looks like the end of an event is walked over only when the peer closes
            [STREAM, 0.02, b"size\r\ndata: x\n\n\r\n", 0.02, "close"],
            Ended.GARBLED,
            "chunk",
            STREAM + b"size\r\ndata: x\n\n\r\n",
        ),
        (
            [b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000],
            Ended.TOO_LARGE,
            "head that does not end",
            None,
        ),
    ],
    ids=str,
)
def test_how_an_exchange_ends_is_a_fact_and_nothing_is_lost(script, how, detail, received):
    heard = once(script)

    assert (heard.end.how, detail in heard.end.detail) == (how, True), heard.end
    if received is not None:
        assert joined(heard.received) == received


def test_a_server_that_says_nothing_is_given_up_after_the_read_limit():
    heard = once([60], bounds=bounds(read=0.1))

    assert (heard.end.how, heard.end.detail) == (Ended.TIMED_OUT, "nothing came for 0.1 s")
    assert joined(heard.sent).endswith(b"\r\n\r\n{}")


def test_a_stream_that_stalls_keeps_what_came_before():
    heard = once([STREAM + b"2\r\nab\r\n", 60], bounds=bounds(read=0.1))

    assert heard.end.how is Ended.TIMED_OUT
    assert joined(heard.received) == STREAM + b"2\r\nab\r\n"


def test_a_drip_is_given_up_after_the_total_limit():
    heard = once([STREAM, *([b"1\r\na\r\n", 0.02] * 500)], bounds=bounds(total=0.3))

    assert (heard.end.how, heard.end.detail) == (Ended.TIMED_OUT, "not over after 0.3 s")
    assert joined(heard.received).startswith(STREAM + b"1\r\na\r\n1\r\na\r\n")


def test_an_endless_body_is_cut_off_at_the_limit_with_a_mark():
    heard = once([b"HTTP/1.1 200 OK\r\n\r\n", "forever"], bounds=bounds(response_bytes=200_000))

    assert (heard.end.how, heard.end.detail) == (Ended.TOO_LARGE, "cut off after 200000 bytes")
    assert len(joined(heard.received)) == 200_000


def test_of_what_is_cut_off_the_beginning_is_kept_and_a_digest_of_all():
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    heard = once([head, "forever"], bounds=bounds(response_bytes=200_000, kept=1000))
    cut = heard.end.cut

    assert joined(heard.received) == (head + b"x" * 1000)[:1000]
    assert cut.size >= 200_000
    assert cut.sha256 == hashlib.sha256(head + b"x" * (cut.size - len(head))).hexdigest()


def test_a_body_that_says_itself_that_it_is_too_long_is_not_waited_for():
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"
    heard = once([head, "forever"], bounds=bounds(response_bytes=9_000_000, kept=1000))

    assert (heard.end.how, heard.end.detail) == (
        Ended.TOO_LARGE,
        "cut off after 1000 of 1000000000 bytes",
    )
    assert heard.end.cut.size < 1_000_000


EVENT = b'data: {"n": 1}\n\n'


@pytest.mark.parametrize(
    ("kind", "limits", "detail"),
    [
        ("text/event-stream", {"stream_bytes": 5_000}, "cut off after 5000 bytes"),
        ("Text/Event-Stream; charset=utf-8", {"stream_bytes": 5_000}, "after 5000 bytes"),
        ("application/json", {"stream_bytes": 5_000}, "after 5000 bytes"),
        ("text/event-stream", {"events": 100}, "cut off after 100 events of"),
        ("text/event-stream", {"response_bytes": 4_000}, "after 4000 bytes"),
    ],
)
def test_a_stream_without_an_end_is_cut_off_sooner_than_a_body(kind, limits, detail):
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n".encode()
    heard = once([head, 0.01, EVENT, *[EVENT * 20] * 500, 60], bounds=bounds(**limits))

    assert heard.end.how is Ended.TOO_LARGE
    assert detail in heard.end.detail


def test_a_body_that_is_no_stream_may_be_longer():
    whole = answer(b"x" * 100_000)

    assert once([whole], bounds=bounds(stream_bytes=5_000)).end.how is Ended.COMPLETE


def test_a_request_begins_with_its_first_byte_and_not_with_the_connection():
    async def main():
        async with serving([answer()]) as server:
            one = Asker(provider(server.url))
            both = await one.send(), await one.send()
            await one.transport.aclose()
            return both

    for heard in asyncio.run(main()):
        assert heard.begun <= heard.at == heard.sent[0].at


def test_without_a_connection_a_request_begins_where_we_began():
    async def main():
        one = Asker(provider(f"http://127.0.0.1:{free_port()}/v1"))
        heard = await one.send()
        await one.transport.aclose()
        return heard

    heard = asyncio.run(main())

    assert (heard.end.how, heard.at) == (Ended.UNREACHABLE, heard.begun)


def test_a_body_that_is_as_long_as_allowed_is_kept():
    whole = answer(b"x" * 100_000)
    heard = once([whole], bounds=bounds(response_bytes=len(whole)))

    assert (heard.end.how, joined(heard.received)) == (Ended.COMPLETE, whole)


def test_many_tiny_pieces_are_cut_off_as_well():
    script = [STREAM, *([b"1\r\na\r\n", 0.001] * 200)]
    heard = once(script, bounds=bounds(pieces=20))

    assert heard.end.how is Ended.TOO_LARGE
    assert len(heard.received) == 20


def test_endless_interim_responses_are_cut_off():
    heard = once(
        [b"HTTP/1.1 102 Processing\r\n\r\n" * 50_000], bounds=bounds(response_bytes=100_000)
    )

    assert heard.end.how is Ended.TOO_LARGE


def test_every_piece_has_its_own_time_in_order():
    heard = once([STREAM, 0.03, b"2\r\nab\r\n", 0.03, b"0\r\n\r\n"])
    times = [
        heard.at,
        *(piece.at for piece in heard.sent),
        *(piece.at for piece in heard.received),
        heard.end.at,
    ]

    assert [piece.data for piece in heard.received] == [STREAM, b"2\r\nab\r\n", b"0\r\n\r\n"]
    assert times == sorted(times)
    assert heard.received[1].at - heard.received[0].at > 10_000_000


def test_what_is_compressed_is_recorded_as_it_came():
    body = gzip.compress(b"hello" * 100)
    heard = once([answer(body, headers=["Content-Encoding: gzip"])])

    assert joined(heard.received).endswith(body)


def test_the_request_is_recorded_as_it_was_sent():
    async def main():
        async with serving([answer()]) as server:
            heard = await ask(server, body="é".encode(), headers=(("X-Odd", "caf\xe9"),))
            return heard, server.requests[0]

    heard, request = asyncio.run(main())

    assert joined(heard.sent) == request
    assert b"X-Odd: caf\xe9\r\n" in request


def test_redirects_are_not_followed():
    async def main():
        async with serving(
            [answer(status="302 Found", headers=["Location: /elsewhere"])]
        ) as server:
            heard = await ask(server)
            return heard, len(server.requests)

    heard, requests = asyncio.run(main())

    assert (heard.end.how, requests) == (Ended.COMPLETE, 1)


@pytest.mark.parametrize(
    "script",
    [[answer()], [chunked(b"a", b"b\r\n")], [chunked()], [b"HTTP/1.1 304 Not Modified\r\n\r\n"]],
    ids=str,
)
def test_a_connection_is_kept_alive_and_its_number_says_so(script):
    async def main():
        async with serving(script) as server:
            asker = Asker(provider(server.url))
            heard = [await asker.send() for _ in range(3)]
            await asker.transport.aclose()
            return heard, server.connections

    heard, connections = asyncio.run(main())

    assert [(one.connection, one.reused) for one in heard] == [(1, False), (1, True), (1, True)]
    assert connections == 1


@pytest.mark.parametrize(
    "script",
    [
        [answer(b"a") + b"more"],
        [chunked(b"a") + answer(b"stale")],
        [chunked(b"a") + b"0\r\n\r\n"],
        [b"HTTP/1.1 204 No Content\r\n\r\nbody"],
        [answer(b"a", headers=["Connection: close"])],
        [b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"],
    ],
    ids=str,
)
def test_a_connection_with_something_left_on_it_is_not_used_again(script):
    async def main():
        async with serving(script) as server:
            asker = Asker(provider(server.url))
            heard = [await asker.send() for _ in range(2)]
            await asker.transport.aclose()
            return heard

    first, second = asyncio.run(main())

    assert (first.connection, second.connection, second.reused) == (1, 2, False)
    assert joined(second.received) == joined(first.received) == script[0]


def test_connections_are_made_as_needed_and_not_mixed_up():
    def script(request, _number):
        return [0.02, answer(request.partition(b"\r\n\r\n")[2])]

    async def main():
        async with serving(script) as server:
            asker = Asker(provider(server.url))
            heard = await asyncio.gather(*(asker.send(body=b"%d" % number) for number in range(20)))
            await asker.transport.aclose()
            return heard

    heard = asyncio.run(main())

    assert [joined(one.received).partition(b"\r\n\r\n")[2] for one in heard] == [
        b"%d" % number for number in range(20)
    ]
    assert len({one.connection for one in heard}) == 20


@pytest.mark.parametrize(
    ("after", "kept"),
    [(0, STREAM), (1, STREAM + b"2\r\nab\r\n"), (3, STREAM + b"2\r\nab\r\n2\r\ncd\r\n")],
)
def test_hanging_up_ends_the_exchange_and_the_connection(after, kept):
    def script(_request, _number):
        yield from [STREAM, 0.05, b"2\r\nab\r\n", 0.05, b"2\r\ncd\r\n", 0.05]
        while True:
            yield from [b"1\r\n.\r\n", 0.01]

    async def main():
        async with serving(script) as server:
            asker = Asker(provider(server.url))
            heard = await asker.send(hang_up_after=after)
            await asyncio.wait(server.tasks, timeout=5)  # the server sees the end of the connection
            await asker.transport.aclose()
            return heard, all(task.done() for task in server.tasks)

    heard, noticed = asyncio.run(main())

    assert (heard.end.how, joined(heard.received), noticed) == (Ended.CANCELLED, kept, True)


def test_hanging_up_after_the_last_byte_closes_the_connection_too():
    async def main():
        async with serving([answer(b"hello")]) as server:
            asker = Asker(provider(server.url))
            heard = [await asker.send(hang_up_after=5), await asker.send()]
            await asker.transport.aclose()
            return heard

    first, second = asyncio.run(main())

    assert (first.end.how, second.end.how) == (Ended.CANCELLED, Ended.COMPLETE)
    assert (first.connection, second.connection) == (1, 2)


def test_an_answer_before_the_request_is_read_is_still_heard():
    """A server may refuse a large body by its head alone and close."""

    async def main():
        async def refuse(reader, writer):
            await reader.read(100)
            writer.write(
                answer(b"too large", status="413 Content Too Large", headers=["Connection: close"])
            )
            try:
                await writer.drain()
                await asyncio.sleep(0.2)
            finally:  # whoever asked may be gone already
                writer.transport.abort()

        listening = await asyncio.start_server(refuse, "127.0.0.1", 0)
        async with listening:
            asker = Asker(provider(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"))
            heard = await asker.send(body=b"x" * 8_000_000)
            await asker.transport.aclose()
            return heard

    heard = asyncio.run(main())

    assert (heard.end.how, joined(heard.received)[:12]) == (Ended.COMPLETE, b"HTTP/1.1 413")


def unreachable(url, **how):
    async def main():
        asker = Asker(provider(url))
        try:
            return await asker.send(**how)
        finally:
            await asker.transport.aclose()

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        ("http://127.0.0.1:{port}", "connection refused"),
        ("http://localhost:{port}", "connection refused"),
        ("http://no-such-host.invalid", "name not found: "),
        (f"http://{'x' * 70}.invalid", "name not found: "),
    ],
)
def test_no_connection_says_nothing_about_the_endpoint_but_why(url, detail):
    heard = unreachable(url.format(port=free_port()))

    assert (heard.end.how, heard.sent, heard.received, heard.connection) == (
        Ended.UNREACHABLE,
        (),
        (),
        0,
    )
    assert heard.end.detail.startswith(detail), heard.end.detail


def test_a_connection_that_does_not_come_about_in_time_is_given_up():
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        heard = unreachable(f"http://127.0.0.1:{port}", bounds=bounds(connect=0.2))
        for filler in fillers:
            filler.close()

    assert (heard.end.how, heard.end.detail) == (Ended.UNREACHABLE, "no connection within 0.2 s")


def test_what_http_cannot_carry_is_our_mistake_and_not_the_endpoints():
    async def main():
        async with serving([answer()]) as server:
            asker = Asker(provider(server.url))
            place = address(server.url, "/x")
            with pytest.raises(HarnessError, match="cannot be sent"):
                await asker.transport.send(
                    Outgoing(
                        method="GET",
                        address=place,
                        headers=(("Bad Name", "x"),),
                        body=b"",
                        bounds=BOUNDS,
                    )
                )
            heard = await asker.send()
            await asker.transport.aclose()
            return heard

    assert asyncio.run(main()).end.how is Ended.COMPLETE


def test_stopping_keeps_what_has_come_so_far_and_sends_nothing_more():
    async def main():
        async with serving([STREAM + b"2\r\nab\r\n", 60]) as server:
            asker = Asker(provider(server.url))
            running = asyncio.ensure_future(asker.send(bounds=bounds(total=60, read=60)))
            await until(lambda: server.requests)
            await asyncio.sleep(0.05)
            asker.transport.stop()
            heard = [await running, await asker.send()]
            await asker.transport.aclose()
            return heard, len(server.requests)

    (first, second), requests = asyncio.run(main())

    assert (first.end.how, first.end.detail) == (Ended.CANCELLED, "the run was stopped")
    assert joined(first.received) == STREAM + b"2\r\nab\r\n"
    assert (second.end.how, requests) == (Ended.CANCELLED, 1)
