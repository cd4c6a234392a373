"""A case in full: what it sends, and what it makes of the answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from textwrap import fill
from typing import Any

from conformance.faces.explain.part import WIDTH, Explanation, Part
from conformance.faces.explain.world import World
from conformance.report.escape import visible
from conformance.suite.model import CheckRef, Requirement, Step


def case(name: str, world: World) -> Explanation:
    """Everything that stands in the suite file, with what suite and case share merged in."""
    one = world.cases.get(name)
    if one is None:
        return
    yield Part("", f"{one.id}: {one.title}")
    if one.about:
        yield Part("about", one.about)
    yield Part("where", one.where)
    yield Part("clauses", ", ".join(one.clauses))
    yield Part("needs", ", ".join(one.needs) or "-")
    axes = ", ".join(
        f"{axis}={[value['id'] if isinstance(value, Mapping) else value for value in values]}"
        for axis, values in one.axes.items()
    )
    yield Part("axes", axes or "-")
    for step in one.steps:
        yield Part(f"sends ({step.id})", block="\n".join(_sent(step)))
        yield Part(f"judges ({step.id})", block="\n".join(_judged(step)))


def _sent(step: Step) -> Iterator[str]:
    request = step.request
    yield _line(f"{request.method} {_json(request.path)}")
    for name, value in request.headers.items():
        yield _line(f"{name}: {_json(value)}")
    for name, value in (request.body or {}).items():
        yield _line(f"  {name}: {_json(value)}")
    if request.raw is not None:
        yield _line(f"  {request.raw!r}")
    if request.words:
        yield _line(f"says, in the provider's own words: {', '.join(request.words)}")
    if request.fragments:
        yield _line(f"with, where it does not pass as it is: {', '.join(request.fragments)}")


def _judged(step: Step) -> Iterator[str]:
    if step.assume:
        held = "the control, which must hold" if step.control else "assumes, else inconclusive"
        yield _line(f"{held}: {_calls(step.assume)}")
    yield from _required("always", step.always)
    yield from _required("then" if step.assume else "expects", step.expect)
    for branch in step.outcome:
        yield from _required(f"is {branch.name} where", branch.requirements)


def _required(when: str, requirements: Sequence[Requirement]) -> Iterator[str]:
    for each in requirements:
        yield _line(f"{when}: {each.clause}: {_calls(each.checks)}")


def _calls(checks: Sequence[CheckRef]) -> str:
    return ", ".join(
        f"{each.name}({', '.join(f'{key}={_json(value)}' for key, value in each.arguments.items())})"
        for each in checks
    )


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _line(text: str) -> str:
    return fill(
        visible(text),
        WIDTH,
        initial_indent="    ",
        subsequent_indent="        ",
        break_on_hyphens=False,
    )
