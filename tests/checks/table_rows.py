"""Rows for rows.py and thought_counts.py, and for what text completions score as they stream."""

from build import CALL, TOOLS, M, bad, good
from table_completion import PAIR, token, told
from table_reasoning import DETAILS, THOUGHT, USED, cut, thinking
from table_texts import LOGPROBS, SCORED_TEXT, SCORING, flow, piece, text

FOREIGN = (
    token("Hello", -0.1, top=[("Hi", -1), ("Hey", -2)]),
    token(" there.", -0.2, top=[("Hi", -1), ("Hey", -2)]),
)
OTHERWISE = (
    token("Hello", -3, top=[("Hello", -0.1), ("Hi", -2)]),
    token(" there.", -4, top=[(" there.", -0.1), ("Hi", -2)]),
)
SAME = [token(each, -5, top=[("Hi", -1), ("Hey", -2)]) for each in ("He", "llo", " the", "re.")]
EQUAL = [token("ha", -1, top=[("ha", -1), ("Hey", -2)]) for _ in range(6)]
BROKEN = (
    token("\ufffd", -0.1, top=[("Hi", -1)], bytes=[0xC3]),
    token("\ufffd", -0.1, top=[("Hi", -1)], bytes=[0xBC]),
)
FOUR = ["One", ",", " two", ","]


def scored(top, values=(None, -5, -5, -5), tokens=FOUR, said="One, two,", asked=SCORING):
    """A text whose tokens have these alternatives."""
    lists = {"tokens": tokens, "token_logprobs": list(values), "top_logprobs": top}
    lists |= {"text_offset": [0] * len(tokens)}
    return text({"choices.0.text": said, "choices.0.logprobs": lists}, asked=asked)


def written(top, values):
    return scored(top, values, [" three", "."], " three.", {"logprobs": 2})


def scored_piece(words, tokens):
    """A chunk of a text completion with the tokens that it scores."""
    lists = {"tokens": tokens, "token_logprobs": [-0.1] * len(tokens), "text_offset": [0] * len(tokens)}
    told = piece(words)
    told["choices"][0]["logprobs"] = lists | {"top_logprobs": [{each: -0.1} for each in tokens]}
    return told


def scored_flow(*pieces, **asked):
    return flow(*pieces, piece("", "stop"), asked={"logprobs": 1} | asked)


def spending(reasoning, spent, content="Hello there.", **more):
    """An answer that counts its reasoning."""
    usage = USED | {"completion_tokens": spent, "total_tokens": 9 + spent}
    edits = {"usage": usage | {"completion_tokens_details": {"reasoning_tokens": reasoning}}}
    return thinking(THOUGHT, content, None, edits | more)


MARKED = CALL | {"function": {"name": "save_lines", "arguments": '{"text": "\\n    return 1\\n\\n", "lines": ["\\n    return 1\\n\\n"]}'}}
UNFINISHED = thinking(
    THOUGHT, None, None,
    {"usage": USED | {"completion_tokens": 90, "total_tokens": 99, "completion_tokens_details": {"reasoning_tokens": 10}}, "choices.0.finish_reason": "length"},
    asked={"tools": TOOLS, "max_tokens": 90},
)  # fmt: skip
OBJECT_ARGUMENTS = spending(10, 300, "", **{f"{M}.tool_calls": [CALL | {"function": {"name": "f", "arguments": {"a": 1}}}]})
APART = [{"Oslo": -1.0, "Rome": -2.0}, {".": -0.2}]

TABLE = {
    "alternatives_are_of_their_place": [
        good("standard", told(*PAIR)), good("not among them, and less likely", told(token("Hello", -9, top=[("Hi", -1)]), token(" there.", -8, top=[("a", -1)]))),
        good("one with two names", told(FOREIGN[0], PAIR[1])), good("the same token again and again", told(*EQUAL, content="ha" * 6)),
        good("pieces of characters", told(*BROKEN, token("Hi", top=[("Hi", -0.1)]))),
        bad("likelier than all of them", told(*FOREIGN)), bad("told otherwise", told(*OTHERWISE)), bad("everywhere the same", told(*SAME)),
    ],
    "text_alternatives_are_of_their_place": [
        good("standard", text({"choices.0.logprobs": LOGPROBS}, asked={"logprobs": 2})),
        good("less likely", written(APART, [-5.0, -0.2])), bad("of another place", written([APART[0], APART[0]], [-0.1, -0.2])),
    ],
    "prompt_is_scored_place_by_place": [
        good("standard", text(SCORED_TEXT, asked=SCORING)),
        good("apart", scored([None, {",": -1.0}, {" and": -2.0}, {",": -0.1}], [None, -1.0, -5, -0.1])),
        bad("one row for all", scored([None, *[{"x": -1.0}] * 4], [None, -5, -5, -5, -5], [*FOUR[:3], " three", "."], "One, two three.")),
    ],
    "text_scores_come_with_their_text": [
        good("each with its own", scored_flow(scored_piece(" One", [" One"]), scored_piece(" two", [" two"]))),
        good("one ahead", scored_flow(scored_piece(" One", [" One", " two"]), scored_piece(" two", []))),
        bad("a chunk ahead", scored_flow(scored_piece(" One", [" One", " two"]), scored_piece(" two", [" six"]), scored_piece(" six", []))),
    ],
    "all_reasoning_is_counted": [
        good("all", spending(27, 30)), good("by another vocabulary", spending(100, 140)), good("with a call", spending(10, 90, "", **{f"{M}.tool_calls": [CALL]})),
        good("a long answer", spending(10, 300, "word " * 200)), good("a call in markup around each argument", spending(28, 196, "", **{f"{M}.tool_calls": [MARKED]})), bad("half of it", spending(100, 220)), bad("a part", spending(3, 90)),
    ],
    "cut_reasoning_says_nothing": [
        good("nothing", cut(THOUGHT, edits={DETAILS: {"reasoning_tokens": 30}})), good("null", cut(THOUGHT, content=None, edits={DETAILS: {"reasoning_tokens": 30}})),
        good("a blank", cut(THOUGHT, content="\n\n", edits={DETAILS: {"reasoning_tokens": 30}})),
        bad("a note", cut(THOUGHT, content="[cut off]", edits={DETAILS: {"reasoning_tokens": 30}})),
    ],
}  # fmt: skip
