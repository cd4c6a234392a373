"""What is asked, what was said, and what follows from it. Values only: nothing here computes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol


class StageName(StrEnum):
    """The stages of an audit, cheapest first."""

    RENDERING = "0"
    LOGPROBS = "1"
    SEMANTICS = "1b"
    SAMPLED = "2"
    SAMPLER = "2b"
    LONG = "3"
    TASKS = "4"
    DRIFT = "drift"


class Says(StrEnum):
    """What a stage, or the whole audit, answers."""

    SAME = "same"
    SAME_COARSE = "same-coarse"
    DIFFERENT = "different"
    INCONCLUSIVE = "inconclusive"


class Layer(StrEnum):
    """Where a difference most likely sits."""

    RENDERING = "rendering"
    SAMPLER = "sampler"
    WEIGHTS = "weights or numerics"
    LENGTH = "length or stop handling"
    FLEET = "fleet of mixed builds"


Neutral = tuple[tuple[str, float], ...]
"""Parameters beyond the standard's, each at the value with which it does nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a prompt is asked. What is None is not sent."""

    max_tokens: int = 1
    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int | None = None
    top_logprobs: int | None = None  # None: no logprobs
    neutral: Neutral = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request that a plan wants made. `order` is its place in the plan of its stage."""

    stage: StageName
    prompt: str  # the prompt's id
    order: int
    settings: Settings = Settings()
    salt: str = ""  # goes before the prompt, where an endpoint answers from a cache


@dataclass(frozen=True, slots=True)
class Ranked:
    """A token that might have come, and how likely it was said to be."""

    token: bytes
    logprob: float


@dataclass(frozen=True, slots=True)
class Position:
    """A token that came, its logprob, and the likeliest tokens in its place, best first."""

    token: bytes
    logprob: float
    top: tuple[Ranked, ...]


class Build(NamedTuple):
    """Who says that it answered, in the response's own words. What it doesn't say is empty."""

    model: str = ""  # `model`, as echoed
    fingerprint: str = ""  # `system_fingerprint`
    provider: str = ""  # `provider`: to whom a router says that it passed the request

    def __str__(self) -> str:
        """Only what it says: `model m, fingerprint fp_1`."""
        said = zip(self._fields, self, strict=True)
        return ", ".join(f"{name} {value}" for name, value in said if value) or "unnamed"


NOBODY = Build()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an endpoint said to one ask. With `trouble` (an error, a refusal) it is no witness."""

    ask: Ask
    text: str = ""
    positions: tuple[Position, ...] = ()  # empty: no logprobs came
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    finish: str | None = None
    build: Build = NOBODY
    at: float | None = None  # when it was asked, in seconds since the run began
    calls: tuple[tuple[str, str], ...] = ()  # name and arguments of each call of a tool
    refused: bool = False
    thoughts: str = ""  # what was thought aloud before it; long answers have it in their text, too
    unseen: bool = False  # thoughts were counted, and not shown
    trouble: str = ""

    @property
    def tokens(self) -> int:
        """Output tokens, as billed or else as counted; what says neither cost at least one."""
        return self.completion_tokens or len(self.positions) or 1


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with the ends of its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a stage answers, and all that a reader needs to weigh it."""

    stage: StageName
    says: Says
    why: str  # one sentence, for a person
    layer: Layer | None = None
    detail: str = ""  # within the layer: which parameter, which size
    ratio: Estimate | None = None  # in units of the noise floor, or of the stage's own margin
    requests: int = 0
    tokens: int = 0  # output tokens spent on the candidate
    needed: int | None = None  # output tokens still needed to decide, as far as can be told
    found: tuple[str, ...] = ()  # what would have been found with 95 %
    missed: tuple[str, ...] = ()  # what would not
    level: float = 0.0  # the chance of a wrong `different` that this stage may spend
    troubled: int = 0  # answers that were no witnesses
    notices: tuple[str, ...] = ()  # why nothing can be decided this way, however much is asked
    remarks: tuple[str, ...] = ()  # what was seen besides
    defaults: str = ""  # a default of a sampler that makes answers differ, until it is switched off
    table: tuple[tuple[str, ...], ...] = ()  # rows for the report: what was tried, what was seen
    path: tuple[float, ...] = ()  # log wealth of the bet: for the report
    p_values: tuple[float, ...] = ()  # at each look, or of each night; past the level not exact
    ratios: tuple[Estimate, ...] = ()  # as `ratio`, at each look


@dataclass(frozen=True, slots=True)
class Step:
    """What to ask next, and what is known so far. Nothing to ask: the stage is finished."""

    asks: tuple[Ask, ...]
    decision: Decision

    @property
    def finished(self) -> bool:
        return not self.asks


class Stage(Protocol):
    """A plan and its judge, closed over what the baseline said; the same answers, the same step."""

    def next(self, seen: Sequence[Answer]) -> Step:
        """What follows from the answers so far, in whatever order they came."""
        ...
