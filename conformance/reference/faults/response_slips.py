"""Responses that bridges and filters spoil: events misnamed, failures mistold, words left out."""

from __future__ import annotations

import re
from dataclasses import replace

from conformance.reference.answer import Reply, Response
from conformance.reference.ask import Json
from conformance.reference.circumstances import responding
from conformance.reference.edit import each_event, without
from conformance.reference.fault import REPLY, RESPONSE, fault
from conformance.reference.faults.bridges import made_again
from conformance.reference.faults.response_ends import everywhere
from conformance.reference.incoming import HttpRequest

_OK, _NOT_FOUND = 200, 404
_NAME = re.compile(rb"\Aevent: [^\n]*")
_DELTA = "response.output_text.delta"
_APART = 4
"""Events between two that keep a stream alive."""
_BROKEN = (
    "RSTRM-*", "RESP-*", "RT-*", "RSN-*", "CREQ-*", "SO-*", "TOOL-*", "TRANS-*", "ERR-*", "LOGP-*",
)  # fmt: skip
"""What may fail where a response breaks off, or is not there."""


def _asked(request: HttpRequest) -> bool:
    """Requests for a new response."""
    return responding(request) and request.method == "POST"


def _only_reasoning(request: HttpRequest) -> bool:
    """Requests for a response with reasoning, and without a summary of it."""
    held = request.json.get("reasoning") if _asked(request) else None
    return isinstance(held, dict) and held.get("summary") is None


def _asking_for_items(request: HttpRequest) -> bool:
    """Requests for what a stored response was asked."""
    return responding(request) and request.path.rstrip("/").endswith("/input_items")


@fault(
    "response-events-of-no-name", at=RESPONSE, level="must", of=_asked,
    sources=["VaalaCat/ai-gateway#9"],
    primary=["RSTRM-001"], cascades=["RSTRM-002"],
)  # fmt: skip
def response_events_of_no_name(response: Response) -> Response:
    """The `event:` line of each event of a streamed response is empty."""
    return each_event(response, lambda event: _NAME.sub(b"event:", event))


@fault(
    "pings-among-response-events", at=REPLY, level="must", of=_asked,
    sources=["anomalyco/opencode#40171"],
    primary=["RESP-027"], cascades=["RSTRM-*"],
)  # fmt: skip
def pings_among_response_events(reply: Reply) -> Reply:
    """A streamed response is kept alive by events called `ping`, which have no number."""
    kept: list[Json] = []
    for place, event in enumerate(reply.events):
        if place and not place % _APART:
            kept.append({"type": "ping"})
        kept.append(event)
    return replace(reply, events=tuple(kept))


@fault(
    "late-failures-start-anew", at=REPLY, level="must", of=_asked, rate=0.3,
    sources=["onyx-dot-app/onyx#13730"],
    primary=["RSTRM-011", "RSTRM-005"], cascades=_BROKEN,
)  # fmt: skip
def late_failures_start_anew(reply: Reply) -> Reply:
    """Now and then a stream fails; the event for that has another response, and the number 0."""
    if not reply.events:
        return reply
    kept = reply.events[: len(reply.events) // 2]
    told = {"code": "server_error", "message": "The connection to upstream was lost."}
    failed = {**kept[0]["response"], "id": "resp_of_the_gateway", "status": "failed", "error": told}
    end: Json = {"type": "response.failed", "response": failed, "sequence_number": 0}
    return replace(reply, events=(*kept, end))


@fault(
    "merged-deltas-leave-gaps", at=REPLY, level="must", of=_asked,
    sources=["ENTERPILOT/GoModel#953"],
    primary=["RSTRM-005"], cascades=["RSTRM-*"],
)  # fmt: skip
def merged_deltas_leave_gaps(reply: Reply) -> Reply:
    """A filter sends deltas of text two and two, each pair under the number of its second."""
    kept: list[Json] = []
    single = False
    for event in reply.events:
        delta = event["type"] == _DELTA
        if delta and single:
            first = kept.pop()
            said = first["delta"] + event["delta"]
            scored = [*first["logprobs"], *event["logprobs"]]
            kept.append({**event, "delta": said, "logprobs": scored})
        else:
            kept.append(event)
        single = delta and not single
    return replace(reply, events=tuple(kept))


@fault(
    "responses-fail-altogether", at=REPLY, level="must", of=_asked, takes=["the body of answers"],
    sources=["anomalyco/opencode#44910"],
    primary=["RESP-002"], cascades=["*"],
)  # fmt: skip
def responses_fail_altogether(reply: Reply) -> Reply:
    """Every response is answered with 500, though chat of the same model does well."""
    if reply.status != _OK:
        return reply
    inner = {"type": "error", "message": "Internal server error"}
    return Reply(status=500, document={"type": "error", "error": inner})


def _cut_to_nothing(response: Json) -> Json:
    usage = response["usage"]
    counts = dict.fromkeys(("input_tokens", "output_tokens", "total_tokens"), 0)
    details = {**usage["output_tokens_details"], "reasoning_tokens": 0}
    return {
        **response,
        "status": "incomplete",
        "completed_at": None,
        "incomplete_details": {"reason": "max_output_tokens"},
        "output": [],
        "usage": {**usage, **counts, "output_tokens_details": details},
    }


@fault(
    "failures-told-as-cut-responses", at=REPLY, level="must", of=_asked, rate=0.3,
    takes=["the body of answers"], sources=["raullenchai/Rapid-MLX#831"],
    primary=["USAGE-003"], cascades=[*_BROKEN, "USAGE-*"],
)  # fmt: skip
def failures_told_as_cut_responses(reply: Reply) -> Reply:
    """Now and then the engine fails, and the response is told as cut, without a token."""
    return made_again(reply, _cut_to_nothing)


@fault(
    "reasoning-only-beside-a-summary", at=REPLY, level="may", of=_only_reasoning,
    sources=["ai-dynamo/dynamo#14069"],
    changes=["responses/encrypted-reasoning"],
    cascades=["RESP-013", "RESP-024", "RESP-031", "RSTRM-016", "RSN-*", "RT-013"],
    amended="an effort is to be taken, and whether the reasoning is told is left open: RESP-025, RESP-024",
)  # fmt: skip
def reasoning_only_beside_a_summary(reply: Reply) -> Reply:
    """Reasoning of a response is counted, and told only where a summary of it is asked for."""

    def silent(response: Json) -> Json:
        kept = [each for each in response["output"] if each["type"] != "reasoning"]
        return {**response, "output": kept}

    return made_again(reply, silent)


@fault(
    "instructions-untold", at=REPLY, level="must", of=responding,
    sources=["ogx-ai/ogx#3566"],
    primary=["RESP-006"], cascades=["RESP-007", "RESP-022", "RESP-023", "RSTRM-003", "RSTRM-012"],
)  # fmt: skip
def instructions_untold(reply: Reply) -> Reply:
    """A response has no member `instructions`, whatever it was told."""
    return everywhere(reply, lambda response: without(response, "instructions"))


@fault(
    "items-of-no-response-listed", at=REPLY, level="must", of=_asking_for_items,
    sources=["NVIDIA/TensorRT-LLM#10107"],
    primary=["ERR-011"], cascades=["RESP-022", "RESP-026", "TRANS-022"],
)  # fmt: skip
def items_of_no_response_listed(reply: Reply) -> Reply:
    """The input items of a response that is not there are an empty list, with status 200."""
    listed: Json = {
        "object": "list",
        "data": [],
        "first_id": None,
        "last_id": None,
        "has_more": False,
    }
    return Reply(document=listed) if reply.status == _NOT_FOUND else reply
