"""A pair compared live, into a record; and judged again from one, to the same answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

from conformance.errors import UsageError
from conformance.parity.audit import audit
from conformance.parity.listed import listed
from conformance.parity.model import Answer, Build
from conformance.parity.pair import Pair, Spent
from conformance.parity.turns import Asking, Side, T, Turn
from conformance.plan.codec import from_json
from conformance.record.reader import Recording, read
from conformance.record.writer import RecordWriter
from conformance.runs.output import RECORD, new_folder, now
from conformance.runs.parity.asking import Asker, heard
from conformance.runs.parity.catalogue import catalogues
from conformance.runs.parity.header import header, no_suite, own_in, plan_of, setup_in
from conformance.runs.parity.items import items_of
from conformance.runs.parity.live import Books, Live, Progress
from conformance.runs.parity.preparing import Prepared, Wanted, prepare
from conformance.runs.parity.prompts import known


def compare(wanted: Wanted, progress: Progress = lambda _: None) -> tuple[Pair, Path]:
    """Ask, record, judge; the pair and the folder of its record."""
    prepared = prepare(wanted)
    providers = {one.name: one for one in prepared.providers.values()}
    plan = plan_of(providers, prepared.setup.seed)
    run, folder = new_folder(wanted.reports)
    sides = {side: one.name for side, one in prepared.providers.items()}
    items = items_of(prepared.rows, prepared.setup.seed)
    first = header(
        plan,
        run=run,
        started=now(),
        sides=sides,
        setup=prepared.setup,
        own=prepared.own,
        rows=prepared.rows,
    )
    with ExitStack() as stack:
        writer = stack.enter_context(RecordWriter.create(folder / RECORD, first))
        books = Books(writer, _kept_writer(stack, wanted, prepared, run))
        live = Live(
            plan=plan,
            asker=Asker(
                providers=prepared.providers,
                prompts=known(prepared.setup.seed, prepared.own),
                items={one.id: one for one in items},
            ),
            books=books,
            folder=folder,
            terms=wanted.terms,
            kept=prepared.kept.trials if prepared.kept else {},
            silent=prepared.silent,
            progress=progress,
        )
        spent = asyncio.run(live.through(audit(prepared.setup, items)))
        writer.footer(
            {
                "finished": now(),
                "complete": True,
                "spent": {side: asdict(one) for side, one in spent.items()},
            }
        )
    return judged(folder / RECORD), folder


def _kept_writer(
    stack: ExitStack, wanted: Wanted, prepared: Prepared, run: str
) -> RecordWriter | None:
    path = wanted.baseline_file
    if path is None:
        return None
    if prepared.kept is not None:
        return stack.enter_context(RecordWriter.resume(path, now()))
    one = prepared.providers[Side.BASELINE]
    plan = plan_of({one.name: one}, prepared.setup.seed)
    about = header(plan, run=run, started=now(), sides={Side.BASELINE: one.name})
    return stack.enter_context(RecordWriter.create(path, about))


def judged(path: Path) -> Pair:
    """The pair of a record, without asking anybody."""
    recording = read(path)
    about = recording.header.get("parity", {})
    if "setup" not in about:
        raise UsageError(f"{path} is a kept baseline, not an audit: there is no candidate in it")
    setup, own = setup_in(about["setup"]), own_in(about["prompts"])
    plan = from_json(recording.header["plan"], no_suite)
    sides = {Side(side): name for side, name in about["sides"].items()}
    prompts = known(setup.seed, own)
    rows = about.get("items", ())
    items = items_of(rows, setup.seed)
    asker = Asker(
        providers={side: plan.providers[name] for side, name in sides.items()},
        prompts=prompts,
        items={one.id: one for one in items},
    )
    beside = _Heard()
    audited = _replayed(audit(setup, items), asker, recording, beside)
    models = {
        side: recording.providers.get(name, {}).get("model", plan.providers[name].model or "")
        for side, name in sides.items()
    }
    footer = recording.footer or {}
    spent = {Side(side): Spent(**each) for side, each in footer.get("spent", {}).items()}
    return Pair(
        run=recording.header["run"],
        started=recording.header["started"],
        finished=footer.get("finished", ""),
        names=sides,
        models=models,
        setup=setup,
        audited=audited,
        spent=spent,
        texts={name: one.messages[-1]["content"] for name, one in prompts.items()},
        remarks=tuple(_remarks(recording, beside.unanswered, len(rows))),
        builds=beside.builds,
        listed={
            side: listed(exchange, models[side])
            for side, exchange in catalogues(recording, sides).items()
        },
    )


@dataclass(slots=True)
class _Heard:
    """What a record tells beside the answers."""

    unanswered: int = 0
    """Turns that it doesn't hold."""
    builds: dict[Side, dict[Build, int]] = field(default_factory=dict)
    _counted: set[Turn] = field(default_factory=set)

    def add(self, turn: Turn, said: Answer) -> None:
        """Once, however many parts of the audit look at it."""
        if any(said.build) and turn not in self._counted:
            self._counted.add(turn)
            counted = self.builds.setdefault(turn.side, {})
            counted[said.build] = counted.get(said.build, 0) + 1


def _replayed(parts: Asking[T], asker: Asker, recording: Recording, beside: _Heard) -> T:
    """The parts to their end with what the record holds."""
    found = {each.key: each for each in recording.trials()}
    told: dict[Turn, Answer] | None = None
    while True:
        try:
            turns = parts.send(told) if told is not None else next(parts)
        except StopIteration as end:
            result: T = end.value
            return result
        told = {}
        for turn in turns:
            trial = found.get(asker.key(turn))
            said = heard(turn, trial) if trial else None
            if said is not None:
                told[turn] = said
                beside.add(turn, said)
        beside.unanswered += len(turns) - len(told)


def _remarks(recording: Recording, unanswered: int, tasks: int) -> Iterator[str]:
    if not recording.footer:
        yield "The record has no end: the audit was interrupted, and is judged as far as it came."
    if unanswered:
        yield f"{unanswered} asks of the plan were not answered: a budget was used up, an endpoint went away, or an earlier version asked less."
    if tasks:
        yield f"Tasks: {tasks} of the user's own, in place of ours."
