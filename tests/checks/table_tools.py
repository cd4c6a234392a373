"""Rows for tools.py, promised.py and structured.py."""

import json

from build import (
    ASKED,
    CALL,
    DROP,
    OPEN,
    ROLE,
    STOP,
    STRICT_TOOLS,
    TOOLS,
    C,
    M,
    bad,
    call,
    called,
    calling,
    chunk,
    failing,
    fragment,
    good,
    hello,
    saying,
    spoken,
    stream,
)  # fmt: skip

CUSTOM_TOOLS = [{"type": "custom", "custom": {"name": "sh"}}]
CUSTOM = {"id": "c", "type": "custom", "custom": {"name": "sh", "input": "ls"}}
REQUIRED = {"tool_choice": "required"}
NAMED = {"tool_choice": {"type": "function", "function": {"name": "now"}}}
ALLOWED = {"tool_choice": {"type": "allowed_tools", "allowed_tools": {
    "mode": "auto", "tools": [{"type": "function", "function": {"name": "now"}}]}}}  # fmt: skip
FORCED = {
    "tool_choice": {
        "type": "allowed_tools",
        "allowed_tools": ALLOWED["tool_choice"]["allowed_tools"] | {"mode": "required"},
    }
}
TOOLED = {"tools": TOOLS}
ODD_TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "parameters": {"$ref": "https://elsewhere.example/schema"},
        },
    }
]

PERSON = {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
          "required": ["name", "age"], "additionalProperties": False}  # fmt: skip
JANE = '{"name": "Jane", "age": 54}'


def shaped(schema=PERSON, strict=True, **more):
    """A request for structured output."""
    held = {"name": "person", "schema": schema, "strict": strict}
    return {"response_format": {"type": "json_schema", "json_schema": held}} | more


def with_calls(*calls, **known):
    return calling({f"{M}.tool_calls": list(calls)}, **known)


COLD = {"temperature": 0}


def with_arguments(arguments, name="get_weather", **known):
    return with_calls(call(name, arguments), **known)


def told(text, **asked):
    """A structured answer in a stream."""
    return stream(
        ROLE,
        chunk({"content": text[:5]}),
        chunk({"content": text[5:]}),
        STOP,
        asked=shaped(**asked),
    )


REFUSED = {f"{M}.content": None, f"{M}.refusal": "No."}

NONE = {"tools": TOOLS, "tool_choice": "none"}

TABLE = {
    "calls_are_there": [
        good("there", calling()), bad("empty", with_calls()), bad("null", calling({f"{M}.tool_calls": None})),
        bad("missing", calling({f"{M}.tool_calls": DROP})), bad("text", with_calls("f()")),
    ],
    "call_has_an_id": [
        good("there", calling()), good("nine letters", calling({f"{C}.id": "a1B2c3D4e"})), bad("missing", calling({f"{C}.id": DROP})),
        bad("empty", calling({f"{C}.id": ""})), bad("a number", calling({f"{C}.id": 0})),
    ],
    "call_has_a_type": [
        good("function", calling()), good("custom", with_calls(CUSTOM, tools=CUSTOM_TOOLS)), bad("missing", calling({f"{C}.type": DROP})), bad("empty", calling({f"{C}.type": ""})),
    ],
    "call_has_a_name": [
        good("there", calling()), bad("no function", calling({f"{C}.function": DROP})), bad("empty", calling({f"{C}.function.name": ""})),
    ],
    "arguments_are_text": [
        good("text", calling()), bad("an object", with_arguments({"city": "Oslo"})), bad("null", with_arguments(None)),
    ],
    "custom_call_has_input": [
        good("there", with_calls(CUSTOM, tools=CUSTOM_TOOLS)), bad("an object", with_calls(CUSTOM | {"custom": {"name": "sh", "input": {}}}, tools=CUSTOM_TOOLS)),
    ],
    "call_ids_are_unique": [
        good("two", with_calls(CALL, CALL | {"id": "call_2"})), good("streamed", called()), bad("the same", with_calls(CALL, CALL)),
    ],
    "call_names_an_offered_tool": [
        good("offered", calling()), good("streamed", called()), bad("another", with_arguments("{}", "get_wether")), bad("with a prefix", with_arguments("{}", "functions.get_weather")),
        bad("streamed", called(OPEN | {"function": {"name": "get_wether", "arguments": "{}"}})),
    ],
    "arguments_are_an_object": [
        good("an object", calling()), good("with blanks", with_arguments(' {"city":\n"Oslo"} ')), good("escapes", with_arguments('{"city": "\\ud83c\\udf89 \\"x\\""}')),
        good("streamed", called()), bad("cut off", with_arguments('{"city": "Os')),
        bad("a list, where the schema is strict", with_arguments('["Oslo"]', tools=STRICT_TOOLS)),
        bad("single quotes", with_arguments("{'city': 'Oslo'}")), bad("twice", with_arguments('{"city": "Oslo"}{"city": "Oslo"}')),
        bad("a string within a string", with_arguments(json.dumps('{"city": "Oslo"}'))), bad("nothing, where a city is wanted", with_arguments("")),
    ],
    "no_arguments_are_an_empty_object": [
        good("{}", with_arguments("{}", "now")), good("with blanks", with_arguments("{ }", "now")), bad("empty", with_arguments("", "now")),
        bad("null", with_arguments(None, "now")), bad("the text null", with_arguments("null", "now")),
    ],
    "arguments_fit_the_parameters": [
        good("fit", calling(asked=COLD)), good("more than asked", with_arguments('{"city": "Oslo", "unit": "C"}', asked=COLD)), good("a schema that lies elsewhere", calling(tools=ODD_TOOLS, asked=COLD)),
        bad("one missing", with_arguments("{}", asked=COLD)), bad("another type", with_arguments('{"city": 7}', asked=COLD)),
        bad("streamed", called(OPEN, fragment(arguments='{"city": ["Oslo"]}'), asked=COLD)),
    ],
    "strict_arguments_fit_the_parameters": [
        good("fit", calling(tools=STRICT_TOOLS)), bad("do not", with_arguments('{"town": "Oslo"}', tools=STRICT_TOOLS)),
    ],
    "content_beside_calls_is_text": [
        good("null", calling()), good("text", calling({f"{M}.content": "I will look."})), bad("parts", calling({f"{M}.content": []})),
    ],
    "cut_call_is_not_complete": [
        good("length", calling({f"{C}.function.arguments": '{"ci', "choices.0.finish_reason": "length"}, asked={"max_tokens": 3})),
        good("whole, just in time", calling(asked={"max_tokens": 3})),
        bad("told as complete", calling({f"{C}.function.arguments": '{"ci'}, asked={"max_tokens": 3})),
    ],
    "required_call_comes": [
        good("a call", calling(asked=REQUIRED)), good("streamed", called(asked=REQUIRED)), bad("words", hello(asked=REQUIRED | TOOLED)),
        bad("words in a stream", spoken(asked=REQUIRED | TOOLED)), bad("of allowed tools", hello(asked=FORCED | TOOLED)),
    ],
    "named_tool_is_called": [
        good("that one", with_arguments("{}", "now", asked=NAMED)), bad("another", calling(asked=NAMED)), bad("none", hello(asked=NAMED | TOOLED)),
        bad("that one and another", with_calls(CALL, call("now", "{}"), asked=NAMED)),
    ],
    "only_allowed_tools_are_called": [
        good("allowed", with_arguments("{}", "now", asked=ALLOWED)), bad("not", calling(asked=ALLOWED)),
    ],
    "none_is_called": [
        good("text", saying("I cannot know.", asked=NONE)), bad("a call", calling(asked=NONE)),
        bad("markup", saying('<tool_call>{"name": "now"}</tool_call>', asked=NONE)), bad("streamed", called(asked=NONE)),
        bad("only the reason", hello({"choices.0.finish_reason": "tool_calls"}, asked=NONE)),
    ],
    "calls_are_not_parallel": [
        good("one", calling(asked={"parallel_tool_calls": False})),
        bad("two", calling({"choices.0.message.tool_calls": [CALL, CALL | {"id": "call_2"}]}, asked={"parallel_tool_calls": False})),
    ],
    "content_fits_the_schema": [
        good("fits", saying(JANE, asked=shaped())), good("with blanks", saying(f"\n {JANE}\n", asked=shaped())),
        bad("prose", saying("Jane is 54.", asked=shaped())), bad("a code fence", saying(f"```json\n{JANE}\n```", asked=shaped())),
        bad("another type", saying('{"name": "Jane", "age": "54"}', asked=shaped())), bad("null", saying(None, asked=shaped())),
        bad("one more member", saying('{"name": "Jane", "age": 54, "id": 1}', asked=shaped())), bad("words after it", saying(f"{JANE} Done!", asked=shaped())),
    ],
    "streamed_content_fits_the_schema": [good("fits", told(JANE)), bad("prose", told("Jane is 54."))],
    "content_fits_beside_tools": [
        good("fits", saying(JANE, asked=shaped() | TOOLED)), bad("prose", saying("Jane is 54.", asked=shaped() | TOOLED)),
    ],
    "cut_json_is_told": [
        good("length", hello({f"{M}.content": '{"na', "choices.0.finish_reason": "length"}, asked=shaped(max_tokens=3))),
        good("whole, just in time", saying(JANE, asked=shaped(max_tokens=3))), bad("stop", saying('{"na', asked=shaped(max_tokens=3))),
    ],
    "refusal_has_no_content": [
        good("alone", hello(REFUSED, asked=shaped())), bad("beside content", hello(REFUSED | {f"{M}.content": "{}"}, asked=shaped())),
    ],
    "invalid_schema_is_400": [
        good("400", failing(status=400, asked=ASKED | shaped({"type": "strin"}))), bad("served", saying("{}", asked=shaped({"type": "strin"}))),
        bad("500", failing(status=500, asked=ASKED | shaped({"required": "name"}))),
    ],
    "markup_is_parsed": [
        good("a call", calling()), bad("in the content", saying("<tool_call>", asked=TOOLED)),
        bad("in arguments", with_arguments('{"city": "Oslo</parameter><|tool_call_end|>"}')), bad("in a stream", called(chunk({"content": "<function=f>"}))),
    ],
}  # fmt: skip
