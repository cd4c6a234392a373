"""The model that reasons: what it thinks, what that costs, and what switches it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from asking import CITY, WEATHER, chat, stream, text_of

THINKER = "reference-1-thinking"
OFF: dict[str, Any] = {"thinking": {"type": "disabled"}}
FORMAT = {"type": "json_schema", "json_schema": {"name": "place", "schema": CITY}}


def thinking(client: httpx.Client, prompt: Any = "Say OK.", **members: Any) -> dict[str, Any]:
    return chat(client, prompt, model=THINKER, **members)


def thought(answer: dict[str, Any]) -> str | None:
    return answer["choices"][0]["message"].get("reasoning_content")


def counts(answer: dict[str, Any]) -> tuple[int, int]:
    usage = answer["usage"]
    return usage["completion_tokens_details"]["reasoning_tokens"], usage["completion_tokens"]


def test_it_thinks_beside_the_answer_and_counts_it(client: httpx.Client) -> None:
    answer = thinking(client)
    spent, total = counts(answer)

    assert answer["model"] == THINKER
    assert thought(answer).startswith("The user says: Say OK.")
    assert answer["choices"][0]["message"]["content"] == "OK"
    assert 10 < spent == total - 1


def test_the_plain_model_does_not_think_whatever_is_switched_on(client: httpx.Client) -> None:
    answer = chat(client, reasoning_effort="max", thinking={"type": "enabled"})

    assert thought(answer) is None
    assert counts(answer) == (0, 1)


def test_thoughts_stream_before_the_content_and_are_the_same(client: httpx.Client) -> None:
    chunks = stream(client, model=THINKER, stream_options={"include_usage": True})
    deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
    streamed = [delta["reasoning_content"] for delta in deltas if "reasoning_content" in delta]
    kinds = [next(iter(delta), "") for delta in deltas[1:-1]]

    assert "".join(streamed) == thought(thinking(client))
    assert kinds == sorted(kinds, key=["reasoning_content", "content"].index)
    assert text_of(chunks) == "OK"
    assert chunks[-1]["usage"]["completion_tokens_details"]["reasoning_tokens"] == len(streamed)


@pytest.mark.parametrize("cap", [1, 7])
def test_a_cap_within_the_thoughts_leaves_no_answer(client: httpx.Client, cap: int) -> None:
    answer = thinking(client, max_tokens=cap)

    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["choices"][0]["message"]["content"] == ""
    assert counts(answer) == (cap, cap)


def test_more_effort_is_more_thought(client: httpx.Client) -> None:
    efforts = ("none", "minimal", "low", "medium", "high")
    spent = [counts(thinking(client, reasoning_effort=each))[0] for each in efforts]

    assert spent == sorted(set(spent))
    assert spent[0] == 0


@pytest.mark.parametrize(
    "members",
    [
        {"reasoning_effort": "none"},
        {"reasoning_effort": "none", "thinking": {"type": "enabled"}},
        OFF,
        {**OFF, "reasoning_effort": "high"},
        {"enable_thinking": False},
        {"enable_thinking": False, "thinking": {"type": "enabled"}},
        {"chat_template_kwargs": {"thinking": False}},
        {"chat_template_kwargs": {"enable_thinking": False, "thinking": True}},
    ],
    ids=str,
)
def test_whatever_says_off_wins(client: httpx.Client, members: dict[str, Any]) -> None:
    assert thought(thinking(client, **members)) is None


@pytest.mark.parametrize(
    "members",
    [
        {"reasoning_effort": None},
        {"thinking": {}},
        {"thinking": None, "enable_thinking": True},
        {"chat_template_kwargs": {"other": 1}},
    ],
    ids=str,
)
def test_what_says_nothing_changes_nothing(client: httpx.Client, members: dict[str, Any]) -> None:
    assert thought(thinking(client, **members)) == thought(thinking(client))


@pytest.mark.parametrize(
    ("members", "param"),
    [
        ({"reasoning_effort": "max"}, "reasoning_effort"),
        ({"reasoning_effort": "extreme"}, "reasoning_effort"),
        ({"thinking": "on"}, "thinking"),
        ({"thinking": {"type": "auto"}}, "thinking.type"),
        ({"enable_thinking": "no"}, "enable_thinking"),
        ({"chat_template_kwargs": []}, "chat_template_kwargs"),
        ({"chat_template_kwargs": {"thinking": 0}}, "chat_template_kwargs.thinking"),
    ],
    ids=str,
)
def test_what_it_does_not_know_is_refused_by_name(
    client: httpx.Client, members: dict[str, Any], param: str
) -> None:
    messages = [{"role": "user", "content": "Say OK."}]
    asked = {"model": THINKER, "messages": messages, **members}
    response = client.post("/chat/completions", json=asked)

    assert response.status_code == 400
    assert response.json()["error"]["param"] == param


def test_it_thinks_before_it_calls_and_before_it_writes_json(client: httpx.Client) -> None:
    called = thinking(client, "What is the weather in Oslo?", tools=[WEATHER])
    written = thinking(client, "Give me Oslo as JSON.", response_format=FORMAT)

    assert called["choices"][0]["finish_reason"] == "tool_calls"
    assert written["choices"][0]["message"]["content"] == '{"city": "Oslo"}'
    assert all(thought(each) for each in (called, written))
    assert all(0 < counts(each)[0] < counts(each)[1] for each in (called, written))


def test_a_stop_string_and_the_history_leave_the_thoughts_alone(client: httpx.Client) -> None:
    first = thinking(client, "Count from 1 to 5.", stop="5")
    message = first["choices"][0]["message"]
    talk = [{"role": "user", "content": "x"}, message, {"role": "user", "content": "Say OK."}]
    second = thinking(client, talk)

    assert "to 5." in thought(first)
    assert message["content"] == "1, 2, 3, 4, "
    assert thought(second) == thought(thinking(client))
