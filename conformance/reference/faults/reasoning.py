"""Models that reason: where the reasoning ends up, what switches it, and what it takes with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.reference.answer import Choice, Completion, Reply
from conformance.reference.ask import Json
from conformance.reference.circumstances import both_of, streamed, thinking, with_schema, with_tools
from conformance.reference.edit import both, each_delta, each_message, each_said
from conformance.reference.fault import COMPLETION, REPLY, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens

_TEXT = (
    "RSN-*",
    "CRESP-*",
    "CREQ-*",
    "SO-*",
    "STRM-*",
    "TOOL-*",
    "STOOL-*",
    "RT-*",
    "USAGE-*",
    "LOGP-*",
)
"""What may fail where the content is not the answer alone."""  # fmt: skip
_STREAMED = both_of(thinking, streamed)
_WITH_TOOLS = both_of(thinking, with_tools)
_WITH_SCHEMA = both_of(thinking, with_schema)


def _without_a_call(request: HttpRequest) -> bool:
    return thinking(request) and not with_tools(request)


# --- where the reasoning ends up ------------------------------------------------------------------


def _in_content(before: str, after: str) -> Any:
    """The reasoning stands in the content, between two marks, and in no member of its own."""

    def leaked(choice: Choice) -> Choice:
        if not choice.thought or choice.text is None:
            return choice
        said = tokens.split(f"{before}{''.join(choice.thought)}{after}{choice.text}")
        return replace(choice, text="".join(said), tokens=said, thought=(), spent=len(said))

    return lambda completion: each_said(completion, leaked)


@fault(
    "think-tags-in-content", at=COMPLETION, level="must", of=thinking, takes=["the reasoning"],
    sources=["vllm-project/vllm#13375", "zai-org/GLM-V#243"],
    primary=["RSN-018", "CRESP-026"], cascades=_TEXT,
)  # fmt: skip
def think_tags_in_content(completion: Completion) -> Completion:
    """The reasoning stands in the content, in think tags."""
    told: Completion = _in_content("<think>\n", "\n</think>\n\n")(completion)
    return told


@fault(
    "think-tags-in-streams", at=COMPLETION, level="must", of=_STREAMED, takes=["the reasoning"],
    sources=["vllm-project/vllm#45687", "vllm-project/vllm#46042"],
    primary=["RSN-018", "CRESP-026"], cascades=_TEXT,
)  # fmt: skip
def think_tags_in_streams(completion: Completion) -> Completion:
    """The reasoning stands in the content, in think tags, but only when streamed."""
    return think_tags_in_content(completion)


@fault(
    "think-tags-beside-tools", at=COMPLETION, level="must", of=_WITH_TOOLS, takes=["the reasoning"],
    sources=["vllm-project/vllm#39885", "ogx-ai/ogx#4414"],
    field=["tools-plus-thinking-not-simultaneous"],
    primary=["RSN-018", "CRESP-026"], cascades=_TEXT,
)  # fmt: skip
def think_tags_beside_tools(completion: Completion) -> Completion:
    """Where tools are offered, the reasoning stands in the content, in think tags, calls or not."""

    def leaked(choice: Choice) -> Choice:
        if not choice.thought:
            return choice
        said = tokens.split(f"<think>{''.join(choice.thought)}</think>{choice.text or ''}")
        return replace(choice, text="".join(said), tokens=said, thought=())

    return each_said(completion, leaked)


@fault(
    "closing-think-tag-alone", at=COMPLETION, level="must", of=thinking, takes=["the reasoning"],
    sources=["nbramia/LifeOS#568: templates of llama.cpp that open the tag"],
    field=["orphan-close-think-tag"],
    primary=["RSN-018", "CRESP-026"], cascades=_TEXT,
)  # fmt: skip
def closing_think_tag_alone(completion: Completion) -> Completion:
    """The template opens the thinking, so that only its closing tag stands in the content."""
    told: Completion = _in_content("", "\n</think>\n\n")(completion)
    return told


@fault(
    "reasoning-named-thinking", at=REPLY, level="should", of=thinking, takes=["the reasoning"],
    sources=["the words of the contract, turned round"],
    primary=["RSN-001"], cascades=["RSN-*", "CRESP-028", "USAGE-007", "STRM-025", "RT-*", "CREQ-012"],
)  # fmt: skip
def reasoning_named_thinking(reply: Reply) -> Reply:
    """The reasoning comes in a member called `thinking`."""

    def renamed(held: Json) -> Json:
        name = "reasoning_content"
        return {("thinking" if key == name else key): each for key, each in held.items()}

    return each_delta(each_message(reply, renamed), renamed)


@fault(
    "answer-within-the-reasoning", at=COMPLETION, level="should", of=_without_a_call,
    takes=["the reasoning"], sources=["QwenLM/Qwen3#1297", "NVIDIA/TensorRT-LLM#14502"],
    primary=["CRESP-028"], cascades=_TEXT,
)  # fmt: skip
def answer_within_the_reasoning(completion: Completion) -> Completion:
    """All that the model says counts as reasoning, and the content is empty."""

    def swallowed(choice: Choice) -> Choice:
        return replace(choice, thought=(*choice.thought, *choice.tokens), text="", tokens=())

    return each_said(completion, swallowed)


@fault(
    "json-after-reasoning", at=COMPLETION, level="should", of=_WITH_SCHEMA, takes=["the reasoning"],
    sources=["the words of the contract, turned round"],
    primary=["SO-020"], cascades=_TEXT,
)  # fmt: skip
def json_after_reasoning(completion: Completion) -> Completion:
    """With a schema, words of the reasoning stand in front of the JSON."""

    def mixed(choice: Choice) -> Choice:
        if not choice.thought or not choice.text:
            return choice
        said = tokens.split(f"So the answer is: {choice.text}")
        return replace(choice, text="".join(said), tokens=said)

    return each_said(completion, mixed)


@fault(
    "json-within-the-reasoning", at=COMPLETION, level="should", of=_WITH_SCHEMA,
    takes=["the reasoning"], sources=["ai-dynamo/dynamo#11512", "scouzi1966/maclocal-api#44"],
    field=["json-in-reasoning-empty-content"],
    primary=["SO-020"], cascades=_TEXT,
)  # fmt: skip
def json_within_the_reasoning(completion: Completion) -> Completion:
    """With a schema, the JSON counts as reasoning, and the content is empty."""

    def swallowed(choice: Choice) -> Choice:
        return (
            replace(choice, thought=choice.tokens, text="", tokens=()) if choice.thought else choice
        )

    return each_said(completion, swallowed)


@fault(
    "call-within-the-reasoning", at=COMPLETION, level="must", of=_WITH_TOOLS, takes=["the reasoning"],
    sources=["vllm-project/vllm#55759", "vllm-project/vllm#42021"],
    primary=["RSN-012"], cascades=_TEXT,
)  # fmt: skip
def call_within_the_reasoning(completion: Completion) -> Completion:
    """A call that the model makes counts as reasoning, and nobody gets to see it as a call."""

    def swallowed(choice: Choice) -> Choice:
        if not choice.thought or not choice.calls:
            return choice
        written = "".join(
            f"<tool_call>{one.name}{one.arguments}</tool_call>" for one in choice.calls
        )
        thought = (*choice.thought, *tokens.split(written))
        return replace(choice, thought=thought, calls=(), text="", finish="stop")

    return each_said(completion, swallowed)


@fault(
    "reasoning-after-content", at=REPLY, level="should", of=_STREAMED, takes=["the reasoning"],
    sources=["the words of the contract, turned round"],
    primary=["STRM-030"], cascades=["RSN-003", "STRM-025", "STRM-028"],
)  # fmt: skip
def reasoning_after_content(reply: Reply) -> Reply:
    """The reasoning streams after the content, just before the finish."""
    thoughts = [one for one in reply.chunks if _thinks(one)]
    others = [one for one in reply.chunks if not _thinks(one)]
    place = next((n for n, one in enumerate(others) if _finishes(one)), len(others))
    return replace(reply, chunks=(*others[:place], *thoughts, *others[place:]))


def _thinks(chunk: Json) -> bool:
    return any(one["delta"].get("reasoning_content") for one in chunk["choices"])


def _finishes(chunk: Json) -> bool:
    return any(one["finish_reason"] for one in chunk["choices"])


@fault(
    "reasoning-deltas-dropped", at=REPLY, level="should", of=_STREAMED, takes=["the reasoning"],
    sources=["the words of the contract, turned round"],
    primary=["RSN-003"], cascades=["STRM-025"],
)  # fmt: skip
def reasoning_deltas_dropped(reply: Reply) -> Reply:
    """Each second piece of the reasoning never comes when streamed."""
    kept: list[Json] = []
    thoughts = 0
    for chunk in reply.chunks:
        thoughts += _thinks(chunk)
        if not (_thinks(chunk) and thoughts % 2 == 0):
            kept.append(chunk)
    return replace(reply, chunks=tuple(kept))


# --- what it costs --------------------------------------------------------------------------------


@fault(
    "reasoning-not-counted", at=REPLY, level="should", of=thinking, takes=["the usage"],
    sources=["vllm-project/vllm-ascend#13070", "router-for-me/CLIProxyAPI#5733"],
    primary=["RSN-004"], cascades=["USAGE-*", "LOGP-009", "RSN-016", "RSN-007", "CRESP-016", "STRM-019"],
)  # fmt: skip
def reasoning_not_counted(reply: Reply) -> Reply:
    """The reasoning is counted nowhere, neither among the tokens nor beside them."""

    def cheaper(held: Json) -> Json:
        usage = held.get("usage")
        if not usage:
            return held
        details = usage["completion_tokens_details"]
        spent = details["reasoning_tokens"]
        less = {name: usage[name] - spent for name in ("completion_tokens", "total_tokens")}
        told = {**details, "reasoning_tokens": 0}
        return {**held, "usage": {**usage, **less, "completion_tokens_details": told}}

    return both(reply, cheaper)


@fault(
    "cut-thought-stops", at=COMPLETION, level="should", of=thinking,
    sources=["the words of the contract, turned round"],
    primary=["RSN-007"], cascades=["CRESP-016", "CRESP-015", "USAGE-005", "SO-016", "RSN-017", "CRESP-028", "TOOL-*", "RSN-012"],
)  # fmt: skip
def cut_thought_stops(completion: Completion) -> Completion:
    """Where the cap ends the reasoning, the answer is empty and ends with `stop`."""

    def stopped(choice: Choice) -> Choice:
        cut = choice.thought and not choice.text and not choice.calls and choice.finish == "length"
        return replace(choice, finish="stop") if cut else choice

    return each_said(completion, stopped)


@fault(
    "stop-cuts-the-reasoning", at=COMPLETION, level="should", of=thinking,
    sources=["vllm-project/vllm#38499", "sgl-project/sglang#33151"],
    primary=["RSN-010"], cascades=["CRESP-028", "CREQ-030", "CREQ-031", "CRESP-015", "RSN-007", "USAGE-005"],
)  # fmt: skip
def stop_cuts_the_reasoning(completion: Completion) -> Completion:
    """A stop string ends the reasoning, and no answer comes."""

    def stopped(choice: Choice) -> Choice:
        thought = "".join(choice.thought)
        places = [thought.find(each) for each in completion.ask.stop if each in thought]
        if not places:
            return choice
        kept = tokens.split(thought[: min(places)])
        return replace(
            choice, thought=kept, text="", tokens=(), calls=(), finish="stop", spent=len(kept)
        )

    return each_said(completion, stopped)
