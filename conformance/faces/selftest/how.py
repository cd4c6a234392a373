"""In words: how the least that notices a fault does it."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.faces.selftest.cells import cases
from conformance.faces.selftest.examine import Examined, Notice
from conformance.reference.fault import FAULTS
from conformance.suite.model import Case


def how(one: Examined) -> Iterator[str]:
    """A line for the fault and one for each of its noticing cells."""
    fault, notice = FAULTS[one.fault], one.notice
    assert notice is not None  # only such are told
    yield f"**{fault.name}** ({notice.requests} requests). {fault.title}"
    for cell in notice.cells:
        case = cases()[cell.partition("[")[0]]
        about = f" {case.about}" if case.about else ""
        yield f"  - `{cell}`: {case.title}.{about} {_statistic(case, notice)}"


def _statistic(case: Case, notice: Notice) -> str:
    steps = f"Of its {len(case.steps)} requests the first show what is there without it. "
    control = steps if any(step.control for step in case.steps) else ""
    if case.rate and notice.samples == 1:
        rate = case.rate
        return (
            f"{control}Asked {case.samples.least} to {case.samples.most} times, until bounds that hold at every look "
            f"({rate.confidence:.0%}) have the share of answers that hold below {rate.at_least:.0%}."
        )
    if notice.samples > 1:
        return f"{control}Asked {notice.samples} times: one answer that is wrong is enough."
    if case.samples.most > 1:
        return f"{control}Asked up to {case.samples.most} times, until the model plays along: one answer decides."
    return f"{control}Asked once: one answer decides."
