"""Rows for what shows whether a schema is enforced, refused, or of no effect."""

import json

from build import (  # fmt: skip
    CALL,
    ROLE,
    STOP,
    M,
    bad,
    called,
    calling,
    chunk,
    exchange,
    failing,
    good,
    hello,
    saying,
    spoken,
    stream,
)

from conformance.wire.exchange import Ended

POINT = {
    "type": "object",
    "properties": {"y": {"type": "integer"}, "x": {"type": "integer"}},
    "required": ["x", "y"],
    "additionalProperties": False,
}


def holding(schema):
    """An object with one member, `v`, of that schema."""
    return {
        "type": "object",
        "properties": {"v": schema},
        "required": ["v"],
        "additionalProperties": False,
    }


def shaped(schema=POINT, *, strict=True):
    return {
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "x", "strict": strict, "schema": schema},
        }
    }


def refusing(message, *, param=None, status=400, asked=None):
    return failing(
        {"error.message": message, "error.param": param},
        status=status,
        asked={"messages": []} | (shaped() if asked is None else asked),
    )


def said(text, schema=POINT):
    return saying(text, asked=shaped(schema))


def asking(text, answer):
    return saying(answer, asked={"messages": [{"role": "user", "content": text}]})


def making(arguments):
    """A call of a tool that takes a date."""
    tool = {"type": "function", "function": {"name": "t", "strict": True, "parameters": holding({"type": "string", "format": "date"})}}
    return calling({f"{M}.tool_calls": [CALL | {"function": {"name": "t", "arguments": arguments}}]}, tools=[tool])


COPY = 'Reply with exactly this text: {"a": "b c"}'
ENDS = {"choices.0.finish_reason": "length"}
REFS = {**holding({"$ref": "#/$defs/point"}), "$defs": {"point": POINT}}
LOOP = {
    **holding({"$ref": "#/$defs/a"}),
    "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}},
}
TREE = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "child": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
    },
    "required": ["name", "child"],
}
EITHER = holding({"anyOf": [POINT, {"type": "object", "properties": {"x": {}, "y": {}}}]})
GONE = exchange(bare=b"", end=Ended.TIMED_OUT)
GARBAGE = exchange(b"\xff\x00nonsense")

TABLE = {
    "not_cut_off": [
        good("stop", hello()), good("calls", calling()), good("an error ends as well", refusing("no")), good("nothing at all", GONE), good("streamed", spoken()),
        bad("length", hello(ENDS)), bad("filtered", hello({"choices.0.finish_reason": "content_filter"})), bad("does not say", hello({"choices.0.finish_reason": None})),
        bad("at the cap", hello(asked={"max_tokens": 3})),
    ],
    "schema_refused": [
        good("by param", refusing("Invalid value.", param="response_format")), good("by its words", refusing("Invalid schema for response_format 'x': 'type' is wrong.")),
        good("by a keyword", refusing("additionalProperties must be false here")), good("a tool's", refusing("no", param="tools[0].function.parameters", asked={"tools": []})),
        good("a grammar", refusing("failed to parse grammar")),
        good("with another status", refusing("schema", status=422)), good("with status 200", failing({"error.message": "unknown keys in the schema"}, status=200, asked=shaped())), bad("a crash", refusing("schema", status=500)), bad("no key", refusing("schema", status=401)),
        bad("served", said("{}")), good("in another form", failing(body={"detail": "schema"}, status=400, asked=shaped())), bad("nothing", GONE), bad("garbage", GARBAGE),
    ],
    "copied_json": [
        good("letter by letter", asking(COPY, '{"a": "b c"}')), good("with other blanks", asking(COPY, '{"a":\n "b c"}\n')), good("in a fence", asking(COPY, 'Sure:\n```json\n{"a": "b c"}\n```')),
        good("a list", asking("Say [1, {}]", "[1,{}]")), good("as arguments", calling({f"{M}.tool_calls": [CALL | {"function": {"name": "get_weather", "arguments": '{"city":"X"}'}}]}, asked={"messages": [{"role": "user", "content": 'Call it with {"city": "X"}'}]})),
        good("in another order", asking('Say {"a": 1, "b": [{"c": 2, "d": 3}]}', '{"b": [{"d": 3, "c": 2}], "a": 1}')), good("escaped", asking('Say {"a": "\u65e5"}', '{"a": "\\u65e5"}')),
        bad("a list in another order", asking("Say [1, 2]", "[2, 1]")), bad("one for true", asking('Say {"a": true}', '{"a": 1}')),
        good("letters beyond ASCII", asking('Say {"ö": "\\u00e9"}', '{"ö": "é"}')), good("brackets before it", asking('Say [sic] {"a": 1}', '{"a": 1}')),
        bad("something else", asking(COPY, '{"a": "x"}')), bad("prose", asking(COPY, "No.")), bad("null", asking(COPY, None)), bad("no JSON was asked for", asking("Say {hello", "{hello")),
        bad("no question", saying("{}", asked={"messages": []})), bad("parts", saying("{}", asked={"messages": [{"role": "user", "content": [{"type": "text", "text": "{}"}]}]})),
        bad("refused", refusing("no")), bad("nothing", GONE), bad("garbage", GARBAGE),
    ],
    "call_fits_its_schema": [
        good("fits", calling()), good("streamed", called()), good("a format", making('{"v": "2026-05-03"}')), bad("another format", making('{"v": "3 May"}')), bad("misfits", making('{"v": 5}')),
        bad("no JSON", making('{"v": ')), bad("an object in place of text", making({"v": "2026-05-03"})),
    ],
    "keys_in_schema_order": [
        good("in order", said('{"y": 1, "x": 2}')), good("some are left out", said('{"x": 2}')), good("one more between", said('{"y": 1, "z": 0, "x": 2}')), good("empty", said("{}")),
        good("streamed", stream(ROLE, chunk({"content": '{"y": 1, '}), chunk({"content": '"x": 2}'}), STOP, asked={"messages": [], "stream": True} | shaped())),
        good("no object", said("[1]")), good("below a reference", said('{"v": {"y": 1, "x": 2}}', REFS)), good("a reference in a circle", said('{"v": {"x": 1, "y": 2}}', LOOP)),
        good("in either order of two", said('{"v": {"x": 1, "y": 2}}', EITHER)), good("recursive", said('{"name": "a", "child": {"name": "b", "child": null}}', TREE)),
        good("of no properties", said('{"v": {"b": 1, "a": 2}}', holding({"type": "object"}))), good("a schema that only says true", said('{"v": {"b": 1}}', holding(True))),
        bad("the other way round", said('{"x": 2, "y": 1}')), bad("inside", said('{"v": {"x": 1, "y": 2}}', holding(POINT))), bad("in a list", said('{"v": [{"y": 1, "x": 2}, {"x": 1, "y": 2}]}', holding({"type": "array", "items": POINT}))),
        bad("below a reference, wrong", said('{"v": {"x": 1, "y": 2}}', REFS)), bad("recursive, wrong", said('{"name": "a", "child": {"child": null, "name": "b"}}', TREE)),
        bad("streamed, wrong", stream(ROLE, chunk({"content": json.dumps({"x": 1, "y": 2})}), STOP, asked={"messages": [], "stream": True} | shaped())),
        bad("in neither order of two", said('{"v": {"x": 1, "y": 2}}', holding({"anyOf": [POINT, POINT]}))),
    ],
}  # fmt: skip
