"""Endpoints of benchmarks/parity.py: recorded ones, and quick draws from simulated ones.

`parity_recorded.npz` holds first tokens of SmolLM2-135M-Instruct (Apache-2.0) at 100 short prompts,
computed on a CPU with emulated 16-bit arithmetic: the same weights in several reduction orders and
dtypes (ref, b-tp, b-fp16, b-fp32), and changed ones. Of each set: the 20 likeliest tokens with
logprobs (1/1000 nat), and the chances of the reference's 96 likeliest tokens and of the rest
(1/65535). Sampler variants have chances only: their logprobs are the reference's. `long` holds
sampled answers of 48 tokens to six prompts, 24 of the reference and 12 of each forced sampler.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from conformance.parity.lists import sigma
from conformance.parity.model import Answer, Ask, Ranked
from conformance.parity.simulated import Endpoint
from conformance.parity.tilts import Sampler

RECORDED = Path(__file__).parent / "parity_recorded.npz"
BENIGN = ("ref", "b-tp", "b-fp16", "b-fp32")
FORCED = {
    "T0.9": Sampler(temperature=0.9),
    "T0.7": Sampler(temperature=0.7),
    "topp.95": Sampler(top_p=0.95),
    "topp.9": Sampler(top_p=0.9),
    "minp.1": Sampler(min_p=0.1),
    "minp.05": Sampler(min_p=0.05),
}


@dataclass(frozen=True)
class Chances:
    """Where first tokens are drawn from: sets x prompts x tokens."""

    prompts: tuple[str, ...]
    table: np.ndarray

    def reply(self, asks: Sequence[Ask], rng: np.random.Generator) -> list[Answer]:
        """One token each."""
        where = {prompt: n for n, prompt in enumerate(self.prompts)}
        rows = np.array([where[each.prompt] for each in asks], dtype=int)
        chosen = rng.integers(len(self.table), size=len(asks))
        sums = np.cumsum(self.table[chosen, rows], axis=-1)
        tokens = (rng.random((len(asks), 1)) * sums[:, -1:] > sums).sum(-1)
        return [
            Answer(ask=ask, text=f"t{token}", completion_tokens=1)
            for ask, token in zip(asks, tokens, strict=True)
        ]

    def spread(self, among: int = 400) -> Chances:
        """The last column, all the rest, as many tokens: a tail that can be cut."""
        rest = np.repeat(self.table[..., -1:] / among, among, axis=-1)
        return Chances(self.prompts, np.concatenate([self.table[..., :-1], rest], axis=-1))

    def forced(self, sampler: Sampler) -> Chances:
        logs = np.log(np.maximum(self.table, 1e-12))
        return Chances(self.prompts, np.apply_along_axis(sampler, -1, logs))


@cache
def data() -> Mapping[str, np.ndarray]:
    with np.load(RECORDED) as file:
        return {name: file[name] for name in file.files}


def names() -> list[str]:
    return [name.removesuffix(".p") for name in data() if name.endswith(".p")]


def prompts() -> tuple[str, ...]:
    return tuple(f"{group}-{n}" for n, group in enumerate(data()["group"]))


@cache
def chances(name: str) -> Chances:
    """A recorded endpoint; a sampler that was not recorded is laid over the reference."""
    if f"{name}.p" in data():
        table = data()[f"{name}.p"].astype(float)
        return Chances(prompts(), table / table.sum(-1, keepdims=True))
    return chances("b-tp").forced(FORCED[name])


@cache
def lists(name: str) -> list[list[tuple[Ranked, ...]]]:
    """Of each set and prompt, the 20 likeliest tokens."""
    ids, logs = data()[f"{name}.ids"], data()[f"{name}.lp"] / -1000.0
    return [
        [
            tuple(Ranked(b"t%d" % i, float(x)) for i, x in zip(row, log, strict=True))
            for row, log in zip(one, lps, strict=True)
        ]
        for one, lps in zip(ids, logs, strict=True)
    ]


@cache
def distances(name: str, width: int = 20) -> np.ndarray:
    """Sets x prompts: a request's mean distance to four cached ones of the reference.

    The reference against itself: to the other three.
    """
    known = lists("ref")
    return np.array(
        [
            [
                np.mean(
                    [
                        sigma(top[:width], known[c][p][:width])
                        for c in range(len(known))
                        if name != "ref" or c != s
                    ]
                )
                for p, top in enumerate(one)
            ]
            for s, one in enumerate(lists(name))
        ]
    )


def floor(width: int = 20) -> float:
    return float(distances("ref", width).mean())


@cache
def long() -> dict[str, dict[str, list[tuple[str, str, int]]]]:
    """Long answers by sampler and prompt: text, finish reason, tokens."""
    found: dict[str, dict[str, list[tuple[str, str, int]]]] = json.loads(data()["long"].tobytes())
    return found


def of(endpoint: Endpoint) -> Chances:
    """Quick draws of a simulated endpoint's first tokens, as it samples by default."""
    table = np.apply_along_axis(endpoint.sampler, -1, endpoint.logits)
    return Chances(endpoint.prompts, table)
