"""Rows for likewise.py: answers to one question, asked in several ways."""

from build import (
    DROP,
    M,
    bad,
    call,
    called,
    calling,
    failing,
    fragment,
    good,
    hello,
    saying,
    spoken,
)
from build import OPEN as OPENED
from table_responses import CALL, MESSAGE, at_the_end, edited, replied
from table_texts import choice, choices, text

from conformance.wire.exchange import Ended

FORCED = {"tool_choice": "required"}
CUT = {"choices.0.finish_reason": "length"}
HERS = {"index": 1, "message": {"role": "assistant", "content": "Hi.", "refusal": None}, "logprobs": None, "finish_reason": "stop"}


def asked_before(exchange, name="whole"):
    return {"step": name, "steps": {name: exchange}}


def three(control, whole):
    return {"step": "whole", "control": "plain", "steps": {"whole": whole, "plain": control}}


def two(*contents):
    """A completion with these choices."""
    listed = [HERS | {"index": place, "message": HERS["message"] | {"content": each}} for place, each in enumerate(contents)]
    return hello({"choices": listed})


def halved(arguments, **known):
    return calling({f"{M}.tool_calls": [call(arguments=arguments)], **CUT}, **known)


TABLE = {
    "same_answer": [
        good("the same, streamed", spoken(), **asked_before(saying("Hello."))), good("the same call, with another id and other blanks", calling({f"{M}.tool_calls.0.id": "x"}), **asked_before(called())),
        good("nothing beside a call, and no text", calling({f"{M}.content": ""}), **asked_before(calling())),
        good("told as stop where a call was forced", calling({"choices.0.finish_reason": "stop"}, asked=FORCED), **asked_before(calling())),
        good("choices in another order", hello({"choices": [HERS | {"message": HERS["message"] | {"content": "Ho."}}, HERS | {"index": 0}]}), **asked_before(two("Hi.", "Ho."))),
        good("a forced call that was cut, and left out", hello({f"{M}.content": "", **CUT}, asked=FORCED), **asked_before(halved('{"ci', asked=FORCED))),
        good("a response, streamed", at_the_end(), **asked_before(replied())), good("a text", text(), **asked_before(text())),
        bad("a letter lost", spoken(), **asked_before(saying("Hello!"))), bad("a blank lost", saying("Hello."), **asked_before(saying(" Hello."))),
        bad("the second choice", two("Hi.", "Ho."), **asked_before(two("Hi.", "Ho!"))), bad("a choice lost", two("Hi."), **asked_before(two("Hi.", "Hi."))),
        bad("other arguments", called(OPENED, fragment(arguments='{"city": "Rome"}')), **asked_before(calling())), bad("no call", hello(), **asked_before(calling())),
        bad("another end", hello(CUT), **asked_before(hello())), bad("no answer there", hello(), **asked_before(failing())),
        bad("another text, cut", hello({f"{M}.content": "Hell", **CUT}), **asked_before(hello({f"{M}.content": "Hel", **CUT}))),
        bad("a response", at_the_end(None, edited(MESSAGE, {"content.0.text": "Hullo."})), **asked_before(replied())),
        bad("a response without its call", at_the_end(), **asked_before(replied({"output": [MESSAGE, CALL]}))),
        bad("a text", choices(choice(" four.")), **asked_before(text())),
    ],
    "no_two_agree": [
        good("three", saying("A"), **three(saying("B"), saying("C"))), good("no whole answer", saying("A"), **three(saying("A"), failing())),
        good("choices that vary", two("A", "B"), **three(saying("A"), two("A", "C"))),
        bad("the whole and the control", saying("A"), **three(saying("B"), saying("B"))), bad("the stream and the control", saying("A"), **three(saying("A"), saying("B"))),
        bad("the stream and the whole", saying("A"), **three(saying("B"), saying("A"))), bad("each choice as the control has it", two("A", "B"), **three(saying("A"), two("A", "A"))),
    ],
    "prompt_counted_alike": [
        good("as many", spoken(), **asked_before(hello())), good("not counted here", hello({"usage": DROP}), **asked_before(hello())), good("not counted there", hello(), **asked_before(hello({"usage": DROP}))),
        good("no answer there", hello(), **asked_before(failing())), good("nothing, which is for USAGE-003", hello({"usage.prompt_tokens": 0}), **asked_before(hello())), good("broken off", hello(end=Ended.CLOSED), **asked_before(hello({"usage.prompt_tokens": 99}))),
        bad("one more", hello({"usage.prompt_tokens": 99}), **asked_before(hello())), bad("in a response", replied({"usage.input_tokens": 99}), **asked_before(replied())),
    ],
}  # fmt: skip
