"""Whether an endpoint can be asked at all, as far as trials have shown: a circuit breaker.

What an endpoint that is not there, does not take our key or has had enough of us answers says
nothing about its conformance: such trials are errors of the run. But one refusal may be an answer
to one request. So where an endpoint seems to refuse everything, a question that every endpoint
answers settles it: `errands.knock`, one token with the endpoint's own key. And one that falls silent
on one request does so of its own fault, where it ever said anything to another.

Answers without an end are findings; but after a few of them in a row nothing else is to be learnt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.engine.retry import status_of
from conformance.plan.model import Ask
from conformance.suite.model import Step
from conformance.wire.exchange import Ended, Exchange, Trial

HEALTH = "health/after-destructive"
"""What is asked after each cell that may hurt; its axis `after` names the cell."""

NEVER_THERE = 3
"""Requests in a row without an answer, after which an endpoint that never answered is given up."""
GONE = 10
"""The same for one that answered before, and may be on its way back."""

ENDLESS = 5
"""Answers in a row that were cut off or never came to their end, after which an endpoint is given up."""

_UNREACHED = "could not be reached: "
LIMITED = 429
KEY_REFUSED = frozenset({401, 403})
NOT_UP = frozenset({502, 503, 504})
"""What gateways answer for a server behind them that is not there."""


@dataclass(slots=True)
class Presence:
    """Of one endpoint; for the event loop only."""

    down: str = ""
    """Why it is not asked any more."""
    lost: str = ""
    """What it did not survive: after that there is nothing left to ask."""
    _spoke: bool = False
    """A byte has come from it."""
    _accepted: bool = False
    """It has taken a request with its own key."""
    _misses: int = 0
    _endless: int = 0

    def hear(self, exchange: Exchange) -> str:
        """Take an exchange into account, before its trial goes on; why the trial can not."""
        self._spoke = self._spoke or bool(exchange.received)
        if silent := _silence(exchange):
            self._miss(silent, patient=self._accepted or self._spoke)
        if exchange.end.how is Ended.UNREACHABLE:
            return silent
        if exchange.end.how is Ended.TIMED_OUT and not self._spoke:
            return f"not one byte came: {exchange.end.detail}"
        return ""

    def doubts(self, ask: Ask, trial: Trial) -> bool:
        """The answer may be none to this request, but one that everything gets."""
        status = _status(trial.exchanges)
        refused = (status in KEY_REFUSED and _own_key(ask)) or status in NOT_UP
        return refused and (not self._accepted or self._misses >= NEVER_THERE)

    def note(self, ask: Ask, trial: Trial) -> str:
        """Take a finished trial into account, after its exchanges; why it says nothing of its case."""
        if ask.variant.case.id == HEALTH and _silence_of(trial):
            self.lost = f"the endpoint did not survive {ask.variant.axes['after']}"
        self._count(ask, trial)
        return trial.error or (self.doubts(ask, trial) and self.down) or _limited(trial)

    def _count(self, ask: Ask, trial: Trial) -> None:
        if not trial.exchanges:
            return
        status = _status(trial.exchanges)
        if self._without_end(trial) or _silence(trial.exchanges[-1]):
            return
        if status == LIMITED:
            self._miss("429, too many requests", patient=True)
        elif status in NOT_UP or (status in KEY_REFUSED and _own_key(ask)):
            self._misses += 1  # however many at once: what they mean is settled by a knock
        else:
            self._accepted = self._accepted or _own_key(ask)
            self._misses = 0

    def _miss(self, what: str, *, patient: bool) -> None:
        self._misses += 1
        if self._misses >= (GONE if patient else NEVER_THERE) and not self.down:
            told = what.startswith(_UNREACHED)  # then tried or not, it is one reason
            self.down = what if told else f"not asked: {self._misses} requests in a row got {what}"

    def _without_end(self, trial: Trial) -> bool:
        """The answers of late are such that nothing comes of asking on."""
        for exchange in trial.exchanges:
            self._endless = self._endless + 1 if _unending(exchange) else 0
        if self._endless >= ENDLESS and not self.down:
            detail = trial.exchanges[-1].end.detail
            self.down = f"not asked: {self._endless} answers in a row had no end ({detail})"
        return bool(self.down)

    def settle(self, knocked: Trial) -> str:
        """What the knock came to: why the endpoint is not asked any more, or nothing."""
        status = _status(knocked.exchanges)
        if status in KEY_REFUSED:
            self.down = (
                f"the key is refused (status {status}): check it, and how it is sent (`auth`)"
            )
        elif status in NOT_UP:
            self.down = f"the server behind the gateway is not up (status {status})"
        elif status:
            self._accepted, self._misses = True, 0
        return self.down


def _limited(trial: Trial) -> str:
    """Why a trial came to nothing of which a step got `429` to the last; empty for others."""
    last = {each.step: each for each in trial.exchanges}
    tried = max((each.attempt for each in last.values() if status_of(each) == LIMITED), default=0)
    if not tried:
        return ""
    return (
        f"rate limited: 429 in {tried} {'attempt' if tried == 1 else 'attempts'}; "
        "ask with less --concurrency or --max-rate"
    )


def _silence(last: Exchange) -> str:
    if last.end.how is Ended.UNREACHABLE:
        return f"{_UNREACHED}{last.end.detail}"
    if last.end.how is Ended.TIMED_OUT and not last.received:
        return f"not one byte: {last.end.detail}"
    return ""


def _unending(exchange: Exchange) -> bool:
    """It came, and went on until we had enough: of its bytes, or of waiting for the rest."""
    how = exchange.end.how
    return how is Ended.TOO_LARGE or (how is Ended.TIMED_OUT and bool(exchange.received))


def _silence_of(trial: Trial) -> str:
    return _silence(trial.exchanges[-1]) if trial.exchanges else ""


def _status(exchanges: Sequence[Exchange]) -> int:
    return status_of(exchanges[-1]) if exchanges else 0


def _own_key(ask: Ask) -> bool:
    """No step says itself how it is authorized."""
    return not any(map(_authorizes, ask.variant.case.steps))


def _authorizes(step: Step) -> bool:
    return any(name.lower() == "authorization" for name in step.request.headers)
