"""Rows for response_events.py, response_order.py, response_texts.py and response_expected.py."""

from build import DONE, DROP, bad, good
from build_replies import (
    ARGUED,
    CALL,
    CALLED,
    CALLING,
    CALLS,
    CAPPED,
    CREATED_FIRST,
    CUT,
    FAILS,
    HEL,
    HELLO,
    LO,
    MESSAGE,
    NAMED,
    OPEN,
    PART,
    PROGRESS,
    REFUSAL,
    SPOKEN,
    STOPPED,
    THINKS,
    THOUGHT,
    THOUGHT_OUT,
    USED,
    VENDOR,
    WHOLE,
    about,
    argued,
    ended,
    event,
    item,
    made,
    part,
    refusal,
    replied,
    reply,
    state,
    text,
    thought,
)  # fmt: skip

from conformance.wire.exchange import Ended

PLAIN = good("standard", replied())
CALLING_WELL = good("a call", replied(base=CALLING))
WITH_DONE = good("with [DONE]", replied(done=DONE))
COMMENTED = good("comments in between", replied((2, [b": keep-alive\n\n", SPOKEN[0]])))
WITH_VENDOR = good("a vendor's event in between", replied((2, [VENDOR, SPOKEN[0]])))
NEW = good(
    "an event that nobody knows", replied((2, [made("output_text.sparkle", x=1), SPOKEN[0]]))
)
HIDDEN = {"stream_options": {"include_obfuscation": False}}
QUEUED = state("queued", status="queued")
OPENED = [CREATED_FIRST, PROGRESS]
THOUGHTFUL = [
    *OPENED,
    *THINKS,
    *[each | {"output_index": 1} for each in SPOKEN],
    ended(THOUGHT_OUT, MESSAGE),
]
SECOND = [each | {"output_index": 1} for each in CALLS]
RAW = [
    item("added", THOUGHT), thought("reasoning.delta", delta="Hm."), thought("reasoning.done", text="Hm."), item("done", THOUGHT_OUT),
]  # fmt: skip
SUMMED = THOUGHT | {"summary": [{"type": "summary_text", "text": "Hm."}]}
SUMMARY = [
    item("added", THOUGHT), thought("reasoning_summary_part.added", summary_index=0, part={"type": "summary_text", "text": ""}),
    thought("reasoning_summary_text.delta", summary_index=0, delta="Hm."), thought("reasoning_summary_text.done", summary_index=0, text="Hm."),
    thought("reasoning_summary_part.done", summary_index=0, part={"type": "summary_text", "text": "Hm."}), item("done", SUMMED),
]  # fmt: skip
MARKED = about(
    "output_text.annotation.added",
    content_index=0,
    annotation_index=0,
    annotation={"type": "url_citation", "url": "https://a"},
)
FAILED = [
    CREATED_FIRST,
    state("failed", status="failed", error={"code": "server_error", "message": "It broke."}),
]
NESTED = {
    "type": "error",
    "sequence_number": 2,
    "error": {"type": "server_error", "code": "x", "message": "It broke.", "param": None},
}
BROKEN = {"end": Ended.CLOSED, "cut": 5}
TWO_PARTS = [
    item("added", OPEN), part("added", PART), HEL, LO, text("done", text="Hello."), part("done", WHOLE), part("added", PART, content_index=1),
    text("delta", delta="Bye.", content_index=1), text("done", text="Bye.", content_index=1), part("done", PART | {"text": "Bye."}, content_index=1),
    item("done", MESSAGE | {"content": [WHOLE, PART | {"text": "Bye."}]}),
]  # fmt: skip
SPOKEN_TWICE = [*OPENED, *TWO_PARTS, ended(TWO_PARTS[-1]["item"])]
NEITHER = [
    {name: held for name, held in each.items() if name not in ("output_index", "content_index")}
    for each in HELLO
]
SILENT = [*OPENED, item("added", OPEN), part("added", PART), text("done", text=""), part("done", PART), item("done", MESSAGE | {"content": [PART]}), ended(MESSAGE | {"content": [PART]})]  # fmt: skip
AT_ONCE = [*OPENED, item("added", CALL), NAMED, item("done", CALLED), ended(CALLED)]
UNNAMED = {name: held for name, held in NAMED.items() if name != "name"}


def unfinished(**members):
    """Events up to the first delta, and then an error with these members."""
    told = {name: held for name, held in (FAILS | members).items() if held is not DROP}
    return reply(*HELLO[:4], told)


EVENTS = {
    "response_events_have_names": [
        PLAIN, WITH_DONE, COMMENTED, WITH_VENDOR, NEW, good("an error", unfinished()),
        good("some run into each other", reply(*HELLO[:4], event(HELLO[4] | {"sequence_number": 4})[:-1], *HELLO[5:])),
        bad("no names", reply(*[event(each).split(b"\n", 1)[1] for each in HELLO])),
        bad("another name", replied((4, event(HEL).replace(b"event: response.output_text.delta", b"event: delta")))),
        bad("always message", replied((4, b"event: message\n" + event(HEL).split(b"\n", 1)[1]))),
    ],
    "response_events_have_types": [
        PLAIN, WITH_DONE, WITH_VENDOR, NEW, good("an error", reply(*HELLO[:4], {"error": {"message": "x"}})),
        bad("none", replied((4, {name: held for name, held in HEL.items() if name != "type"}))), bad("a number", replied((4, HEL | {"type": 1}))),
        bad("empty", replied((4, HEL | {"type": ""}))), bad("a list", replied((4, [b"data: [1]\n\n"]))), bad("chunks of a chat", reply({"choices": [{"delta": {}}]})),
    ],
    "unknown_events_carry_a_prefix": [
        PLAIN, WITH_DONE, WITH_VENDOR, COMMENTED, NEW, good("an error is another matter", unfinished(sequence_number=DROP)),
        good("OpenAI's sign of life", replied((2, [{"type": "keepalive"}, SPOKEN[0]]))),
        bad("a ping", replied((2, [{"type": "ping"}, SPOKEN[0]]))), bad("a name of its own", replied((2, [{"type": "trace.cost", "tokens": 1}, SPOKEN[0]]))),
    ],
    "response_events_are_numbered": [
        PLAIN, WITH_DONE, WITH_VENDOR, COMMENTED, good("a call", replied(base=CALLING)),
        good("a vendor's event with a number", reply(CREATED_FIRST | {"sequence_number": 0}, VENDOR | {"sequence_number": 1}, PROGRESS | {"sequence_number": 2})),
        good("an error without one is another matter", unfinished(sequence_number=DROP)), good("cut off", reply(*HELLO[:4], **BROKEN)),
        bad("none", replied(count=False)), bad("from 1", reply(*[each | {"sequence_number": n} for n, each in enumerate(HELLO, 1)])),
        bad("a gap", replied((4, HEL | {"sequence_number": 7}))), bad("text", replied((4, HEL | {"sequence_number": "4"}))),
        bad("the same twice", replied((4, HEL | {"sequence_number": 3}))), bad("null", replied((4, HEL | {"sequence_number": None}))),
    ],
    "response_errors_are_told_in_full": [
        good("as OpenAI", unfinished()), good("as Open Responses", reply(*HELLO[:4], NESTED)), good("a failed response", reply(*FAILED)),
        good("both", reply(*HELLO[:4], FAILS, FAILED[1])),
        bad("as in a chat", reply(*HELLO[:4], {"error": {"message": "x", "type": "y"}})), bad("no message", unfinished(message=DROP)),
        bad("no code", unfinished(code=DROP)), bad("no param", unfinished(param=DROP)), bad("no number", unfinished(sequence_number=DROP)),
        bad("no name", reply(*HELLO[:4], event(FAILS).split(b"\n", 1)[1])), bad("nested without a message", reply(*HELLO[:4], NESTED | {"error": {"code": None, "param": None}})),
        bad("failed without an error", reply(CREATED_FIRST, state("failed", status="failed"))),
    ],
    "annotations_are_told_in_full": [
        good("a citation", replied((5, [LO, MARKED]))),
        bad("none", replied((5, [LO, MARKED | {"annotation": None}]))), bad("no index", replied((5, [LO, MARKED | {"annotation_index": None}]))),
        bad("nowhere", replied((5, [LO, MARKED | {"output_index": "0"}]))),
    ],
    "response_events_have_no_ids": [
        PLAIN, WITH_DONE, COMMENTED, bad("an id", replied((4, b"id: 4\n" + event(HEL)))), bad("an empty one", replied((4, b"id\n" + event(HEL)))),
    ],
    "obfuscation_is_text_and_can_be_off": [
        good("text", replied((4, HEL | {"obfuscation": "aB3x"}))), good("off", replied(asked=HIDDEN)),
        bad("in spite of it", replied((4, HEL | {"obfuscation": "aB3x"}), asked=HIDDEN)), bad("a number", replied((4, HEL | {"obfuscation": 4}))),
        bad("empty, but there", replied((4, HEL | {"obfuscation": ""}), asked=HIDDEN)),
    ],
}  # fmt: skip

ORDER = {
    "response_is_created_first": [
        PLAIN, WITH_DONE, good("then queued", replied((1, [QUEUED, PROGRESS]))), good("created as queued", replied((0, state("created", status="queued")))),
        good("with little more than what has to be there", replied((0, state("created", error=DROP, usage=DROP, incomplete_details=DROP)))),
        good("a comment before", replied((0, [b": hello\n\n", CREATED_FIRST]))), good("cut off", reply(CREATED_FIRST, PROGRESS, **BROKEN)),
        bad("queued", replied((0, [QUEUED, CREATED_FIRST]))), bad("in progress", replied((0, None))), bad("a vendor's event", replied((0, [VENDOR, CREATED_FIRST]))),
        bad("no response", replied((0, made("created")))), bad("an id alone", replied((0, made("created", response={"id": "resp_1"})))),
        bad("no model", replied((0, state("created", model=DROP)))), bad("no time", replied((0, state("created", created_at=DROP)))),
        bad("output null", replied((0, state("created", output=None)))), bad("a delta alone", reply(HEL)), bad("data that is no object", replied((0, [b"data: 1\n\n", CREATED_FIRST]))),
    ],
    "progress_is_told_second": [
        PLAIN, good("queued before", replied((1, [QUEUED, PROGRESS]))), good("failed at once", reply(*FAILED)), good("nothing more came", reply(CREATED_FIRST, **BROKEN)), WITH_VENDOR,
        bad("an item", replied((1, None))), bad("the end", reply(CREATED_FIRST, ended(MESSAGE))),
    ],
    "items_are_added_first_and_once": [
        PLAIN, WITH_VENDOR, CALLING_WELL, good("two items", reply(*THOUGHTFUL)), good("cut off", reply(*HELLO[:5], **BROKEN)),
        good("two items in turns", reply(*OPENED, CALLS[0], SECOND[0], CALLS[1], SECOND[1])), good("a search", replied((2, [item("added", {"type": "web_search_call", "id": "ws"}), about("web_search_call.searching", name="ws"), item("added", OPEN, 1)]))),
        bad("not at all", replied((2, None))), bad("later", replied((2, SPOKEN[1]), (3, SPOKEN[0]))), bad("twice", replied((2, [SPOKEN[0], SPOKEN[0]]))),
        bad("without an index", reply(*NEITHER)), bad("below 0", replied((2, item("added", OPEN, -1)))), bad("an item without a type", replied((2, item("added", {"id": "msg_1"})))),
        bad("no item", replied((2, item("added", None)))),
    ],
    "response_id_is_constant": [
        PLAIN, good("cut off", reply(*HELLO[:4], **BROKEN)), good("none, which is for RSTRM-003 to say", replied((1, state("in_progress", id=DROP)))),
        bad("another at the end", replied((9, ended(MESSAGE, id="resp_2")))), bad("another in between", replied((1, state("in_progress", id="resp_x")))),
    ],
    "item_id_is_constant": [
        PLAIN, CALLING_WELL, good("by id alone", reply(*NEITHER)), good("without item_id", replied((4, HEL | {"item_id": None}))),
        bad("in a delta", replied((4, HEL | {"item_id": "msg_2"}))), bad("when it is done", replied((8, item("done", MESSAGE | {"id": "msg_2"})))),
        bad("of a call", replied((3, argued("delta", delta='{"a"', item_id="x")), base=CALLING)),
    ],
    "items_count_from_0": [
        PLAIN, good("two", reply(*THOUGHTFUL)), good("one, added again, which is for RSTRM-006 to say", replied((2, [SPOKEN[0], SPOKEN[0]]))), good("an id that is no text", reply(*OPENED, item("added", OPEN | {"id": ["a"]}, 0))),
        bad("from 1", reply(*OPENED, *[each | {"output_index": 1} for each in SPOKEN], ended(MESSAGE))), bad("a gap", reply(*OPENED, *SPOKEN, item("added", CALL, 2))),
        bad("backwards", reply(*OPENED, item("added", CALL, 1), item("added", OPEN, 0))), bad("one place for two", reply(*OPENED, *SPOKEN, item("added", CALL, 0))),
    ],
    "response_ends_once_and_in_full": [
        PLAIN, WITH_DONE, good("cut by its budget", reply(*CAPPED)), good("failed", reply(*FAILED)), good("without items", reply(*OPENED, ended())),
        good("a vendor's event after it", replied((9, [ended(MESSAGE), VENDOR]))), good("status incomplete is another matter", replied((9, ended(MESSAGE, status="incomplete")))),
        bad("never", replied((9, None))), bad("never, but [DONE]", replied((9, None), done=DONE)), bad("twice", replied((9, [ended(MESSAGE), ended(MESSAGE)]))),
        bad("incomplete after completed", replied((9, [ended(MESSAGE), STOPPED]))), bad("a delta after it", replied((9, [ended(MESSAGE), HEL]))),
        bad("no usage", replied((9, ended(MESSAGE, usage=None)))), bad("half a usage", replied((9, ended(MESSAGE, usage={"output_tokens": 3})))),
        bad("counts of a chat", replied((9, ended(MESSAGE, usage={"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12})))),
        bad("no response", replied((9, made("completed")))), bad("an id alone", replied((9, made("completed", response={"id": "resp_1", "usage": USED})))),
        bad("still in progress", replied((9, ended(MESSAGE, status="in_progress")))), bad("cut off", reply(*HELLO[:6], **BROKEN)), bad("output null", replied((9, ended(output=None)))),
        bad("reset", reply(*HELLO[:6], end=Ended.RESET)),
    ],
    "response_holds_its_items": [
        PLAIN, CALLING_WELL, good("two items", reply(*THOUGHTFUL)), good("cut by its budget", reply(*CAPPED)), good("more than was streamed", replied((9, ended(MESSAGE, CALLED)))),
        bad("none", replied((9, ended()))), bad("another id", replied((9, ended(MESSAGE | {"id": "msg_2"})))), bad("one of two", reply(*THOUGHTFUL[:-1], ended(MESSAGE))),
        bad("another text", replied((9, ended(MESSAGE | {"content": [PART]})))), bad("other arguments", replied((7, ended(CALLED | {"arguments": "{}"})), base=CALLING)),
        bad("an item that is none", replied((9, ended("msg_1")))), bad("another name", replied((7, ended(CALLED | {"name": "then"})), base=CALLING)),
    ],
    "item_is_done_as_it_was_added": [
        PLAIN, CALLING_WELL, good("reasoning", reply(*THOUGHTFUL)), good("another status, and more in it", replied((8, item("done", MESSAGE | {"phase": "final_answer"})))),
        good("named late, which is for RSTRM-010 to say", replied((2, item("added", CALL | {"name": ""})), base=CALLING)),
        bad("without its name", replied((6, item("done", CALLED | {"name": ""})), base=CALLING)), bad("for another call", replied((6, item("done", CALLED | {"call_id": "call_2"})), base=CALLING)),
        bad("as another type", reply(*OPENED, *THINKS[:-1], item("done", MESSAGE | {"id": "rs_1"}), ended(THOUGHT_OUT))), bad("of another role", replied((8, item("done", MESSAGE | {"role": "user"})))),
    ],
    "done_comes_after_the_response": [
        good("without", replied()), good("with", replied(done=DONE)), good("named", replied(done=b"event: done\ndata: [DONE]\n\n")),
        bad("twice", replied(done=DONE + DONE)), bad("before the end", replied((9, [DONE, ended(MESSAGE)]))), bad("in the middle", replied((4, [HEL, DONE]))),
    ],
    "cut_response_ends_as_incomplete": [
        good("incomplete", reply(*CAPPED)), good("by a filter", reply(*CAPPED[:-1], ended(MESSAGE, kind="incomplete", incomplete_details={"reason": "content_filter"}))),
        bad("completed, with a reason", replied((9, ended(MESSAGE, incomplete_details=CUT)))), bad("completed, with the status", replied((9, ended(MESSAGE, status="incomplete")))),
        bad("incomplete, with another status", replied((9, ended(MESSAGE, kind="incomplete", status="completed")))),
    ],
}  # fmt: skip

TEXTS = {
    "parts_are_added_first": [
        PLAIN, WITH_VENDOR, good("a refusal", replied(base=REFUSAL)), good("two parts", reply(*SPOKEN_TWICE)), good("without indexes", reply(*NEITHER)),
        bad("not at all", replied((3, None))), bad("after a delta", replied((3, HEL), (4, SPOKEN[1]))), bad("a second one", replied((5, [LO, text("delta", delta="x", content_index=1)]))),
        bad("a refusal", replied((3, None), base=REFUSAL)),
    ],
    "text_is_its_deltas": [
        PLAIN, WITH_DONE, WITH_VENDOR, good("two parts", reply(*SPOKEN_TWICE)), good("nothing is said", reply(*SILENT)), good("cut off", reply(*HELLO[:5], **BROKEN)),
        good("cut by its budget, without ends", reply(*CAPPED[:6], STOPPED)), good("a torn pair", replied((4, b'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_1","output_index":0,"content_index":0,"logprobs":[],"delta":"\\ud83c"}\n\n'), (5, text("delta", delta="\udf89")), (6, text("done", text="🎉")))),
        bad("logprobs null", replied((4, text("delta", delta="Hel", logprobs=None)))),
        bad("no end", replied((6, None))), bad("another text at the end", replied((6, text("done", text="Hello!")))), bad("text null", replied((6, text("done", text=None)))),
        bad("a delta after the end", replied((5, text("delta", delta="")), (6, [text("done", text="Hello."), LO]))), bad("everything at the end", replied((4, None), (5, None))),
        bad("no item_id", replied((4, text("delta", delta="Hel", item_id=DROP)))), bad("no output_index", replied((4, text("delta", delta="Hel", output_index=DROP)))),
        bad("no content_index", replied((4, text("delta", delta="Hel", content_index=DROP)))), bad("no logprobs", replied((4, text("delta", delta="Hel", logprobs=DROP)))),
        bad("no delta", replied((4, text("delta", text="Hel")))), bad("snapshots", replied((5, text("delta", delta="Hello.")))),
        bad("no output_index at the end", replied((6, text("done", text="Hello.", output_index=DROP)))), bad("no content_index at the end", replied((6, text("done", text="Hello.", content_index=None)))),
        bad("another's place at the end", replied((6, text("done", text="Hello.", item_id=7)))),
    ],
    "refusal_is_its_deltas": [
        good("standard", replied(base=REFUSAL)), bad("no end", replied((5, None), base=REFUSAL)), bad("another", replied((5, refusal("done", refusal="Never.")), base=REFUSAL)),
        bad("as text", replied((5, refusal("done", text="No.")), base=REFUSAL)),
        bad("no item_id", replied((4, refusal("delta", delta="No.", item_id=DROP)), base=REFUSAL)), bad("no place at the end", replied((5, refusal("done", refusal="No.", output_index=None)), base=REFUSAL)),
    ],
    "refusals_are_streamed": [
        good("standard", replied(base=REFUSAL)), bad("only when done", replied((4, None), (5, None), base=REFUSAL)),
        bad("as text", replied((4, text("delta", delta="No.")), (5, text("done", text="No.")), base=REFUSAL)),
    ],
    "parts_and_items_are_closed": [
        PLAIN, WITH_DONE, CALLING_WELL, good("a refusal", replied(base=REFUSAL)), good("thoughts without a status", reply(*THOUGHTFUL)), good("two parts", reply(*SPOKEN_TWICE)),
        bad("no end of the item", replied((8, None))), bad("no end of the part", replied((7, None))), bad("an end without a status", replied((8, item("done", MESSAGE | {"status": None})))),
        bad("still in progress", replied((8, item("done", MESSAGE | {"status": "in_progress"})))), bad("an end without its text", replied((8, item("done", MESSAGE | {"content": []})))),
        bad("the part after the item", replied((7, SPOKEN[6]), (8, SPOKEN[5]))), bad("an end without its arguments", replied((6, item("done", CALLED | {"arguments": ""})), base=CALLING)),
        bad("thoughts in progress", reply(*OPENED, *THINKS[:-1], item("done", THOUGHT_OUT | {"status": "in_progress"}), ended(THOUGHT_OUT))),
    ],
    "call_is_named_and_then_filled": [
        CALLING_WELL, good("the end without the name", replied((5, UNNAMED), base=CALLING)), good("all at once at the end", reply(*AT_ONCE)), good("cut off", reply(*CALLING[:4], **BROKEN)),
        good("two", reply(*OPENED, *CALLS, *SECOND, ended(CALLED, CALLED | {"id": "fc_2"}))), good("cut by its budget", reply(*CALLING[:4], item("done", CALLED | {"status": "incomplete"}), STOPPED)),
        bad("no name", replied((2, item("added", CALL | {"name": None})), base=CALLING)), bad("no call_id", replied((2, item("added", CALL | {"call_id": ""})), base=CALLING)),
        bad("arguments at once", replied((2, item("added", CALLED)), base=CALLING)), bad("no arguments", replied((2, item("added", {name: held for name, held in CALL.items() if name != "arguments"})), base=CALLING)),
        bad("no end", replied((5, None), base=CALLING)), bad("other arguments at the end", replied((5, NAMED | {"arguments": "{}"}), base=CALLING)),
        bad("an object at the end", replied((5, NAMED | {"arguments": {"a": 1}}), base=CALLING)), bad("another name at the end", replied((5, NAMED | {"name": "then"}), base=CALLING)),
        bad("no item_id", replied((3, argued("delta", delta='{"a"', item_id=DROP)), base=CALLING)), bad("no output_index", replied((3, argued("delta", delta='{"a"', output_index=DROP)), base=CALLING)),
        bad("no item_id at the end", replied((5, {name: held for name, held in NAMED.items() if name != "item_id"}), base=CALLING)), bad("no place at the end", replied((5, NAMED | {"output_index": "0"}), base=CALLING)),
        bad("a delta after the end", replied((4, NAMED), (5, ARGUED[1]), base=CALLING)),
    ],
    "reasoning_has_known_events": [
        good("OpenAI", reply(*THOUGHTFUL)), good("Open Responses", reply(*OPENED, *RAW)), good("a summary", reply(*OPENED, *SUMMARY)),
        bad("a name of its own", reply(*OPENED, THINKS[0], thought("reasoning_content.delta", delta="Hm."))),
    ],
    "done_item_keeps_its_id": [
        good("standard", reply(*THOUGHTFUL)),
        bad("null", reply(*OPENED, THINKS[0], item("done", THOUGHT_OUT | {"id": None}))), bad("empty", reply(*OPENED, THINKS[0], item("done", THOUGHT_OUT | {"id": ""}))),
    ],
    "reasoning_events_have_a_place": [
        good("OpenAI", reply(*THOUGHTFUL)), good("Open Responses", reply(*OPENED, *RAW, ended(THOUGHT_OUT))), good("a summary", reply(*OPENED, *SUMMARY, ended(SUMMED))),
        bad("no part", reply(*OPENED, *SUMMARY[:2], thought("reasoning_summary_text.delta", delta="Hm."), *SUMMARY[3:], ended(SUMMED))),
        bad("a part in words", reply(*OPENED, *SUMMARY[:2], thought("reasoning_summary_text.delta", summary_index="0", delta="Hm."), *SUMMARY[3:], ended(SUMMED))),
    ],
    "reasoning_is_its_deltas": [
        good("OpenAI", reply(*THOUGHTFUL)), good("Open Responses", reply(*OPENED, *RAW, ended(THOUGHT_OUT))), good("a summary", reply(*OPENED, *SUMMARY, ended(SUMMED))),
        bad("no end", reply(*OPENED, THINKS[0], THINKS[1], THINKS[3], ended(THOUGHT_OUT))), bad("another at the end", reply(*OPENED, *THINKS[:2], thought("reasoning_text.done", text="Well."), THINKS[3])),
        bad("another summary", reply(*OPENED, *SUMMARY[:3], thought("reasoning_summary_text.done", summary_index=0, text="x"))),
    ],
    "reasoning_is_streamed": [
        good("OpenAI", reply(*THOUGHTFUL)), good("Open Responses", reply(*OPENED, *RAW, ended(THOUGHT_OUT))), good("a summary", reply(*OPENED, *SUMMARY, ended(SUMMED))),
        bad("only when done", reply(*OPENED, THINKS[0], THINKS[3], ended(THOUGHT_OUT))),
    ],
}  # fmt: skip

ASKS_ON = {"previous_response_id": "resp_0"}


def saying(asked=None, **members):
    """A response whose end has these members."""
    last = HELLO[-1]
    edit = (len(HELLO) - 1, last | {"response": last["response"] | members})
    return replied(edit, **({"asked": asked} if asked else {}))


def keeping(store):
    """A response whose end says whether it is stored."""
    last = HELLO[-1]
    return replied((len(HELLO) - 1, last | {"response": last["response"] | {"store": store}}))


EXPECTED = {
    "response_event": [
        good("one", replied(), type="response.completed"), good("two deltas", replied(), type="response.output_text.delta", at_least=2),
        bad("too few", replied(), type="response.output_text.delta", at_least=3), bad("none", replied(), type="response.refusal.delta"),
        bad("an error", unfinished(), type="response.created"), bad("refused", reply(status=400), type="response.created"),
    ],
    "response_ends": [
        good("completed", replied(), any_of="response.completed"), good("one of two", reply(*CAPPED), any_of=["response.completed", "response.incomplete"]),
        bad("incomplete", reply(*CAPPED), any_of="response.completed"), bad("never", replied((9, None)), any_of="response.completed"), bad("refused", reply(status=400), any_of="response.completed"),
    ],
    "storing_is_told": [
        good("stored", replied(), steps={"other": keeping(True)}, step="other"), good("not told", replied(), steps={"other": replied()}, step="other"),
        bad("said to be not", replied(), steps={"other": keeping(False)}, step="other"), bad("refused", reply(status=400), steps={"other": replied()}, step="other"),
    ],
    "response_of": [
        good("the same", replied(), steps={"other": replied()}, step="other"), bad("another", replied(), steps={"other": saying(id="resp_other")}, step="other"),
        bad("refused", reply(status=400), steps={"other": replied()}, step="other"),
    ],
    "previous_is_told": [
        good("nothing before", replied()), good("told", saying(ASKS_ON, previous_response_id="resp_0")), bad("null", saying(ASKS_ON, previous_response_id=None)),
        bad("another", saying(ASKS_ON, previous_response_id="resp_1")), bad("refused", reply(status=400)),
    ],
    "response_item": [
        good("a call", replied(base=CALLING), type="function_call"), good("thoughts", reply(*THOUGHTFUL), type="reasoning"), bad("a message", replied(), type="reasoning"),
        bad("refused", reply(status=400), type="message"),
    ],
}  # fmt: skip

TABLE = EVENTS | ORDER | TEXTS | EXPECTED
