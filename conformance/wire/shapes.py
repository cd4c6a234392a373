"""The types of the openai SDK's chunks, as far as they change what it makes of received data.

The SDK never validates a response as a whole: members become what their annotation says where
that is possible, and stay as received where it is not. But an optional member is first offered to
pydantic, which in its lax mode turns `"0"` and `0.0` into the integer 0. So an index may be wrong
on the wire and right in the application, or the other way round; hence this file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_INT64 = 2.0**63


class Unfit(Exception):  # noqa: N818 - a signal within this module, not an error
    """A value does not fit its type, even laxly."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A scalar; `fit` is pydantic's lax reading of it, `loosely` what the SDK does without."""

    fit: Callable[[Any], Any]
    loosely: Callable[[Any], Any] | None = None

    def build(self, value: Any) -> Any:
        return self.loosely(value) if self.loosely else value


@dataclass(frozen=True, slots=True)
class ListOf:
    entry: Shape

    def fit(self, value: Any) -> Any:
        if not isinstance(value, list):
            raise Unfit
        return [self.entry.fit(one) for one in value]

    def build(self, value: Any) -> Any:
        return [self.entry.build(one) for one in value] if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Maybe:
    """An optional member: fitted where it fits, otherwise built."""

    inner: Shape

    def fit(self, value: Any) -> Any:
        return None if value is None else self.inner.fit(value)

    def build(self, value: Any) -> Any:
        try:
            return self.fit(value)
        except Unfit:
            return self.inner.build(value)


@dataclass(frozen=True, slots=True)
class Model:
    """An object with known members; unknown ones are kept as they are, behind the known."""

    members: Mapping[str, Shape]

    def fit(self, value: Any) -> Any:
        if not isinstance(value, dict):
            raise Unfit
        known: dict[str, Any] = {}
        for name, shape in self.members.items():
            if name in value:
                known[name] = shape.fit(value[name])
            elif not isinstance(shape, Maybe):
                raise Unfit
        return known | {name: one for name, one in value.items() if name not in known}

    def build(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.build(one) if isinstance(one, dict) else one for one in value]
        if not isinstance(value, dict):
            return value
        known = {
            name: None if value[name] is None else shape.build(value[name])
            for name, shape in self.members.items()
            if name in value
        }
        return known | {name: one for name, one in value.items() if name not in known}


Shape = Plain | ListOf | Maybe | Model


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Unfit
    return value


def _integer(value: Any) -> int:
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < _INT64:
        return int(value)
    if isinstance(value, str):
        return _integer_text(value)
    raise Unfit


def _integer_text(value: str) -> int:
    """`7`, ` +7 `, `7_000` and `7.0`, as pydantic reads them."""
    digits = value.strip()
    whole, point, zeros = digits.partition(".")
    if (point and (not zeros or zeros.strip("0"))) or not digits.isascii():
        raise Unfit
    try:
        return int(whole)
    except ValueError:
        raise Unfit from None


def _number(value: Any) -> float:
    if not isinstance(value, int | float | str):
        raise Unfit
    if isinstance(value, str) and not value.strip().isascii():
        raise Unfit
    try:
        return float(value)
    except (ValueError, OverflowError):
        raise Unfit from None


def _one_of(*allowed: str) -> Plain:
    def fit(value: Any) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise Unfit
        return value

    return Plain(fit)


def _float(value: Any) -> Any:
    """The SDK itself makes a float of an integer where nothing is lost."""
    if isinstance(value, int):
        try:
            return float(value) if float(value) == value else value
        except OverflowError:
            return value
    return value


TEXT = Plain(_text)
INTEGER = Plain(_integer)
NUMBER = Plain(_number, _float)

_FUNCTION = Model({"arguments": Maybe(TEXT), "name": Maybe(TEXT)})
_TOP_LOGPROB = Model({"token": TEXT, "bytes": Maybe(ListOf(INTEGER)), "logprob": NUMBER})
_LOGPROB = Model({**_TOP_LOGPROB.members, "top_logprobs": ListOf(_TOP_LOGPROB)})
LOGPROBS = Model({"content": Maybe(ListOf(_LOGPROB)), "refusal": Maybe(ListOf(_LOGPROB))})

_TOOL_CALL = Model(
    {
        "index": INTEGER,
        "id": Maybe(TEXT),
        "function": Maybe(_FUNCTION),
        "type": Maybe(_one_of("function")),
    }
)
_AUDIO = Model(
    {
        "id": Maybe(TEXT),
        "data": Maybe(TEXT),
        "expires_at": Maybe(INTEGER),
        "transcript": Maybe(TEXT),
    }
)
_DELTA = Model(
    {
        "audio": Maybe(_AUDIO),
        "content": Maybe(TEXT),
        "function_call": Maybe(_FUNCTION),
        "refusal": Maybe(TEXT),
        "role": Maybe(_one_of("developer", "system", "user", "assistant", "tool")),
        "tool_calls": Maybe(ListOf(_TOOL_CALL)),
    }
)
_CHOICE = Model(
    {
        "delta": _DELTA,
        "index": INTEGER,
        "finish_reason": Maybe(
            _one_of("stop", "length", "tool_calls", "content_filter", "function_call")
        ),
        "logprobs": Maybe(LOGPROBS),
    }
)
_PROMPT_DETAILS = Model({"audio_tokens": Maybe(INTEGER), "cached_tokens": Maybe(INTEGER)})
_COMPLETION_DETAILS = Model(
    {
        "accepted_prediction_tokens": Maybe(INTEGER),
        "audio_tokens": Maybe(INTEGER),
        "reasoning_tokens": Maybe(INTEGER),
        "rejected_prediction_tokens": Maybe(INTEGER),
    }
)
_USAGE = Model(
    {
        "completion_tokens": INTEGER,
        "prompt_tokens": INTEGER,
        "total_tokens": INTEGER,
        "completion_tokens_details": Maybe(_COMPLETION_DETAILS),
        "prompt_tokens_details": Maybe(_PROMPT_DETAILS),
    }
)
CHUNK = Model({"choices": ListOf(_CHOICE), "usage": Maybe(_USAGE)})
"""Members that stay as received are left out, here and above, unless their order matters."""
