"""What can go wrong on our side, drawn as a tree.

    ConformanceError
    ├── UsageError        the user wrote something we cannot act on (exit 4)
    │   ├── SourceError   ... in a file: names file, line, column and the remedy
    │   └── SecretError   ... a key is missing, or written where it must not be
    └── HarnessError      we failed (exit 2); never the endpoint's fault
        ├── LaunchError   a server we were to start did not come up
        └── RecordError   a record cannot be read or written

What an *endpoint* does wrong is never an exception: it is a fact in an exchange.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ConformanceError(Exception):
    """Base of everything this package raises on purpose; the text addresses a person."""


class UsageError(ConformanceError):
    """The user asked for something that cannot be done; says what, where and the remedy."""


class SourceError(UsageError):
    """A file of the user's is wrong. `place` is `file:line:column` as far as it is known."""

    def __init__(self, place: str, reason: str, remedy: str = "") -> None:
        super().__init__(f"{place}: {reason}" + (f"\n  {remedy}" if remedy else ""))
        self.place = place
        self.reason = reason
        self.remedy = remedy


class SecretError(UsageError):
    """A key is missing from the environment, or stands where it must not be written."""


class HarnessError(ConformanceError):
    """We failed. Never counted against an endpoint."""


class LaunchError(HarnessError):
    """A server that the harness was to start did not come up; says why, with the end of its log."""


class RecordError(HarnessError):
    """A record is not readable, or cannot be written; names file and line."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`, did you mean 'x'?` for the nearest known name, or nothing."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f", did you mean {near[0]!r}?" if near else ""
