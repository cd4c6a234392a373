"""httpx and the openai SDK over a wire: what they see is what they are used to, with times."""

import asyncio
import gzip
import json
import ssl

import httpx
import openai
import pytest
from scripted import answer, chunked, serving

from conformance.engine.instrument.front import WireTransport
from conformance.latency.reading import measure
from conformance.wire.exchange import Ended

WAYS = pytest.mark.parametrize("late", [False, True], ids=["live", "late"])


def asked(script, what, *, late=False, tls=None, transport=None, **client):
    """Something done with an httpx client that asks a scripted server."""

    async def main():
        async with serving(script, tls=tls) as server:
            way = transport or WireTransport(late=late)
            async with httpx.AsyncClient(transport=way, base_url=server.url, **client) as http:
                return await what(http), server

    return asyncio.run(main())


async def posted(http):
    response = await http.post("/x", json={"a": 1})
    return response, response.extensions["take"]()


@WAYS
@pytest.mark.parametrize(
    ("script", "body"),
    [
        ([answer(b"hello")], b"hello"),
        ([chunked(b"ab", b"c")], b"abc"),
        ([answer(gzip.compress(b"small", mtime=0), headers=["Content-Encoding: gzip"])], b"small"),
        ([b"HTTP/1.1 200 OK\r\n\r\nuntil ", 0.01, b"close", "close"], b"until close"),
    ],
)
def test_a_body_is_what_it_is_over_any_transport(script, body, late):
    (response, take), server = asked(script, posted, late=late)

    assert (response.status_code, response.content) == (200, body)
    assert take.exchange.response.body == body
    assert server.requests[0].endswith(b'{"a":1}')
    assert b"Content-Length: 7" in server.requests[0]


@WAYS
@pytest.mark.parametrize(
    ("script", "error"),
    [
        (["close"], httpx.RemoteProtocolError),
        ([b"nonsense\r\n\r\n"], httpx.RemoteProtocolError),
        ([chunked(b"ab", last=False), "close"], httpx.RemoteProtocolError),
        ([chunked(b"ab", last=False), 0.05, "reset"], httpx.ReadError),
        ([60], httpx.ReadTimeout),
        ([chunked(b"ab", last=False), 60], httpx.ReadTimeout),
    ],
)
def test_errors_are_those_of_httpx(script, error, late):
    waits = httpx.Timeout(30, read=0.2 if error is httpx.ReadTimeout else 30)  # the machine may be busy
    with pytest.raises(error):
        asked(script, posted, late=late, timeout=waits)


def test_where_nobody_listens_is_a_connect_error():
    async def main():
        async with httpx.AsyncClient(transport=WireTransport()) as http:
            await http.post("http://127.0.0.1:1/x")

    with pytest.raises(httpx.ConnectError, match="refused"):
        asyncio.run(main())


@WAYS
def test_connections_are_kept(late):
    async def twice(http):
        return [(await posted(http))[1] for _ in range(2)]

    takes, server = asked([answer()], twice, late=late)

    assert [take.exchange.connection for take in takes] == [1, 1]
    assert server.connections == 1


@WAYS
def test_a_connection_that_the_server_closed_meanwhile_is_made_anew(late):
    async def twice(http):
        await posted(http)
        await asyncio.sleep(0.05)
        return await posted(http)

    def script(_request, number):
        return [answer(), "close"] if number == 1 else [answer(b"again")]

    (response, _), server = asked(script, twice, late=late)

    assert (response.content, server.connections) == (b"again", 2)


def test_leaving_a_stream_early_closes_its_connection():
    async def first(http):
        async with http.stream("POST", "/x") as response:
            return await anext(response.aiter_raw()), response

    (part, response), _ = asked([chunked(b"ab", last=False), 5], first)

    assert part == b"ab"
    assert response.extensions["take"]().exchange.end.how is Ended.CANCELLED


def test_a_stream_is_read_while_it_comes():
    async def parts(http):
        async with http.stream("POST", "/x") as response:
            return [part async for part in response.aiter_raw()]

    script = [chunked(b"data: 1\n\n", last=False), 0.05, b"9\r\ndata: 2\n\n\r\n", 0.05, b"0\r\n\r\n"]

    assert asked(script, parts)[0] == [b"data: 1\n\n", b"data: 2\n\n"]


def test_under_tls(server_tls, certificate):
    way = WireTransport(context=ssl.create_default_context(cafile=str(certificate[1])))
    (response, take), _ = asked([answer(b"hello")], posted, tls=server_tls, transport=way)

    assert response.content == b"hello"
    assert take.connecting.secured > take.connecting.connected


def event(**delta):
    chunk = {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "delta": delta, "finish_reason": None}],
    }
    return f"data: {json.dumps(chunk)}\n\n".encode()


@WAYS
def test_the_openai_sdk_gets_its_stream_and_we_get_the_times(late):
    parts = [event(role="assistant", content=""), event(content="a"), event(content="b")]
    framed = [b"%x\r\n%s\r\n" % (len(part), part) for part in [*parts, b"data: [DONE]\n\n"]]
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    script = [head]
    for part in framed:
        script += [part, 0.03]

    async def main():
        async with serving([*script, b"0\r\n\r\n"]) as server:
            client = openai.AsyncOpenAI(
                api_key="k",
                base_url=server.url,
                http_client=httpx.AsyncClient(transport=WireTransport(late=late)),
            )
            stream = await client.chat.completions.create(
                model="m", messages=[{"role": "user", "content": "hi"}], stream=True
            )
            texts = [chunk.choices[0].delta.content async for chunk in stream]
            await client.close()
            return texts, stream.response.extensions["take"]()

    texts, take = asyncio.run(main())
    one = measure(take)

    assert texts == ["", "a", "b"]
    assert [each.text for each in one.arrivals] == ["a", "b"]
    assert one.gaps[0].ns > 15_000_000
