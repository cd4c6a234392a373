"""Several records as one, which is a record again: the union of their parts.

A union of sets, written in one order: neither order nor grouping of the inputs matters, a record
that is there twice counts once, and what was merged may be merged again. No line is changed.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.errors import RecordError, UsageError
from conformance.record import codec
from conformance.record.parts import Group, Part, Shard, blocks, part_out


@dataclass(frozen=True, slots=True, kw_only=True)
class Union:
    """A set of parts, and which of them answers for each group."""

    sources: Mapping[Part, Shard]
    """Where each part is read from; in order of time."""
    owners: Mapping[Group, str]
    """Group to run id; what is not here is kept of every part (the engine's own questions)."""

    @property
    def run(self) -> str:
        """The same id for the same parts; it sorts by time like that of a run."""
        names = "\n".join(sorted(part.run for part in self.sources))
        stamp = re.sub(r"\D", "", max(part.started for part in self.sources))
        name = hashlib.sha256(names.encode()).hexdigest()[:8]
        return f"{stamp[:8]}-{stamp[8:14]}-merged-{name}"

    @property
    def started(self) -> str:
        """When the first of them started."""
        return min(part.started for part in self.sources)

    @property
    def finished(self) -> str:
        """When the last one that came to its end did."""
        return max(part.finished for part in self.sources)

    def kept(self, run: str, group: Group | None) -> bool:
        """Whether lines of a run stand in the union."""
        return group is None or self.owners.get(group, run) == run


def unite(shards: Sequence[Shard], cells: Collection[str], *, latest: bool = False) -> Union:
    """The union of all parts. Raises UsageError where two runs answer for the same group.

    `cells` are those that were planned; with `latest` the run that started last answers. What a run
    withheld because a limit was reached is no answer.
    """
    found: defaultdict[Part, list[Shard]] = defaultdict(list)
    for shard in shards:
        for part in shard.parts.values():
            found[part].append(shard)
    _refuse_namesakes(found)
    ordered = dict(sorted(found.items()))
    owners: dict[Group, str] = {}
    answers: dict[Group, tuple[str, str]] = {}  # run and digest, of the groups that were asked
    for part, copies in ordered.items():
        for group, (digest, asked) in sorted(_groups(part.run, copies).items()):
            if group[0] not in cells:
                continue
            if asked:
                before, known = answers.get(group, (part.run, digest))
                if known != digest and not latest:
                    raise _asked_twice(group, before, part.run)
                answers[group] = part.run, digest
            if asked or group not in answers:
                owners[group] = part.run
    union = Union(sources={part: copies[0] for part, copies in ordered.items()}, owners=owners)
    for part, copies in ordered.items():
        _refuse_different_copies(part.run, copies, union)
    return union


def write(union: Union, path: Path, header: Mapping[str, Any]) -> None:
    """Write the union as a record. What stood there is replaced: it was of the same parts."""
    try:
        with path.with_suffix(".part").open("wb") as file:
            for line in _lines(union, header):
                file.write(line)
        path.with_suffix(".part").replace(path)
    except OSError as error:
        raise RecordError(f"cannot write {path}: {error.strerror or error}") from error


def _lines(union: Union, header: Mapping[str, Any]) -> Iterator[bytes]:
    yield codec.line(
        {
            "kind": "header",
            "record": codec.VERSION,
            "run": union.run,
            "started": union.started,
            **header,
            "parts": [part_out(part) for part in union.sources],
        }
    )
    for part, shard in union.sources.items():
        yield codec.line({"kind": "part", "run": part.run})
        for block in blocks(shard.recording):
            if block.run == part.run and union.kept(block.run, block.group):
                yield block.lines
    complete = all(part.complete for part in union.sources)
    yield codec.line({"kind": "footer", "finished": union.finished, "complete": complete})


def _groups(run: str, copies: Sequence[Shard]) -> dict[Group, tuple[str, bool]]:
    """Every group that some copy of a run still has: its digest, and whether it was asked."""
    return {
        group: (digest, group in shard.asked[run])
        for shard in copies
        for group, digest in shard.groups[run].items()
    }


def _refuse_namesakes(found: Mapping[Part, Sequence[Shard]]) -> None:
    seen: dict[str, Sequence[Shard]] = {}
    for part, copies in found.items():
        if part.run in seen:
            raise _different(part.run, seen[part.run][0], copies[0])
        seen[part.run] = copies


def _refuse_different_copies(run: str, copies: Sequence[Shard], union: Union) -> None:
    """Two copies of a run have the same lines, but for groups that another run answers for."""

    def content(shard: Shard) -> tuple[str, dict[Group, str]]:
        groups = shard.groups[run].items()
        return shard.rest[run], {name: one for name, one in groups if union.kept(run, name)}

    for other in copies[1:]:
        if content(other) != content(copies[0]):
            raise _different(run, copies[0], other)


def _different(run: str, one: Shard, other: Shard) -> UsageError:
    return UsageError(
        f"{one.recording.path} and {other.recording.path} both hold run {run}, "
        "and not the same of it: leave the shorter one out"
    )


def _asked_twice(group: Group, earlier: str, later: str) -> UsageError:
    cell, provider = group
    return UsageError(
        f"{cell} was asked at {provider} in run {earlier} and again in run {later}: "
        "leave one of the two runs out, or let the later one answer (--latest)"
    )
