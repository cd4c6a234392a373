"""A server that says stop is heeded in an open loop as well, though no arrival depends on an answer.

Would each request wait for what became of those before it, the load would be lighter exactly where the
server is slow, and times would look better than they are (coordinated omission). So all are sent at
their times, until it is plain that the server cannot or will not take this load; then nothing more is
sent at all. Requests are looked at in the order in which they were sent: a refusal is quicker than an
answer, and what is under way is no failure.
"""

from __future__ import annotations

from conformance.engine.instrument.footage import Footage

WINDOW = 50
"""Requests that are looked at together ..."""
MOST = WINDOW // 2
"""... of which so many may be turned away."""
ROW = 20
"""So many in a row get no answer, for whatever reason: it is over."""

_REFUSALS = frozenset({429, 503})
_FAILED, _REFUSED = 1, 2


class Heed:
    """Is told what became of each request, and says when it is enough."""

    def __init__(self, count: int) -> None:
        self._became = bytearray(count)
        """By number: nothing yet or an answer, a failure, a refusal."""

    def after(self, number: int, one: Footage) -> str:
        """Why nothing more is to be sent; empty where it goes on."""
        why = one.failure
        if not why:
            return ""
        self._became[number] = _REFUSED if one.status in _REFUSALS else _FAILED
        window = self._became[max(0, number - WINDOW + 1) : number + 1]
        refused = window.count(_REFUSED)
        if refused > MOST:
            return f"overloaded: {refused} of {len(window)} requests were turned away ({why})"
        row = window[-ROW:]
        if len(row) == ROW and all(row):
            turned_away = "overloaded: " if row.count(_REFUSED) == ROW else ""
            return f"{turned_away}{ROW} requests in a row got no answer ({why})"
        return ""
