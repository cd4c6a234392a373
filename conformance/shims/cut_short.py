"""A stream that ends without a finish reason raises an error in place of passing for whole.

For ERR-029, ERR-030, SSE-010, SSE-012, STRM-008, STRM-032.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from conformance.shims.mend import Json, Mend, choices


class CutShort(Mend):
    """The SDK raises APIError on the event that this adds; errors of other shapes become one too."""

    begun = finished = False

    def chunk(self, chunk: Json) -> Iterator[Json]:
        self.begun = self.begun or bool(choices(chunk))
        self.finished = self.finished or any(one.get("finish_reason") for one in choices(chunk))
        if "choices" not in chunk and "error" not in chunk and "type" not in chunk:
            yield {"error": {"message": chunk.get("message") or json.dumps(chunk), "type": "error"}}
        else:
            yield chunk

    def end(self) -> Iterator[Json]:
        if self.begun and not self.finished:
            yield {"error": {"message": "the stream broke off", "type": "incomplete_stream"}}
