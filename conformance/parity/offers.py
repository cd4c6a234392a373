"""What both endpoints give besides text, found out before anything is compared: stage 1b."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from conformance.parity import semantics, thoughts
from conformance.parity.lists import first
from conformance.parity.model import Answer, Ask, Decision, Says, Settings, StageName
from conformance.parity.semantics import Semantics
from conformance.parity.turns import Asking, Side, both

_WIDTHS = (20, 5)  # of top_logprobs: most servers allow the first, some the second only
_TRIED = ("en-0-5", "code-3-1")  # by which it is found out what is offered, in every audit
_PROBE = 9000  # far from the orders of any plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """What both endpoints give besides text."""

    width: int  # top_logprobs that both take; 0: none
    raw: bool = False  # both say them before temperature
    top_k: bool = False
    ungreedy: frozenset[Side] = frozenset()
    """Sides whose tokens at temperature 0 are not the best of their own lists."""
    thinks: Mapping[Side, str] = field(default_factory=dict)
    """Sides whose first tokens are no witnesses at all, and why: they think before they answer."""
    decision: Decision

    @property
    def distrust(self) -> str:
        """Why their lists are no evidence of weights, or nothing."""
        return "; ".join(f"{side}: {semantics.UNGREEDY}" for side in sorted(self.ungreedy))

    @property
    def mute(self) -> frozenset[Side]:
        """Sides of whose first tokens nothing is seen."""
        return frozenset(side for side, why in self.thinks.items() if why == thoughts.HIDDEN)


def offers() -> Asking[Offers]:
    """Stage 1b: how many logprobs there are, and what they mean."""
    width, known, said = 0, list[Answer](), list[Answer]()
    for tried in _WIDTHS:
        known, said = yield from both(semantics.asks(_TRIED, tried))
        if _listed(known) and _listed(said):
            width = tried
            break
    kept = Settings(top_k=5)
    ask = Ask(stage=StageName.SAMPLER, prompt=_TRIED[0], order=_PROBE, settings=kept)
    one, other = yield from both([ask])
    means = [semantics.semantics(each) for each in (known, said)]
    sides = ((Side.BASELINE, known), (Side.CANDIDATE, said))
    return Offers(
        width=width,
        raw=all(each is Semantics.RAW for each in means),
        top_k=all(not each.trouble for each in (*one, *other)) and bool(one and other),
        ungreedy=frozenset(side for side, each in sides if semantics.ungreedy_at_zero(each)),
        thinks={side: why for side, each in sides if (why := thoughts.first(each))},
        decision=_semantics(width, means, known, said),
    )


def _listed(answers: Sequence[Answer]) -> bool:
    """Enough came with one: some servers have none where a token is a part of a character."""
    return 3 * sum(bool(first(each)) for each in answers if not each.trouble) > len(answers)


def _semantics(
    width: int, means: Sequence[Semantics], known: Sequence[Answer], said: Sequence[Answer]
) -> Decision:
    """What stage 1b found, as a row of the report; it decides nothing."""
    if width:
        why = f"{width} logprobs a token; baseline: {means[0]}, candidate: {means[1]}"
    else:
        troubles = Counter(
            f"{side}: {each.trouble}"
            for side, answers in ((Side.BASELINE, known), (Side.CANDIDATE, said))
            for each in answers
            if each.trouble
        )
        common = troubles.most_common(1)[0][0] if troubles else "no lists came"
        why = f"no logprobs from both: {common}"
    return Decision(
        stage=StageName.SEMANTICS,
        says=Says.INCONCLUSIVE,
        why=why,
        requests=len(said),
        tokens=sum(each.tokens for each in said),
        troubled=sum(bool(each.trouble) for each in said),
        table=tuple(
            (side, str(mean))
            for side, mean in zip((Side.BASELINE, Side.CANDIDATE), means, strict=True)
        ),
    )
