"""Stage 1b: what logprobs mean."""

import dataclasses

import numpy as np
import pytest
from said import listed

from conformance.parity.model import Ranked
from conformance.parity.semantics import Semantics, asks, semantics, ungreedy_at_zero

LOGITS = np.array([2.0, 0.4, -0.3, -1.1, -2.0])


def reported(ask, power, rng):
    """`power` 0: raw; 1: after temperature; between: something else."""
    logits = (LOGITS + rng.normal(0, 0.07, 5)) / (ask.settings.temperature or 1.0) ** power
    logs = logits - np.log(np.exp(logits).sum())
    top = sorted((Ranked(b"%d" % n, float(each)) for n, each in enumerate(logs)), key=lambda each: -each.logprob)
    return listed(top, ask.prompt, ask.order, temperature=ask.settings.temperature)


@pytest.mark.parametrize(
    ("power", "meaning"), [(0, Semantics.RAW), (1, Semantics.PROCESSED), (0.5, Semantics.UNKNOWN)]
)
@pytest.mark.parametrize("seed", range(20))
def test_raw_or_processed_in_six_tokens(power, meaning, seed):
    rng = np.random.default_rng(seed)
    said = [reported(each, power, rng) for each in asks(["p", "q"], 5)]

    assert len(said) == 6
    assert semantics(said) is meaning
    assert not ungreedy_at_zero(said)


def test_of_one_temperature_nothing_is_known():
    rng = np.random.default_rng(1)
    said = [reported(each, 0, rng) for each in asks(["p", "q"], 5)]

    assert semantics([]) is Semantics.UNKNOWN
    assert semantics(said[:2]) is Semantics.UNKNOWN


def test_a_greedy_token_that_is_not_the_best_of_its_list_makes_lists_worthless():
    rng = np.random.default_rng(2)
    said = [reported(each, 0, rng) for each in asks(["p"], 5)]
    place = said[0].positions[0]
    other = dataclasses.replace(place, token=place.top[1].token, logprob=place.top[1].logprob)

    assert ungreedy_at_zero([dataclasses.replace(said[0], positions=(other,)), *said[1:]])
