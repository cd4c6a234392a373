"""What counts as lost for an application: with a baseline, and by what its profile says it needs."""

import pytest
from views import CLAUSES, case, count, profile, provider, view

from conformance.verdict.certificate import certify
from conformance.verdict.model import Answer
from conformance.verdict.outcome import Outcome

FAILED, PASSED, OPEN = Outcome.FAILED, Outcome.PASSED, Outcome.INCONCLUSIVE
GONE = Outcome.NOT_APPLICABLE


def answer(wanted, here, **more):
    return certify(wanted, here, CLAUSES, **more)


class TestBaseline:
    """Without a baseline the contract is A; with one, A is."""

    def test_what_fails_at_the_baseline_in_the_same_case_is_shared_and_does_not_count(self):
        counts = {"TOOL-020": count(failing=["tools/required"])}
        base = view([case(outcome=FAILED, at="a")], counts, provider("a"))

        one = answer(profile("TOOL-020"), view([case(outcome=FAILED)], counts), baseline=base)

        assert (one.answer, one.shared) == (Answer.DROP_IN, ("TOOL-020",))

    def test_a_failure_in_another_case_than_the_baselines_counts(self):
        base = view([], {"TOOL-020": count(failing=["tools/other"])}, provider("a"))
        here = view([case(outcome=FAILED)], {"TOOL-020": count(failing=["tools/required"])})

        assert answer(profile("TOOL-020"), here, baseline=base).answer is Answer.NOT_DROP_IN

    def test_what_the_baseline_honours_and_the_candidate_refuses_is_lost(self):
        base = view([case(at="a", branch="honoured")], {"TOOL-020": count()}, provider("a"))
        here = view([case(branch="rejected")], {"TOOL-020": count()})

        one = answer(profile("TOOL-020"), here, baseline=base)

        assert one.answer is Answer.NOT_DROP_IN
        assert [reason.kind for reason in one.reasons] == ["lost"]

    def test_refusing_is_conforming_where_nobody_honours(self):
        base = view([case(at="a", branch="rejected")], {"TOOL-020": count()}, provider("a"))
        here = view([case(branch="rejected")], {"TOOL-020": count()})

        assert answer(profile("TOOL-020"), here, baseline=base).answer is Answer.DROP_IN

    def test_what_is_lost_in_a_case_of_another_clause_does_not_count(self):
        base = view([case(at="a", branch="honoured", clauses=("ERR-005",))], {"TOOL-020": count()}, provider("a"))
        here = view([case(branch="rejected", clauses=("ERR-005",))], {"TOOL-020": count()})

        assert answer(profile("TOOL-020"), here, baseline=base).answer is Answer.DROP_IN

    def test_what_only_the_other_way_would_have_judged_was_not_lost(self):
        both = ("TOOL-020", "ERR-005")
        base = view([case(at="a", branch="honoured", clauses=both)], {"TOOL-020": count()}, provider("a"))
        refused = case(branch="rejected", by_clause={"TOOL-020": OPEN, "ERR-005": PASSED})
        wanted = profile("TOOL-020", conditional=("TOOL-020",))

        assert answer(wanted, view([refused], {}), baseline=base).answer is Answer.DROP_IN

    def test_a_clause_that_refusing_keeps_as_well_loses_nothing(self):
        base = view([case(at="a", branch="accepted")], {"TOOL-020": count()}, provider("a"))
        here = view([case(branch="rejected")], {"TOOL-020": count()})
        wanted = profile("TOOL-020", either=("TOOL-020",))

        assert answer(wanted, here, baseline=base).answer is Answer.DROP_IN
        assert answer(profile("TOOL-020"), here, baseline=base).answer is Answer.NOT_DROP_IN

    @pytest.mark.parametrize(
        ("parameters", "expected"), [(("tool_choice.required",), Answer.NOT_DROP_IN), ((), Answer.DROP_IN)]
    )
    def test_a_parameter_that_is_not_offered_any_more_is_lost(self, parameters, expected):
        there = case(at="a", branch="honoured", parameters=parameters)
        base = view([there], {"TOOL-020": count(), "STRM-001": count()}, provider("a"))
        here = view([case(outcome=GONE, parameters=parameters)], {"STRM-001": count()})

        one = answer(profile("TOOL-020", "STRM-001"), here, baseline=base)

        assert one.answer is expected

    @pytest.mark.parametrize(
        ("need", "expected"), [("tool_choice.required", Answer.NOT_DROP_IN), ("parallel_tools", Answer.DROP_IN)]
    )
    def test_what_needs_a_value_that_is_not_offered_is_lost_and_what_a_model_does_is_not(self, need, expected):
        base = view([case(at="a")], {"TOOL-020": count(), "STRM-001": count()}, provider("a"))
        gone = case(outcome=GONE, needs=("responses", need))
        here = view([gone], {"STRM-001": count()}, provider(capabilities={need: False}))

        assert answer(profile("TOOL-020", "STRM-001"), here, baseline=base).answer is expected

    def test_a_capability_that_the_baseline_lacks_as_well_is_shared(self):
        none = {"vision": False}
        base = view([case(at="a")], {"TOOL-020": count()}, provider("a", capabilities=none))
        here = view([case()], {"TOOL-020": count()}, provider(capabilities=none))

        one = answer(profile("TOOL-020", capabilities=("vision",)), here, baseline=base)

        assert (one.answer, one.shared) == (Answer.DROP_IN, ("vision",))

    @pytest.mark.parametrize("outcome", [Outcome.ERROR, OPEN], ids=str)
    def test_a_refusal_where_nobody_knows_what_the_baseline_does_is_undecided(self, outcome):
        base = view(
            [case(at="a", outcome=outcome, message="connection refused"), case("tools/other", at="a")],
            {"TOOL-020": count()},
            provider("a"),
        )
        refused = case(branch="rejected", varies=("tool_choice",))
        here = view([refused, case("tools/other", branch="accepted")], {"TOOL-020": count()})

        one = answer(profile("TOOL-020"), here, baseline=base)

        assert one.answer is Answer.INCONCLUSIVE
        assert [each.clause for each in one.reasons] == ["tools/required"]
        assert "unknown of a - connection refused" in one.reasons[0].text

    @pytest.mark.parametrize(
        ("there", "here"),
        [([], PASSED), ([Outcome.ERROR], PASSED), ([OPEN], PASSED), ([PASSED], Outcome.ERROR)],
        ids=str,
    )
    def test_where_nothing_was_compared_nothing_is_decided(self, there, here):
        base = view([case(at="a", outcome=each) for each in there], {}, provider("a"))

        one = answer(profile("TOOL-020"), view([case(outcome=here)], {"TOOL-020": count()}), baseline=base)

        assert one.answer is Answer.INCONCLUSIVE
        assert any("nothing was compared" in reason.text for reason in one.reasons)

    def test_what_neither_side_offers_needs_no_comparison(self):
        base = view([case(at="a", outcome=GONE)], {}, provider("a"))
        here = view([case(outcome=GONE)], {"STRM-001": count()})

        one = answer(profile("TOOL-020", "STRM-001"), here, baseline=base)

        assert one.answer is Answer.DROP_IN


def test_a_case_that_must_be_honoured_is_not_satisfied_by_a_refusal():
    wanted = profile("TOOL-020", honoured=("tools/required",))

    one = answer(wanted, view([case(branch="rejected")], {"TOOL-020": count()}))

    assert one.answer is Answer.NOT_DROP_IN
    assert one.reasons[0].kind == "ignored"


class TestMustBeHonoured:
    wanted = profile("TOOL-020", honoured=("tools/required",))

    def test_an_undecided_baseline_excuses_nothing(self):
        base = view([case(at="a", outcome=OPEN)], {"TOOL-020": count()}, provider("a"))
        here = view([case(branch="rejected")], {"TOOL-020": count()})

        assert answer(self.wanted, here, baseline=base).answer is Answer.NOT_DROP_IN

    @pytest.mark.parametrize("cases", [[], [case(outcome=OPEN)]], ids=["not asked", "open"])
    def test_what_nobody_saw_honoured_is_undecided(self, cases):
        one = answer(self.wanted, view([case("tools/other", branch="honoured"), *cases], {"TOOL-020": count()}))

        assert one.answer is Answer.INCONCLUSIVE
        assert any("must be honoured" in reason.text for reason in one.reasons)


class TestUses:
    """What the application relies on beyond its clauses: the parameters that it sends."""

    wanted = profile("TOOL-020", uses=("logit_bias",))

    @staticmethod
    def sent(**more):
        more.setdefault("clauses", ("ERR-005",))
        return case("effects/logit-bias", parameters=("logit_bias",), varies=("logit_bias",), **more)

    @pytest.mark.parametrize(
        ("done", "expected"),
        [
            ({"branch": "honoured"}, Answer.DROP_IN),
            ({"branch": "accepted"}, Answer.DROP_IN),
            ({"branch": "ignored"}, Answer.NOT_DROP_IN),
            ({"branch": "rejected"}, Answer.NOT_DROP_IN),
            ({"outcome": GONE}, Answer.NOT_DROP_IN),
            ({"outcome": FAILED}, Answer.NOT_DROP_IN),
            ({"outcome": PASSED}, Answer.DROP_IN),
            ({"outcome": OPEN}, Answer.INCONCLUSIVE),
        ],
        ids=str,
    )
    def test_what_refuses_or_ignores_it_breaks_the_application(self, done, expected):
        here = view([self.sent(**done)], {"TOOL-020": count()})

        assert answer(self.wanted, here).answer is expected

    @pytest.mark.parametrize("uses", [("logit_bias",), ("effects/logit-bias",)], ids=str)
    def test_with_a_baseline_it_must_do_what_it_does_there(self, uses):
        base = view([case(at="a"), self.sent(at="a", branch="honoured")], {"TOOL-020": count()}, provider("a"))
        here = view([case(), self.sent(branch="accepted")], {"TOOL-020": count()})

        one = answer(profile("TOOL-020", uses=uses), here, baseline=base)

        assert [each.kind for each in one.reasons] == ["lost"]
        assert answer(profile("TOOL-020"), here, baseline=base).answer is Answer.DROP_IN

    @pytest.mark.parametrize(
        ("there", "expected"),
        [
            ({"branch": "ignored"}, Answer.DROP_IN),
            ({"branch": "rejected"}, Answer.DROP_IN),
            ({"branch": "accepted"}, Answer.NOT_DROP_IN),
            ({"outcome": OPEN}, Answer.NOT_DROP_IN),
        ],
        ids=str,
    )
    def test_who_lives_without_it_on_the_baseline_lives_without_it_here(self, there, expected):
        base = view([case(at="a"), self.sent(at="a", **there)], {"TOOL-020": count()}, provider("a"))
        here = view([case(), self.sent(branch="ignored")], {"TOOL-020": count()})

        assert answer(self.wanted, here, baseline=base).answer is expected

    def test_what_no_case_of_the_run_tells_about_is_undecided(self):
        one = answer(self.wanted, view([case()], {"TOOL-020": count()}))

        assert one.answer is Answer.INCONCLUSIVE
        assert "is used - it was not asked" in one.reasons[0].text
