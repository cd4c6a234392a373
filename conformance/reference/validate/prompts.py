"""What stands in `prompt` and `input`: a text, token ids, or a list of either."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from conformance.reference.model import tokens, vocabulary
from conformance.reference.refusal import Refusal
from conformance.reference.validate import fields

_WANTED = "a string, an array of strings, an array of token ids or an array of such arrays"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One text, and what it costs."""

    text: str
    tokens: int


def read_prompts(value: Any, param: str, *, most: int, longest: int) -> tuple[Prompt, ...]:
    """The texts of a request. Raises Refusal for what is none, and for too many or too long ones."""
    if value is None:
        raise fields.missing(param)
    if isinstance(value, str) or _is_ids(value):
        listed = [value]
    elif isinstance(value, list):
        listed = value
    else:
        raise fields.wrong_type(param, _WANTED, value)
    if not listed:
        raise fields.wrong_value(param, "it must not be empty.")
    if len(listed) > most:
        raise fields.wrong_value(param, f"{len(listed)} entries, at most {most} are allowed.")
    return tuple(_prompt(each, param, longest) for each in listed)


def _is_ids(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(type(each) is int for each in value)


def _prompt(value: Any, param: str, longest: int) -> Prompt:
    if isinstance(value, str):
        made = Prompt(text=value, tokens=tokens.count(value))
    elif _is_ids(value):
        made = Prompt(text=_text(value, param), tokens=len(value))
    elif value == []:
        raise fields.wrong_value(param, "an array of token ids must not be empty.")
    else:
        raise fields.wrong_type(param, _WANTED, value)
    if made.tokens > longest:
        raise Refusal(
            f"This model's maximum context length is {longest} tokens. However, an entry of "
            f"'{param}' has {made.tokens} tokens. Please reduce its length.",
            code="context_length_exceeded",
            param=param,
        )
    return made


def _text(ids: list[int], param: str) -> str:
    for each in ids:
        if not 0 <= each < vocabulary.SIZE:
            raise fields.wrong_value(param, f"{each} is not the id of a token.")
    return vocabulary.decoded(ids)
