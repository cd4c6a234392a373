"""LOGP: log probabilities that belong to what was said, up to the stop and chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from conformance.checks.core import Problem, check
from conformance.checks.facts import Said, facts
from conformance.checks.generic import missing_answer
from conformance.checks.logprobs import plain, stops_of, tokens_of, whole_characters
from conformance.checks.parts import Entry
from conformance.checks.show import shown
from conformance.wire.exchange import Exchange

_ENDS = 1
"""Tokens beyond the text that may mark its end, where no stop string was met."""
_TWICE = 2
"""Chunks that run ahead; one may, where a text begins or a tag was waited for."""


@check("TRANS-017")
def scored_as_well(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """There are log probabilities where there are some in another step."""
    if why := missing_answer(exchange):
        yield Problem(message=why)
        return
    here, there = (
        sum(len(tokens_of(one.choice.logprobs)) for one in facts(each).choices)
        for each in (exchange, step)
    )
    if there and not here:
        yield Problem(message=f"no log probabilities, in step {step.step} there are {there}")


def _stopped(exchange: Exchange) -> Sequence[Said]:
    """Answers with log probabilities that a stop string may have ended."""
    found = [one for one in plain(exchange) if one.choice.finish_reason == "stop"]
    return [one for one in found if stops_of(one.facts.asked)]


def _whole(exchange: Exchange) -> Sequence[Said]:
    return _stopped(exchange) if facts(exchange).body is not None else ()


def _streamed(exchange: Exchange) -> Sequence[Said]:
    return _stopped(exchange) if facts(exchange).complete_stream else ()


@check("LOGP-008", over=_whole, always=True)
def scores_end_with_the_stop(one: Said) -> Iterator[Problem]:
    """Log probabilities end with the token that completes the stop string, or before it."""
    yield from _beyond(one)


@check("STRM-024", over=_streamed, always=True)
def streamed_scores_end_with_the_stop(one: Said) -> Iterator[Problem]:
    """Those of a stream end there as well."""
    yield from _beyond(one)


def _beyond(one: Said) -> Iterator[Problem]:
    content: str = one.choice.content
    texts = [str(each.get("token")) for each in tokens_of(one.choice.logprobs)]
    joined = "".join(texts)
    if not joined.startswith(content):
        return
    rest = joined[len(content) :]
    ends = [rest.find(stop) + len(stop) for stop in stops_of(one.facts.asked) if stop in rest]
    most = len(content) + min(ends, default=0)
    later = [text for text, before in zip(texts, _starts(texts), strict=True) if before >= most]
    if len(later) > (0 if ends else _ENDS):
        yield Problem(
            message=f"the text ends with {shown(content[-20:])}, and {shown(later)} are scored after its stop",
            at=f"{one.at}.logprobs.content",
        )


def _starts(texts: Sequence[str]) -> list[int]:
    """Where each of some texts begins, one after the other."""
    return list(accumulate(map(len, texts), initial=0))[:-1]


def _flows(exchange: Exchange) -> Sequence[tuple[Said, list[Entry]]]:
    """Plain choices of whole streams with log probabilities, and their entries."""
    found = facts(exchange)
    if not found.complete_stream:
        return ()
    return [(one, found.by_choice.get(one.place, [])) for one in plain(exchange)]


@check("LOGP-012", over=_flows, always=True)
def scores_come_with_their_text(flow: tuple[Said, list[Entry]]) -> Iterator[Problem]:
    """The log probabilities of a chunk are those of its text, not of text that later chunks bring.

    In a chunk without text they stand for themselves, be it before their text or after it.
    """
    one, entries = flow
    content: str = one.choice.content
    said, tokens, ahead = "", [], []
    for entry in entries:
        piece = entry.delta.get("content")
        said += piece if isinstance(piece, str) else ""
        tokens += tokens_of(entry.choice.get("logprobs"))
        scored = whole_characters(tokens)
        if piece and len(scored) > len(said) and content.startswith(scored):
            ahead.append((entry, scored[len(said) :]))
    if len(ahead) >= _TWICE:
        entry, text = ahead[0]
        message = f"{len(ahead)} chunks score text that comes later, the first {shown(text)}"
        yield Problem(message=message, at=f"{entry.at}.logprobs")
