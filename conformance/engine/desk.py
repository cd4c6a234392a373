"""One thread for everything that is done with captures: they are written down and judged in order.

Never in the event loop, so that it does not hold up the stamping of what arrives.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

LONGEST_QUEUE = 256
"""Things left to do, beyond which no new trial begins: captures must not pile up in memory."""
LARGEST_QUEUE = 8 * 1024 * 1024
"""Bytes in them, likewise."""


class Desk:
    """Runs functions one after the other in its own thread. All methods belong to the event loop."""

    def __init__(self, on_failure: Callable[[BaseException], None]) -> None:
        """`on_failure` is called in the desk's thread, once for each function that raised."""
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="conformance-desk")
        self._on_failure = on_failure
        self._posted = 0
        self._done = 0  # written by the desk's thread only
        self._bytes_posted = 0
        self._bytes_done = 0  # likewise

    def post(self, function: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
        """Have it done, without waiting."""
        self.post_bytes(0, function, *args, **kwargs)

    def post_bytes(
        self, size: int, function: Callable[P, object], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """The same of something that keeps so many bytes in memory until it is done."""
        self._posted += 1
        self._bytes_posted += size
        self._thread.submit(self._guarded, size, partial(function, *args, **kwargs))

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Have it done after everything posted so far, and wait. Raises what it raises."""
        return await asyncio.wrap_future(self._thread.submit(function, *args, **kwargs))

    async def room(self) -> None:
        """Wait while too much is left to do."""
        if (
            self._posted - self._done > LONGEST_QUEUE
            or self._bytes_posted - self._bytes_done > LARGEST_QUEUE
        ):
            await self.idle()

    async def idle(self) -> None:
        """Wait until everything posted so far is done."""
        await self.call(lambda: None)

    async def aclose(self) -> None:
        """Finish what is left, and end the thread."""
        await self.idle()
        self._thread.shutdown()

    def _guarded(self, size: int, function: Callable[[], object]) -> None:
        try:
            function()
        except BaseException as error:  # noqa: BLE001  # handed on to whoever runs the engine
            self._on_failure(error)
        finally:
            self._done += 1
            self._bytes_done += size
