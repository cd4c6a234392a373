"""Stage 4 as a part of an audit: the same tasks at both, paired, until it is clear or they are used up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from conformance.parity.items.model import Item, Made, Metric, Said
from conformance.parity.items.score import agrees, paired, score
from conformance.parity.model import Answer, Decision, Estimate, Says, Settings, StageName
from conformance.parity.setup import Setup
from conformance.parity.tasks import Paired, Tasks, compare, trigger
from conformance.parity.turns import CUT, Asking, both

SETTINGS = Settings(max_tokens=256, temperature=0.0)
_LEAST = 5  # items of a metric, of which a row is worth while
_CUT = "length"


@dataclass(frozen=True, slots=True)
class _Both:
    """What both said to the items so far; what either did not answer is no item."""

    known: Mapping[str, Answer]
    said: Mapping[str, Answer]

    def pairs(self, items: Sequence[Item]) -> list[Paired]:
        """In the order of the items that are left."""
        return [
            Paired(
                item=one.id,
                order=order,
                family=one.family,
                baseline=_passed(one, self.known[one.id]),
                candidate=_passed(one, self.said[one.id]),
            )
            for order, one in enumerate(items)
            if one.id in self.known and one.id in self.said
        ]


def tasks(setup: Setup, items: Sequence[Item]) -> Asking[Decision]:
    """As many items as the discordance of the first ones asks for; the worth of each is exact.

    An answer that its cap cut has failed: the cap is the same for both. One that did not come is
    no item: errors never speak against an endpoint.
    """
    left, told = [one for one in items if _worth(one, Said())], _Both({}, {})
    while left:
        stage = Tasks(tuple(one.id for one in left), setup.margin, SETTINGS, "tasks passed")
        step = stage.next(told.pairs(left))
        if step.finished:
            return _described(step.decision, left, told)
        asks = [replace(each, order=0) for each in step.asks]
        known, said = yield from both(asks)
        if len(known) < len(asks) or len(said) < len(asks):
            return replace(step.decision, notices=(CUT,))
        told = _Both({**told.known, **_read(known)}, {**told.said, **_read(said)})
        asked = {each.prompt for each in asks}
        left = [
            one
            for one in left
            if one.id not in asked or (one.id in told.known and one.id in told.said)
        ]
    why = "there is no task that both answered and that can be scored"
    return Decision(stage=StageName.TASKS, says=Says.INCONCLUSIVE, why=why, notices=(why,))


def _read(answers: Sequence[Answer]) -> dict[str, Answer]:
    return {each.ask.prompt: each for each in answers if not each.trouble}


def _passed(item: Item, answer: Answer) -> float:
    return float(answer.finish != _CUT and all(_worth(item, _said(answer)).values()))


def _worth(item: Item, said: Said) -> dict[Metric, bool]:
    """Whether a tool was called is not right or wrong by itself; nothing: the item can't be scored."""
    return {
        metric: right
        for metric, right in score(item, said).items()
        if metric is not Metric.TRIGGERED
    }


def _said(answer: Answer) -> Said:
    calls = tuple(Made(name, arguments) for name, arguments in answer.calls)
    return Said(text=answer.text, calls=calls, refused=answer.refused)


def _described(decision: Decision, items: Sequence[Item], told: _Both) -> Decision:
    """With a row for each metric: items, what both did, and the difference with its bounds."""
    known = {name: _said(each) for name, each in told.known.items() if each.finish != _CUT}
    said = {name: _said(each) for name, each in told.said.items() if each.finish != _CUT}
    rows = []
    for metric in Metric:
        pairs = paired(metric, items, known, said)
        if len(pairs) >= _LEAST and metric is not Metric.TRIGGERED:
            rows.append((str(metric), *_row(pairs)))
    pairs = paired(Metric.TRIGGERED, items, known, said)
    if len(pairs) >= _LEAST:
        found = trigger(pairs, seed=0)
        rows += [
            (f"tool called as the baseline does: {name}", str(len(pairs)), "", "", _shown(value))
            for name, value in (
                ("precision", found.precision),
                ("recall", found.recall),
                ("F1", found.f1),
            )
        ]
        equal = [agrees(known[each.item], said[each.item]) for each in pairs]
        share = f"{sum(equal) / len(equal):.0%}"
        rows.append(("calls equal to the baseline's", str(len(equal)), "", share, ""))
    return replace(decision, table=tuple(rows))


def _row(pairs: Sequence[Paired]) -> tuple[str, ...]:
    rates = (
        sum(each.baseline for each in pairs) / len(pairs),
        sum(each.candidate for each in pairs) / len(pairs),
    )
    shown = _shown(compare(pairs).difference)
    return (str(len(pairs)), *(f"{each:.0%}" for each in rates), shown)


def _shown(found: Estimate) -> str:
    return f"{found.value:+.1%} ({found.low:+.1%} to {found.high:+.1%})"
