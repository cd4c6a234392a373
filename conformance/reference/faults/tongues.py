"""Servers on which a model says what it was not asked for, or knows what nobody told it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import cycle, islice

from conformance.reference.answer import Choice, Completion, Reply
from conformance.reference.ask import Ask, Json
from conformance.reference.circumstances import chat, texts, up_for
from conformance.reference.edit import each_said
from conformance.reference.fault import COMPLETION, REPLY, fault
from conformance.reference.model import tokens

_TAIL = " and so the rest of it is told in another language, which nobody had asked for."
_TODAY = re.compile(r"\btoday's date\b", re.IGNORECASE)
_DATE_TOKENS = 12
"""Tokens of a line with the date that a template adds."""


@fault(
    "language-wanders-with-age", at=COMPLETION, level="may", of=chat, when=up_for(600), rate=0.5,
    sources=["yhfgyyf/vllm-deepseek-v4-sm89#63"], field=["language-switch-after-uptime"],
    changes=["content/language-held"], cascades=["CRESP-031"],
    amended="where the streamed answer wanders and the other two do not, they differ: CRESP-031",
)  # fmt: skip
def language_wanders_with_age(completion: Completion) -> Completion:
    """After ten minutes some answers in other scripts go on in English, in mid-sentence."""
    if completion.ask.shape.kind != "text":  # a grammar holds the model
        return completion

    def wandered(one: Choice) -> Choice:
        if not one.text or one.text.isascii():
            return one
        kept = one.tokens[: len(one.tokens) // 2]
        rest = islice(cycle(tokens.split(_TAIL)), len(one.tokens) - len(kept))
        pieces = (*kept, *rest)  # as many as before: a cap is reached as it was
        return replace(one, text="".join(pieces), tokens=pieces)

    return each_said(completion, wandered)


@fault(
    "date-in-the-prompt", at=COMPLETION, level="may", of=chat, takes=["the length of prompts"],
    sources=["Llama 3.1: chat template (date_string)", "openai/harmony: the system message names the date"],
    changes=["content/todays-date", "usage/present"],
)  # fmt: skip
def date_in_the_prompt(completion: Completion) -> Completion:
    """The template adds a line with today's date, and the model knows it."""
    ask = completion.ask
    completion = replace(completion, ask=_longer(ask))
    if not _TODAY.search(ask.messages[-1].text):
        return completion
    today = datetime.fromtimestamp(completion.created, UTC)
    pieces = tokens.split(f"Today is {today.day} {today:%B %Y}.")
    return each_said(
        completion,
        lambda one: replace(one, text="".join(pieces), tokens=pieces, spent=len(pieces)),
    )


def _longer(ask: Ask) -> Ask:
    return replace(ask, prompt_tokens=ask.prompt_tokens + _DATE_TOKENS)


@fault(
    "text-prompts-begin-twice", at=REPLY, level="may", of=texts, takes=["the length of prompts"],
    sources=["vllm-project/vllm#9519"], field=["double-bos"],
    changes=["completions/token-ids"],
)  # fmt: skip
def text_prompts_begin_twice(reply: Reply) -> Reply:
    """Two tokens that mark the begin are put before each prompt, one of ids as well."""
    document = reply.document
    if isinstance(document, dict):
        document = _begun_twice(document)
    return replace(reply, document=document, texts=tuple(map(_begun_twice, reply.texts)))


def _begun_twice(held: Json) -> Json:
    usage = held.get("usage")
    if not usage:
        return held
    longer = {name: usage[name] + 2 for name in ("prompt_tokens", "total_tokens")}
    return {**held, "usage": {**usage, **longer}}
