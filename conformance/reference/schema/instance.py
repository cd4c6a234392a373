"""Make a value that fits a schema, out of what the prompt offers where it offers something."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from conformance.reference.refusal import Refusal
from conformance.reference.schema.fits import fits, same
from conformance.reference.schema.strings import string
from conformance.reference.schema.walk import followed, types

Offer = Callable[[str, dict[str, Any]], Iterable[Any]]
"""Values that the prompt suggests for a property: its name, its schema -> candidates."""

_BUDGET = 20_000
_DEEP = 3
"""From this depth on, only what is required is written, and recursion takes the short way out."""
_SEEN_AT_MOST = 40


def nothing(name: str, schema: dict[str, Any]) -> Iterable[Any]:
    """An offer for when there is no prompt to look at."""
    return ()


@dataclass(slots=True)
class Maker:
    """Makes one instance. `eager` writes optional properties, too; else only those offered."""

    root: Any
    offer: Offer = nothing
    eager: bool = True
    _spent: int = field(default=0, init=False)

    def make(self) -> Any:
        """The instance. Raises Refusal where the schema asks for too much, or for what cannot be."""
        value = self._value(self.root, "", 0, 0)
        if not fits(self.root, value, self.root):
            raise Refusal(
                "The schema asks for a value that this server cannot generate.",
                code="invalid_value",
            )
        return value

    def _value(self, schema: Any, name: str, depth: int, nth: int) -> Any:
        self._spent += 1
        if self._spent > _BUDGET or depth > _SEEN_AT_MOST:
            raise Refusal("The schema is too large to generate from.", code="invalid_value")
        schema = followed(self.root, schema)
        if not isinstance(schema, dict) or not schema:
            return next(iter(self.offer(name, {})), "text")
        if "allOf" in schema:
            schema = self._merged(schema)
        for suggested in () if nth else self.offer(name, schema):
            if fits(schema, suggested, self.root):
                return suggested
        return self._made(schema, name, depth, nth)

    def _made(self, schema: dict[str, Any], name: str, depth: int, nth: int) -> Any:
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._listed(schema, nth)
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                return self._either(schema, keyword, name, depth, nth)
        kinds = types(schema)
        kind = kinds[0] if depth < _DEEP or "null" not in kinds else "null"
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            return self._array(schema, name, depth)
        if kind == "string":
            return string(schema, nth)
        if kind in ("integer", "number"):
            return number(schema, whole=kind == "integer", nth=nth)
        return nth % 2 == 0 if kind == "boolean" else None

    def _listed(self, schema: dict[str, Any], nth: int) -> Any:
        bare = {key: value for key, value in schema.items() if key != "enum"}
        fitting = [each for each in schema["enum"] if fits(bare, each, self.root)]
        return (fitting or schema["enum"])[nth % max(len(fitting), 1)]

    def _either(self, schema: dict[str, Any], keyword: str, name: str, depth: int, nth: int) -> Any:
        rest = {key: value for key, value in schema.items() if key != keyword}
        options = [followed(self.root, each) for each in schema[keyword]]
        if depth >= _DEEP:
            options.sort(key=lambda each: self._height(each, ()))
        for option in options:
            try:
                value = self._value(_union(rest, option), name, depth + 1, nth)
            except Refusal:
                if self._spent > _BUDGET:
                    raise
                continue
            if fits(schema, value, self.root):
                return value
        raise Refusal(f"No option of '{keyword}' can be generated.", code="invalid_value")

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        properties = schema.get("properties", {})
        required = schema.get("required", ())
        made: dict[str, Any] = {}
        for name, sub in properties.items():
            if name in required or self._wanted(name, sub, depth):
                made[name] = self._value(sub, name, depth + 1, 0)
        for name in required:
            if name not in made:
                extra = schema.get("additionalProperties", True)
                made[name] = self._value(extra, name, depth + 1, 0)
        return made

    def _wanted(self, name: str, schema: Any, depth: int) -> bool:
        if depth >= _DEEP or schema is False:
            return False
        if self.eager:
            return math.isfinite(self._height(schema, ()))
        node = followed(self.root, schema)
        return isinstance(node, dict) and any(
            fits(node, each, self.root) for each in self.offer(name, node)
        )

    def _array(self, schema: dict[str, Any], name: str, depth: int) -> list[Any]:
        least = schema.get("minItems", 0)
        most = schema.get("maxItems", max(least, 1))
        size = max(least, min(most, 1 if depth < _DEEP else 0))
        if size > _BUDGET:
            raise Refusal("The schema asks for too many items.", code="invalid_value")
        fixed = schema.get("prefixItems", [])
        each = schema.get("items", True)
        if each is False:
            size = min(size, len(fixed))
        made: list[Any] = []
        for place in range(size):
            sub = fixed[place] if place < len(fixed) else each
            made.append(self._another(sub, name, depth, made, unique="uniqueItems" in schema))
        return made

    def _another(self, sub: Any, name: str, depth: int, made: list[Any], *, unique: bool) -> Any:
        value = self._value(sub, name, depth + 1, 0)
        if unique:
            tries = 0
            while any(same(value, each) for each in made) and tries < _SEEN_AT_MOST + len(made):
                tries += 1
                value = self._value(sub, name, depth + 1, tries)
        return value

    def _merged(self, schema: dict[str, Any]) -> dict[str, Any]:
        merged = {key: value for key, value in schema.items() if key != "allOf"}
        for each in schema["allOf"]:
            merged = _union(merged, followed(self.root, each))
        return merged

    def _height(self, schema: Any, above: tuple[int, ...]) -> float:
        """How deep the smallest instance is; infinite where a schema needs itself."""
        self._spent += 1
        if self._spent > _BUDGET:
            return math.inf
        schema = followed(self.root, schema)
        if not isinstance(schema, dict):
            return 0
        if id(schema) in above:
            return math.inf
        inside = (*above, id(schema))
        if "anyOf" in schema:
            return min(self._height(each, inside) for each in schema["anyOf"])
        needed = [
            sub for name, sub in schema.get("properties", {}).items()
            if name in schema.get("required", ())
        ]  # fmt: skip
        if schema.get("minItems", 0) > 0 and "items" in schema:
            needed.append(schema["items"])
        return 1 + max((self._height(each, inside) for each in needed), default=0)


def _union(left: dict[str, Any], right: Any) -> dict[str, Any]:
    """Two schemas as one that keeps both, as far as simple merging goes."""
    if not isinstance(right, dict):
        return left
    merged = {**left, **right}
    if "properties" in left and "properties" in right:
        merged["properties"] = {**left["properties"], **right["properties"]}
    if "required" in left and "required" in right:
        merged["required"] = [*left["required"], *right["required"]]
    return merged


def number(schema: dict[str, Any], *, whole: bool, nth: int) -> float | int:
    """The smallest number in the bounds that is not negative without need, or the nth after it."""
    step = schema.get("multipleOf", 1 if whole else None)
    low, high = _bounds(schema, step or (1 if whole else 0))
    if step is None:
        start = low if low is not None else min(0.0, high if high is not None else 0.0)
        return _plain(_between(start, schema, high) + nth)
    if low is not None:
        first = math.ceil(low / step - 1e-9)
    else:
        first = math.floor(min(0.0, high if high is not None else 0.0) / step + 1e-9)
    value = (first + nth) * step
    return round(value) if whole else _plain(round(value, 12))


def _bounds(schema: dict[str, Any], step: float) -> tuple[float | None, float | None]:
    """The least and the greatest number allowed; exclusive bounds are moved inwards by a step."""
    lows = [schema[key] for key in ("minimum",) if key in schema]
    highs = [schema[key] for key in ("maximum",) if key in schema]
    if "exclusiveMinimum" in schema:
        lows.append(schema["exclusiveMinimum"] + min(step, 1e-9 if step < 1 else 1))
    if "exclusiveMaximum" in schema:
        highs.append(schema["exclusiveMaximum"] - min(step, 1e-9 if step < 1 else 1))
    return max(lows, default=None), min(highs, default=None)


def _between(start: float, schema: dict[str, Any], high: float | None) -> float:
    """`start`, or a point inside the bounds where an exclusive bound forbids it."""
    least = schema.get("exclusiveMinimum")
    if least is not None and start <= least:
        return float((least + high) / 2) if high is not None else least + 1.0
    most = schema.get("exclusiveMaximum")
    if most is not None and start >= most:
        return float(most - 1.0)
    return start


def _plain(value: float) -> float | int:
    return int(value) if float(value).is_integer() else value
