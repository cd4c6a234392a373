"""What an answer is worth: pure, exact, and the same for every endpoint."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jsonschema import Draft202012Validator

from conformance.parity.items.model import ABSENT, Call, Item, Made, Metric, Said
from conformance.parity.tasks import Paired

SCRIPTS = {
    "han": r"[\u4e00-\u9fff]",
    "cyrillic": r"[\u0400-\u04ff]",
    "greek": r"[\u0370-\u03ff]",
    "arabic": r"[\u0600-\u06ff]",
    "hangul": r"[\uac00-\ud7af]",
    "latin": r"[A-Za-z\u00c0-\u024f]",
}
_LETTER = re.compile(r"[^\W\d_]")
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_DECLINED = re.compile(
    r"\b(?:i(?:'m| am) (?:sorry|unable|not able)|i (?:can't|cannot|can not|won't|will not)"
    r" (?:help|assist|answer|provide|do|comply|give))\b|无法(?:回答|提供|帮助)|抱歉",
    re.IGNORECASE,
)
_FENCE = re.compile(r"^\s*```\w*\s*\n(.*?)\n?\s*```\s*$", re.DOTALL)
_OWN_LANGUAGE = 0.8
_CLOSE = 1e-9


def score(item: Item, said: Said) -> dict[Metric, bool]:
    """Every metric that says something of this item; one that does not is missing."""
    found = {metric: of(item, said) for metric, of in _METRICS.items()}
    return {metric: right for metric, right in found.items() if right is not None}


def paired(
    metric: Metric,
    items: Sequence[Item],
    baseline: Mapping[str, Said],
    candidate: Mapping[str, Said],
) -> list[Paired]:
    """One metric's items in the order of the plan, as both did them; what one did not answer is out.

    For TRIGGERED that is K2VV's comparison: `tasks.trigger` takes the baseline's calls for truth.
    VALID speaks of calls that were made, so only items where both made one are paired.
    """
    found = []
    for order, item in enumerate(items):
        if item.id not in baseline or item.id not in candidate:
            continue
        left, right = score(item, baseline[item.id]), score(item, candidate[item.id])
        if metric in left and metric in right:
            found.append(
                Paired(
                    item=item.id,
                    order=order,
                    family=item.family,
                    baseline=float(left[metric]),
                    candidate=float(right[metric]),
                )
            )
    return found


def agrees(one: Said, other: Said) -> bool:
    """Both made the same calls with equal arguments, in any order, or none."""
    left, right = sorted(map(_canonical, one.calls)), sorted(map(_canonical, other.calls))
    return left == right


def _exact(item: Item, said: Said) -> bool | None:
    wanted = item.expected.text
    if item.expected.value is not None:
        return _alike(_json(said.text), item.expected.value)
    if wanted is None:
        return None
    if _NUMBER.fullmatch(wanted):
        numbers = _NUMBER.findall(said.text)
        return bool(numbers) and float(numbers[-1].replace(",", "")) == float(wanted)
    return _plain(said.text) == _plain(wanted)


def _triggered(item: Item, said: Said) -> bool | None:
    return bool(said.calls) if item.tools else None


def _right_call(item: Item, said: Said) -> bool | None:
    """Each wanted call was made once, and no other."""
    wanted = item.expected.calls
    if wanted is None:
        return None
    left = list(said.calls)
    for call in wanted:
        match = next((each for each in left if _is(call, each)), None)
        if match is None:
            return False
        left.remove(match)
    return not left


def _valid(item: Item, said: Said) -> bool | None:
    """Every call is of a tool on offer and its arguments fit the tool's schema."""
    if not said.calls:
        return None
    schemas = {each["function"]["name"]: each["function"].get("parameters") for each in item.tools}
    return all(
        call.name in schemas and _fits(call.arguments, schemas[call.name] or {})
        for call in said.calls
    )


def _schema(item: Item, said: Said) -> bool | None:
    return None if item.schema is None else _fits(said.text, item.schema)


def _answered(item: Item, said: Said) -> bool | None:
    if not item.expected.answerable:
        return None
    return not said.refused and bool(said.text.strip()) and not _DECLINED.search(said.text)


def _length(item: Item, said: Said) -> bool | None:
    if item.expected.words is None:
        return None
    least, most = item.expected.words
    return least <= len(said.text.split()) <= most


def _language(item: Item, said: Said) -> bool | None:
    if item.expected.script is None:
        return None
    letters = _LETTER.findall(said.text)
    own = re.findall(SCRIPTS[item.expected.script], said.text)
    return bool(letters) and len(own) >= _OWN_LANGUAGE * len(letters)


_METRICS: Mapping[Metric, Callable[[Item, Said], bool | None]] = {
    Metric.EXACT: _exact,
    Metric.TRIGGERED: _triggered,
    Metric.CALL: _right_call,
    Metric.VALID: _valid,
    Metric.SCHEMA: _schema,
    Metric.ANSWERED: _answered,
    Metric.LENGTH: _length,
    Metric.LANGUAGE: _language,
}


def _is(wanted: Call, made: Made) -> bool:
    if wanted.name != made.name:
        return False
    arguments = _json(made.arguments)
    if not isinstance(arguments, dict) or set(arguments) - set(wanted.arguments):
        return False
    return all(
        any(_alike(arguments.get(name, ABSENT), each) for each in right)
        for name, right in wanted.arguments.items()
    )


def _alike(said: Any, right: Any) -> bool:
    """Equal as JSON: a number by its value, a text without regard to case and spaces around it."""
    if isinstance(said, str) and isinstance(right, str):
        return _plain(said) == _plain(right)
    if isinstance(said, bool) or isinstance(right, bool):
        return said is right
    if isinstance(said, int | float) and isinstance(right, int | float):
        return math.isclose(said, right, rel_tol=_CLOSE)
    if isinstance(said, list) and isinstance(right, list):
        return len(said) == len(right) and all(map(_alike, said, right))
    if isinstance(said, dict) and isinstance(right, Mapping):
        return set(said) == set(right) and all(_alike(said[key], right[key]) for key in right)
    return bool(said == right)


def _fits(text: str, schema: Mapping[str, Any]) -> bool:
    value = _json(text)
    return value is not ABSENT and Draft202012Validator(schema).is_valid(value)


def _json(text: str) -> Any:
    """The value, `ABSENT` where there is none. An empty text is no arguments."""
    fenced = _FENCE.match(text)
    try:
        return json.loads((fenced[1] if fenced else text) or "{}")
    except (ValueError, RecursionError):
        return ABSENT


def _canonical(call: Made) -> tuple[str, str]:
    value = _json(call.arguments)
    told = call.arguments if value is ABSENT else json.dumps(value, sort_keys=True)
    return call.name, told


def _plain(text: str) -> str:
    return " ".join(text.split()).strip(" .\"'`").casefold()
