"""What was asked, as seen by the server: two JSON lines per request, for tests that count here."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any, TextIO

from conformance.reference.app import Planned
from conformance.reference.incoming import HttpRequest

NONCE_HEADER = "x-conformance-nonce"


class Note:
    """How an exchange ended, told by whoever saw it."""

    def __init__(self) -> None:
        self.how = "broken"

    def ended(self, how: str) -> None:
        self.how = how


class Log:
    """Appends to a file, flushed line by line; without a path it only counts.

    `start`: number, time (Unix seconds), method, path, status, nonce, digest of the body, requests
    in flight (this one included), planned latency in seconds. `end`: number, time, how it ended
    (`complete`; `closed`: we hung up; `broken`: the peer did), requests still in flight.
    """

    def __init__(self, path: Path | None) -> None:
        self._file: TextIO | None = path.open("a", encoding="utf-8") if path else None
        self._number = 0
        self.in_flight = 0

    def close(self) -> None:
        if self._file:
            self._file.close()

    @contextmanager
    def exchange(self, request: HttpRequest, planned: Planned) -> Iterator[Note]:
        """Surrounds the sending of an answer."""
        self._number += 1
        self.in_flight += 1
        number, note = self._number, Note()
        if self._file:
            self._write("start", number, **_described(request, planned))
        try:
            yield note
        finally:
            self.in_flight -= 1
            if self._file:
                self._write("end", number, how=note.how)

    def _write(self, event: str, number: int, **members: Any) -> None:
        assert self._file is not None
        line = {"event": event, "number": number, "time": time.time(), "in_flight": self.in_flight}
        self._file.write(json.dumps(line | members) + "\n")
        self._file.flush()


def _described(request: HttpRequest, planned: Planned) -> dict[str, Any]:
    return {
        "method": request.method,
        "path": request.path,
        "status": planned.status,
        "nonce": request.headers.get(NONCE_HEADER, ""),
        "digest": blake2b(request.body, digest_size=8).hexdigest(),
        "request_id": f"req_{planned.name}",
        "planned_seconds": round(planned.seconds, 6),
    }
