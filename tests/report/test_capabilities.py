"""The capability matrix by parameter, and rates: what each provider does, beside each other."""

import re

import pytest
from sample import capability, case, provider, run

from conformance.contract.parameters import PARAMETERS
from conformance.report.capabilities import by_parameter, capabilities, does
from conformance.report.rates import rates
from conformance.verdict.outcome import Interval

HONOURED = {"stream-false": "honoured", "stream-true": "honoured"}
PARTS = {"stream-false": "honoured", "stream-true": "ignored"}


def rows(text):
    """Cells of the first table, without its head."""
    lines = [line for line in text.split("\n") if line.startswith("|")]
    return [[each.strip() for each in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def shown(*providers):
    return "\n".join(capabilities(run(*providers)))


def of(*capabilities, name="b"):
    return provider(name, capabilities=capabilities)


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        ([capability(branches=HONOURED)], {"": "honoured"}),
        ([capability(branches=PARTS)], PARTS),
        ([capability("x/a", branches=HONOURED), capability("x/b", branches={"": "honoured"})],
         {"a": "honoured", "b": "honoured"}),
        ([capability("x/a", branches=PARTS), capability("x/b", branches={"": "rejected"})],
         {"a stream-false": "honoured", "a stream-true": "ignored", "b": "rejected"}),
    ],
)  # fmt: skip
def test_variants_are_named_as_far_as_they_differ(known, wanted):
    assert does(known) == wanted


def test_parameters_stand_in_the_order_of_the_contract_and_others_after_them():
    known = [capability("x/1", parameter="top_k"), capability("x/2", parameter="seed"),
             capability("x/3", parameter="user, stop"), capability("x/4", parameter="")]  # fmt: skip

    assert list(by_parameter(of(*known))) == ["stop", "seed", "user", "top_k"]


def test_the_control_shown_is_of_a_case_that_is_about_the_parameter_alone():
    both = capability("a/both", parameter="logprobs, stop", branches=HONOURED, control="no log probabilities")
    alone = capability("x/stop", parameter="stop", branches=HONOURED, control="a text with 6")

    assert ["`stop`", "honoured (without it: a text with 6)"] in rows(shown(of(both, alone)))


def test_a_row_per_parameter_a_column_per_provider_and_the_control_of_what_is_honoured():
    seed, stop = capability(), capability("x/stop", parameter="stop", branches={"": "ignored"}, control="")
    text = shown(of(seed, name="a"), of(seed, stop))

    assert rows(text) == [
        ["`stop`", "-", "ignored"],
        ["`seed`", "honoured (without it: two answers that differ)", "honoured (without it: two answers that differ)"],
    ]  # fmt: skip


def test_a_case_that_needs_what_is_not_offered_says_nothing_beside_others():
    plain, deep = capability("x/cap", parameter="max_tokens"), capability("x/deep", parameter="max_tokens", branches={"": "not offered"})

    assert rows(shown(of(plain, deep, capability("x/think", parameter="thinking", branches={"": "not offered"})))) == [
        ["`max_tokens`", "honoured (without it: two answers that differ)"], ["`thinking`", "not offered"],
    ]  # fmt: skip


def test_what_was_not_asked_is_named_once():
    text = shown(of(capability()))
    (said,) = [line for line in text.split("\n") if line.startswith("No case of this run asked for")]

    assert set(re.findall("`([^`]+)`", said)) == set(PARAMETERS) - {"seed"}


def test_a_choice_that_is_about_no_parameter_stands_apart():
    text = shown(of(capability(), capability("x/y", parameter="", title="Both are allowed", branches={"": "lenient"})))

    assert "| Both are allowed | lenient" in text.partition("other choices:")[2]
    assert "Both are allowed" not in text.partition("other choices:")[0]


def test_where_nothing_is_known_there_is_no_matrix():
    assert not shown(of(capability(branches={"": "undecided"})))
    assert not shown(of(capability(branches={"": "not offered"})))


def rated(cell, passed, failed, **more):
    interval = Interval(low=0.25, high=1.0)
    return case(cell, passed=passed, failed=failed, samples=9, interval=interval, **more)


def test_rates_count_what_says_anything_and_say_where_the_rate_lies():
    a = provider("a", cases=(rated("s/x", 3, 0), rated("s/silent", 0, 0), case("s/plain")))
    b = provider("b", cases=(rated("s/x", 5, 2), rated("s/refused", 3, 0, branch="rejected")))

    assert rows("\n".join(rates(run(a, b)))) == [
        ["about s/x (`s/x`)", "3 of 3: 25.0 to 100.0 %", "5 of 7: 25.0 to 100.0 %"]
    ]


def test_without_rates_there_is_no_section():
    assert list(rates(run(provider()))) == []
