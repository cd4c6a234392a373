"""Streamed responses put together: good ones, ones as seen in the field, and anything at all."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from replies import (
    BEGUN,
    CALL,
    CALLED,
    CALLING,
    DELTAS,
    EMPTY,
    HELLO,
    MESSAGE,
    OPEN,
    SPOKEN,
    THOUGHT,
    USAGE,
    chunks,
    ended,
    item,
    made,
    of_item,
    part,
    state,
    text,
    untyped,
)

from conformance.wire import response_events, responses
from conformance.wire.responses import Reply


def meant(*events, names=True):
    return response_events.meant(chunks(*events, names=names))


def said(reply):
    """Per item its type with what it says."""
    return [
        (one.type, one.text or one.refusal or one.reasoning or one.arguments) for one in reply.items
    ]


def without(value, *names):
    return {key: held for key, held in value.items() if key not in names}


BARE = [without(each, "output_index", "content_index") for each in SPOKEN]
ANONYMOUS = [without(each, "output_index", "item_id") for each in SPOKEN]
SECOND = {"id": "fc_2", "call_id": "c2", "name": "g"}
REFUSED = {"type": "refusal", "refusal": "No."}
HELLO_ITEM = ("message", "Hello")
CALL_ITEM = ("function_call", '{"a":1}')
REASONED = ("reasoning", "Hm.")

STREAMS = {
    "as it should be": (HELLO, [HELLO_ITEM]),
    "no terminal event": ([*BEGUN, *SPOKEN], [HELLO_ITEM]),
    "no item is ever done": ([*BEGUN, *SPOKEN[:4]], [HELLO_ITEM]),
    "deltas alone": ([*BEGUN, *SPOKEN[2:4]], [HELLO_ITEM]),
    "the end of the text alone": ([*BEGUN, SPOKEN[4]], [HELLO_ITEM]),
    "no indexes": ([*BEGUN, *BARE], [HELLO_ITEM]),
    "neither indexes nor ids": ([*BEGUN, *ANONYMOUS], [HELLO_ITEM]),
    "an empty output at the end": ([*BEGUN, *SPOKEN, ended()], [HELLO_ITEM]),
    "output null at the end": ([*BEGUN, *SPOKEN, state("completed", output=None)], [HELLO_ITEM]),
    "the end alone": ([ended(MESSAGE)], [HELLO_ITEM]),
    "a call": ([*BEGUN, *CALLING, ended(CALLED)], [CALL_ITEM]),
    "a call without its end": ([*BEGUN, *CALLING[:3]], [CALL_ITEM]),
    "a call that nobody added": ([*BEGUN, *DELTAS], [CALL_ITEM]),
    "a call without arguments": ([*BEGUN, CALLING[0]], [("function_call", "")]),
    "two calls in turns": (
        [*BEGUN, item("added", CALL), item("added", CALL | SECOND, 1), DELTAS[0],
         of_item("function_call_arguments.delta", 1, "fc_2", delta="{}"), DELTAS[1]],
        [CALL_ITEM, ("function_call", "{}")],
    ),
    "two calls by their ids": (
        [*BEGUN, made("output_item.added", item=CALL), made("output_item.added", item=CALL | SECOND),
         *[without(each, "output_index") for each in DELTAS]],
        [CALL_ITEM, ("function_call", "")],
    ),
    "a custom tool": (
        [*BEGUN, item("added", CALL | {"type": "custom_tool_call", "input": ""}),
         of_item("custom_tool_call_input.delta", item="fc_1", delta="ls")],
        [("custom_tool_call", "ls")],
    ),
    "a refusal": (
        [*BEGUN, item("added", OPEN), part("added", REFUSED | {"refusal": ""}),
         of_item("refusal.delta", content_index=0, delta="N"), of_item("refusal.delta", content_index=0, delta="o.")],
        [("message", "No.")],
    ),
    "thoughts in OpenAI's words": (
        [item("added", THOUGHT), of_item("reasoning_text.delta", item="rs_1", content_index=0, delta="Hm.")], [REASONED],
    ),
    "thoughts in those of Open Responses": (
        [item("added", THOUGHT), of_item("reasoning.delta", item="rs_1", content_index=0, delta="Hm.")], [REASONED],
    ),
    "a summary of thoughts": (
        [item("added", THOUGHT), of_item("reasoning_summary_text.delta", item="rs_1", summary_index=0, delta="Hm.")], [REASONED],
    ),
    "two parts of a text": (
        [*BEGUN, *SPOKEN[:3], part("added", EMPTY, index=1), text("delta", index=1, delta="lo")], [HELLO_ITEM],
    ),
    "types of others in between": ([*BEGUN, {"type": "acme:ping"}, *SPOKEN[:3], made("new.thing", x=1), *SPOKEN[3:]], [HELLO_ITEM]),
}  # fmt: skip


@pytest.mark.parametrize("name", STREAMS)
def test_what_a_stream_means(name):
    events, expected = STREAMS[name]

    assert said(meant(*events)) == expected


def test_events_whose_data_has_no_type_go_by_their_names():
    assert said(response_events.meant(untyped(*HELLO))) == [HELLO_ITEM]


def test_a_stream_and_a_body_mean_the_same():
    streamed, at_once = meant(*HELLO), responses.whole(HELLO[-1]["response"])

    assert streamed == at_once
    assert responses.answer(streamed) == responses.answer(at_once)


BODIES = {
    "an error": {"error": {"message": "no"}},
    "a completion": {"choices": [], "output": []},
    "a list": [],
    "nothing": None,
    "an empty object": {},
}


@pytest.mark.parametrize("name", BODIES)
def test_what_is_no_response_is_none(name):
    assert responses.whole(BODIES[name]) is None


def test_chunks_of_a_chat_mean_no_response():
    assert meant({"choices": [{"delta": {"content": "x"}}]}, {"type": "acme:ping"}) is None


ANSWERS = [
    (ended(MESSAGE), "Hello", 0, "stop"),
    (ended(CALLED), None, 1, "tool_calls"),
    (ended(MESSAGE, CALLED), "Hello", 1, "tool_calls"),
    (ended(MESSAGE, kind="incomplete", incomplete_details={"reason": "max_output_tokens"}), "Hello", 0, "length"),
    (ended(MESSAGE, kind="incomplete", incomplete_details={"reason": "content_filter"}), "Hello", 0, "content_filter"),
    (ended(MESSAGE, kind="incomplete", incomplete_details={"reason": "other"}), "Hello", 0, "other"),
    (ended(MESSAGE, kind="incomplete", incomplete_details=None), "Hello", 0, None),
    (ended(MESSAGE, status="in_progress"), "Hello", 0, None),
]  # fmt: skip


@pytest.mark.parametrize(("event", "content", "calls", "finish"), ANSWERS)
def test_a_response_as_an_answer(event, content, calls, finish):
    answer = responses.answer(meant(event))
    (choice,) = answer.choices

    assert (choice.content, len(choice.tool_calls), choice.finish_reason) == (
        content,
        calls,
        finish,
    )
    assert answer.usage == USAGE | {"prompt_tokens": 5, "completion_tokens": 2}
    assert answer.body["output"] == event["response"]["output"]


@pytest.mark.parametrize("event", [ended(), ended(MESSAGE, kind="failed"), ended(output=None)])
def test_without_items_or_after_a_failure_there_is_no_choice(event):
    assert responses.answer(meant(event)).choices == ()


def test_calls_keep_their_ids_names_and_arguments():
    (call,) = responses.answer(meant(ended(CALLED))).choices[0].tool_calls

    assert (call.id, call.type, call.name, call.arguments) == ("c1", "function", "f", '{"a":1}')


NAMES = [
    *sorted({each["type"] for each in [*HELLO, *CALLING]}),
    "response.reasoning.delta",
    "response.refusal.done",
    "error",
    "",
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["type", "id", "content", "summary", "text", "output", "arguments", "call_id", "status",
                         "incomplete_details", "usage", "reason", "object", "choices"]),
        inner | st.sampled_from(["message", "function_call", "reasoning", "output_text", "incomplete", "response"]),
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip
MEMBERS = ["output_index", "content_index", "summary_index", "item_id", "item", "part", "delta", "text",
           "refusal", "arguments", "input", "response", "sequence_number"]  # fmt: skip
EVENTS = st.lists(
    VALUES
    | st.builds(
        lambda kind, members: {**members, "type": kind},
        st.sampled_from(NAMES) | VALUES,
        st.dictionaries(st.sampled_from(MEMBERS), VALUES),
    ),
    max_size=12,
)


@given(EVENTS)
def test_no_events_make_anything_raise_or_change(events):
    heard = chunks(*events, names=False)
    before = copy.deepcopy([each.value for each in heard])
    reply = response_events.meant(heard)

    assert reply is None or isinstance(reply, Reply)
    if reply is not None:
        responses.answer(reply)
    for one in events:
        responses.whole(one)
    assert repr([each.value for each in heard]) == repr(before)


SPLITS = st.lists(st.integers(0, 40), max_size=6)


def split(words, places):
    ends = sorted({min(place, len(words)) for place in places} | {len(words)})
    return [words[start:end] for start, end in zip([0, *ends], ends, strict=False)]


@given(st.lists(st.tuples(st.booleans(), st.text(), SPLITS), min_size=1, max_size=4), st.booleans())
def test_what_is_streamed_well_is_meant(told, numbered):
    events = []
    for place, (speaks, words, cuts) in enumerate(told):
        name = f"i{place}"
        kind = "output_text.delta" if speaks else "function_call_arguments.delta"
        events.append(item("added", (OPEN if speaks else CALL) | {"id": name}, place))
        events += [
            of_item(kind, place, name, content_index=0, delta=each) for each in split(words, cuts)
        ]
    if not numbered:
        events = [without(each, "output_index") for each in events]
    found = meant(*BEGUN, *events)

    assert [
        one.text if speaks else one.arguments
        for one, (speaks, *_) in zip(found.items, told, strict=True)
    ] == [words for _, words, _ in told]


def test_long_streams_are_put_together_in_linear_time():
    many = [*BEGUN, *SPOKEN[:2], *[text("delta", delta="word " * 20)] * 30_000]
    assert len(meant(*many).items[0].text) == 3_000_000  # quadratic, it would take minutes
    wide = [item("added", OPEN | {"id": f"m{place}"}, place) for place in range(30_000)]
    assert len(meant(*BEGUN, *wide).items) == 30_000
