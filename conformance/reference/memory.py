"""What the server remembers of its own life, and so which faults show in the answer to a request."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b

from conformance.reference.circumstances import Circumstances
from conformance.reference.fault import Fault, Shown
from conformance.reference.incoming import HttpRequest
from conformance.reference.shelf import Shelf

_REMEMBERED = 10_000
"""Prompts that the cache holds."""
_LATELY = 64
"""Requests that are looked back on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """How a request came, as seen by the sockets."""

    on_connection: int = 1
    in_flight: int = 1
    before: HttpRequest | None = None
    """The request that was answered on the same connection before."""


class Memory:
    """Counts requests by fault and answers that nobody heard to their end; keeps stored responses."""

    def __init__(self, clock: Callable[[], float], age: float) -> None:
        """`age`: seconds that the server says it has been up already."""
        self._clock = clock
        self._started = clock() - age
        self._numbers: Counter[str] = Counter()
        self._begun: set[str] = set()
        self._prompts: dict[bytes, None] = {}
        self._lately: deque[HttpRequest] = deque(maxlen=_LATELY)
        self._since_abandoned: int | None = None
        self.abandoned = 0
        self.abandoned_amid = 0
        self.shelf = Shelf()

    def hung_up(self, *, amid: bool = False) -> None:
        """A client did not hear its answer to the end. `amid`: while others were being answered."""
        self.abandoned += 1
        self.abandoned_amid += amid
        self._since_abandoned = 0

    def showing(
        self,
        faults: Iterable[Shown],
        request: HttpRequest,
        arrival: Arrival,
        draw: Callable[[str], float],
    ) -> tuple[Fault, ...]:
        """The faults that show here. `draw` gives a number from 0 up to 1 for a fault's name."""
        found = []
        for each in faults:
            fault = each.fault
            if fault.since(request):
                self._begun.add(fault.name)
            if fault.name not in self._begun or not fault.of(request):
                continue
            self._numbers[fault.name] += 1
            if fault.when(self._now(fault, request, arrival)) and draw(fault.name) < each.rate:
                found.append(fault)
        self._lately.appendleft(request)
        if self._since_abandoned is not None:
            self._since_abandoned += 1
        return tuple(found)

    @property
    def earlier(self) -> tuple[HttpRequest, ...]:
        """The requests ahead of the one that is being answered, the latest first."""
        return tuple(self._lately)[1:]

    def asked_before(self, prompt: bytes) -> bool:
        """Was this prompt asked before, not too long ago? From now on it was."""
        key = blake2b(prompt, digest_size=16).digest()
        known = key in self._prompts
        self._prompts[key] = self._prompts.pop(key, None)
        if len(self._prompts) > _REMEMBERED:
            del self._prompts[next(iter(self._prompts))]
        return known

    def _now(self, fault: Fault, request: HttpRequest, arrival: Arrival) -> Circumstances:
        return Circumstances(
            request=request,
            number=self._numbers[fault.name],
            on_connection=arrival.on_connection,
            in_flight=arrival.in_flight,
            abandoned=self.abandoned,
            abandoned_amid=self.abandoned_amid,
            uptime=self._clock() - self._started,
            lately=tuple(self._lately),
            before=arrival.before,
            since_abandoned=self._since_abandoned,
        )
