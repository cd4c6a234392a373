"""Images that are dropped, refused, or not paid for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Reply, Response
from conformance.reference.ask import Json
from conformance.reference.breaks import NO_ANSWER
from conformance.reference.circumstances import chat, streamed
from conformance.reference.edit import each_chunk
from conformance.reference.fault import REPLY, REQUEST, RESPONSE, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.script import Send

_LARGEST = 2**20
_PAGE = b"<html><head><title>413 Request Entity Too Large</title></head><body>nginx</body></html>"
_TOO_LARGE = 413


def _pictures(message: Any) -> Iterator[Json]:
    parts = message.get("content") if isinstance(message, dict) else None
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, dict) and part.get("type") == "image_url":
            yield part


def _messages(request: HttpRequest) -> list[Any]:
    listed = request.json.get("messages")
    return listed if isinstance(listed, list) else []


def _with_pictures(request: HttpRequest) -> bool:
    return chat(request) and any(list(_pictures(each)) for each in _messages(request))


def _with_pictures_in_two_messages(request: HttpRequest) -> bool:
    return chat(request) and sum(any(_pictures(each)) for each in _messages(request)) > 1


def _streamed_pictures(request: HttpRequest) -> bool:
    return streamed(request) and _with_pictures(request)


def _larger_than(size: int) -> Callable[[HttpRequest], bool]:
    return lambda request: chat(request) and len(request.body) > size


@fault(
    "only-the-last-image", at=REQUEST, level="may", of=_with_pictures,
    sources=["Blaizzy/mlx-vlm#1084"], field=["only-last-image-used"],
    primary=["CREQ-007"],
)  # fmt: skip
def only_the_last_image(request: HttpRequest) -> HttpRequest:
    """Of several images the last is seen, and paid for; nobody hears of the others."""
    messages = _messages(request)
    dropped = [id(part) for each in messages for part in _pictures(each)][:-1]

    def thinned(message: Any) -> Any:
        if not any(_pictures(message)):
            return message
        return {
            **message,
            "content": [each for each in message["content"] if id(each) not in dropped],
        }

    return request.edited(messages=[*map(thinned, messages)])


@fault(
    "images-cost-nothing-in-streams", at=REPLY, level="should", of=_streamed_pictures,
    sources=["BerriAI/litellm#6488", "ollama/ollama#5728", "ollama/ollama#7592"],
    field=["usage-image-tokens-not-counted"],
    primary=["USAGE-013"], cascades=["CREQ-007", "USAGE-010"],
)  # fmt: skip
def images_cost_nothing_in_streams(reply: Reply) -> Reply:
    """The usage of a stream counts the words of the prompt, and not its images."""

    def cheaper(chunk: Json) -> Json:
        usage = chunk.get("usage")
        if not usage:
            return chunk
        total = 9 + usage["completion_tokens"]
        counts = {"prompt_tokens": 9, "prompt_tokens_details": None, "total_tokens": total}
        return {**chunk, "usage": {**usage, **counts}}

    return each_chunk(reply, cheaper)


@fault(
    "images-in-two-messages-fail", at=REPLY, level="must", of=_with_pictures_in_two_messages,
    sources=["MacPaw/OpenAI#363"], field=["gemini-multi-image-decoding-error"],
    primary=["ERR-001", "ERR-006"],
    cascades=["CREQ-007", "ERR-002", "ERR-003", "ERR-004", "ERR-005"],
)  # fmt: skip
def images_in_two_messages_fail(_reply: Reply) -> Reply:
    """Images in two messages are refused, and the error comes wrapped in a list."""
    inner = {"code": 400, "message": "Unable to process input image.", "status": "INVALID_ARGUMENT"}
    return Reply(status=400, document=[{"error": inner}])


@fault(
    "bodies-of-a-mebibyte-at-most", at=RESPONSE, level="must", of=_larger_than(_LARGEST),
    sources=["pollinations/pollinations#3465"], field=["body-limit-5mb-413"],
    primary=["ERR-001"],
    cascades=["ERR-002", "ERR-003", "ERR-004", "ERR-005", "ERR-006", "ERR-031", "CREQ-007", *NO_ANSWER, "ERR-016"],
    amended="413 is one of the other statuses that carry the standard object: ERR-016",
)  # fmt: skip
def bodies_of_a_mebibyte_at_most(response: Response) -> Response:
    """A gateway answers larger bodies with 413 and a page of HTML."""
    headers = response.with_header("Content-Type", "text/html")
    return replace(response, status=_TOO_LARGE, headers=headers, body=(Send(_PAGE),), stream=False)
