"""What is left to do is bounded, by its number and by its bytes."""

import asyncio
import threading

import pytest

from conformance.engine import desk as desks
from conformance.engine.desk import Desk


@pytest.mark.parametrize(
    ("number", "size", "waits"),
    [
        (desks.LONGEST_QUEUE, 0, False),
        (desks.LONGEST_QUEUE + 1, 0, True),
        (2, desks.LARGEST_QUEUE // 2, False),
        (3, desks.LARGEST_QUEUE // 2, True),
    ],
)
def test_no_trial_begins_while_too_much_waits_for_the_desk(number, size, waits):
    async def main():
        held = threading.Event()
        desk = Desk(on_failure=lambda _: None)
        for _ in range(number):
            desk.post_bytes(size, held.wait)
        room = asyncio.ensure_future(desk.room())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waited = not room.done()
        held.set()
        await room
        await desk.aclose()
        return waited

    assert asyncio.run(main()) is waits
