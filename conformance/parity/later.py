"""Stages 2, 2b and 3 as parts of an audit: short answers, what samplers honour, long answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from conformance.parity import greedy
from conformance.parity.border import LOOSE, Border
from conformance.parity.first import Offers
from conformance.parity.floor import Floor
from conformance.parity.greedy import Greedy
from conformance.parity.lists import first
from conformance.parity.long import TOKENS, Long
from conformance.parity.model import Answer, Decision, Says, Settings, StageName
from conformance.parity.pools import Pool, pooled, silent, spaced, spoken
from conformance.parity.sampled import TAIL, Design, Sampled
from conformance.parity.sampler import Honoured, Said, known_from, parameters
from conformance.parity.setup import DEFAULT_FLOOR, Setup
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

_POOL_FROM = 100  # numbers of the pool's answers: those that chose the prompts come before
_LISTS_FROM = 1000  # numbers of the candidate's own lists, far from those of any plan
_OWN_LISTS = 4
_LEAST_PROMPTS = 4
_LONG_KEPT = 16  # the baseline's long answers to each prompt


@dataclass(frozen=True, slots=True)
class Short:
    """Stage 2, and the strings that both gave."""

    decision: Decision | None  # None: it wasn't asked
    pool: Pool
    said: Pool
    cached: bool = False  # equal asks got the answer of the first, until each had a prefix


def short_answers(setup: Setup, prompts: Sequence[str], pool: int, design: Design) -> Asking[Short]:
    """Stage 2, or the tail of 2b; once more with a prefix of its own for each ask if a cache shows.

    `pool`: the baseline's answers to each prompt.
    """
    if len(prompts) < _LEAST_PROMPTS:
        why = "the baseline's answers vary at too few prompts to compare them"
        return Short(_open(design, why), {}, {})
    found = yield from _sampled(setup, prompts, pool, design, salted=False)
    if found.decision and any("cache" in each for each in found.decision.notices):
        found = yield from _sampled(setup, prompts, pool, design, salted=True)
        return replace(found, cached=True)
    return found


def _sampled(
    setup: Setup, prompts: Sequence[str], size: int, design: Design, *, salted: bool
) -> Asking[Short]:
    salt = f"{setup.seed}-a" if salted else ""
    times = range(_POOL_FROM, _POOL_FROM + size)
    asks = repeated(StageName.SAMPLED, prompts, Settings(), times, salt)
    empty = Sampled(dict.fromkeys(prompts, ()), setup.seed, design, salted=salted)
    known, mine = turns(Side.BASELINE, asks), turns(Side.CANDIDATE, empty.next([]).asks)
    told = yield mixed(known, mine)
    heard = answered(told, known)
    pool = pooled(heard)
    mute = sorted(set(prompts) - {prompt for prompt, texts in pool.items() if len(texts) > 1})
    if mute:
        why = f"the baseline said nothing to {len(mute)} of {len(prompts)} prompts"
        return Short(_open(design, why), pool, {})
    stage = Sampled(
        pool,
        setup.seed,
        design,
        silent=silent(heard) if any(not one.trouble for one in heard) else 0.0,
        spaced=spaced(heard),
        salted=salted,
    )
    decision, said = yield from through(stage, seen=answered(told, mine))
    return Short(decision, pool, pooled(said))


def _open(design: Design, why: str) -> Decision:
    return Decision(
        stage=design.stage, says=Says.INCONCLUSIVE, why=why, notices=(why,), level=sum(design.spent)
    )


def honoured(
    setup: Setup, offered: Offers, border: Border, floor: Floor | None
) -> Asking[Decision]:
    """Stage 2b; what the candidate ignores is asked of the baseline, too, before it is held against it."""
    if len(border.loose) < _LEAST_PROMPTS:
        why = "the baseline's answers vary at too few prompts to see what a sampler does"
        return _open(TAIL, why)
    stage, decision, seen = yield from _honoured(offered, border, floor, Side.CANDIDATE)
    if decision.says is not Says.DIFFERENT:
        return decision
    _, known, _ = yield from _honoured(offered, border, floor, Side.BASELINE)
    shared = frozenset(name for name, said, *_ in known.table if said == Said.IGNORED)
    return Honoured(stage.parameters, stage.prompts, stage.known, stage.floor, shared=shared).judge(
        seen
    )


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
    if len(known) < _LEAST_PROMPTS:
        known = {}
    prompts = tuple(each for each in prompts if not known or each in known)[:LOOSE]
    stage = Honoured(
        parameters(top_k=offered.top_k, blind=not known),
        prompts,
        known,
        floor.sigma if floor else DEFAULT_FLOOR,
    )
    decision, said = yield from through(stage, side)
    return stage, decision, said


def _named(answer: Answer) -> bool:
    """Its list names all tokens: parts of characters that are counted as one can't be sampled as one."""
    return bool(first(answer)) and all(each.token for each in first(answer))


def long_answers(setup: Setup, offered: Offers) -> Asking[Decision]:
    """Stage 3, sampled."""
    prompts = setup.long[: setup.extent.long]
    width = offered.width if offered.raw and offered.width else None
    settings = Settings(max_tokens=TOKENS, top_logprobs=width)
    known = turns(Side.BASELINE, repeated(StageName.LONG, prompts, settings, range(_LONG_KEPT)))
    mine = turns(Side.CANDIDATE, Long(dict.fromkeys(prompts, ()), setup.seed, width).next([]).asks)
    told = yield mixed(known, mine)
    answers = by_prompt(each for each in answered(told, known) if spoken(each))
    if set(answers) != set(prompts):
        return _silent_long()
    stage = Long(answers, setup.seed, width)
    decision, _ = yield from through(stage, seen=answered(told, mine))
    return decision


def greedy_answers(setup: Setup) -> Asking[Decision]:
    """Stage 3, at temperature 0: two runs of the baseline, then the candidate."""
    prompts = setup.long[: setup.extent.greedy]
    settings = Settings(temperature=0.0, max_tokens=greedy.TOKENS)
    known = turns(Side.BASELINE, repeated(StageName.LONG, prompts, settings, range(2)))
    mine = turns(Side.CANDIDATE, Greedy(dict.fromkeys(prompts, ("", ""))).next([]).asks)
    told = yield mixed(known, mine)
    runs = by_prompt(each for each in answered(told, known) if spoken(each))
    pairs = {
        prompt: (spoken(each[0]), spoken(each[1])) for prompt, each in runs.items() if len(each) > 1
    }
    said = [each for each in answered(told, mine) if each.ask.prompt in pairs]
    return Greedy(pairs).judge(said) if pairs else _silent_long()


def behind_a_cache(stage: StageName) -> Decision:
    """Repeats of one ask are one answer there, and no evidence of what a sampler does."""
    why = "a cache answers equal asks, so repeats of one say nothing: ask again without it"
    return Decision(stage=stage, says=Says.INCONCLUSIVE, why=why, notices=(why,))


def _silent_long() -> Decision:
    why = "the baseline gave no long answers that can be read"
    return Decision(stage=StageName.LONG, says=Says.INCONCLUSIVE, why=why, notices=(why,))
