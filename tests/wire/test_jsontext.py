"""JSON read strictly: flaws are found, nothing raises."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.wire import jsontext
from conformance.wire.jsontext import DEEPEST, quick, read, read_text

GOOD = [
    b'{"a": [1, -2.5e3, "x", true, false, null]}',
    b" \t\r\n[ ] \n",
    b'"\\ud83d\\ude00"',
    '"ünïcode 😀"'.encode(),
    b"0",
    b'{"a": {"a": 1}, "b": {"a": 1}}',
    b"[" * DEEPEST + b"]" * DEEPEST,
    b'["' + b"[" * 1000 + b'"]',
    b'["\\"' + b"{" * 1000 + b'"]',
    b"1" * 308,
    b"[[]," + b"[" * (DEEPEST - 1) + b"]" * DEEPEST,
]

FLAWED = [
    (b'{"a": 1, "a": 2}', {"a": 2}, "duplicate key 'a' with different values"),
    (b'{"a": 1, "a": 1}', {"a": 1}, "duplicate key 'a' with the same value"),
    (b'{"a": 1, "a": true}', {"a": True}, "duplicate key 'a' with different values"),
    (b'{"a": 1, "a": 2, "a": 1}', {"a": 1}, "duplicate key 'a' with different values"),
    (b'[{"b": {"a": [], "a": {}}}]', [{"b": {"a": {}}}], "duplicate key 'a' with different values"),
    (b"[Infinity]", [math.inf], "Infinity"),
    (b"[-Infinity]", [-math.inf], "-Infinity"),
    (b"1e999", math.inf, "number out of double range"),
    (b"-" + b"9" * 5000, -math.inf, "number out of double range"),
    (b"9" * 309, math.inf, "number out of double range"),
    (b'\xef\xbb\xbf{"a": 1}', {"a": 1}, "byte order mark"),
    (b'"a\xffb"', "a�b", "not UTF-8 at byte 2"),
    (b'\xef\xbb\xbf"\xff"', "�", "not UTF-8 at byte 4"),
    (b'"a\tb\nc"', "a\tb\nc", "raw control character in a string"),
    (b'["\\ud800"]', ["\ud800"], "lone surrogate"),
    (b'["\\ud800", "a"]', ["\ud800", "a"], "lone surrogate"),
    (b'{"\\udc00": 1}', {"\udc00": 1}, "lone surrogate"),
]

NO_JSON = [
    (b"", "empty"),
    (b" \n", "empty"),
    (b"\xef\xbb\xbf", "empty"),
    (b"<html>", "not JSON"),
    (b'{"a": 1', "not JSON"),
    (b"{'a': 1}", "not JSON"),
    (b"[1,]", "not JSON"),
    (b"01", "text after the value, from character 1"),
    (b'{"a": 1}{"b": 2}', "text after the value, from character 8"),
    (b'{"a": 1} data', "text after the value, from character 8"),
    (b"[" * 100_000, f"nested deeper than {DEEPEST}"),
    (b'{"a":' * 100_000, f"nested deeper than {DEEPEST}"),
    (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), f"nested deeper than {DEEPEST}"),
    ('{"a": 1}'.encode("utf-16"), "not UTF-8 at byte 0"),
]


@pytest.mark.parametrize("body", GOOD)
def test_good_json_has_no_flaws(body):
    document = read(body)
    assert document.flaws == ()
    assert document.ok
    assert document.value == json.loads(body)


@pytest.mark.parametrize(("body", "value", "flaw"), FLAWED)
def test_flawed_json_is_read_and_its_flaw_is_named(body, value, flaw):
    document = read(body)
    assert document.ok
    assert document.value == value
    assert flaw in document.flaws


@pytest.mark.parametrize(("body", "flaw"), NO_JSON)
def test_what_is_no_json_has_no_value(body, flaw):
    document = read(body)
    assert (document.ok, document.value) == (False, None)
    assert any(one.startswith(flaw) for one in document.flaws)


def test_nan_is_read_as_nan_and_named():
    document = read(b'{"logprob": NaN}')
    assert math.isnan(document.value["logprob"])
    assert document.flaws == ("NaN",)


def test_a_flaw_is_named_once():
    assert read(b"[NaN, NaN, NaN]").flaws == ("NaN",)


def test_flaws_met_before_a_control_character_are_named_once_too():
    assert read(b'[NaN, "\n"]').flaws == ("raw control character in a string", "NaN")


def test_unterminated_strings_full_of_quotes_take_linear_time():
    text = '["' + '\\"' * 200_000 + "[" * 300
    assert not read_text(text).ok  # quadratic, it would run for hours


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(JSON)
def test_what_json_writes_is_read_back_without_flaw(value):
    text = json.dumps(value, ensure_ascii=False)
    try:
        body = text.encode()
    except UnicodeEncodeError:  # a lone surrogate can only be written escaped
        body = json.dumps(value).encode()
    document = read(body)
    assert document.ok
    assert document.value == value
    assert set(document.flaws) <= {"Infinity", "-Infinity", "lone surrogate"}


PIECES = st.sampled_from(
    [
        '{"a":',
        "[",
        "]",
        "}",
        '"',
        "\\",
        ",",
        "1",
        "9" * 400,
        "e9",
        "-",
        "NaN",
        "\\ud800",
        " ",
        "\0",
        "é",
    ]
)


@given(st.binary() | st.lists(PIECES).map(lambda parts: "".join(parts).encode()))
def test_no_bytes_make_it_raise(body):
    document = read(body)
    assert document.ok or document.value is None
    assert document.ok or document.flaws


@given(st.lists(PIECES).map("".join) | JSON.map(json.dumps))
def test_the_quick_way_gives_the_same_as_the_thorough_one(text):
    document = read_text(text)
    assert repr(quick(text)) == repr((document.value, document.ok))


def test_deep_in_a_recursion_it_gives_up_instead_of_raising():
    def dive():
        try:
            return dive()
        except RecursionError:
            return read_text('{"a": ' * 150 + "1" + "}" * 150)

    document = dive()
    if not document.ok:
        assert document.value is None
        assert document.flaws == (f"nested deeper than {jsontext.DEEPEST}",)
