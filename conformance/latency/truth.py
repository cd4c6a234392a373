"""The log of a clock, and how far readings were from what it says.

A clock writes down the moments just before and just after it handed bytes over; what happened, the
kernel's stamp included, happened in between. An error is what lies outside.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from conformance.latency.reading import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Tokens that were handed over together."""

    before: int
    after: int
    tokens: int

    def off(self, at: int) -> int:
        """How far `at` lies outside of when it happened."""
        return at - min(max(at, self.before), self.after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """The truth about one request, in nanoseconds of the reading's clock."""

    key: str
    arrived: int
    written: tuple[Written, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """Nanoseconds by which readings were off, one by one; those that are doubted left out."""

    ttft: tuple[int, ...]
    gaps: tuple[int, ...]
    width: tuple[int, ...]
    """How well the truth itself is known."""
    doubted: int
    """Tokens whose time the instrument does not vouch for ..."""
    tokens: int
    """... of so many."""
    unmatched: int = 0
    """Readings that the log does not know, or knows otherwise."""


def read_log(text: str, origin: int = 0) -> dict[str, Played]:
    """The log of our own clock: a JSON object a line. `origin`: where the readings' clock begins."""
    found: dict[str, Played] = {}
    for line in text.splitlines():
        one = json.loads(line)
        found[one["id"]] = Played(
            key=one["id"],
            arrived=one["arrived"] - origin,
            written=tuple(
                Written(
                    before=before - origin,
                    after=after - origin,
                    tokens=sum(count for _, count in tokens),
                )
                for before, after, tokens in one["writes"]
                if tokens
            ),
        )
    return found


def compare(readings: Iterable[Reading], log: Mapping[str, Played]) -> Errors:
    """How far the readings were from the log."""
    ttft: list[int] = []
    gaps: list[int] = []
    widths: list[int] = []
    doubted = tokens = unmatched = 0
    for one in readings:
        played = log.get(one.key)
        matched = _matched(one, played.written) if played else None
        if played is None or matched is None:
            unmatched += 1
            continue
        counts = [written.tokens for written in played.written]
        tokens += sum(counts)
        doubted += round(sum(each.tokens or 0 for each in one.arrivals if each.doubtful))
        widths += [written.after - written.before for written in matched]
        off = [
            written.off(arrival.at) for written, arrival in zip(matched, one.arrivals, strict=True)
        ]
        if not one.first_doubtful:
            ttft.append(off[0] + played.arrived - one.sent)
        gaps += [
            later - former
            for (former, later), gap in zip(pairwise(off), one.gaps, strict=True)
            if not gap.doubtful
        ]
    return Errors(
        ttft=tuple(ttft),
        gaps=tuple(gaps),
        width=tuple(widths),
        doubted=doubted,
        tokens=tokens,
        unmatched=unmatched,
    )


def _matched(one: Reading, written: Sequence[Written]) -> list[Written] | None:
    """The write that each arrival ended with; None where they do not belong together."""
    if not one.arrivals or any(each.tokens is None for each in one.arrivals):
        return None
    ends = dict(zip(accumulate(each.tokens for each in written), written, strict=True))
    so_far = accumulate(each.tokens or 0.0 for each in one.arrivals)
    found = [ends.get(round(count)) for count in so_far]
    known = [each for each in found if each is not None]
    return known if len(known) == len(found) else None
