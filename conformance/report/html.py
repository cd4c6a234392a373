"""`report.html`: the Markdown report as one page that needs nothing else, for a browser.

There is one text of a run, so the two can't disagree; here it gets a table of contents, and
colours for what a reader looks for first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files
from itertools import pairwise
from string import Template

from markdown_it import MarkdownIt
from markdown_it.token import Token

from conformance.report.core import report
from conformance.report.markdown import markdown
from conformance.verdict.model import Run

_ANCHOR = r'<a id="[a-z0-9-]+">'
_OURS = re.compile(rf"{_ANCHOR}|{_ANCHOR}</a>|<details><summary>[^<>]*</summary>|</details>")
"""All the HTML that our Markdown holds, beside the end of an anchor right after its begin.

Whatever else looks like a tag is shown as text.
"""
_GOOD = ("drop-in", "honoured", "enforced")
_FAIR = ("drop-in with changes", "rejected", "refused", "kept", "accepted")
_BAD = ("not drop-in", "ignored", "broken", "lost")
_OPEN = ("inconclusive", "undecided", "not decided")
_SHADES = {
    word: shade
    for shade, words in (("good", _GOOD), ("fair", _FAIR), ("bad", _BAD), ("open", _OPEN))
    for word in words
}
_FIRST = re.compile("|".join(sorted(map(re.escape, _SHADES), key=len, reverse=True)))
_CONTENTS = ("h2", "h3")


@report("html", suffix=".html")
def html(run: Run) -> str:
    """The page: style and contents inside, no script, nothing loaded from anywhere."""
    return page(markdown(run))


def page(text: str, pictures: Mapping[str, str] | None = None) -> str:
    """A Markdown report as a page. `pictures`: SVG of ours by the file that the text names."""
    reader = MarkdownIt("commonmark", {"html": True}).enable("table")
    tokens = reader.parse(text)
    _tame(tokens)
    _shade(tokens)
    _draw(tokens, pictures or {})
    contents = list(_headings(tokens))
    return Template(files(__package__).joinpath("page.html").read_text("utf-8")).substitute(
        title=escape(next((words for tag, _, words in contents if tag == "h1"), "Portability")),
        contents="\n".join(
            f'<a class="{tag}" href="#{anchor}">{escape(words)}</a>'
            for tag, anchor, words in contents
            if tag in _CONTENTS
        ),
        body=reader.renderer.render(tokens, reader.options, {}),
    )


def _tame(tokens: Sequence[Token]) -> None:
    """What is no HTML of ours becomes text, although everything hostile was escaped before."""
    anchor = False
    for token in tokens:
        _tame(token.children or ())
        words = token.content.strip()
        if token.type in {"html_block", "html_inline"} and not (
            _OURS.fullmatch(words) or (anchor and words == "</a>")
        ):
            token.type = "text"
        anchor = token.type == "html_inline" and words.startswith("<a ")


def _draw(tokens: Sequence[Token], pictures: Mapping[str, str]) -> None:
    """A picture stands in the page itself, in place of the file that it has beside a text."""
    for token in tokens:
        _draw(token.children or (), pictures)
        drawn = pictures.get(str(token.attrGet("src"))) if token.type == "image" else None
        if drawn is not None:
            token.type, token.content = "html_inline", drawn


def _shade(tokens: Sequence[Token]) -> None:
    """A cell is coloured by the first word of an outcome that it begins with."""
    for cell, inline in pairwise(tokens):
        if cell.type == "td_open" and inline.type == "inline":
            found = _FIRST.match(_words(inline))
            if found:
                cell.attrSet("class", _SHADES[found[0]])


def _headings(tokens: Sequence[Token]) -> Iterator[tuple[str, str, str]]:
    """Tag, anchor and words of each heading, which gets the anchor as its id."""
    for number, (heading, inline) in enumerate(pairwise(tokens)):
        if heading.type == "heading_open":
            anchor = f"part-{number}"
            heading.attrSet("id", anchor)
            yield heading.tag, anchor, _words(inline)


def _words(inline: Token) -> str:
    return "".join(
        child.content for child in inline.children or () if child.type in {"text", "code_inline"}
    )
