"""Each place gets its own escape, and none is forgotten."""

from __future__ import annotations

import re
import unicodedata
from xml.etree import ElementTree as ET

import pytest
from sample import HOSTILE

from conformance.report.escape import (
    code,
    columns,
    fenced,
    fit,
    hostile,
    oneline,
    prose,
    visible,
    xml,
)

ALL = "".join(map(chr, [*range(0x250), 0x2028, 0x2029, 0x202E, 0x2066, 0xD800, 0xFEFF, 0xE000]))


def test_nothing_unseen_stays_unseen():
    assert all(
        unicodedata.category(char)[0] not in "CZ" or char in " \xa0" for char in visible(ALL)
    )


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("plain", "plain"),
        ("grüße 世界 🎉", "grüße 世界 🎉"),
        ("\x1b[31m", r"\x1b[31m"),
        ("a\r\nb\t", r"a\r\nb\t"),
        ("\x9b\u202e\ud800\ufeff", r"\x9b\u202e\ud800\ufeff"),
        ("\U000e0001", r"\U000e0001"),
    ],
)
def test_what_hides_is_shown_as_an_escape(text, wanted):
    assert visible(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("max_tokens is 5", "max_tokens is 5"),
        ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
        ("a | b", r"a \| b"),
        ("`x` *y* _z_ ~~a~~ $m$", r"\`x\` \*y\* \_z\_ \~\~a\~\~ \$m\$"),
        ("[a](http://x)", r"\[a\](http\://x)"),
        ("see www.x.org", r"see www\.x.org"),
        ("# not a heading", r"\# not a heading"),
        ("- not a list", r"\- not a list"),
        ("1. not a list", r"1\. not a list"),
        ("---", r"\---"),
        ("\\", "\\\\"),
        ("two\n\nlines", "two lines"),
    ],
)
def test_hostile_text_is_no_markup(text, wanted):
    assert hostile(text) == wanted


@pytest.mark.parametrize("write", [hostile, code, prose])
@pytest.mark.parametrize("text", [HOSTILE, HOSTILE * 1000, "\x00" * 10_000, " " * 10_000, ""])
def test_hostile_text_stays_on_one_line_and_is_bounded(write, text):
    shown = write(text, 100)
    assert "\n" not in shown
    assert len(shown) <= 500
    shown.encode("utf-8")  # raises where a surrogate is left


def test_a_markdown_parser_finds_the_hostile_text_as_text_and_nothing_else():
    parser = pytest.importorskip("markdown_it").MarkdownIt("gfm-like", {"linkify": False})
    for shown in (hostile(HOSTILE, 1000), f"x {hostile(HOSTILE, 1000)}"):
        paragraph, inline, end = parser.parse(shown)
        assert (paragraph.type, end.type) == ("paragraph_open", "paragraph_close")
        assert {each.type for each in inline.children} <= {"text", "text_special"}
        assert oneline(HOSTILE, 1000) in "".join(each.content for each in inline.children)
    (_, inline, _) = parser.parse(code(HOSTILE, 1000))
    assert [each.type for each in inline.children] == ["code_inline"]


def test_cutting_short_is_marked():
    assert oneline("abcdefghij", 8) == "abcde..."
    assert oneline("a" + " " * 10_000 + "b", 8).endswith("...")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("`type` == `<think>`", "`type` == `<think>`"),
        ("a < b, `unbalanced", r"a &lt; b, \`unbalanced"),
        ("`a|b` - `c`", "`a|b` - `c`"),
        ("``", r"\`\`"),
    ],
)
def test_prose_keeps_its_code_spans(text, wanted):
    assert prose(text) == wanted


@pytest.mark.parametrize("text", ["", "a", "```", "~~~\n````\n", "`" * 50])
def test_no_text_closes_its_own_fence(text):
    first, *inside, last = fenced(text, "sh").split("\n")
    assert re.fullmatch(r"`{3,}sh", first)
    assert last == first.removesuffix("sh")
    assert not any(last in line for line in inside)


def test_every_text_can_stand_in_xml():
    for char in [*map(chr, range(0x10000)), "\U0001fffe"]:
        if unicodedata.category(char) in {"Cc", "Cs", "Cn", "Cf"}:
            shown = xml(f"a{char}b").replace("&", "&amp;").replace("<", "&lt;")
            ET.fromstring(f"<x>{shown}</x>".encode())  # raises where XML forbids a character


def test_wide_characters_take_two_columns():
    assert columns("a世e\u0301") == 4
    assert fit("世界世界", 7) == "世界..."
    assert fit("abc", 3) == "abc"
    assert [columns(fit("abcdefgh", width)) for width in range(6)] == [0, 1, 2, 3, 4, 5]
