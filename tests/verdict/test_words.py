"""What a control showed, in words."""

import pytest
from bench import ref

from conformance.runs.toolbox import packaged_suites, read_suites, toolbox
from conformance.verdict.words import in_words

CONTROLS = [
    step.assume
    for suite in read_suites(toolbox(), packaged_suites())
    for case in suite.cases
    for step in case.steps
    if step.control
]


@pytest.mark.parametrize(
    ("refs", "words"),
    [
        ([ref("completion_tokens", at_least=20)], "20 tokens or more"),
        ([ref("text", contains="7")], 'a text with "7"'),
        ([ref("text", contains="apple " * 20)], 'a text with "apple apple apple apple…'),
        ([ref("text", excludes="ZEBRA")], 'a text without "ZEBRA"'),
        ([ref("text", matches=r"^[\s\S]{1,60}$")], "a text of another form"),
        ([ref("content_length", at_least=1), ref("different_text", step="one")], "two answers that differ"),
        ([ref("content_length", at_least=100), ref("same_text", step="one")], "100 characters or more; the same answer twice"),
        ([ref("content_length", at_least=1)], "1 characters or more"),
        ([ref("tool_calls", at_least=0, at_most=0)], "no call"),
        ([ref("tool_calls", at_least=1)], "a call"), ([ref("tool_calls", at_least=2)], "2 calls or more"),
        ([ref("reasons")], "thoughts"), ([ref("reasons", present=False)], "no thoughts"),
        ([ref("our_own", at_least=3)], "our_own at_least 3"),
    ],
)  # fmt: skip
def test_checks_are_told_in_words(refs, words):
    assert in_words(refs) == words


@pytest.mark.parametrize("name", sorted({each.name for refs in CONTROLS for each in refs}))
def test_every_control_of_ours_has_words(name):
    told = [in_words([each]) for refs in CONTROLS for each in refs if each.name == name]

    assert told
    assert not [words for words in told if words.split()[0] == name]
