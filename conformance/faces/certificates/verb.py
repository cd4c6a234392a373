"""`conformance selftest certificates`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from conformance.errors import UsageError, did_you_mean
from conformance.faces.certificates.ask import products, tools
from conformance.faces.certificates.collect import collect
from conformance.faces.certificates.confusion import compared
from conformance.faces.certificates.expected import Expected, read_expected
from conformance.faces.certificates.page import closing, confusion, page, wrong


def certificates(only: Iterable[str], *, kept: Path | None, written: Path | None) -> int:
    """Ask, compare, print. 0 where every answer is right, 1 where one is not.

    `only`: names of products; pairs in which one of them takes part.
    """
    wanted = _wanted(tuple(only))
    rows = compared(wanted, collect(wanted, _tell, kept))
    print(confusion(rows, "plain"), *wrong(rows), closing(rows), sep="\n")
    if written:
        written.write_text(page(rows), encoding="utf-8")
    return int(not all(one.right for one in rows))


def expected() -> tuple[Expected, ...]:
    """All right answers."""
    return read_expected(products(), tools().contract.profiles)


def _wanted(only: tuple[str, ...]) -> tuple[Expected, ...]:
    known = products()
    for name in only:
        if name not in known:
            raise UsageError(f"no product is called {name!r}{did_you_mean(name, known)}")
    listed = expected()
    return tuple(one for one in listed if not only or {*only} & {*one.pair})


def _tell(line: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{line:<60}", end="", file=sys.stderr, flush=True)
