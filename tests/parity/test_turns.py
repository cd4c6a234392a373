"""Turns of an audit: interleaved, asked once, and given up where nobody answers any more."""

from said import ask, text

from conformance.parity.model import Decision, Says, StageName, Step
from conformance.parity.turns import CUT, Side, Turn, by_prompt, mixed, repeated, through, turns


def test_sides_are_spread_evenly():
    known = turns(Side.BASELINE, [ask(order=n) for n in range(6)])
    said = turns(Side.CANDIDATE, [ask(order=n) for n in range(2)])
    found = mixed(known, said)

    assert sorted(map(str, found)) == sorted(map(str, (*known, *said)))
    assert [n for n, each in enumerate(found) if each.side is Side.CANDIDATE] == [2, 6]
    assert [each for each in found if each.side is Side.BASELINE] == list(known)


def test_salted_repetitions_have_a_salt_each():
    found = repeated(StageName.SAMPLED, ["p", "q"], ask().settings, range(2), "s")

    assert [each.salt for each in found] == ["s-0", "s-0", "s-1", "s-1"]
    assert all(not each.salt for each in repeated(StageName.SAMPLED, ["p"], ask().settings, range(2)))


class Greedy:
    """Asks on for ever."""

    def next(self, seen):
        asks = tuple(ask(order=len(seen) + n) for n in range(2))
        return Step(asks, Decision(stage=StageName.SAMPLED, says=Says.INCONCLUSIVE, why=f"{len(seen)} seen"))


def test_a_stage_ends_where_not_all_is_answered():
    parts = through(Greedy())
    first = next(parts)
    second = parts.send({each: text("x", order=each.ask.order) for each in first})
    try:
        parts.send({second[0]: text("x", order=2)})
    except StopIteration as end:
        decision, said = end.value

    assert (decision.why, decision.notices) == ("3 seen", (CUT,))
    assert [each.ask.order for each in said] == [0, 1, 2]


def test_a_turn_is_one_side_of_an_ask():
    assert Turn(Side.BASELINE, ask()) != Turn(Side.CANDIDATE, ask())
    assert list(by_prompt([text("a", "p"), text("b", "q"), text("c", "p")])) == ["p", "q"]
