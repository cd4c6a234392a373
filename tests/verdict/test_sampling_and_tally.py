"""Samples, arms, rates: when the sampler stops, and what the tally makes of it."""

from fnmatch import fnmatch

import pytest
from bench import BENCH, branches, exchange, needs, ref, step, trial, variant
from views import CLAUSES, provider

from conformance.plan.model import ADAPTED, PLAIN, Cell
from conformance.verdict.cases import judge_case
from conformance.verdict.findings import clause_counts, findings
from conformance.verdict.judge import judge_trial
from conformance.verdict.outcome import Outcome
from conformance.verdict.sampling import JudgingSampler
from conformance.verdict.tally import Tally

EXPECT_200 = needs("TOOL-020", ref("status", code=200))


def play(one, answer, who=None, **more):
    """Run a sampler to its end; `answer(ask)` gives the trial. Returns tally and asks."""
    who = who or provider()
    tally = Tally({one.cell: one}, BENCH)
    judged = {}
    sampler = JudgingSampler(verdict_of=lambda each: judged[each.key], providers={"b": who}, **more)
    cell = Cell(variant=one, providers=("b",))
    decision, asked = sampler.start(cell), []
    while decision.asks:
        trials = [answer(ask) for ask in decision.asks]
        for each in trials:
            judged[each.key] = tally.add(each)
        asked += decision.asks
        decision = sampler.next(cell, decision.state, trials)
    case = judge_case(one, who, tally.verdicts("b", one.cell), CLAUSES, seconds=0)
    return tally, asked, case


def answering(statuses):
    return lambda ask: trial(
        exchange(status=statuses(ask)), arm=ask.arm, sample=ask.sample
    )


def test_one_sample_is_enough_where_nothing_else_is_said():
    _, asked, case = play(variant(step(expect=(EXPECT_200,))), answering(lambda ask: 200))

    assert (len(asked), case.outcome) == (1, Outcome.PASSED)


def test_a_rate_stops_as_soon_as_it_is_clear():
    rated = variant(step(expect=(EXPECT_200,)), samples=(8, 120), rate=(0.95, 0.1))

    _, good, passed = play(rated, answering(lambda ask: 200))
    _, bad, failed = play(rated, answering(lambda ask: 500))

    assert (passed.outcome, failed.outcome) == (Outcome.PASSED, Outcome.FAILED)
    assert len(bad) < len(good) < 120


def test_single_failures_within_a_rate_are_no_finding():
    rated = variant(step(expect=(EXPECT_200,)), samples=(8, 120), rate=(0.8, 0.2))

    tally, _, case = play(rated, answering(lambda ask: 500 if ask.sample == 3 else 200))

    assert case.outcome is Outcome.PASSED
    assert clause_counts(tally.providers["b"], [case])["TOOL-020"].failed == 0


def test_a_failed_rate_is_a_finding_with_its_count():
    rated = variant(step(expect=(EXPECT_200,)), samples=(8, 120), rate=(0.95, 0.1))

    tally, asked, case = play(rated, answering(lambda ask: 500))

    assert clause_counts(tally.providers["b"], [case])["TOOL-020"].failed == len(asked)


@pytest.mark.parametrize(("said", "asked"), [(99, 8), (3, 120)], ids=["never", "once"])
def test_a_rate_of_which_no_sample_says_anything_is_not_asked_on(said, asked):
    rated = variant(
        step(assume=(ref("says", word="hello"),), expect=(EXPECT_200,)), samples=(8, 120), rate=(0.8, 0.2)
    )

    _, asks, case = play(
        rated, lambda ask: trial(exchange(body={"say": "hello"} if ask.sample == said else {}), sample=ask.sample)
    )

    assert (len(asks), case.outcome) == (asked, Outcome.INCONCLUSIVE)


def test_a_rate_counts_only_the_samples_that_say_anything():
    rated = variant(
        step(assume=(ref("says", word="hello"),), expect=(EXPECT_200,)), samples=(3, 3), rate=(0.5, 0.2)
    )
    bodies = (["no"] * 3, ["hello", "no", "no"])

    words = [
        play(rated, lambda ask, said=said: trial(exchange(body=said[ask.sample]), sample=ask.sample))[2].message
        for said in bodies
    ]

    assert words[0].startswith("none of 3 samples says anything")
    assert words[1].startswith("held in 1 of 1 samples (2 more say nothing): the rate lies in [")


def test_an_undecided_trial_is_tried_again_up_to_the_most():
    one = variant(step(assume=(ref("says", word="hello"),), expect=(EXPECT_200,)), samples=(1, 4))

    _, asked, case = play(one, lambda ask: trial(exchange(), sample=ask.sample))

    assert len(asked) == 4
    assert (case.outcome, case.weak) == (Outcome.INCONCLUSIVE, True)


def test_the_adapted_arm_is_asked_only_when_the_plain_one_did_not_pass():
    one = variant(step(expect=(EXPECT_200,), fragments=("thinking-off",)))
    who = provider(fragments={"thinking-off": {"thinking": {"type": "disabled"}}})

    _, fine, _ = play(one, answering(lambda ask: 200), who)
    _, helped, case = play(one, answering(lambda ask: 200 if ask.arm == ADAPTED else 500), who)

    assert [ask.arm for ask in fine] == [PLAIN]
    assert [ask.arm for ask in helped] == [PLAIN, ADAPTED]
    assert (case.outcome, case.adapted, case.changes) == (Outcome.FAILED, True, ("thinking-off",))


def test_a_quick_run_has_no_adapted_arm():
    one = variant(step(expect=(EXPECT_200,), fragments=("thinking-off",)))

    _, asked, case = play(one, answering(lambda ask: 500), HELP, adapts=False)

    assert ([ask.arm for ask in asked], case.outcome) == ([PLAIN], Outcome.FAILED)


def test_a_provider_without_the_fragment_is_not_asked_twice():
    one = variant(step(expect=(EXPECT_200,), fragments=("thinking-off",)))

    _, asked, _ = play(one, answering(lambda ask: 500))

    assert [ask.arm for ask in asked] == [PLAIN]


def test_an_invariant_counts_every_exchange_and_keeps_three_as_evidence():
    one = variant(step(expect=(EXPECT_200,)), samples=(5, 5))
    broken = exchange()
    object.__setattr__(broken, "received", (type(broken.received[0])(at=2, data=b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{]"),))

    tally, _, _ = play(one, lambda ask: trial(broken, sample=ask.sample))

    count = tally.providers["b"].clauses["STRM-001"]
    assert (count.witnesses, count.failed, len(count.evidence)) == (5, 5, 3)


def test_what_only_the_adapted_arm_broke_is_no_finding():
    one = variant(step(expect=(EXPECT_200,)))
    tally = Tally({one.cell: one}, BENCH)

    tally.add(trial(exchange(status=500), arm=ADAPTED))

    assert tally.providers["b"].clauses["TOOL-020"].failed == 0


def test_an_exchange_counts_once_for_a_clause_however_many_checks_look_at_it():
    one = variant(step(expect=(needs("STRM-001", ref("status", code=200)),)))

    tally, _, _ = play(one, answering(lambda ask: 500))

    count = tally.providers["b"].clauses["STRM-001"]
    assert (count.checked, count.failed, count.witnesses) == (1, 1, 2)


def test_what_one_check_complains_of_is_a_finding_though_another_has_nothing_to_look_at():
    both = needs("TOOL-020", ref("status", code=200), ref("items_are_positive"))

    tally, _, case = play(variant(step(expect=(both,))), lambda ask: trial(exchange(status=500, body={})))

    assert case.outcome is Outcome.FAILED
    assert tally.providers["b"].clauses["TOOL-020"].failed == 1


def test_an_invariant_of_a_rated_clause_does_not_fail_what_the_rate_allows():
    rated = variant(
        step(expect=(needs("STRM-001", ref("says", word="ok")),)), samples=(8, 120), rate=(0.8, 0.2)
    )
    odd = exchange(body="ok")
    object.__setattr__(odd, "received", (type(odd.received[0])(at=2, data=b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok]"),))

    tally, _, case = play(
        rated, lambda ask: trial(odd if ask.sample == 3 else exchange(body="ok"), sample=ask.sample)
    )

    assert case.outcome is Outcome.PASSED
    assert clause_counts(tally.providers["b"], [case])["STRM-001"].failed == 0

HELP = provider(fragments={"thinking-off": {"thinking": {"type": "disabled"}}})


def test_under_a_rate_one_lucky_answer_with_the_fragments_is_no_cure():
    rated = variant(
        step(expect=(EXPECT_200,), fragments=("thinking-off",)), samples=(8, 64), rate=(0.95, 0.1)
    )
    half = answering(lambda ask: 200 if ask.sample % 2 == 0 else 400)
    cured = answering(lambda ask: 200 if ask.arm == ADAPTED else 400)

    _, _, lucky = play(rated, half, HELP)
    _, asked, helped = play(rated, cured, HELP)

    assert (lucky.outcome, lucky.adapted) == (Outcome.FAILED, False)
    assert (helped.outcome, helped.adapted) == (Outcome.FAILED, True)
    assert [ask.sample for ask in asked if ask.arm == ADAPTED] == list(range(len(asked) - 8))


def test_with_the_fragments_as_often_as_without():
    one = variant(step(expect=(EXPECT_200,), fragments=("thinking-off",)), samples=(3, 3))
    flaky = answering(lambda ask: 200 if ask.arm == ADAPTED and ask.sample != 1 else 400)

    _, asked, case = play(one, flaky, HELP)

    assert [ask.arm for ask in asked] == [PLAIN] * 3 + [ADAPTED] * 3
    assert not case.adapted


@pytest.mark.parametrize(
    ("status", "word", "in_vain"),
    [(200, "{", False), (400, "{", True), (200, "done", False)],  # it works, it fails, the model does not
)
def test_it_was_told_in_vain_where_the_server_does_not_do_it_either(status, word, in_vain):
    assumed = step(expect=(EXPECT_200,), assume=(ref("says", word=word),), fragments=("thinking-off",))

    _, _, case = play(variant(assumed), answering(lambda ask: status if ask.arm == ADAPTED else 400), HELP)

    assert case.told_in_vain is in_vain


def test_to_be_refused_with_the_fragments_is_no_cure():
    outcome = branches(
        honoured=[needs("TOOL-020", ref("says", word="done"))],
        rejected=[needs("TOOL-020", ref("status", code=400))],
    )
    one = variant(step(outcome=outcome, fragments=("thinking-off",)))

    _, _, case = play(one, answering(lambda ask: 400 if ask.arm == ADAPTED else 200), HELP)

    assert (case.outcome, case.branch, case.adapted) == (Outcome.FAILED, "ignored", False)


@pytest.mark.parametrize(("way", "cured"), [("unknown", True), ("ignored", False)])
def test_any_way_that_works_with_the_fragments_is_a_cure(way, cured):
    outcome = branches(
        told=[needs("TOOL-020", ref("says", word="done"))],
        **{way: [needs("TOOL-020", ref("status", code=200))]},
    )
    one = variant(step(outcome=outcome, fragments=("thinking-off",)))

    _, _, case = play(one, answering(lambda ask: 200 if ask.arm == ADAPTED else 500), HELP)

    assert (case.outcome, case.adapted) == (Outcome.FAILED, cured)


def test_samples_that_say_nothing_do_not_make_an_endpoint_mixed():
    outcome = branches(
        called=[needs("TOOL-020", ref("items_are_positive"))],
        rejected=[needs("TOOL-020", ref("status", code=400))],
    )
    rated = variant(step(outcome=outcome), samples=(9, 9), rate=(0.5, 0.4))
    bodies = [{"items": [1] if sample else []} for sample in range(9)]

    _, _, case = play(
        rated, lambda ask: trial(exchange(body=bodies[ask.sample]), sample=ask.sample)
    )

    assert (case.outcome, case.branch) == (Outcome.PASSED, "called")


@pytest.mark.parametrize(
    ("plain", "adapted", "checked", "failed"),
    [([500], [200, 200, 200], 1, 1), ([500, 200], [500, 500], 2, 1), ([200], [500], 1, 0)],
)
def test_the_rate_of_a_finding_is_that_of_the_plain_requests(plain, adapted, checked, failed):
    one = variant(step(expect=(EXPECT_200,)))
    tally = Tally({one.cell: one}, BENCH)
    for arm, statuses in ((PLAIN, plain), (ADAPTED, adapted)):
        for sample, status in enumerate(statuses):
            tally.add(trial(exchange(status=status), arm=arm, sample=sample))

    count = tally.providers["b"].clauses["TOOL-020"]
    assert (count.checked, count.failed, count.witnesses) == (checked, failed, len(plain) + len(adapted))
    for found in findings(provider(), {"TOOL-020": count}, CLAUSES):
        assert found.rate == failed / checked


@pytest.mark.parametrize(
    ("status", "error", "judged"),
    [
        (502, "the server behind the gateway is not up (status 502)", 0),
        (503, "not up", 0),
        (401, "the key is refused (status 401)", 0),
        (502, "", 1),
        (401, "", 1),
        (429, "rate limited", 1),
        (200, "the run was stopped", 1),
    ],
)
def test_what_everything_is_answered_alike_says_nothing_of_any_clause(status, error, judged):
    one = variant(step(expect=(EXPECT_200,)))
    tally = Tally({one.cell: one}, BENCH)

    tally.add(trial(exchange(status=status), error=error))

    assert tally.providers["b"].clauses["STRM-001"].witnesses == judged
    assert tally.providers["b"].requests == 1


def test_errors_are_kept_by_reason_with_the_cells_that_they_befell():
    cells = [variant(step(expect=(EXPECT_200,)), id=f"tools/{name}") for name in ("a", "b", "c")]
    tally = Tally({one.cell: one for one in cells}, BENCH)
    for one, error in zip(cells, ("gone", "gone", "key"), strict=True):
        for sample in range(2):
            tally.add(trial(case=one.case.id, sample=sample, error=error))

    assert tally.providers["b"].errors == {"gone": {"tools/a", "tools/b"}, "key": {"tools/c"}}


@pytest.mark.parametrize(
    ("trials", "message"),
    [
        ([trial(error="gone", sample=0), trial(error="gone", sample=1)], "gone"),
        (
            [trial(exchange(), sample=0), trial(error="gone", sample=1)],
            "held in 1 of 1 samples (1 more say nothing): the rate lies in *\ngone",
        ),
        (
            [trial(exchange(), sample=0), trial(exchange(status=500), sample=1)],
            "held in 1 of 2 samples: the rate lies in *",
        ),
    ],
    ids=["no sample", "some", "all"],
)
def test_a_rate_is_told_of_the_samples_that_were_asked(trials, message):
    rated = variant(step(expect=(EXPECT_200,)), samples=(2, 8), rate=(0.9, 0.1))
    verdicts = [judge_trial(rated, each, BENCH) for each in trials]

    assert fnmatch(judge_case(rated, provider(), verdicts, CLAUSES, seconds=0).message, message)
