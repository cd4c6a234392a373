"""Strict YAML: what is accepted, and where exactly the rest is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.errors import SourceError
from conformance.suite.source import MAX_DEPTH, Complaint, dotted, read


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a: no", {"a": "no"}),
        ("a: on", {"a": "on"}),
        ("a: Yes", {"a": "Yes"}),
        ("a: 010", {"a": "010"}),
        ("a: 0x10", {"a": "0x10"}),
        ("a: 1_000", {"a": "1_000"}),
        ("a: 12:30:00", {"a": "12:30:00"}),
        ("a: 2026-11-23", {"a": "2026-11-23"}),
        ("a: .inf", {"a": ".inf"}),
        ("a: +1", {"a": "+1"}),
        ("a: True", {"a": "True"}),
        ("a: true", {"a": True}),
        ("a: null", {"a": None}),
        ("a:", {"a": None}),
        ("a: -7", {"a": -7}),
        ("a: 1.5e3", {"a": 1500.0}),
        ("a: '7'", {"a": "7"}),
        ('a: "true"', {"a": "true"}),
        ("a: |\n  7", {"a": "7"}),
        ("7: x", {"7": "x"}),
        ("<<: x", {"<<": "x"}),
        ('a: "\\U0001F642 \\u4e16"', {"a": "🙂 世"}),
        ("", None),
    ],
)
def test_only_json_types_are_typed(text, data):
    assert read(text, "s.yaml").data == data


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: &x 1\nb: *x", "s.yaml:1:4: anchors are not accepted"),
        ("a: [1]\nb: *x", "s.yaml:2:4: aliases are not accepted"),
        ("a: !!str 1", "s.yaml:1:4: tags are not accepted (tag:yaml.org,2002:str)"),
        ("a: !python/object x", "s.yaml:1:4: tags are not accepted (!python/object)"),
        ("a: 1\nb:\n  c: 1\n  c: 2", "s.yaml:4:3: 'c' is written twice (first in line 3)"),
        ("a: 1\n---\nb: 2", "s.yaml:2:1: a second document begins here"),
        ("? [a]\n: 1", "s.yaml:1:3: a key is text, never a mapping or list"),
        ("a: 1e999", "s.yaml:1:4: a number too large"),
        ("a: " + "9" * 5000, "s.yaml:1:4: a number too large"),
        ("a: 1\nb: \x07", "s.yaml:2:4: a character that YAML does not allow"),
    ],
)
def test_what_is_not_plain_data_is_refused_with_its_place(text, complaint):
    with pytest.raises(SourceError) as caught:
        read(text, "s.yaml")
    assert str(caught.value).splitlines()[0] == complaint


@pytest.mark.parametrize("text", ['a: "\\uD83D\\uDE42"', 'a: "\\uD83D"', 'a: "\\q"'])
def test_escapes_that_yaml_does_not_know_are_refused(text):
    with pytest.raises(SourceError, match=r"^s\.yaml:1:\d+: an escape that YAML does not know"):
        read(text, "s.yaml")


def test_broken_yaml_is_refused_with_its_place():
    with pytest.raises(SourceError, match=r"^s\.yaml:[23]:\d+: .*\n.*quote texts"):
        read('a: 1\nb: {content: "x"', "s.yaml")


def test_nesting_has_a_limit():
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH, "s.yaml").data
    with pytest.raises(SourceError, match=f"nested deeper than {MAX_DEPTH} levels"):
        read("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "s.yaml")
    with pytest.raises(SourceError):
        read("[" * 50_000, "s.yaml")


def test_a_file_has_a_limit():
    with pytest.raises(SourceError, match="split the file"):
        read("a: " + "x" * 3_000_000, "s.yaml")


def test_keys_and_values_have_places():
    document = read("title: T\ncases:\n  - id: one\n    axes: {a: [1, 2]}\n", "s.yaml")
    at = ("cases", 0, "axes", "a")
    assert document.place((*at, 1)) == "s.yaml:4:19"
    assert document.place(at, of_key=True) == "s.yaml:4:12"
    assert document.place((*at, "nothing", "there")) == "s.yaml:4:15"
    assert document.line(("cases", 0, "id")) == "s.yaml:3"


def test_complaints_are_told_in_the_order_of_the_file_and_at_most_ten():
    document = read("\n".join(f"key{n}: {n}" for n in range(12)), "s.yaml")
    wrong = [Complaint(at=(f"key{n}",), reason=f"wrong {n}") for n in reversed(range(12))]
    with pytest.raises(SourceError) as caught:
        document.refuse(wrong)
    lines = str(caught.value).splitlines()
    assert lines[0] == "s.yaml:1:7: wrong 0"
    assert lines[1] == "  s.yaml:2:7: wrong 1"
    assert lines[-1] == "  and 2 more"
    assert len(lines) == 11


def test_places_without_a_file_are_told_by_keys():
    assert dotted(("cases", 2, "expect")) == "cases[2].expect"


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("abc$_", min_size=1, max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(json_values)
def test_json_can_be_pasted(value):
    """Pretty-printed JSON is read as the value that it is."""
    assert read(json.dumps(value, indent=1, ensure_ascii=False), "s.yaml").data == value


@given(st.text(max_size=60))
def test_any_text_is_data_or_a_source_error(text):
    try:
        read(text, "s.yaml")
    except SourceError as error:
        refused = error.place
    else:
        refused = "s.yaml"
    assert refused.startswith("s.yaml")
