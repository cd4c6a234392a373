"""Classes of what a client may send: of texts by what is in them, of numbers and switches by what they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any


def _any(found: Callable[[str], Any]) -> Callable[[str], bool]:
    return lambda text: any(map(found, text))


def _has(pattern: str) -> Callable[[str], bool]:
    return lambda text: bool(re.search(pattern, text))


TEXTS: dict[str, Callable[[str], bool]] = {
    "empty": lambda text: not text,
    "nothing but blanks": lambda text: bool(text) and not text.strip(),
    "one character": lambda text: len(text) == 1,
    "blanks at an end": lambda text: bool(text.strip()) and text != text.strip(),
    "blanks in a row": _has(r"\S  +\S"),
    "tab": _has("\t"),
    "LF": _has("(?<!\r)\n"),
    "CRLF": _has("\r\n"),
    "exotic blank": _has("[\u00a0\u2028\u2029\u0085\u200b\u3000]"),
    "quotes": _has('"'),
    "backslash": _has(r"\\"),
    "braces": _has(r"[{}]"),
    "tags": _has("<"),
    "entity": _has("&[a-z#0-9]+;"),
    "code fence": _has("```"),
    "template": _has(r"\{\{|\{%"),
    "special token": _has(r"<\|"),
    "percent or dollar": _has("[%$]"),
    "accents": _any(lambda each: 0xC0 <= ord(each) < 0x250),
    "ideographs": _any(lambda each: 0x4E00 <= ord(each) < 0xA000),
    "right to left": _any(lambda each: unicodedata.bidirectional(each) in {"R", "AL"}),
    "another script": _any(lambda each: 0x370 <= ord(each) < 0x530 or 0x900 <= ord(each) < 0x1000),
    "combining": _any(unicodedata.combining),
    "emoji": _any(lambda each: ord(each) > 0xFFFF),
    "joined emoji": _has("[\u200d\ufe0f]"),
    "a date": _has(r"\d{4}-\d\d-\d\d"),
    "leading zeros": _has(r"\b0\d"),
    "grouped digits": _has(r"\d,\d{3}"),
    "a long number": _has(r"\d{17}"),
    "a word like null": _has(r"\b(null|None|true|False|NaN)\b"),
    "an address": _has(r"https?://"),
    "a long word": _has(r"\S{200}"),
    "long": lambda text: len(text) > 2000,
}


def kinds_of_text(text: str) -> Iterator[str]:
    """The classes that a text belongs to; most belong to none."""
    return (name for name, has in TEXTS.items() if has(text))


_SWITCH = ["true", "false", "null"]
_TURNS = [
    "two of the user",
    "three of the user",
    "four of the user or more",
    "one result",
    "two results",
    "three results or more",
    "a result last",
    "assistant last",
    "system last",
]
_SAMPLING: dict[str, list[str]] = {
    "temperature": ["0", "0 as fraction", "1", "1 as fraction", "fraction", "more than 1", "null"],
    "top_p": ["1", "1 as fraction", "fraction", "null"],
}
_OPENAI: dict[str, list[str]] = {
    **_SAMPLING,
    "n": ["1", "more than 1", "null"],
    "seed": ["0", "1", "more than 1", "negative", "huge", "null"],
    "frequency_penalty": ["0", "0 as fraction", "fraction", "negative", "more than 1", "null"],
    "presence_penalty": ["0", "0 as fraction", "fraction", "negative", "more than 1", "null"],
    "stop": ["text", "[]", "list", "null"],
    "logit_bias": ["{}", "object", "null"],
    "stream_options.include_usage": ["true", "false"],
    "user": ["text"],
}
NUMBERS: dict[str, dict[str, list[str]]] = {
    "chat": {
        **_OPENAI,
        "max_tokens": ["1", "more than 1", "null"],
        "max_completion_tokens": ["1", "more than 1", "null"],
        "logprobs": _SWITCH,
        "top_logprobs": ["0", "1", "more than 1", "null"],
        "tools": ["list"],
        "tool_choice": ["text", "object"],
        "parallel_tool_calls": ["true", "false"],
        "response_format": ["object"],
        "reasoning_effort": ["text"],
        "store": _SWITCH,
        "metadata": ["object", "null"],
        "service_tier": ["text", "null"],
        "turns": _TURNS,
    },
    "response": {
        **_SAMPLING,
        "max_output_tokens": ["more than 1", "null"],
        "instructions": ["text", "null"],
        "previous_response_id": ["text", "null"],
        "tools": ["list", "[]"],
        "tool_choice": ["text", "object"],
        "parallel_tool_calls": ["true", "false", "null"],
        "text": ["object"],
        "reasoning": ["object", "null"],
        "store": _SWITCH,
        "metadata": ["object", "{}", "null"],
        "include": ["list", "[]", "null"],
        "user": ["text"],
        "truncation": ["text", "null"],
        "turns": _TURNS,
    },
    "text": {
        **_OPENAI,
        "max_tokens": ["1", "more than 1", "null"],
        "logprobs": ["0", "1", "more than 1", "null"],
        "echo": _SWITCH,
        "best_of": ["1", "more than 1", "null"],
        "suffix": ["text", "null"],
    },
    "embeddings": {
        "encoding_format": ["text"],
        "dimensions": ["more than 1"],
        "user": ["text"],
    },
}


def kind_of_number(value: Any) -> Iterator[str]:
    """The class of a value that is no text to be read."""
    match value:
        case None:
            yield "null"
        case bool():
            yield str(value).lower()
        case str():
            yield "text"
        case list() | dict():
            yield (
                ("list" if value else "[]")
                if isinstance(value, list)
                else ("object" if value else "{}")
            )
        case int() if abs(value) >= 2**31:
            yield "huge"
        case int() | float() if value < 0:
            yield "negative"
        case int():
            yield str(value) if value < 2 else "more than 1"
        case float() if value == int(value) and value < 2:
            yield f"{int(value)} as fraction"
        case float():
            yield "fraction" if value < 1 else "more than 1"
