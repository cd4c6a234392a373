"""Small pictures as SVG: text, so that equal facts give equal bytes, and nothing has to be installed.

Colours are those of our page where it has any, also in the dark; a file by itself has the light ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from conformance.report.escape import oneline

INK, SOFT, LINE = "var(--ink, #1c2128)", "var(--soft, #59636e)", "var(--line, #d5dae0)"
PAPER = "var(--paper, #fff)"
ONE, OTHER = "#0072b2", "#d55e00"
"""Told apart by everybody (Okabe and Ito): the baseline's, the candidate's."""
WIDE = 760
_LEFT, _RIGHT, _TOP, _FOOT = 52, 14, 12, 40
_SMALL = 11


def picture(width: float, height: float, title: str, parts: Iterable[str]) -> str:
    """The whole, in one line: Markdown leaves such a block alone."""
    words = escape(oneline(title, 200), quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'role="img" aria-label="{words}" style="max-width:100%;height:auto" '
        f'font-family="system-ui, sans-serif" font-size="{_SMALL}"><title>{words}</title>'
        f"{''.join(parts)}</svg>"
    )


def text(
    x: float, y: float, said: str, *, anchor: str = "start", colour: str = SOFT, over: bool = False
) -> str:
    """Words, whatever they hold; `over` what is drawn below them, with a rim of paper."""
    words = escape(oneline(said, 120), quote=True)
    rim = f";paint-order:stroke;stroke:{PAPER};stroke-width:4px" if over else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" '
        f'style="fill:{colour}{rim}">{words}</text>'
    )


def line(
    x: float,
    y: float,
    to_x: float,
    to_y: float,
    colour: str,
    *,
    dashed: bool = False,
    width: float = 1,
) -> str:
    """A straight one."""
    dashes = ' stroke-dasharray="5 4"' if dashed else ""
    return (
        f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}"{dashes} '
        f'style="stroke:{colour}{f";stroke-width:{width:g}" if width != 1 else ""}"/>'
    )


def bar(x: float, y: float, width: float, height: float, colour: str) -> str:
    """A filled one."""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(0.0, width):.1f}" height="{height:.1f}" '
        f'style="fill:{colour}"/>'
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """A frame in which numbers have places: `x` from 1 to `last`, `y` from `low` to `high`."""

    last: int
    low: float
    high: float
    height: float = 250

    def x(self, number: float) -> float:
        reach = max(1, self.last - 1)
        return _LEFT + 8 + (number - 1) / reach * (WIDE - _LEFT - _RIGHT - 16)

    def y(self, value: float) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.height - _FOOT - share * (self.height - _FOOT - _TOP)

    def frame(
        self, ticks: Sequence[tuple[float, str]], below: str, beside: str, names: Sequence[str] = ()
    ) -> list[str]:
        """Lines at the ticks of `y`, whole numbers (or their `names`) at those of `x`, and what both are."""
        found = []
        for value, words in ticks:
            found.append(line(_LEFT, self.y(value), WIDE - _RIGHT, self.y(value), LINE))
            found.append(text(_LEFT - 6, self.y(value) + 4, words, anchor="end"))
        step = next(each for each in (1, 2, 5, 10, 20, 50, 100, 1000) if self.last / each <= 12)  # noqa: PLR2004 - ticks
        numbers = [1, *range(step, self.last + 1, step)] if step > 1 else range(1, self.last + 1)
        foot = self.height - _FOOT + 16
        found += [
            text(self.x(each), foot, names[each - 1] if names else str(each), anchor="middle")
            for each in numbers
        ]
        middle = (_LEFT + WIDE - _RIGHT) / 2
        found.append(text(middle, self.height - 6, below, anchor="middle"))
        turned = f"translate(12 {(self.height - _FOOT + _TOP) / 2:.1f}) rotate(-90)"
        found.append(f'<g transform="{turned}">{text(0, 0, beside, anchor="middle")}</g>')
        return found

    def mark(self, value: float, words: str, colour: str) -> list[str]:
        """A dashed line across, with its name."""
        y = self.y(value)
        return [
            line(_LEFT, y, WIDE - _RIGHT, y, colour, dashed=True),
            text(WIDE - _RIGHT - 2, y - 4, words, anchor="end", colour=colour, over=True),
        ]

    def dots(self, values: Sequence[tuple[float, float]], colour: str) -> list[str]:
        return [
            f'<circle cx="{self.x(x):.1f}" cy="{self.y(y):.1f}" r="3" style="fill:{colour}"/>'
            for x, y in values
        ]

    def path(self, values: Sequence[float], colour: str) -> str:
        """One value after another."""
        places = " ".join(f"{self.x(n):.1f},{self.y(each):.1f}" for n, each in enumerate(values, 1))
        return f'<polyline points="{places}" style="fill:none;stroke:{colour};stroke-width:1.8"/>'
