"""A recorded request as one line for a POSIX shell that sends the same bytes again.

Headers and body are as they were sent; what curl would add by itself is taken away. Only the key is
missing: it was overwritten with stars before anything was recorded, and stands here as a variable.
"""

from __future__ import annotations

import base64
import json
import re
import shlex
from collections.abc import Iterator
from urllib.parse import urlsplit

from conformance.report.escape import visible
from conformance.verdict.outcome import Evidence
from conformance.wire.piece import Headers

DEFAULT_KEY = "OPENAI_API_KEY"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_STARS = re.compile(r"\*{4,}")
_STARS_OF_AUTH = re.compile(r"\*+$")
_AUTH_HEADERS = frozenset({"authorization", "proxy-authorization", "api-key", "x-api-key"})
_UNQUOTED = re.compile(r"[A-Za-z0-9 :;,=_./?&%+@-]*")
"""Safe between double quotes in every shell, interactive ones included (no `!`)."""
_ADDED = ("Accept", "User-Agent")
"""Headers that curl adds to any request."""
_EXPECTS_FROM = 1024 * 1024
"""Bytes of body from which curl asks for `100 Continue` first."""
_ARGUMENT_BYTES = 100_000
"""Linux allows 128 KiB for one argument; longer bodies go through a pipe."""


def curl(evidence: Evidence) -> str:
    """The line. Runs under any POSIX shell with `curl`, and `base64` where the body is no text."""
    sent = {name.lower() for name, _ in evidence.headers}
    chunked = "transfer-encoding" in sent
    has_body = bool(evidence.body) or "content-length" in sent or chunked
    pipe, data = _data(evidence.body) if has_body else ("", [])
    key = evidence.key if _VARIABLE.fullmatch(evidence.key) else DEFAULT_KEY
    options = [
        "curl -sS -i",
        *(["-N"] if _streams(evidence.body) else []),
        *(["--compressed"] if _compressed(evidence.headers) else []),
        *_method(evidence.method, has_body=has_body),
        *_url(evidence.url, key),
    ]
    words = [
        " ".join(options),
        *(f"-H {each}" for each in _headers(evidence, key, has_body=has_body)),
        *data,
    ]
    return pipe + " \\\n  ".join(words)


def _method(method: str, *, has_body: bool) -> Iterator[str]:
    if method == "HEAD":
        yield "--head"
    elif method != ("POST" if has_body else "GET"):
        yield f"-X {shlex.quote(method)}"


def _url(url: str, key: str) -> Iterator[str]:
    if url.startswith("https:"):
        yield "--http1.1"
    if re.search(r"[\[\]{}]", url):
        yield "--globoff"
    if re.search(r"/\.{1,2}(/|$)", urlsplit(url).path):
        yield "--path-as-is"
    yield _quoted(url, _STARS, key)


def _headers(evidence: Evidence, key: str, *, has_body: bool) -> Iterator[str]:
    """Arguments of `-H`: what was sent, then what curl must not add."""
    sent = {name.lower() for name, _ in evidence.headers}
    for name, value in evidence.headers:
        if not _curl_says_the_same(name, value, evidence):
            stars = _STARS_OF_AUTH if name.lower() in _AUTH_HEADERS else _STARS
            yield _quoted(f"{name}: {value}" if value.strip() else f"{name};", stars, key)
    unwanted = [
        *_ADDED,
        *(["Content-Type"] if has_body else []),
        *(["Expect"] if len(evidence.body) >= _EXPECTS_FROM else []),
    ]
    for name in unwanted:
        if name.lower() not in sent:
            yield f"{name}:"
    if has_body and not {"content-length", "transfer-encoding"} & sent:
        yield "Content-Length:"


def _curl_says_the_same(name: str, value: str, evidence: Evidence) -> bool:
    match name.lower():
        case "host":
            return value == urlsplit(evidence.url).netloc.rpartition("@")[2]
        case "content-length":
            return value == str(len(evidence.body)) and not _chunked(evidence.headers)
        case _:
            return False


def _chunked(headers: Headers) -> bool:
    return any(name.lower() == "transfer-encoding" for name, _ in headers)


def _compressed(headers: Headers) -> bool:
    """The answer may come compressed, as it did then: curl must unpack it."""
    return any(
        name.lower() == "accept-encoding" and value.strip() not in {"", "identity"}
        for name, value in headers
    )


def _data(body: bytes) -> tuple[str, list[str]]:
    """What stands before curl, and the option that gives the body."""
    text = _text(body)
    if text is None:
        coded = base64.b64encode(body).decode("ascii")
        return f"printf %s {coded} | base64 -d | ", ["--data-binary @-"]
    if len(body) > _ARGUMENT_BYTES:
        return f"printf %s {_single(text)} | ", ["--data-binary @-"]
    return "", [f"--data-raw {_single(text)}"]


def _text(body: bytes) -> str | None:
    """The body as text that can be shown and copied without harm; None where it is not."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    bare = text.replace("\n", " ")
    return text if visible(bare) == bare else None


def _quoted(text: str, stars: re.Pattern[str], key: str) -> str:
    """One shell word, with stars replaced by the variable."""
    found = stars.search(text)
    if not found:
        return _word(text)
    before, after = text[: found.start()], text[found.end() :]
    if _UNQUOTED.fullmatch(before) and _UNQUOTED.fullmatch(after):
        variable = f"${{{key}}}" if after else f"${key}"
        return f'"{before}{variable}{after}"'
    return f'{_word(before)}"${key}"' + (_word(after) if after else "")


def _word(text: str) -> str:
    """One shell word; bytes that are not plain text are spelled out by printf."""
    if visible(text) == text and text.isascii():
        return _single(text)
    octal = "".join(
        chr(byte) if 0x20 <= byte < 0x7F and chr(byte) not in "\\%'" else f"\\{byte:03o}"  # noqa: PLR2004  # ASCII
        for byte in _bytes(text)
    )
    return f"\"$(printf '{octal}')\""


def _bytes(text: str) -> bytes:
    """Headers are latin-1 by the way they were read; an address may hold anything."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def _single(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _streams(body: bytes) -> bool:
    """The request asks for a stream, so curl must not buffer."""
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):  # a deliberately broken body asks for nothing
        return False
    return isinstance(asked, dict) and asked.get("stream") is True
