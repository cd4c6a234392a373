"""Border prompts as a part of an audit: chosen from the baseline alone, with and without logprobs."""

from __future__ import annotations

from dataclasses import dataclass, field

from conformance.parity import choice
from conformance.parity.choice import FRESH, PILOT, drawn
from conformance.parity.first import lists_of
from conformance.parity.lists import first
from conformance.parity.model import Answer, Settings, StageName
from conformance.parity.pools import pooled
from conformance.parity.setup import Setup
from conformance.parity.turns import Asking, Side, hear, repeated, turns

LOOSE = 10  # prompts with many answers, by which a parameter is tried
_TAIL = 20  # prompts by which a tail that is cut is sought


@dataclass(frozen=True, slots=True)
class Border:
    """Prompts whose answers vary among a few (`prompts`), and among many (`loose`, the most first).

    A tail that is cut shows where few answers are rare but those of the tail: at prompts whose
    answers vary among a few (`tail`), and among many only where there are too few of those.
    """

    prompts: tuple[str, ...]
    loose: tuple[str, ...]
    tail: tuple[str, ...] = ()
    kept: dict[str, list[Answer]] = field(default_factory=dict)  # lists that chose them


def border(setup: Setup, width: int, cached: dict[str, list[Answer]]) -> Asking[Border]:
    """The border prompts of this baseline; `cached`: what it said at stage 1."""
    if width:
        return (yield from _by_lists(setup, width, cached))
    return (yield from _by_texts(setup))


def _by_lists(setup: Setup, width: int, cached: dict[str, list[Answer]]) -> Asking[Border]:
    pilot = drawn(setup.candidates, setup.seed + 1, setup.extent.pilot)
    told = yield from lists_of(setup, width, [each for each in pilot if each not in cached])
    lists = {
        prompt: [first(each) for each in answers if first(each)]
        for prompt, answers in {**told, **cached}.items()
    }
    lists = {prompt: each for prompt, each in sorted(lists.items()) if each}
    found = choice.chosen_by_lists(lists)
    most = choice.chosen_by_lists(lists, mid=_TAIL, high=_TAIL)
    return Border(found.prompts, most.high, most.prompts[:_TAIL], told)


def _by_texts(setup: Setup) -> Asking[Border]:
    """A few answers of many, then fresh ones of those kept; never the ones that kept them."""
    pilot = drawn(setup.candidates, setup.seed + 1, setup.extent.blind_pilot)
    few = yield from _sampled(pilot, range(PILOT))
    fresh = yield from _sampled(choice.kept(few), range(PILOT, PILOT + FRESH))
    found = choice.chosen(few, fresh)
    most = choice.chosen(few, fresh, mid=_TAIL, high=_TAIL)
    return Border(found.prompts, most.high, most.prompts[:_TAIL])


def _sampled(prompts: tuple[str, ...], times: range) -> Asking[dict[str, tuple[str, ...]]]:
    asks = repeated(StageName.SAMPLED, prompts, Settings(), times)
    return pooled((yield from hear(turns(Side.BASELINE, asks))))
