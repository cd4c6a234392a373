"""The end of a run on a terminal."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sample import certificate, compared, finding, hostile, info, provider, run

from conformance.report.escape import columns
from conformance.report.terminal import summary
from conformance.verdict.model import Answer, Mishap, Reason

RUNS = {"one": run, "compared": compared, "hostile": hostile}
SGR = re.compile(r"\033\[\d*m")


def test_it_says_the_answer_per_profile_and_what_to_fix():
    text = summary(run(), width=100, color=False)
    lines = text.split("\n")
    assert lines[0] == "b  m (answers as m-0711), uvicorn"
    assert lines[1] == "  an error of the run, no finding: check x failed: KeyError: 'y' (1 case)"
    assert lines[2].split() == ["x", "agent", "not", "drop-in", "38/52", "decided", "STRM-011"]
    assert lines[3].split() == ["ok", "chat", "drop-in", "52/52", "decided"]
    assert "  cases: 1 passed, 1 failed, 2 inconclusive, 1 not applicable, 1 error" in lines
    assert "  spent: 123 requests, 1500 tokens, 0.0125 USD" in lines
    first = lines.index("What to fix first") + 1
    assert lines[first : first + 3] == [
        "  1. STRM-011 MUST in 12 of 40 exchanges (30.0 %, interval 17.4 to 45.1 %)",
        "     the role is said twice",
        "     so: The SDK builds the role assistantassistant.",
    ]
    assert text.endswith("\n")


def test_with_a_baseline_the_losses_come_first():
    lines = summary(compared(), width=100, color=False).split("\n")
    assert lines[0] == "From a to b you lose 1 capability; 1 clause newly broken, 1 shared"
    assert lines[1].strip() == "only 5 of 6 cases were compared"
    assert lines[2].strip() == "-  Same seed, same answer: honoured -> ignored"
    assert lines[3].strip() == "1 capability done in another way and 1 fact told otherwise"
    assert sum(line.startswith("a ") for line in lines) == 1, "the baseline is not judged"
    at = lines.index("a  (the baseline)")
    assert lines[at + 1] == "  an error of the run, no finding: check x failed: KeyError: 'y' (1 case)"


def test_five_are_the_top_five():
    many = provider(findings=tuple(finding(f"X-{n:03}") for n in range(9)))
    text = summary(run(many), width=100, color=False)
    assert "Top five to fix" in text
    assert len(re.findall(r"^  \d\. ", text, re.MULTILINE)) == 5


def test_it_fits_on_one_screen():
    many = provider(
        certificates=tuple(certificate(f"profile-{n}") for n in range(10)),
        findings=tuple(finding(f"X-{n:03}") for n in range(9)),
    )
    assert summary(run(many), width=100, color=False).count("\n") <= 40


@pytest.mark.parametrize("make", RUNS.values(), ids=RUNS)
@pytest.mark.parametrize("width", [1, 60, 80, 200])
@pytest.mark.parametrize("color", [False, True])
def test_no_line_is_wider_than_the_terminal_and_none_steers_it(make, width, color):
    text = SGR.sub("", summary(make(), width=width, color=color))
    assert max(map(columns, text.split("\n"))) <= max(width, 60)
    assert text.replace("\n", "").isprintable()


@pytest.mark.parametrize("make", RUNS.values(), ids=RUNS)
def test_colors_change_nothing_but_colors(make):
    plain = summary(make(), width=100, color=False)
    assert "\033" not in plain
    colored = summary(make(), width=100, color=True)
    assert "\033[" in colored
    assert SGR.sub("", colored) == plain


def test_every_color_is_switched_off_on_its_line():
    for line in summary(hostile(), width=80, color=True).split("\n"):
        codes = SGR.findall(line)
        assert len(codes) % 2 == 0
        assert all(code == "\033[0m" for code in codes[1::2])


def test_a_run_that_was_cut_short_says_so_first():
    text = summary(run(info=info(complete=False)), width=100, color=False)
    assert text.startswith("The run was cut short")


def test_nothing_to_tell_is_an_empty_line():
    assert summary(run(providers=()), width=100, color=False) == "\n"


def test_reasons_of_errors_are_told_once_in_full_and_before_the_answers():
    reason = "the key is refused (status 401): check it, and how it is sent (`auth`)"
    errors = [Mishap(reason=reason, cells=tuple(f"c/{n}" for n in range(215)))]
    errors += [Mishap(reason=f"another {n}", cells=("c/0",)) for n in range(4)]
    text = summary(run(provider(errors=tuple(errors))), width=60, color=False)
    said = " ".join(text.split())

    assert said.count(reason) == 1
    assert f"{reason} (215 cases) an error of the run, no finding: another 0 (1 case)" in said
    assert "and 2 more reasons in the report" in said
    assert said.index(reason) < said.index("agent")


def test_where_nothing_was_compared_nothing_is_called_lost():
    (one,) = compared().comparisons
    nothing = replace(one, compared=0, capabilities_lost=(), new_failures=())
    lines = summary(replace(compared(), comparisons=(nothing,)), width=100, color=False).split("\n")

    assert lines[:2] == ["From a to b: nothing was compared", "  of none of 6 cases is it known what both do"]


def test_a_profile_of_which_nothing_was_decided_names_no_clauses():
    reasons = tuple(
        Reason(clause=f"X-{n:03}", kind="undecided", text="x", why=f"why {n % 2}") for n in range(60)
    )
    one = certificate(answer=Answer.INCONCLUSIVE, covered=0, reasons=reasons)
    text = summary(run(provider(certificates=(one,), findings=())), width=100, color=False)

    assert "inconclusive" in text
    assert "X-0" not in text


def test_limits_on_times_are_said_to_be_left_open():
    one = certificate(times=("ttft_p95 <= 200 ms", "itl_p50 <= 1.2x"))

    text = " ".join(summary(run(provider(certificates=(one,))), width=100, color=False).split())

    assert "agent limits times (ttft_p95 <= 200 ms and itl_p50 <= 1.2x): left open; conformance latency" in text
