"""Rows for ids over two turns, and for calls whose pieces belong together."""

from build import OPEN, REST, M, bad, call, called, calling, chunk, fragment, good

FIRST = calling()
TWO = calling({f"{M}.tool_calls": [call(id="call_8"), call(id="call_9")]})
TEXT = chunk({"content": "One moment."})
NEXT = [fragment(1, id="call_2", type="function", name="get_weather", arguments=""), fragment(1, arguments='{"city": "Rome"}')]  # fmt: skip


TABLE = {
    "other_call_ids": [
        good("another", TWO, step="first", steps={"first": FIRST}),
        good("another, streamed", called(fragment(id="call_7", type="function", name="get_weather", arguments="{}")), step="first", steps={"first": FIRST}),
        bad("the same", calling(), step="first", steps={"first": FIRST}),
        bad("one of two", calling({f"{M}.tool_calls": [call(id="x"), call(id="call_9")]}), step="first", steps={"first": TWO}),
    ],
    "calls_are_not_interrupted": [
        good("together", called()),
        good("text before", called(TEXT, OPEN, *REST)),
        good("text after", called(OPEN, *REST, TEXT)),
        good("text between two calls", called(OPEN, *REST, TEXT, *NEXT)),
        good("an empty text within", called(OPEN, REST[0], chunk({"content": ""}), REST[1])),
        good("thoughts within", called(OPEN, REST[0], chunk({"reasoning_content": "Hm."}), REST[1])),
        bad("text within", called(OPEN, REST[0], TEXT, REST[1])),
        bad("text after the name", called(OPEN, TEXT, *REST)),
        bad("text within the second", called(OPEN, *REST, NEXT[0], TEXT, NEXT[1])),
    ],
}  # fmt: skip
