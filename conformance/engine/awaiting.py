"""Waiting for an endpoint that is not up yet (`--wait`). Not recorded: nothing is asked of it yet."""

from __future__ import annotations

import time
from pathlib import Path

from conformance.engine import errands
from conformance.engine.directives import Scene
from conformance.engine.endpoint import Endpoint
from conformance.engine.limits import Bounds
from conformance.engine.presence import NOT_UP
from conformance.engine.retry import Sleep
from conformance.engine.transport import Heard
from conformance.errors import HarnessError
from conformance.plan.model import PLAIN
from conformance.wire import head

PAUSE = 1.0
"""Seconds between two looks."""
PATIENCE = 10.0
"""Seconds for one look."""


async def answering(endpoint: Endpoint, seconds: float, sleep: Sleep) -> None:
    """Until it answers anything but that it is not up. Raises HarnessError after `seconds`."""
    end = time.monotonic() + seconds
    while (why := await _look(endpoint)) and time.monotonic() < end:
        await sleep(min(PAUSE, max(0.0, end - time.monotonic())))
    if why:
        raise HarnessError(
            f"provider {endpoint.provider.name}: no answer within {seconds:g} s ({why}); "
            "is it starting? a longer --wait waits longer"
        )


async def _look(endpoint: Endpoint) -> str:
    """Why it is not up; empty where it is."""
    template = errands.discovery(endpoint.provider.name).variant.case.steps[0].request
    scene = Scene(provider=endpoint.provider, axes={}, nonce="", folder=Path())
    bounds = Bounds(
        connect=PATIENCE, first_byte=PATIENCE, read=PATIENCE, total=PATIENCE, response_bytes=1 << 20
    )
    outgoing = endpoint.composer.request(template, scene, arm=PLAIN, bounds=bounds)
    heard = await endpoint.transport.send(outgoing)
    status = _status(heard)
    if not status:
        return f"{heard.end.how.value}: {heard.end.detail}"
    return f"status {status}" if status in NOT_UP else ""


def _status(heard: Heard) -> int:
    first = head.read(b"".join(piece.data for piece in heard.received))
    return first.status if first else 0
