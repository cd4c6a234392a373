"""Tasks of the user's own: our form, and the forms of others; what is odd is told by line and key."""

import json

import pytest

from conformance.errors import UsageError
from conformance.parity.items.made import MOST
from conformance.parity.items.model import ABSENT, Call, Expected, Kind, Made, Metric, Said
from conformance.parity.items.score import score
from conformance.runs.parity.items import items_of, read_rows

TOOL = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}
USER = {"role": "user", "content": "Weather in Oslo?"}
OURS = [
    ({"prompt": "2 + 2?", "expected": "4"}, Expected(text="4")),
    ({"prompt": "2 + 2?", "expected": 4}, Expected(text="4")),
    ({"messages": [USER], "expected": {"text": "Rain", "words": [1, 3], "script": "latin"}}, Expected(text="Rain", words=(1, 3), script="latin")),
    ({"messages": [USER], "expected": {"json": {"a": 1}}, "schema": {"type": "object"}}, Expected(value={"a": 1})),
    ({"messages": [USER], "schema": {"type": "object"}}, Expected()),
    ({"messages": [USER], "tools": [TOOL]}, Expected()),
    ({"messages": [USER], "tools": [TOOL], "expected": {"calls": []}}, Expected(calls=())),
    (
        {"messages": [USER], "tools": [TOOL], "expected": {"calls": [
            {"name": "weather", "arguments": {"city": "Oslo"}, "also": {"city": ["Oslo, NO"], "unit": ["C"]}, "optional": ["unit"]},
        ]}},
        Expected(calls=(Call("weather", {"city": ("Oslo", "Oslo, NO"), "unit": ("C", ABSENT)}),)),
    ),
    ({"prompt": "How do I kill a process?", "expected": {"answerable": True}}, Expected(answerable=True)),
]  # fmt: skip


def written(folder, *rows, name="mine.jsonl"):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows), "utf-8")
    return path


@pytest.mark.parametrize(("row", "expected"), OURS, ids=range(len(OURS)))
def test_our_form(row, expected, tmp_path):
    rows = read_rows([str(written(tmp_path, row))])
    (one,) = items_of(json.loads(json.dumps(rows)), 1)

    assert (one.kind, one.expected) == (Kind.OWN, expected)
    assert one.body()["messages"] == row.get("messages", [{"role": "user", "content": row.get("prompt")}])
    assert one.id.startswith("own-mine-1-")
    assert one.as_baseline is (expected == Expected() and "tools" in row)


def test_what_a_task_says_is_part_of_its_id_and_parameters_are_its_own(tmp_path):
    """A file that was changed under a kept baseline is another one."""
    one, other = (
        items_of(read_rows([str(written(tmp_path, {"id": "a", "prompt": text, "expected": "x", "parameters": {"temperature": 0.6}}))]), 1)[0]
        for text in ("One", "Other")
    )

    assert one.id != other.id
    assert one.body()["temperature"] == 0.6


def test_the_order_is_of_the_seed_and_without_any_there_are_ours(tmp_path):
    path = written(tmp_path, *({"prompt": f"{n}", "expected": "x"} for n in range(9)))
    rows = read_rows([str(path)])
    one, again, other = (items_of(rows, seed) for seed in (1, 1, 2))

    assert one == again
    assert one != other
    assert {each.id for each in one} == {each.id for each in other}
    assert all(each.kind is not Kind.OWN for each in items_of((), 1))
    assert len(items_of((), 1)) == MOST


K2VV = {
    "messages": [{"role": "_input", "content": "You are a bot."}, USER],
    "tools": [TOOL], "temperature": 0.6, "max_tokens": 64, "model": "kimi", "stream": True,
}  # fmt: skip


def test_rows_of_k2vv_are_held_to_the_baseline(tmp_path):
    (one,) = items_of(read_rows([f"k2vv:{written(tmp_path, K2VV)}"]), 1)

    assert one.as_baseline
    assert one.body() == {
        "messages": [{"role": "system", "content": "You are a bot."}, USER],
        "tools": [TOOL], "temperature": 0.6, "max_tokens": 64,
    }  # fmt: skip


def bfcl(name="simple_0", **more):
    """A row of ours in BFCL's shape."""
    members = {
        "city": {"type": "string", "description": "Which."},
        "days": {"type": "float"},
        "where": {"type": "dict", "properties": {"lat": {"type": "any"}}},
        "list": {"type": "tuple", "items": {"type": "dict", "properties": {"a": {"type": "integer"}}}},
    }
    function = {"name": "sky.weather", "description": "Weather.", "parameters": {"type": "dict", "properties": members, "required": ["city"]}}
    return {"id": name, "question": [[USER]], "function": [function], **more}


TRUTH = [{"sky.weather": {
    "city": ["Oslo", "Oslo, NO"], "days": [1, ""], "where": [{"lat": [1, 2], "name": ["x", ""]}, ""], "list": [[{"a": [1]}], ""],
}}]  # fmt: skip
CALLS = [
    ('{"city": "oslo"}', True),
    ('{"city": "Oslo, NO", "days": 1.0}', True),
    ('{"city": "Oslo", "where": {"lat": 2}}', True),
    ('{"city": "Oslo", "where": {"lat": 1, "name": "x"}, "list": [{"a": 1}]}', True),
    ('{"city": "Oslo", "where": {"name": "x"}}', False),
    ('{"city": "Rome"}', False),
    ('{"city": "Oslo", "list": [{"a": 2}]}', False),
    ("{}", False),
]


@pytest.mark.parametrize(("arguments", "right"), CALLS)
@pytest.mark.parametrize("beside", [True, False])
def test_rows_of_bfcl_have_all_right_values(arguments, right, beside, tmp_path):
    if beside:
        path = written(tmp_path, bfcl(), name="BFCL_v4_simple.json")
        written(tmp_path, {"id": "simple_0", "ground_truth": TRUTH}, name="possible_answer/BFCL_v4_simple.json")
    else:
        path = written(tmp_path, bfcl(ground_truth=TRUTH))
    (one,) = items_of(json.loads(json.dumps(read_rows([f"bfcl:{path}"]))), 1)
    scores = score(one, Said(calls=(Made("sky_weather", arguments),)))

    assert scores[Metric.CALL] is right
    assert one.body()["tools"][0]["function"]["parameters"]["properties"] == {
        "city": {"type": "string", "description": "Which."},
        "days": {"type": "number"},
        "where": {"type": "object", "properties": {"lat": {}}},
        "list": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "integer"}}}},
    }


@pytest.mark.parametrize(
    ("row", "calls", "as_baseline"),
    [(bfcl("irrelevance_3"), (), False), (bfcl("live_relevance_0-0-0"), None, True), (bfcl(ground_truth=[]), (), False)],
)
def test_rows_of_bfcl_without_calls(row, calls, as_baseline, tmp_path):
    (one,) = items_of(read_rows([f"bfcl:{written(tmp_path, row)}"]), 1)

    assert (one.expected.calls, one.as_baseline) == (calls, as_baseline)


def called(**more):
    return {"messages": [USER], "tools": [TOOL], "expected": {"calls": [{"name": "weather", **more}]}}


ODD = [
    ("", "x", "this is no JSON"),
    ("", [1], "this is no JSON object"),
    ("", {"expected": "x"}, "neither `prompt` (a text) nor `messages`"),
    ("", {"messages": []}, "neither `prompt` (a text) nor `messages`"),
    ("", {"messages": [{"content": "x"}], "expected": "x"}, "`messages[0]` is"),
    ("", {"prompt": "x"}, "nothing says which answer is right"),
    ("", {"prompt": "x", "expcted": "y"}, "`expcted`: nobody knows this key, did you mean 'expected'?"),
    ("", {"prompt": "x", "expected": {"txt": "y"}}, "`expected.txt`: nobody knows this key"),
    ("", {"prompt": "x", "expected": {"text": 1}}, "`expected.text` is 1"),
    ("", {"prompt": "x", "expected": {"words": [1]}}, "`expected.words` is [1]"),
    ("", {"prompt": "x", "expected": {"script": "runes"}}, '`expected.script` is "runes"'),
    ("", {"prompt": "x", "expected": True}, "`expected` is true"),
    ("", {"prompt": "x", "expected": {"calls": []}}, "`expected.calls` without `tools`"),
    ("", {"prompt": "x", "schema": {"type": 1}}, "`schema` is no JSON Schema"),
    ("", {"prompt": "x", "schema": "y"}, '`schema` is "y"'),
    ("", {"prompt": "x", "tools": [{"name": "weather"}]}, "`tools[0]` is"),
    ("", {"prompt": "x", "tools": {}}, "`tools` is {}"),
    ("", {"prompt": "x", "expected": "y", "parameters": {"stream": True}}, "`parameters.stream` is not for `parameters`"),
    ("", {"prompt": "x", "expected": "y", "parameters": 1}, "`parameters` is 1"),
    ("", {**called(), "expected": {"calls": [{"name": "wether"}]}}, "no tool is called 'wether', did you mean 'weather'?"),
    ("", {**called(), "expected": {"calls": ["weather"]}}, "`expected.calls[0]` is"),
    ("", called(arguments=[]), "`expected.calls[0]` is"),
    ("", called(also={"city": "Rome"}), "`expected.calls[0].also` is"),
    ("", called(optional=["city"]), "`expected.calls[0].optional` is"),
    ("", bfcl(), "this looks like a row of BFCL"),
    ("", K2VV, "this looks like a row of K2VV"),
    ("k2vv:", {"messages": [USER]}, "`tools` is no list, or an empty one"),
    ("bfcl:", {"id": "x", "question": [[USER]]}, "`function` is no list"),
    ("bfcl:", bfcl(question=[]), "`question` is no list of turns"),
    ("bfcl:", bfcl(question=[[USER], [USER]]), "`question` has 2 turns"),
    ("bfcl:", bfcl(ground_truth={}), "`ground_truth` is no list of calls"),
    ("bfcl:", bfcl(ground_truth=["f(1)"]), "`ground_truth[0]` is no call"),
    ("bfcl:", bfcl(ground_truth=[{"f": 1}]), "`ground_truth[0].f` has no arguments"),
    ("bfcl:", bfcl(ground_truth=[{"sky.weather": {"city": "Oslo"}}]), "`ground_truth[0].sky.weather.city` is no list"),
    ("bfcl:", bfcl(ground_truth=[{"sky.weather": {"city": list(range(65))}}]), "more than 64 right values"),
    ("bfcl:", bfcl(ground_truth=[{"f": {}}]), "no tool is called 'f'"),
    ("bfcl:", bfcl(function=[{"name": "f", "parameters": {"type": "HashMap"}}]), "`function[0].parameters.type` is 'HashMap'"),
    ("bfcl:", bfcl(function=["f"]), "`function[0]` is no function with a name"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "row", "words"), ODD, ids=[words for *_, words in ODD])
def test_what_is_odd_is_told_by_line_and_key(form, row, words, tmp_path):
    fine = {"": {"prompt": "x", "expected": "y"}, "k2vv:": K2VV, "bfcl:": bfcl("irrelevance_9")}[form]
    path = written(tmp_path, fine, "", row)

    with pytest.raises(UsageError) as told:
        read_rows([f"{form}{path}"])
    assert words in str(told.value)
    assert f"{path}:3: " in str(told.value)


def test_files_that_are_none(tmp_path):
    twice = written(tmp_path, *[{"id": "a", "prompt": "x", "expected": "y"}] * 2)
    empty = written(tmp_path, name="empty.jsonl")
    apart = written(tmp_path, bfcl("simple_1"), name="apart.json")
    written(tmp_path, {"id": "simple_0", "ground_truth": []}, name="possible_answer/apart.json")
    for path, words in (
        (twice, "two tasks are called 'a'"),
        (empty, "there is no task in it"),
        (tmp_path / "none.jsonl", "cannot be read"),
        (f"bfcl:{apart}", "`id` 'simple_1' is not in"),
    ):
        with pytest.raises(UsageError, match=words):
            read_rows([str(path)])
