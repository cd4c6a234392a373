"""An exchange that was measured: its bytes, and everything that is known about their times."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.wire.exchange import Exchange
from conformance.wire.piece import Ns


@dataclass(frozen=True, slots=True, kw_only=True)
class Connecting:
    """What it took to get a connection; never a part of the time to the first token."""

    begun: Ns
    resolved: Ns
    """The name was looked up."""
    connected: Ns
    secured: Ns
    """TLS was agreed on; `connected` where there is none."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Take:
    """One exchange with both clocks of each piece. `exchange.received[i]` was read at `user[i]`."""

    exchange: Exchange
    """`request.at` is just before the first byte was sent; pieces have the kernel's stamp where
    there is one, else that of this process."""
    intended: Ns
    """When it was to be sent, by the load's own plan."""
    handed: Ns
    """Just after the first bytes were handed to the system; `request.at` is just before."""
    user: tuple[Ns, ...]
    """When this process got to read each piece: `user - at` is its own delay."""
    doubtful: frozenset[int] = frozenset()
    """Pieces that may hold what arrived at different times: their stamp is that of the last."""
    connecting: Connecting | None = None
    """None where a connection was there already."""
    hung_up: Ns | None = None
    """When we stopped listening on purpose; what arrived later is kept all the same."""
    steps: int = 0
    """How often the system's clock was set meanwhile, so that stamps moved."""
