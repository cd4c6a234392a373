"""A provider that is being asked: its key, its connections, its slots, and whether it is there."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from conformance.engine import routes
from conformance.engine.compose import Composer
from conformance.engine.network import Clock
from conformance.engine.redact import Redactor
from conformance.engine.transport import Transport
from conformance.providers.model import Provider
from conformance.providers.secrets import Credentials, resolve
from conformance.wire.exchange import Ended, Exchange

NEVER_THERE = 3
"""Trials in a row without a connection, after which an endpoint that was never reached is given up."""
GONE = 10
"""The same for one that was reached before, and may be on its way back."""


@dataclass(slots=True)
class Presence:
    """Whether an endpoint can be reached at all, as far as trials have shown."""

    down: str = ""
    """Why it is not asked any more."""
    _reached: bool = False
    _misses: int = 0

    def note(self, exchanges: Sequence[Exchange]) -> None:
        """Take a finished trial into account."""
        if not exchanges:
            return
        last = exchanges[-1]
        silent = last.end.how is Ended.TIMED_OUT and not last.received
        if last.end.how is not Ended.UNREACHABLE and not silent:
            self._reached, self._misses = True, 0
            return
        self._misses += 1
        if self._misses >= (GONE if self._reached else NEVER_THERE):
            what = "not one byte" if silent else "no connection"
            self.down = f"not asked: {self._misses} trials in a row got {what}: {last.end.detail}"


@dataclass(slots=True, eq=False, kw_only=True)
class Endpoint:
    """One provider in a run."""

    provider: Provider
    """Its model is filled in once it is found out."""
    transport: Transport
    composer: Composer
    redactor: Redactor
    slots: asyncio.Semaphore
    """Held by a trial for all of its steps."""
    presence: Presence = field(default_factory=Presence)


def reach(
    provider: Provider,
    *,
    environ: Mapping[str, str],
    clock: Clock,
    concurrency: int | None,
    credentials: Credentials | None = None,
) -> Endpoint:
    """Everything that is needed for asking; sends nothing. May run the program that prints a token.

    Raises UsageError (SecretError for keys), which says what to set or to correct.
    """
    credentials = credentials or resolve(provider, environ)
    proxy = routes.proxy_for(provider.base_url)
    secrets = {**credentials.secrets, **(routes.proxy_secrets(proxy) if proxy else {})}
    return Endpoint(
        provider=provider,
        transport=routes.transport(provider, clock, proxy),
        composer=Composer(credentials=credentials),
        redactor=Redactor(secrets),
        slots=asyncio.Semaphore(concurrency or provider.limits.concurrency),
    )
