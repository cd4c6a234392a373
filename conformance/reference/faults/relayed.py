"""Gateways and engines that translate calls, choices and results, and do not translate all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Choice, Completion, Reply
from conformance.reference.ask import Ask, Json, Message
from conformance.reference.breaks import NO_ANSWER
from conformance.reference.circumstances import both_of, chat, streamed, whole, with_tools
from conformance.reference.edit import each_choice, each_fragment, each_message, each_said
from conformance.reference.fault import ASK, COMPLETION, REPLY, REQUEST, fault
from conformance.reference.faults.offers import functions
from conformance.reference.faults.streamed_calls import ARGUMENTS, BEFORE, before_the_call, beside
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens
from conformance.reference.refusal import Refusal
from conformance.reference.schema.fits import fits

_STREAMED = both_of(streamed, with_tools)
_INDEXES = (
    *ARGUMENTS,
    "STOOL-*",
    "STRM-025",
    "TOOL-002",
    "TOOL-005",
    "TOOL-012",
    "TOOL-020",
    "TOOL-021",
    "CREQ-061",
)
"""What may fail where clients put fragments together to other calls than were made."""
_HISTORY = (
    "RT-*",
    "CREQ-010",
    "CREQ-011",
    "CREQ-012",
    "CREQ-013",
    "TOOL-003",
    "TOOL-013",
    "TOOL-020",
)
"""What may fail where a conversation with calls is refused."""
_NATIVE = {"stop": "end_turn", "tool_calls": "tool_use", "length": "max_tokens"}


def _past_calls(request: HttpRequest) -> Iterator[dict[str, Any]]:
    """The functions of the calls in the history, where they are objects."""
    for message in request.messages:
        for call in message.get("tool_calls") or ():
            held = call.get("function") if isinstance(call, dict) else None
            if isinstance(held, dict):
                yield held


@fault(
    "indexes-by-function", at=REPLY, level="must", of=_STREAMED,
    sources=["sgl-project/sglang#25073", "sgl-project/sglang#38198"], field=["stream-index-by-function"],
    primary=["STOOL-003"], cascades=_INDEXES,
)  # fmt: skip
def indexes_by_function(reply: Reply) -> Reply:
    """Each function has an index, so that two calls of the same one share theirs."""
    places: dict[str, int] = {}
    mine: dict[int, int] = {}

    def moved(held: Json) -> Json:
        name = held["function"].get("name")
        if name is not None:
            mine[held["index"]] = places.setdefault(name, len(places))
        return {**held, "index": mine.get(held["index"], held["index"])}

    return each_fragment(reply, moved)


@fault(
    "indexes-count-the-text", at=REPLY, level="must", of=with_tools, rate=0.5,
    sources=["agentgateway/agentgateway#2965", "higress-group/higress#3786", "aws-samples/bedrock-access-gateway#247"],
    field=["stream-index-counts-content-blocks"],
    primary=["STOOL-002"], cascades=[*_INDEXES, "CRESP-*", "USAGE-*"],
)  # fmt: skip
def indexes_count_the_text(reply: Reply) -> Reply:
    """Where text is said before calls, it has index 0 in the vendor's count, and the first call index 1."""
    told = each_message(reply, lambda message: beside(message, BEFORE))
    later = before_the_call(told, lambda _call: BEFORE)
    return each_fragment(later, lambda held: {**held, "index": held["index"] + 1})


@fault(
    "arguments-under-a-nameless-index", at=REPLY, level="must", of=_STREAMED, rate=0.5,
    sources=["sgl-project/sglang#23071"], field=["stream-args-in-nameless-entry"],
    primary=["STOOL-004"], cascades=_INDEXES,
)  # fmt: skip
def arguments_under_a_nameless_index(reply: Reply) -> Reply:
    """A call opens under its index, and its arguments come under another that has neither id nor name."""
    opened: set[int] = set()

    def counted(held: Json) -> Json:
        opened.add(held["index"])
        return held

    each_fragment(reply, counted)

    def moved(held: Json) -> Json:
        if "id" in held:
            return held
        function = {**held["function"], "name": None}
        return {**held, "index": held["index"] + len(opened), "id": None, "function": function}

    return each_fragment(reply, moved)


@fault(
    "required-calls-streamed-as-text", at=COMPLETION, level="must",
    of=lambda request: _STREAMED(request) and request.json.get("tool_choice") not in (None, "auto", "none"),
    sources=["sgl-project/sglang-jax#1275"], field=["required-stream-call-as-content"],
    primary=["TOOL-020"],
    cascades=["TOOL-*", "STOOL-*", "CREQ-056", "CREQ-057", "CREQ-058", "CRESP-*", "STRM-*", "RT-*", "SO-*",
              "RSN-*", "USAGE-*", "LOGP-*"],
)  # fmt: skip
def required_calls_streamed_as_text(completion: Completion) -> Completion:
    """Streamed, a call that was demanded comes as the JSON of the grammar that held it, in the content."""

    def said(choice: Choice) -> Choice:
        if not choice.calls:
            return choice
        told = [{"name": each.name, "parameters": each.arguments} for each in choice.calls]
        text = json.dumps(told, ensure_ascii=False)
        finish = "stop" if choice.finish == "tool_calls" else choice.finish
        return replace(choice, text=text, tokens=tokens.split(text), calls=(), finish=finish)

    return each_said(completion, said)


@fault(
    "one-call-unkept-where-required", at=REQUEST, level="should", of=with_tools,
    sources=["vllm-project/vllm#50502"], field=["parallel-false-ignored-with-required"],
    primary=["CREQ-061"],
)  # fmt: skip
def one_call_unkept_where_required(request: HttpRequest) -> HttpRequest:
    """`parallel_tool_calls: false` is passed over where a call is required."""
    if request.json.get("tool_choice") == "required":
        return request.edited(parallel_tool_calls=None)
    return request


@fault(
    "native-finish-reasons", at=REPLY, level="must", of=whole,
    sources=["theopenco/llmgateway#3492"], field=["whole-answers-keep-native-finish"],
    primary=["CRESP-011"],
    cascades=["CRESP-015", "CRESP-016", "CRESP-017", "CRESP-018", "CRESP-031", "TOOL-001", "TOOL-025", "SO-*", "STRM-025",
              "CREQ-*", "RSN-*", "USAGE-*", "TOOL-020", "TOOL-021", "RT-*", "CRESP-029"],
    amended="a refusal that is whole ends with the vendor's word as well: CRESP-029",
)  # fmt: skip
def native_finish_reasons(reply: Reply) -> Reply:
    """Whole answers keep the finish reasons of the vendor behind; those of streams are translated."""

    def native(choice: Json) -> Json:
        reason = choice["finish_reason"]
        return {**choice, "finish_reason": _NATIVE.get(reason, reason)}

    return each_choice(reply, native)


@fault(
    "empty-arguments-of-the-past-fail", at=REQUEST, level="should", of=chat,
    sources=["aws-samples/bedrock-access-gateway#258"], field=["history-empty-arguments-fail"],
    primary=["RT-005"], cascades=[*_HISTORY, "ERR-008"],
)  # fmt: skip
def empty_arguments_of_the_past_fail(request: HttpRequest) -> HttpRequest:
    """A past call whose arguments are an empty text, as some servers write none, is answered with 500."""
    if any(held.get("arguments") == "" for held in _past_calls(request)):
        raise Refusal(
            "Expecting value: line 1 column 1 (char 0)", status=500, kind="server_error", code="internal"
        )  # fmt: skip
    return request


@fault(
    "past-calls-must-fit", at=REQUEST, level="should", of=with_tools,
    sources=["langchain-ai/langchain#32689"], field=["history-arguments-validated"],
    primary=["RT-005"], cascades=[*_HISTORY, "CREQ-003", "CREQ-006"],
    amended="values/what-should-be-taken asks them beside developers and parts of text: CREQ-003, CREQ-006",
)  # fmt: skip
def past_calls_must_fit(request: HttpRequest) -> HttpRequest:
    """A past call whose arguments do not fit the parameters offered now is refused."""
    offered = {held.get("name"): held.get("parameters") for held in functions(request)}
    for held in _past_calls(request):
        parameters = offered.get(held.get("name"))
        try:
            value = json.loads(str(held.get("arguments")))
        except ValueError:
            continue
        if isinstance(parameters, dict) and not fits(parameters, value, parameters):
            raise Refusal("Unexpected param value.", param="messages")
    return request


@fault(
    "results-without-name-refused", at=REQUEST, level="must", of=chat,
    sources=["su-kaka/gcli2api#205"], field=["tool-result-needs-name"],
    primary=["RT-002"], cascades=[*_HISTORY, *NO_ANSWER],
)  # fmt: skip
def results_without_name_refused(request: HttpRequest) -> HttpRequest:
    """A result that does not name the function that gave it is refused, as the vendor behind needs the name."""
    if any(each.get("role") == "tool" and "name" not in each for each in request.messages):
        raise Refusal("function_response.name: Name cannot be empty.", param="messages")
    return request


@fault(
    "results-bound-by-place", at=ASK, level="must", of=chat,
    sources=["JustVugg/colibri#118", "MiaAI-Lab/Qwen3.8-27B-DFlash2-EXL3-5.0bpw#10", "modelscope/ms-swift#10174"],
    field=["results-bound-by-position"],
    primary=["RT-003"], cascades=["RT-004", "RT-011"],
    amended="that results are taken in any order is RT-004; that one counts for another's call is RT-003",
)  # fmt: skip
def results_bound_by_place(ask: Ask) -> Ask:
    """The first result is taken for that of the first call, whichever id it names."""
    waiting: list[str] = []
    kept: list[Message] = []
    for message in ask.messages:
        if message.calls:
            waiting = [call.id for call in message.calls]
        answers = waiting.pop(0) if message.role == "tool" and waiting else message.answers
        kept.append(replace(message, answers=answers))
    return replace(ask, messages=tuple(kept))


@fault(
    "result-parts-as-json", at=REQUEST, level="should", of=chat,
    sources=["InsForge/InsForge#1788"], field=["tool-result-parts-stringified"],
    primary=["RT-008"], cascades=["RT-003", "CREQ-006"],
)  # fmt: skip
def result_parts_as_json(request: HttpRequest) -> HttpRequest:
    """A result in parts reaches the model as the JSON of the parts."""
    told = [
        {**each, "content": json.dumps(each["content"])}
        if isinstance(each, dict) and each.get("role") == "tool" and isinstance(each.get("content"), list)
        else each
        for each in request.json.get("messages") or ()
    ]  # fmt: skip
    return request.edited(messages=told) if told else request
