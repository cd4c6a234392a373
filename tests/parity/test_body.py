"""Asks as request bodies: what is not set is not sent."""

from dataclasses import replace

from said import ask

from conformance.parity.body import chat_body, text_body
from conformance.parity.candidates import Prompt

PROMPT = Prompt("p", ({"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}))


def test_a_plain_ask_has_no_lists_no_tools_and_no_seed():
    assert chat_body(ask(), PROMPT) == {
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}],
        "max_tokens": 1, "temperature": 1.0, "top_p": 1.0,
    }  # fmt: skip


def test_lists_top_k_and_tools_are_sent_where_they_are_wanted():
    found = chat_body(ask(top_logprobs=20, top_k=5), replace(PROMPT, tools=({"type": "function"},)))

    assert (found["logprobs"], found["top_logprobs"], found["top_k"]) == (True, 20, 5)
    assert found["tools"] == [{"type": "function"}]


def test_a_salt_stands_before_the_users_first_word():
    found = chat_body(replace(ask(), salt="7-1"), PROMPT)

    assert [each["content"] for each in found["messages"]] == ["Be brief.", "[7-1] Hello"]


def test_text_completions_take_fewer_logprobs_and_no_template():
    found = text_body(ask(top_logprobs=20), PROMPT)

    assert (found["prompt"], found["logprobs"]) == ("Be brief.\nHello", 5)
