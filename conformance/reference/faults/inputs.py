"""Inputs that are cut, lost or refused: long texts to embed, images, and what fails after a while."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

from conformance.reference.ask import Json
from conformance.reference.circumstances import chat, from_the, responding, vectors
from conformance.reference.fault import REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens
from conformance.reference.refusal import Refusal

_LONGEST = 512
_A_WHILE = 8
_OBJECT = "[object Object]"


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


def _in_messages(request: HttpRequest, edit: Callable[[Json], Json]) -> HttpRequest:
    """Every message edited, where there is a list of them."""
    listed = request.json.get("messages")
    if not isinstance(listed, list):
        return request
    return request.edited(
        messages=[edit(each) if isinstance(each, dict) else each for each in listed]
    )


@fault(
    "only-the-last-text-part", at=REQUEST, level="must", of=chat,
    sources=["Blaizzy/mlx-vlm#1137", "openvinotoolkit/model_server#4166"],
    primary=["CREQ-005"], cascades=["CREQ-006", "CREQ-007", "CREQ-072", "RT-008"],
)  # fmt: skip
def only_the_last_text_part(request: HttpRequest) -> HttpRequest:
    """Of several text parts of a message the last is read, and the others are dropped."""

    def last(message: Json) -> Json:
        parts = _parts(message)
        texts = [
            place
            for place, each in enumerate(parts)
            if isinstance(each, dict) and each.get("type") == "text"
        ]
        kept = [each for place, each in enumerate(parts) if place not in texts[:-1]]
        return {**message, "content": kept} if texts[1:] else message

    return _in_messages(request, last)


@fault(
    "parts-read-as-objects", at=REQUEST, level="must", of=chat,
    sources=["Zen4-bit/Proxima#44"],
    primary=["CREQ-005"],
    cascades=["CREQ-*", "RT-008", "RT-003", "USAGE-*", "TOOL-*", "ERR-*", "RSN-*", "TRANS-004"],
)  # fmt: skip
def parts_read_as_objects(request: HttpRequest) -> HttpRequest:
    """Content in parts is accepted, and the model reads `[object Object]` for each of them."""

    def worded(message: Json) -> Json:
        parts = _parts(message)
        return {**message, "content": ",".join([_OBJECT] * len(parts))} if parts else message

    return _in_messages(request, worded)


@fault(
    "only-the-last-system-message", at=REQUEST, level="should", of=chat,
    sources=["SillyTavern/SillyTavern#2333", "oobabooga/textgen#6434"],
    primary=["CREQ-016"], cascades=["RSN-019", "CREQ-003", "CREQ-078", "USAGE-010", "ERR-021"],
)  # fmt: skip
def only_the_last_system_message(request: HttpRequest) -> HttpRequest:
    """Of several system messages the last is read, and nobody hears of the others."""
    listed = request.json.get("messages")
    if not isinstance(listed, list):
        return request
    orders = [
        place
        for place, each in enumerate(listed)
        if isinstance(each, dict) and each.get("role") == "system"
    ]
    kept = [each for place, each in enumerate(listed) if place not in orders[:-1]]
    return request.edited(messages=kept) if orders[1:] else request


def _unseen(item: Any) -> Any:
    """An item of an input without its images."""
    if not isinstance(item, dict):
        return item
    kept = [
        each
        for each in _parts(item)
        if not (isinstance(each, dict) and each.get("type") == "input_image")
    ]
    return {**item, "content": kept or ""} if len(kept) < len(_parts(item)) else item


@fault(
    "response-images-unseen", at=REQUEST, level="may", of=responding,
    sources=["api7/aisix#1185"],
    primary=["CREQ-007"], cascades=["RESP-003", "RESP-004", "USAGE-010"],
)  # fmt: skip
def response_images_unseen(request: HttpRequest) -> HttpRequest:
    """Responses take images, and a bridge to chat drops them: the model sees none."""
    held = request.json.get("input")
    return request.edited(input=[*map(_unseen, held)]) if isinstance(held, list) else request
