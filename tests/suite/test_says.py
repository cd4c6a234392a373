"""`says`: what has no other words than the provider's own, and is part of the request."""

import pytest

from conformance.errors import SourceError
from conformance.plan.build import build
from conformance.providers.model import Provider

SUITE = """\
conformance: 1
title: Sample
request:
  path: /chat/completions
  with: [thinking-on]
  body: {model: m}
cases:
  - id: off
    title: Off
    clauses: [RSN-009]
    control:
      expect: [{content_length: 1}]
    vary: {says: [thinking-off]}
    outcome:
      honoured: [served]
      rejected: [{status: 400}]
  - id: on
    title: On
    clauses: [RSN-008]
    steps:
      - id: silent
        request: {says: [thinking-off]}
        control: [{content_length: 1}]
      - id: loud
        request: {says: [thinking-on, very]}
        expect: [served]
"""
FRAGMENTS = {"thinking-on": {"think": True}, "thinking-off": {"think": False}}
ALL = ("fragments.thinking-off", "fragments.thinking-on", "fragments.very")
MUTE = "p has no {}: how it is said there is not known"


@pytest.fixture
def suite(load):
    return load(SUITE)


def requests(suite, case):
    return [each.request for each in suite.cases[case].steps]


def test_what_is_said_is_told_from_what_may_help(suite):
    control, main = requests(suite, 0)

    assert (control.words, control.fragments) == ((), ("thinking-on",))
    assert (main.words, main.fragments) == (("thinking-off",), ())


def test_what_is_said_is_what_is_under_test(suite):
    assert [case.varies for case in suite.cases] == [("thinking-off",), ("thinking-on", "very")]


@pytest.mark.parametrize(
    ("fragments", "asked", "reasons"),
    [
        ({**FRAGMENTS, "very": {}}, ["sample/off", "sample/on"], []),
        (FRAGMENTS, ["sample/off"], [MUTE.format("fragments.very")]),
        ({}, [], [MUTE.format("fragments.thinking-off"), MUTE.format(", ".join(ALL))]),
    ],
)
def test_a_provider_that_has_no_words_for_it_is_not_asked(suite, fragments, asked, reasons):
    one = Provider(name="p", base_url="http://p.example/v1", fragments=fragments, where="p")
    plan = build([suite], {"p": one})

    assert [cell.variant.case.id for cell in plan.cells] == asked
    assert [each.reason for each in plan.not_asked] == reasons


@pytest.mark.parametrize("written", ["thinking-off", "[]", "[Thinking]", "[a, a]"])
def test_it_is_a_list_of_names(load, written):
    with pytest.raises(SourceError, match=r"says|Thinking"):
        load(SUITE.replace("vary: {says: [thinking-off]}", f"vary: {{says: {written}}}"))
