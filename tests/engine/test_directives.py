"""Directives: what they stand for, and what happens where they cannot be resolved."""

import base64
import dataclasses
import json

import pytest
from scripted import answer, chunked, provider

from conformance.engine.directives import NotAnsweredError, Scene, dump, merged
from conformance.engine.thread import GENERIC_RESULT
from conformance.errors import HarnessError
from conformance.providers.model import Limits
from conformance.wire.exchange import End, Ended, Exchange, Request
from conformance.wire.piece import Ns, Piece

CALLS = [
    {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}},
    {"id": "call_2", "type": "function", "function": {"name": "other", "arguments": "{}"}},
    {"function": 3},
]


def exchange(asked, said):
    return Exchange(
        step="ask",
        attempt=1,
        request=Request(
            method="POST", url="http://h", headers=(), body=json.dumps(asked).encode(), at=Ns(1)
        ),
        sent=(),
        received=(Piece(at=Ns(2), data=said),),
        end=End(how=Ended.COMPLETE, at=Ns(3)),
    )


def said(**message):
    message = {"role": "assistant", "content": None, **message}
    return answer(
        json.dumps(
            {
                "id": "1",
                "object": "chat.completion",
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            }
        ).encode()
    )


@pytest.fixture
def scene(tmp_path):
    one = provider(
        "http://h/v1",
        model="chat-1",
        models={"reasoning": "think-1"},
        limits=Limits(context_tokens=4),
    )
    asked = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "n": 2}
    return Scene(
        provider=one,
        axes={"stream": True, "size": 3, "row": {"id": "x", "stop": None}},
        nonce="abc123",
        folder=tmp_path / "suites",
        captured={"ask.id": "call_1", "ask.none": None, "ask.trap": {"$file": "/etc/hostname"}},
        steps={"ask": exchange(asked, said(tool_calls=CALLS))},
    )


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ({"$var": "provider.model"}, "chat-1"),
        ({"$var": "provider.models.reasoning"}, "think-1"),
        ({"$var": "provider.models.vision"}, "chat-1"),
        ({"$var": "axis.stream"}, True),
        ({"$var": "trial.nonce"}, "abc123"),
        ({"$var": "ask.id"}, "call_1"),
        ({"$var": "ask.none"}, None),
        ({"$var": "ask.trap"}, {"$file": "/etc/hostname"}),
        ({"$var": "ask.sent.body.n"}, 2),
        ({"$var": "ask.sent.body.messages[0].content"}, "hi"),
        ({"a": {"$omit": True}, "b": None}, {"b": None}),
        ({"$repeat": {"text": "ab", "times": 3}}, "ababab"),
        ({"$repeat": {"entry": "ab", "times": 3}}, ["ab", "ab", "ab"]),
        ({"a": {"$optional": "axis.row.stop"}, "b": 1}, {"a": None, "b": 1}),
        ({"a": {"$optional": "axis.row.n"}, "b": 1}, {"b": 1}),
        ({"$quote": "org/my model"}, "org%2Fmy%20model"),
        ({"$repeat": {"text": "ab", "times": {"$var": "axis.size"}}}, "ababab"),
        ({"$repeat": {"text": "a ", "times": {"$var": "provider.context_tokens"}}}, "a a a a "),
        (
            {"$concat": ["/models/", {"$var": "ask.id"}, "-", {"$var": "axis.size"}]},
            "/models/call_1-3",
        ),
        ({"$ref": "#/x"}, {"$ref": "#/x"}),
        ({"$var": "provider.model", "other": 1}, {"$var": "provider.model", "other": 1}),
        ([1, {"deep": [{"$var": "axis.size"}]}], [1, {"deep": [3]}]),
        ("$var", "$var"),
    ],
    ids=str,
)
def test_a_directive_stands_for_a_value(scene, template, value):
    assert scene.value(template) == value


def test_a_thread_is_the_conversation_so_far_with_one_result_per_call(scene):
    thread = scene.value({"$thread": {"after": "ask", "results": {"weather": "cold"}}})

    assert thread == [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": None, "tool_calls": CALLS},
        {"role": "tool", "tool_call_id": "call_1", "content": "cold"},
        {"role": "tool", "tool_call_id": "call_2", "content": GENERIC_RESULT},
        {"role": "tool", "tool_call_id": None, "content": GENERIC_RESULT},
    ]


OUTPUT = [
    {"type": "reasoning", "id": "rs_1", "summary": []},
    {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "weather", "arguments": "{}"},
    {"type": "function_call", "id": "fc_2", "call_id": None, "name": 3, "arguments": "{}"},
]


@pytest.mark.parametrize("asked", ["hi", [{"role": "user", "content": "hi"}]])
def test_a_thread_of_responses_goes_on_with_the_items_as_they_came(scene, asked):
    body = json.dumps({"object": "response", "status": "completed", "output": OUTPUT}).encode()
    scene.steps["ask"] = exchange({"input": asked}, answer(body))

    assert scene.value({"$thread": {"after": "ask", "results": {"weather": "cold"}}}) == [
        {"role": "user", "content": "hi"},
        *OUTPUT,
        {"type": "function_call_output", "call_id": "call_1", "output": "cold"},
        {"type": "function_call_output", "call_id": None, "output": GENERIC_RESULT},
    ]


def test_nothing_goes_on_after_a_response_without_output(scene):
    scene.steps["ask"] = exchange({"input": "hi"}, answer(b'{"object": "response", "output": []}'))

    with pytest.raises(NotAnsweredError):
        scene.value({"$thread": {"after": "ask"}})


def test_a_thread_goes_on_after_a_streamed_answer(scene):
    chunks = [
        {
            "id": "1",
            "object": "chat.completion.chunk",
            "choices": [{"index": 0, "delta": delta, "finish_reason": None}],
        }
        for delta in ({"role": "assistant", "content": ""}, {"content": "Hel"}, {"content": "lo"})
    ]
    body = (
        b"".join(b"data: %s\n\n" % json.dumps(each).encode() for each in chunks)
        + b"data: [DONE]\n\n"
    )
    scene.steps["ask"] = exchange(
        {"messages": []}, chunked(body, headers=["Content-Type: text/event-stream"])
    )

    message = scene.value({"$thread": {"after": "ask"}})[0]

    assert (message["role"], message["content"]) == ("assistant", "Hello")


@pytest.mark.parametrize(
    "received", [answer(b"oops", status="500 Oops"), answer(b'{"choices": []}'), b""]
)
def test_an_answer_without_a_message_has_no_thread(scene, received):
    scene.steps["ask"] = exchange({"messages": []}, received)

    with pytest.raises(NotAnsweredError):
        scene.value({"$thread": {"after": "ask"}})


def test_a_capture_that_found_nothing_ends_the_trial_and_is_no_error_of_ours(scene):
    with pytest.raises(NotAnsweredError):
        scene.value({"deep": [{"$var": "ask.missing"}]})


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ({"$var": "axis.none"}, "refers to nothing"),
        ({"$var": "later.id"}, "refers to nothing"),
        ({"$var": "provider.key"}, "only provider.model"),
        ({"$var": "ask.sent.body.top"}, "has no such place"),
        ({"$thread": {"after": "later"}}, "no such step"),
        ({"$file": "../outside.png"}, "outside of the suite's folder"),
        ({"$file": "/etc/hostname"}, "outside of the suite's folder"),
        ({"$file": "none.png"}, "No such file"),
        ({"$omit": True}, "stands for no value"),
    ],
    ids=str,
)
def test_a_directive_that_means_nothing_is_our_mistake(scene, template, reason):
    with pytest.raises(HarnessError) as caught:
        scene.value(template)

    assert reason in str(caught.value)


def test_a_model_that_is_not_known_is_said(scene):
    nameless = dataclasses.replace(scene, provider=provider("http://h/v1", model=None))

    with pytest.raises(HarnessError, match=r"providers.toml:1: provider p has no `model`"):
        nameless.value({"$var": "provider.model"})


def test_a_file_becomes_a_data_uri(scene):
    folder = scene.folder / "pictures"
    folder.mkdir(parents=True)
    (folder / "dot.png").write_bytes(b"\x89PNG")

    assert (
        scene.value({"$file": "pictures/dot.png"})
        == "data:image/png;base64," + base64.b64encode(b"\x89PNG").decode()
    )


def test_a_link_out_of_the_folder_is_refused(scene, tmp_path):
    scene.folder.mkdir()
    (tmp_path / "secret").write_text("x")
    (scene.folder / "link.png").symlink_to(tmp_path / "secret")

    with pytest.raises(HarnessError, match="outside"):
        scene.value({"$file": "link.png"})


@pytest.mark.parametrize(
    ("body", "data"),
    [
        ({"b": 1, "a": [1.5, None, True]}, b'{"b":1,"a":[1.5,null,true]}'),
        ({"text": "naïve 😀"}, '{"text":"naïve 😀"}'.encode()),
        ({"text": "\ud800"}, b'{"text":"\\ud800"}'),
    ],
)
def test_json_goes_out_compact_in_order_and_as_utf8(body, data):
    assert dump(body) == data


def test_fragments_are_laid_over_the_body_key_by_key():
    body = {"a": 1, "deep": {"x": 1, "y": 2}, "list": [1]}

    assert merged(body, [{"deep": {"y": 3, "z": {"w": 1}}, "list": [2]}, {"b": None}]) == {
        "a": 1,
        "deep": {"x": 1, "y": 3, "z": {"w": 1}},
        "list": [2],
        "b": None,
    }
    assert body["deep"] == {"x": 1, "y": 2}
