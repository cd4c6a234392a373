"""The tool that makes recorded answers wrong: what it rewrites, what it leaves, and what comes of it."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
sys.path.insert(0, str(Path(__file__).parents[1] / "checks"))
from build import called, failing, hello, spoken
from mutant_answers import read, written
from mutant_conditions import conditions
from mutant_effects import EFFECTS
from mutant_operators import MEMBERS, TEXTS, WHOLE, member, text
from mutant_pairs import draw, meetings
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


def test_features_meet_where_a_served_request_has_both():
    asked = hello(asked={"n": 2, "seed": 7})
    world = World(trials=[], variants={}, bench=None, exchanges=[asked, failing()], said=[read(asked), read(failing())])

    assert meetings(world)["chat", "n", "seed"] == meetings(world)["chat", "n", "whole"] == {0}
    assert not any(1 in numbers for numbers in meetings(world).values())


def test_the_same_mutants_are_drawn_with_the_same_seed():
    world = World(trials=[], variants={}, bench=None, exchanges=[hello(), spoken()], said=[read(hello()), read(spoken())])

    first, again, other = (list(draw(world, seed, 5)) for seed in (1, 1, 2))

    assert first == again != other
    assert len(set(first)) == 5


@pytest.mark.parametrize(
    ("effect", "exchange"),
    [
        ("usage: one token more", hello()), ("usage: lost", hello()), ("finish: never", spoken()), ("calls: lost", called()),
        ("calls: without id", called()), ("arguments: a value's first character lost", called()), ("text: doubled", spoken()),
    ],
)  # fmt: skip
def test_a_damage_changes_what_it_says(effect, exchange):
    before, after = exchange.answer, wrong(exchange, EFFECTS[effect]).answer

    assert (before.choices, before.usage) != (after.choices, after.usage)


def test_a_damage_leaves_what_has_nothing_of_the_kind():
    assert EFFECTS["scores: lost"](read(hello())) is None
    assert EFFECTS["usage: lost"](read(failing())) is None


def test_a_value_of_arguments_is_wrong_and_its_json_is_not():
    after = wrong(called(), EFFECTS["arguments: a value's first character lost"]).answer

    assert json.loads(after.choices[0].tool_calls[0].arguments) == {"city": "slo"}
