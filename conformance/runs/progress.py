"""How a run is going, while it goes: requests, tokens, cost and time left, a line per provider."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from conformance.plan.estimate import of_variant, price
from conformance.plan.model import Plan
from conformance.plan.tokens import Tokens
from conformance.verdict.tally import Tally

if TYPE_CHECKING:
    from rich.table import Table

ENOUGH = 5
"""Requests before a guess at the time left is worth anything."""
LINES = 8
"""Providers that are shown."""
BAR = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """One provider, now."""

    provider: str
    cells: int
    done: int
    requests: int
    expected: int
    """Requests of the least number of samples."""
    tokens: int
    cost: float | None
    """USD; None where the provider states no prices."""


class Gauge:
    """Reads what a run has come to so far. Cheap, and safe from any thread: it only reads numbers."""

    def __init__(self, plan: Plan, tally: Tally, done: Callable[[str], bool]) -> None:
        """`done`: whether a cell is."""
        self._plan = plan
        self._tally = tally
        self._done = done
        self._expected: dict[str, int] = dict.fromkeys(plan.providers, 0)
        for cell in plan.cells:
            for name in cell.providers:
                self._expected[name] += of_variant(cell.variant, plan.providers[name]).requests

    def read(self) -> tuple[Meter, ...]:
        """One meter per provider that has cells."""
        return tuple(self._meter(name) for name, number in self._expected.items() if number)

    def _meter(self, name: str) -> Meter:
        count = self._tally.providers[name]
        cells = [cell.id for cell in self._plan.cells if name in cell.providers]
        tokens = Tokens(prompt=count.prompt_tokens, completion=count.completion_tokens)
        return Meter(
            provider=name,
            cells=len(cells),
            done=sum(map(self._done, cells)),
            requests=count.requests,
            expected=self._expected[name],
            tokens=tokens.total,
            cost=price(tokens, self._plan.providers[name]),
        )


def table(meters: Sequence[Meter], seconds: float) -> Table:
    """As rich shows it; `seconds` since the run began."""
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    for one in meters[:LINES]:
        cost = "" if one.cost is None else f"{one.cost:.4f} USD"
        grid.add_row(
            Text(one.provider, style="bold", no_wrap=True),
            ProgressBar(total=max(one.cells, 1), completed=one.done, width=BAR),
            Text(f"{one.done}/{one.cells} cases", no_wrap=True),
            Text(f"{one.requests} requests", no_wrap=True),
            Text(f"{one.tokens} tokens", no_wrap=True),
            Text(cost, no_wrap=True),
            Text(left(one, seconds), style="dim", no_wrap=True),
        )
    return grid


def left(one: Meter, seconds: float) -> str:
    """About how long it will take still; empty where that is anybody's guess."""
    more = one.expected - one.requests
    if one.requests < ENOUGH or more <= 0:
        return ""
    guess = round(seconds * more / one.requests)
    return f"about {guess // 60}:{guess % 60:02} left"


class Below:
    """Shows lines below the one that somebody else is writing, and takes them away again."""

    def __init__(self, file: TextIO, width: int, *, color: bool) -> None:
        self._file = file
        self._width = width
        self._color = color
        self.shown = 0
        """Lines that are there now."""

    def show(self, meters: Sequence[Meter], seconds: float, column: int) -> None:
        """`column`: where the other's line has come to."""
        from rich.console import Console

        page = io.StringIO()
        console = Console(
            file=page, force_terminal=True, no_color=not self._color, width=self._width - 1
        )
        console.print(table(meters, seconds))
        self._write(page.getvalue().rstrip("\n").split("\n"), column)

    def clear(self, column: int) -> None:
        """As if nothing had been."""
        self._write([""] * self.shown, column)
        self.shown = 0

    def _write(self, lines: Sequence[str], column: int) -> None:
        self.shown = max(self.shown, len(lines))
        padded = [*lines, *[""] * (self.shown - len(lines))]
        text = "".join(f"\n\033[2K{line}" for line in padded)
        forward = f"\033[{column}C" if column else ""
        self._file.write(f"{text}\033[{len(padded)}A\r{forward}")
        self._file.flush()
