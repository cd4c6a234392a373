"""Cases as written, with the steps and merged requests that they mean, and where each part stands.

The rules look at drafts, because a complaint needs the place; values are made of them afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.suite.axes import Axes, values
from conformance.suite.merge import Patch, merge
from conformance.suite.model import RequestTemplate
from conformance.suite.signatures import CheckSignature
from conformance.suite.source import At, Document

MAIN, CONTROL = "main", "control"
ROLES = ("always", "assume", "expect", "outcome")


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A check as it is used somewhere in a case."""

    name: str
    arguments: Mapping[str, Any]
    at: At
    role: str
    """`always`, `assume`, `expect`, `outcome`, or `control` for what a control must show."""
    branch: str
    clause: str | None
    """What it judges; None in `assume` and in controls, and for a bare list that says nothing."""
    clause_at: At


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDraft:
    """One request of a case."""

    id: str
    at: At
    data: Mapping[str, Any]
    """Where `always`, `assume`, `expect`, `outcome` and `capture` stand."""
    control: bool
    request: RequestTemplate
    patches: tuple[Patch, ...]
    """What the request was merged from, outer ones first."""
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDraft:
    """One case."""

    at: At
    data: Mapping[str, Any]
    steps: tuple[StepDraft, ...]
    axes: Axes
    """Axis name to values, those of `$rows` among them."""

    @property
    def clauses(self) -> Sequence[str]:
        """The clauses it says it judges."""
        clauses: Sequence[str] = self.data["clauses"]
        return clauses


def drafts(document: Document, signatures: Mapping[str, CheckSignature]) -> list[CaseDraft]:
    """The cases of a document of the right shape."""
    common = _patches(document.data, ())
    return [
        CaseDraft(
            at=("cases", number),
            data=case,
            steps=tuple(_steps(case, ("cases", number), common, signatures)),
            axes=values(case.get("axes", {}), document.data.get("rows", {})),
        )
        for number, case in enumerate(document.data["cases"])
    ]


def _patches(data: Mapping[str, Any], at: At, key: str = "request") -> tuple[Patch, ...]:
    return (Patch(at=(*at, key), data=data[key]),) if key in data else ()


def _steps(
    case: Mapping[str, Any],
    at: At,
    common: tuple[Patch, ...],
    signatures: Mapping[str, CheckSignature],
) -> Iterator[StepDraft]:
    around = (*common, *_patches(case, at))
    clauses = case["clauses"]
    if "control" in case:
        control, place = case["control"], (*at, "control")
        uses = tuple(_shown(control["expect"], (*place, "expect"), signatures))
        patches = (*around, *_patches(control, place))
        yield _step(CONTROL, place, {}, patches, uses, control=True)
    if "steps" not in case:
        patches = (*around, *_patches(case, at, "vary"))
        yield _step(MAIN, at, case, patches, tuple(_uses(case, at, clauses, signatures)))
        return
    for number, step in enumerate(case["steps"]):
        place = (*at, "steps", number)
        uses = (
            *_shown(step.get("control", ()), (*place, "control"), signatures),
            *_uses(step, place, clauses, signatures),
        )
        patches = (*around, *_patches(step, place))
        yield _step(step["id"], place, step, patches, uses, control="control" in step)


def _shown(
    checks: Sequence[str | Mapping[str, Any]], at: At, signatures: Mapping[str, CheckSignature]
) -> Iterator[Use]:
    """What a control must show."""
    for number, each in enumerate(checks):
        yield _use(each, (*at, number), signatures, role="control")


def _step(
    name: str,
    at: At,
    data: Mapping[str, Any],
    patches: tuple[Patch, ...],
    uses: tuple[Use, ...],
    *,
    control: bool = False,
) -> StepDraft:
    return StepDraft(
        id=name,
        at=at,
        data={key: data[key] for key in (*ROLES, "capture") if key in data},
        control=control,
        request=merge(patches),
        patches=patches,
        uses=uses,
    )


def _uses(
    data: Mapping[str, Any],
    at: At,
    clauses: Sequence[str],
    signatures: Mapping[str, CheckSignature],
) -> Iterator[Use]:
    for role in ("always", "expect"):
        if role in data:
            yield from _required(data[role], (*at, role), clauses, signatures, role=role)
    for number, each in enumerate(data.get("assume", ())):
        yield _use(each, (*at, "assume", number), signatures, role="assume")
    for branch, judged in data.get("outcome", {}).items():
        place = (*at, "outcome", branch)
        yield from _required(judged, place, clauses, signatures, role="outcome", branch=branch)


def _required(
    judged: Any,
    at: At,
    clauses: Sequence[str],
    signatures: Mapping[str, CheckSignature],
    *,
    role: str,
    branch: str = "",
) -> Iterator[Use]:
    """The checks of a mapping from clauses, or of a bare list."""
    if isinstance(judged, list):
        only = clauses[0] if len(clauses) == 1 else None
        groups = [(only, at, judged)]
    else:
        groups = [(clause, (*at, clause), checks) for clause, checks in judged.items()]
    for clause, place, checks in groups:
        for number, each in enumerate(checks):
            yield _use(
                each,
                (*place, number),
                signatures,
                role=role,
                branch=branch,
                clause=clause,
                clause_at=place,
            )


def _use(
    entry: str | Mapping[str, Any],
    at: At,
    signatures: Mapping[str, CheckSignature],
    *,
    role: str,
    branch: str = "",
    clause: str | None = None,
    clause_at: At = (),
) -> Use:
    name, arguments = _call(entry, signatures)
    return Use(
        name=name,
        arguments=arguments,
        at=at,
        role=role,
        branch=branch,
        clause=clause,
        clause_at=clause_at,
    )


def _call(
    entry: str | Mapping[str, Any], signatures: Mapping[str, CheckSignature]
) -> tuple[str, Mapping[str, Any]]:
    """Name and arguments of a check entry of the right shape."""
    if isinstance(entry, str):
        return entry, {}
    ((name, written),) = entry.items()
    if isinstance(written, Mapping):
        return name, written
    positional = signatures[name].positional
    assert positional is not None, "the schema lets a bare value stand only where there is one"
    return name, {positional: written}
