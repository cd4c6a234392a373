"""Caps that hold by and large: one token too many or too few, forgotten here, added there."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.answer import Choice, Completion, Reply
from conformance.reference.ask import Ask, Json
from conformance.reference.breaks import LOST_STREAM, NO_ANSWER
from conformance.reference.circumstances import both_of, chat, longer_than, streamed
from conformance.reference.edit import both, each_said
from conformance.reference.fault import ASK, COMPLETION, REPLY, REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal

_CAPPED = ("USAGE-*", "CREQ-019", "CREQ-020", "CRESP-016", "SO-016", "TOOL-025", "LOGP-009")
"""What may fail where a cap is not what the request says."""
_SHORTEST = 128
_LONGEST = 512
_LARGE = 16_384
_LONG = 1000
"""Tokens of a conversation from which on it is taken for long."""


def _with_large_cap(request: HttpRequest) -> bool:
    cap = request.json.get("max_tokens")
    return isinstance(cap, int) and cap > _LARGE


def _without_cap(request: HttpRequest) -> bool:
    capped = {"max_tokens", "max_completion_tokens"} & request.json.keys()
    return chat(request) and not capped


@fault(
    "one-token-beyond-the-cap", at=ASK, level="must", of=chat,
    sources=["EricLBuehler/mistral.rs#1539"], field=["max-tokens-plus-one"],
    primary=["USAGE-004"], cascades=_CAPPED,
)  # fmt: skip
def one_token_beyond_the_cap(ask: Ask) -> Ask:
    """An answer that is cut has one token more than its cap."""
    return replace(ask, cap=None if ask.cap is None else ask.cap + 1)


@fault(
    "one-token-uncounted-at-the-cap", at=COMPLETION, level="must", of=chat,
    sources=["lmstudio-ai/lmstudio-bug-tracker#2335"], field=["completion-tokens-minus-one-at-limit"],
    primary=["USAGE-003"], cascades=_CAPPED,
)  # fmt: skip
def one_token_uncounted_at_the_cap(completion: Completion) -> Completion:
    """Where the cap ends an answer, its last token is not counted: one token costs nothing."""

    def cheaper(choice: Choice) -> Choice:
        return replace(choice, spent=choice.spent - 1) if choice.finish == "length" else choice

    return each_said(completion, cheaper)


@fault(
    "small-caps-raised-after-long-prompts", at=ASK, level="must", of=chat, when=longer_than(_LONG),
    sources=["InternLM/lmdeploy#3727"], field=["min-output-128-ignores-limit"],
    primary=["USAGE-004"], cascades=_CAPPED,
)  # fmt: skip
def small_caps_raised_after_long_prompts(ask: Ask) -> Ask:
    """After a long prompt an answer has room for 128 tokens at least, whatever its cap."""
    return replace(ask, cap=None if ask.cap is None else max(ask.cap, _SHORTEST))


@fault(
    "cap-of-the-servers-own", at=ASK, level="must", of=chat,
    sources=["docs: MindIE server parameter configuration (maxIterTimes default 512)"],
    field=["server-side-output-cap-512"],
    primary=["CREQ-022"], cascades=["USAGE-005", "CREQ-020", "CRESP-016"],
)  # fmt: skip
def cap_of_the_servers_own(ask: Ask) -> Ask:
    """No answer has more than 512 tokens, whatever cap is asked for, or none."""
    return replace(ask, cap=min(ask.cap or _LONGEST, _LONGEST))


@fault(
    "one-token-without-a-cap", at=ASK, level="must", of=_without_cap,
    sources=["deepjavalibrary/djl-serving#2057", "ggml-org/llama.cpp#12137", "ggml-org/llama.cpp#14706"],
    field=["one-token-then-finish", "one-word-then-length"],
    primary=["CREQ-022"],
    cascades=["CRESP-*", "STRM-*", "TOOL-*", "STOOL-*", "RT-*", "RSN-*", "SO-*", "TRANS-*", "CREQ-*"],
)  # fmt: skip
def one_token_without_a_cap(ask: Ask) -> Ask:
    """Without a cap an answer ends after its first token, with `finish_reason: length`."""
    return replace(ask, cap=1)


@fault(
    "large-cap-breaks-streams", at=REPLY, level="must", of=both_of(streamed, _with_large_cap),
    sources=["vllm-project/vllm-ascend#1257"], field=["long-output-cut-when-max-tokens-raised"],
    primary=["STRM-008"], cascades=[*LOST_STREAM, *NO_ANSWER, "STRM-018", "SSE-011"],
)  # fmt: skip
def large_cap_breaks_streams(reply: Reply) -> Reply:
    """With a cap above 16384 a stream just stops in the middle, without a finish reason."""
    return replace(reply, chunks=reply.chunks[: max(1, len(reply.chunks) // 2)])


@fault(
    "max-completion-tokens-refused", at=REQUEST, level="should", of=chat,
    sources=["pydantic/pydantic-ai#6593", "docs: can1357/oh-my-pi, packages/catalog/src/compat/openai.ts"],
    field=["max-completion-tokens-422"],
    primary=["CREQ-019"],
    cascades=["CREQ-021", "ERR-008", "ERR-023", "ERR-024", "ERR-025", "ERR-026", "ERR-027", "ERR-033", "RSN-*",
              "USAGE-*", "CREQ-077", "CREQ-012", "CREQ-049", "CREQ-055", "CREQ-063", "CREQ-067", "CREQ-076"],
    amended="every question to a model that reasons is capped by it, whatever it asks of: CREQ-012, CREQ-049, CREQ-055, CREQ-063, CREQ-067, CREQ-076",
)  # fmt: skip
def max_completion_tokens_refused(request: HttpRequest) -> HttpRequest:
    """`max_completion_tokens` is answered with 422: extra inputs are not permitted."""
    if request.json.get("max_completion_tokens") is not None:
        raise Refusal("Extra inputs are not permitted.", status=422, param="max_completion_tokens")
    return request


@fault(
    "cached-tokens-not-in-the-prompt", at=REPLY, level="may", of=chat,
    sources=["vercel/ai#12485"], field=["cached-exceeds-prompt-tokens"],
    primary=["USAGE-008"],
    cascades=["USAGE-010", "USAGE-011", "USAGE-012", "USAGE-013", "STAT-007", "CREQ-007", "CREQ-005"],
)  # fmt: skip
def cached_tokens_not_in_the_prompt(reply: Reply) -> Reply:
    """What came from the cache is not counted among the tokens of the prompt."""

    def cheaper(held: Json) -> Json:
        usage = held.get("usage")
        hit = usage["prompt_tokens_details"]["cached_tokens"] if usage else 0
        if not usage or not hit:
            return held
        less = {name: usage[name] - hit for name in ("prompt_tokens", "total_tokens")}
        return {**held, "usage": {**usage, **less}}

    return both(reply, cheaper)
