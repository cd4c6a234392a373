"""The servers that providers want launched: brought up one after the other, always stopped."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from conformance.engine.launch import launched
from conformance.errors import ConformanceError
from conformance.providers.model import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Up:
    """What came of it."""

    running: Mapping[str, Provider]
    """With their ports in `base_url`."""
    refused: Mapping[str, ConformanceError]
    """Those that did not come up, with the reason."""


async def bring_up(stack: AsyncExitStack, providers: Iterable[Provider], folder: Path) -> Up:
    """Launch, one after the other, for they share this machine; `stack` stops them."""
    running, refused = {}, {}
    for one in providers:
        if one.launch is None:
            continue
        try:
            server = await stack.enter_async_context(launched(one, folder))
        except ConformanceError as error:
            refused[one.name] = error
        else:
            running[one.name] = server.provider
    return Up(running=running, refused=refused)


class Servers:
    """The same for a program without an event loop: they run until `stop`."""

    def __init__(self, providers: Iterable[Provider], folder: Path) -> None:
        self._providers = [one for one in providers if one.launch is not None]
        self._folder = folder
        self._up: Future[Up] = Future()
        self._loop: asyncio.AbstractEventLoop
        self._over: asyncio.Event
        self._thread = threading.Thread(target=self._run, name="conformance-servers", daemon=True)

    def start(self) -> Up:
        """Blocks until all are ready or given up."""
        if not self._providers:
            return Up(running={}, refused={})
        self._thread.start()
        return self._up.result()

    def stop(self) -> None:
        """Blocks until they are gone."""
        if self._thread.ident is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:  # noqa: BLE001  # whoever waits has to hear of it
            if not self._up.done():
                self._up.set_exception(error)

    async def _main(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        async with AsyncExitStack() as stack:
            self._up.set_result(await bring_up(stack, self._providers, self._folder))
            await self._over.wait()
