"""What the contract leaves open of calls and of answers by a schema, and servers do in their own way."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Choice, Completion, Reply
from conformance.reference.ask import Ask
from conformance.reference.circumstances import chat, with_json, with_schema, with_tools
from conformance.reference.edit import each_said
from conformance.reference.fault import ASK, COMPLETION, REPLY, REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens
from conformance.reference.refusal import Refusal

_SPACE = 4096
"""Line breaks where no cap ends them."""
_NEVER_EMPTY = ("minItems", "contains", "prefixItems", "enum", "const")
"""Keywords with which a list may not be empty."""


def _json_unmentioned(request: HttpRequest) -> bool:
    return with_json(request) and "json" not in json.dumps(request.json.get("messages")).lower()


def _lists_may_be_empty(request: HttpRequest) -> bool:
    asked = json.dumps(request.json.get("response_format"))
    return with_schema(request) and not any(f'"{name}"' in asked for name in _NEVER_EMPTY)


def _said(choice: Choice, text: str, finish: str) -> Choice:
    pieces = tokens.split(text)
    spent = len(choice.thought) + max(1, len(pieces))
    return replace(choice, text=text, tokens=pieces, finish=finish, spent=spent)


@fault(
    "schemas-unavailable", at=REQUEST, level="may", of=with_schema,
    sources=["DeepSeek API, Kimi (old), GLM, MiniMax: This response_format type is unavailable now"],
    field=["json-schema-type-unavailable"],
    changes=["structured/json-schema"], cascades=["SO-*", "CREQ-047", "CREQ-048"],
)  # fmt: skip
def schemas_unavailable(_request: HttpRequest) -> HttpRequest:
    """`response_format` may be `text` or `json_object`; a schema is refused."""
    raise Refusal("This response_format type is unavailable now", code="invalid_request_error")


@fault(
    "spaces-where-json-is-unmentioned", at=COMPLETION, level="may", of=_json_unmentioned,
    takes=["the text of answers"],
    sources=["Ollama (old), JSON mode as OpenAI warns of it"],
    field=["json-mode-whitespace-until-length"],
    changes=["effects/json-unmentioned"],
)  # fmt: skip
def spaces_where_json_is_unmentioned(completion: Completion) -> Completion:
    """In JSON mode a prompt that does not speak of JSON brings line breaks until the tokens are used up."""
    cap = completion.ask.cap or _SPACE

    def blank(choice: Choice) -> Choice:
        pieces = ("\n",) * max(1, cap - len(choice.thought))
        spent = len(choice.thought) + len(pieces)
        return replace(choice, text="".join(pieces), tokens=pieces, finish="length", spent=spent)

    return each_said(completion, blank)


@fault(
    "lists-emptied", at=COMPLETION, level="may", of=_lists_may_be_empty, takes=["the text of answers"],
    sources=["SGLang 0.3.6 (xgrammar): lists end as soon as they may"],
    field=["structured-output-quality-degraded-empty-lists"],
    changes=["structured/lists-of-what-was-named"],
)  # fmt: skip
def lists_emptied(completion: Completion) -> Completion:
    """Lists are empty wherever the schema lets them be."""

    def emptied(held: Any) -> Any:
        if isinstance(held, list):
            return []
        return {key: emptied(one) for key, one in held.items()} if isinstance(held, dict) else held

    def said(choice: Choice) -> Choice:
        try:
            held = json.loads(choice.text or "")
        except ValueError:  # cut short by the cap
            return choice
        return _said(choice, json.dumps(emptied(held), ensure_ascii=False), choice.finish)

    return each_said(completion, said)


@fault(
    "text-beside-calls-dropped", at=ASK, level="may", of=chat,
    sources=["Ollama before 0.11.3: content is ignored where there are calls"],
    field=["content-dropped-with-tool-calls"],
    changes=["multi-turn/text-beside-a-call-reaches-the-model"],
)  # fmt: skip
def text_beside_calls_dropped(ask: Ask) -> Ask:
    """What the assistant said beside an earlier call does not reach the model."""
    lost = sum(tokens.count(each.text) for each in ask.messages if each.calls)
    kept = tuple(replace(each, text="") if each.calls else each for each in ask.messages)
    return replace(ask, messages=kept, prompt_tokens=max(1, ask.prompt_tokens - lost))


@fault(
    "text-within-calls", at=REPLY, level="may",
    sources=["several hosts: content between two pieces of the arguments"],
    field=["tool-args-resume-after-text"],
    changes=["streaming-tools/nothing-within-a-call"],
    cascades=["CRESP-031", "STRM-024", "STOOL-015", "TOOL-013"],
)  # fmt: skip
def text_within_calls(reply: Reply) -> Reply:
    """In a stream a piece of text comes after the first piece of a call."""
    for place, chunk in enumerate(reply.chunks):
        if any(one["delta"].get("tool_calls") for one in chunk["choices"]):
            said = {**chunk["choices"][0], "delta": {"content": "One moment. "}}
            text = {**chunk, "choices": [said]}
            return replace(
                reply, chunks=(*reply.chunks[: place + 1], text, *reply.chunks[place + 1 :])
            )
    return reply


def _counted(name: str, title: str, source: str, field: str, spelled: Callable[[int], str]) -> None:
    """A fault that counts the ids of calls from 0 in each answer."""

    def rewrite(completion: Completion) -> Completion:
        def said(choice: Choice) -> Choice:
            calls = (replace(one, id=spelled(place)) for place, one in enumerate(choice.calls))
            return replace(choice, calls=tuple(calls))

        return each_said(completion, said)

    rewrite.__doc__ = title
    fault(
        name, at=COMPLETION, level="may", of=with_tools, sources=[source], field=[field],
        changes=["multi-turn/ids-within-a-conversation"], takes=["the ids of calls"],
    )(rewrite)  # fmt: skip


_counted(
    "ids-begin-anew",
    "The ids of calls are counted from 0 in each answer.",
    "Bedrock Mantle, Kimi-style ids",
    "tool-ids-reset-per-response",
    lambda place: f"call_{place}",
)
_counted(
    "ids-are-places",
    "The id of a call is its place in the list, from 0 in each answer.",
    "SGLang (old)",
    "toolcall-id-is-list-index",
    str,
)


@fault(
    "flat-call-refused-barely", at=REQUEST, level="may", of=chat,
    sources=["DeepSeek API: a bare 400, where others accept or say what is missing"],
    field=["tool-call-flat-shape-accepted-elsewhere"],
    changes=["multi-turn/flat-call"],
)  # fmt: skip
def flat_call_refused_barely(request: HttpRequest) -> HttpRequest:
    """A call in the conversation without its `function` is refused, and nothing says for what."""
    listed = request.json.get("messages")
    for each in listed if isinstance(listed, list) else ():
        calls = each.get("tool_calls") if isinstance(each, dict) else None
        if isinstance(calls, list) and any(
            isinstance(one, dict) and "name" in one for one in calls
        ):
            raise Refusal("Bad Request")
    return request
