"""`report.html`: the Markdown report as a page that loads nothing and runs nothing."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from sample import compared, hostile, provider, run

from conformance.report.html import html, page
from conformance.report.markdown import markdown

RUNS = {"one": run, "compared": compared, "hostile": hostile, "nobody": lambda: run(provider())}
VOID = {"meta", "br", "hr"}


class Page(HTMLParser):
    """What a browser makes of it: open elements, ids, links, classes of cells, text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.ids, self.links = [], set(), [], []
        self.shades, self.words = {}, []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.add(tag)
        assert not [name for name in found if name.startswith("on")]
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag == "td":
            self.shades[len(self.words)] = found.get("class")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


@pytest.mark.parametrize("made", RUNS.values(), ids=RUNS)
def test_a_page_is_whole_and_harmless(made):
    found = Page(html(made()))
    assert not found.open
    assert not found.tags & {"script", "img", "iframe", "link", "object", "form"}
    assert len(found.ids) == len(set(found.ids))
    assert {link.removeprefix("#") for link in found.links} <= set(found.ids)


@pytest.mark.parametrize("made", RUNS.values(), ids=RUNS)
def test_it_says_what_the_markdown_says(made):
    headings = re.findall(r"^## (.*)$", re.sub(r"(?ms)^```.*?^```", "", markdown(made())), re.MULTILINE)
    text = "".join(Page(html(made())).words)
    for heading in headings:
        assert heading.replace("`", "") in text


@pytest.mark.parametrize(
    ("cell", "shade"),
    [
        ("**drop-in**", "good"),
        ("**drop-in with changes** 3/4", "fair"),
        ("**not drop-in**", "bad"),
        ("inconclusive", "open"),
        ("ignored (no effect)", "bad"),
        ("honoured (control: 6)", "good"),
        ("not offered", None),
        ("says drop-in", None),
    ],
)
def test_outcomes_have_colours(cell, shade):
    found = Page(page(f"# t\n\n| a |\n|:--|\n| {cell} |\n"))
    assert list(found.shades.values()) == [shade]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        '<a id="x" onclick="alert(1)">y</a>',
        "<details><summary><b>x</b></summary>",
        "<!-- x -->",
        '<a id="x"></a><script>alert(1)</script>',
    ],
)
def test_html_that_is_not_ours_is_text(text):
    found = Page(page(f"# t\n\n{text}\n"))
    assert not found.tags & {"script", "img", "b"}
    assert "".join(found.words).count("(1)") == text.count("(1)")
