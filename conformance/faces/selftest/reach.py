"""Which cells a fault can touch: those that send a request that it answers in another way.

It is tried on all that the suites send, without a socket and in every request that it is about. What
is answered as by the server without faults tells nothing, and need not be asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from conformance.faces.selftest.ask import KEY
from conformance.record.reader import read
from conformance.reference.app import App, Settings
from conformance.reference.fault import Fault, Shown
from conformance.reference.incoming import HttpRequest
from conformance.reference.script import Script
from conformance.wire.exchange import Request

_STARRED = "*" * len(KEY)
"""The key as it stands in a record."""
_NOW = 1_800_000_000.0
"""A time as good as any, but for 0, which is the same in seconds and in milliseconds."""


@dataclass(frozen=True, slots=True)
class Reach:
    """All that the suites sent to the server without faults, and what it answers."""

    sent: tuple[tuple[str, HttpRequest], ...]
    """Cell and request, in the order in which they were sent."""
    answers: tuple[Script, ...]

    def of(self, fault: Fault) -> frozenset[str]:
        """The cells that it can touch; by state: all, for any request may bring the state about."""
        if fault.determinism == "by state":
            return frozenset(cell for cell, _ in self.sent)
        about = {cell for cell, request in self.sent if fault.of(request)}
        asked = [place for place, (cell, _) in enumerate(self.sent) if cell in about]
        faulty = _answers([self.sent[place] for place in asked], Shown(fault, 1.0))
        pairs = zip(asked, faulty, strict=True)
        return frozenset(self.sent[place][0] for place, one in pairs if one != self.answers[place])


@cache
def reach_in(record: Path) -> Reach:
    """From the record of all suites at the server without faults."""
    asked = [
        (each.request.at, trial.key.cell, _as_it_came(each.request))
        for trial in read(record).trials()
        for each in trial.exchanges
    ]
    sent = tuple((cell, request) for _, cell, request in sorted(asked, key=lambda each: each[0]))
    return Reach(sent, _answers(sent))


def _answers(sent: Sequence[tuple[str, HttpRequest]], *shown: Shown) -> tuple[Script, ...]:
    """What a server that comes up now answers to them, one after the other."""
    app = App(Settings(faults=shown, key=_STARRED), lambda: _NOW)
    return tuple(app.respond(request).script for _, request in sent)


def _as_it_came(request: Request) -> HttpRequest:
    url = urlsplit(request.url)
    target = f"{url.path}?{url.query}" if url.query else url.path
    headers = {name.lower(): value for name, value in request.headers}
    return HttpRequest(request.method, target, headers, request.body)
