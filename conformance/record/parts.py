"""The runs that a record holds: one, or, in a merged record, several: its *parts*.

In a merged record the lines of each part stand together, under a line of kind `part`. All trials
of one cell at one provider are a *group*: it is taken from one part as a whole, or not at all.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from conformance.errors import RecordError
from conformance.record import codec
from conformance.record.reader import Recording
from conformance.wire.exchange import TrialKey

Group = tuple[str, str]
"""Cell id and provider."""


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """One run. Ordered by time."""

    started: str
    run: str
    finished: str
    complete: bool
    harness_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The lines of one trial, or one other line."""

    run: str
    lines: bytes
    group: Group | None = None
    """None: not of a trial."""
    asked: bool = False
    """A trial that was asked, and not withheld because a limit of the run was reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """What lies in one record."""

    recording: Recording
    parts: Mapping[str, Part]
    """By run id."""
    groups: Mapping[str, Mapping[Group, str]]
    """Run id to its groups, each with a digest of its lines."""
    rest: Mapping[str, str]
    """Run id to a digest of all its other lines."""
    asked: Mapping[str, frozenset[Group]]
    """Run id to the groups that were asked at all."""


def read_shard(recording: Recording) -> Shard:
    """Look through a record. Raises RecordError where a line is broken."""
    groups: defaultdict[str, defaultdict[Group, Any]] = defaultdict(
        lambda: defaultdict(hashlib.sha256)
    )
    rest: defaultdict[str, Any] = defaultdict(hashlib.sha256)
    asked: defaultdict[str, set[Group]] = defaultdict(set)
    for block in blocks(recording):
        digests = groups[block.run][block.group] if block.group else rest[block.run]
        digests.update(block.lines)
        if block.group and block.asked:
            asked[block.run].add(block.group)
    parts = {part.run: part for part in _parts(recording)}
    return Shard(
        recording=recording,
        parts=parts,
        groups={
            run: {group: one.hexdigest() for group, one in groups[run].items()} for run in parts
        },
        rest={run: rest[run].hexdigest() for run in parts},
        asked={run: frozenset(asked[run]) for run in parts},
    )


def blocks(recording: Recording) -> Iterator[Block]:
    """The record trial by trial, as it stands; without what was in flight when it was cut short."""
    run = recording.header["run"]
    waiting: defaultdict[TrialKey, list[bytes]] = defaultdict(list)
    for data, line in recording.lines():
        kind = data.get("kind")
        try:
            key = codec.key_in(data) if kind in {"exchange", "trial"} else None
            if kind == "part":
                run = data["run"]
                waiting.clear()
        except (KeyError, TypeError, ValueError) as error:
            raise RecordError(f"{recording.path}: a line of kind {kind} is broken") from error
        if key is None:
            if kind not in {"part", "footer"}:
                yield Block(run=run, lines=line)
        elif kind == "exchange":
            waiting[key].append(line)
        else:
            yield Block(
                run=run,
                lines=b"".join([*waiting.pop(key, ()), line]),
                group=(key.cell, key.provider),
                asked=not data.get("withheld"),
            )


def part_out(part: Part) -> dict[str, Any]:
    """As it stands in the header of a merged record."""
    return asdict(part)


def _parts(recording: Recording) -> list[Part]:
    header, footer = recording.header, recording.footer or {}
    try:
        if "parts" in header:
            return [Part(**each) for each in header["parts"]]
        return [
            Part(
                started=header["started"],
                run=header["run"],
                finished=footer.get("finished", ""),
                complete=bool(footer.get("complete")),
                harness_version=header["harness_version"],
            )
        ]
    except (KeyError, TypeError) as error:
        raise RecordError(f"{recording.path}: the header does not say which run it is") from error
