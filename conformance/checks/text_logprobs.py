"""CMPL: the log probabilities of text completions, which evaluation tools score prompts with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from conformance.checks import select, texts
from conformance.checks.core import Problem, check
from conformance.checks.facts import OK, Facts
from conformance.checks.parts import is_integer
from conformance.checks.show import kind, shown
from conformance.checks.texts import Text
from conformance.wire.exchange import Exchange

_LISTS = ("tokens", "token_logprobs", "top_logprobs", "text_offset")
_MOST = 5
_FOR_BLANKS = str.maketrans("", "", "\u2581\u0120\u010a")
"""What vocabularies write for a blank and for the end of a line."""
_TWICE = 2
"""Chunks that run ahead; one may, where a text begins."""


def _asked(one: Facts) -> int | None:
    """How many alternatives are asked for; None without log probabilities."""
    count = one.asked.get("logprobs")
    return count if is_integer(count) and 0 <= count <= _MOST else None


def told_of(exchange: Exchange) -> Sequence[tuple[Text, Any]]:
    """Choices of answers to requests for log probabilities, and what they have of them.

    A streamed one has them piece by piece: each stands for itself.
    """
    found = [one for one in texts.texts(exchange) if _asked(one.facts) is not None and one.said]
    if not exchange.streamed:
        return [(one, one.choice.get("logprobs")) for one in found]
    return [(one, each) for one in found for each in _pieces(exchange, one) or [None]]


def _pieces(exchange: Exchange, one: Text) -> list[Any]:
    """The log probabilities of the chunks of a choice, of those that have any."""
    entries = [
        entry
        for body in texts.chunks(exchange)
        for entry in select.choices_of(body)
        if entry.get("index") == one.choice.get("index")
    ]
    return [each["logprobs"] for each in entries if each.get("logprobs") is not None]


@check("CMPL-008", over=told_of, always=True)
def text_logprobs_are_four_lists(told: tuple[Text, Any]) -> Iterator[Problem]:
    """Log probabilities are four lists of one length: tokens, theirs, those of others, offsets."""
    one, held = told
    at = f"{one.at}.logprobs"
    if not isinstance(held, dict):
        yield Problem(message=f"log probabilities were asked for, and {shown(held)} came", at=at)
        return
    lists = {name: held.get(name) for name in _LISTS if name in held or _needed(name, one)}
    odd = [name for name, each in lists.items() if not isinstance(each, list)]
    odd = [name for name in odd if _needed(name, one) or lists[name] is not None]
    for name in odd:
        yield Problem(message=f"{name} is {kind(lists[name])}, wanted array", at=f"{at}.{name}")
    lengths = {name: len(each) for name, each in lists.items() if isinstance(each, list)}
    if not odd and len(set(lengths.values())) > 1:
        yield Problem(message=f"lists of different lengths: {shown(lengths)}", at=at)


def _needed(name: str, one: Text) -> bool:
    """Who asks for no alternatives may get no list of them."""
    return name != "top_logprobs" or bool(_asked(one.facts))


def _firsts(exchange: Exchange) -> Sequence[tuple[Text, Any]]:
    """Choices with an echoed prompt, and the log probability of its first token."""
    found = []
    seen: set[int] = set()
    for one, held in told_of(exchange):
        values = held.get("token_logprobs") if isinstance(held, dict) else None
        echoed = one.facts.asked.get("echo") is True and one.place not in seen
        if echoed and isinstance(values, list) and values:
            found.append((one, values[0]))
        seen.add(one.place)
    return found


@check("CMPL-008", over=_firsts, always=True)
def first_token_has_no_logprob(told: tuple[Text, Any]) -> Iterator[Problem]:
    """Nothing stands before the first token of an echoed prompt: its log probability is null."""
    one, value = told
    if value is not None:
        yield Problem(
            message=f"the first token's log probability is {shown(value)}, wanted null",
            at=f"{one.at}.logprobs.token_logprobs[0]",
        )


def _offsets(exchange: Exchange) -> Sequence[tuple[Text, list[int]]]:
    """Choices with log probabilities, and all their offsets, one chunk after the other."""
    found: dict[int, tuple[Text, list[int]]] = {}
    for one, held in told_of(exchange):
        told = held.get("text_offset") if isinstance(held, dict) else None
        offsets = [each for each in told if is_integer(each)] if isinstance(told, list) else []
        found.setdefault(one.place, (one, []))[1].extend(offsets)
    return [each for each in found.values() if each[1]]


@check("CMPL-008", over=_offsets, always=True)
def offsets_go_on(told: tuple[Text, list[int]]) -> Iterator[Problem]:
    """Offsets never go back: each says where its token begins, whichever chunk it comes in."""
    one, offsets = told
    for before, after in pairwise(offsets):
        if after < before:
            message = f"an offset of {after} comes after one of {before}"
            yield Problem(message=message, at=f"{one.at}.logprobs.text_offset")
            return


def scores(exchange: Exchange) -> Sequence[tuple[Text, dict[str, Any]]]:
    """Choices with what they have of log probabilities, as far as that are objects."""
    return [(one, held) for one, held in told_of(exchange) if isinstance(held, dict)]


def _joined(held: dict[str, Any]) -> str | None:
    """The text of some tokens without blanks and the letters that vocabularies write for them."""
    tokens = held.get("tokens")
    if not isinstance(tokens, list) or not all(isinstance(each, str) for each in tokens):
        return None
    return printed("".join(tokens).translate(_FOR_BLANKS))


def _plain(exchange: Exchange) -> Sequence[tuple[Text, list[str]]]:
    """Choices of plain letters, and the text of their tokens, piece by piece."""
    found: dict[int, tuple[Text, list[str]]] = {}
    for one, held in scores(exchange):
        joined = _joined(held)
        if joined is not None and one.said and one.said.isascii():
            found.setdefault(one.place, (one, []))[1].append(joined)
    return [each for each in found.values() if all(text.isascii() for text in each[1])]


def _flows(exchange: Exchange) -> Sequence[tuple[Text, list[tuple[str, str]]]]:
    """Choices of streams, of plain letters: the text of each chunk with that of its tokens."""
    plain = {one.choice.get("index"): one for one, _ in _plain(exchange) if exchange.streamed}
    found: dict[Any, list[tuple[str, str]]] = {}
    for body in texts.chunks(exchange):
        for entry in select.choices_of(body):
            held = entry.get("logprobs")
            tokens = _joined(held) if isinstance(held, dict) else None
            text = entry.get("text")
            said = printed(text) if isinstance(text, str) else ""
            found.setdefault(entry.get("index"), []).append((said, tokens or ""))
    return [(one, found[index]) for index, one in plain.items() if index in found]


@check("CMPL-008", over=_flows, always=True)
def text_scores_come_with_their_text(told: tuple[Text, list[tuple[str, str]]]) -> Iterator[Problem]:
    """The tokens of a chunk are those of its text, not of text that later chunks bring."""
    one, chunks = told
    whole = printed(one.said or "")
    said = scored = ""
    ahead = []
    for text, tokens in chunks:
        said, scored = said + text, scored + tokens
        if text and len(scored) > len(said) and whole.startswith(scored):
            ahead.append(scored[len(said) :])
    if len(ahead) >= _TWICE:
        message = f"{len(ahead)} chunks score text that comes later, the first {shown(ahead[0])}"
        yield Problem(message=message, at=f"{one.at}.logprobs")


def _scored(one: Facts) -> bool:
    """Nothing is to be written, and the prompt is to come back with its log probabilities."""
    bare = is_integer(one.asked.get("max_tokens")) and one.asked["max_tokens"] == 0
    return bare and one.asked.get("echo") is True and _asked(one) is not None


@check("CMPL-015", over=select.among(texts.decided, _scored), always=True)
def prompt_is_scored(one: Facts) -> Iterator[Problem]:
    """`max_tokens: 0` with `echo` and `logprobs` gives the prompt with its log probabilities."""
    if one.status != OK:
        yield Problem(message=f"status {one.status} for a prompt that is to be scored")
        return
    for each in texts.texts_of(one):
        told = each.choice.get("logprobs")
        tokens = told.get("tokens") if isinstance(told, dict) else None
        at = f"{each.at}.logprobs"
        if not isinstance(tokens, list) or not tokens:
            yield Problem(message=f"no tokens are scored: {shown(told)}", at=at)
            continue
        scored = "".join(map(str, tokens))
        if len(printed(scored)) < len(printed(each.prompt or "")):
            yield Problem(message=f"only {shown(scored)} is scored", at=at)


def printed(text: str) -> str:
    """Without blanks, which some tokenizers keep to themselves."""
    return "".join(text.split())
