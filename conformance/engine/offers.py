"""Which optional endpoints a provider was found not to have, so that their cases are not asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from conformance.plan.model import Ask
from conformance.plan.offered import absence, questions
from conformance.providers.model import Provider
from conformance.wire.exchange import Trial


@dataclass(slots=True, eq=False)
class Offers:
    """Of one provider; for the event loop only."""

    _asked: dict[str, asyncio.Future[Trial]] = field(default_factory=dict)
    """Case of a question to its trial, which may be going on."""

    async def missing(
        self, ask: Ask, provider: Provider, errand: Callable[[Ask], Awaitable[Trial]]
    ) -> str:
        """Why an ask makes no sense here; empty where it does. The first to need it has it asked."""
        for question in questions(ask.variant, provider):
            name = question.key.case
            if name not in self._asked:
                self._asked[name] = asyncio.ensure_future(errand(question))
            if gone := absence(await self._asked[name]):
                return gone.why
        return ""
