"""What products do by their own documents: how they name, switch and bound things in words of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.reference.answer import Reply
from conformance.reference.ask import Ask, Json
from conformance.reference.circumstances import (
    both_of,
    chat,
    responding,
    streamed,
    thinking,
    with_tools,
)
from conformance.reference.edit import each_chunk, each_delta, each_fragment, each_message
from conformance.reference.fault import ASK, REPLY, REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal

_NOT_FOUND = 404
_NARROW = frozenset(
    {"model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "n", "seed",
     "temperature", "top_p", "top_k", "min_p", "min_tokens", "stop", "presence_penalty", "frequency_penalty",
     "repetition_penalty", "logit_bias", "logprobs", "top_logprobs", "response_format", "tools",
     "tool_choice", "parallel_tool_calls", "reasoning_effort", "user", "functions", "function_call",
     "add_generation_prompt", "chat_template", "chat_template_kwargs"}
)  # fmt: skip
"""What a server knows that takes requests as its own code lists them."""
_TOLD = ("thinking", "enable_thinking")
"""How `chat_template_kwargs` say whether to think."""


def _by_name(request: HttpRequest) -> bool:
    return isinstance(request.json.get("tool_choice"), dict)


# --- reasoning ------------------------------------------------------------------------------------


@fault(
    "reasoning-called-reasoning", at=REPLY, level="may", of=thinking,
    sources=["vLLM 0.33: entrypoints/openai", "Ollama: OpenAI compatibility"],
    changes=["reasoning/member"],
)  # fmt: skip
def reasoning_called_reasoning(reply: Reply) -> Reply:
    """The reasoning comes in a member called `reasoning`."""

    def renamed(held: Json) -> Json:
        return {
            "reasoning" if key == "reasoning_content" else key: each for key, each in held.items()
        }

    return each_delta(each_message(reply, renamed), renamed)


@fault(
    "thinks-only-when-told", at=REQUEST, level="may", of=thinking,
    sources=["SGLang 0.5.23: srt/entrypoints/openai", "TensorRT-LLM: reasoning parser"],
    changes=["reasoning/default-mode"],
    cascades=["RSN-001", "RSN-004", "RSN-008", "RSN-009", "RSN-014", "RSN-016", "USAGE-007", "CRESP-028"],
)  # fmt: skip
def thinks_only_when_told(request: HttpRequest) -> HttpRequest:
    """The model does not reason unless its template or an effort says so."""
    told: Any = request.json.get("chat_template_kwargs") or {}
    if request.json.get("reasoning_effort") or any(told.get(name) for name in _TOLD):
        return request
    return request.edited(reasoning_effort="none")


@fault(
    "only-the-template-switches", at=REQUEST, level="may", of=thinking,
    sources=["vLLM 0.33: entrypoints/openai", "SGLang 0.5.23: srt/entrypoints/openai"],
    field=["thinking-toggle-dialect-ignored"],
    changes=["reasoning/thinking-disabled", "reasoning/enable-thinking-false"],
    cascades=["RSN-008", "RSN-009", "RSN-011", "RSN-015"],
)  # fmt: skip
def only_the_template_switches(request: HttpRequest) -> HttpRequest:
    """Of the vendors' switches of reasoning `chat_template_kwargs` is known; the others are read by nobody."""
    return request.edited(thinking=None, enable_thinking=None)


@fault(
    "forced-call-refused-when-thinking", at=ASK, level="may", of=both_of(thinking, with_tools),
    sources=["deepseek-ai/DeepSeek-V3#1376"],
    changes=["reasoning/forced-call", "reasoning/named-call"],
    cascades=["CREQ-056", "CREQ-057", "CREQ-058", "ERR-033"],
)  # fmt: skip
def forced_call_refused_when_thinking(ask: Ask) -> Ask:
    """While the model reasons, whoever demands a call is refused."""
    if ask.effort != "none" and ask.rule.mode == "required":
        raise Refusal("Thinking mode does not support this tool_choice", param="tool_choice")
    return ask


# --- requests -------------------------------------------------------------------------------------


@fault(
    "several-choices-refused", at=REQUEST, level="may", of=chat,
    sources=["deepseek-recipe 0.2.0", "Anthropic: OpenAI SDK compatibility"],
    changes=["parameters/several-choices"],
)  # fmt: skip
def several_choices_refused(request: HttpRequest) -> HttpRequest:
    """More than one choice is refused."""
    number = request.json.get("n")
    if isinstance(number, int) and number > 1:
        raise Refusal("Invalid n value (currently only n = 1 is supported)", param="n")
    return request


@fault(
    "extras-of-openai-refused", at=REQUEST, level="should", of=chat,
    sources=["TensorRT-LLM: serve/openai_protocol.py"],
    primary=["CREQ-071", "CREQ-073"],
    cascades=["CREQ-070", "CREQ-072", "CREQ-074", "CREQ-075", "CREQ-066", "CREQ-068", "CREQ-069", "CREQ-079",
              "TRANS-016", "RSN-008", "RSN-009", "RSN-011", "RSN-015", "ERR-033"],
    amended="what vendors add is refused as well, their switches of reasoning among it: RSN-008, RSN-009, "
    "RSN-011, RSN-015; and values that are wrong are refused by the first name that is unknown: ERR-033",
)  # fmt: skip
def extras_of_openai_refused(request: HttpRequest) -> HttpRequest:
    """What is beside the generation itself (tiers, storing, keys of a cache, others' extensions) is refused."""
    for name in request.json:
        if name not in _NARROW:
            raise Refusal(f"Extra inputs are not permitted: {name}", param=name)
    return request


# --- answers --------------------------------------------------------------------------------------


@fault(
    "usage-left-out-of-chunks", at=REPLY, level="should", of=streamed,
    sources=["vLLM 0.33: entrypoints/openai", "TensorRT-LLM: serve/openai_protocol.py"],
    primary=["STRM-018"],
)  # fmt: skip
def usage_left_out_of_chunks(reply: Reply) -> Reply:
    """Chunks without counts leave `usage` out, where it should be null."""

    def plain(chunk: Json) -> Json:
        return {key: held for key, held in chunk.items() if key != "usage" or held is not None}

    return each_chunk(reply, plain)


@fault(
    "forced-name-in-every-fragment", at=REPLY, level="must", of=both_of(streamed, _by_name),
    sources=["TensorRT-LLM: serve/postprocess_handlers.py"],
    primary=["STOOL-005"], cascades=["STOOL-007", "STOOL-009", "TOOL-005", "TOOL-021", "STRM-025"],
    amended="the names run together, so that the message is another than in one piece: STRM-025",
)  # fmt: skip
def forced_name_in_every_fragment(reply: Reply) -> Reply:
    """Each fragment of a streamed call that was demanded by name repeats that name."""
    names: dict[int, str] = {}

    def named(fragment: Json) -> Json:
        function = fragment["function"]
        name = names.setdefault(fragment["index"], function.get("name", ""))
        return {**fragment, "function": {**function, "name": name}}

    return each_fragment(reply, named)


@fault(
    "unknown-model-400", at=REPLY, level="must", of=chat, sources=["deepseek-recipe 0.2.0"],
    primary=["ERR-011"], cascades=["CREQ-001", "ERR-032"],
)  # fmt: skip
def unknown_model_400(reply: Reply) -> Reply:
    """A model that is not there is refused with 400."""
    return replace(reply, status=400) if reply.status == _NOT_FOUND else reply


def _not_found(_reply: Reply) -> Reply:
    return Reply(status=_NOT_FOUND, document={"detail": "Not Found"})


@fault(
    "one-model-unknown", at=REPLY, level="should", of=lambda request: "/models/" in request.path,
    sources=["recorded answers of vLLM 0.32.0"],
    primary=["MODELS-009"], cascades=["MODELS-008", "MODELS-010", "MODELS-011", "ERR-001", "ERR-006", "ERR-011"],
)  # fmt: skip
def one_model_unknown(reply: Reply) -> Reply:
    """Models are listed, and not one of them can be asked for: there is no such path."""
    return _not_found(reply)


@fault(
    "no-responses", at=REPLY, level="may", of=responding,
    sources=["recorded answers of vllm-ascend's proxy"],
    primary=["RESP-001"], cascades=["*"],
)  # fmt: skip
def no_responses(reply: Reply) -> Reply:
    """The endpoint is not there, and `{"detail": ...}` says so."""
    return _not_found(reply)
