"""Rows for the expectations that suites name, with their arguments."""

from build import (
    ASKED,
    BILL,
    CALL,
    DONE,
    DROP,
    ERROR,
    HEL,
    ROLE,
    STOP,
    TOOLS,
    M,
    accounted,
    bad,
    call,
    called,
    calling,
    chunk,
    dumped,
    event,
    exchange,
    failing,
    good,
    hello,
    models,
    saying,
    spoken,
    stream,
)  # fmt: skip

from conformance.wire.exchange import Ended

GONE = exchange(bare=b"", end=Ended.TIMED_OUT)
GARBAGE = exchange(b"\xff\x00nonsense")
DOWN = failing(status=500)
PAGE = exchange(b"<html>")
NO_JSON = exchange(b"Internal Server Error", status=500)
SHAPE = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
SHAPED = {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": SHAPE}}}
PLAIN = exchange(dumped({"object": "text_completion", "choices": [{"index": 0, "text": "Hi", "finish_reason": "stop"}]}),
                 path="/completions")  # fmt: skip
OTHER = hello({"id": "chatcmpl-2", f"{M}.content": "Bye.", "usage.prompt_tokens": 90}, step="other")
SAME = hello(step="other")
LIMITED = {"Content-Type": "application/json", "x-ratelimit-limit-tokens": "9", "x-ratelimit-reset-tokens": "1s"}
EVENTS = {"Content-Type": "text/event-stream"}
TOLD = {"content": [{"token": "Hello"}], "refusal": None}


def absent(**arguments):
    """Where there is nothing to look at, an expectation says so."""
    return [
        bad("nothing came", GONE, **arguments), bad("a server error", DOWN, **arguments),
        bad("a page", PAGE, **arguments), bad("bytes", GARBAGE, **arguments),
        bad("an error with status 200", failing(status=200), **arguments),
    ]  # fmt: skip


def burst(*, apart):
    """Ten deltas, with the usual time between them, or all at the end of half a second."""
    chunks = [ROLE, *[HEL] * 10, STOP]
    if apart:
        return stream(*chunks, at=(0, 50_000_000))
    return exchange(
        b"".join(map(event, chunks)) + DONE, at=(500_000_000, 1000), asked=ASKED | {"stream": True},
        headers={"Content-Type": "text/event-stream"},
    )  # fmt: skip


TABLE = {
    "status": [
        good("the one", hello(), code=200), good("one of several", failing(), code=[400, 404]),
        bad("another", failing(), code=400), bad("nothing", GONE, code=200),
    ],
    "refused_with": [
        good("the one", failing(), code=404), good("one of several", failing(), code=[400, 404]), bad("another", failing(), code=400),
        bad("in the stream", stream(ERROR), code=400), bad("nothing", GONE, code=400),
    ],
    "refused_by_status": [
        good("404", failing()), good("a page", DOWN), good("one that nobody thought of", exchange(b"no", status=424)),
        bad("in the stream", stream(ERROR)), bad("in an answer", hello({"choices": []})), bad("nothing", GONE),
    ],
    "answered": [
        good("200", hello()), good("404", failing()), good("a page", PAGE), bad("500", DOWN), bad("nothing", GONE),
        bad("cut off", hello(cut=5, end=Ended.CLOSED)), bad("timed out in the middle", spoken(end=Ended.TIMED_OUT, cut=5)), bad("endless", spoken(end=Ended.TOO_LARGE, cut=5)), bad("endless in one piece", hello(end=Ended.TOO_LARGE, cut=5)),
    ],
    "not_server_error": [good("200", hello()), good("404", failing()), bad("500", DOWN), bad("nothing", GONE)],
    "served": [
        good("an answer", hello()), good("a stream", spoken()), *absent(), bad("no choices", hello({"choices": []})),
        *(bad(f"{end} in the middle", spoken(end=end, cut=5)) for end in (Ended.RESET, Ended.CLOSED, Ended.TIMED_OUT, Ended.TOO_LARGE, Ended.GARBLED)),
        good("we hung up", spoken(end=Ended.CANCELLED, cut=5)), bad("an error in the stream", stream(ROLE, ERROR)),
    ],
    "error_object": [
        good("standard", failing()), good("that param", failing(), param="model"), good("that code", failing(), code="model_not_found"),
        bad("another param", failing(), param="messages"), bad("another code", failing(), code="x"), bad("no type", failing({"error.type": DROP})),
        bad("flat", failing(body={"message": "no"})), bad("nothing", GONE), bad("a page", PAGE), bad("an answer", hello()),
    ],
    "error_names": [
        good("in param", failing(), word="model"), good("in the message", failing(), word="does not exist"), good("the other of two", failing(), word=["messages", "exist"]), bad("neither", failing(), word=["messages", "tools"]),
        bad("nowhere", failing(), word="messages"), bad("nothing", GONE, word="x"), bad("an answer", hello(), word="x"),
    ],
    "json_body": [good("an answer", hello()), good("an error", failing()), bad("a page", PAGE), bad("nothing", GONE), bad("bytes", GARBAGE)],
    "schema": [
        good("a completion", hello(), name="chat_completion"), good("chunks", spoken(), name="chat_completion_chunk"), good("an error", failing(), name="error"),
        good("models", models(), name="model_list"),
        bad("another", failing(), name="chat_completion"), bad("one chunk", spoken((1, HEL | {"id": 7})), name="chat_completion_chunk"),
        bad("a page", PAGE, name="chat_completion"), bad("nothing", GONE, name="chat_completion"),
    ],
    "header": [
        good("there", hello(), name="X-Request-Id"), good("matches", hello(), name="content-type", matches="json"),
        bad("missing", hello(), name="x-none"), bad("otherwise", hello(), name="content-type", matches="^text/"), bad("nothing", GONE, name="date"),
    ],
    "media_type": [
        good("with parameters", hello(headers={"Content-Type": "Application/JSON; charset=utf-8"}), is_a="application/json"),
        bad("another", hello(), is_a="text/event-stream"), bad("nothing", GONE, is_a="application/json"),
    ],
    "value": [
        good("there", hello(), at="$.id"), good("null is there", hello(), at="$.choices[0].logprobs"), good("equal", hello(), at="$.usage.total_tokens", equals=12),
        good("equal, as a number", hello(), at="$.usage.total_tokens", equals=12.0), good("of a kind", hello(), at="$.choices", is_a="array"),
        good("large enough", hello(), at="$.usage.total_tokens", at_least=12), bad("too small", hello(), at="$.usage.total_tokens", at_least=13), bad("no number", hello(), at="$.usage", at_least=1),
        good("an integer is a number", hello(), at="$.created", is_a="number"), good("null", hello(), at="$.choices[0].logprobs", is_a="null"),
        good("not there", hello(), at="$.error", absent=True), good("in a stream", spoken(), at="$.choices[0].message.content", equals="Hello."),
        good("in an error", failing(), at="$.error.code", equals="model_not_found"),
        good("in a list", hello({"x": [{"a": True}]}), at="$.x", equals=[{"a": True}]),
        bad("not there", hello(), at="$.nothing"), bad("another", hello(), at="$.model", equals="n"), bad("another kind", hello(), at="$.created", is_a="string"),
        bad("true is not 1", hello({"x": True}), at="$.x", equals=1), bad("a boolean is no integer", hello({"x": True}), at="$.x", is_a="integer"),
        bad("there", hello(), at="$.id", absent=True), bad("nothing", GONE, at="$.id"), bad("nothing is not absence", GONE, at="$.id", absent=True),
        bad("a page", PAGE, at="$.id"), bad("another order", hello({"x": [1, 2]}), at="$.x", equals=[2, 1]),
    ],
    "text": [
        good("contains", hello(), contains="there"), good("excludes", hello(), excludes="Bye"), good("matches", hello(), matches="^Hello"), good("equals", hello(), equals="Hello there."),
        good("in a stream", spoken(), equals="Hello."), good("a plain completion", PLAIN, equals="Hi"),
        bad("does not contain", hello(), contains="Bye"), bad("does not exclude", hello(), excludes="there"), bad("does not match", hello(), matches="^there"), bad("other", hello(), equals="Hello"),
        bad("a call in place of it", calling(), contains=""), *absent(contains=""),
    ],
    "refuses": [
        good("refused", hello({f"{M}.refusal": "No.", f"{M}.content": None})), good("streamed", stream(chunk({"role": "assistant", "refusal": "No."}), chunk({}, "stop"))),
        bad("an answer", hello()), bad("an empty refusal", hello({f"{M}.refusal": ""})), *absent(),
    ],
    "finish_reason": [
        good("that", hello(), any_of="stop"), good("one of them", calling(), any_of=["stop", "tool_calls"]), bad("another", hello(), any_of="length"), *absent(any_of="stop"),
    ],
    "choices": [good("one", hello(), count=1), bad("not two", hello(), count=2), *absent(count=1)],
    "content_length": [good("long enough", hello(), at_least=12), bad("too short", hello(), at_least=13), *absent(at_least=0)],
    "completion_tokens": [
        good("there", hello()), good("within", hello(), at_most=3, at_least=3), good("streamed", accounted(), at_most=3),
        bad("too many", hello(), at_most=2), bad("too few", hello(), at_least=4), bad("not told", hello({"usage": DROP})), bad("not told in a stream", spoken(), at_most=3), *absent(),
    ],
    "chunks": [
        good("two", spoken(), at_least=2), good("fragments", called(), at_least=3), bad("too few", spoken(), at_least=3), bad("not streamed", hello()), *absent(),
    ],
    "usage_chunk": [
        good("one", accounted()), good("none", spoken(), present=False), bad("none", spoken()), bad("one too many", accounted(), present=False), bad("two", accounted(ROLE, BILL, BILL)), *absent(),
    ],
    "logprobs": [
        good("there", hello({"choices.0.logprobs": TOLD})), good("null", hello(), present=False), bad("null", hello()), bad("there", hello({"choices.0.logprobs": TOLD}), present=False),
        bad("empty", hello({"choices.0.logprobs": {"content": []}})), bad("empty is not null", hello({"choices.0.logprobs": {"content": []}}), present=False), *absent(),
    ],
    "no_tool_markup": [good("plain", hello()), good("a call", calling()), bad("a tag", saying("<tool_call>")), *absent()],
    "json_content": [
        good("an object", saying('{"a": 1}'), object=True), good("a list", saying("[1]")), good("streamed", stream(ROLE, chunk({"content": "{}"}), STOP), object=True),
        bad("a list is no object", saying("[1]"), object=True), bad("prose", hello()), bad("a code fence", saying("```json\n{}\n```")), *absent(),
    ],
    "content_matches_schema": [
        good("that of the request", saying('{"a": 1}', asked=SHAPED)), good("the given one", saying("[1]"), against={"type": "array"}),
        bad("does not fit", saying('{"a": "1"}', asked=SHAPED)), bad("not the given one", saying("{}"), against={"type": "array"}), bad("prose", saying("one", asked=SHAPED)),
        bad("no schema anywhere", saying("{}")), *absent(against={"type": "object"}),
    ],
    "tool_calls": [
        good("one", calling()), good("streamed", called()), good("none", hello(), at_least=0, at_most=0), bad("none", hello()),
        bad("too many", calling({f"{M}.tool_calls": [CALL, CALL]}), at_most=1), bad("too few", calling(), at_least=2), *absent(),
    ],
    "called_or_unread": [
        good("a call", calling(), step="without", steps={"without": hello()}), good("as long a prompt as without", hello(), step="without", steps={"without": hello(step="without")}),
        good("a shorter one, and that text cut", hello(), step="without", steps={"without": hello({f"{M}.content": "Hel", "usage.prompt_tokens": 90}, step="without")}),
        bad("as long a prompt, and another answer: a gateway that counts no tools", hello(), step="without", steps={"without": hello({f"{M}.content": "Bye."}, step="without")}),
        bad("no text to compare with", hello(), step="without", steps={"without": hello({f"{M}.content": None}, step="without")}), bad("a longer one", OTHER, step="without", steps={"without": hello(step="without")}),
        bad("not told there", hello(), step="without", steps={"without": spoken()}), bad("not told here", spoken(), step="without", steps={"without": hello()}), *absent(step="without", steps={"without": hello()}),
    ],
    "calls_unless_cut": [
        good("one", calling()), good("streamed", called()), bad("none", hello()), good("one, although the cap is reached", calling({"choices.0.finish_reason": "length"})),
    ],
    "tool_call": [
        good("that one", calling(), name="get_weather"), good("with these arguments", calling(), name="get_weather", arguments={"city": "Oslo"}),
        good("among more", calling({f"{M}.tool_calls": [call("get_weather", '{"city": "Oslo", "unit": "C"}')]}), name="get_weather", arguments={"city": "Oslo"}),
        bad("another", calling(), name="now"), bad("with others", calling(), name="get_weather", arguments={"city": "Rome"}),
        bad("with none", calling({f"{M}.tool_calls": [call(arguments="{")]}), name="get_weather", arguments={"city": "Oslo"}), bad("none", hello(), name="get_weather"), *absent(name="now"),
    ],
    "tool_arguments_valid": [
        good("fit", calling()), good("streamed", called()), bad("do not fit", calling({f"{M}.tool_calls": [call(arguments="{}")]})),
        bad("no JSON", calling({f"{M}.tool_calls": [call(arguments="{")]})), bad("a list", calling({f"{M}.tool_calls": [call("now", "[]")]})),
        bad("an object in place of text", calling({f"{M}.tool_calls": [call(arguments={})]})), bad("of no tool", calling({f"{M}.tool_calls": [call("x", "{}")]})),
        bad("no call", hello(asked={"tools": TOOLS})), *absent(),
    ],
    "same_text": [
        good("same", hello(), step="other", steps={"other": SAME}), bad("another", hello(), step="other", steps={"other": OTHER}), bad("no other", hello(), step="other", steps={"other": GONE}),
        bad("nothing", GONE, step="other", steps={"other": SAME}), good("streamed", spoken(), step="other", steps={"other": saying("Hello.")}),
        good("begins alike", saying("Hello there."), step="other", steps={"other": saying("Hello you.")}, first=6), bad("begins otherwise", saying("Hello there."), step="other", steps={"other": saying("Hello you.")}, first=7),
    ],
    "different_text": [
        good("another", hello(), step="other", steps={"other": OTHER}), bad("the same", hello(), step="other", steps={"other": SAME}), bad("no other", hello(), step="other", steps={"other": GONE}),
        bad("nothing", GONE, step="other", steps={"other": SAME}), bad("the same, streamed", spoken(), step="other", steps={"other": saying("Hello.")}),
        bad("begins alike", saying("Hello there."), step="other", steps={"other": saying("Hello you.")}, first=6), good("begins otherwise", saying("Hello there."), step="other", steps={"other": saying("Hello you.")}, first=7),
    ],
    "has_room_for_both": [
        good("room", hello(asked={"max_tokens": 4}), step="one", again="two", steps={"one": hello(), "two": hello()}),
        bad("as many as there are", hello(asked={"max_tokens": 3}), step="one", again="two", steps={"one": hello(), "two": hello()}),
        bad("other words", hello(asked={"max_tokens": 4}), step="one", again="two", steps={"one": hello(), "two": saying("Hi.")}),
        bad("one was cut", hello(asked={"max_tokens": 4}), step="one", again="two", steps={"one": hello(), "two": hello({"choices.0.finish_reason": "length"})}),
        bad("no cap", hello(), step="one", again="two", steps={"one": hello(), "two": hello()}), bad("nothing", GONE, step="one", again="two", steps={"one": GONE, "two": GONE}),
        bad("no count", hello(asked={"max_tokens": 4}), step="one", again="two", steps={"one": hello({"usage": DROP}), "two": hello({"usage": DROP})}),
    ],
    "counts_like_a_context": [
        good("a limit", failing({"error.message": "The maximum context length is 4096 tokens, 5000 came."})), good("with commas", failing({"error.message": "At most 32,768 tokens."})),
        good("in thousands", failing({"error.message": "This is more than 8k tokens."})), good("no numbers", failing({"error.message": "The prompt is too long."})),
        good("beside a small one", failing({"error.message": "1 message has 131 072 tokens too many."})), good("no text", failing({"error.message": None})), good("an answer", hello()),
        bad("a negative cap", failing({"error.message": "max_tokens must be at least 1, got -186."})), bad("zero is left", failing({"error.message": "0 tokens are left."})),
        bad("negative alone", failing({"error.message": "max_tokens is -18600."})), good("numbers in names", failing({"error.message": "The prompt is too long for gpt-4, qwen2.5-7b and any 8B or 12B model."})),
    ],
    "same_finish": [
        good("same", hello(), step="other", steps={"other": OTHER}), good("one family", calling(), step="other", steps={"other": calling({"choices.0.finish_reason": "function_call"})}),
        bad("another", calling(), step="other", steps={"other": OTHER}), bad("nothing", GONE, step="other", steps={"other": GONE}),
        bad("an odd one", hello({"choices.0.finish_reason": []}), step="other", steps={"other": OTHER}),
    ],
    "same_prompt_tokens": [
        good("same", hello(), step="other", steps={"other": SAME}), bad("more", hello(), step="other", steps={"other": OTHER}), bad("not told", hello({"usage": DROP}), step="other", steps={"other": hello({"usage": DROP})}),
        bad("nothing", GONE, step="other", steps={"other": GONE}),
    ],
    "more_prompt_tokens": [
        good("more", OTHER, step="first", steps={"first": hello()}), bad("as many", hello(), step="first", steps={"first": hello()}), bad("not told", OTHER, step="first", steps={"first": spoken()}),
        bad("nothing", GONE, step="first", steps={"first": hello()}),
    ],
    "same_media_type": [
        good("same", hello(), step="other", steps={"other": OTHER}), good("with another parameter", hello(headers={"Content-Type": "application/json; charset=utf-8"}), step="other", steps={"other": OTHER}),
        bad("the rest of a stream", stream(HEL, STOP, asked=ASKED), step="other", steps={"other": OTHER}), bad("nothing", GONE, step="other", steps={"other": OTHER}),
    ],
    "limits_told_as_well": [
        good("nowhere", hello(), step="other", steps={"other": spoken()}),
        good("in both", hello(headers=LIMITED), step="other", steps={"other": spoken(headers=LIMITED | EVENTS)}),
        good("refused there", hello(headers=LIMITED), step="other", steps={"other": failing()}),
        good("more there", hello(headers={"x-ratelimit-limit-tokens": "9"}), step="other", steps={"other": hello(headers=LIMITED)}),
        bad("not in a stream", hello(headers=LIMITED), step="other", steps={"other": spoken()}),
        bad("one of two", hello(headers=LIMITED), step="other", steps={"other": hello(headers={"x-ratelimit-limit-tokens": "9"})}),
    ],
    "lists_model_of": [
        good("listed", models(), step="other", steps={"other": hello(asked=ASKED | {"model": "org/m"})}),
        bad("not listed", models(), step="other", steps={"other": hello(asked=ASKED | {"model": "m"})}),
        bad("an empty list", models({"data": []}), step="other", steps={"other": hello(asked=ASKED | {"model": "org/m"})}),
        bad("nothing", GONE, step="other", steps={"other": hello()}), bad("no list", hello(), step="other", steps={"other": hello()}),
    ],
    "different_ids": [
        good("two", hello(), step="other", steps={"other": OTHER}), bad("the same", hello(), step="other", steps={"other": SAME}), bad("none", hello({"id": ""}), step="other", steps={"other": OTHER}),
        bad("nothing", GONE, step="other", steps={"other": OTHER}),
    ],
    "same_error": [
        good("same", failing(), step="other", steps={"other": failing({"error.message": "otherwise"})}), bad("another code", failing(), step="other", steps={"other": failing({"error.code": "x"})}),
        bad("another status", failing(), step="other", steps={"other": failing(status=400)}), bad("the other was served", failing(), step="other", steps={"other": hello()}), bad("nothing", GONE, step="other", steps={"other": GONE}),
        good("the same page twice", NO_JSON, step="other", steps={"other": NO_JSON}),
    ],
    "refused_as_well": [
        good("with status 200", failing(status=200), step="other", steps={"other": failing()}),
        good("both", failing(), step="other", steps={"other": failing(status=500)}), bad("only this one", failing(), step="other", steps={"other": hello()}),
        bad("only the other", hello(), step="other", steps={"other": failing()}), bad("nothing", GONE, step="other", steps={"other": failing()}), bad("nothing before", failing(), step="other", steps={"other": GONE}),
    ],
    "listed_id": [
        good("the first", models(), number=0, matches="."), good("the last", models(), number=-1, matches="."), bad("another", models(), number=0, matches="no such id"),
        bad("beyond the list", models(), number=99, matches="."), bad("nothing", GONE, number=0, matches="."), bad("an answer", hello(), number=0, matches="."),
    ],
    "kept_alive": [
        good("kept", hello(connection=3), step="other", steps={"other": hello(connection=3)}), bad("another", hello(connection=4), step="other", steps={"other": hello(connection=3)}),
        bad("closed, and said so", hello(connection=4), step="other", steps={"other": hello(connection=3, headers={"Connection": "close"})}), bad("nothing", GONE, step="other", steps={"other": SAME}),
    ],
    "kept_or_told": [
        good("kept", hello(connection=3), step="other", steps={"other": hello(connection=3)}), bad("another", hello(connection=4), step="other", steps={"other": hello(connection=3)}),
        good("closed, and said so", hello(connection=4), step="other", steps={"other": hello(connection=3, headers={"Connection": "Close"})}),
        bad("closed, and said to be kept", hello(connection=4), step="other", steps={"other": hello(connection=3, headers={"Connection": "keep-alive"})}), bad("nothing", GONE, step="other", steps={"other": SAME}),
    ],
    "incremental": [good("over time", burst(apart=True)), bad("at the end", burst(apart=False))],
}  # fmt: skip
