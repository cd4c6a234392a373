"""Many audits of output parity against the reference model, whose differences are known."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from conformance.errors import UsageError
from conformance.faces.selftest.parity_how import SAME, how, prepared, tasks_of, tonight
from conformance.parity.audit import Audited, audit
from conformance.parity.body import chat_body, sampling
from conformance.parity.candidates import Prompt
from conformance.parity.heard import read
from conformance.parity.items.model import Item
from conformance.parity.model import Answer, Decision, Says, StageName
from conformance.parity.setup import Setup
from conformance.parity.turns import Side, Turn
from conformance.reference.app import App, Settings
from conformance.reference.fault import PARITY, switched_on
from conformance.reference.incoming import HttpRequest
from conformance.reference.script import Script, Send
from conformance.runs.parity.prompts import known
from conformance.wire.completion import whole

MODEL = "reference-sampler"
_DAY = 24 * 3600.0


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
    return (SAME, *PARITY)


def audits(
    wanted: Sequence[str], number: int, done: Sequence[One], stages: tuple[str, ...] = ()
) -> Iterator[One]:
    """What is not done yet, endpoint by endpoint in turn, so that an interrupted run has some of each."""
    there = {(one.candidate, one.seed) for one in done}
    for seed in range(number):
        for name in wanted:
            if (name, seed) not in there:
                yield one_audit(name, seed, stages)


def one_audit(name: str, seed: int, stages: tuple[str, ...] = (), *, as_of: str = "") -> One:
    """A whole audit in this process: the same name and seed, the same answers.

    `as_of`: asked as that fault is, whatever is served.
    """
    one = how(as_of or name)
    setup = prepared(one, seed, stages)
    faults = () if name == SAME else (name,)
    servers = _Servers(faults, setup.seed, zlib.crc32(name.encode()), changing=bool(one.nights))
    driver = _Driver(servers, known(seed, one.own), {each.id: each for each in tasks_of(one, seed)})
    found = driver.through(setup)
    for night in range(1, one.nights):
        if _different(found):
            break
        servers.now += _DAY
        found = driver.through(tonight(setup, night, driver.listed))
    return One(
        candidate=name,
        seed=seed,
        says=Says.DIFFERENT if _different(found) else found.overall.answer,
        layer=found.overall.layer or ", ".join(each.stage for each in _different(found)),
        tokens=found.overall.tokens,
    )


def _different(found: Audited) -> list[Decision]:
    """Of identity, of the baseline against itself, or of tasks: whatever says that there is something."""
    return [each for each in found.overall.decisions if each.says is Says.DIFFERENT]


class _Servers:
    """Baseline and candidate; where the baseline itself changes, it has the faults."""

    def __init__(self, faults: Sequence[str], seed: int, apart: int, *, changing: bool) -> None:
        self.now = 0.0
        shown = (faults, ()) if changing else ((), faults)
        seeds = (2 * seed, 2 * seed + 1 + apart)
        self.of = {
            side: App(
                Settings(model=MODEL, faults=switched_on(each), seed=own, strict=True),
                lambda: self.now,
            )
            for side, each, own in zip((Side.BASELINE, Side.CANDIDATE), shown, seeds, strict=True)
        }


class _Driver:
    """Asks what audits want, and keeps what the baseline said from night to night."""

    def __init__(
        self, servers: _Servers, prompts: Mapping[str, Prompt], items: Mapping[str, Item]
    ) -> None:
        self._servers, self._prompts, self._items = servers, prompts, items
        self._kept: dict[Turn, Answer] = {}

    @property
    def listed(self) -> tuple[str, ...]:
        """Prompts of which the baseline has said logprobs."""
        asks = (turn.ask for turn in self._kept)
        return tuple(sorted({each.prompt for each in asks if each.stage is StageName.LOGPROBS}))

    def through(self, setup: Setup) -> Audited:
        """One audit to its end."""
        asking = audit(setup, tuple(self._items.values()))
        try:
            turns = next(asking)
            while True:
                turns = asking.send({turn: self._told(turn) for turn in turns})
        except StopIteration as end:
            found: Audited = end.value
            return found

    def _told(self, turn: Turn) -> Answer:
        if turn.side is not Side.BASELINE:
            return self._asked(turn)
        if turn.anew or turn not in self._kept:
            self._kept[turn] = self._asked(turn)
        return self._kept[turn]

    def _asked(self, turn: Turn) -> Answer:
        ask = turn.ask
        if ask.stage is StageName.TASKS:
            body = {**sampling(ask.settings), **self._items[ask.prompt].body()}
        else:
            body = chat_body(ask, self._prompts[ask.prompt])
        sent = json.dumps({"model": MODEL, **body}).encode()
        request = HttpRequest("POST", "/v1/chat/completions", {}, sent)
        completion = whole(json.loads(_body(self._servers.of[turn.side].respond(request).script)))
        if completion is None:
            return Answer(ask=ask, trouble="no completion came")
        return read(ask, completion)


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
