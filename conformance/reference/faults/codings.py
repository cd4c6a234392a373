"""Embeddings as base64, as servers get it wrong."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable

from conformance.reference.answer import Reply
from conformance.reference.ask import Json
from conformance.reference.circumstances import vectors
from conformance.reference.fault import REPLY, REQUEST, fault
from conformance.reference.faults.vectors import COMPARED, each_vector
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal


def _spelled(edit: Callable[[bytes], bytes]) -> Callable[[Json], Json]:
    """An entry whose bytes are others, where it is base64."""

    def entry(held: Json) -> Json:
        told = held["embedding"]
        if not isinstance(told, str):
            return held
        return {**held, "embedding": base64.b64encode(edit(base64.b64decode(told))).decode()}

    return entry


@fault(
    "base64-refused", at=REQUEST, level="must", of=vectors, sources=["servers that know float only"],
    primary=["EMB-005"], cascades=["EMB-007"], field=["embeddings-encoding-format-rejected"],
)  # fmt: skip
def base64_refused(request: HttpRequest) -> HttpRequest:
    """`encoding_format: base64`, which the SDK sends by itself, is refused."""
    if request.json.get("encoding_format") == "base64":
        raise Refusal(
            "Only 'float' is supported.", code="unsupported_value", param="encoding_format"
        )
    return request


@fault(
    "base64-of-text", at=REPLY, level="must", of=vectors, sources=["servers that encode JSON"],
    primary=["EMB-005"], cascades=COMPARED,
)  # fmt: skip
def base64_of_text(reply: Reply) -> Reply:
    """The base64 holds the numbers as text."""
    return each_vector(
        reply, _spelled(lambda raw: str(list(raw)).encode() + b" " * (3 - len(str(list(raw))) % 4))
    )


@fault(
    "base64-big-endian", at=REPLY, level="must", of=vectors, sources=["network byte order"],
    primary=["EMB-007"], cascades=["EMB-005"],
)  # fmt: skip
def base64_big_endian(reply: Reply) -> Reply:
    """The base64 holds its numbers with the largest byte first."""
    return each_vector(
        reply,
        _spelled(lambda raw: b"".join(raw[n : n + 4][::-1] for n in range(0, len(raw), 4))),
    )


@fault(
    "base64-of-doubles", at=REPLY, level="must", of=vectors, sources=["numpy's default type", "vllm-project/vllm#6744"],
    field=["embedding-base64-of-doubles"],
    primary=["EMB-007"], cascades=["EMB-005", "EMB-008"],
)  # fmt: skip
def base64_of_doubles(reply: Reply) -> Reply:
    """The base64 holds float64, so that readers see twice as many numbers."""
    return each_vector(
        reply,
        _spelled(
            lambda raw: struct.pack(f"<{len(raw) // 4}d", *struct.unpack(f"<{len(raw) // 4}f", raw))
        ),
    )


@fault(
    "base64-always", at=REQUEST, level="must", of=vectors, sources=["servers made for one SDK"],
    primary=["EMB-006"],
)  # fmt: skip
def base64_always(request: HttpRequest) -> HttpRequest:
    """Vectors always come as base64."""
    return request.edited(encoding_format="base64")
