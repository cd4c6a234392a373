"""What a check is: a generator over one subject of an immutable exchange.

It yields problems; a silent one has passed, provided there was a subject at all. The subjects
come from `over`, so that "nothing to look at" is never mistaken for "nothing wrong": their number
is the witness count.

    @check("STRM-010", over=first_deltas, always=True)
    def role_comes_first(delta: Delta) -> Iterator[Problem]:
        \"\"\"The first delta of each choice says who speaks.\"\"\"
        if delta.get("role") != "assistant":
            yield Problem(message=f"the first delta begins with role {delta.get('role')!r}")

With `always=True` it is an invariant: it runs on every exchange of a run, in whatever case.
Otherwise suites name it, with arguments. A parameter annotated `Exchange` (beside the first)
is another step of the same trial, written in the suite as the step's id; one annotated `Schemas`
is filled in with the JSON Schemas of the contract, because checks do not read files.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NewType

from conformance.registry import Registry
from conformance.wire.exchange import Exchange

Schemas = NewType("Schemas", dict[str, Any])
"""Our JSON Schemas by name (`chat_completion`, `chat_completion_chunk`, `error`, ...)."""

CheckFunction = Callable[..., Iterator["Problem"]]
Selector = Callable[[Exchange], Iterable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is not as it must be."""

    message: str
    """A sentence for the reader of a report: what was seen, and what was wanted."""
    at: str = ""
    """Where: a JSON path (`$.choices[0]`), `event 7`, `byte 1201`, or a header's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check as registered."""

    name: str
    function: CheckFunction
    clauses: tuple[str, ...]
    """The clauses that a problem breaks where the suite names none; for an invariant exactly one."""
    over: Selector | None
    always: bool
    assumable: bool
    """May stand in `assume`: the thing it looks at is the model's to choose, not promised."""

    @property
    def about(self) -> str:
        return inspect.getdoc(self.function) or ""

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return parameters(self.function)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One argument that a suite may give to a check."""

    name: str
    hint: Any
    required: bool
    default: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a check may look at beside its exchange: other steps of the trial, and the schemas."""

    steps: Mapping[str, Exchange] = field(default_factory=dict)
    schemas: Schemas = field(default_factory=lambda: Schemas({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a check says about one exchange."""

    witnesses: int
    """How many subjects there were; with none the check was not exercised."""
    problems: tuple[Problem, ...]


_NOTHING = Result(witnesses=0, problems=())

CHECKS: Registry[Check] = Registry("check")


def check(
    *clauses: str,
    over: Selector | None = None,
    always: bool = False,
    assumable: bool = False,
    name: str = "",
    registry: Registry[Check] = CHECKS,
) -> Callable[[CheckFunction], CheckFunction]:
    """Register a check. Raises ValueError for an invariant without a subject or a single clause."""

    def register(function: CheckFunction) -> CheckFunction:
        if always and (over is None or len(clauses) != 1):
            raise ValueError(f"invariant {function.__name__} needs `over` and exactly one clause")
        one = Check(
            name=name or function.__name__,
            function=function,
            clauses=clauses,
            over=over,
            always=always,
            assumable=assumable,
        )
        registry.add(one.name, one)
        return function

    return register


@cache
def parameters(function: CheckFunction) -> tuple[Parameter, ...]:
    """The arguments of a check after its subject, with their resolved type hints."""
    hints = typing.get_type_hints(function)
    return tuple(
        Parameter(
            name=each.name,
            hint=hints[each.name],
            required=each.default is inspect.Parameter.empty,
            default=each.default,
        )
        for each in list(inspect.signature(function).parameters.values())[1:]
    )


def apply(one: Check, exchange: Exchange, arguments: Mapping[str, Any], scene: Scene) -> Result:
    """Run a check over its subjects. Arguments are as the suite wrote them, by parameter name.

    An exception inside a check is ours; it is not caught here, and the caller makes it an *error*.
    """
    subjects = [exchange] if one.over is None else list(one.over(exchange))
    if not subjects:  # most of hundreds of invariants, on most exchanges
        return _NOTHING
    given = dict(arguments)
    for parameter in one.parameters:
        if parameter.hint is Schemas:
            given[parameter.name] = scene.schemas
        elif parameter.hint is Exchange and parameter.name in given:
            given[parameter.name] = scene.steps[given[parameter.name]]
    problems = tuple(problem for each in subjects for problem in one.function(each, **given))
    return Result(witnesses=len(subjects), problems=problems)
