"""What may be wrong with an answer: rewrites of members, of texts, of whole answers, and of streams.

A rewrite takes an answer as it was said and gives a wrong one, or None where it cannot be wrong so.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from mutant_answers import Event, Said

FREE = {"parameters", "metadata", "schema", "top_logprobs{}", "input", "format", "tools"}
"""Members whose contents are the client's, or a map."""
Rewrite = Callable[[Said], Said | None]
"""An answer to a wrong one; None where it cannot be wrong that way."""
_GONE = object()


# --- members ------------------------------------------------------------------------------------
def paths(value: Any, before: str = "") -> Iterator[str]:
    """Every member path of a document, list elements as `[]`."""
    if isinstance(value, dict):
        for name, held in value.items():
            here = f"{before}.{name}" if before else name
            yield here
            if name not in FREE and not (name == "top_logprobs" and isinstance(held, dict)):
                yield from paths(held, here)
    elif isinstance(value, list):
        for each in value[:40]:
            yield from paths(each, f"{before}[]")


def _change(value: Any, steps: list[str], how: Callable[[Any], Any]) -> bool:
    """Apply `how` at every place that the steps lead to; whether anything changed."""
    if not steps:
        return False
    first, *rest = steps
    if first == "[]":
        listed = value if isinstance(value, list) else []
        return (
            sum(_change(each, rest, how) for each in listed) > 0
        )  # each of them, not up to the first
    if not isinstance(value, dict) or first not in value:
        return False
    if rest:
        return _change(value[first], rest, how)
    new = how(value[first])
    if new is _GONE:
        del value[first]
        return True
    changed = type(new) is not type(value[first]) or new != value[first]
    value[first] = new
    return changed


def _steps(path: str) -> list[str]:
    return path.replace("[]", ".[]").split(".")


def member(kind: str, path: str, how: Callable[[Any], Any], which: str = "all") -> Rewrite:
    """`how` at a path of the documents of that kind: of all, of the first or of the last that have it."""
    steps = _steps(path)

    def rewrite(said: Said) -> Said | None:
        new = copy.deepcopy(said)
        documents = [each for name, each in new.documents() if name == kind]
        if which == "last":
            documents.reverse()
        changed = False
        for each in documents:
            changed = _change(each, steps, how) or changed
            if changed and which != "all":
                break
        return new if changed else None

    return rewrite


def _other_type(value: Any) -> Any:
    match value:
        case str():
            return 7
        case bool():
            return "true"
        case int() | float():
            return str(value)
        case list():
            return {}
        case dict():
            return "object"
    return 0


def _number(how: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: (
        how(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
    )


def _text(how: Callable[[str], str]) -> Callable[[Any], Any]:
    return lambda value: how(value) if isinstance(value, str) and value else value


def _list(how: Callable[[list[Any]], list[Any]]) -> Callable[[Any], Any]:
    return lambda value: how(value) if isinstance(value, list) and value else value


MEMBERS: dict[str, Callable[[Any], Any]] = {
    "deleted": lambda _value: _GONE,
    "null": lambda value: None,
    "other type": _other_type,
    "one more": _number(lambda value: value + 1),
    "one less": _number(lambda value: value - 1),
    "zero": _number(lambda value: 0),
    "negative": _number(lambda value: -1 - abs(value)),
    "fraction": _number(lambda value: value + 0.5 if isinstance(value, int) else value),
    "empty text": _text(lambda value: ""),
    "unknown word": _text(lambda value: "no_such_word"),
    "first letter lost": _text(lambda value: value[1:]),
    "upper case": _text(str.upper),
    "empty list": _list(lambda value: []),
    "first dropped": _list(lambda value: value[1:]),
    "last dropped": _list(lambda value: value[:-1]),
    "first doubled": _list(lambda value: [value[0], *value]),
    "swapped": _list(lambda value: value[::-1]),
}


# --- texts --------------------------------------------------------------------------------------
def _mojibake(text: str) -> str:
    return text.encode().decode("latin-1")


TEXTS: dict[str, Callable[[str], str]] = {
    "emptied": lambda text: "",
    "first character lost": lambda text: text[1:],
    "last character lost": lambda text: text[:-1],
    "middle character lost": lambda text: text[: len(text) // 2] + text[len(text) // 2 + 1 :],
    "first word lost": lambda text: text.partition(" ")[2],
    "last word lost": lambda text: text.rpartition(" ")[0],
    "second half lost": lambda text: text[: (len(text) + 1) // 2],
    "stripped": str.strip,
    "space before": lambda text: " " + text if text else text,
    "newline after": lambda text: text + "\n" if text else text,
    "newlines lost": lambda text: text.replace("\n", ""),
    "spaces lost": lambda text: text.replace(" ", ""),
    "doubled": lambda text: text + text,
    "garbled": lambda text: re.sub(r"[^\x00-\x7f]", "\ufffd", text),
    "not ASCII lost": lambda text: re.sub(r"[^\x00-\x7f]", "", text),
    "pairs as question marks": lambda text: re.sub(r"[\U00010000-\U0010ffff]", "??", text),
    "mojibake": _mojibake,
    "entities": lambda text: text.replace("&", "&amp;").replace("<", "&lt;"),
    "tags lost": lambda text: re.sub(r"<[^>\n]*>", "", text),
    "curly quotes": lambda text: text.replace('"', "\u201d").replace("'", "\u2019"),
    "backslashes doubled": lambda text: text.replace("\\", "\\\\"),
    "lower case": str.lower,
    "end marker": lambda text: text + "<|im_end|>" if text else text,
    "words before": lambda text: "Sure! " + text if text else text,
    "reasoning before": lambda text: "<think>Let me see.</think>" + text if text else text,
    "digits lost": lambda text: re.sub(r"\d", "", text),
    "grouped digits joined": lambda text: re.sub(r"(?<=\d)[ ,](?=\d)", "", text),
    "first digit wrong": lambda text: re.sub(
        r"\d", lambda m: str((int(m[0]) + 1) % 10), text, count=1
    ),
}


def _spread(parts: list[str], text: str) -> list[str]:
    """A text over as many parts of the same lengths; the last one with anything takes the rest."""
    found = []
    last = max((place for place, each in enumerate(parts) if each), default=0)
    for place, each in enumerate(parts):
        size = len(text) if place == last else len(each)
        found.append(text[:size])
        text = text[size:]
    return found


def _spots(said: Said, name: str) -> dict[Any, list[tuple[Any, Any]]]:
    """Where the parts of each text stand: holder and key, by choice (and call, or item)."""
    spots: dict[Any, list[tuple[Any, Any]]] = {}
    for _, one in said.documents():
        if not isinstance(one, dict):
            continue
        if "choices" in one:
            _chat_spots(one, name, spots)
        elif said.kind == "response":
            _response_spots(one, name, spots)
    return spots


def _chat_spots(one: dict[str, Any], name: str, spots: dict[Any, list[tuple[Any, Any]]]) -> None:
    for choice in one["choices"]:
        holder = choice.get("message") or choice.get("delta") or choice
        if name in {"arguments", "name"}:
            for place, call in enumerate(holder.get("tool_calls") or ()):
                function = call.get("function") or {}
                if isinstance(function.get(name), str):
                    key = (choice["index"], call.get("index", place))
                    spots.setdefault(key, []).append((function, name))
            continue
        wanted = "text" if "text" in choice else name
        if isinstance(holder.get(wanted), str) and name in (wanted, "content"):
            spots.setdefault(choice["index"], []).append((holder, wanted))


def _response_spots(
    one: dict[str, Any], name: str, spots: dict[Any, list[tuple[Any, Any]]]
) -> None:
    kinds = {
        "content": "output_text",
        "reasoning_content": "reasoning_text",
        "arguments": "function_call_arguments",
    }
    kind = kinds.get(name)
    place = (one.get("output_index"), one.get("content_index"))
    if kind and one.get("type") == f"response.{kind}.delta":
        spots.setdefault(("delta", *place), []).append((one, "delta"))
    elif kind and one.get("type") == f"response.{kind}.done":
        key = "arguments" if name == "arguments" else "text"
        spots.setdefault(("done", *place), []).append((one, key))
    else:
        for number, (holder, key) in enumerate(_full_copies(one, name)):
            spots.setdefault((id(one), number), []).append((holder, key))


def _full_copies(value: Any, name: str) -> Iterator[tuple[Any, str]]:
    kinds = {"content": ("output_text", "text"), "reasoning_content": ("reasoning_text", "text")}
    if isinstance(value, dict):
        kind, key = kinds.get(name, ("function_call", name))
        if value.get("type") == kind and isinstance(value.get(key), str):
            yield value, key
        for each in value.values():
            yield from _full_copies(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from _full_copies(each, name)


def text(name: str, how: Callable[[str], str]) -> Rewrite:
    """`how` of each whole text of that name (content, reasoning_content, arguments, name)."""

    def rewrite(said: Said) -> Said | None:
        new = copy.deepcopy(said)
        changed = False
        for spots in _spots(new, name).values():
            parts = [holder[key] for holder, key in spots]
            before = "".join(parts)
            after = how(before)
            changed |= after != before
            for (holder, key), part in zip(spots, _spread(parts, after), strict=True):
                holder[key] = part
        return new if changed else None

    return rewrite


# --- whole answers ------------------------------------------------------------------------------
def _error(status: int, message: str = "The request cannot be served.") -> Any:
    return {
        "error": {
            "message": message,
            "type": "invalid_request_error" if status < 500 else "server_error",
            "param": None,
            "code": None,
        }
    }


def _json_headers(said: Said) -> list[tuple[str, str]]:
    return [
        (name, "application/json" if name.lower() == "content-type" else value)
        for name, value in said.headers
    ]


def _failed(status: int, value: Any = None, raw: bytes | None = None) -> Rewrite:
    def rewrite(said: Said) -> Said | None:
        if said.status >= 400:
            return None
        return replace(
            said,
            status=status,
            headers=_json_headers(said),
            value=value if value is not None else _error(status),
            events=None,
            raw=raw,
        )

    return rewrite


def _served(said: Said) -> Said | None:
    """A refusal as 200 with its body."""
    return replace(said, status=200) if said.status >= 400 else None


def _crashed(said: Said) -> Said | None:
    """A refusal as 500, with a body that tells nothing."""
    return (
        replace(said, status=500, value=_error(500, "list index out of range"))
        if 400 <= said.status < 500
        else None
    )


def _broken_body(said: Said) -> Said | None:
    return replace(said, value={"detail": "Bad request"}) if said.status >= 400 else None


def _text_body(said: Said) -> Said | None:
    return (
        replace(said, raw=b"Internal Server Error", headers=_plain(said))
        if said.status >= 400
        else None
    )


def _plain(said: Said) -> list[tuple[str, str]]:
    return [
        (name, "text/plain" if name.lower() == "content-type" else value)
        for name, value in said.headers
    ]


def _cut_off(said: Said) -> Said | None:
    """The connection breaks half way."""
    if said.events is None:
        return None
    return replace(said, events=said.events[: len(said.events) // 2], end="closed")


def _ends_early(said: Said) -> Said | None:
    """The stream ends half way, in good order."""
    return replace(said, events=said.events[: len(said.events) // 2]) if said.events else None


def _error_event(said: Said) -> Said | None:
    if said.events is None or said.kind == "response":
        return None
    half = len(said.events) // 2
    failed = Event(before="", value=_error(500), at=said.events[half].at)
    return replace(said, events=[*said.events[:half], failed, *said.events[-1:]])


def _without_last(said: Said) -> Said | None:
    return replace(said, events=said.events[:-1]) if said.events else None


def _events(how: Callable[[list[Event]], list[Event]]) -> Rewrite:
    """The events that say something, in another order or number; the first and the last stay."""

    def rewrite(said: Said) -> Said | None:
        if said.events is None or len(said.events) < 5:
            return None
        held = copy.deepcopy(said.events)
        new = [*held[:1], *how(held[1:-1]), *held[-1:]]
        return replace(said, events=new)

    return rewrite


def _finish(new: str) -> Callable[[Any], Any]:
    return lambda value: new if isinstance(value, str) else value


def _header(name: str, value: str | None) -> Rewrite:
    def rewrite(said: Said) -> Said | None:
        rest = [(key, held) for key, held in said.headers if key.lower() != name]
        if value is not None:
            rest.append((name, value))
        return replace(said, headers=rest) if rest != said.headers else None

    return rewrite


def _only_first_choice(said: Said) -> Said | None:
    changed = False
    new = copy.deepcopy(said)
    for _, one in new.documents():
        held = one.get("choices") if isinstance(one, dict) else None
        if held and any(each["index"] > 0 for each in held):
            one["choices"] = [each for each in held if each["index"] == 0]
            changed = True
    return new if changed else None


def _calls_as_text(said: Said) -> Said | None:
    """Calls come as text of the answer."""
    new = copy.deepcopy(said)
    changed = False
    for _, one in new.documents():
        for choice in one.get("choices") or () if isinstance(one, dict) else ():
            holder = choice.get("message") or choice.get("delta") or {}
            if calls := holder.pop("tool_calls", None):
                said_ = "".join(
                    (each.get("function") or {}).get("arguments") or "" for each in calls
                )
                holder["content"] = (holder.get("content") or "") + said_
                changed = True
            if choice.get("finish_reason") == "tool_calls":
                choice["finish_reason"] = "stop"
    return new if changed else None


def _calls_lost(said: Said) -> Said | None:
    new = _calls_as_text(said)
    before = {
        key: sum(len(h[k]) for h, k in spots) for key, spots in _spots(said, "content").items()
    }
    if new is None:
        return None
    for key, spots in _spots(new, "content").items():
        if not before.get(key):
            for holder, name in spots:
                holder[name] = ""
    return new


def _only_first_call(said: Said) -> Said | None:
    new = copy.deepcopy(said)
    changed = False
    for _, one in new.documents():
        for choice in one.get("choices") or () if isinstance(one, dict) else ():
            holder = choice.get("message") or choice.get("delta") or {}
            calls = holder.get("tool_calls") or []
            kept = [each for place, each in enumerate(calls) if each.get("index", place) == 0]
            if len(kept) != len(calls):
                changed = True
                holder["tool_calls"] = kept
                if not kept:
                    del holder["tool_calls"]
    return new if changed else None


WHOLE: dict[str, Rewrite] = {
    "refused with 400": _failed(400),
    "refused with 422": _failed(
        422, {"detail": [{"loc": ["body"], "msg": "invalid", "type": "value_error"}]}
    ),
    "crashed with 500": _failed(500),
    "error as 200": _failed(200, _error(500)),
    "error as text": _failed(500, raw=b"Internal Server Error"),
    "refusal as 200": _served,
    "refusal as 500": _crashed,
    "refusal without form": _broken_body,
    "refusal as text": _text_body,
    "cut off": _cut_off,
    "stream ends early": _ends_early,
    "error amid the stream": _error_event,
    "last event lost": _without_last,
    "events doubled": _events(
        lambda held: [each for one in held for each in (one, copy.deepcopy(one))]
    ),
    "second event lost": _events(lambda held: held[1:]),
    "last but one lost": _events(lambda held: held[:-1]),
    "two events swapped": _events(lambda held: [held[1], held[0], *held[2:]]),
    "reversed": _events(lambda held: held[::-1]),
    "content type json": _header("content-type", "application/json"),
    "content type text": _header("content-type", "text/plain"),
    "no content type": _header("content-type", None),
    "only the first choice": _only_first_choice,
    "calls as text": _calls_as_text,
    "calls lost": _calls_lost,
    "only the first call": _only_first_call,
}
