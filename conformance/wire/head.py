"""Status line and headers of an HTTP/1.1 response (RFC 9112 sections 4 and 5), read tolerantly."""

from __future__ import annotations

import re
from dataclasses import dataclass

from conformance.wire.flaws import Flaws, quoted
from conformance.wire.piece import Headers

_STATUS_LINE = re.compile(
    rb"^(HTTP/\d(?:\.\d)?)[ \t]++(\d{3})(?!\d)[ \t]*+([^\r\n]*+)\r*+\n", re.MULTILINE
)
_BLANK_LINE = re.compile(rb"\n\r*\n")
_INTERIM = range(100, 200)
_SWITCHED = 101


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of the final response, and where it ends."""

    version: str
    status: int
    reason: str
    headers: Headers
    end: int
    """Offset of the first byte of the body."""
    flaws: tuple[str, ...]

    def values(self, name: str) -> list[str]:
        """All elements of the comma-separated headers of that (lower-case) name, in order."""
        lines = [value for key, value in self.headers if key.lower() == name]
        return [element.strip() for line in lines for element in line.split(",") if element.strip()]


def read(raw: bytes) -> Head | None:
    """The first head that is not interim (1xx, but for 101); None where it is not complete."""
    flaws = Flaws()
    position = 0
    while True:
        status_line = _STATUS_LINE.search(raw, position)
        if status_line is None:
            return None
        # the search begins at the line end that closes the status line: a head may have no headers
        blank = _BLANK_LINE.search(raw, status_line.end() - 1)
        if blank is None:
            return None
        if status_line.start() > position:
            flaws.add(f"{status_line.start() - position} bytes before the status line")
        status = int(status_line[2])
        if status not in _INTERIM or status == _SWITCHED:
            break
        position = blank.end()
    block = raw[status_line.end() : blank.start() + 1]
    if re.search(rb"(?<!\r)\n", raw[status_line.start() : blank.end()]):
        flaws.add("lines of the head end with LF alone")
    return Head(
        version=status_line[1].decode("ascii"),
        status=status,
        reason=status_line[3].decode("latin-1").strip(),
        headers=_headers(block.decode("latin-1"), flaws),
        end=blank.end(),
        flaws=flaws.all(),
    )


def encoded(text: str) -> bytes:
    """Of a header that is sent: latin-1, as everywhere here; what that does not have as UTF-8."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8")


def _headers(block: str, flaws: Flaws) -> Headers:
    """Header lines to pairs. Lines that are none are left out, and said in `flaws`."""
    found: list[tuple[str, list[str]]] = []
    for line in (each.rstrip("\r") for each in block.split("\n")):
        if not line:
            continue
        if line[0] in " \t":
            _continue(line, found, flaws)
            continue
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            flaws.add(f"a header line without a name: {quoted(line)}")
            continue
        if name != name.strip():
            flaws.add(f"white space before the colon of header {quoted(name.strip())}")
        if "\0" in line or "\r" in line:
            flaws.add(f"a control character in header {quoted(name.strip())}")
        found.append((name.strip(), [value.strip(" \t")]))
    return tuple((name, " ".join(filter(None, parts))) for name, parts in found)


def _continue(line: str, found: list[tuple[str, list[str]]], flaws: Flaws) -> None:
    """An obsolete continuation line (RFC 9112 5.2) belongs to the header before it."""
    if not found:
        flaws.add("the first header line begins with white space")
        return
    name, parts = found[-1]
    flaws.add(f"header {quoted(name)} is folded over several lines")
    parts.append(line.strip())
