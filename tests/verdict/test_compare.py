"""What is lost, won, or only done in another way; and facts that differ (ADR 23)."""

from dataclasses import replace

import pytest
from views import CLAUSES, case, count, profile, provider, view

from conformance.verdict.certificate import certify
from conformance.verdict.compare import compare
from conformance.verdict.model import Answer
from conformance.verdict.outcome import Outcome

FAILED, OPEN, GONE = Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.NOT_APPLICABLE
COUNTS = {"TOOL-020": count()}


def does(what, **more):
    """A case in which the provider does this; `not offered`, `unknown`, `works` and `fails` are no ways."""
    known = {"not offered": GONE, "unknown": OPEN, "works": Outcome.PASSED, "fails": FAILED}
    if what in known:
        return case(outcome=known[what], **more)
    if what.startswith("now "):
        ways = dict.fromkeys(what.removeprefix("now ").split("/"), 1)
        return case(branch="mixed", ways=ways, refused="rejected" in ways, **more)
    silent = what in {"ignored", "partly", "broken"}
    return case(branch=what, outcome=FAILED if silent else Outcome.PASSED, **more)


def compared(there, here, who=None):
    base = view([replace(there, provider="a")], COUNTS, provider("a"))
    return compare(view([here], COUNTS, who), base, CLAUSES)


@pytest.mark.parametrize(
    ("there", "here", "kind"),
    [
        ("accepted", "rejected", "lost"),
        ("accepted", "ignored", "lost"),
        ("accepted", "broken", "lost"),
        ("accepted", "not offered", "lost"),
        ("honoured", "rejected", "lost"),
        ("honoured", "truncated", "lost"),
        ("honoured", "partly", "lost"),
        ("honoured", "now honoured/ignored", "lost"),
        ("called", "now called/rejected", "lost"),
        ("works", "fails", "lost"),
        ("works", "not offered", "lost"),
        ("rejected", "accepted", "won"),
        ("ignored", "honoured", "won"),
        ("now honoured/ignored", "honoured", "won"),
        ("not offered", "works", "won"),
        ("seen", "counted", "changed"),
        ("counted", "seen", "changed"),
        ("seen", "now seen/counted", "changed"),
        ("rejected", "ignored", "changed"),
        ("ignored", "rejected", "changed"),
        ("rejected", "broken", "changed"),
        ("accepted", "accepted", ""),
        ("rejected", "rejected", ""),
        ("ignored", "ignored", ""),
        ("accepted", "unknown", ""),
        ("unknown", "rejected", ""),
        ("fails", "fails", ""),
        ("fails", "not offered", ""),
    ],
)  # fmt: skip
def test_what_works_is_better_than_what_is_refused_and_that_than_silence(there, here, kind):
    one = compared(does(there), does(here))
    rows = {
        "lost": one.capabilities_lost, "won": one.capabilities_won, "changed": one.capabilities_changed,
    }  # fmt: skip

    assert [name for name, found in rows.items() if found] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("there", "here", "answer"),
    [
        ("accepted", "rejected", Answer.NOT_DROP_IN),
        ("honoured", "rejected", Answer.NOT_DROP_IN),
        ("rejected", "accepted", Answer.DROP_IN),
        ("seen", "counted", Answer.DROP_IN),
        ("rejected", "rejected", Answer.DROP_IN),
        ("unknown", "rejected", Answer.INCONCLUSIVE),
        ("unknown", "accepted", Answer.DROP_IN),
    ],
)
def test_a_certificate_counts_what_is_lost_and_not_what_is_done_in_another_way(there, here, answer):
    other = case("tools/other")
    base = view([replace(does(there), provider="a"), other], COUNTS, provider("a"))

    one = certify(profile("TOOL-020"), view([does(here), other], COUNTS), CLAUSES, baseline=base)

    assert one.answer is answer


def test_a_loss_in_a_clause_that_the_profile_does_not_require_does_not_count():
    base = view([does("accepted"), case("x/other", clauses=("STRM-001",))], {}, provider("a"))
    here = view([does("rejected"), case("x/other", clauses=("STRM-001",))], {"STRM-001": count()})

    assert certify(profile("STRM-001"), here, CLAUSES, baseline=base).answer is Answer.DROP_IN


def test_now_one_way_and_now_another_is_told_as_both():
    (row,) = compared(does("honoured"), does("now ignored/honoured")).capabilities_lost

    assert (row.baseline, row.candidate) == ("honoured", "ignored or honoured")


class TestChange:
    """What an application can do about it."""

    who = provider(fragments={"thinking-off": {"thinking": {"type": "disabled"}}})

    def test_a_fragment_that_helped_is_named(self):
        here = does("ignored", adapted=True, changes=("thinking-off",))

        (row,) = compared(does("honoured"), here, self.who).capabilities_lost

        assert row.change == "send thinking={'type': 'disabled'} to b"

    def test_else_the_clause_advises(self):
        assert [row.change for row in compared(does("seen"), does("counted")).capabilities_changed] == ["mend it"]

    def test_nothing_is_to_be_done_about_what_is_won(self):
        assert [row.change for row in compared(does("rejected"), does("taken")).capabilities_won] == [""]


@pytest.mark.parametrize(
    ("there", "here", "told"),
    [
        ({"tokens": ("10",)}, {"tokens": ("11",)}, [("tokens", "10", "11")]),
        ({"tier": ("",)}, {"tier": ('"default"',)}, [("tier", "", '"default"')]),
        ({"tokens": ("10",)}, {"tokens": ("10",)}, []),
        ({"tokens": ("10", "11")}, {"tokens": ("12",)}, []),
        ({"tokens": ("10",)}, {"tokens": ("10", "11")}, []),
        ({"tokens": ("10",)}, {}, []),
        ({}, {"tokens": ("10",)}, []),
    ],
)
def test_facts_differ_where_each_side_tells_the_same_every_time(there, here, told):
    one = compared(case(facts=there), case(facts=here))

    assert [(each.fact, each.baseline, each.candidate) for each in one.facts_that_differ] == told


@pytest.mark.parametrize(("there", "here"), [("works", "fails"), ("accepted", "rejected")])
def test_facts_of_answers_that_have_nothing_in_common_are_not_compared(there, here):
    one = compared(does(there, facts={"type": ('"a"',)}), does(here, facts={"type": ("",)}))

    assert one.facts_that_differ == ()
