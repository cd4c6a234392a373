"""Requests that are answered with a crash, a success, or another's status, where 400 or 404 was due."""

from __future__ import annotations

import re
from dataclasses import replace

from conformance.reference.answer import Reply, Response
from conformance.reference.breaks import NO_ANSWER
from conformance.reference.circumstances import chat, streamed, struck
from conformance.reference.fault import REPLY, REQUEST, RESPONSE, SCRIPT, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal, crash
from conformance.reference.script import HangUp, Script, Send

_WITH_CALLS = (
    "RT-*",
    "CREQ-009",
    "CREQ-010",
    "CREQ-011",
    "CREQ-012",
    "CREQ-013",
    "TOOL-*",
    "RSN-*",
)
"""What may fail where a conversation with calls is not served."""
_REFUSED = 400
_LENGTH = re.compile(rb"(?i)content-length: (\d+)")
_NOT_THERE = frozenset({"unknown_url", "method_not_allowed"})


@fault(
    "text-beside-past-calls-crashes", at=REQUEST, level="should", of=chat,
    sources=["vllm-project/vllm#16774"], field=["text-beside-calls-in-history-500"],
    primary=["RT-005"], cascades=[*_WITH_CALLS, "ERR-008"],
    amended="where such a history stands beside other parameters, its refusal has to be a 400 as well: ERR-008",
)  # fmt: skip
def text_beside_past_calls_crashes(request: HttpRequest) -> HttpRequest:
    """A message of the assistant with both a text and calls is answered with 500."""
    if any(each.get("content") and each.get("tool_calls") for each in request.messages):
        raise crash()
    return request


@fault(
    "results-of-no-role", at=REQUEST, level="must", of=chat,
    sources=["NVIDIA/NeMo-Agent-Toolkit#2068"], field=["tool-role-rejected"],
    primary=["CREQ-013"], cascades=[*_WITH_CALLS, "CREQ-006", "CREQ-014", "CREQ-015", "ERR-*"],
    amended="results that answer nothing, and those with a name, are of that role as well: CREQ-014, CREQ-015",
)  # fmt: skip
def results_of_no_role(request: HttpRequest) -> HttpRequest:
    """Messages of role `tool` are refused with 422: there is no such role."""
    if any(each.get("role") == "tool" for each in request.messages):
        raise Refusal(
            "Input should be 'user', 'assistant' or 'system'", status=422, param="messages"
        )
    return request


@fault(
    "malformed-choice-crashes", at=REQUEST, level="must", of=chat,
    sources=["vllm-project/vllm#10567", "JustVugg/colibri#1598"], field=["tool-choice-malformed-500"],
    primary=["ERR-008"], cascades=["ERR-*", "CREQ-057", "CREQ-058", "CREQ-059", "TRANS-016"],
)  # fmt: skip
def malformed_choice_crashes(request: HttpRequest) -> HttpRequest:
    """A `tool_choice` that is an object of no form is answered with 500."""
    choice = request.json.get("tool_choice")
    if isinstance(choice, dict) and not isinstance(choice.get(str(choice.get("type"))), dict):
        raise crash()
    return request


@fault(
    "unknown-choice-crashes", at=REQUEST, level="should", of=chat,
    sources=["sgl-project/sglang#28862"], field=["named-choice-unknown-500"],
    primary=["CREQ-057"], cascades=["ERR-*"],
)  # fmt: skip
def unknown_choice_crashes(request: HttpRequest) -> HttpRequest:
    """A `tool_choice` that names a function which was not offered is answered with 500."""
    choice = request.json.get("tool_choice")
    named = choice.get("function") if isinstance(choice, dict) else None
    if not isinstance(named, dict):
        return request
    tools = request.json.get("tools")
    listed = tools if isinstance(tools, list) else []
    offered = [each.get("function") for each in listed if isinstance(each, dict)]
    if named.get("name") not in [each.get("name") for each in offered if isinstance(each, dict)]:
        raise crash()
    return request


@fault(
    "top-k-of-minus-one-crashes", at=SCRIPT, level="must", of=chat,
    when=struck(lambda request: request.json.get("top_k") == -1, 3), takes=["the beginning of answers"],
    sources=["NVIDIA/TensorRT-LLM#6329"], field=["top-k-minus-one-crashes"],
    primary=["TRANS-016"], cascades=["*"],
)  # fmt: skip
def top_k_of_minus_one_crashes(_script: Script) -> Script:
    """A `top_k` of -1 ends the process: no answer to it, nor to what comes next."""
    return (HangUp("reset"),)


@fault(
    "no-choices-are-one", at=REQUEST, level="must", of=chat,
    sources=["raullenchai/Rapid-MLX#461"], field=["n-zero-accepted"],
    primary=["ERR-026"], cascades=["ERR-008", "ERR-033"],
)  # fmt: skip
def no_choices_are_one(request: HttpRequest) -> HttpRequest:
    """`n: 0` is taken for 1."""
    return request.edited(n=1) if request.json.get("n") == 0 and "n" in request.json else request


@fault(
    "refused-streams-say-nothing", at=REPLY, level="must", of=streamed, takes=["the body of answers"],
    sources=["huggingface/text-generation-inference#2749"], field=["invalid-stream-request-200-empty"],
    primary=["ERR-028"], cascades=["ERR-*", "SSE-*", "STRM-*", "CREQ-*", "TRANS-*", "AUTH-*", "TOOL-*", "RT-*", "SO-*"],
)  # fmt: skip
def refused_streams_say_nothing(reply: Reply) -> Reply:
    """What is refused in a stream is status 200 and a stream without an event."""
    return Reply(stream=True, done=False) if reply.status == _REFUSED else reply


@fault(
    "refused-streams-called-streams", at=RESPONSE, level="should", of=streamed,
    sources=["QuantumNous/new-api#1178"], field=["stream-error-typed-event-stream"],
    primary=["ERR-031"], cascades=["ERR-028", "TRANS-005", "TRANS-006", "AUTH-008"],
    amended="a stream that is refused for want of a key is refused so, too: AUTH-008",
)  # fmt: skip
def refused_streams_called_streams(response: Response) -> Response:
    """A refusal to stream is JSON with the right status, and calls itself an event stream."""
    if response.status < _REFUSED:
        return response
    return replace(response, headers=response.with_header("Content-Type", "text/event-stream"))


@fault(
    "errors-a-byte-short", at=SCRIPT, level="must", takes=["the body of answers"],
    sources=["envoyproxy/ai-gateway#1091"], field=["error-content-length-one-too-large"],
    primary=["ERR-001"], cascades=["*"],
)  # fmt: skip
def errors_a_byte_short(script: Script) -> Script:
    """The body of an error is one byte shorter than its `Content-Length`, and the connection ends there."""
    first = next((act for act in script if isinstance(act, Send)), Send(b""))
    found = _LENGTH.search(first.data)
    if found is None or not first.data[9:10] > b"3":
        return script
    longer = b"Content-Length: %d" % (int(found[1]) + 1)
    told = Send(first.data[: found.start()] + longer + first.data[found.end() :])
    return (*(told if act is first else act for act in script), HangUp())


@fault(
    "unknown-paths-are-fine", at=REPLY, level="must", sources=["lmstudio-ai/lmstudio-bug-tracker#1879"],
    field=["unknown-path-200"],
    primary=["TRANS-022"], cascades=["TRANS-021", "ERR-*", "TRANS-001", "TRANS-002", *NO_ANSWER],
)  # fmt: skip
def unknown_paths_are_fine(reply: Reply) -> Reply:
    """What is not there is answered with 200 and words in `error`."""
    held = reply.document if isinstance(reply.document, dict) else {}
    code = held["error"]["code"] if isinstance(held.get("error"), dict) else None
    if code not in _NOT_THERE:
        return reply
    return Reply(document={"error": "Unexpected endpoint or method. Returning 200 anyway"})
