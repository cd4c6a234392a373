"""Stage 1: first-token logprobs against a margin in units of the noise floor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.parity import sizes
from conformance.parity.betting import Bet, bounds, crossing, still_needed
from conformance.parity.floor import Cached, Floor
from conformance.parity.lists import first, join_fault, mean_sigma
from conformance.parity.model import (
    Answer,
    Ask,
    Build,
    Decision,
    Estimate,
    Layer,
    Says,
    Settings,
    StageName,
    Step,
)

MARGIN, CLIP = 1.5, 3.0  # in floors
WRONG_SAME, WRONG_DIFFERENT, WRONG_FLEET = 0.05, 0.01, 0.01
SAME_AFTER = 64  # a fleet with a few other builds keeps the mean under the margin
FAR_SHARE = 0.02  # requests beyond the clip that noise may cause (0.3 % in the study)
_FLEET_SHARES = (0.04, 0.08, 0.12, 0.2, 0.4, 0.8)
_FLEET_STAKES = tuple((share - FAR_SHARE) / (1 - FAR_SHARE) for share in _FLEET_SHARES)
_BATCH = 8
_JOINED_AFTER = 8  # pairs: before, a wrong join can't be told from another model


@dataclass(frozen=True, slots=True)
class Reading:
    """What the witnesses say, in the plan's order: distances in floors, and each bet's path."""

    ratios: tuple[float, ...]
    same: tuple[float, ...]
    different: tuple[float, ...]
    fleet: tuple[float, ...]


def read(ratios: Sequence[float], margin: float = MARGIN) -> Reading:
    """Three bets on distances in floors: mean over the margin, under it, too many far ones.

    The first two see distances clipped at CLIP floors, as a share of the clip.
    """
    clipped = [min(each, CLIP) / CLIP for each in ratios]
    far = [float(each > CLIP) for each in ratios]
    return Reading(
        tuple(ratios),
        Bet(margin / CLIP, over=False).fortunes(clipped),
        Bet(margin / CLIP, over=True).fortunes(clipped),
        Bet(FAR_SHARE, over=True, stakes=_FLEET_STAKES).fortunes(far),
    )


def stop(reading: Reading) -> tuple[Says, int, Layer | None]:
    """The first moment at which a bet has won, and which.

    SAME not before 64 requests, and only while the bet on a mixed fleet has lost money.
    """
    n = len(reading.ratios)
    quiet = [log < 0.0 for log in reading.fleet]
    calm = [log if ok else 0.0 for log, ok in zip(reading.same, quiet, strict=True)]
    whole = crossing(reading.different, WRONG_DIFFERENT, _JOINED_AFTER) or n + 1
    mixed = crossing(reading.fleet, WRONG_FLEET, _JOINED_AFTER) or n + 1
    same = crossing(calm, WRONG_SAME, SAME_AFTER) or n + 1
    at = min(whole, mixed, same)
    if at > n:
        return Says.INCONCLUSIVE, n, None
    if at == same:
        return Says.SAME, at, None
    middle = sorted(reading.ratios[:at])[at // 2]
    return Says.DIFFERENT, at, Layer.WEIGHTS if middle > CLIP / 2 else Layer.FLEET


@dataclass(frozen=True, slots=True)
class Logprobs:
    """The stage: `prompts` in the order drawn for this audit, what the baseline said to each."""

    prompts: tuple[str, ...]
    cached: Cached
    floor: Floor
    width: int = 20  # top_logprobs, the larger the better; 5 is enough for all but int8 weights
    margin: float = MARGIN
    distrust: str = ""  # why either endpoint's lists are no evidence (stage 1b)

    def next(self, seen: Sequence[Answer]) -> Step:
        decision = self.judge(seen)
        asked = {each.ask.order for each in seen}
        if decision.says is not Says.INCONCLUSIVE or decision.notices:
            return Step((), decision)
        left = [self._ask(order) for order in range(len(self.prompts)) if order not in asked]
        return Step(tuple(left[:_BATCH]), decision)

    def judge(self, seen: Sequence[Answer]) -> Decision:
        """Decides at the first moment the plan's order allows, however many answers there are."""
        ordered = sorted(seen, key=lambda each: each.ask.order)
        witnesses = self.witnesses(ordered)
        pairs = [(self.known(each)[0], each) for each in witnesses]
        fault = self.distrust or (join_fault(pairs) if len(pairs) >= _JOINED_AFTER else "")
        if fault:
            return self._void(ordered, f"the logprobs can't be compared: {fault}", fault)
        floor = self.floor.sigma
        reading = read([mean_sigma(b, self.known(b)) / floor for b in witnesses], self.margin)
        says, at, layer = stop(reading)
        return self._decide(ordered, witnesses[:at], reading, says, layer)

    def _decide(
        self,
        ordered: Sequence[Answer],
        used: Sequence[Answer],
        reading: Reading,
        says: Says,
        layer: Layer | None,
    ) -> Decision:
        ratios = reading.ratios[: len(used)]
        ratio = _estimate(ratios)
        return Decision(
            stage=StageName.LOGPROBS,
            says=says,
            why=_why(says, layer, ratios, self.floor),
            layer=layer,
            detail=sizes.likely(sum(ratios) / len(ratios)) if layer is Layer.WEIGHTS else "",
            ratio=ratio,
            requests=len(used),
            tokens=sum(each.tokens for each in used),
            needed=None if says is not Says.INCONCLUSIVE else _needed(reading),
            found=sizes.over(ratio.high) if says is Says.INCONCLUSIVE else (),
            missed=sizes.under(ratio.high) if says is Says.INCONCLUSIVE else (),
            level=WRONG_DIFFERENT + WRONG_FLEET,
            troubled=sum(bool(each.trouble) for each in ordered),
            remarks=_by_build(used, ratios),
            path=_bet(reading, says, len(used)),
        )

    def _void(self, ordered: Sequence[Answer], why: str, notice: str) -> Decision:
        return Decision(
            stage=StageName.LOGPROBS,
            says=Says.INCONCLUSIVE,
            why=why,
            requests=len(ordered),
            tokens=sum(each.tokens for each in ordered),
            level=WRONG_DIFFERENT + WRONG_FLEET,
            notices=(notice,),
        )

    def witnesses(self, seen: Sequence[Answer]) -> list[Answer]:
        """Those with a list that can be held against the baseline's, in the plan's order."""
        ordered = sorted(seen, key=lambda each: each.ask.order)
        return [each for each in ordered if not each.trouble and self.known(each)]

    def known(self, answer: Answer) -> Sequence[Answer]:
        """What the baseline said to the same prompt; nothing if either has no list."""
        if not first(answer):
            return ()
        return [each for each in self.cached.get(answer.ask.prompt, ()) if first(each)]

    def _ask(self, order: int) -> Ask:
        settings = Settings(top_logprobs=self.width)
        return Ask(
            stage=StageName.LOGPROBS, prompt=self.prompts[order], order=order, settings=settings
        )


def _bet(reading: Reading, says: Says, at: int) -> tuple[float, ...]:
    """The fortune that decided; while nothing has, the one that would say different."""
    if says is Says.SAME:
        return reading.same[:at]
    different, fleet = reading.different[:at], reading.fleet[:at]
    return fleet if says is Says.DIFFERENT and fleet[-1] > different[-1] else different


def _estimate(ratios: Sequence[float]) -> Estimate:
    """The mean distance in floors; its interval is that of the distances clipped at CLIP floors."""
    if not ratios:
        return Estimate(0.0, 0.0, CLIP)
    low, high = bounds([min(each, CLIP) / CLIP for each in ratios])
    mean = sum(ratios) / len(ratios)
    return Estimate(mean, low * CLIP, max(high * CLIP, mean))


def _by_build(used: Sequence[Answer], ratios: Sequence[float]) -> tuple[str, ...]:
    """The mean distance of each that says it answered, where there are several."""
    by: dict[Build, list[float]] = {}
    for answer, ratio in zip(used, ratios, strict=True):
        by.setdefault(answer.build, []).append(ratio)
    if len(by) < 2:  # noqa: PLR2004 - several
        return ()
    return tuple(
        f"{build}: {sum(each) / len(each):.2f} floors in {len(each)} requests"
        for build, each in sorted(by.items())
    )


def _needed(reading: Reading) -> int | None:
    """One output token a request, to the nearer of the two answers."""
    ways = (
        still_needed(reading.different, WRONG_DIFFERENT),
        still_needed(reading.same, WRONG_SAME),
    )
    known = [each for each in ways if each is not None]
    if not known:
        return None
    return max(min(known), SAME_AFTER - len(reading.ratios) if ways[0] is None else 1)


def _why(says: Says, layer: Layer | None, ratios: Sequence[float], floor: Floor) -> str:
    if not ratios:
        return "not one answer came with logprobs"
    by = (
        f"{sum(ratios) / len(ratios):.2f} times the noise floor ({floor.sigma:.3f}, {floor.source})"
    )
    if layer is Layer.FLEET:
        far = sum(each > CLIP for each in ratios)
        return f"{far} of {len(ratios)} first tokens lie beyond {CLIP:g} floors, the others do not: some requests meet another build"
    return {
        Says.SAME: f"first tokens differ by {by}: as one model on two machines does",
        Says.DIFFERENT: f"first tokens differ by {by}: more than machines make of one model",
    }.get(says, f"first tokens differ by {by}: too near the margin of {MARGIN:g} to tell yet")
