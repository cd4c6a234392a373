"""JSON Schemas by clause: which clauses a body breaks, and where.

Every constraint in our schemas stands under an `x-clause`. A body is validated once, and its
errors are dealt out to the clauses; so an invariant of one clause is one line:

    invariant("CRESP-001", "completion_id", "The completion has an id.", ...)

Thousands of chunks look alike to a schema. What it judges by is their *shape*: the value with
every string, number and list of numbers replaced by what the schema can tell of it. Shapes are
judged once and remembered.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from conformance.checks.core import Problem, Schemas, Selector, check
from conformance.checks.parts import Body
from conformance.checks.show import either, kind, shown

REMEMBERED = 4096
"""Shapes; a stream has a handful, an endpoint that invents new ones all the time forgets them."""
LARGEST = 2000
"""Members of a value that has a shape; larger ones are judged each for itself."""
SHOWN = 20
"""Problems of one body with one clause that are told."""
LONGEST = 500
"""Entries of a list that are judged, so that a body of millions does not take hours."""

_PLAIN = frozenset(
    {"const", "enum", "exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "minItems",
     "minLength", "required", "type"}
)  # fmt: skip
_NESTED = frozenset({"additionalProperties", "else", "if", "items", "not", "then"})
_LISTED = frozenset({"allOf", "anyOf", "oneOf"})
_SAID = frozenset({"$schema", "$id", "title", "description", "x-clause", "$comment"})

_Strict = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine(
        # `1700000000.0` is an integer to JSON Schema, and a parse error to typed clients
        "integer",
        lambda _, value: isinstance(value, int) and not isinstance(value, bool),
    ),
)


@dataclass(frozen=True, slots=True)
class Flaw:
    """One error of a shape. What it says of a value is said when the value is known."""

    clause: str
    path: tuple[str | int, ...]
    wanted: str
    """In words; for a missing member, `missing`."""


MISSING = "missing"


def invariant(clause: str, name: str, about: str, *, schema: str, over: Selector) -> None:
    """Register that bodies keep what a schema says under one clause."""

    def judge(body: Body, schemas: Schemas) -> Iterator[Problem]:
        yield from broken(body, schema, schemas).get(clause, ())

    judge.__doc__ = about
    check(clause, over=over, always=True, name=name)(judge)


def broken(body: Body, name: str, schemas: Schemas) -> Mapping[str, tuple[Problem, ...]]:
    """Clause to problems. Raises KeyError where no schema is called so: that is ours to mend."""
    if name not in body.broken:
        flaws = _judge_of(schemas[name]).flaws(body.value)
        body.broken[name] = dict(_dealt(flaws, body))
    return body.broken[name]


def _dealt(flaws: Iterable[Flaw], body: Body) -> Iterator[tuple[str, tuple[Problem, ...]]]:
    by_clause: dict[str, dict[Problem, None]] = {}
    for flaw in flaws:
        by_clause.setdefault(flaw.clause, {})[_problem(flaw, body)] = None
    for clause, problems in by_clause.items():
        yield clause, tuple(problems)[:SHOWN]


def _problem(flaw: Flaw, body: Body) -> Problem:
    at = f"{body.at} {path(flaw.path)}".lstrip()
    if flaw.wanted == MISSING:
        *way, name = flaw.path
        at = f"{body.at} {path(way)}".lstrip()
        return Problem(message=f"{name!r} is missing", at=at)
    value = _value_at(body.value, flaw.path)
    what = f"{kind(value)} {shown(value)}" if value is not None else "null"
    return Problem(message=f"{_name(flaw.path)} is {what}, wanted {flaw.wanted}", at=at)


def _name(steps: tuple[str | int, ...]) -> str:
    last = steps[-1] if steps else "the value"
    return f"entry {last}" if isinstance(last, int) else last


def path(steps: Iterable[str | int]) -> str:
    """`$.choices[0].message`."""
    return "$" + "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in steps)


def _value_at(value: Any, steps: Iterable[str | int]) -> Any:
    for step in steps:
        value = value[step]
    return value


_judges: dict[int, _Judge] = {}


def _judge_of(schema: Any) -> _Judge:
    """The judge of a schema, which it keeps alive, so that an id is never used twice."""
    judge = _judges.get(id(schema))
    if judge is None:
        judge = _judges[id(schema)] = _Judge(schema)
    return judge


class _Judge:
    """Validates against one schema and remembers shapes."""

    def __init__(self, schema: Any) -> None:
        self._schema = schema
        self._validator = _Strict(schema)
        self._words: set[str] = set()
        self._bounds: list[float] = []
        self._learn(schema)
        self._bounds = sorted(set(self._bounds))
        self._known: dict[Any, tuple[Flaw, ...]] = {}

    def flaws(self, value: Any) -> tuple[Flaw, ...]:
        """What is wrong with a value, in the order of the schema."""
        try:
            shape = self._shape(value, [LARGEST])
        except _TooLargeError:
            return tuple(self._find(_pruned(value)))
        known = self._known.get(shape)
        if known is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            known = self._known[shape] = tuple(self._find(value))
        return known

    def _find(self, value: Any) -> Iterator[Flaw]:
        for error in self._validator.iter_errors(value):
            steps = tuple(error.absolute_path)
            if error.validator == "required":
                yield from self._missing(error, steps)
                continue
            clause = self._clause(error)
            parent = _value_at(value, steps[:-1]) if steps else None
            if isinstance(parent, list) and _numbers(parent):
                steps = steps[:-1]  # a shape does not tell which of the numbers
            yield Flaw(clause, steps, _wanted(error))

    def _missing(self, error: ValidationError, steps: tuple[str | int, ...]) -> Iterator[Flaw]:
        members = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
        names: list[str] = cast("list[str]", error.validator_value)
        for name in names:
            if name not in cast("dict[str, Any]", error.instance):
                clause = members.get(name, {}).get("x-clause") or self._clause(error)
                yield Flaw(clause, (*steps, name), MISSING)

    def _clause(self, error: ValidationError) -> str:
        """The clause of the nearest subschema on the way to the constraint."""
        clause, node = "", self._schema
        for step in error.absolute_schema_path:
            clause = node.get("x-clause", clause) if isinstance(node, dict) else clause
            node = node[step]
        return clause

    def _learn(self, node: Any) -> None:
        """Collect what a shape has to keep. Raises ValueError for what it cannot."""
        if not isinstance(node, dict):
            return
        for name, held in node.items():
            if name == "properties":
                for each in held.values():
                    self._learn(each)
            elif name in _LISTED:
                for each in held:
                    self._learn(each)
            elif name in _NESTED:
                self._learn(held)
            elif name in _PLAIN:
                self._learn_plain(name, held)
            elif name not in _SAID:
                raise ValueError(f"by_schema does not know the keyword {name!r}")

    def _learn_plain(self, name: str, held: Any) -> None:
        if name in {"const", "enum"}:
            values = held if name == "enum" else [held]
            self._words |= {each for each in values if isinstance(each, str)}
            self._bounds += [each for each in values if type(each) in (int, float)]
        elif name in {"minItems", "minLength"} and held > 1:
            raise ValueError(f"a shape tells empty from not empty, but not {name} {held}")
        elif name.endswith("imum"):
            self._bounds.append(held)

    def _shape(self, value: Any, room: list[int]) -> Any:
        room[0] -= 1
        if room[0] < 0:
            raise _TooLargeError
        if isinstance(value, str):
            return f"={value}" if value in self._words else bool(value)
        if isinstance(value, dict):
            return tuple((name, self._shape(each, room)) for name, each in value.items())
        if isinstance(value, list):
            if value and _numbers(value):
                room[0] -= len(value)
                return frozenset(map(self._number, value))
            return ("", *(self._shape(each, room) for each in value))
        return self._number(value)

    def _number(self, value: Any) -> str:
        if not isinstance(value, int | float) or isinstance(value, bool):
            return str(value)
        place = bisect_left(self._bounds, value)
        on = place < len(self._bounds) and self._bounds[place] == value
        return f"{type(value).__name__}{place}{on}"


class _TooLargeError(Exception):
    """A value has too many members for a shape."""


def _numbers(values: list[Any]) -> bool:
    return all(type(each) in (int, float) for each in values)


def _pruned(value: Any) -> Any:
    """A value with long lists cut."""
    if isinstance(value, dict):
        return {name: _pruned(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_pruned(each) for each in value[:LONGEST]]
    return value


def _wanted(error: ValidationError) -> str:
    """What a constraint asks for, in words."""
    held: Any = error.validator_value
    match error.validator:
        case "type":
            return either([held] if isinstance(held, str) else list(held))
        case "const":
            return shown(held)
        case "enum":
            return either([shown(each) for each in held])
        case "minLength" | "minItems":
            return "one that is not empty"
        case "minimum":
            return f"at least {held}"
        case "maximum":
            return f"at most {held}"
    return f"something other than {_not(held)}"


def _not(held: Any) -> str:
    """What a `not` forbids."""
    if isinstance(held, dict) and "const" in held:
        return shown(held["const"])
    if isinstance(held, dict) and isinstance(held.get("type"), str):
        return str(held["type"])
    return "this"
