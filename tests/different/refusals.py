"""Differences in what is taken: refused where it may be refused, put up with where it may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from variety import Asked, Json, Refused, variant

Rule = Callable[[Json], str | None]


def given(*names: str) -> Rule:
    """Any of these, unless null."""
    return lambda said: next((name for name in names if said.get(name) is not None), None)


def where(name: str, holds: Callable[[Json], Any]) -> Rule:
    return lambda said: name if holds(said) else None


def first_refused(asked: Asked, path: str, rules: tuple[Rule, ...]) -> Refused | None:
    if asked.about == path and asked.method == "POST":
        for rule in rules:
            if name := rule(asked.said):
                return Refused(400, f"{name} is not supported here.", name, "unsupported_parameter")
    return None


def parts(said: Json) -> Iterator[Json]:
    for message in said.get("messages") or []:
        content = message.get("content") if isinstance(message, dict) else None
        yield from (
            (each for each in content if isinstance(each, dict))
            if isinstance(content, list)
            else ()
        )


def kinds(said: Json) -> set[Any]:
    return {each.get("type") for each in said.get("tools") or [] if isinstance(each, dict)}


def unanswered(said: Json) -> bool:
    """Is there a result that nobody called for, or a call whose result does not follow at once?"""
    open_calls: set[str] = set()
    for message in said.get("messages") or []:
        if message.get("role") == "tool":
            if message.get("tool_call_id") not in open_calls:
                return True
            open_calls.discard(message["tool_call_id"])
        elif open_calls:
            return True
        else:
            open_calls = {each["id"] for each in message.get("tool_calls") or []}
    return bool(open_calls)


def _empty(said: Json) -> bool:
    return any(
        isinstance(each, dict) and each.get("role") == "user" and each.get("content") == ""
        for each in said.get("messages") or []
    )


CHAT: tuple[Rule, ...] = (
    where("n", lambda said: isinstance(said.get("n"), int) and said["n"] > 1),
    where("logprobs", lambda said: said.get("logprobs") is True),
    given("top_logprobs", "seed", "functions", "function_call", "prediction", "web_search_options"),
    given("modalities", "metadata", "store", "moderation", "audio", "verbosity"),
    given("prompt_cache_retention", "prompt_cache_options"),
    where("max_tokens", lambda said: {"max_tokens", "max_completion_tokens"} <= said.keys()),
    where("max_tokens", lambda said: isinstance(said.get("max_tokens"), float)),
    where("stop", lambda said: isinstance(said.get("stop"), list) and len(said["stop"]) > 4),
    where("stream_options", lambda said: said.get("stream_options") and not said.get("stream")),
    where("tools", lambda said: said.get("tools") == []),
    where("tools: type custom", lambda said: kinds(said) - {"function"}),
    where("tool_choice: allowed_tools", lambda said: _choice(said) == "allowed_tools"),
    where("tool_choice: custom", lambda said: _choice(said) == "custom"),
    where(
        "messages: image_url", lambda said: {each.get("type") for each in parts(said)} - {"text"}
    ),
    where("messages: empty content", _empty),
    where("messages: tool_call_id", unanswered),
    where("messages: name", lambda said: any(each.get("name") for each in said["messages"])),
    where(
        "include_obfuscation",
        lambda said: "include_obfuscation" in (said.get("stream_options") or {}),
    ),
    lambda said: next(iter(said.keys() - KNOWN), None),
)
KNOWN = {
    "model", "messages", "max_tokens", "max_completion_tokens", "temperature", "top_p", "n",
    "stop", "stream", "stream_options", "seed", "presence_penalty", "frequency_penalty",
    "logit_bias", "logprobs", "top_logprobs", "response_format", "tools", "tool_choice",
    "parallel_tool_calls", "user", "store", "metadata", "reasoning_effort", "service_tier",
    "modalities", "safety_identifier", "prompt_cache_key", "verbosity", "prediction",
    "web_search_options", "audio", "functions", "function_call", "moderation",
    "prompt_cache_retention", "prompt_cache_options", "thinking", "chat_template_kwargs",
    "enable_thinking",
}  # fmt: skip


def _choice(said: Json) -> Any:
    choice = said.get("tool_choice")
    return choice.get("type") if isinstance(choice, dict) else None


def _sound(said: Json) -> bool:
    """Are the members that every request needs there? What is broken altogether is refused upstream."""
    messages = said.get("messages")
    return (
        isinstance(said.get("model"), str)
        and isinstance(messages, list)
        and all(isinstance(each, dict) for each in messages)
        and isinstance(said.get("tools") or [], list)
    )


@variant(
    "refuse",
    "parameters effects chat tools structured keywords multi-turn multimodal sampling",
    group=3,
)
def refusing(asked: Asked) -> Refused | None:
    """Refused with 400 and by name: several choices (CREQ-035), log probabilities (CREQ-041,
    CREQ-042), `seed` (CREQ-037 only permits it), custom tools (CREQ-054, CREQ-059), allowed tools
    (CREQ-058), `functions` (CREQ-062), no tools at all (CREQ-053), both caps (CREQ-021), a cap that
    is no integer (CREQ-077), more than four stop strings (CREQ-032), stream options without a stream
    (CREQ-065), images (CREQ-007, CREQ-008), empty contents (CREQ-018), results of no call and calls
    without one (CREQ-014, RT-010), names in messages (CREQ-015), what is of OpenAI only (CREQ-066,
    CREQ-068, CREQ-069, CREQ-070, CREQ-072, CREQ-074, CREQ-075), and what nobody knows (TRANS-016);
    as ERR-033 prefers it.
    """
    return first_refused(asked, "/chat/completions", CHAT) if _sound(asked.said) else None


ELSEWHERE: tuple[tuple[str, tuple[Rule, ...]], ...] = (
    (
        "/embeddings",
        (
            given("dimensions"),
            where("input: tokens", lambda said: _tokens(said.get("input"))),
            where(
                "unknown member",
                lambda said: said.keys() - {"model", "input", "encoding_format", "user"},
            ),
        ),
    ),
    (
        "/completions",
        (
            given("suffix", "best_of"),
            where("max_tokens", lambda said: isinstance(said.get("max_tokens"), float)),
        ),
    ),
)


def _tokens(given_input: Any) -> bool:
    return (
        isinstance(given_input, list) and bool(given_input) and not isinstance(given_input[0], str)
    )


@variant("refuse", "embeddings completions", group=3)
def refusing_elsewhere(asked: Asked) -> Refused | None:
    """Refused of embeddings: token ids (EMB-004), a number of dimensions (EMB-008), unknown members
    (EMB-016); of text completions: a suffix (CMPL-009), the best of several (CMPL-010).
    """
    if asked.about == "/embeddings" and asked.said.get("input") in ([], ""):
        return None  # ... which is an error of its own
    return next(
        (no for path, rules in ELSEWHERE if (no := first_refused(asked, path, rules))), None
    )


@variant("refuse", "completions embeddings responses responses-streaming models", group=3)
def fewer_endpoints(asked: Asked) -> Refused | None:
    """No text completions (CMPL-001), no embeddings (EMB-001) and no responses (RESP-001): 404 with a
    standard error.
    """
    if asked.about.startswith(("/completions", "/embeddings", "/responses")):
        return Refused(
            404, f"Unknown request URL: {asked.method} {asked.path}", None, "unknown_url"
        )
    return None


@variant("refuse", "transport", group=2)
def unknown_methods(asked: Asked) -> Refused | None:
    """404 rather than 405 for a method that a path has not (TRANS-021: either)."""
    posted = asked.about in {"/chat/completions", "/completions", "/embeddings"}
    if posted and asked.method not in {"POST", "OPTIONS", "HEAD"}:
        return Refused(
            404, f"Unknown request URL: {asked.method} {asked.path}", None, "unknown_url"
        )
    return None


@variant("request", "parameters effects errors transport embeddings")
def lenient(asked: Asked) -> Asked:
    """Put up with: unknown members (TRANS-016), no tools at all (CREQ-053), stream options without a
    stream (CREQ-065), both caps, of which the newer wins (CREQ-021), caps written as floats
    (CREQ-077), wishes that are without effect here (CREQ-068, CREQ-069, CREQ-070, CREQ-072,
    CREQ-073).
    """
    said = dict(asked.said)
    if not said or asked.about != "/chat/completions":
        return asked
    if said.get("tools") == []:
        said = {name: held for name, held in said.items() if name not in {"tools", "tool_choice"}}
    if not said.get("stream"):
        said.pop("stream_options", None)
    if isinstance(cap := said.get("max_tokens"), float) and cap.is_integer():
        said["max_tokens"] = int(cap)
    if {"max_tokens", "max_completion_tokens"} <= said.keys():
        del said["max_tokens"]
    for name in (
        "verbosity",
        "prediction",
        "store",
        "metadata",
        "prompt_cache_options",
        "service_tier",
    ):
        said.pop(name, None)
    return asked.saying(said)


@variant("request", "multi-turn tools", group=2)
def forgiving_histories(asked: Asked) -> Asked:
    """Results of no call and calls without a result are put up with (CREQ-014: lenient servers accept;
    RT-010: accepted); what cannot be placed is left out.
    """
    said = asked.said
    if asked.about != "/chat/completions" or not _sound(said) or not unanswered(said):
        return asked
    plain = [
        {name: held for name, held in each.items() if name != "tool_calls"}
        | {"content": each.get("content") or ""}
        for each in said["messages"]
        if each.get("role") != "tool"
    ]
    return replace(asked, body=b"").saying({**said, "messages": plain})
