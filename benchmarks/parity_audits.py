"""One audit each, of benchmarks/parity.py: a seed in, what was said and what it took out."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from functools import cache, partial

import numpy as np
import parity_world as recorded
from parity_world import Chances

from conformance.parity.drift import NIGHTS, by_logprobs, by_texts
from conformance.parity.logprobs import read, stop
from conformance.parity.long import TOKENS, Long
from conformance.parity.model import Answer, Ask, Decision, Says, Settings, Stage, StageName
from conformance.parity.nights import EACH, LEAST_AGAIN, POOLED
from conformance.parity.penalised import Penalised, weighed
from conformance.parity.permutation import distance
from conformance.parity.pools import pooled, tables
from conformance.parity.sampled import ERRORS, MARGIN, TAIL, Sampled
from conformance.parity.sampler import Honoured, known_from, parameters
from conformance.parity.setup import Extent
from conformance.parity.simulated import Endpoint, World, endpoint, ranked_list, world
from conformance.parity.tasks import Paired, compare
from conformance.parity.tilts import Sampler

Row = tuple[str, int]  # what was said, output tokens
Audit = Callable[[int], Row]
Reply = Callable[[Sequence[Ask], np.random.Generator], list[Answer]]
CHANGES = {"same": 0.0, "int8 weights": 0.2, "fp8": 0.43, "int8 activations": 0.48, "int4": 1.3}
POOL = Extent().blind_pool


# ---- stage 1


def first_tokens(name: str, seed: int, width: int = 20, share: float = 1.0) -> Row:
    """96 distinct prompts in random order; `share` of the requests meet `name`, others `ref`."""
    rng = np.random.default_rng([seed, 1])
    rows, base = recorded.distances(name, width), recorded.distances("ref", width)
    order = rng.permutation(rows.shape[1])[:96]
    met = rng.random(96) < share
    ratios = np.where(
        met,
        rows[rng.integers(len(rows), size=96), order],
        base[rng.integers(len(base), size=96), order],
    )
    says, at, _ = stop(read((ratios / recorded.floor(width)).tolist()))
    return says, at


def at_the_margin(name: str, seed: int) -> Row:
    """Distances of a changed endpoint, scaled until their clipped mean is the margin."""
    rng = np.random.default_rng([seed, 2])
    rows = recorded.distances(name).mean(0) / recorded.floor() * _scale(name)
    says, at, _ = stop(read(rng.choice(rows, 96).tolist()))
    return says, at


@cache
def _scale(name: str) -> float:
    rows = recorded.distances(name).mean(0) / recorded.floor()
    low, high = 0.01, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if np.minimum(rows * middle, 3).mean() < 1.5 else (low, middle)
    return low


@cache
def a_world(n: int) -> World:
    return world(100 + n)


@cache
def a_baseline(n: int) -> Endpoint:
    return endpoint(a_world(n), "a", 1)


@cache
def _simulated_distances(change: float, n: int) -> np.ndarray:
    """Of one world in twenty, sets x prompts; in floors."""
    from conformance.parity.lists import sigma

    a, b = a_baseline(n), endpoint(a_world(n), "b", 50 + n, change=change)
    known = [[ranked_list(row, 20) for row in one] for one in a.logits]
    said = [[ranked_list(row, 20) for row in one] for one in b.logits]
    pairs = [(0, 1), (0, 2), (1, 3), (2, 3)]
    floor = np.mean(
        [sigma(x, y) for i, j in pairs for x, y in zip(known[i], known[j], strict=True)]
    )
    return (
        np.array(
            [
                [np.mean([sigma(top, each[p]) for each in known]) for p, top in enumerate(one)]
                for one in said
            ]
        )
        / floor
    )


def simulated_first_tokens(change: float, seed: int) -> Row:
    rng = np.random.default_rng([seed, 3])
    rows = _simulated_distances(change, seed % 20)
    order = rng.permutation(rows.shape[1])[:96]
    says, at, _ = stop(read(rows[rng.integers(len(rows), size=96), order].tolist()))
    return says, at


# ---- stages 2 and 2b: short answers


def chosen(prompts: Sequence[str], mid: int, high: int) -> list[str]:
    return [p for p in prompts if p.startswith("mid")][:mid] + [
        p for p in prompts if p.startswith("high")
    ][:high]


def collected(
    of: Chances, which: Sequence[str], each: int, rng: np.random.Generator
) -> dict[str, tuple[str, ...]]:
    asks = [Ask(stage=StageName.SAMPLED, prompt=p, order=n) for p in which for n in range(each)]
    return pooled(of.reply(asks, rng))


def finished(stage: Stage, reply: Reply, rng: np.random.Generator) -> Decision:
    seen: list[Answer] = []
    step = stage.next(seen)
    while step.asks:
        seen += reply(step.asks, rng)
        step = stage.next(seen)
    return step.decision


def short_answers(a: Chances, b: Chances, seed: int) -> Row:
    rng = np.random.default_rng([seed, 4])
    known = collected(a, chosen(a.prompts, 16, 4), POOL, rng)
    decision = finished(Sampled(known, seed), b.reply, rng)
    return decision.says, decision.tokens


def tail_answers(a: Chances, b: Chances, seed: int) -> Row:
    rng = np.random.default_rng([seed, 5])
    known = collected(a, chosen(a.prompts, 20, 0), Extent().tail_pool, rng)
    decision = finished(Sampled(known, seed, TAIL), b.reply, rng)
    return decision.says, decision.tokens


def recorded_short(name: str, seed: int) -> Row:
    return short_answers(recorded.chances("ref"), recorded.chances(name), seed)


def recorded_layer(name: str, seed: int) -> Row:
    """Where text alone puts the difference; `none` where it can't tell."""
    rng = np.random.default_rng([seed, 14])
    a = recorded.chances("ref")
    known = collected(a, chosen(a.prompts, 16, 4), POOL, rng)
    decision = finished(Sampled(known, seed), recorded.chances(name).reply, rng)
    return (decision.layer.name.lower() if decision.layer else "none"), decision.tokens


def recorded_tail(name: str, seed: int) -> Row:
    return tail_answers(recorded.chances("ref").spread(), _tail(name), seed)


@cache
def _tail(name: str) -> Chances:
    if name in recorded.BENIGN:
        return recorded.chances(name).spread()
    return recorded.chances("b-tp").spread().forced(recorded.FORCED[name])


def simulated_short(change: float, seed: int) -> Row:
    n = seed % 20
    return short_answers(recorded.of(a_baseline(n)), _quick(change, n), seed)


def simulated_cold(temperature: float, seed: int) -> Row:
    n = seed % 20
    other = endpoint(a_world(n), "b", 50 + n, sampler=Sampler(temperature))
    return short_answers(recorded.of(a_baseline(n)), recorded.of(other), seed)


@cache
def _quick(change: float, n: int) -> Chances:
    return recorded.of(endpoint(a_world(n), "b", 50 + n, change=change))


def short_margin(name: str, seed: int) -> Row:
    """960 answers of an endpoint exactly at D2 = MARGIN: `same-coarse` is wrong."""
    rng = np.random.default_rng([seed, 6])
    a, b = recorded.chances("ref"), _mixed(name)
    which = chosen(a.prompts, 16, 4)
    apart = distance(tables(collected(a, which, POOL, rng), collected(b, which, 48, rng)))
    return (Says.SAME_COARSE if apart.below(ERRORS) < MARGIN else Says.INCONCLUSIVE), 960


@cache
def _mixed(name: str) -> Chances:
    """The reference moved towards another endpoint until the chosen prompts' D2 is the margin."""
    a, b = recorded.chances("ref"), recorded.chances(name)
    rows = [a.prompts.index(p) for p in chosen(a.prompts, 16, 4)]
    one, other = a.table.mean(0), b.table.mean(0)
    apart = ((one - other)[rows] ** 2).sum(-1).mean()
    return Chances(a.prompts, (one + math.sqrt(MARGIN / apart) * (other - one))[None])


# ---- stage 2b: honoured


def honoured(change: float, forced: str, blind: str, seed: int) -> Row:
    """What is said of each parameter, joined; the tokens of all."""
    n, rng = seed % 20, np.random.default_rng([seed, 7])
    b = dataclasses.replace(
        endpoint(a_world(n), "b", 50 + n, change=change), forced=forced == "deaf"
    )
    prompts = chosen(b.prompts, 0, 10)
    ask = partial(Ask, stage=StageName.LOGPROBS, order=0, settings=Settings(top_logprobs=20))
    known = (
        {}
        if blind == "blind"
        else known_from({p: [b.answer(ask(prompt=p), rng) for _ in range(4)] for p in prompts})
    )
    stage = Honoured(parameters(top_k=True, blind=blind == "blind"), tuple(prompts), known)
    decision = finished(stage, lambda asks, r: [b.answer(each, r) for each in asks], rng)
    return "/".join(sorted({row[1] for row in decision.table})), decision.tokens


def penalties(about: str, seed: int) -> Row:
    """What is said of both penalties, joined. `about`: what the candidate makes of them."""
    n, rng = seed % 20, np.random.default_rng([seed, 17])
    b = endpoint(a_world(n), "b", 50 + n, change=1.3 if about == "int4" else 0.0)
    b = dataclasses.replace(
        b,
        deaf=about == "deaf",
        shown=about == "shown by the lists",
        sampler=Sampler(0.7) if about == "T 0.7" else b.sampler,
        penalty=0.5 if about == "a penalty of its own" else 0.0,
    )
    prompts = tuple(chosen(b.prompts, 0, 8))
    settings = Settings(max_tokens=TOKENS, top_logprobs=20)
    stage = Penalised(prompts, settings)
    seen, step = [], stage.next([])
    while step.asks:
        seen += [b.answer(each, rng) for each in step.asks]
        step = stage.next(seen)
    left = [name for name, said in stage.said(seen).items() if said == "ignored"]
    heard = [b.answer(each, rng) for each in stage.greedy(left)] if left else []
    stage = dataclasses.replace(stage, lists={each: weighed(each, heard) for each in left})
    tokens = sum(each.tokens for each in (*seen, *heard))
    return "/".join(sorted({row[1] for row in stage.judge(seen).table})), tokens


# ---- stage 3


def long_answers(about: str, width: int, seed: int) -> Row:
    """`about`: same, penalty 1.0 (about a repetition penalty of 1.1), a sampler of FORCED."""
    n, rng = seed % 20, np.random.default_rng([seed, 8])
    a = a_baseline(n)
    prompts = chosen(a.prompts, 0, 8)
    sampler = recorded.FORCED.get(about, a.sampler)
    b = endpoint(a_world(n), "b", 50 + n, sampler=sampler)
    b = dataclasses.replace(
        b, penalty=float(about.split()[1]) if about.startswith("penalty") else 0.0
    )
    known = {p: _kept_long(a, p, width, rng) for p in prompts}
    decision = finished(
        Long(known, seed, width or None), lambda asks, r: [b.answer(each, r) for each in asks], rng
    )
    return decision.says, decision.tokens


def recorded_long(name: str, seed: int) -> Row:
    """Recorded answers in random order; `ref` against itself by halves.

    Those of one recording are one draw, however often they are put in another order: `anew` divides
    both recordings of the reference into pool and candidate again in each audit.
    """
    rng, told = np.random.default_rng([seed, 13]), recorded.long()
    if name == "anew":
        told = {"ref": {p: rows + told["again"][p] for p, rows in told["ref"].items()}}

    def answers(which: str, prompt: str, part: slice) -> list[Answer]:
        rows = told[which][prompt]
        return [
            Answer(
                ask=Ask(stage=StageName.LONG, prompt=prompt, order=n),
                text=rows[row][0],
                finish=rows[row][1],
                completion_tokens=rows[row][2],
            )
            for n, row in enumerate(order[which, prompt][part])
        ]

    order = {(w, p): rng.permutation(len(rows)) for w, by in told.items() for p, rows in by.items()}
    ours, theirs = {
        "ref": (slice(12), slice(12, 24)),
        "anew": (slice(24), slice(24, 36)),
    }.get(name, (slice(24), slice(12)))
    known = {p: answers("ref", p, ours) for p in told["ref"]}
    said = {p: answers(name if name in told else "ref", p, theirs) for p in told["ref"]}

    def reply(asks: Sequence[Ask], _: np.random.Generator) -> list[Answer]:
        return [dataclasses.replace(said[a.prompt][a.order // len(known)], ask=a) for a in asks]

    decision = finished(Long(known, seed), reply, rng)
    return decision.says, decision.tokens


def _kept_long(a: Endpoint, prompt: str, width: int, rng: np.random.Generator) -> list[Answer]:
    """A pool of this audit's own: one that audits shared would make their errors one error."""
    settings = Settings(max_tokens=TOKENS, top_logprobs=width or None)
    asks = [Ask(stage=StageName.LONG, prompt=prompt, order=k, settings=settings) for k in range(16)]
    return [a.answer(each, rng) for each in asks]


# ---- stage 4 and drift


def tasks_at_the_margin(discordance: float, seed: int) -> Row:
    """Two in three discordant items got worse; the margin is the true loss: `same` is wrong."""
    rng = np.random.default_rng([seed, 10])
    margin, turned = discordance / 3, rng.random(600)
    gaps = np.where(turned < discordance * 2 / 3, -1.0, np.where(turned < discordance, 1.0, 0.0))
    pairs = [
        Paired(item=f"{k}", order=k, baseline=float(g < 0), candidate=float(g > 0))
        for k, g in enumerate(gaps)
    ]
    return (Says.SAME if compare(pairs).difference.low > -margin else Says.INCONCLUSIVE), 600


def nights_of_logprobs(name: str, quiet: int, seed: int) -> Row:
    """`quiet` nights of b-tp's distances (the worst benign one), then two of `name`."""
    rng = np.random.default_rng([seed, 11])

    def night(which: str) -> list[float]:
        rows = recorded.distances(which) / recorded.floor()
        drawn = rng.permutation(rows.shape[1])[:LEAST_AGAIN]
        return [float(rows[rng.integers(len(rows)), p]) for p in drawn]

    nights = [night("b-tp") for _ in range(quiet)] + [
        night(name) for _ in range(2 if name != "b-tp" else 0)
    ]
    return by_logprobs(nights).says, LEAST_AGAIN * len(nights)


def nights_of_texts(name: str, quiet: int, seed: int) -> Row:
    rng = np.random.default_rng([seed, 12])
    a = recorded.chances("ref")
    which = chosen(a.prompts, 16, 4)
    pool = collected(a, which, len(POOLED), rng)
    nights = [collected(a, which, EACH, rng) for _ in range(quiet)]
    nights += [
        collected(recorded.chances(name), which, EACH, rng) for _ in range(2 if name != "ref" else 0)
    ]
    return by_texts(pool, nights, seed).says, len(which) * EACH * len(nights)


def quiet_month(seed: int) -> Row:
    return nights_of_logprobs("b-tp", NIGHTS, seed)
