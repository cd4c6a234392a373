"""What stands in the first line of an audit's record: enough to make the audit again without asking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from conformance import __version__
from conformance.errors import RecordError
from conformance.parity.candidates import Prompt
from conformance.parity.setup import Extent, Setup
from conformance.parity.turns import Side
from conformance.plan.codec import to_json
from conformance.plan.model import Plan
from conformance.providers.model import Provider
from conformance.suite.model import Suite


def plan_of(providers: Mapping[str, Provider], seed: int) -> Plan:
    """A plan of no suites: an audit asks case by case."""
    return Plan(
        suites=(),
        providers=providers,
        cells=(),
        not_asked=(),
        baseline=None,
        seed=seed,
        effort="normal",
        digest="",
    )


def header(
    plan: Plan,
    *,
    run: str,
    started: str,
    sides: Mapping[Side, str],
    setup: Setup | None = None,
    own: Sequence[Prompt] = (),
    rows: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Of an audit, or (without `setup`) of a file in which a baseline is kept."""
    about: dict[str, Any] = {"sides": dict(sides)}
    if setup is not None:
        about["setup"] = {**asdict(setup), "stages": sorted(setup.stages)}
        about["prompts"] = [{"id": one.id, "messages": list(one.messages)} for one in own]
        about["items"] = [dict(each) for each in rows]
    return {
        "run": run,
        "started": started,
        "harness_version": __version__,
        "certify": {},
        "plan": to_json(plan),
        "parity": about,
    }


def setup_in(data: Mapping[str, Any]) -> Setup:
    """Back from a header, after JSON made lists of tuples."""
    fields: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in data.items()
    }
    fields["stages"] = frozenset(data["stages"])
    for name in ("nights", "pooled", "text_nights"):
        fields[name] = tuple(tuple(each) for each in data[name])
    fields["extent"] = Extent(**data["extent"])
    return Setup(**fields)


def no_suite(_source: Mapping[str, Any], path: str) -> Suite:
    """What reads suites where there are none."""
    raise RecordError(f"the record of an audit holds no suite: {path}")


def own_in(data: Sequence[Mapping[str, Any]]) -> tuple[Prompt, ...]:
    """The user's prompts, back from a header."""
    return tuple(Prompt(each["id"], tuple(each["messages"])) for each in data)
