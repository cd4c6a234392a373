"""Where a request goes: a URL taken apart and put together, byte by byte as it stands on the wire."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import quote, urlencode, urlsplit

from conformance.errors import UsageError

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LEGAL = "/:?[]@!$&'()*+,;=~%"
"""Left as it is in a path: all that RFC 3986 allows there, and escapes that are there already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A URL as HTTP/1.1 needs it."""

    url: str
    scheme: bytes
    host: bytes
    """Without brackets, internationalized names in ASCII."""
    port: int
    target: bytes
    """Path and query, as they stand in the request line."""

    @property
    def authority(self) -> str:
        """For the `Host` header: with brackets around an IPv6 address, without a default port."""
        name = self.host.decode("ascii")
        name = f"[{name}]" if ":" in name else name
        usual = _DEFAULT_PORTS[self.scheme.decode("ascii")]
        return name if self.port == usual else f"{name}:{self.port}"


@lru_cache(maxsize=256)
def address(base_url: str, path: str, query: tuple[tuple[str, str], ...] = ()) -> Address:
    """The address of `path` below `base_url`, with query parameters added to those of the path.

    Raises UsageError where the base URL is none.
    """
    try:
        split = urlsplit(base_url)
        host = _ascii(split.hostname or "")
        port = split.port or _DEFAULT_PORTS.get(split.scheme, 0)
    except ValueError as error:  # a port that is no number, an IPv6 address that is none
        raise UsageError(f"base_url {base_url!r}: {error}") from error
    if not port or not host:
        raise UsageError(f"base_url {base_url!r} is no URL such as https://api.example.com/v1")
    own_path, _, own_query = path.partition("?")
    parts = [part for part in (split.query, own_query, urlencode(query)) if part]
    target = quote(split.path.rstrip("/") + own_path, safe=_LEGAL) or "/"
    if parts:
        target += "?" + quote("&".join(parts), safe=_LEGAL)
    made = Address(
        url="",
        scheme=split.scheme.encode("ascii"),
        host=host.encode("ascii"),
        port=port,
        target=target.encode("ascii"),
    )
    return replace(made, url=f"{split.scheme}://{made.authority}{target}")


def _ascii(host: str) -> str:
    return host if host.isascii() else host.encode("idna").decode("ascii")
