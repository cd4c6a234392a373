"""Tool calls that go wrong: which, how they are written, how they are streamed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Choice, Completion, Reply
from conformance.reference.ask import Ask, Json, ToolRule
from conformance.reference.edit import each_chunk, each_fragment, each_message, each_said, without
from conformance.reference.fault import ASK, COMPLETION, REPLY, REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens
from conformance.reference.refusal import Refusal

_NO_CALL = (
    "TOOL-001", "TOOL-012", "TOOL-015", "TOOL-020", "TOOL-021", "TOOL-022", "CREQ-056", "CREQ-057",
    "CREQ-058", "CREQ-061", "CRESP-017", "RT-001", "RT-011", "ERR-033",
)  # fmt: skip
"""What cannot hold where a tool that had to be called is not."""
_MOST_TOOLS = 64
_BROKEN_ARGUMENTS = (
    "TOOL-007",
    "TOOL-008",
    "TOOL-009",
    "TOOL-010",
    "TOOL-024",
    "CRESP-031",
    "RT-001",
)


@fault(
    "tool-index-missing", at=REPLY, level="must", sources=["ollama/ollama#7881"],
    field=["stream-toolcall-index-missing"],
    primary=["STOOL-001"],
    cascades=["STOOL-002", "STOOL-003", "STOOL-004", "STRM-023", "STRM-025"],
)  # fmt: skip
def tool_index_missing(reply: Reply) -> Reply:
    """Fragments of tool calls have no index."""
    return each_fragment(reply, lambda fragment: without(fragment, "index"))


@fault(
    "tool-index-always-zero", at=REPLY, level="must",
    sources=["sgl-project/sglang#6310", "InternLM/lmdeploy#3412"],
    field=["stream-toolcall-index-always-zero"],
    primary=["STOOL-003"],
    cascades=["STOOL-002", "STOOL-005", "STOOL-007", "STOOL-010", "STRM-025", "TOOL-002",
              "TOOL-005", "TOOL-012", *_BROKEN_ARGUMENTS],
)  # fmt: skip
def tool_index_always_zero(reply: Reply) -> Reply:
    """Several calls share index 0, and the SDK merges them into one."""
    return each_fragment(reply, lambda fragment: {**fragment, "index": 0})


@fault(
    "tool-index-from-one", at=REPLY, level="must",
    sources=["contract appendix A: tool_call index starts at 1"],
    primary=["STOOL-002"], cascades=["STRM-025"],
)  # fmt: skip
def tool_index_from_one(reply: Reply) -> Reply:
    """Indexes of tool calls start at 1."""
    return each_fragment(reply, lambda fragment: {**fragment, "index": fragment["index"] + 1})


@fault(
    "tool-id-repeated", at=REPLY, level="must",
    sources=["contract appendix A: tool_call id repeated in later deltas"],
    primary=["STOOL-005"], cascades=["STRM-025", "STOOL-004", "STOOL-003"],
)  # fmt: skip
def tool_id_repeated(reply: Reply) -> Reply:
    """Every fragment carries id, type and name again, which the SDK concatenates."""
    seen: dict[int, Json] = {}

    def again(fragment: Json) -> Json:
        first = seen.setdefault(fragment["index"], fragment)
        function = {"name": first["function"]["name"], **fragment["function"]}
        return {**fragment, "id": first["id"], "type": "function", "function": function}

    return each_fragment(reply, again)


@fault(
    "tool-type-missing", at=REPLY, level="must",
    sources=["contract appendix A: tool_call type missing"],
    field=["stream-toolcall-type-missing"],
    primary=["TOOL-004", "STOOL-004"], cascades=["STOOL-009", "STRM-025"],
)  # fmt: skip
def tool_type_missing(reply: Reply) -> Reply:
    """Tool calls have no `type`."""

    def untyped(message: Json) -> Json:
        if "tool_calls" not in message:
            return message
        return {**message, "tool_calls": [without(call, "type") for call in message["tool_calls"]]}

    return each_fragment(each_message(reply, untyped), lambda fragment: without(fragment, "type"))


@fault(
    "arguments-as-object", at=REPLY, level="must",
    sources=["huggingface/text-generation-inference#3036", "llama-cpp-python", "Ollama native"],
    field=["tool-arguments-as-object"],
    primary=["TOOL-006"], cascades=["RT-004", "RT-011", "RT-013", "RT-002", "RT-005", *_BROKEN_ARGUMENTS, "CRESP-025", "STAT-003"],
    amended="the call sent back as received holds an object, which is refused: RT-002, RT-005; the share of calls that fit is STAT-003; so are several results, chains, and calls of a model that thinks: RT-004, RT-011, RT-013",
)  # fmt: skip
def arguments_as_object(reply: Reply) -> Reply:
    """`function.arguments` is a JSON object in place of a string (not streamed)."""

    def parsed(call: Json) -> Json:
        function = call["function"]
        return {**call, "function": {**function, "arguments": _parsed(function["arguments"])}}

    def in_message(message: Json) -> Json:
        if "tool_calls" not in message:
            return message
        return {**message, "tool_calls": [parsed(call) for call in message["tool_calls"]]}

    return each_message(reply, in_message)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return {}


@fault(
    "streamed-arguments-lose-last-brace", at=REPLY, level="must",
    sources=["can1357/oh-my-pi#13868", "vLLM tool parsers that drop the last delta"],
    primary=["STOOL-007"],
    cascades=[*_BROKEN_ARGUMENTS, "STOOL-014", "STRM-025", "SO-010"],
    amended="keywords of a schema are not seen to hold in arguments that are none: SO-010",
)  # fmt: skip
def streamed_arguments_lose_last_brace(reply: Reply) -> Reply:
    """The last fragment of each call's arguments never comes when streamed."""
    last: dict[tuple[int, int], int] = {}
    for place, chunk in enumerate(reply.chunks):
        for choice in chunk["choices"]:
            for fragment in choice["delta"].get("tool_calls", ()):
                if fragment["function"]["arguments"]:
                    last[choice["index"], fragment["index"]] = place
    lost = set(last.values())
    kept = (chunk for place, chunk in enumerate(reply.chunks) if place not in lost)
    return replace(reply, chunks=tuple(kept))


@fault(
    "forced-tool-choice-ignored", at=ASK, level="must",
    sources=["Ollama: OpenAI compatibility (tool_choice unsupported)", "LM Studio"],
    field=["tool-choice-not-supported-ignored"],
    primary=["TOOL-020"], cascades=_NO_CALL,
)  # fmt: skip
def forced_tool_choice_ignored(ask: Ask) -> Ask:
    """`tool_choice` required, named or allowed_tools is taken for `auto`."""
    if ask.rule.mode != "required":
        return ask
    return replace(ask, rule=ToolRule(mode="auto", names=tuple(tool.name for tool in ask.tools)))


@fault(
    "tool-choice-none-ignored", at=ASK, level="must",
    sources=["Ollama: OpenAI compatibility (tool_choice unsupported)"],
    field=["tool-choice-not-supported-ignored"],
    primary=["TOOL-013"], cascades=["CREQ-055", "ERR-033"],
)  # fmt: skip
def tool_choice_none_ignored(ask: Ask) -> Ask:
    """`tool_choice: none` is taken for `auto`."""
    if ask.rule.mode != "none":
        return ask
    return replace(ask, rule=ToolRule(mode="auto", names=tuple(tool.name for tool in ask.tools)))


@fault(
    "parallel-tool-calls-false-ignored", at=ASK, level="should",
    sources=["vllm-project/vllm#9451", "vllm-project/vllm#26233"],
    field=["parallel-tool-calls-false-ignored"],
    primary=["CREQ-061"], cascades=["ERR-033"],
)  # fmt: skip
def parallel_tool_calls_false_ignored(ask: Ask) -> Ask:
    """`parallel_tool_calls: false` is accepted, and several calls come all the same."""
    return replace(ask, parallel=True)


@fault(
    "only-the-first-call", at=COMPLETION, level="should",
    sources=["llama.cpp server: parallel_tool_calls is off unless asked for", "proxies"],
    primary=["TOOL-012"],
)  # fmt: skip
def only_the_first_call(completion: Completion) -> Completion:
    """Of several calls in one answer the first is kept."""
    return each_said(completion, lambda choice: replace(choice, calls=choice.calls[:1]))


@fault(
    "many-tools-rejected", at=REQUEST, level="should", sources=["providers that take fewer tools"],
    primary=["TOOL-027"],
)  # fmt: skip
def many_tools_rejected(request: HttpRequest) -> HttpRequest:
    """More than 64 tools are refused."""
    listed = request.json.get("tools")
    if isinstance(listed, list) and len(listed) > _MOST_TOOLS:
        raise Refusal("Too many functions.", code="invalid_value", param="tools")
    return request


@fault(
    "tool-markup-in-content", at=COMPLETION, level="should",
    sources=["freelensapp/freelens-ai-extension#127", "vllm-project/vllm-ascend#10182"],
    field=["npu-feature-subset"],
    primary=["CRESP-026"],
    cascades=["SO-019", *_NO_CALL, "STOOL-007", "STOOL-015", "TOOL-013", "TOOL-014", "RSN-018"],
    amended="beside a schema, markup is neither a tool call nor an answer that fits: SO-019; of a call that is forced and never comes the arguments do not come whole: STOOL-007",
)  # fmt: skip
def tool_markup_in_content(completion: Completion) -> Completion:
    """Tool calls come as raw markup in the text, with `finish_reason: stop`; the cap cuts it like any text."""
    cap = completion.ask.cap

    def raw(choice: Choice) -> Choice:
        if not choice.calls:
            return choice
        blocks = (
            f'<tool_call>\n{{"name": "{call.name}", "arguments": {call.arguments}}}\n</tool_call>'
            for call in choice.calls
        )
        pieces = tokens.split("\n".join(blocks))
        kept = pieces if cap is None else pieces[:cap]
        finish = "stop" if choice.finish != "length" and len(kept) == len(pieces) else "length"
        text = "".join(kept)
        return replace(
            choice,
            text=text,
            tokens=kept,
            calls=(),
            finish=finish,
            spent=len(choice.thought) + len(kept),
        )

    return each_said(completion, raw)


@fault(
    "finish-stop-with-tool-calls", at=COMPLETION, level="must",
    sources=["Gemini compatibility layer: finish stop on tool calls", "several proxies"],
    field=["finish-reason-stop-with-required-tools"],
    primary=["CRESP-017"], cascades=["STOOL-012", "TOOL-001", "CRESP-018"],
)  # fmt: skip
def finish_stop_with_tool_calls(completion: Completion) -> Completion:
    """Tool calls come with `finish_reason: stop`."""

    def stopped(choice: Choice) -> Choice:
        return replace(choice, finish="stop") if choice.finish == "tool_calls" else choice

    return each_said(completion, stopped)


@fault(
    "empty-tool-calls-list", at=REPLY, level="should",
    sources=["MindIE, vLLM: tool_calls is always an array"],
    field=["chat-nonstream-tool-calls-always-array"],
    primary=["CRESP-014"],
)  # fmt: skip
def empty_tool_calls_list(reply: Reply) -> Reply:
    """Messages without a tool call carry `tool_calls: []`."""
    return each_message(reply, lambda message: {"tool_calls": [], **message})


@fault(
    "empty-tool-calls-in-deltas", at=REPLY, level="should",
    sources=["contract appendix A: tool_calls [] in each delta", "spring-projects/spring-ai#6441"],
    field=["stream-tool-calls-empty-array"],
    primary=["STOOL-013"],
)  # fmt: skip
def empty_tool_calls_in_deltas(reply: Reply) -> Reply:
    """Deltas of text carry `tool_calls: []`."""

    def listed(choice: Json) -> Json:
        delta = choice["delta"]
        return {**choice, "delta": {**delta, "tool_calls": []}} if delta.get("content") else choice

    return each_chunk(reply, lambda chunk: {**chunk, "choices": [*map(listed, chunk["choices"])]})
