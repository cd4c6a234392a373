"""LOGP, CMPL: alternatives belong to the token that they stand beside: they are those of its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.checks.alternatives import alternatives_of, is_bent, number
from conformance.checks.core import Problem, check
from conformance.checks.facts import facts
from conformance.checks.logprobs import tokens_of, with_tokens
from conformance.checks.parts import is_integer
from conformance.checks.show import shown
from conformance.checks.text_logprobs import scores
from conformance.checks.torn import TORN
from conformance.wire.exchange import Exchange

_TIE = 0.05
"""Logarithms that differ by less are one: sums in another order, half precision, rounding."""
_TWICE = 2
"""Tokens of an answer with alternatives that are not theirs; one may be a token with two names."""
_SEVERAL = 4
"""Different tokens whose chances are the same by no accident."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A token, its logarithm, and the alternatives that are told beside it."""

    token: str
    logprob: float
    top: tuple[tuple[str, float], ...]

    @property
    def legible(self) -> bool:
        """None of them is an end without a text, or a piece of a character."""
        return all(name and TORN not in name for name in (self.token, *(n for n, _ in self.top)))

    @property
    def foreign(self) -> bool:
        """The alternatives say otherwise of the token, or leave it out though it was likelier."""
        named = [value for name, value in self.top if name == self.token]
        if named:
            return min(abs(value - self.logprob) for value in named) > _TIE
        return self.logprob > min(value for _, value in self.top) + _TIE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Row:
    """The places of an answer, one after the other, and where they stand."""

    places: tuple[Place, ...]
    at: str


def _place(token: Any, logprob: Any, top: Sequence[tuple[Any, Any]]) -> Place | None:
    value = number(logprob)
    known = [(name, number(each)) for name, each in top if isinstance(name, str)]
    values = tuple((name, each) for name, each in known if each is not None)
    if not isinstance(token, str) or value is None or not values:
        return None
    found = Place(token=token, logprob=value, top=values)
    return found if found.legible else None


def _in_chat(exchange: Exchange) -> Sequence[Row]:
    """Choices with alternatives, where nothing that is asked for bends likelihoods."""
    if is_bent(facts(exchange).asked):
        return ()
    rows = []
    for one in with_tokens(exchange):
        entries = tokens_of(one.choice.logprobs)
        told = [
            _place(
                each.get("token"),
                each.get("logprob"),
                [(other.get("token"), other.get("logprob")) for other in alternatives_of(each)],
            )
            for each in entries
        ]
        places = tuple(place for place in told if place)
        rows += [Row(places=places, at=f"{one.at}.logprobs.content")] if places else []
    return rows


def _in_texts(exchange: Exchange) -> Sequence[Row]:
    """Choices of text completions with alternatives, their chunks put together."""
    rows: dict[int, tuple[Any, list[Place]]] = {}
    for one, held in scores(exchange):
        lists = [held.get(name) for name in ("tokens", "token_logprobs", "top_logprobs")]
        if is_bent(one.facts.asked) or not all(isinstance(each, list) for each in lists):
            continue
        told = [
            _place(token, value, tuple(top.items()) if isinstance(top, dict) else ())
            for token, value, top in zip(*lists, strict=False)
        ]
        rows.setdefault(one.place, (one, []))[1].extend(place for place in told if place)
    return [
        Row(places=tuple(places), at=f"{one.at}.logprobs.top_logprobs")
        for one, places in rows.values()
        if places
    ]


def _scoring(exchange: Exchange) -> bool:
    """Nothing is to be written: a prompt is to be scored."""
    most = facts(exchange).asked.get("max_tokens")
    return is_integer(most) and most == 0


def _scored(exchange: Exchange) -> Sequence[Row]:
    return _in_texts(exchange) if _scoring(exchange) else ()


def _written(exchange: Exchange) -> Sequence[Row]:
    return () if _scoring(exchange) else _in_texts(exchange)


def _judge(row: Row) -> Iterator[Problem]:
    foreign = [each for each in row.places if each.foreign]
    if len(foreign) >= _TWICE:
        first = foreign[0]
        message = (
            f"beside {len(foreign)} of {len(row.places)} tokens stand the alternatives of another "
            f"place, as beside {shown(first.token)} ({first.logprob}): {shown(dict(first.top))}"
        )
        yield Problem(message=message, at=row.at)
    elif (
        len({each.token for each in row.places}) >= _SEVERAL
        and len({each.top for each in row.places}) == 1
    ):
        seen = shown(dict(row.places[0].top))
        yield Problem(message=f"each of {len(row.places)} tokens has {seen}", at=row.at)


for _clause, _name, _over, _about in (
    ("CREQ-042", "alternatives_are_of_their_place", _in_chat,
     "The alternatives of a token are the likeliest at its place, not at another."),
    ("CMPL-008", "text_alternatives_are_of_their_place", _written,
     "So are those of a text completion."),
    ("CMPL-015", "prompt_is_scored_place_by_place", _scored,
     "Each token of a prompt is scored at its place."),
):  # fmt: skip

    def _check(row: Row) -> Iterator[Problem]:
        yield from _judge(row)

    _check.__doc__ = _about
    check(_clause, over=_over, always=True, name=_name)(_check)
