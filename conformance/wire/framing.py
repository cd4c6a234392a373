"""Which of the raw bytes are the body: RFC 9112 section 6 and 7.1, with every breach in words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from conformance.wire.flaws import Flaws, quoted
from conformance.wire.head import Head

_BODYLESS = (204, 304)
_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\n]*)?\r?\n")
_MOST_DIGITS = 18
"""More digits in a content-length than any body has bytes."""
_LONGEST_LINE = 100 * 1024
"""A chunk size line (with extensions) or trailer line beyond this is taken for garbage; h11, which
ends the exchange there, holds as much."""
_SHOWN = 40
"""So many bytes show what stands in place of a chunk size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Where the body's bytes stand among the raw ones."""

    spans: tuple[tuple[int, int], ...]
    """Offsets (start, end) of body bytes, ascending."""
    complete: bool
    flaws: tuple[str, ...] = ()


def find(raw: bytes, head: Head, method: str) -> Body:
    """The body that follows `head`, by the rules of RFC 9112 6.3 in their order."""
    start = head.end
    lengths = head.values("content-length")
    transfer = [value.lower() for value in head.values("transfer-encoding")]
    if method.upper() == "HEAD" or head.status in _BODYLESS:
        return _ended(raw, (), start, Flaws())
    flaws = Flaws()
    if transfer:
        if lengths:
            flaws.add("both transfer-encoding and content-length")
        if head.version == "HTTP/1.0":
            flaws.add("transfer-encoding in an HTTP/1.0 response")
        if transfer[-1] == "chunked":
            return _Chunked(raw, start, flaws).run()
        flaws.add(f"the last transfer-encoding is {quoted(transfer[-1])}, not chunked")
        return Body(spans=((start, len(raw)),), complete=True, flaws=flaws.all())
    if lengths:
        return _by_length(raw, start, lengths)
    return Body(spans=((start, len(raw)),), complete=True)


def _by_length(raw: bytes, start: int, lengths: list[str]) -> Body:
    rest = ((start, len(raw)),)
    wrong = [one for one in lengths if not (one.isascii() and one.isdigit())]
    wrong = wrong or [one for one in lengths if len(one) > _MOST_DIGITS]
    if wrong:
        flaw = f"content-length {quoted(wrong[0])} is no length"
        return Body(spans=rest, complete=False, flaws=(flaw,))
    wanted = {int(one) for one in lengths}
    if len(wanted) > 1:
        flaw = f"content-length says {' and '.join(map(str, sorted(wanted)))}"
        return Body(spans=rest, complete=False, flaws=(flaw,))
    flaws = Flaws(["content-length is said twice"] if len(lengths) > 1 else [])
    length = wanted.pop()
    if len(raw) - start < length:
        flaws.add(f"the body has {len(raw) - start} of {length} bytes")
        return Body(spans=rest, complete=False, flaws=flaws.all())
    return _ended(raw, ((start, start + length),), start + length, flaws)


def _ended(raw: bytes, spans: tuple[tuple[int, int], ...], end: int, flaws: Flaws) -> Body:
    """A complete body; what follows its end is a flaw."""
    if len(raw) > end:
        flaws.add(f"{len(raw) - end} bytes after the end of the body")
    return Body(spans=spans, complete=True, flaws=flaws.all())


@dataclass(slots=True)
class _Chunked:
    """Walks through a chunked body until its end, or until it makes no sense any more."""

    raw: bytes
    position: int
    flaws: Flaws
    spans: list[tuple[int, int]] = field(default_factory=list)

    def run(self) -> Body:
        while (size := self._size()) is not None:
            if size == 0:
                self._trailers()
                return _ended(self.raw, tuple(self.spans), self.position, self.flaws)
            if not self._chunk(size):
                break
        return Body(spans=tuple(self.spans), complete=False, flaws=self.flaws.all())

    def _size(self) -> int | None:
        """Read a chunk size line; None where there is none."""
        found = _SIZE_LINE.match(self.raw, self.position, self.position + _LONGEST_LINE)
        if found is None:
            rest = self.raw[self.position : self.position + _SHOWN]
            if not rest or (b"\n" not in rest and len(rest) < _SHOWN):
                self.flaws.add("the body ends without a last chunk")
            else:
                line = rest.partition(b"\n")[0]
                self.flaws.add(f"byte {self.position} begins no chunk size line: {line!r}")
            return None
        if not found[0].endswith(b"\r\n"):
            self.flaws.add("chunk framing lines end with LF alone")
        self.position = found.end()
        return int(found[1], 16)

    def _chunk(self, size: int) -> bool:
        """Take a chunk's data and the line end behind it; False where the body breaks off."""
        end = self.position + size
        if end > len(self.raw):
            got = len(self.raw) - self.position
            self.spans.append((self.position, len(self.raw)))
            self.flaws.add(f"the body ends inside a chunk, after {got} of {size} bytes")
            return False
        self.spans.append((self.position, end))
        self.position = end
        if self.raw.startswith(b"\r\n", end):
            self.position = end + 2
        elif self.raw.startswith(b"\n", end):
            self.flaws.add("chunk framing lines end with LF alone")
            self.position = end + 1
        elif self.raw[end:] in {b"", b"\r"}:
            self.flaws.add("the body ends without a last chunk")
            return False
        else:
            self.flaws.add(f"the chunk that ends at byte {end} is not followed by a line end")
            return False
        return True

    def _trailers(self) -> None:
        """Skip trailer lines up to the blank line that ends the message."""
        while True:
            end = self.raw.find(b"\n", self.position, self.position + _LONGEST_LINE)
            if end < 0:
                self.flaws.add("no blank line after the last chunk")
                return
            line = self.raw[self.position : end].rstrip(b"\r")
            if line and b":" not in line:
                self.flaws.add(f"a trailer line without a name: {quoted(line)}")
            self.position = end + 1
            if not line:
                return
