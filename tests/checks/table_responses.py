"""Rows for responses.py and response_calls.py."""

from build import CREATED, DROP, bad, dumped, edited, exchange, failing, good

PART = {"type": "output_text", "text": "Hello there.", "annotations": [], "logprobs": []}
MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "status": "completed",
    "role": "assistant",
    "content": [PART],
}
CALL = {
    "id": "fc_1",
    "type": "function_call",
    "status": "completed",
    "call_id": "call_1",
    "name": "get_weather",
    "arguments": '{"city": "Oslo"}',
}
THOUGHT = {"id": "rs_1", "type": "reasoning", "summary": []}
THOUGHTS = THOUGHT | {"content": [{"type": "reasoning_text", "text": "They greet."}]}
SUMMED_UP = THOUGHT | {"summary": [{"type": "summary_text", "text": "They greet."}]}
FLAT = {"type": "function", "name": "get_weather", "parameters": {"type": "object"}}
NOW = {"type": "function", "name": "now"}
USAGE = {
    "input_tokens": 9,
    "input_tokens_details": {"cached_tokens": 0},
    "output_tokens": 3,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 12,
}
RESPONSE = {
    "id": "resp_1",
    "object": "response",
    "created_at": CREATED,
    "completed_at": CREATED,
    "status": "completed",
    "error": None,
    "incomplete_details": None,
    "model": "m",
    "output": [MESSAGE],
    "usage": USAGE,
    "instructions": None,
    "metadata": {},
    "tools": [],
    "tool_choice": "auto",
    "parallel_tool_calls": True,
    "temperature": 1.0,
    "top_p": 1.0,
    "previous_response_id": None,
    "truncation": "disabled",
    "text": {"format": {"type": "text"}},
    "presence_penalty": 0,
    "frequency_penalty": 0,
    "top_logprobs": 0,
    "reasoning": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "store": True,
    "background": False,
    "service_tier": "default",
    "safety_identifier": None,
    "prompt_cache_key": None,
}
ASKED = {"model": "m", "input": "Say hello."}
CUT = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
CUT_ITEM = CUT | {"output.0.status": "incomplete"}
SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
STRICT = {"text": {"format": {"type": "json_schema", "name": "n", "schema": SCHEMA, "strict": True}}}
POINT = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}}
ORDERED = {"text": {"format": STRICT["text"]["format"] | {"schema": POINT}}}
WORDS = "one two three four five six seven eight nine ten"
P = "output.0.content.0"


def replied(edits=None, *, asked=None, **known):
    """A correct response, with members edited; `asked` adds to the request."""
    known = {"path": "/responses"} | known
    return exchange(dumped(edited(RESPONSE, edits or {})), asked=ASKED | (asked or {}), **known)


def calling(*items, asked=None, edits=None, **known):
    """A correct response to a request with tools, with these items."""
    wanted = {"tools": [FLAT, NOW]} | (asked or {})
    return replied({"output": list(items)} | (edits or {}), asked=wanted, **known)


def stored(edits=None):
    """The same, looked up by its id."""
    body = dumped(edited(RESPONSE, edits or {}))
    return exchange(body, method="GET", path="/responses/resp_1", asked=None)


def saying(text, asked, edits=None):
    return replied({f"{P}.text": text} | (edits or {}), asked=asked)


def events(*items, asked=None, status="completed"):
    """A stream that tells of the finished response at once."""
    told = edited(RESPONSE, {"output": list(items), "status": status})
    done = {"type": "response.completed", "sequence_number": 0, "response": told}
    data = b"event: response.completed\ndata: " + dumped(done) + b"\n\n"
    wanted = ASKED | {"stream": True, "tools": [FLAT, NOW]} | (asked or {})
    headers = {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"}
    return exchange([data], asked=wanted, path="/responses", headers=headers)


def at_the_end(edits=None, *items, asked=None):
    """A stream that ends with a response that has members edited."""
    told = edited(RESPONSE | {"output": list(items or (MESSAGE,))}, edits or {})
    kind = f"response.{told['status']}"
    done = {"type": kind, "sequence_number": 0, "response": told}
    data = b"event: " + kind.encode() + b"\ndata: " + dumped(done) + b"\n\n"
    headers = {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"}
    wanted = ASKED | {"stream": True} | (asked or {})
    return exchange([data], asked=wanted, path="/responses", headers=headers)


def choosing(choice):
    return {"tool_choice": choice}


NAMED = choosing({"type": "function", "name": "get_weather"})
ALLOWED = choosing({"type": "allowed_tools", "mode": "auto", "tools": [NOW]})
MUST = choosing({"type": "allowed_tools", "mode": "required", "tools": [NOW]})
NOW_CALL = CALL | {"id": "fc_2", "call_id": "call_2", "name": "now", "arguments": "{}"}
PONDERED = {"type": "reasoning", "content": [{"type": "reasoning_text", "text": WORDS}]}

TABLE = {
    "response_object": [
        bad("at the end of a stream", at_the_end({"object": "chat.completion"})), good("streamed", at_the_end()),
        bad("of chat", replied({"object": "chat.completion"})),
        bad("a list", replied({"": []})),
        bad("nothing", replied({"": {}})),
        good("plain", replied()),
        good("looked up", stored()),
        good("extended", replied({"vendor": 1})),
    ],
    "response_members": [
        bad("at the end of a stream", at_the_end({"created_at": "now"})), good("streamed", at_the_end()),
        bad("without an id", replied({"id": DROP})),
        bad("without a time", replied({"created_at": DROP})),
        bad("a time in words", replied({"created_at": "2026-11-22T12:00:00Z"})),
        bad("output null", replied({"output": None})),
        bad("looked up without a model", stored({"model": DROP})),
        good("plain", replied()),
        good("a time with a fraction", replied({"created_at": CREATED + 0.5})),
        good("no output yet", replied({"output": [], "status": "in_progress"})),
    ],
    "response_nullable_members": [
        bad("at the end of a stream", at_the_end({"tools": DROP})), good("streamed", at_the_end()),
        *(
            bad(f"without {name}", replied({name: DROP}))
            for name in ("error", "incomplete_details", "instructions", "metadata", "tools",
                         "tool_choice", "parallel_tool_calls", "temperature", "top_p")
        ),
        bad("metadata as text", replied({"metadata": "none"})),
        good("all null", replied(dict.fromkeys(("metadata", "temperature", "top_p")))),
        good("instructions as items", replied({"instructions": [{"role": "user", "content": "x"}]})),
        good("a choice that is an object", replied({"tool_choice": {"type": "function", "name": "f"}})),
    ],
    "response_resource_members": [
        bad("at the end of a stream", at_the_end({"truncation": DROP})), good("streamed", at_the_end()),
        bad("without truncation", replied({"truncation": DROP})),
        bad("without store", replied({"store": DROP})),
        good("plain", replied()),
        good("reasoning is an object", replied({"reasoning": {"effort": None}})),
    ],
    "response_status": [
        bad("of chat", replied({"status": "stop"})),
        bad("null", replied({"status": None})),
        good("completed", replied()),
        *(good(each, replied({"status": each})) for each in ("failed", "in_progress", "queued")),
    ],
    "message_item": [
        bad("at the end of a stream", at_the_end(None, edited(MESSAGE, {"role": DROP}))), good("streamed", at_the_end()),
        bad("content null", replied({"output.0.content": None})),
        bad("content is text", replied({"output.0.content": "Hello."})),
        bad("role user", replied({"output.0.role": "user"})),
        bad("without a status", replied({"output.0.status": DROP})),
        bad("without an id", replied({"output.0.id": DROP})),
        good("plain", replied()),
        good("nothing said", replied({"output.0.content": []})),
        good("with a phase", replied({"output.0.phase": None})),
    ],
    "text_part": [
        bad("at the end of a stream", at_the_end({f"{P}.annotations": DROP})), good("streamed", at_the_end()),
        bad("without annotations", replied({f"{P}.annotations": DROP})),
        bad("logprobs null", replied({f"{P}.logprobs": None})),
        bad("text null", replied({f"{P}.text": None})),
        good("plain", replied()),
        good("cited", replied({f"{P}.annotations": [{"type": "url_citation"}]})),
    ],
    "refusal_part": [
        bad("without a word", replied({P: {"type": "refusal"}})),
        bad("null", replied({P: {"type": "refusal", "refusal": None}})),
        good("plain", replied({P: {"type": "refusal", "refusal": "No."}})),
    ],
    "call_item": [
        bad("at the end of a stream", at_the_end(None, edited(CALL, {"call_id": DROP}))), good("streamed", at_the_end(None, CALL)),
        bad("arguments as an object", calling(CALL | {"arguments": {"city": "Oslo"}})),
        bad("without a call_id", calling(edited(CALL, {"call_id": DROP}))),
        bad("an empty name", calling(CALL | {"name": ""})),
        bad("without a status", calling(edited(CALL, {"status": DROP}))),
        good("plain", calling(CALL)),
        good("no arguments", calling(NOW_CALL | {"arguments": ""})),
        good("cut short", calling(CALL | {"status": "incomplete"}, edits=CUT)),
    ],
    "reasoning_item": [
        bad("at the end of a stream", at_the_end(None, edited(THOUGHT, {"summary": None}))), good("streamed", at_the_end(None, THOUGHT, MESSAGE)),
        bad("without a summary", replied({"output": [edited(THOUGHT, {"summary": DROP}), MESSAGE]})),
        bad("a summary of text", replied({"output": [THOUGHT | {"summary": ["Hm."]}]})),
        bad("without an id", replied({"output": [edited(THOUGHT, {"id": DROP})]})),
        good("without a status", replied({"output": [THOUGHT, MESSAGE]})),
        good("told", replied({"output": [
            THOUGHT | {"content": [{"type": "reasoning_text", "text": "Hm."}], "encrypted_content": "x"}
        ]})),
        good("content null", replied({"output": [THOUGHT | {"content": None}]})),
    ],
    "tools_are_repeated_flat": [
        bad("nested", replied({"tools": [{"type": "function", "function": FLAT}]})),
        bad("nested as well", replied({"tools": [FLAT | {"function": FLAT}]})),
        good("flat", replied({"tools": [FLAT]})),
        good("hosted", replied({"tools": [{"type": "web_search"}]})),
    ],
    "item_members": [
        bad("at the end of a stream", at_the_end(None, edited(MESSAGE, {"status": DROP}))), bad("a call at the end of a stream", at_the_end(None, edited(CALL, {"status": DROP}))), bad("text at the end of a stream", at_the_end(None, "Hello.")), good("streamed", at_the_end(None, THOUGHT, MESSAGE, {"id": "x", "type": "acme:thing"})),
        bad("without a type", replied({"output.0.type": DROP})),
        bad("without an id", calling(edited(CALL, {"id": DROP}))),
        bad("an item of text", replied({"output": ["Hello."]})),
        bad("a message without a status", replied({"output.0.status": DROP})),
        good("plain", replied()),
        good("reasoning without a status", replied({"output": [THOUGHT]})),
        good("an extension", replied({"output": [{"id": "x", "type": "acme:thing"}]})),
    ],
    "response_reasoning_is_counted": [
        bad("zero", replied({"output": [THOUGHTS, MESSAGE]})), bad("left out of the details", replied({"output": [THOUGHTS, MESSAGE], "usage.output_tokens_details": {}})),
        bad("a summary alone", replied({"output": [SUMMED_UP, MESSAGE]})),
        good("counted", replied({"output": [THOUGHTS, MESSAGE], "usage.output_tokens_details": {"reasoning_tokens": 2}})),
    ],
    "response_usage": [
        bad("another total at the end of a stream", at_the_end({"usage.total_tokens": 13})), bad("no details at the end of a stream", at_the_end({"usage.input_tokens_details": DROP})), good("streamed", at_the_end()),
        bad("another total", replied({"usage.total_tokens": 13})),
        bad("under the names of chat", replied({"usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}})),
        bad("without details", replied({"usage.input_tokens_details": DROP})),
        bad("a fraction", replied({"usage.output_tokens": 3.0})),
        bad("reasoning null", replied({"usage.output_tokens_details": {"reasoning_tokens": None}})),
        good("plain", replied()),
        good("more details", replied({"usage.input_tokens_details": {"cached_tokens": 4, "audio_tokens": 0}})),
    ],
    "a_completed_response_has_usage": [
        good("standard", replied()), good("of an odd form, which is for response_usage", replied({"usage": {}})),
        bad("none", replied({"usage": DROP})), bad("null", replied({"usage": None})),
    ],
    "a_response_costs_something": [
        good("standard", replied()), good("streamed", at_the_end()),
        bad("nothing", replied({"usage.output_tokens": 0, "usage.total_tokens": 9})), bad("nothing, streamed", at_the_end({"usage.output_tokens": 0})),
        bad("a call for nothing", calling(CALL, edits={"usage.output_tokens": 0})),
        bad("a request for nothing", replied({"usage.input_tokens": 0, "usage.total_tokens": 3})), bad("a request for nothing, streamed", at_the_end({"usage.input_tokens": 0})),
    ],
    "a_request_costs_something": [
        good("cut before a word", replied(CUT | {"output": [], "usage.output_tokens": 0})),
        bad("nothing", replied(CUT | {"output": [], "usage.input_tokens": 0, "usage.output_tokens": 0})), bad("nothing, streamed", at_the_end(CUT | {"output": [], "usage.input_tokens": 0})),
    ],
    "long_inputs_cost_more": [
        good("as many", replied({"usage.input_tokens": 14}, asked={"input": WORDS})), good("fewer by a dense vocabulary", replied({"usage.input_tokens": 4}, asked={"input": WORDS})),
        bad("one token", replied({"usage.input_tokens": 1}, asked={"input": WORDS})),
        bad("instructions are not counted", replied({"usage.input_tokens": 2}, asked={"instructions": WORDS})), bad("streamed", at_the_end({"usage.input_tokens": 1}, asked={"input": WORDS})),
        bad("the last message alone", replied({"usage.input_tokens": 2}, asked={"input": [{"role": "user", "content": [{"type": "input_text", "text": WORDS}]}, {"role": "user", "content": "Go."}]})),
    ],
    "response_keys_in_schema_order": [
        good("in order", saying('{"a": 1, "b": 2}', ORDERED)), good("one left out", saying('{"b": 2}', ORDERED)), bad("the other way round", saying('{"b": 2, "a": 1}', ORDERED)),
        bad("streamed", at_the_end({P + ".text": '{"b": 2, "a": 1}'}, asked=ORDERED)),
    ],
    "incomplete_says_why": [
        bad("at the end of a stream", at_the_end({"status": "incomplete"})), good("streamed", at_the_end(CUT)),
        bad("details null", replied({"status": "incomplete"})),
        bad("the word of chat", replied(CUT | {"incomplete_details": {"reason": "length"}})),
        bad("null", replied(CUT | {"incomplete_details": {"reason": None}})),
        good("the budget", replied(CUT)),
        good("a filter", replied(CUT | {"incomplete_details": {"reason": "content_filter"}})),
    ],
    "beyond_the_cap_is_incomplete": [
        bad("streamed", at_the_end({"usage.output_tokens": 17}, asked={"max_output_tokens": 16})), good("streamed and cut", at_the_end(CUT | {"usage.output_tokens": 17}, asked={"max_output_tokens": 16})),
        bad("by the usage", replied({"usage.output_tokens": 17}, asked={"max_output_tokens": 16})),
        bad("by the words", saying("word " * 40, {"max_output_tokens": 16}, {"usage": None})),
        good("cut", replied(CUT | {"usage.output_tokens": 17}, asked={"max_output_tokens": 16})),
    ],
    "unknown_items_carry_a_prefix": [
        bad("of no list", replied({"output": [{"id": "x", "type": "tool_result"}, MESSAGE]})),
        good("known", replied({"output": [THOUGHT, MESSAGE, CALL]})),
        good("prefixed", replied({"output": [{"id": "x", "type": "acme:search"}]})),
        good("without a type", replied({"output": [{"id": "x"}]})),
    ],
    "what_is_cut_is_last": [
        bad("not the last", replied(CUT | {"output": [MESSAGE | {"status": "incomplete"}, CALL]})),
        bad("in a completed response", replied({"output.0.status": "incomplete"})),
        good("completed", replied()),
        good("the last", replied(CUT_ITEM)),
        good("none is cut", replied(CUT)),
    ],
    "a_cut_message_is_incomplete": [
        bad("completed", replied(CUT)),
        bad("without a status", replied(CUT | {"output.0.status": DROP})),
        good("incomplete", replied(CUT_ITEM)),
        good("after reasoning", replied(CUT | {"output": [THOUGHT, MESSAGE | {"status": "incomplete"}]})),
    ],
    "response_error_is_standard": [
        bad("a detail", failing(body={"detail": "Not Found"}, path="/responses", asked=ASKED)),
        bad("plain text", exchange(b"Not Found", status=404, path="/responses", asked=ASKED)),
        bad("no type", failing({"error.type": DROP}, path="/responses", asked=ASKED)),
        bad("of a lookup", failing(body={"error": "gone"}, path="/responses/resp_1", method="GET", asked=None)),
        good("plain", failing(path="/responses", asked=ASKED)),
        good("a type of Open Responses", failing({"error.type": "not_found"}, path="/responses", asked=ASKED)),
        good("a numeric code is another clause's", failing({"error.code": 404}, path="/responses", asked=ASKED)),
    ],
    "tool_choice_is_kept": [
        bad("required, and text came", calling(MESSAGE, asked=choosing("required"))),
        bad("named, and another came", calling(NOW_CALL, asked=NAMED)),
        bad("named, and two came", calling(CALL, NOW_CALL, asked=NAMED)),
        bad("none, and one came", calling(CALL, asked=choosing("none"))),
        bad("allowed, and another came", calling(CALL, asked=ALLOWED)),
        bad("of those allowed none came", calling(MESSAGE, asked=MUST)),
        bad("streamed", events(MESSAGE, asked=choosing("required"))),
        good("required", calling(CALL, asked=choosing("required"))),
        good("named", calling(THOUGHT, CALL, asked=NAMED)),
        good("none", calling(MESSAGE, asked=choosing("none"))),
        good("allowed, and text came", calling(MESSAGE, asked=ALLOWED)),
        good("allowed", calling(NOW_CALL, asked=MUST)),
        good("streamed calls", events(CALL, asked=choosing("required"))),
    ],
    "text_fits_the_format": [
        bad("prose", saying("Sure, here it is.", STRICT)),
        bad("another type", saying('{"a": "one"}', STRICT)),
        bad("fenced", saying('```json\n{"a": 1}\n```', STRICT)),
        bad("streamed prose", events(MESSAGE, asked=STRICT | {"tools": []})),
        good("it fits", saying('{"a": 1}', STRICT)),
        good("with blanks", saying(' {"a": 1, "b": 2}\n', STRICT)),
    ],
    "response_out_of_range_is_400": [
        bad("served", replied(asked={"temperature": 3})),
        bad("no budget", replied(asked={"max_output_tokens": 0})),
        bad("422", failing(status=422, path="/responses", asked=ASKED | {"top_p": 2})),
        good("400", failing(status=400, path="/responses", asked=ASKED | {"top_p": -1})),
        good("400 for too many", failing(status=400, path="/responses", asked=ASKED | {"top_logprobs": 21})),
    ],
    "response_wrong_type_is_400": [
        bad("served", replied(asked={"max_output_tokens": "many"})),
        bad("500", failing(status=500, path="/responses", asked=ASKED | {"input": 5})),
        good("400", failing(status=400, path="/responses", asked=ASKED | {"tools": {}})),
    ],
}  # fmt: skip

LEFT_OUT = {
    "response_reasoning_is_counted": [replied({"output": [THOUGHTS, MESSAGE], "usage.output_tokens_details": DROP})],
    "response_object": [replied({"": {"error": {"message": "No."}}})],
    "error_has_an_error_status": [replied({"status": "failed", "error": {"message": "No."}})],
    "tool_choice_is_kept": [
        calling(MESSAGE, asked=choosing("required"), edits=CUT),
        calling(MESSAGE, asked=choosing("required") | {"max_output_tokens": 3}),
        calling(MESSAGE, asked=choosing({"type": "function", "name": "nobody"})),
        calling(MESSAGE),
    ],
    "long_inputs_cost_more": [replied({"usage.input_tokens": 1}), replied({"usage.input_tokens": 2}, asked={"input": [PONDERED, {"role": "user", "content": "Go."}]}), replied({"usage.input_tokens": 2}, asked={"input": WORDS, "truncation": "auto"}), replied({"usage": None}, asked={"input": WORDS}), replied({"usage.input_tokens": 0}, asked={"input": WORDS})],
    "response_keys_in_schema_order": [saying("x", ORDERED), saying('{"b": 2, "a": 1', ORDERED, CUT), saying('{"b": 2, "a": 1}', {"text": {"format": ORDERED["text"]["format"] | {"strict": False}}})],
    "text_fits_the_format": [
        saying('{"a": 1', STRICT, CUT),
        calling(CALL, asked=STRICT),
        replied({P: {"type": "refusal", "refusal": "No."}}, asked=STRICT),
        saying("x", {"text": {"format": {"type": "json_schema", "schema": SCHEMA}}}),
    ],
    "a_cut_message_is_incomplete": [
        calling(MESSAGE, edits=CUT),
        replied(CUT | {"output": [THOUGHT]}),
        replied(CUT | {"incomplete_details": {"reason": "content_filter"}}),
    ],
    "response_wrong_type_is_400": [
        replied(asked={"instructions": None, "text": None}),
        failing(status=404, path="/responses", asked=ASKED | {"input": 5}),
    ],
    "beyond_the_cap_is_incomplete": [
        replied({"usage.output_tokens": 16}, asked={"max_output_tokens": 16}),
    ],
}
"""Exchanges that a check must not look at."""
