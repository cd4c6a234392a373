"""From a completion to the response object: one document with its output items."""

from __future__ import annotations

import base64
from hashlib import blake2b
from typing import Any

from conformance.reference.answer import Choice, Completion
from conformance.reference.ask import Json, Message, PastCall
from conformance.reference.model import tokens
from conformance.reference.responses.asked import Asked, Thinking


def document(asked: Asked, completion: Completion, name: str) -> Json:
    """The response, finished. `name` is unique per response and mints the ids."""
    choice = completion.choices[0]
    cut = choice.finish == "length"
    return {
        "id": f"resp_{name}",
        "object": "response",
        "created_at": completion.created,
        "completed_at": None if cut else completion.created,
        "status": "incomplete" if cut else "completed",
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "output": [*_reasoning(asked.thinking, name), *_output(asked, choice, name)],
        "usage": _usage(asked, choice),
        **asked.echo,
    }


def said(choice: Choice) -> tuple[Message, ...]:
    """The answer as part of the conversation."""
    calls = tuple(
        PastCall(id=each.id, name=each.name, arguments=each.arguments) for each in choice.calls
    )
    text = choice.text if choice.refusal is None else choice.refusal
    return (Message(role="assistant", text=text or "", calls=calls),)


def _reasoning(thinking: Thinking, name: str) -> list[Json]:
    if not thinking.thought:
        return []
    item: Json = {
        "id": f"rs_{name}",
        "type": "reasoning",
        "status": "completed",
        "summary": [{"type": "summary_text", "text": thinking.thought}]
        if thinking.summarized
        else [],
        "content": [{"type": "reasoning_text", "text": thinking.thought}],
    }
    if thinking.encrypted:
        sealed = blake2b(f"{name} {thinking.thought}".encode(), digest_size=48).digest()
        item["encrypted_content"] = base64.b64encode(sealed).decode()
    return [item]


def _output(asked: Asked, choice: Choice, name: str) -> list[Json]:
    """The message, or the calls; where the budget ended the answer, it ended the last of them."""
    cut = choice.finish == "length"
    if not choice.calls:
        return [_message(asked, choice, name)]
    last = len(choice.calls) - 1
    return [
        {
            "id": f"fc_{name}{place:02d}",
            "type": "function_call",
            "status": "incomplete" if cut and place == last else "completed",
            "call_id": each.id,
            "name": each.name,
            "arguments": each.arguments,
        }
        for place, each in enumerate(choice.calls)
    ]


def _message(asked: Asked, choice: Choice, name: str) -> Json:
    part: Json = {"type": "refusal", "refusal": choice.refusal}
    if choice.refusal is None:
        part = {
            "type": "output_text",
            "text": choice.text,
            "annotations": [],
            "logprobs": _logprobs(asked, choice),
        }
    return {
        "id": f"msg_{name}",
        "type": "message",
        "status": "incomplete" if choice.finish == "length" else "completed",
        "role": "assistant",
        "content": [part],
    }


def _logprobs(asked: Asked, choice: Choice) -> list[Json]:
    if not asked.ask.logprobs:
        return []
    top = asked.ask.top_logprobs
    return [
        {
            **_entry(token, tokens.logprob(token, place)),
            "top_logprobs": [_entry(*each) for each in tokens.alternatives(token, place, top)],
        }
        for place, token in enumerate(choice.tokens)
    ]


def _entry(token: str, value: float) -> Json:
    return {"token": token, "logprob": round(value, 6), "bytes": list(token.encode())}


def _usage(asked: Asked, choice: Choice) -> Json:
    thought = tokens.count(asked.thinking.thought)
    spent: dict[str, Any] = {
        "input_tokens": asked.ask.prompt_tokens,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": choice.spent + thought,
        "output_tokens_details": {"reasoning_tokens": thought},
    }
    return {**spent, "total_tokens": spent["input_tokens"] + spent["output_tokens"]}
