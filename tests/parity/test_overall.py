"""From stages to one answer."""

import itertools

import pytest

from conformance.parity.model import Decision, Layer, Says, StageName
from conformance.parity.overall import overall

S, C, D, U = Says.SAME, Says.SAME_COARSE, Says.DIFFERENT, Says.INCONCLUSIVE


def said(stage, says, layer=None, **about):
    return Decision(stage=StageName(stage), says=says, why="", layer=layer, level=0.01, tokens=10, **about)


ANSWERS = {
    "nothing asked": ({}, U),
    "same": ({"0": S, "1": S, "2": U, "2b": S}, S),
    "same, and text certifies too": ({"0": S, "1": S, "2": C}, S),
    "logprobs alone don't see the sampler": ({"0": S, "1": S}, U),
    "text only": ({"0": S, "2": C, "2b": S}, C),
    "text only, no difference found": ({"0": S, "2": U}, U),
    "coarse is no substitute for undecided logprobs": ({"0": S, "1": U, "2": C}, U),
    "rendering unknown": ({"0": U, "1": S, "2": C}, U),
    "one stage is enough for different": ({"0": S, "1": S, "2": D}, D),
    "a good profile makes no other model the same": ({"0": S, "1": D, "2": U, "4": S}, D),
    "a bad profile makes no model another": ({"0": S, "1": S, "2": U, "4": D}, S),
}


@pytest.mark.parametrize(("stages", "answer"), ANSWERS.values(), ids=ANSWERS)
def test_the_answer(stages, answer):
    assert overall([said(stage, says) for stage, says in stages.items()]).answer is answer


def test_short_answers_that_could_not_be_compared_leave_the_sampler_open():
    assert overall([said("0", S), said("1", S), said("2", U, notices=("a cache",))]).answer is U


def test_every_combination_has_an_answer_and_words():
    """No stage that says different is ever overruled, and same needs its three."""
    for says in itertools.product((S, D, U, None), repeat=4):
        decisions = [said(stage, each) for stage, each in zip(("0", "1", "2", "2b"), says, strict=True) if each]
        found = overall(decisions)

        assert (found.answer is D) == (D in says)
        assert found.answer is not S or (says[0] is S and says[1] is S)
        assert found.words
        assert found.level == pytest.approx(0.01 * len(decisions))


@pytest.mark.parametrize("stage", ["0", "1", "2"])
def test_of_a_baseline_that_was_changed_nothing_is_held_against_the_candidate(stage):
    found = overall([said(stage, D, Layer.WEIGHTS), said("drift", D, Layer.WEIGHTS)])

    assert (found.answer, found.layer) == (U, None)
    assert "the baseline itself is another model" in found.words


def test_what_was_found_before_the_baseline_was_changed_during_the_audit_stands():
    moved = said("drift", D, Layer.WEIGHTS, detail="during the audit")
    found = overall([said("0", S), said("1", D, Layer.WEIGHTS), said("2", U), moved])
    nothing = overall([said("0", S), said("1", U), said("2", U), moved])

    assert (found.answer, found.layer) == (D, Layer.WEIGHTS)
    assert "the baseline itself was changed after that was found" in found.words
    assert nothing.answer is U
    assert "changed during the audit" in nothing.words


LAYERS = {
    "rendering explains the rest": ([("0", Layer.RENDERING), ("1", Layer.WEIGHTS), ("2", Layer.WEIGHTS)], Layer.RENDERING),
    "a sampler shows in text, not in logprobs": ([("2", Layer.WEIGHTS), ("2b", Layer.SAMPLER)], Layer.SAMPLER),
    "weights show in both": ([("1", Layer.WEIGHTS), ("2b", Layer.SAMPLER)], Layer.WEIGHTS),
    "a fleet": ([("1", Layer.FLEET), ("2", Layer.WEIGHTS)], Layer.FLEET),
    "length": ([("3", Layer.LENGTH)], Layer.LENGTH),
    "text alone": ([("2", Layer.WEIGHTS)], Layer.WEIGHTS),
}


@pytest.mark.parametrize(("stages", "layer"), LAYERS.values(), ids=LAYERS)
def test_the_layer(stages, layer):
    assert overall([said(stage, D, each) for stage, each in stages]).layer is layer


@pytest.mark.parametrize(("tasks", "enough"), [((), None), ((S,), True), ((S, U), None), ((S, D), False), ((U,), None)])
def test_good_enough_stands_beside_the_answer(tasks, enough):
    found = overall([said("0", S), said("1", D, Layer.WEIGHTS, detail="of the size of int4"), *(said("4", each) for each in tasks)])

    assert found.good_enough is enough
    assert ("good enough" in found.words) == (enough is True)
    assert found.tokens == 10 * (2 + len(tasks))


@pytest.mark.parametrize(
    ("answer", "tasks", "words"),
    [
        (S, S, "Good enough for my-app."),
        (D, S, "Another build, good enough for my-app."),
        (D, D, "Worse than my-app allows."),
        (S, U, "Whether it is good enough for my-app is not decided."),
    ],
)
def test_a_profile_that_was_asked_for_gets_an_answer(answer, tasks, words):
    found = overall([said("0", S), said("1", answer), said("2", S), said("4", tasks)], profile="my-app")

    assert found.words.endswith(words)


@pytest.mark.parametrize(("layer", "named"), [(Layer.SAMPLER, False), (Layer.WEIGHTS, True)])
def test_what_a_sampler_keeps_to_although_it_is_asked_otherwise_is_no_default(layer, named):
    """A forced temperature looks, once it is compared without min_p, as if min_p had been it."""
    default = said("2", U, defaults="candidate: min_p of about 0.05")
    found = overall([said("0", S), said("1", S), default, said("2b", D, layer)])

    assert bool(found.defaults) is named
    assert ("other defaults" in found.words) is named


def test_errors_add_up_over_all_that_was_decided():
    """Stage 2b decides twice: what is honoured, and what tail is cut."""
    assert overall([said("0", S), said("2b", S), said("2b", U), said("4", S)]).level == pytest.approx(0.03)


def test_the_same_lists_and_another_text_is_a_sampler():
    """Raw logprobs don't show what is drawn from them."""
    assert overall([said("1", S), said("2", D, Layer.WEIGHTS)]).layer is Layer.SAMPLER
    assert overall([said("1", U), said("2", D, Layer.WEIGHTS)]).layer is Layer.WEIGHTS
