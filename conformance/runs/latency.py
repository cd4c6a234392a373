"""How fast a provider is: warm-up, calibration, measurement, calibration; then what it says."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from conformance.engine.instrument.connect import Proxy, UnreachableError, proxy_of
from conformance.engine.instrument.load import closed
from conformance.engine.instrument.session import Load, Target, calibrate, clock_process, under_load
from conformance.engine.instrument.wire import Wire
from conformance.errors import UsageError
from conformance.latency.audit import Audit, audit
from conformance.latency.quantiles import quantile
from conformance.latency.reading import Reading, measure
from conformance.latency.summary import Objective, Summary, summarize
from conformance.latency.truth import Errors, compare, read_log
from conformance.providers.model import Provider
from conformance.providers.secrets import Credentials, resolve

CALIBRATION_SECONDS = 1.5
_MOST_TOKENS = 64
"""Of an answer of the clock: calibrations are short."""
_FIRST_SCORE = "clock-ttft50-itl20-n24"
"""Where the provider gave no answer to go by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, over and over."""

    prompt: str
    max_tokens: int
    nonce: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One provider under one load."""

    provider: str
    model: str
    load: Load
    summary: Summary
    audit: Audit


async def measured(
    provider: Provider, question: Question, load: Load, objective: Objective | None = None
) -> Measured:
    """Everything, in order. Raises UsageError and SecretError, LaunchError and HarnessError."""
    async with AsyncExitStack() as stack:
        if provider.launch is not None:
            from conformance.engine.launch import launched  # here: slow to import

            folder = Path(stack.enter_context(TemporaryDirectory()))
            running = await stack.enter_async_context(launched(provider, folder))
            provider = running.provider
        target = _target(provider, question, resolve(provider, os.environ))
        wire = _wire(provider)
        stack.push_async_callback(wire.aclose)
        warm = [
            measure(turn.take())
            for turn in await closed(
                wire, target.requests(wire), load.bounds, load.streams, seconds=0
            )
        ]
        clock = stack.enter_context(clock_process())
        score, short = _score(warm), replace(load, seconds=CALIBRATION_SECONDS)
        before = _errors(*await calibrate(clock, score, short))
        with suppress(UnreachableError):  # if so, the takes will say it
            await wire.open(target.address, load.bounds, load.streams)
        takes = await under_load(wire, target.requests(wire, len(warm)), load)
        after = _errors(*await calibrate(clock, score, short))
        readings = [measure(take) for take in takes]
        return Measured(
            provider=provider.name,
            model=str(target.body["model"]),
            load=load,
            summary=summarize(readings, objective),
            audit=audit(readings, before, after),
        )


def _target(provider: Provider, question: Question, credentials: Credentials) -> Target:
    if provider.model is None:
        raise UsageError(
            f"provider {provider.name} ({provider.where}) names no model: add model = ..., "
            "or use --endpoint-model"
        )
    body: Mapping[str, Any] = {
        "model": provider.model,
        "messages": [{"role": "user", "content": question.prompt}],
        "max_tokens": question.max_tokens,
        "temperature": 0,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    return Target(
        base_url=provider.base_url,
        body=body,
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


def _score(warm: list[Reading]) -> str:
    """What the clock is to play, so that it is as fast as the provider was when it was first asked."""
    firsts = sorted(one.ttft for one in warm if one.ttft is not None)
    gaps = sorted(gap.ns for one in warm for gap in one.gaps)
    arrivals = sorted(len(one.arrivals) for one in warm if one.arrivals)
    if not gaps:
        return _FIRST_SCORE
    ttft = min(quantile(firsts, 0.5) / 1e6, 200)
    itl = min(max(quantile(gaps, 0.5) / 1e6, 0.2), 50)
    count = min(arrivals[len(arrivals) // 2], _MOST_TOKENS)
    return f"clock-ttft{ttft:.3f}-itl{itl:.3f}-n{count}"


def _errors(takes: Any, log: str) -> Errors:
    return compare([measure(take) for take in takes], read_log(log))
