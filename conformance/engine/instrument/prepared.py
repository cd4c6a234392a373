"""Requests as bytes, made before anything is measured."""

from __future__ import annotations

import re
from dataclasses import dataclass

from conformance.engine.address import Address
from conformance.engine.instrument.connect import Proxy
from conformance.errors import HarnessError
from conformance.wire import head
from conformance.wire.piece import Headers

_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_UNSAFE = re.compile(rb"[\r\n\0]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A request as it goes on the wire."""

    method: str
    address: Address
    headers: Headers
    body: bytes
    data: bytes
    """All of it."""


def prepare(
    method: str, address: Address, headers: Headers, body: bytes, proxy: Proxy | None = None
) -> Prepared:
    """Put a request into bytes; nothing is added. Raises HarnessError for what HTTP can't carry."""
    target = address.target
    if proxy is not None and address.scheme == b"http":
        target = address.url.encode("ascii")
        if proxy.header:
            headers = (*headers, ("Proxy-Authorization", proxy.header))
    lines = [b"%s %s HTTP/1.1" % (head.encoded(method), target)]
    for name, value in headers:
        written = head.encoded(name), head.encoded(value)
        if not _TOKEN.fullmatch(written[0]) or _UNSAFE.search(written[1]):
            raise HarnessError(f"this request cannot be sent: header {name!r}")
        lines.append(b"%s: %s" % written)
    if not _TOKEN.fullmatch(head.encoded(method)):
        raise HarnessError(f"this request cannot be sent: method {method!r}")
    data = b"\r\n".join([*lines, b"", body])
    return Prepared(method=method, address=address, headers=headers, body=body, data=data)
