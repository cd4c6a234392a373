"""Stage 4 as a part of an audit: built-in items, answered as an endpoint might."""

import json
import random
from dataclasses import replace

import pytest

from conformance.parity.doing import tasks
from conformance.parity.items.made import LOT, MOST, made
from conformance.parity.items.model import ABSENT, Item, Kind
from conformance.parity.model import Answer, Says
from conformance.parity.setup import Setup
from conformance.parity.turns import CUT, Side

ITEMS, ALL = made(3), made(3, MOST)
BY_ID = {one.id: one for one in ALL}
SCRIPTS = {"cyrillic": "Привет мир", "han": "你好世界", "greek": "Γεια σου", "arabic": "مرحبا", "hangul": "안녕", "latin": "Hello"}
SETUP = Setup(seed=3, stages=frozenset({"4"}), candidates=())


def right(ask):
    """What the item wants."""
    wanted = BY_ID[ask.prompt].expected
    if wanted.calls:
        calls = tuple(
            (each.name, json.dumps({k: v[0] for k, v in each.arguments.items() if v[0] is not ABSENT})) for each in wanted.calls
        )
        return Answer(ask=ask, calls=calls, finish="tool_calls")
    words = " ".join(["word"] * (wanted.words[0] if wanted.words else 3))
    value = json.dumps(wanted.value) if wanted.value is not None else None
    text = wanted.text or value or (SCRIPTS[wanted.script] if wanted.script else words)
    return Answer(ask=ask, text=text, finish="stop")


def wrong(ask):
    return Answer(ask=ask, text="", finish="stop")


def mostly(share, seed):
    """Right for a share of the items."""
    chance = random.Random(seed)
    return lambda ask: right(ask) if chance.random() < share else wrong(ask)


def judged(baseline, candidate, items=ITEMS, most=10_000):
    parts = tasks(SETUP, items)
    turns, asked = next(parts), 0
    while True:
        asked += len(turns)
        told = {each: (baseline if each.side is Side.BASELINE else candidate)(each.ask) for each in turns[: max(0, most - asked)]}
        try:
            turns = parts.send(told)
        except StopIteration as end:
            return end.value, asked


def test_who_does_the_same_is_good_enough_and_no_more_is_asked_than_that_takes():
    decision, asked = judged(right, right)

    assert decision.says is Says.SAME
    assert asked < 2 * len(ITEMS)
    assert {row[0] for row in decision.table} >= {"exact answer", "valid schema", "right call", "not refused", "tool called as the baseline does: equal calls"}
    assert all("100%" in row[2] for row in decision.table if row[2])


def test_who_does_clearly_less_is_worse():
    decision, _ = judged(right, mostly(0.6, 1))

    assert decision.says is Says.DIFFERENT


def test_as_many_are_asked_as_the_discordance_seen_needs():
    """Two that err at other items: a lot of ours would not be enough to tell."""
    few, _ = judged(right, right, ALL)
    many, _ = judged(mostly(0.93, 1), mostly(0.93, 2), ALL)

    assert few.requests < LOT < many.requests <= MOST
    assert many.says in (Says.SAME, Says.INCONCLUSIVE)


def test_tokens_are_those_that_the_candidate_wrote():
    decision, _ = judged(right, lambda ask: replace(right(ask), completion_tokens=7))

    assert decision.tokens == 7 * decision.requests


def test_two_that_fail_alike_are_as_good_as_each_other():
    """Not how good, but whether worse: that both are weak is said in the table."""
    decision, _ = judged(wrong, wrong)

    assert decision.says is Says.SAME
    assert next(row for row in decision.table if row[0] == "exact answer")[2:4] == ("0%", "0%")


TROUBLES = {
    "errors": lambda ask: Answer(ask=ask, trouble="status 500"),
    "errors at half of them": lambda ask: right(ask) if hash(ask.prompt) % 2 else Answer(ask=ask, trouble="status 429"),
}


@pytest.mark.parametrize("candidate", TROUBLES.values(), ids=TROUBLES)
def test_errors_speak_against_nobody(candidate):
    assert judged(right, candidate)[0].says is not Says.DIFFERENT


def test_an_answer_that_the_cap_cut_has_failed():
    decision, _ = judged(right, lambda ask: Answer(ask=ask, text=right(ask).text, finish="length"))

    assert decision.says is Says.DIFFERENT


def test_a_budget_leaves_it_open():
    decision, _ = judged(right, right, most=50)

    assert (decision.says, decision.notices) == (Says.INCONCLUSIVE, (CUT,))


def test_items_that_cannot_be_scored_are_left_out():
    bare = Item(id="bare", kind=Kind.OWN, messages=({"role": "user", "content": "Hi"},))
    parts = tasks(SETUP, [bare])

    with pytest.raises(StopIteration) as end:
        next(parts)
    assert end.value.value.says is Says.INCONCLUSIVE


WEATHER = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "required": ["city"]}}}
OPEN = tuple(
    Item(id=f"open-{n}", kind=Kind.OWN, messages=({"role": "user", "content": f"Weather {n}?"},), tools=(WEATHER,)) for n in range(300)
)


def calling(share, seed, arguments='{"city": "Oslo"}'):
    """Calls the tool in a share of answers, by chance each time."""
    chance = random.Random(seed)
    return lambda ask: Answer(ask=ask, calls=(("weather", arguments),) if chance.random() < share else (), finish="stop")


HELD = {
    "as it does itself": (calling(1, 1), calling(1, 2), Says.SAME),
    "as rarely equal to itself as the baseline is": (calling(0.5, 1), calling(0.5, 2), {Says.SAME, Says.INCONCLUSIVE}),
    "half of the calls are missing": (calling(1, 1), calling(0.5, 2), Says.DIFFERENT),
    "calls whose arguments don't fit": (calling(1, 1), calling(1, 2, "{}"), Says.DIFFERENT),
}


@pytest.mark.parametrize(("baseline", "candidate", "says"), HELD.values(), ids=HELD)
def test_without_a_right_answer_both_are_held_to_what_the_baseline_did_first(baseline, candidate, says):
    decision, asked = judged(baseline, candidate, OPEN)

    assert decision.says in ({says} if isinstance(says, Says) else says), decision.why
    assert asked % 3 == 0  # the baseline twice
    assert {row[0] for row in decision.table} >= {"tool called as the baseline does: F1", "the baseline against itself: F1"}
