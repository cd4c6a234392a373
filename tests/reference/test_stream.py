from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from asking import PING, WEATHER, chat, stream, text_of

USAGE = {"stream_options": {"include_usage": True}}
CITIES = "Compare the weather in Oslo, Rome and Cairo."


def test_a_stream_keeps_its_envelope(client: httpx.Client) -> None:
    chunks = stream(client, "Count from 1 to 9.", **USAGE)
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    for member in ("id", "created", "model", "system_fingerprint"):
        assert len({chunk[member] for chunk in chunks}) == 1
    *others, last = chunks
    assert last["choices"] == []
    assert last["usage"]["total_tokens"] > 0
    assert all(chunk["usage"] is None for chunk in others)
    assert all("usage" not in chunk for chunk in stream(client))


@pytest.mark.parametrize("n", [1, 3])
def test_each_choice_begins_with_a_role_and_ends_with_an_empty_delta(
    client: httpx.Client, n: int
) -> None:
    chunks = stream(client, "Count from 1 to 9.", n=n)
    for index in range(n):
        choices = [each for chunk in chunks for each in chunk["choices"] if each["index"] == index]
        first, *middle, last = choices
        assert first["delta"]["role"] == "assistant"
        assert all("role" not in choice["delta"] for choice in middle)
        assert [choice["finish_reason"] for choice in choices] == [None] * (len(choices) - 1) + [
            "stop"
        ]
        assert last["delta"] == {}
        assert text_of(chunks, index) == "1, 2, 3, 4, 5, 6, 7, 8, 9"
    assert [each["index"] for chunk in chunks[:n] for each in chunk["choices"]] == list(range(n))


def fragments(chunks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        each
        for chunk in chunks
        for choice in chunk["choices"]
        for each in choice["delta"].get("tool_calls", [])
    ]


def test_tool_calls_come_in_order_each_in_several_fragments(client: httpx.Client) -> None:
    chunks = stream(client, CITIES, tools=[WEATHER])
    parts = fragments(chunks)
    assert [part["index"] for part in parts] == sorted(part["index"] for part in parts)
    for index, city in enumerate(("Oslo", "Rome", "Cairo")):
        first, *later = [part for part in parts if part["index"] == index]
        assert first["id"]
        assert first["type"] == "function"
        assert first["function"] == {"name": "get_weather", "arguments": ""}
        assert all(set(part) == {"index", "function"} for part in later)
        assert len(later) > 3
        assert json.loads("".join(part["function"]["arguments"] for part in later)) == {
            "city": city
        }
    assert len({part["id"] for part in parts if "id" in part}) == 3
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_a_call_without_arguments_streams_an_empty_object(client: httpx.Client) -> None:
    parts = fragments(stream(client, "Call ping.", tools=[PING]))
    assert "".join(part["function"]["arguments"] for part in parts) == "{}"


def test_logprobs_of_a_chunk_are_those_of_its_tokens(client: httpx.Client) -> None:
    chunks = stream(client, "Count from 1 to 5.", logprobs=True, top_logprobs=2)
    entries = []
    for chunk in chunks:
        for choice in chunk["choices"]:
            if choice["delta"].get("content"):
                [entry] = choice["logprobs"]["content"]
                assert entry["token"] == choice["delta"]["content"]
                entries.append(entry)
    whole = chat(client, "Count from 1 to 5.", logprobs=True, top_logprobs=2)
    assert entries == whole["choices"][0]["logprobs"]["content"]


def test_usage_is_the_same_streamed_or_not(client: httpx.Client) -> None:
    for prompt, more in (
        ("Tell me a joke.", {}),
        (CITIES, {"tools": [WEATHER]}),
        ("Count from 1 to 50.", {"max_tokens": 9}),
    ):
        # Asked once before: the first of two answers would be the only one without a cached prefix.
        chat(client, prompt, **more)
        chunks = stream(client, prompt, **USAGE, **more)
        assert chunks[-1]["usage"] == chat(client, prompt, **more)["usage"]
