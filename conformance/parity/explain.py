"""Does a sampler explain how short answers differ, or are the weights others?"""

from __future__ import annotations

from collections.abc import Container, Sequence

import numpy as np
from scipy.special import gammaln

from conformance.parity.pools import Floats, Table
from conformance.parity.tilts import PLAIN, Sampler

_CUTS = {
    **{f"min_p of about {p:g}": Sampler(min_p=p) for p in (0.02, 0.05, 0.1, 0.2)},
    **{f"top_k of about {k}": Sampler(top_k=k) for k in (5, 20, 50)},
}
_RIVALS = {
    **{f"temperature of about {t:g}": Sampler(t) for t in (0.3, 0.5, 0.7, 0.8, 0.9)},
    **{f"top_p of about {p:g}": Sampler(top_p=p) for p in (0.9, 0.7)},
    **_CUTS,
}
_FLATTER = (
    PLAIN,
    Sampler(1.1),
    Sampler(1.3),
    Sampler(1.6),
)  # what noise on weights does to answers
_SPREADS = (
    6,
    12,
    25,
    50,
    None,
)  # how firmly other weights hold to the baseline's chances; None: as the pool
_SURE = 3.0  # nats


def sampler(tables: Sequence[Table]) -> str | None:
    """The forced setting that explains the answers; empty: other weights; None: it can't be told.

    Log likelihoods of the candidate's counts n, Dirichlet-multinomial (Mosimann 1962) around the
    pool's chances q, each count more by a half (Jeffreys' prior):

        sum_v [lgamma(a_v + n_v) - lgamma(a_v)] + lgamma(A) - lgamma(A + N)

    with a = firmness * (0.98 q + 0.02 / k) of k strings, A = sum a, N = sum n. Of a sampler laid over them, as firm as the pool is large; of other weights, looser
    by a spread that fits best, and flatter, as quantised weights are: a temperature over 1 can't be
    told from them. Three nats must lie between the best of each: a factor of twenty, which Kass
    and Raftery (1995) call strong. Assumed: answers are independent draws, and prompts too. A
    description, without an error rate of its own: it is asked only once `different` was said.
    """
    settings = {
        name: sum(_likelihood(each, rival) for each in tables) for name, rival in _RIVALS.items()
    }
    best = max(settings, key=lambda name: settings[name])
    weights = max(
        sum(_likelihood(each, flatter, spread) for each in tables)
        for flatter in _FLATTER
        for spread in _SPREADS
    )
    if abs(settings[best] - weights) < _SURE:
        return None
    return best if settings[best] > weights else ""


def default(tables: Sequence[Table], told: Container[str]) -> str:
    """The tail that an endpoint cuts of its own, from answers without that and with it; or nothing.

    `told`: the parameters that made the difference; the weights are the same.
    """
    rivals = {name: cut for name, cut in _CUTS.items() if name.split()[0] in told}
    logs = {
        name: sum(_likelihood(each, rival) for each in tables)
        for name, rival in {"": PLAIN, **rivals}.items()
    }
    best = max(logs, key=lambda name: logs[name])
    return best if logs[best] - logs[""] >= _SURE else ""


def _likelihood(table: Table, rival: Sampler, firmness: float | None = None) -> float:
    pool = table.baseline.sum()
    chances = rival(np.log((table.baseline + 0.5) / (pool + 0.5 * len(table.baseline))))
    prior: Floats = (firmness or pool) * (0.98 * chances + 0.02 / len(chances))
    n = table.candidate
    each = gammaln(prior + n) - gammaln(prior)
    return float(each.sum() + gammaln(prior.sum()) - gammaln(prior.sum() + n.sum()))
