"""Writes a record while the run goes on: a kill at any moment loses at most the line being written."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from conformance.errors import RecordError
from conformance.plan.model import Cell, Decision
from conformance.record import codec
from conformance.wire.exchange import Exchange, Trial, TrialKey

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]  # looked at before it is used

_BLOCK = 1 << 16

Tap = Callable[[bytes], None]


def is_held(path: Path) -> bool:
    """Some process is writing it; False where the system cannot tell."""
    if fcntl is None:
        return False
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False  # a file system without locks
    return False


class RecordWriter:
    """Appends lines to a file, each handed to the system as soon as it is written.

    Not for use by several threads at once; the engine calls its sink from one.
    """

    def __init__(self, path: Path, file: BinaryIO, tap: Tap | None = None) -> None:
        """Made by `create` and `resume`."""
        self.path = path
        self._file = file
        self._tap = tap
        self._broken: RecordError | None = None
        self._lock()

    @classmethod
    def create(cls, path: Path, header: Mapping[str, Any], *, tap: Tap | None = None) -> Self:
        """A new record; `tap` is given every line once it is written.

        Raises RecordError where the file exists already or cannot be made.
        """
        first = codec.line({"kind": "header", "record": codec.VERSION, **header})
        try:
            file = path.open("xb")
        except FileExistsError as error:
            raise RecordError(f"{path} exists already; a record is never overwritten") from error
        except OSError as error:
            raise _unwritable(path, error) from error
        made = cls(path, file, tap)
        made._append(first)
        return made

    @classmethod
    def resume(cls, path: Path, at: str) -> Self:
        """Go on with a record: behind its last whole line. `at`: the time of day, UTC.

        Raises RecordError where it cannot be written, or where the run is still going on.
        """
        try:
            made = cls(path, path.open("r+b"))
            made._drop_torn_line()
        except OSError as error:
            raise _unwritable(path, error) from error
        made._write({"kind": "resumed", "at": at})
        return made

    def exchange(self, key: TrialKey, exchange: Exchange) -> None:
        """One request and what came back."""
        self._write(codec.exchange_out(key, exchange))

    def trial(self, trial: Trial) -> None:
        """The end of a trial. Its exchanges were written before."""
        self._write(codec.trial_out(trial))

    def decision(self, cell: Cell, decision: Decision[Any]) -> None:
        """What a sampler wanted next, and by which rule."""
        asks = [codec.key_out(each.key) for each in decision.asks]
        self._write({"kind": "decision", "cell": cell.id, "rule": decision.rule, "asks": asks})

    def provider(self, name: str, facts: Mapping[str, str]) -> None:
        """Something found out about a provider, such as its model."""
        self._write({"kind": "provider", "name": name, "facts": dict(facts)})

    def line(self, line: bytes) -> None:
        """A line as another writer wrote it."""
        self._append(line)

    def footer(self, facts: Mapping[str, Any]) -> None:
        """The last line: the run ended by itself."""
        self._write({"kind": "footer", **facts})

    def close(self) -> None:
        """Close the file; nothing can be written any more. Raises where something was not written."""
        if self._broken is not None:
            raise self._broken
        try:
            self._file.close()
        except OSError as error:  # what could not be written before cannot be written now
            raise _unwritable(self.path, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _write(self, data: Mapping[str, Any]) -> None:
        self._append(codec.line(data))

    def _append(self, line: bytes) -> None:
        if self._broken is not None:  # a line behind a torn one would be lost with it
            raise self._broken
        try:
            self._file.write(line)
            self._file.flush()
        except OSError as error:
            self._broken = _unwritable(self.path, error)
            with suppress(OSError):
                self._file.close()
            raise self._broken from error
        if self._tap is not None:
            self._tap(line)

    def _lock(self) -> None:
        """One writer at a time, for as long as the file is open; where the system has such locks."""
        if fcntl is None:
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            raise RecordError(
                f"{self.path} is being written: that run is still going on"
            ) from error
        except OSError:
            return  # a file system without locks: nothing that we could keep anyone from

    def _drop_torn_line(self) -> None:
        end = self._file.seek(0, os.SEEK_END)
        while end:
            start = max(0, end - _BLOCK)
            self._file.seek(start)
            place = self._file.read(end - start).rfind(b"\n")
            if place >= 0:
                end = start + place + 1
                break
            end = start
        self._file.truncate(end)
        self._file.seek(end)


def _unwritable(path: Path, error: OSError) -> RecordError:
    return RecordError(f"cannot write {path}: {error.strerror or error}")
