"""Every chunk has a list of choices, and every choice a delta.

For STRM-001, STRM-005, STRM-007.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.shims.mend import Json, Mend, choices


class ChunkShape(Mend):
    """Puts `[]` and `{}` where the SDK raises TypeError and AttributeError on null."""

    def chunk(self, chunk: Json) -> Iterator[Json]:
        if "error" not in chunk and "type" not in chunk:
            chunk["object"] = "chat.completion.chunk"
            chunk["choices"] = choices(chunk)
        for choice in choices(chunk):
            choice["delta"] = choice.get("delta") or {}
            choice.setdefault("finish_reason", None)
        yield chunk
