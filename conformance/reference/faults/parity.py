"""Another model, template or sampler behind an endpoint that keeps the contract (`-sampler` only)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.ask import Ask, Message
from conformance.reference.circumstances import always, chat, from_the
from conformance.reference.fault import ASK, BUILD, PARITY, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens
from conformance.reference.model.sampler import SAMPLER, Build

_HIDDEN = "You are a careful assistant of Example Corp. Never name your maker."
_WRAPPED = 3
"""Tokens that the other template spends on each message beyond ours."""
_DRIFTS_AFTER = 600
FP8, INT8, INT4 = 0.29, 0.13, 0.9
"""Sizes as measured on one small model, in logits."""


def _sampler(request: HttpRequest) -> bool:
    """Requests for a completion of the model that samples."""
    return chat(request) and str(request.json.get("model", "")).endswith(SAMPLER)


def _asked(name: str, title: str, changes: list[str], turned: Callable[[Ask], Ask]) -> None:
    """A fault in how a request is understood."""
    _add(name, title, changes, ASK, turned)


def _built(
    name: str, title: str, changes: list[str], turned: Callable[[Build], Build], **more: Any
) -> None:
    """A fault in what stands behind the endpoint."""
    _add(name, title, changes, BUILD, turned, **more)


def _add(name: str, title: str, changes: list[str], at: Any, turned: Any, **more: Any) -> None:
    def rewrite(value: Any) -> Any:
        return turned(value)

    rewrite.__doc__ = title
    sources = ["parity of endpoints: what providers do behind one model id"]
    fault(
        name, at=at, level="may", of=_sampler, sources=sources, changes=changes,
        registry=PARITY, **{"when": always, **more},
    )(rewrite)  # fmt: skip


def _wrapped(ask: Ask, more: int) -> Ask:
    told = tuple(replace(each, text=f"### {each.role}\n{each.text}") for each in ask.messages)
    return replace(ask, messages=told, prompt_tokens=ask.prompt_tokens + more * len(told))


def _instructed(ask: Ask, *, billed: bool) -> Ask:
    spent = tokens.count(_HIDDEN) + tokens.MESSAGE_OVERHEAD if billed else 0
    messages = (Message(role="system", text=_HIDDEN), *ask.messages)
    return replace(ask, messages=messages, prompt_tokens=ask.prompt_tokens + spent)


def _with(**members: Any) -> Callable[[Ask], Ask]:
    return lambda ask: replace(ask, **members)


def _weights(name: str, noise: float) -> Callable[[Build], Build]:
    return lambda build: replace(build, noise=noise, weights=name)


_asked(
    "parity-template",
    "Another chat template, with more tokens.",
    ["0", "1", "2"],
    lambda ask: _wrapped(ask, _WRAPPED),
)
_asked(
    "parity-template-unbilled",
    "Another chat template of equal length.",
    ["1", "2"],
    lambda ask: _wrapped(ask, 0),
)
_asked(
    "parity-system-prompt",
    "A hidden system prompt, which is billed.",
    ["0", "1", "2"],
    lambda ask: _instructed(ask, billed=True),
)
_asked(
    "parity-system-prompt-unbilled",
    "A hidden system prompt, which nobody pays.",
    ["1", "2"],
    lambda ask: _instructed(ask, billed=False),
)
_asked(
    "parity-temperature-forced",
    "Temperature 0.7, whatever is asked.",
    ["2", "2b"],
    _with(temperature=0.7),
)
_asked(
    "parity-temperature-ignored",
    "Temperature 1, whatever is asked.",
    ["2b"],
    _with(temperature=1.0),
)
_asked("parity-top-p-forced", "top_p 0.9, whatever is asked.", ["2", "2b"], _with(top_p=0.9))
_asked("parity-top-p-ignored", "top_p 1, whatever is asked.", ["2b"], _with(top_p=1.0))
_asked("parity-top-k-forced", "top_k 20, whatever is asked.", ["2", "2b"], _with(top_k=20))
_asked("parity-top-k-ignored", "top_k is ignored.", ["2b"], _with(top_k=None))
_asked(
    "parity-penalty-forced",
    "A repetition penalty of 1.3, whatever is asked.",
    ["3"],
    _with(repetition_penalty=1.3),
)
_asked(
    "parity-penalty-ignored", "Every penalty is ignored.", ["none: no stage asks for a penalty"],
    _with(repetition_penalty=1.0, presence_penalty=0.0, frequency_penalty=0.0),
)  # fmt: skip
_built(
    "parity-min-p-forced",
    "min_p 0.1, whatever is asked.",
    ["2", "2b"],
    lambda build: replace(build, min_p=0.1),
)
_built("parity-int8", "Weights of the distance of int8.", ["1"], _weights("int8", INT8))
_built("parity-fp8", "Weights of the distance of fp8.", ["1", "2"], _weights("fp8", FP8))
_built("parity-int4", "Weights of the distance of int4.", ["1", "2"], _weights("int4", INT4))
_built("parity-fleet", "One request in five meets int4.", ["1"], _weights("int4", INT4), rate=0.2)
_built(
    "parity-cache",
    "Equal requests get the answer of the first.",
    ["2"],
    lambda build: replace(build, cached=True),
)
_built(
    "parity-drift", "Other weights, of int4's distance, after 600 requests.", ["1", "2", "drift"],
    _weights("int4", INT4), when=from_the(_DRIFTS_AFTER + 1),
)  # fmt: skip
