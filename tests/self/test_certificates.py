"""Certificates against right answers: the answers are read strictly, compared truly, and a few are asked."""

from __future__ import annotations

from collections import Counter

import pytest

from conformance.errors import SourceError, UsageError
from conformance.faces.certificates.ask import Given, products, tools
from conformance.faces.certificates.collect import collect
from conformance.faces.certificates.confusion import Compared, compared, matrix
from conformance.faces.certificates.expected import Expected, read_expected
from conformance.faces.certificates.page import closing, confusion, page, wrong
from conformance.faces.certificates.verb import certificates, expected
from conformance.verdict.model import Answer

YES, CHANGES, NO, OPEN = Answer
PAIR = """\
[[pairs]]
application = "ollama"
candidate = "azure"
profile = "chat"
answer = "drop-in"
why = "Nothing is lost."
"""


def test_there_are_enough_pairs_of_each_kind():
    listed = expected()
    counted = Counter(one.answer for one in listed)

    assert len(listed) >= 30
    assert counted[YES] >= 8
    assert counted[CHANGES] >= 6
    assert counted[NO] >= 8
    assert {one.profile for one in listed} > set(tools().contract.profiles) & {"chat", "agent", "full", "responses", "rag"}
    assert {name for one in listed for name in one.pair} == set(products())


@pytest.mark.parametrize(
    ("written", "instead", "reason"),
    [
        ("why", "wy", "unknown key 'wy'"),
        ('why = "Nothing is lost."', "", "why has to be a text"),
        ("ollama", "olama", "no application is called 'olama'"),
        ("azure", "azur", "no candidate is called 'azur'"),
        ('"chat"', '"chatt"', "no profile is called 'chatt'"),
        ("drop-in", "yes", "no answer is called 'yes'"),
        (PAIR, PAIR + PAIR, "answered twice"),
    ],
)
def test_right_answers_are_read_strictly(tmp_path, written, instead, reason):
    path = tmp_path / "pairs.toml"
    path.write_text(PAIR.replace(written, instead), encoding="utf-8")

    with pytest.raises(SourceError) as raised:
        read_expected(products(), tools().contract.profiles, path)

    assert reason in str(raised.value)


def row(right, said, amended=""):
    asked = {"application": "ollama", "candidate": "azure", "profile": "chat"}
    return Compared(
        Expected(**asked, answer=right, why="it is so", amended=amended),
        Given(**asked, answer=said, reasons=("ERR-001 (failed): words",), changes=()),
    )


@pytest.mark.parametrize(
    ("right", "said", "false"),
    [
        (NO, YES, True),
        (NO, CHANGES, True),
        (CHANGES, YES, True),
        (OPEN, YES, True),
        (OPEN, CHANGES, True),
        (YES, YES, False),
        (CHANGES, CHANGES, False),
        (YES, NO, False),
        (YES, CHANGES, False),
        (NO, OPEN, False),
        (OPEN, NO, False),
    ],
)
def test_a_false_drop_in_promises_more_than_is_right(right, said, false):
    assert row(right, said).false_drop_in is false


def test_what_is_wrong_is_told_with_what_did_it():
    rows = [row(YES, NO), row(NO, YES), row(YES, YES, amended="we had overlooked it")]

    assert matrix(rows)[YES] == {YES: 1, NO: 1}
    assert closing(rows) == "3 questions: 1 answered rightly, 2 wrongly; 1 false drop-ins; 1 right answers amended"
    assert list(wrong(rows))[:2] == ["ollama -> azure, chat: not drop-in, should be drop-in", "  ERR-001 (failed): words"]
    assert list(wrong(rows))[2].startswith("FALSE DROP-IN: ollama -> azure, chat")
    assert "amended: we had overlooked it" in page(rows)
    assert "said: drop-in" in confusion(rows, "plain")


FEW = {("reference", "ollama"), ("sglang", "vllm-nvidia")}
"""With each of drop-in, drop-in with changes and not drop-in among their answers."""


def test_a_few_pairs_get_the_right_answer_and_are_not_asked_twice(tmp_path):
    wanted = [one for one in expected() if one.pair in FEW]
    told: list[str] = []
    kept = tmp_path / "kept.jsonl"

    given = collect(wanted, told.append, kept)
    again = collect(wanted, told.append, kept)

    rows = compared(wanted, given)
    assert [line for one in [rows] for line in wrong(one)] == []
    assert {one.expected.answer for one in rows} == {YES, CHANGES, NO}
    assert len(told) == len(FEW)
    assert sorted(again, key=lambda one: one.name) == sorted(given, key=lambda one: one.name)


def test_a_product_that_is_none_is_told():
    with pytest.raises(UsageError, match="no product is called 'olama'"):
        certificates(["olama"], kept=None, written=None)
