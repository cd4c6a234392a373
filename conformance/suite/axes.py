"""The values of axes: written in place, or taken from the `rows` that a file has for several cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conformance.errors import did_you_mean
from conformance.suite.source import At, Complaint

ROWS = "$rows"

Axes = Mapping[str, Sequence[Any]]


def values(axes: Mapping[str, Any], rows: Mapping[str, Sequence[Any]]) -> Axes:
    """Axis name to values. Lists of rows that there are not count as empty: they are complained of."""
    return {name: _values(written, rows) for name, written in axes.items()}


def _values(written: Any, rows: Mapping[str, Sequence[Any]]) -> Sequence[Any]:
    if not isinstance(written, Mapping):
        listed: Sequence[Any] = written
        return listed
    return [row for name in named(written) for row in rows.get(name, ())]


def named(written: Mapping[str, Any]) -> Sequence[str]:
    """The lists that `{$rows: ...}` names."""
    names = written[ROWS]
    return [names] if isinstance(names, str) else list(names)


def rows_make_sense(data: Mapping[str, Any]) -> Iterator[Complaint]:
    """Lists of rows are there where they are named, and named where they are there."""
    rows = data.get("rows", {})
    used: set[str] = set()
    for number, case in enumerate(data["cases"]):
        for axis, written in case.get("axes", {}).items():
            if isinstance(written, Mapping):
                used |= set(named(written))
                yield from _unknown(written, ("cases", number, "axes", axis, ROWS), rows)
    for name in rows:
        if name not in used:
            yield Complaint(
                at=("rows", name),
                reason=f"rows {name!r} are used by no axis",
                remedy=f"write `axes: {{row: {{$rows: {name}}}}}` into a case, or take them out",
                of_key=True,
                consequence=True,
            )


def _unknown(written: Mapping[str, Any], at: At, rows: Mapping[str, Any]) -> Iterator[Complaint]:
    for name in named(written):
        if name not in rows:
            yield Complaint(
                at=at,
                reason=f"no rows are called {name!r}{did_you_mean(str(name), rows)}",
                remedy="known here: " + (", ".join(rows) or "none"),
            )


def word(value: Any) -> Any:
    """What a value is called by: its `id`, where it is a mapping."""
    return value["id"] if isinstance(value, Mapping) else value


def members(values: Sequence[Any], path: str) -> Iterator[Any]:
    """What `axis.NAME` or `axis.NAME.KEY` can stand for, without its first word and the axis' name.

    Nothing where a value has no such member.
    """
    for each in values:
        if not path:
            yield each
        elif isinstance(each, Mapping) and path in each:
            yield each[path]
