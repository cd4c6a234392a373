"""Stages 2b and 3 as parts of an audit: what samplers honour, long answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from conformance.parity import greedy, still, thoughts
from conformance.parity.border import LOOSE, Border
from conformance.parity.confirm import withdrawn
from conformance.parity.defaults import Off, Tried, unless_default
from conformance.parity.floor import ASSUMED, Floor
from conformance.parity.greedy import Greedy
from conformance.parity.lists import first
from conformance.parity.long import TOKENS, Long, rewritten
from conformance.parity.model import Answer, Decision, Says, Settings, StageName
from conformance.parity.offers import Offers
from conformance.parity.penalised import Penalised, weighed
from conformance.parity.pools import spoken
from conformance.parity.sampled import TAIL
from conformance.parity.sampler import Honoured, Said, known_from, parameters
from conformance.parity.setup import Setup
from conformance.parity.short import LEAST_PROMPTS, undecided
from conformance.parity.turns import (
    Asking,
    Side,
    answered,
    by_prompt,
    hear,
    mixed,
    repeated,
    through,
    turns,
)

_LISTS_FROM = 1000  # numbers of the candidate's own lists, far from those of any plan
_OWN_LISTS = 4
_LONG_KEPT = 16  # the baseline's long answers to each prompt


def honoured(
    setup: Setup, offered: Offers, border: Border, floor: Floor | None
) -> Asking[Decision]:
    """Stage 2b; what the candidate ignores is asked of the baseline, too, before it is held against it."""
    if len(border.loose) < LEAST_PROMPTS:
        why = "the baseline's answers vary at too few prompts to see what a sampler does"
        return undecided(TAIL, why)
    stage, decision, seen = yield from _honoured(offered, border, floor, Side.CANDIDATE)
    if decision.says is not Says.DIFFERENT:
        return decision
    _, known, _ = yield from _honoured(offered, border, floor, Side.BASELINE)
    says = {name: Said(said) for name, said, *_ in known.table}
    return replace(stage, shared=_those(says, Said.IGNORED), unknown=_those(says, Said.OPEN)).judge(
        seen
    )


def _those(says: Mapping[str, Said], what: Said) -> frozenset[str]:
    return frozenset(name for name, said in says.items() if said is what)


def penalties(setup: Setup, offered: Offers) -> Asking[Decision]:
    """Stage 2b of several tokens: only lists before the sampler show what was drawn from them."""
    if not offered.width or not offered.raw or offered.distrust:
        why = "without lists from before the sampler nobody sees whether a penalty is honoured"
        return replace(undecided(TAIL, why), level=0.0, missed=("a penalty that is ignored",))
    stage, decision, seen = yield from _penalised(setup, offered, Side.CANDIDATE)
    if decision.says is not Says.DIFFERENT:
        return decision
    other, _, heard = yield from _penalised(setup, offered, Side.BASELINE)
    says = other.said(heard)
    compared = replace(stage, shared=_those(says, Said.IGNORED), unknown=_those(says, Said.OPEN))
    judged = compared.judge(seen)
    return replace(judged, requests=decision.requests, tokens=decision.tokens)


def _penalised(
    setup: Setup, offered: Offers, side: Side
) -> Asking[tuple[Penalised, Decision, list[Answer]]]:
    """Where draws say that some are ignored, it is seen from lists whether they hold them."""
    prompts = tuple(sorted(setup.long[: setup.extent.long]))
    stage = Penalised(prompts, Settings(max_tokens=TOKENS, top_logprobs=offered.width))
    decision, seen = yield from through(stage, side)
    suspected = [name for name, said in stage.said(seen).items() if said is Said.IGNORED]
    if not suspected:
        return stage, decision, seen
    heard = yield from hear(turns(side, stage.greedy(suspected)))
    witnesses = [each for each in heard if not each.trouble]
    stage = replace(stage, lists={each: weighed(each, witnesses) for each in suspected})
    told = stage.judge(seen)
    spent = sum(each.tokens for each in heard)
    whole = replace(told, requests=told.requests + len(heard), tokens=told.tokens + spent)
    return stage, whole, seen


def _honoured(
    offered: Offers, border: Border, floor: Floor | None, side: Side
) -> Asking[tuple[Honoured, Decision, list[Answer]]]:
    prompts = border.loose
    times = range(_LISTS_FROM, _LISTS_FROM + _OWN_LISTS)
    settings = Settings(top_logprobs=offered.width)
    asks = repeated(StageName.LOGPROBS, prompts, settings, times) if offered.width else ()
    heard = yield from hear(turns(side, asks))
    lists = by_prompt(each for each in heard if _named(each) and not each.trouble)
    known = known_from(lists) if not offered.distrust else {}
    if len(known) < LEAST_PROMPTS:
        known = {}
    prompts = tuple(each for each in prompts if not known or each in known)[:LOOSE]
    stage = Honoured(
        parameters(top_k=offered.top_k, blind=not known),
        prompts,
        known,
        floor.sigma if floor else ASSUMED,
    )
    decision, said = yield from through(stage, side)
    return stage, decision, said


def _named(answer: Answer) -> bool:
    """Its list names all tokens: parts of characters that are counted as one can't be sampled as one."""
    return bool(first(answer)) and all(each.token for each in first(answer))


def long_answers(setup: Setup, offered: Offers, known: Off) -> Asking[Tried]:
    """Stage 3, sampled; `known`: defaults by which short answers differed."""
    return unless_default(
        lambda off: _long(setup, offered, off),
        lambda found: found.detail,
        lambda with_, without: rewritten(with_, without, setup.seed),
        known,
    )


def _unmoved(tried: Tried, look: Callable[[Decision], Asking[Decision | None]]) -> Asking[Tried]:
    """Not different from a baseline that is not what it was."""
    if tried.decision.says is not Says.DIFFERENT:
        return tried
    found = yield from look(tried.decision)
    if found is None:
        return tried
    return tried._replace(decision=withdrawn(tried.decision), moved=found)


def _long(setup: Setup, offered: Offers, off: Off) -> Asking[Tried]:
    prompts = setup.long[: setup.extent.long]
    width = offered.width if offered.raw and offered.width else None
    own = Settings(max_tokens=TOKENS, top_logprobs=width, neutral=off[Side.BASELINE])
    known = turns(Side.BASELINE, repeated(StageName.LONG, prompts, own, range(_LONG_KEPT)))
    empty = Long(dict.fromkeys(prompts, ()), setup.seed, width, off[Side.CANDIDATE])
    mine = turns(Side.CANDIDATE, empty.next([]).asks)
    told = yield mixed(known, mine)
    words = thoughts.unlike(answered(told, known), answered(told, mine), offered.mute)
    if words:
        return _mute_long(words, answered(told, mine))
    answers = by_prompt(each for each in answered(told, known) if spoken(each))
    if set(answers) != set(prompts):
        return _silent_long(answered(told, known))
    stage = replace(empty, known=answers)
    decision, said = yield from through(stage, seen=answered(told, mine))
    before = answered(told, known)
    tried = Tried(decision, {Side.BASELINE: before, Side.CANDIDATE: said})
    return (yield from _unmoved(tried, lambda one: still.sampled(setup, own, before, one)))


def greedy_answers(setup: Setup, offered: Offers, known: Off) -> Asking[Tried]:
    """Stage 3, at temperature 0: two runs of the baseline's weights, then the candidate.

    The second is that of its second machine, where there is one and it answers.
    """
    name = "a penalty, most likely"
    return unless_default(
        lambda off: _greedy(setup, offered, off), lambda _: name, greedy.parted, known
    )


def _greedy(setup: Setup, offered: Offers, off: Off) -> Asking[Tried]:
    prompts = setup.long[: setup.extent.greedy]
    own = Settings(temperature=0.0, max_tokens=greedy.TOKENS, neutral=off[Side.BASELINE])
    known = turns(Side.BASELINE, repeated(StageName.LONG, prompts, own, range(2)))
    other = turns(Side.REPLICA, repeated(StageName.LONG, prompts, own, range(1)))
    other = other if setup.replica else ()
    empty = Greedy(dict.fromkeys(prompts, ("", "")), off[Side.CANDIDATE])
    mine = turns(Side.CANDIDATE, empty.next([]).asks)
    told = yield mixed(known, other, mine)
    once, again, machine = (
        {each.ask.prompt: spoken(each) for each in answered(told, run) if spoken(each)}
        for run in (known[: len(prompts)], known[len(prompts) :], other)
    )
    second = {**again, **machine}
    pairs = {prompt: (once[prompt], second[prompt]) for prompt in once.keys() & second.keys()}
    said = [each for each in answered(told, mine) if each.ask.prompt in pairs]
    of = "those of a second machine" if machine else empty.second
    words = thoughts.unlike(answered(told, known), answered(told, mine), offered.mute)
    if words:
        return _mute_long(words, said)
    if not pairs:
        return _silent_long(answered(told, known))
    if said and not any(map(spoken, said)):
        return _mute_long(f"of the candidate no long answer can be read{_troubles(said)}", said)
    decision = replace(empty, known=pairs, second=of).judge(said)
    before = answered(told, known[: len(prompts)])
    tried = Tried(decision, {Side.BASELINE: before, Side.CANDIDATE: said})
    return (yield from _unmoved(tried, lambda one: still.greedy(setup, own, before, one)))


def behind_a_cache(stage: StageName) -> Decision:
    """Repeats of one ask are one answer there, and no evidence of what a sampler does."""
    why = "a cache answers equal asks, so repeats of one say nothing: ask again without it"
    return Decision(stage=stage, says=Says.INCONCLUSIVE, why=why, notices=(why,))


def _silent_long(known: Sequence[Answer]) -> Tried:
    why = f"the baseline gave no long answers that can be read{_troubles(known)}"
    return _mute_long(why, ())


def _mute_long(why: str, said: Sequence[Answer]) -> Tried:
    """Nothing can be compared, however much is asked."""
    mute = Decision(
        stage=StageName.LONG,
        says=Says.INCONCLUSIVE,
        why=why,
        requests=len(said),
        tokens=sum(each.tokens for each in said),
        troubled=len(said),
        notices=(why,),
    )
    return Tried(mute, {Side.BASELINE: (), Side.CANDIDATE: ()})


def _troubles(answers: Sequence[Answer]) -> str:
    """Why most of them are no witnesses."""
    counted = Counter(each.trouble for each in answers if each.trouble)
    return f": {counted.most_common(1)[0][0]}" if counted else ""
