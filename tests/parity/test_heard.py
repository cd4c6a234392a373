"""What came back, as an answer: every way in which servers write it, and what is no witness."""

import json
import math

import pytest
from said import ask, exchange

from conformance.parity.heard import answer
from conformance.parity.model import Build, StageName
from conformance.wire.exchange import Ended

SPACE = "\u2581"


def chat(content="red", logprobs=None, usage=None, finish="length", **message):
    choice = {"index": 0, "message": {"role": "assistant", "content": content, **message}, "finish_reason": finish}
    return {
        "id": "1", "object": "chat.completion", "choices": [{**choice, "logprobs": logprobs}],
        "usage": usage or {"prompt_tokens": 12, "completion_tokens": 1}, "system_fingerprint": "fp",
    }  # fmt: skip


def token(text, logprob=-0.1, top=(), **more):
    return {"token": text, "logprob": logprob, **more, "top_logprobs": [token(*one) for one in top]} if top else {"token": text, "logprob": logprob, **more}


def heard(data, width=3, **about):
    return answer(ask(top_logprobs=width), exchange(data, **about))


def test_an_answer_with_its_list():
    found = heard(chat(logprobs={"content": [token("red", -0.2, [("blue", -2.0), ("red", -0.2)])]}))

    assert (found.text, found.trouble, found.finish, found.build) == ("red", "", "length", Build(fingerprint="fp"))
    assert (found.prompt_tokens, found.completion_tokens) == (12, 1)
    assert [(each.token, each.logprob) for each in found.positions[0].top] == [(b"red", -0.2), (b"blue", -2.0)]


LISTS = {
    "bytes count before the text": ([token("x", bytes=[226, 150]), token("y", -3)], [b"\xe2\x96", b"y"]),
    "bytes that are none": ([token("x", bytes=["a"]), token("y", -3, bytes=[999])], [b"x", b"y"]),
    "empty bytes": ([token("x", bytes=[])], [b"x"]),
    "a sampled token beyond the list is no part of it": ([token("a", -1), token("b", -2), token("c", -9)], [b"a", b"b"]),
    "one that comes twice counts once": ([token("a", -1), token("a", -1), token("b", -2)], [b"a", b"b"]),
    "marked spaces stay": ([token(f"{SPACE}a")], [f"{SPACE}a".encode()]),
    "no number": ([token("a", None), token("b", "x"), token("c", -1)], [b"c"]),
    "more than sure": ([token("a", 1000), token("b", float("inf")), token("c", -1)], [b"a", b"b"]),
    "no token": ([{"logprob": -1}, "x", None, token("c", -1)], [b"c"]),
    "nothing": ([], []),
    "the last is left out: it may stand there only because it came": ([token("a", -1), token("b", -2), token("z", -7)], [b"a", b"b"]),
    "a part of a character that is named": ([token("\ufffd", -0.5, bytes=[226, 150]), token("b", -2)], [b"\xe2\x96", b"b"]),
    "parts without a name are one": ([token("\ufffd", -1.6), token("", -1.6, bytes=[]), token("b", -1.9)], [b""]),
    "the last is left out before they are one": ([token("\ufffd", -1.6), token("", -1.6, bytes=[]), token("z", -7)], [b""]),
}


@pytest.mark.parametrize(("top", "tokens"), LISTS.values(), ids=LISTS)
def test_lists_however_they_are_written(top, tokens):
    one = {"token": "a", "logprob": -1.0, "top_logprobs": top}
    found = heard(chat(logprobs={"content": [one]}))

    assert [each.token for each in found.positions[0].top] == tokens


def test_minus_infinity_is_a_small_number():
    """Python's servers write it so, which is no JSON; others write -9999."""
    raw = json.dumps(chat(logprobs={"content": [token("a", -1, [("a", -1), ("b", -math.inf)])]})).encode()
    found = heard(raw)

    assert all(math.isfinite(each.logprob) for one in found.positions for each in one.top)


@pytest.mark.parametrize("logprobs", [None, {}, {"content": None}, {"content": "x"}, [], {"content": [None]}, {"tokens": ["a"]}])
def test_no_lists_are_no_trouble(logprobs):
    found = heard(chat(logprobs=logprobs))

    assert (found.positions, found.trouble) == ((), "")


def test_text_completions_have_their_own_lists():
    data = {
        "object": "text_completion",
        "choices": [{"index": 0, "text": " red", "finish_reason": "length", "logprobs": {
            "tokens": [" red"], "token_logprobs": [-0.3], "top_logprobs": [{" red": -0.3, " blue": -1.5}]}}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 1},
    }  # fmt: skip
    found = heard(data)

    assert found.text == " red"
    assert [each.token for each in found.positions[0].top] == [b" red", b" blue"]


TROUBLES = {
    "an error": (chat(), {"status": 429}, "status 429"),
    "no answer": (chat(), {"how": Ended.RESET}, "no answer"),
    "no completion": ({"ok": True}, {}, "no completion came"),
    "no choice": ({**chat(), "choices": []}, {}, "no completion came"),
    "garbage": (b"<html>", {}, "no completion came"),
    "thoughts beside the answer": (chat(content="", reasoning_content="Hm"), {}, "it thought first"),
    "thoughts inside the answer": (chat(content="<think>"), {}, "it thought first"),
    "a refusal": (chat(content=None, refusal="No."), {}, "it refused"),
}


@pytest.mark.parametrize(("data", "about", "words"), TROUBLES.values(), ids=TROUBLES)
def test_what_is_no_witness_says_why(data, about, words):
    assert heard(data, **about).trouble.startswith(words)


THOUGHT = [chat(content="", reasoning_content="Hm"), chat(content="<think>"), chat(content=None, refusal="No.")]


@pytest.mark.parametrize("data", THOUGHT)
def test_prompt_tokens_count_whatever_was_said(data):
    found = answer(ask(stage=StageName.RENDERING), exchange(data))

    assert (found.trouble, found.prompt_tokens) == ("", 12)


def test_a_long_answer_is_all_that_was_written():
    found = answer(ask(stage=StageName.LONG), exchange(chat(content="red", reasoning="I think")))
    unseen = answer(ask(stage=StageName.LONG), exchange(chat(content="")))

    assert (found.text, found.trouble) == ("I think red", "")
    assert unseen.trouble.startswith("its tokens were used up")


def test_of_several_choices_the_first_by_its_index_is_heard():
    """One was asked for: a server that sends more has answered all the same."""
    one, *_ = chat()["choices"]
    two = [{**one, "index": 1, "message": {"content": "blue"}}, {**one, "index": 0}]
    nameless = [{**one, "index": None}, {**one, "index": "x", "message": {"content": "blue"}}]

    assert heard({**chat(), "choices": two}).text == "red"
    assert heard({**chat(), "choices": nameless}).text == "red"
    assert heard({**chat(), "choices": [two[0]]}).text == "blue"
    assert answer(ask(stage=StageName.TASKS), exchange({**chat(finish="stop"), "choices": two})).text == "red"
    texts = [{"index": 1, "text": "blue"}, {"index": 0, "text": "red"}]
    assert heard({"object": "text_completion", "choices": texts}).text == "red"


def test_what_was_never_asked_is_no_witness():
    assert answer(ask(stage=StageName.SAMPLED), None).trouble == "not asked"


def test_usage_that_is_none_is_not_known():
    found = heard(chat(usage={"prompt_tokens": True, "completion_tokens": "1"}))

    assert (found.prompt_tokens, found.completion_tokens, found.tokens) == (None, None, 1)
