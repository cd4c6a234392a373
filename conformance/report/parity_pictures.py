"""What the numbers of a compared pair look like: prompt by prompt, bet by bet, token by token."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from conformance.parity.first import Apart
from conformance.parity.model import Decision, Says, StageName
from conformance.parity.pair import Pair
from conformance.report import svg

_MARGIN, _FAR = 1.5, 3.0
_LEVELS = {Says.SAME: 0.05}
_WRONG = 0.01
_PROMPTS, _TOKENS = 6, 4
_ROW, _GAP, _COLUMNS = 14, 26, 2
_NAME, _FULL = 112, 178
PARTS = "parts of characters"
"""What a token without a name is."""
TITLES = {
    "prompts": "Prompt by prompt: how far apart the first tokens are",
    "wealth": "How the evidence grew",
    "nights": "Night by night: the evidence that the endpoint has changed",
    "tokens": "Where the two are farthest apart: both distributions",
}


def pictures(pair: Pair) -> Mapping[str, str]:
    """SVG by name; only those for which there are facts. Equal facts, equal bytes."""
    return {name: drawn for name, drawn in _all(pair) if drawn}


def _all(pair: Pair) -> Iterator[tuple[str, str]]:
    apart = pair.audited.apart
    by = {each.stage: each for each in pair.audited.overall.decisions}
    yield "prompts", _prompts(apart)
    if StageName.LOGPROBS in by:
        yield "wealth", _wealth(by[StageName.LOGPROBS], "prompts, in the order in which they count")
    if StageName.DRIFT in by:
        yield "nights", _wealth(by[StageName.DRIFT], "nights since the baseline was kept")
    yield "tokens", _tokens(pair, apart)


def _prompts(apart: Sequence[Apart]) -> str:
    """Each prompt's distance in floors, on a logarithmic scale, and the mean so far."""
    if not apart:
        return ""
    ratios = [max(each.ratio, 1e-9) for each in apart]
    high = max(_FAR * 1.4, max(ratios) * 1.2)
    low = max(min(0.5, min(ratios) / 1.2), high / 1000)
    axes = svg.Axes(last=len(apart), low=math.log(low), high=math.log(high))
    ticks = [
        each
        for each in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
        if low <= each <= high
    ]
    parts = axes.frame([(math.log(each), f"{each:g}") for each in ticks], "prompt", "noise floors")
    near = [(n, math.log(each)) for n, each in enumerate(ratios, 1) if each <= _FAR]
    far = [(n, math.log(each)) for n, each in enumerate(ratios, 1) if each > _FAR]
    parts += [*axes.dots(near, svg.ONE), *axes.dots(far, svg.OTHER)]
    means = [math.log(sum(ratios[:n]) / n) for n in range(1, len(ratios) + 1)]
    parts.append(axes.path(means, svg.SOFT))
    parts += axes.mark(math.log(_MARGIN), f"margin of the mean: {_MARGIN:g}", svg.INK)
    said = f"{TITLES['prompts']}; orange: beyond {_FAR:g}; the line: their mean so far"
    return svg.picture(svg.WIDE, axes.height, said, parts)


def _wealth(decision: Decision, below: str) -> str:
    """The fortune of the bet that decided, or might have, against what it had to reach."""
    if not decision.path:
        return ""
    level = _LEVELS.get(decision.says, _WRONG) if decision.stage is StageName.LOGPROBS else _WRONG
    goal = -math.log10(level)
    logs = [each / math.log(10) for each in decision.path]
    low, high = min(-1.0, *logs), max(goal + 0.6, *logs)
    axes = svg.Axes(last=len(logs), low=low, high=high)
    step = max(1, round((high - low) / 6))
    ticks = range(math.ceil(low), math.floor(high) + 1, step)
    parts = axes.frame([(each, _power(each)) for each in ticks], below, "fortune")
    same = decision.stage is StageName.LOGPROBS and decision.says is Says.SAME
    words = f"{'the same' if same else 'different'} from here: {1 / level:g} times the stake"
    parts += [axes.path(logs, svg.ONE), *axes.dots(list(enumerate(logs, 1))[-1:], svg.ONE)]
    parts += axes.mark(goal, words, svg.OTHER)
    return svg.picture(
        svg.WIDE, axes.height, "The fortune of a bet against the other answer", parts
    )


def _power(exponent: int) -> str:
    return f"{10.0**exponent:g}" if -3 <= exponent <= 3 else f"1e{exponent}"  # noqa: PLR2004 - digits


def _tokens(pair: Pair, apart: Sequence[Apart]) -> str:
    """The prompts farthest apart, two in a row; of each the likeliest tokens at both."""
    chosen = sorted(apart, key=lambda each: -each.ratio)[:_PROMPTS]
    if not chosen:
        return ""
    cell = _GAP + _TOKENS * 2 * _ROW + 18
    parts = [
        svg.bar(0, 2, 10, 10, svg.ONE),
        svg.text(14, 11, "baseline", colour=svg.INK),
        svg.bar(84, 2, 10, 10, svg.OTHER),
        svg.text(98, 11, "candidate", colour=svg.INK),
    ]
    for number, each in enumerate(chosen):
        x = number % _COLUMNS * (svg.WIDE / _COLUMNS)
        y = 22.0 + number // _COLUMNS * cell
        parts += _side_by_side(pair.texts.get(each.prompt, each.prompt), each, x, y)
    rows = math.ceil(len(chosen) / _COLUMNS)
    return svg.picture(svg.WIDE, 22 + rows * cell, TITLES["tokens"], parts)


def _side_by_side(asked: str, each: Apart, x: float, y: float) -> Iterator[str]:
    known, said = (
        {one.token: math.exp(one.logprob) for one in side} for side in (each.known, each.said)
    )
    likely = sorted(
        {*known, *said}, key=lambda one: (-max(known.get(one, 0), said.get(one, 0)), one)
    )
    shown = asked if len(asked) <= 34 else f"{asked[:33]}…"  # noqa: PLR2004 - what fits
    yield svg.text(x, y + 14, f"{shown} · {each.ratio:.1f} floors", colour=svg.INK)
    for number, token in enumerate(likely[:_TOKENS]):
        top = y + _GAP + number * 2 * _ROW
        name = repr(token.decode("utf-8", "replace")) if token else PARTS
        yield svg.text(x + _NAME - 6, top + _ROW, name[:20], anchor="end")
        for row, (side, colour) in enumerate(((known, svg.ONE), (said, svg.OTHER))):
            share = side.get(token, 0.0)
            yield svg.bar(x + _NAME, top + row * 12, share * _FULL, 9, colour)
            told = f"{share:.0%}" if token in side else "not listed"
            yield svg.text(x + _NAME + share * _FULL + 4, top + row * 12 + 8, told)
