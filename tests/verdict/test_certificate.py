"""The answer, rule by rule (design 4.9 and the rules of truth)."""

import pytest
from views import CLAUSES, case, count, profile, provider, view

from conformance.providers.model import Deviation
from conformance.verdict.certificate import certify
from conformance.verdict.compare import compare
from conformance.verdict.model import Answer
from conformance.verdict.outcome import Outcome

FAILED, PASSED, OPEN = Outcome.FAILED, Outcome.PASSED, Outcome.INCONCLUSIVE
GONE = Outcome.NOT_APPLICABLE


def answer(wanted, here, **more):
    return certify(wanted, here, CLAUSES, **more)


def test_all_required_clauses_held_with_a_witness_is_drop_in():
    one = answer(profile("TOOL-020"), view([case()], {"TOOL-020": count()}))

    assert (one.answer, one.covered, one.required) == (Answer.DROP_IN, 1, 1)


def test_a_clause_without_a_witness_is_undecided_and_undecided_is_not_green():
    one = answer(profile("TOOL-020", "STRM-001"), view([case()], {"TOOL-020": count()}))

    assert (one.answer, one.covered, one.required) == (Answer.INCONCLUSIVE, 1, 2)
    assert [reason.kind for reason in one.reasons] == ["undecided"]


def test_one_undecided_case_leaves_its_clause_undecided_although_another_case_passed():
    cases = [case(axes="stream-false"), case(axes="stream-true", outcome=OPEN, weak=True, message="no call")]

    one = answer(profile("TOOL-020"), view(cases, {"TOOL-020": count()}))

    assert one.answer is Answer.INCONCLUSIVE
    assert one.weak == ("tools/required",)
    assert "no call" in one.reasons[0].text


def test_a_failed_required_clause_is_not_drop_in_whatever_else_holds():
    counts = {"TOOL-020": count(failing=["tools/required"]), "STRM-001": count()}

    one = answer(profile("TOOL-020", "STRM-001"), view([case(outcome=FAILED)], counts))

    assert one.answer is Answer.NOT_DROP_IN
    assert one.reasons[0].finding == "b/TOOL-020"


def test_a_failure_of_a_clause_that_the_profile_does_not_require_does_not_count():
    counts = {"TOOL-020": count(failing=["tools/required"]), "STRM-001": count()}

    assert answer(profile("STRM-001"), view([case(outcome=FAILED)], counts)).answer is Answer.DROP_IN


def test_a_capability_that_is_not_offered_is_not_drop_in():
    here = view([case(outcome=GONE)], {}, provider(capabilities={"tools": False}))

    one = answer(profile("TOOL-020", capabilities=("chat", "tools")), here)

    assert one.answer is Answer.NOT_DROP_IN
    assert [reason.kind for reason in one.reasons] == ["not offered"]


def test_a_clause_whose_every_case_is_not_applicable_is_not_required():
    counts = {"STRM-001": count()}

    one = answer(profile("TOOL-020", "STRM-001"), view([case(outcome=GONE)], counts))

    assert (one.answer, one.required) == (Answer.DROP_IN, 1)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, Answer.DROP_IN),
        ({"ERR-029": count()}, Answer.DROP_IN),
        ({"ERR-029": count(failing=["chat/x"])}, Answer.NOT_DROP_IN),
    ],
)
def test_a_conditional_clause_counts_only_when_it_arises(counts, expected):
    wanted = profile("TOOL-020", "ERR-029", conditional=("ERR-029",))

    one = answer(wanted, view([case()], {"TOOL-020": count(), **counts}))

    assert one.answer is expected


@pytest.mark.parametrize(
    ("outcome", "conditional", "expected"),
    [
        (PASSED, ("ERR-029",), Answer.DROP_IN),
        (PASSED, (), Answer.INCONCLUSIVE),
        (OPEN, ("ERR-029",), Answer.INCONCLUSIVE),
    ],
)
def test_a_case_that_passed_by_a_refusal_has_not_brought_a_conditional_clause_about(outcome, conditional, expected):
    wanted = profile("TOOL-020", "ERR-029", conditional=conditional)
    refused = case("tools/allowed", outcome=outcome, by_clause={"TOOL-020": PASSED, "ERR-029": OPEN})

    one = answer(wanted, view([case(), refused], {"TOOL-020": count()}))

    assert one.answer is expected


class TestChanges:
    """Rule 1: a change must have been tried in the same run, and is never hidden."""

    helped = case(outcome=FAILED, adapted=True, changes=("thinking-off",))
    who = provider(fragments={"thinking-off": {"thinking": {"type": "disabled"}}})

    def test_a_failure_that_passed_with_a_fragment_is_drop_in_with_that_change(self):
        here = view([self.helped], {"TOOL-020": count(failing=["tools/required"])}, self.who)

        one = answer(profile("TOOL-020"), here)

        assert one.answer is Answer.DROP_IN_WITH_CHANGES
        assert [change.name for change in one.changes] == ["thinking-off"]
        assert "thinking=" in one.changes[0].text

    def test_it_is_no_cure_where_the_adapted_arm_broke_the_clause_as_well(self):
        broken = count(failing=["tools/required"], adapted=["tools/required"])

        one = answer(profile("TOOL-020"), view([self.helped], {"TOOL-020": broken}, self.who))

        assert one.answer is Answer.NOT_DROP_IN

    def test_an_undecided_case_that_passed_with_a_fragment_needs_the_change(self):
        here = view(
            [case(outcome=OPEN, adapted=True, changes=("thinking-off",))], {"TOOL-020": count()}, self.who
        )

        assert answer(profile("TOOL-020"), here).answer is Answer.DROP_IN_WITH_CHANGES

    def test_a_change_never_hides_another_failure(self):
        counts = {
            "TOOL-020": count(failing=["tools/required"]),
            "STRM-001": count(failing=["chat/stream"]),
        }

        one = answer(profile("TOOL-020", "STRM-001"), view([self.helped], counts, self.who))

        assert one.answer is Answer.NOT_DROP_IN

    def test_an_accepted_change_decides_the_exit_code_and_not_the_answer(self):
        who = provider(fragments=self.who.fragments, accepted_changes=("thinking-off",))
        here = view([self.helped], {"TOOL-020": count(failing=["tools/required"])}, who)

        one = answer(profile("TOOL-020"), here)

        assert (one.answer, one.without_known) == (Answer.DROP_IN_WITH_CHANGES, Answer.DROP_IN)


class TestDeviations:
    """Rule 4: a deviation never improves a certificate; it changes the exit code only."""

    def test_the_answer_stays_and_only_the_exit_code_changes(self):
        who = provider(deviations=(Deviation(cases="tools/*", reason="known"),))
        here = view(
            [case(outcome=FAILED, known="known")], {"TOOL-020": count(failing=["tools/required"])}, who
        )

        one = answer(profile("TOOL-020"), here)

        assert (one.answer, one.without_known) == (Answer.NOT_DROP_IN, Answer.DROP_IN)

    def test_a_deviation_for_another_clause_covers_nothing(self):
        who = provider(deviations=(Deviation(cases="tools/*", clauses=("STRM-001",), reason="known"),))
        here = view([case(outcome=FAILED)], {"TOOL-020": count(failing=["tools/required"])}, who)

        assert answer(profile("TOOL-020"), here).without_known is Answer.NOT_DROP_IN


@pytest.mark.parametrize(
    ("there", "here", "compared", "cells"),
    [
        (PASSED, PASSED, 1, 1),
        (PASSED, FAILED, 1, 1),
        (PASSED, GONE, 1, 1),
        (GONE, PASSED, 1, 1),
        (GONE, GONE, 0, 0),
        (PASSED, OPEN, 0, 1),
        (Outcome.ERROR, PASSED, 0, 1),
        (None, PASSED, 0, 1),
        (None, GONE, 0, 0),
    ],
    ids=str,
)
def test_a_comparison_says_how_much_it_rests_on(there, here, compared, cells):
    base = view([case(at="a", outcome=there)] if there else [], {}, provider("a"))

    one = compare(view([case(outcome=here)]), base, CLAUSES)

    assert (one.compared, one.cells) == (compared, cells)


def test_a_change_that_breaks_another_required_clause_in_the_same_cell_is_no_cure():
    counts = {
        "TOOL-020": count(failing=["tools/required"]),
        "STRM-001": count(witnesses=2, adapted=["tools/required"]),
    }
    here = view([TestChanges.helped], counts, TestChanges.who)

    assert answer(profile("TOOL-020", "STRM-001"), here).answer is Answer.NOT_DROP_IN
    assert answer(profile("TOOL-020"), here).answer is Answer.DROP_IN_WITH_CHANGES
