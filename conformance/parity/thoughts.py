"""Models that think before they answer: what of an answer is a witness, and at which stage.

Prompt tokens (stage 0) and tasks (stage 4) are what they are, whatever is thought. What is written
(stage 3) counts from its first word, thoughts before the answer: the model wrote both. The first
token of thoughts is nearly the same whatever the model, and the first one of an answer follows from
thoughts that were drawn: neither tells models apart at stages 1 and 2.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from typing import Any, NamedTuple

from conformance.parity.model import Answer, Position, StageName
from conformance.parity.turns import Side

ALOUD = "it thought first: its first tokens are not those of an answer"
HIDDEN = "its tokens were used up before a word was seen, as by thoughts that are hidden"
WHATEVER = (StageName.RENDERING, StageName.TASKS)
"""Stages whose witnesses don't depend on what was thought."""
_BEGIN = ("<think", "[THINK]", "<|channel|>", "<seed:think>")  # how answers begin that think aloud
_MARKS = re.compile(r"<\|channel\|>\w*|<\|\w+\|>|</?(?:seed:)?think(?:ing)?>|\[/?THINK\]")
_MOST = 0.5  # of the answers of one side, more than of the other: one thinks, the other doesn't


def thoughts(reasoning: Any, text: str, positions: Sequence[Position]) -> str:
    """What was thought aloud: in a member of its own, or in the text, or where only its mark is left."""
    if reasoning:
        return reasoning if isinstance(reasoning, str) else f"{reasoning}"
    if text.lstrip().startswith(_BEGIN):
        return text
    mark = positions[0].token.decode("utf-8", "replace").strip() if positions and not text else ""
    return mark if mark.startswith(_BEGIN) else ""


def counted(usage: Mapping[str, Any]) -> bool:
    """Whether tokens of thoughts are billed."""
    details = usage.get("completion_tokens_details")
    number = details.get("reasoning_tokens") if isinstance(details, Mapping) else None
    return isinstance(number, int) and number > 0


def written(thought: str, text: str) -> str:
    """All that a model wrote, alike whether a server put its thoughts apart or left them in the text."""
    if not thought:
        return text
    whole = text if thought == text else f"{thought} {text}"
    return " ".join(_MARKS.sub(" ", whole).split())


def hidden(answer: Answer) -> bool:
    """Thoughts were counted and are not shown, or nothing is seen though all its tokens were used up."""
    nothing = not answer.text and not answer.positions and answer.finish == "length"
    return not answer.thoughts and (answer.unseen or nothing)


def first(answers: Sequence[Answer]) -> str:
    """Why none of these is a witness of first tokens: all think first; nothing where some don't."""
    heard = _heard(answers)
    if not heard or not all(each.thoughts or hidden(each) for each in heard):
        return ""
    return ALOUD if any(each.thoughts for each in heard) else HIDDEN


def apart(known: Sequence[Answer], said: Sequence[Answer]) -> str:
    """That one of both thinks before it answers and the other doesn't; or nothing."""
    one, other = _Share.of(known), _Share.of(said)
    if one is None or other is None or abs(one.thinks - other.thinks) <= _MOST:
        return ""
    thinks, not_ = _sides(one.thinks > other.thinks)
    return (
        f"the {thinks} thinks before it answers and the {not_} does not: a template or a server "
        "switches it off (fragments.thinking-off in both entries makes them alike)"
    )


def unlike(
    known: Sequence[Answer], said: Sequence[Answer], mute: Container[Side] = frozenset()
) -> str:
    """Why long answers of these two can't be compared: only one thinks, or one shows its thoughts.

    `mute`: sides of whose first tokens nothing was seen; they think, though the end of a long
    answer is seen.
    """
    one, other = _Share.of(known), _Share.of(said)
    if one is None or other is None:
        return ""
    if Side.BASELINE in mute:
        one = one.at_least_hidden()
    if Side.CANDIDATE in mute:
        other = other.at_least_hidden()
    if abs(one.thinks - other.thinks) > _MOST:
        thinks, not_ = _sides(one.thinks > other.thinks)
        return (
            f"the {thinks} thinks before it answers and the {not_} does not: what they write "
            "can't be compared"
        )
    if abs(one.aloud - other.aloud) > _MOST:
        shows, hides = _sides(one.aloud > other.aloud)
        return f"the {hides} hides what it thinks and the {shows} shows it: what is seen can't be compared"
    return ""


class _Share(NamedTuple):
    """Of the answers of one side, how many think aloud, and how many where nobody sees it."""

    aloud: float
    hidden: float

    @classmethod
    def of(cls, answers: Sequence[Answer]) -> _Share | None:
        heard = _heard(answers)
        if not heard:
            return None
        aloud = sum(bool(each.thoughts) for each in heard) / len(heard)
        return cls(aloud, sum(map(hidden, heard)) / len(heard))

    @property
    def thinks(self) -> float:
        return self.aloud + self.hidden

    def at_least_hidden(self) -> _Share:
        return _Share(self.aloud, 1 - self.aloud)


def _sides(baseline: bool) -> tuple[Side, Side]:  # noqa: FBT001 - which of two has more
    sides = Side.BASELINE, Side.CANDIDATE
    return sides if baseline else sides[::-1]


def _heard(answers: Sequence[Answer]) -> list[Answer]:
    return [each for each in answers if each.thoughts or hidden(each) or not each.trouble]
