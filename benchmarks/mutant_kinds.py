"""More damages, of classes that `mutant_effects.py` lacks: written before suites or checks were changed for them.

Half of the kinds, by their names, are `unseen`: nobody mends for them, so that their share says what becomes of a kind
of fault that nobody has thought of.
"""

from __future__ import annotations

import copy
import json
import re
import unicodedata
from collections.abc import Callable
from typing import Any
from zlib import crc32

from mutant_answers import Said
from mutant_effects import counts, everywhere, finish, scores, text_of_json
from mutant_operators import Rewrite, text
from mutant_streams import STREAMS

Value = dict[str, Any]


# --- texts --------------------------------------------------------------------------------------
def _swapped(words: str) -> str:
    parts = words.split(" ")
    return " ".join([*parts[:1], *parts[2:3], *parts[1:2], *parts[3:]]) if len(parts) > 2 else words


def _middle_word_lost(words: str) -> str:
    parts = words.split(" ")
    half = len(parts) // 2
    return " ".join(parts[:half] + parts[half + 1 :]) if len(parts) > 2 else words


TEXTS: dict[str, Callable[[str], str]] = {
    "composed (NFC)": lambda held: unicodedata.normalize("NFC", held),
    "compatible (NFKC)": lambda held: unicodedata.normalize("NFKC", held),
    "CRLF as LF": lambda held: held.replace("\r\n", "\n"),
    "tabs as blanks": lambda held: held.replace("\t", "    "),
    "blanks in a row joined": lambda held: re.sub(r"  +", " ", held),
    "last newline lost": lambda held: held.removesuffix("\n"),
    "leading zeros lost": lambda held: re.sub(r"\b0+(?=\d)", "", held),
    "thousands ungrouped": lambda held: re.sub(r"(?<=\d),(?=\d{3})", "", held),
    "first letter capital": lambda held: held[:1].upper() + held[1:],
    "middle word lost": _middle_word_lost,
    "two words swapped": _swapped,
    "a word doubled": lambda held: re.sub(r"(\w+ )", r"\1\1", held, count=1),
    "first half doubled": lambda held: held[: len(held) // 2] + held,
    "joiners lost": lambda held: re.sub("[\u200c\u200d\ufe0f]", "", held),
    "line breaks escaped": lambda held: held.replace("\n", "\\n"),
    "cut at a line break": lambda held: held.partition("\n")[0],
    "cut at sixteen characters": lambda held: held[:16],
    "without its quotes": lambda held: held.replace('"', ""),
    "marks of right-to-left lost": lambda held: re.sub("[\u0590-\u08ff]", "", held),
    "first code point past ASCII wrong": lambda held: re.sub(r"[^\x00-\x7f]", "x", held, count=1),
}

ARGUMENTS: dict[str, Callable[[Any], Any]] = {
    "numbers as text": lambda held: str(held) if type(held) in {int, float} else held,
    "numbers as fractions": lambda held: held + 0.5 if type(held) is int else held,
    "booleans as text": lambda held: str(held).lower() if isinstance(held, bool) else held,
    "texts as null": lambda held: None if isinstance(held, str) else held,
    "texts emptied": lambda held: "" if isinstance(held, str) else held,
    "texts in lists": lambda held: [held] if isinstance(held, str) else held,
    "lists cut to one": lambda held: held[:1] if isinstance(held, list) else held,
    "first member lost": lambda held: (
        dict(list(held.items())[1:]) if isinstance(held, dict) else held
    ),
    "a member added": lambda held: {**held, "extra": 1} if isinstance(held, dict) else held,
    "keys in another order": lambda held: (
        dict(reversed(held.items())) if isinstance(held, dict) else held
    ),
    "keys in capitals": lambda held: (
        {key.upper(): each for key, each in held.items()} if isinstance(held, dict) else held
    ),
}


def _deep(value: Any, how: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        value = {key: _deep(each, how) for key, each in value.items()}
    elif isinstance(value, list):
        value = [_deep(each, how) for each in value]
    return how(value)


def _of_json(how: Callable[[Any], Any]) -> Callable[[str], str]:
    """`how` of every value in a text that is a JSON object; another stays as it is."""

    def rewrite(held: str) -> str:
        try:
            before = json.loads(held)
        except ValueError:
            return held
        if not isinstance(before, dict):
            return held
        after = _deep(before, how)
        changed = json.dumps(after) != json.dumps(before)
        return json.dumps(after, ensure_ascii=False) if changed else held

    return rewrite


RAW: dict[str, Callable[[str], str]] = {
    "encoded twice": json.dumps,
    "a brace lost": lambda held: held.removesuffix("}"),
    "a brace more": lambda held: held + "}" if held.endswith("}") else held,
    "in a code fence": lambda held: f"```json\n{held}\n```" if held.startswith("{") else held,
    "words after": lambda held: held + "\nDone." if held.endswith("}") else held,
    "twice": lambda held: held + held if held.startswith("{") else held,
    "quotes single": lambda held: held.replace('"', "'") if held.startswith("{") else held,
}


# --- members ------------------------------------------------------------------------------------
def _choices(how: Callable[[Value, int], None]) -> Rewrite:
    """`how` of each choice of chat and text completions, whole or in a chunk, with its index."""

    def rewrite(said: Said) -> Said | None:
        new = copy.deepcopy(said)
        for _, one in new.documents():
            for each in (one.get("choices") or ()) if isinstance(one, dict) else ():
                how(each, each.get("index") or 0)
        return _if_other(said, new)

    return rewrite


def _if_other(said: Said, new: Said) -> Said | None:
    before = [each for _, each in said.documents()]
    after = [each for _, each in new.documents()]
    return new if after != before and said.status < 400 else None


def _top(how: Callable[[Value], None]) -> Rewrite:
    """`how` of each document that is no error; of a response in an event, that response."""

    def rewrite(said: Said) -> Said | None:
        new = copy.deepcopy(said)
        for _, one in new.documents():
            if isinstance(one, dict) and "error" not in (one if said.kind != "response" else ()):
                how(one.get("response") if isinstance(one.get("response"), dict) else one)
        return _if_other(said, new)

    return rewrite


def _put(name: str, how: Callable[[Any], Any]) -> Callable[[Value], None]:
    def put(held: Value) -> None:
        if name in held:
            held[name] = how(held[name])

    return put


def _drop(name: str) -> Callable[[Value, int], None]:
    """The member is gone from each choice, or from what it says."""

    def drop(held: Value, _index: int) -> None:
        for holder in (held, held.get("message") or {}, held.get("delta") or {}):
            holder.pop(name, None)

    return drop


def _response_calls(value: Any) -> list[Value]:
    """Every call in an event, or in a response."""
    if isinstance(value, list):
        return [one for each in value for one in _response_calls(each)]
    if not isinstance(value, dict):
        return []
    here = [value] if value.get("type") == "function_call" else []
    return here + [one for each in value.values() for one in _response_calls(each)]


def _chat_calls(value: Any) -> list[list[Value]]:
    """The calls, or fragments of calls, of each choice of a document."""
    choices = (value.get("choices") or ()) if isinstance(value, dict) else ()
    holders = [each.get("message") or each.get("delta") or {} for each in choices]
    return [each.get("tool_calls") or [] for each in holders]


def _calls(how: Callable[[Value, int], None]) -> Rewrite:
    """`how` of each call of chat, whole or a fragment, and of each call of a response."""

    def rewrite(said: Said) -> Said | None:
        new = copy.deepcopy(said)
        for _, one in new.documents():
            groups = [_response_calls(one)] if said.kind == "response" else _chat_calls(one)
            for group in groups:
                for place, each in enumerate(group):
                    how(each, place)
        return _if_other(said, new)

    return rewrite


def _name(how: Callable[[str], str]) -> Callable[[Value, int], None]:
    def put(call: Value, _place: int) -> None:
        holder = call.get("function") or call
        if isinstance(holder.get("name"), str):
            holder["name"] = how(holder["name"])

    return put


def _set(name: str, value: Any, *, start: int = 0) -> Callable[[Value, int], None]:
    def put(held: Value, place: int) -> None:
        if name in held and place >= start:
            held[name] = value

    return put


def _later(name: str, value: Any) -> Callable[[Value, int], None]:
    """The member is this in every choice but the first."""
    return _set(name, value, start=1)


def _usage(how: Callable[[Value], Value]) -> Rewrite:
    return everywhere("usage", lambda held: how(dict(held)) if isinstance(held, dict) else held)


def _entries(how: Callable[[Value], Any]) -> Rewrite:
    """`how` of each entry of log probabilities of chat."""
    return scores(lambda held: [how(each) if isinstance(each, dict) else each for each in held])


def _header(name: str) -> Rewrite:
    def rewrite(said: Said) -> Said | None:
        kept = [(key, held) for key, held in said.headers if key.lower() != name]
        if kept == said.headers or said.status >= 400:
            return None
        new = copy.deepcopy(said)
        new.headers = kept
        return new

    return rewrite


KINDS: dict[str, Rewrite] = {
    **{f"text: {name}": text("content", how) for name, how in TEXTS.items()},
    **{
        f"values: {name}": text("arguments", text_of_json(how))
        for name, how in TEXTS.items()
        if "cut" not in name
    },
    **{f"arguments: {name}": text("arguments", _of_json(how)) for name, how in ARGUMENTS.items()},
    **{f"arguments: {name}": text("arguments", how) for name, how in RAW.items()},
    **{f"json: {name}": text("content", _of_json(how)) for name, how in ARGUMENTS.items()},
    **{
        f"json: {name}": text("content", how)
        for name, how in RAW.items()
        if name != "encoded twice"
    },
    "usage: answer halved": counts("completion_tokens", lambda held: held // 2),
    "usage: answer doubled": counts("completion_tokens", lambda held: 2 * held),
    "usage: answer of one token": counts("completion_tokens", lambda held: 1),
    "usage: prompt three more": counts("prompt_tokens", lambda held: held + 3),
    "usage: prompt halved": counts("prompt_tokens", lambda held: (held + 1) // 2),
    "usage: prompt nothing": counts("prompt_tokens", lambda held: 0),
    "usage: total is the answer's": _usage(
        lambda held: {**held, "total_tokens": held.get("completion_tokens", 0)}
    ),
    "usage: without total": _usage(
        lambda held: {key: each for key, each in held.items() if key != "total_tokens"}
    ),
    "usage: as text": _usage(
        lambda held: {key: str(each) if type(each) is int else each for key, each in held.items()}
    ),
    "usage: empty": _usage(lambda held: {}),
    "finish: of the first alone": _choices(_later("finish_reason", None)),
    "finish: unknown": finish(lambda held: "eos"),
    "finish: in capitals": finish(str.upper),
    "finish: calls as stop": finish(lambda held: "stop" if held == "tool_calls" else held),
    "finish: always calls": finish(lambda held: "tool_calls"),
    "choices: all of index 0": _choices(_set("index", 0)),
    "choices: counted from 1": _choices(lambda held, index: held.update(index=index + 1)),
    "choices: without index": _choices(_drop("index")),
    "choices: none": _top(_put("choices", lambda held: [])),
    "choices: without scores but the first": _choices(_later("logprobs", None)),
    "member: no id": _top(lambda held: held.pop("id", None)),
    "member: id a number": _top(_put("id", lambda held: 7)),
    "member: created in milliseconds": _top(
        _put("created", lambda held: held * 1000 if held else held)
    ),
    "member: created nought": _top(_put("created", lambda held: 0)),
    "member: created an hour ago": _top(_put("created", lambda held: held - 3600)),
    "member: created_at nought": _top(_put("created_at", lambda held: 0)),
    "member: model unknown": _top(_put("model", lambda held: "some-model")),
    "member: model empty": _top(_put("model", lambda held: "")),
    "member: object unknown": _top(_put("object", lambda held: "completion")),
    "member: no object": _top(lambda held: held.pop("object", None)),
    "member: output null": _top(_put("output", lambda held: None)),
    "member: status unknown": _top(_put("status", lambda held: "done")),
    "member: incomplete as completed": _top(
        _put("status", lambda held: "completed" if held == "incomplete" else held)
    ),
    "member: no refusal": _choices(_drop("refusal")),
    "member: no scores": _choices(_drop("logprobs")),
    "member: no content": _choices(_drop("content")),
    "member: no finish reason": _choices(_drop("finish_reason")),
    "member: role of the user": everywhere(
        "role", lambda held: "user" if held == "assistant" else held
    ),
    "member: content null as text": everywhere(
        "content", lambda held: "null" if held is None else held
    ),
    "member: content in parts": everywhere(
        "content", lambda held: [{"type": "text", "text": held}] if isinstance(held, str) else held
    ),
    "calls: ids alike": _calls(
        lambda held, place: held.update(id="call_0") if held.get("id") else None
    ),
    "calls: type lost": _calls(lambda held, place: held.pop("type", None)),
    "calls: no call_id": _calls(lambda held, place: held.pop("call_id", None)),
    "calls: names doubled": _calls(_name(lambda held: held + held)),
    "calls: names with a prefix": _calls(_name(lambda held: f"functions.{held}" if held else held)),
    "calls: names in capitals": _calls(_name(str.upper)),
    "calls: names with a number": _calls(_name(lambda held: f"{held}:0" if held else held)),
    "calls: names empty": _calls(_name(lambda held: "")),
    "calls: indexes from 1": _calls(
        lambda held, place: held.update(index=held["index"] + 1) if "index" in held else None
    ),
    "calls: all of index 0": _calls(_set("index", 0)),
    "calls: twice": everywhere(
        "tool_calls", lambda held: [*held, *copy.deepcopy(held)] if held else held
    ),
    "scores: positive": _entries(lambda held: {**held, "logprob": 0.5}),
    "scores: probabilities": _entries(lambda held: {**held, "logprob": 0.9}),
    "scores: bytes of another": _entries(lambda held: {**held, "bytes": [120]}),
    "scores: no bytes": _entries(
        lambda held: {key: each for key, each in held.items() if key != "bytes"}
    ),
    "scores: alternatives reversed": _entries(
        lambda held: {**held, "top_logprobs": (held.get("top_logprobs") or [])[::-1]}
    ),
    "scores: one alternative more": _entries(
        lambda held: {
            **held,
            "top_logprobs": [
                *(held.get("top_logprobs") or []),
                {"token": "x", "logprob": -99, "bytes": [120]},
            ],
        }
    ),
    "scores: first lost": scores(lambda held: held[1:]),
    "scores: doubled": scores(lambda held: [each for each in held for _ in range(2)]),
    "scores: tokens as numbers": _entries(lambda held: {**held, "token": "token_id:7"}),
    "answer: no request id": _header("x-request-id"),
    **STREAMS,
}


def unseen(name: str) -> bool:
    """Of the half that nobody mends for."""
    return crc32(name.encode()) % 2 == 1
