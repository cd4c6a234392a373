"""SO-015: the keys of JSON come in the order in which the schema names them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.checks import select
from conformance.checks.by_schema import path
from conformance.checks.core import Problem, check
from conformance.checks.facts import Said
from conformance.checks.replied import Replied, replied
from conformance.checks.response_calls import strict_format
from conformance.checks.show import kind, shown
from conformance.checks.structured import flat_format, schema_asked, strictly_bound
from conformance.wire import jsontext

_DEEPEST = 100
_Steps = tuple[str | int, ...]


def _is_json(one: Said | Replied) -> bool:
    content = one.choice.content
    return isinstance(content, str) and jsontext.quick(content)[1]


@check("SO-015", over=select.among(strictly_bound, _is_json), always=True)
def keys_in_schema_order(one: Said) -> Iterator[Problem]:
    """The keys of each object come in the order of the schema's `properties`."""
    value, _ = jsontext.quick(one.choice.content)
    schema = schema_asked(one.facts.asked)
    if why := _Order(schema).broken(value, schema, ()):
        yield Problem(message=why, at=f"{one.at}.message.content")


def _in_json(one: Replied) -> bool:
    return strict_format(one) and _is_json(one)


@check("SO-015", over=select.among(replied, _in_json), always=True)
def response_keys_in_schema_order(one: Replied) -> Iterator[Problem]:
    """The keys of JSON in a response come in the order of the schema in `text.format`, too."""
    value, _ = jsontext.quick(one.choice.content)
    schema = (flat_format(one.asked) or {}).get("schema")
    if why := _Order(schema).broken(value, schema, ()):
        yield Problem(message=why, at="$.output")


class _Order:
    """Looks for objects out of order; `$ref`s are those of one schema."""

    def __init__(self, root: Any) -> None:
        self._root = root

    def broken(self, value: Any, schema: Any, at: _Steps) -> str:
        """The first object out of order, in words; empty where there is none.

        Of several alternatives the one counts that has the keys in their order, if any does.
        """
        schema = self._followed(schema)
        if not isinstance(schema, dict) or len(at) > _DEEPEST:
            return ""
        options = schema.get("anyOf")
        if isinstance(options, list) and options and "properties" not in schema:
            found = [self.broken(value, each, at) for each in options if self._may_be(value, each)]
            return found[0] if found and all(found) else ""
        if isinstance(value, dict):
            return self._object(value, schema, at)
        if isinstance(value, list):
            items = schema.get("items")
            return _first(self.broken(each, items, (*at, n)) for n, each in enumerate(value))
        return ""

    def _object(self, value: dict[str, Any], schema: dict[str, Any], at: _Steps) -> str:
        named = schema.get("properties")
        if not isinstance(named, dict):
            return ""
        seen = [name for name in value if name in named]
        wanted = [name for name in named if name in value]
        if seen != wanted:
            return f"{path(at)} has the keys {shown(seen)}, the schema {shown(wanted)}"
        return _first(self.broken(value[name], named[name], (*at, name)) for name in seen)

    def _may_be(self, value: Any, schema: Any) -> bool:
        """An alternative that takes values of this kind."""
        schema = self._followed(schema)
        named = schema.get("type") if isinstance(schema, dict) else None
        kinds = named if isinstance(named, list) else [named]
        return named is None or kind(value) in kinds

    def _followed(self, schema: Any) -> Any:
        """What a `$ref` within the schema refers to; the schema itself where it has none."""
        for _ in range(_DEEPEST):
            reference = schema.get("$ref") if isinstance(schema, dict) else None
            if not isinstance(reference, str):
                return schema
            schema = self._at(reference)
        return None

    def _at(self, reference: str) -> Any:
        node = self._root
        for part in reference.removeprefix("#").split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            node = node.get(name) if isinstance(node, dict) else None
        return node if reference.startswith("#") else None


def _first(found: Iterator[str]) -> str:
    return next(filter(None, found), "")
