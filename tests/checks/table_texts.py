"""Rows for text_completion.py, text_logprobs.py and refused_texts.py."""

from build import (
    CREATED,
    DONE,
    DROP,
    STREAM_HEADERS,
    bad,
    dumped,
    edited,
    event,
    exchange,
    failing,
    good,
)

from conformance.wire.exchange import Ended

PATH = "/completions"
WANTED = {"model": "m", "prompt": "One, two,", "max_tokens": 8}
TWO = {"prompt": ["One, two,", "Red, green,"]}
CHOICE = {"text": " three.", "index": 0, "logprobs": None, "finish_reason": "stop"}
WHOLE = {
    "id": "cmpl-1",
    "object": "text_completion",
    "created": CREATED,
    "model": "m",
    "choices": [CHOICE],
    "usage": {"prompt_tokens": 4, "completion_tokens": 2, "total_tokens": 6},
}
LOGPROBS = {
    "tokens": [" three", "."],
    "token_logprobs": [-0.1, -0.2],
    "top_logprobs": [{" three": -0.1}, {".": -0.2}],
    "text_offset": [0, 6],
}
SCORED = {
    "tokens": ["One", ",", " two,"],
    "token_logprobs": [None, -1.5, -0.2],
    "top_logprobs": [None, {",": -1.5}, {" two,": -0.2}],
    "text_offset": [0, 3, 4],
}
SCORING = {"max_tokens": 0, "echo": True, "logprobs": 1}
SCORED_TEXT = {"choices.0.text": "One, two,", "choices.0.logprobs": SCORED}


def asking(more):
    return {name: value for name, value in (WANTED | (more or {})).items() if value is not DROP}


def text(edits=None, *, asked=None, **known):
    """A correct text completion, with members edited."""
    known = {"path": PATH, "asked": asking(asked)} | known
    return exchange(dumped(edited(WHOLE, edits or {})), **known)


def choice(words=" three.", index=0, **members):
    return CHOICE | {"text": words, "index": index} | members


def choices(*listed, asked=None):
    return text({"choices": list(listed)}, asked=asked)


def refused(status=400, *, asked=None, **known):
    return failing(status=status, path=PATH, asked=asking(asked), **known)


def piece(words="", finish=None, index=0, **members):
    """A chunk."""
    base = {name: value for name, value in WHOLE.items() if name != "usage"}
    one = {"text": words, "index": index, "logprobs": None, "finish_reason": finish}
    chunk = base | {"choices": [one]} | members
    return {name: value for name, value in chunk.items() if value is not DROP}


PIECES = (piece(" three"), piece("."), piece("", "stop"))
BILL = piece(choices=[], usage=WHOLE["usage"])
BILLED = {"stream_options": {"include_usage": True}}


def flow(*chunks, done=DONE, asked=None, **known):
    """A correct stream, or these chunks."""
    pieces = [event(each) for each in chunks or PIECES] + ([done] if done else [])
    wanted = asking({"stream": True} | (asked or {}))
    return exchange(pieces, path=PATH, asked=wanted, headers=STREAM_HEADERS, **known)


def told(edits=None, *, asked=None, **more):
    """A correct answer with log probabilities, which may be edited, or be another value."""
    held = edits if edits is DROP else edited(LOGPROBS, edits or {})
    return text({"choices.0.logprobs": held} | more, asked={"logprobs": 1} | (asked or {}))


def told_flow(*held, asked=None):
    """A stream whose chunks have these log probabilities."""
    parts = [piece(" x") for _ in held]
    for part, each in zip(parts, held, strict=True):
        part["choices"][0]["logprobs"] = each
    return flow(*parts, piece("", "stop"), asked={"logprobs": 1} | (asked or {}))


def form_rows(edits):
    return [good("standard", text()), good("without a usage", text({"usage": DROP})),
            *[bad(f"{path} {value!r}"[:60], text({path: value})) for path, value in edits]]  # fmt: skip


NOWHERE = {"detail": "Not Found"}
ONE_TOKEN = {"tokens": ["x"], "token_logprobs": [-1], "top_logprobs": [{"x": -1}], "text_offset": [0]}

TABLE = {
    "absent_completions_are_404": [
        good("standard", refused(404)),
        bad("FastAPI's own", refused(404, body=NOWHERE)), bad("plain text", refused(404, body=b"nothing here")),
        bad("not allowed", refused(405)), bad("not implemented", refused(501)),
    ],
    "text_completion_object": form_rows([("object", DROP), ("object", "chat.completion"), ("object", None)]),
    "text_completion_form": [
        *form_rows([
            ("id", DROP), ("id", ""), ("created", "now"), ("created", CREATED * 1000), ("model", None), ("choices", []),
            ("choices", None), ("choices.0", "x"), ("choices.0.text", DROP), ("choices.0.text", None), ("choices.0.index", "0"),
            ("choices.0.finish_reason", "eos"), ("choices.0.finish_reason", None), ("choices.0.logprobs", []), ("", []),
        ]),
        good("log probabilities, and members of a vendor's", told(**{"choices.0.stop_reason": 7, "id": "x"})),
        good("filtered, and no key for log probabilities", text({"choices.0.logprobs": DROP, "choices.0.finish_reason": "content_filter"})),
    ],
    "text_chunk_form": [
        good("standard", flow()), good("with its usage", flow(*PIECES, BILL, asked=BILLED)),
        good("everything in one", flow(piece(" three.", "length"))),
        bad("those of chat", flow(piece(object="chat.completion.chunk"))),
        bad("deltas", flow(piece(choices=[{"index": 0, "delta": {"content": "x"}, "finish_reason": None}]))),
        bad("text null", flow(piece(None))), bad("no id", flow(piece(id=DROP))), bad("eos", flow(piece("", "eos"))),
        bad("no index", flow(piece("x", index=None))), bad("a list", flow([])),
    ],
    "text_stream_ends_with_done": [
        good("standard", flow()), good("without a blank line after it", flow(done=b"data: [DONE]")),
        bad("none", flow(done=None)), bad("in other words", flow(done=b"data: DONE\n\n")),
    ],
    "text_usage_has_one_chunk_of_its_own": [
        good("standard", flow(*PIECES, BILL, asked=BILLED)),
        bad("none", flow(asked=BILLED)), bad("with the end", flow(PIECES[0], piece("", "stop", usage=WHOLE["usage"]), asked=BILLED)),
        bad("two", flow(*PIECES, BILL, BILL, asked=BILLED)), bad("in the middle", flow(BILL, *PIECES, asked=BILLED)),
    ],
    "each_prompt_has_its_choices": [
        good("standard", choices(choice(), choice(" blue.", 1), asked=TWO)),
        good("in the order in which they were finished", choices(choice(" blue.", 1), choice(), asked=TWO)),
        good("two of each", choices(*[choice(index=n) for n in range(4)], asked=TWO | {"n": 2})),
        good("token ids", choices(choice(), choice(index=1), asked={"prompt": [[1, 2], [3]]})),
        good("echoed", choices(choice("One, two, three"), choice("Red, green, blue", 1), asked=TWO | {"echo": True})),
        good("echoed, after a token that begins a text", choices(choice("<s> One, two,"), choice("<s> Red, green,", 1), asked=TWO | {"echo": True})),
        good("no echo, which is another matter", choices(choice(), choice(index=1), asked=TWO | {"echo": True})),
        good("streamed", flow(piece("a", "stop"), piece("b", "stop", 1), asked=TWO)),
        bad("the first alone", choices(choice(), asked=TWO)), bad("one of each", choices(choice(), choice(index=1), asked=TWO | {"n": 2})),
        bad("the same index", choices(choice(), choice(), asked=TWO)), bad("from 1 on", choices(choice(index=1), choice(index=2), asked=TWO)),
        bad("in another order", choices(choice("Red, green, blue"), choice("One, two, three", 1), asked=TWO | {"echo": True})),
        bad("one of them, streamed", flow(piece("a", "stop"), asked=TWO)),
    ],
    "token_prompts_are_taken": [
        good("one list", text(asked={"prompt": [100, 200, 300]})), good("several", text(asked={"prompt": [[1], [2, 3]]})),
        good("streamed", flow(asked={"prompt": [5]})),
        bad("refused", refused(asked={"prompt": [100, 200]})), bad("a fault", refused(500, asked={"prompt": [[1], [2]]})),
        bad("not processable", refused(422, asked={"prompt": [1]})),
    ],
    "sixteen_tokens_are_the_default": [
        good("a short one", text(asked={"max_tokens": DROP})),
        good("sixteen", text({"usage.completion_tokens": 16, "choices.0.finish_reason": "length"}, asked={"max_tokens": None})),
        good("of each of two", text({"choices": [choice(), choice(index=1)], "usage.completion_tokens": 32}, asked={"max_tokens": DROP, "n": 2})),
        good("the best of three", text({"usage.completion_tokens": 48}, asked={"max_tokens": DROP, "best_of": 3})),
        good("of each of two prompts", text({"choices": [choice(), choice(index=1)], "usage.completion_tokens": 32}, asked=TWO | {"max_tokens": DROP})),
        good("cut short by a context that is full", text({"usage.completion_tokens": 3, "usage.prompt_tokens": 4093, "choices.0.finish_reason": "length"}, asked={"max_tokens": DROP})),
        good("not counted, which is another matter", text({"usage.completion_tokens": 0, "choices.0.finish_reason": "length"}, asked={"max_tokens": DROP})),
        bad("to the end of the context", text({"usage.completion_tokens": 4000, "choices.0.finish_reason": "length"}, asked={"max_tokens": DROP})),
        bad("seventeen", text({"usage.completion_tokens": 17}, asked={"max_tokens": DROP})),
        bad("eight", text({"usage.completion_tokens": 8, "choices.0.finish_reason": "length"}, asked={"max_tokens": DROP})),
        bad("streamed", flow(piece("x", "length"), piece(choices=[], usage={"prompt_tokens": 4, "completion_tokens": 99, "total_tokens": 103}), asked=BILLED | {"max_tokens": DROP})),
    ],
    "stream_ends_by_itself": [
        good("standard", flow(asked={"max_tokens": DROP})), good("sixteen pieces", flow(*[piece("x")] * 16, piece("", "length"), asked={"max_tokens": None})),
        good("sixteen of each of two", flow(*[piece("x"), piece("x", index=1)] * 16, asked={"max_tokens": DROP, "n": 2})),
        good("letter by letter, nine of them counted", flow(*[piece("x")] * 17, BILL, asked=BILLED | {"max_tokens": DROP})),
        good("letter by letter, and nobody counts", flow(*[piece("x")] * 60, asked={"max_tokens": None})),
        bad("seventeen", flow(*[piece(" x")] * 17, asked={"max_tokens": DROP})),
        bad("hung up on", flow(*[piece(" x")] * 90, done=None, end=Ended.CANCELLED, asked={"max_tokens": DROP})),
        bad("one of two", flow(*[piece(" x", index=1)] * 20, piece("x"), asked={"max_tokens": DROP, "n": 2})),
    ],
    "text_pieces": [
        good("standard", flow(), at_most=2), good("fewer", flow(), at_most=16),
        bad("more", flow(piece(" three"), piece(" four", "length")), at_most=1), good("letter by letter", flow(*[piece("x")] * 90), at_most=16), bad("hung up on", flow(*[piece(" x")] * 90, done=None, end=Ended.CANCELLED), at_most=16),
    ],
    "prompt_is_echoed": [
        good("standard", choices(choice("One, two, three."), asked={"echo": True})),
        good("after a token that begins a text", choices(choice("<s>One, two, three."), asked={"echo": True})),
        good("without the blank at its end", choices(choice("One, two, three"), asked={"echo": True, "prompt": "One, two, "})),
        good("streamed", flow(piece("One, two,"), piece(" three", "stop"), asked={"echo": True})),
        good("of each of two", choices(choice("One, two, 3"), choice("Red, green, 4", 1), asked=TWO | {"echo": True})),
        good("that of another, which is another matter", choices(choice("Red, green, 3"), choice("One, two, 4", 1), asked=TWO | {"echo": True})),
        bad("none", text(asked={"echo": True})), bad("after the text", choices(choice(" three, four and five. One, two,"), asked={"echo": True})),
        bad("none, streamed", flow(asked={"echo": True})), bad("no text", choices(choice(None), asked={"echo": True})),
    ],
    "text_logprobs_are_four_lists": [
        good("standard", told()), good("none of others, where none was asked for", told({"top_logprobs": None}, asked={"logprobs": 0})),
        good("no key for them", told({"top_logprobs": DROP}, asked={"logprobs": 0})),
        good("echoed", text(SCORED_TEXT, asked=SCORING)), good("a member of a vendor's", told({"ids": [1, 2]})),
        good("streamed, a token each", told_flow(ONE_TOKEN, ONE_TOKEN)), good("streamed, not with every chunk", told_flow(None, ONE_TOKEN)),
        bad("none", told(DROP)), bad("null", text(asked={"logprobs": 1})), bad("those of chat", told({"content": [], **dict.fromkeys(LOGPROBS, DROP)})),
        bad("one too few", told({"token_logprobs": [-0.1]})), bad("no offsets", told({"text_offset": DROP})),
        bad("none of others", told({"top_logprobs": None})), bad("tokens as text", told({"tokens": " three."})),
        bad("none, streamed", flow(asked={"logprobs": 1})), bad("uneven, streamed", told_flow(ONE_TOKEN, ONE_TOKEN | {"tokens": []})),
    ],
    "tokens_make_up_the_text": [
        good("standard", told()), good("echoed", text(SCORED_TEXT, asked=SCORING)), good("beyond the text, where it was stopped", told({"tokens": [" three", "."]} | {"tokens": [" three", ".", "</s>"]})),
        good("the prompt echoed and not scored", text({"choices.0.text": "One, two, three.", "choices.0.logprobs": LOGPROBS}, asked={"echo": True, "logprobs": 1})),
        good("a begin that is not echoed", text(SCORED_TEXT | {"choices.0.logprobs.tokens": ["<s>", "One", ",", " two,"]}, asked=SCORING)),
        good("blanks as some write them", told({"tokens": ["▁three", "."]})), good("streamed", told_flow(ONE_TOKEN, ONE_TOKEN)),
        bad("a letter lost", told({"tokens": [" thre", "."]})), bad("the last lost", told({"tokens": [" three"]})), bad("another text", told({"tokens": [" four", "."]})),
    ],
    "text_alternatives_are_numbers": [
        good("standard", told()), good("none of the first", text(SCORED_TEXT, asked=SCORING)), good("streamed", told_flow(ONE_TOKEN, ONE_TOKEN)),
        bad("none at all", told({"top_logprobs": [None, None]})), bad("lists", told({"top_logprobs": [{" three": []}, {".": -0.2}]})), bad("empty", told({"top_logprobs": [{}, {}]})),
        bad("those of chat", told({"top_logprobs": [[{"token": " three"}], None]})),
    ],
    "text_chances_add_up": [
        good("standard", told()), good("the first of an echo", text(SCORED_TEXT, asked=SCORING)), good("streamed", told_flow(ONE_TOKEN, ONE_TOKEN)),
        good("certain", told({"token_logprobs": [0.0, 0.0], "top_logprobs": [{" three": 0.0}, {".": 0.0}]})), good("no alternatives", told({"top_logprobs": None})),
        bad("a probability", told({"token_logprobs": [0.9, -0.2]})), bad("one among the alternatives", told({"top_logprobs": [{" three": 0.9}, {".": -0.2}]})),
        bad("more than certain together", told({"top_logprobs": [{" three": -0.1, " two": -0.1}, {".": -0.2}]})),
        bad("streamed", told_flow(ONE_TOKEN | {"token_logprobs": [0.7]}, ONE_TOKEN)),
    ],
    "first_token_has_no_logprob": [
        good("standard", text(SCORED_TEXT, asked=SCORING)),
        good("streamed", told_flow(ONE_TOKEN | {"token_logprobs": [None]}, ONE_TOKEN, asked={"echo": True})),
        bad("certain", text(SCORED_TEXT | {"choices.0.logprobs.token_logprobs": [0.0, -1.5, -0.2]}, asked=SCORING)),
        bad("a text", text(SCORED_TEXT | {"choices.0.logprobs.token_logprobs": ["null", -1.5, -0.2]}, asked=SCORING)),
        bad("streamed", told_flow(ONE_TOKEN, asked={"echo": True})),
    ],
    "text_chunks_have_one_id": [
        good("standard", flow(piece(" a"), piece(" b"), piece("", "stop"))),
        bad("another in each", flow(piece(" a"), piece(" b") | {"id": "cmpl-2"}, piece("", "stop"))),
        bad("none later", flow(piece(" a"), {k: v for k, v in piece(" b").items() if k != "id"}, piece("", "stop"))),
    ],
    "offsets_go_on": [
        good("standard", text(SCORED_TEXT, asked=SCORING)),
        good("streamed", told_flow(ONE_TOKEN, ONE_TOKEN | {"text_offset": [2]})), good("at one place", told_flow(ONE_TOKEN, ONE_TOKEN)),
        bad("from behind", text(SCORED_TEXT | {"choices.0.logprobs.text_offset": [0, 4, 3]}, asked=SCORING)),
        bad("anew in a chunk", told_flow(ONE_TOKEN | {"text_offset": [9]}, ONE_TOKEN | {"text_offset": [2]})),
    ],
    "suffix_is_taken_or_400": [
        good("taken", text(asked={"suffix": " five."})), good("refused", refused(asked={"suffix": " five."})),
        bad("a fault", refused(500, asked={"suffix": " five."})),
        bad("not processable", refused(422, asked={"suffix": "x"})),
    ],
    "best_of_covers_n": [
        good("refused", refused(asked={"best_of": 1, "n": 2})),
        bad("served", choices(choice(), choice(index=1), asked={"best_of": 1, "n": 2})), bad("a fault", refused(500, asked={"best_of": 0})),
    ],
    "text_usage_adds_up": [
        good("standard", text()), good("as many as allowed", text({"usage.completion_tokens": 8, "usage.total_tokens": 12})),
        good("the best of three", text({"usage.completion_tokens": 24, "usage.total_tokens": 28}, asked={"best_of": 3})),
        good("with the echo", text({"usage.completion_tokens": 14, "usage.total_tokens": 18}, asked={"echo": True})),
        good("nothing said", text({"choices.0.text": "", "usage.completion_tokens": 0, "usage.total_tokens": 4})),
        good("an empty prompt", text({"usage.prompt_tokens": 0, "usage.total_tokens": 2}, asked={"prompt": ""})),
        good("no cap of its own", text({"usage.completion_tokens": 40, "usage.total_tokens": 44}, asked={"max_tokens": DROP})),
        bad("another total", text({"usage.total_tokens": 7})), bad("a prompt for nothing", text({"usage.prompt_tokens": 0, "usage.total_tokens": 2})),
        bad("an answer for nothing", text({"usage.completion_tokens": 0, "usage.total_tokens": 4})),
        bad("more than allowed", text({"usage.completion_tokens": 9, "usage.total_tokens": 13})),
        bad("streamed", flow(*PIECES, piece(choices=[], usage=WHOLE["usage"] | {"total_tokens": 1}), asked=BILLED)),
    ],
    "text_ends_before_a_stop_string": [
        good("standard", text(asked={"stop": "five"})), good("one of several", text(asked={"stop": ["five", "six"]})),
        good("streamed", flow(asked={"stop": "five"})),
        bad("in it", text(asked={"stop": "three"})), bad("at its end", text(asked={"stop": ["six", "."]})),
        bad("split over chunks", flow(piece(" thr"), piece("ee"), piece("", "stop"), asked={"stop": "three"})),
        bad("in one of two", choices(choice(), choice(" and five", 1), asked={"stop": "five", "n": 2})),
    ],
    "prompt_is_scored": [
        good("standard", text(SCORED_TEXT, asked=SCORING)),
        good("tokens without their blanks", text(SCORED_TEXT | {"choices.0.logprobs.tokens": ["One", ",", "two,"]}, asked=SCORING)),
        bad("half of it", text(SCORED_TEXT | {"choices.0.logprobs.tokens": ["One"]}, asked=SCORING)), good("token ids", text(SCORED_TEXT, asked=SCORING | {"prompt": [5, 6, 7]})),
        bad("refused", refused(asked=SCORING)), bad("a fault", refused(500, asked=SCORING)),
        bad("something written in its place", text({"choices.0.logprobs": LOGPROBS, "choices.0.text": " 3."}, asked=SCORING)),
        bad("no log probabilities", text({"choices.0.text": "One, two,"}, asked=SCORING)),
        bad("no tokens", text(SCORED_TEXT | {"choices.0.logprobs.tokens": []}, asked=SCORING)),
    ],
    "missing_model_is_400_elsewhere": [
        good("refused", refused(asked={"model": DROP}, body={"error": {"message": "model is missing", "type": "x"}})),
        bad("served", text(asked={"model": DROP})), bad("an empty one", text(asked={"model": ""})), bad("a fault", refused(500, asked={"model": None})),
        bad("without a word", refused(asked={"model": DROP}, body={"error": {"message": "no", "type": "x"}})),
        bad("for vectors", failing(status=422, path="/embeddings", asked={"input": "a"})),
    ],
    "out_of_range_is_400_elsewhere": [
        good("refused", refused(asked={"temperature": 3})), good("for vectors", failing(status=400, path="/embeddings", asked={"model": "m", "input": "a", "dimensions": 0})),
        bad("served", text(asked={"temperature": 3})), bad("below", text(asked={"max_tokens": -1})), bad("not processable", refused(422, asked={"n": 0})),
        bad("for vectors, served", exchange(b"{}", path="/embeddings", asked={"model": "m", "input": "a", "dimensions": -2})),
    ],
    "wrong_type_is_400_elsewhere": [
        good("refused", refused(asked={"max_tokens": "abc"})), good("for vectors", failing(status=400, path="/embeddings", asked={"model": "m", "input": 5})),
        bad("served", text(asked={"max_tokens": "abc"})), bad("a prompt that is a mapping", text(asked={"prompt": {}})), bad("a fault", refused(500, asked={"stop": 5})),
        bad("for vectors, not processable", failing(status=422, path="/embeddings", asked={"model": "m", "input": 5})),
        bad("true for a number", text(asked={"n": True})),
    ],
}  # fmt: skip
