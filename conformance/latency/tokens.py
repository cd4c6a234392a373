"""How many tokens each arrival brought.

Chunks are never taken for tokens of their own accord. Of three sources the first that there is counts:

- a tokenizer: exact;
- the usage, where it confirms that each event brought one token: as many were written as events
  came, or one more (that of the end has no text);
- else the total of the usage, spread over the arrivals by their characters: right on average
  (`tpot`, throughput), wrong for a single gap (`itl`), so it is called **estimated**. Where events
  are fewer than tokens by little (parts of characters are held back), events are the better measure.

Thoughts that are counted and never shown are no tokens of any arrival.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from conformance.wire.exchange import Exchange
from conformance.wire.spent import spent, thought

Tokenizer = Callable[[str], int]

_ENDING = 1
"""The token of the end has no text."""
_HELD_BACK = 1.2
"""So many tokens an event at most, where one token an event is usual and some bring none."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came together: its text, in how many events, and whether thoughts are among it."""

    text: str
    events: int
    thoughts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Tokens of an answer."""

    total: int | None
    """Of the whole answer, hidden thoughts with it."""
    shares: Sequence[float] | None
    """Of each arrival; None: nothing is known."""
    estimated: bool = False
    """A single share may be wrong."""


def counted(heard: Sequence[Heard], exchange: Exchange, tokenizer: Tokenizer | None) -> Counted:
    """By the best source there is."""
    total = (spent(exchange) or (0, 0))[1] or None
    if tokenizer is not None:
        shares = _tokenized([each.text for each in heard], tokenizer)
        return Counted(total=total or round(sum(shares)), shares=shares)
    if total is None or not heard:
        return Counted(total=total, shares=None)
    shown = any(each.thoughts for each in heard)
    visible = total if shown else max(total - thought(exchange), 0)
    events = sum(each.events for each in heard)
    if events <= visible <= events + _ENDING:
        return Counted(total=total, shares=[float(each.events) for each in heard])
    by_event = events < visible <= events * _HELD_BACK
    weights = [each.events if by_event else len(each.text) for each in heard]
    shares = [weight * visible / sum(weights) for weight in weights]
    return Counted(total=total, shares=shares, estimated=len(heard) > 1)


def _tokenized(texts: Sequence[str], tokenizer: Tokenizer) -> list[float]:
    """What each text adds to the number of tokens of all that is there; never less than nothing.

    A text may join what came before it to fewer tokens.
    """
    counts, so_far = [0], ""
    for text in texts:
        so_far += text
        counts.append(max(counts[-1], tokenizer(so_far)))
    return [float(later - former) for former, later in pairwise(counts)]
