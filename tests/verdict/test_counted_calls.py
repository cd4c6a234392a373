"""Each tool call is counted once, in the class at which a client that dispatches it would stop."""

from collections import Counter, defaultdict

import pytest
from build import (
    CALL,
    OPEN,
    STOP,
    TOOLS,
    C,
    M,
    call,
    called,
    calling,
    chunk,
    failing,
    fragment,
    hello,
)

from conformance.verdict.counted_calls import counted, note_calls

SH = [{"type": "custom", "custom": {"name": "sh"}}]
INPUT = {"id": "c", "type": "custom", "custom": {"name": "sh", "input": "ls"}}


def of(parameters):
    """One tool with these parameters."""
    return [{"type": "function", "function": {"name": "get_weather", "parameters": parameters}}]


def classes(*exchanges):
    """Ways to classes and their numbers."""
    seen = defaultdict(Counter)
    for each in exchanges:
        note_calls(seen, each)
    return {way: dict(counts) for way, counts in seen.items() if counts}


def with_arguments(arguments, name="get_weather", **known):
    return calling({f"{M}.tool_calls": [call(name, arguments)]}, **known)


@pytest.mark.parametrize(
    ("seen", "wanted"),
    [
        (calling(), {"whole": {"fine": 1}}),
        (called(), {"streamed": {"fine": 1}}),
        (with_arguments('{"city": "Os'), {"whole": {"invalid_json": 1}}),
        (with_arguments(""), {"whole": {"invalid_json": 1}}),
        (with_arguments({"city": "Oslo"}), {"whole": {"invalid_json": 1}}),
        (with_arguments(None), {"whole": {"invalid_json": 1}}),
        (with_arguments("{}", "get_wether"), {"whole": {"unknown_name": 1}}),
        (with_arguments("{", "get_wether"), {"whole": {"invalid_json": 1}}),
        (calling({f"{C}.function.name": ["get_weather"]}), {"whole": {"unknown_name": 1}}),
        (with_arguments("{}"), {"whole": {"schema_mismatch": 1}}),
        (with_arguments('"{}"'), {"whole": {"schema_mismatch": 1}}),
        (with_arguments('{"city": 7}'), {"whole": {"schema_mismatch": 1}}),
        (with_arguments("{}", "now"), {"whole": {"fine": 1}}),
        (with_arguments("[]", "now"), {"whole": {"schema_mismatch": 1}}),
        (calling({f"{M}.tool_calls": [INPUT]}, tools=SH), {"whole": {"fine": 1}}),
        (called(OPEN, fragment(arguments='{"city": ')), {"streamed": {"invalid_json": 1}}),
        (called(OPEN, fragment(arguments="{}")), {"streamed": {"schema_mismatch": 1}}),
        (calling({f"{M}.tool_calls": [CALL, call("x", "{}", id="y")]}), {"whole": {"fine": 1, "unknown_name": 1}}),
        # schemas that are none, or lie elsewhere, refuse nothing
        (calling(tools=of({"$ref": "https://elsewhere.example/schema"})), {"whole": {"fine": 1}}),
        (calling(tools=of({"type": "object", "properties": {"city": {"pattern": "("}}})), {"whole": {"fine": 1}}),
        (calling(tools=of(7)), {"whole": {"fine": 1}}),
        (with_arguments('{"city": "\\ud800"}'), {"whole": {"fine": 1}}),
        # what says nothing of calls
        (hello(asked={"tools": TOOLS}), {}),
        (failing(), {}),
        (called(chunk({"content": "Hm."}), finish=STOP), {}),
        (with_arguments('{"ci', asked={"max_tokens": 3}), {}),
        (calling({"choices.0.finish_reason": "length", f"{C}.function.arguments": '{"ci'}), {}),
    ],
)  # fmt: skip
def test_a_call_has_one_class(seen, wanted):
    assert classes(seen) == wanted


def test_shares_are_told_with_where_they_lie():
    seen = {"streamed": Counter(fine=18, unknown_name=2), "whole": Counter()}

    counts = counted(seen)

    assert list(counts) == ["streamed"]
    one = counts["streamed"]
    assert (one.calls, one.unknown_name.count, one.unknown_name.rate) == (20, 2, 0.1)
    assert 0 < one.unknown_name.interval.low < 0.1 < one.unknown_name.interval.high < 0.5
    assert (one.invalid_json.count, one.invalid_json.interval.low) == (0, 0)
