"""Characters that a server lost: U+FFFD in an answer that the model cannot have written itself.

A model may write bytes that are no text, a weak one does, and then U+FFFD is all that a server can
show. What it had whole and lost shows otherwise: at temperature 0 the cap falls within a character
after others, or it stands at a word of plain text; what the prompt holds comes back with several
characters of it torn; or the same question, asked in another way, brings the character
(`keeps_characters`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.checks.core import Problem, check
from conformance.checks.generic import missing_answer
from conformance.checks.markup import strings
from conformance.checks.show import shown
from conformance.checks.spoken import spoken
from conformance.wire.exchange import Exchange

TORN = "\ufffd"
_RUN = re.compile("(\ufffd+)")
_CUT = re.compile("[^\ufffd]+\ufffd{1,3}")
"""Text, and at its end as many marks as a character without its last byte can make."""
_WITHIN = re.compile("[\x00-\x7f]*[A-Za-z0-9]\ufffd(?![A-Za-z])[\x00-\x7f]+")
"""Plain text with one mark at the end of a word; bytes that are no text begin where a sign would,
after a blank. Within a word a model may have learned it: the web is full of `don\ufffdt`."""
_SURE = 3
"""Characters between and before two torn ones that a model does not copy by chance."""
_BEFORE = 2
_AROUND = 20


def asks_for(asked: Mapping[str, Any]) -> bool:
    """The request itself holds U+FFFD."""
    return any(TORN in each for each in strings(asked))


def lost(text: str, asked: Mapping[str, Any], *, capped: bool) -> str:
    """Why U+FFFD in this text is the server's doing; empty where the model may have written it."""
    if TORN not in text or asks_for(asked):
        return ""
    greedy = asked.get("temperature") == 0
    if capped and greedy and _CUT.fullmatch(text):
        return "the cap fell within a character"
    prompt = "\n".join(strings(asked))
    if greedy and prompt.isascii() and _WITHIN.fullmatch(text):
        return "plain text around it, and asked in plain text at temperature 0"
    pieces = _RUN.split(text)
    for first in range(1, len(pieces) - 2, 2):
        before, between = pieces[first - 1][-_BEFORE:], pieces[first + 1]
        if len(before) + len(between) < _SURE:
            continue
        form = re.escape(before) + _characters(pieces[first])
        form += re.escape(between) + _characters(pieces[first + 2])
        if re.search(form, prompt):
            return f"the prompt holds two characters there, with {shown(between)} between them"
    return ""


def _characters(run: str) -> str:
    """What a run of marks may have been: each character beyond ASCII left at least one."""
    return rf"[^\x00-\x7f]{{1,{len(run)}}}"


def around(text: str, mark: str) -> str:
    """A mark with what stands beside it."""
    place = text.index(mark)
    return shown(text[max(0, place - _AROUND) : place + _AROUND])


@check("CRESP-027")
def keeps_characters(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """No U+FFFD stands where another step, asked the same at temperature 0, has a character beyond ASCII."""
    here, there = spoken(exchange), spoken(step)
    if here is None or there is None:
        yield Problem(
            message=missing_answer(exchange) or missing_answer(step) or "there is no text"
        )
        return
    pairs = enumerate(zip(here, there, strict=False))
    apart = next((at for at, (one, other) in pairs if one != other), None)
    if apart is not None and here[apart] == TORN and not there[apart].isascii():
        yield Problem(
            message=f"U+FFFD in {around(here[apart:], TORN)} where step {step.step} has "
            f"{shown(there[apart : apart + _AROUND])}",
            at="$.choices[0].message.content",
        )
