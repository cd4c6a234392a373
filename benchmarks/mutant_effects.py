"""Damages that real servers did to answers, each for any endpoint: what a mutant does where its features meet."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

from mutant_answers import Said
from mutant_operators import TEXTS, WHOLE, Rewrite, text


def _holders(value: Any, key: str) -> Iterator[dict[str, Any]]:
    """Every mapping in a document that has this key, outermost first."""
    if isinstance(value, dict):
        if key in value:
            yield value
        for name, held in value.items():
            if name not in {"parameters", "metadata", "schema", "tools"}:
                yield from _holders(held, key)
    elif isinstance(value, list):
        for each in value:
            yield from _holders(each, key)


def everywhere(key: str, how: Callable[[Any], Any]) -> Rewrite:
    """`how` of each value under this key, in every document of the answer."""

    def rewrite(said: Said) -> Said | None:
        new = copy.deepcopy(said)
        changed = False
        for _, one in new.documents():
            for holder in list(_holders(one, key)):
                after = how(holder[key])
                changed = changed or after != holder[key]
                holder[key] = after
        return new if changed and said.status < 400 else None

    return rewrite


def text_of_json(how: Callable[[str], str]) -> Callable[[str], str]:
    """`how` of each text in the JSON of arguments; what is no JSON stays."""

    def each(value: Any) -> Any:
        match value:
            case str():
                return how(value)
            case dict():
                return {name: each(held) for name, held in value.items()}
            case list():
                return [each(held) for held in value]
        return value

    def rewrite(arguments: str) -> str:
        try:
            before = json.loads(arguments)
        except ValueError:
            return arguments
        after = each(before)
        return json.dumps(after, ensure_ascii=False) if after != before else arguments

    return rewrite


def counts(name: str, how: Callable[[int], int]) -> Rewrite:
    other = {"completion_tokens": "output_tokens", "prompt_tokens": "input_tokens"}[name]

    def counted(usage: Any) -> Any:
        if not isinstance(usage, dict):
            return usage
        new = dict(usage)
        for each in (name, other):
            if isinstance(new.get(each), int):
                change = how(new[each]) - new[each]
                new[each] += change
                new["total_tokens"] = new.get("total_tokens", 0) + change
        return new

    return everywhere("usage", counted)


def finish(how: Callable[[str], str | None]) -> Rewrite:
    return everywhere("finish_reason", lambda held: how(held) if isinstance(held, str) else held)


def scores(how: Callable[[list[Any]], list[Any]]) -> Rewrite:
    """`how` of the lists of log probabilities, of chat and of text completions."""

    def changed(held: Any) -> Any:
        if not isinstance(held, dict):
            return held
        return {
            name: how(each) if isinstance(each, list) and each else each
            for name, each in held.items()
        }

    return everywhere("logprobs", changed)


def _text(name: str) -> Rewrite:
    return text("content", TEXTS[name])


def _values(name: str) -> Rewrite:
    return text("arguments", text_of_json(TEXTS[name]))


def _without_alternatives(entries: list[Any]) -> list[Any]:
    return [{**each, "top_logprobs": []} if isinstance(each, dict) else each for each in entries]


EFFECTS: dict[str, Rewrite] = {
    "text: first character lost": _text("first character lost"),
    "text: last character lost": _text("last character lost"),
    "text: last word lost": _text("last word lost"),
    "text: half of it lost": _text("second half lost"),
    "text: emptied": _text("emptied"),
    "text: doubled": _text("doubled"),
    "text: stripped": _text("stripped"),
    "text: newlines lost": _text("newlines lost"),
    "text: not ASCII lost": _text("not ASCII lost"),
    "text: entities": _text("entities"),
    "text: first digit wrong": _text("first digit wrong"),
    "text: a word before": _text("words before"),
    "text: end marker": _text("end marker"),
    "calls: lost": WHOLE["calls lost"],
    "calls: as text": WHOLE["calls as text"],
    "calls: without id": everywhere(
        "tool_calls",
        lambda held: (
            [{**each, "id": None} if "id" in each else each for each in held] if held else held
        ),
    ),
    "arguments: cut": text("arguments", TEXTS["last character lost"]),
    "arguments: a value's first character lost": _values("first character lost"),
    "arguments: values stripped of what is not ASCII": _values("not ASCII lost"),
    "arguments: blanks of values lost": _values("spaces lost"),
    "usage: lost": everywhere("usage", lambda held: None),
    "usage: one token more": counts("completion_tokens", lambda held: held + 1),
    "usage: nothing said": counts("completion_tokens", lambda held: 0),
    "usage: prompt counted twice": counts("prompt_tokens", lambda held: 2 * held),
    "finish: never": finish(lambda held: None),
    "finish: always stop": finish(lambda held: "stop"),
    "finish: always length": finish(lambda held: "length"),
    "scores: lost": everywhere("logprobs", lambda held: None if held else held),
    "scores: last lost": scores(lambda held: held[:-1]),
    "scores: without alternatives": scores(_without_alternatives),
    "choices: only the first": WHOLE["only the first choice"],
    "answer: crashed": WHOLE["crashed with 500"],
    "answer: an error as 200": WHOLE["error as 200"],
    "stream: cut off": WHOLE["cut off"],
    "stream: an event doubled": WHOLE["events doubled"],
    "stream: two events swapped": WHOLE["two events swapped"],
    "stream: second event lost": WHOLE["second event lost"],
    "stream: last but one lost": WHOLE["last but one lost"],
    "stream: without its last event": WHOLE["last event lost"],
    "reasoning: lost": text("reasoning_content", TEXTS["emptied"]),
    "reasoning: last character lost": text("reasoning_content", TEXTS["last character lost"]),
}
"""By name; the part before the colon is the family."""
