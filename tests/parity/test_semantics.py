"""Stage 1b: what logprobs mean."""

import numpy as np
import pytest
from said import listed

from conformance.parity.model import Ranked
from conformance.parity.semantics import Semantics, asks, semantics

LOGITS = np.array([2.0, 0.4, -0.3, -1.1, -2.0])


def reported(ask, power, rng):
    """`power` 0: raw; 1: after temperature; between: something else."""
    logits = (LOGITS + rng.normal(0, 0.07, 5)) / ask.settings.temperature**power
    logs = logits - np.log(np.exp(logits).sum())
    top = sorted((Ranked(b"%d" % n, float(each)) for n, each in enumerate(logs)), key=lambda each: -each.logprob)
    return listed(top, ask.prompt, ask.order, temperature=ask.settings.temperature)


@pytest.mark.parametrize(
    ("power", "meaning"), [(0, Semantics.RAW), (1, Semantics.PROCESSED), (0.5, Semantics.UNKNOWN)]
)
@pytest.mark.parametrize("seed", range(20))
def test_raw_or_processed_in_four_tokens(power, meaning, seed):
    rng = np.random.default_rng(seed)
    four = asks(["p", "q"], 5)

    assert len(four) == 4
    assert semantics([reported(each, power, rng) for each in four]) is meaning


def test_of_one_temperature_nothing_is_known():
    rng = np.random.default_rng(1)
    four = [reported(each, 0, rng) for each in asks(["p", "q"], 5)]

    assert semantics([]) is Semantics.UNKNOWN
    assert semantics(four[:1]) is Semantics.UNKNOWN
