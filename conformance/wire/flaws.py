"""What is wrong with some bytes, in words: each thing once, and never more than a reader can take."""

from __future__ import annotations

from collections.abc import Iterable

MOST = 40
"""Beyond this the bytes are noise, and a hostile peer could fill the memory with words."""


class Flaws:
    """Collects sentences in the order in which they were first said."""

    def __init__(self, said: Iterable[str] = ()) -> None:
        self._said = dict.fromkeys(said)

    def add(self, words: str) -> None:
        """Say it, unless it was said before."""
        if len(self._said) < MOST:
            self._said[words] = None
        else:
            self._said["and more"] = None

    def all(self) -> tuple[str, ...]:
        """Everything that was said."""
        return tuple(self._said)


def quoted(text: str | bytes, longest: int = 60) -> str:
    """`text` in quotes, printable, and cut to what a message has room for."""
    return repr(text) if len(text) <= longest else f"{text[:longest]!r}..."
