"""Fragments of streamed calls that clients put together to something else than was meant."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.answer import Reply
from conformance.reference.ask import Json
from conformance.reference.edit import each_fragment, without
from conformance.reference.fault import REPLY, fault

_CALL = ("STOOL-*", "STRM-025", "CRESP-031", "RT-*", "TOOL-002", "TOOL-004", "TOOL-005", "TOOL-007", "TOOL-008",
         "TOOL-009", "TOOL-010", "TOOL-012", "TOOL-020", "TOOL-021", "TOOL-024", "TOOL-026", "TOOL-028",
         "CREQ-056", "CREQ-057", "CREQ-058", "CREQ-061", "SO-019")  # fmt: skip
"""What may fail where a streamed call is not what was meant."""


def _opens(fragment: Json) -> bool:
    return "id" in fragment


@fault(
    "later-fragments-at-index-0", at=REPLY, level="must",
    sources=["Anthropic-to-OpenAI gateways: stream-toolcall-index-sparse-or-nonzero"],
    field=["stream-toolcall-index-sparse-or-nonzero"],
    primary=["STOOL-007"], cascades=_CALL,
)  # fmt: skip
def later_fragments_at_index_0(reply: Reply) -> Reply:
    """Each call opens under its own index, and the arguments of all follow under index 0."""
    return each_fragment(reply, lambda held: held if _opens(held) else {**held, "index": 0})


@fault(
    "call-id-changes", at=REPLY, level="must",
    sources=["vLLM (early gpt-oss), GLM-4 reference server: stream-toolcall-id-new-per-delta"],
    field=["stream-toolcall-id-new-per-delta"],
    primary=["STOOL-005"], cascades=_CALL,
)  # fmt: skip
def call_id_changes(reply: Reply) -> Reply:
    """Each fragment of a call carries an id of its own."""
    count = 0

    def renamed(held: Json) -> Json:
        nonlocal count
        count += 1
        return held if _opens(held) else {**held, "id": f"call_{count:06d}"}

    return each_fragment(reply, renamed)


@fault(
    "name-after-arguments", at=REPLY, level="must", takes=["the names of calls"],
    sources=["gateways: stream-toolcall-name-after-args"],
    field=["stream-toolcall-name-after-args"],
    primary=["STOOL-004"], cascades=_CALL,
)  # fmt: skip
def name_after_arguments(reply: Reply) -> Reply:
    """A streamed call opens without its name, which comes with the first piece of its arguments."""
    waiting: dict[int, str] = {}

    def late(held: Json) -> Json:
        function = held["function"]
        if _opens(held):
            waiting[held["index"]] = function["name"]
            return {**held, "function": without(function, "name")}
        name = waiting.pop(held["index"], None)
        return {**held, "function": {"name": name, **function}} if name else held

    return each_fragment(reply, late)


@fault(
    "name-in-pieces", at=REPLY, level="must", takes=["the names of calls"],
    sources=["contract appendix A: a name split over deltas"],
    primary=["STOOL-004"], cascades=_CALL,
)  # fmt: skip
def name_in_pieces(reply: Reply) -> Reply:
    """The name of a streamed call comes in two pieces, which clients that read it at once lack."""
    waiting: dict[int, str] = {}

    def split(held: Json) -> Json:
        function = held["function"]
        if _opens(held):
            name = function["name"]
            waiting[held["index"]] = name[len(name) // 2 :]
            return {**held, "function": {**function, "name": name[: len(name) // 2]}}
        rest = waiting.pop(held["index"], None)
        return {**held, "function": {"name": rest, **function}} if rest else held

    return each_fragment(reply, split)


@fault(
    "arguments-in-snapshots", at=REPLY, level="must",
    sources=["gateways: every delta holds the arguments so far"],
    primary=["STOOL-007"], cascades=_CALL,
)  # fmt: skip
def arguments_in_snapshots(reply: Reply) -> Reply:
    """Each fragment holds the arguments so far in place of what is new."""
    told: dict[int, str] = {}

    def grown(held: Json) -> Json:
        if _opens(held):
            return held
        so_far = told[held["index"]] = told.get(held["index"], "") + held["function"]["arguments"]
        return {**held, "function": {**held["function"], "arguments": so_far}}

    return each_fragment(reply, grown)


@fault(
    "last-call-not-streamed", at=REPLY, level="should",
    sources=["LM Studio 0.3.17: parallel-tools-broken-in-stream-only"],
    field=["parallel-tools-broken-in-stream-only"],
    primary=["TOOL-012"], cascades=["STRM-025", "CRESP-031", "STOOL-*", "CREQ-061", "RT-*", "TOOL-009", "TOOL-007"],
)  # fmt: skip
def last_call_not_streamed(reply: Reply) -> Reply:
    """Of several calls the first alone is streamed."""

    def first_only(chunk: Json) -> bool:
        held = [each for one in chunk["choices"] for each in one["delta"].get("tool_calls", ())]
        return all(each["index"] == 0 for each in held)

    return replace(reply, chunks=tuple(chunk for chunk in reply.chunks if first_only(chunk)))


@fault(
    "long-arguments-at-once", at=REPLY, level="should",
    sources=["vLLM (kimi_k2), vllm-ascend: parsers that buffer the whole call"],
    primary=["STOOL-016"], cascades=["STRM-025", "TRANS-007"],
)  # fmt: skip
def long_arguments_at_once(reply: Reply) -> Reply:
    """The arguments of a call are held back, and stream as one piece at its end."""
    last: dict[tuple[int, int], int] = {}
    texts: dict[tuple[int, int], str] = {}
    for place, chunk in enumerate(reply.chunks):
        for choice in chunk["choices"]:
            for each in choice["delta"].get("tool_calls", ()):
                key = choice["index"], each["index"]
                last[key], texts[key] = place, texts.get(key, "") + each["function"]["arguments"]
    kept = []
    for place, chunk in enumerate(reply.chunks):
        keys = [
            (choice["index"], each["index"])
            for choice in chunk["choices"]
            for each in choice["delta"].get("tool_calls", ())
            if not _opens(each)
        ]
        if not keys:
            kept.append(chunk)
        elif last[keys[0]] == place:
            (choice,) = chunk["choices"]
            whole = {"index": keys[0][1], "function": {"arguments": texts[keys[0]]}}
            kept.append({**chunk, "choices": [{**choice, "delta": {"tool_calls": [whole]}}]})
    return replace(reply, chunks=tuple(kept))
