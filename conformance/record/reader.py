"""Reads a record: trials one after the other, so that memory stays flat however long it is."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from conformance.errors import RecordError
from conformance.record import codec
from conformance.wire.exchange import Exchange, Trial, TrialKey

_BULKY = (b'{"kind":"exchange"', b'{"kind":"trial"')
"""How the lines begin that only `trials` wants; a record from elsewhere is read in full instead."""


@dataclass(slots=True)
class _Index:
    """What stands in the small lines."""

    decisions: list[Mapping[str, Any]] = field(default_factory=list)
    providers: dict[str, dict[str, str]] = field(default_factory=dict)
    footer: Mapping[str, Any] | None = None
    truncated: bool = False


class TrialLines:
    """Puts trials together from the lines of a record, in whatever order trials are interleaved."""

    def __init__(self) -> None:
        self._waiting: defaultdict[TrialKey, list[Exchange]] = defaultdict(list)

    def take(self, data: Mapping[str, Any]) -> Trial | None:
        """A trial, once its last line is taken.

        Raises KeyError, TypeError, ValueError or AttributeError for what has another shape.
        """
        match data.get("kind"):
            case "exchange":
                self._waiting[codec.key_in(data)].append(codec.exchange_in(data))
            case "trial":
                return codec.trial_in(data, self._waiting.pop(codec.key_in(data), []))
            case "resumed":
                self._waiting.clear()
        return None


@dataclass(frozen=True)
class Recording:
    """A record on disk. Made by `read`; the file is opened anew by whatever needs it."""

    path: Path
    header: Mapping[str, Any]

    @property
    def decisions(self) -> tuple[Mapping[str, Any], ...]:
        """`{cell, rule, asks}` in the order in which they were taken."""
        return tuple(self._index.decisions)

    @property
    def providers(self) -> Mapping[str, Mapping[str, str]]:
        """Provider to what was found out about it."""
        return self._index.providers

    @property
    def footer(self) -> Mapping[str, Any] | None:
        """None where the run did not end by itself."""
        return self._index.footer

    @property
    def truncated(self) -> bool:
        """The last line is torn: the run was killed while it was written."""
        return self._index.truncated

    def trials(self) -> Iterator[Trial]:
        """Every trial, as soon as its last line is seen.

        What an earlier session of a resumed run did not finish was asked again: it is left out.
        Raises RecordError with file and line for what cannot be read; a torn last line ends it.
        """
        lines = TrialLines()
        resumed = self._resumed
        for number, text, last in self._lines():
            data = self._parsed(text, number, last=last)
            del text
            try:
                trial = lines.take(data)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise self._broken(number, error) from error
            del data
            if trial is not None and (trial.finished or number > resumed):
                yield trial
            del trial

    def lines(self) -> Iterator[tuple[Mapping[str, Any], bytes]]:
        """Every line after the header, read and as it stands; a torn last line is left out."""
        for number, text, last in self._lines():
            if data := self._parsed(text, number, last=last):
                yield data, text.removesuffix(b"\n") + b"\n"

    @cached_property
    def _resumed(self) -> int:
        """Number of the line with which the last session begins; 0 where there was one only."""
        found = 0
        for number, text, _ in self._lines():
            if b'"resumed"' in text and not text.startswith(_BULKY):
                found = number
        return found

    @cached_property
    def _index(self) -> _Index:
        index = _Index()
        for number, text, last in self._lines():
            if text.startswith(_BULKY) and not last:
                continue
            data = self._parsed(text, number, last=last)
            index.truncated = last and not data
            try:
                _enter(index, data)
            except (KeyError, TypeError, ValueError) as error:
                raise self._broken(number, error) from error
        return index

    def _lines(self) -> Iterator[tuple[int, bytes, bool]]:
        """Number, bytes and "is the last one" of every line after the header.

        Up to where the file ends now: it may still grow. One line at a time: they may be long.
        """
        try:
            with self.path.open("rb") as file:
                end = os.fstat(file.fileno()).st_size
                place = len(file.readline())
                number = 1
                while place < end:
                    line = file.readline()
                    if not line:
                        break  # it was cut short meanwhile
                    number, place = number + 1, place + len(line)
                    yield number, line, place >= end
                    del line  # before the next one is read, here and below
        except OSError as error:
            raise RecordError(f"cannot read {self.path}: {error.strerror or error}") from error

    def _parsed(self, text: bytes, number: int, *, last: bool) -> Mapping[str, Any]:
        """The line as data; empty for a torn last line."""
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            if last:
                return {}
            raise self._broken(number, error) from error
        if not isinstance(data, dict):
            raise self._broken(number, TypeError("not a JSON object"))
        return data

    def _broken(self, number: int, error: Exception) -> RecordError:
        words = f"no member {error}" if isinstance(error, KeyError) else str(error)
        return RecordError(f"{self.path}:{number}: this line of the record is broken: {words}")


def read(path: Path) -> Recording:
    """Open a record. Raises RecordError where there is none, or where a newer version wrote it."""
    try:
        with path.open("rb") as file:
            first = file.readline()
    except FileNotFoundError as error:
        raise RecordError(f"no such record: {path}") from error
    except OSError as error:
        raise RecordError(f"cannot read {path}: {error.strerror or error}") from error
    header = _header(path, first)
    version = header["record"]
    if version > codec.VERSION:
        raise RecordError(
            f"{path}: this record is of version {version}, and this program reads versions up to "
            f"{codec.VERSION}: update llm-conformance"
        )
    return Recording(path=path, header=header)


def _header(path: Path, first: bytes) -> Mapping[str, Any]:
    try:
        header = json.loads(first)
    except (ValueError, RecursionError):
        header = None
    if isinstance(header, dict) and header.get("kind") == "header":
        version = header.get("record")
        if isinstance(version, int) and version >= 1:
            return header
    found = "it is empty" if not first.strip() else "its first line is no header"
    raise RecordError(f"{path} is not a record of llm-conformance: {found}")


def _enter(index: _Index, data: Mapping[str, Any]) -> None:
    match data.get("kind"):
        case "decision":
            index.decisions.append({name: data[name] for name in ("cell", "rule", "asks")})
        case "provider":
            index.providers.setdefault(data["name"], {}).update(data["facts"])
        case "resumed":
            index.footer = None
        case "footer":
            index.footer = {name: value for name, value in data.items() if name != "kind"}
