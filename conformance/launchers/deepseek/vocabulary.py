"""A tokenizer for the adapter: bytes, some words, and DeepSeek's special tokens.

DeepSeek's own has 129,000 entries and is not in the package. Counts of tokens are therefore ours;
that they are exact, and that a character may be cut between two tokens, is as with theirs.
"""

from __future__ import annotations

import json
from functools import cache

from deepseek_recipe import SpecialToken, Tokenizer

_WORDS = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "is",
    "it",
    "that",
    "a",
    "I",
    "you",
    "for",
    "on",
    "with",
    "as",
    "are",
    "this",
    "be",
    "at",
    "not",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "OK",
    "Yes",
    "No",
    "city",
    "weather",
    "name",
    "tool",
    "says",
    "result",
    "call",
    "value",
    "number",
    "text",
    "city",
    "date",
]
_BYTES = 256
_SPECIAL = (
    "Bos", "Eos", "ThinkingStart", "ThinkingEnd", "System", "User", "Assistant", "LatestReminder",
    "Dsml", "Image", "Ref", "RefEnd", "Box", "BoxEnd", "Point", "PointEnd", "Polygon", "PolygonEnd",
)  # fmt: skip


@cache
def tokenizer() -> Tokenizer:
    """The tokenizer, made once per process."""
    spelled = _spelled_bytes()
    entries = list(spelled)
    merges: list[list[str]] = []
    for word in dict.fromkeys(
        each for one in _WORDS for each in (one, f"{spelled[ord(' ')]}{one}")
    ):
        for end in range(2, len(word) + 1):
            if word[:end] not in entries:
                entries.append(word[:end])
                merges.append([word[: end - 1], word[end - 1]])
    special = [
        {
            "id": len(entries) + number,
            "content": getattr(SpecialToken, name).default_str(),
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for number, name in enumerate(_SPECIAL)
    ]
    level = {
        "type": "ByteLevel",
        "add_prefix_space": False,
        "trim_offsets": True,
        "use_regex": True,
    }
    return Tokenizer.from_str(
        json.dumps(
            {
                "version": "1.0",
                "added_tokens": special,
                "pre_tokenizer": level,
                "decoder": level,
                "model": {
                    "type": "BPE",
                    "vocab": {entry: number for number, entry in enumerate(entries)},
                    "merges": merges,
                },
            }
        )
    )


def _spelled_bytes() -> list[str]:
    """How byte-level vocabularies spell each byte: printable ones as themselves, others above 255."""
    printable = {*range(33, 127), *range(161, 173), *range(174, _BYTES)}
    above = iter(range(_BYTES, 2 * _BYTES))
    return [chr(byte) if byte in printable else chr(next(above)) for byte in range(_BYTES)]
