"""Files of audits, strictly read: which stages are asked, with which prompts and tasks of the user's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.errors import did_you_mean
from conformance.suite.source import At, Complaint, Document, read

VERSION = 1
MARK = "parity:"
_MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One stage, which is one item of a run."""

    name: str
    stage: str
    title: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParitySuite:
    """An audit as it was written down."""

    title: str
    questions: tuple[Question, ...]
    margin: float | None
    """Of stage 4, in percent."""
    prompts: str | None
    items: tuple[str, ...]


def is_parity_suite(text: str) -> bool:
    """By its mark at the beginning of a line."""
    return any(line.startswith(MARK) for line in text.splitlines())


def load_parity_suite(text: str, path: str, stages: Sequence[str]) -> ParitySuite:
    """`stages`: those that there are. Raises SourceError with file, line and column."""
    document = read(text, path)
    document.refuse(_complaints(document, stages))
    data = document.data
    return ParitySuite(
        title=data["title"],
        questions=tuple(
            Question(
                name=name,
                stage=one["stage"],
                title=one["title"],
                line=int(document.place(("stages", name), of_key=True).rsplit(":", 2)[1]),
            )
            for name, one in data["stages"].items()
        ),
        margin=data.get("margin"),
        prompts=data.get("prompts"),
        items=tuple(data.get("items", ())),
    )


Rule = tuple[str, Callable[[Any], bool]]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_margin(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < _MOST


def _is_map(value: Any) -> bool:
    return isinstance(value, dict) and bool(value)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_text, value))


_TEXT: Rule = ("a text", _is_text)
_ROOT: Mapping[str, Rule] = {
    "parity": (f"{VERSION}", lambda value: value == VERSION and isinstance(value, int)),
    "title": _TEXT,
    "stages": ("a mapping of names to stages", _is_map),
    "margin": ("a share in percent", _is_margin),
    "prompts": _TEXT,
    "items": ("a list of files", _is_list),
}
_NEEDED = ("parity", "title", "stages")


def _complaints(document: Document, stages: Sequence[str]) -> Iterator[Complaint]:
    found = list(_keys(document.data, (), _ROOT, _NEEDED))
    yield from found
    if found:
        return
    there: Rule = (f"one of {', '.join(stages)} (in quotes)", lambda value: value in stages)
    for name, one in document.data["stages"].items():
        rules = {"stage": there, "title": _TEXT}
        yield from _keys(one, ("stages", name), rules, tuple(rules))


def _keys(
    data: Any, at: At, rules: Mapping[str, Rule], needed: Sequence[str]
) -> Iterator[Complaint]:
    if not isinstance(data, dict):
        yield Complaint(at=at, reason="not a mapping", remedy=f"keys: {', '.join(rules)}")
        return
    for key, value in data.items():
        if key not in rules:
            hint = did_you_mean(key, rules) or f"; keys: {', '.join(rules)}"
            yield Complaint(at=(*at, key), reason=f"unknown key {key!r}{hint}", of_key=True)
        elif not rules[key][1](value):
            yield Complaint(at=(*at, key), reason=f"{key} is not {rules[key][0]}")
    for key in needed:
        if key not in data:
            yield Complaint(at=at, reason=f"{key!r} is missing", consequence=True)
