"""DeepSeek's adapter behind HTTP: what it refuses, says and streams reaches the wire unchanged."""

import asyncio
import json
import subprocess
import sys
import threading
import time

import httpx
import pytest

from conformance.reference.http import Server
from conformance.reference.log import Log

desk = pytest.importorskip("conformance.launchers.deepseek.desk", reason="needs deepseek-recipe")

ASKED = {"model": "DeepSeek-V4.1-Flash", "messages": [{"role": "user", "content": "Say OK."}]}
QUIET = {"thinking": {"type": "disabled"}}
WEATHER = {
    "name": "get_weather",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city", "days"],
    },
}
TOOLS = {"tools": [{"type": "function", "function": WEATHER}]}


@pytest.fixture(scope="module")
def client():
    loop, ready, stop = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    port = []

    async def serve():
        async with Server(desk.Desk(time.time), "127.0.0.1", 0, Log(None)) as server:
            port.append(server.port)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait(10)
    with httpx.Client(base_url=f"http://127.0.0.1:{port[0]}/v1", trust_env=False) as one:
        yield one
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.close()


def ask(client, **more):
    return client.post("/chat/completions", json={**ASKED, **more})


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"model": "nope"}, "The supported API model names are"),
        ({"n": 2}, "Invalid n value"),
        ({"temperature": 2.5}, "Invalid temperature value"),
        ({"tool_choice": "required", **TOOLS}, "Thinking mode does not support this tool_choice"),
        ({"messages": [{"role": "developer", "content": "x"}]}, "Failed to deserialize the JSON body"),
        ({"stream_options": {"include_usage": True}}, "should be set along with stream"),
    ],
)  # fmt: skip
def test_refusals_are_deepseeks_in_their_words(client, more, words):
    answer = ask(client, **more)

    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]


def test_thinking_is_on_by_default_and_counted(client):
    answer = ask(client).json()

    assert answer["choices"][0]["message"]["content"] == "OK"
    assert answer["choices"][0]["message"]["reasoning_content"]
    assert answer["usage"]["completion_tokens_details"]["reasoning_tokens"] > 0


def test_a_second_prompt_with_the_same_beginning_hits_the_cache(client):
    long = {"messages": [{"role": "user", "content": "Say OK. " * 60}], **QUIET}

    first, second = (ask(client, **long).json()["usage"] for _ in range(2))

    assert first["prompt_cache_hit_tokens"] == 0
    assert 0 < second["prompt_cache_hit_tokens"] < second["prompt_tokens"]


@pytest.mark.parametrize("model", desk.MODELS)
@pytest.mark.parametrize("choice", ["auto", "required"])
def test_calls_are_made_of_markup_and_streamed_piece_by_piece(client, model, choice):
    talk = [{"role": "user", "content": "What is the weather in Oslo?"}]
    more = {"model": model, "messages": talk, "tool_choice": choice, **TOOLS, **QUIET}

    whole = ask(client, **more).json()["choices"][0]
    streamed = ask(client, stream=True, **more).text

    (call,) = whole["message"]["tool_calls"]
    assert whole["finish_reason"] == "tool_calls"
    assert json.loads(call["function"]["arguments"])["city"] == "Oslo"
    data = [line.removeprefix("data: ") for line in streamed.splitlines() if line]
    assert data[-1] == "[DONE]"
    pieces = [
        fragment["function"]["arguments"]
        for each in data[:-1]
        for fragment in json.loads(each)["choices"][0]["delta"].get("tool_calls", ())
    ]
    assert "".join(pieces) == call["function"]["arguments"]


@pytest.mark.parametrize("top", [0, 3])
def test_log_probabilities_are_of_the_tokens(client, top):
    answer = ask(client, logprobs=True, top_logprobs=top, **QUIET).json()["choices"][0]

    told = answer["logprobs"]["content"]
    assert "".join(each["token"] for each in told) == answer["message"]["content"]
    assert {len(each["top_logprobs"]) for each in told} == {top}


def test_a_stop_string_ends_the_answer(client):
    answer = ask(client, stop=["K"], **QUIET).json()["choices"][0]

    assert (answer["message"]["content"], answer["finish_reason"]) == ("O", "stop")


def test_what_is_found_on_it_is_declared_and_what_is_declared_is_found(tmp_path):
    """The adapter is a second implementation: an undeclared finding would be a false alarm, or news."""
    command = [sys.executable, "-m", "conformance", "run", "deepseek-recipe", "-q", "--fail-on=may"]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
