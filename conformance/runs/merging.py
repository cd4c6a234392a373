"""Records of several jobs or days to one record: found, compared, united."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance import __version__
from conformance.errors import HarnessError, UsageError
from conformance.plan.codec import from_json, to_json
from conformance.plan.merge import Statement, agree, merge
from conformance.record.merge import Union, unite, write
from conformance.record.parts import read_shard
from conformance.record.reader import Recording, read
from conformance.runs.output import RECORD
from conformance.runs.toolbox import Toolbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A record that was written, and what its reader should know."""

    record: Path
    remarks: tuple[str, ...]


def records(paths: Sequence[Path]) -> list[Path]:
    """Record files: those named, and those in folders, however deep. Raises UsageError for none."""
    found: list[Path] = []
    for path in paths:
        inside = [path] if path.is_file() else sorted(path.rglob(RECORD))
        if not inside:
            raise UsageError(f"no such record: {path} (a {RECORD}, or a folder that has some)")
        found += inside
    return list(dict.fromkeys(found))


def merge_records(
    paths: Sequence[Path], tools: Toolbox, *, reports: Path, latest: bool = False
) -> Merged:
    """Write the union of records into a folder of its own. Raises UsageError where they differ."""
    recordings = {str(path): read(path) for path in paths}
    plans = {
        name: from_json(each.header["plan"], tools.suite_from) for name, each in recordings.items()
    }
    plan = merge(plans)
    agree(_statements(recordings))
    shards = [read_shard(each) for each in recordings.values()]
    union = unite(shards, {cell.id for cell in plan.cells}, latest=latest)
    certify = {
        name: chosen
        for each in recordings.values()
        for name, chosen in each.header["certify"].items()
    }
    header = {
        "harness_version": __version__,
        "contract_version": next(iter(recordings.values())).header["contract_version"],
        "certify": dict(sorted(certify.items())),
        "plan": to_json(plan),
    }
    folder = reports / union.run
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HarnessError(
            f"cannot create {folder}: {error.strerror}; use --reports-dir"
        ) from error
    write(union, folder / RECORD, header)
    return Merged(record=folder / RECORD, remarks=tuple(_remarks(union)))


def _statements(recordings: Mapping[str, Recording]) -> Iterator[Statement]:
    for name, each in recordings.items():
        yield name, "contract version", each.header["contract_version"]
        for provider, chosen in each.header["certify"].items():
            yield name, f"profiles asked for at {provider!r}", list(chosen)
        for provider, facts in each.providers.items():
            if model := facts.get("model"):
                yield name, f"model found at {provider!r}", model


def _remarks(union: Union) -> Iterable[str]:
    for part in union.sources:
        if not part.complete:
            yield f"run {part.run} was cut short; what it did not reach is undecided"
