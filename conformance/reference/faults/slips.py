"""Small parameters and small differences that empty, double, strip or misread a whole answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.reference.answer import Choice, Completion, Reply
from conformance.reference.ask import Json
from conformance.reference.breaks import OTHER_WORDS, REFUSED, UNTOLD
from conformance.reference.circumstances import (
    both_of,
    chat,
    responding,
    streamed,
    thinking,
    vectors,
    with_schema,
    with_tools,
)
from conformance.reference.edit import each_chunk_choice, each_delta, each_said
from conformance.reference.fault import COMPLETION, REPLY, REQUEST, fault
from conformance.reference.incoming import HttpRequest

_MODES = frozenset({"auto", "none", "required"})
_TOO_LONG = "context_length_exceeded"


@fault(
    "every-chunk-finishes", at=REPLY, level="must", of=streamed,
    sources=["songquanpeng/one-api#372"], field=["stream-finish-stop-everywhere"],
    primary=["STRM-008"], cascades=["STRM-013", "STRM-014", "RSN-*", *UNTOLD],
)  # fmt: skip
def every_chunk_finishes(reply: Reply) -> Reply:
    """`finish_reason` is `stop` in each chunk, the first as well."""
    return each_chunk_choice(
        reply, lambda choice: {**choice, "finish_reason": choice["finish_reason"] or "stop"}
    )


@fault(
    "deltas-lose-their-spaces", at=REPLY, level="should", of=streamed, takes=["the text of deltas"],
    sources=["EricLBuehler/mistral.rs#39"], field=["stream-deltas-stripped"],
    primary=["CRESP-031"], cascades=OTHER_WORDS,
)  # fmt: skip
def deltas_lose_their_spaces(reply: Reply) -> Reply:
    """Each delta loses the white space at its ends: thewordsruntogether."""

    def stripped(delta: Json) -> Json:
        text = delta.get("content")
        return {**delta, "content": text.strip()} if text else delta

    return each_delta(reply, stripped)


@fault(
    "reasoning-deltas-doubled", at=REPLY, level="should", of=both_of(thinking, streamed),
    sources=["maximhq/bifrost#6427"], field=["stream-reasoning-doubled"],
    primary=["RSN-003"], cascades=["RSN-*", "CRESP-031", "USAGE-*", "RT-*"],
)  # fmt: skip
def reasoning_deltas_doubled(reply: Reply) -> Reply:
    """Each delta of reasoning comes twice; those of content once."""

    def thinks(chunk: Json) -> bool:
        return any(each["delta"].get("reasoning_content") for each in chunk["choices"])

    doubled = (each for chunk in reply.chunks for each in [chunk] * (1 + thinks(chunk)))
    return replace(reply, chunks=tuple(doubled))


def _vendors(words: str) -> Json:
    return {"object": "error", "message": words, "code": 40303}


@fault(
    "overflow-told-in-the-stream", at=REPLY, level="must", of=streamed,
    sources=["lm-sys/FastChat#3366"], field=["stream-overflow-200-vendor"],
    primary=["ERR-028"], cascades=["ERR-*", "SSE-*", "STRM-*"],
)  # fmt: skip
def overflow_told_in_the_stream(reply: Reply) -> Reply:
    """A prompt that is too long is answered 200, and the stream is one event with the vendor's error."""
    held = reply.document
    told = held.get("error") if isinstance(held, dict) else None
    if not told or told["code"] != _TOO_LONG:
        return reply
    return Reply(chunks=(_vendors(told["message"]),), stream=True)


def _streamed_scores(request: HttpRequest) -> bool:
    return streamed(request) and bool(request.json.get("logprobs"))


@fault(
    "streamed-scores-fail", at=REPLY, level="should", of=_streamed_scores,
    sources=["BerriAI/litellm#3253"], field=["stream-logprobs-error-event"],
    primary=["CREQ-041"], cascades=["LOGP-*", *REFUSED],
)  # fmt: skip
def streamed_scores_fail(reply: Reply) -> Reply:
    """Where log probabilities are to be streamed, one event says that they cannot be serialized."""
    if not reply.chunks:
        return reply
    told = {"message": "Error serializing to JSON", "type": "None", "param": "None", "code": 500}
    return replace(reply, chunks=({"error": told},))


@fault(
    "penalty-of-zero-silences", at=COMPLETION, level="should", of=lambda r: chat(r) and r.json.get("frequency_penalty") == 0,
    sources=["microsoft/foundry-dev-tools#90", "microsoft/foundry-local#1076"], field=["frequency-penalty-zero-empty"],
    primary=["CREQ-028"], cascades=["TOOL-*", "STOOL-*", *OTHER_WORDS],
)  # fmt: skip
def penalty_of_zero_silences(completion: Completion) -> Completion:
    """A `frequency_penalty` of 0 is told as such to the engine, and it says nothing."""

    def silent(choice: Choice) -> Choice:
        spent = len(choice.thought) + 1
        return replace(choice, text="", tokens=(), calls=(), finish="stop", spent=spent)

    return each_said(completion, silent)


def _opened(schema: Any, named: dict[str, Any]) -> Any:
    """References to enums taken for objects."""
    if isinstance(schema, list):
        return [_opened(each, named) for each in schema]
    if not isinstance(schema, dict):
        return schema
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    if "enum" in named.get(name, ()):
        return {"type": "object"}
    return {key: _opened(value, named) for key, value in schema.items()}


@fault(
    "enums-behind-references-lost", at=REQUEST, level="should", of=with_schema,
    sources=["ggml-org/llama.cpp#8073"], field=["enum-behind-ref-any-object"],
    primary=["SO-009"], cascades=["SO-*", "CREQ-047", "STAT-004"],
)  # fmt: skip
def enums_behind_references_lost(request: HttpRequest) -> HttpRequest:
    """A reference to an enum is taken for an object with any members."""
    shape = request.json["response_format"]
    told = shape.get("json_schema")
    schema = told.get("schema") if isinstance(told, dict) else None
    if not isinstance(schema, dict) or not isinstance(schema.get("$defs"), dict):
        return request
    opened = {**told, "schema": _opened(schema, schema["$defs"])}
    return request.edited(response_format={**shape, "json_schema": opened})


@fault(
    "names-read-as-modes", at=REQUEST, level="must", of=with_tools,
    sources=["tetherto/qvac#4524"], field=["tool-named-like-a-mode"],
    primary=["TOOL-021"], cascades=["TOOL-*", "CREQ-057", "RSN-012"],
)  # fmt: skip
def names_read_as_modes(request: HttpRequest) -> HttpRequest:
    """A function that is called `none`, `auto` or `required` is taken for the mode where it is named."""
    choice = request.json.get("tool_choice")
    named = choice.get("function") if isinstance(choice, dict) else None
    name = named.get("name") if isinstance(named, dict) else None
    return request.edited(tool_choice=name) if name in _MODES else request


@fault(
    "choice-of-no-kind-taken-for-auto", at=REQUEST, level="must", of=chat,
    sources=["raullenchai/Rapid-MLX#774"], field=["tool-choice-unknown-type-200"],
    primary=["ERR-008"], cascades=["ERR-*", "CREQ-057", "CREQ-058", "CREQ-059", "CREQ-060"],
)  # fmt: skip
def choice_of_no_kind_taken_for_auto(request: HttpRequest) -> HttpRequest:
    """A `tool_choice` that is an object of no known type is taken for auto."""
    choice = request.json.get("tool_choice")
    known = ("function", "allowed_tools", "custom")
    odd = isinstance(choice, dict) and choice.get("type") not in known
    return request.edited(tool_choice=None) if odd else request


@fault(
    "vectors-of-lists-empty", at=REPLY, level="should", of=lambda r: vectors(r) and isinstance(r.json.get("input"), list),
    sources=["garrytan/gbrain#328"], field=["embedding-list-empty-vectors"],
    primary=["EMB-015"], cascades=["EMB-*", "ERR-021"],
    amended="nobody sees whether long texts were read: ERR-021",
)  # fmt: skip
def vectors_of_lists_empty(reply: Reply) -> Reply:
    """Inputs in a list have vectors without a number; a text alone has a whole one."""
    held = reply.document
    if not isinstance(held, dict) or "data" not in held:
        return reply
    return replace(
        reply, document={**held, "data": [{**each, "embedding": []} for each in held["data"]]}
    )


@fault(
    "stored-calls-forgotten", at=REQUEST, level="should", of=responding,
    sources=["vllm-project/vllm#43244"], field=["previous-response-loses-calls"],
    primary=["RESP-020"], cascades=["RESP-019", "RT-015"],
)  # fmt: skip
def stored_calls_forgotten(request: HttpRequest) -> HttpRequest:
    """Calls and their outputs are not part of the conversation that is stored with a response."""
    return replace(request, keeps="no calls")
