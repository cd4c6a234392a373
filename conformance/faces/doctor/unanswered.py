"""No answer came: why, and what to do. One row of a table for each way to fail."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from conformance.engine.routes import proxy_for
from conformance.faces.doctor.remark import Mark, Remark
from conformance.providers.model import Provider
from conformance.report.escape import oneline
from conformance.wire.exchange import Ended, Exchange

Fix = Callable[[Provider], str]

_TLS_ALERT = b"\x15\x03"
"""What a TLS server sends to one that does not speak it."""


def unanswered(exchange: Exchange, provider: Provider) -> Remark:
    """What to say of an exchange without a response."""
    end = exchange.end
    received = b"".join(piece.data for piece in exchange.received)
    words, fix = _words(end.how, end.detail, received, provider)
    return Remark(Mark.UNREACHED, "reach", f"{place(provider)}: {words}", fix + _way(provider))


def place(provider: Provider) -> str:
    """Host and port as the base URL has them."""
    return urlsplit(provider.base_url).netloc


def _words(how: Ended, detail: str, received: bytes, provider: Provider) -> tuple[str, str]:
    if received.startswith(_TLS_ALERT):
        return "it speaks TLS", other_scheme(provider)
    if how is Ended.GARBLED:
        said = oneline(received[:80].decode("utf-8", "replace"), 60)
        return (
            f"what answers there does not speak HTTP: {said!r}",
            "another program listens on that port: correct the port of base_url",
        )
    if how in {Ended.CLOSED, Ended.RESET} and not received:
        what = f"it took the connection and closed it without a word ({how})"
        again = f", or it speaks TLS: {other_scheme(provider)}" if not _is_tls(provider) else ""
        return what, f"look at the server's log: it may be starting or failing{again}"
    if how is Ended.TIMED_OUT:
        return (
            f"it took the connection, and {detail}",
            (
                "the server hangs, loads its model or has a long queue: look at its log; "
                "a slow one gets more time with limits.read_seconds"
            ),
        )
    for beginning, words, fix in _UNREACHABLE:
        if detail.startswith(beginning):
            return words.format(detail=detail), fix(provider)
    return f"{how}: {detail}", "is the server up, and base_url right?"


def _is_tls(provider: Provider) -> bool:
    return provider.base_url.startswith("https:")


def other_scheme(provider: Provider) -> str:
    """The base URL with the other of http and https."""
    scheme, _, rest = provider.base_url.partition("://")
    return f'base_url = "{"http" if scheme == "https" else "https"}://{rest}"'


def _certificate(provider: Provider) -> str:
    return (
        'for an authority of your own: tls = { ca_bundle = "authority.pem" } in the entry in '
        "providers.toml; for another name than the certificate's: base_url with that name; an "
        "expired one: have it renewed"
    )


_UNREACHABLE: tuple[tuple[str, str, Fix], ...] = (
    (
        "connection refused",
        "nothing listens there (connection refused)",
        lambda _: (
            "start the server, or correct the port of base_url "
            "(as shipped: vLLM 8000, SGLang 30000, llama.cpp 8080, Ollama 11434)"
        ),
    ),
    (
        "name not found",
        "there is no such host ({detail})",
        lambda _: "correct the host in base_url; for a company's own name: is the VPN up?",
    ),
    ("certificate", "its certificate is not trusted ({detail})", _certificate),
    ("TLS failed: the answer is not TLS", "it does not speak TLS", other_scheme),
    (
        "TLS failed",
        "{detail}",
        lambda _: "does it want a certificate of ours? tls.client_certificate and tls.client_key",
    ),
    (
        "no connection within",
        "{detail}",
        lambda one: (
            "is the host up? A firewall may drop what is sent to that port, or a proxy be needed "
            "(HTTPS_PROXY, HTTP_PROXY)"
            + (f"; or it does not speak TLS: {other_scheme(one)}" if _is_tls(one) else "")
        ),
    ),
    (
        "the proxy refused",
        "{detail}",
        lambda _: "correct HTTPS_PROXY or HTTP_PROXY in the environment",
    ),
)
"""How the detail begins (`engine/endings.py` words it), what it means, what to do."""


def _way(provider: Provider) -> str:
    """Where the environment sends requests through a proxy, that may be the reason."""
    proxy = proxy_for(provider.base_url)
    if proxy is None:
        return ""
    host = urlsplit(provider.base_url).hostname
    return f"; it was asked through the proxy {shown_proxy(proxy)}: NO_PROXY={host} goes directly"


def shown_proxy(proxy: str) -> str:
    """Its address without a password."""
    return urlsplit(proxy).netloc.rpartition("@")[2]
