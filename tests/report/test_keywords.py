"""The table of keywords: what became of each, by way of asking."""

from __future__ import annotations

import pytest
from sample import HOSTILE, case, provider, run

from conformance.report.keywords import keywords, keywords_data, schema_keywords
from conformance.verdict.outcome import CaseVerdict, Outcome


def verdict(variant: str, branch: str, outcome: Outcome = Outcome.PASSED, **changes) -> CaseVerdict:
    known = {"keyword": "pattern", "by": "response_format", "branch": branch, "outcome": outcome}
    return case(f"keywords/text[row-{variant}]", **{**known, **changes})


@pytest.mark.parametrize(
    ("branch", "outcome", "word"),
    [
        ("honoured", Outcome.PASSED, "enforced"),
        ("kept", Outcome.PASSED, "kept"),
        ("rejected", Outcome.PASSED, "refused"),
        ("ignored", Outcome.FAILED, "ignored"),
        ("partly", Outcome.FAILED, "ignored"),
        ("broken", Outcome.FAILED, "broken"),
        ("", Outcome.INCONCLUSIVE, "undecided"),
        ("ignored", Outcome.INCONCLUSIVE, "undecided"),
        ("", Outcome.ERROR, "undecided"),
        ("", Outcome.NOT_APPLICABLE, "not offered"),
    ],
)
def test_what_became_of_a_schema_in_one_word(branch, outcome, word):
    found = keywords(provider(cases=(verdict("a", branch, outcome),)))
    assert found == {"pattern": {"response_format": {word: ["keywords/text[row-a]"]}}}


def test_the_table_counts_and_names_what_is_ignored():
    cases = (
        verdict("a", "kept"),
        verdict("b", "kept"),
        verdict("c", "ignored", Outcome.FAILED),
        verdict("c", "honoured", by="strict tool"),
        verdict("d", "rejected", keyword="allOf"),
        case("chat/basic"),
    )
    heading, legend, table = schema_keywords(run(provider(cases=cases)))

    assert heading == "## Keywords of schemas"
    assert "*enforced*" in legend
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]
    assert rows[0] == ["Keyword", "response_format", "strict tool"]
    assert rows[2] == ["`allOf`", "refused 1", "-"]
    assert rows[3] == ["`pattern`", "**ignored 1** (`c`), kept 2", "enforced 1"]


def test_each_provider_has_a_table_of_its_own():
    two = [provider(name, cases=(verdict("a", "kept"),)) for name in ("a", "b")]
    blocks = list(schema_keywords(run(*two, provider("c"))))
    assert [each for each in blocks if each.startswith("###")] == ["### `a`", "### `b`"]


def test_there_is_no_table_where_no_case_has_a_place_in_it():
    assert list(schema_keywords(run(provider()))) == []
    assert keywords_data(provider()) == []


def test_a_suite_of_the_users_may_call_keywords_and_ways_what_it_likes():
    odd = verdict("a", "kept", keyword=HOSTILE, by=HOSTILE)
    _, _, table = schema_keywords(run(provider(cases=(odd,))))
    assert len(table.splitlines()) == 3
    assert "<script>" not in table.replace("`", "").split("|")[2]


def test_machines_get_every_variant():
    cases = (verdict("b", "kept"), verdict("a", "kept"), verdict("c", "rejected"))
    assert keywords_data(provider(cases=cases)) == [
        {
            "keyword": "pattern",
            "by": "response_format",
            "found": {
                "kept": ["keywords/text[row-a]", "keywords/text[row-b]"],
                "refused": ["keywords/text[row-c]"],
            },
        }
    ]
