"""A provider that is being asked: its key, its connections, its slots, its pace, whether it is there."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.engine import routes
from conformance.engine.compose import Composer
from conformance.engine.limits import Terms
from conformance.engine.network import Clock
from conformance.engine.offers import Offers
from conformance.engine.pace import Pace
from conformance.engine.presence import Presence
from conformance.engine.redact import Redactor
from conformance.engine.retry import Sleep
from conformance.engine.transport import Transport
from conformance.providers.model import Provider
from conformance.providers.secrets import Credentials, resolve
from conformance.wire.exchange import Trial


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
    pace: Pace
    presence: Presence = field(default_factory=Presence)
    offers: Offers = field(default_factory=Offers)
    knocking: asyncio.Future[Trial] | None = None
    """While it is being asked whether it lets us in at all."""


def reach(
    provider: Provider,
    *,
    environ: Mapping[str, str],
    clock: Clock,
    terms: Terms,
    sleep: Sleep,
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
        slots=asyncio.Semaphore(terms.concurrency or provider.limits.concurrency),
        pace=Pace(per_second=terms.rate or provider.limits.requests_per_second, sleep=sleep),
    )
