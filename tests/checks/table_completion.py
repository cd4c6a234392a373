"""Rows for completion.py, usage.py and logprobs.py."""

from build import (
    BILL,
    DROP,
    HEL,
    ROLE,
    STOP,
    TOOLS,
    USAGE,
    M,
    accounted,
    bad,
    calling,
    chunk,
    failing,
    good,
    hello,
    saying,
    spoken,
    stream,
)  # fmt: skip

REFUSED = {f"{M}.content": None, f"{M}.refusal": "I can't help with that."}
NAMED = {"tool_choice": {"type": "function", "function": {"name": "get_weather"}}}
CAPPED = {"max_tokens": 3}
COPY = {"messages": [{"role": "user", "content": "Repeat exactly: naïve café, 世界, 🙂🙃"}]}
RESULT = [{"role": "user", "content": "Hi"}, {"role": "tool", "tool_call_id": "c1", "content": "17"}]


def token(text, logprob=-0.1, top=(), **members):
    """An entry of log probabilities."""
    alternatives = [{"token": t, "logprob": v, "bytes": list(t.encode())} for t, v in top]
    entry = {
        "token": text,
        "logprob": logprob,
        "bytes": list(text.encode()),
        "top_logprobs": alternatives,
    }
    return {name: value for name, value in (entry | members).items() if value is not DROP}


def told(*tokens, asked=None, edits=None, content="Hello there."):
    """A completion with log probabilities."""
    logprobs = {"content": list(tokens), "refusal": None}
    wanted = {"logprobs": True, "top_logprobs": 2} | (asked or {})
    edits = {"choices.0.logprobs": logprobs, f"{M}.content": content} | (edits or {})
    return hello(edits, asked=wanted)


def token_chunk(text, *tokens, **members):
    """A chunk with a text and its log probabilities."""
    return chunk(
        {"content": text}, choice={"logprobs": {"content": list(tokens), "refusal": None} | members}
    )


PAIR = (
    token("Hello", top=[("Hello", -0.1), ("Hi", -2)]),
    token(" there.", top=[(" there.", -0.1)]),
)
CUT = (token("Hi"), token(" \ufffd", bytes=[0x20, 0xF0, 0x9F]))
LENGTH = {"choices.0.finish_reason": "length"}
L = "choices.0.logprobs"
ASKED_LOGPROBS = {"logprobs": True}


def token_stream(*chunks, asked=None):
    return stream(ROLE, *chunks, STOP, asked=ASKED_LOGPROBS | (asked or {}))


SPLIT = token_stream(token_chunk("Hello", token("Hello")), token_chunk(" there.", token(" there.")))


def schema_rows(edits):
    """A correct completion, and one that is edited."""
    return [
        good("standard", hello()),
        *[bad(f"{path} {value!r}"[:60], hello({path: value})) for path, value in edits],
    ]


COMPLETION = {
    "completion_id": schema_rows([("id", DROP), ("id", ""), ("id", 7)]),
    "completion_object": schema_rows([("object", "chat.completion.chunk"), ("object", DROP), ("", [])]),
    "completion_model": schema_rows([("model", None), ("model", DROP)]),
    "completion_choices": schema_rows([("choices", []), ("choices", None), ("choices", DROP)]),
    "message_of_the_assistant": schema_rows([(M, DROP), (f"{M}.role", "model"), (f"{M}.role", DROP)]),
    "content_key": [
        good("standard", hello()), good("null beside a call", calling()),
        bad("missing", hello({f"{M}.content": DROP})),
        bad("parts", hello({f"{M}.content": [{"type": "text", "text": "Hi"}]})),
    ],
    "refusal_key": schema_rows([(f"{M}.refusal", DROP), (f"{M}.refusal", False)]),
    "finish_reason_is_known": [
        *schema_rows([("choices.0.finish_reason", each) for each in (None, "", "eos", "end_turn", DROP)]),
        good("tool_calls", calling()),
    ],
    "logprobs_key": schema_rows([("choices.0.logprobs", DROP)]),
    "content_without_call": [
        good("empty", saying("")), good("null beside a call", calling()), good("a refusal", hello(REFUSED)),
        good("reasoning took all", hello({f"{M}.content": None, f"{M}.reasoning_content": "Hm",
                                          "choices.0.finish_reason": "length"})),
        bad("null", saying(None)),
    ],
    "no_empty_tool_calls": [
        good("left out", hello()), good("null", hello({f"{M}.tool_calls": None})), good("a call", calling()),
        bad("empty", hello({f"{M}.tool_calls": []})),
    ],
    "usage_is_there": schema_rows([("usage", DROP), ("usage", None)]),
    "fingerprint_is_text": [
        good("text", hello({"system_fingerprint": "fp_1"})), good("null", hello({"system_fingerprint": None})),
        bad("a number", hello({"system_fingerprint": 1})),
    ],
    "service_tier_is_text": [
        good("text", hello({"service_tier": "default"})), bad("an object", hello({"service_tier": {}})),
    ],
    "annotations_are_a_list": [
        good("empty", hello({f"{M}.annotations": []})), bad("an object", hello({f"{M}.annotations": {}})),
    ],
    "audio_is_an_object": [
        good("an object", hello({f"{M}.audio": {"id": "a"}})), bad("text", hello({f"{M}.audio": "UklG"})),
    ],
    "standard_members_keep_their_type": [
        good("with extensions", hello({"choices.0.stop_reason": 2, "prompt_logprobs": None})),
        bad("logprobs are a list", hello({"choices.0.logprobs": []})),
        bad("tool_calls are text", hello({f"{M}.tool_calls": "none"})),
    ],
    "reasoning_is_text": [
        good("reasoning_content", hello({f"{M}.reasoning_content": "Hm"})),
        good("reasoning", hello({f"{M}.reasoning": "Hm"})),
        bad("an object", hello({f"{M}.reasoning_content": {"text": "Hm"}})),
    ],
    "id_looks_like_a_completion": [
        good("chatcmpl-", hello()), bad("otherwise", hello({"id": "cmpl-1"})), bad("bare", hello({"id": "0af3"})),
    ],
    "created_is_in_seconds": schema_rows(
        [("created", value) for value in ("1795348800", 1795348800.5, 1795348800.0, 1795348800000, 0, DROP)]
    ),
    "created_is_about_now": [
        good("the same second", hello()), good("some minutes before", hello({"created": 1795348800 - 300})),
        good("streamed", spoken()),
        bad("years before", hello({"created": 1700000000})), bad("tomorrow", hello({"created": 1795348800 + 86400})),
    ],
    "indexes_cover_the_choices": [
        good("one", hello()),
        bad("missing", hello({"choices.0.index": DROP})), bad("from 1", hello({"choices.0.index": 1})),
        bad("text", hello({"choices.0.index": "0"})),
        bad("twice", hello({"choices": [{"index": 0}, {"index": 0}]})),
        good("out of order", hello({"choices": [{"index": 1}, {"index": 0}]})),
    ],
    "calls_end_in_tool_calls": [
        good("tool_calls", calling()), bad("stop", calling({"choices.0.finish_reason": "stop"})),
    ],
    "forced_calls_end_in_stop_or_tool_calls": [
        good("tool_calls", calling(asked=NAMED)), good("stop", calling({"choices.0.finish_reason": "stop"}, asked=NAMED)),
        bad("function_call", calling({"choices.0.finish_reason": "function_call"}, asked=NAMED)),
    ],
    "no_markup_in_content": [
        good("plain", hello()), good("streamed", spoken()),
        good("a comparison", saying("if a < b and c > d: print('<|')")),
        good("HTML", saying("<p>Use <b>bold</b> or <s>struck</s> text.</p>")),
        good("in a code span", saying("The tag `<think>` begins it.")),
        good("said by the prompt", saying("It is <think>.", asked={"messages": [{"role": "user", "content": "Repeat: <think>"}]})),
        good("JSON that was asked for", saying('{"name": "get_weather", "arguments": {}}', asked={"response_format": {"type": "json_object"}})),
        good("a code of that name", saying("now({x: 1}) is no call", asked={"tools": TOOLS})),
        good("copied from how the template wrote a result", saying("<tool_response>\n17\n</tool_response>", asked={"messages": RESULT})),
        good("a tag that a sentence tells of", saying("Write it within <tool_call></tool_call> XML tags.", asked={"tools": TOOLS})),
        bad("a pair whose call was taken out", saying("<tool_call></tool_call>", asked={"tools": TOOLS})),
        bad("a result that nobody brought", saying("<tool_response>\n17\n</tool_response>")),
        bad("a call after a result", saying("<tool_call>\n{}\n</tool_call>", asked={"messages": RESULT})),
        bad("a name and an object", saying('get_weather\n{"city": "Oslo"}', asked={"tools": TOOLS})),
        bad("a call as it is written", saying('get_weather({"city": "Oslo"})', asked={"tools": TOOLS})),
        bad("a call in tags", saying('<tool_call>\n{"name": "f"}\n</tool_call>')),
        bad("a section of calls", saying("<|tool_calls_section_begin|><|tool_call_begin|>functions.f:0")),
        bad("a python tag", saying("<|python_tag|>get_weather()")),
        bad("in brackets", saying('[TOOL_CALLS][{"name": "f"}]')),
        bad("a function tag", saying("<function=get_weather><parameter=city>Oslo</parameter></function>")),
        bad("full-width bars", saying("<｜tool▁calls▁begin｜>")),
        bad("full-width markup of calls", saying('<｜DSML｜invoke name="f">')),
        bad("a channel", saying("<|channel|>final<|message|>Hello")),
        bad("the end of a turn", saying("Hello.<|im_end|>")),
        bad("the end of a text", saying("Hello.</s>")),
        bad("thinking", saying("<think>\nHm.\n</think>Hello.")),
        bad("only the end of it", saying("Hm.\n</think>\n\nHello.")),
        bad("a bare call", saying('{"name": "get_weather", "parameters": {"city": "Oslo"}}', asked={"tools": [
            {"type": "function", "function": {"name": "get_weather"}}]})),
        bad("streamed", spoken((1, chunk({"content": "<|im_"})), (2, chunk({"content": "start|>"})))),
    ],
    "content_is_unicode": [
        good("many scripts", saying("你好, Grüße 🎉")),
        good("U+FFFD that was asked for", saying("\ufffd", asked={"messages": [{"role": "user", "content": "What is \ufffd?"}]})),
        good("bytes of the model that are no text", saying("Ünïcode \ufffdﾞﾞﾞﾞ", asked=COPY | {"temperature": 0})),
        good("one torn character, which a model may have got wrong", saying("na\ufffdve café, 世界", asked=COPY)),
        good("torn to the cap, over and over", hello({f"{M}.content": "Hm " + "\ufffd" * 9, "choices.0.finish_reason": "length"}, asked={"temperature": 0})),
        good("torn within an answer that the cap cut", hello({f"{M}.content": "\ufffd, and so", "choices.0.finish_reason": "length"}, asked={"temperature": 0})),
        good("torn at an end of its own", saying("Hm \ufffd", asked={"temperature": 0})),
        good("after a blank, where a sign may begin that the model got wrong", saying("Hi \ufffd there")), good("within a word, where anything may come", saying("He\ufffdllo", asked={"temperature": 1})),
        good("within a word of many scripts", saying("Gr\ufffdße")), bad("within a word of plain text", saying("Say\ufffd of the and", asked={"temperature": 0})),
        good("the apostrophe of pages that a model was trained on", saying("I don\ufffdt know.", asked={"temperature": 0})), good("their accent", saying("Na\ufffdve, no?", asked={"temperature": 0})),
        good("torn in other words than the prompt's", saying("the \ufffd of the \ufffd", asked=COPY)),
        bad("several characters of the prompt", saying("Sure: na\ufffdve caf\ufffd, \ufffd\ufffd", asked=COPY)),
        bad("characters of several marks each", saying("naïve café\ufffd, \ufffd\ufffd\ufffd\ufffd\ufffd\ufffd, \ufffd", asked={"messages": [{"role": "user", "content": "naïve café…, 世界, 🙂"}]})),
        good("torn by the cap, where anything may come", hello({f"{M}.content": "この\ufffd", "choices.0.finish_reason": "length"})),
        good("nothing but a torn token", hello({f"{M}.content": "\ufffd", "choices.0.finish_reason": "length"}, asked={"max_tokens": 1, "temperature": 0})),
        bad("torn by the cap", hello({f"{M}.content": "この\ufffd", "choices.0.finish_reason": "length"}, asked={"temperature": 0})),
        bad("a lone surrogate", saying("Hi \ud83c")),
        bad("torn in a stream", spoken((1, chunk({"content": "na\ufffd"})), (2, chunk({"content": "ve caf\ufffd"})), asked=COPY)),
    ],
    "refusal_stands_alone": [
        good("alone", hello(REFUSED)),
        bad("beside content", hello({f"{M}.refusal": "No."})),
        bad("another end", hello(REFUSED | {"choices.0.finish_reason": "length"})),
    ],
    "as_many_choices_as_asked": [
        good("two", hello({"choices": [{"index": 0, "message": {}}, {"index": 1, "message": {}}]}, asked={"n": 2})),
        bad("one of two", hello(asked={"n": 2})), bad("one of two, streamed", spoken(asked={"n": 2})),
    ],
}  # fmt: skip

DETAILS = "usage.completion_tokens_details"
USAGES = {
    "usage_counts": [
        good("standard", hello()), good("in a stream", accounted()),
        good("in every chunk", spoken((1, HEL | {"usage": USAGE}))),
        bad("missing", hello({"usage.total_tokens": DROP})), bad("text", hello({"usage.prompt_tokens": "9"})),
        bad("below 0", hello({"usage.completion_tokens": -1})), bad("a fraction", hello({"usage.completion_tokens": 3.0})),
        bad("in a stream", accounted(ROLE, STOP, BILL | {"usage": {"total_tokens": 1}})),
    ],
    "total_is_the_sum": [
        good("standard", hello()), good("streamed", accounted()), bad("one more", hello({"usage.total_tokens": 13})),
        bad("streamed", accounted(ROLE, HEL, STOP, BILL | {"usage": USAGE | {"total_tokens": 3}})),
    ],
    "something_costs_something": [
        good("standard", hello()), good("nothing said", hello({f"{M}.content": "", "usage.completion_tokens": 0})),
        bad("a free prompt", hello({"usage.prompt_tokens": 0})), bad("a free answer", hello({"usage.completion_tokens": 0})),
        bad("a free call", calling({"usage.completion_tokens": 0})),
    ],
    "cap_is_kept": [
        good("at the cap", hello(asked=CAPPED)), good("far below", hello(asked={"max_completion_tokens": 100})),
        good("twice two", hello({"choices": [{"index": 0}, {"index": 1}], "usage.completion_tokens": 6}, asked={"n": 2} | CAPPED)),
        bad("above", hello(asked={"max_tokens": 2})), bad("above the newer cap", hello(asked={"max_completion_tokens": 1})),
    ],
    "length_means_the_cap": [
        good("at the cap", hello({"choices.0.finish_reason": "length"}, asked=CAPPED)),
        good("one below", hello({"choices.0.finish_reason": "length"}, asked={"max_tokens": 4})),
        bad("far below", hello({"choices.0.finish_reason": "length"}, asked={"max_tokens": 100})),
    ],
    "what_is_cut_has_begun": [
        good("some tokens", hello({"choices.0.finish_reason": "length"})),
        good("tokens that nobody sees", hello({"choices.0.finish_reason": "length", f"{M}.content": ""})),
        bad("none", hello({"choices.0.finish_reason": "length", f"{M}.content": "", "usage": USAGE | {"completion_tokens": 0, "total_tokens": 9}}, asked={"max_tokens": 9999})),
    ],
    "completion_details_count": [
        good("integers", hello({DETAILS: {"reasoning_tokens": 0}})), good("null", hello({DETAILS: {"audio_tokens": None}})),
        bad("text", hello({DETAILS: {"reasoning_tokens": "0"}})), bad("a list", hello({DETAILS: []})),
        bad("in a stream", accounted(ROLE, STOP, BILL | {"usage": USAGE | {"completion_tokens_details": 1}})),
    ],
    "prompt_details_count": [
        good("integers", hello({"usage.prompt_tokens_details": {"cached_tokens": 9}})),
        bad("text", hello({"usage.prompt_tokens_details": {"cached_tokens": "9"}})),
        bad("more than all", hello({"usage.prompt_tokens_details": {"cached_tokens": 10}})),
    ],
    "reasoning_is_part_of_the_completion": [
        good("all of it", hello({DETAILS: {"reasoning_tokens": 3}})), bad("more", hello({DETAILS: {"reasoning_tokens": 4}})),
    ],
}  # fmt: skip

LOGPROBS = {
    "logprobs_hold_content": [
        good("standard", told(*PAIR)), good("in a stream", SPLIT),
        bad("null", hello({L: {"content": None, "refusal": None}})),
        bad("missing", hello({L: {"refusal": None}})),
        bad("in a stream", token_stream(chunk({"content": "Hello"}, choice={"logprobs": {"refusal": None}}))),
    ],
    "logprobs_come_when_asked_for": [
        good("there", told(*PAIR)), good("streamed", SPLIT),
        bad("null", hello(asked=ASKED_LOGPROBS)), bad("null in a stream", spoken(asked=ASKED_LOGPROBS)),
        bad("empty", told()),
    ],
    "tokens_have_a_logprob": [
        good("standard", told(*PAIR)), good("the least there is", told(token("Hello there.", -9999.0))),
        bad("above 0", told(token("Hello there.", 0.5))), bad("missing", told(token("Hello there.", DROP))),
        bad("a token number", told(token("Hello there.") | {"token": 7})),
    ],
    "tokens_have_bytes": [
        good("standard", told(*PAIR)), good("null", told(token("Hello there.", bytes=None))),
        bad("missing", told(token("Hello there.", bytes=DROP))), bad("256", told(token("Hello there.", bytes=[1, 256]))),
    ],
    "tokens_have_alternatives": [
        good("empty", told(token("Hello there."))), bad("null", told(token("Hello there.", top_logprobs=None))),
        bad("missing", told(token("Hello there.", top_logprobs=DROP))),
    ],
    "logprobs_of_refusals": [
        good("null", told(*PAIR)), bad("missing", hello({L: {"content": []}})),
    ],
    "alternatives_are_entries": [
        good("standard", told(*PAIR)), bad("texts", told(token("Hello there.", top_logprobs=["Hi"]))),
    ],
    "alternatives_are_as_many_as_asked": [
        good("two", told(*PAIR)), good("fewer", told(token("Hello there."))),
        bad("three of two", told(token("Hello there.", top=[("a", -1), ("b", -2), ("c", -3)]))),
    ],
    "no_alternatives_unasked": [
        good("none", told(token("Hello there.", top=[]), asked={"top_logprobs": 0})),
        bad("none asked for", told(*PAIR, asked={"top_logprobs": None})), bad("0 asked for", told(*PAIR, asked={"top_logprobs": 0})),
    ],
    "alternatives_come_when_asked_for": [
        good("standard", told(*PAIR)), good("of one token", told(token("Hello"), PAIR[1])), good("the token itself", told(token("Hello", top=[("Hello", -0.1)]), asked={"top_logprobs": 1})),
        bad("none", told(token("Hello"), token(" there."))), bad("none in a stream", token_stream(token_chunk("Hi", token("Hi")), asked={"top_logprobs": 2})),
        bad("no list", told(token("Hello there.", top_logprobs=None))),
    ],
    "alternatives_are_sorted": [
        good("sorted", told(*PAIR)), bad("not", told(token("Hello there.", top=[("b", -2), ("a", -1)]))),
    ],
    "greedy_takes_the_first": [
        good("the first", told(*PAIR, asked={"temperature": 0})),
        good("a tie", told(token("Hello there.", -0.69, top=[("Hi", -0.68), ("Hello there.", -0.69)]), asked={"temperature": 0})),
        good("a tie with an end that has no text", told(token("Hello there.", -0.69, top=[("", -0.68), ("Hello there.", -0.69)]), asked={"temperature": 0})),
        good("a tie with an end, and no more alternatives", told(token("Hello there.", -0.69, top=[("", -0.68)]), asked={"temperature": 0})),
        good("an end that has a name as an alternative", told(*PAIR, token("", -0.1, top=[("<end>", -0.1)]), asked={"temperature": 0})),
        bad("no text", told(token("Hello there.", -0.1, top=[("", -0.1)]), asked={"temperature": 0})),
        bad("no text among others", told(token("Hello there.", -0.1, top=[("", -0.1), ("Hi", -3)]), asked={"temperature": 0})),
        bad("an end that was likelier by far", told(token("Hello there.", -2, top=[("", -0.1), ("Hello there.", -2)]), asked={"temperature": 0})),
        bad("another", told(token("Hello there.", -2, top=[("Hi", -0.1), ("Hello there.", -2)]), asked={"temperature": 0})),
    ],
    "greedy_keeps_its_names": [
        good("as they are", told(*PAIR, asked={"temperature": 0})),
        good("ties that leave no room", told(*2 * [token("Hi", -0.69, top=[("Ho", -0.69)])], asked={"temperature": 0})),
        good("ties of several", told(*2 * [token("Hi", -1.1, top=[("Ho", -1.1), ("Ha", -1.1)])], asked={"temperature": 0})),
        good("ties among others", told(*2 * [token("Hi", -0.7, top=[("Ho", -0.7), ("Hi", -0.7), ("Ha", -5)])], asked={"temperature": 0})),
        good("pieces of characters", told(*2 * [token("\xfc", -0.1, top=[("<0xBC>", -0.1), ("Hi", -3)])], asked={"temperature": 0})),
        good("one that holds what was kept back", told(*PAIR, token("zebra", -0.1, top=[("ra", -0.1), ("Hi", -3)]), asked={"temperature": 0})),
        good("others that were likelier", told(*2 * [token("Hi", -2, top=[("Ho", -0.1), ("Ha", -5)])], asked={"temperature": 0})),
        good("no text, which another check tells", told(*2 * [token(" ", -0.1, top=[("", -0.1), ("Ha", -5)])], asked={"temperature": 0})),
        bad("their blanks lost", told(*2 * [token(" there.", -0.1, top=[("there.", -0.1), ("Hi", -3)])], asked={"temperature": 0})),
        bad("numbers for names", told(*2 * [token("Hi", -0.1, top=[("<1234>", -0.1), ("<7>", -3)])], asked={"temperature": 0})),
    ],
    "chances_add_up": [
        good("standard", told(*PAIR)), good("none beside it", told(token("Hello there.", top=[]))), good("in a stream", SPLIT),
        good("a token that is not among its alternatives", told(token("Hello there.", -1.2, top=[("Hi", -0.5), ("Ho", -2)]))),
        good("itself once more", told(token("Hello there.", -0.01, top=[("Hello there.", -0.01), ("Hi", -5)]))),
        good("others that cannot be", told(token("Hello there.", 0.0, top=[("Hello there.", 0.0), ("Hi", -9999.0)]))),
        bad("all of them certain", told(token("Hello there.", 0.0, top=[("Hello there.", 0.0), ("Hi", 0.0)]))),
        good("told again in other letters", told(token(" there.", -0.1, top=[("Ġthere.", -0.1), ("Hi", -3)]))),
        bad("two that are likely", told(token("Hello there.", -0.2, top=[("Hello there.", -0.2), ("Hi", -0.3)]))),
        bad("in a stream", token_stream(token_chunk("Hi", token("Hi", 0.0, top=[("Hi", 0.0), ("Ho", 0.0)])), asked={"top_logprobs": 2})),
    ],
    "tokens_make_up_the_content": [
        good("the texts", told(*PAIR)), good("the bytes", told(token("\ufffd", bytes=[0xC3]), token("\ufffd", bytes=[0xBC]), content="ü")),
        good("up to the stop", told(*PAIR, content="Hello", asked={"stop": "th"})),
        good("up to a character that the cap cut", told(*CUT, content="Hi", edits=LENGTH)), good("and the blank before it", told(*CUT, content="Hi ", edits=LENGTH)),
        bad("a character that nothing cut", told(*CUT, content="Hi")), bad("cut before its last character", told(*CUT, content="H", edits=LENGTH)),
        bad("a call withheld, without tools", told(token("<tool"), content="", edits=LENGTH)), bad("tools, and nothing cut", told(token("<tool"), content="", asked={"tools": TOOLS})),
        bad("one missing", told(PAIR[0])), bad("twice", told(*PAIR, *PAIR)),
    ],
    "no_logprobs_unasked": [
        good("null", hello()), good("absent", hello({L: DROP})), good("streamed", spoken()),
        bad("there", hello({L: {"content": [], "refusal": None}})),
    ],
    "streamed_tokens_make_up_the_content": [
        good("split", SPLIT), bad("one missing", token_stream(token_chunk("Hello", token("Hello")), chunk({"content": " there."}))),
    ],
    "scored_as_well": [
        good("both", told(*PAIR), step="one", steps={"one": told(*PAIR, edits={})}), good("neither", hello(), step="one", steps={"one": hello()}),
        good("only here", told(*PAIR), step="one", steps={"one": hello()}), good("streamed", SPLIT, step="one", steps={"one": told(*PAIR)}),
        bad("only there", hello(), step="one", steps={"one": told(*PAIR)}), bad("null in a stream", token_stream(chunk({"content": "Hi"})), step="one", steps={"one": told(*PAIR)}),
        bad("no answer", failing(), step="one", steps={"one": told(*PAIR)}),
    ],
    "scores_end_with_the_stop": [
        good("without the stop", told(PAIR[0], content="Hello", asked={"stop": "th"})),
        good("with the token that completes it", told(*PAIR, content="Hello", asked={"stop": ["x", "there"]})),
        good("with the token that ends the text", told(*PAIR, token("<end>"), asked={"stop": "x"})),
        good("other tokens", told(token("Bye"), asked={"stop": "x"})),
        bad("with a token after it", told(*PAIR, token(" ha"), content="Hello", asked={"stop": "there"})),
        bad("with what never was", told(*PAIR, token(" ha"), token("!"), asked={"stop": "x"})),
    ],
    "streamed_scores_end_with_the_stop": [
        good("split", token_stream(token_chunk("Hello", token("Hello")), token_chunk("", token(" there")), asked={"stop": "there"})),
        bad("with tokens after it", token_stream(token_chunk("Hello", token("Hello")), token_chunk("", token(" there"), token(" ha")), asked={"stop": "there"})),
    ],
    "scores_come_with_their_text": [
        good("split", SPLIT), good("without bytes", token_stream(token_chunk("Hello", token("Hello", bytes=None)), token_chunk(" there.", token(" there.", bytes=None)))),
        good("a character in parts", token_stream(token_chunk("", token("\ufffd", bytes=[0xC3])), token_chunk("ü", token("\ufffd", bytes=[0xBC])), token_chunk("b", token("b")))),
        good("a blank that waits for the character it shares a token with", token_stream(token_chunk("Hi", token("Hi")), token_chunk("", token(" \ufffd", bytes=[0x20, 0xF0, 0x9F])), token_chunk("", token("\ufffd", bytes=[0x8D])), token_chunk(" 🍐", token("\ufffd", bytes=[0x90])))),
        good("all of them at the end", token_stream(token_chunk("a"), token_chunk("b"), token_chunk("", token("a"), token("b")))), good("each after its text", token_stream(token_chunk("a"), token_chunk("", token("a")), token_chunk("b"), token_chunk("", token("b")))),
        good("each before its text", token_stream(token_chunk("", token("a")), token_chunk("a"), token_chunk("", token("b")), token_chunk("b"))), good("a tag that was waited for", token_stream(token_chunk("", token("<")), token_chunk("", token("p")), token_chunk("<p>", token(">")))),
        good("an end that is no text", token_stream(token_chunk("Hi", token("Hi")), token_chunk("", token("<end>")), token_chunk("", token("<pad>")))),
        good("one that waits", token_stream(token_chunk("", token("Hi")), token_chunk("Hi a", token(" a")), token_chunk(" b", token(" b")))),
        bad("a chunk ahead", token_stream(token_chunk("a", token("a"), token("b")), token_chunk("b", token("c")), token_chunk("c", token("d")), token_chunk("d"))),
    ],
    "chunk_logprobs_are_an_object": [
        good("split", SPLIT), bad("a list", token_stream(chunk({"content": "Hi"}, choice={"logprobs": [1]}))),
    ],
    "chunk_logprobs_are_new": [
        good("split", SPLIT),
        good("the same word twice", token_stream(*[token_chunk("ha", token("ha"))] * 3)),
        good("two tokens in a chunk", token_stream(token_chunk("ha", token("ha")), token_chunk("haha", token("ha"), token("ha")))),
        bad("all so far", token_stream(token_chunk("Hello", token("Hello")), token_chunk(" there.", token("Hello"), token(" there.")))),
    ],
}  # fmt: skip
TABLE = COMPLETION | USAGES | LOGPROBS
