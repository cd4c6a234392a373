"""What an answer itself shows about the server, with no second model to compare it with.

A small model copies badly, counts badly and forgets; none of that is complained of here. What is:
texts that no model writes but a server that handles bytes or requests wrongly.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from conformance.checks.core import Problem, check
from conformance.checks.facts import Facts, Said, facts
from conformance.checks.generic import missing_answer
from conformance.checks.markup import strings, unmarked
from conformance.checks.show import shown
from conformance.checks.spoken import first_choice, spoken, tokens
from conformance.wire import nonce
from conformance.wire.exchange import Exchange

_TORN = re.compile(r"<0x[0-9A-F]{2}>")
_PIECES = re.compile(r"[A-Za-z,.][\u0120\u2581][A-Za-z]|\u010a\u0120?[A-Za-z]")
_FIRST = "$.choices[0].message.content"
_FEW = 2
"""Marks that may stand in a text by chance: letters of Maltese, blocks of a drawing."""
_SHARE = 0.9
"""Of the tokens that a prompt must have, the share from which on it counts as whole."""


def _answers(exchange: Exchange) -> Sequence[Said]:
    """Choices that say or call something, where the request holds a word of ours."""
    found = facts(exchange)
    if not any(nonce.found(each) for each in strings(found.asked)):
        return ()
    return [one for one in found.choices if one.choice.content or one.choice.tool_calls]


@check("STAT-006", over=_answers, always=True)
def no_cross_talk(one: Said) -> Iterator[Problem]:
    """No answer holds a word that only another request of this harness holds."""
    own = {word for each in strings(one.facts.asked) for word in nonce.found(each)}
    texts = [one.choice.content, one.choice.reasoning]
    texts += [call.arguments for call in one.choice.tool_calls]
    for said in texts:
        for word in nonce.found(said) if isinstance(said, str) else ():
            if word not in own:
                yield Problem(
                    message=f"{word} stands in the answer, and in no request but another", at=one.at
                )


def _texts(exchange: Exchange) -> Sequence[Said]:
    return [
        one
        for one in facts(exchange).choices
        if isinstance(one.choice.content, str) and one.choice.content
    ]


@check("CRESP-027", over=_texts, always=True)
def tokens_are_decoded(one: Said) -> Iterator[Problem]:
    """The content is text, not the spelling of tokens: no `<0xE4>`, no `Ġ` or `▁` for spaces."""
    content, asked = one.choice.content, "".join(strings(one.facts.asked))
    torn = [mark for mark in _TORN.findall(content) if mark not in asked]
    pieces = [mark for mark in _PIECES.findall(unmarked(content)) if mark[1] not in asked]
    at = f"{one.at}.message.content"
    if torn:
        yield Problem(
            message=f"{shown(torn[0])} in the content: a byte that was not decoded", at=at
        )
    if len(pieces) > _FEW:
        yield Problem(
            message=f"{shown(pieces[0])} in the content: tokens that were not decoded", at=at
        )


# --- texts that were to be copied ---------------------------------------------------------------


def _without(mark: str) -> Callable[[str], str]:
    return lambda text: re.sub(r"[^\x00-\x7f]", mark, text)


def _misread(encoding: str) -> Callable[[str], str]:
    """UTF-8 that was taken for something else."""
    return lambda text: text.encode().decode(encoding, "replace")


GARBLINGS: dict[str, Callable[[str], str]] = {
    "UTF-8 read as Latin-1": _misread("latin-1"),
    "UTF-8 read as Windows-1252": _misread("cp1252"),
    "UTF-8 read as Latin-1, twice": lambda text: _misread("latin-1")(_misread("latin-1")(text)),
    "UTF-8 read as GBK": _misread("gbk"),
    "question marks for characters": _without("?"),
    "replacement characters": _without("\ufffd"),
    "JSON escapes": lambda text: json.dumps(text)[1:-1],
    "HTML entities": lambda text: html.escape(text.encode("ascii", "xmlcharrefreplace").decode()),
    "percent-encoding": quote,
    "each character beyond the first plane torn": lambda text: re.sub(
        r"[\U00010000-\U0010ffff]", "\ufffd\ufffd", text
    ),
}
"""What programs do to text that models don't, by name."""


def _ordered(exchange: Exchange) -> str:
    """What the last message orders to be repeated: all after its first colon and space."""
    said = [each for each in strings(facts(exchange).asked.get("messages")) if ": " in each]
    return said[-1].partition(": ")[2] if said else ""


def _answered(exchange: Exchange) -> Sequence[Exchange]:
    """Answers that came: one that did not is none that is garbled."""
    return () if missing_answer(exchange) else (exchange,)


@check("CRESP-027", over=_answered)
def not_garbled(exchange: Exchange) -> Iterator[Problem]:
    """What the prompt orders to be repeated (after `: `) does not come in a form that only broken encoding makes."""
    said, text = spoken(exchange), _ordered(exchange)
    if said is None:  # a thought may have used up the cap: no text is no garbled text
        return
    forms = ((name, garbled(text)) for name, garbled in GARBLINGS.items())
    for name, form in forms:
        if text not in said and form != text and form in said:
            yield Problem(message=f"{shown(form)} in place of {shown(text)}: {name}", at=_FIRST)
            return


@check(assumable=True)
def copied(exchange: Exchange) -> Iterator[Problem]:
    """The answer holds what the prompt orders to be repeated: all after its first colon and space."""
    said, text = spoken(exchange), _ordered(exchange)
    if said is None or not text or text not in said:
        yield Problem(message=f"{shown(said)}, wanted {shown(text)}", at=_FIRST)


@check("STRM-012")
def nothing_is_lost(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """The text is not what another step says with pieces missing from it."""
    here, there = spoken(exchange), spoken(step)
    if here is None or there is None:
        yield Problem(
            message=missing_answer(exchange) or missing_answer(step) or "there is no text"
        )
    elif here != there and _is_left_of(here, there):
        yield Problem(message=f"{shown(here)}, in step {step.step} {shown(there)}", at=_FIRST)


def _is_left_of(part: str, whole: str) -> bool:
    """Some of a text, in its order, but not just its beginning, nor all but a sentence before it.

    A model may stop early, or come to the point at once; blanks around a text are nobody's loss.
    """
    part, whole = part.strip(), whole.strip()
    rest = iter(whole)
    ordered = all(any(each == one for one in rest) for each in part)
    before = whole.removesuffix(part).rstrip()
    led_in = before != whole and before.endswith((".", ":", "!", "?"))
    return len(part) * 2 > len(whole) and ordered and not whole.startswith(part) and not led_in


@check("STRM-012")
def end_is_not_lost(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """What the prompt orders to be repeated (after `: `) does not end early, with `stop`, where another step went on.

    For cases that have seen it whole more than once: a model that stops at random shows nothing.
    """
    here, there = spoken(exchange), spoken(step)
    if here is None or there is None:
        yield Problem(
            message=missing_answer(exchange) or missing_answer(step) or "there is no text"
        )
        return
    choice = first_choice(exchange)
    ended = choice is not None and choice.finish_reason == "stop"
    if ended and there.startswith(here) and _ordered(exchange) not in here:
        yield Problem(
            message=f"{shown(here)} and `stop`, in step {step.step} {shown(there)}", at=_FIRST
        )


# --- prompts that were cut ----------------------------------------------------------------------


@check(assumable=True)
def remembers_the_code(exchange: Exchange) -> Iterator[Problem]:
    """The answer holds the word of ours that stands in the request."""
    said = spoken(exchange) or ""
    own = {word for each in strings(facts(exchange).asked) for word in nonce.found(each)}
    if not own & set(nonce.found(said)):
        yield Problem(
            message=f"{shown(said)}, wanted {', '.join(sorted(own)) or 'a code'}", at=_FIRST
        )


def _size(exchange: Exchange) -> int:
    """Characters of a request's messages."""
    messages: Any = facts(exchange).asked.get("messages")
    return sum(map(len, strings(messages)))


def _comparable(exchange: Exchange) -> Sequence[Facts]:
    """An answer that says how many tokens its prompt has."""
    return [facts(exchange)] if tokens(exchange, "prompt_tokens") is not None else ()


@check("ERR-021", over=_comparable)
def prompt_is_counted_whole(found: Facts, short: Exchange, longer: Exchange) -> Iterator[Problem]:
    """A prompt of more of the same text has as many more tokens as two shorter ones foretell."""
    counts = [tokens(each, "prompt_tokens") for each in (short, longer, found.exchange)]
    sizes = [_size(each) for each in (short, longer, found.exchange)]
    few, more, here = counts
    if few is None or more is None or here is None or sizes[1] <= sizes[0]:
        yield Problem(message=f"prompt_tokens {counts}: nothing foretells how many there must be")
        return
    wanted = more + (more - few) * (sizes[2] - sizes[1]) / (sizes[1] - sizes[0])
    if here < _SHARE * wanted:
        yield Problem(
            message=f"prompt_tokens {here} for {sizes[2]} characters, wanted about {wanted:.0f}: "
            f"{sizes[0]} characters have {few}, {sizes[1]} have {more}. The prompt was cut",
            at="$.usage.prompt_tokens",
        )
