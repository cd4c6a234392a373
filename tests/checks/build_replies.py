"""Streamed responses made by hand: correct ones, from which each row deviates in one thing."""

import json

from build import CREATED, DROP, STREAM_HEADERS, exchange

ASKING = {"model": "m", "input": "Say hello.", "stream": True}
USED = {"input_tokens": 9, "output_tokens": 3, "total_tokens": 12}
RESPONSE = {
    "id": "resp_1", "object": "response", "created_at": CREATED, "status": "in_progress", "model": "m", "output": [],
    "error": None, "incomplete_details": None, "usage": None,
}  # fmt: skip
OPEN = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "status": "in_progress",
    "content": [],
}
PART = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
WHOLE = PART | {"text": "Hello."}
MESSAGE = OPEN | {"status": "completed", "content": [WHOLE]}
REFUSING = {"type": "refusal", "refusal": "No."}
REFUSED = MESSAGE | {"content": [REFUSING]}
CALL = {
    "id": "fc_1",
    "type": "function_call",
    "status": "in_progress",
    "call_id": "call_1",
    "name": "now",
    "arguments": "",
}
CALLED = CALL | {"status": "completed", "arguments": '{"a":1}'}
THOUGHT = {"id": "rs_1", "type": "reasoning", "summary": []}
THINKING = {"type": "reasoning_text", "text": "Hm."}
THOUGHT_OUT = THOUGHT | {"content": [THINKING]}
CUT = {"reason": "max_output_tokens"}


def made(kind, /, **members):
    """`response.KIND` with its members; those that are DROP are left out."""
    return {
        name: held
        for name, held in ({"type": f"response.{kind}"} | members).items()
        if held is not DROP
    }


def state(kind, /, **members):
    """An event that carries the response, with members of it in place of the usual ones."""
    response = {name: held for name, held in (RESPONSE | members).items() if held is not DROP}
    return made(kind, response=response)


def item(kind, value, place=0):
    return made(f"output_item.{kind}", output_index=place, item=value)


def about(kind, place=0, name="msg_1", **members):
    """An event about an item."""
    return made(kind, **({"output_index": place, "item_id": name} | members))


def text(kind, /, **members):
    return about(f"output_text.{kind}", **({"content_index": 0, "logprobs": []} | members))


def part(kind, value, /, **members):
    return about(f"content_part.{kind}", **({"content_index": 0, "part": value} | members))


def refusal(kind, /, **members):
    return about(f"refusal.{kind}", **({"content_index": 0} | members))


def argued(kind, /, **members):
    return about(f"function_call_arguments.{kind}", **({"name": "fc_1"} | members))


def thought(kind, /, **members):
    return about(kind, **({"name": "rs_1", "content_index": 0} | members))


CREATED_FIRST, PROGRESS = state("created"), state("in_progress")
HEL, LO = text("delta", delta="Hel"), text("delta", delta="lo.")
SPOKEN = [
    item("added", OPEN), part("added", PART), HEL, LO, text("done", text="Hello."), part("done", WHOLE), item("done", MESSAGE),
]  # fmt: skip
ARGUED = [argued("delta", delta='{"a"'), argued("delta", delta=":1}")]
NAMED = about("function_call_arguments.done", item_id="fc_1", arguments='{"a":1}') | {"name": "now"}
CALLS = [item("added", CALL), *ARGUED, NAMED, item("done", CALLED)]
REFUSES = [
    item("added", OPEN), part("added", REFUSING | {"refusal": ""}), refusal("delta", delta="No."), refusal("done", refusal="No."),
    part("done", REFUSING), item("done", REFUSED),
]  # fmt: skip
THINKS = [
    item("added", THOUGHT), thought("reasoning_text.delta", delta="Hm."), thought("reasoning_text.done", text="Hm."), item("done", THOUGHT_OUT),
]  # fmt: skip


def ended(*output, kind="completed", **members):
    """The event that ends the response."""
    return state(kind, **({"status": kind, "output": list(output), "usage": USED} | members))


HELLO = [CREATED_FIRST, PROGRESS, *SPOKEN, ended(MESSAGE)]
CALLING = [CREATED_FIRST, PROGRESS, *CALLS, ended(CALLED)]
REFUSAL = [CREATED_FIRST, PROGRESS, *REFUSES, ended(REFUSED)]
STOPPED = ended(MESSAGE | {"status": "incomplete"}, kind="incomplete", incomplete_details=CUT)
CAPPED = [
    CREATED_FIRST,
    PROGRESS,
    *SPOKEN[:-1],
    item("done", MESSAGE | {"status": "incomplete"}),
    STOPPED,
]
VENDOR = {"type": "acme:trace", "span": 1}
FAILS = {
    "type": "error",
    "code": "server_error",
    "message": "It broke.",
    "param": None,
    "sequence_number": 4,
}


def numbered(events):
    """The events of the response with their numbers; what has one, or is another's, is left alone."""
    count, told = 0, []
    for each in events:
        if isinstance(each, dict) and str(each.get("type", "")).startswith("response."):
            told.append({"sequence_number": count} | each)
            count += 1
        else:
            told.append(each)
    return told


def event(value):
    """Bytes as they are, or a value as an event named by its type."""
    if isinstance(value, bytes):
        return value
    name = value.get("type") if isinstance(value, dict) else None
    line = f"event: {name}\n" if isinstance(name, str) else ""
    return f"{line}data: {json.dumps(value)}\n\n".encode("utf-8", "replace")


def reply(*events, done=b"", asked=None, headers=None, count=True, **known):
    """A streamed response of these events, which are numbered unless `count` is False."""
    told = numbered(events) if count else events
    pieces = [event(each) for each in told] + ([done] if done else [])
    wanted = ASKING | (asked or {})
    return exchange(
        pieces, asked=wanted, headers=STREAM_HEADERS | (headers or {}), path="/responses", **known
    )


def replied(*edits, base=HELLO, **known):
    """A correct stream with some events replaced; each edit is a number with an event, several, or None."""
    told = dict(edits)
    chosen = [told.get(place, each) for place, each in enumerate(base)]
    flat = [
        one
        for each in chosen
        if each is not None
        for one in (each if isinstance(each, list) else [each])
    ]
    return reply(*flat, **known)
