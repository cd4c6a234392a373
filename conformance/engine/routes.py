"""Ways to an endpoint: proxies from the environment, and whom to trust under TLS."""

from __future__ import annotations

import itertools
import ssl
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

import httpcore

from conformance.engine.instrument.connect import proxy_of
from conformance.engine.instrument.transport import StampedTransport, TimedTransport, origin_of
from conformance.engine.instrument.wire import Wire
from conformance.engine.network import Clock, RecordingBackend
from conformance.engine.transport import PooledTransport, Transport
from conformance.errors import UsageError
from conformance.providers.model import Provider, Tls

KEEPALIVE_SECONDS = 1.5
"""An idle connection is not used again after that: servers close theirs after 2 s and more, and a
request that meets the closing would look like a fault of theirs."""

_PROXIES: dict[str, Callable[..., httpcore.AsyncConnectionPool]] = {
    "http": httpcore.AsyncHTTPProxy,
    "https": httpcore.AsyncHTTPProxy,
    "socks5": httpcore.AsyncSOCKSProxy,
    "socks5h": httpcore.AsyncSOCKSProxy,
}


def transport(provider: Provider, clock: Clock, proxy: str | None = None) -> Transport:
    """A transport to the provider's base URL, through a proxy where one is given.

    What is timed gets the kernel's stamps, but not through a proxy that speaks SOCKS, and not on
    an event loop that does not watch sockets of ours.
    Raises UsageError for certificates and proxies that cannot be used.
    """
    context = tls_context(provider.tls, provider.where) if _is_tls(provider.base_url) else None
    numbers = itertools.count(1)
    usual = _pooled(context, clock, proxy, numbers)
    if sys.platform == "win32" or (proxy is not None and not proxy.startswith("http:")):
        return usual
    return TimedTransport(usual, _stamped(context, clock, proxy, numbers))


def _stamped(
    context: ssl.SSLContext | None, clock: Clock, proxy: str | None, numbers: Iterator[int]
) -> StampedTransport:
    way, origin = proxy_of(proxy) if proxy else None, origin_of(clock)
    return StampedTransport(
        lambda: Wire(context=context, proxy=way, origin=origin, numbers=numbers)
    )


def _pooled(
    context: ssl.SSLContext | None, clock: Clock, proxy: str | None, numbers: Iterator[int]
) -> PooledTransport:
    common: dict[str, Any] = {
        "ssl_context": context,
        "max_connections": None,
        "keepalive_expiry": KEEPALIVE_SECONDS,
        "network_backend": RecordingBackend(clock, numbers),
    }
    if proxy is None:
        return PooledTransport(lambda: httpcore.AsyncConnectionPool(**common), clock)
    return PooledTransport(_through(proxy, common), clock, proxied=True)


def proxy_for(url: str) -> str | None:
    """The proxy that `HTTPS_PROXY` and its relatives (or the system) name for a URL."""
    from urllib.request import getproxies, proxy_bypass  # here: slow to import

    split = urlsplit(url)
    proxies = getproxies()
    found = proxies.get(split.scheme) or proxies.get("all")
    if not found or not split.hostname:
        return None
    authority = f"{split.hostname}:{split.port}" if split.port else split.hostname
    if proxy_bypass(authority):
        return None
    return found if "://" in found else f"http://{found}"


def proxy_secrets(proxy: str) -> dict[str, str]:
    """What must not be shown of a proxy's URL: the password, and the header made of it."""
    split = urlsplit(proxy)
    if not split.password:
        return {}
    name, password = unquote(split.username or ""), unquote(split.password)
    return {"proxy password": password, "proxy credentials": f"{name}:{password}"}


def tls_context(tls: Tls, where: str) -> ssl.SSLContext:
    """Whom to trust, and who we are. Raises UsageError, naming the file that cannot be used."""
    try:
        if tls.ca_bundle:
            context = ssl.create_default_context(cafile=tls.ca_bundle)
        else:
            context = httpcore.default_ssl_context()
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"{where}: tls.ca_bundle {tls.ca_bundle}: {_words(error)}") from error
    if tls.client_certificate:
        try:
            context.load_cert_chain(tls.client_certificate, tls.client_key)
        except (OSError, ssl.SSLError) as error:
            raise UsageError(
                f"{where}: tls.client_certificate {tls.client_certificate}: {_words(error)}"
            ) from error
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _through(proxy: str, common: dict[str, Any]) -> Callable[[], httpcore.AsyncConnectionPool]:
    """Makes pools that connect through a proxy. Raises UsageError where that cannot be."""
    try:
        split = urlsplit(proxy)
        port = f":{split.port}" if split.port else ""
    except ValueError as error:
        raise UsageError(f"a proxy of the environment is no URL: {error}") from error
    if split.scheme not in _PROXIES or not split.hostname:
        raise UsageError(f"a proxy of the environment is {split.scheme}://...: not supported")
    url = f"{split.scheme}://{split.hostname}{port}"
    user = (unquote(split.username), unquote(split.password or "")) if split.username else None
    kind = _PROXIES[split.scheme]
    try:
        kind(url, proxy_auth=user, **common)
    except RuntimeError as error:  # httpcore: the package for SOCKS is not installed
        raise UsageError(f"the proxy {url}: {error}") from error
    return lambda: kind(url, proxy_auth=user, **common)


def _is_tls(url: str) -> bool:
    return url.lower().startswith("https:")


def _words(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return f"no usable PEM file ({error.reason or error})"
    return error.strerror or str(error)
