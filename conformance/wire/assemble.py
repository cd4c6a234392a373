"""Chunks to a completion: as the openai SDK accumulates them, and as they were meant.

Both are kept because an application sees the first and a report explains with the second; where
they differ the stream corrupts silently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A tool call as received: any field may have any type, absent ones are None."""

    index: Any
    id: Any
    type: Any
    name: Any
    arguments: Any
    """The JSON text where all is well; whatever was sent otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One choice of a completion, streamed or not. Values as received, unchecked."""

    index: Any
    role: Any
    content: Any
    refusal: Any
    reasoning: Any
    """`reasoning_content` or `reasoning`, whichever is there."""
    tool_calls: tuple[ToolCall, ...]
    finish_reason: Any
    logprobs: Any
    message: Any
    """The message as it would be sent back in a conversation: the received object, or the one
    put together from deltas (role, content, tool_calls, reasoning members and other strings)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A chat completion, whichever way it came."""

    id: Any
    model: Any
    created: Any
    choices: tuple[Choice, ...]
    usage: Any
    system_fingerprint: Any
    body: Any
    """The whole as one `chat.completion` object: received, or put together from chunks. Captures
    (`$.choices[0].message...`) look here, so that they work for both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """What the openai SDK's accumulator makes of chunks."""

    completion: Any
    """A `chat.completion` as plain data; None where it crashed before the first chunk."""
    crash: str
    """`TypeError at chunk 3: ...` as the SDK would raise it; empty where it does not."""
    at: int | None
    """The chunk (from 0) on which it crashed."""


def whole(value: Any) -> Answer | None:
    """A non-streamed body as an Answer; None where it has no list `choices`. Never raises."""
    raise NotImplementedError


def meant(chunks: Sequence[Any]) -> Answer | None:
    """The completion that the server most likely meant; None where no chunk has choices.

    Tolerant where the SDK is not: roles, ids and names said twice are taken once, tool fragments
    are told apart by id where indexes are missing or collide, a null delta is an empty one,
    snapshots of arguments are recognised, usage is taken from wherever it stands. Never raises.
    """
    raise NotImplementedError


def sdk(chunks: Sequence[Any]) -> Assembly:
    """Accumulate exactly as openai-python does (`lib/streaming/_deltas.py` and the chat state).

    Never raises: what the SDK would raise becomes `crash`.
    """
    raise NotImplementedError
