"""Several providers in one report: a matrix of answers, and one of areas."""

import re

import pytest
from sample import case, certificate, compared, info, provider, run

from conformance.report.escape import columns
from conformance.report.markdown import markdown
from conformance.report.side_by_side import side_by_side
from conformance.report.terminal import summary
from conformance.verdict.model import Answer, AreaTally
from conformance.verdict.outcome import Outcome


def three():
    areas = {
        "CREQ": AreaTally(held=0, failed=0, undecided=4),
        "STRM": AreaTally(held=20, failed=2, undecided=1),
    }
    chat = certificate("chat", "b2", answer=Answer.DROP_IN_WITH_CHANGES, reasons=(), covered=52)
    return run(
        provider("a1"),
        provider("b2", certificates=(chat,), areas=areas),
        provider("c3", certificates=(), areas={}),
    )


def rows(text):
    lines = [line for line in text.split("\n") if line.startswith("|") and "---" not in line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_profiles_and_areas_by_provider():
    assert rows("\n".join(side_by_side(three()))) == [
        ["Profile", "`a1`", "`b2`", "`c3`"],
        ["Agent", "**not drop-in** 38/52", "-", "-"],
        ["Chat", "**drop-in** 52/52", "**drop-in with changes** 52/52", "-"],
        ["Area", "`a1`", "`b2`", "`c3`"],
        ["`CREQ` POST /chat/completions", "-", "4 undecided", "-"],
        ["`STRM` Chat completion chunks", "**1 failed**, 20 held", "**2 failed**, 1 undecided, 20 held", "-"],
    ]


def test_many_providers_are_rows_so_that_a_page_is_wide_enough():
    many = run(*(provider(f"p{number}") for number in range(7)))
    text = "\n".join(side_by_side(many))

    assert [row for row in rows(text) if row[0] in {"Provider", "`p6`"}] == [
        ["Provider", "Agent", "Chat"],
        ["`p6`", "**not drop-in** 38/52", "**drop-in** 52/52"],
        ["Provider", "`STRM`"],
        ["`p6`", "**1 failed**, 20 held"],
    ]


def test_the_report_opens_with_it():
    headings = re.findall(r"^## (.*)$", markdown(three()), re.MULTILINE)

    assert headings[:2] == ["Side by side", "The answer"]


def test_one_provider_stands_beside_nobody():
    assert list(side_by_side(run())) == []


def test_the_baseline_stands_to_the_left():
    heads = rows("\n".join(side_by_side(compared())))[0]

    assert heads == ["Profile", "`a`", "`b`"]


def test_the_terminal_shows_answers_once_beside_each_other():
    lines = summary(three(), width=100, color=False).split("\n")

    assert [line.split() for line in lines[:4]] == [
        ["a1", "b2", "c3"],
        ["agent", "x", "38/52", "-", "-"],
        ["chat", "ok", "52/52", "~", "52/52", "-"],
        ["ok", "drop-in,", "~", "drop-in", "with", "changes,", "x", "not", "drop-in,", "?", "inconclusive"],
    ]
    assert sum("52/52" in line for line in lines) == 1
    assert "b2  m (answers as m-0711), uvicorn" in lines


@pytest.mark.parametrize(("width", "strips"), [(60, 3), (100, 2), (200, 1)])
def test_as_many_strips_as_the_terminal_needs(width, strips):
    many = run(*(provider(f"provider-{number}") for number in range(10)))
    lines = summary(many, width=width, color=False).split("\n")

    assert sum(line.startswith("  agent") for line in lines) == strips
    assert max(map(columns, lines)) <= width


def test_what_a_run_that_was_cut_short_did_not_reach_is_named():
    cases = (case("chat/a"), case("chat/b", outcome=Outcome.ERROR, samples=0, passed=0))

    text = markdown(run(provider(cases=cases), info=info(complete=False)))

    assert "- `b`: 1 case not reached: `chat/b`" in text
    assert "not reached" not in markdown(run(provider(cases=cases)))
