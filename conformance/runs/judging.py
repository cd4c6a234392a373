"""A record to a Run: the plan from its header, its trials through the same tally."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance import __version__
from conformance.plan.codec import from_json
from conformance.plan.model import Plan
from conformance.record.reader import read
from conformance.runs.bar import refuse_unknown
from conformance.runs.clients import with_clients
from conformance.runs.toolbox import Toolbox
from conformance.verdict.assemble import Wanted, assemble
from conformance.verdict.model import Run, RunInfo
from conformance.verdict.tally import Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a record came to."""

    run: Run
    plan: Plan
    named: Mapping[str, Sequence[str]]
    """Provider to the profiles asked for by name."""
    remarks: tuple[str, ...]
    """What the reader should know of the record: cut short, written by another version."""


def judge_record(path: Path, tools: Toolbox, *, profiles: Sequence[str] | None = None) -> Judged:
    """Judge every trial of a record. Times are the record's, so that the report is the same."""
    recording = read(path)
    header = recording.header
    plan = from_json(header["plan"], tools.suite_from)
    named = {name: tuple(profiles) for name in plan.providers} if profiles else header["certify"]
    refuse_unknown(named, tools.contract)
    tally = Tally({cell.id: cell.variant for cell in plan.cells}, tools.bench)
    for _ in map(tally.add, recording.trials()):
        pass  # a name for the trial would keep it while the next one is read
    footer = recording.footer or {}
    run = assemble(
        plan,
        tally,
        tools.contract,
        info=RunInfo(
            id=header["run"],
            started=header["started"],
            finished=footer.get("finished", ""),
            harness_version=__version__,
            suites_digest=plan.digest,
            contract_version=tools.contract.version,
            seed=plan.seed,
            effort=plan.effort,
            complete=bool(footer.get("complete")),
        ),
        wanted=Wanted(named=named),
        facts=recording.providers,
    )
    remarks = []
    if recording.truncated:
        remarks.append("the record's last line is torn: the run was cut short while writing")
    if not footer:
        remarks.append("the record has no footer: the run did not end by itself")
    run = with_clients(run, path)
    return Judged(run=run, plan=plan, named=named, remarks=tuple(remarks))
