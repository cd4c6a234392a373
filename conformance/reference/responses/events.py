"""A response as the events of its stream, each of which names itself and is numbered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.reference.ask import Json
from conformance.reference.model import tokens

_TERMINAL = {"completed": "response.completed", "incomplete": "response.incomplete"}


def events(document: Json) -> tuple[Json, ...]:
    """Everything that is sent up to the finished response."""
    return tuple({**each, "sequence_number": n} for n, each in enumerate(_told(document)))


def _told(document: Json) -> Iterator[Json]:
    begun = {
        **document,
        "status": "in_progress",
        "completed_at": None,
        "incomplete_details": None,
        "output": [],
        "usage": None,
    }
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    for index, item in enumerate(document["output"]):
        yield from _item(index, item)
    yield {"type": _TERMINAL[document["status"]], "response": document}


def _item(index: int, item: Json) -> Iterator[Json]:
    """An item from its announcement to its end."""
    empty: Json = {name: [] for name in ("content", "summary") if name in item}
    opening = {**item, "status": "in_progress", **empty}
    if item["type"] == "function_call":
        opening["arguments"] = ""
    yield {"type": "response.output_item.added", "output_index": index, "item": opening}
    at = {"item_id": item["id"], "output_index": index}
    match item["type"]:
        case "function_call":
            yield from _arguments(at, item)
        case "reasoning":
            yield from _summary(at, item)
            yield from _parts(at, item)
        case _:
            yield from _parts(at, item)
    yield {"type": "response.output_item.done", "output_index": index, "item": item}


def _arguments(at: Json, item: Json) -> Iterator[Json]:
    name = "response.function_call_arguments"
    for token in tokens.split(item["arguments"]):
        yield {"type": f"{name}.delta", **at, "delta": token}
    yield {"type": f"{name}.done", **at, "name": item["name"], "arguments": item["arguments"]}


def _summary(at: Json, item: Json) -> Iterator[Json]:
    for number, part in enumerate(item["summary"]):
        here = {**at, "summary_index": number}
        part_name, text_name = "response.reasoning_summary_part", "response.reasoning_summary_text"
        yield {"type": f"{part_name}.added", **here, "part": {**part, "text": ""}}
        for token in tokens.split(part["text"]):
            yield {"type": f"{text_name}.delta", **here, "delta": token}
        yield {"type": f"{text_name}.done", **here, "text": part["text"]}
        yield {"type": f"{part_name}.done", **here, "part": part}


def _parts(at: Json, item: Json) -> Iterator[Json]:
    for number, part in enumerate(item["content"]):
        here = {**at, "content_index": number}
        member = "refusal" if part["type"] == "refusal" else "text"
        opening = {**part, member: ""} | ({"logprobs": []} if "logprobs" in part else {})
        yield {"type": "response.content_part.added", **here, "part": opening}
        name = f"response.{part['type']}"
        for place, token in enumerate(tokens.split(part[member])):
            yield {"type": f"{name}.delta", **here, "delta": token, **_logprobs(part, place, 1)}
        whole = _logprobs(part, 0, len(part.get("logprobs", ())))
        yield {"type": f"{name}.done", **here, member: part[member], **whole}
        yield {"type": "response.content_part.done", **here, "part": part}


def _logprobs(part: Json, place: int, count: int) -> dict[str, Any]:
    """The log probabilities of some tokens of a text, in the fewer words that events have."""
    if "logprobs" not in part:
        return {}
    told = part["logprobs"][place : place + count]
    return {"logprobs": [_brief(each) for each in told]}


def _brief(entry: Json) -> Json:
    likely = [{"token": e["token"], "logprob": e["logprob"]} for e in entry["top_logprobs"]]
    return {"token": entry["token"], "logprob": entry["logprob"], "top_logprobs": likely}
