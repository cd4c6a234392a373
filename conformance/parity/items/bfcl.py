"""Rows of the Berkeley Function Calling Leaderboard as rows of ours.

A row has a `question` (turns of messages), the `function`s on offer in a dialect of JSON Schema, and,
in a file of its own or in the row, the `ground_truth`: calls whose arguments each list all right values,
an empty text among them where the argument may be left out. Strings are compared by our rule, not by theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Any

from conformance.errors import SourceError

TRUTH = "ground_truth"
_IRRELEVANT = "irrelevance"
"""What ids are called where no function is of any use: there the leaderboard expects no call."""
_TYPES = {
    "dict": "object",
    "float": "number",
    "tuple": "array",
    "list": "array",
    "bool": "boolean",
}
_PLAIN = ("object", "array", "string", "number", "integer", "boolean", "null")
_ANY = "any"
_MOST = 64
"""Right values of one argument, written out."""
_ONE_TURN = "only rows with one turn can be asked: leave out the files of several turns"


def row(data: Mapping[str, Any], truth: Any, place: str) -> Mapping[str, Any]:
    """`truth`: the row's ground truth, from wherever it stands; None where there is none."""
    functions = data.get("function")
    listed = [functions] if isinstance(functions, Mapping) else functions
    if not isinstance(listed, list) or not listed:
        raise SourceError(place, "`function` is no list of functions, or an empty one")
    tools = [_tool(each, place, f"function[{n}]") for n, each in enumerate(listed)]
    name = str(data.get("id", ""))
    messages = _messages(data.get("question"), place)
    found: dict[str, Any] = {"messages": messages, "tools": tools}
    if name:
        found["id"] = name
    if truth is None and _IRRELEVANT in name:
        truth = []
    if truth is None:
        return found
    if not isinstance(truth, list):
        raise SourceError(place, f"`{TRUTH}` is no list of calls")
    calls = [_call(each, place, f"{TRUTH}[{n}]") for n, each in enumerate(truth)]
    return {**found, "expected": {"calls": calls}}


def _messages(question: Any, place: str) -> list[Any]:
    """One turn, which is a list of messages; the first version had the messages themselves."""
    if not isinstance(question, list) or not question:
        raise SourceError(place, "`question` is no list of turns, or an empty one")
    if not all(isinstance(each, list) for each in question):
        return question
    if len(question) > 1:
        raise SourceError(place, f"`question` has {len(question)} turns", _ONE_TURN)
    messages: list[Any] = question[0]
    return messages


def _tool(function: Any, place: str, key: str) -> dict[str, Any]:
    if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
        raise SourceError(place, f"`{key}` is no function with a name")
    return {
        "type": "function",
        "function": {
            "name": _name(function["name"]),
            "description": function.get("description", ""),
            "parameters": _schema(function.get("parameters", {}), place, f"{key}.parameters"),
        },
    }


def _name(name: str) -> str:
    """Names of functions may have no dot in OpenAI's API."""
    return name.replace(".", "_")


def _schema(schema: Any, place: str, key: str) -> Any:
    """Their names of types as JSON's, wherever a schema stands."""
    if not isinstance(schema, Mapping):
        return schema
    found = dict(schema)
    kind = found.get("type")
    if kind == _ANY:
        del found["type"]
    elif isinstance(kind, str):
        found["type"] = _TYPES.get(kind, kind)
        if found["type"] not in _PLAIN:
            reason = f"`{key}.type` is {kind!r}, which is no type of JSON or Python"
            raise SourceError(place, reason, "leave out the files for Java and JavaScript")
    members = found.get("properties")
    if isinstance(members, Mapping):
        found["properties"] = {
            name: _schema(each, place, f"{key}.properties.{name}") for name, each in members.items()
        }
    for name in ("items", "additionalProperties"):
        if name in found:
            found[name] = _schema(found[name], place, f"{key}.{name}")
    return found


def _call(call: Any, place: str, key: str) -> dict[str, Any]:
    if not isinstance(call, Mapping) or len(call) != 1:
        shape = 'a call is {"name": {"argument": [right values]}}'
        raise SourceError(place, f"`{key}` is no call", shape)
    ((name, arguments),) = call.items()
    if not isinstance(arguments, Mapping):
        raise SourceError(place, f"`{key}.{name}` has no arguments", "without any they are {}")
    also: dict[str, list[Any]] = {}
    optional = []
    for argument, right in arguments.items():
        if not isinstance(right, list):
            raise SourceError(place, f"`{key}.{name}.{argument}` is no list of right values")
        also[argument] = _values(right)
        if len(also[argument]) > _MOST:
            reason = f"`{key}.{name}.{argument}` has more than {_MOST} right values"
            raise SourceError(place, reason, "leave this row out")
        if "" in right:
            optional.append(argument)
    return {"name": _name(name), "also": also, "optional": optional}


def _values(right: Sequence[Any]) -> list[Any]:
    """Each right value written out; the empty text says that it may be left out, and is right as well."""
    return list(islice((value for each in right for value in _spelled(each)), _MOST + 1))


def _spelled(value: Any) -> Iterator[Any]:
    """A value; of an object, whose members list right values of their own, each of its spellings."""
    if isinstance(value, Mapping):
        members = [list(islice(_member(name, each), _MOST + 1)) for name, each in value.items()]
        for chosen in product(*members):
            yield {name: one for name, one in chosen if one is not _GONE}
    elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        for chosen in product(*(list(islice(_spelled(each), _MOST + 1)) for each in value)):
            yield list(chosen)
    else:
        yield value


_GONE = object()


def _member(name: str, right: Any) -> Iterator[tuple[str, Any]]:
    for each in right if isinstance(right, list) else [right]:
        if each == "":
            yield name, _GONE
        for value in _spelled(each):
            yield name, value
