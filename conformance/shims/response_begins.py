"""A streamed response begins with `response.created`, which the SDK demands.

For RSTRM-003.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.shims.mend import Json, Mend


class ResponseBegins(Mend):
    """Makes the event out of the first that carries the response."""

    begun = False

    def chunk(self, chunk: Json) -> Iterator[Json]:
        kind = str(chunk.get("type", ""))
        if (
            not self.begun
            and kind != "response.created"
            and isinstance(chunk.get("response"), dict)
        ):
            yield {**chunk, "type": "response.created"}
        self.begun = self.begun or kind.startswith("response.")
        yield chunk
