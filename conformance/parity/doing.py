"""Stage 4 as a part of an audit: the same tasks at both, paired, until it is clear or they are used up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from conformance.parity.items.model import Item, Made, Metric, Said
from conformance.parity.items.score import agrees, paired, score
from conformance.parity.model import Answer, Ask, Decision, Estimate, Says, Settings, StageName
from conformance.parity.setup import Setup
from conformance.parity.tasks import Paired, Tasks, compare, trigger
from conformance.parity.turns import CUT, Asking, Side, Told, Turn, answered, mixed, turns

SETTINGS = Settings(max_tokens=256, temperature=0.0)
_LEAST = 5  # items of a metric, of which a row is worth while
_CUT = "length"


@dataclass(frozen=True, slots=True)
class _Heard:
    """What was said to the items so far; what one did not answer is no item."""

    known: Mapping[str, Answer]
    said: Mapping[str, Answer]
    again: Mapping[str, Answer]
    """The baseline's second answer, where its first one says what is right."""

    def has(self, item: Item) -> bool:
        """All that its pair takes."""
        return (
            item.id in self.known
            and item.id in self.said
            and (item.id in self.again or not item.as_baseline)
        )

    def pairs(self, items: Sequence[Item]) -> list[Paired]:
        """In the order of the items that are left."""
        return [
            Paired(
                item=one.id,
                order=order,
                family=one.family,
                baseline=self._passed(one, self.again.get(one.id, self.known[one.id])),
                candidate=self._passed(one, self.said[one.id]),
                tokens=self.said[one.id].tokens,
            )
            for order, one in enumerate(items)
            if self.has(one)
        ]

    def _passed(self, item: Item, answer: Answer) -> float:
        if answer.finish == _CUT or not all(_worth(item, _said(answer)).values()):
            return 0.0
        called = bool(answer.calls) == bool(self.known[item.id].calls)
        return float(called or not item.as_baseline)

    def and_then(self, told: Told, asked: Mapping[str, tuple[Turn, ...]]) -> _Heard:
        """With what was said now."""
        now = {name: _read(answered(told, turned)) for name, turned in asked.items()}
        return _Heard(
            {**self.known, **now["known"]},
            {**self.said, **now["said"]},
            {**self.again, **now["again"]},
        )


def tasks(setup: Setup, items: Sequence[Item]) -> Asking[Decision]:
    """As many items as the discordance of the first ones asks for; the worth of each is exact.

    An answer that its cap cut has failed: the cap is the same for both. One that did not come is
    no item: errors never speak against an endpoint. Where nothing but what the baseline does says
    what is right, the baseline is asked twice: its second answer is paired with the candidate's,
    and both are held to the first.
    """
    left = [one for one in items if one.as_baseline or _worth(one, Said())]
    heard = _Heard({}, {}, {})
    while left:
        stage = Tasks(tuple(one.id for one in left), setup.margin, SETTINGS, "tasks passed")
        step = stage.next(heard.pairs(left))
        if step.finished:
            return _described(step.decision, left, heard)
        asked = _turns([replace(each, order=0) for each in step.asks], left)
        told = yield mixed(*asked.values())
        if len(told) < sum(map(len, asked.values())):
            return replace(step.decision, notices=(CUT,))
        heard = heard.and_then(told, asked)
        done = {each.prompt for each in step.asks}
        left = [one for one in left if one.id not in done or heard.has(one)]
    why = "there is no task that both answered and that can be scored"
    return Decision(stage=StageName.TASKS, says=Says.INCONCLUSIVE, why=why, notices=(why,))


def _turns(asks: Sequence[Ask], items: Sequence[Item]) -> dict[str, tuple[Turn, ...]]:
    twice = {one.id for one in items if one.as_baseline}
    again = [replace(each, order=1) for each in asks if each.prompt in twice]
    return {
        "known": turns(Side.BASELINE, asks),
        "said": turns(Side.CANDIDATE, asks),
        "again": turns(Side.BASELINE, again),
    }


def _read(answers: Sequence[Answer]) -> dict[str, Answer]:
    return {each.ask.prompt: each for each in answers if not each.trouble}


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


def _described(decision: Decision, items: Sequence[Item], heard: _Heard) -> Decision:
    """With a row for each metric: items, what both did, and the difference with its bounds."""
    known, said, again = map(_whole, (heard.known, heard.said, heard.again))
    rows = []
    for metric in Metric:
        pairs = paired(metric, items, known, said)
        if len(pairs) >= _LEAST and metric is not Metric.TRIGGERED:
            rows.append((str(metric), *_row(pairs)))
    rows += _triggers("tool called as the baseline does", items, known, said)
    rows += _triggers("the baseline against itself", items, known, again)
    return replace(decision, table=tuple(rows))


def _whole(answers: Mapping[str, Answer]) -> dict[str, Said]:
    return {name: _said(each) for name, each in answers.items() if each.finish != _CUT}


def _triggers(
    about: str, items: Sequence[Item], known: Mapping[str, Said], said: Mapping[str, Said]
) -> list[tuple[str, ...]]:
    """Whether tools were called where the baseline did, and whether the calls were the same."""
    pairs = paired(Metric.TRIGGERED, items, known, said)
    if len(pairs) < _LEAST:
        return []
    found = trigger(pairs, seed=0)
    named = (("precision", found.precision), ("recall", found.recall), ("F1", found.f1))
    equal = [agrees(known[each.item], said[each.item]) for each in pairs]
    share = f"{sum(equal) / len(equal):.0%}"
    return [
        *((f"{about}: {name}", str(len(pairs)), "", "", _rate(value)) for name, value in named),
        (f"{about}: equal calls", str(len(equal)), "", share, ""),
    ]


def _row(pairs: Sequence[Paired]) -> tuple[str, ...]:
    rates = (
        sum(each.baseline for each in pairs) / len(pairs),
        sum(each.candidate for each in pairs) / len(pairs),
    )
    shown = _shown(compare(pairs).difference)
    return (str(len(pairs)), *(f"{each:.0%}" for each in rates), shown)


def _rate(found: Estimate) -> str:
    return f"{found.value:.1%} ({found.low:.1%} to {found.high:.1%})"


def _shown(found: Estimate) -> str:
    return f"{found.value:+.1%} ({found.low:+.1%} to {found.high:+.1%})"
