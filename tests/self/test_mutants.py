"""The tool that makes recorded answers wrong: what it rewrites, what it leaves, and what comes of it."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
sys.path.insert(0, str(Path(__file__).parents[1] / "checks"))
from build import called, hello, spoken
from mutant_answers import read, written
from mutant_conditions import conditions
from mutant_operators import MEMBERS, TEXTS, WHOLE, member, text
from mutants import Mutant, World


def wrong(exchange, rewrite):
    """The exchange after a rewrite; None where it can't be wrong that way."""
    said = rewrite(read(exchange))
    return None if said is None else written(exchange, said)


@pytest.mark.parametrize("exchange", [hello(), spoken(), called()], ids=["whole", "streamed", "a call"])
def test_what_is_not_rewritten_says_the_same(exchange):
    same = written(exchange, read(exchange))

    assert same.answer == exchange.answer
    assert same.response.status == 200
    assert same.response.complete
    assert not same.response.flaws
    assert same.streamed is exchange.streamed


def test_a_member_is_wrong_at_its_place_alone():
    role = member("chat", "choices[].message.role", MEMBERS["deleted"])

    assert "role" not in wrong(hello(), role).answer.body["choices"][0]["message"]
    assert wrong(spoken(), role) is None


@pytest.mark.parametrize("exchange", [hello(), spoken()], ids=["whole", "streamed"])
def test_a_text_is_wrong_as_a_whole_however_it_came(exchange):
    before = exchange.answer.choices[0].content

    after = wrong(exchange, text("content", TEXTS["last character lost"])).answer

    assert after.choices[0].content == before[:-1]


def test_arguments_are_wrong_over_all_their_fragments():
    before = called().answer.choices[0].tool_calls[0].arguments

    after = wrong(called(), text("arguments", TEXTS["doubled"])).answer.choices[0].tool_calls[0]

    assert after.arguments == before * 2


def test_a_stream_that_is_cut_off_is_not_complete():
    assert not wrong(spoken(), WHOLE["cut off"]).response.complete
    assert wrong(hello(), WHOLE["cut off"]) is None


def test_a_condition_holds_of_the_exchanges_that_it_says():
    held = {one.name: one.holds for one in conditions([hello(), spoken(), called()])}

    assert held["everywhere"] == {0, 1, 2}
    assert held["streamed"] == {1, 2}
    assert held["tools, streamed"] == held["calls"] == {2}


def test_a_mutant_touches_what_can_be_wrong_in_that_way():
    world = World(trials=[], variants={}, bench=None, exchanges=[hello(), spoken()], said=[read(hello()), read(spoken())])

    assert Mutant(world, WHOLE["cut off"]).touched == {1}
