"""Inputs that are cut, lost or refused: long texts to embed, images, and what fails after a while."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from conformance.reference.ask import Json
from conformance.reference.circumstances import chat, from_the, vectors
from conformance.reference.fault import REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens
from conformance.reference.refusal import Refusal

_LONGEST = 512
_A_WHILE = 8


@fault(
    "long-inputs-cut-in-silence", at=REQUEST, level="should", of=vectors,
    sources=["jundot/omlx#1687", "raullenchai/Rapid-MLX#1381", "ollama/ollama#14259"],
    primary=["ERR-021"], cascades=["EMB-009", "EMB-015"],
)  # fmt: skip
def long_inputs_cut_in_silence(request: HttpRequest) -> HttpRequest:
    """Of a text to embed the first 512 tokens are read, and counted; nobody hears of the rest."""

    def cut(text: Any) -> Any:
        return "".join(tokens.split(text)[:_LONGEST]) if isinstance(text, str) else text

    held = request.json.get("input")
    return request.edited(input=[*map(cut, held)] if isinstance(held, list) else cut(held))


@fault(
    "vectors-fail-after-a-while", at=REQUEST, level="must", of=vectors, when=from_the(_A_WHILE),
    sources=["jundot/omlx#3731"], primary=["EMB-002"],
    cascades=["EMB-*", "ERR-*", "TRANS-016", "AUTH-003"],
    amended="it fails before the key is looked at: AUTH-003",
)  # fmt: skip
def vectors_fail_after_a_while(_request: HttpRequest) -> HttpRequest:
    """Embeddings are made a few times, and refused from then on, whatever the input."""
    raise Refusal("Too many indices for array with 2 dimensions.")


def _is_image(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") == "image_url"


def _parts(message: Json) -> list[Any]:
    content = message.get("content")
    return content if isinstance(content, list) else []


@fault(
    "images-lost-between-users", at=REQUEST, level="may", of=chat,
    sources=["maiphucgiang/codebuddy2api#25"], primary=["CREQ-007"], cascades=["USAGE-010"],
)  # fmt: skip
def images_lost_between_users(request: HttpRequest) -> HttpRequest:
    """Messages of the user in a row are joined, and what images they have is lost."""
    listed = request.json.get("messages")
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        return request
    kept: list[Json] = []
    for role, run in groupby(listed, lambda each: each.get("role")):
        told = list(run)
        several = role == "user" and len(told) > 1
        for each in told:
            thinned = [part for part in _parts(each) if not _is_image(part)]
            lost = several and any(map(_is_image, _parts(each)))
            kept.append({**each, "content": thinned} if lost else each)
    return request.edited(messages=kept)


@fault(
    "data-uris-refused", at=REQUEST, level="may", of=chat,
    sources=["lmstudio-ai/lmstudio-bug-tracker#2427"], primary=["CREQ-007"], cascades=["USAGE-010", "USAGE-013"],
)  # fmt: skip
def data_uris_refused(request: HttpRequest) -> HttpRequest:
    """An image in a `data:` URI is refused: what is wanted is the base64 alone."""
    listed = request.json.get("messages")
    messages = listed if isinstance(listed, list) else []
    images = [
        part.get("image_url") for m in messages if isinstance(m, dict) for part in _parts(m) if _is_image(part)
    ]  # fmt: skip
    urls = [each.get("url") for each in images if isinstance(each, dict)]
    if any(isinstance(each, str) and each.startswith("data:") for each in urls):
        raise Refusal("'url' field must be a base64 encoded image", param="messages")
    return request
