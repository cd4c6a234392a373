"""Calls and answers that stand elsewhere than where a client looks for them, or nowhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance.reference.answer import Call, Choice, Completion, Reply
from conformance.reference.ask import Ask, Json
from conformance.reference.breaks import LOST_STREAM, NO_ANSWER
from conformance.reference.circumstances import both_of, chat, streamed, whole, with_tools
from conformance.reference.edit import each_choice, each_message, each_said, without
from conformance.reference.edit import whole as in_one_document
from conformance.reference.fault import ASK, COMPLETION, REPLY, REQUEST, fault
from conformance.reference.faults.call_ends import after_a_result
from conformance.reference.faults.offers import functions
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens

_STREAMED = both_of(streamed, with_tools)
_WHOLE = both_of(whole, with_tools)
_NO_CALL = (
    "TOOL-*", "STOOL-*", "RT-*", "CREQ-049", "CREQ-050", "CREQ-055", "CREQ-056", "CREQ-057",
    "CREQ-058", "CREQ-060", "CREQ-061", "CRESP-*", "STRM-*", "RSN-*", "SO-019", "STAT-003",
    "ERR-033", "USAGE-*", "LOGP-*",
)  # fmt: skip
"""What may fail where no call comes."""
_MANY = 20
"""Tools; for so many no grammar is made."""
_SECTION = "<|tool_calls_section_begin|>{calls}<|tool_calls_section_end|>"
_MARKED = (
    "<|tool_call_begin|>functions.{name}:{place}"
    "<|tool_call_argument_begin|>{arguments}<|tool_call_end|>"
)


def _told(
    completion: Completion, least: int, text: Callable[[tuple[Call, ...]], str]
) -> Completion:
    """Where a choice has so many calls or more, a text in their place."""

    def said(choice: Choice) -> Choice:
        if len(choice.calls) < least:
            return choice
        words = text(choice.calls)
        finish = "stop" if choice.finish == "tool_calls" else choice.finish
        pieces = tokens.split(words)
        return replace(choice, text=words, tokens=pieces, calls=(), finish=finish, likely=())

    return each_said(completion, said)


@fault(
    "calls-lost-but-for-their-finish", at=REPLY, level="must", of=_WHOLE,
    sources=["api7/aisix#170"],
    primary=["TOOL-001"], cascades=_NO_CALL,
)  # fmt: skip
def calls_lost_but_for_their_finish(reply: Reply) -> Reply:
    """A call in one document is lost: an empty content is left, and `tool_calls` for an end."""

    def emptied(message: Json) -> Json:
        if not message.get("tool_calls"):
            return message
        return {**without(message, "tool_calls"), "content": ""}

    return each_message(reply, emptied)


@fault(
    "calls-beside-the-message", at=REPLY, level="must", of=_WHOLE,
    sources=["Trans-N-ai/swama#49"],
    primary=["TOOL-001"], cascades=_NO_CALL,
)  # fmt: skip
def calls_beside_the_message(reply: Reply) -> Reply:
    """`tool_calls` stand in the choice, beside the message."""

    def moved(choice: Json) -> Json:
        message = choice["message"]
        calls = message.get("tool_calls")
        if not calls:
            return choice
        return {**choice, "message": without(message, "tool_calls"), "tool_calls": calls}

    return each_choice(reply, moved)


def _listed(calls: tuple[Call, ...]) -> str:
    told = (f'{{"name": "{one.name}", "arguments": {one.arguments}}}' for one in calls)
    return f"[{', '.join(told)}]"


@fault(
    "later-calls-listed-in-the-content", at=COMPLETION, level="must", of=after_a_result, rate=0.7,
    sources=["mistralai/mistral-common#73"],
    primary=["RSN-018", "CRESP-026"], cascades=[*_NO_CALL, "SO-*"],
    amended="whether a model calls again is its own business; that the call stands in the content is RSN-018",
)  # fmt: skip
def later_calls_listed_in_the_content(completion: Completion) -> Completion:
    """Once a tool has answered, the next calls mostly come as a JSON list in the content."""
    return _told(completion, 1, _listed)


def _offering_many(request: HttpRequest) -> bool:
    """Requests that offer so many tools that no grammar is made of them."""
    return with_tools(request) and sum(1 for _ in functions(request)) >= _MANY


def _marked(calls: tuple[Call, ...]) -> str:
    told = (
        _MARKED.format(name=one.name, place=place, arguments=one.arguments)
        for place, one in enumerate(calls)
    )
    return _SECTION.format(calls="".join(told))


@fault(
    "many-tools-leave-calls-unparsed", at=COMPLETION, level="must", of=_offering_many,
    sources=["ggml-org/llama.cpp#24658"],
    primary=["RSN-018", "CRESP-026"], cascades=[*_NO_CALL, "SO-*"],
)  # fmt: skip
def many_tools_leave_calls_unparsed(completion: Completion) -> Completion:
    """Where twenty tools or more are offered, several calls stay in the content, markup and all."""
    return _told(completion, 2, _marked)


@fault(
    "tools-unheard-of-in-streams", at=REQUEST, level="must", of=_STREAMED,
    sources=["mozilla-ai/any-llm#1113"],
    primary=["TOOL-020", "CRESP-031"], cascades=[*_NO_CALL, "ERR-*", "SO-*"],
)  # fmt: skip
def tools_unheard_of_in_streams(request: HttpRequest) -> HttpRequest:
    """In streams the model never hears of the tools; in one document it calls them."""
    return request.edited(tools=None, tool_choice=None, parallel_tool_calls=None)


@fault(
    "streams-with-tools-are-documents", at=ASK, level="must", of=_STREAMED,
    sources=["mudler/LocalAI#1187"],
    primary=["SSE-018"],
    cascades=["TRANS-007", "SSE-*", "STRM-*", "STOOL-*", "RT-*", "TOOL-*", "SO-019", *LOST_STREAM],
)  # fmt: skip
def streams_with_tools_are_documents(ask: Ask) -> Ask:
    """Where tools are offered, `stream: true` is passed over, and one JSON document comes."""
    return replace(ask, stream=False)


@fault(
    "whole-answers-in-an-envelope", at=REPLY, level="must", of=chat, takes=["the body of answers"],
    sources=["cline/cline#13348"],
    primary=["CRESP-003", "CRESP-006"],
    cascades=[*NO_ANSWER, "TRANS-*", "AUTH-*", "ERR-*", "STRM-*", "STOOL-*"],
)  # fmt: skip
def whole_answers_in_an_envelope(reply: Reply) -> Reply:
    """An answer in one document stands in `data`, beside `success`; streams are as ever."""
    return in_one_document(reply, lambda document: {"data": document, "success": True})
