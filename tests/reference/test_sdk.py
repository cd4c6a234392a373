"""What the installed openai SDK makes of the reference server."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from asking import WEATHER
from pydantic import BaseModel

openai = pytest.importorskip("openai")
USER = [{"role": "user", "content": "Compare the weather in Oslo and Rome."}]


@pytest.fixture(scope="module")
def sdk(base_url: str) -> Iterator[object]:
    with openai.OpenAI(base_url=base_url, api_key="any", max_retries=0) as client:
        yield client


class Person(BaseModel):
    name: str
    age: int
    friends: list[Person] = []
    note: str | None


def test_parse_gives_an_instance(sdk) -> None:
    completion = sdk.chat.completions.parse(
        model="reference-1",
        messages=[{"role": "user", "content": "Extract: Ann is 31."}],
        response_format=Person,
    )
    person = completion.choices[0].message.parsed
    assert (person.name, person.age) == ("Ann", 31)


def test_a_tool_round_trip_works_whole_and_streamed(sdk) -> None:
    whole = sdk.chat.completions.create(model="reference-1", messages=USER, tools=[WEATHER])
    with sdk.chat.completions.stream(model="reference-1", messages=USER, tools=[WEATHER]) as stream:
        streamed = stream.get_final_completion()
    for answer in (whole, streamed):
        message = answer.choices[0].message
        cities = [json.loads(call.function.arguments)["city"] for call in message.tool_calls]
        assert cities == ["Oslo", "Rome"]
        results = [
            {"role": "tool", "tool_call_id": call.id, "content": "mild, 17 degrees"}
            for call in reversed(message.tool_calls)
        ]
        history = [*USER, message.model_dump(), *results]
        final = sdk.chat.completions.create(model="reference-1", messages=history, tools=[WEATHER])
        assert "17 degrees" in final.choices[0].message.content


def test_a_stream_is_accumulated_to_what_comes_whole(sdk) -> None:
    asked = {"model": "reference-1", "temperature": 0, "n": 2, "logprobs": True}
    asked["messages"] = [{"role": "user", "content": "Count from 1 to 20."}]
    whole = sdk.chat.completions.create(**asked)
    options = {"include_usage": True}
    with sdk.chat.completions.stream(**asked, stream_options=options) as stream:
        streamed = stream.get_final_completion()
    assert streamed.usage == whole.usage
    for left, right in zip(whole.choices, streamed.choices, strict=True):
        assert left.message.content == right.message.content
        assert left.finish_reason == right.finish_reason
        assert left.logprobs.content == right.logprobs.content


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda sdk: sdk.models.retrieve("nope"), "NotFoundError"),
        (lambda sdk: sdk.chat.completions.create(model="nope", messages=USER), "NotFoundError"),
        (
            lambda sdk: sdk.chat.completions.create(
                model="reference-1", messages=USER, temperature=3
            ),
            "BadRequestError",
        ),
    ],
)
def test_errors_arrive_as_the_right_exception(sdk, call, error: str) -> None:
    with pytest.raises(getattr(openai, error)) as caught:
        call(sdk)
    assert caught.value.code
    assert caught.value.request_id.startswith("req_")


def test_models_are_listed_and_retrieved_also_with_a_slash(sdk) -> None:
    ids = [model.id for model in sdk.models.list()]
    assert [sdk.models.retrieve(each).id for each in ids] == ids
    assert any("/" in each for each in ids)


FLAT = {"type": "function", **WEATHER["function"]}


def test_a_response_is_parsed(sdk) -> None:
    answer = sdk.responses.parse(model="reference-1", input="Extract: Ann is 31.", text_format=Person)
    assert (answer.output_parsed.name, answer.output_parsed.age) == ("Ann", 31)


def test_output_items_go_back_as_input_whole_and_streamed(sdk) -> None:
    asked = {"model": "reference-1", "input": USER, "tools": [FLAT]}
    whole = sdk.responses.create(**asked, reasoning={"effort": "low"})
    with sdk.responses.stream(**asked) as stream:
        streamed = stream.get_final_response()
    for answer in (whole, streamed):
        calls = [item for item in answer.output if item.type == "function_call"]
        assert [json.loads(call.arguments)["city"] for call in calls] == ["Oslo", "Rome"]
        results = [
            {"type": "function_call_output", "call_id": call.call_id, "output": "17 degrees"}
            for call in reversed(calls)
        ]
        said = [item.model_dump(exclude_none=True) for item in answer.output]
        for item in said:
            item.pop("parsed_arguments", None)
        replayed = sdk.responses.create(model="reference-1", input=[*USER, *said, *results], tools=[FLAT])
        gone_on = sdk.responses.create(
            model="reference-1", input=results, previous_response_id=answer.id, tools=[FLAT]
        )
        assert "17 degrees" in replayed.output_text
        assert "17 degrees" in gone_on.output_text


def test_a_streamed_response_is_accumulated_to_what_comes_whole(sdk) -> None:
    asked = {"model": "reference-1", "input": "Count from 1 to 20.", "temperature": 0}
    asked |= {"reasoning": {"effort": "low", "summary": "auto"}}
    asked |= {"include": ["message.output_text.logprobs"], "top_logprobs": 2}
    whole = sdk.responses.create(**asked)
    with sdk.responses.stream(**asked) as stream:
        deltas = [event.delta for event in stream if event.type == "response.output_text.delta"]
        streamed = stream.get_final_response()
    assert "".join(deltas) == streamed.output_text == whole.output_text
    assert streamed.usage == whole.usage
    assert [item.type for item in streamed.output] == ["reasoning", "message"]
    assert sdk.responses.retrieve(streamed.id).output_text == whole.output_text


def test_a_stream_that_ends_early_says_why(sdk) -> None:
    asked = {"model": "reference-1", "input": "Count from 1 to 50.", "max_output_tokens": 16}
    with sdk.responses.stream(**asked) as stream:
        last = [*stream][-1]
    assert last.type == "response.incomplete"
    assert last.response.incomplete_details.reason == "max_output_tokens"
    assert last.response.output[-1].status == "incomplete"
