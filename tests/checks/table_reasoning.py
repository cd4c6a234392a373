"""Rows for reasoning.py and thought.py, and for reasoning beside structured answers."""

from build import (
    DROP,
    HEL,
    LO,
    ROLE,
    STOP,
    M,
    bad,
    calling,
    chunk,
    failing,
    good,
    hello,
    saying,
    stream,
)  # fmt: skip
from table_responses import replied

THOUGHT = "The user wants a greeting, so I will greet them in a friendly way."
DETAILS = "usage.completion_tokens_details"
USED = {"prompt_tokens": 9, "completion_tokens": 30, "total_tokens": 39}
SHAPED = {"response_format": {"type": "json_schema", "json_schema": {"name": "person", "strict": True, "schema": {
    "type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"], "additionalProperties": False}}}}  # fmt: skip
JANE = '{"name": "Jane"}'
NONE = {"reasoning_effort": "none"}
COUNTED = {DETAILS: {"reasoning_tokens": 30}}
ZEBRA = {"stop": "ZEBRA"}
SPOKEN_OF = {"messages": [{"role": "user", "content": "What does <think> mean?"}]}
FINISH = "choices.0.finish_reason"
CONTENT = f"{M}.content"


def thinking(
    thought, content="Hello there.", spent=0, edits=None, name="reasoning_content", **known
):
    """A completion with reasoning beside its content."""
    more = {DETAILS: {"reasoning_tokens": spent}} if spent is not None else {}
    return hello(
        {f"{M}.{name}": thought, CONTENT: content, "usage": {**USED}} | more | (edits or {}),
        **known,
    )


def thought_out(*texts, content=(HEL, LO), finish=STOP, name="reasoning_content", **known):
    """A stream with reasoning before its content."""
    return stream(ROLE, *[chunk({name: each}) for each in texts], *content, finish, **known)


def cut(thought, finish="length", content="", spent=30, cap=30, edits=None, **known):
    """An answer that used up its cap while the model was thinking."""
    usage = USED | {"completion_tokens": spent, "total_tokens": 9 + spent}
    more = {FINISH: finish, "usage": usage, f"{M}.reasoning_content": thought, CONTENT: content}
    return hello(more | (edits or {}), asked={"max_tokens": cap}, **known)


def counted(spent, thought=THOUGHT):
    return thinking(thought, spent=spent)


HALF, REST = THOUGHT[:23], THOUGHT[23:].strip()


def abreast(thought, content):
    """Two choices, the second of which has other reasoning and content than the first."""
    told = ((THOUGHT, "Hello there."), (thought, content))
    messages = [{"role": "assistant", "content": said, "reasoning_content": hm} for hm, said in told]
    choices = [{"index": n, "message": each, "finish_reason": "stop"} for n, each in enumerate(messages)]
    return hello({"choices": choices}, asked={"n": 2})


QUIET, TOLD = hello(), thinking(THOUGHT)
STEP = {"other": TOLD}


def spending(spent, thought=None):
    """An answer that cost so many tokens, of which nobody says which were reasoning."""
    usage = {"prompt_tokens": 9, "completion_tokens": spent, "total_tokens": 9 + spent}
    return hello({"usage": usage} | ({f"{M}.reasoning_content": thought} if thought else {}))


AT_LENGTH = {"other": spending(40, f"{THOUGHT} {THOUGHT}")}
CALLED = calling({"usage": {"prompt_tokens": 9, "completion_tokens": 38, "total_tokens": 47}})
SILENT = {"other": QUIET}
HIDDEN = hello({"usage": {**USED}, DETAILS: {"reasoning_tokens": 8}})
IN_A_RESPONSE = replied({"usage.output_tokens_details": {"reasoning_tokens": 64}})
TAGGED = saying("<think>Hm.</think>Hello.")
REFUSED = hello({CONTENT: None, f"{M}.refusal": "No.", f"{M}.reasoning_content": THOUGHT})

TABLE = {
    "delta_reasoning_is_text": [
        good("text", thought_out("Hm")), good("under the other name", thought_out("Hm", name="reasoning")),
        good("null beside the content", stream(ROLE, chunk({"reasoning": "Hm"}), chunk({"content": "Hello.", "reasoning": None}), STOP)),
        bad("an object", stream(ROLE, chunk({"reasoning": {"text": "Hm"}}), STOP)),
    ],
    "reasoning_deltas_are_no_snapshots": [
        good("new words", thought_out(*[f"thought {n} " for n in range(9)])), good("a stutter", thought_out("ha", "haha", "hahaha", " ha")),
        good("twice", thought_out("I am not sure. ", "I am not sure. I am not sure. ", "So.")),
        good("the content repeats it", thought_out("a", "b", "c", content=(chunk({"content": THOUGHT}), chunk({"content": THOUGHT * 2})))),
        bad("all so far", thought_out(*[THOUGHT[: n * 10] for n in range(1, 5)])),
        bad("under the other name", thought_out(*[THOUGHT[: n * 10] for n in range(1, 5)], name="reasoning")),
        bad("after a while", thought_out("Hm. ", *[THOUGHT[: n * 20] for n in range(1, 4)])),
    ],
    "reasoning_deltas_come_once": [
        good("new words", thought_out(*[f"thought {n} " for n in range(9)])), good("a word again", thought_out(*"abcdeefghi")),
        good("laughter", thought_out(*["ha"] * 12)),
        bad("each twice", thought_out(*[f"thought {n // 2} " for n in range(10)])),
        bad("under the other name", thought_out(*[f"thought {n // 2} " for n in range(10)], name="reasoning")),
    ],
    "reasoning_has_a_known_name": [
        good("reasoning_content", TOLD), good("reasoning", thinking(THOUGHT, name="reasoning")), good("streamed", thought_out("Hm")),
        good("both names, one of them null", thinking(THOUGHT, name="reasoning", edits={f"{M}.reasoning_content": None})),
        good("with details of its own", thinking(THOUGHT, edits={f"{M}.thinking": "Hm"})),
        bad("thinking", thinking(THOUGHT, name="thinking")), bad("thoughts", thinking([THOUGHT], name="thoughts")),
        bad("streamed", thought_out("Hm", name="thinking")),
    ],
    "reasoning_is_not_in_the_content": [
        good("apart", TOLD), good("a short thought that recurs", thinking("Hello", "Hello there.")),
        good("no content yet", thinking(THOUGHT, None)), good("streamed", thought_out(THOUGHT)),
        bad("twice", thinking(THOUGHT, f"{THOUGHT} Hello.")), bad("streamed", thought_out(THOUGHT, content=(chunk({"content": f"{THOUGHT} Hi."}),))),
    ],
    "reasoning_does_not_go_on_in_the_content": [
        good("both alike", abreast(THOUGHT, "Hello.")), good("another thought", abreast("They greet me.", f"{REST} Hello.")),
        good("a word that recurs", abreast(THOUGHT[:-4], "way. Hello.")), bad("the rest of it", abreast(HALF, f"{REST} Hello.")), bad("after a break", abreast(HALF, f"\n\n{REST}\n\nHello.")),
    ],
    "reasoning_is_counted": [
        good("counted", counted(20)), good("a summary is shorter than what it cost", counted(29, "Greet.")), good("kept back, and counted", HIDDEN),
        bad("not told", counted(None)), bad("zero", counted(0)), bad("null", thinking(THOUGHT, spent=None, edits={DETAILS: None})),
        bad("not among the tokens", thinking(f"{THOUGHT} " * 10, spent=20)),
    ],
    "cut_reasoning_is_told": [
        good("length", cut(THOUGHT)), good("null content", cut(THOUGHT, content=None)), good("filtered", cut(THOUGHT, "content_filter")),
        good("one token more, by the end of the text", cut(THOUGHT, spent=31)), good("kept back", cut(None, edits=COUNTED)), bad("kept back, and stop", cut(None, "stop", edits=COUNTED)),
        bad("stop", cut(THOUGHT, "stop")), bad("no reason", cut(THOUGHT, None)),
    ],
    "no_effort_no_reasoning": [
        good("none", hello(asked=NONE)), good("null", thinking(None, asked=NONE)), good("blank", thinking("\n", asked=NONE)),
        good("streamed", stream(ROLE, HEL, STOP, asked=NONE)), bad("some", thinking(THOUGHT, asked=NONE)),
        bad("streamed", thought_out("Hm", asked=NONE)),
    ],
    "no_tag_is_torn": [
        good("apart", thought_out("Hm.")), good("an angle of its own", thought_out("Hm, 2 <", content=(chunk({"content": "3."}),))),
        good("a tag within", thought_out("The tag </think> ends it.")),
        bad("in halves", thought_out("Hm.", "</thi", content=(chunk({"content": "nk>Hello."}),))),
        bad("with blanks", thought_out("Hm.\n</think", content=(chunk({"content": ">\nHello."}),))),
    ],
    "thinking_is_parsed": [
        good("apart", TOLD), good("in code", thinking(THOUGHT, "Templates write `<think>` there.")),
        good("spoken of", thinking(THOUGHT, "<think> opens a thought.", asked=SPOKEN_OF)), good("streamed", thought_out(THOUGHT)),
        bad("in the content", TAGGED), bad("the closing tag alone", saying(f"{THOUGHT}\n</think>\n\nHello.")),
        bad("cut off", saying(f"<think>{THOUGHT}")), bad("of another family", saying("<mm:think>Hm.</mm:think>Hello.")),
        bad("in brackets", saying("[THINK]Hm.[/THINK]Hello.")), bad("beside the member", thinking(THOUGHT, "</think>Hello.")),
        bad("beside a call", calling({CONTENT: "<think>Hm.</think>"})),
        bad("in a stream, in pieces", thought_out(content=(chunk({"content": "Hm.</th"}), chunk({"content": "ink>Hi."})))),
    ],
    "reasoning_is_not_in_the_json": [
        good("beside", thinking(THOUGHT, JANE, asked=SHAPED)), good("it speaks of JSON", thinking(f"I write {JANE}.", JANE, asked=SHAPED)),
        bad("in front", thinking(THOUGHT, f"So: {JANE}", asked=SHAPED)), bad("the JSON is the reasoning", thinking(JANE, "", asked=SHAPED)),
        bad("it is the end of the reasoning", thinking(f"{THOUGHT} {{}} {JANE}", "", asked=SHAPED)), good("nothing was said at all", thinking(THOUGHT, "", asked=SHAPED)),
        bad("streamed", thought_out(JANE, content=(), asked=SHAPED)),
    ],
    "reasons": [
        good("told", TOLD), good("counted only", HIDDEN), good("counted in a response", IN_A_RESPONSE), good("in the content", TAGGED), good("streamed", thought_out("Hm")),
        good("none", QUIET, present=False), good("null", thinking(None), present=False), good("empty", thinking(""), present=False),
        bad("none", QUIET), bad("told", TOLD, present=False), bad("counted", HIDDEN, present=False), bad("in the content", TAGGED, present=False),
    ],
    "reasoning_text": [
        good("there", TOLD, contains="greeting"), good("streamed", thought_out("Say ", "OK"), contains="Say OK"),
        bad("not there", TOLD, contains="zebra"), bad("in the content only", hello(), contains="Hello"),
    ],
    "answer_stands_in_the_content": [
        good("there", TOLD), good("after hidden reasoning", HIDDEN), good("streamed", thought_out(THOUGHT)),
        bad("empty", thinking(THOUGHT, "")), bad("null", thinking(THOUGHT, None)), bad("streamed", thought_out(THOUGHT, content=())),
    ],
    "stop_spares_the_reasoning": [
        good("in the reasoning", thinking("Not ZEBRA.", "OK", asked=ZEBRA)), good("the answer began with it", thinking("Not ZEBRA.", "", asked=ZEBRA)),
        good("of a list", thinking("Not ZEBRA.", "OK", asked={"stop": ["ant", "ZEBRA"]})), good("streamed", thought_out("Not ZEBRA.", asked=ZEBRA)),
        bad("ends the reasoning", thinking("I must not write ", "", asked=ZEBRA)), bad("ends it in a stream", thought_out("Not ", content=(), asked=ZEBRA)),
    ],
    "same_reasoning": [
        good("the same", TOLD, steps=STEP, step="other"), good("streamed", thought_out(THOUGHT[:20], THOUGHT[20:]), steps=STEP, step="other"),
        bad("another", thinking("Hm."), steps=STEP, step="other"), bad("a piece is lost", thought_out(THOUGHT[20:]), steps=STEP, step="other"),
        bad("none at all", QUIET, steps=SILENT, step="other"),
    ],
    "reasoning_ends_before_the_content": [
        good("the same", TOLD, steps=STEP, step="other"), good("streamed", thought_out(THOUGHT), steps=STEP, step="other"),
        good("it ended early", thinking(HALF), steps=STEP, step="other"), good("another thought", thinking("Hm.", REST), steps=STEP, step="other"),
        good("none at all", saying(REST), steps=STEP, step="other"), good("a short end", thinking("The user says: 4", "2"), steps={"other": thinking("The user says: 42", "42")}, step="other"),
        good("the answer begins so", thinking(HALF, REST), steps={"other": thinking(THOUGHT, f"{REST} Hello.")}, step="other"),
        bad("its end", thinking(HALF, f"{REST}Hello there."), steps=STEP, step="other"), bad("in a stream, tag and all", thought_out(HALF, content=(chunk({"content": f" {REST}</think>\n\nHi."}),)), steps=STEP, step="other"),
        bad("no answer", failing(status=400), steps=STEP, step="other"),
    ],
    "reasoning_is_told_as_well": [
        good("both told", TOLD, steps=STEP, step="other"), good("told here alone", TOLD, steps=SILENT, step="other"), good("told nowhere", HIDDEN, steps={"other": HIDDEN}, step="other"),
        good("none spent here", spending(9), steps=AT_LENGTH, step="other"), good("uncounted", hello({"usage": DROP}), steps=AT_LENGTH, step="other"),
        good("a short one", spending(38), steps={"other": spending(40, "Greet them.")}, step="other"),
        bad("counted", HIDDEN, steps=STEP, step="other"), bad("spent", CALLED, steps=AT_LENGTH, step="other"), good("spent on words", spending(38), steps=AT_LENGTH, step="other"),
    ],
    "same_mode": [
        good("both", thinking("Hm."), steps=STEP, step="other"), good("neither", QUIET, steps=SILENT, step="other"), good("one hidden", HIDDEN, steps=STEP, step="other"),
        bad("only here", TOLD, steps=SILENT, step="other"), bad("only there", QUIET, steps=STEP, step="other"),
    ],
    "more_reasoning": [
        good("by the usage", counted(20), steps={"other": counted(8)}, step="other"), good("by the text", counted(0, THOUGHT * 2), steps={"other": counted(0)}, step="other"),
        bad("as much", counted(8), steps={"other": counted(8)}, step="other"), bad("less", counted(8), steps={"other": counted(20)}, step="other"),
        bad("none here", QUIET, steps=STEP, step="other"), bad("none anywhere", QUIET, steps=SILENT, step="other"),
    ],
}  # fmt: skip
