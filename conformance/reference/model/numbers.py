"""Counting: numbers in digits and in words, lists of things, and how to set them apart."""

from __future__ import annotations

import re

from conformance.reference.model import bank

_MOST_ITEMS = 5000
_HUNDRED = 100

_NUMBER = r"(-?\d{1,9}|[a-z]+(?:-[a-z]+)?)"
_COUNT = re.compile(
    rf"\b(?:count|numbers|integers|digits)\b(?P<how>[^.\n]*?)\s(?:from\s+)?{_NUMBER}\s*(?:to|through|until|up to|-|–)\s*{_NUMBER}",
    re.IGNORECASE,
)
_COUNT_TO = re.compile(rf"\bcount\b[^.\n]*?\b(?:up to|to)\s+{_NUMBER}", re.IGNORECASE)


def counted(text: str) -> str | None:
    """The numbers that a text asks to be counted; None where it asks for none."""
    bounds = _bounds(text)
    if bounds is None:
        return None
    first, last = map(as_number, bounds)
    if first is None or last is None or abs(last - first) > _MOST_ITEMS:
        return None
    if "backward" in text or "down" in text:
        first, last = max(first, last), min(first, last)
    numbers = range(first, last + 1) if first <= last else range(first, last - 1, -1)
    spelled = bounds[1].isalpha() or "in words" in text
    return _joined(text, [_in_words(n) if spelled else str(n) for n in numbers])


def _bounds(text: str) -> tuple[str, str] | None:
    """From where to where to count, as it is written: `1`, `twenty`."""
    match = _COUNT.search(text)
    if match and None not in (as_number(match[2]), as_number(match[3])):
        return match[2], match[3]
    to = _COUNT_TO.search(text)
    if to:
        return ("1" if to[1].isdecimal() else "one"), to[1]
    return None


def as_number(text: str) -> int | None:
    """A number in digits, or up to a hundred in words."""
    text = text.lower()
    if text.lstrip("-").isdecimal():
        return int(text)
    for number in range(_HUNDRED + 1):
        if _in_words(number) == text:
            return number
    return None


def _in_words(number: int) -> str:
    if not 0 <= number <= _HUNDRED:
        return str(number)
    if number == _HUNDRED:
        return "one hundred"
    if number < len(bank.NUMBER_WORDS):
        return bank.NUMBER_WORDS[number]
    tens, ones = divmod(number, 10)
    return bank.TENS[tens] + (f"-{bank.NUMBER_WORDS[ones]}" if ones else "")


def _joined(text: str, items: list[str]) -> str:
    """Items as the prompt wants them apart; by comma where it says nothing."""
    lower = text.lower()
    if re.search(
        r"(?:one|each) (?:number |item |word )?(?:per|on (?:a|its own|each)) line|new ?line", lower
    ):
        return "\n".join(items)
    if re.search(r"separated by (?:single )?(?:a )?space|with spaces|space-separated", lower):
        return " ".join(items)
    return ", ".join(items)


_LIST = re.compile(
    r"\b(?:list|name|give(?: me)?|write(?: down)?|tell me|what are)\b[^.?\n]*", re.IGNORECASE
)


def listed(text: str) -> str | None:
    """The things that a text asks to be listed; None where it asks for none we know."""
    match = _LIST.search(text)
    if not match:
        return None
    for word in re.findall(r"[a-z]+", match.group().lower()):
        singular = f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s")
        if singular in bank.LISTS and (singular != word or word == "alphabet"):
            known = list(bank.LISTS[singular])
            asked = next(
                (n for each in match.group().split() if (n := as_number(each))), len(known)
            )
            items = [known[place % len(known)] for place in range(min(asked, _MOST_ITEMS))]
            return _joined(text, items)
    return ", ".join(bank.LISTS["letter"]) if "alphabet" in match.group().lower() else None
