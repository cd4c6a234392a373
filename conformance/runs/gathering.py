"""What the workers of a shared run bring along, put into the one record and the one tally that count."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from conformance.errors import ConformanceError, HarnessError
from conformance.record.reader import TrialLines
from conformance.runs.books import Books


class Gathering:
    """Takes lines of records as they come in, from whatever worker."""

    def __init__(self, begin: Callable[[Mapping[str, Any]], Books]) -> None:
        """`begin` opens the books, once the first header is there: all are the same but for times."""
        self.books: Books | None = None
        self.failed: Exception | None = None
        """Why no more is taken (a full disk), to be told at the end; the workers' own copies stay."""
        self._begin = begin
        self._trials = TrialLines()

    def take(self, lines: Iterable[bytes]) -> None:
        """In the order in which a worker wrote them."""
        if self.failed is not None:
            return
        try:
            for line in lines:
                self._enter(line)
        except (ConformanceError, OSError) as error:
            self.give_up(error)

    def give_up(self, error: Exception) -> None:
        """Take nothing more; the first reason counts."""
        self.failed = self.failed or error

    def _enter(self, line: bytes) -> None:
        data = json.loads(line)
        if data["kind"] == "header":
            self.books = self.books or self._begin(data)
            return
        if self.books is None:
            raise HarnessError("a worker's captures came without their header")
        if data["kind"] == "footer":
            return
        self.books.writer.line(line)
        if data["kind"] == "provider":
            self.books.facts.setdefault(data["name"], {}).update(data["facts"])
        elif trial := self._trials.take(data):
            self.books.add(trial)
