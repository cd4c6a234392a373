"""CREQ: a parameter at its default is the same as none, and so is never refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.checks import select
from conformance.checks.core import Problem, check
from conformance.checks.facts import ERROR, Facts
from conformance.checks.paths import CHAT
from conformance.checks.show import shown
from conformance.checks.statuses import error_of

_DEFAULTS: dict[str, dict[str, Any]] = {
    "CREQ-023": {"temperature": 1},
    "CREQ-026": {"top_p": 1},
    "CREQ-028": {"frequency_penalty": 0, "presence_penalty": 0},
    "CREQ-034": {"n": 1},
    "CREQ-044": {"response_format": {"type": "text"}},
    "CREQ-063": {"stream": False},
}


def _at_default(one: Facts, defaults: dict[str, Any]) -> list[str]:
    if one.endpoint != CHAT or not one.asked:
        return []
    return [
        name
        for name, value in defaults.items()
        if name in one.asked
        and one.asked[name] == value
        and isinstance(one.asked[name], bool) is isinstance(value, bool)
    ]


def _never_refused(clause: str, defaults: dict[str, Any]) -> None:
    """Register that these are no reason to refuse a request."""

    def judge(one: Facts) -> Iterator[Problem]:
        for name in _at_default(one, defaults):
            if (one.status or 0) >= ERROR and error_of(one).get("param") == name:
                yield Problem(message=f"status {one.status} for {name} {shown(one.asked[name])}")

    names = " and ".join(f"`{name}`" for name in defaults)
    judge.__doc__ = f"{names} at the default is never refused."
    over = select.among(select.responses, lambda one: bool(_at_default(one, defaults)))
    check(clause, over=over, always=True, name=f"default_{'_or_'.join(defaults)}_is_accepted")(
        judge
    )


for _clause, _values in _DEFAULTS.items():
    _never_refused(_clause, _values)
