"""What the contract leaves open of streams and of reasoning, and servers do in their own way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, islice
from typing import Any

from conformance.reference.answer import Choice, Completion, Reply, Response
from conformance.reference.ask import Ask, Json
from conformance.reference.circumstances import both_of, chat, streamed, thinking, with_tools
from conformance.reference.edit import each_said, finishing, is_streamed
from conformance.reference.fault import ASK, COMPLETION, REPLY, REQUEST, RESPONSE, SCRIPT, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens
from conformance.reference.refusal import Refusal
from conformance.reference.script import Act, Pause, Script, Send

_PIECE = 7
"""Bytes that are written at once where every event comes in pieces."""
_BREATH = 0.01
"""Seconds between two such pieces of one event, so that they do not arrive as one."""
_BUDGET = 2048
"""Tokens of an answer to a request without a cap."""


@fault(
    "finish-with-the-last-text", at=REPLY, level="may", of=streamed, takes=["the finish of streams"],
    sources=["ollama/ollama#17485"], field=["finish-reason-on-last-content-chunk"],
    changes=["streaming/finish-chunk"],
)  # fmt: skip
def finish_with_the_last_text(reply: Reply) -> Reply:
    """The last chunk with text has the finish reason as well."""
    told: list[Json] = []
    for chunk in reply.chunks:
        before = told[-1]["choices"] if told else []
        if finishing(chunk) and len(before) == 1 and before[0]["delta"].get("content"):
            reason = chunk["choices"][0]["finish_reason"]
            if before[0]["index"] == chunk["choices"][0]["index"]:
                told[-1] = {**told[-1], "choices": [{**before[0], "finish_reason": reason}]}
                continue
        told.append(chunk)
    return replace(reply, chunks=tuple(told))


@fault(
    "stream-in-small-pieces", at=SCRIPT, level="may", of=streamed,
    sources=["kubernetes-sigs/inference-perf#781", "wecode-ai/Wegent#2271"],
    field=["sse-one-event-in-many-writes"], changes=["streaming/events-in-pieces"],
)  # fmt: skip
def stream_in_small_pieces(script: Script) -> Script:
    """Streams are written a few bytes at a time, in the middle of events and of characters."""
    if not is_streamed(script):
        return script
    return tuple(each for act in script for each in _pieces(act))


def _pieces(act: Act) -> Iterator[Act]:
    if not isinstance(act, Send):
        yield act
        return
    for place in range(0, len(act.data), _PIECE):
        if place == (len(act.data) // _PIECE // 2) * _PIECE and place:
            yield Pause(_BREATH)
        yield Send(act.data[place : place + _PIECE])


@fault(
    "keep-alive-before-answers", at=RESPONSE, level="may", of=chat, rate=0.3,
    sources=["DeepSeek API: rate limit (keep-alive)", "OpenRouter: streaming (comments)"],
    field=["keepalive-comments-and-blank-lines"], changes=["streaming/customary-lines"],
)  # fmt: skip
def keep_alive_before_answers(response: Response) -> Response:
    """Under load comments come before a stream, and blank lines before an answer in one piece."""
    alive = b": keep-alive\n\n" if response.stream else b"\n\n\n"
    return replace(response, body=(Send(alive), *response.body))


# --- reasoning ------------------------------------------------------------------------------------


@fault(
    "forced-call-without-reasoning", at=ASK, level="may", of=both_of(thinking, with_tools),
    sources=["vllm-project/vllm#20663", "vllm-project/vllm#43155"],
    field=["reasoning-missing-with-forced-tool", "required-tool-call-without-reasoning"],
    changes=["reasoning/forced-call-thinks"],
)  # fmt: skip
def forced_call_without_reasoning(ask: Ask) -> Ask:
    """A call that is demanded comes at once, without a thought before it."""
    return replace(ask, effort="none") if ask.rule.mode == "required" else ask


@fault(
    "calls-want-their-reasoning", at=REQUEST, level="may", of=thinking,
    sources=["continuedev/continue#11600", "Oaklight/llm-rosetta#356", "DeepSeek API: thinking mode"],
    field=["kimi-reasoning-content-missing-400", "reasoning-content-empty-string-required",
           "reasoning-content-must-be-returned-400"],
    changes=["reasoning/calls-without-reasoning"],
)  # fmt: skip
def calls_want_their_reasoning(request: HttpRequest) -> HttpRequest:
    """A call that comes back without `reasoning_content`, be it empty, is refused by its place."""
    listed: Any = request.json.get("messages")
    for place, each in enumerate(listed if isinstance(listed, list) else []):
        if each.get("tool_calls") and "reasoning_content" not in each:
            raise Refusal(
                "thinking is enabled but reasoning_content is missing in assistant tool call "
                f"message at index {place}",
                param="messages",
            )
    return request


@fault(
    "medium-means-high", at=ASK, level="may", of=thinking, sources=["DeepSeek API: thinking mode"],
    field=["effort-levels-mapped-silently"], changes=["reasoning/efforts-apart"],
)  # fmt: skip
def medium_means_high(ask: Ask) -> Ask:
    """Efforts that the model does not know are taken for others: minimal for low, medium for high."""
    return replace(ask, effort={"minimal": "low", "medium": "high"}.get(ask.effort, ask.effort))


@fault(
    "one-switch-is-known", at=REQUEST, level="may", of=thinking,
    sources=["badlogic/pi-mono#1674", "can1357/oh-my-pi: catalog"],
    field=["thinking-toggle-dialect-ignored"],
    changes=["reasoning/enable-thinking-false", "reasoning/template-thinking-false"],
)  # fmt: skip
def one_switch_is_known(request: HttpRequest) -> HttpRequest:
    """Of the vendors' switches of reasoning one is known; the others are read by nobody."""
    return request.edited(enable_thinking=None, chat_template_kwargs=None)


@fault(
    "reasoning-fills-the-budget", at=COMPLETION, level="may", of=thinking, rate=0.6,
    takes=["the reasoning"], sources=["vllm-project/vllm#30599"],
    field=["reasoning-until-token-cap"], changes=["reasoning/without-a-cap"],
)  # fmt: skip
def reasoning_fills_the_budget(completion: Completion) -> Completion:
    """Now and then the reasoning goes on until the budget is spent, and no answer comes."""
    cap = completion.ask.cap or _BUDGET

    def endless(choice: Choice) -> Choice:
        if not choice.thought:
            return choice
        more = cycle(tokens.split(" But wait, let me see that once more."))
        thought = (*choice.thought, *islice(more, cap))[:cap]
        return replace(
            choice, thought=thought, text="", tokens=(), calls=(), finish="length", spent=cap
        )

    return each_said(completion, endless)
