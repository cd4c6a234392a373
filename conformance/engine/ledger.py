"""What a run may still spend. A request is sent only after the most that it can cost is set aside.

So the limit holds with any number of requests on the wire. What the server then reports takes the
place of what was set aside; where it reports nothing, the whole stays spent.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from conformance.plan.estimate import price
from conformance.plan.tokens import Tokens
from conformance.providers.model import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Set aside for one request."""

    tokens: Tokens
    money: float


@dataclass(slots=True, eq=False, kw_only=True)
class Ledger:
    """Of a whole run; for the event loop only. Without limits it only counts."""

    tokens: int | None = None
    money: float | None = None
    """USD."""
    closed: str = ""
    """Why nothing more is sent; never taken back, so that a run ends at one clear point."""
    spent_tokens: int = 0
    spent_money: float = 0.0
    _aside: list[Reservation] = field(default_factory=list)
    _freed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def limited(self) -> bool:
        """There is something to keep to."""
        return self.tokens is not None or self.money is not None

    async def reserve(self, provider: Provider, tokens: Tokens) -> Reservation | str:
        """Set aside what a request may cost, waiting for others to come back where that helps.

        A text says why it is not sent: it would exceed a limit.
        """
        one = Reservation(tokens=tokens, money=price(tokens, provider) or 0.0)
        if alone := self._alone(one):
            return alone
        while not self.closed:
            over = self._over(one)
            if not over:
                self._aside.append(one)
                return one
            if not self._aside:
                self.close(over)
                break
            self._freed.clear()
            await self._freed.wait()
        return self.closed

    def settle(self, one: Reservation, provider: Provider, used: Tokens | None) -> None:
        """Book what was used in place of what was set aside; None: the server did not say."""
        self._aside.remove(one)
        self.spent_tokens += (one.tokens if used is None else used).total
        self.spent_money += one.money if used is None else (price(used, provider) or 0.0)
        self._freed.set()

    def close(self, why: str) -> None:
        """Nothing more is sent, and nobody waits any more."""
        self.closed = self.closed or why
        self._freed.set()

    def _alone(self, one: Reservation) -> str:
        """Why it could not even be the only request; that is no reason to end the others."""
        if self.tokens is not None and one.tokens.total > self.tokens:
            return f"by itself it could take {one.tokens.total} of the {self.tokens} tokens allowed"
        if self.money is not None and one.money > self.money:
            return f"by itself it could cost {one.money:.4f} of the {self.money:g} USD allowed"
        return ""

    def _over(self, one: Reservation) -> str:
        tokens = self.spent_tokens + sum(each.tokens.total for each in self._aside)
        money = self.spent_money + sum(each.money for each in self._aside)
        if self.tokens is not None and tokens + one.tokens.total > self.tokens:
            return (
                f"the limit of {self.tokens} tokens would be exceeded ({self.spent_tokens} spent)"
            )
        if self.money is not None and money + one.money > self.money:
            return (
                f"the budget of {self.money:g} USD would be exceeded ({self.spent_money:.4f} spent)"
            )
        return ""
