"""Which worker runs what under `-n`: a fixed partition, and silence for the cases that want it.

A worker keeps its last item until it gets another one or is told to end. So every worker but the
first is told to end as soon as it has all of its items, and the first gets the late ones once the
others have none left. Items go out a few at a time: what was sent cannot be taken back by `-x`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

WINDOW = 4
"""Items that a worker has at once: two, or it stands still, and some more for the way there."""


class Worker(Protocol):
    """What we need of xdist's `WorkerController`."""

    gateway: Any
    workerinput: dict[str, Any]

    @property
    def shutting_down(self) -> bool:
        """It is told to end, or gone."""
        ...

    def send_runtest_some(self, indices: Sequence[int]) -> None:
        """Give it items."""
        ...

    def shutdown(self) -> None:
        """Tell it to end when it has run what it has."""
        ...


Place = Callable[[str], tuple[int, bool]]
"""Node id to the worker's number, and whether it is late."""


@dataclass(slots=True)
class _Desk:
    """One worker's items, as indices into its collection."""

    collection: Sequence[str] = ()
    waiting: deque[int] = field(default_factory=deque)
    sent: list[int] = field(default_factory=list)
    dismissed: bool = False

    @property
    def busy(self) -> bool:
        return bool(self.waiting or self.sent)


class PartitionedScheduling:
    """Implements xdist's `Scheduling`."""

    def __init__(self, workers: int, number: Callable[[Worker], int], place: Place) -> None:
        """`number`: of a worker, from 0; `place` says which of them runs an item."""
        self._workers = workers
        self._number = number
        self._place = place
        self._desks: dict[Worker, _Desk] = {}
        self._late: deque[int] = deque()
        self._collected = 0
        self._lost: list[str] = []
        self._begun = False

    @property
    def nodes(self) -> list[Worker]:
        """The workers that are there."""
        return list(self._desks)

    @property
    def collection_is_completed(self) -> bool:
        """All workers have said what they found."""
        return self._collected >= self._workers

    @property
    def tests_finished(self) -> bool:
        """Nothing is left to send or to wait for."""
        return self._begun and not self._late and not self.has_pending

    @property
    def has_pending(self) -> bool:
        """Some worker has something to do."""
        return any(desk.busy for desk in self._desks.values())

    def left(self) -> list[str]:
        """Node ids that nobody ran to the end: their worker is gone, or they were not sent."""
        desks = self._desks.values()
        waiting = [desk.collection[each] for desk in desks for each in desk.waiting]
        first = next(iter(desk.collection for desk in desks), ())
        return [*self._lost, *waiting, *(first[each] for each in self._late)]

    def add_node(self, node: Worker) -> None:
        """A worker is up."""
        self._desks[node] = _Desk()

    def add_node_collection(self, node: Worker, collection: Sequence[str]) -> None:
        """A worker says what it found: every one finds the same."""
        self._desks[node].collection = collection
        self._collected += 1

    def schedule(self) -> None:
        """Hand out the items."""
        if self._begun:
            return
        self._begun = True
        for node, desk in self._desks.items():
            number = self._number(node)
            for index, nodeid in enumerate(desk.collection):
                mine, late = self._place(nodeid)
                if mine == number:
                    (self._late if late else desk.waiting).append(index)
        self._go_on()

    def mark_test_complete(self, node: Worker, item_index: int, duration: float = 0) -> None:
        """A worker is done with an item."""
        self._desks[node].sent.remove(item_index)
        self._go_on()

    def mark_test_pending(self, item: str) -> None:
        """Only for plugins that run an item again."""
        raise NotImplementedError("items of a run with --provider are run once")

    def remove_pending_tests_from_node(self, node: Worker, indices: Sequence[int]) -> None:
        """Only where items are stolen."""
        raise NotImplementedError("a case's worker is fixed")

    def remove_node(self, node: Worker) -> str | None:
        """A worker is gone: the item it was at, if it was at one. Nobody takes its share over."""
        desk = self._desks.pop(node)
        sent = [desk.collection[each] for each in desk.sent]
        left = [desk.collection[each] for each in desk.waiting]
        if self._number(node) == 0:
            left += [desk.collection[each] for each in self._late]
            self._late.clear()
        self._lost += [*sent[1:], *left]
        self._go_on()
        return sent[0] if sent else None

    def _go_on(self) -> None:
        first = next((node for node in self._desks if self._number(node) == 0), None)
        others_busy = any(desk.busy for node, desk in self._desks.items() if node is not first)
        if first is not None and not others_busy:
            self._desks[first].waiting.extend(self._late)
            self._late.clear()
        for node, desk in self._desks.items():
            room = WINDOW - len(desk.sent)
            batch = [desk.waiting.popleft() for _ in range(min(room, len(desk.waiting)))]
            if batch and not node.shutting_down:
                node.send_runtest_some(batch)
                desk.sent += batch
            elif batch:
                desk.waiting.extendleft(reversed(batch))
            expects_more = desk.waiting or (node is first and self._late)
            if not expects_more and not desk.dismissed:
                desk.dismissed = True
                node.shutdown()
