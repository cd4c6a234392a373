"""One value that is not what it must be: whole completions, usage, log probabilities, errors, models."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from conformance.reference.answer import Choice, Completion, Reply, Response
from conformance.reference.ask import Json
from conformance.reference.breaks import NO_ANSWER
from conformance.reference.circumstances import chat, whole
from conformance.reference.edit import (
    both,
    each_choice,
    each_said,
    error,
    is_model_list,
    without,
)
from conformance.reference.edit import whole as completion
from conformance.reference.fault import COMPLETION, REQUEST, RESPONSE
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal
from conformance.reference.turned import (
    having,
    in_call,
    in_message,
    turned,
)

_turned = partial(turned, area=__name__)
_TOOLS = ("TOOL-*", "RT-*", "CREQ-013", "CREQ-056", "CREQ-057", "CREQ-058", "CRESP-031", "SO-019")
"""What may fail where a call cannot be used, or sent back."""


def _top(**members: Any) -> Any:
    return lambda reply: completion(reply, having(**members))


def _usage(**members: Any) -> Any:
    """Members of the usage, of whole completions and of chunks alike."""

    def edited(held: Json) -> Json:
        return {**held, "usage": {**held["usage"], **members}} if held.get("usage") else held

    return lambda reply: both(reply, edited)


def _details(of: str, **members: Any) -> Any:
    def edited(held: Json) -> Json:
        usage = held.get("usage")
        return {**held, "usage": {**usage, of: {**usage.get(of, {}), **members}}} if usage else held

    return lambda reply: both(reply, edited)


def _prompt_of_nine(reply: Reply) -> Reply:
    def edited(held: Json) -> Json:
        usage = held.get("usage")
        if not usage:
            return held
        total = 9 + usage["completion_tokens"]
        return {**held, "usage": {**usage, "prompt_tokens": 9, "total_tokens": total}}

    return both(reply, edited)


def _models(**members: Any) -> Any:
    """Members of each model of the list."""

    def edited(reply: Reply) -> Reply:
        held = reply.document
        if not isinstance(held, dict) or not is_model_list(held):
            return reply
        data = [{**each, **members} for each in held["data"]]
        return replace(reply, document={**held, "data": data})

    return edited


def _list(**members: Any) -> Any:
    def edited(reply: Reply) -> Reply:
        held = reply.document
        is_list = is_model_list(held)
        return replace(reply, document={**held, **members}) if is_list and held else reply  # type: ignore[dict-item]  # it is a dict

    return edited


def _one_model(reply: Reply) -> Reply:
    held = reply.document
    is_model = isinstance(held, dict) and held.get("object") == "model"
    return replace(reply, document={"id": "another", "object": "model"}) if is_model else reply


def _function(**members: Any) -> Any:
    return in_call(lambda call: {**call, "function": {**call["function"], **members}})


def _beside_calls(message: Json) -> Json:
    return {**message, "content": ["", ""]} if message.get("tool_calls") else message


def _cut_by_nothing(one: Completion) -> Completion:
    def early(choice: Choice) -> Choice:
        return replace(choice, spent=1) if choice.finish == "length" else choice

    return each_said(one, early)


def _finish(wanted: str, *, calls: bool) -> Any:
    def ended(choice: Choice) -> Choice:
        return (
            replace(choice, finish=wanted)
            if bool(choice.calls) is calls and choice.finish != "length"
            else choice
        )

    return lambda one: each_said(one, ended)


def _empty_arguments(one: Completion) -> Completion:
    def emptied(choice: Choice) -> Choice:
        return replace(choice, calls=tuple(replace(call, arguments="{}") for call in choice.calls))

    return each_said(one, emptied)


def _nothing_for_nothing(one: Completion) -> Completion:
    def silent(choice: Choice) -> Choice:
        calls = (
            replace(call, arguments="" if call.arguments == "{}" else call.arguments)
            for call in choice.calls
        )
        return replace(choice, calls=tuple(calls))

    return each_said(one, silent)


def _thinking(text: str, *, leaked: bool = False) -> Any:
    """Reasoning beside the content, which may stand in the content as well."""

    def thought(message: Json) -> Json:
        content = message["content"]
        said = f"{text}\n{content}" if leaked and isinstance(content, str) else content
        return {**message, "reasoning_content": text, "content": said}

    return in_message(thought)


def _moved(reply: Reply) -> Reply:
    return replace(
        reply, status=307, headers=(*reply.headers, ("Location", "/v2/chat/completions"))
    )


def _echoed(request: HttpRequest) -> HttpRequest:
    if "/models/" in request.path:
        raise Refusal(
            f"Not found, {request.headers.get('authorization', '')}.",
            status=404,
            code="model_not_found",
            param="model",
        )
    return request


def _limits(response: Response) -> Response:
    return replace(response, headers=response.with_header("x-ratelimit-limit-requests", "plenty"))


_THOUGHT = "The user wants me to think about this for a while before I say anything."
_ERRORS = (
    "ERR-*",
    "AUTH-*",
    "MODELS-011",
    "MODELS-012",
    "TRANS-018",
    "TRANS-021",
    "TRANS-022",
    "TRANS-023",
)

# fmt: off
# --- completions ---------------------------------------------------------------------------------
_turned("id-empty", "CRESP-001", "The id of a completion is empty.", _top(id=""),
        field=["whole-id-empty"])
_turned("id-of-another-kind", "CRESP-002", "Ids of completions begin with `cmpl-`.",
        lambda reply: completion(reply, lambda held: {**held, "id": held["id"].replace("chatcmpl", "cmpl")}),
        level="should")
_turned("model-missing", "CRESP-005", "A completion does not say which model wrote it.",
        lambda reply: completion(reply, lambda held: without(held, "model")))
_turned("choices-empty", "CRESP-006", "A completion has no choices.", _top(choices=[]), of=whole, rate=0.3,
        cascades=[*NO_ANSWER, "ERR-007"])
_turned("choices-from-one", "CRESP-007", "Choices are numbered from 1.",
        lambda reply: each_choice(reply, lambda held: {**held, "index": held["index"] + 1}), cascades=["CREQ-035"])
_turned("role-model", "CRESP-008", "The role of an answer is `model`.", in_message(having(role="model")),
        cascades=["RT-*", "CREQ-011"])
_turned("logprobs-key-missing", "CRESP-012", "A choice has no `logprobs`.",
        lambda reply: each_choice(reply, lambda held: held if held["logprobs"] else without(held, "logprobs")),
        level="should")
_turned("fingerprint-number", "CRESP-021", "`system_fingerprint` is a number.", _top(system_fingerprint=7),
        level="may", cascades=["CRESP-025"])
_turned("service-tier-number", "CRESP-022", "`service_tier` is a number.", _top(service_tier=7), level="may",
        cascades=["CRESP-025"])
_turned("annotations-object", "CRESP-023", "`annotations` is an object.", in_message(having(annotations={})),
        level="may", cascades=["CRESP-025", "RT-*", "CREQ-011", "CREQ-012"])
_turned("audio-text", "CRESP-024", "`audio` is a text.", in_message(having(audio="none")), level="may",
        cascades=["CRESP-025", "RT-*", "CREQ-011", "CREQ-012"])
_turned("extension-takes-finish", "CRESP-011", "`finish_reason` is an object with more to say.",
        lambda reply: each_choice(reply, lambda held: {**held, "finish_reason": {"type": held["finish_reason"]}}),
        of=whole, rate=0.3,
        cascades=["CRESP-025", "CRESP-015", "CRESP-016", "CRESP-017", "CRESP-018", "CRESP-031", "CREQ-*", "TOOL-*", "SO-*", "RT-*", "CRESP-029"],
        amended="told as a finish reason that is none of the five, not as a member of another type: CRESP-011; a refusal ends with another reason as well: CRESP-029")
_turned("logprobs-list", "CRESP-025", "`logprobs` is an empty list where none were asked for.",
        lambda reply: each_choice(reply, lambda held: {**held, "logprobs": held["logprobs"] or []}),
        cascades=["LOGP-011", "CRESP-012"])
_turned("reasoning-number", "CRESP-028", "`reasoning_content` is a number.", in_message(having(reasoning_content=1)),
        level="should", cascades=["CRESP-025", "RT-*", "CREQ-011", "CREQ-012", "RSN-003"],
        amended="beside a stream a number tells no reasoning: RSN-003")
_turned("reasoning-in-content", "RSN-002", "The reasoning stands in the content as well.",
        _thinking(_THOUGHT, leaked=True),
        cascades=["RSN-*", "SO-*", "CREQ-*", "CRESP-*", "RT-*", "LOGP-008", "USAGE-*", "TRANS-*", "STAT-004"],
        amended="it is there however it is switched: RSN-*; that every answer is JSON is STAT-004")
_turned("reasoning-uncounted", "RSN-004", "There is reasoning, and no reasoning tokens.", _thinking(_THOUGHT),
        level="should", field=["reasoning-tokens-zero-or-missing"], cascades=["RSN-*", "RT-*", "CREQ-011", "CREQ-012"],
        amended="it is there however it is switched: RSN-*")
_turned("reasoning-before-json", "SO-020", "Reasoning stands in front of the JSON.",
        _thinking("Let me see.", leaked=True), level="should",
        cascades=["RSN-*", "SO-*", "CREQ-*", "CRESP-*", "RT-*", "LOGP-008", "TRANS-*", "USAGE-*", "STAT-004"],
        amended="it is there however it is switched: RSN-*; that every answer is JSON is STAT-004")

# --- usage ---------------------------------------------------------------------------------------
_turned("prompt-always-nine", "USAGE-010", "Every prompt is said to have nine tokens.", _prompt_of_nine, level="should",
        cascades=["USAGE-008", "CREQ-016"], amended="more than nine tokens of a prompt may be cached: USAGE-008; whether a message is read is seen in its tokens: CREQ-016")
_turned("costs-nothing", "USAGE-003", "An answer costs no tokens.",
        lambda reply: both(reply, lambda held: ({**held, "usage": {**held["usage"], "completion_tokens": 0, "total_tokens": held["usage"]["prompt_tokens"]}} if held.get("usage") else held)),
        cascades=["USAGE-*", "CREQ-019", "CREQ-020"])
_turned("details-in-text", "USAGE-006", "Details of the completion are texts.",
        _details("completion_tokens_details", accepted_prediction_tokens="0"), level="may", cascades=["CRESP-025"])
_turned("more-reasoning-than-tokens", "USAGE-007", "There are more reasoning tokens than tokens.",
        _details("completion_tokens_details", reasoning_tokens=10**6), level="should", field=["reasoning-tokens-exceed-completion"], cascades=["USAGE-006", "LOGP-009", "RSN-*"],
        amended="reasoning is taken off before tokens are compared: LOGP-009; tokens show it where it is switched off: RSN-*")
_turned("more-cached-than-asked", "USAGE-008", "More of the prompt was cached than it has.",
        _details("prompt_tokens_details", cached_tokens=10**6), level="may")
_turned("length-before-the-cap", "USAGE-005", "An answer is said to be cut by a cap that it is far from.",
        _cut_by_nothing, level="should", at=COMPLETION, cascades=["CREQ-019", "CREQ-020", "USAGE-*"])

# --- tool calls ----------------------------------------------------------------------------------
_turned("call-id-empty", "TOOL-002", "The id of a call is empty.", in_call(having(id="")), cascades=_TOOLS)
_turned("call-ids-equal", "TOOL-002", "All calls have the same id.", in_call(having(id="call_1")), cascades=_TOOLS)
_turned("call-of-another-name", "TOOL-005", "The name of the function has a prefix.",
        in_call(lambda call: {**call, "function": {**call["function"], "name": f"functions.{call['function']['name']}"}}),
        cascades=[*_TOOLS, "STAT-003"], amended="the share of calls that fit is STAT-003")
_turned("tool-calls-without-calls", "TOOL-001", "Answers without a call end with `tool_calls`.",
        _finish("tool_calls", calls=False), at=COMPLETION, field=["finish-tool-calls-without-call"],
        cascades=["CRESP-*", "CREQ-*", "STOOL-012", "TOOL-*", "RT-*", "SO-*", "STRM-025", "STRM-029"],
        amended="a refusal ends with another reason as well: STRM-029")
_turned("list-beside-calls", "TOOL-011", "The content beside calls is a list.", in_message(_beside_calls),
        level="should", cascades=["CRESP-009", "CRESP-025", "CRESP-031", "RT-*", "CREQ-011", "CREQ-013"])
_turned("nothing-for-no-arguments", "TOOL-008", "A function without parameters is called with nothing.",
        _nothing_for_nothing, level="should", at=COMPLETION, cascades=["STOOL-014", "STOOL-007", "TOOL-007", "RT-*", "TOOL-009", "TOOL-010"],
        amended="nothing is no object that fits, where all that a function takes is optional: TOOL-009; in strict tools neither: TOOL-010")
_turned("arguments-emptied", "TOOL-010 TOOL-009", "Every function is called without arguments.", _empty_arguments,
        at=COMPLETION, cascades=["STOOL-007", "SO-010", *_TOOLS, "TOOL-007", "STAT-003"], amended="the share of calls that fit is STAT-003; what is empty is no call in a stream either, and keeps to no schema: STOOL-007, SO-010")
_turned("calls-end-as-functions", "CRESP-018", "Calls end with `function_call`.", _finish("function_call", calls=True),
        level="may", at=COMPLETION, cascades=["CRESP-017", "CRESP-031", "TOOL-*", "STOOL-012", "RT-*"])
_turned("calls-become-custom", "TOOL-023", "Functions are called as if they were custom tools, with a number for input.",
        in_call(lambda call: {"id": call["id"], "type": "custom", "custom": {"name": call["function"]["name"], "input": 7}}),
        level="may", cascades=[*_TOOLS, "CREQ-*", "CRESP-025", "STAT-003"], amended="the share of calls that fit is STAT-003")

# --- errors, heads, models -----------------------------------------------------------------------
_turned("error-without-words", "ERR-002", "`error.message` is empty.",
        lambda reply: error(reply, lambda inner: {"error": {**inner, "message": ""}}), cascades=[*_ERRORS, "CREQ-007", "CREQ-054", "SO-013", "RESP-026"],
        amended="a refusal has to name its reason: CREQ-007, CREQ-054, SO-013, RESP-026")
_turned("error-type-null", "ERR-003", "`error.type` is null.",
        lambda reply: error(reply, lambda inner: {"error": {**inner, "type": None}}), cascades=[*_ERRORS, "SO-013", "RESP-026"],
        amended="a refusal has to name its reason: SO-013, RESP-026")
_turned("key-echoed", "AUTH-007", "An error repeats the key.", _echoed, at=REQUEST,
        cascades=["MODELS-009", "MODELS-010", "MODELS-011", "MODELS-012"])
_turned("moved", "TRANS-015", "A POST is redirected.", _moved, of=chat, rate=0.2,
        cascades=[*NO_ANSWER, *_ERRORS, "TRANS-002", "TRANS-007", "SSE-018", "STRM-*", "STOOL-007", "CREQ-*"],
        amended="what is redirected is not reached with one slash, either: TRANS-002; nor does a streamed call come: STOOL-007")
_turned("limits-in-words", "TRANS-014", "A rate limit is told in words.", _limits, level="should", at=RESPONSE)
_turned("model-id-empty", "MODELS-002", "The id of a model is empty.", _models(id=""),
        cascades=["MODELS-008", "MODELS-009", "MODELS-013"])
_turned("model-object-wrong", "MODELS-003", "`object` of a model is `engine`.", _models(object="engine"),
        cascades=["MODELS-009"])
_turned("model-owner-missing", "MODELS-005", "`owned_by` of a model is null.", _models(owned_by=None), level="should",
        cascades=["MODELS-009", "MODELS-006"],
        amended="a model has more members here, and null is no text: MODELS-006")
_turned("model-ids-equal", "MODELS-013", "Two models have the same id.", _models(id="reference-1"), level="should")
_turned("models-in-pages", "MODELS-007", "The list of models has a second page.", _list(has_more=True))
_turned("another-model-told", "MODELS-009", "GET /models/{id} gives another model.", _one_model, level="should",
        cascades=["MODELS-003", "MODELS-004", "MODELS-005"])
