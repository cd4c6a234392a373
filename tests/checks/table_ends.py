"""Rows for ends.py and extras.py, and for what usage, log probabilities, lines and fragments add up to."""

from build import (
    CREATED,
    HEL,
    HELLO,
    LO,
    ROLE,
    STOP,
    STREAM_HEADERS,
    TOOLS,
    USAGE,
    bad,
    called,
    chunk,
    chunks_of,
    event,
    exchange,
    fragment,
    good,
    hello,
    saying,
    spoken,
    stream,
)  # fmt: skip

WORDS = " ".join(f"word{n}" for n in range(40))
LONG_PROMPT = [{"role": "user", "content": "word " * 1000}]
PARTS = [{"role": "user", "content": [{"type": "text", "text": "word " * 600}, {"type": "text", "text": "word " * 400}]}]
FILTERED = {"hate": {"filtered": False}, "violence": {"filtered": True, "severity": "high"}}
CLEAN = {"hate": {"filtered": False, "severity": "safe"}}
ONE = HELLO["choices"][0]
TWO = [ONE, ONE | {"index": 1}]
SECOND = [each | {"choices": [each["choices"][0] | {"index": 1}]} for each in (ROLE, HEL, STOP)]
OPENED = fragment(id="call_1", type="function", name="get_weather", arguments="")
LETTER = '{"city": "' + "x" * 300 + '"}'


def spending(completion, edits=None, *, prompt=9, **known):
    """A completion that says how much it cost."""
    usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    return hello({"usage": usage} | (edits or {}), **known)


def capped(completion, finish, cap=3, **edits):
    return spending(completion, {"choices.0.finish_reason": finish} | edits, asked={"max_tokens": cap})


def likely(*tokens):
    """Log probabilities of tokens."""
    entries = [{"token": each, "logprob": -0.1, "bytes": None, "top_logprobs": []} for each in tokens]
    return {"content": entries, "refusal": None}


def entries(count, told):
    """A text of so many tokens, the last of which have an entry each."""
    tokens = [f"t{number} " for number in range(count)]
    edits = {"choices.0.message.content": "".join(tokens), "choices.0.logprobs": likely(*tokens[-told:])}
    return hello(edits, asked={"logprobs": True})


def told(count, spent, **usage):
    """A text of so many tokens, of which the usage counts some number."""
    tokens = [f"t{number} " for number in range(count)]
    edits = {"choices.0.message.content": "".join(tokens), "choices.0.logprobs": likely(*tokens),
             "usage": USAGE | {"completion_tokens": spent, "total_tokens": 9 + spent} | usage}  # fmt: skip
    return hello(edits, asked={"logprobs": True})


def joined(joint, **known):
    """Two chunks on one line, with something else between them than the end of a line."""
    first, second = event(HEL)[:-2], event(LO)
    return stream(ROLE, first + joint + second, STOP, **known)


def arguing(*parts):
    return called(OPENED, *[fragment(arguments=part) for part in parts])


ENDS = {
    "cap_ends_in_length": [
        good("at the cap", capped(3, "length")), good("the last token allowed is the end", capped(3, "stop")),
        good("beyond it, and it says so", capped(9, "length")),
        good("more words than tokens, and it says so", capped(3, "length", **{"choices.0.message.content": WORDS})),
        bad("beyond the cap", capped(9, "stop")), bad("calls beyond the cap", capped(9, "tool_calls")),
        bad("a count that hides it", capped(3, "stop", **{"choices.0.message.content": WORDS})),
        bad("streamed", stream(ROLE, chunk({"content": WORDS}), STOP, asked={"max_completion_tokens": 5})),
    ],
    "filtered_answers_say_so": [
        good("content_filter", hello({"choices.0.content_filter_results": FILTERED, "choices.0.finish_reason": "content_filter"})),
        bad("stop", hello({"choices.0.content_filter_results": FILTERED})),
        bad("one of two", hello({"choices": [ONE, ONE | {"index": 1, "content_filter_results": FILTERED}]})),
    ],
    "filtered_streams_say_so": [
        good("content_filter", stream(ROLE, HEL, chunk({}, "content_filter", choice={"content_filter_results": FILTERED}))),
        bad("stop", stream(ROLE, HEL, chunk({}, "stop", choice={"content_filter_results": FILTERED}))),
        bad("earlier", stream(ROLE, chunk({"content": "x"}, choice={"content_filter_results": FILTERED}), STOP)),
    ],
    "stop_string_is_left_out": [
        good("not there", saying("1, 2, ", asked={"stop": "3"})),
        good("a switch of the vendor's", saying("1, 2, 3", asked={"stop": "3", "include_stop_str_in_output": True})),
        bad("at the end", saying("1, 2, 3", asked={"stop": "3"})), bad("in the middle", saying("1, 2, 3, 4", asked={"stop": "3"})),
        bad("streamed", spoken(asked={"stop": "lo"})),
    ],
    "stop_strings_are_left_out": [
        good("none", saying("1, 2, ", asked={"stop": ["3", "4"]})), bad("the second", saying("1, 2, 4", asked={"stop": ["3", "4"]})),
    ],
    "stop_string_is_not_streamed": [
        good("not there", spoken(asked={"stop": ["x"]})), bad("in one delta", spoken(asked={"stop": "lo."})),
        bad("over two", spoken(asked={"stop": ["ello"]})),
    ],
}  # fmt: skip

EXTRAS = {
    "choices_share_id_and_time": [
        good("in one piece", hello({"choices": TWO}, asked={"n": 2})), good("streamed", stream(ROLE, HEL, *SECOND, STOP, asked={"n": 2})),
        good("no time on the usage", stream(ROLE, *SECOND, STOP, {"object": "chat.completion.chunk", "choices": [], "usage": USAGE})),
        bad("an id for each", stream(ROLE, HEL, *[each | {"id": "chatcmpl-2"} for each in SECOND], STOP)),
        bad("a time for each", stream(ROLE, HEL, *[each | {"created": CREATED + 1} for each in SECOND], STOP)),
        bad("within the choice", hello({"choices": [ONE, ONE | {"index": 1, "id": "chatcmpl-2"}]})),
    ],
    "attachments_are_asked_for": [
        good("stored", hello({"metadata": {"k": "v"}}, asked={"store": True, "metadata": {"k": "v"}})),
        bad("metadata", hello({"metadata": {"k": "v"}})), bad("moderation", hello({"moderation": {"flagged": False}}, asked={"store": True})),
    ],
    "running_usage_is_additive": [
        good("with choices", spoken((1, HEL | {"usage": USAGE}))), good("Groq", spoken((0, ROLE | {"x_groq": {"id": "req_1"}}))),
        good("Moonshot", spoken((3, chunk({}, "stop", choice={"usage": USAGE})))),
        bad("Groq without choices", spoken((1, {"id": "chatcmpl-1", "object": "chat.completion.chunk", "x_groq": {"usage": USAGE}}))),
        bad("no delta", spoken((1, chunks_of([{"index": 0, "usage": USAGE, "finish_reason": None}])))),
        bad("a number", spoken((1, HEL | {"usage": 12}))),
    ],
}  # fmt: skip

SUMS = {
    "long_prompts_cost_more": [
        good("as many", spending(3, prompt=1003, asked={"messages": LONG_PROMPT})),
        good("fewer by a dense vocabulary", spending(3, prompt=520, asked={"messages": LONG_PROMPT})),
        bad("always the same", spending(3, prompt=9, asked={"messages": LONG_PROMPT})),
        good("nine words", spending(3, prompt=9, asked={"messages": [{"role": "user", "content": "word " * 9}]})),
        bad("one token for nine words", spending(3, prompt=1, asked={"messages": [{"role": "user", "content": "word " * 9}]})),
        bad("cut off in silence", spending(3, prompt=128, asked={"messages": PARTS})),
    ],
    "prompt_is_read": [
        good("as many", spending(3, prompt=1003, asked={"messages": LONG_PROMPT})), good("not counted", hello({"usage": None}, asked={"messages": LONG_PROMPT})), good("nothing counted", spending(3, prompt=0, asked={"messages": LONG_PROMPT})),
        good("too short to say", spending(3, prompt=1)), bad("the last words alone", spending(3, prompt=20, asked={"messages": PARTS})),
    ],
    "completion_is_the_sum_of_choices": [
        good("both", spending(6, {"choices": TWO}, asked={"n": 2})),
        good("both cut", spending(32, {"choices": [each | {"finish_reason": "length"} for each in TWO]}, asked={"n": 2, "max_tokens": 16})),
        bad("one of two that were cut", spending(16, {"choices": [each | {"finish_reason": "length"} for each in TWO]}, asked={"n": 2, "max_tokens": 16})),
        bad("one of two long ones", spending(30, {"choices": [each | {"message": ONE["message"] | {"content": WORDS}} for each in TWO]}, asked={"n": 2})),
    ],
    "as_many_logprobs_as_tokens": [
        good("as many", told(20, 20)), good("with an end of sequence", told(20, 21)),
        good("and reasoning", told(20, 50, completion_tokens_details={"reasoning_tokens": 30})),
        bad("one for several", told(20, 60)), bad("more than were counted", told(60, 20)),
    ],
    "each_token_has_an_entry": [
        good("as many", told(20, 20)), good("more than were counted", told(20, 10)), good("and not all", entries(20, 15)), bad("one of them", entries(20, 1)), bad("a third", entries(21, 7)),
    ],
    "lines_end_as_lines_do": [
        good("LF", spoken()), good("CRLF", stream(event(ROLE).replace(b"\n", b"\r\n"), STOP)),
        good("within a text", spoken((1, chunk({"content": "\ndata: \u2028data: x"})))),
        good("a broken chunk", stream(ROLE, b'data: {"id": "x", data: \n\n', STOP)),
        bad("nothing", joined(b"")), bad("a written end", joined(b"\\n\\n")), bad("a separator of Unicode's", joined("\u2028".encode())),
        bad("NUL", joined(b"\0")), bad("a vertical tab", joined(b"\x0b")),
        bad("the last one", exchange([event(ROLE), event(STOP)[:-2] + b"\\n\\ndata: [DONE]\\n\\n"], headers=STREAM_HEADERS, asked={"model": "m", "stream": True})),
    ],
    "large_arguments_come_in_parts": [
        good("in parts", arguing(LETTER[:200], LETTER[200:])), good("in one with the name", arguing('{"city": "', LETTER[10:])),
        bad("in one", arguing(LETTER)), bad("all at once", called(OPENED | {"function": {"name": "get_weather", "arguments": LETTER}}, tools=TOOLS)),
    ],
}  # fmt: skip

TABLE = ENDS | EXTRAS | SUMS
