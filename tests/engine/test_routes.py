"""TLS and proxies over real sockets."""

import asyncio
import base64
import contextlib
import ssl
from dataclasses import replace

import pytest
from scripted import BOUNDS, Asker, answer, ask, joined, provider, serving

from conformance.engine.routes import proxy_for, proxy_secrets, tls_context
from conformance.errors import UsageError
from conformance.providers.model import Tls
from conformance.wire.exchange import Ended

pytestmark = pytest.mark.usefixtures("way")


@contextlib.asynccontextmanager
async def proxying(*, refuse=b""):
    """A proxy that knows CONNECT and plain forwarding; keeps the heads of what it was asked."""
    heads = []

    async def pump(reader, writer):
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def handle(reader, writer):
        tasks.add(asyncio.current_task())
        head = await reader.readuntil(b"\r\n\r\n")
        heads.append(head)
        if refuse:
            writer.write(refuse)
            writer.close()
            return
        method, target, _ = head.split(b"\r\n")[0].split(b" ")
        authority = target if method == b"CONNECT" else target.split(b"/")[2]
        host, _, port = authority.decode().partition(":")
        far_reader, far_writer = await asyncio.open_connection(host, int(port))
        if method == b"CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            far_writer.write(head)
        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))

    tasks = set()
    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1], heads
    finally:
        listening.close()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0.01)


def test_under_tls_the_plain_text_is_recorded(server_tls, certificate):
    async def main():
        async with serving([answer(b"secret talk")], tls=server_tls) as server:
            asker = Asker(provider(server.url, tls=Tls(ca_bundle=str(certificate[1]))))
            heard = [await asker.send(), await asker.send()]
            await asker.transport.aclose()
            return heard, server.requests[0]

    (first, second), request = asyncio.run(main())

    assert (first.end.how, joined(first.received)) == (Ended.COMPLETE, answer(b"secret talk"))
    assert joined(first.sent) == request
    assert (second.connection, second.reused) == (1, True)


@pytest.mark.parametrize(
    ("tls", "detail"),
    [(Tls(), "certificate: self-signed certificate"), (Tls(verify=False), "")],
)
def test_a_certificate_that_nobody_vouches_for_is_refused_unless_told_otherwise(
    server_tls, tls, detail
):
    async def main():
        async with serving([answer()], tls=server_tls) as server:
            return await ask(server, tls=tls)

    heard = asyncio.run(main())

    assert (heard.end.detail, bool(heard.received)) == (detail, not detail)
    assert heard.end.how is (Ended.UNREACHABLE if detail else Ended.COMPLETE)


def test_a_server_without_tls_is_told_from_one_with():
    async def main():
        async def puzzled(reader, writer):
            await reader.read(100)
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            writer.close()

        listening = await asyncio.start_server(puzzled, "127.0.0.1", 0)
        async with listening:
            asker = Asker(provider(f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}"))
            heard = await asker.send()
            await asker.transport.aclose()
            await asyncio.sleep(0.01)
            return heard

    heard = asyncio.run(main())

    assert heard.end.how is Ended.UNREACHABLE
    assert heard.end.detail.startswith("TLS failed: the answer is not TLS")


def test_a_server_that_never_finishes_the_handshake_is_given_up():
    async def main():
        async def silent(reader, writer):
            with contextlib.suppress(ConnectionError):
                await reader.read()
            writer.transport.abort()

        listening = await asyncio.start_server(silent, "127.0.0.1", 0)
        async with listening:
            asker = Asker(
                provider(
                    f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}",
                    tls=Tls(verify=False),
                )
            )
            heard = await asker.send(bounds=replace(BOUNDS, connect=0.2))
            await asker.transport.aclose()
            await asyncio.sleep(0.01)
            return heard

    heard = asyncio.run(main())

    assert (heard.end.how, heard.end.detail) == (Ended.UNREACHABLE, "no connection within 0.2 s")


@pytest.mark.parametrize(
    "script",
    [[answer(b"cut")[:-1], "close"], [answer(b"cut")[:-1], 0.02, "reset"]],
    ids=["close", "reset"],
)
def test_a_connection_that_ends_under_tls_keeps_what_came(server_tls, script):
    async def main():
        async with serving(script, tls=server_tls) as server:
            return await ask(server, tls=Tls(verify=False))

    heard = asyncio.run(main())

    assert heard.end.how in {Ended.CLOSED, Ended.RESET}
    assert joined(heard.received) == answer(b"cut")[:-1]


def test_a_client_certificate_is_shown(certificate):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(certificate[1]))
    context.load_cert_chain(certificate[1], certificate[0])
    context.verify_mode = ssl.CERT_REQUIRED
    tls = Tls(
        ca_bundle=str(certificate[1]),
        client_certificate=str(certificate[1]),
        client_key=str(certificate[0]),
    )

    async def main():
        async with serving([answer()], tls=context) as server:
            return await ask(server, tls=tls)

    assert asyncio.run(main()).end.how is Ended.COMPLETE


def test_certificates_that_cannot_be_read_are_named(tmp_path):
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate")

    with pytest.raises(UsageError, match=r"providers.toml:3: tls.ca_bundle .*broken.pem"):
        tls_context(Tls(ca_bundle=str(broken)), "providers.toml:3")
    with pytest.raises(UsageError, match=r"providers.toml:3: tls.client_certificate .*broken.pem"):
        tls_context(Tls(client_certificate=str(broken)), "providers.toml:3")
    with pytest.raises(UsageError, match=r"tls.ca_bundle .*none.pem: No such file"):
        tls_context(Tls(ca_bundle=str(tmp_path / "none.pem")), "providers.toml:3")


def test_through_a_proxy_only_the_endpoint_is_recorded(server_tls):
    async def main():
        async with (
            serving([answer(b"inside")], tls=server_tls) as server,
            proxying() as (port, heads),
        ):
            asker = Asker(
                provider(server.url, tls=Tls(verify=False)), f"http://user:pass@127.0.0.1:{port}"
            )
            heard = [await asker.send(), await asker.send()]
            await asker.transport.aclose()
            return heard, heads, server.requests

    (first, second), heads, requests = asyncio.run(main())

    assert (joined(first.sent), joined(first.received)) == (requests[0], answer(b"inside"))
    assert joined(second.received) == answer(b"inside")
    assert [(one.connection, one.reused) for one in (first, second)] == [(1, False), (1, True)]
    assert heads[0].startswith(b"CONNECT 127.0.0.1:")
    assert b"Proxy-Authorization: Basic " + base64.b64encode(b"user:pass") in heads[0]


def test_plain_http_is_forwarded_by_a_proxy():
    async def main():
        async with serving([answer(b"inside")]) as server, proxying() as (port, heads):
            heard = await ask(server, proxy=f"http://127.0.0.1:{port}")
            return heard, heads

    heard, heads = asyncio.run(main())

    assert joined(heard.received) == answer(b"inside")
    assert heads[0].startswith(b"POST http://127.0.0.1:")


def test_a_proxy_that_refuses_says_nothing_about_the_endpoint(server_tls):
    async def main():
        refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
        async with (
            serving([answer()], tls=server_tls) as server,
            proxying(refuse=refusal) as (port, _),
        ):
            return await ask(server, tls=Tls(verify=False), proxy=f"http://127.0.0.1:{port}")

    heard = asyncio.run(main())

    assert (heard.end.how, heard.sent, heard.received) == (Ended.UNREACHABLE, (), ())
    assert heard.end.detail == "the proxy refused: 407 Proxy Authentication Required"


@pytest.mark.parametrize(
    ("environ", "url", "proxy"),
    [
        ({}, "https://api.example.com/v1", None),
        ({"HTTPS_PROXY": "http://proxy:3128"}, "https://api.example.com/v1", "http://proxy:3128"),
        ({"HTTPS_PROXY": "proxy:3128"}, "https://api.example.com/v1", "http://proxy:3128"),
        ({"HTTPS_PROXY": "http://proxy:3128"}, "http://api.example.com/v1", None),
        ({"ALL_PROXY": "socks5://proxy:1080"}, "http://api.example.com/v1", "socks5://proxy:1080"),
        (
            {"HTTPS_PROXY": "http://proxy", "NO_PROXY": "example.com"},
            "https://api.example.com/v1",
            None,
        ),
        (
            {"HTTPS_PROXY": "http://proxy", "NO_PROXY": "10.0.0.1:8000"},
            "https://10.0.0.1:8000/v1",
            None,
        ),
        ({"HTTPS_PROXY": "http://proxy", "NO_PROXY": "*"}, "https://api.example.com/v1", None),
    ],
    ids=str,
)
def test_proxies_come_from_the_environment(monkeypatch, environ, url, proxy):
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    assert proxy_for(url) == proxy


@pytest.mark.parametrize("proxy", ["ftp://proxy", "http://proxy:port", "nonsense://"])
def test_proxies_that_cannot_be_used_are_said(proxy):
    with pytest.raises(UsageError, match="a proxy of the environment"):
        Asker(provider("http://h/v1"), proxy)


def test_a_password_in_a_proxys_url_is_a_secret():
    assert proxy_secrets("http://me:p%40ss@proxy") == {
        "proxy password": "p@ss",
        "proxy credentials": "me:p@ss",
    }
    assert proxy_secrets("http://proxy") == {}
