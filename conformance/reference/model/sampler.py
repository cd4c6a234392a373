"""A model of numbers in place of rules: it says words at chance, from a distribution that is known.

For output parity. Each context has logits of its own: those of its weights (the last user message
and the word before), what everything else in the prompt adds, and the little that numerics add to
each request. Log probabilities are those before temperature and penalties. Equal requests draw anew,
as the name of the exchange has it; the logits of a context never change.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from itertools import product

from conformance.reference.answer import Choice, Completion, Likely
from conformance.reference.ask import Ask
from conformance.reference.model import sampling

SAMPLER = "-sampler"
"""How the id of a model ends that samples."""
END = "<|end|>"
WORDS = tuple(f" {a}{b}{c}" for a, b, c in product("bdglmnprsv", "aeiou", "lnrs"))
"""Each is one token."""
_SHARPEST, _FLATTEST = 4.0, 0.6
_RENDERED = 0.9
"""How far the rest of the prompt moves a logit."""
_NUMERICS = 0.05
"""How far two requests to one machine are apart."""
_ENDING = 4.0
"""Nats by which the end is less likely than all words together."""
_MOST = 512
"""Tokens of an answer that nobody caps."""
_GREEDY = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """What stands behind the endpoint, besides what a request may ask for."""

    noise: float = 0.0
    """How far its weights are from the original ones, in logits."""
    weights: str = ""
    """Which other weights those are."""
    min_p: float = 0.0
    """Tokens less likely than that share of the likeliest are never said."""
    cached: bool = False
    """Equal requests get equal answers."""


def samples(ask: Ask) -> bool:
    """Is this for the model that samples? What has to call tools or be JSON is for the rules."""
    return ask.model.endswith(SAMPLER) and not ask.tools and ask.shape.kind == "text"


def sampled(ask: Ask, build: Build, *, name: str, created: int) -> Completion:
    """Answer a request; equal names, equal answers."""
    drawn = _key(repr(replace(ask, seed=None))) if build.cached else name
    choices = tuple(_choice(ask, build, index, f"{drawn}:{index}") for index in range(ask.n))
    return Completion(id=f"chatcmpl-{name}", created=created, ask=ask, choices=choices)


def _choice(ask: Ask, build: Build, index: int, name: str) -> Choice:
    chance = random.Random(name if ask.seed is None else f"{ask.seed}:{index}")  # noqa: S311 - no secret
    said: list[str] = []
    likely: list[Likely] = []
    cap = min(ask.cap or _MOST, _MOST)
    while len(said) < cap:
        logits = _logits(ask, build, said, f"{name}:{len(said)}")
        token = _drawn(ask, build, logits, said, chance)
        if token == END:
            break
        said.append(token)
        likely.append(_told(logits, token, ask.top_logprobs))
        if any(stop in "".join(said) for stop in ask.stop):
            said.pop()
            break
    finish = "length" if len(said) == cap else "stop"
    return Choice(
        index=index,
        text="".join(said),
        tokens=tuple(said),
        calls=(),
        finish=finish,
        spent=max(1, len(said)),
        likely=tuple(likely[: len(said)]),
    )


def _logits(ask: Ask, build: Build, said: Sequence[str], exchange: str) -> dict[str, float]:
    """Of every token here, before anything that a request may ask for."""
    users = [each.text for each in ask.messages if each.role == "user"] or [ask.messages[-1].text]
    before = said[-1] if said else ""
    asked = f"{users[-1]}|{before}"
    rendered = "|".join(f"{each.role}:{each.text}" for each in ask.messages)
    sharpness = random.Random(_key(asked)).uniform(_FLATTEST, _SHARPEST)  # noqa: S311 - no secret
    parts = (
        (sharpness, _of_context(f"weights|{asked}")),
        (_RENDERED, _of_context(f"rendered|{rendered}|{before}")),
        (build.noise, _of_context(f"{build.weights}|{asked}") if build.noise else ()),
        (_NUMERICS, _normal(exchange)),
    )
    sums = [0.0] * len(WORDS)
    for size, drawn in parts:
        if size:
            sums = [total + size * one for total, one in zip(sums, drawn, strict=True)]
    logits = dict(zip(WORDS, sums, strict=True))
    if said:
        logits[END] = _log_sum(sums) - _ENDING
    return logits


def _normal(key: str) -> tuple[float, ...]:
    """One number for each word, the same for the same key."""
    gauss = random.Random(_key(key)).gauss  # noqa: S311 - no secret
    return tuple(gauss(0.0, 1.0) for _ in WORDS)


_of_context = lru_cache(maxsize=2048)(_normal)
"""Contexts come again and again; numerics never do."""


def _drawn(
    ask: Ask, build: Build, logits: dict[str, float], said: Sequence[str], chance: random.Random
) -> str:
    """One token as the request's sampler draws it: penalties, temperature, then what is kept."""
    turned = dict(logits)
    if ask.logit_bias:
        for token in turned:
            turned[token] += ask.logit_bias.get(sampling.number(token), 0.0)
    for token, times in Counter(said).items():
        turned[token] -= ask.presence_penalty + ask.frequency_penalty * times
        value = turned[token]
        turned[token] = (
            value / ask.repetition_penalty if value > 0 else value * ask.repetition_penalty
        )
    ranked = sorted(turned, key=lambda token: -turned[token])
    if ask.temperature < _GREEDY:
        return ranked[0]
    best = turned[ranked[0]]
    weights = [math.exp((turned[token] - best) / ask.temperature) for token in ranked]
    kept = _kept(weights, ask.top_p, ask.top_k or len(ranked), build.min_p)
    return chance.choices(ranked[:kept], weights[:kept])[0]


def _kept(weights: Sequence[float], top_p: float, top_k: int, min_p: float) -> int:
    """How many of the likeliest tokens are left, at least one."""
    total, before = sum(weights), 0.0
    for number, weight in enumerate(weights):
        if number and (number >= top_k or before > top_p * total or weight < min_p * weights[0]):
            return number
        before += weight
    return len(weights)


def _told(logits: dict[str, float], token: str, width: int) -> Likely:
    """What is reported of a token and of those in its place."""
    whole = _log_sum(list(logits.values()))
    best = sorted(logits, key=lambda each: -logits[each])[:width]
    return Likely(logits[token] - whole, tuple((each, logits[each] - whole) for each in best))


def _log_sum(values: Sequence[float]) -> float:
    best = max(values)
    return best + math.log(sum(math.exp(each - best) for each in values))


def _key(text: str) -> str:
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()
