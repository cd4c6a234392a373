"""Servers that are right in another way: nothing is held against them.

Each variant of the proxy in tests/different meets the cases that a quick run asks; each group of
compatible ones meets everything.
`python benchmarks/different.py` asks everything of each.
"""

import re

import pytest
from different_asked import asked, groups, variants, wrong

from conformance.faces.selftest.ask import everything, suites, tools
from conformance.plan.build import every_variant

QUICK = frozenset(
    cell.cell
    for cell in every_variant(suites())
    if cell.effort == "quick"
)
THINKING = frozenset({"chat", "multi-turn", "multimodal", "parameters", "reasoning", "streaming"})
"""Suites that a server that thinks is asked: it takes its time."""
MISSING = {"group-3": {"completions", "embeddings", "responses", "full", "rag"}}
"""Profiles that ask for an endpoint that these servers lack, as they may."""
OPEN = {
    "group-1": {"effects/cached-prompt"},
    "group-2": {"effects/cached-prompt"},
    "group-3": {
        *("effects/cached-prompt", "multimodal/another-image-of-the-same-words"),
        *("effects/seed", "effects/stable-logprobs", "multimodal/streamed-or-not"),
        *("parameters/logprobs-beside-tools", "parameters/top-logprobs", "sampling/other-seed"),
        *("parameters/twenty-alternatives", "parameters/logprobs-up-to-the-stop"),
    }
}
"""Cases that need what these servers refuse, as they may. What a change decides is not open."""


def test_each_names_the_clauses_that_allow_it():
    cited = {one.name: set(re.findall(r"[A-Z]+-\d{3}", " ".join(one.why))) for one in variants()}

    assert len(cited) >= 12
    assert [name for name, clauses in cited.items() if not clauses] == []
    assert set().union(*cited.values()) <= set(tools().contract.clauses)


@pytest.mark.parametrize("name", [one.name for one in variants()])
def test_nothing_is_held_against_what_is_right_in_another_way(tmp_path, name):
    assert wrong(asked(tmp_path, name, QUICK.__contains__)) == []


@pytest.mark.parametrize("name", groups())
def test_nothing_is_held_against_many_differences_at_once(tmp_path, name):
    result = asked(tmp_path, name, _of_thinking if name == "group-4" else everything)

    assert wrong(result) == []
    refused = {each.profile for each in result.certificates if each.answer == "not drop-in"}
    assert refused <= MISSING.get(name, set())
    undecided = {each.case for each in result.cases if each.outcome == "inconclusive" and not each.adapted}
    assert undecided <= OPEN.get(name, set())


def _of_thinking(cell):
    return cell.partition("/")[0] in THINKING
