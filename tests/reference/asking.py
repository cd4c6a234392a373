"""Requests in short, for the tests of the reference server."""

from __future__ import annotations

import json
from typing import Any

import httpx

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
PAIR = {
    "type": "object",
    "properties": {"a": {"type": "number"}, "b": {"type": "number"}},
    "required": ["a", "b"],
}


def tool(name: str, description: str = "", parameters: Any = None, **more: Any) -> dict[str, Any]:
    function = {"name": name, "description": description, **more}
    if parameters is not None:
        function["parameters"] = parameters
    return {"type": "function", "function": function}


WEATHER = tool("get_weather", "The weather of a city now.", CITY)
TIME = tool("get_time", "Current time in a city.", CITY)
ADD = tool("add", "Add two numbers.", PAIR)
PING = tool("ping", "Sees whether the service is there.")


def body(prompt: Any = "Say OK.", **members: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
    return {"model": "reference-1", "temperature": 0, "messages": messages, **members}


def chat(client: httpx.Client, prompt: Any = "Say OK.", **members: Any) -> dict[str, Any]:
    """The completion; fails on any error."""
    response = client.post("/chat/completions", json=body(prompt, **members))
    assert response.status_code == 200, response.text
    return response.json()


def said(client: httpx.Client, prompt: Any = "Say OK.", **members: Any) -> str:
    return chat(client, prompt, **members)["choices"][0]["message"]["content"]


def calls(client: httpx.Client, prompt: Any, tools: list[Any], **members: Any) -> list[Any]:
    """The tool calls as (name, arguments)."""
    message = chat(client, prompt, tools=tools, **members)["choices"][0]["message"]
    return [
        (call["function"]["name"], json.loads(call["function"]["arguments"]))
        for call in message.get("tool_calls", [])
    ]


def stream(client: httpx.Client, prompt: Any = "Say OK.", **members: Any) -> list[dict[str, Any]]:
    """The chunks of a stream; fails unless it ends with one [DONE]."""
    response = client.post("/chat/completions", json=body(prompt, stream=True, **members))
    assert response.status_code == 200, response.text
    events = response.text.split("\n\n")
    assert events[-2:] == ["data: [DONE]", ""]
    return [json.loads(event.removeprefix("data: ")) for event in events[:-2]]


def text_of(chunks: list[dict[str, Any]], index: int = 0) -> str:
    return "".join(
        choice["delta"].get("content") or ""
        for chunk in chunks
        for choice in chunk["choices"]
        if choice["index"] == index
    )
