"""What browsers ask before they ask: may this page send such a request to you?"""

from __future__ import annotations

from conformance.reference.answer import Headers, Reply
from conformance.reference.incoming import HttpRequest


def asks_before(request: HttpRequest) -> bool:
    """A browser's question ahead of a request from another site; it never brings a key."""
    return request.method == "OPTIONS" and "access-control-request-method" in request.headers


def permitted(request: HttpRequest, methods: tuple[str, ...]) -> Reply:
    """Every page may, with whatever headers it named."""
    named = request.headers.get("access-control-request-headers", "")
    safe = named if named.isascii() and named.isprintable() else ""
    headers = (
        ("Access-Control-Allow-Methods", ", ".join(methods)),
        ("Access-Control-Allow-Headers", safe),
    )
    return Reply(document={}, headers=headers)


def opened(request: HttpRequest) -> Headers:
    """Every page may read the answer."""
    return (("Access-Control-Allow-Origin", "*"),) if "origin" in request.headers else ()
