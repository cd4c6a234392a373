"""`created` is a whole number of seconds.

For CRESP-004, STRM-003.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from conformance.shims.mend import Json, Mend

SECONDS = 10**11
"""More than that is in milliseconds: it would be the year 5138."""


class CreatedSeconds(Mend):
    """Of all chunks of a stream the first one's."""

    first: int | None = None

    def answer(self, body: Json) -> Json:
        if "choices" in body:
            given = body.get("created")
            number = float(given) if isinstance(given, int | float) else time.time()
            body["created"] = int(number / 1000 if number > SECONDS else number)
        return body

    def chunk(self, chunk: Json) -> Iterator[Json]:
        made = self.answer(chunk)
        if "created" in made:
            self.first = self.first or made["created"]
            made["created"] = self.first
        yield made
