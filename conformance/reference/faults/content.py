"""Servers that mishandle texts, lengths and requests: what is said is not what the model said."""

from __future__ import annotations

import json
import re
from collections import deque
from dataclasses import replace

from conformance.reference.answer import Choice, Completion, Reply
from conformance.reference.ask import Ask, Json
from conformance.reference.circumstances import busy, chat, longer_than, streamed
from conformance.reference.edit import each_delta, each_said
from conformance.reference.fault import ASK, COMPLETION, REPLY, REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens
from conformance.reference.refusal import crash

_SPECIAL = re.compile(r"<\||<｜|\[/?INST\]|</s>")
_KEPT = 1024
_OURS = "of our own making: no report is known"
_ENDLESS = " And so on." * 100
_before: deque[str] = deque(maxlen=1)


def _saying(choice: Choice, text: str) -> Choice:
    """The choice with another text, up to as many tokens as it had at most."""
    if not choice.text:
        return choice
    pieces = tokens.split(text)
    return replace(choice, text=text, tokens=pieces, spent=len(choice.thought) + len(pieces))


def _spelled(name: str, title: str, *sources: str, misread: str) -> None:
    """A fault that spells what is not ASCII in another way."""

    def rewrite(completion: Completion) -> Completion:
        return each_said(completion, lambda one: _saying(one, _form(one.text or "", misread)))

    rewrite.__doc__ = title
    fault(
        name, at=COMPLETION, level="must", of=chat, sources=sources, primary=["CRESP-027"],
        cascades=["CRESP-*", "STRM-*", "USAGE-*", "SO-*", "TOOL-*", "LOGP-*", "CREQ-*", "RT-*", "TRANS-004"],
    )(rewrite)  # fmt: skip


def _form(text: str, misread: str) -> str:
    match misread:
        case "latin-1":
            return text.encode().decode("latin-1")
        case "question marks":
            return text.encode("ascii", "replace").decode()
        case "escapes":
            return json.dumps(text)[1:-1] if not text.isascii() else text
        case _:
            return "".join(each if each.isascii() else _bytes(each) for each in text)


def _bytes(character: str) -> str:
    return "".join(f"<0x{byte:02X}>" for byte in character.encode())


_spelled(
    "text-read-as-latin-1",
    "UTF-8 of the model is read as Latin-1.",
    _OURS,
    misread="latin-1",
)
_spelled(
    "question-marks-for-characters",
    "What is not ASCII becomes a question mark.",
    _OURS,
    misread="question marks",
)
_spelled(
    "text-left-escaped",
    "What is not ASCII stays a JSON escape within the text.",
    "InternLM/lmdeploy#3295",
    misread="escapes",
)
_spelled(
    "bytes-left-as-tokens",
    "Characters of several tokens come as the names of their bytes.",
    "mattn/tensai#110",
    misread="bytes",
)


@fault(
    "spaces-left-as-tokens", at=COMPLETION, level="must", of=chat,
    sources=["vllm-project/vllm#5334"],
    primary=["CRESP-027"],
    cascades=["CRESP-*", "STRM-*", "USAGE-*", "SO-*", "LOGP-*", "CREQ-*", "RT-*", "TRANS-004", "STAT-006", "STAT-004"],
    amended="that every answer is JSON is STAT-004",
)  # fmt: skip
def spaces_left_as_tokens(completion: Completion) -> Completion:
    """Spaces come as the tokenizer spells them."""
    return each_said(completion, lambda one: _saying(one, (one.text or "").replace(" ", "Ġ")))


@fault(
    "answers-crossed-when-busy", at=COMPLETION, level="should", of=chat, when=busy(2),
    sources=["vllm-project/vllm#46088"],
    field=["mtp-cross-sequence-garbage"],
    primary=["STAT-006"],
    cascades=["RSN-018", "RESP-020", "CRESP-*", "STRM-*", "USAGE-*", "SO-*", "LOGP-*", "CREQ-*", "RT-*", "TRANS-*", "STAT-*", "ERR-033", "TOOL-*"],
    amended="the text of another may be one that was to hold markup, and so no result of a tool: RSN-018, RESP-020",
)  # fmt: skip
def answers_crossed_when_busy(completion: Completion) -> Completion:
    """While another request is in flight, an answer is the text of the one before."""

    def crossed(one: Choice) -> Choice:
        other = _before[0] if _before else one.text or ""
        _before.append(one.text or "")
        return _saying(one, other)

    return each_said(completion, crossed)


@fault(
    "long-prompt-cut-in-silence", at=ASK, level="should", of=chat, when=longer_than(_KEPT),
    sources=["docs: Ollama, context length", "docs: MindIE server parameter configuration (truncation)"],
    field=["prompt-truncated-silently-by-config", "default-context-2048-truncation"],
    primary=["ERR-021"], cascades=["CREQ-078", "USAGE-010", "USAGE-003", "TOOL-*", "RT-*"],
)  # fmt: skip
def long_prompt_cut_in_silence(ask: Ask) -> Ask:
    """Of a long prompt only the last 1024 tokens are read, and counted."""
    last = ask.messages[-1]
    kept = "".join(tokens.split(last.text)[-_KEPT:])
    messages = (replace(last, text=kept),)
    return replace(ask, messages=messages, prompt_tokens=min(ask.prompt_tokens, _KEPT))


@fault(
    "end-of-text-unheeded", at=COMPLETION, level="must", of=chat,
    sources=["vllm-project/vllm-ascend#10503", "ModelTC/LightLLM#130"],
    field=["garbled-multilingual-salad-quantised"],
    primary=["CRESP-015"],
    cascades=["CRESP-*", "STRM-*", "USAGE-*", "SO-*", "LOGP-*", "CREQ-*", "RT-*", "STAT-*", "TRANS-*", "ERR-*"],
)  # fmt: skip
def end_of_text_unheeded(completion: Completion) -> Completion:
    """The end of the text is not heeded: each answer goes on up to its cap."""
    cap = completion.ask.cap or 2048

    def endless(one: Choice) -> Choice:
        if not one.text:
            return one
        thought = len(one.thought)
        pieces = tokens.split(one.text + _ENDLESS * (1 + cap // 500))[: cap - thought]
        spent = thought + len(pieces)
        return replace(one, text="".join(pieces), tokens=pieces, spent=spent, finish="length")

    return each_said(completion, endless)


@fault(
    "special-tokens-refused", at=REQUEST, level="must", of=chat,
    sources=[_OURS],
    primary=["CREQ-004"], cascades=["ERR-*", "CREQ-*", "RT-*", "TOOL-*"],
)  # fmt: skip
def special_tokens_refused(request: HttpRequest) -> HttpRequest:
    """A message with the text of a special token is answered with 500."""
    if _SPECIAL.search(json.dumps(request.json.get("messages"), ensure_ascii=False)):
        raise crash("Disallowed special token.")
    return request


@fault(
    "every-ninth-piece-lost", at=REPLY, level="must", of=streamed,
    sources=["vllm-project/vllm-ascend#15178"],
    field=["token-dropped-from-output"],
    primary=["STRM-012"],
    cascades=["CRESP-*", "STRM-*", "SO-*", "LOGP-*", "CREQ-*", "TRANS-*", "STAT-*", "SSE-*", "RT-003"],
    amended="what is said of a tool's result is a streamed text as well: RT-003",
)  # fmt: skip
def every_ninth_piece_lost(reply: Reply) -> Reply:
    """Each ninth piece of a streamed text is lost."""
    count = 0

    def thinned(delta: Json) -> Json:
        nonlocal count
        if not delta.get("content"):
            return delta
        count += 1
        return {**delta, "content": ""} if count % 9 == 0 else delta

    return each_delta(reply, thinned)
