"""The formats of strings that strict schemas know, as RFC 3339, 1123, 4291 and 9562 write them.

Where a standard leaves a choice (`T` or `t`, a leap second, fractions) every choice is right, and
so is the 31st of every month: no grammar knows the calendar, and what a model says within the
format is its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Any

from jsonschema import FormatChecker

_DATE = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
_NUMBER = r"[0-9]+([.,][0-9]+)?"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"

_PATTERNS = {
    "date": _DATE,
    "date-time": rf"{_DATE}[Tt ]{_TIME}",
    "time": _TIME,
    "duration": rf"P(?=.)({_NUMBER}Y)?({_NUMBER}M)?({_NUMBER}W)?({_NUMBER}D)?"
    rf"(T(?=.)({_NUMBER}H)?({_NUMBER}M)?({_NUMBER}S)?)?",
    "email": r"[^@\s]+@[^@\s]+",
    "hostname": rf"(?=.{{1,253}}\.?$){_LABEL}(\.{_LABEL})*\.?",
    "uuid": r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
}


def _matching(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


def _is_address(kind: type[IPv4Address | IPv6Address]) -> Callable[[str], bool]:
    def is_one(text: str) -> bool:
        try:
            kind(text)
        except AddressValueError:
            return False
        return True

    return is_one


_TESTS: dict[str, Callable[[str], bool]] = {
    **{name: _matching(pattern) for name, pattern in _PATTERNS.items()},
    "ipv4": _is_address(IPv4Address),
    "ipv6": _is_address(IPv6Address),
}


def _checker() -> FormatChecker:
    found = FormatChecker(formats=())
    for name, test in _TESTS.items():
        found.checks(name)(_of_texts(test))
    return found


def _of_texts(test: Callable[[str], bool]) -> Callable[[Any], bool]:
    """A format says nothing of what is no string."""
    return lambda value: not isinstance(value, str) or test(value)


FORMATS = _checker()
"""Knows these formats only; any other is an annotation."""
