"""Log probabilities and counts of text completions, which evaluation tools live on."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.answer import Reply
from conformance.reference.circumstances import texts
from conformance.reference.fault import REPLY, REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal


@fault(
    "zero-logprobs-are-none", at=REQUEST, level="should", of=texts, sources=["servers to which 0 is false"],
    primary=["CMPL-008"], field=["completions-logprobs-zero-null"],
)  # fmt: skip
def zero_logprobs_are_none(request: HttpRequest) -> HttpRequest:
    """`logprobs: 0`, which asks for those of the tokens alone, is taken for none at all."""
    return request if request.json.get("logprobs") else request.edited(logprobs=None)


@fault(
    "text-logprobs-want-a-boolean", at=REQUEST, level="should", of=texts, sources=["servers with one type for both endpoints"],
    primary=["CMPL-008"], cascades=["CMPL-015", "TRANS-017"], field=["completions-logprobs-expects-bool"],
    amended="null is neither true nor false, and means the default: TRANS-017",
)  # fmt: skip
def text_logprobs_want_a_boolean(request: HttpRequest) -> HttpRequest:
    """`logprobs` must be true or false, as in chat; a number is refused."""
    if "logprobs" in request.json:
        raise Refusal("'logprobs' must be a boolean.", code="invalid_type", param="logprobs")
    return request


@fault(
    "streamed-usage-is-zero", at=REPLY, level="should", of=texts, sources=["counts that only whole answers have"],
    primary=["CMPL-013"], cascades=["USAGE-010"], field=["completions-stream-usage-zero"],
    amended="a prompt that costs nothing is one that nobody read: USAGE-010",
)  # fmt: skip
def streamed_usage_is_zero(reply: Reply) -> Reply:
    """The usage of a stream is zero throughout."""
    nothing = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    told = ({**each, "usage": nothing} if each.get("usage") else each for each in reply.texts)
    return replace(reply, texts=tuple(told))


@fault(
    "text-cap-of-thirty-two", at=REQUEST, level="must", of=texts, sources=["servers with a default of their own"],
    primary=["CMPL-006"],
)  # fmt: skip
def text_cap_of_thirty_two(request: HttpRequest) -> HttpRequest:
    """Without `max_tokens` an answer has up to 32 tokens."""
    return request if "max_tokens" in request.json else request.edited(max_tokens=32)
