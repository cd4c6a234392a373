"""Lists are joined by bytes, and what one lacks is imputed."""

import math

import pytest
from said import listed, ranked

from conformance.parity.lists import (
    blurred,
    collision,
    join_fault,
    mean_sigma,
    plain,
    sigma,
    ungreedy,
)
from conformance.parity.model import Answer, Position, Ranked


def test_equal_lists_have_no_distance():
    top = ranked(a=0.5, b=0.3, c=0.1)

    assert sigma(top, top) == 0


def test_a_constant_shift_is_no_distance():
    """Another normaliser: every logprob a little lower."""
    top = ranked(a=0.5, b=0.3, c=0.1)
    shifted = [Ranked(each.token, each.logprob - 0.2) for each in top]

    assert sigma(top, shifted) == pytest.approx(0, abs=1e-12)


def test_two_tokens_by_hand():
    """d = log .6/.5 and log .4/.5, weights .55 and .45."""
    one, other = ranked(a=0.6, b=0.4), ranked(a=0.5, b=0.5)
    d, w = (math.log(1.2), math.log(0.8)), (0.55, 0.45)
    mean = d[0] * w[0] + d[1] * w[1]

    assert sigma(one, other) == pytest.approx(math.sqrt(w[0] * (d[0] - mean) ** 2 + w[1] * (d[1] - mean) ** 2))


def test_a_token_that_one_list_lacks_takes_the_lists_lowest():
    one, other = ranked(a=0.6, b=0.3), ranked(a=0.6, c=0.3)

    assert sigma(one, other) == 0  # b and c: 0.3, which is the lowest of either list
    assert sigma(ranked(a=0.6, b=0.3), ranked(a=0.3, c=0.05)) > 0.5


def test_lists_that_share_one_token_do_not_look_equal():
    one = ranked(a=0.2, b=0.19, c=0.18, d=0.01)
    other = ranked(a=0.2, x=0.6, y=0.1, z=0.001)

    assert sigma(one, other) > 1


def test_the_wider_list_is_cut_to_the_narrower_one():
    wide = ranked(a=0.5, b=0.3, c=0.1, d=0.05)

    assert sigma(wide, wide[:2]) == 0


def test_a_list_without_tokens_is_refused():
    with pytest.raises(ValueError, match="without tokens"):
        sigma((), ranked(a=1.0))


def test_the_distance_to_a_baseline_is_the_mean_over_its_answers():
    top, other = ranked(a=0.6, b=0.4), ranked(a=0.5, b=0.5)

    assert mean_sigma(listed(top), [listed(top), listed(other)]) == pytest.approx(sigma(top, other) / 2)


def test_bytes_join_where_strings_could_not():
    """Half a character: two tokens that any string would show alike."""
    one = (Ranked(b"\xe4\xb8", math.log(0.6)), Ranked(b"\xe5\xa5", math.log(0.4)))

    assert sigma(one, one[::-1]) == 0


def test_how_often_two_draws_agree():
    assert collision(ranked(a=0.5, b=0.5)) == pytest.approx(0.5)


TOP = ranked(Paris=0.5, London=0.3, Rome=0.2)
JOINS = {
    "equal": (TOP, ""),
    "another order": (ranked(London=0.5, Paris=0.3, Rome=0.2), ""),
    "spaces trimmed": (tuple(Ranked(b" " + each.token, each.logprob) for each in TOP), "trims"),
    "a vocabulary's sign": (tuple(Ranked("Ġ".encode() + each.token, each.logprob) for each in TOP), "trims"),
    "ids": (tuple(Ranked(f"token_id:{n}".encode(), each.logprob) for n, each in enumerate(TOP)), "ids"),
    "nothing in common": (ranked(x=0.5, y=0.4), "not one token in common"),
    "another model": (ranked(x=0.5, Rome=0.2), ""),
}


@pytest.mark.parametrize(("top", "fault"), JOINS.values(), ids=JOINS)
def test_a_wrong_join_is_told_from_another_model(top, fault):
    found = join_fault([(listed(TOP), listed(top))] * 8)

    assert fault in found
    assert bool(found) == bool(fault)


def test_a_token_without_what_servers_add():
    assert {plain(each) for each in (b" Paris", "Ġ".encode() + b"Paris", "▁".encode() + b"Paris", b"Paris")} == {b"Paris"}


@pytest.mark.parametrize(
    ("logprob", "wrong"), [(math.log(0.5), False), (math.log(0.5) - 5e-4, False), (math.log(0.3), True)]
)
def test_a_greedy_token_must_be_the_best_of_its_own_list(logprob, wrong):
    position = Position(b"x", logprob, ranked(x=0.5, y=0.3))

    assert ungreedy(Answer(ask=listed(TOP).ask, positions=(position,))) is wrong


def test_parts_of_characters_are_one_where_an_endpoint_does_not_name_them():
    """One server says which bytes, the other only that there is a part: the same chances, no distance."""
    named = (Ranked(b"a", math.log(0.5)), Ranked(b"\xf0\x9f", math.log(0.2)), Ranked(b"\xe2", math.log(0.1)), Ranked(b"b", math.log(0.05)))
    nameless = (Ranked(b"a", math.log(0.5)), Ranked(b"", math.log(0.3)), Ranked(b"b", math.log(0.05)))

    assert sigma(named, nameless) < 0.02
    assert sigma(named, named) == 0
    assert blurred(named[:1]) == named[:1]
