"""Models that think before they answer: stages 0, 3 and 4 are theirs, and what is not seen speaks against nobody."""

import json

import pytest
from served import built, providers, served

from conformance.faces.cli import main
from conformance.parity import thoughts
from conformance.parity.model import Answer, Ask, Position, StageName
from conformance.parity.turns import Side

WHOLE = "--stages=0,1,2,2b,3"


@pytest.fixture
def compared(tmp_path):
    """Exit code, facts, stages by name, and what the candidate was asked, of two that think in their ways."""

    def run(of, known, said, *, stages=WHOLE):
        with served(built(seed=1), think=known, seed=1) as (a, _), served(of, think=said, seed=2) as (b, log):
            path = providers(tmp_path, a=a, b=b)
            code = main(["compare", "a", "b", f"--providers-file={path}", f"--reports-dir={tmp_path}", "--seed=1", "-q", stages])
        facts = json.loads(next(tmp_path.glob("*/report.json")).read_text("utf-8"))
        return code, facts, facts["stages"], log

    return run


def says(stages):
    return [(each["stage"], each["says"]) for each in stages]


@pytest.mark.parametrize("other", ["apart", "inside"])
def test_the_same_weights_that_think_are_not_different(compared, other):
    code, facts, stages, log = compared(built(seed=2), "apart", other)

    assert (code, facts["answer"]) == (3, "inconclusive")
    assert says(stages) == [
        ("0", "same"), ("1b", "inconclusive"), ("2", "inconclusive"), ("2b", "inconclusive"),
        ("3", "inconclusive"), ("3", "inconclusive"),
    ]  # fmt: skip
    assert "baseline: it thought first" in stages[1]["why"]
    assert "it thought first" in stages[2]["why"]
    assert stages[4]["why"] == "no difference found in long answers"
    assert (stages[4]["requests"], stages[4]["troubled"]) == (80, 0)
    assert "greedy answers leave" in stages[5]["why"]
    assert len(log) < 130  # nothing is spent on first tokens that are none of an answer


def test_another_model_that_thinks_is_different_by_its_long_answers(compared):
    code, facts, stages, _ = compared(built(seed=3, change=1.3), "apart", "apart")

    assert (code, facts["answer"]) == (1, "different")
    assert {each["stage"] for each in stages if each["says"] == "different"} == {"3"}


def test_another_template_of_one_that_thinks_shows_in_its_prompt_tokens(tmp_path):
    with served(built(seed=1), think="apart") as (a, _), served(built(seed=2), think="hidden", extra=21) as (b, _):
        path = providers(tmp_path, a=a, b=b)

        assert main(["compare", "a", "b", f"--providers-file={path}", f"--reports-dir={tmp_path}", "-q", "--stages=0"]) == 1


ONE = {"aloud": "apart", "where nobody sees it": "hidden"}


@pytest.mark.parametrize("how", ONE.values(), ids=ONE)
@pytest.mark.parametrize("side", ["baseline", "candidate"])
def test_one_that_thinks_and_one_that_does_not_are_told_in_words(compared, how, side):
    sides = (how, None) if side == "baseline" else (None, how)
    code, facts, stages, _ = compared(built(seed=2), *sides)
    words = f"the {side} thinks before it answers and the "

    assert (code, facts["answer"]) == (3, "inconclusive")
    assert all(each["says"] == "inconclusive" for each in stages)
    assert words in stages[0]["why"]
    assert words in facts["words"]
    assert [words in each["why"] for each in stages if each["stage"] == "3"] == [True, True]


def test_thoughts_that_nobody_sees_are_no_difference(compared):
    code, facts, stages, _ = compared(built(seed=3, change=1.3), "apart", "hidden", stages="--stages=0,1,2,3")
    long = [each for each in stages if each["stage"] == "3"]

    assert (code, facts["answer"]) == (3, "inconclusive")
    assert "candidate: its tokens were used up before a word was seen" in stages[2]["why"]
    assert [each["why"] for each in long] == [
        "the candidate hides what it thinks and the baseline shows it: what is seen can't be compared"
    ] * 2
    assert all(each["says"] != "different" for each in stages)


def test_thoughts_that_both_hide_leave_what_is_seen_to_be_compared(compared):
    code, facts, stages, _ = compared(built(seed=2), "hidden", "hidden", stages="--stages=0,3")
    long = [each for each in stages if each["stage"] == "3"]

    assert (code, facts["answer"]) == (3, "inconclusive")
    assert long[0]["why"] == "no difference found in long answers"
    assert "its tokens were used up" in long[1]["why"]  # sixteen tokens are all thoughts


def test_one_that_thinks_is_not_held_against_its_past_by_tokens_that_are_none_of_an_answer(tmp_path, capsys):
    with served(built(seed=1), think="apart") as (a, log):
        path = providers(tmp_path, a=a)
        code = main(["compare", "a", f"--providers-file={path}", f"--reports-dir={tmp_path / 'r'}", f"--baseline-file={tmp_path / 'a.jsonl'}"])

    assert code == 3
    assert "Not decided: it thought first" in capsys.readouterr().out
    assert len(log) < 30


TEXTS = {
    "no thoughts": ("", " red ", " red "),
    "apart": ("I think", "red", "I think red"),
    "apart, and nothing yet": ("I think", "", "I think"),
    "in tags": ("<think>\nI think\n</think>\n\nred", "<think>\nI think\n</think>\n\nred", "I think red"),
    "in a channel": ("<|channel|>analysis<|message|>I think",) * 2 + ("I think",),
}


@pytest.mark.parametrize(("thought", "text", "whole"), TEXTS.values(), ids=TEXTS)
def test_what_was_written_is_alike_however_it_is_put(thought, text, whole):
    assert thoughts.written(thought, text) == whole


def test_a_mark_that_a_server_takes_out_of_the_text_is_a_thought():
    """Its list would be the same whatever the model."""
    assert thoughts.thoughts(None, "", [Position(b"<think>", 0.0, ())]) == "<think>"
    assert thoughts.thoughts(None, "", [Position(b"\xe7\xba", -0.1, ())]) == ""


def test_a_side_thinks_only_if_all_that_it_said_says_so():
    ask = Ask(stage=StageName.SEMANTICS, prompt="p", order=0)
    spoke, thought = Answer(ask=ask, text="x"), Answer(ask=ask, thoughts="Hm", trouble=thoughts.ALOUD)
    mute, failed = Answer(ask=ask, finish="length"), Answer(ask=ask, trouble="status 500")

    assert thoughts.first([thought, failed]) == thoughts.ALOUD
    assert thoughts.first([mute, mute]) == thoughts.HIDDEN
    assert thoughts.first([thought, spoke]) == thoughts.first([failed]) == thoughts.first([]) == ""
    assert thoughts.apart([thought], [spoke]).startswith("the baseline thinks")
    assert thoughts.apart([thought, spoke], [spoke]) == thoughts.apart([failed], [spoke]) == ""
    assert thoughts.unlike([thought], [thought, spoke]) == thoughts.unlike([failed], [thought]) == ""
    assert thoughts.unlike([mute], [thought]).startswith("the baseline hides")
    assert thoughts.unlike([spoke], [spoke], {Side.CANDIDATE}).startswith("the candidate thinks")


def test_thoughts_that_are_billed_and_not_shown_are_there():
    assert thoughts.counted({"completion_tokens_details": {"reasoning_tokens": 3}})
    assert not thoughts.counted({"completion_tokens_details": {"reasoning_tokens": 0}})
    assert not thoughts.counted({"completion_tokens_details": None})
