"""Which prompts an audit knows: ours, new ones by the seed, and the user's own from a file."""

from __future__ import annotations

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
    twins = {one.id for one in found if [each.id for each in found].count(one.id) > 1}
    if twins:
        raise UsageError(f"--prompts={path}: two prompts are called {min(twins)!r}")
    return tuple(found)


def _prompt(line: str, place: str, number: int) -> Prompt:
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
    name = data.get("id", f"{number}")
    return Prompt(f"own-{name}", tuple(dict(each) for each in messages))


def _is_message(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and set(value) == {"role", "content"}
        and all(isinstance(each, str) for each in value.values())
    )
