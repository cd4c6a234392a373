"""Each shim is proved: what the openai SDK makes of a deviation without it, and with it."""

from __future__ import annotations

import asyncio
import importlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest
from asking import PING, TIME, WEATHER
from pydantic import BaseModel, ValidationError

from conformance.contract.shims import GROUND, load_shims
from conformance.shims.json_again import json_again
from conformance.shims.mend import Mend, mended, mended_async
from conformance.shims.several_requests import several

openai = pytest.importorskip("openai")
MODEL = {"model": "reference-1"}
BOTH = "Compare the weather in Oslo and Rome."
PINGED = "Use the tool ping."
COUNT = "Count from 1 to 20."
CALLS = {"tools": [WEATHER]}
USAGE = {"stream_options": {"include_usage": True}}
TWO = {"logprobs": True, "top_logprobs": 2}


class Person(BaseModel):
    name: str
    age: int


# --- what is asked -------------------------------------------------------------------------------


def turns(prompt: Any) -> Any:
    return [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt


def whole(prompt: Any = "Say OK.", **more: Any) -> Callable[[Any], Any]:
    """The completion."""
    asked = {**MODEL, "temperature": 0, "messages": turns(prompt), **more}
    return lambda client: client.chat.completions.create(**asked)


def streamed(prompt: Any = "Say OK.", **more: Any) -> Callable[[Any], Any]:
    """What the SDK's accumulator makes of the stream."""

    def ask(client: Any) -> Any:
        asked = {**MODEL, "temperature": 0, "messages": turns(prompt), **more}
        with client.chat.completions.stream(**asked) as stream:
            return stream.get_final_completion()

    return ask


def chunks(prompt: Any = "Say OK.", **more: Any) -> Callable[[Any], Any]:
    """All chunks, as a loop over the stream sees them."""
    return lambda client: list(whole(prompt, stream=True, **more)(client))


def raising(ask: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The exception of the SDK."""

    def attempt(client: Any) -> Any:
        with pytest.raises(openai.APIError) as caught:
            ask(client)
        return caught.value

    return attempt


def with_key(key: str, ask: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda client: ask(client.with_options(api_key=key))


def models(client: Any) -> Any:
    return list(client.models.list())


def vector(client: Any) -> Any:
    found = client.embeddings.create(**MODEL, input="x", dimensions=2)
    return found.data[0].embedding


# --- what is looked at ---------------------------------------------------------------------------


def message(found: Any) -> Any:
    return found.choices[0].message


def content(found: Any) -> Any:
    return message(found).content


def finish(found: Any) -> Any:
    return found.choices[0].finish_reason


def arguments(found: Any) -> Any:
    return [json.loads(call.function.arguments) for call in message(found).tool_calls]


def cities(found: Any) -> Any:
    return [each["city"] for each in arguments(found)]


def kinds(found: Any) -> Any:
    return [call.type for call in message(found).tool_calls]


def ids(found: Any) -> Any:
    """How many ids there are."""
    return len({call.id for call in message(found).tool_calls} - {""})


def thought(found: Any) -> Any:
    return content(found), getattr(message(found), "reasoning_content", None)


def alternatives(found: Any) -> Any:
    return found.choices[0].logprobs.content[0].top_logprobs


def pieces_without_text(found: Any) -> Any:
    deltas = (each.choices[0].delta for each in found if each.choices)
    calls = (call for delta in deltas for call in delta.tool_calls or ())
    return any(call.function.arguments is None for call in calls)


def names(found: Any) -> Any:
    return [call.function.name for call in message(found).tool_calls or ()]


def said(found: Any) -> Any:
    """Class and code of an exception."""
    return type(found).__name__, str(found.code)


def words(found: Any) -> Any:
    """What an exception says is wrong; None where the SDK found no error object."""
    return found.body.get("message") if isinstance(found.body, dict) else None


def usage_alone(found: Any) -> Any:
    """Whether chunks without choices have usage."""
    return [bool(each.usage) for each in found if not each.choices]


def ending(found: Any) -> Any:
    return [each.choices[0].finish_reason for each in found if each.choices][-2:]


def text(found: Any) -> Any:
    return "".join(each.choices[0].delta.content or "" for each in found if each.choices)


# --- what other servers answer -------------------------------------------------------------------


def completion(**said: Any) -> dict[str, Any]:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", **said}}
    return {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}


def events(*deltas: dict[str, Any]) -> list[dict[str, Any]]:
    """A stream; the last delta comes with the finish reason."""
    head = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    ends = [None] * (len(deltas) - 1) + ["stop"]
    return [
        {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": end}]}
        for delta, end in zip(deltas, ends, strict=True)
    ]


def refusing(wrong: Callable[[Mapping[str, Any]], bool]) -> Callable[[Mapping[str, Any]], Any]:
    """Answers OK, but 400 where something is wrong."""
    error = {"error": {"message": "no", "type": "t", "param": None, "code": None}}
    return lambda asked: (400, error) if wrong(asked) else completion(content="OK")


THINKS = completion(content="<think>Let me see.</think>\n\nOK")
THINKS_STREAMED = events(
    {"role": "assistant", "content": "<th"},
    {"content": "ink>Let"},
    {"content": " me</think"},
    {"content": ">\nO<"},
    {"content": "K"},
    {},
)
RESPONSE = {
    "id": "r",
    "object": "response",
    "created_at": 1,
    "model": "m",
    "status": "completed",
    "output": None,
    "error": None,
    "incomplete_details": None,
    "instructions": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "temperature": 1,
    "top_p": 1,
    "tool_choice": "auto",
    "tools": [],
    "usage": None,
}
QUEUED = [
    {"type": f"response.{kind}", "response": {**RESPONSE, "output": []}, "sequence_number": at}
    for at, kind in enumerate(("queued", "in_progress", "completed"))
]


def vectors(asked: Mapping[str, Any]) -> Any:
    if asked.get("encoding_format") != "float":
        return 400, {"error": {"message": "unknown encoding_format", "type": "t"}}
    one = {"object": "embedding", "index": 0, "embedding": [0.5, 0.25]}
    return {"object": "list", "model": "m", "data": [one], "usage": {}}


def coded(_: Mapping[str, Any]) -> Any:
    one = {"object": "embedding", "index": 0, "embedding": "AAAAPwAAgD4="}
    return {"object": "list", "model": "m", "data": [one], "usage": {}}


def plain_vector(client: Any) -> Any:
    return client.embeddings.create(**MODEL, input="x", encoding_format="float").data[0].embedding


def response(client: Any) -> Any:
    return client.responses.create(**MODEL, input="x").output_text


def response_streamed(client: Any) -> Any:
    with client.responses.stream(**MODEL, input="x") as stream:
        return stream.get_final_response().status


# --- conversations -------------------------------------------------------------------------------


def history(said: Any = None, *, call: str = "call_1", result: Any = "mild") -> list[Any]:
    """A call that is answered; the next one is to follow."""
    function = {"name": "get_weather", "arguments": '{"city": "Oslo"}'}
    made = {"id": call, "type": "function", "function": function}
    return [
        *turns(BOTH),
        {"role": "assistant", "content": said, "tool_calls": [made]},
        {"role": "tool", "tool_call_id": call, "content": result},
    ]


def part(text: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": text}]


def one(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name}}


REASONED = [
    *turns("Say OK."),
    {"role": "assistant", "content": "OK", "reasoning_content": "hm", "refusal": None},
    *turns("Say OK."),
]
LATE_SYSTEM = [*turns("Say OK."), {"role": "system", "content": "Be brief."}]
CITY_OR_NOTHING = {"type": "object", "properties": {"city": {"type": ["string", "null"]}}}
LISTED = {"type": "function", "function": {"name": "get_weather", "parameters": CITY_OR_NOTHING}}
ALLOWED = {
    "type": "allowed_tools",
    "allowed_tools": {"mode": "required", "tools": [one("get_time")]},
}
CHOICE = {"tools": [WEATHER, TIME]}
BAD = {"temperature": 9}
TOLD = "Invalid value for 'temperature': 9 is not between 0 and 2."


class Row(NamedTuple):
    shims: str
    """Names, in the order in which they stand; the last one is proved."""
    fault: str | Callable[[Mapping[str, Any]], Any]
    """Of the reference server, or what another server answers."""
    ask: Callable[[Any], Any]
    look: Callable[[Any], Any]
    wrong: Any
    """What the SDK gives without the shim: a value, or the exception."""
    right: Any


ROWS = [
    Row("mend", "byte-order-mark", chunks(), lambda all_: all_[0].choices[0].delta.role, None, "assistant"),
    Row("mend", "single-newline-between-events", chunks(), text, "", "OK"),
    Row("mend", "retry-event-without-data", chunks(), text, json.JSONDecodeError, "OK"),
    Row("usage-apart", "usage-on-finish-chunk", chunks(**USAGE), usage_alone, [], [True]),
    Row("usage-apart", "usage-before-the-end", streamed(**USAGE), lambda all_: bool(all_.usage), False, True),
    Row("role-once", "role-in-every-chunk", streamed(), lambda all_: message(all_).role, "assistantassistant", "assistant"),
    Row("role-once", "role-never-told", streamed(), lambda all_: message(all_).role, None, "assistant"),
    Row("role-once", "role-model", whole(), lambda all_: message(all_).role, "model", "assistant"),
    Row("finish-reasons", "finish-reason-eos", whole(), finish, "eos", "stop"),
    Row("finish-reasons", "finish-empty-string", chunks(), ending, ["", "stop"], [None, "stop"]),
    Row("finish-of-calls", "finish-stop-with-tool-calls", whole(BOTH, **CALLS), finish, "stop", "tool_calls"),
    Row("finish-of-calls", "finish-stop-with-tool-calls", streamed(BOTH, **CALLS), finish, "stop", "tool_calls"),
    Row("finish-of-calls", "tool-calls-without-calls", whole(), finish, "tool_calls", "stop"),
    Row("fragment-indexes", "tool-index-missing", streamed(BOTH, **CALLS), cities, TypeError, ["Oslo", "Rome"]),
    Row("fragment-indexes", "tool-index-from-one", streamed(BOTH, **CALLS), cities, IndexError, ["Oslo", "Rome"]),
    Row("fragment-indexes", "tool-index-always-zero", streamed(BOTH, **CALLS), cities, json.JSONDecodeError, ["Oslo", "Rome"]),
    Row("fragment-indexes", "later-fragments-at-index-0", streamed(BOTH, **CALLS), cities, json.JSONDecodeError, ["Oslo", "Rome"]),
    Row("fragment-heads", "tool-id-repeated", streamed(BOTH, **CALLS), lambda all_: names(all_)[0] == "get_weather", False, True),
    Row("fragment-heads", "tool-type-missing", whole(BOTH, **CALLS), kinds, [None, None], ["function", "function"]),
    Row("fragment-heads", "tool-type-missing", streamed(BOTH, **CALLS), kinds, [None, None], ["function", "function"]),
    Row("fragment-heads", "fragments-without-function", streamed(BOTH, **CALLS), names, AssertionError, ["get_weather"] * 2),
    Row("fragment-heads", "opening-arguments-null", chunks(BOTH, **CALLS), pieces_without_text, True, False),
    Row("fragment-heads", "opening-without-arguments", chunks(BOTH, **CALLS), pieces_without_text, True, False),
    Row("chunk-shape", "usage-chunk-choices-null", streamed(**USAGE), content, TypeError, "OK"),
    Row("chunk-shape", "finish-chunk-without-delta", chunks(), text, AttributeError, "OK"),
    Row("choice-indexes", "first-choice-is-one", streamed(), content, IndexError, "OK"),
    Row("choice-indexes", "chunk-index-missing", streamed(), content, TypeError, "OK"),
    Row("choice-indexes", "choices-from-one", whole(n=2), lambda all_: [each.index for each in all_.choices], [1, 2], [0, 1]),
    Row("arguments-text", "arguments-as-object", whole(BOTH, **CALLS), cities, TypeError, ["Oslo", "Rome"]),
    Row("arguments-text", "arguments-encoded-twice", whole(BOTH, **CALLS), cities, TypeError, ["Oslo", "Rome"]),
    Row("arguments-text", "arguments-with-fence@1", whole(BOTH, **CALLS), cities, json.JSONDecodeError, ["Oslo", "Rome"]),
    Row("arguments-text", "nothing-for-no-arguments", whole(PINGED, tools=[PING]), arguments, json.JSONDecodeError, [{}]),
    Row("arguments-streamed", "nothing-for-no-arguments", streamed(PINGED, tools=[PING]), arguments, json.JSONDecodeError, [{}]),
    Row("arguments-streamed", "arguments-in-snapshots", streamed(BOTH, **CALLS), cities, json.JSONDecodeError, ["Oslo", "Rome"]),
    Row("content-text", "content-as-parts@1", whole(), content, part("OK"), "OK"),
    Row("content-text", "content-in-lists", chunks(), lambda all_: all_[1].choices[0].delta.content, ["OK"], "OK"),
    Row("content-text", "content-null-without-call", whole(), content, None, ""),
    Row("empty-calls", "empty-tool-calls-list", whole(), lambda all_: message(all_).tool_calls, [], None),
    Row("empty-calls", "empty-tool-calls-in-deltas", chunks(), lambda all_: all_[1].choices[0].delta.tool_calls, [], None),
    Row("think-tags", lambda _: THINKS, whole(), thought, ("<think>Let me see.</think>\n\nOK", None), ("OK", "Let me see.")),
    Row("think-tags", lambda _: THINKS_STREAMED, streamed(), thought, ("<think>Let me</think>\nO<K", None), ("O<K", "Let me")),
    Row("reasoning-name", lambda _: completion(content="OK", reasoning="hm"), whole(), thought, ("OK", None), ("OK", "hm")),
    Row("reasoning-name", lambda _: events({"reasoning": "h"}, {"reasoning": "m"}, {"content": "OK"}), streamed(), thought, ("OK", None), ("OK", "hm")),
    Row("history-plain", "reasoning-sent-back-refused", whole(REASONED), content, openai.BadRequestError, "OK"),
    Row("history-plain", "calls-without-content-refused", whole(history(), **CALLS), cities, openai.BadRequestError, ["Rome"]),
    Row("null-content", "empty-content-beside-calls-refused", whole(history(""), **CALLS), cities, openai.BadRequestError, ["Rome"]),
    Row("short-ids", "ids-of-nine-letters-only", whole(history(), **CALLS), cities, openai.BadRequestError, ["Rome"]),
    Row("short-ids", "ids-with-colons-refused", whole(history(call="f:0"), **CALLS), cities, openai.BadRequestError, ["Rome"]),
    Row("short-ids", "long-ids-refused", whole(history(call="c" * 80), **CALLS), cities, openai.BadRequestError, ["Rome"]),
    Row("parts-joined", "results-in-parts-refused", whole(history(result=part("mild")), **CALLS), cities, openai.BadRequestError, ["Rome"]),
    Row("parts-joined", "text-parts-rejected", whole([{"role": "user", "content": part("Say OK.")}]), content, openai.BadRequestError, "OK"),
    Row("system-first", refusing(lambda asked: asked["messages"][-1]["role"] == "system"), whole(LATE_SYSTEM), content, openai.BadRequestError, "OK"),
    Row("error-object", "error-fastapi-detail", raising(whole(**BAD)), words, None, TOLD),
    Row("error-object", "error-string", raising(whole(**BAD)), words, None, TOLD),
    Row("error-object", "error-html", raising(whole(**BAD)), words, None, "400 nginx"),
    Row("error-object", "error-type-null", raising(whole(**BAD)), lambda error: error.type, None, "error"),
    Row("error-status", "error-with-status-200", raising(whole(**BAD)), said, pytest.fail.Exception, ("InternalServerError", "invalid_value")),
    Row("error-status", "upstream-error-as-success@1", raising(whole()), said, pytest.fail.Exception, ("RateLimitError", "429")),
    Row("statuses", "wrong-key-403", raising(with_key("sk-wrong", whole())), said, ("PermissionDeniedError", "invalid_api_key"), ("AuthenticationError", "invalid_api_key")),
    Row("statuses", "wrong-key-500", raising(with_key("sk-wrong", whole())), said, ("InternalServerError", "invalid_api_key"), ("AuthenticationError", "invalid_api_key")),
    Row("statuses", "invalid-request-422", raising(whole(**BAD)), said, ("UnprocessableEntityError", "invalid_value"), ("BadRequestError", "invalid_value")),
    Row("statuses", "context-overflow-500", raising(whole("word " * 40_000)), said, ("InternalServerError", "context_length_exceeded"), ("BadRequestError", "context_length_exceeded")),
    Row("old-cap", "max-completion-tokens-ignored", whole(COUNT, max_completion_tokens=4), finish, "stop", "length"),
    Row("new-cap", refusing(lambda asked: "max_tokens" in asked), whole(max_tokens=4), content, openai.BadRequestError, "OK"),
    Row("developer-role", "developer-role-rejected", whole([{"role": "developer", "content": "Be brief."}, *turns("Say OK.")]), content, openai.BadRequestError, "OK"),
    Row("no-nulls", "null-parameter-rejected", whole(extra_body={"stop": None}), content, openai.BadRequestError, "OK"),
    Row("drop-parameters", refusing(lambda asked: "seed" in asked), whole(seed=1), content, openai.BadRequestError, "OK"),
    Row("embedding-floats", vectors, vector, list, openai.BadRequestError, [0.5, 0.25]),
    Row("embedding-floats", coded, plain_vector, lambda found: found, "AAAAPwAAgD4=", [0.5, 0.25]),
    Row("models-list", "models-bare-array", models, lambda all_: all_[0].id, AttributeError, "reference-1"),
    Row("models-list", "models-without-created", models, lambda all_: all_[0].created, None, 0),
    Row("models-list", "model-owner-missing", models, lambda all_: all_[0].owned_by, None, ""),
    Row("created-seconds", "created-in-milliseconds", whole(), lambda all_: all_.created > 10**11, True, False),
    Row("created-seconds", "chunk-times-differ", chunks(), lambda all_: len({each.created for each in all_}), 3, 1),
    Row("calls-in-text", "tool-markup-in-content", whole(BOTH, **CALLS), names, [], ["get_weather"] * 2),
    Row("call-ids", "call-id-empty", whole(BOTH, **CALLS), ids, 0, 2),
    Row("call-ids", "call-ids-equal", whole(BOTH, **CALLS), ids, 1, 2),
    Row("tool-names", "tool-names-lowercased", whole(BOTH, tools=[{**WEATHER, "function": {**WEATHER["function"], "name": "getWeather"}}]), names, ["getweather"] * 2, ["getWeather"] * 2),
    Row("tool-names", "hyphens-become-underscores", whole(BOTH, tools=[{**WEATHER, "function": {**WEATHER["function"], "name": "get-weather"}}]), names, ["get_weather"] * 2, ["get-weather"] * 2),
    Row("tools-plain", "type-lists-refused", whole(BOTH, tools=[LISTED]), names, openai.BadRequestError, ["get_weather"] * 2),
    Row("cut-short", "finish-never-set", chunks(), lambda all_: all_[-1].choices[0].finish_reason, None, openai.APIError),
    Row("cut-short", "stream-ends-without-finish@1", chunks(COUNT), len, int, openai.APIError),
    Row("cut-short", "late-error-lost@1", chunks(COUNT), len, int, openai.APIError),
    Row("json-as-stream", "stream-answered-with-json", streamed(), content, AssertionError, "OK"),
    Row("json-as-stream", "stream-answered-with-json", streamed(BOTH, **CALLS), cities, AssertionError, ["Oslo", "Rome"]),
    Row("usage-total", "usage-total-wrong", whole(), lambda all_: all_.usage.total_tokens - all_.usage.prompt_tokens - all_.usage.completion_tokens, 1, 0),
    Row("usage-total", "usage-null-now-and-then@1", whole(), lambda all_: all_.usage.prompt_tokens, None, 0),
    Row("stop-cut", "stop-ignored", whole(COUNT, stop="5"), lambda all_: content(all_)[-3:], " 20", "4, "),
    Row("stop-cut", "stop-text-in-output", whole(COUNT, stop=["5"]), lambda all_: content(all_)[-3:], ", 5", "4, "),
    Row("choice-by-tools", "tool-choice-none-ignored", whole(BOTH, **CALLS, tool_choice="none"), names, ["get_weather"] * 2, []),
    Row("choice-by-tools", "named-tool-taken-for-required", whole(BOTH, **CHOICE, tool_choice=one("get_time")), lambda all_: set(names(all_)), {"get_weather"}, {"get_time"}),
    Row("choice-by-tools", "allowed-tools-ignored", whole(BOTH, **CHOICE, tool_choice=ALLOWED), lambda all_: set(names(all_)), {"get_weather"}, {"get_time"}),
    Row("one-call", "parallel-tool-calls-false-ignored", whole(BOTH, **CALLS, parallel_tool_calls=False), cities, ["Oslo", "Rome"], ["Oslo"]),
    Row("one-call", "parallel-tool-calls-false-ignored", streamed(BOTH, **CALLS, parallel_tool_calls=False), cities, ["Oslo", "Rome"], ["Oslo"]),
    Row("probabilities", "one-alternative-more", whole(**TWO), lambda all_: len(alternatives(all_)), 3, 2),
    Row("probabilities", "alternatives-reversed", whole(**TWO), lambda all_: alternatives(all_)[0].logprob >= alternatives(all_)[1].logprob, False, True),
    Row("probabilities", "alternatives-missing", whole(logprobs=True), alternatives, None, []),
    Row("response-shape", lambda _: RESPONSE, response, lambda found: found, TypeError, ""),
    Row("response-begins", lambda _: QUEUED, response_streamed, lambda found: found, RuntimeError, "completed"),
]  # fmt: skip


def shim(name: str) -> type[Mend]:
    module = importlib.import_module(f"conformance.shims.{name.replace('-', '_')}")
    (found,) = (
        each
        for each in vars(module).values()
        if isinstance(each, type) and each.__module__ == module.__name__ and issubclass(each, Mend)
    )
    return found


def outcome(row: Row, url: str, http: Any) -> Any:
    """What the application gets: a value, or what was raised."""
    with openai.OpenAI(base_url=url, api_key="sk-right", max_retries=0, http_client=http) as client:
        try:
            return row.look(row.ask(client))
        except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - it is what is looked at
            return error


def fits(found: Any, expected: Any) -> bool:
    return isinstance(found, expected) if isinstance(expected, type) else found == expected


def label(row: Row) -> str:
    return f"{row.shims}-{row.fault if isinstance(row.fault, str) else 'other server'}"


@pytest.mark.parametrize("row", ROWS, ids=label)
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
def test_a_shim_turns_the_wrong_value_into_the_right_one(row: Row, serve) -> None:
    url = serve(row.fault)
    mends = [shim(name) for name in row.shims.split() if name != "mend"]

    assert fits(without := outcome(row, url, None), row.wrong), without
    assert fits(with_it := outcome(row, url, mended(*mends)), row.right), with_it


CALLED = {"several-requests", "json-again"}
"""Functions around the call; the others stand between client and network."""
MENDS = frozenset(load_shims()) - CALLED - {GROUND}


def steady(found: Any) -> str:
    """The answer without what chance put into it."""
    return re.sub(r"(chatcmpl-|call_|created=|cached_tokens=)\w+|_request_id='[^']*'", r"\1", str(found))


@pytest.mark.parametrize(
    "ask",
    [
        whole(BOTH, **CALLS),
        streamed(BOTH, **CALLS, **USAGE),
        whole(COUNT, **TWO, max_tokens=9, stop=["5"]),
        streamed(COUNT, n=2),
        models,
        raising(whole(**BAD)),
    ],
)
def test_what_conforms_passes_all_shims_together_unchanged(ask, serve) -> None:
    url = serve("")
    row = Row("", "", ask, steady, "", "")
    first = mended(*map(shim, sorted(MENDS - {"old-cap", "null-content"})))
    other = mended(*map(shim, sorted(MENDS - {"new-cap", "history-plain"})))
    plain = outcome(row, url, None)

    assert [outcome(row, url, first), outcome(row, url, other)] == [plain, plain]


def test_what_is_no_json_passes_as_it_is(serve) -> None:
    """An upload is read while it is sent."""
    upload = raising(lambda client: client.files.create(file=b"a text", purpose="user_data"))
    row = Row("", "", upload, type, "", "")

    assert outcome(row, serve(""), mended(shim("no-nulls"))) is openai.NotFoundError


def test_async_clients_have_the_same(serve) -> None:
    async def ask(url: str) -> tuple[Any, Any]:
        http = mended_async(shim("usage-apart"), shim("role-once"))
        async with openai.AsyncOpenAI(base_url=url, api_key="any", http_client=http) as client:
            asked = {**MODEL, "messages": turns("Say OK.")}
            answer = await client.chat.completions.create(**asked)
            stream = await client.chat.completions.create(**asked, stream=True, **USAGE)
            return content(answer), usage_alone([chunk async for chunk in stream])

    assert asyncio.run(ask(serve("usage-on-finish-chunk"))) == ("OK", [True])


def test_several_answers_come_from_several_requests(serve) -> None:
    with openai.OpenAI(base_url=serve("n-ignored"), api_key="any") as client:
        assert len(whole(n=3)(client).choices) == 1
        found = several(client, n=3, **MODEL, messages=turns("Say OK."))

    assert [each.index for each in found.choices] == [0, 1, 2]
    assert [each.message.content for each in found.choices] == ["OK"] * 3
    assert found.usage.total_tokens == found.usage.prompt_tokens + found.usage.completion_tokens


def test_json_is_asked_for_again_until_it_fits(serve) -> None:
    answers = iter(["Ann is 31.", '{"name": "Ann"}', '```json\n{"name": "Ann", "age": 31}\n```'])
    url = serve(lambda _: completion(content=next(answers)))
    with openai.OpenAI(base_url=url, api_key="any") as client:
        with pytest.raises(ValidationError):
            client.chat.completions.parse(**MODEL, messages=turns("Who?"), response_format=Person)
        person = json_again(client, Person, **MODEL, messages=turns("Who?"))

    assert (person.name, person.age) == ("Ann", 31)


def test_json_that_never_fits_raises(serve) -> None:
    url = serve(lambda _: completion(content="Ann is 31."))
    with openai.OpenAI(base_url=url, api_key="any") as client, pytest.raises(ValidationError):
        json_again(client, Person, **MODEL, messages=turns("Who?"), tries=2)


def test_every_shim_is_proved_and_short() -> None:
    proved = {row.shims.split()[-1] for row in ROWS} | CALLED
    long = {
        name
        for name, each in load_shims().items()
        if sum(1 for line in each.code.splitlines() if line.strip()) > 40
    }

    assert proved == set(load_shims())
    assert long == {GROUND}
