"""Conversations and schemas that a translation cannot carry: refused, half read, or without a thought."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

from conformance.reference.answer import Choice, Completion
from conformance.reference.ask import Ask, Json
from conformance.reference.breaks import OTHER_WORDS, REFUSED
from conformance.reference.circumstances import (
    both_of,
    chat,
    thinking,
    with_json,
    with_schema,
    with_tools,
)
from conformance.reference.edit import each_said
from conformance.reference.fault import ASK, COMPLETION, REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import think, tokens
from conformance.reference.refusal import Refusal

_HISTORY = ("RT-*", "CREQ-009", "CREQ-010", "CREQ-011", "CREQ-012", "CREQ-013", "TOOL-*", "RSN-*")
"""What may fail where a conversation with calls is not read, or refused."""
_SHAPED = ("SO-*", "CRESP-*", "STRM-*", "CREQ-*", "USAGE-*", "LOGP-*", "RSN-*", "STAT-004")


def _calls(message: Json) -> list[Any]:
    held = message.get("tool_calls")
    return held if isinstance(held, list) else []


@fault(
    "past-calls-taken-for-mappings", at=REQUEST, level="must", of=chat,
    sources=["sgl-project/sglang#9009"],
    primary=["CREQ-010"], cascades=[*_HISTORY, *REFUSED],
)  # fmt: skip
def past_calls_taken_for_mappings(request: HttpRequest) -> HttpRequest:
    """The template goes over past arguments as if they were objects: a conversation with calls is refused."""
    if any(_calls(each) for each in request.messages):
        raise Refusal("Can only get item pairs from a mapping.")
    return request


@fault(
    "parts-beside-past-calls-lost", at=REQUEST, level="must", of=chat,
    sources=["CommandCodeAI/command-code#807"],
    primary=["CREQ-009"], cascades=["RT-005", "RT-007", "CREQ-006", "CREQ-011", "USAGE-010"],
)  # fmt: skip
def parts_beside_past_calls_lost(request: HttpRequest) -> HttpRequest:
    """Content in parts of a past message with calls is not read; the same content as text is."""

    def emptied(message: Json) -> Json:
        parted = _calls(message) and isinstance(message.get("content"), list)
        return {**message, "content": None} if parted else message

    held = request.messages
    return request.edited(messages=[emptied(each) for each in held]) if held else request


@fault(
    "several-results-refused", at=REQUEST, level="must", of=chat,
    sources=["diegosouzapw/OmniRoute#8903"],
    primary=["RT-004"], cascades=[*_HISTORY, *REFUSED],
)  # fmt: skip
def several_results_refused(request: HttpRequest) -> HttpRequest:
    """Two results in a row are refused: each has to stand in the same turn as the other."""
    roles = [each.get("role") for each in request.messages]
    if ("tool", "tool") in pairwise(roles):
        raise Refusal("Expected toolResult blocks at messages.2.content", param="messages")
    return request


@fault(
    "parallel-past-keeps-the-user-only", at=REQUEST, level="must", of=chat,
    sources=["unslothai/unsloth#7426"],
    primary=["RT-003"], cascades=["RT-*", "TOOL-*", "CRESP-*", "USAGE-*", "RSN-*", "SO-019"],
)  # fmt: skip
def parallel_past_keeps_the_user_only(request: HttpRequest) -> HttpRequest:
    """Where a past message has several calls, the template fails, and the user's messages alone are read."""
    held = request.messages
    if not any(len(_calls(each)) > 1 for each in held):
        return request
    kept = [each for each in held if each.get("role") == "user"]
    return request.edited(messages=kept) if kept else request


@fault(
    "formats-finish-with-error", at=COMPLETION, level="must",
    of=lambda request: with_schema(request) or with_json(request),
    sources=["mudler/vllm.cpp#398"],
    primary=["CRESP-011"], cascades=[*_SHAPED, "STOOL-012"],
    amended="a call beside a format ends with it as well: STOOL-012",
)  # fmt: skip
def formats_finish_with_error(completion: Completion) -> Completion:
    """What has a format ends with `error`: by a schema after one token, as any object after all of them."""

    def failed(choice: Choice) -> Choice:
        if completion.ask.shape.kind == "json_schema" and choice.text:
            first = choice.tokens[:1]
            choice = replace(choice, text="".join(first), tokens=first, likely=choice.likely[:1])
        return replace(choice, finish="error")

    return each_said(completion, failed)


@fault(
    "references-refused", at=REQUEST, level="should", of=with_schema,
    sources=["vectorize-io/hindsight#3225"],
    primary=["SO-009"], cascades=[*_SHAPED, *REFUSED],
)  # fmt: skip
def references_refused(request: HttpRequest) -> HttpRequest:
    """A schema with a reference to its own definitions is refused: they are not found."""
    if b'"$ref"' in request.body:
        told = "reference to component '#/$defs/...' which was not found in the schema"
        raise Refusal(told, code="invalid_json_schema", param="response_format")
    return request


@fault(
    "schemas-end-the-reasoning", at=ASK, level="should", of=both_of(thinking, with_schema),
    sources=["vllm-project/vllm#47027"],
    primary=["SO-020"], cascades=["RSN-*", "USAGE-*", "CRESP-028"],
)  # fmt: skip
def schemas_end_the_reasoning(ask: Ask) -> Ask:
    """With a schema the model does not reason, though it is asked to."""
    return replace(ask, effort="none")


@fault(
    "strict-lost-beside-a-loose-tool", at=ASK, level="must", of=with_tools,
    sources=["kekzl/imp#1597"],
    primary=["TOOL-010"], cascades=["TOOL-008", "TOOL-009", "SO-010", "SO-013", "STAT-003"],
)  # fmt: skip
def strict_lost_beside_a_loose_tool(ask: Ask) -> Ask:
    """One tool that is not strict, and none of the request is held to its parameters."""
    if all(each.strict for each in ask.tools):
        return ask
    loose = {"type": "object"}
    tools = (replace(each, parameters=loose) if each.strict else each for each in ask.tools)
    return replace(ask, tools=tuple(tools))


@fault(
    "thinking-refuses-any-choice", at=REQUEST, level="must", of=both_of(thinking, with_tools),
    sources=["vellum-ai/vellum-assistant#40689"],
    primary=["CREQ-055"], cascades=[*_HISTORY, *REFUSED],
)  # fmt: skip
def thinking_refuses_any_choice(request: HttpRequest) -> HttpRequest:
    """The model that reasons refuses `tool_choice`, `auto` and `none` as well."""
    if request.json.get("tool_choice") in ("auto", "none"):
        raise Refusal("Thinking mode does not support this tool_choice", param="tool_choice")
    return request


@fault(
    "reasoning-wants-a-stream", at=ASK, level="must", of=thinking,
    sources=["vybestack/llxprt-code#229", "musistudio/claude-code-router#948"],
    primary=["CREQ-063"], cascades=REFUSED,
)  # fmt: skip
def reasoning_wants_a_stream(ask: Ask) -> Ask:
    """The model that reasons does so in streams only, and refuses to in one document."""
    if ask.effort != "none" and not ask.stream:
        raise Refusal("parameter.enable_thinking must be set to false for non-streaming calls")
    return ask


@fault(
    "reasoning-in-content-when-off", at=COMPLETION, level="should", of=thinking,
    sources=["edgelesssys/privatemode-public#7"],
    primary=["RSN-009"], cascades=[*OTHER_WORDS, "RSN-002"],
)  # fmt: skip
def reasoning_in_content_when_off(completion: Completion) -> Completion:
    """Where the reasoning was switched off, it stands in the content, without any tag."""
    if completion.ask.effort != "none" or completion.ask.shape.kind != "text":
        return completion
    leaked = "".join(think.thought(replace(completion.ask, effort="low"))) + "\n\n"

    def told(choice: Choice) -> Choice:
        if not choice.text or choice.finish != "stop":
            return choice
        text = leaked + choice.text
        pieces = tokens.split(text)
        return replace(choice, text=text, tokens=pieces, spent=len(pieces), likely=())

    return each_said(completion, told)
