"""Does a sampler explain how short answers differ, or are the weights others?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from conformance.parity.permutation import distance
from conformance.parity.pools import Floats, Table
from conformance.parity.tilts import Sampler

_RIVALS = {
    **{
        f"temperature of about {each:g}": Sampler(each)
        for each in (0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.1, 1.2, 1.4)
    },
    **{f"top_p of about {each:g}": Sampler(top_p=each) for each in (0.95, 0.9, 0.8, 0.6)},
    **{f"top_k of about {each}": Sampler(top_k=each) for each in (5, 10, 20, 50)},
    **{f"min_p of about {each:g}": Sampler(min_p=each) for each in (0.05, 0.1, 0.2)},
}
_LEFT = 0.4  # of D2: what a sampler that explains the difference may leave


def sampler(tables: Sequence[Table]) -> str:
    """The forced setting that brings the baseline's pool to the candidate's answers, or nothing.

    Each rival is laid over the pool's frequencies; it explains the difference if D2 falls to
    under two fifths. Other weights move tokens up and down alike, which no setting imitates.
    A description, without an error rate of its own: it is asked only once `different` was said.
    """
    before = distance(tables).squared
    left = {
        name: distance([_laid(rival, each) for each in tables]).squared
        for name, rival in _RIVALS.items()
    }
    best = min(left, key=lambda name: left[name])
    return best if left[best] < _LEFT * before else ""


def _laid(rival: Sampler, table: Table) -> Table:
    """The pool as if the rival had drawn from it; what neither side could say is left out."""
    seen = table.baseline > 0
    counts: Floats = np.zeros_like(table.baseline)
    counts[seen] = rival(np.log(table.baseline[seen])) * table.baseline.sum()
    return Table(counts, table.candidate)
