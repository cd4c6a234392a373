"""Drafts that nothing speaks against, as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from conformance.suite.draft import CaseDraft, StepDraft, Use
from conformance.suite.model import (
    Branch,
    Case,
    CheckRef,
    Effort,
    Keyword,
    Rate,
    Requirement,
    Samples,
    Step,
    Suite,
)
from conformance.suite.source import Document

CONFIDENCE = 0.95


def build(document: Document, cases: Sequence[CaseDraft], stem: str) -> Suite:
    """The suite. Its id is the file's stem, and each case's id begins with it."""
    data = document.data
    return Suite(
        id=stem,
        path=document.path,
        title=data["title"],
        about=data.get("about", ""),
        cases=tuple(_case(document, each, stem, data.get("needs", ())) for each in cases),
        source=data,
    )


def _case(document: Document, draft: CaseDraft, stem: str, common: Sequence[str]) -> Case:
    data = draft.data
    return Case(
        id=f"{stem}/{data['id']}",
        title=data["title"],
        about=data.get("about", ""),
        clauses=tuple(data["clauses"]),
        needs=tuple(dict.fromkeys([*common, *data.get("needs", ())])),
        axes={name: tuple(values) for name, values in draft.axes.items()},
        thorough={name: tuple(words) for name, words in data.get("thorough", {}).items()},
        samples=_samples(data.get("samples", 1)),
        rate=_rate(data.get("rate")),
        observe=dict(data.get("observe", {})),
        steps=tuple(_step(document, each) for each in draft.steps),
        varies=_varies(draft),
        parameters=tuple(data.get("parameters", _varies(draft))),
        alone=data.get("alone", False),
        destructive=data.get("destructive", False),
        retry=data.get("retry", True),
        timeout=data.get("timeout"),
        effort=Effort(data.get("effort", document.data.get("effort", Effort.NORMAL))),
        where=document.line(draft.at),
        keyword=_keyword(data.get("keyword")),
    )


def _keyword(written: Mapping[str, Any] | None) -> Keyword | None:
    if written is None:
        return None
    name, by = written["name"], written["by"]
    if isinstance(name, str):
        return Keyword(name=name, axis="", by=by)
    return Keyword(name="", axis=name["$var"].removeprefix("axis."), by=by)


_ASKED = ("messages", "input", "prompt")
"""What is asked. A control may ask something else to show that what is under test could be seen."""


def _varies(draft: CaseDraft) -> tuple[str, ...]:
    """What is under test: named by `vary`, or what the step after a control sends otherwise."""
    if "vary" in draft.data:
        vary = draft.data["vary"]
        return (*vary.get("body", {}), *vary.get("headers", {}), *vary.get("says", ()))
    control = next((step for step in draft.steps if step.control), None)
    if control is None:
        return ()
    last = draft.steps[-1].request
    there, here = (dict(each.body or {}) for each in (control.request, last))
    said = [each for each in last.words if each not in control.request.words]
    changed = (key for key, value in here.items() if there.get(key) != value)
    return (*(key for key in changed if key not in _ASKED), *said)


def _samples(written: int | Mapping[str, int]) -> Samples:
    if isinstance(written, Mapping):
        return Samples(least=int(written["min"]), most=int(written["max"]))
    return Samples(least=int(written), most=int(written))


def _rate(written: Mapping[str, Any] | None) -> Rate | None:
    if written is None:
        return None
    return Rate(
        at_least=written["at_least"],
        margin=written["margin"],
        confidence=written.get("confidence", CONFIDENCE),
    )


def _step(document: Document, draft: StepDraft) -> Step:
    uses = draft.uses
    return Step(
        id=draft.id,
        request=draft.request,
        control=draft.control,
        always=_requirements(document, (use for use in uses if use.role == "always")),
        assume=tuple(_ref(document, use) for use in uses if use.role in ("assume", "control")),
        expect=_requirements(document, (use for use in uses if use.role == "expect")),
        outcome=tuple(
            Branch(
                name=name,
                requirements=_requirements(
                    document,
                    (use for use in uses if use.role == "outcome" and use.branch == name),
                ),
            )
            for name in draft.data.get("outcome", {})
        ),
        capture=dict(draft.data.get("capture", {})),
        where=document.line(draft.at),
    )


def _requirements(document: Document, uses: Iterable[Use]) -> tuple[Requirement, ...]:
    groups: dict[str, list[CheckRef]] = {}
    for use in uses:
        assert use.clause is not None, "the loader has refused lists that name no clause"
        groups.setdefault(use.clause, []).append(_ref(document, use))
    return tuple(
        Requirement(clause=clause, checks=tuple(checks)) for clause, checks in groups.items()
    )


def _ref(document: Document, use: Use) -> CheckRef:
    return CheckRef(name=use.name, arguments=use.arguments, where=document.line(use.at))
