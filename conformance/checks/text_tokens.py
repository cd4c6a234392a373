"""CMPL: that the tokens of a text completion are those of its text, and that alternatives are numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks.core import Problem, check
from conformance.checks.logprobs import is_an_end, stops_of
from conformance.checks.parts import is_integer
from conformance.checks.show import shown
from conformance.checks.text_logprobs import printed, told_of
from conformance.checks.texts import Text
from conformance.wire.exchange import Exchange

_SPECIAL = re.compile(r"<[|｜]?[\w▁|｜]+>|\[\w+\]")
"""Tokens that begin a prompt, and that an echo leaves out."""
_NO_TEXT = re.compile(r"\ufffd|<0x[0-9A-Fa-f]{2}>|bytes:|token_id:")
"""How a token is written that is a part of a character, or that is told by its number."""
_BLANKS = str.maketrans({"▁": " ", "Ġ": " ", "Ċ": "\n"})


def _lists(exchange: Exchange, name: str) -> list[tuple[Text, list[Any]]]:
    """Choices with log probabilities, and one of their lists, one chunk after the other."""
    found: dict[int, tuple[Text, list[Any]]] = {}
    for one, held in told_of(exchange):
        told = held.get(name) if isinstance(held, dict) else None
        found.setdefault(one.place, (one, []))[1].extend(told if isinstance(told, list) else [])
    return [each for each in found.values() if each[1]]


def _tokens(exchange: Exchange) -> Sequence[tuple[Text, str]]:
    """Choices and the text of their tokens, where each token is told as text."""
    found = []
    for one, tokens in _lists(exchange, "tokens"):
        texts = [each for each in tokens if isinstance(each, str)]
        while len(texts) > 1 and _SPECIAL.fullmatch(texts[0].strip()):
            del texts[0]
        joined = "".join(texts)
        if texts and not _NO_TEXT.search(joined + (one.said or "")):
            found.append((one, joined))
    return found


@check("CMPL-008", over=_tokens, always=True)
def tokens_make_up_the_text(told: tuple[Text, str]) -> Iterator[Problem]:
    """The tokens, one after the other, are the text; blanks aside, and what may mark its end or stop it.

    Where the prompt is echoed, its tokens may be left out.
    """
    one, joined = told
    text, scored = (printed(each.translate(_BLANKS)) for each in (one.said or "", joined))
    echoed = one.facts.asked.get("echo") is True and text.endswith(scored)
    stops = [printed(each) for each in stops_of(one.facts.asked)]
    ends = scored.startswith(text) and is_an_end(scored[len(text) :], stops)
    if not ends and not echoed:
        message = f"the tokens make {shown(joined)}, the text is {shown(one.said)}"
        yield Problem(message=message, at=f"{one.at}.logprobs.tokens")


def _alternatives(exchange: Exchange) -> Sequence[tuple[Text, list[Any]]]:
    """Choices of requests for alternatives, and these."""
    found = _lists(exchange, "top_logprobs")
    return [each for each in found if _wanted(each[0])]


def _wanted(one: Text) -> bool:
    count = one.facts.asked.get("logprobs")
    return is_integer(count) and count > 0


@check("CMPL-008", over=_alternatives, always=True)
def text_alternatives_are_numbers(told: tuple[Text, list[Any]]) -> Iterator[Problem]:
    """Alternatives stand by their text, each with its logarithm; null where there are none, which is not everywhere."""
    one, listed = told
    at = f"{one.at}.logprobs.top_logprobs"
    known = [each for each in listed if each]
    if not known:
        yield Problem(message="alternatives were asked for, and no token has any", at=at)
    odd = [
        each for each in known if not isinstance(each, dict) or not all(map(_is_log, each.values()))
    ]
    if odd:
        yield Problem(message=f"alternatives {shown(odd[0])}, wanted logarithms by text", at=at)


def _is_log(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and not math.isnan(value)
