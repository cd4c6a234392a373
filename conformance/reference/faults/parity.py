"""Another model, template or sampler behind an endpoint that keeps the contract (`-sampler` only)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Call, Choice, Completion
from conformance.reference.ask import Ask, Message
from conformance.reference.circumstances import (
    Circumstances,
    always,
    begun_alike,
    chat,
    from_the,
    up_for,
)
from conformance.reference.edit import each_said
from conformance.reference.fault import ASK, BUILD, COMPLETION, PARITY, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens
from conformance.reference.model.sampler import SAMPLER, Build

_HIDDEN = "You are a careful assistant of Example Corp. Never name your maker."
_WRAPPED = 3
"""Tokens that the other template spends on each message beyond ours."""
_DRIFTS_AFTER = 600
_REDEPLOYED = 12 * 3600
_LOSES_MORE = 3 * 3600
"""Seconds after which another twentieth of the answers is worse."""
_SHARED = 200
"""Characters at the beginning of two prompts that the cache of prefixes serves."""
_LAST, _TIMES = 4, 5
"""Tokens of a phrase at the end, and how often they come again."""
FP8, INT8, INT4 = 0.29, 0.13, 0.9
"""Sizes as measured on one small model, in logits."""


def _sampler(request: HttpRequest) -> bool:
    """Requests for a completion of the model that samples."""
    return chat(request) and str(request.json.get("model", "")).endswith(SAMPLER)


def _asked(
    name: str, title: str, changes: list[str], turned: Callable[[Ask], Ask], **more: Any
) -> None:
    """A fault in how a request is understood."""
    _add(name, title, changes, ASK, turned, **more)


def _said(
    name: str, title: str, changes: list[str], turned: Callable[[Choice], Choice], **more: Any
) -> None:
    """A fault in what is said."""

    def each(completion: Completion) -> Completion:
        return each_said(completion, turned)

    _add(name, title, changes, COMPLETION, each, **more)


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
        name, at=at, level="may", of=_sampler, changes=changes,
        registry=PARITY, **{"when": always, "sources": sources, **more},
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
    "parity-penalty-ignored", "Every penalty is ignored.", ["2b"],
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


def _ageing(now: Circumstances) -> bool:
    """A share of the requests that grows with the server's age."""
    return now.number % 20 < now.uptime / _LOSES_MORE


def _again(choice: Choice) -> Choice:
    """The last tokens several times, where the answer came to its end."""
    if choice.finish != "stop" or len(choice.tokens) < _LAST or not choice.likely:
        return choice
    tokens_ = (*choice.tokens, *(choice.tokens[-_LAST:] * _TIMES))
    return replace(
        choice,
        tokens=tokens_,
        text="".join(tokens_),
        likely=(*choice.likely, *(choice.likely[-_LAST:] * _TIMES)),
        spent=len(tokens_),
    )


def _misjudged(choice: Choice) -> Choice:
    """The first call with another value in its first argument."""
    return replace(choice, calls=(*map(_other, choice.calls[:1]), *choice.calls[1:]))


def _other(call: Call) -> Call:
    arguments = json.loads(call.arguments)
    for name, value in arguments.items():
        if isinstance(value, str):
            return replace(call, arguments=json.dumps({**arguments, name: f"{value} 2"}))
        if isinstance(value, int | float) and not isinstance(value, bool):
            return replace(call, arguments=json.dumps({**arguments, name: value + 1}))
    return call


_asked(
    "parity-temperature-scaled", "Twice the temperature that is asked for.", ["2", "2b"],
    lambda ask: replace(ask, temperature=2 * ask.temperature),
    sources=["ollama/ollama#6514"], field=["temperature-scaled"],
)  # fmt: skip
_built(
    "parity-redeployed", "After half a day another build, of int4's distance, under the same name.", ["drift"],
    _weights("int4", INT4), when=up_for(_REDEPLOYED),
    sources=["vllm-project/vllm-ascend#16365"], field=["same-day-redeploy-regression"],
)  # fmt: skip
_built(
    "parity-decay", "The older the server, the more answers are those of other weights.", ["drift"],
    _weights("int4", INT4), when=_ageing,
    sources=["vllm-project/vllm-ascend#4117", "vllm-project/vllm-ascend#15586"],
    field=["long-running-accuracy-decay"],
)  # fmt: skip
_built(
    "parity-prefix-cache", "Where a long beginning is cached, one answer in five is that of other weights.", ["1"],
    _weights("int4", INT4), when=begun_alike(_SHARED), rate=0.2,
    sources=["vllm-project/vllm#43559"], field=["prefix-cache-plus-mtp-accuracy-drop"],
)  # fmt: skip
_said(
    "parity-ending-repeats", "Half of the answers say their last words five times more.", ["3"],
    _again, rate=0.5, sources=["zai-org/GLM-4.5#79"], field=["ending-phrase-repeats"],
)  # fmt: skip
_said(
    "parity-calls-worse", "One call in twenty-five has another argument than it should.", ["4"],
    _misjudged, rate=0.04, sources=["vllm-project/vllm-ascend#9400"], field=["bfcl-drop-on-npu"],
)  # fmt: skip
