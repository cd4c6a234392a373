"""Requests that a server stumbles over: a header, a null, a word, or what others ask at the same time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.reference.answer import Reply, Response
from conformance.reference.ask import Json
from conformance.reference.breaks import REFUSED
from conformance.reference.circumstances import (
    Circumstances,
    all_of,
    busy,
    chat,
    responding,
    texts,
    whole,
)
from conformance.reference.edit import ERROR, at_byte
from conformance.reference.fault import REPLY, REQUEST, RESPONSE, SCRIPT, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens
from conformance.reference.refusal import Refusal, crash
from conformance.reference.script import HangUp, Script, Send

_ROLES = ("system", "developer", "user", "assistant", "tool", "function")
_HELD = 20
"""Bytes of a body that never come."""


@fault(
    "stops-leave-their-first-token", at=REQUEST, level="should", of=texts,
    sources=["jundot/omlx#2386"],
    primary=["CMPL-014"], cascades=["CMPL-011", "CRESP-031"],
)  # fmt: skip
def stops_leave_their_first_token(request: HttpRequest) -> HttpRequest:
    """Where a stop string of several tokens ends a text completion, its first token stays in the text."""
    stops = request.json.get("stop")
    listed = [stops] if isinstance(stops, str) else stops
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        return request
    rests = ("".join(tokens.split(each)[1:]) or each for each in listed)
    return request.edited(stop=[*rests] or None)


def _in_conversation(request: HttpRequest) -> bool:
    return "x-conversation-id" in request.headers


@fault(
    "refusals-crash-in-a-conversation", at=RESPONSE, level="must", of=_in_conversation,
    sources=["ggml-org/llama.cpp#25605"],
    primary=["ERR-008"], cascades=["ERR-*", "AUTH-*", "TRANS-010", "MODELS-011"],
)  # fmt: skip
def refusals_crash_in_a_conversation(response: Response) -> Response:
    """What is refused ends in 500 and plain words where the client names its conversation in a header."""
    if response.status < ERROR:
        return response
    headers = response.with_header("Content-Type", "text/plain")
    body = (Send(b"bad_function_call"),)
    return replace(response, status=500, headers=headers, body=body, stream=False)


@fault(
    "null-parallel-refused", at=REQUEST, level="should", of=responding,
    sources=["vllm-project/vllm#48098"],
    primary=["TRANS-017"], cascades=["RESP-016", "RESP-017"],
)  # fmt: skip
def null_parallel_refused(request: HttpRequest) -> HttpRequest:
    """`parallel_tool_calls: null` of a response is refused, when it is to be told again."""
    asked = request.json
    if "parallel_tool_calls" in asked and asked["parallel_tool_calls"] is None:
        raise Refusal("1 validation error for ResponsesResponse", param="parallel_tool_calls")
    return request


def _with_null(request: HttpRequest) -> bool:
    asked = request.json
    names = ("background", "truncation")
    return responding(request) and any(each in asked and asked[each] is None for each in names)


@fault(
    "null-background-breaks-the-end", at=REPLY, level="should", of=_with_null,
    sources=["vllm-project/vllm#48319"],
    primary=["TRANS-017"], cascades=["RSTRM-*", "RESP-*"],
)  # fmt: skip
def null_background_breaks_the_end(reply: Reply) -> Reply:
    """`background` or `truncation` is null: a response ends in 400, and a stream of it has no end."""
    if reply.stream:
        return replace(reply, events=reply.events[:-1], done=False)
    return Reply(status=400, document=Refusal("1 validation error for ResponsesResponse").document)


def _items(request: HttpRequest) -> list[Json]:
    held = request.json.get("input")
    return [each for each in held if isinstance(each, dict)] if isinstance(held, list) else []


@fault(
    "past-message-of-null-id-refused", at=REQUEST, level="should", of=responding,
    sources=["vllm-project/vllm#54224"],
    primary=["RESP-031"], cascades=["RESP-003", "RESP-004", "RT-015"],
)  # fmt: skip
def past_message_of_null_id_refused(request: HttpRequest) -> HttpRequest:
    """An answer of the past whose id is null is refused; one without an id is taken."""
    for each in _items(request):
        if each.get("role") == "assistant" and "id" in each and each["id"] is None:
            raise Refusal("Input should be a valid string", param="input")
    return request


@fault(
    "past-reasoning-wants-content", at=REQUEST, level="should", of=responding,
    sources=["ggml-org/llama.cpp#24115"],
    primary=["RESP-031"], cascades=["RESP-013", "RESP-024", "RT-013", "RT-015", "RSN-*"],
)  # fmt: skip
def past_reasoning_wants_content(request: HttpRequest) -> HttpRequest:
    """Reasoning that comes back with its summary, and without `content`, is refused."""
    for each in _items(request):
        if each.get("type") == "reasoning" and not isinstance(each.get("content"), list):
            raise Refusal("item['content'] is not an array", param="input")
    return request


@fault(
    "unknown-roles-crash", at=REQUEST, level="must", of=chat,
    sources=["epam/ai-dial-adapter-openai#529"],
    primary=["ERR-025"], cascades=["ERR-*"],
)  # fmt: skip
def unknown_roles_crash(request: HttpRequest) -> HttpRequest:
    """A role that there is not is answered with 500."""
    if any(each.get("role") not in _ROLES for each in request.messages):
        raise crash()
    return request


@fault(
    "messages-without-content-crash", at=REQUEST, level="must", of=chat,
    sources=["julep-ai/julep#1364"],
    primary=["ERR-008"], cascades=["ERR-*"],
)  # fmt: skip
def messages_without_content_crash(request: HttpRequest) -> HttpRequest:
    """A message of the user that has no member `content` is answered with 500."""
    if any(each.get("role") == "user" and "content" not in each for each in request.messages):
        raise crash()
    return request


@fault(
    "text-cap-of-null-fails", at=REQUEST, level="should", of=texts,
    sources=["vllm-project/vllm#39556"],
    primary=["TRANS-017"], cascades=["CMPL-006"],
)  # fmt: skip
def text_cap_of_null_fails(request: HttpRequest) -> HttpRequest:
    """A text completion with `max_tokens: null` is answered with 500."""
    asked = request.json
    if "max_tokens" in asked and asked["max_tokens"] is None:
        raise crash("'<=' not supported between instances of 'int' and 'NoneType'")
    return request


@fault(
    "echo-alone-says-one-token", at=REQUEST, level="should", of=texts,
    sources=["vllm-project/vllm#39556"],
    primary=["CMPL-015"], cascades=["CMPL-007", "CMPL-008", "CMPL-013", "USAGE-004"],
)  # fmt: skip
def echo_alone_says_one_token(request: HttpRequest) -> HttpRequest:
    """Where a prompt is to be echoed and nothing said, one token is said, and paid for."""
    asked = request.json
    return (
        request.edited(max_tokens=1)
        if asked.get("echo") and asked.get("max_tokens") == 0
        else request
    )


@fault(
    "frequency-penalty-crashes", at=REQUEST, level="should", of=chat,
    sources=["BerriAI/litellm#3189"],
    primary=["CREQ-028"], cascades=[*REFUSED],
)  # fmt: skip
def frequency_penalty_crashes(request: HttpRequest) -> HttpRequest:
    """A `frequency_penalty` of any value is answered with 500: its name is passed on in its place."""
    if request.json.get("frequency_penalty") is not None:
        raise crash("could not convert string to float: 'frequency_penalty'")
    return request


def _latest(now: Circumstances) -> Json:
    """What the chat request before this one asked, where it may still be being answered."""
    return next((each.json for each in now.lately[:1] if chat(each)), {})


def _otherwise(name: str) -> Any:
    """The request that came before asks for another value of this parameter."""

    def differs(now: Circumstances) -> bool:
        before = _latest(now)
        return bool(before) and before.get(name) != now.request.json.get(name)

    return differs


@fault(
    "temperatures-collide", at=REQUEST, level="must", of=chat, when=all_of(busy(2), _otherwise("temperature")),
    sources=["tenstorrent/vllm#29"],
    primary=["CREQ-023"], cascades=REFUSED,
)  # fmt: skip
def temperatures_collide(_request: HttpRequest) -> HttpRequest:
    """Requests of two temperatures at once: the second is answered with 500."""
    raise crash("Currently only supporting same temperature for all sequences in batch")


@fault(
    "models-collide", at=SCRIPT, level="must", of=whole, when=all_of(busy(2), _otherwise("model")),
    takes=["the body of answers"], sources=["lemonade-sdk/lemonade#1836"],
    primary=["TRANS-005"], cascades=[*REFUSED, "TRANS-008"],
)  # fmt: skip
def models_collide(script: Script) -> Script:
    """While another model is being asked, the body of an answer ends before its time."""
    size = sum(len(act.data) for act in script if isinstance(act, Send))
    return at_byte(script, size - _HELD, HangUp())
