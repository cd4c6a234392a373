"""An endpoint against its own past."""

import numpy as np
import pytest

from conformance.parity.drift import NIGHTS, by_logprobs, by_texts
from conformance.parity.model import Layer, Says

EVEN, OTHER = (0.5, 0.3, 0.15, 0.05), (0.25, 0.35, 0.2, 0.2)


def ratios(rng, nights, mean):
    return [list(rng.gamma(6, mean / 6, 12)) for _ in range(nights)]


def texts(rng, chances, each=12, prompts=20):
    return {f"p{k}": tuple(f"t{t}" for t in rng.choice(4, each, p=chances)) for k in range(prompts)}


def test_thirty_quiet_nights():
    rng = np.random.default_rng(1)
    decision = by_logprobs(ratios(rng, NIGHTS, 1.0))

    assert decision.says is Says.SAME
    assert len(decision.path) == NIGHTS


def test_exactly_at_the_margin_an_alarm_is_rare():
    """The worst case of the null, 25 times 30 nights: 1 % allowed."""
    rng = np.random.default_rng(2)
    clipped = lambda: [list(3 * rng.beta(4, 4, 6)) for _ in range(NIGHTS)]  # noqa: E731 - mean 1.5 floors

    assert sum(by_logprobs(clipped()).says is Says.DIFFERENT for _ in range(25)) <= 2


@pytest.mark.parametrize("after", [0, 1, 20])
def test_int4_is_noticed_within_two_nights(after):
    """However many quiet nights there were: a bet is opened anew each night."""
    rng = np.random.default_rng(3)
    quiet, changed = ratios(rng, after, 1.0), ratios(rng, 2, 12.0)
    decision = by_logprobs(quiet + changed)

    assert (decision.says, decision.layer) == (Says.DIFFERENT, Layer.WEIGHTS)
    assert by_logprobs(quiet).says is not Says.DIFFERENT
    assert f"night {after + 1}" in decision.why or f"night {after + 2}" in decision.why


def test_after_thirty_nights_one_begins_anew():
    rng = np.random.default_rng(4)
    decision = by_logprobs(ratios(rng, NIGHTS, 1.0) + ratios(rng, 2, 12.0))

    assert decision.says is Says.DIFFERENT
    assert len(decision.path) == 2


def test_from_text_alone():
    rng = np.random.default_rng(5)
    pool = texts(rng, EVEN, each=128)
    quiet = [texts(rng, EVEN) for _ in range(4)]
    changed = quiet + [texts(rng, OTHER) for _ in range(2)]

    assert by_texts(pool, quiet, 1).says is Says.SAME
    assert by_texts(pool, changed, 1).says is Says.DIFFERENT
    assert by_texts(pool, quiet, 1).p_values == by_texts(pool, changed, 1).p_values[:4]


def test_a_night_without_an_answer_decides_nothing():
    rng = np.random.default_rng(6)
    quiet, kept = ratios(rng, 3, 1.0), texts(rng, EVEN, each=128)

    assert by_logprobs([*quiet, []]).says is Says.INCONCLUSIVE
    assert by_texts(kept, [texts(rng, EVEN), {}], 1).says is Says.INCONCLUSIVE


def test_before_the_first_night_nothing_is_known():
    assert by_logprobs([]).says is by_texts({}, [], 1).says is Says.INCONCLUSIVE
