"""Structured output that goes wrong on some of the answers only."""

from __future__ import annotations

import json
from dataclasses import replace

from conformance.reference.answer import Choice, Completion
from conformance.reference.circumstances import with_json, with_schema
from conformance.reference.edit import each_said
from conformance.reference.fault import COMPLETION, fault
from conformance.reference.model import tokens


def _saying(choice: Choice, text: str) -> Choice:
    pieces = tokens.split(text)
    return replace(
        choice, text=text, tokens=pieces, spent=len(choice.thought) + max(1, len(pieces))
    )


@fault(
    "json-object-empty", at=COMPLETION, level="should", of=with_json, rate=0.5, takes=["the text of answers"],
    sources=["langgenius/dify#13068", "DeepSeek API: JSON Output (may occasionally return empty content)"],
    field=["json-object-empty-content"],
    primary=["CREQ-045"], cascades=["STAT-004", "ERR-033"],
)  # fmt: skip
def json_object_empty(completion: Completion) -> Completion:
    """In JSON mode the content is empty, with `finish_reason: stop`."""
    return each_said(completion, lambda choice: replace(_saying(choice, ""), finish="stop"))


@fault(
    "schema-key-renamed", at=COMPLETION, level="must", of=with_schema, rate=0.5, takes=["the text of answers"],
    sources=["ddalcu/mlx-serve#172", "noamgat/lm-format-enforcer#94"],
    field=["schema-forbidden-keys-emitted"],
    primary=["SO-002"], cascades=["SO-*", "CREQ-047", "CRESP-031"],
)  # fmt: skip
def schema_key_renamed(completion: Completion) -> Completion:
    """The JSON has a key `!` where the schema asks for another."""

    def renamed(choice: Choice) -> Choice:
        try:
            held = json.loads(choice.text or "")
        except ValueError:  # cut short by the cap
            return choice
        if not isinstance(held, dict) or not held:
            return choice
        first, *others = held.items()
        return _saying(choice, json.dumps({"!": first[1], **dict(others)}, ensure_ascii=False))

    return each_said(completion, renamed)
