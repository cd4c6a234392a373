"""Whether a model reasons is asked once; only an answer that leaves no doubt says that it does not."""

from dataclasses import replace

import pytest
from bench import exchange, needs, ref, step, trial, variant
from views import provider

from conformance.plan.offered import absence, questions
from conformance.wire.exchange import Ended

ONE = variant(step(expect=[needs("RSN-001", ref("status", code=200))]))
WANTING = replace(ONE, case=replace(ONE.case, needs=("chat", "reasoning")))
ON = {"thinking-on": {"thinking": {"type": "enabled"}}}


def answer(message=None, finish="stop", **usage):
    """What came back to the question."""
    said = {"role": "assistant", "content": "28", **(message or {})}
    body = {"choices": [{"index": 0, "message": said, "finish_reason": finish}], "usage": usage}
    return exchange(body=body)


def asked(seen, name="reasoning"):
    return absence(trial(seen, case=f"offered/{name}"))


PLAIN = answer()


@pytest.mark.parametrize(
    ("seen", "missing"),
    [
        (PLAIN, True),
        (answer({"reasoning_content": None}), True),
        (answer({"reasoning": ""}), True),
        (answer(completion_tokens_details={"reasoning_tokens": 0}), True),
        (answer(completion_tokens_details=None), True),
        (answer({"reasoning_content": "Hm."}), False),
        (answer({"reasoning": "Hm."}), False),
        (answer({"content": "<think>Hm.</think>28"}), False),
        (answer({"content": "Hm.</think>28"}), False),
        (answer({"content": "[THINK]Hm.[/THINK]28"}), False),
        (answer(completion_tokens_details={"reasoning_tokens": 9}), False),
        (answer(finish="length"), False),
        (answer(finish=None), False),
        (answer({"content": ""}), False),
        (answer({"content": None}), False),
        (exchange(body={"choices": []}), False),
        (exchange(status=400, body={"error": {"message": "no"}}), False),
        (exchange(status=404), False),
        (exchange(how=Ended.UNREACHABLE), False),
    ],
)  # fmt: skip
def test_only_an_answer_without_any_sign_of_reasoning_says_that_there_is_none(seen, missing):
    found = asked(seen)

    assert (found is not None) is missing
    if found:
        assert found.capability == "reasoning"
        assert "declare fragments.thinking-on" in found.why


def test_an_answer_to_anything_else_says_nothing_of_it():
    assert absence(trial(PLAIN, case="reasoning/apart")) is None
    assert asked(PLAIN, name="embeddings") is None


def body(**known):
    (question,) = questions(WANTING, provider(**known))
    return question.variant.case.steps[0].request.body


def test_the_question_is_put_to_the_model_that_is_said_to_reason_in_its_own_words():
    assert body()["model"] == {"$var": "provider.model"}
    assert "thinking" not in body()
    told = body(models={"reasoning": "r"}, fragments=ON)
    assert told["model"] == {"$var": "provider.models.reasoning"}
    assert told["thinking"] == {"type": "enabled"}


@pytest.mark.parametrize("declared", [True, False])
def test_what_is_declared_is_not_asked(declared):
    assert questions(WANTING, provider(capabilities={"reasoning": declared})) == ()
