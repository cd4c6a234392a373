"""Where in a TOML file a key stands: tomllib does not say, and an error without a line is no help."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""Keys and list indexes from the root of the document."""

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}\n#]*")


@dataclass(frozen=True, slots=True)
class Places:
    """Line numbers by key path, for one document."""

    file: str
    lines: Mapping[Path, int]

    def of(self, path: Path) -> str:
        """`providers.toml:12`: the line of a key, or of the nearest key around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.file}:{self.lines.get(path, 1)}"


def places(text: str, file: str) -> Places:
    """The places of all keys and list items. The text must be TOML that tomllib has accepted."""
    scanner = _Scanner(text)
    scanner.document()
    return Places(file=file, lines=scanner.lines)


class _Scanner:
    """Walks over well-formed TOML and notes lines; it neither decodes values nor checks anything."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}

    def document(self) -> None:
        table: Path = ()
        self._blank()
        while self.at < len(self.text):
            if self._starts("[["):
                table = self._item_of_tables()
            elif self._starts("["):
                self.at += 1
                self._blank()
                table = self._note(self._resolve(self._keys()))
                self.at += 1
            else:
                self._pair(table)
            self._blank()

    def _item_of_tables(self) -> Path:
        self.at += 2
        self._blank()
        path = self._resolve(self._keys())
        self.at += 2
        index = self._counts.get(path, -1) + 1
        self._counts[path] = index
        self._note(path)
        return self._note((*path, index))

    def _resolve(self, keys: Path) -> Path:
        """`[a.b]` below `[[a]]` means the newest item of `a`."""
        path: Path = ()
        for key in keys:
            if path in self._counts:
                path = (*path, self._counts[path])
            path = (*path, key)
        return path

    def _pair(self, table: Path) -> None:
        path = self._note((*table, *self._keys()))
        self.at += 1  # the equals sign
        self._value(path)

    def _value(self, path: Path) -> None:
        self._blank()
        if self._starts("["):
            self._array(path)
        elif self._starts("{"):
            self._inline(path)
        elif not self._match(_STRING):
            self._match(_SCALAR)

    def _array(self, path: Path) -> None:
        self.at += 1
        index = 0
        self._blank()
        while not self._starts("]"):
            self._note((*path, index))
            self._value((*path, index))
            index += 1
            self._comma()
        self.at += 1

    def _inline(self, path: Path) -> None:
        self.at += 1
        self._blank()
        while not self._starts("}"):
            self._pair(path)
            self._comma()
        self.at += 1

    def _comma(self) -> None:
        self._blank()
        if self._starts(","):
            self.at += 1
        self._blank()

    def _keys(self) -> Path:
        keys = [self._key()]
        self._blank()
        while self._starts("."):
            self.at += 1
            self._blank()
            keys.append(self._key())
            self._blank()
        return tuple(keys)

    def _key(self) -> str:
        found = self._match(_BARE)
        return found or self._match(_STRING)[1:-1]

    def _note(self, path: Path) -> Path:
        line = self.text.count("\n", 0, self.at) + 1
        for end in range(1, len(path) + 1):
            self.lines.setdefault(path[:end], line)
        return path

    def _blank(self) -> None:
        self._match(_BLANK)

    def _match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found[0]

    def _starts(self, text: str) -> bool:
        return self.text.startswith(text, self.at)
