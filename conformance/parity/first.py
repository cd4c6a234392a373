"""Stages 0 and 1 as parts of an audit: how prompts are rendered, first tokens and their noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from conformance.parity import thoughts
from conformance.parity.candidates import probes
from conformance.parity.choice import drawn
from conformance.parity.confirm import Confirmed, confirmed
from conformance.parity.drawn import Unlike, unlike
from conformance.parity.floor import (
    Floor,
    Own,
    choose,
    largest,
    load_floor,
    own_floor,
    replica_floor,
)
from conformance.parity.lists import comparable, first, mean_sigma
from conformance.parity.logprobs import SAME_AFTER, Logprobs
from conformance.parity.model import (
    NOBODY,
    Answer,
    Ask,
    Build,
    Decision,
    Ranked,
    Says,
    Settings,
    StageName,
)
from conformance.parity.offers import Offers
from conformance.parity.rendering import Rendering
from conformance.parity.setup import Setup
from conformance.parity.turns import (
    Asking,
    Side,
    answered,
    both,
    by_prompt,
    hear,
    mixed,
    repeated,
    turns,
)

_ALONE = 16  # prompts of which one answer of the baseline's is asked with nothing else in flight


@dataclass(frozen=True, slots=True)
class Apart:
    """One prompt of stage 1: how many floors apart, and the first tokens that each held likely."""

    prompt: str
    ratio: float
    known: tuple[Ranked, ...]
    said: tuple[Ranked, ...]
    build: Build = NOBODY
    at: float | None = None
    """Who says that it gave the candidate's answer, and when it was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstTokens:
    """Stage 1, and what later stages and the report use of it."""

    decision: Decision | None  # None: it wasn't asked
    moved: Decision | None = None  # what was found of the baseline: it is not what it was
    cached: dict[str, list[Answer]]
    floor: Floor | None = None
    own: Own | None = None
    apart: tuple[Apart, ...] = ()
    draws: Mapping[Side, Unlike] = field(default_factory=dict)
    """Of those whose tokens don't follow their own lists, the sampler that explains them.

    Nobody's where the candidate was not asked: of one side alone nothing follows for the pair.
    """


def rendering(setup: Setup) -> Asking[tuple[Decision, dict[str, tuple[int | None, int | None]]]]:
    """Stage 0, and each probe's prompt tokens at both."""
    tried = [probe for probe, prompt in probes() if prompt.id in setup.probes]
    asks = Rendering(tuple(tried), {}).next([]).asks
    known, said = yield from both(asks)
    counted = {each.ask.prompt: each.prompt_tokens for each in known if not each.trouble}
    exact = {prompt: tokens for prompt, tokens in counted.items() if tokens is not None}
    decision = _unless_one_thinks(Rendering(tuple(tried), exact).judge(said), known, said)
    table = {each.ask.prompt: (counted.get(each.ask.prompt), each.prompt_tokens) for each in said}
    return decision, table


def _unless_one_thinks(
    decision: Decision, known: Sequence[Answer], said: Sequence[Answer]
) -> Decision:
    """One that thinks and one that doesn't are not asked alike, however many tokens a prompt has."""
    words = thoughts.apart(known, said)
    if not words:
        return decision
    if decision.says is Says.DIFFERENT:
        return replace(decision, remarks=(words, *decision.remarks))
    why = f"{decision.why}; but {words}"
    return replace(decision, says=Says.INCONCLUSIVE, why=why, notices=(*decision.notices, words))


def first_tokens(setup: Setup, offered: Offers, past: float | None = None) -> Asking[FirstTokens]:
    """Stage 1: the floor first, from the baseline alone; then prompts in batches, of both sides.

    `past`: how far the baseline's answers lie apart from night to night, where that is known.
    """
    prompts = asked_first(setup)
    cached, floor, own = yield from _floor(setup, offered.width, prompts, past)
    stage, decision, said = yield from _batches(setup, offered, prompts, cached, floor)
    found = Confirmed(decision)
    if decision.says is Says.DIFFERENT:
        found = yield from confirmed(stage, decision, said, recorded=setup.recorded)
    known = [each for answers in cached.values() for each in answers]
    draws = _draws(known, said) if offered.raw else {}
    seen = tuple(
        f"the {side} draws tokens as with {draw.sampler}, though nothing was asked for: {draw.proof}"
        for side, draw in draws.items()
    )
    return FirstTokens(
        decision=replace(found.decision, remarks=(*seen, *found.decision.remarks)),
        moved=found.moved,
        draws=draws if said else {},
        cached=cached,
        floor=floor,
        own=own,
        apart=_apart(said, cached, floor),
    )


def _floor(
    setup: Setup, width: int, prompts: tuple[str, ...], past: float | None
) -> Asking[tuple[dict[str, list[Answer]], Floor, Own | None]]:
    """What the baseline said to the first prompts, and its noise: asked together, and some alone."""
    asked = prompts[: setup.extent.floor_from]
    begun = turns(Side.BASELINE, _lists(asked, width, setup))
    last = setup.extent.repeats - 1
    alone = [each for each in begun if each.ask.order == last and last > 1][:_ALONE]
    together = [each for each in begun if each not in alone]
    other = turns(
        Side.REPLICA,
        repeated(
            StageName.LOGPROBS,
            asked if setup.replica else (),
            Settings(top_logprobs=width),
            range(1),
        ),
    )
    told = dict((yield mixed(together, other)))
    for each in alone:
        told |= yield (each,)
    cached = by_prompt(each for each in answered(told, begun) if not each.trouble)
    loaded = load_floor(cached, [each for each in answered(told, alone) if not each.trouble])
    own = largest(own_floor(cached), loaded, past)
    replica = [each for each in answered(told, other) if not each.trouble]
    floor = choose(own.sigma if own else None, replica_floor(cached, replica), setup.floor)
    return cached, floor, own


def _draws(known: Sequence[Answer], said: Sequence[Answer]) -> dict[Side, Unlike]:
    sides = ((Side.BASELINE, known), (Side.CANDIDATE, said))
    return {side: draw for side, answers in sides if (draw := unlike(answers))}


def asked_first(setup: Setup) -> tuple[str, ...]:
    """The prompts of this audit's stage 1 in its order, drawn by the seed.

    The user's own are among those that are asked before anything may be called the same.
    """
    number = setup.extent.first_tokens
    own = setup.own[:number]
    rest = tuple(each for each in setup.candidates if each not in own)
    others = drawn(rest, setup.seed, number - len(own), setup.fresh)
    with_own = max(0, SAME_AFTER - len(own))
    early = (*own, *others[:with_own])
    return (*drawn(early, setup.seed, len(early)), *others[with_own:])


def _batches(
    setup: Setup,
    offered: Offers,
    prompts: tuple[str, ...],
    cached: dict[str, list[Answer]],
    floor: Floor,
) -> Asking[tuple[Logprobs, Decision, list[Answer]]]:
    said: list[Answer] = []
    while True:
        stage = Logprobs(prompts, cached, floor, offered.width, distrust=offered.distrust)
        step = stage.next(said)
        if step.finished:
            return stage, step.decision, said
        new = [each.prompt for each in step.asks if each.prompt not in cached]
        known = turns(Side.BASELINE, _lists(new, offered.width, setup))
        mine = turns(Side.CANDIDATE, step.asks)
        told = yield mixed(known, mine)
        cached.update(by_prompt(each for each in answered(told, known) if not each.trouble))
        heard = answered(told, mine)
        said += heard
        if len(heard) < len(mine):
            return stage, stage.judge(said), said


def _lists(prompts: Sequence[str], width: int, setup: Setup) -> tuple[Ask, ...]:
    settings = Settings(top_logprobs=width)
    return repeated(StageName.LOGPROBS, prompts, settings, range(setup.extent.repeats))


def lists_of(setup: Setup, width: int, prompts: Sequence[str]) -> Asking[dict[str, list[Answer]]]:
    """One list of the baseline's for each prompt: a pilot."""
    settings = Settings(top_logprobs=width)
    asks = repeated(StageName.LOGPROBS, prompts, settings, range(1))
    heard = yield from hear(turns(Side.BASELINE, asks))
    return by_prompt(each for each in heard if not each.trouble and first(each))


def _apart(
    said: Sequence[Answer], cached: dict[str, list[Answer]], floor: Floor
) -> tuple[Apart, ...]:
    """Each prompt that both have lists for, in the plan's order."""
    found = []
    for each in sorted(said, key=lambda answer: answer.ask.order):
        lists = [one for one in cached.get(each.ask.prompt, ()) if first(one)]
        if first(each) and lists and not each.trouble:
            ratio = mean_sigma(each, lists) / floor.sigma
            known, mine = comparable(first(lists[0]), first(each))
            lists_ = tuple(known), tuple(mine)
            found.append(Apart(each.ask.prompt, ratio, *lists_, each.build, each.at))
    return tuple(found)
