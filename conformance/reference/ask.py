"""What the server was asked, after validation: everything the model and the replies need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCall:
    """A tool call in the history; its id may have been minted anywhere."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of the conversation; text parts are joined."""

    role: str
    text: str
    calls: tuple[PastCall, ...] = ()
    answers: str = ""
    """The id of the tool call that a `tool` message answers."""
    pictures: tuple[str, ...] = ()
    """What is seen in its images, in order: the name of a color each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A function that may be called."""

    name: str
    description: str
    parameters: Json
    strict: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRule:
    """`tool_choice`, resolved: whether to call, and which tools are open to the model."""

    mode: Literal["none", "auto", "required"]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """`response_format`, resolved."""

    kind: Literal["text", "json_object", "json_schema"] = "text"
    schema: Json | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A valid request for a chat completion, with every default filled in."""

    model: str
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...]
    rule: ToolRule
    parallel: bool
    shape: Shape
    n: int
    cap: int | None
    """The most tokens to generate per choice; None up to the end of the context."""
    temperature: float
    top_p: float
    top_k: int | None = None
    """Of the likeliest options so many; None for all of them."""
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    min_tokens: int = 0
    """A vendor's parameter that many engines know: no answer ends before so many tokens."""
    repetition_penalty: float = 1.0
    """A vendor's parameter that many engines know: what divides likelihoods; 1 changes nothing."""
    logit_bias: Mapping[int, float] = field(default_factory=dict)
    seed: int | None
    stop: tuple[str, ...]
    logprobs: bool
    top_logprobs: int
    stream: bool
    include_usage: bool
    service_tier: str | None
    prediction: str = ""
    """What the client expects to be said; empty where it expects nothing."""
    prompt_tokens: int
    effort: str = "none"
    """How much the model is to think before it answers; `none` where it does not."""
