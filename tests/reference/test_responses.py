"""POST /responses of the reference server: what it refuses, what it keeps, what it tells."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from asking import ADD, WEATHER

from conformance.reference.shelf import MOST, Shelf, Stored

SUITES = Path(__file__).parents[2] / "suites"
CALL = {"type": "function_call", "call_id": "c1", "name": "get_weather", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "c1", "output": "17 degrees"}
USER = {"role": "user", "content": "Say OK."}
FLAT = [{"type": "function", **each["function"]} for each in (WEATHER, ADD)]
OPEN = {"type": "object", "properties": {"a": {"type": "string"}}}


def body(given: Any = "Say OK.", **members: Any) -> dict[str, Any]:
    return {"model": "reference-1", "temperature": 0, "input": given, **members}


def respond(client: httpx.Client, given: Any = "Say OK.", **members: Any) -> dict[str, Any]:
    response = client.post("/responses", json=body(given, **members))
    assert response.status_code == 200, response.text
    return response.json()


def text(answer: dict[str, Any]) -> str:
    return "".join(
        part["text"] for item in answer["output"] for part in item["content"] if "text" in part
    )


def form(**members: Any) -> dict[str, Any]:
    return {"text": {"format": {"type": "json_schema", "name": "n", "schema": OPEN} | members}}


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"model": None}, "model"),
    ({"input": None}, "input"),
    ({"input": 5}, "input"),
    ({"input": []}, "input"),
    ({"input": ["hi"]}, "input[0]"),
    ({"input": [{"role": "tool", "content": "x"}]}, "input[0].role"),
    ({"input": [{"role": "user"}]}, "input[0].content"),
    ({"input": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]}, "input[0].content[0].type"),
    ({"input": [{"role": "user", "content": [{"type": "output_text", "text": "x"}]}]}, "input[0].content[0].type"),
    ({"input": [{"role": "assistant", "content": [{"type": "input_text", "text": "x"}]}]}, "input[0].content[0].type"),
    ({"input": [{"role": "system", "content": [{"type": "input_image"}]}]}, "input[0].content[0].type"),
    ({"input": [{"role": "user", "content": [{"type": "input_image"}]}]}, "input[0].content[0].image_url"),
    ({"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "data:image/png;base64,eA=="}]}]}, "input[0].content[0].image_url"),
    ({"input": [{"role": "user", "content": [{"type": "input_text"}]}]}, "input[0].content[0].text"),
    ({"input": [{"type": "web_search_call"}]}, "input[0].type"),
    ({"input": [USER, CALL]}, "input"),
    ({"input": [USER, OUTPUT]}, "input[1].call_id"),
    ({"input": [USER, {**CALL, "arguments": None}]}, "input[1].arguments"),
    ({"input": [USER, {**CALL, "arguments": {}}]}, "input[1].arguments"),
    ({"input": [USER, CALL, {**OUTPUT, "output": 17}]}, "input[2].output"),
    ({"input": [USER, {"type": "reasoning", "summary": [{"type": "text"}]}]}, "input[1].summary[0].type"),
    ({"input": [{**USER, "status": "done"}]}, "input[0].status"),
    ({"max_output_tokens": 15}, "max_output_tokens"),
    ({"max_output_tokens": "many"}, "max_output_tokens"),
    ({"temperature": 3}, "temperature"),
    ({"top_p": 2}, "top_p"),
    ({"top_logprobs": 21}, "top_logprobs"),
    ({"include": ["everything"]}, "include[0]"),
    ({"reasoning": {"effort": "extreme"}}, "reasoning.effort"),
    ({"truncation": "always"}, "truncation"),
    ({"store": "yes"}, "store"),
    ({"stream_options": {"include_obfuscation": True}}, "stream_options"),
    ({"background": True}, "background"),
    ({"conversation": "conv_1"}, "conversation"),
    ({"max_tokens": 16}, "max_tokens"),
    ({"messages": [USER]}, "messages"),
    ({"response_format": {"type": "text"}}, "response_format"),
    ({"tools": [WEATHER]}, "tools[0].name"),
    ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
    ({"tool_choice": "required"}, "tool_choice"),
    ({"tools": FLAT, "tool_choice": "any"}, "tool_choice"),
    ({"tools": FLAT, "tool_choice": {"type": "function", "name": "nope"}}, "tool_choice.name"),
    ({"tools": FLAT, "tool_choice": {"type": "allowed_tools", "tools": FLAT}}, "tool_choice.mode"),
    ({"tools": FLAT, "tool_choice": {"type": "custom", "name": "f"}}, "tool_choice.type"),
    (form(name=None), "text.format.name"),
    (form(schema=None), "text.format.schema"),
    (form(strict=True), "text.format"),
    ({"text": {"format": {"type": "yaml"}}}, "text.format.type"),
    ({"metadata": {"a": 1}}, "metadata.a"),
]  # fmt: skip


@pytest.mark.parametrize(("members", "param"), REFUSED)
def test_what_cannot_be_is_refused_and_named(client, members, param) -> None:
    for stream in ({}, {"stream": True}):
        if "stream_options" in members and stream:
            continue
        response = client.post("/responses", json={**body(), **members, **stream})
        assert response.status_code == 400, response.text
        assert response.json()["error"]["param"] == param


def test_calls_and_outputs_go_by_call_id_in_any_order(client) -> None:
    second = {**CALL, "call_id": "c2"}
    given = [USER, CALL, second, {**OUTPUT, "call_id": "c2", "output": "cold"}, OUTPUT]

    said = text(respond(client, given, tools=FLAT))

    assert "cold" in said
    assert "17 degrees" in said


def test_output_may_come_in_parts_and_calls_beside_a_message(client) -> None:
    parts = [{"type": "input_text", "text": "17 "}, {"type": "input_text", "text": "degrees"}]
    before = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Wait."}]}

    assert "17 degrees" in text(respond(client, [USER, before, CALL, {**OUTPUT, "output": parts}]))


def test_an_image_is_seen(client) -> None:
    red = base64.b64encode((SUITES / "images" / "red.png").read_bytes()).decode()
    parts = [
        {"type": "input_text", "text": "Which color is this image?"},
        {"type": "input_image", "detail": "low", "image_url": f"data:image/png;base64,{red}"},
    ]

    assert "red" in text(respond(client, [{"role": "user", "content": parts}])).lower()


def test_a_conversation_goes_on_without_its_instructions(client) -> None:
    first = respond(client, "My code word is plum.", instructions="Always answer with: BLUE")
    second = respond(client, "What is my code word?", previous_response_id=first["id"])

    assert (text(first), text(second)) == ("BLUE", "plum")
    assert second["previous_response_id"] == first["id"]
    assert second["instructions"] is None


def test_what_is_not_stored_is_not_found(client) -> None:
    kept, gone = respond(client), respond(client, store=False)

    assert client.get(f"/responses/{kept['id']}").json() == kept
    for path in (gone["id"], "resp_nope", f"{kept['id']}/input_items"):
        assert client.get(f"/responses/{path}").status_code == 404
    assert client.delete(f"/responses/{kept['id']}").json()["deleted"] is True
    assert client.get(f"/responses/{kept['id']}").status_code == 404
    refused = client.post("/responses", json=body(previous_response_id=gone["id"]))
    assert (refused.status_code, refused.json()["error"]["param"]) == (404, "previous_response_id")


def test_the_shelf_forgets_the_oldest() -> None:
    shelf = Shelf()
    for number in range(MOST + 1):
        shelf.put(Stored(document={"id": f"resp_{number}"}, conversation=()))

    assert shelf.find("resp_0") is None
    assert shelf.find("resp_1") is not None


def test_what_does_not_fit_is_refused_unless_it_may_be_truncated(client) -> None:
    long = [{"role": "user", "content": "word " * 40_000}, USER]

    assert client.post("/responses", json=body(long)).json()["error"]["code"] == "context_length_exceeded"
    assert text(respond(client, long, truncation="auto")) == "OK"


def test_the_budget_ends_the_last_item_and_the_response(client) -> None:
    told = respond(client, "Count from 1 to 100.", max_output_tokens=16)
    names = ["first", "second", "third", "fourth", "fifth", "sixth"]
    wide = {"type": "object", "properties": {name: {"type": "string"} for name in names}, "required": names}
    long = [{"type": "function", "name": "note", "parameters": wide}]
    call = respond(client, "Note it.", tools=long, tool_choice="required", max_output_tokens=16)

    for answer in (told, call):
        assert answer["status"] == "incomplete"
        assert answer["incomplete_details"] == {"reason": "max_output_tokens"}
        assert answer["output"][-1]["status"] == "incomplete"
        assert answer["usage"]["output_tokens"] == 16


def test_reasoning_is_counted_within_the_budget_and_told_as_asked(client) -> None:
    more = {"reasoning": {"effort": "low", "summary": "auto"}, "include": ["reasoning.encrypted_content"]}
    answer = respond(client, "Count from 1 to 100.", max_output_tokens=16, **more)
    thought, message = answer["output"]

    assert thought["summary"][0]["type"] == "summary_text"
    assert thought["encrypted_content"]
    assert answer["usage"]["output_tokens"] == 16
    assert 0 < answer["usage"]["output_tokens_details"]["reasoning_tokens"] < 16
    assert text(respond(client, [USER, thought, message, USER])) == "OK"
    assert len(respond(client, reasoning={"effort": "none"})["output"]) == 1


def test_log_probabilities_come_where_they_are_asked_for(client) -> None:
    asked = {"include": ["message.output_text.logprobs"], "top_logprobs": 2}
    (part,) = respond(client, **asked)["output"][0]["content"]

    assert "".join(entry["token"] for entry in part["logprobs"]) == part["text"]
    assert all(len(entry["top_logprobs"]) == 2 for entry in part["logprobs"])
    assert respond(client)["output"][0]["content"][0]["logprobs"] == []


def test_events_say_their_type_twice_and_are_numbered(client) -> None:
    response = client.post("/responses", json=body("What is the weather in Oslo?", tools=FLAT, stream=True))
    *told, done, end = response.text.split("\n\n")

    assert (done, end) == ("data: [DONE]", "")
    events = [
        (name.removeprefix("event: "), json.loads(data.removeprefix("data: ")))
        for name, data in (each.split("\n") for each in told)
    ]
    assert [event["sequence_number"] for _, event in events] == list(range(len(events)))
    assert all(name == event["type"] for name, event in events)
    assert [name for name, _ in events][:3] == ["response.created", "response.in_progress", "response.output_item.added"]
    assert events[-1][1]["response"]["output"][0]["type"] == "function_call"
