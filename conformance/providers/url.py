"""What may stand as a base URL."""

from __future__ import annotations

from urllib.parse import urlsplit


def url_flaw(url: str, *, launched: bool) -> str:
    """What is wrong with a base URL; empty where nothing is. Never shows user names or passwords.

    `{port}` may stand for the port where the harness starts the server.
    """
    if "{port}" in url and not launched:
        return "holds {port}, but there is no launch command that would choose one"
    concrete = url.replace("{port}", "1")
    if any(c.isspace() or not c.isprintable() for c in concrete) or "\\" in concrete:
        return "holds white space or characters that no URL has"
    try:
        parts = urlsplit(concrete)
        port = parts.port
    except ValueError as error:
        return f"is not a URL: {error}"
    return _parts_flaw(parts.scheme, parts.hostname, parts.netloc, port) or _rest_flaw(
        parts.path, "?" in concrete, "#" in concrete
    )


def _parts_flaw(scheme: str, host: str | None, netloc: str, port: int | None) -> str:
    if scheme not in {"http", "https"}:
        return "must begin with http:// or https://"
    if "@" in netloc:
        return "holds a user name or password; write them as auth, with ${VAR} for the secret part"
    if not host:
        return "names no host"
    if port == 0:
        return "names port 0, which nothing listens on"
    return ""


def _rest_flaw(path: str, query: bool, fragment: bool) -> str:  # noqa: FBT001  # private, two facts
    if fragment:
        return "holds a fragment (#...), which is never sent"
    if query:
        return 'holds a query; write it as a table: query = {name = "value"}'
    if path.rstrip("/").endswith("/chat/completions"):
        return "names an endpoint; give the part before /chat/completions"
    return ""
