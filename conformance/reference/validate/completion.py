"""The body of a request to /completions, checked before anything is generated."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.reference.ask import Json
from conformance.reference.model import tokens
from conformance.reference.model.complete import CONTEXT
from conformance.reference.validate import fields
from conformance.reference.validate.body import (
    read_bias,
    read_include_usage,
    read_model,
    read_stop,
)
from conformance.reference.validate.prompts import Prompt, read_prompts

DEFAULT_CAP = 16
_MOST_PROMPTS = 2048
_MOST_LOGPROBS = 5
_MOST_CHOICES = 128
_MOST_CANDIDATES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class TextAsk:
    """A valid request for a text completion, with every default filled in."""

    model: str
    prompts: tuple[Prompt, ...]
    suffix: str
    cap: int
    n: int
    best_of: int
    temperature: float
    top_p: float
    seed: int | None
    stop: tuple[str, ...]
    echo: bool
    logprobs: int | None
    """How many alternatives are told for each token; None: no log probabilities at all."""
    stream: bool
    include_usage: bool

    @property
    def prompt_tokens(self) -> int:
        return sum(each.tokens + tokens.count(self.suffix) for each in self.prompts)


def read_text_ask(body: Json, models: tuple[str, ...]) -> TextAsk:
    """The request as a value. Raises Refusal, the standard error, for the first thing wrong."""
    model = read_model(body, models)
    cap = fields.integer(body, "max_tokens", 0)
    cap = DEFAULT_CAP if cap is None else min(cap, CONTEXT)
    stream = fields.flag(body, "stream")
    n = fields.integer(body, "n", 1, _MOST_CHOICES) or 1
    for name in ("frequency_penalty", "presence_penalty"):
        fields.number(body, name, -2, 2, 0)
    read_bias(body)
    fields.text(body, "user")
    return TextAsk(
        model=model,
        prompts=read_prompts(
            body.get("prompt"), "prompt", most=_MOST_PROMPTS, longest=CONTEXT - cap
        ),
        suffix=fields.text(body, "suffix") or "",
        cap=cap,
        n=n,
        best_of=_best_of(body, n, stream=stream),
        temperature=fields.number(body, "temperature", 0, 2, 1),
        top_p=fields.number(body, "top_p", 0, 1, 1),
        seed=fields.integer(body, "seed", -(2**63)),
        stop=read_stop(body),
        echo=fields.flag(body, "echo"),
        logprobs=fields.integer(body, "logprobs", 0, _MOST_LOGPROBS),
        stream=stream,
        include_usage=read_include_usage(body, stream=stream),
    )


def _best_of(body: Json, n: int, *, stream: bool) -> int:
    best_of = fields.integer(body, "best_of", 0, _MOST_CANDIDATES)
    if best_of is None:
        return n
    if best_of < n:
        raise fields.wrong_value("best_of", f"it must not be less than 'n', which is {n}.")
    if stream and best_of > n:
        raise fields.wrong_value("best_of", "results cannot be streamed.")
    return best_of
