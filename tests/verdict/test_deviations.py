"""Declared deviations must still fail, or the run says so."""

from views import case, provider

from conformance.providers.model import Deviation
from conformance.verdict import deviations
from conformance.verdict.deviations import known_reason
from conformance.verdict.outcome import Outcome


def stale(who, cases, failing, left_out=(), witnessed=("TOOL-020", "STRM-011")):
    return deviations.stale(who, cases, failing, left_out=left_out, witnessed=witnessed)


def test_a_failure_is_known_only_where_every_failing_clause_is_declared():
    who = provider(deviations=(Deviation(cases="tools/*", clauses=("TOOL-020",), reason="parser"),))

    assert known_reason(who, "tools/a", ["TOOL-020"]) == "parser"
    assert known_reason(who, "tools/a", ["TOOL-020", "STRM-001"]) == ""
    assert known_reason(who, "chat/a", ["TOOL-020"]) == ""


def test_one_whose_cases_all_passed_is_stale():
    who = provider(deviations=(Deviation(cases="tools/*", reason="parser"),))

    assert stale(who, [case()], {}) == ("tools/* (parser)",)


def test_one_that_still_shows_is_not_stale():
    who = provider(deviations=(Deviation(cases="tools/*", reason="parser"),))

    assert stale(who, [case(outcome=Outcome.FAILED)], {"TOOL-020": {"tools/required"}}) == ()


def test_one_whose_invariant_still_fails_is_not_stale_although_its_cases_pass():
    who = provider(deviations=(Deviation(cases="tools/*", clauses=("STRM-011",), reason="role"),))

    assert stale(who, [case()], {"STRM-011": {"tools/required"}}) == ()


def test_an_undecided_case_or_no_case_at_all_makes_nothing_stale():
    who = provider(deviations=(Deviation(cases="tools/*", reason="parser"),))

    assert stale(who, [case(outcome=Outcome.INCONCLUSIVE)], {}) == ()
    assert stale(who, [case(case="chat/x")], {}) == ()


def test_sometimes_is_only_reported():
    who = provider(deviations=(Deviation(cases="tools/*", reason="flaky", sometimes=True),))

    assert stale(who, [case()], {}) == ()


def test_a_selection_that_leaves_out_some_of_its_cases_makes_nothing_stale():
    who = provider(deviations=(Deviation(cases="tools/*", reason="parser"),))

    assert stale(who, [case()], {}, left_out=["tools/other"]) == ()
    assert stale(who, [case()], {}, left_out=["chat/other"]) == ("tools/* (parser)",)


def test_a_clause_that_nothing_showed_makes_nothing_stale():
    who = provider(deviations=(Deviation(cases="tools/*", clauses=("STRM-011",), reason="role"),))

    assert stale(who, [case()], {}, witnessed=["TOOL-020"]) == ()
    assert stale(who, [case()], {}) == ("tools/* (role)",)
