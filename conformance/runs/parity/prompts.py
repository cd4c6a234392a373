"""Which prompts an audit knows: ours, new ones by the seed, and the user's own from a file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from conformance.errors import SourceError, UsageError
from conformance.parity.candidates import (
    Prompt,
    fresh_prompts,
    long_prompts,
    probes,
    short_prompts,
)

FRESH = 10
_REMEDY = (
    'one JSON object a line: {"prompt": "..."} or {"messages": [{"role": ..., "content": ...}]}'
)


def known(seed: int, own: Iterable[Prompt]) -> dict[str, Prompt]:
    """Every prompt that an audit of this seed may ask, by its id."""
    ours = [*short_prompts(), *fresh_prompts(seed, FRESH), *long_prompts()]
    return {one.id: one for one in (*ours, *(prompt for _, prompt in probes()), *own)}


def read_own(path: Path) -> tuple[Prompt, ...]:
    """The user's prompts. Raises UsageError with the line that can't be read."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--prompts={path}: cannot be read: {error}") from error
    found = [
        _prompt(line, f"{path}:{number}", number)
        for number, line in enumerate(lines, 1)
        if line.strip()
    ]
    if not found:
        raise UsageError(f"--prompts={path}: there is no prompt in it\n  {_REMEDY}")
    names = [name for name, _ in found]
    twins = {each for each in names if names.count(each) > 1}
    if twins:
        raise UsageError(f"--prompts={path}: two prompts are called {min(twins)!r}")
    return tuple(one for _, one in found)


def _prompt(line: str, place: str, number: int) -> tuple[str, Prompt]:
    try:
        data = json.loads(line)
    except ValueError as error:
        raise SourceError(place, f"this is no JSON: {error}", _REMEDY) from error
    if not isinstance(data, Mapping):
        raise SourceError(place, "this is no JSON object", _REMEDY)
    text, messages = data.get("prompt"), data.get("messages")
    if isinstance(text, str):
        messages = [{"role": "user", "content": text}]
    if not isinstance(messages, list) or not messages or not all(map(_is_message, messages)):
        raise SourceError(place, "neither `prompt` nor `messages` is there", _REMEDY)
    name, told = f"{data.get('id', number)}", tuple(dict(each) for each in messages)
    return name, Prompt(f"own-{name}-{_digest(told)}", told)


def _digest(messages: Iterable[Mapping[str, str]]) -> str:
    """A part of the id: what a kept baseline said to other words is never taken for these."""
    said = json.dumps(list(messages), sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:8]


def _is_message(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and set(value) == {"role", "content"}
        and all(isinstance(each, str) for each in value.values())
    )
