"""Token counts that leave something out: the prompt of a stream, thoughts, choices, images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Reply
from conformance.reference.ask import Json
from conformance.reference.circumstances import chat, responding, streamed, thinking
from conformance.reference.edit import both, each_chunk
from conformance.reference.fault import REPLY, fault
from conformance.reference.incoming import HttpRequest

_HIDDEN = 48
"""Tokens of a thought that nobody gets to see."""


def _counted(reply: Reply, edit: Callable[[Json], Json]) -> Reply:
    """The usage edited, whole or streamed."""

    def told(held: Json) -> Json:
        return {**held, "usage": edit(held["usage"])} if held.get("usage") else held

    return both(reply, told)


def _with_images(request: HttpRequest) -> bool:
    listed: Any = request.json.get("messages") if chat(request) else None
    contents = [each.get("content") for each in listed or () if isinstance(each, dict)]
    parts = [part for content in contents if isinstance(content, list) for part in content]
    return any(isinstance(each, dict) and each.get("type") == "image_url" for each in parts)


def _without_effort(request: HttpRequest) -> bool:
    return thinking(request) and request.json.get("reasoning_effort") == "none"


def _in_responses(reply: Reply, edit: Callable[[Json], Json]) -> Reply:
    """The usage of responses edited, in one document and at the end of a stream."""

    def told(held: Json) -> Json:
        return {**held, "usage": edit(held["usage"])} if held.get("usage") else held

    document = reply.document
    if isinstance(document, dict) and document.get("object") == "response":
        reply = replace(reply, document=told(document))
    events = (
        {**each, "response": told(each["response"])} if "response" in each else each
        for each in reply.events
    )
    return replace(reply, events=tuple(events))


@fault(
    "streamed-prompts-cost-nothing", at=REPLY, level="must", of=streamed,
    sources=["tenstorrent/tt-inference-server#2981"],
    primary=["USAGE-003"], cascades=["USAGE-*", "CREQ-003", "RSN-019", "STAT-007", "CREQ-007"],
)  # fmt: skip
def streamed_prompts_cost_nothing(reply: Reply) -> Reply:
    """The usage of a stream counts no tokens of the prompt."""

    def less(usage: Json) -> Json:
        return {**usage, "prompt_tokens": 0, "total_tokens": usage["completion_tokens"]}

    return _counted(reply, less)


@fault(
    "details-without-reasoning-tokens", at=REPLY, level="must", of=responding,
    sources=["BerriAI/litellm#37264"], primary=["RESP-014"], cascades=["RSTRM-012", "RSN-004"],
)  # fmt: skip
def details_without_reasoning_tokens(reply: Reply) -> Reply:
    """Where a response did not reason, its details count other tokens and no `reasoning_tokens`."""

    def less(usage: Json) -> Json:
        if usage["output_tokens_details"]["reasoning_tokens"]:
            return usage
        return {**usage, "output_tokens_details": {"text_tokens": usage["output_tokens"]}}

    return _in_responses(reply, less)


@fault(
    "cut-streams-counted-in-words", at=REPLY, level="should", of=streamed,
    sources=["BerriAI/litellm#34351"],
    primary=["USAGE-005"], cascades=["USAGE-*", "RSN-004", "LOGP-009", "CREQ-019", "CREQ-020"],
)  # fmt: skip
def cut_streams_counted_in_words(reply: Reply) -> Reply:
    """Where the cap ends a stream, a gateway counts the words that it saw, and no reasoning."""
    choices = [each for chunk in reply.chunks for each in chunk["choices"]]
    if not any(each["finish_reason"] == "length" for each in choices):
        return reply
    seen = "".join(each["delta"].get("content") or "" for each in choices)
    words = len(seen.split())

    def less(usage: Json) -> Json:
        total = usage["prompt_tokens"] + words
        details = {**usage["completion_tokens_details"], "reasoning_tokens": 0}
        counts = {"completion_tokens": words, "total_tokens": total}
        return {**usage, **counts, "completion_tokens_details": details}

    return _counted(reply, less)


@fault(
    "reasoning-of-one-choice-counted", at=REPLY, level="should", of=thinking,
    sources=["ai-dynamo/dynamo#13329", "ai-dynamo/dynamo#14409"],
    primary=["RSN-004"], cascades=["USAGE-007", "USAGE-011", "LOGP-009", "USAGE-013"],
)  # fmt: skip
def reasoning_of_one_choice_counted(reply: Reply) -> Reply:
    """Of several choices the reasoning of one is counted among the reasoning tokens."""
    document = reply.document if isinstance(reply.document, dict) else {}
    listed = document.get("choices") or [each for one in reply.chunks for each in one["choices"]]
    number = len({each["index"] for each in listed}) or 1

    def less(usage: Json) -> Json:
        details = usage["completion_tokens_details"]
        share = details["reasoning_tokens"] // number
        return {**usage, "completion_tokens_details": {**details, "reasoning_tokens": share}}

    return _counted(reply, less)


@fault(
    "images-make-the-prompt-one-token", at=REPLY, level="should", of=_with_images,
    sources=["ollama/ollama#2058"], primary=["USAGE-010"], cascades=["CREQ-007", "USAGE-*"],
)  # fmt: skip
def images_make_the_prompt_one_token(reply: Reply) -> Reply:
    """A prompt with an image is said to have one token."""

    def less(usage: Json) -> Json:
        return {**usage, "prompt_tokens": 1, "total_tokens": 1 + usage["completion_tokens"]}

    return _counted(reply, less)


@fault(
    "hidden-thoughts-in-the-total", at=REPLY, level="must", of=_without_effort,
    sources=["mozilla-ai/any-llm#1293"], primary=["USAGE-002"], cascades=["RSN-014", "USAGE-*"],
)  # fmt: skip
def hidden_thoughts_in_the_total(reply: Reply) -> Reply:
    """With `reasoning_effort: none` the model thinks unseen, and only the total says so."""
    return _counted(reply, lambda usage: {**usage, "total_tokens": usage["total_tokens"] + _HIDDEN})


@fault(
    "thoughts-counted-when-off", at=REPLY, level="should", of=thinking, takes=["the usage"],
    sources=["8monkey-ai/hebo-gateway#97"], primary=["RSN-014"],
    cascades=["RSN-*", "USAGE-*", "LOGP-009", "CREQ-019", "CREQ-020", "STRM-017"],
)  # fmt: skip
def thoughts_counted_when_off(reply: Reply) -> Reply:
    """Where the model is told not to reason, its usage has reasoning tokens all the same."""

    def more(usage: Json) -> Json:
        details = usage["completion_tokens_details"]
        if details["reasoning_tokens"]:
            return usage
        counts = {name: usage[name] + _HIDDEN for name in ("completion_tokens", "total_tokens")}
        told = {**details, "reasoning_tokens": _HIDDEN}
        return {**usage, **counts, "completion_tokens_details": told}

    return _counted(reply, more)


@fault(
    "more-reasoning-than-tokens-when-cut", at=REPLY, level="should", of=streamed,
    sources=["elastic/elasticsearch#143242"], primary=["USAGE-007"], cascades=["RSN-004", "USAGE-*"],
)  # fmt: skip
def more_reasoning_than_tokens_when_cut(reply: Reply) -> Reply:
    """In streams that a cap ends, there are more reasoning tokens than tokens."""
    choices = [each for chunk in reply.chunks for each in chunk["choices"]]
    cut = any(each["finish_reason"] == "length" for each in choices)

    def more(held: Json) -> Json:
        usage = held.get("usage")
        if not usage or not usage["completion_tokens_details"]["reasoning_tokens"]:
            return held
        details = usage["completion_tokens_details"]
        counted = {**details, "reasoning_tokens": usage["completion_tokens"] + 6}
        return {**held, "usage": {**usage, "completion_tokens_details": counted}}

    return each_chunk(reply, more) if cut else reply
