"""The endpoints of a run: each opened by whoever needs it first, all stopped and closed together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

from conformance.engine import errands
from conformance.engine.awaiting import answering
from conformance.engine.endpoint import Endpoint, reach
from conformance.engine.limits import Terms
from conformance.engine.network import Clock
from conformance.engine.retry import Sleep
from conformance.errors import ConformanceError, HarnessError
from conformance.plan.model import Ask
from conformance.providers.model import Provider
from conformance.providers.secrets import Credentials
from conformance.wire.exchange import Trial

Opened = Endpoint | ConformanceError
"""An endpoint, or why it cannot be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What is needed to reach providers, beside what their entries say."""

    environ: Mapping[str, str]
    credentials: Mapping[str, Credentials]
    """Of providers whose keys were looked up already."""
    terms: Terms
    clock: Clock
    sleep: Sleep
    """Returns early when the run is stopped."""


@dataclass(slots=True, eq=False, kw_only=True)
class Roster:
    """Opens endpoints, and finds out models that are not named."""

    providers: Mapping[str, Provider]
    access: Access
    refused: Mapping[str, ConformanceError]
    """Providers that cannot be asked, with the reason: their server did not come up."""
    errand: Callable[[Endpoint, Ask], Awaitable[Trial]]
    """Runs a trial that no case asks for."""
    opened: Callable[[str, Mapping[str, str]], None]
    """Told once of each endpoint that can be asked: its `base_url` and `model`."""
    _tasks: dict[str, asyncio.Task[Opened]] = field(default_factory=dict)
    _endpoints: list[Endpoint] = field(default_factory=list)
    _stopped: bool = False

    async def endpoint(self, name: str) -> Opened:
        """The provider of that name, ready to be asked."""
        if name in self.refused:
            return self.refused[name]
        if name not in self._tasks:
            self._tasks[name] = asyncio.ensure_future(self._open(self.providers[name]))
        return await self._tasks[name]

    def stop(self) -> None:
        """End what is on the wire."""
        self._stopped = True
        for endpoint in self._endpoints:
            endpoint.transport.stop()

    async def aclose(self) -> None:
        """Close all connections."""
        await asyncio.gather(*self._tasks.values())
        for endpoint in self._endpoints:
            await endpoint.transport.aclose()

    async def _open(self, provider: Provider) -> Opened:
        access = self.access
        try:
            endpoint = await asyncio.to_thread(  # may read certificates and run a program
                reach,
                provider,
                environ=access.environ,
                clock=access.clock,
                terms=access.terms,
                sleep=access.sleep,
                credentials=access.credentials.get(provider.name),
            )
            self._endpoints.append(endpoint)
            if self._stopped:
                endpoint.transport.stop()
            if access.terms.wait:
                await answering(endpoint, access.terms.wait, access.sleep)
            if provider.model is None:
                listed = await self.errand(endpoint, errands.discovery(provider.name))
                model = errands.only_model(provider, listed)
                endpoint.provider = replace(provider, model=model)
        except ConformanceError as error:
            return error
        except Exception as error:  # noqa: BLE001  # our fault; others can still be asked
            return HarnessError(f"{provider.where}: provider {provider.name}: {error!r}")
        facts = {"base_url": provider.base_url, "model": endpoint.provider.model or ""}
        self.opened(provider.name, facts)
        return endpoint
