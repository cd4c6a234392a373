"""Stage 1 from end to end on recorded lists: the same weights in other arithmetic, and changed ones."""

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest
from said import listed, run

from conformance.parity.choice import drawn
from conformance.parity.floor import Floor, Source
from conformance.parity.logprobs import Logprobs
from conformance.parity.model import Layer, Says

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import parity_world as recorded

PROMPTS = recorded.prompts()


@pytest.fixture(scope="module")
def known():
    return {p: [listed(one[n], p) for one in recorded.lists("ref")] for n, p in enumerate(PROMPTS)}


@pytest.mark.parametrize(
    ("name", "says", "within"),
    [
        *((name, Says.SAME, 96) for name in ("b-tp", "b-fp16", "b-fp32")),
        *((name, Says.DIFFERENT, 20) for name in ("fp8", "int4g64", "nosys", "raw")),
        ("w8a16", Says.DIFFERENT, 96),
    ],
)
def test_what_recorded_endpoints_are_called(name, says, within, known):
    rng, lists = np.random.default_rng(1), recorded.lists(name)
    stage = Logprobs(drawn(PROMPTS, 1), known, Floor(recorded.floor(), Source.REPLICA))

    def reply(ask):
        top = lists[rng.integers(len(lists))][PROMPTS.index(ask.prompt)]
        return dataclasses.replace(listed(top, ask.prompt, ask.order), ask=ask)

    decision, _ = run(stage, reply)

    assert decision.says is says
    assert decision.layer is (Layer.WEIGHTS if says is Says.DIFFERENT else None)
    assert decision.tokens <= within
