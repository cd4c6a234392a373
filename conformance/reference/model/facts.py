"""What stands in a prompt: quoted texts, numbers, places, addresses, sums, JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from conformance.reference.model.wordset import wordset

_QUOTED = re.compile(
    r'"((?:[^"\\]|\\.)*)"|`([^`]+)`|“([^”]*)”|«([^»]*)»|「([^」]*)」|(?<!\w)\'((?:[^\'\\]|\\.)+)\'(?!\w)',
    re.DOTALL,
)
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w])")
_TOLD = re.compile(
    r"\b(?:text|message|note|following|exactly|verbatim|content|title|line)\b[^:\"\n]{0,20}:\s+"
    r"(.+?)(?:\s+(?:Use|Call) (?:the|this|that|your) (?:tool|function)\b.*)?$",
    re.IGNORECASE | re.DOTALL,
)
ATTENTION = 4000
_LONGEST_NUMBER = 17
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_URL = re.compile(r"https?://[^\s\"'<>]+[^\s\"'<>.,;:!?)]")
_DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b")
_SUM = re.compile(r"(?<!\d)-?\d+(?:\.\d+)?(?:\s*(?:[-+*/×÷x^]|\*\*)\s*\(?-?\d+(?:\.\d+)?\)?)+")
_NAME = r"[^\W\d_a-zß-öø-ÿ][\w'’]*"
_CAPITALS = re.compile(rf"{_NAME}(?:(?: |-|, (?=[A-Z]{{2}}\b))(?:(?:de|do|da|of|am|la) )?{_NAME})*")
_LOWER_PLACE = re.compile(r"\b(?:in|for|at|near|to)\s+([a-zà-ÿ]{3,})\b")
_WORD_OPERATORS = (
    (re.compile(r"(?<=\d)\s+(?:plus|and|added to)\s+(?=-?\d)"), " + "),
    (re.compile(r"(?<=\d)\s+minus\s+(?=-?\d)"), " - "),
    (re.compile(r"(?<=\d)\s+(?:times|multiplied by)\s+(?=-?\d)"), " * "),
    (re.compile(r"(?<=\d)\s+(?:divided by|over)\s+(?=-?\d)"), " / "),
)
_NO_PLACE = wordset(
    "i i'm ok json yes no api url id celsius fahrenheit monday tuesday wednesday thursday friday "
    "saturday sunday january february march april may june july august september october november "
    "december please what which how who when where why is are do does did can could would should "
    "will tell give say show find get compare use call first then and or the a an my our your if "
    "in for with write list count answer reply respond now also after check look send book "
    "it it's he she we they you this that there here extract return make create generate respond "
    "tomorrow today tonight let need want english french german spanish utc gmt both each"
)
_NOT_SAID = wordset("and or of for in on to is are as with the a an from by at not it")
_NO_LOWER_PLACE = wordset(
    "the this that these one each all both me you your my our json english french german order "
    "general total detail short long words sentence lowercase uppercase today tomorrow now two "
    "three four five least most any every example help use celsius fahrenheit degrees metric"
)


def attended(text: str) -> str:
    """What the rules look at: all of a text, or beginning and end of one that is very long.

    Rules are regular expressions, some of which take quadratic time.
    """
    half = ATTENTION // 2
    return text if len(text) <= ATTENTION else f"{text[:half]} {text[-half:]}"


@dataclass(frozen=True, eq=False)
class Facts:
    """A text, looked at for what a tool's arguments or a JSON answer could be filled with."""

    text: str

    @cached_property
    def quoted(self) -> tuple[str, ...]:
        """Texts in quotation marks, with simple backslash escapes undone."""
        found = (next(filter(None, match.groups()), "") for match in _QUOTED.finditer(self.text))
        return tuple(_unescaped(each) for each in found if each)

    @cached_property
    def told(self) -> str | None:
        """The text after `this text:` or `exactly:`, up to an order to use a tool."""
        match = _TOLD.search(self.text)
        return match[1].strip() if match else None

    @cached_property
    def numbers(self) -> tuple[int | float, ...]:
        """Numbers in order; whole ones as int."""
        found = (match.group() for match in _NUMBER.finditer(self.text))
        return tuple(
            float(each) if "." in each else int(each)
            for each in found
            if len(each) <= _LONGEST_NUMBER
        )

    @cached_property
    def emails(self) -> tuple[str, ...]:
        return tuple(_EMAIL.findall(self.text))

    @cached_property
    def urls(self) -> tuple[str, ...]:
        return tuple(_URL.findall(self.text))

    @cached_property
    def dates(self) -> tuple[str, ...]:
        return tuple(_DATE.findall(self.text))

    @cached_property
    def sums(self) -> tuple[str, ...]:
        """Arithmetic expressions, words such as `plus` written as signs."""
        text = self.text
        for words, sign in _WORD_OPERATORS:
            text = words.sub(sign, text)
        return tuple(match.group().strip() for match in _SUM.finditer(_DATE.sub(" ", text)))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Capitalized names (cities, people), in order and once each."""
        found = dict.fromkeys(_names(self.text))
        if not found:
            lower = _LOWER_PLACE.findall(self.text)
            found = dict.fromkeys([e.title() for e in lower if e not in _NO_LOWER_PLACE][:1])
        return tuple(found)

    @cached_property
    def json(self) -> tuple[Any, ...]:
        """JSON objects and arrays written out in the text."""
        return tuple(_json_in(self.text))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words in lower case."""
        return tuple(re.findall(r"[^\W_]+", self.text.lower()))

    def after(self, name: str) -> str | None:
        """What the text says a thing is: `name is Ann`, `name: Ann`, `name "Ann"`, `named Ann`."""
        spoken = re.escape(name.replace("_", " ").replace("-", " ")).replace(r"\ ", r"[ _-]")
        said = re.search(
            rf"(?i:\b(?:{spoken}|{re.escape(name)}))(?:d)?\s*(?:is|are|to|as|of|=|:|named|called)?\s+"
            r"(?:\"((?:[^\"\\]|\\.)+)\"|'([^']+)'|([^\s.,;:!?\"']+))",
            self.text,
        )
        word = _unescaped(next(filter(None, said.groups()))) if said else ""
        return word if word and word.lower() not in _NOT_SAID else None


def _unescaped(text: str) -> str:
    return text.replace('\\"', '"').replace("\\n", "\n").replace("\\'", "'").replace("\\\\", "\\")


def _names(text: str) -> Iterator[str]:
    for match in _CAPITALS.finditer(text):
        words = match.group().split(" ")
        while words and words[0].strip(",").lower() in _NO_PLACE:
            words.pop(0)
        name = " ".join(words).strip(",").removesuffix("'s").removesuffix("’s")
        if name and name.lower() not in _NO_PLACE and not _begins_sentence(text, match, name):
            yield name


def _begins_sentence(text: str, match: re.Match[str], name: str) -> bool:
    """The first word of a sentence is capitalized anyway, unless a name is all there is to it."""
    if match.group() != name:
        return False
    before = text[: match.start()].rstrip(" \"'(")
    return (not before or before[-1] in ".?!\n") and not re.match(
        r"(?:,| and | vs| is \d|\s*$|'s|’s| weather)", text[match.end() :]
    )


def _json_in(text: str) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    place = 0
    while (start := _first_bracket(text, place)) >= 0:
        try:
            value, place = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            place = start + 1
            continue
        yield value


def _first_bracket(text: str, start: int) -> int:
    found = re.compile(r"[{\[]").search(text, start)
    return found.start() if found else -1
