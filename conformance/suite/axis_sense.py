"""Whether the axes of a case make sense: their values as ids, what they hold, and where they are used."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from conformance.suite.axes import word
from conformance.suite.directives import is_directive, of_axis
from conformance.suite.draft import CaseDraft
from conformance.suite.merge import Patch
from conformance.suite.source import At, Complaint, walk
from conformance.suite.vocabulary import Vocabulary

SAFE = re.compile(r"[A-Za-z0-9._+-]{1,40}")


def axes_are_fit(case: CaseDraft, _words: Vocabulary) -> Iterator[Complaint]:
    """Axis values stand in ids and in `-k` expressions, and make a difference on the wire."""
    used = {name for step in case.steps for name in _used(step.patches)}
    for name, values in case.axes.items():
        at = (*case.at, "axes", name)
        if name not in used:
            yield Complaint(
                at=at,
                reason=f"axis {name!r} is used by no request",
                remedy=f"write {{$var: axis.{name}}} where its value belongs",
                of_key=True,
                consequence=True,
            )
        yield from _values_of_axis(values, at)


def _values_of_axis(values: Sequence[Any], at: At) -> Iterator[Complaint]:
    seen: set[str] = set()
    for number, value in enumerate(values):
        called = word(value)
        printed = called if isinstance(called, str) else json.dumps(called)
        if printed in seen:
            reason = f"two values of the axis are printed {printed!r}"
            yield Complaint(at=(*at, number), reason=reason)
        if not SAFE.fullmatch(printed):
            yield Complaint(
                at=(*at, number),
                reason=f"{printed!r} cannot stand in an id",
                remedy="use up to 40 letters, digits and . _ + -",
            )
        seen.add(printed)


def _used(patches: Sequence[Patch]) -> set[str]:
    """Names of the axes that these requests refer to."""
    targets = (
        value.get(form)
        for patch in patches
        for _, value in walk(patch.data)
        if isinstance(value, Mapping)
        for form in ("$var", "$optional")
    )
    return {
        target.removeprefix("axis.").partition(".")[0]
        for target in targets
        if isinstance(target, str) and target.startswith("axis.")
    }


def values_are_plain(case: CaseDraft, _words: Vocabulary) -> Iterator[Complaint]:
    """Values of axes go as they are: nothing in them is resolved."""
    for name, listed in case.axes.items():
        for number, value in enumerate(listed):
            if any(is_directive(held) for _, held in walk(value)):
                yield Complaint(
                    at=(*case.at, "axes", name, number),
                    reason=f"directives are not resolved in value {word(value)!r} of an axis",
                )


def what_waits_is_there(case: CaseDraft, _words: Vocabulary) -> Iterator[Complaint]:
    """Values that only a thorough run tries are values of the case's axes, and not all of one."""
    for name, waiting in case.data.get("thorough", {}).items():
        at = (*case.at, "thorough", name)
        if name not in case.axes:
            remedy = f"known here: {', '.join(case.axes) or 'none'}"
            reason = f"no axis is called {name!r}"
            yield Complaint(at=at, reason=reason, remedy=remedy, of_key=True)
            continue
        known = {json.dumps(word(value)) for value in case.axes[name]}
        for number, each in enumerate(waiting):
            if json.dumps(each) not in known:
                yield Complaint(at=(*at, number), reason=f"axis {name!r} has no value {each!r}")
        if known <= {json.dumps(each) for each in waiting}:
            yield Complaint(
                at=at,
                reason=f"no value of axis {name!r} is left for other runs",
                remedy="write `effort: thorough` in place of it",
            )


def keywords_have_names(case: CaseDraft, _words: Vocabulary) -> Iterator[Complaint]:
    """The name of a keyword is text, or a text that each value of an axis has."""
    name = case.data.get("keyword", {}).get("name")
    if not isinstance(name, Mapping):
        return
    at = (*case.at, "keyword", "name")
    target = name.get("$var")
    if len(name) != 1 or not isinstance(target, str) or not target.startswith("axis."):
        yield Complaint(at=at, reason="a keyword's name is text, or {$var: axis.NAME.KEY}")
        return
    yield from of_axis(target.removeprefix("axis."), case.axes, at)


AXIS_SENSE: tuple[Callable[[CaseDraft, Vocabulary], Iterator[Complaint]], ...] = (
    axes_are_fit,
    values_are_plain,
    what_waits_is_there,
    keywords_have_names,
)
