"""How many faults are noticed is counted, and how they are is said in words."""

import pytest

from conformance.faces.selftest.detection import by_effort, from_the_field, served, targets
from conformance.faces.selftest.examine import Examined, Notice
from conformance.faces.selftest.hear import Heard
from conformance.faces.selftest.how import how
from conformance.reference.fault import FAULTS
from conformance.reference.serve import load_faults

load_faults()


def examined(fault, *, missed=(), cases=("chat/smallest-request",), cells=("chat/smallest-request",), samples=1):
    clauses = dict.fromkeys(FAULTS[fault].primary, frozenset(cases))
    return Examined(
        fault=fault, reached=1, heard=Heard(clauses=clauses, errors=(), requests=1), missed=missed, alarms=(),
        notice=Notice(cells=cells, samples=samples, requests=1), seconds=1.0, processor=1.0,
    )  # fmt: skip


def test_the_share_that_is_noticed_is_held_against_what_is_asked_for():
    found = [examined("object-wrong"), examined("id-empty", missed=("CRESP-002",)), examined("moved")]

    _, _, rows = targets(found)

    assert [(noticed, least) for _, noticed, _, least in rows] == [("2/3", "98%"), ("1/2", "95%"), ("1/1", "90%")]


def test_a_report_is_noticed_where_each_fault_is_that_shows_it():
    report = FAULTS["arguments-as-object"].field[0]
    showing = [name for name, one in FAULTS.items() if report in one.field]
    lacking = [examined(name, missed=FAULTS[name].primary) for name in showing]

    assert from_the_field([examined(name) for name in showing])[2][-1][:2] == ("all", "1/1")
    assert from_the_field(lacking)[2][-1][:2] == ("all", "0/1")


def test_faults_are_counted_by_area_level_and_how_often_they_show():
    _, heads, rows = served([examined("object-wrong"), examined("moved", missed=("TRANS-015",))])

    assert heads == ("area", "all", "must: every response", "must: some responses")
    assert rows == [("envelope", "1/1", "1/1", ""), ("values", "0/1", "", "0/1"), ("all", "1/2", "1/1", "0/1")]


@pytest.mark.parametrize(
    ("cases", "counts"),
    [
        (("chat/smallest-request", "effects/top-p"), [1, 1, 1]),
        (("effects/top-p",), [0, 1, 1]),
        (("multimodal/details",), [0, 0, 1]),
        (("health/after-destructive",), [0, 1, 1]),
    ],
)
def test_a_fault_is_noticed_from_the_effort_on_that_asks_a_noticing_case(cases, counts):
    assert [noticed for _, noticed, _ in by_effort([examined("object-wrong", cases=cases)])[2]] == counts


@pytest.mark.parametrize(
    ("cell", "samples", "words"),
    [
        ("effects/top-p", 1, "bounds that hold at every look"),
        ("chat/smallest-request", 4, "Asked 4 times: one answer that is wrong is enough."),
        ("chat/smallest-request", 1, "Asked once: one answer decides."),
        ("effects/top-k", 1, "until the model plays along"),
    ],
)
def test_how_it_is_noticed_is_said_in_words(cell, samples, words):
    fault, case = how(examined("object-wrong", cells=(cell,), samples=samples))

    assert fault.startswith("**object-wrong** (1 requests). ")
    assert words in case
