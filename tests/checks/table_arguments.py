"""Rows for arguments.py, and those of other checks on calls that came in with it."""

import html
import json

from build import (
    CALL,
    OPEN,
    TOOLS,
    C,
    M,
    bad,
    call,
    called,
    calling,
    failing,
    fragment,
    good,
    hello,
)

TEXT = 'She said "naïve" — 世界 \\ <b>\nand left.'
NOTE = [{"type": "function", "function": {"name": "save_note", "parameters": {"type": "object", "properties": {"text": {"type": "string"}}}}}]
SAYS = {"name": "save_note", "argument": "text", "text": TEXT}


def noting(text):
    """A call that saves a note with this text."""
    return calling({f"{M}.tool_calls": [call("save_note", json.dumps({"text": text}))]}, tools=NOTE)


def plain(arguments):
    return calling({f"{C}.function": {"name": "save_note", "arguments": arguments}}, tools=NOTE)


ONE = calling(step="other")
TWO = [CALL, CALL | {"id": "call_2"}]

TABLE = {
    "only_offered_tools_are_called": [
        good("an offered one", calling()), good("none", hello(asked={"tools": TOOLS})), good("streamed", called()),
        bad("another", calling({f"{C}.function.name": "send_email"})), bad("in another case", calling({f"{C}.function.name": "Get_weather"})),
        bad("the second of two", calling({f"{M}.tool_calls": [CALL, call("send_email", "{}", id="call_2")]})),
        bad("streamed", called(OPEN | {"function": {"name": "no_tool", "arguments": "{}"}})),
    ],
    "not_called": [
        good("no call", hello(), name="get_weather"), good("another", calling(), name="now"), good("streamed", called(), name="now"),
        bad("that one", calling(), name="get_weather"), bad("streamed", called(), name="get_weather"), bad("no answer", failing(), name="now"),
    ],
    "argument_says": [
        good("that text", noting(TEXT), **SAYS), good("escaped, as JSON may be", plain(json.dumps({"text": TEXT}, ensure_ascii=True)), **SAYS),
        good("encoded once more", noting(json.dumps(TEXT)[1:-1]), **SAYS), good("as entities", noting(html.escape(TEXT)), **SAYS),
        good("read as another charset", noting(TEXT.encode().decode("latin-1")), **SAYS),
        good("read as a number", noting("123456"), **SAYS | {"text": "123_456"}), good("written as a number", noting("100000.0"), **SAYS | {"text": "1e5"}), good("without its zeros", noting("7"), **SAYS | {"text": "007"}),
        good("with its entities read", noting("a < b"), **SAYS | {"text": "a &lt; b"}),
        bad("another number", noting("123457"), **SAYS | {"text": "123_456"}), bad("copied badly", noting(TEXT.replace("naïve", "naive")), **SAYS), bad("with more around it", noting(f"{TEXT} "), **SAYS),
        bad("another member", plain(json.dumps({"note": TEXT})), **SAYS), bad("a number", plain('{"text": 7}'), **SAYS),
        bad("no JSON", plain('{"text": "She'), **SAYS), bad("no text at all", plain(None), **SAYS), bad("another tool", calling(), **SAYS),
        bad("no call", hello(), **SAYS), bad("no answer", failing(), **SAYS),
    ],
    "same_calls": [
        good("the same", calling(), step="other", steps={"other": ONE}), good("other blanks and another id", calling({f"{C}.function.arguments": '{ "city":"Oslo" }', f"{C}.id": "x"}), step="other", steps={"other": ONE}),
        good("streamed", called(), step="other", steps={"other": ONE}), good("none in either", hello(), step="other", steps={"other": hello(step="other")}),
        good("blanks beside them", calling({f"{M}.content": " \n"}), step="other", steps={"other": ONE}),
        bad("words beside them", calling({f"{M}.content": "Let me see."}), step="other", steps={"other": ONE}),
        bad("another city", called(OPEN, fragment(arguments='{"city": "Rome"}')), step="other", steps={"other": ONE}),
        bad("the last brace is missing", called(OPEN, fragment(arguments='{"city": "Oslo"')), step="other", steps={"other": ONE}),
        bad("one of two", called(), step="other", steps={"other": calling({f"{M}.tool_calls": TWO}, step="other")}),
        bad("no call", hello(), step="other", steps={"other": ONE}), bad("no answer there", calling(), step="other", steps={"other": failing(step="other")}),
    ],
}  # fmt: skip
