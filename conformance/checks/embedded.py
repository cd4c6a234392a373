"""Expectations on embeddings: how many there are, how long, and which are the same."""

from __future__ import annotations

import math
from collections.abc import Iterator

from conformance.checks import vectors
from conformance.checks.core import Problem, check
from conformance.checks.facts import OK
from conformance.checks.generic import absence
from conformance.checks.show import shown
from conformance.checks.vectors import Vector, apart
from conformance.wire.exchange import Ended, Exchange

_NORMAL = 0.01
_EQUAL = 0.0001
"""A share of its length within which a vector is another: sums in another order."""


def missing_vectors(exchange: Exchange) -> str:
    """Why there are no vectors to look at; empty where there is one that can be read."""
    if why := absence(exchange):
        return why
    assert exchange.response is not None
    body = shown(exchange.response.body[:120].decode("utf-8", "replace"), 120)
    if exchange.response.status != OK:
        return f"status {exchange.response.status} with {body}"
    if exchange.end.how is not Ended.COMPLETE:
        return f"the answer broke off: {exchange.end.how}"
    found = vectors.vectors(exchange)
    if not found:
        return f"no embedding in {body}"
    return next((f"{each.at}: {each.flaw}" for each in found if each.flaw), "")


@check()
def embedded(exchange: Exchange, count: int | None = None) -> Iterator[Problem]:
    """Status 200 and embeddings, each of which can be read; so many where a number is given."""
    if why := missing_vectors(exchange):
        yield Problem(message=why)
    elif count is not None and len(vectors.vectors(exchange)) != count:
        seen = len(vectors.vectors(exchange))
        yield Problem(message=f"{seen} embeddings, wanted {count}", at="$.data")


def _number(exchange: Exchange, number: int) -> Vector | None:
    """The vector of that index; where none has it, the one at that place."""
    found = vectors.vectors(exchange)
    indexed = next((each for each in found if each.index == number), None)
    return indexed or (found[number] if number < len(found) else None)


@check(assumable=True)
def same_vector(
    exchange: Exchange, step: Exchange, number: int = 0, of: int = 0, within: float = 0.001
) -> Iterator[Problem]:
    """The embedding `number` is that of another step (its number `of`), in length and direction."""
    for each in (exchange, step):
        if why := missing_vectors(each):
            yield Problem(message=f"step {each.step}: {why}")
            return
    here, there = _number(exchange, number), _number(step, of)
    if here is None or there is None:
        yield Problem(message=f"no embedding {number}, or none {of} in step {step.step}")
    elif len(here.numbers) != len(there.numbers):
        yield Problem(
            message=f"{len(here.numbers)} numbers, in step {step.step} {len(there.numbers)}",
            at=here.at,
        )
    elif not (distance := apart(here.numbers, there.numbers)) <= within:
        words = f"{distance:.2g} of its length away from that of step {step.step}"
        yield Problem(message=f"{words}, wanted {within} at most", at=here.at)


@check()
def vectors_differ(exchange: Exchange) -> Iterator[Problem]:
    """The first two embeddings are not the same: what tells the texts apart was read."""
    if why := missing_vectors(exchange):
        yield Problem(message=why)
        return
    found = vectors.vectors(exchange)
    one, other = (each.numbers for each in (found[0], found[-1]))
    if len(one) == len(other) and apart(one, other) <= _EQUAL:
        yield Problem(message="two texts have one vector", at=found[-1].at)


@check()
def vector_length(
    exchange: Exchange, equals: int | None = None, at_least: int | None = None
) -> Iterator[Problem]:
    """The first embedding has so many numbers, or at least so many."""
    if why := missing_vectors(exchange):
        yield Problem(message=why)
        return
    seen = len(vectors.vectors(exchange)[0].numbers)
    if equals is not None and seen != equals:
        yield Problem(message=f"{seen} numbers, wanted {equals}", at="$.data[0].embedding")
    if at_least is not None and seen < at_least:
        yield Problem(message=f"{seen} numbers, wanted {at_least}", at="$.data[0].embedding")


@check()
def normalised(exchange: Exchange) -> Iterator[Problem]:
    """Every embedding has length 1."""
    if why := missing_vectors(exchange):
        yield Problem(message=why)
        return
    for each in vectors.vectors(exchange):
        if abs(math.hypot(*each.numbers) - 1) > _NORMAL:
            yield Problem(message=f"length {math.hypot(*each.numbers):.4g}, wanted 1", at=each.at)
