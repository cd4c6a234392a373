"""Readers of single fields: each gives a value that can be trusted, or raises Refusal."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

from conformance.reference.ask import Json
from conformance.reference.refusal import Refusal, shown

_LARGEST_INT64 = 2**63 - 1


def wrong_type(param: str, wanted: str, got: object) -> Refusal:
    """Refuses a value of the wrong JSON type."""
    return Refusal(
        f"Invalid type for '{param}': expected {wanted}, but got {kind(got)} instead.",
        code="invalid_type",
        param=param,
    )


def wrong_value(param: str, why: str) -> Refusal:
    """Refuses a value that has the right type but cannot be."""
    return Refusal(f"Invalid value for '{param}': {why}", code="invalid_value", param=param)


def missing(param: str) -> Refusal:
    """Refuses a request without a required field."""
    return Refusal(
        f"Missing required parameter: '{param}'.", code="missing_required_parameter", param=param
    )


def unsupported(param: str, why: str) -> Refusal:
    """Refuses a feature that this server does not have."""
    return Refusal(f"Unsupported value for '{param}': {why}", code="unsupported_value", param=param)


def kind(value: object) -> str:
    """The JSON type of a value, with its article."""
    names = {bool: "a boolean", int: "an integer", float: "a decimal", str: "a string"}
    names |= {list: "an array", dict: "an object", type(None): "null"}
    return names.get(type(value), "something else")


def text(held: Json, name: str, at: str = "") -> str | None:
    """A string, or None where it is absent or null. `at` is the path of the holder, with its dot."""
    value = held.get(name)
    if value is not None and not isinstance(value, str):
        raise wrong_type(f"{at}{name}", "a string", value)
    return value


def needed_text(held: Json, name: str, at: str = "") -> str:
    """A string that must be there and must not be empty."""
    value = text(held, name, at)
    if value is None:
        raise missing(f"{at}{name}")
    if not value:
        raise wrong_value(f"{at}{name}", "it must not be empty.")
    return value


def flag(held: Json, name: str, *, default: bool = False, at: str = "") -> bool:
    """A boolean; absent and null mean the default."""
    value = held.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise wrong_type(f"{at}{name}", "a boolean", value)
    return value


def number(held: Json, name: str, low: float, high: float, default: float) -> float:
    """A number within closed bounds; absent and null mean the default."""
    value = held.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong_type(name, "a number", value)
    if not low <= value <= high:
        raise wrong_value(name, f"{shown(value)} is not between {low:g} and {high:g}.")
    return float(value)


def integer(held: Json, name: str, low: int, high: int = _LARGEST_INT64) -> int | None:
    """A whole number within closed bounds, also written as 10.0; None where absent or null."""
    value = held.get(name)
    if value is None:
        return None
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(name, "an integer", value)
    if not low <= value <= high:
        bounds = f"at least {low}" if high == _LARGEST_INT64 else f"between {low} and {high}"
        raise wrong_value(name, f"{shown(value)} is not {bounds}.")
    return value


def one_of(held: Json, name: str, allowed: Collection[str], at: str = "") -> str | None:
    """One of some words; None where absent or null."""
    value = text(held, name, at)
    if value is not None and value not in allowed:
        raise wrong_value(f"{at}{name}", f"{shown(value)} is none of {', '.join(allowed)}.")
    return value


def mapping(held: Json, name: str, at: str = "") -> Json | None:
    """An object; None where absent or null."""
    value = held.get(name)
    if value is not None and not isinstance(value, dict):
        raise wrong_type(f"{at}{name}", "an object", value)
    return value


def array(held: Json, name: str, at: str = "") -> list[Any] | None:
    """An array; None where absent or null."""
    value = held.get(name)
    if value is not None and not isinstance(value, list):
        raise wrong_type(f"{at}{name}", "an array", value)
    return value


def member(value: Any, at: str) -> Json:
    """An element of an array that must be an object. `at` is its path."""
    if not isinstance(value, dict):
        raise wrong_type(at, "an object", value)
    return value
