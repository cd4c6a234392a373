"""The whole audit, cheapest stage first: asks in turns, and what follows from all of them.

Pure: whoever drives it asks endpoints, or reads a record. The same answers, the same audit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from conformance.parity.border import Border, border
from conformance.parity.defaults import Tried
from conformance.parity.doing import tasks
from conformance.parity.drawn import Unlike
from conformance.parity.first import Apart, FirstTokens, first_tokens, rendering
from conformance.parity.floor import Floor, Own
from conformance.parity.items.model import Item
from conformance.parity.later import (
    behind_a_cache,
    greedy_answers,
    honoured,
    long_answers,
    penalties,
)
from conformance.parity.model import Decision, Layer, Says, StageName
from conformance.parity.nights import begun, drifted, drifted_in_texts, rerendered, unheard
from conformance.parity.offers import Offers, offers
from conformance.parity.overall import Overall, overall
from conformance.parity.pools import Pool
from conformance.parity.sampled import SHORT
from conformance.parity.sampled import TAIL as CUT_TAIL
from conformance.parity.setup import TAIL, Setup
from conformance.parity.short import Short, short_answers, undecided
from conformance.parity.turns import Asking, Side

_BY_ANSWERS = (StageName.LOGPROBS, StageName.SAMPLED, StageName.SAMPLER, StageName.LONG)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """The answer, and the facts that a report shows beside it."""

    overall: Overall
    floor: Floor | None
    own_floor: Own | None
    rendered: Mapping[str, tuple[int | None, int | None]]
    """Prompt tokens of each probe at both."""
    apart: tuple[Apart, ...]
    pool: Pool
    said: Pool
    skipped: tuple[str, ...]
    """Stages that were wanted and not asked, because the answer was there."""


@dataclass(slots=True)
class _Gate:
    """Which stages are still asked: those that are wanted, until one has said `different`."""

    setup: Setup
    decisions: list[Decision] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def opens(self, stage: str) -> bool:
        if stage not in self.setup.stages:
            return False
        if self.shut:
            self.skipped.append(stage)
        return not self.shut

    def add(self, tried: Tried) -> None:
        """What it came to, and what was found of the baseline meanwhile."""
        self.decisions += [each for each in (tried.decision, tried.moved) if each]

    @property
    def shut(self) -> bool:
        return self.changed or (bool(self._different) and not self.setup.go_on)

    @property
    def changed(self) -> bool:
        """What was kept of the baseline is of another model."""
        return any(each.stage is StageName.DRIFT for each in self._different)

    @property
    def _different(self) -> list[Decision]:
        return [each for each in self.decisions if each.says is Says.DIFFERENT]


def audit(setup: Setup, items: Sequence[Item] = ()) -> Asking[Audited]:
    """Every stage that is wanted, in order; `items`: the tasks of stage 4."""
    gate, rendered = _Gate(setup), dict[str, tuple[int | None, int | None]]()
    past: float | None = None
    first, short = FirstTokens(decision=None, cached={}), Short(None, {}, {})
    if gate.opens(StageName.RENDERING):
        decision, rendered = yield from rendering(setup)
        gate.decisions.append(decision)
        if decision.says is Says.DIFFERENT and setup.since and not setup.recorded:
            gate.decisions += yield from rerendered(setup, rendered)
    if not gate.shut and any(each in setup.stages for each in (*_BY_ANSWERS, StageName.DRIFT)):
        offered = yield from offers()
        gate.decisions.append(offered.decision)
        if Side.BASELINE in offered.thinks:
            gate.decisions += [unheard(offered.thinks[Side.BASELINE])] if setup.alone else []
        elif setup.nights and offered.width:
            decision, past = yield from drifted(setup, offered.width)
            gate.decisions.append(decision)
        elif setup.text_nights and not (setup.alone and offered.width):
            gate.decisions.append((yield from drifted_in_texts(setup)))
        elif setup.alone:
            gate.decisions.append((yield from begun(setup, offered.width)))
        if offered.width and gate.opens(StageName.LOGPROBS):
            first = yield from first_tokens(setup, offered, past)
            gate.decisions += [each for each in (first.decision, first.moved) if each]
        short = yield from _texts(setup, gate, offered, first)
    else:
        gate.skipped += [each for each in _BY_ANSWERS if each in setup.stages]
    if StageName.TASKS in setup.stages and not gate.changed:
        gate.decisions.append((yield from tasks(setup, items)))
    return Audited(
        overall=overall(gate.decisions, alone=setup.alone, profile=setup.profile),
        floor=first.floor,
        own_floor=first.own,
        rendered=rendered,
        apart=first.apart,
        pool=short.pool,
        said=short.said,
        skipped=tuple(gate.skipped),
    )


def _texts(setup: Setup, gate: _Gate, offered: Offers, first: FirstTokens) -> Asking[Short]:
    """Stages 2, 2b and 3, which see the sampler."""
    if offered.thinks:
        short = _thought_first(gate, "; ".join(": ".join(each) for each in offered.thinks.items()))
    else:
        short = yield from _first_words(setup, gate, offered, first)
    if gate.opens(StageName.LONG):
        if short.cached:
            gate.decisions.append(behind_a_cache(StageName.LONG))
        else:
            gate.add((yield from long_answers(setup, offered, short.off)))
        if not gate.changed:
            greedy = yield from greedy_answers(setup, offered, short.off)
            gate.add(greedy._replace(decision=_by_lists(greedy.decision, offered)))
    return short


def _thought_first(gate: _Gate, why: str) -> Short:
    """No stage of short answers: their words are not those of an answer."""
    for wanted, design in (
        (StageName.SAMPLED, SHORT),
        (StageName.SAMPLER, CUT_TAIL),
        (TAIL, CUT_TAIL),
    ):
        if gate.opens(wanted):
            gate.decisions.append(undecided(design, why))
    return Short(None, {}, {})


def _first_words(setup: Setup, gate: _Gate, offered: Offers, first: FirstTokens) -> Asking[Short]:
    """Stages 2 and 2b."""
    short, chosen = Short(None, {}, {}), Border((), ())
    wanted = {StageName.SAMPLED, StageName.SAMPLER, TAIL} & setup.stages
    if wanted and not gate.shut:
        chosen = yield from border(setup, offered.width, first.cached)
    if gate.opens(StageName.SAMPLED):
        pool = setup.extent.pool if offered.width else setup.extent.blind_pool
        short = yield from short_answers(setup, chosen.prompts, pool, SHORT)
        gate.decisions += _by_draws(short, first.draws)
        gate.decisions += [short.moved] if short.moved else []
    if gate.opens(StageName.SAMPLER):
        if short.cached:
            gate.decisions.append(behind_a_cache(StageName.SAMPLER))
        else:
            gate.decisions.append((yield from honoured(setup, offered, chosen, first.floor)))
            if not gate.shut:
                gate.decisions.append((yield from penalties(setup, offered)))
    if gate.opens(TAIL):
        tail = yield from short_answers(setup, chosen.tail, setup.extent.tail_pool, CUT_TAIL)
        gate.decisions += [each for each in (tail.decision, tail.moved) if each]
    return short


def _by_draws(short: Short, draws: Mapping[Side, Unlike]) -> list[Decision]:
    """Where one side's tokens don't follow its own lists and the other's do, its sampler is it.

    Not by a default that was switched off, when they differed all the same.
    """
    left = [(side, draw) for side, draw in draws.items() if side not in short.undone]
    if short.decision is None:
        return []
    if short.decision.says is not Says.DIFFERENT or len(left) != 1:
        return [short.decision]
    ((side, draw),) = left
    return [replace(short.decision, layer=Layer.SAMPLER, detail=f"{side}: {draw.sampler}")]


def _by_lists(decision: Decision, offered: Offers) -> Decision:
    """Greedy answers of tokens that are not the best of the candidate's own lists are not greedy."""
    if decision.says is not Says.DIFFERENT or Side.CANDIDATE not in offered.ungreedy:
        return decision
    detail = "candidate: at temperature 0 its tokens are not the best of its own lists"
    return replace(decision, layer=Layer.SAMPLER, detail=detail)
