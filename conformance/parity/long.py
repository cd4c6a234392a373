"""Stage 3: long answers. Penalties, cut tails, lengths and stops."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from conformance.parity.betting import crossing
from conformance.parity.defaults import SHOWN
from conformance.parity.drawn import fortunes, rivals
from conformance.parity.model import (
    Answer,
    Ask,
    Decision,
    Layer,
    Neutral,
    Says,
    Settings,
    StageName,
    Step,
)
from conformance.parity.pools import spoken
from conformance.parity.turns import by_prompt
from conformance.parity.written import FEATURES, text_p_value

TOKENS = 48
LOOKS = (2, 5, 10)  # answers of each prompt
SPENT = (0.001, 0.0015, 0.0025)  # by text, at each look
WITNESSES = 0.9  # the share of all answers that must be such, for what is said of their reach
WRONG_LISTS = 0.0025  # by the candidate's own lists


class Reach(NamedTuple):
    """What all looks together find with 95 %, and what they may miss, as benchmarks/parity.py counts."""

    found: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()


BY_LISTS = Reach(
    ("a repetition penalty of 1.1", "top_p 0.9", "min_p 0.1"),
    ("a penalty under half a nat",),
)
BY_TEXT = Reach(
    ("a repetition penalty of 1.1", "min_p 0.1"),
    ("top_p 0.9", "a weaker penalty (half a nat, or a presence penalty of 0.5)"),
)


@dataclass(frozen=True, slots=True)
class Long:
    """The stage: sampled answers of TOKENS tokens against the baseline's to the same prompts."""

    known: Mapping[str, Sequence[Answer]]
    seed: int
    width: int | None = None  # top_logprobs, where they are those before the sampler
    neutral: Neutral = ()

    def next(self, seen: Sequence[Answer]) -> Step:
        decision = self.judge(seen)
        looks = self._looks(seen)
        if decision.says is Says.DIFFERENT or decision.notices or looks == len(LOOKS):
            return Step((), decision)
        asked = {each.ask.order for each in seen}
        prompts = sorted(self.known)
        settings = Settings(max_tokens=TOKENS, top_logprobs=self.width, neutral=self.neutral)
        orders = range(LOOKS[looks] * len(prompts))
        asks = tuple(
            Ask(
                stage=StageName.LONG,
                prompt=prompts[order % len(prompts)],
                order=order,
                settings=settings,
            )
            for order in orders
            if order not in asked
        )
        return Step(asks, decision)

    def judge(self, seen: Sequence[Answer]) -> Decision:
        """By text at each complete look; by the candidate's own lists after every answer."""
        ordered = sorted(seen, key=lambda each: each.ask.order)
        path, rival = self._lists(ordered)
        at = crossing(path, WRONG_LISTS)
        if at is not None:
            detail = f"its tokens are not drawn from its own lists: {rival}"
            found = self._decide(Says.DIFFERENT, ordered, Layer.SAMPLER, detail)
            return replace(found, path=tuple(path))
        values: list[float] = []
        for look, spent in enumerate(SPENT[: self._looks(seen)]):
            used = [each for each in ordered if each.ask.order < LOOKS[look] * len(self.known)]
            p, feature = text_p_value(self.known, used, self.seed + look, spent)
            values.append(p)
            if p <= spent:
                layer = Layer.LENGTH if feature in FEATURES[3:] else Layer.SAMPLER
                found = self._decide(Says.DIFFERENT, used, layer, feature)
                return replace(found, p_values=tuple(values))
        found = self._decide(Says.INCONCLUSIVE, ordered, None, "")
        reach = _reach(ordered, lists=bool(path)) if len(values) == len(LOOKS) else Reach()
        return replace(
            found,
            path=tuple(path),
            p_values=tuple(values),
            found=reach.found,
            missed=reach.missed,
        )

    def _lists(self, ordered: Sequence[Answer]) -> tuple[tuple[float, ...], str]:
        """Nothing where the baseline's own tokens don't follow its lists: then none need to."""
        own = [each for answers in self.known.values() for each in answers if each.positions]
        mine = [each for each in ordered if each.positions and not each.trouble]
        if not mine or (own and crossing(fortunes(own)[0], WRONG_LISTS)):
            return (), ""
        return fortunes(mine)

    def _looks(self, seen: Sequence[Answer]) -> int:
        asked = {each.ask.order for each in seen}
        whole = next((n for n in range(len(asked) + 1) if n not in asked), 0)
        return sum(whole >= look * len(self.known) for look in LOOKS)

    def _decide(
        self,
        says: Says,
        used: Sequence[Answer],
        layer: Layer | None,
        detail: str,
    ) -> Decision:
        silent = sum(not spoken(each) for each in used)
        mute = (_mute(used),) if used and silent == len(used) else ()
        return Decision(
            stage=StageName.LONG,
            says=says,
            why=f"long answers differ: {detail}"
            if detail
            else "; ".join(mute) or "no difference found in long answers",
            layer=layer,
            detail=detail,
            requests=len(used),
            tokens=sum(each.tokens for each in used),
            level=sum(SPENT) + WRONG_LISTS,
            troubled=silent,
            notices=mute,
        )


def _reach(used: Sequence[Answer], *, lists: bool) -> Reach:
    """Of answers of all looks; nothing is known where too many of them say nothing."""
    enough = WITNESSES * len(used)
    if lists and sum(bool(each.positions) for each in used) >= enough:
        return BY_LISTS
    return BY_TEXT if sum(bool(spoken(each)) for each in used) >= enough else Reach()


def _mute(used: Sequence[Answer]) -> str:
    """That nothing is seen of any, and why of most."""
    ((why, _),) = Counter(each.trouble for each in used).most_common(1)
    return f"no answer can be read{': ' + why if why else ''}"


def rewritten(on: Sequence[Answer], off: Sequence[Answer], seed: int) -> bool:
    """Whether one side's long answers are seen to change once something is switched off.

    By text; or, if its tokens weren't drawn from its lists before, by their not being drawn so any
    more: then honest draws are likelier than that rival, by a factor that chance seldom gives.
    """
    p, _ = text_p_value(by_prompt(on), off, seed, SHOWN)
    if p <= SHOWN:
        return True
    path, rival = fortunes(on)
    odds = sum(rivals(each).get(rival, 0.0) for each in off)
    return bool(crossing(path, WRONG_LISTS)) and odds <= math.log(SHOWN)
