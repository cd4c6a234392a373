"""Rows for stream.py, stream_usage.py and stream_tools.py."""

from build import (
    ACCOUNTED,
    BILL,
    CALLED,
    DROP,
    HEL,
    LO,
    OPEN,
    REST,
    ROLE,
    STOP,
    TOOLS,
    USAGE,
    accounted,
    bad,
    called,
    chunk,
    chunks_of,
    fragment,
    fragments,
    good,
    spoken,
    stream,
)  # fmt: skip

from conformance.wire.exchange import Ended

AZURE = chunks_of([], id="chatcmpl-1", prompt_filter_results=[])
THINK = chunk({"reasoning_content": "Hm. "})
LONG = " ".join(f"word{n}" for n in range(60))
NULL = [each | {"usage": None} for each in (ROLE, HEL, STOP)]
CONTINUOUS = {"stream_options": {"include_usage": True, "continuous_usage_stats": True}}
NAMED = {"tool_choice": {"type": "function", "function": {"name": "get_weather"}}}
TWO = [OPEN, *REST, OPEN | {"index": 1, "id": "call_2"}, *[each | {"index": 1} for each in REST]]
TURNS = [TWO[0], TWO[3], TWO[1], TWO[4], TWO[2], TWO[5]]
"""Legal as far as clients put calls together by index; that calls should not take turns is another clause."""
NOW = fragment(id="call_1", type="function", name="now", arguments="")
TOLD = fragment(id="call_1", type="function", name="get_weather", arguments='{"city": "Oslo"}')
CUSTOM = {"index": 0, "id": "c", "type": "custom", "custom": {"name": "sh", "input": ""}}


def chunk_rows(edits):
    """A correct stream, and ones with a chunk edited."""
    rows = [good("standard", spoken()), good("no choices yet", stream(AZURE, ROLE, HEL, STOP))]
    return rows + [bad(name, spoken((1, value))) for name, value in edits]


CHUNKS = {
    "chunk_object": chunk_rows([("missing", chunk({"content": "Hel"}, object=DROP)), ("a list", [1]),
                                ("that of a completion", HEL | {"object": "chat.completion"})]),
    "chunk_id": chunk_rows([("empty", HEL | {"id": ""}), ("a number", HEL | {"id": 1})]),
    "chunk_created": chunk_rows([("text", HEL | {"created": "1795348800"}), ("a fraction", HEL | {"created": 1.5})]),
    "chunk_model": chunk_rows([("null", HEL | {"model": None})]),
    "chunk_choices": chunk_rows([("null", HEL | {"choices": None}), ("missing", chunks_of(DROP))]),
    "choice_index": chunk_rows([("missing", chunk({"content": "x"}, index=DROP)), ("text", chunk({"content": "x"}, index="0"))]),
    "choice_delta": [
        good("empty", spoken()), bad("null", spoken((3, chunk({}, "stop", choice={"delta": None})))),
        bad("missing", spoken((3, chunk({}, "stop", choice={"delta": DROP})))),
    ],
    "choice_finish_reason": [
        good("standard", spoken()), good("an empty one is another matter", spoken((1, chunk({"content": "x"}, "")))),
        bad("missing", spoken((1, chunk({"content": "x"}, DROP)))), bad("eos", spoken((3, chunk({}, "eos")))),
    ],
    "no_empty_finish_reason": [
        good("null", spoken()), bad("empty", spoken((1, chunk({"content": "x"}, "")))),
    ],
    "delta_content_is_text": [
        good("text", spoken()), good("null", spoken((0, chunk({"role": "assistant", "content": None})))),
        bad("parts", spoken((1, chunk({"content": [{"type": "text", "text": "x"}]})))), bad("a number", spoken((1, chunk({"content": 7})))),
    ],
    "chunk_extras_are_text": [
        good("text", spoken((1, HEL | {"system_fingerprint": "fp", "service_tier": "default"}))),
        bad("a number", spoken((1, HEL | {"system_fingerprint": 1}))),
    ],
    "delta_lists_have_indexes": [
        good("none", spoken()), good("with an index", spoken((1, chunk({"reasoning_details": [{"index": 0, "text": "x"}]})))),
        good("an object", spoken((1, chunk({"extra": {"a": 1}})))),
        bad("without", spoken((1, chunk({"reasoning_details": [{"type": "text", "text": "x"}]})))),
    ],
    "delta_refusal_is_text": [
        good("text", spoken((1, chunk({"refusal": "No."})))), bad("false", spoken((1, chunk({"refusal": False})))),
    ],
    "ids_agree": [
        good("one", spoken()), bad("another", spoken((2, LO | {"id": "chatcmpl-2"}))),
    ],
    "times_agree": [
        good("one", spoken()), bad("later", spoken((2, LO | {"created": LO["created"] + 1}))),
    ],
    "models_agree": [
        good("one", spoken()), bad("another", spoken((2, LO | {"model": "n"}))),
    ],
    "choice_finishes_once": [
        good("once", spoken()), good("with the last words", spoken((2, chunk({"content": "lo"}, "stop")), (3, None))),
        good("empty ones before", spoken((1, chunk({"content": "x"}, "")))),
        bad("never", spoken((3, None))), bad("twice", stream(ROLE, STOP, STOP)), bad("empty at the end", spoken((3, chunk({}, "")))),
    ],
    "role_comes_first": [
        good("with empty content", spoken()), good("with words", spoken((0, chunk({"role": "assistant", "content": "Oh"})))),
        good("after a chunk without choices", stream(AZURE, ROLE, STOP)),
        good("we hung up", spoken(end=Ended.CANCELLED)),
        bad("missing", spoken((0, None))), bad("late", spoken((0, HEL), (1, ROLE))), bad("another", spoken((0, chunk({"role": "model"})))),
    ],
    "role_comes_once": [
        good("once", spoken()), good("null later", spoken((1, chunk({"role": None, "content": "x"})))),
        bad("in every chunk", spoken((1, chunk({"role": "assistant", "content": "x"})))), bad("at the end", spoken((3, chunk({"role": "assistant"}, "stop")))),
        bad("an empty one", spoken((1, chunk({"role": "", "content": "x"})))),
    ],
    "finish_chunk_says_nothing_else": [
        good("empty", spoken()), good("trailing words", spoken((3, chunk({"content": "."}, "stop")))),
        bad("a fragment", called(OPEN, fragments(TOLD, finish="tool_calls"), finish=chunks_of([]))),
    ],
    "deltas_are_no_snapshots": [
        good("new words", stream(ROLE, *[chunk({"content": f"word {n} "}) for n in range(9)], STOP)),
        good("a stutter", stream(ROLE, *[chunk({"content": each}) for each in ("ha", "haha", "hahaha", " ha", "ha")], STOP)),
        good("twice", stream(ROLE, *[chunk({"content": each}) for each in ("I am sorry. ", "I am sorry. I am sorry. ", "So.")], STOP)),
        bad("all so far", stream(ROLE, *[chunk({"content": LONG[:n * 10]}) for n in range(1, 5)], STOP)),
        bad("after a while", stream(ROLE, HEL, *[chunk({"content": LONG[:n * 30]}) for n in range(1, 4)], STOP)),
    ],
    "nothing_after_the_finish": [
        good("nothing", spoken()), good("the usage", accounted()), good("the expiry of audio", stream(ROLE, STOP, chunk({"audio": {"expires_at": 1}}))),
        bad("an empty delta", stream(ROLE, STOP, chunk({}))), bad("a usage beside one", stream(ROLE, STOP, chunk({}, usage=USAGE))),
        bad("words", stream(ROLE, STOP, HEL)), bad("a call", called(CALLED, OPEN, finish=chunks_of([]))),
    ],
    "first_choice_is_zero": [
        good("0", spoken()), bad("1", stream(chunk({"role": "assistant"}, index=1), chunk({}, "stop", index=1))),
    ],
    "choices_appear_in_order": [
        good("in turns", stream(ROLE, chunk({"role": "assistant"}, index=1), HEL, STOP, chunk({}, "stop", index=1), asked={"n": 2})),
        bad("the second first", stream(chunk({"role": "assistant"}, index=1), ROLE, STOP, chunk({}, "stop", index=1), asked={"n": 2})),
    ],
    "long_text_comes_in_parts": [
        good("two parts", stream(ROLE, chunk({"content": LONG}), chunk({"content": "."}), STOP)), bad("one", stream(ROLE, chunk({"content": LONG}), STOP)),
    ],
    "streamed_refusal_stops": [
        good("stop", stream(ROLE, chunk({"refusal": "No."}), STOP)), bad("length", stream(ROLE, chunk({"refusal": "No."}), chunk({}, "length"))),
    ],
    "reasoning_comes_before_content": [
        good("before", stream(ROLE, THINK, HEL, STOP)), good("with empty content", stream(ROLE, chunk({"reasoning": "Hm", "content": ""}), HEL, STOP)),
        bad("after", stream(ROLE, HEL, THINK, STOP)), bad("together", stream(ROLE, chunk({"reasoning_content": "Hm", "content": "Hel"}), STOP)),
    ],
    "usage_has_one_chunk_of_its_own": [
        good("one", accounted()),
        bad("none", accounted(*NULL)), bad("two", accounted(*NULL, BILL, BILL)), bad("on the finish", accounted(ROLE, STOP | {"usage": USAGE})),
        bad("choices null", accounted(*NULL, BILL | {"choices": None})),
    ],
    "other_chunks_have_usage_null": [
        good("null", accounted()), bad("missing", stream(ROLE, HEL, STOP, BILL, asked=ACCOUNTED)),
        bad("a running count", accounted(ROLE | {"usage": USAGE}, STOP | {"usage": None}, BILL)),
    ],
    "usage_comes_last": [
        good("last", accounted()), good("in every chunk", stream(*[each | {"usage": USAGE} for each in (ROLE, HEL, STOP, BILL)], asked=CONTINUOUS)),
        bad("before the finish", accounted(NULL[0], BILL, NULL[2])),
    ],
    "no_usage_unasked": [
        good("none", spoken()), good("on the finish", spoken((3, STOP | {"usage": USAGE}))), good("null", spoken((1, HEL | {"usage": None}))),
        bad("before", spoken((1, HEL | {"usage": USAGE}))), bad("a chunk of its own", stream(ROLE, STOP, BILL)),
    ],
    "sdk_sees_what_was_meant": [
        good("text", spoken()), good("a call", called()), good("two calls", called(*TWO)), good("usage", accounted()), good("calls in turns", called(*TURNS)),
        good("a running count", stream(*[each | {"usage": USAGE} for each in (ROLE, HEL, STOP)])),
        good("a vendor's usage", spoken((3, STOP | {"x_groq": {"usage": USAGE}}))), good("no terminator", spoken(done=b"")),
        good("reasoning", stream(ROLE, THINK, THINK, HEL, STOP)), good("empty lists of calls", spoken((1, chunk({"content": "x", "tool_calls": []})))),
        good("we hung up", spoken(end=Ended.CANCELLED, cut=30)), good("arguments without a start", called(OPEN | {"function": {"name": "get_weather"}}, *REST)),
        bad("the role again", spoken((1, chunk({"role": "assistant", "content": "x"})))), bad("the id again", called(OPEN, fragment(id="call_1", arguments="{}"))),
        bad("the name again", called(OPEN, fragment(name="get_weather", arguments="{}"))), bad("no index", called(OPEN | {"index": None})),
        bad("from index 1", called(*[each | {"index": 1} for each in (OPEN, *REST)])), bad("one index for two", called(*[each | {"index": 0} for each in TWO])),
        bad("an index alone", called(OPEN, {"index": 0})), bad("choices null", spoken((1, HEL | {"choices": None}))),
        bad("delta null", spoken((3, chunk({}, "stop", choice={"delta": None})))), bad("the usage erased", accounted(NULL[0], BILL, NULL[2])),
        bad("arguments as an object", called(OPEN, fragment(arguments={"city": "Oslo"}))), bad("content in parts", spoken(*[(n, chunk({"content": [{"type": "text", "text": "x"}]})) for n in (1, 2)])),
    ],
}  # fmt: skip

TOOL_CHUNKS = {
    "fragment_has_an_index": [
        good("standard", called()), bad("missing", called(OPEN, fragment(DROP, arguments="{}"))), bad("null", called(OPEN | {"index": None})),
        bad("an object in place of the list", called(chunk({"tool_calls": {}}))),
    ],
    "fragment_index_is_no_less_than_0": [good("standard", called()), bad("-1", called(OPEN | {"index": -1}))],
    "fragment_names_are_text": [
        good("standard", called()), good("null later", called(OPEN, REST[0] | {"id": None, "type": None}, REST[1])), bad("an id number", called(OPEN | {"id": 1}, *REST)),
    ],
    "fragment_has_a_function": [
        good("standard", called()), bad("an index alone", called(OPEN, {"index": 0})), bad("null", called(OPEN, {"index": 0, "function": None})),
    ],
    "fragment_arguments_are_text": [
        good("standard", called()), bad("an object", called(OPEN, fragment(arguments={"city": "Oslo"}))),
    ],
    "fragment_arguments_are_not_null": [
        good("empty", called()), bad("null", called(fragment(id="c", type="function", name="get_weather", arguments=None), *REST)),
    ],
    "fragments_hold_whole_characters": [
        good("standard", called()), good("an emoji", called(OPEN, fragment(arguments='{"city": "🎉"}'))), good("its name", called(OPEN, fragment(arguments='{"city": "\\ud83c\\udf89"}'))),
        bad("in halves", called(OPEN, fragment(arguments='{"city": "\ud83c'), fragment(arguments='\udf89"}'))),
    ],
    "no_empty_list_of_fragments": [
        good("standard", called()), good("null", spoken((1, chunk({"content": "x", "tool_calls": None})))), bad("empty", spoken((1, chunk({"content": "x", "tool_calls": []})))),
    ],
    "indexes_count_from_0": [
        good("0 and 1", called(*TWO)), good("in turns", called(*TURNS)), good("of two choices", stream(ROLE, fragments(OPEN), chunk({"role": "assistant", "tool_calls": [OPEN]}, index=1), asked={"n": 2})),
        bad("from 1", called(OPEN | {"index": 1})), bad("0 and 2", called(OPEN, OPEN | {"index": 2})),
    ],
    "each_call_has_its_own_index": [
        good("two", called(*TWO)), good("in turns", called(*TURNS)), good("the id again, for the same call", called(OPEN, *[each | {"id": "call_1"} for each in REST])),
        good("a new id in each fragment", called(OPEN, *[each | {"id": f"x{n}"} for n, each in enumerate(REST)])),
        bad("two under 0", called(*[each | {"index": 0} for each in TWO])),
    ],
    "first_fragment_names_the_call": [
        good("standard", called()), good("all at once", called(TOLD)), good("custom", called(CUSTOM)),
        bad("no id", called(OPEN | {"id": None}, *REST)), bad("no name", called(OPEN | {"function": {"arguments": ""}}, *REST)),
        good("the name again, which is for STOOL-005", called(OPEN, fragment(name="get_weather", arguments="{}"))), good("names that are empty", called(OPEN, fragment(name="", arguments="{}"))),
        bad("half a name", called(OPEN | {"function": {"name": "get_", "arguments": ""}}, fragment(name="weather", arguments="{}"))),
        bad("no type", called(OPEN | {"type": ""}, *REST)), bad("the second call without an id", called(OPEN, *REST, fragment(1, arguments="{}"))),
    ],
    "later_fragments_do_not_repeat": [
        good("standard", called()), good("in turns", called(*TURNS)), good("empty", called(OPEN, REST[0] | {"id": ""}, fragment(name=None, arguments='"Oslo"}'))),
        bad("the id", called(OPEN, REST[0] | {"id": "call_1"}, REST[1])), bad("the name", called(OPEN, fragment(name="get_weather", arguments="{}"))),
        bad("another id for the same call", called(OPEN, REST[0] | {"id": "call_9"}, REST[1])),
        bad("the second half of a name", called(OPEN | {"function": {"name": "get_", "arguments": ""}}, fragment(name="weather", arguments="{}"))),
    ],
    "first_fragment_has_arguments": [
        good("empty", called()), bad("missing", called(OPEN | {"function": {"name": "get_weather"}}, *REST)),
    ],
    "fragments_make_up_the_arguments": [
        good("standard", called()), good("all at once", called(TOLD)), good("two calls", called(*TWO)), good("in turns", called(*TURNS)),
        bad("the last is missing", called(OPEN, REST[0])), bad("said twice", called(OPEN, *REST, *REST)),
        bad("nothing, where something is to be given", called(OPEN)),
        bad("snapshots", called(OPEN, REST[0], fragment(arguments='{"city": "Oslo"}'))),
        good("a list, which is for TOOL-007 to say", called(OPEN, fragment(arguments="[1]"))),
    ],
    "first_fragment_has_a_type": [good("standard", called()), bad("missing", called(fragment(id="c", name="now", arguments="{}")))],
    "calls_do_not_take_turns": [
        good("one after the other", called(*TWO)), bad("in turns", called(TWO[0], TWO[3], TWO[1], TWO[4])),
    ],
    "one_fragment_per_call_and_chunk": [
        good("two calls", called(fragments(OPEN, TWO[3]))), bad("twice", called(fragments(OPEN, REST[0]), REST[1])),
    ],
    "calls_finish_with_tool_calls": [
        good("tool_calls", called()), good("stop for a named tool", called(finish=STOP, asked=NAMED)),
        bad("stop", called(finish=STOP)), bad("eos", called(finish=chunk({}, "eos"))),
    ],
    "no_arguments_stream_as_an_empty_object": [
        good("{}", called(NOW, fragment(arguments="{}"))), good("with blanks", called(NOW, fragment(arguments=" { } "))),
        bad("nothing", called(NOW)), bad("null", called(NOW, fragment(arguments="null"))),
    ],
    "no_markup_in_streamed_content": [
        good("plain", spoken(asked={"tools": TOOLS})), bad("markup", called(chunk({"content": "<tool_call>"}), OPEN, *REST)),
    ],
}  # fmt: skip

TABLE = CHUNKS | TOOL_CHUNKS
