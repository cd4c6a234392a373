"""Singular queries: what they find, and how others are refused."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.wire.query import MISSING, QueryError, find, parse

BODY = {
    "id": "chatcmpl-1",
    "none": None,
    "choices": [{"message": {"tool_calls": [{"id": "a"}, {"id": "b"}]}}],
    "odd name": 1,
    "it's": 2,
    "naïve": 3,
    "\U0001f600": 4,
    "0": "zero",
}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("$", BODY),
        ("$.id", "chatcmpl-1"),
        ("$.none", None),
        ("$.choices[0].message.tool_calls[0].id", "a"),
        ("$.choices[0].message.tool_calls[-1].id", "b"),
        ("$['choices'][0]", BODY["choices"][0]),
        ('$["odd name"]', 1),
        (r"$['it\'s']", 2),
        ('$["it\'s"]', 2),
        ("$.naïve", 3),
        (r"$['na\u00efve']", 3),
        (r"$['\ud83d\ude00']", 4),
        ("$.\U0001f600", 4),
        ("$['0']", "zero"),
        ("$ .choices [ 0 ]", BODY["choices"][0]),
    ],
)
def test_a_query_finds_one_place(query, found):
    assert find(BODY, query) == found


@pytest.mark.parametrize(
    "query",
    [
        "$.nothing",
        "$.choices[1]",
        "$.choices[-2]",
        "$.choices.message",
        "$[0]",
        "$.id[0]",
        "$.id.x",
        "$.none.x",
    ],
)
def test_what_is_not_there_is_missing_and_not_null(query):
    assert find(BODY, query) is MISSING


@pytest.mark.parametrize(
    ("query", "offset", "word"),
    [
        ("", 0, "begins with $"),
        ("choices[0]", 0, "begins with $"),
        ("$choices", 1, "expected . or ["),
        ("$..id", 2, "many places"),
        ("$.*", 2, "many places"),
        ("$[*]", 2, "many places"),
        ("$[?@.a]", 2, "many places"),
        ("$[0:1]", 3, "expected ]"),
        ("$[0,1]", 3, "expected ]"),
        ("$[01]", 3, "expected ]"),
        ("$[-0]", 2, "expected an index"),
        ("$[9007199254740992]", 2, "indexes lie within"),
        ("$['a", 4, "closing '"),
        (r"$['\x']", 4, "not an escape"),
        (r"$['\ud83d']", 4, "not an escape"),
        ("$['\n']", 3, "written as an escape"),
        ("$. a", 2, "member name"),
        ("$.1", 2, "member name"),
        ("$.a ", 3, "blanks after"),
        ("$.a-b", 3, "expected . or ["),
    ],
)
def test_anything_else_is_refused_with_its_place(query, offset, word):
    with pytest.raises(QueryError, match=r"query .*character") as caught:
        parse(query)

    assert (caught.value.offset, word in str(caught.value)) == (offset, True), str(caught.value)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])) | st.integers(-3, 3), max_size=5))
def test_any_path_written_as_a_query_reads_back(path):
    written = "$" + "".join(f"[{json.dumps(part)}]" for part in path)

    assert parse(written).segments == tuple(path)


@given(st.text(max_size=12))
def test_no_text_breaks_the_reader(text):
    with contextlib.suppress(QueryError):
        parse("$" + text)
