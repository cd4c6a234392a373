"""What surrounds the answer: ids, times, usage, finish reasons, keys that are missing."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.answer import Choice, Completion, Reply
from conformance.reference.ask import Json
from conformance.reference.circumstances import chat
from conformance.reference.edit import both, each_message, each_said, whole, without
from conformance.reference.fault import COMPLETION, REPLY, fault


@fault(
    "created-in-milliseconds", at=REPLY, level="must", sources=["EricLBuehler/mistral.rs#1539"],
    field=["created-in-milliseconds"],
    primary=["CRESP-004"], cascades=["STRM-003"],
)  # fmt: skip
def created_in_milliseconds(reply: Reply) -> Reply:
    """`created` counts milliseconds."""
    return both(reply, lambda held: {**held, "created": held["created"] * 1000})


@fault(
    "every-id-is-one", at=REPLY, level="must", of=chat,
    sources=["inferencerlabs/inferencer-feedback#288"],
    primary=["CRESP-001"], cascades=["CRESP-002"],
)  # fmt: skip
def every_id_is_one(reply: Reply) -> Reply:
    """Every completion has the id `1`, streamed or not."""
    return both(reply, lambda held: {**held, "id": "1"})


@fault(
    "usage-total-wrong", at=REPLY, level="must",
    sources=["servers that leave special tokens out of one of the counts"],
    primary=["USAGE-002"],
)  # fmt: skip
def usage_total_wrong(reply: Reply) -> Reply:
    """`total_tokens` is one more than its parts."""

    def off_by_one(held: Json) -> Json:
        usage = held.get("usage")
        total = {"total_tokens": usage["total_tokens"] + 1} if usage else {}
        return {**held, "usage": {**usage, **total}} if usage else held

    return both(reply, off_by_one)


@fault(
    "usage-missing", at=REPLY, level="should", sources=["gateways that drop usage"],
    primary=["CRESP-020"], cascades=["CREQ-019", "CREQ-020", "USAGE-010", "USAGE-012", "USAGE-013"],
)  # fmt: skip
def usage_missing(reply: Reply) -> Reply:
    """Completions come without `usage` (not streamed)."""
    return whole(reply, lambda held: without(held, "usage"))


@fault(
    "finish-reason-eos", at=COMPLETION, level="must",
    sources=["text-generation-inference native API", "zeitlings/ayai-gpt-nexus#2"],
    field=["native-finish-reason-leaks"],
    primary=["CRESP-011"], cascades=["CRESP-015", "STRM-008", "STRM-025", "CREQ-030", "CREQ-031", "RT-002", "CRESP-029", "STRM-029"],
    amended="a refusal ends with stop: CRESP-029, STRM-029",
)  # fmt: skip
def finish_reason_eos(completion: Completion) -> Completion:
    """A natural end is told as `eos`."""

    def native(choice: Choice) -> Choice:
        return replace(choice, finish="eos") if choice.finish == "stop" else choice

    return each_said(completion, native)


@fault(
    "finish-stop-at-the-cap", at=COMPLETION, level="must", sources=["servers that report stop at the limit"],
    field=["finish-stop-at-token-limit"],
    primary=["CRESP-016"], cascades=["CREQ-019", "CREQ-020", "SO-016", "SO-002", "CREQ-045", "TOOL-025", "CREQ-046"],
    amended="JSON that goes on and on is told from other answers by its end: CREQ-046",
)  # fmt: skip
def finish_stop_at_the_cap(completion: Completion) -> Completion:
    """An answer cut off by the cap is told as `stop`."""

    def complete(choice: Choice) -> Choice:
        return replace(choice, finish="stop") if choice.finish == "length" else choice

    return each_said(completion, complete)


@fault(
    "object-wrong", at=REPLY, level="must", sources=["gateways: object is empty or that of chunks"],
    field=["object-field-wrong"],
    primary=["CRESP-003"],
)  # fmt: skip
def object_wrong(reply: Reply) -> Reply:
    """`object` of a whole completion is that of a chunk."""
    return whole(reply, lambda held: {**held, "object": "chat.completion.chunk"})


@fault(
    "content-null-without-call", at=REPLY, level="must", sources=["servers that send null for empty text"],
    primary=["CRESP-013"],
    cascades=["SO-019", "SO-006", "SO-007", "SO-014", "CREQ-011", "SO-004", "SO-008", "SO-009", "SO-010", "SO-011", "SO-012", "CRESP-031", "USAGE-003", "LOGP-008", "SO-002", "CREQ-030", "CREQ-045", "RT-003", "STAT-004"],
    amended="null is no JSON for any schema, and is refused when sent back: SO-004, SO-008 to SO-012, CREQ-011; that every answer is JSON is STAT-004; schemas of any size and closeness have no other answer than JSON: SO-006, SO-007, SO-014; nor has a schema beside tools where none is called: SO-019",
)  # fmt: skip
def content_null_without_call(reply: Reply) -> Reply:
    """`content` is null although no tool was called."""
    return each_message(
        reply, lambda message: message if "tool_calls" in message else {**message, "content": None}
    )


@fault(
    "refusal-key-missing", at=REPLY, level="should", sources=["most compatible servers"],
    primary=["CRESP-010"],
)  # fmt: skip
def refusal_key_missing(reply: Reply) -> Reply:
    """`message.refusal` is absent where nothing is refused."""
    return each_message(
        reply, lambda message: message if message["refusal"] else without(message, "refusal")
    )


@fault(
    "refusal-beside-content", at=REPLY, level="must", sources=["gateways that copy a refusal into the text"],
    primary=["SO-017", "CRESP-029"],
)  # fmt: skip
def refusal_beside_content(reply: Reply) -> Reply:
    """What is said in `refusal` stands in `content` as well (not streamed)."""
    return each_message(
        reply,
        lambda message: (
            {**message, "content": message["refusal"]} if message["refusal"] else message
        ),
    )


@fault(
    "replacement-character", at=COMPLETION, level="must",
    sources=["mattn/tensai#110", "detokenizers that decode token by token"],
    field=["token-level-utf8-fffd"],
    primary=["CRESP-027"], cascades=["LOGP-008", "SSE-015", "SO-*"],
    amended="what a schema allows may be beyond ASCII: SO-*",
)  # fmt: skip
def replacement_character(completion: Completion) -> Completion:
    """Characters beyond ASCII come as U+FFFD, as when tokens are decoded one by one."""

    def garbled(choice: Choice) -> Choice:
        pieces = tuple(
            "".join(each if each.isascii() else "\ufffd" for each in token)
            for token in choice.tokens
        )
        return replace(choice, tokens=pieces, text=choice.text and "".join(pieces))

    return each_said(completion, garbled)
