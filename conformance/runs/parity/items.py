"""Tasks of the user's own from files: ours, or in the shapes of benchmarks that many have."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.errors import SourceError, UsageError
from conformance.parity.items import bfcl, k2vv
from conformance.parity.items.made import MOST, made, shuffled
from conformance.parity.items.model import Item
from conformance.parity.items.own import item

_TRUTHS = "possible_answer"
"""The folder beside a file of BFCL's in which a file of the same name holds what is right."""


@dataclass(frozen=True, slots=True)
class _Line:
    place: str
    name: str
    data: Mapping[str, Any]


def items_of(rows: Sequence[Mapping[str, Any]], seed: int) -> tuple[Item, ...]:
    """The user's own in an order of the seed; without any, ours, of which stage 4 asks what it needs."""
    own = [item(each, "a row of the record", f"{n}") for n, each in enumerate(rows)]
    return shuffled(own, seed) if own else made(seed, MOST)


def read_rows(paths: Sequence[str]) -> tuple[Mapping[str, Any], ...]:
    """Rows of all files, each in our own form and with an id. `[bfcl:|k2vv:]FILE`. Raises UsageError."""
    found = [row for each in paths for row in _file(each)]
    twice = [name for name, times in Counter(each["id"] for each in found).items() if times > 1]
    if twice:
        raise UsageError(
            f"--items: two tasks are called {twice[0]!r}: give each an `id` of its own"
        )
    return tuple(found)


def _file(wanted: str) -> Iterator[Mapping[str, Any]]:
    form, colon, rest = wanted.partition(":")
    path = Path(rest if colon and form in _READERS else wanted)
    reader = _READERS[form] if colon and form in _READERS else _ours
    lines = list(_lines(path))
    if not lines:
        raise UsageError(f"--items={path}: there is no task in it")
    for line, row in zip(lines, reader(path, lines), strict=True):
        named = {"id": line.name, **row}
        item(named, line.place, line.name)  # raises what is wrong with it, before anything is asked
        yield named


def _lines(path: Path) -> Iterator[_Line]:
    try:
        texts = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--items={path}: cannot be read: {error}") from error
    for number, text in enumerate(texts, 1):
        if not text.strip():
            continue
        place = f"{path}:{number}"
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            remedy = "one JSON object a line (JSON Lines), not one array over all"
            raise SourceError(place, f"this is no JSON: {error}", remedy) from error
        if not isinstance(data, Mapping):
            raise SourceError(place, "this is no JSON object", "one JSON object a line")
        yield _Line(place, f"{path.stem}-{number}", data)


def _ours(_path: Path, lines: Sequence[_Line]) -> Iterator[Mapping[str, Any]]:
    for line in lines:
        for form, keys in _SIGNS.items():
            if keys <= set(line.data) and "expected" not in line.data:
                reason = f"this looks like a row of {form.upper()}"
                raise SourceError(line.place, reason, f"name its form: --items={form}:FILE")
        yield line.data


def _k2vv(_path: Path, lines: Sequence[_Line]) -> Iterator[Mapping[str, Any]]:
    for line in lines:
        yield k2vv.row(line.data, line.place)


def _bfcl(path: Path, lines: Sequence[_Line]) -> Iterator[Mapping[str, Any]]:
    beside = path.parent / _TRUTHS / path.name
    known = (
        {str(each.data.get("id")): each.data for each in _lines(beside)} if beside.is_file() else {}
    )
    for line in lines:
        name = str(line.data.get("id"))
        if known and name not in known:
            reason = f"`id` {name!r} is not in {beside}"
            raise SourceError(
                line.place, reason, f"`{bfcl.TRUTH}` can stand in the row itself, too"
            )
        truth = line.data.get(bfcl.TRUTH, known.get(name, {}).get(bfcl.TRUTH))
        yield bfcl.row(line.data, truth, line.place)


_READERS: Mapping[str, Callable[[Path, Sequence[_Line]], Iterator[Mapping[str, Any]]]] = {
    "bfcl": _bfcl,
    "k2vv": _k2vv,
}
_SIGNS = {"bfcl": {"question", "function"}, "k2vv": {"messages", "tools", "stream"}}
