"""Endpoints that never were: distributions of first tokens with differences that are known.

For the self-test and the benchmark. A world has prompts with a baseline's logits; an endpoint has
a few sets of them (the reduction orders that its requests meet, one drawn for each request), and a
sampler. Chance comes from generators that are passed in.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from conformance.parity.model import Answer, Ask, Position, Ranked
from conformance.parity.pools import Floats
from conformance.parity.tilts import PLAIN, Sampler, softmax

TOKENS = 200
NUMERICS = 0.073  # logits of one build on two machines: sigma of 0.07 between two requests
_GROUPS = {"mid": (0.25, 0.55), "high": (0.02, 0.08), "low": (0.6, 0.95)}


@dataclass(frozen=True, slots=True)
class World:
    """Prompts, the group each belongs to, and the logits of the weights behind the baseline."""

    prompts: tuple[str, ...]
    groups: tuple[str, ...]
    logits: Floats  # prompts x tokens


def world(seed: int, mid: int = 40, high: int = 40, low: int = 20) -> World:
    """Prompts of three groups, by how often two answers agree; Zipf-like, disturbed."""
    rng = np.random.default_rng(seed)
    groups = ["mid"] * mid + ["high"] * high + ["low"] * low
    rows = [_with_collision(rng, *_GROUPS[group]) for group in groups]
    names = tuple(f"{group}-{n}" for n, group in enumerate(groups))
    return World(names, tuple(groups), np.array(rows))


def _with_collision(rng: np.random.Generator, low: float, high: float) -> Floats:
    """Logits with sum p^2 at a value drawn between two, by a temperature found by bisection."""
    shape = -np.log(np.arange(1, TOKENS + 1)) + rng.normal(0, 0.4, TOKENS)
    goal, least, most = rng.uniform(low, high), 0.05, 20.0
    for _ in range(40):
        middle = math.sqrt(least * most)
        least, most = (
            (middle, most) if (softmax(shape * middle) ** 2).sum() < goal else (least, middle)
        )
    placed: Floats = np.empty(TOKENS)
    placed[rng.permutation(TOKENS)] = shape * least
    return placed


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Sets of logits, one of which each request meets, and the sampler behind them."""

    name: str
    prompts: tuple[str, ...]
    logits: Floats  # sets x prompts x tokens
    sampler: Sampler = PLAIN
    forced: bool = False  # whatever was asked
    penalty: float = 0.0  # nats that a token loses once it has come, whatever was asked
    deaf: bool = False  # to penalties that are asked for
    shown: bool = False  # its lists are those after penalties

    def sampler_of(self, ask: Ask) -> Sampler:
        """What stands behind the answer to this ask."""
        asked = ask.settings
        if self.forced:
            return self.sampler
        told = dict(asked.neutral)
        return Sampler(
            asked.temperature * self.sampler.temperature,
            min(asked.top_p, self.sampler.top_p),
            asked.top_k or (0 if "top_k" in told else self.sampler.top_k),
            told.get("min_p", self.sampler.min_p),
        )

    def answer(self, ask: Ask, rng: np.random.Generator) -> Answer:
        """As many tokens as were asked for, with lists where logprobs are (before the sampler).

        What follows a token depends on that token alone: its number names the row.
        """
        logits, sampler = self.logits[rng.integers(len(self.logits))], self.sampler_of(ask)
        row, said, positions = self.prompts.index(ask.prompt), list[int](), list[Position]()
        asked = {} if self.deaf else dict(ask.settings.neutral)
        once = self.penalty + asked.get("presence_penalty", 0.0)
        for _ in range(ask.settings.max_tokens):
            times = np.bincount(said, minlength=logits.shape[-1])
            lost = once * (times > 0) + asked.get("frequency_penalty", 0.0) * times
            token = int(rng.choice(len(lost), p=sampler(logits[row] - lost)))
            if ask.settings.top_logprobs:
                listed = logits[row] - lost * self.shown
                top = ranked_list(listed, ask.settings.top_logprobs)
                logprob = float(np.log(softmax(listed)[token]))
                positions.append(Position(f"t{token}".encode(), logprob, top))
            said.append(token)
            row = token % len(logits)
        return Answer(
            ask=ask,
            text=" ".join(f"t{token}" for token in said),
            positions=tuple(positions),
            completion_tokens=len(said),
            finish="length",
        )


def endpoint(
    of: World,
    name: str,
    seed: int,
    *,
    change: float = 0.0,
    numerics: float = NUMERICS,
    sets: int = 4,
    sampler: Sampler = PLAIN,
) -> Endpoint:
    """An endpoint whose logits differ by `change`, unevenly over prompts, and by numerics."""
    rng = np.random.default_rng([seed, 7])
    uneven = np.exp(rng.normal(-0.06, 0.35, (len(of.prompts), 1)))
    changed = of.logits + change * uneven * rng.normal(0, 1, of.logits.shape)
    noise = numerics * rng.normal(0, 1, (sets, *of.logits.shape))
    return Endpoint(name, of.prompts, changed[None] + noise, sampler)


def fleet(name: str, parts: Sequence[tuple[Endpoint, int]]) -> Endpoint:
    """A router over builds, each as often as its weight says."""
    logits = np.concatenate([each.logits[np.arange(n) % len(each.logits)] for each, n in parts])
    return Endpoint(name, parts[0][0].prompts, logits, parts[0][0].sampler)


def ranked_list(logits: Floats, width: int) -> tuple[Ranked, ...]:
    """The likeliest tokens as an endpoint reports them."""
    logs = logits - logits.max()
    logs = logs - np.log(np.exp(logs).sum())
    return tuple(Ranked(f"t{n}".encode(), float(logs[n])) for n in np.argsort(-logs)[:width])
