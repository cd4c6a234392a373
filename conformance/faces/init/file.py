"""The providers file that an entry goes into: created or appended to, never changed otherwise."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from conformance.errors import HarnessError, UsageError
from conformance.faces.init.entry import Entry
from conformance.providers.load import load_providers, read_providers
from conformance.providers.model import Provider

HEAD = """\
# Who can be asked: each table is a provider, an endpoint with a model. See `conformance doctor NAME`.
# Keys never stand here, only references to environment variables: ${VAR}.
"""


def taken(path: Path) -> Mapping[str, Provider]:
    """The entries that are there already. Raises SourceError where the file is wrong as it is."""
    return load_providers(path) if path.is_file() else {}


def as_provider(entry: Entry, path: Path) -> Provider:
    """The entry as our own loader reads it. Raises SourceError or SecretError where it does not."""
    folder = path.absolute().parent
    return read_providers(entry.text, "the entry", folder, os.environ)[entry.name]


def add(entry: Entry, path: Path) -> None:
    """Write the entry, once the whole file was read as it will be. Raises UsageError, HarnessError."""
    try:
        before = path.read_bytes() if path.exists() else b""
        added = _added(entry, before)
        _prove(entry, path, before + added)
        with path.open("ab") as file:
            file.write(added)
    except OSError as error:
        raise HarnessError(f"cannot write {path}: {error.strerror}") from error


def _added(entry: Entry, before: bytes) -> bytes:
    """What follows the file: in its kind of line ends, after a blank line."""
    text = f"\n{entry.text}" if before else f"{HEAD}\n{entry.text}"
    if before and not before.endswith(b"\n"):
        text = f"\n{text}"
    try:
        raw = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(f"this cannot be written as text: {error.object!r}") from error
    return raw.replace(b"\n", b"\r\n") if b"\r\n" in before else raw


def _prove(entry: Entry, path: Path, raw: bytes) -> None:
    """Read what will be there, with everything that was there before."""
    old = taken(path)
    if entry.name in old:
        raise UsageError(f"{old[entry.name].where}: there is an entry {entry.name!r} already")
    text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    new = read_providers(text, str(path), path.absolute().parent, os.environ)
    if new.keys() != {*old, entry.name} or any(new[name] != one for name, one in old.items()):
        raise HarnessError(f"{path}: the entry would change those before it; nothing was written")
