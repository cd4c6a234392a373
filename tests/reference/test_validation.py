from __future__ import annotations

from typing import Any

import httpx
import pytest
from asking import PING, WEATHER, body, tool

USER = {"role": "user", "content": "Say OK."}
CALL = {"id": "c1", "type": "function", "function": {"name": "ping", "arguments": "{}"}}
CALLING = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "pong"}
OPEN = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
STRICT = {**OPEN, "additionalProperties": False}
NESTED = {"type": "object", "properties": {"a": OPEN}, "required": ["a"]} | {
    "additionalProperties": False
}


def shaped(schema: Any, *, strict: bool = True, name: str = "answer") -> dict[str, Any]:
    form = {"name": name, "schema": schema, "strict": strict}
    return {"response_format": {"type": "json_schema", "json_schema": form}}


def talk(*messages: Any) -> dict[str, Any]:
    return {"messages": list(messages)}


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"model": None}, "model"),
    ({"model": 5}, "model"),
    ({"model": ""}, "model"),
    ({"messages": None}, "messages"),
    ({"messages": []}, "messages"),
    ({"messages": "hi"}, "messages"),
    (talk("hi"), "messages[0]"),
    (talk({"role": "king", "content": "x"}), "messages[0].role"),
    (talk({"content": "x"}), "messages[0].role"),
    (talk({"role": "user"}), "messages[0].content"),
    (talk({"role": "user", "content": 5}), "messages[0].content"),
    (talk({"role": "user", "content": []}), "messages[0].content"),
    (talk({"role": "user", "content": [{"type": "text"}]}), "messages[0].content[0].text"),
    (talk({"role": "user", "content": [{"type": "image_url"}]}), "messages[0].content[0].image_url"),
    (talk({"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://x/a.png"}}]}), "messages[0].content[0].image_url.url"),
    (talk({"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,!"}}]}), "messages[0].content[0].image_url.url"),
    (talk({"role": "system", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]}), "messages[0].content[0].type"),
    (talk({"role": "user", "content": [{"type": "input_audio"}]}), "messages[0].content[0].type"),
    (talk(USER, {"role": "assistant", "content": None}), "messages[1].content"),
    (talk(USER, RESULT), "messages[1].tool_call_id"),
    (talk(USER, CALLING), "messages[2].role"),
    (talk(USER, CALLING, USER), "messages[2].role"),
    (talk(USER, CALLING, {**RESULT, "tool_call_id": "c2"}), "messages[2].tool_call_id"),
    (talk(USER, CALLING, RESULT, RESULT), "messages[3].tool_call_id"),
    ({"temperature": -1}, "temperature"),
    ({"temperature": 3}, "temperature"),
    ({"temperature": True}, "temperature"),
    ({"temperature": "warm"}, "temperature"),
    ({"top_p": 2}, "top_p"),
    ({"n": 0}, "n"),
    ({"n": 129}, "n"),
    ({"n": 1.5}, "n"),
    ({"max_tokens": "abc"}, "max_tokens"),
    ({"max_tokens": 0}, "max_tokens"),
    ({"max_completion_tokens": -1}, "max_completion_tokens"),
    ({"max_tokens": 5, "max_completion_tokens": 5}, "max_tokens"),
    ({"presence_penalty": 2.1}, "presence_penalty"),
    ({"frequency_penalty": -2.1}, "frequency_penalty"),
    ({"seed": "x"}, "seed"),
    ({"stop": ["a", "b", "c", "d", "e"]}, "stop"),
    ({"stop": [1]}, "stop"),
    ({"stop": ""}, "stop"),
    ({"logprobs": 1}, "logprobs"),
    ({"top_logprobs": 2}, "top_logprobs"),
    ({"logprobs": True, "top_logprobs": 21}, "top_logprobs"),
    ({"logit_bias": {"x": 1}}, "logit_bias"),
    ({"logit_bias": {"1": 101}}, "logit_bias.1"),
    ({"stream": "yes"}, "stream"),
    ({"stream_options": {"include_usage": True}}, "stream_options"),
    ({"functions": [{"name": "f"}]}, "functions"),
    ({"function_call": "auto"}, "function_call"),
    ({"modalities": ["text", "audio"]}, "modalities"),
    ({"reasoning_effort": "extreme"}, "reasoning_effort"),
    ({"metadata": {str(n): "x" for n in range(17)}}, "metadata"),
    ({"tools": []}, "tools"),
    ({"tools": [{}]}, "tools[0].type"),
    ({"tools": [{"type": "custom", "custom": {"name": "x"}}]}, "tools[0].type"),
    ({"tools": [tool("not ok")]}, "tools[0].function.name"),
    ({"tools": [tool("a" * 65)]}, "tools[0].function.name"),
    ({"tools": [PING, PING]}, "tools"),
    ({"tools": [tool("x", parameters={"type": "string"})]}, "tools[0].function.parameters"),
    ({"tools": [tool("x", parameters={"properties": 5})]}, "tools[0].function.parameters"),
    ({"tools": [tool("x", parameters=OPEN, strict=True)]}, "tools[0].function.parameters"),
    ({"tool_choice": "auto"}, "tool_choice"),
    ({"tool_choice": "required"}, "tool_choice"),
    ({"tool_choice": "maybe", "tools": [PING]}, "tool_choice"),
    (
        {"tool_choice": {"type": "function", "function": {"name": "x"}}, "tools": [PING]},
        "tool_choice.function.name",
    ),
    ({"tool_choice": {"type": "custom"}, "tools": [PING]}, "tool_choice.type"),
    ({"response_format": "json"}, "response_format"),
    ({"response_format": {"type": "yaml"}}, "response_format.type"),
    ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
    (shaped(STRICT, name="not ok"), "response_format.json_schema.name"),
    (shaped(None), "response_format.json_schema.schema"),
    (shaped(OPEN), "response_format"),
    (shaped(NESTED), "response_format"),
    (shaped({**STRICT, "required": []}), "response_format"),
    (shaped({"type": "array", "items": STRICT}), "response_format"),
    (shaped({"anyOf": [STRICT]}), "response_format"),
    (shaped({"type": "object", "properties": {"a": {"type": "strin"}}}, strict=False), "response_format"),
    (shaped({"type": "object", "properties": {"a": {"$ref": "#/$defs/no"}}}, strict=False), "response_format"),
    (shaped({"type": "object", "properties": {"a": {"pattern": "("}}}, strict=False), "response_format"),
    *(
        (shaped({**STRICT, "properties": {"a": {"type": "string", word: value}}}), "response_format")
        for word, value in {
            "allOf": [{}], "not": {}, "oneOf": [{}], "if": {}, "then": {}, "else": {},
            "dependentRequired": {}, "dependentSchemas": {}, "patternProperties": {},
        }.items()
    ),
]  # fmt: skip


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(("members", "param"), REFUSED)
def test_an_invalid_request_gets_400_that_names_the_field(
    client: httpx.Client, members: dict[str, Any], param: str, streamed: bool
) -> None:
    asked = body(**({"stream": True} if streamed else {})) | members
    if streamed and members.get("stream_options"):
        pytest.skip("valid when streamed")
    response = client.post("/chat/completions", json=asked)
    error = response.json()["error"]
    assert response.status_code == 400, error
    assert response.headers["content-type"] == "application/json"
    assert set(error) == {"message", "type", "param", "code"}
    assert error["param"] == param
    assert error["message"]
    assert error["type"] == "invalid_request_error"
    assert isinstance(error["code"], str)


def test_a_custom_tool_is_refused_by_the_name_of_its_type(client: httpx.Client) -> None:
    asked = body(tools=[{"type": "custom", "custom": {"name": "x"}}])
    assert "custom" in client.post("/chat/completions", json=asked).json()["error"]["message"]


@pytest.mark.parametrize("schema_place", ["allOf", "not"])
def test_a_schema_error_names_its_place(client: httpx.Client, schema_place: str) -> None:
    schema = {**STRICT, "properties": {"a": {"type": "string", schema_place: [{}]}}}
    message = client.post("/chat/completions", json=body() | shaped(schema)).json()["error"][
        "message"
    ]
    assert "properties.a" in message
    assert schema_place in message


ACCEPTED: list[dict[str, Any]] = [
    {},
    {"temperature": 0},
    {"temperature": 2},
    {"max_tokens": 10.0},
    {"n": 1},
    {"stop": []},
    {"stop": None},
    {"logit_bias": {"50256": -100}},
    {"logit_bias": {}},
    {"tools": [WEATHER], "tool_choice": "none"},
    {"tools": [tool("a-b_C9" + "x" * 58)]},
    {"tools": [tool(f"f{n}") for n in range(128)]},
    {"tools": [tool("x", parameters={})]},
    {"tools": [tool("x", strict=None)]},
    {"tools": [tool("x", parameters={"type": "object", "allOf": [{}], "x-own": 1})]},
    {"tool_choice": "none"},
    {"response_format": {"type": "text"}},
    {"modalities": ["text"]},
    {"user": "u", "safety_identifier": "s", "prompt_cache_key": "k", "service_tier": "auto"},
    {"store": True, "metadata": {"a": "b"}},
    {"seed": -(2**63)},
    {"unknown_parameter": {"a": 1}, "top_k": 5, "chat_template_kwargs": {}},
    {"parallel_tool_calls": False},
    {"stream": False},
    {"max_completion_tokens": 10**9},
    dict.fromkeys(
        (
            "temperature", "top_p", "n", "max_tokens", "max_completion_tokens", "stop", "seed", "stream",
            "stream_options", "tools", "tool_choice", "response_format", "logprobs", "top_logprobs",
            "logit_bias", "user", "parallel_tool_calls", "presence_penalty", "frequency_penalty",
            "functions", "function_call", "metadata", "store", "modalities", "reasoning_effort",
        )
    ),
    talk({"role": "developer", "content": "Be kind."}, USER, USER),
    talk(USER, {"role": "system", "content": [{"type": "text", "text": "x"}]}, {**USER, "name": "bo"}),
    talk({"role": "user", "content": ""}),
    talk({"role": "user", "content": [{"type": "text", "text": "Say "}, {"type": "text", "text": "OK."}]}),
    talk(USER, {"role": "assistant", "content": "OK"}),
    talk({"role": "system", "content": "x"}),
    talk(
        USER,
        {"role": "assistant", "content": "x", "refusal": None, "audio": None, "annotations": [],
         "function_call": None, "tool_calls": None, "reasoning_content": "hm"},
        USER,
    ),
    talk(USER, CALLING, RESULT),
    talk(USER, {"role": "assistant", "tool_calls": [CALL]}, {**RESULT, "content": ""}),
    talk(USER, {**CALLING, "content": ""}, {**RESULT, "content": [{"type": "text", "text": "a"}]}),
    talk(USER, {**CALLING, "tool_calls": [{**CALL, "index": 0}]}, RESULT, USER),
    talk(
        USER,
        {**CALLING, "tool_calls": [CALL, {**CALL, "id": "xyz123ABC"}]},
        {**RESULT, "tool_call_id": "xyz123ABC"},
        RESULT,
    ),
    talk(*([USER, {"role": "assistant", "content": "OK"}] * 200), USER),
]  # fmt: skip


@pytest.mark.parametrize("members", ACCEPTED)
def test_a_valid_request_is_accepted(client: httpx.Client, members: dict[str, Any]) -> None:
    response = client.post("/chat/completions", json=body() | members)
    assert response.status_code == 200, response.text


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"[]", b'"x"', b"null", b"\xff{}", b'{"a": NaN}', b'{"model": "\xe9"}',
        b'{"a":' + b"[" * 100_000, b"9" * 5000, b'{"messages": "\\ud800"}', b"\xef\xbb\xbf{}", b"{} x",
    ],
)  # fmt: skip
def test_a_body_that_is_not_a_json_object_gets_400(client: httpx.Client, raw: bytes) -> None:
    response = client.post("/chat/completions", content=raw)
    assert response.status_code == 400
    assert response.json()["error"]["message"]


def test_a_model_that_is_not_there_gets_404_also_when_streamed(client: httpx.Client) -> None:
    for streamed in (False, True):
        response = client.post("/chat/completions", json=body(stream=streamed) | {"model": "gpt-9"})
        assert response.status_code == 404
        assert response.json()["error"] | {"message": ""} == {
            "message": "", "type": "invalid_request_error", "param": "model", "code": "model_not_found",
        }  # fmt: skip


def test_a_prompt_longer_than_the_context_gets_its_own_code(client: httpx.Client) -> None:
    response = client.post("/chat/completions", json=body("word " * 40_000))
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "context_length_exceeded"
    assert "32768" in response.json()["error"]["message"]


def test_a_schema_that_nothing_fits_gets_400_before_generation(client: httpx.Client) -> None:
    schema = {**STRICT, "properties": {"a": {"type": "integer", "minimum": 5, "maximum": 4}}}
    for streamed in (False, True):
        response = client.post("/chat/completions", json=body(stream=streamed) | shaped(schema))
        assert response.status_code == 400, response.text
