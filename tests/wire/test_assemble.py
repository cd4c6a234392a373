"""What a server meant, and whole bodies: tables of what is seen in the field."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streams import HELLO, WEATHER, call, choice, chunk, delta, fragment

from conformance.wire.assemble import Answer, meant, sdk, whole

USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
LOGPROB = {"token": "a", "logprob": -1.0, "bytes": [97], "top_logprobs": []}


def calls(chunks):
    """Name and arguments of the calls that were meant."""
    return [(one.name, one.arguments) for one in meant(chunks).choices[0].tool_calls]


def ids(chunks):
    return [one.id for one in meant(chunks).choices[0].tool_calls]


def content(chunks):
    return meant(chunks).choices[0].content


def opening(index=0, id="c1", name="f", arguments="", **members):
    """The first fragment of a call."""
    return call(index, id=id, type="function", name=name, arguments=arguments, **members)


ONE = [("f", '{"a":1}')]
TWO = [("f", '{"a":1}'), ("g", '{"b":2}')]

TOOL_CALLS = {
    "as it should be": ([opening(), call(arguments='{"a"'), call(arguments=":1}")], ONE),
    "two calls, one after the other": (
        [opening(arguments='{"a":1}'), opening(1, "c2", "g", '{"b"'), call(1, arguments=":2}")],
        TWO,
    ),
    "two calls, interleaved": (
        [
            opening(),
            opening(1, "c2", "g"),
            call(1, arguments='{"b"'),
            call(0, arguments='{"a"'),
            call(0, arguments=":1}"),
            call(1, arguments=":2}"),
        ],
        TWO,
    ),
    "id and name in every fragment": (
        [opening(arguments='{"a"'), opening(arguments=":1}"), opening()],
        ONE,
    ),
    "id empty and name null later": (
        [opening(arguments='{"a"'), call(id="", name=None, arguments=":1}")],
        ONE,
    ),
    "another id in every fragment": (
        [opening(id="x1", arguments='{"a"'), call(id="x2", arguments=":1}"), call(id="x3")],
        ONE,
    ),
    "another id and the name in every fragment": (
        [opening(id="x1", arguments='{"a"'), opening(id="x2", arguments=":1}")],
        ONE,
    ),
    "id after the name": ([call(name="f", arguments='{"a"'), call(id="c1", arguments=":1}")], ONE),
    "no ids at all": (
        [
            call(name="f", arguments='{"a"'),
            call(arguments=":1}"),
            call(1, name="g", arguments='{"b"'),
            call(1, arguments=":2}"),
        ],
        TWO,
    ),
    "no index": (
        [
            opening(None, arguments='{"a"'),
            call(None, arguments=":1}"),
            opening(None, "c2", "g"),
            call(None, arguments='{"b":2}'),
        ],
        TWO,
    ),
    "no index, but ids": (
        [
            opening(None),
            opening(None, "c2", "g"),
            call(None, id="c1", arguments='{"a":1}'),
            call(None, id="c2", arguments='{"b":2}'),
        ],
        TWO,
    ),
    "no index, no ids": (
        [call(None, name="f", arguments='{"a":1}'), call(None, name="g", arguments='{"b":2}')],
        TWO,
    ),
    "no index, whole calls in one chunk": (
        [
            delta(
                tool_calls=[
                    fragment(None, id="c1", name="f", arguments='{"a":1}'),
                    fragment(None, id="c2", name="g", arguments='{"b":2}'),
                ]
            )
        ],
        TWO,
    ),
    "index null": (
        [
            delta(tool_calls=[{"index": None, "id": "c1", "function": {"name": "f"}}]),
            delta(tool_calls=[{"index": None, "function": {"arguments": '{"a":1}'}}]),
        ],
        ONE,
    ),
    "index from 1": (
        [opening(1, arguments='{"a":1}'), opening(2, "c2", "g", '{"b":2}')],
        TWO,
    ),
    "index counts fragments": (
        [opening(), call(1, arguments='{"a"'), call(2, arguments=":1}")],
        ONE,
    ),
    "index counts fragments, ids tell": (
        [opening(), call(1, id="c1", arguments='{"a"'), call(2, id="c1", arguments=":1}")],
        ONE,
    ),
    "index always 0": (
        [opening(), call(arguments='{"a":1}'), opening(0, "c2", "g"), call(arguments='{"b":2}')],
        TWO,
    ),
    "index always 0, whole calls": (
        [opening(arguments='{"a":1}'), opening(0, "c2", "g", '{"b":2}')],
        TWO,
    ),
    "index always 0, interleaved, ids tell": (
        [
            opening(),
            opening(0, "c2", "g"),
            call(0, id="c1", arguments='{"a":1}'),
            call(0, id="c2", arguments='{"b"'),
            call(0, arguments=":2}"),
        ],
        TWO,
    ),
    "index always 0, no ids": (
        [
            call(name="f", arguments='{"a":1}'),
            call(name="g", arguments='{"b"'),
            call(arguments=":2}"),
        ],
        TWO,
    ),
    "index always 0, calls without arguments": (
        [opening(), opening(0, "c2", "f"), opening(0, "c3", "g")],
        [("f", ""), ("f", ""), ("g", "")],
    ),
    "index always 0, the same function twice": (
        [opening(arguments='{"a":1}'), opening(0, "c2", "f", '{"a":1}')],
        [*ONE, *ONE],
    ),
    "the same id for two calls": (
        [opening(arguments='{"a":1}'), opening(1, "c1", "g"), call(1, arguments='{"b":2}')],
        TWO,
    ),
    "the same id for two calls that begin together": (
        [opening(), opening(1, "c1", "f"), call(0, arguments="{}"), call(1, arguments='{"a":1}')],
        [("f", "{}"), ("f", '{"a":1}')],
    ),
    "everything so far in each fragment": (
        [opening(), call(arguments='{"a"'), call(arguments='{"a":1}')],
        ONE,
    ),
    "whole calls in each chunk": ([opening(arguments='{"a":1}') for _ in range(3)], ONE),
    "the whole again at the end": (
        [opening(), call(arguments='{"a"'), call(arguments=":1}"), call(arguments='{"a":1}')],
        ONE,
    ),
    "fragments that neither grow nor end in a whole": (
        [opening(), *[call(arguments=one) for one in ('{"b":', '{"b":2', '{"a":1}')]],
        [("f", '{"b":{"b":2{"a":1}')],
    ),
    "an empty object first": (
        [opening(arguments="{}"), call(arguments='{"a"'), call(arguments=":1}")],
        ONE,
    ),
    "arguments that are no JSON stay what they are": (
        [opening(arguments='{"a"'), call(arguments=":")],
        [("f", '{"a":')],
    ),
    "arguments an object": ([opening(arguments={"a": 1})], [("f", {"a": 1})]),
    "arguments an object, after an empty text": (
        [opening(), call(arguments={"a": 1})],
        [("f", {"a": 1})],
    ),
    "arguments null": ([opening(arguments=None)], [("f", None)]),
    "arguments never": (
        [delta(tool_calls=[{"index": 0, "function": {"name": "f"}}])],
        [("f", None)],
    ),
    "a name in parts": (
        [call(id="c1", name="get_"), call(name="weather"), call(arguments="{}")],
        [("get_weather", "{}")],
    ),
    "a name that grows": (
        [call(id="c1", name="get_"), call(name="get_weather"), call(arguments="{}")],
        [("get_weather", "{}")],
    ),
    "no function around it": (
        [delta(tool_calls=[{"index": 0, "id": "c1", "name": "f", "arguments": '{"a":1}'}])],
        ONE,
    ),
    "two fragments for one call in a chunk": (
        [
            delta(
                tool_calls=[
                    fragment(id="c1", name="f", arguments='{"a"'),
                    fragment(arguments=":1}"),
                ]
            )
        ],
        ONE,
    ),
    "one object in place of a list": (
        [delta(tool_calls=fragment(name="f", arguments="{}"))],
        [("f", "{}")],
    ),
    "nothing but an index": ([opening(arguments='{"a":1}'), call()], ONE),
    "brackets in strings": (
        [opening(arguments='{"a":"}'), call(arguments='\\"}{"}'), opening(0, "c2", "g", "{}")],
        [("f", '{"a":"}\\"}{"}'), ("g", "{}")],
    ),
    "things that are no fragments": (
        [delta(tool_calls=[None, "f", 7]), delta(tool_calls=7), delta(tool_calls="f"), opening()],
        [("f", "")],
    ),
    "a name that is no text": ([opening(name=7), call(arguments="{}")], [(7, "{}")]),
    "in a message in place of a delta": (
        [chunk({"index": 0, "message": {"tool_calls": [fragment(name="f", arguments='{"a":1}')]}})],
        ONE,
    ),
}


@pytest.mark.parametrize(("chunks", "expected"), TOOL_CALLS.values(), ids=TOOL_CALLS)
def test_tool_calls_are_put_together_as_they_were_meant(chunks, expected):
    assert calls(chunks) == expected


def test_every_call_keeps_its_first_id_index_and_type():
    chunks = [opening(arguments="{"), opening(id="other", arguments="}"), opening(1, "c2", "g")]
    first, second = meant(chunks).choices[0].tool_calls
    assert (first.id, first.index, first.type) == ("c1", 0, "function")
    assert (second.id, second.index, second.type) == ("c2", 1, "function")


def test_ids_that_came_late_are_kept():
    assert ids([call(name="f"), call(id="c1", arguments="{}")]) == ["c1"]


def test_a_custom_tool_call_has_its_input_as_arguments():
    chunks = [
        delta(tool_calls=[{"index": 0, "id": "c", "type": "custom", "custom": {"name": "sh"}}]),
        delta(tool_calls=[{"index": 0, "custom": {"input": "ls"}}]),
        delta(tool_calls=[{"index": 0, "custom": {"input": " -l"}}]),
    ]
    assert calls(chunks) == [("sh", "ls -l")]
    assert meant(chunks).choices[0].message["tool_calls"] == [
        {"id": "c", "type": "custom", "custom": {"name": "sh", "input": "ls -l"}}
    ]


def test_calls_go_back_as_a_conversation_needs_them():
    chunks = [call(id="c1", name="f", arguments="{}", extra_content={"google": {"signature": "s"}})]
    assert meant(chunks).choices[0].message == {
        "role": None,
        "content": None,
        "tool_calls": [
            {
                "id": "c1",
                "type": "function",
                "function": {"name": "f", "arguments": "{}"},
                "extra_content": {"google": {"signature": "s"}},
            }
        ],
    }


CONTENTS = {
    "as it should be": (HELLO, "Hello"),
    "null at first": ([delta(role="assistant", content=None), delta(content="a")], "a"),
    "null only": ([delta(role="assistant", content=None), delta("stop")], None),
    "never": ([delta(role="assistant"), delta("stop")], None),
    "empty": ([delta(role="assistant", content=""), delta("stop")], ""),
    "delta null": (
        [*HELLO[:3], chunk({"index": 0, "delta": None, "finish_reason": "stop"})],
        "Hello",
    ),
    "delta absent": ([*HELLO[:3], chunk({"index": 0, "finish_reason": "stop"})], "Hello"),
    "lists of parts": (
        [
            delta(content=[{"type": "text", "text": "a"}]),
            delta(content=[{"type": "text", "text": "b"}]),
        ],
        "ab",
    ),
    "an emoji torn in halves": ([delta(content="\ud83d"), delta(content="\ude00")], "😀"),
    "half an emoji": ([delta(content="\ud83d"), delta(content="x")], "\ud83dx"),
    "a message in place of a delta": (
        [
            chunk({"index": 0, "message": {"role": "assistant", "content": one}})
            for one in ("a", "b")
        ],
        "ab",
    ),
    "a message that grows": (
        [chunk({"index": 0, "message": {"content": one}}) for one in ("", "a", "ab", "ab")],
        "ab",
    ),
    "deltas, and the whole message at the end": (
        [*HELLO, chunk({"index": 0, "message": {"content": "Hello"}})],
        "Hello",
    ),
    "repeated words are no snapshots": ([delta(content=one) for one in ("a", "a", "aa")], "aaaa"),
    "other things between": (
        [{"error": "x"}, None, 7, "a", [], {}, chunk(None), chunk(choices=None), *HELLO],
        "Hello",
    ),
}


@pytest.mark.parametrize(("chunks", "expected"), CONTENTS.values(), ids=CONTENTS)
def test_content_is_put_together_as_it_was_meant(chunks, expected):
    answer = meant(chunks)
    assert answer.choices[0].content == expected
    assert answer.choices[0].message["content"] == expected


def test_a_role_in_every_chunk_is_one_role():
    chunks = [delta(role="assistant", content=one) for one in "abc"]
    assert meant(chunks).choices[0].role == "assistant"
    assert sdk(chunks).completion["choices"][0]["message"]["role"] == "assistant" * 3


def test_reasoning_is_kept_under_the_name_it_came_with():
    chunks = [delta(role="assistant", reasoning="hm"), delta(reasoning="m"), delta(content="yes")]
    (one,) = meant(chunks).choices
    assert (one.reasoning, one.content) == ("hmm", "yes")
    assert one.message == {"role": "assistant", "content": "yes", "reasoning": "hmm"}
    (one,) = meant([delta(reasoning_content="a", reasoning="b")]).choices
    assert one.reasoning == "a"
    assert one.message["reasoning"] == "b"


def test_other_members_are_put_together_by_their_kind():
    chunks = [
        delta(refusal="I", details=[{"text": "a"}], audio={"id": "x", "data": "AA"}, n=1, odd=[1]),
        delta(
            refusal=" won't", details=[{"text": "b"}], audio={"id": "x", "data": "BB"}, n=2, odd="z"
        ),
        delta("stop", refusal=None),
    ]
    (one,) = meant(chunks).choices
    assert one.refusal == "I won't"
    assert one.message["details"] == [{"text": "a"}, {"text": "b"}]
    assert one.message["audio"] == {"id": "x", "data": "AABB"}
    assert (one.message["n"], one.message["odd"]) == (2, "z")


def test_several_choices_are_told_apart_by_index_and_sorted():
    chunks = [
        chunk(choice({"content": "b"}, index=1), choice({"content": "a"}, index=0)),
        chunk(choice({"content": "B"}, "length", index=1)),
        chunk(choice({"content": "A"}, "stop", index=0)),
    ]
    first, second = meant(chunks).choices
    assert (first.index, first.content, first.finish_reason) == (0, "aA", "stop")
    assert (second.index, second.content, second.finish_reason) == (1, "bB", "length")


def test_choices_without_index_are_told_apart_by_place():
    chunks = [chunk({"delta": {"content": "a"}}, {"delta": {"content": "b"}})] * 2
    assert [(one.index, one.content) for one in meant(chunks).choices] == [
        (None, "aa"),
        (None, "bb"),
    ]


FINISHES = [
    ([None, None, "stop"], "stop"),
    (["", "", "stop"], "stop"),
    ([None, "stop", None], "stop"),
    ([None, "tool_calls", "stop"], "stop"),
    ([None, None], None),
    ([None, "eos"], "eos"),
]


@pytest.mark.parametrize(("reasons", "expected"), FINISHES)
def test_the_last_finish_reason_that_says_something_counts(reasons, expected):
    chunks = [delta(one, content="a") for one in reasons]
    assert meant(chunks).choices[0].finish_reason == expected


USAGES = {
    "in a last chunk without choices": [*HELLO, chunk(usage=USAGE)],
    "in the last chunk that finishes": [*HELLO[:3], {**HELLO[3], "usage": USAGE}],
    "before a last chunk without": [*HELLO, chunk(usage=USAGE), chunk(usage=None)],
    "in every chunk": [{**one, "usage": {"prompt_tokens": 0}} for one in HELLO]
    + [chunk(usage=USAGE)],
    "in a choice": [*HELLO, chunk(choice(finish="stop", usage=USAGE))],
    "in a vendor's member": [*HELLO, chunk(x_groq={"id": "r", "usage": USAGE})],
    "in a choice and in its place": [
        chunk(choice(usage={"prompt_tokens": 0})),
        *HELLO,
        chunk(usage=USAGE),
        chunk(choice(usage={"prompt_tokens": 0})),
    ],
}


@pytest.mark.parametrize("chunks", USAGES.values(), ids=USAGES)
def test_usage_is_found_wherever_it_stands(chunks):
    assert meant(chunks).usage == USAGE
    assert meant(chunks).body["usage"] == USAGE


def test_logprobs_are_put_together():
    chunks = [chunk(choice({"content": "a"}, logprobs={"content": [LOGPROB], "refusal": None}))] * 2
    expected = {"content": [LOGPROB, LOGPROB], "refusal": None}
    assert meant([*chunks, delta("stop")]).choices[0].logprobs == expected
    assert meant(HELLO).choices[0].logprobs is None


def test_the_body_is_a_completion_that_captures_can_look_into():
    chunks = [{**one, "service_tier": "default", "system_fingerprint": "fp"} for one in HELLO]
    answer = meant([*chunks, chunk(usage=USAGE)])
    assert answer.body == {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1700000000,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Hello"},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "service_tier": "default",
        "system_fingerprint": "fp",
        "usage": USAGE,
    }
    assert answer.system_fingerprint == "fp"
    assert answer.choices[0].message is answer.body["choices"][0]["message"]


def test_the_same_answer_streamed_or_whole_looks_the_same():
    streamed = meant([*WEATHER, chunk(usage=USAGE)])
    received = whole(json.loads(json.dumps(streamed.body)))
    assert received.choices[0].message == streamed.choices[0].message
    for name in ("role", "content", "refusal", "reasoning", "finish_reason", "logprobs"):
        assert getattr(received.choices[0], name) == getattr(streamed.choices[0], name)
    for theirs, ours in zip(
        received.choices[0].tool_calls, streamed.choices[0].tool_calls, strict=True
    ):
        assert (theirs.id, theirs.type, theirs.name) == (ours.id, ours.type, ours.name)
        assert theirs.arguments == ours.arguments


def test_text_completions_keep_their_text():
    chunks = [
        {"id": "cmpl", "object": "text_completion", "choices": [{"index": 0, "text": one}]}
        for one in ("a", "b")
    ]
    answer = meant(chunks)
    assert answer.body["object"] == "text_completion"
    assert answer.body["choices"] == [
        {"index": 0, "text": "ab", "logprobs": None, "finish_reason": None}
    ]
    assert answer.choices[0].message is None


def test_ids_are_taken_from_the_first_chunk_that_says_one():
    chunks = [{**HELLO[0], "id": "", "model": "", "created": 0}, *HELLO[1:]]
    answer = meant(chunks)
    assert (answer.id, answer.model, answer.created) == ("chatcmpl-1", "m", 0)
    assert meant([{**one, "id": ""} for one in HELLO]).id == ""
    assert meant([chunk(choice(), id=None)]).id is None


@pytest.mark.parametrize(
    "chunks", [[], [None], [chunk()], [{}], [chunk(usage=USAGE)], [chunk("a")]]
)
def test_without_choices_nothing_was_meant(chunks):
    assert meant(chunks) is None


MESSAGE = {
    "role": "assistant",
    "content": None,
    "reasoning_content": "hm",
    "tool_calls": [
        {"id": "c1", "type": "function", "function": {"name": "f", "arguments": {"a": 1}}},
        {"id": "c2", "type": "custom", "custom": {"name": "sh", "input": "ls"}},
        "odd",
    ],
}


def test_a_whole_body_is_taken_as_received():
    body = {
        "id": 7,
        "choices": [{"index": "0", "message": MESSAGE, "finish_reason": ""}],
        "usage": [],
    }
    answer = whole(body)
    assert (answer.id, answer.model, answer.usage, answer.body) == (7, None, [], body)
    (one,) = answer.choices
    assert (one.index, one.role, one.content, one.reasoning) == ("0", "assistant", None, "hm")
    assert one.message is MESSAGE
    assert [(each.id, each.name, each.arguments) for each in one.tool_calls] == [
        ("c1", "f", {"a": 1}),
        ("c2", "sh", "ls"),
        (None, None, None),
    ]


@pytest.mark.parametrize("value", [None, [], "x", {}, {"choices": None}, {"choices": {}}])
def test_a_body_without_a_list_of_choices_is_no_answer(value):
    assert whole(value) is None


@pytest.mark.parametrize(
    "received", [None, 7, [], {}, {"message": "hi"}, {"message": {"tool_calls": 7}}]
)
def test_a_choice_that_is_none_is_kept_as_unknown(received):
    (one,) = whole({"choices": [received]}).choices
    assert (one.role, one.content, one.tool_calls) == (None, None, ())


def test_a_delta_in_a_whole_body_is_taken_for_the_message():
    (one,) = whole({"choices": [{"delta": {"role": "assistant", "content": "a"}}]}).choices
    assert (one.role, one.content) == ("assistant", "a")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.just("{}"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "arguments",
                    "choices",
                    "content",
                    "custom",
                    "delta",
                    "finish_reason",
                    "function",
                    "id",
                    "index",
                    "input",
                    "logprobs",
                    "message",
                    "name",
                    "object",
                    "role",
                    "text",
                    "tool_calls",
                    "type",
                    "usage",
                    "x_groq",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)
FRAGMENTS = st.lists(VALUES | st.builds(fragment, VALUES, id=VALUES, name=VALUES, arguments=VALUES))
CHUNKS = st.lists(
    VALUES
    | st.builds(lambda one: chunk(choice(one)), VALUES)
    | st.builds(lambda all_of_them: delta(tool_calls=all_of_them), FRAGMENTS)
)


@given(CHUNKS)
def test_no_chunks_make_anything_raise_or_change(chunks):
    before = copy.deepcopy(chunks)
    answer = meant(chunks)
    assert answer is None or isinstance(answer, Answer)
    sdk(chunks)
    for one in chunks:
        whole(one)
    assert repr(chunks) == repr(before)


SPLITS = st.lists(st.integers(0, 40), max_size=6)


def split(text, places):
    ends = sorted({min(place, len(text)) for place in places} | {len(text)})
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]


OBJECTS = st.dictionaries(st.text(max_size=3), st.text(max_size=5) | st.integers() | st.none())


@given(st.lists(st.tuples(OBJECTS, SPLITS), min_size=1, max_size=3), st.text(), SPLITS)
def test_what_is_streamed_well_is_meant_and_accumulated_alike(objects, text, places):
    chunks = [delta(role="assistant", content="")]
    chunks += [delta(content=part) for part in split(text, places)]
    for index, (value, cuts) in enumerate(objects):
        chunks.append(opening(index, f"c{index}", f"f{index}"))
        chunks += [call(index, arguments=part) for part in split(json.dumps(value), cuts)]
    chunks.append(delta("tool_calls"))
    expected = [(f"f{index}", json.dumps(value)) for index, (value, _) in enumerate(objects)]
    assert content(chunks) == text
    assert calls(chunks) == expected
    message = sdk(chunks).completion["choices"][0]["message"]
    assert message["content"] == text
    functions = [one["function"] for one in message["tool_calls"]]
    assert [(one["name"], one["arguments"]) for one in functions] == expected


@given(st.lists(st.tuples(OBJECTS, SPLITS), min_size=1, max_size=3), st.booleans())
def test_calls_that_all_have_index_0_are_meant_apart_by_their_ids(objects, named):
    chunks = []
    for number, (value, cuts) in enumerate(objects):
        chunks.append(opening(0, f"c{number}", "f"))
        repeated = {"id": f"c{number}"} if named else {}
        chunks += [call(0, arguments=part, **repeated) for part in split(json.dumps(value), cuts)]
    assert calls(chunks) == [("f", json.dumps(value)) for value, _ in objects]


def test_long_streams_are_put_together_in_linear_time():
    chunks = [delta(content="word " * 20, ids=[1])] * 100_000
    assert len(content(chunks)) == 10_000_000
    message = sdk(chunks).completion["choices"][0]["message"]
    assert len(message["content"]) == 10_000_000  # quadratic, it would take hours
    fragments = [
        opening(name="f", arguments='{"a":"'),
        *[call(name="f", arguments="x" * 50)] * 50_000,
    ]
    assert len(calls(fragments)[0][1]) == 2_500_006
