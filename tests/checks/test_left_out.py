"""What a check has nothing to say about is no subject of it: not looked at, and so never complained of."""

from dataclasses import replace

import pytest
import table_ends
import table_responses
import table_rows
from build import (
    ASKED,
    HEL,
    STOP,
    TOOLS,
    calling,
    event,
    exchange,
    failing,
    good,
    hello,
    models,
    spoken,
    stream,
)
from tables import judged

from conformance.checks.core import CHECKS
from conformance.wire.exchange import Ended


def at(url, seen):
    """The same, of another address."""
    return replace(seen, request=replace(seen.request, url=url))


def saying_arguments(text, temperature=0):
    return calling({"choices.0.message.tool_calls.0.function.arguments": text}, asked={"temperature": temperature})


LEFT_OUT = [
    ("one_json_value", "events for a `stream` that is neither true nor false", stream(HEL, STOP, asked={"stream": "yes"})),
    ("plain_json_type", "the same", stream(HEL, STOP, asked={"stream": "yes"})),
    ("wrong_type_is_400", "too many requests", failing(status=429, asked=ASKED | {"stop": 5})),
    ("endpoints_are_under_the_base_url", "a chat that is not there: it may be the model", failing(status=404)),
    ("endpoints_are_under_the_base_url", "a double slash", failing(method="GET", path="//models", asked=None)),
    ("server_fault_is_told_as_one", "what is not implemented", failing(status=501)),
    ("unknown_is_404", "/responses, where OpenAI says 400", failing(status=400, path="/responses")),
    ("missing_key_is_401", "a region, with a key", failing(status=403, sent={"Authorization": "Bearer *"})),
    ("running_usage_is_additive", "the chunk of the usage", stream(HEL, STOP, {"choices": [], "usage": {}})),
    ("running_usage_is_additive", "the same, with choices that are null", stream(HEL, STOP, {"choices": None, "usage": {}})),
    ("arguments_are_an_object", "a list, as a model may write it", saying_arguments('["Oslo"]')),
    ("arguments_are_an_object", "a text, the same", saying_arguments('"Oslo"')),
    ("arguments_fit_the_parameters", "a list", saying_arguments('["Oslo"]')),
    ("arguments_fit_the_parameters", "an empty object, where anything may come", saying_arguments("{}", temperature=1)),
    ("arguments_fit_the_parameters", "the schema itself, as a weak model may write it", saying_arguments('{"type": "object"}')),
    ("unknown_path_is_404_and_json", "the page of the root", at("http://endpoint.example/", exchange(b"<html>", headers={"Content-Type": "text/html"}))),
    ("slow_answers_are_waited_for", "one that was closed at once", exchange(bare=b"", end=Ended.CLOSED)),
    ("error_is_not_said_by_the_assistant", "JSON that was asked for", hello({"choices.0.message.content": '{"error": {"message": "x"}}'}, asked={"response_format": {"type": "json_object"}})),
    ("malformed_json_is_400", "bytes that are no UTF-8 in what is JSON else", hello(raw=b'{"model": "m", "messages": [{"role": "user", "content": "\xff\xfe"}]}')),
    ("too_large_is_told", "our own limit of time", exchange(bare=b"", end=Ended.TIMED_OUT, asked=ASKED | {"user": "x" * 100_000})),
    ("no_alternatives_unasked", "some were asked for", spoken(asked={"logprobs": True, "top_logprobs": 2})),
    ("refused_with", "a request that is served", hello()),
    ("refused_by_status", "the same", hello()),
    ("as_many_logprobs_as_tokens", "a usage of nothing", table_ends.told(20, 0)),
    ("same_error", "no failure", hello()),
    ("unknown_role_is_400", "a role that is null, as it was received", hello(asked=ASKED | {"messages": [{"role": None, "content": "x"}]})),
    ("tool_arguments_valid", "a call that the cap cut short", calling({"choices.0.finish_reason": "length", "choices.0.message.tool_calls.0.function.arguments": "{"})),
    *((f"model_{name}", "the list in place of a model", models(path="/models/m")) for name in ("has_an_id", "is_called_model", "has_a_time", "has_an_owner")),
    ("named_tool_is_called", "a custom tool, which may be passed over", hello(asked=ASKED | {"tools": [{"type": "custom", "custom": {"name": "sh"}}], "tool_choice": {"type": "custom", "custom": {"name": "sh"}}})),
    ("not_garbled", "no answer: that is no garbled one", failing(status=500)),
    ("lines_end_as_lines_do", "no stream", exchange(event(HEL))),
    ("schema_refused", "a refusal that says nothing", failing({"error.message": "Bad request.", "error.param": None}, status=400)),
    ("schema_refused", "a refusal of something else", failing({"error.message": "max_tokens is too large", "error.param": "max_tokens"}, status=400)),
    ("tokens_make_up_the_content", "a call withheld, which the cap cut", hello({"choices.0.finish_reason": "length", "choices.0.message.content": "", "choices.0.logprobs": {"content": [{"token": "<tool", "logprob": -1, "bytes": None, "top_logprobs": []}], "refusal": None}}, asked=ASKED | {"tools": TOOLS, "logprobs": True})),
    ("call_fits_its_schema", "no call", hello()),
    ("all_reasoning_is_counted", "a call that the cap cut, and that is not told", table_rows.UNFINISHED),
    ("all_reasoning_is_counted", "arguments that are no text", table_rows.OBJECT_ARGUMENTS),
    ("call_fits_its_schema", "a call that the cap cut short", calling({"choices.0.finish_reason": "length"})),
]  # fmt: skip
LEFT_OUT += [
    (name, str(place), seen)
    for name, listed in table_responses.LEFT_OUT.items()
    for place, seen in enumerate(listed)
]


@pytest.mark.parametrize(("name", "why", "seen"), LEFT_OUT)
def test_what_is_left_out_is_no_subject(name, why, seen):
    result = judged(CHECKS[name], good(why, seen))

    assert result.witnesses == 0
    assert result.problems == ()
