"""What is said of an endpoint: a line each, with what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from textwrap import wrap

from conformance.report.escape import visible

NARROWEST = 40
_INDENT = " " * 18


class Mark(StrEnum):
    """How bad it is."""

    FINE = "ok"
    NOTE = "--"
    """Worth knowing; nothing to repair."""
    WRONG = "no"
    """To be repaired, at the endpoint or in the entry."""
    UNREACHED = "!!"
    """No answer at all."""

    @property
    def code(self) -> int:
        """The exit code it stands for."""
        return {Mark.WRONG: 1, Mark.UNREACHED: 2}.get(self, 0)


@dataclass(frozen=True, slots=True)
class Remark:
    """One line of doctor."""

    mark: Mark
    name: str
    words: str
    fix: str = ""


def worst(remarks: Sequence[Remark]) -> int:
    """The exit code of all of them."""
    return max((each.mark.code for each in remarks), default=0)


def lines(remark: Remark, width: int) -> Iterator[str]:
    """The remark on a terminal: mark, name, words; below it the remedy."""
    room = max(NARROWEST, width - len(_INDENT))
    words = wrap(visible(remark.words), room, break_on_hyphens=False) or [""]
    yield f"  {remark.mark}  {remark.name:<11} {words[0]}"
    for each in words[1:]:
        yield _INDENT + each
    for number, each in enumerate(wrap(visible(remark.fix), room - 5, break_on_hyphens=False)):
        yield f"{_INDENT}{'     ' if number else 'fix: '}{each}"
