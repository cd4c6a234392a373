"""Pictures that bring a server down: small ones, many, several at once, and words that look like one."""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from conformance.reference.answer import Reply
from conformance.reference.ask import Json
from conformance.reference.breaks import REFUSED
from conformance.reference.circumstances import Circumstances, all_of, busy, chat, streamed
from conformance.reference.fault import REPLY, REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal, crash

_SIDE = 28
"""Pixels of the smallest side of a picture that is not tiny."""
_MANY = 10
_PNG = b"\x89PNG\r\n\x1a\n"
_MARK = "<|image|>"


def _parts(request: HttpRequest) -> Iterator[list[Any]]:
    """The contents of its messages that are lists."""
    for each in request.messages:
        if isinstance(each.get("content"), list):
            yield each["content"]


def _kinds(parts: list[Any]) -> list[str]:
    return [str(each.get("type")) for each in parts if isinstance(each, dict)]


def _addresses(request: HttpRequest) -> list[str]:
    """Of all its pictures."""
    held = (
        part.get("image_url")
        for parts in _parts(request)
        for part in parts
        if isinstance(part, dict)
    )
    return [str(each.get("url", "")) for each in held if isinstance(each, dict)]


def _seeing(request: HttpRequest) -> bool:
    return chat(request) and bool(_addresses(request))


def _both(one: Callable[[HttpRequest], bool]) -> Callable[[HttpRequest], bool]:
    return lambda request: one(request) and _seeing(request)


def _tiny(address: str) -> bool:
    try:
        data = base64.b64decode(address.partition(",")[2], validate=True)
    except (binascii.Error, ValueError):
        return False
    if not data.startswith(_PNG):
        return False
    width, height = struct.unpack(">II", data[16:24])
    return bool(min(width, height) < _SIDE)


@fault(
    "tiny-pictures-crash", at=REQUEST, level="may", of=_seeing,
    sources=["vllm-project/vllm#17769"],
    primary=["CREQ-007"], cascades=REFUSED,
)  # fmt: skip
def tiny_pictures_crash(request: HttpRequest) -> HttpRequest:
    """A picture with fewer than 28 pixels on a side is answered with 500."""
    if any(map(_tiny, _addresses(request))):
        raise crash("height:16 and width:16 must be larger than factor:28")
    return request


@fault(
    "unreachable-pictures-crash", at=REQUEST, level="may", of=_seeing,
    sources=["vllm-project/vllm#21254"],
    primary=["CREQ-007"], cascades=["ERR-*"],
    amended="the address is of the right form; that an image which cannot be had is refused with 400 is CREQ-007, not ERR-008",
)  # fmt: skip
def unreachable_pictures_crash(request: HttpRequest) -> HttpRequest:
    """A picture that does not lie at its address is answered with 500."""
    if any(each.startswith("http") for each in _addresses(request)):
        raise crash("Cannot connect to host")
    return request


@fault(
    "ten-pictures-crash", at=REQUEST, level="may", of=_seeing,
    sources=["vllm-project/vllm#36653"],
    primary=["CREQ-007"], cascades=REFUSED,
)  # fmt: skip
def ten_pictures_crash(request: HttpRequest) -> HttpRequest:
    """Ten pictures or more in one request are answered with 500."""
    if len(_addresses(request)) >= _MANY:
        raise crash("Mismatch in `image` token count between text and `input_ids`.")
    return request


@fault(
    "words-taken-for-pictures", at=REQUEST, level="may", of=_seeing,
    sources=["sgl-project/sglang#3819"],
    primary=["CREQ-007"], cascades=[*REFUSED, "CREQ-004", "CREQ-005"],
)  # fmt: skip
def words_taken_for_pictures(request: HttpRequest) -> HttpRequest:
    """The model's own mark of a picture, said in words beside one, counts as a picture more: 400."""
    if any(_MARK in str(parts) for parts in _parts(request)):
        raise Refusal(
            "The number of image token (2) should be the same as in the number of provided images (1)"
        )
    return request


@fault(
    "pictures-between-words-crash", at=REQUEST, level="may", of=_seeing,
    sources=["Blaizzy/mlx-vlm#607"],
    primary=["CREQ-007"], cascades=REFUSED,
)  # fmt: skip
def pictures_between_words_crash(request: HttpRequest) -> HttpRequest:
    """Several pictures of a message with words between them are answered with 500."""
    for kinds in map(_kinds, _parts(request)):
        turns = [pair for pair in pairwise(kinds) if pair == ("text", "image_url")]
        if kinds.count("image_url") > 1 and "image_url" in kinds[: _last(kinds)] and turns:
            raise crash("Image features and image tokens do not match: tokens: 4046, features 4794")
    return request


def _last(kinds: list[str]) -> int:
    """Where the last text stands that a picture follows."""
    places = [at for at, pair in enumerate(pairwise(kinds)) if pair == ("text", "image_url")]
    return max(places, default=0)


def _another_sees(now: Circumstances) -> bool:
    return any(map(_seeing, now.lately[:1]))


@fault(
    "pictures-collide", at=REQUEST, level="may", of=_seeing, when=all_of(busy(2), _another_sees),
    sources=["vllm-project/vllm#10931"],
    primary=["CREQ-007"], cascades=[*REFUSED, "STAT-006"],
)  # fmt: skip
def pictures_collide(_request: HttpRequest) -> HttpRequest:
    """While another picture is being looked at, the next one is answered with 500."""
    raise crash("Number of image placeholders does not match the number of images")


@fault(
    "pictures-streamed-uncounted", at=REPLY, level="must", of=_both(streamed),
    sources=["vllm-project/vllm#6705"],
    primary=["STRM-017"], cascades=["CREQ-064", "STRM-019", "STRM-020", "USAGE-*", "CREQ-007"],
)  # fmt: skip
def pictures_streamed_uncounted(reply: Reply) -> Reply:
    """In a stream about a picture the usage that was asked for never comes."""
    kept: tuple[Json, ...] = tuple(each for each in reply.chunks if each["choices"])
    return Reply(
        status=reply.status, document=reply.document, chunks=kept, stream=reply.stream,
        done=reply.done, spent=reply.spent, headers=reply.headers,
    )  # fmt: skip
