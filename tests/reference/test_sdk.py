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
