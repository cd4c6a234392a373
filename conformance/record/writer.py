"""Writes a record while the run goes on: a kill at any moment loses at most the line being written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from conformance.errors import RecordError
from conformance.plan.model import Cell, Decision
from conformance.record import codec
from conformance.wire.exchange import Exchange, Trial, TrialKey


class RecordWriter:
    """Appends lines to a new file, each handed to the system as soon as it is written.

    Not for use by several threads at once; the engine calls its sink from one.
    """

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        """Raises RecordError where the file exists already or cannot be made."""
        self.path = path
        first = codec.line({"kind": "header", "record": codec.VERSION, **header})
        try:
            self._file = path.open("xb")
        except FileExistsError as error:
            raise RecordError(f"{path} exists already; a record is never overwritten") from error
        except OSError as error:
            raise self._unwritable(error) from error
        self._append(first)

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

    def footer(self, facts: Mapping[str, Any]) -> None:
        """The last line: the run ended by itself."""
        self._write({"kind": "footer", **facts})

    def close(self) -> None:
        """Close the file; nothing can be written any more."""
        try:
            self._file.close()
        except OSError as error:  # what could not be written before cannot be written now
            raise self._unwritable(error) from error

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
        try:
            self._file.write(line)
            self._file.flush()
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> RecordError:
        return RecordError(f"cannot write {self.path}: {error.strerror or error}")
