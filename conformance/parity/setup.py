"""What an audit is told before it begins; with the answers it makes the same audit again."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.parity.model import StageName

USUAL = (
    StageName.RENDERING,
    StageName.LOGPROBS,
    StageName.SAMPLED,
    StageName.SAMPLER,
    StageName.LONG,
)
TAIL = "tail"  # of stage 2b: as dear as all the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much is asked of the baseline, which is kept, and of the candidate, each time."""

    first_tokens: int = 96  # prompts at stage 1, at most
    repeats: int = 4  # the baseline's answers to each
    floor_from: int = 32  # prompts by which the floor is measured, before the candidate is asked
    pilot: int = 400  # prompts of which border prompts are chosen, where there are logprobs
    blind_pilot: int = 100  # ... where there are none
    pool: int = 64  # the baseline's answers to each border prompt
    blind_pool: int = 192  # ... where there are no logprobs: text alone certifies with so many
    tail_pool: int = 256  # ... to prompts with many answers
    long: int = 8  # prompts with long answers, 16 each
    greedy: int = 24  # prompts at temperature 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """All that is chosen before anything is asked. It stands in the record."""

    seed: int
    stages: frozenset[str]
    candidates: tuple[str, ...]  # ids of short prompts
    own: tuple[str, ...] = ()  # those of the user's among them: always asked
    fresh: tuple[str, ...] = ()  # new ones, where the baseline can be asked
    probes: tuple[str, ...] = ()
    long: tuple[str, ...] = ()  # drawn for this audit; the first of them are sampled, too
    replica: bool = False
    recorded: bool = False  # the baseline is not asked: all that it said is kept
    floor: float | None = None  # configured, of the model or its family
    margin: float = 0.03  # of stage 4: by how much fewer tasks may be passed
    profile: str = ""  # whose margin that is
    go_on: bool = False  # past the first stage that says different
    nights: tuple[
        tuple[str, ...], ...
    ] = ()  # prompts that a kept baseline was asked again, by night
    pooled: tuple[tuple[str, int], ...] = ()  # prompts with many kept short answers, and how many
    text_nights: tuple[
        tuple[str, ...], ...
    ] = ()  # such prompts that were asked again where there were no logprobs, by night
    since: str = ""  # when what is kept of the baseline was begun; empty: nothing is kept
    extent: Extent = Extent()

    @property
    def alone(self) -> bool:
        """The baseline is held against its own past, and nobody else is asked."""
        return StageName.DRIFT in self.stages
