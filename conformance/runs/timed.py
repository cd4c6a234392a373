"""One provider, ready to be timed: started where it is launched, resolved, warmed up."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from conformance.engine.instrument.connect import Proxy, UnreachableError, proxy_of
from conformance.engine.instrument.load import Ran, closed
from conformance.engine.instrument.prepared import Prepared
from conformance.engine.instrument.session import Load, Target, under_load
from conformance.engine.instrument.wire import Wire
from conformance.engine.limits import bounds
from conformance.errors import UsageError
from conformance.providers.model import Provider
from conformance.providers.secrets import Credentials, resolve
from conformance.runs.tokens import tokenizer
from conformance.wire.take import Take

if TYPE_CHECKING:  # a first request leaves early: what judges times is loaded after it
    from conformance.latency.measured import Course
    from conformance.latency.reading import Reading
    from conformance.latency.tokens import Tokenizer
    from conformance.latency.truth import Errors

CALIBRATION_SECONDS = 1.5
_LEAST_REQUESTS, _LONGEST = 8, 5.0
"""Of a calibration in an open loop: so many at least, if that takes no longer than so many seconds."""
_MOST_TOKENS = 64
"""Of an answer of the clock: calibrations are short."""
_FIRST_SCORE = "clock-ttft50-itl20-n24"
"""Where the provider gave no answer to go by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, over and over."""

    body: Mapping[str, Any]
    """Of /chat/completions; model and stream are added."""
    others: tuple[Mapping[str, Any], ...] = ()
    """More of them, asked in turn with it."""
    nonce: str
    """Begins each prompt, with a number; empty: the same prompt each time."""
    tokenizer: Path | None = None
    """A `tokenizer.json` that counts what is answered; else the usage does."""

    @classmethod
    def of(cls, prompt: str, max_tokens: int, nonce: str) -> Question:
        """A prompt and no more."""
        messages = [{"role": "user", "content": prompt}]
        return cls(body={"messages": messages, "max_tokens": max_tokens}, nonce=nonce)


@dataclass(kw_only=True)
class Side:
    """A provider that can be asked."""

    provider: Provider
    target: Target
    wire: Wire
    warm: Sequence[Reading]
    """What it was like when it was first asked."""
    secrets: Mapping[str, str]
    """What must be masked wherever it shows."""
    tokenizer: Tokenizer | None
    _requests: Iterator[Prepared]

    @property
    def model(self) -> str:
        """The name it was asked for."""
        return str(self.target.body["model"])

    async def ran(self, load: Load) -> Ran:
        """What comes of a load, over connections that are there before it begins."""
        with suppress(UnreachableError):  # if so, what comes of it will say it
            await self.wire.open(self.target.address, load.bounds, load.streams)
        return await under_load(self.wire, self._requests, load)

    def read(self, ran: Ran) -> list[Reading]:
        """What came, measured."""
        from conformance.latency.reading import measure  # here: see above

        return [measure(take, self.tokenizer) for take in ran.takes()]

    async def probe(self) -> Take:
        """Does it still answer? One token."""
        return await self.wire.ask(self.target.one_token(self.wire), bounds(self.provider.limits))


@asynccontextmanager
async def ready(provider: Provider, question: Question, load: Load) -> AsyncIterator[Side]:
    """It, warmed up with one request a stream, and as long as the load says. Raises UsageError, SecretError and LaunchError."""
    async with AsyncExitStack() as stack:
        if provider.launch is not None:
            from conformance.engine.launch import launched  # here: slow to import

            folder = Path(stack.enter_context(TemporaryDirectory()))
            running = await stack.enter_async_context(launched(provider, folder))
            provider = running.provider
        credentials = resolve(provider, os.environ)
        target = _target(provider, question, credentials)
        wire = _wire(provider)
        stack.push_async_callback(wire.aclose)
        requests = target.requests(wire)
        ran = await closed(wire, requests, load.bounds, load.streams, seconds=0)
        if load.warm_up and not ran.stopped:
            ran = await under_load(wire, requests, replace(load, seconds=load.warm_up))
        if ran.broken is not None:
            raise ran.broken
        side = Side(
            provider=provider,
            target=target,
            wire=wire,
            warm=(),
            secrets=credentials.secrets,
            tokenizer=tokenizer(question.tokenizer) if question.tokenizer else None,
            _requests=requests,
        )
        side.warm = side.read(ran)
        yield side


def calibrating(load: Load) -> Load:
    """As much at once, or as often, as the load; shorter."""
    seconds = CALIBRATION_SECONDS
    if load.rate is not None:
        seconds = max(seconds, min(_LEAST_REQUESTS / load.rate, _LONGEST))
    return replace(load, seconds=seconds, hang_up_after=None)


def score(warm: Sequence[Reading]) -> str:
    """What the clock is to play, so that it is as fast as the provider was when it was first asked."""
    from conformance.latency.quantiles import quantile  # here: see above

    firsts = sorted(one.ttft for one in warm if one.ttft is not None)
    gaps = sorted(gap.ns for one in warm for gap in one.gaps)
    arrivals = sorted(len(one.arrivals) for one in warm if one.arrivals)
    if not gaps:
        return _FIRST_SCORE
    ttft = min(quantile(firsts, 0.5) / 1e6, 200)
    itl = min(max(quantile(gaps, 0.5) / 1e6, 0.2), 50)
    count = min(arrivals[len(arrivals) // 2], _MOST_TOKENS)
    return f"clock-ttft{ttft:.3f}-itl{itl:.3f}-n{count}"


def course(ran: Ran) -> Course:
    """What became of a load."""
    from conformance.latency.measured import Course  # here: see above

    broken = str(ran.broken) if ran.broken is not None else ""
    return Course(stopped=ran.stopped, broken=broken, waited=ran.waited)


def errors(takes: Sequence[Take], log: str) -> Errors:
    """How far the instrument was off, by the log of the clock."""
    from conformance.latency.reading import measure  # here: see above
    from conformance.latency.truth import compare, read_log

    return compare([measure(take) for take in takes], read_log(log))


def _target(provider: Provider, question: Question, credentials: Credentials) -> Target:
    if provider.model is None:
        raise UsageError(
            f"provider {provider.name} ({provider.where}) names no model: add model = ..., "
            "or use --endpoint-model"
        )
    body, *others = (
        {
            "model": provider.model,
            "temperature": 0,
            **each,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        for each in (question.body, *question.others)
    )
    return Target(
        base_url=provider.base_url,
        body=body,
        others=tuple(others),
        headers=credentials.headers,
        query=credentials.query,
        nonce=question.nonce,
    )


def _wire(provider: Provider) -> Wire:
    secure = provider.base_url.startswith("https:")
    proxied = any(name.lower().endswith("_proxy") for name in os.environ)
    if not secure and not proxied:
        return Wire()
    from conformance.engine.routes import proxy_for, tls_context  # here: slow to import

    found = proxy_for(provider.base_url)
    proxy: Proxy | None = proxy_of(found) if found else None
    context = tls_context(provider.tls, provider.where) if secure else None
    return Wire(context=context, proxy=proxy)
