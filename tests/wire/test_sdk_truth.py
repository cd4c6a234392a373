"""`sdk` against the real openai SDK: the same completion, the same exception, at the same chunk."""

import warnings

import httpx2
import openai
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from streams import HELLO, WEATHER, call, choice, chunk, delta, event, fragment

from conformance.wire.assemble import sdk

LOGPROB = {"token": "a", "logprob": -1, "bytes": [97], "top_logprobs": []}
USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}


class Endpoint:
    """Streams chunks to a real client, and notes how many it asked for."""

    def __init__(self):
        self.chunks = []
        self.asked = 0
        transport = httpx2.MockTransport(self.answer)
        self.client = openai.OpenAI(
            api_key="none",
            base_url="http://endpoint.invalid/v1",
            max_retries=0,
            http_client=httpx2.Client(transport=transport),
        )

    def answer(self, request):
        return httpx2.Response(
            200, headers={"content-type": "text/event-stream"}, content=self.events()
        )

    def events(self):
        for self.asked, one in enumerate(self.chunks):  # noqa: B020
            yield event(one)
        yield b"data: [DONE]\n\n"

    def accumulate(self, chunks):
        """What the SDK makes of chunks: completion, name of its exception, chunk of the crash."""
        self.chunks, self.asked = chunks, 0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pydantic remarks on wrongly typed members
            with self.client.chat.completions.stream(model="m", messages=[]) as stream:
                try:
                    stream.until_done()
                except Exception as problem:  # noqa: BLE001
                    return None, type(problem).__name__, self.asked
                try:
                    return stream.current_completion_snapshot.to_dict(), "", None
                except AssertionError:
                    return None, "AssertionError", None


def without_nulls(value):
    """Models of the SDK have members that were never sent, as None."""
    if isinstance(value, dict):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    return [without_nulls(one) for one in value] if isinstance(value, list) else value


ENDPOINT = Endpoint()


def assert_same(chunks):
    completion, crash, at = ENDPOINT.accumulate(chunks)
    ours = sdk(chunks)
    assert (ours.crash.partition(" ")[0], ours.at) == (crash, at)
    if not crash:
        assert without_nulls(ours.completion) == without_nulls(completion)


DEVIANT = {
    "text": HELLO,
    "tool calls": WEATHER,
    "role in every chunk": [delta(role="assistant", content=one) for one in "abc"],
    "id and name in every fragment": [
        call(id="c1", type="function", name="f", arguments=one) for one in ("{", "}")
    ],
    "id empty, name null later": [
        call(id="c1", type="function", name="f", arguments="{"),
        call(id="", name=None, arguments="}"),
    ],
    "index missing": [call(None, id="c1", type="function", name="f", arguments="{}")],
    "index missing in the second fragment": [
        call(id="c1", type="function", name="f", arguments="{"),
        call(None, arguments="}"),
    ],
    "index null": [delta(tool_calls=[{"index": None, "id": "c", "function": {"name": "f"}}])],
    "index as text": [call("0", id="c1", type="function", name="f", arguments="{}")],
    "index as text, and arguments an object": [
        call("0", id="c1", type="function", name="f", arguments={})
    ],
    "index a float": [call(0.0, id="c1", type="function", name="f", arguments="{}")],
    "index as a fraction": [call("0.5", id="c1", type="function", name="f", arguments="{}")],
    "index as text with a point": [call("0.", id="c1", type="function", name="f", arguments="{}")],
    "index in other digits": [call("٠", id="c1", type="function", name="f", arguments="{}")],
    "index beyond 64 bits": [call(2.0**63, id="c1", type="function", name="f", arguments="{}")],
    "index half": [call(0.5, id="c1", type="function", name="f", arguments="{}")],
    "index true": [call(id="c0", type="function", name="f"), call(True, id="c1", name="g")],
    "index from 1": [delta(role="assistant"), call(1, id="c1", type="function", name="f")],
    "index from 1 in the first chunk": [call(1, id="c1", type="function", name="f")],
    "negative index": [call(-1, id="c1", type="function", name="f"), call(-1, arguments="{}")],
    "negative index that moves others": [
        call(-1, id="c1", type="function", name="f"),
        call(-2, id="c2", type="function", name="g", arguments="{}"),
        call(-2, arguments="!"),
        call(1, arguments="?"),
    ],
    "negative index that moves a function away": [
        call(-1, id="c1", type="function", name="f"),
        call(-2, id="c2", type="custom", name="g"),
    ],
    "huge index": [call(id="c1", type="function", name="f"), call(10**30, arguments="{}")],
    "two calls share index 0": [
        call(id="c1", type="function", name="f", arguments='{"a":1}'),
        call(id="c2", type="function", name="g", arguments='{"b":2}'),
    ],
    "type missing": [call(id="c1", name="f", arguments="{"), call(arguments="}")],
    "type empty": [call(id="c1", type="", name="f", arguments="{"), call(arguments="}")],
    "type null later": [
        call(id="c1", type="function", name="f", arguments="{"),
        call(type=None, arguments="}"),
    ],
    "type custom": [
        delta(tool_calls=[{"index": 0, "id": "c", "type": "custom", "custom": {"input": "x"}}]),
        delta(tool_calls=[{"index": 0, "custom": {"input": "y"}}]),
    ],
    "arguments an object": [
        call(id="c1", type="function", name="f", arguments={"a": 1}),
        call(arguments={"b": 2}),
    ],
    "only index": [call(id="c1", type="function", name="f"), call()],
    "only index and type": [call(type="function")],
    "function null": [delta(tool_calls=[{"index": 0, "type": "function", "function": None}])],
    "function a text": [delta(tool_calls=[{"index": 0, "type": "function", "function": "f"}])],
    "two fragments for one index in one chunk": [
        delta(
            tool_calls=[
                fragment(id="c1", type="function", name="f", arguments="{"),
                fragment(arguments="}"),
            ]
        )
    ],
    "tool_calls empty everywhere": [
        delta(role="assistant", content=one, tool_calls=[]) for one in ("a", "b")
    ],
    "tool_calls an object": [delta(tool_calls={"index": 0})],
    "tool_calls a text": [delta(tool_calls="f")],
    "tool_calls a number": [delta(tool_calls=7)],
    "tool_calls of texts": [delta(tool_calls=["f"])],
    "first chunk has only choice 1": [chunk(choice({"role": "assistant"}, index=1))],
    "choices in reverse order": [
        chunk(choice({"content": "b"}, index=1), choice({"content": "a"}, index=0)),
        chunk(choice({"content": "B"}, index=1), choice({"content": "A"}, index=0)),
    ],
    "choices in reverse order, one with a tool call": [
        chunk(
            choice({"tool_calls": [fragment(id="c", type="function", name="f")]}, index=1),
            choice({"content": "a"}, index=0),
        ),
        chunk(choice({}, "stop", index=0)),
    ],
    "choices with the same index": [
        chunk(choice({"content": "a"}), choice({"content": "b"})),
        chunk(choice({"content": "c"})),
        chunk(choice({"content": "d"}, index=1)),
    ],
    "choices introduced out of order": [
        chunk(choice({"content": "a"})),
        chunk(choice({"content": "c"}, index=2)),
    ],
    "a choice with a negative index, and a tool call": [
        HELLO[0],
        chunk(choice({"tool_calls": [fragment(id="c", type="function", name="f")]}, index=-2)),
    ],
    "choices interleaved": [
        chunk(choice({"role": "assistant", "content": "a"})),
        chunk(choice({"role": "assistant", "content": "b"}, index=1)),
        chunk(choice({"content": "A"})),
        chunk(choice({"content": "B"}, "stop", index=1)),
    ],
    "usage last": [*HELLO, chunk(usage=USAGE)],
    "usage before the last chunk": [*HELLO, chunk(usage=USAGE), chunk()],
    "usage everywhere": [{**one, "usage": USAGE} for one in HELLO],
    "usage as texts": [*HELLO, chunk(usage={name: str(one) for name, one in USAGE.items()})],
    "usage incomplete": [*HELLO, chunk(usage={"prompt_tokens": "1", "cost": 0.1})],
    "delta null": [*HELLO[:3], chunk({"index": 0, "delta": None, "finish_reason": "stop"})],
    "delta absent": [*HELLO[:3], chunk({"index": 0, "finish_reason": "stop"})],
    "delta null at first": [chunk({"index": 0, "delta": None})],
    "delta a list": [chunk({"index": 0, "delta": []})],
    "message instead of delta": [chunk({"index": 0, "message": {"content": "a"}})],
    "choices null at first": [chunk(choices=None)],
    "choices null": [*HELLO, chunk(choices=None)],
    "choices absent": [*HELLO, {"object": "chat.completion.chunk"}],
    "choices absent at first": [{"object": "chat.completion.chunk"}],
    "choices an object": [chunk(choices={}), chunk(choices={"index": 0})],
    "choices an object, then a list": [chunk(choices={}), *HELLO],
    "choices of texts": [chunk("a")],
    "choices of texts later": [*HELLO, chunk("a")],
    "choices of lists": [chunk([]), *HELLO],
    "choice index missing": [chunk({"delta": {"content": "a"}})],
    "choice index missing later": [*HELLO, chunk({"delta": {"content": "a"}})],
    "choice index as text": [chunk(choice({"content": "a"}, index="0"))],
    "reasoning_content": [delta(reasoning_content=one) for one in "abc"],
    "list of objects without index": [delta(details=[{"text": "a"}]) for _ in range(2)],
    "list of objects with index": [delta(details=[{"index": 0, "text": "a"}]) for _ in range(3)],
    "list of objects with an index as text": [delta(d=[{"index": "0"}]) for _ in range(2)],
    "list of scalars": [delta(ids=[1, "a", 2.5]) for _ in range(3)],
    "list of scalars, then objects": [delta(ids=[1]), delta(ids=[{"index": 0}]), delta(ids=[2])],
    "empty list, then objects": [delta(ids=[]), delta(ids=[{"index": 0}]), delta(ids=[{"a": 1}])],
    "list of nulls": [delta(ids=[None]), delta(ids=[1])],
    "numbers": [delta(progress=0.5, count=1, ready=True) for _ in range(3)],
    "numbers too large": [delta(n=10**400), delta(n=0.5)],
    "objects": [delta(extra={"a": "x", "b": {"c": [1]}}) for _ in range(3)],
    "kinds that differ": [delta(extra="x"), delta(extra=1), delta(extra=None), delta(extra=["y"])],
    "content of parts": [delta(content=[{"type": "text", "text": "a"}]) for _ in range(2)],
    "content a number": [delta(content=1), delta(content=2)],
    "finish_reason unknown": [*HELLO[:3], delta("insufficient_system_resource")],
    "finish_reason empty": [delta("", content="a"), delta("stop")],
    "finish_reason said twice": [*HELLO, delta("length")],
    "logprobs": [
        chunk(choice({"content": "a"}, logprobs={"content": [LOGPROB]})),
        chunk(choice({"content": "a"}, logprobs={"content": [LOGPROB], "refusal": [LOGPROB]})),
        chunk(choice({"content": "a"}, logprobs={"content": [LOGPROB], "refusal": [LOGPROB]})),
        chunk(choice({}, "stop", logprobs=None)),
    ],
    "logprobs of a late choice": [
        chunk(choice({"content": "a"}, logprobs={"content": [LOGPROB]})),
        chunk(choice({"content": "b"}, index=1, logprobs={"content": [LOGPROB]})),
    ],
    "logprobs in text": [
        chunk(choice({"content": "a"}, logprobs={"content": [{**LOGPROB, "logprob": one}]}))
        for one in ("-0.5", " 1e3", "٠", "x", 10**20)
    ],
    "logprobs begin late": [
        delta(content="a"),
        chunk(choice({"content": "b"}, logprobs={"content": [LOGPROB], "more": 1})),
    ],
    "logprobs of another kind": [
        chunk(choice({"content": "a"}, logprobs={"content": "x"})),
        chunk(choice({"content": "a"}, logprobs={"content": ["y"]})),
    ],
    "logprobs a list": [chunk(choice({"content": "a"}, logprobs=[]))],
    "logprobs a list later": [delta(content="a"), chunk(choice({}, logprobs=[LOGPROB]))],
    "logprobs with tokens that are none": [
        chunk(choice({"content": "a"}, logprobs={"content": {"a": 1}})),
        chunk(choice({"content": "a"}, logprobs={"content": {"a": 1}})),
    ],
    "error in the stream": [*HELLO[:2], {"error": {"message": "no", "code": 500}}],
    "error as text": [*HELLO[:2], {"error": "no"}],
    "error object without error": [*HELLO[:2], {"object": "error", "message": "no"}],
    "no chunk of that object": [{"id": "a", "choices": []}],
    "object empty in between": [HELLO[0], chunk(object=""), *HELLO[1:]],
    "null": [*HELLO[:2], None],
    "a list": [[]],
    "a list of objects": [[HELLO[0]]],
    "a text": ["hello"],
    "obfuscation": [{**one, "obfuscation": "xyz"} for one in HELLO],
    "service_tier": [{**one, "service_tier": "default"} for one in HELLO],
    "system_fingerprint": [*HELLO, chunk(system_fingerprint="fp")],
    "moderation a text": [*HELLO, chunk(moderation="flagged")],
    "moderation": [*HELLO, chunk(moderation={"input": {"type": "error", "code": "x"}})],
    "refusal": [delta(role="assistant", refusal="I"), delta(refusal=" won't"), delta("stop")],
    "function_call": [
        delta(function_call={"name": "f", "arguments": "{"}),
        delta(function_call={"arguments": "}"}),
        delta("function_call"),
    ],
    "audio": [
        delta(audio={"id": "a", "data": "AA", "transcript": "x"}),
        delta(audio={"data": "BB", "transcript": "y"}),
        delta(audio={"expires_at": 5}),
        delta(audio={"expires_at": "7"}),
    ],
}


@pytest.mark.parametrize("chunks", DEVIANT.values(), ids=DEVIANT)
def test_a_deviant_stream_ends_as_in_the_sdk(chunks):
    assert_same(chunks)


def test_what_an_error_in_the_stream_says_is_what_the_sdk_says():
    assembly = sdk([*HELLO[:2], {"error": {"message": "out of memory"}}])
    assert assembly.crash == "APIError at chunk 2: out of memory"
    assert assembly.completion["choices"][0]["message"]["content"] == "Hel"


def test_a_server_that_says_too_much_is_cut_short():
    assert len(sdk([{"error": {"message": "no" * 10_000}}]).crash) < 600


def test_no_chunks_are_nothing_to_say():
    assert sdk([]) == type(sdk([]))(completion=None, crash="", at=None)


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 3),
    st.sampled_from([0.0, 0.5, 1e300, 10**20, "", "a", "0", "1.0", " 1", "1_0", "function", "x"]),
    st.lists(st.integers(0, 2), max_size=2),
    st.lists(st.fixed_dictionaries({"index": st.integers(0, 1)}), max_size=2),
    st.dictionaries(st.sampled_from(["a", "index", "type"]), st.integers(0, 1), max_size=2),
)
NAMES = [
    "arguments",
    "choices",
    "content",
    "delta",
    "finish_reason",
    "function",
    "id",
    "index",
    "logprobs",
    "message",
    "name",
    "object",
    "refusal",
    "role",
    "token",
    "tool_calls",
    "type",
    "usage",
    "x",
]


def paths(value, path=()):
    """Every place in a value."""
    yield path
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, one in items:
            yield from paths(one, (*path, key))


def changed(value, path, draw):
    """The value with one place removed, replaced, doubled, or with another member."""
    if isinstance(value, dict):
        value = dict(value)
    elif isinstance(value, list):
        value = list(value)
    if len(path) > 1:
        value[path[0]] = changed(value[path[0]], path[1:], draw)
        return value
    how = draw(st.sampled_from(["remove", "replace", "double", "add"]))
    place = value[path[0]]
    if how == "remove":
        del value[path[0]]
    elif how == "double" and isinstance(value, list):
        value.insert(path[0], place)
    elif how == "add" and isinstance(place, dict):
        value[path[0]] = {**place, draw(st.sampled_from(NAMES)): draw(ODD)}
    else:
        value[path[0]] = draw(ODD)
    return value


@st.composite
def mutated(draw):
    chunks = draw(st.sampled_from([one for one in DEVIANT.values() if len(one) > 1]))
    for _ in range(draw(st.integers(1, 4))):
        places = [path for path in paths(chunks) if path]
        if places:
            chunks = changed(chunks, draw(st.sampled_from(places)), draw)
    return chunks


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(mutated())
def test_a_mutated_stream_ends_as_in_the_sdk(chunks):
    assume(chunks)
    assert_same(chunks)
