"""What the numbers of a compared pair look like: prompt by prompt, bet by bet, token by token."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from conformance.parity.drift import LOOK_LEVEL
from conformance.parity.first import Apart
from conformance.parity.model import Decision, Says, StageName
from conformance.parity.pair import Pair
from conformance.parity.sampled import SHORT
from conformance.report import svg
from conformance.report.parity_distributions import counted, distributions, listed

_MARGIN, _FAR = 1.5, 3.0
_LEVELS = {Says.SAME: 0.05}
_WRONG = 0.01
_EACH = "answers of the candidate to each prompt, at each look"
_ASKED = [str(each) for each in SHORT.looks]
_STEPS, _TICKS = (0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1000), 10
TITLES = {
    "prompts": "Prompt by prompt: how far apart the first tokens are",
    "wealth": "How the evidence grew",
    "nights": "Night by night: the evidence that the endpoint has changed",
    "chances": "Short answers: how likely such a difference is by chance, look by look",
    "looks": "Short answers: how far apart their distributions are, look by look",
    "tokens": "Where the two are farthest apart: both distributions",
    "answers": "Where short answers are farthest apart: both distributions",
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
        yield "nights", _nights(by[StageName.DRIFT])
    if StageName.SAMPLED in by:
        yield "chances", _chances(by[StageName.SAMPLED])
        yield "looks", _looks(by[StageName.SAMPLED])
    yield "tokens", distributions(listed(pair), TITLES["tokens"])
    if not apart:
        yield "answers", distributions(counted(pair), TITLES["answers"])


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


def _looks(decision: Decision) -> str:
    """D2 with its interval at each look, against the margin under which the last may certify."""
    ratios = decision.ratios
    if not ratios:
        return ""
    high = max(2.0, 1.6 * max(each.value for each in ratios), 1.1 * ratios[-1].high)
    axes = svg.Axes(last=len(ratios), low=0.0, high=high)
    step = next(each for each in _STEPS if high / each <= _TICKS)
    ticks = [(n * step, f"{n * step:g}") for n in range(int(high / step) + 1)]
    parts = axes.frame(ticks, f"{_EACH}; lines: 95 % intervals", "D2 in margins", _ASKED)
    parts += axes.mark(1.0, "margin: the size of fp8 weights, or of temperature 0.9", svg.INK)
    for number, each in enumerate(ratios, 1):
        x = axes.x(number)
        parts.append(svg.line(x, axes.y(each.low), x, axes.y(each.high), svg.ONE, width=2))
    parts += axes.dots([(n, each.value) for n, each in enumerate(ratios, 1)], svg.ONE)
    if decision.says is Says.SAME_COARSE:
        parts.append(_beside(axes, len(ratios), ratios[-1].value, "same-coarse", svg.ONE))
    return svg.picture(svg.WIDE, axes.height, TITLES["looks"], parts)


def _chances(decision: Decision) -> str:
    """How likely such answers are if both draw alike, against what each look may spend."""
    if not decision.p_values:
        return ""
    logs = [-math.log10(each) for each in decision.p_values]
    goals = [-math.log10(each) for each in SHORT.spent[: len(logs)]]
    axes = svg.Axes(last=len(logs), low=0.0, high=max(*goals, *logs) + 0.6)
    parts = axes.frame(_powers(axes.high), _EACH, "chance if alike", _ASKED)
    for number, goal in enumerate(goals, 1):
        x, y = axes.x(number), axes.y(goal)
        parts.append(svg.line(x - 16, y, x + 16, y, svg.OTHER, dashed=True, width=2))
    parts.append(_beside(axes, 1, goals[0], "different from here", svg.OTHER, right=True))
    parts.append(axes.path(logs, svg.ONE))
    parts += axes.dots(list(enumerate(logs, 1)), svg.ONE)
    if decision.says is Says.DIFFERENT:
        told = f"different: {decision.p_values[-1]:.2g}"
        parts.append(_beside(axes, len(logs), logs[-1], told, svg.ONE, right=len(logs) == 1))
    return svg.picture(svg.WIDE, axes.height, TITLES["chances"], parts)


def _beside(
    axes: svg.Axes, number: int, value: float, words: str, colour: str, *, right: bool = False
) -> str:
    """Words at a point."""
    x, y = axes.x(number) + (20 if right else -10), axes.y(value) + 4
    return svg.text(x, y, words, anchor="start" if right else "end", colour=colour, over=True)


def _nights(decision: Decision) -> str:
    """By logprobs the fortune of a bet; by text how unlikely each night would be without a change."""
    if not decision.p_values:
        return _wealth(decision, "nights since the baseline was kept")
    logs = [-math.log10(each) for each in decision.p_values]
    goal = -math.log10(LOOK_LEVEL)
    axes = svg.Axes(last=len(logs), low=0.0, high=max(goal + 0.6, *logs))
    parts = axes.frame(
        _powers(axes.high), "nights since the baseline was kept", "chance if unchanged"
    )
    parts += axes.dots(list(enumerate(logs, 1)), svg.ONE)
    parts += axes.mark(goal, f"changed from here: a chance of {LOOK_LEVEL:.2g}", svg.OTHER)
    return svg.picture(svg.WIDE, axes.height, TITLES["nights"], parts)


def _powers(high: float) -> list[tuple[float, str]]:
    """Ticks of chances, the smaller the higher."""
    return [(n, _power(-n)) for n in range(int(high) + 1)]


def _power(exponent: int) -> str:
    return f"{10.0**exponent:g}" if -3 <= exponent <= 3 else f"1e{exponent}"  # noqa: PLR2004 - digits
