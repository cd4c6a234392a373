"""Many audits of output parity against the reference model, whose differences are known."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from conformance.errors import UsageError
from conformance.parity.audit import Audited, audit
from conformance.parity.body import chat_body
from conformance.parity.candidates import Prompt, fresh_prompts, long_prompts, probes, short_prompts
from conformance.parity.heard import read
from conformance.parity.model import Answer
from conformance.parity.setup import USUAL, Setup
from conformance.parity.turns import Asking, Side, Turn
from conformance.reference.app import App, Settings
from conformance.reference.fault import PARITY, switched_on
from conformance.reference.incoming import HttpRequest
from conformance.reference.script import Script, Send
from conformance.runs.parity.prompts import FRESH, known
from conformance.wire.completion import whole

MODEL = "reference-sampler"
SAME = "same weights, another machine"
_QUIET = ("parity-cache", "parity-penalty-ignored", "parity-drift")
"""Not `different` in one audit: the same model, or nothing that is asked, or one of many nights."""


@dataclass(frozen=True, slots=True)
class One:
    """One audit, and what it said."""

    candidate: str
    seed: int
    says: str
    layer: str
    tokens: int


def candidates() -> tuple[str, ...]:
    """Every endpoint that is audited: the same again, and each parity fault alone."""
    return (SAME, *(name for name in PARITY if name not in _QUIET[1:]))


def audits(
    wanted: Sequence[str], number: int, done: Sequence[One], stages: Sequence[str] = USUAL
) -> Iterator[One]:
    """What is not done yet, endpoint by endpoint in turn, so that an interrupted run has some of each."""
    there = {(one.candidate, one.seed) for one in done}
    for seed in range(number):
        for name in wanted:
            if (name, seed) not in there:
                yield one_audit(name, seed, stages)


def one_audit(name: str, seed: int, stages: Sequence[str] = USUAL) -> One:
    """A whole audit in this process: the same name and seed, the same answers."""
    faults = () if name == SAME else (name,)
    apart = zlib.crc32(name.encode())
    apps = {
        Side.BASELINE: _app((), 2 * seed),
        Side.CANDIDATE: _app(faults, 2 * seed + 1 + apart),
    }
    found = _driven(audit(_setup(seed, stages)), apps, known(seed, ()))
    return One(
        candidate=name,
        seed=seed,
        says=found.overall.answer,
        layer=found.overall.layer or "",
        tokens=found.overall.tokens,
    )


def _app(faults: Sequence[str], seed: int) -> App:
    settings = Settings(model=MODEL, faults=switched_on(faults), seed=seed, strict=True)
    return App(settings, lambda: 0.0)


def _setup(seed: int, stages: Sequence[str]) -> Setup:
    return Setup(
        seed=seed,
        stages=frozenset(stages),
        candidates=tuple(one.id for one in short_prompts()),
        fresh=tuple(one.id for one in fresh_prompts(seed, FRESH)),
        probes=tuple(probe.id for probe, _ in probes() if not probe.tools),
        long=tuple(one.id for one in long_prompts()),
    )


def _driven(
    asking: Asking[Audited], apps: Mapping[Side, App], prompts: Mapping[str, Prompt]
) -> Audited:
    try:
        turns = next(asking)
        while True:
            turns = asking.send(
                {turn: _answer(apps[turn.side], turn, prompts[turn.ask.prompt]) for turn in turns}
            )
    except StopIteration as end:
        found: Audited = end.value
        return found


def _answer(app: App, turn: Turn, prompt: Prompt) -> Answer:
    body = json.dumps({"model": MODEL, **chat_body(turn.ask, prompt)}).encode()
    sent = app.respond(HttpRequest("POST", "/v1/chat/completions", {}, body)).script
    completion = whole(json.loads(_body(sent)))
    if completion is None:
        return Answer(ask=turn.ask, trouble="no completion came")
    return read(turn.ask, completion)


def _body(script: Script) -> bytes:
    return b"".join(act.data for act in script if isinstance(act, Send)).partition(b"\r\n\r\n")[2]


def kept(path: Path) -> list[One]:
    """What an earlier run has found; half a line at its end is left out."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
    try:
        return [One(**json.loads(line)) for line in lines if line.endswith("\n")]
    except (ValueError, TypeError) as error:
        raise UsageError(f"--kept={path}: this holds no audits ({error})") from error


def line_of(one: One) -> str:
    """As it is kept."""
    told: dict[str, Any] = asdict(one)
    return json.dumps(told) + "\n"


def alarmed(name: str) -> bool:
    """Must an audit of this endpoint say `different`?"""
    return name != SAME and name not in _QUIET
