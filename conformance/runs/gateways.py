"""A load that several processes share, each at its own pace; put together at home.

`2*popen` are two more processes on this machine, `ssh=user@host//python=python3.12` is one on
another: specifications of execnet, as pytest-xdist has them. The package must be installed there.
"""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import execnet

from conformance.engine.instrument.session import Load
from conformance.errors import HarnessError, UsageError
from conformance.latency.audit import audit
from conformance.latency.measured import Measured
from conformance.latency.share import Share, loads, together
from conformance.latency.summary import Objective, summarize
from conformance.providers.model import Provider
from conformance.report.under_load import Told
from conformance.runs.gateway import Part
from conformance.runs.timed import Question

if TYPE_CHECKING:  # judging is slow to import
    from conformance.runs.answers import Jury

_TIMES = re.compile(r"(?:(\d+)\*)?(.+)")
_SECONDS = 120
"""For getting ready, and for what is under way when the time is over."""
_CODE = "from conformance.runs.gateway import serve\nserve(channel)"


def shared(
    provider: Provider,
    question: Question,
    load: Load,
    specs: Sequence[str],
    objective: Objective | None = None,
    jury: Jury | None = None,
) -> Measured:
    """What all of them measured, as one; each judges its own answers. Raises UsageError, HarnessError."""
    if provider.launch is not None:
        raise UsageError(
            f"provider {provider.name} is launched here: start it, and name its address"
        )
    group = execnet.Group()
    try:
        channels = list(_started(group, [each for spec in specs for each in _each(spec)]))
        for channel, part in zip(
            channels, _parts(provider, question, load, len(channels)), strict=True
        ):
            channel.send(pickle.dumps(replace(part, answers=jury is not None)))
        for channel in channels:
            _told(channel, "ready", load.warm_up + _SECONDS)
        for channel in channels:
            channel.send("go")
        shares = [loads(_told(each, "share", load.seconds + _SECONDS)) for each in channels]
        answers = [json.loads(_told(each, "answers", _SECONDS)) for each in channels]
    finally:
        group.terminate(timeout=5)
    if jury is not None:
        jury.told |= {f"process {n}": Told(**each) for n, each in enumerate(answers, 1)}
    return _whole(provider, load, together(shares), objective)


def _whole(provider: Provider, load: Load, share: Share, objective: Objective | None) -> Measured:
    return Measured(
        provider=provider.name,
        model=share.model,
        streams=load.streams,
        summary=summarize(share.readings, objective),
        audit=audit(share.readings, share.before, share.after),
        readings=share.readings,
        course=share.course,
    )


def _each(spec: str) -> list[str]:
    match = _TIMES.fullmatch(spec)
    if match is None or not int(match[1] or 1):
        raise UsageError(f"--tx={spec}: such as 2*popen, or ssh=user@host//python=python3.12")
    return [match[2]] * int(match[1] or 1)


def _started(group: Any, specs: Iterable[str]) -> Iterator[Any]:
    for spec in specs:
        try:
            yield group.makegateway(spec).remote_exec(_CODE)
        except (ValueError, OSError, execnet.HostNotFound) as error:
            raise UsageError(f"--tx={spec}: no process came about: {error}") from error


def _parts(provider: Provider, question: Question, load: Load, count: int) -> Iterator[Part]:
    """Streams as evenly as they go, prompts of each its own."""
    if load.streams < count:
        raise UsageError(f"--streams={load.streams} is less than one for each of {count} processes")
    for number in range(count):
        streams = load.streams // count + (number < load.streams % count)
        nonce = f"{question.nonce}-{number}" if question.nonce else ""
        yield Part(
            provider=provider,
            question=replace(question, nonce=nonce),
            load=replace(load, streams=streams),
        )


def _told(channel: Any, what: str, seconds: float) -> str:
    """The next word from there. Raises HarnessError where it is another one, or none."""
    try:
        kind, text = channel.receive(timeout=seconds)
    except (EOFError, channel.TimeoutError, channel.RemoteError) as error:
        words = str(error).strip().rpartition("\n")[2]  # of a traceback from there, its end
        raise HarnessError(f"a process that shares the load is gone: {words}") from error
    if kind != what:
        raise HarnessError(f"a process that shares the load says: {text}")
    return str(text)
