"""Whether an endpoint can be asked at all, as far as trials have shown: a circuit breaker.

What an endpoint that is not there, does not take our key or has had enough of us answers says
nothing about its conformance: such trials are errors of the run. But one refusal may be an answer
to one request. So where an endpoint seems to refuse everything, a question that every endpoint
answers settles it: `errands.knock`, one token with the endpoint's own key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.engine.retry import status_of
from conformance.plan.model import Ask
from conformance.suite.model import Step
from conformance.wire.exchange import Ended, Exchange, Trial

NEVER_THERE = 3
"""Trials in a row without an answer, after which an endpoint that never answered is given up."""
GONE = 10
"""The same for one that answered before, and may be on its way back."""

LIMITED = 429
KEY_REFUSED = frozenset({401, 403})
NOT_UP = frozenset({502, 503, 504})
"""What gateways answer for a server behind them that is not there."""


@dataclass(slots=True)
class Presence:
    """Of one endpoint; for the event loop only."""

    down: str = ""
    """Why it is not asked any more."""
    _accepted: bool = False
    """It has taken a request with its own key."""
    _misses: int = 0

    def doubts(self, ask: Ask, trial: Trial) -> bool:
        """The answer may be none to this request, but one that everything gets."""
        status = _status(trial.exchanges)
        refused = (status in KEY_REFUSED and _own_key(ask)) or status in NOT_UP
        return refused and (not self._accepted or self._misses >= NEVER_THERE)

    def note(self, ask: Ask, trial: Trial) -> None:
        """Take a finished trial into account."""
        if not trial.exchanges:
            return
        status = _status(trial.exchanges)
        what = _silence(trial.exchanges[-1])
        if status == LIMITED:
            what = "429, too many requests"
        elif status in NOT_UP or (status in KEY_REFUSED and _own_key(ask)):
            what = f"status {status}"
        if not what:
            self._accepted = self._accepted or _own_key(ask)
            self._misses = 0
            return
        self._misses += 1
        patient = self._accepted or status == LIMITED
        if self._misses >= (GONE if patient else NEVER_THERE):
            self.down = f"not asked: {self._misses} trials in a row got {what}"

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


def limited(trial: Trial) -> str:
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
        return f"no connection: {last.end.detail}"
    if last.end.how is Ended.TIMED_OUT and not last.received:
        return f"not one byte: {last.end.detail}"
    return ""


def _status(exchanges: Sequence[Exchange]) -> int:
    return status_of(exchanges[-1]) if exchanges else 0


def _own_key(ask: Ask) -> bool:
    """No step says itself how it is authorized."""
    return not any(map(_authorizes, ask.variant.case.steps))


def _authorizes(step: Step) -> bool:
    return any(name.lower() == "authorization" for name in step.request.headers)
