"""Prompts are chosen from the baseline alone, and never by the answers that kept them."""

import sys
from pathlib import Path

import numpy as np
import pytest
from said import ranked

from conformance.parity.choice import FRESH, PILOT, chosen, chosen_by_lists, drawn, drawn_long, kept
from conformance.parity.lists import collision
from conformance.parity.simulated import endpoint, ranked_list, softmax, world

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import parity_world as recorded

WORLD = world(4, mid=60, high=60, low=60)
BASELINE = endpoint(WORLD, "a", 1)


def answers(prompts, each, rng):
    chances = {p: softmax(BASELINE.logits[0, WORLD.prompts.index(p)]) for p in prompts}
    return {p: tuple(f"t{t}" for t in rng.choice(len(c), each, p=c)) for p, c in chances.items()}


def test_from_text_alone_the_right_groups_are_found():
    rng = np.random.default_rng(1)
    pilot = answers(WORLD.prompts, PILOT, rng)
    found = chosen(pilot, answers(kept(pilot), FRESH, rng))
    group = dict(zip(WORLD.prompts, WORLD.groups, strict=True))

    assert [group[each] for each in found.mid].count("mid") >= 13
    assert [group[each] for each in found.high] == ["high"] * 4
    assert len(set(found.prompts)) == 20


def test_fresh_answers_choose():
    """Kept by six answers, but with fresh ones that never vary: it comes last."""
    pilot = {"a": tuple("xxxyyz"), "b": tuple("xxxyyz"), "c": tuple("abcdef")}
    fresh = {"a": tuple("x" * 18), "b": tuple("xxxyyy" * 3)}

    assert kept(pilot) == ("a", "b")
    assert chosen(pilot, fresh, mid=1, high=1).prompts == ("b", "c")


def test_from_logprobs_one_half_keeps_and_the_other_chooses():
    lists = {p: [ranked_list(BASELINE.logits[c, n], 20) for c in range(4)] for n, p in enumerate(WORLD.prompts)}
    found = chosen_by_lists(lists)
    group = dict(zip(WORLD.prompts, WORLD.groups, strict=True))

    assert {group[each] for each in found.mid} == {"mid"}
    assert {group[each] for each in found.high} == {"high"}
    assert chosen_by_lists({"p": [ranked(a=0.6, b=0.3)]}).mid == ("p",)


def test_one_list_chooses_as_well_as_fresh_ones_would():
    """What it picks looks as near 0.40 to other lists of the same weights: nothing was picked for chance."""
    rates = np.array([[collision(top) for top in one] for one in recorded.lists("ref")])
    prompts = recorded.prompts()
    for own, one in enumerate(recorded.lists("ref")):
        mid = chosen_by_lists({p: [one[n]] for n, p in enumerate(prompts)}).mid
        where = [prompts.index(each) for each in mid]
        fresh = np.delete(rates, own, axis=0)[:, where].mean(0)

        assert abs(np.abs(fresh - 0.4).mean() - np.abs(rates[own, where] - 0.4).mean()) < 0.02
        assert ((fresh > 0.15) & (fresh < 0.6)).all()


def test_an_audit_s_prompts_follow_from_its_seed():
    prompts = [f"p{n}" for n in range(400)]
    one, again, other = drawn(prompts, 1), drawn(prompts, 1), drawn(prompts, 2)

    assert one == again != other
    assert len(set(one)) == len(one) == 96
    assert len(set(one) & set(other)) < 50


@pytest.mark.parametrize(("fresh", "new"), [(0, 0), (5, 5), (50, 9)])
def test_one_prompt_in_ten_is_new_where_new_ones_can_be_had(fresh, new):
    found = drawn([f"p{n}" for n in range(400)], 3, fresh=[f"new{n}" for n in range(fresh)])

    assert sum(each.startswith("new") for each in found) == new
    assert len(found) == 96


def test_prompts_with_long_answers_follow_from_the_seed():
    prompts = [f"long-{n}" for n in range(96)]
    one, again, other = (drawn_long(prompts, seed, 24) for seed in (1, 1, 2))

    assert one == again != other
    assert len(set(one)) == 24
    assert len(set(one) & set(other)) < 16


def test_prompts_whose_long_answers_are_kept_come_first():
    prompts = [f"long-{n}" for n in range(96)]
    found = drawn_long(prompts, 1, 24, answered=("long-9", "gone", "long-3"))

    assert found[:2] == ("long-9", "long-3")
    assert len(set(found)) == 24
    assert drawn_long(prompts[:3], 1, 24, answered=("long-2",))[0] == "long-2"
    assert len(drawn_long(prompts[:3], 1, 24)) == 3
