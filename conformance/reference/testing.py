"""The reference server for a test: in a thread of its own, with a loop of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from conformance.errors import HarnessError
from conformance.reference.serve import ServeOptions, serve

_START_SECONDS = 20.0

Started = tuple[str, Callable[[], None]]
"""The base URL, and how to stop what serves it, from any thread."""


@contextmanager
def running(options: ServeOptions | None = None) -> Iterator[str]:
    """Serve meanwhile; gives the base URL. Whatever keeps the server from starting is raised here."""
    started: Future[Started] = Future()
    died: list[BaseException] = []
    thread = threading.Thread(
        target=_serve, args=(options or ServeOptions(), started, died), daemon=True
    )
    thread.start()
    base_url, stop = started.result(timeout=_START_SECONDS)
    try:
        yield base_url
    finally:
        if thread.is_alive():
            stop()
        thread.join()
    if died:
        raise HarnessError("the reference server died") from died[0]


def _serve(options: ServeOptions, started: Future[Started], died: list[BaseException]) -> None:
    async def main() -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def stop() -> None:
            loop.call_soon_threadsafe(task.cancel)

        await serve(options, lambda base_url: started.set_result((base_url, stop)))

    try:
        asyncio.run(main())
    except asyncio.CancelledError:
        return
    except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
        if started.done():
            died.append(error)
        else:
            started.set_exception(error)
