"""Reasoning that is not where or what it should be, and requests that it comes in the way of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.reference.answer import Choice, Completion, Reply, Response
from conformance.reference.ask import Json
from conformance.reference.breaks import NO_ANSWER
from conformance.reference.circumstances import both_of, chat, streamed, thinking, with_tools
from conformance.reference.edit import each_event, each_said
from conformance.reference.fault import COMPLETION, REPLY, REQUEST, RESPONSE, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens
from conformance.reference.refusal import Refusal

_TEXT = (
    "RSN-*", "CRESP-*", "CREQ-*", "SO-*", "STRM-*", "TOOL-*", "STOOL-*", "RT-*", "USAGE-*", "LOGP-*",
)  # fmt: skip
"""What may fail where the content is not the answer alone."""
_REFUSED = (*NO_ANSWER, "RSN-*", "STRM-*", "STOOL-*", "SSE-*", "ERR-033")
"""What may fail where a request is refused that should be served."""
_STREAMED = both_of(thinking, streamed)
_MEMBERS = frozenset(
    {"role", "content", "name", "refusal", "annotations", "audio", "tool_calls", "tool_call_id", "function_call"}
)  # fmt: skip
"""Members of a message that OpenAI documents."""


def _plain_text(request: HttpRequest) -> bool:
    """Requests of a model that does not reason, without tools."""
    return chat(request) and not thinking(request) and not with_tools(request)


@fault(
    "all-text-is-reasoning", at=COMPLETION, level="must", of=_plain_text, takes=["the reasoning"],
    sources=["pollinations/pollinations#1895"], field=["answer-in-reasoning-content-only"],
    primary=["CRESP-013"], cascades=[*_TEXT, "TRANS-*", "STAT-*", "ERR-*"],
)  # fmt: skip
def all_text_is_reasoning(completion: Completion) -> Completion:
    """A parser of reasoning swallows the answers of a model that does not reason: content is null."""

    def swallowed(choice: Choice) -> Choice:
        if not choice.text:
            return choice
        return replace(choice, thought=choice.tokens, text=None, tokens=())

    return each_said(completion, swallowed)


@fault(
    "reasoning-lost-in-streams", at=RESPONSE, level="should", of=_STREAMED, takes=["the reasoning"],
    sources=["BerriAI/litellm#7942", "BerriAI/litellm#8193", "vllm-project/vllm-ascend#8022"],
    field=["provider-reasoning-field-dropped-by-proxy", "reasoning-parser-drops-reasoning-and-delays"],
    primary=["RSN-003"], cascades=["RSN-*", "STRM-025"],
)  # fmt: skip
def reasoning_lost_in_streams(response: Response) -> Response:
    """In streams nothing comes while the model reasons, and then the answer alone."""
    return each_event(response, lambda event: b"" if b'"reasoning_content":"' in event else event)


@fault(
    "reasoning-in-snapshots", at=REPLY, level="should", of=_STREAMED, takes=["the reasoning"],
    sources=["can1357/oh-my-pi: openai-completions.ts (MiniMax-M3)"],
    field=["reasoning-content-cumulative-snapshots"],
    primary=["RSN-003", "STRM-030"], cascades=["STRM-025", "RSN-*", "CRESP-031"],
)  # fmt: skip
def reasoning_in_snapshots(reply: Reply) -> Reply:
    """Each delta repeats the whole reasoning so far, those of the answer as well."""
    so_far: dict[int, str] = {}

    def grown(choice: Json) -> Json:
        delta = choice["delta"]
        index = choice["index"]
        so_far[index] = so_far.get(index, "") + (delta.get("reasoning_content") or "")
        said = delta.get("content") or delta.get("reasoning_content")
        if not said or not so_far[index]:
            return choice
        return {**choice, "delta": {**delta, "reasoning_content": so_far[index]}}

    chunks = ({**one, "choices": [*map(grown, one["choices"])]} for one in reply.chunks)
    return replace(reply, chunks=tuple(chunks))


@fault(
    "reasoning-tags-in-content", at=COMPLETION, level="must", of=thinking, takes=["the reasoning"],
    sources=["CherryHQ/cherry-studio#10225"], field=["reasoning-tag-in-content-bedrock"],
    primary=["RSN-018", "CRESP-026"], cascades=_TEXT,
)  # fmt: skip
def reasoning_tags_in_content(completion: Completion) -> Completion:
    """The reasoning stands in the content, between tags called `reasoning`."""

    def leaked(choice: Choice) -> Choice:
        if not choice.thought or choice.text is None:
            return choice
        thought = "".join(choice.thought)
        said = tokens.split(f"<reasoning>{thought}</reasoning>{choice.text}")
        return replace(choice, text="".join(said), tokens=said, thought=(), spent=len(said))

    return each_said(completion, leaked)


@fault(
    "reasoning-meets-the-answer", at=REPLY, level="should", of=_STREAMED, rate=0.5,
    takes=["the reasoning"], sources=["ollama/ollama#14648"], field=["thinking-and-content-in-one-delta"],
    primary=["STRM-030"], cascades=["STRM-025", "RSN-003"],
)  # fmt: skip
def reasoning_meets_the_answer(reply: Reply) -> Reply:
    """Now and then one delta holds the last of the reasoning and the first of the answer."""
    told = list(reply.chunks)
    for place in range(1, len(told)):
        before, here = _delta(told[place - 1]), _delta(told[place])
        if before.get("reasoning_content") and here.get("content"):
            [choice] = told[place]["choices"]
            met = {**choice, "delta": {**before, **here}}
            told[place - 1 : place + 1] = [{**told[place], "choices": [met]}]
            break
    return replace(reply, chunks=tuple(told))


def _delta(chunk: Json) -> Json:
    held: Json = chunk["choices"][0]["delta"] if len(chunk["choices"]) == 1 else {}
    return held


# --- what it comes in the way of ------------------------------------------------------------------


@fault(
    "no-reasoning-about-parts", at=REQUEST, level="must", of=thinking,
    sources=["QwenLM/Qwen3#1514"], field=["reasoning-vanishes-with-content-array"],
    primary=["CREQ-005"], cascades=["RSN-*"],
)  # fmt: skip
def no_reasoning_about_parts(request: HttpRequest) -> HttpRequest:
    """Where the content of a message is a list of parts, the model does not reason."""
    listed = any(isinstance(each.get("content"), list) for each in request.messages)
    return request.edited(reasoning_effort="none") if listed else request


@fault(
    "auto-ends-reasoning", at=REQUEST, level="should", of=both_of(thinking, with_tools),
    sources=["can1357/oh-my-pi#1207"], field=["tool-choice-auto-disables-thinking"],
    primary=["RSN-011"], cascades=["RSN-*"],
)  # fmt: skip
def auto_ends_reasoning(request: HttpRequest) -> HttpRequest:
    """Where `tool_choice: auto` is said, the model does not reason."""
    said = request.json.get("tool_choice") == "auto"
    return request.edited(reasoning_effort="none") if said else request


@fault(
    "reasoning-only-in-streams", at=REQUEST, level="must", of=thinking,
    sources=["musistudio/claude-code-router#948", "modelscope/modelscope#1513", "FoundationAgents/OpenManus#393"],
    field=["thinking-requires-stream"],
    primary=["CREQ-063"], cascades=[*_REFUSED, "ERR-*"],
)  # fmt: skip
def reasoning_only_in_streams(request: HttpRequest) -> HttpRequest:
    """A request that is not streamed is refused, unless it switches the reasoning off."""
    off = request.json.get("enable_thinking") is False
    if not off and request.json.get("stream") is not True:
        words = "parameter.enable_thinking must be set to false for non-streaming calls"
        raise Refusal(words, param="enable_thinking")
    return request


@fault(
    "only-reasoning-is-known", at=REQUEST, level="should", of=thinking,
    sources=["vercel/ai#15416"], field=["assistant-reasoning-field-name-rejected"],
    primary=["RSN-006", "CREQ-012"], cascades=_REFUSED,
)  # fmt: skip
def only_reasoning_is_known(request: HttpRequest) -> HttpRequest:
    """A message with `reasoning_content` is refused; its name here is `reasoning`."""
    if any("reasoning_content" in each for each in request.messages):
        raise Refusal("property 'reasoning_content' is unsupported", param="messages")
    return request


@fault(
    "extra-members-of-messages-refused", at=REQUEST, level="should", of=chat,
    sources=["gsd-build/gsd-2#4647"], field=["reasoning-content-echo-400"],
    primary=["CREQ-012"], cascades=["CREQ-011", "RT-*", "RSN-*", "TRANS-016", "STRM-*", "STOOL-*"],
)  # fmt: skip
def extra_members_of_messages_refused(request: HttpRequest) -> HttpRequest:
    """A message with a member that OpenAI does not document is refused, reasoning among them."""
    for place, each in enumerate(request.messages):
        extra: list[Any] = sorted(each.keys() - _MEMBERS)
        if extra:
            where = f"messages.{place}.{extra[0]}"
            raise Refusal(f"{where}: Extra inputs are not permitted", param=where)
    return request
