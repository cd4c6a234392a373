"""Rows for response_says.py, and for what a response tells of its reasoning."""

from build import bad, good
from table_responses import (
    CALL,
    CUT,
    FLAT,
    MESSAGE,
    NOW,
    THOUGHT,
    at_the_end,
    calling,
    edited,
    replied,
    saying,
)

STRICT = FLAT | {"strict": True, "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}}
CITY = FLAT | {"parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}


def arguing(text, tool=CITY, edits=None, **members):
    """A response that calls a tool with this text for arguments."""
    return calling(CALL | {"arguments": text} | members, asked={"tools": [tool, NOW]}, edits=edits)


def streamed(text, tool=CITY):
    return at_the_end(None, CALL | {"arguments": text}, asked={"tools": [tool, NOW]})


def told(text):
    return at_the_end(None, edited(MESSAGE, {"content.0.text": text}))


SUMMED = THOUGHT | {"summary": [{"type": "summary_text", "text": "They greet."}]}
BLANK = {"type": "summary_text", "text": " "}

TABLE = {
    "summary_told": [
        good("in one document", calling(SUMMED)), good("streamed", at_the_end(None, SUMMED)), good("one of two", calling(SUMMED | {"summary": [BLANK, *SUMMED["summary"]]})),
        bad("an empty list", calling(THOUGHT)), bad("null", calling(THOUGHT | {"summary": None})), bad("blank", calling(THOUGHT | {"summary": [BLANK]})),
        bad("no reasoning", replied()), bad("streamed empty", at_the_end(None, THOUGHT)),
    ],
    "response_arguments_are_an_object": [
        good("standard", arguing('{"city": "Oslo"}')), good("streamed", streamed('{"city": "Oslo"}')), good("spaced", arguing('\n{ "city":"Oslo" } ')),
        good("of nothing", arguing("{}", name="now")),
        bad("empty", arguing("")), bad("half", arguing('{"city": "Os')), bad("twice", arguing('{"city": "Oslo"}{"city": "Oslo"}')),
        bad("words", arguing("Oslo")), bad("as a string", arguing('"{}"')), bad("streamed empty", streamed("")), bad("a list where it is strict", arguing("[]", STRICT)),
    ],
    "strict_response_arguments_fit": [
        good("standard", arguing('{"city": "Oslo"}', STRICT)), good("streamed", streamed('{"city": "Oslo"}', STRICT)),
        bad("without it", arguing("{}", STRICT)), bad("one more", arguing('{"city": "Oslo", "a": 1}', STRICT)), bad("of another type", streamed('{"city": 1}', STRICT)),
    ],
    "no_markup_in_responses": [
        good("standard", saying("Hello.", None)), good("streamed", told("Hello.")), good("asked for", saying("Use <think>.", {"input": "How do I write <think>?"})),
        good("a result copied", saying("<tool_response>21</tool_response>", {"input": [{"role": "user", "content": "Weather?"}, CALL, {"type": "function_call_output", "call_id": "call_1", "output": "21"}]})),
        good("JSON that looks like a call", saying('{"name": "get_weather", "arguments": {}}', {"tools": [FLAT], "text": {"format": {"type": "json_object"}}})),
        good("JSON with no tool of that name", saying('{"name": "get_time", "arguments": {}}', {"tools": [FLAT]})),
        bad("a call as JSON", saying('{"name": "get_weather", "arguments": {"city": "Oslo"}}', {"tools": [FLAT]})),
        bad("an end marker", saying("Hello.<|im_end|>", None)), bad("streamed", told("<think>Hm.</think>Hello.")),
    ],
    "responses_are_unicode": [
        good("standard", saying("Grüße", None)), good("the model may have written it", saying("\ufffd?", None)),
        good("asked for", saying("a \ufffd b", {"input": "Repeat \ufffd"})),
        bad("in plain text", saying("Os\ufffd lo", {"temperature": 0})), bad("at the cap", saying("Hello \ufffd", {"temperature": 0}, CUT)),
    ],
}  # fmt: skip
