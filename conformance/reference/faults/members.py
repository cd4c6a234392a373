"""Members of an answer that are missing, renamed, or count something else."""

from __future__ import annotations

from typing import Any

from conformance.reference.answer import Reply
from conformance.reference.ask import Json
from conformance.reference.circumstances import chat, thinking, whole
from conformance.reference.edit import both, each_choice, without
from conformance.reference.fault import REPLY, REQUEST, fault
from conformance.reference.incoming import HttpRequest

_NO_FINISH = (
    "CRESP-*", "CREQ-*", "TOOL-*", "SO-*", "RT-*", "RSN-*", "LOGP-*", "STRM-029", "USAGE-005", "STAT-004",
    "ERR-022",
)  # fmt: skip
"""What may fail where no answer says how it ended."""


@fault(
    "choice-of-a-message-alone", at=REPLY, level="must", of=whole,
    sources=["mudler/LocalAI#788"], field=["nonstream-finish-reason-and-index-missing"],
    primary=["CRESP-007", "CRESP-011"], cascades=_NO_FINISH,
)  # fmt: skip
def choice_of_a_message_alone(reply: Reply) -> Reply:
    """A choice has neither an index nor a finish reason."""
    return each_choice(reply, lambda held: without(held, "index", "finish_reason"))


@fault(
    "finish-details-instead", at=REPLY, level="must", of=whole,
    sources=["openai/openai-node#499"], field=["openai-nonstandard-finish-details"],
    primary=["CRESP-011"], cascades=_NO_FINISH,
)  # fmt: skip
def finish_details_instead(reply: Reply) -> Reply:
    """An object `finish_details` stands where the finish reason should."""

    def renamed(held: Json) -> Json:
        return {**without(held, "finish_reason"), "finish_details": {"type": held["finish_reason"]}}

    return each_choice(reply, renamed)


@fault(
    "prompt-tokens-left-out", at=REPLY, level="must", of=chat, rate=0.3,
    sources=["docs: can1357/oh-my-pi, packages/ai/CHANGELOG.md (18.4.0)"], field=["prompt-tokens-omitted"],
    primary=["USAGE-001"],
    cascades=["CREQ-003", "ERR-021", "RSN-019", "USAGE-*", "CREQ-005", "CREQ-007", "CRESP-020", "CRESP-025", "STRM-017", "STRM-019", "STRM-025", "STAT-007", "RT-002", "RT-003"],
    amended="whether a message reaches the model is read out of the count of its tokens: CREQ-003, ERR-021, RSN-019, RT-002, RT-003",
)  # fmt: skip
def prompt_tokens_left_out(reply: Reply) -> Reply:
    """The usage has no `prompt_tokens`, now and then."""

    def shorter(held: Json) -> Json:
        usage = held.get("usage")
        return {**held, "usage": without(usage, "prompt_tokens")} if usage else held

    return both(reply, shorter)


@fault(
    "reasoning-beside-the-completion", at=REPLY, level="must", of=thinking,
    sources=["vercel/ai#11536", "vercel/ai#11453"], field=["completion-tokens-exclude-reasoning"],
    primary=["USAGE-002"],
    cascades=["USAGE-*", "RSN-*", "LOGP-009", "CRESP-016", "STRM-017", "STRM-019"],
)  # fmt: skip
def reasoning_beside_the_completion(reply: Reply) -> Reply:
    """The tokens of the reasoning are in the total, and not among those of the completion."""

    def apart(held: Json) -> Json:
        usage = held.get("usage")
        if not usage:
            return held
        thought = usage["completion_tokens_details"]["reasoning_tokens"]
        return {
            **held,
            "usage": {**usage, "completion_tokens": usage["completion_tokens"] - thought},
        }

    return both(reply, apart)


@fault(
    "only-the-first-text-part", at=REQUEST, level="must", of=chat,
    sources=["InternLM/lmdeploy#4029"], field=["multi-text-parts-first-only"],
    primary=["CREQ-005"], cascades=["CREQ-006", "CREQ-007", "CREQ-072", "RT-008"],
)  # fmt: skip
def only_the_first_text_part(request: HttpRequest) -> HttpRequest:
    """Of several text parts of a message the first is read, and the others are dropped."""

    def first(message: Any) -> Any:
        parts = message.get("content") if isinstance(message, dict) else None
        if not isinstance(parts, list):
            return message
        spoken = [each for each in parts if isinstance(each, dict) and each.get("type") == "text"]
        return {**message, "content": [each for each in parts if each not in spoken[1:]]}

    listed = request.json.get("messages")
    return request.edited(messages=[*map(first, listed)]) if isinstance(listed, list) else request
