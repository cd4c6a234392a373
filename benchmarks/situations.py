"""Which values, at which place of a request, streamed and whole, does a run send at all? No network.

conformance run --provider=reference
python benchmarks/situations.py reports/RUN/record.jsonl [--missing] > situations.jsonl

A cell is an endpoint, streamed or whole, a place of the request, and a class of what stands there. The cells are those
that the contract lets a client send. A server that fails (500), or
that refuses (400), wherever a cell is asked, is noticed or not: `--missing` tells where it is not.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from mutant_operators import WHOLE
from mutants import Mutant, World, load
from situation_values import NUMBERS, TEXTS, kind_of_number, kinds_of_text


class Cell(NamedTuple):
    """What a request may hold."""

    endpoint: str
    way: str
    place: str
    value: str


_ROLES = {
    "chat": ("system", "developer", "user", "assistant", "tool"),
    "response": ("developer", "user", "assistant"),
}
_TEXT_PLACES = {
    "chat": [
        *_ROLES["chat"],
        *(f"{each} part" for each in _ROLES["chat"] if each != "assistant"),
        "past argument",
        "tool description",
        "choice of a parameter",
        "stop",
        "stop in a list",
        "user id",
    ],
    "response": [
        *_ROLES["response"],
        *(f"{each} part" for each in _ROLES["response"]),
        "input",
        "instructions",
        "past argument",
        "result",
        "result part",
        "tool description",
        "choice of a parameter",
    ],
    "text": ["prompt", "prompt in a list", "stop", "stop in a list", "user id"],
    "embeddings": ["input", "input in a list", "user id"],
}
_NOT_AT_ALL = {"stop": {"empty", "long"}, "stop in a list": {"empty", "long"}}
"""What no clause lets a client send there, or what says nothing."""
_EMPTY_IS_REFUSED = {"embeddings"}
_ONE_WAY = {"stream_options.include_usage": "streamed", "best_of": "whole"}
"""What goes with streams only, or without."""


def grid() -> Iterator[Cell]:
    """Every cell."""
    for endpoint, places in _TEXT_PLACES.items():
        ways = ("whole",) if endpoint == "embeddings" else ("whole", "streamed")
        for way in ways:
            for place in places:
                for value in TEXTS:
                    refused = value in _NOT_AT_ALL.get(place, ())
                    if not refused and not (value == "empty" and endpoint in _EMPTY_IS_REFUSED):
                        yield Cell(endpoint, way, place, value)
            for name, values in NUMBERS[endpoint].items():
                if _ONE_WAY.get(name, way) == way:
                    yield from (Cell(endpoint, way, name, value) for value in values)


def _said(content: Any, place: str) -> Iterator[tuple[str, str]]:
    """Place and text of a content: a text, or its parts."""
    if isinstance(content, str):
        yield place, content
    for each in content if isinstance(content, list) else ():
        if isinstance(each, dict) and isinstance(each.get("text"), str):
            yield f"{place} part", each["text"]


def _leaves(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from _leaves(each)
        case list():
            for each in value:
                yield from _leaves(each)


def _arguments(text: Any) -> Iterator[tuple[str, str]]:
    try:
        value = json.loads(text)
    except (TypeError, ValueError):
        return
    for each in _leaves(value):
        yield "past argument", each


def _messages(messages: Any) -> Iterator[tuple[str, str]]:
    for each in messages if isinstance(messages, list) else ():
        if not isinstance(each, dict):
            continue
        kind = each.get("role") or each.get("type")
        if kind == "function_call":
            yield from _arguments(each.get("arguments"))
        elif kind == "function_call_output":
            yield from _said(each.get("output"), "result")
        elif isinstance(kind, str):
            yield from _said(each.get("content"), kind)
        for call in each.get("tool_calls") or ():
            yield from _arguments((call.get("function") or {}).get("arguments"))


def _tools(tools: Any) -> Iterator[tuple[str, str]]:
    for each in tools if isinstance(tools, list) else ():
        function = each.get("function", each) if isinstance(each, dict) else {}
        if isinstance(function.get("description"), str):
            yield "tool description", function["description"]
        yield from (("choice of a parameter", held) for held in _enums(function.get("parameters")))


def _enums(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        held = schema.get("enum")
        yield from (
            (each for each in held if isinstance(each, str)) if isinstance(held, list) else ()
        )
        for each in schema.values():
            yield from _enums(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from _enums(each)


def _texts(body: dict[str, Any], endpoint: str) -> Iterator[tuple[str, str]]:
    yield from _messages(body.get("messages", body.get("input")))
    yield from _tools(body.get("tools"))
    for name in ("input", "prompt", "stop"):
        held = body.get(name)
        if isinstance(held, str):
            yield name, held
        if isinstance(held, list) and endpoint != "response":
            yield from ((f"{name} in a list", each) for each in held if isinstance(each, str))
    if isinstance(body.get("instructions"), str):
        yield "instructions", body["instructions"]
    if isinstance(body.get("user"), str):
        yield "user id", body["user"]


def _numbers(body: dict[str, Any], endpoint: str) -> Iterator[tuple[str, str]]:
    options = body.get("stream_options")
    flat = body | (
        {f"stream_options.{name}": held for name, held in options.items()}
        if isinstance(options, dict)
        else {}
    )
    for name in NUMBERS[endpoint]:
        if name in flat:
            yield from ((name, kind) for kind in kind_of_number(flat[name]))
    yield from (("turns", each) for each in _turns(body.get("messages", body.get("input"))))


def _turns(messages: Any) -> Iterator[str]:
    held = (
        [each for each in messages if isinstance(each, dict)] if isinstance(messages, list) else []
    )
    asked = sum(each.get("role") == "user" for each in held)
    if asked > 1:
        yield {2: "two of the user", 3: "three of the user"}.get(asked, "four of the user or more")
    results = sum(
        each.get("role") == "tool" or each.get("type") == "function_call_output" for each in held
    )
    if results:
        yield {1: "one result", 2: "two results"}.get(results, "three results or more")
    if held:
        last = held[-1].get("role") or held[-1].get("type")
        yield "a result last" if last in {"tool", "function_call_output"} else f"{last} last"


def cells(world: World) -> dict[Cell, frozenset[int]]:
    """Each cell of the grid that is asked, to the served exchanges that ask it."""
    found: dict[Cell, set[int]] = {}
    for number, (exchange, said) in enumerate(zip(world.exchanges, world.said, strict=True)):
        body = exchange.request.json
        if said is None or said.status >= 400 or not isinstance(body, dict):
            continue
        if said.kind not in _TEXT_PLACES:
            continue
        way = "streamed" if body.get("stream") is True else "whole"
        places = [
            (place, kind) for place, text in _texts(body, said.kind) for kind in kinds_of_text(text)
        ]
        for place, kind in (*places, *_numbers(body, said.kind)):
            found.setdefault(Cell(said.kind, way, place, kind), set()).add(number)
    every = set(grid())
    return {cell: frozenset(held) for cell, held in found.items() if cell in every}


def measure(world: World) -> Iterator[dict[str, Any]]:
    """Each cell: how many exchanges ask it, and what is broken where the server fails, or refuses, there."""
    asked = cells(world)
    fails = Mutant(world, WHOLE["crashed with 500"])
    refuses = Mutant(world, WHOLE["refused with 400"])
    for cell in grid():
        numbers = asked.get(cell, frozenset())
        yield {
            "cell": list(cell),
            "asked": len(numbers),
            "fails": fails.noticed(numbers & fails.touched),
            "refuses": refuses.noticed(numbers & refuses.touched),
        }


def table(lines: list[dict[str, Any]], *, missing: bool) -> None:
    """The shares, and with `missing` the values that are noticed nowhere, by place."""
    tried: Counter[str] = Counter()
    held: dict[str, Counter[str]] = {name: Counter() for name in ("asked", "fails", "refuses")}
    gaps: dict[tuple[str, ...], list[str]] = {}
    for each in lines:
        endpoint, way, place, value = each["cell"]
        for key in ("(all)", f"{endpoint}, {way}"):
            tried[key] += 1
            for name, counter in held.items():
                counter[key] += bool(each[name])
        if not each["fails"]:
            gaps.setdefault((endpoint, way, place), []).append(value)
    for key in sorted(tried):
        shares = ", ".join(f"{name} {counter[key]}" for name, counter in held.items())
        print(f"{key:24} {tried[key]:5} cells: {shares}")
    if missing:
        for place, values in gaps.items():
            print(f"{' | '.join(place)}: {', '.join(values)}")


def main() -> None:
    """Measure a record, or print the table of what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--table", action="store_true", help="of a file that this wrote")
    parser.add_argument("--missing", action="store_true", help="the same, with what is not noticed")
    given: Any = parser.parse_args()
    if given.table or given.missing:
        table(
            [json.loads(each) for each in given.path.read_text().splitlines()],
            missing=given.missing,
        )
        return
    for each in measure(load(given.path)):
        print(json.dumps(each), flush=True)


if __name__ == "__main__":
    main()
