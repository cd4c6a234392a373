"""One trial, judged: the rules of truth."""

import pytest
from bench import BENCH, branches, exchange, needs, ref, step, trial, variant

from conformance.verdict.judge import judge_trial
from conformance.verdict.outcome import Outcome
from conformance.wire.exchange import Ended

OK, BAD, OPEN, OURS = Outcome.PASSED, Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.ERROR
EXPECT_200 = needs("CRESP-006", ref("status", code=200))
HELLO = {"say": "hello"}


def judged(one, *exchanges, **more):
    return judge_trial(variant(*one), trial(*exchanges, **more), BENCH)


@pytest.mark.parametrize(("status", "outcome"), [(200, OK), (500, BAD)])
def test_an_expectation_passes_or_fails(status, outcome):
    assert judged([step(expect=(EXPECT_200,))], exchange(status=status)).outcome is outcome


def test_an_assumption_that_does_not_hold_makes_the_rest_inconclusive_and_the_model_weak():
    one = step(assume=(ref("says", word="hello"),), expect=(needs("CRESP-006", ref("status", code=404)),))

    verdict = judged([one], exchange(body={}))

    assert (verdict.outcome, verdict.weak) == (OPEN, True)
    assert "hello" in verdict.why
    assert [result.witnesses for result in verdict.results] == [0]


def test_an_assumption_that_fails_on_a_broken_answer_is_not_the_models_weakness():
    one = step(assume=(ref("says", word="hello"),), expect=(EXPECT_200,))

    assert judged([one], exchange(status=500)).weak is False


@pytest.mark.parametrize("path", ["/embeddings", "/models"])
def test_no_stronger_model_mends_a_vector_or_a_list(path):
    one = step(assume=(ref("says", word="hello"),), expect=(EXPECT_200,))

    verdict = judged([one], exchange(path=path))

    assert (verdict.outcome, verdict.weak) == (OPEN, False)


def test_after_a_refuted_step_not_even_that_is_judged():
    """The request of the second step was made from what the first did not bring."""
    steps = [
        step("ask", assume=(ref("says", word="call"),), expect=(EXPECT_200,)),
        step("answer", always=(EXPECT_200,)),
    ]
    ask, answer = exchange(body={}, step="ask"), exchange(step="answer", status=400)

    assert judged(steps, ask, answer).outcome is OPEN
    assert judged(steps, exchange(body={"call": 1}, step="ask"), answer).outcome is BAD


def test_what_the_request_promises_is_judged_even_where_the_assumption_does_not_hold():
    one = step(
        always=(needs("TOOL-020", ref("status", code=201)),),
        assume=(ref("says", word="hello"),),
        expect=(EXPECT_200,),
    )

    assert judged([one], exchange()).outcome is BAD


def test_no_pass_without_a_witness():
    one = step(expect=(needs("TOOL-007", ref("items_are_positive")),))

    silent = judged([one], exchange(body={"items": []}))

    assert (silent.outcome, silent.why) == (OPEN, "there was nothing to look at for TOOL-007")
    assert judged([one], exchange(body={"items": [1]})).outcome is OK
    assert judged([one], exchange(body={"items": [-1]})).outcome is BAD


def test_what_is_wrong_was_seen_though_another_check_of_the_requirement_saw_nothing():
    """A failed case without a finding would tell nobody which clause was broken."""
    one = step(expect=(needs("TOOL-007", ref("status", code=200), ref("items_are_positive")),))

    verdict = judged([one], exchange(status=500, body={"items": []}))

    assert verdict.outcome is BAD
    assert [result.witnesses for result in verdict.results] == [1]


def test_a_check_that_crashes_is_our_error_and_never_the_endpoints_failure():
    verdict = judged([step(expect=(needs("CRESP-006", ref("broken")),))], exchange())

    assert verdict.outcome is OURS
    assert "ours" in verdict.why


@pytest.mark.parametrize(
    "given",
    [
        {"error": "the harness stumbled"},
        {},
    ],
)
def test_a_trial_that_we_could_not_run_is_our_error(given):
    assert judge_trial(variant(step(expect=(EXPECT_200,))), trial(**given), BENCH).outcome is OURS


def test_an_endpoint_that_cannot_be_reached_has_not_failed():
    gone = exchange(how=Ended.UNREACHABLE, detail="connection refused")

    verdict = judged([step(expect=(EXPECT_200,))], gone)

    assert verdict.outcome is OURS
    assert "connection refused" in verdict.why


def test_a_step_that_could_not_be_asked_leaves_the_case_undecided():
    two = [step("ask", expect=(EXPECT_200,)), step("answer", expect=(needs("RT-002", ref("status", code=200)),))]

    verdict = judged(two, exchange("ask"))

    assert verdict.outcome is OPEN
    assert "'answer'" in verdict.why


def test_a_case_is_judged_on_the_last_attempt_and_counts_the_others():
    verdict = judged([step(expect=(EXPECT_200,))], exchange(status=503), exchange(attempt=2))

    assert (verdict.outcome, verdict.attempts) == (OK, 1)


class TestOutcome:
    ways = branches(
        honoured=[needs("CREQ-061", ref("status", code=200), ref("says", word="hello"))],
        rejected=[needs("ERR-033", ref("status", code=400))],
    )

    @pytest.mark.parametrize(
        ("status", "body", "branch", "outcome", "broken"),
        [
            (200, HELLO, "honoured", OK, set()),
            (400, {}, "rejected", OK, set()),
            (200, {}, "ignored", BAD, {"CREQ-061"}),
            (422, {}, "broken", BAD, {"ERR-033"}),
            (500, {}, "broken", BAD, {"ERR-033"}),
            (200, {"error": {"message": "no"}}, "broken", BAD, {"CREQ-061"}),
        ],
    )
    def test_the_first_way_that_holds_is_what_the_provider_does(self, status, body, branch, outcome, broken):
        verdict = judged([step(outcome=self.ways)], exchange(status=status, body=body))

        assert (verdict.branch, verdict.outcome) == (branch, outcome)
        assert {each.clause for each in verdict.results if each.problems} == broken

    def test_no_effect_without_a_control(self):
        control = step("control", control=True, assume=(ref("says", word="long"),))

        verdict = judged(
            [control, step(outcome=self.ways)], exchange("control", body={}), exchange(body=HELLO)
        )

        assert (verdict.outcome, verdict.branch) == (OPEN, "")
        assert "control" in verdict.why

    @pytest.mark.parametrize(
        ("body", "branch"), [({"say": "long"}, "ignored"), ({"say": "half"}, "partly")]
    )
    def test_ignored_means_that_it_still_does_what_the_control_showed(self, body, branch):
        control = step("control", control=True, assume=(ref("says", word="long"),))

        verdict = judged(
            [control, step(outcome=self.ways)],
            exchange("control", body={"say": "long"}), exchange(body=body),
        )

        assert (verdict.branch, verdict.outcome) == (branch, BAD)

    def test_with_its_control_shown_the_effect_counts(self):
        control = step("control", control=True, assume=(ref("says", word="long"),))

        verdict = judged(
            [control, step(outcome=self.ways)],
            exchange("control", body={"say": "long"}), exchange(body=HELLO),
        )

        assert (verdict.outcome, verdict.branch) == (OK, "honoured")


@pytest.mark.parametrize(
    ("body", "words"),
    [({"error": {"message": "n must be 1"}}, "n must be 1"), ({"detail": "no"}, "detail"), ({"error": {"message": 7}}, "error")],
)
def test_a_refusal_that_is_one_of_the_ways_is_told_in_the_servers_words(body, words):
    one = step(outcome=branches(served=[EXPECT_200], rejected=[needs("CRESP-006", ref("status", code=400))]))

    refused, served = judged([one], exchange(status=400, body=body)), judged([one], exchange())

    assert (refused.outcome, refused.branch, served.why) == (OK, "rejected", "")
    assert "status 400" in refused.why
    assert words in refused.why
