"""One thing that is not as it must be in a stream: chunks, deltas, fragments of calls, events."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import zip_longest
from typing import Any

from conformance.reference.answer import Reply
from conformance.reference.ask import Json
from conformance.reference.edit import (
    each_chunk,
    each_chunk_choice,
    each_delta,
    each_fragment,
    without,
)
from conformance.reference.turned import having, in_streamed_logprobs, turned

_turned = partial(turned, area=__name__, cascades=["STRM-025"])
_TEXT = ("STRM-*", "CRESP-*", "CREQ-*", "SO-*", "RT-*", "LOGP-*", "TOOL-*", "STOOL-*")
"""What may fail where the text of a stream is not what it was."""
_CALLS = (
    "STOOL-*",
    "TOOL-*",
    "RT-*",
    "CRESP-031",
    "STRM-023",
    "STRM-025",
    "SO-019",
    "CREQ-056",
    "CREQ-057",
    "CREQ-058",
)
_NO_KEYWORD = "keywords of a schema are not seen to hold in a call without its arguments: SO-010"


def _inserted(reply: Reply, place: int, chunk: Json) -> Reply:
    return replace(reply, chunks=(*reply.chunks[:place], chunk, *reply.chunks[place:]))


def _finish_place(reply: Reply) -> int:
    """Where the last chunk with a finish reason stands; -1 where none is."""
    ends = [
        n
        for n, chunk in enumerate(reply.chunks)
        if any(one["finish_reason"] for one in chunk["choices"])
    ]
    return ends[-1] if ends else -1


def _numbered(member: str) -> Any:
    """A member that is another in each chunk."""

    def edited(reply: Reply) -> Reply:
        chunks = (
            {**chunk, member: chunk[member] + (f"-{n}" if isinstance(chunk[member], str) else n)}
            for n, chunk in enumerate(reply.chunks)
        )
        return replace(reply, chunks=tuple(chunks))

    return edited


def _after_finish(reply: Reply) -> Reply:
    place = _finish_place(reply)
    if place < 0:
        return reply
    chunk = reply.chunks[place]
    more = [{**one, "delta": {"content": "!"}, "finish_reason": None} for one in chunk["choices"]]
    return _inserted(reply, place + 1, {**chunk, "choices": more})


def _usage_unasked(reply: Reply) -> Reply:
    if len(reply.chunks) < 3 or "usage" in reply.chunks[0]:  # noqa: PLR2004
        return reply
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return _inserted(reply, len(reply.chunks), {**reply.chunks[-1], "choices": [], "usage": usage})


def _last_call_at_the_end(reply: Reply) -> Reply:
    """The last fragment of a call moves into the finish chunk."""
    place = _finish_place(reply)
    if place < 1 or not any(
        one["delta"].get("tool_calls") for one in reply.chunks[place - 1]["choices"]
    ):
        return reply
    told = reply.chunks[place - 1]["choices"][0]["delta"]
    finish = reply.chunks[place]
    said = [{**one, "delta": told} for one in finish["choices"]]
    return replace(
        reply,
        chunks=(
            *reply.chunks[: place - 1],
            {**finish, "choices": said},
            *reply.chunks[place + 1 :],
        ),
    )


def _calls_in_turns(reply: Reply) -> Reply:
    """Fragments of several calls take turns."""
    places = [
        n
        for n, chunk in enumerate(reply.chunks)
        if any(one["delta"].get("tool_calls") for one in chunk["choices"])
    ]
    by_call: dict[int, list[Json]] = {}
    for place in places:
        chunk = reply.chunks[place]
        index = chunk["choices"][0]["delta"]["tool_calls"][0]["index"]
        by_call.setdefault(index, []).append(chunk)
    mixed = [chunk for row in zip_longest(*by_call.values()) for chunk in row if chunk]
    chunks = list(reply.chunks)
    for place, chunk in zip(places, mixed, strict=True):
        chunks[place] = chunk
    return replace(reply, chunks=tuple(chunks))


def _two_in_one(reply: Reply) -> Reply:
    """The first two fragments of the first call come in one chunk."""
    places = [
        n
        for n, chunk in enumerate(reply.chunks)
        if any(one["delta"].get("tool_calls") for one in chunk["choices"])
    ]
    if len(places) < 2:  # noqa: PLR2004
        return reply
    first, second = places[:2]
    pieces = [
        one
        for place in (first, second)
        for one in reply.chunks[place]["choices"][0]["delta"]["tool_calls"]
    ]
    chunk = reply.chunks[first]
    both = {**chunk, "choices": [{**chunk["choices"][0], "delta": {"tool_calls": pieces}}]}
    return replace(
        reply,
        chunks=(
            *reply.chunks[:first],
            both,
            *reply.chunks[first + 1 : second],
            *reply.chunks[second + 1 :],
        ),
    )


def _opening(edit: Any) -> Any:
    """The first fragment of each call edited."""
    return lambda reply: each_fragment(reply, lambda held: edit(held) if "id" in held else held)


def _later(edit: Any) -> Any:
    return lambda reply: each_fragment(reply, lambda held: held if "id" in held else edit(held))


def _speaking(edit: Any) -> Any:
    """Deltas with text edited."""
    return lambda reply: each_delta(
        reply, lambda delta: edit(delta) if delta.get("content") else delta
    )


def _arguments(value: Any) -> Any:
    return lambda held: {**held, "function": {**held["function"], "arguments": value}}


def _so_far(reply: Reply) -> Reply:
    """The log probabilities of each chunk are those of all tokens so far."""
    told: list[Json] = []

    def grown(logprobs: Json) -> Json:
        told.extend(logprobs["content"])
        return {**logprobs, "content": [*told]}

    edited: Reply = in_streamed_logprobs(grown)(reply)
    return edited


def _one_entry_lost(reply: Reply) -> Reply:
    entries = 0

    def lost(logprobs: Json) -> Json:
        nonlocal entries
        entries += 1
        return {**logprobs, "content": []} if entries == 1 else logprobs

    edited: Reply = in_streamed_logprobs(lost)(reply)
    return edited


def _index(number: int) -> Any:
    return lambda reply: each_chunk_choice(
        reply, lambda one: {**one, "index": one["index"] + number}
    )


def _from_behind(reply: Reply) -> Reply:
    most = max((one["index"] for chunk in reply.chunks for one in chunk["choices"]), default=0)
    return each_chunk_choice(reply, lambda one: {**one, "index": most - one["index"]})


# fmt: off
# --- chunks --------------------------------------------------------------------------------------
_turned("chunk-times-differ", "STRM-003", "`created` counts up from chunk to chunk.", _numbered("created"),
        cascades=["STRM-025", "CRESP-030"],
        amended="a response with several choices has one time: CRESP-030")
_turned("chunk-models-differ", "STRM-004", "Each chunk names another model.", _numbered("model"))
_turned("chunk-index-missing", "STRM-006", "Choices of chunks have no index.",
        lambda reply: each_chunk_choice(reply, lambda one: without(one, "index")), cascades=[*_TEXT, "USAGE-*", "ERR-033"],
        amended="what was asked for is neither given nor refused: ERR-033")
_turned("first-choice-is-one", "STRM-015", "The only choice of a stream has index 1.", _index(1), cascades=[*_TEXT])
_turned("choices-from-behind", "STRM-016", "Of several choices the last comes first.", _from_behind, level="should")
_turned("chunk-fingerprint-number", "STRM-022", "`system_fingerprint` of chunks is a number.",
        lambda reply: each_chunk(reply, having(system_fingerprint=7)), level="may")
_turned("role-never-told", "STRM-010", "No delta says who speaks.",
        lambda reply: each_delta(reply, lambda delta: without(delta, "role")), cascades=["STRM-025", "CRESP-008", "CREQ-011", "RT-*"],
        amended="the message sent back as received has no role either, and is refused: CREQ-011, RT-*")
_turned("content-in-lists", "STRM-012", "Content streams in lists.",
        _speaking(lambda delta: {**delta, "content": [delta["content"]]}), cascades=[*_TEXT, "USAGE-*"])
_turned("speaks-after-the-finish", "STRM-014", "A choice goes on after its finish.", _after_finish, cascades=[*_TEXT])
_turned("usage-unasked", "STRM-020", "A usage chunk comes unasked.", _usage_unasked, level="should",
        cascades=["STRM-025", "USAGE-005", "USAGE-010", "USAGE-011"],
        amended="the usage made up counts less than the cap: USAGE-005; another prompt than the answer in one piece does: USAGE-010; made up for several choices as well: USAGE-011")
_turned("lists-without-indexes", "STRM-023", "A list of objects in a delta has no indexes.",
        _speaking(having(citations=[{"page": 1}])), level="should")
_turned("refusal-number", "STRM-029", "`delta.refusal` is a number.", _speaking(having(refusal=1)), level="should",
        cascades=["STRM-025", "CRESP-*", "SO-*"])
_turned("refusal-goes-on", "STRM-029", "A streamed refusal does not end with `stop`.",
        lambda reply: each_chunk_choice(reply, lambda one: {**one, "delta": {**one["delta"], "refusal": "No."} if one["delta"].get("content") else one["delta"], "finish_reason": one["finish_reason"] and "length"}),
        level="should", cascades=[*_TEXT, "USAGE-005", "USAGE-011"],
        amended="more is said than is counted: USAGE-011")
_turned("reasoning-in-numbers", "RSN-003", "`delta.reasoning_content` is a number.",
        _speaking(having(reasoning_content=1)), level="should", cascades=["STRM-025", "STRM-030", "RSN-*"])
_turned("reasoning-beside-content", "STRM-030", "Reasoning and content come in one delta.",
        _speaking(having(reasoning_content="Hm.")), level="should", cascades=["STRM-025", "RSN-*", "SO-020"])
_turned("chunk-logprobs-list", "LOGP-012", "`logprobs` of a chunk is a list.",
        in_streamed_logprobs(lambda held: held["content"]), level="should",
        cascades=["LOGP-*", "STRM-024", "STRM-025", "CREQ-041", "CREQ-042", "ERR-033"],
        amended="what was asked for is neither given nor refused: ERR-033")
_turned("chunk-logprobs-so-far", "LOGP-012", "The log probabilities of a chunk are those of all tokens so far.",
        _so_far, level="should", cascades=["STRM-024", "STRM-025", "LOGP-*"])
_turned("chunk-logprobs-lose-one", "STRM-024", "The first token has no log probability when streamed.",
        _one_entry_lost, level="should", cascades=["STRM-025", "LOGP-*"])

# --- fragments of calls --------------------------------------------------------------------------
_turned("call-in-the-finish-chunk", "STRM-013", "The last piece of a call comes with the finish reason.",
        _last_call_at_the_end, level="should", cascades=["STRM-025", "STOOL-012"],
        field=["finish-reason-in-same-chunk-as-arguments"])
_turned("calls-in-turns", "STOOL-010", "Fragments of two calls take turns.", _calls_in_turns, level="should",
        cascades=["STRM-025", "STOOL-007"])
_turned("two-fragments-in-one-chunk", "STOOL-011", "A chunk holds two fragments of one call.", _two_in_one,
        level="should", cascades=["STRM-023", "STRM-025", "STOOL-*", "CREQ-061", "TOOL-007", "TOOL-021", "CRESP-031"],
        amended="read as two calls, one of them is too many, without a name and cut: CREQ-061, TOOL-021, TOOL-007; asked whole and streamed, answers are compared: CRESP-031")
_turned("opening-without-arguments", "STOOL-008", "The first fragment of a call has no arguments.",
        _opening(lambda held: {**held, "function": without(held["function"], "arguments")}), level="should")
_turned("opening-arguments-null", "STOOL-008",
        "The arguments of the first fragment are null, and those of the next as well.",
        lambda reply: each_fragment(reply, lambda held: (_arguments(None)(held) if "id" in held or held["function"]["arguments"] == "{" else held)),
        level="should", cascades=[*_CALLS, "SO-010"], amended=_NO_KEYWORD)
_turned("fragments-of-objects", "STOOL-007", "Arguments stream as objects.", _later(_arguments({})),
        cascades=[*_CALLS, "SO-010"], amended=_NO_KEYWORD)
_turned("fragments-without-function", "STOOL-006", "Later fragments have no `function`.",
        _later(lambda held: {"index": held["index"]}), cascades=[*_CALLS, "SO-010"], amended=_NO_KEYWORD)
_turned("fragment-index-negative", "STOOL-002", "The first call has index -1.",
        lambda reply: each_fragment(reply, lambda held: {**held, "index": held["index"] - 1}), cascades=_CALLS)
_turned("fragment-id-number", "STOOL-004", "The id of a streamed call is a number.", _opening(having(id=7)),
        cascades=_CALLS)
