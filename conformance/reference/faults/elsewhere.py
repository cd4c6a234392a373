"""What is looked at in the texts of whole chat answers, in places that are seen less: arguments, streams, completions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance.reference.answer import Call, Choice, Completion, Reply
from conformance.reference.ask import Json
from conformance.reference.circumstances import (
    both_of,
    chat,
    streamed,
    texts,
    with_tools,
)
from conformance.reference.edit import each_said
from conformance.reference.fault import COMPLETION, REPLY, fault

_OURS = ["of our own making: no report is known"]
_ARGUMENTS = (
    "TOOL-007",
    "TOOL-009",
    "TOOL-010",
    "TOOL-025",
    "STOOL-*",
    "CRESP-031",
    "STRM-025",
    "RT-*",
    "STAT-*",
)
"""What may fail where arguments say something else."""


def _torn(text: str) -> str:
    return "".join(each if each.isascii() else "\ufffd" for each in text)


def _each_call(completion: Completion, edit: Callable[[str], str]) -> Completion:
    """The arguments of every call edited, as the text that they are."""

    def called(call: Call) -> Call:
        return replace(call, arguments=edit(call.arguments))

    return each_said(completion, lambda one: replace(one, calls=tuple(map(called, one.calls))))


def _each_text(completion: Completion, edit: Callable[[str], str]) -> Completion:
    """Every text edited, token by token."""

    def said(choice: Choice) -> Choice:
        pieces = tuple(map(edit, choice.tokens))
        return replace(choice, tokens=pieces, text=choice.text and "".join(pieces))

    return each_said(completion, said)


@fault(
    "arguments-read-as-latin-1", at=COMPLETION, level="should", of=both_of(chat, with_tools), sources=_OURS,
    primary=["TOOL-024"], cascades=_ARGUMENTS,
)  # fmt: skip
def arguments_read_as_latin_1(completion: Completion) -> Completion:
    """UTF-8 of the model's arguments is read as Latin-1."""
    return _each_call(completion, lambda text: text.encode().decode("latin-1"))


@fault(
    "arguments-torn", at=COMPLETION, level="should", of=both_of(chat, with_tools),
    sources=["detokenizers that decode token by token"],
    primary=["TOOL-024"], cascades=_ARGUMENTS,
)  # fmt: skip
def arguments_torn(completion: Completion) -> Completion:
    """Characters beyond ASCII in arguments come as U+FFFD."""
    return _each_call(completion, _torn)


@fault(
    "streams-tear-characters", at=COMPLETION, level="must", of=both_of(chat, streamed),
    sources=["detokenizers that decode token by token where answers are streamed", "api7/aisix#111"],
    primary=["CRESP-027"], cascades=["CRESP-031", "STRM-025", "LOGP-008", "STRM-024", "SSE-015", "SO-*"],
    amended="what a schema allows may be beyond ASCII: SO-*",
)  # fmt: skip
def streams_tear_characters(completion: Completion) -> Completion:
    """In streams characters beyond ASCII come as U+FFFD; whole answers keep them."""
    return _each_text(completion, _torn)


@fault(
    "streamed-texts-never-finish", at=REPLY, level="must", of=texts,
    sources=["gateways that map completions to chat"],
    primary=["CMPL-011"], cascades=["CMPL-003", "CMPL-006", "CMPL-014", "CRESP-031"],
    amended="asked whole and streamed, answers are compared: CRESP-031",
)  # fmt: skip
def streamed_texts_never_finish(reply: Reply) -> Reply:
    """No chunk of a streamed text completion has a finish reason."""

    def open_ended(held: Json) -> Json:
        return {**held, "choices": [{**each, "finish_reason": None} for each in held["choices"]]}

    return replace(reply, texts=tuple(map(open_ended, reply.texts)))


@fault(
    "text-usage-without-total", at=REPLY, level="should", of=texts, sources=["servers with counters of their own"],
    primary=["CMPL-013"], cascades=["CMPL-012"], amended="the chunk of usage is one without its total: CMPL-012",
)  # fmt: skip
def text_usage_without_total(reply: Reply) -> Reply:
    """The usage of a text completion has no `total_tokens`."""

    def counted(held: Json) -> Json:
        if not held.get("usage"):
            return held
        return {
            **held,
            "usage": {name: each for name, each in held["usage"].items() if name != "total_tokens"},
        }

    told = reply.document
    document = counted(told) if isinstance(told, dict) and "choices" in told else told
    return replace(reply, document=document, texts=tuple(map(counted, reply.texts)))
