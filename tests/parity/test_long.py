"""Stage 3: long answers."""

import dataclasses
import math

import numpy as np
import pytest
from said import ask, ranked, run

from conformance.parity.drawn import fortunes, rivals, unlike
from conformance.parity.long import LOOKS, TOKENS, Long, rewritten
from conformance.parity.model import Answer, Ask, Layer, Position, Says, Settings, StageName
from conformance.parity.simulated import Sampler, endpoint, world
from conformance.parity.written import text_p_value

WORLD = world(5, mid=10, high=80, low=10)
PROMPTS = WORLD.prompts[10:18]
BASELINE = endpoint(WORLD, "a", 1)


def baseline(width=None, each=24):
    rng = np.random.default_rng(1)
    settings = Settings(max_tokens=TOKENS, top_logprobs=width)
    return {
        p: [BASELINE.answer(Ask(stage=StageName.LONG, prompt=p, order=n, settings=settings), rng) for n in range(each)]
        for p in PROMPTS
    }


TEXTS, LISTS = baseline(), baseline(20, each=2)


def other(penalty=0.0, **about):
    return dataclasses.replace(endpoint(WORLD, "b", 9, **about), penalty=penalty)


def audit(of, width=None, seed=2):
    rng = np.random.default_rng(seed)
    return run(Long(LISTS if width else TEXTS, 3, width), lambda each: of.answer(each, rng))


FORCED = {
    "nothing": ({}, Says.INCONCLUSIVE, "", ""),
    "a penalty": ({"penalty": 1.0}, Says.DIFFERENT, "words that came before", "penalty"),
    "min_p": ({"sampler": Sampler(min_p=0.1)}, Says.DIFFERENT, "", "min_p 0.1"),
    "top_p": ({"sampler": Sampler(top_p=0.7)}, Says.DIFFERENT, "", ""),  # beyond the reach of 20 tokens: shows as cold
}


@pytest.mark.parametrize(("forced", "says", "detail", "_"), FORCED.values(), ids=FORCED)
def test_by_text_alone(forced, says, detail, _):
    decision, _ = audit(other(**forced))

    assert decision.says is says
    assert detail in decision.detail
    assert decision.tokens <= 4000
    assert decision.layer is (Layer.SAMPLER if says is Says.DIFFERENT else None)


@pytest.mark.parametrize(("forced", "says", "_", "rival"), FORCED.values(), ids=FORCED)
def test_by_the_candidate_s_own_lists(forced, says, _, rival):
    decision, _ = audit(other(**forced), width=20)

    assert decision.says is says
    assert rival in decision.detail
    assert says is Says.INCONCLUSIVE or decision.tokens <= 800


def test_what_would_have_been_found_holds_for_how_it_was_looked():
    """By lists more than by text; nothing before all looks, and nothing from silence."""
    by_text, seen = audit(other())
    by_lists, _ = audit(other(), width=20)
    cut = Long(TEXTS, 3).judge([each for each in seen if each.ask.order < LOOKS[1] * len(PROMPTS)])
    mute, _ = run(Long(TEXTS, 3), lambda each: Answer(ask=each))
    half = Long(TEXTS, 3).judge([each if each.ask.order % 2 else Answer(ask=each.ask) for each in seen])

    assert by_lists.found == ("a repetition penalty of 1.1", "top_p 0.9", "min_p 0.1")
    assert by_text.found == ("a repetition penalty of 1.1", "min_p 0.1")
    assert "top_p 0.9" in by_text.missed
    assert any("weaker penalty" in each for each in by_text.missed)
    assert [each.found for each in (cut, mute, half)] == [(), (), ()]


def test_another_build_that_draws_from_its_lists_is_no_sampler():
    """int4 differs by text, and not because of what it draws."""
    rng = np.random.default_rng(4)
    int4 = other(change=1.3)
    said = [int4.answer(ask(p, 0, StageName.LONG, max_tokens=TOKENS, top_logprobs=20), rng) for p in PROMPTS * 4]

    assert max(fortunes(said)[0]) < math.log(1 / 0.01)


def test_where_the_baseline_s_lists_are_not_what_it_draws_from_none_need_to_be():
    rng = np.random.default_rng(5)
    penalised, settings = dataclasses.replace(BASELINE, penalty=1.0), Settings(max_tokens=TOKENS, top_logprobs=20)
    known = {p: [penalised.answer(Ask(stage=StageName.LONG, prompt=p, order=n, settings=settings), rng) for n in range(24)] for p in PROMPTS}
    decision, _ = run(Long(known, 3, 20), lambda each: other(penalty=1.0).answer(each, rng))

    assert decision.says is Says.INCONCLUSIVE, decision.detail


def position(token, **chances):
    return Position(token.encode(), 0.0, ranked(**chances))


def test_likelihood_ratios_by_hand():
    """First `a`, then `a` again where it had 0.5; a penalty of 1 would leave it 0.5/e."""
    two = Answer(ask=ask(), positions=(position("a", a=0.6, b=0.4), position("a", a=0.5, b=0.5)))
    found, left = rivals(two), 0.5 / math.e

    assert found["penalty of about 1"] == pytest.approx(math.log(left / (left + 0.5) / 0.5))
    assert "min_p 0.1" not in found  # the list doesn't reach down to what would be cut
    tailed = Answer(ask=ask(), positions=(position("c", a=0.9, b=0.06, c=0.04),))
    assert rivals(tailed)["top_p 0.95"] == pytest.approx(math.log(0.02))
    assert rivals(tailed)["min_p 0.1"] == pytest.approx(math.log(0.02))
    kept = Answer(ask=ask(), positions=(position("a", a=0.9, b=0.06, c=0.04),))
    assert rivals(kept)["min_p 0.1"] == pytest.approx(-math.log(0.9) + math.log(1 - 0.02 * 0.1))


def test_honest_draws_win_nothing():
    """At 5 %, 60 endpoints' worth of 8 answers each: 3 expected at most."""
    rng = np.random.default_rng(6)
    said = [[BASELINE.answer(ask(p, 0, StageName.LONG, max_tokens=24, top_logprobs=20), rng) for p in PROMPTS] for _ in range(40)]

    assert sum(max(fortunes(each)[0]) >= math.log(20) for each in said) <= 5


def test_endings_and_lengths_are_a_layer_of_their_own():
    rng = np.random.default_rng(7)

    def cut_short(each):
        whole = other().answer(each, rng)
        return dataclasses.replace(whole, text=" ".join(whole.text.split()[:20]), completion_tokens=20, finish="stop")

    decision, _ = run(Long(TEXTS, 3), cut_short)

    assert (decision.says, decision.layer) == (Says.DIFFERENT, Layer.LENGTH)


def test_alike_writers_are_told_apart_no_more_often_than_allowed():
    rng = np.random.default_rng(8)
    pool = {p: [dataclasses.replace(a, finish=rng.choice(["stop", "length"])) for a in each] for p, each in TEXTS.items()}
    wrong = 0
    for seed in range(60):
        parts = {p: rng.permutation(len(each)) for p, each in pool.items()}
        known = {p: [pool[p][n] for n in parts[p][:14]] for p in pool}
        wrong += text_p_value(known, [pool[p][n] for p in pool for n in parts[p][14:]], seed, 0.05)[0] <= 0.05

    assert wrong <= 9


def test_silence_and_a_plan_cut_short():
    decision, seen = run(Long(TEXTS, 3), lambda each: Answer(ask=each))

    assert decision.says is Says.INCONCLUSIVE
    assert decision.notices
    assert len(seen) == LOOKS[0] * len(PROMPTS)
    assert Long(TEXTS, 3).judge(seen[:3]).path == ()


@pytest.mark.parametrize(("forced", "named"), [(Sampler(0.3), "temperature"), (Sampler(min_p=0.1), "(min_p or top_k)")])
def test_only_a_tail_that_is_cut_is_named_so(forced, named):
    """Where it is cold nothing unlikely comes either."""
    rng = np.random.default_rng(7)
    cold = other(sampler=forced)
    said = [cold.answer(ask(p, n, StageName.LOGPROBS, max_tokens=1, top_logprobs=20), rng) for n in range(40) for p in PROMPTS]

    assert named in unlike(said).sampler


def written(of, width, seed, each):
    rng = np.random.default_rng(seed)
    settings = Settings(max_tokens=TOKENS, top_logprobs=width)
    asks = [Ask(stage=StageName.LONG, prompt=p, order=n, settings=settings) for n in range(each) for p in PROMPTS]
    return [of.answer(one, rng) for one in asks]


@pytest.mark.parametrize(("width", "each"), [(None, 10), (20, 2)], ids=["text", "lists"])
@pytest.mark.parametrize("yields", [True, False])
def test_what_a_penalty_changes_is_seen_once_it_is_off_and_a_replicate_changes_nothing(yields, width, each):
    """Two answers a prompt are too few by text: there the lists tell."""
    on, off = other(penalty=1.0), other(penalty=0.0 if yields else 1.0)

    assert rewritten(written(on, width, 1, each), written(off, width, 2, 10), 3) is yields


def test_nothing_said_is_nothing_changed():
    assert not rewritten((), written(other(), None, 1, 2), 3)
