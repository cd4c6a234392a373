"""What a request may cost at most, from its body alone."""

import pytest

from conformance.plan.tokens import PER_IMAGE, PER_MESSAGE, PER_REQUEST, PER_STORED, Tokens, bound

CHAT = "/chat/completions"
USER = {"role": "user", "content": "four"}
SAID = PER_REQUEST + PER_MESSAGE + len("user") + len("four")
TOOLS = [{"type": "function", "function": {"name": "f", "parameters": {}}}]


@pytest.mark.parametrize(
    ("body", "prompt"),
    [
        ({}, PER_REQUEST),
        ({"messages": [USER]}, SAID),
        ({"messages": [USER, USER]}, 2 * SAID - PER_REQUEST),
        ({"messages": [{"role": "user", "content": "é€"}]}, SAID + 1),
        ({"messages": [{"role": "user", "content": "\ud800"}]}, SAID - 3),
        (
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "four"}]}]},
            SAID + PER_MESSAGE + len("text"),
        ),
        (
            {"messages": [{"role": "user", "content": [{"image_url": {"url": "data:" + "x" * 9999}}]}]},
            PER_REQUEST + 3 * PER_MESSAGE + len("user") + PER_IMAGE,
        ),
        ({"messages": [{"role": "assistant", "content": None}]}, PER_REQUEST + PER_MESSAGE + len("assistant")),
        ({"messages": "no list"}, PER_REQUEST + len("no list")),
        ({"messages": 7}, PER_REQUEST + 1),
        ({"prompt": ["ab", "c"]}, PER_REQUEST + 3),
        ({"prompt": [1, 2, 3]}, PER_REQUEST + 3),
        ({"input": "four", "previous_response_id": "r"}, PER_REQUEST + 4 + PER_STORED),
        ({"tools": TOOLS}, PER_REQUEST + 67),
        ({"temperature": 0, "metadata": {"a": "b" * 999}}, PER_REQUEST),
    ],
    ids=repr,
)
def test_a_prompt_is_bounded_by_its_bytes(body, prompt):
    assert bound(CHAT, {**body, "max_tokens": 1}, 99).prompt == prompt


@pytest.mark.parametrize(
    ("body", "completion"),
    [
        ({}, 500),
        ({"max_tokens": 8}, 8),
        ({"max_completion_tokens": 9}, 9),
        ({"max_output_tokens": 10}, 10),
        ({"max_tokens": 8, "max_completion_tokens": 9}, 8),
        ({"max_tokens": 8, "n": 3}, 24),
        ({"n": 2}, 1000),
        ({"max_tokens": 0}, 500),
        ({"max_tokens": -1}, 500),
        ({"max_tokens": "8"}, 500),
        ({"max_tokens": True}, 500),
        ({"max_tokens": 8.5}, 500),
        ({"max_tokens": 8, "n": True}, 8),
        ({"max_tokens": 8, "n": "3"}, 8),
    ],
    ids=repr,
)
def test_an_answer_is_bounded_by_what_a_server_can_take_for_a_limit(body, completion):
    assert bound(CHAT, body, 500).completion == completion


@pytest.mark.parametrize("body", [None, [], "text", 7], ids=repr)
def test_what_is_no_object_costs_nothing(body):
    assert bound(CHAT, body, 500) == Tokens()


def test_an_embedding_has_no_answer_of_tokens():
    assert bound("/v1/embeddings", {"input": "four"}, 500) == Tokens(prompt=PER_REQUEST + 4)


def test_tokens_add_up():
    both = Tokens(prompt=1, completion=2) + Tokens(prompt=3, completion=4)

    assert (both, both.total) == (Tokens(prompt=4, completion=6), 10)


@pytest.mark.parametrize(
    ("body", "texts"),
    [({"prompt": "a"}, 1), ({"prompt": ["a", "b"]}, 2), ({"prompt": [1, 2]}, 1), ({"prompt": [[1], [2], [3]], "best_of": 2}, 6), ({"prompt": []}, 1)],
)
def test_each_of_several_prompts_may_be_answered_up_to_the_cap(body, texts):
    assert bound("/v1/completions", {**body, "max_tokens": 5}, 99).completion == 5 * texts
