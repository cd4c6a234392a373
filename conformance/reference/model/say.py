"""Plain answers: what simple prompts ask for, found by rules, the first that fits."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from conformance.reference.model import bank, numbers, prose, tongues
from conformance.reference.model.arithmetic import solved
from conformance.reference.model.facts import Facts
from conformance.reference.model.orders import exactly
from conformance.reference.model.voice import Voice

_MOST_SCATTERED = 200
_THEN = re.compile(r"(?<=[.!?])\s+Then,?\s+")
_NAME_ONE = re.compile(r"\b(?:an?|one|any|some)\s+([a-z]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked, what was said before, and how free the answer is."""

    facts: Facts
    before: tuple[str, ...]
    """Earlier texts of the conversation, system messages included, oldest first."""
    voice: Voice
    pictures: tuple[str, ...] = ()
    """What is seen in the images of the conversation, in order."""

    @property
    def text(self) -> str:
        return self.facts.text


Rule = Callable[[Prompt], str | None]


def answer(prompt: Prompt, orders: tuple[str, ...]) -> str:
    """The answer to a prompt. `orders` are standing instructions (system messages); the last one counts."""
    for order in reversed(orders):
        said = exactly(order, standing=True)
        if said is not None:
            return said
    parts = [part for part in _THEN.split(prompt.text) if part.strip()]
    if len(parts) > 1:
        return "\n".join(_one(replace(prompt, facts=Facts(part))) for part in parts)
    return _one(prompt)


def _one(prompt: Prompt) -> str:
    return next(said for rule in _RULES if (said := rule(prompt)) is not None)


def _seen(prompt: Prompt) -> str | None:
    """`Which color is this?`, with an image."""
    asked = re.search(r"\b(?:colou?rs?|image|picture|see)\b", prompt.text, re.IGNORECASE)
    return ", ".join(prompt.pictures) if prompt.pictures and asked else None


def _say(prompt: Prompt) -> str | None:
    return exactly(prompt.text)


def _sum(prompt: Prompt) -> str | None:
    for each in prompt.facts.sums:
        value = solved(each)
        if value is not None:
            return value
    return None


def _capital(prompt: Prompt) -> str | None:
    match = re.search(r"capital (?:city )?of ([\w ]+)", prompt.text, re.IGNORECASE)
    return bank.CAPITALS.get(match[1].strip().lower()) if match else None


_RECALL = re.compile(
    r"\b(?:what|which|who|tell me|repeat|remember|recall)\b[^.?\n]*?\b(?:my|the|your|our)\s+([\w -]+?)"
    r"(?=\s+(?:is|was|i|again|that|you|we)\b|[?.]|$)",
    re.IGNORECASE,
)


def _recall(prompt: Prompt) -> str | None:
    """`What is my name?` after `My name is Ann.`"""
    match = _RECALL.search(prompt.text)
    if not match:
        return None
    thing = re.escape(match[1].strip().split(" is ")[-1])
    told = re.compile(
        rf"\b{thing}\b\s*(?:is|was|are|=|:)\s*(?:\"([^\"]+)\"|'([^']+)'|([^\s.,;!?]+))",
        re.IGNORECASE,
    )
    for said in (prompt.text, *reversed(prompt.before)):
        found = told.search(said)
        if found:
            return _first(found)
    return None


def _first(match: re.Match[str]) -> str | None:
    """The first group that holds something."""
    return next(filter(None, match.groups()), None)


def _random(prompt: Prompt) -> str | None:
    """`Pick a random number between 1 and 100`, `a random word`."""
    if not re.search(
        r"\brandom|\bpick\b|\bchoose\b|\bany\b|\binvent\b|\bmake up\b", prompt.text, re.IGNORECASE
    ):
        return None
    if "number" in prompt.facts.words:
        return str(prompt.voice.pick(_scattered(prompt.facts.numbers)))
    return _named(prompt)


def _named(prompt: Prompt) -> str | None:
    """`Name a color, an animal and a city.`"""
    if not re.search(
        r"\b(?:name|pick|choose|think|give|tell|invent|random|say|write)\b",
        prompt.text,
        re.IGNORECASE,
    ):
        return None
    kinds = [
        *_NAME_ONE.findall(prompt.text.lower()),
        *re.findall(r"random ([a-z]+)", prompt.text.lower()),
    ]
    picked = [prompt.voice.pick(bank.LISTS[kind]) for kind in kinds if kind in bank.LISTS]
    return ", ".join(picked) or None


def _scattered(bounds: Sequence[float]) -> Sequence[int]:
    """Some numbers within bounds (1 and 100 without any), well mixed."""
    low, high = sorted(map(int, bounds[:2])) if len(bounds) > 1 else (1, 100)
    span = range(low, high + 1)
    return [span[(7 + 37 * n) % len(span)] for n in range(min(len(span), _MOST_SCATTERED))]


def _yes_or_no(prompt: Prompt) -> str | None:
    found = re.search(r"\b(yes) or (no)\b|\b(true) or (false)\b", prompt.text, re.IGNORECASE)
    return _first(found) if found else None


def _joke(prompt: Prompt) -> str | None:
    return (
        prompt.voice.pick(bank.JOKES)
        if re.search(r"\bjoke\b|\bpun\b", prompt.text, re.IGNORECASE)
        else None
    )


def _counted(prompt: Prompt) -> str | None:
    return numbers.counted(prompt.text)


def _listed(prompt: Prompt) -> str | None:
    return numbers.listed(prompt.text)


def _prose(prompt: Prompt) -> str | None:
    return prose.written(prompt.text, prompt.voice)


def _greeting(prompt: Prompt) -> str | None:
    if re.match(
        r"\s*(?:hi|hello|hey|good (?:morning|evening|day)|ping)\b", prompt.text, re.IGNORECASE
    ):
        return prompt.voice.pick(
            (
                "Hello! How can I help you today?",
                "Hi there! What can I do for you?",
                "Hello! What is on your mind?",
            )
        )
    return None


def _elsewhere(prompt: Prompt) -> str | None:
    """A question in another script is answered in it."""
    return tongues.answered(prompt.text)


def _today(prompt: Prompt) -> str | None:
    """Nobody has told it."""
    asked = re.search(r"\btoday's date\b", prompt.text, re.IGNORECASE)
    return "I have no clock, so I cannot know that." if asked else None


def _otherwise(prompt: Prompt) -> str:
    return prompt.voice.pick(
        (
            "I am a small model that follows simple rules, and I have no better answer than this one.",
            "That is beyond my simple rules, but I am glad that you asked me.",
            "My rules are few, so here is a short answer: it depends.",
            "I can count, repeat, list and calculate; this needs more than that.",
            "There is no rule in me for that, so let us say it is a fine question.",
        )
    )


_RULES: tuple[Rule, ...] = (
    _seen,
    _counted,
    _say,
    _recall,
    _capital,
    _random,
    _sum,
    _joke,
    _prose,
    _listed,
    _named,
    _yes_or_no,
    _greeting,
    _elsewhere,
    _today,
    _otherwise,
)
