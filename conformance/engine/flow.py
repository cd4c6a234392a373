"""One trial: its steps in order, each with its attempts, until the end or until it makes no sense."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from conformance.engine.directives import NotAnsweredError, Scene
from conformance.engine.endpoint import Endpoint
from conformance.engine.ledger import Ledger, Reservation
from conformance.engine.limits import bounds
from conformance.engine.retry import Sleep, attempts
from conformance.engine.scales import HEAVY, Load, Scales
from conformance.engine.transport import Heard, Outgoing
from conformance.errors import ConformanceError
from conformance.plan.model import Ask
from conformance.plan.tokens import bound
from conformance.providers.model import Provider
from conformance.suite.model import Step
from conformance.wire import jsontext
from conformance.wire.exchange import Ended, Exchange, Request, Trial, TrialKey
from conformance.wire.nonce import minted
from conformance.wire.query import MISSING, find

STOPPED = "the run was stopped"


class _WithheldError(Exception):
    """A limit of the run would be exceeded; its text says which."""


_DROPPED = frozenset({Ended.CLOSED, Ended.RESET})


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Runs trials against one endpoint."""

    endpoint: Endpoint
    heard: Callable[[TrialKey, Exchange], None]
    """Told of every exchange as soon as it is over."""
    stopped: Callable[[], bool]
    sleep: Sleep
    """Returns early when the run is stopped."""
    seed: int
    ledger: Ledger
    spent: Callable[[Reservation, Provider, Exchange], None]
    """Told what came of a request that something was set aside for."""
    load: Load = field(default_factory=lambda: Load(Scales()))

    async def run(self, ask: Ask, folder: Path) -> Trial:
        """Run one trial. Never raises: what goes wrong on our side stands in `error`."""
        scene = Scene(
            provider=self.endpoint.provider,
            axes=ask.variant.axes,
            nonce=nonce(self.seed, ask.key),
            folder=folder,
        )
        exchanges: list[Exchange] = []
        error = withheld = ""
        try:
            for step in ask.variant.case.steps:
                error = await self._step(ask, step, scene, exchanges)
                if error:
                    break
        except NotAnsweredError:
            pass  # the judge sees which steps are missing
        except _WithheldError as limit:
            error, withheld = (STOPPED, "") if self.stopped() else ("", str(limit))
        except ConformanceError as problem:
            error = str(problem)
        except Exception as problem:  # noqa: BLE001  # our fault in one trial must not end the run
            error = f"{type(problem).__name__}: {problem}"
        return Trial(
            key=ask.key,
            exchanges=tuple(exchanges),
            captured=scene.captured,
            error=self.endpoint.redactor.text(error),
            withheld=withheld,
        )

    async def _step(self, ask: Ask, step: Step, scene: Scene, exchanges: list[Exchange]) -> str:
        """Ask, and take from the answer what later steps need. Says why the trial cannot go on."""
        if self.stopped():
            return STOPPED
        if exchanges and self.endpoint.presence.down:  # given up while this trial was going on
            return self.endpoint.presence.down
        exchange = await self._asked(ask, step, scene, exchanges)
        scene.steps[step.id] = exchange
        for name, query in step.capture.items():
            value = find(_answered(exchange), query)
            if value is not MISSING:
                scene.captured[f"{step.id}.{name}"] = value
        if self.stopped() and exchange.end.how is Ended.CANCELLED:
            return STOPPED
        gone = self.endpoint.presence.hear(exchange)
        if gone and ask.variant.case.late and _was_there(step, exchanges):
            raise NotAnsweredError  # it went away under this request, and nothing else was asked
        return gone

    async def _asked(
        self, ask: Ask, step: Step, scene: Scene, exchanges: list[Exchange]
    ) -> Exchange:
        """The last of as many attempts as it takes; all of them are told and kept."""
        outgoing = await self._composed(ask, step, scene)
        attempted = 0

        async def attempt() -> Exchange:
            nonlocal attempted
            while (
                True
            ):  # calling itself, it would keep what it has in hand until the next collection
                attempted += 1
                aside = await self._set_aside(outgoing)
                await self.endpoint.pace.turn()
                heard = await self.endpoint.transport.send(outgoing)
                exchange = self._told(ask.key, _exchange(step.id, attempted, outgoing, heard))
                self.endpoint.pace.note(exchange)
                if aside:
                    self.spent(aside, self.endpoint.provider, exchange)
                exchanges.append(exchange)
                if not _met_the_closing(heard) or self.stopped():
                    return exchange

        retries = self.endpoint.provider.limits.retries if ask.variant.case.retry else 0
        return await attempts(attempt, retries, sleep=self.sleep)

    async def _composed(self, ask: Ask, step: Step, scene: Scene) -> Outgoing:
        """The request; one that is heavy only once there is room for it."""
        how = bounds(self.endpoint.provider.limits, ask.variant.case.timeout)
        compose = self.endpoint.composer.request
        outgoing = compose(step.request, scene, arm=ask.arm, bounds=how)
        if (size := len(outgoing.body)) >= HEAVY:
            del outgoing  # nothing that is heavy waits in memory
            await self.load.becomes(size)
            outgoing = compose(step.request, scene, arm=ask.arm, bounds=how)
        return replace(outgoing, timed=ask.variant.case.alone)

    async def _set_aside(self, outgoing: Outgoing) -> Reservation | None:
        """What the request may cost; None where there is no limit. Raises _WithheldError."""
        if not self.ledger.limited:
            return None
        provider = self.endpoint.provider
        body = jsontext.read(outgoing.body).value
        path = outgoing.address.target.decode("ascii").partition("?")[0]
        cost = bound(path, body, provider.limits.completion_tokens)
        aside = await self.ledger.reserve(provider, cost)
        if isinstance(aside, str):
            raise _WithheldError(aside)
        return aside

    def _told(self, key: TrialKey, exchange: Exchange) -> Exchange:
        """Redacted, before anything else sees it."""
        exchange = self.endpoint.redactor.exchange(exchange)
        self.heard(key, exchange)
        return exchange


def nonce(seed: int, key: TrialKey) -> str:
    """A word that is new in each trial, and the same when the trial is repeated."""
    return minted(hashlib.sha256(f"{seed} {key!r}".encode()).hexdigest())


def _exchange(step: str, attempt: int, outgoing: Outgoing, heard: Heard) -> Exchange:
    return Exchange(
        step=step,
        attempt=attempt,
        request=Request(
            method=outgoing.method,
            url=outgoing.address.url,
            headers=outgoing.headers,
            body=outgoing.body,
            at=heard.at,
            begun=heard.begun,
        ),
        sent=heard.sent,
        received=heard.received,
        end=heard.end,
        connection=heard.connection,
    )


def _met_the_closing(heard: Heard) -> bool:
    """The server closed an idle connection at the moment of our asking: nobody's fault, ask anew."""
    return heard.reused and not heard.received and heard.end.how in _DROPPED


def _was_there(step: Step, exchanges: list[Exchange]) -> bool:
    """Some attempt of the step has found the endpoint."""
    return any(each.step == step.id and each.end.how in _DROPPED for each in exchanges)


def _answered(exchange: Exchange) -> Any:
    """What captures look into: the completion, put together where it was streamed; else the body."""
    return exchange.answer.body if exchange.answer else exchange.document.value
