"""Hostile text made harmless, for every place where a report shows it.

Whatever an endpoint says (messages quote it, headers and bodies are it) passes through here once,
in the writer that knows the place it goes to: `visible` for terminals, `hostile`, `code` and
`fenced` for Markdown, `xml` for JUnit. Text of our own contract, which may hold code spans, goes
through `prose`.
"""

from __future__ import annotations

import re
import unicodedata

ELLIPSIS = "..."
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories that a reader cannot see or that steer a terminal: controls, bidi, surrogates."""
_MARKUP = re.compile(r"[\\`*\[\]|~$]|(?<![^\W_])_|_(?![^\W_])")
"""Characters with a meaning inside a paragraph; `_` only where it is not inside a word."""
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_BLOCK = re.compile(r"^(#+|[-+=]+|\d+(?=[.)]))")
"""What would begin a heading, a list or an underline at the start of a line."""
_LINK = re.compile(r"(?i)(?=://)|(?<=www)(?=\.)")
"""Where a bare address would become a link that somebody clicks."""
_TAG = re.compile(r"<(?=[/!?a-zA-Z])")
_XML_ILLEGAL = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 forbids, and the C1 controls, which it only advises against."""


def visible(text: str) -> str:
    r"""One line in which nothing hides: `\x1b`, `\n`, `\u202e` in place of the character."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(char) if _hides(char) else char for char in text)


def bounded(text: str, limit: int) -> str:
    """At most `limit` characters; what is cut off is marked with three dots."""
    return text if len(text) <= limit else text[: max(0, limit - len(ELLIPSIS))] + ELLIPSIS


def oneline(text: str, limit: int) -> str:
    """Runs of white space as one space, everything unseen made visible, bounded."""
    cut = bounded(text, 4 * limit)  # before the work: the text may have megabytes
    return bounded(visible(" ".join(cut.split())), limit)


def hostile(text: str, limit: int = 300) -> str:
    """Text of unknown origin inside a Markdown paragraph or table cell: no character is markup."""
    return _BLOCK.sub(_escape_block, _inline(oneline(text, limit)))


def prose(text: str, limit: int = 600) -> str:
    """Text of our contract: code spans stay, everything else is as in `hostile`.

    Where cutting at `limit` would break a code span, its backtick is shown as a character.
    """
    first, *rest = re.split(r"(`[^`]+`)", bounded(" ".join(text.split()), limit))
    shown = [_BLOCK.sub(_escape_block, _inline(visible(first)))]
    for place, part in enumerate(rest):
        shown.append(_inline(visible(part)) if place % 2 else _span(visible(part[1:-1])))
    return "".join(shown)


def code(text: str, limit: int = 200) -> str:
    r"""Text of unknown origin as a code span.

    Backticks become `'`, and the start of what looks like a tag `\x3c`, because not every renderer
    of Markdown leaves it alone. Pipes are the business of `matrix.table`.
    """
    return _span(_TAG.sub(r"\\x3c", oneline(text, limit)))


def fenced(text: str, language: str = "") -> str:
    """A code block whose fence is longer than any run of backticks inside."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def xml(text: str, limit: int = 2000) -> str:
    """Text that XML 1.0 can hold; characters it forbids are shown as escapes."""
    return bounded(_XML_ILLEGAL.sub(lambda found: _escaped(found[0]), text), limit)


def columns(text: str) -> int:
    """How many columns a terminal needs: wide characters take two, combining ones none."""
    return sum(_width(char) for char in text)


def fit(text: str, width: int) -> str:
    """Text of at most `width` columns, cut with three dots."""
    if columns(text) <= width:
        return text
    dots = ELLIPSIS[: max(0, width)]
    room, kept = width - len(dots), []
    for char in text:
        room -= _width(char)
        if room < 0:
            break
        kept.append(char)
    return "".join(kept) + dots


def _span(text: str) -> str:
    shown = text.replace("`", "'")
    return f"`{shown}`" if shown.strip() else "(empty)"


def _inline(text: str) -> str:
    shown = "".join(_ENTITIES.get(char, char) for char in text)
    shown = _MARKUP.sub(lambda found: "\\" + found[0], shown)
    return _LINK.sub(r"\\", shown)


def _hides(char: str) -> bool:
    return unicodedata.category(char) in _UNSEEN


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def _escape_block(found: re.Match[str]) -> str:
    return f"{found[1]}\\" if found[1].isdigit() else "\\" + found[1]


def _width(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
