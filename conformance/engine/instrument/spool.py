"""What was recorded, in the order in which it ended: the first of it in memory, the rest on disk.

A long measurement takes no more memory than a short one. What goes to the disk is written when an
exchange is over, from one process that does nothing else; the kernel's stamps do not mind.
"""

from __future__ import annotations

import pickle
import tempfile
import weakref
from collections.abc import Iterator
from typing import IO

from conformance.engine.instrument.footage import Footage

HELD = 16 * 1024 * 1024
"""Bytes in memory, about."""
_OF_A_PIECE, _OF_ALL = 240, 2_000
"""Bytes, about, that a piece takes beside its own, and an exchange beside its pieces."""


class Spool:
    """Grows at its end; can be read again and again."""

    def __init__(self) -> None:
        self._held: list[Footage] = []
        self._size = 0
        self._file: IO[bytes] | None = None
        self._filed = 0

    def add(self, footage: Footage) -> None:
        """One that is over."""
        if self._file is None:
            self._held.append(footage)
            self._size += _size(footage)
            if self._size >= HELD:
                self._file = self._opened()
        else:
            pickle.dump(footage, self._file, pickle.HIGHEST_PROTOCOL)
            self._filed += 1

    def settle(self) -> None:
        """Keep nothing in memory: it will be a while until it is read."""
        everything, count = self._opened(), len(self)
        for one in self:
            pickle.dump(one, everything, pickle.HIGHEST_PROTOCOL)
        self._held, self._file, self._filed = [], everything, count

    def _opened(self) -> IO[bytes]:
        file = tempfile.TemporaryFile()  # noqa: SIM115  # closed with this object
        weakref.finalize(self, file.close)
        return file

    def __len__(self) -> int:
        return len(self._held) + self._filed

    def __iter__(self) -> Iterator[Footage]:
        yield from self._held
        place = 0
        for _ in range(self._filed):
            assert self._file is not None  # something was written to it
            self._file.seek(place)
            one: Footage = pickle.load(self._file)  # noqa: S301  # our own, and nobody else's
            place = self._file.tell()
            yield one


def _size(one: Footage) -> int:
    data = sum(len(each[2]) + _OF_A_PIECE for each in one.raw)
    return data + 2 * len(one.request.data) + _OF_ALL
