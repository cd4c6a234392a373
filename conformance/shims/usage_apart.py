"""Usage of a stream comes once, in a last chunk without choices, wherever it came before.

For STRM-017, STRM-018, STRM-019.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.shims.mend import Json, Mend


class UsageApart(Mend):
    """Holds the newest usage back until the stream has ended."""

    last: Json | None = None

    def chunk(self, chunk: Json) -> Iterator[Json]:
        if chunk.get("usage"):
            self.last = {**chunk, "choices": []}
        if chunk.get("choices") or "error" in chunk:
            yield {**chunk, "usage": None}

    def end(self) -> Iterator[Json]:
        if self.last:
            yield self.last
