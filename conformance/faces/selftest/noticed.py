"""What is kept between runs: the least that notices each fault, and what is known to be missed."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from conformance.faces.selftest.examine import Examined, Notice

NOTICED = Path(__file__).with_name("noticed.toml")
KNOWN = Path(__file__).with_name("known.toml")
_HEAD = """\
# The least that notices each fault of the reference server: these cells, each asked `samples` times.
# Written by `conformance selftest --write`; tests/self asks exactly this, the command all that a fault touches.
# Where a fault breaks no clause, the clean server is asked as well, as its baseline.

"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the self-test need not be told again, each with its reason. Written by hand."""

    missed: Mapping[str, str]
    """Faults that nothing notices yet."""
    alarms: Mapping[str, str]
    """`FAULT/CLAUSE`: found broken though the contract does not say that it may be."""
    errors: Mapping[str, str]
    """Faults under which the run itself is in trouble, as it should be."""
    unkilled: Mapping[str, str]
    """Checks that no fault trips."""


def read_noticed(path: Path = NOTICED) -> Mapping[str, Notice]:
    """Fault to the least that notices it."""
    held = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return {
        name: Notice(cells=tuple(row["cells"]), samples=row["samples"], requests=row["requests"])
        for name, row in held.items()
    }


def read_known(path: Path = KNOWN) -> Known:
    """The reasons, by what they are for."""
    held = tomllib.loads(path.read_text(encoding="utf-8"))
    return Known(
        missed=held["missed"],
        alarms=held["alarms"],
        errors=held["errors"],
        unkilled=held["unkilled"],
    )


def write_noticed(
    examined: Iterable[Examined], faults: Collection[str], path: Path = NOTICED
) -> None:
    """Put what was found into the table; rows of other faults stay, of faults that are gone do not."""
    rows = {name: one for name, one in read_noticed(path).items() if name in faults}
    for one in examined:
        rows.pop(one.fault, None)
        if one.notice:
            rows[one.fault] = one.notice
    lines = (f"{name} = {_row(rows[name])}\n" for name in sorted(rows))
    path.write_text(_HEAD + "".join(lines), encoding="utf-8")


def _row(one: Notice) -> str:
    cells = json.dumps(list(one.cells))
    return f"{{ cells = {cells}, samples = {one.samples}, requests = {one.requests} }}"


def stale(
    noticed: Mapping[str, Notice],
    known: Known,
    *,
    faults: Collection[str],
    cells: Collection[str],
    checks: Collection[str],
) -> Iterator[str]:
    """Why the two files do not fit the faults, suites and checks that there are."""
    listed = noticed.keys() | known.missed.keys()
    yield from (f"no row for the fault {name}" for name in sorted(set(faults) - listed))
    yield from (f"a row for {name}, which is no fault" for name in sorted(listed - set(faults)))
    yield from (
        f"{name}: noticed by a row, and known to be missed"
        for name in sorted(noticed.keys() & known.missed.keys())
    )
    for name, one in noticed.items():
        yield from (f"{name}: no cell is called {each}" for each in one.cells if each not in cells)
    for each in (*known.alarms, *known.errors):
        if each.partition("/")[0] not in faults:
            yield f"known of {each}: no such fault"
    yield from (f"{name} is no check" for name in sorted(known.unkilled.keys() - set(checks)))
