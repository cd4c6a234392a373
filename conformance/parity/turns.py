"""Who is asked what in an audit, and how its parts are written: generators that ask and are told.

    answers = yield (Turn(Side.BASELINE, ask), Turn(Side.CANDIDATE, ask), ...)

What is yielded together may be asked at once, in any order. Whoever drives them asks endpoints, or
looks up what a record holds; what wasn't answered (a budget, an end) is missing, and no part of an
audit asks on after that.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from conformance.parity.model import Answer, Ask, Decision, Says, Settings, Stage, StageName

T = TypeVar("T")

CUT = "not all that was planned was answered"


class Side(StrEnum):
    """Whose turn it is."""

    BASELINE = "baseline"
    CANDIDATE = "candidate"
    REPLICA = "replica"  # another machine of the baseline


@dataclass(frozen=True, slots=True)
class Turn:
    """One ask of one endpoint: the same turn is never asked twice."""

    side: Side
    ask: Ask
    anew: bool = False  # asked now, whatever is kept of the baseline


Told = Mapping[Turn, Answer]
Asking = Generator[tuple[Turn, ...], Told, T]


def turns(side: Side, asks: Iterable[Ask]) -> tuple[Turn, ...]:
    """Each ask as a turn of one side."""
    return tuple(Turn(side, each) for each in asks)


def repeated(
    stage: StageName, prompts: Iterable[str], settings: Settings, times: range, salt: str = ""
) -> tuple[Ask, ...]:
    """Each prompt several times: `times` are the numbers of its answers."""
    return tuple(
        Ask(stage=stage, prompt=prompt, order=n, settings=settings, salt=salt and f"{salt}-{n}")
        for n in times
        for prompt in prompts
    )


def mixed(*sides: Sequence[Turn]) -> tuple[Turn, ...]:
    """Turns of several sides, each spread evenly over the whole, so that all meet the same hour."""
    placed = [
        ((n + 0.5) / len(side), place, each)
        for place, side in enumerate(sides)
        for n, each in enumerate(side)
    ]
    return tuple(each for _, _, each in sorted(placed, key=lambda one: one[:2]))


def answered(told: Told, asked: Iterable[Turn]) -> list[Answer]:
    """What was said to these turns, in their order."""
    return [told[each] for each in asked if each in told]


def by_prompt(answers: Iterable[Answer]) -> dict[str, list[Answer]]:
    """Answers to each prompt."""
    found: dict[str, list[Answer]] = {}
    for each in answers:
        found.setdefault(each.ask.prompt, []).append(each)
    return found


def hear(asked: Sequence[Turn]) -> Asking[list[Answer]]:
    """Ask all of these once."""
    told = (yield tuple(asked)) if asked else {}
    return answered(told, asked)


def both(asks: Sequence[Ask]) -> Asking[tuple[list[Answer], list[Answer]]]:
    """The same asks of baseline and candidate, in turn."""
    known, said = turns(Side.BASELINE, asks), turns(Side.CANDIDATE, asks)
    told = yield mixed(known, said)
    return answered(told, known), answered(told, said)


def through(
    stage: Stage, side: Side = Side.CANDIDATE, seen: Sequence[Answer] = ()
) -> Asking[tuple[Decision, list[Answer]]]:
    """A stage to its end, or to where nothing more was answered; `seen`: what was said before."""
    said = list(seen)
    step = stage.next(said)
    while step.asks:
        heard = yield from hear(turns(side, step.asks))
        said += heard
        cut = len(heard) < len(step.asks)
        step = stage.next(said)
        if cut:
            return _cut(step.decision), said
    return step.decision, said


def _cut(decision: Decision) -> Decision:
    """Nothing different in a part of what was planned is less than nothing different."""
    if decision.says is not Says.INCONCLUSIVE:
        return decision
    return replace(decision, notices=(*decision.notices, CUT))
