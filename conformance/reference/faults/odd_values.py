"""Values that nobody had sent: signs in texts of the past, blanks that end lines, prompts that are not counted."""

from __future__ import annotations

import json
from dataclasses import replace

from conformance.reference.answer import Reply
from conformance.reference.ask import Json
from conformance.reference.circumstances import chat, responding, streamed, texts
from conformance.reference.edit import TEXT
from conformance.reference.fault import REPLY, REQUEST, fault
from conformance.reference.faults.response_ends import everywhere
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal

_TURNED = ["the words of the contract, turned round"]
_SEPARATORS = ("\u2028", "\u2029", "\u0085")


def _say(request: HttpRequest, role: str, sign: str) -> bool:
    """A message of that role says this."""
    told = (each.get("content") for each in request.messages if each.get("role") == role)
    return any(isinstance(each, str) and sign in each for each in told)


def _crash(words: str) -> Refusal:
    return Refusal(words, status=500, kind="server_error", code="internal")


@fault(
    "exclamations-of-the-past-crash", at=REQUEST, level="must", of=chat,
    sources=["quantumaikr/quant.cpp#73"], primary=["CREQ-009"],
    cascades=["CREQ-002", "CREQ-004", "CREQ-005", "CREQ-011", "RT-*", "CREQ-010", "CREQ-013", "ERR-008", "CREQ-016"],
    amended="orders that come late, or without a user, follow an answer with an exclamation mark: CREQ-016",
)  # fmt: skip
def exclamations_of_the_past_crash(request: HttpRequest) -> HttpRequest:
    """An exclamation mark in what the assistant said before is answered with 500."""
    if _say(request, "assistant", "!"):
        raise _crash("Internal Server Error")
    return request


@fault(
    "braces-of-orders-crash", at=REQUEST, level="must", of=chat,
    sources=["Future-House/paper-qa#576"], primary=["CREQ-002"],
    cascades=["CREQ-004", "CREQ-005", "CREQ-009", "CREQ-011", "ERR-008"],
)  # fmt: skip
def braces_of_orders_crash(request: HttpRequest) -> HttpRequest:
    """A system message is formatted, so that a name in braces is one that nobody knows: 500."""
    if _say(request, "system", "{c}"):
        raise _crash("KeyError: 'c'")
    return request


@fault(
    "null-as-past-arguments-fails", at=REQUEST, level="should", of=chat,
    sources=["vllm-project/vllm#43851"], primary=["RT-005"],
    cascades=["RT-008", "CREQ-003", "CREQ-006", "CREQ-016", "RT-*", "ERR-008"],
)  # fmt: skip
def null_as_past_arguments_fails(request: HttpRequest) -> HttpRequest:
    """A past call whose arguments are the text `null` is refused: the template looks for its members."""
    calls = [call for each in request.messages for call in each.get("tool_calls") or ()]
    if any((each.get("function") or {}).get("arguments") == "null" for each in calls):
        raise Refusal("'None' has no attribute 'items'", param="messages")
    return request


@fault(
    "separators-end-lines", at=REPLY, level="should", of=streamed, takes=["the text of answers"],
    sources=["langgenius/dify#39008", "Soju06/codex-lb#1010"], primary=["CRESP-031"],
    cascades=["STRM-*", "LOGP-*", "USAGE-*"],
)  # fmt: skip
def separators_end_lines(reply: Reply) -> Reply:
    """A gateway splits lines at U+2028 as well, and what is no JSON then is passed over."""

    def torn(chunk: Json) -> bool:
        told = [each.get("delta", {}).get("content") for each in chunk.get("choices", ())]
        return any(sign in each for each in told if each for sign in _SEPARATORS)

    return replace(reply, chunks=tuple(each for each in reply.chunks if not torn(each)))


def _counting(usage: Json, name: str, count: int) -> Json:
    return {**usage, name: count, "total_tokens": usage["total_tokens"] - usage[name] + count}


def _read(response: Json, count: int) -> Json:
    usage = response.get("usage")
    return {**response, "usage": _counting(usage, "input_tokens", count)} if usage else response


@fault(
    "inputs-cost-nothing", at=REPLY, level="must", of=responding, sources=_TURNED,
    primary=["USAGE-003"], cascades=["USAGE-012", "RESP-014"],
)  # fmt: skip
def inputs_cost_nothing(reply: Reply) -> Reply:
    """The usage of a response has no tokens for what was asked."""
    return everywhere(reply, lambda response: _read(response, 0))


@fault(
    "inputs-cost-one-token", at=REPLY, level="should", of=responding, sources=_TURNED,
    primary=["USAGE-010"], cascades=["USAGE-012", "RESP-014", "ERR-021", "RESP-*"],
)  # fmt: skip
def inputs_cost_one_token(reply: Reply) -> Reply:
    """The usage of a response has one token for what was asked, however long it is."""
    return everywhere(reply, lambda response: _read(response, 1))


@fault(
    "texts-cost-one-token", at=REPLY, level="should", of=texts, sources=_TURNED,
    primary=["USAGE-010"], cascades=["USAGE-012", "CMPL-013", "CMPL-012", "CMPL-009"],
    amended="whether a suffix is read is told by the count of the prompt: CMPL-009",
)  # fmt: skip
def texts_cost_one_token(reply: Reply) -> Reply:
    """The usage of a text completion has one token for the prompt, however long it is."""

    def cheap(held: Json) -> Json:
        usage = held.get("usage")
        return {**held, "usage": _counting(usage, "prompt_tokens", 1)} if usage else held

    document = reply.document
    told = isinstance(document, dict) and document.get("object") == TEXT
    changed = replace(reply, document=cheap(document)) if told else reply  # type: ignore[arg-type]
    return replace(changed, texts=tuple(map(cheap, reply.texts)))


def _in_one_piece(request: HttpRequest) -> bool:
    return responding(request) and not request.json.get("stream")


def _sorted(text: str) -> str:
    try:
        held = json.loads(text)
    except ValueError:  # words, or cut short by the cap
        return text
    return json.dumps(held, ensure_ascii=False, sort_keys=True)


def _in_order(item: Json) -> Json:
    if item.get("type") != "message":
        return item
    parts = [
        {**each, "text": _sorted(each["text"])} if "text" in each else each
        for each in item["content"]
    ]
    return {**item, "content": parts}


@fault(
    "keys-of-responses-sorted", at=REPLY, level="should", of=_in_one_piece,
    takes=["the text of answers"], sources=_TURNED, primary=["SO-015"], cascades=["CRESP-031"],
)  # fmt: skip
def keys_of_responses_sorted(reply: Reply) -> Reply:
    """The keys of JSON come in alphabetical order in responses, whatever the schema's is."""
    return everywhere(
        reply,
        lambda response: {**response, "output": [_in_order(each) for each in response["output"]]},
    )
