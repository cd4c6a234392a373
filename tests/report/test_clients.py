"""What real clients made of the answers: side by side, in the Markdown, and beside each finding."""

from __future__ import annotations

from sample import client, disagreement, finding, hostile, provider, run

from conformance.report.clients import comparison
from conformance.report.markdown import markdown
from conformance.verdict.model import Unpredicted

CRASH = disagreement(
    severity="crash", what="it raises IndexError", exchanges=2, findings=("b/STOOL-002", "b/STRM-025")
)
TWO = run(clients=(client("2.54.0", disagreements=(disagreement(), CRASH)), client("3.57.0")))


def rows(text: str) -> list[str]:
    """Lines with their blanks made one."""
    return [" ".join(line.split()) for line in text.split("\n")]


def test_clients_stand_comparison():
    text = rows(comparison(TWO))

    assert "openai 2.54.0 b 20 - 4 - 1" in text
    assert "severity what an application gets provider openai 2.54.0 openai 3.57.0 clauses" in text
    assert "silent loss the role is another b 12 12 STRM-011" in text
    assert "crash it raises IndexError b 2 - STOOL-002 and STRM-025" in text


def test_one_that_could_not_be_played_says_why():
    text = comparison(run(clients=(client(outcomes={}, disagreements=(), reason="no pip"),)))

    assert text == "openai 3.57.0: not applicable: no pip"


def test_nothing_to_tell_is_told():
    assert "Every answer arrives" in comparison(run(clients=(client(disagreements=()),)))


def test_where_our_copy_of_the_accumulator_is_wrong_is_told():
    other = Unpredicted(exchange="chat/a[b]#0/main.1", words="predicted TypeError, seen none")

    assert "predicted TypeError, seen none at chat/a" in comparison(
        run(clients=(client(unpredicted=(other,)),))
    )


def test_nothing_of_an_endpoint_steers_the_terminal():
    text = comparison(hostile())

    assert not any(each in text for each in "\x1b\x07\x00\x9b\u202e")


def test_the_markdown_has_a_part_of_its_own_and_a_line_in_each_finding():
    told = finding(clients=("openai 3.57.0: takes it, but the role is another, silently (3 of 3)",))
    text = markdown(run(provider(findings=(told,)), clients=(client(),)))

    assert "## Real clients" in text
    assert "- **Real clients:** openai 3.57.0: takes it, but the role is another, silently" in text


def test_without_a_disagreement_there_is_no_such_part():
    assert "## Real clients" not in markdown(run(clients=(client(disagreements=()),)))
