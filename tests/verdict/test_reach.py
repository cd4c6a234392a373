"""What is found broken counts for whoever sends such requests; what is done in another way is a change."""

import pytest
from views import CLAUSES, case, count, profile, provider, view

from conformance.verdict.certificate import certify
from conformance.verdict.model import Answer
from conformance.verdict.outcome import Outcome
from conformance.verdict.reach import Reach

FAILED, OPEN = Outcome.FAILED, Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("clause", "has", "needs", "counts"),
    [
        ("ERR-005", ("chat",), ("chat",), True),
        ("ERR-005", ("chat",), (), True),
        ("ERR-005", ("chat",), ("models",), False),
        ("ERR-005", ("chat", "models"), ("models",), True),
        ("ERR-005", ("chat",), ("chat", "stream"), False),
        ("ERR-005", ("chat",), ("chat", "auth", "n", "json_object"), True),
        ("STRM-011", ("chat",), ("chat", "stream"), True),
        ("STRM-011", ("chat",), ("chat", "stream", "tools"), False),
        ("STRM-011", ("chat", "tools"), ("chat", "stream", "tools"), True),
    ],
)
def test_a_cell_speaks_of_whoever_has_its_features(clause, has, needs, counts):
    one = case(clauses=("TOOL-020",), needs=needs)

    assert bool(Reach(profile(clause, capabilities=has), [one]).cells(clause, [one.cell])) is counts


def test_who_asks_for_clauses_about_tools_has_tools_whether_he_says_so_or_not():
    one = case(clauses=("STRM-011",), needs=("tools",))

    assert Reach(profile("ERR-005", "TOOL-020", capabilities=()), [one]).cells("ERR-005", [one.cell])
    assert not Reach(profile("ERR-005", capabilities=()), [one]).cells("ERR-005", [one.cell])


def test_a_clause_is_about_what_every_case_needs_that_names_it():
    naming = [case("a/one", clauses=("ERR-005",), needs=("stream",)), case("a/two", clauses=("ERR-005",), needs=("stream", "tools"))]
    reach = Reach(profile("ERR-005"), naming)

    assert reach.cells("ERR-005", ["a/one", "a/two"]) == {"a/one"}


@pytest.mark.parametrize(("needs", "answer"), [(("models",), Answer.DROP_IN), (("chat",), Answer.NOT_DROP_IN)])
def test_a_failure_counts_where_the_application_goes(needs, answer):
    here = view([case("models/one", FAILED, clauses=("STRM-001",), needs=needs)], {"ERR-005": count(failing=["models/one"])})

    assert certify(profile("ERR-005"), here, CLAUSES).answer is answer


def member(at, branch="", **more):
    return case("reasoning/member", clauses=("ERR-005",), at=at, branch=branch, **more)


def read(there, here):
    counts = {"ERR-005": count()}
    return certify(
        profile("ERR-005", reads=("reasoning/member",)), view([here], counts), CLAUSES,
        baseline=view([there], counts, provider("a")),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("there", "here", "answer"),
    [
        (member("a", "reasoning"), member("b", "reasoning"), Answer.DROP_IN),
        (member("a", "reasoning"), member("b", "reasoning-content"), Answer.DROP_IN_WITH_CHANGES),
        (member("a", "reasoning"), member("b", "hidden"), Answer.NOT_DROP_IN),
        (member("a", "hidden"), member("b", "reasoning"), Answer.DROP_IN),
        (member("a", "reasoning"), member("b", outcome=OPEN), Answer.INCONCLUSIVE),
    ],
)
def test_who_reads_one_member_has_to_read_another(there, here, answer):
    assert read(there, here).answer is answer


def test_the_other_way_is_a_named_change():
    (one,) = read(member("a", "reasoning"), member("b", "reasoning-content")).changes

    assert (one.name, one.text) == ("reasoning/member", "a title: reasoning-content at b, reasoning at a")


def test_without_a_baseline_nobody_reads_anything_yet():
    here = view([member("b", "reasoning")], {"ERR-005": count()})

    assert certify(profile("ERR-005", reads=("reasoning/member",)), here, CLAUSES).answer is Answer.DROP_IN


OFF, NONE = {"thinking": {"type": "disabled"}}, {"reasoning_effort": "none"}


@pytest.mark.parametrize(
    ("theirs", "answer"), [(OFF, Answer.DROP_IN), (NONE, Answer.DROP_IN_WITH_CHANGES)]
)  # fmt: skip
def test_what_is_told_alike_to_both_is_no_change(theirs, answer):
    told = {"outcome": OPEN, "adapted": True, "changes": ("thinking-off",)}
    counts = {"TOOL-020": count()}
    other = "tools/other"
    base = view([case(at="a", **told), case(other, at="a")], counts, provider("a", fragments={"thinking-off": theirs}))
    here = view([case(**told), case(other)], counts, provider(fragments={"thinking-off": OFF}))

    assert certify(profile("TOOL-020"), here, CLAUSES, baseline=base).answer is answer


@pytest.mark.parametrize(("in_vain", "answer"), [(True, Answer.DROP_IN), (False, Answer.DROP_IN_WITH_CHANGES)])
def test_what_the_baseline_cannot_be_brought_to_needs_no_change(in_vain, answer):
    counts = {"TOOL-020": count()}
    told = case(outcome=OPEN, adapted=True, changes=("thinking-on",))
    there = case(at="a", outcome=OPEN, told_in_vain=in_vain)
    other = "tools/other"
    base = view([there, case(other, at="a")], counts, provider("a"))
    here = view([told, case(other)], counts, provider(fragments={"thinking-on": {"thinking": True}}))

    assert certify(profile("TOOL-020"), here, CLAUSES, baseline=base).answer is answer
