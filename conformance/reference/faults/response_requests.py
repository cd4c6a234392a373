"""Requests for a response that are misread: parts of them refused, or ignored in silence."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from conformance.reference.ask import Json
from conformance.reference.circumstances import responding
from conformance.reference.fault import REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal
from conformance.reference.turned import Edit, turned

_ROUND_TRIP = ("RESP-019", "RESP-031", "RT-015")
"""What may fail where calls and their outputs cannot be sent."""

_turned = partial(turned, area=__name__, of=responding, at=REQUEST)


def _without(*names: str) -> Edit:
    """Members of the request are not seen."""
    return lambda request: request.edited(**dict.fromkeys(names))


def _refusing(param: str, holds: Callable[[Json], bool]) -> Edit:
    """Requests are refused where something holds."""

    def refused(request: HttpRequest) -> HttpRequest:
        if holds(request.json):
            raise Refusal(f"Unsupported value: '{param}'.", code="unsupported_value", param=param)
        return request

    return refused


def _items(asked: Json) -> list[Json]:
    held = asked.get("input")
    return held if isinstance(held, list) else []


def _having(name: str, *values: Any) -> Callable[[Json], bool]:
    """Some item of the input has this member; with values, one of them."""
    return lambda asked: any(
        name in each and (not values or each[name] in values) for each in _items(asked)
    )


def _with_part(kind: str) -> Callable[[Json], bool]:
    """Some message of the input has a part of that type."""

    def held(asked: Json) -> bool:
        listed = [each["content"] for each in _items(asked) if "content" in each]
        parts = [part for parts in listed if isinstance(parts, list) for part in parts]
        return any(part["type"] == kind for part in parts)

    return held


def _out_of_order(asked: Json) -> bool:
    """Outputs come in another order than their calls."""
    calls, outputs = (
        [each["call_id"] for each in _items(asked) if each.get("type") == kind]
        for kind in ("function_call", "function_call_output")
    )
    return calls != outputs


def _uncalled(request: HttpRequest) -> HttpRequest:
    """A call that is demanded is ruled out instead."""
    demanded = request.json.get("tool_choice") not in (None, "auto", "none")
    return request.edited(tool_choice="none") if demanded else request


def _called_anyway(request: HttpRequest) -> HttpRequest:
    return request.edited(tool_choice="auto") if request.json.get("tool_choice") else request


def _truncating(request: HttpRequest) -> HttpRequest:
    """What is too long is cut, whatever the request says."""
    held = request.json.get("input")
    return request.edited(input=held[:1000]) if isinstance(held, str) else request


@fault(
    "previous-response-ignored", at=REQUEST, of=responding, level="should",
    sources=["docs: Ollama, OpenAI compatibility (/v1/responses non-stateful)"],
    field=["responses-previous-id-ignored"],
    primary=["RESP-020"], cascades=["RESP-026", "RT-015"],
)  # fmt: skip
def previous_response_ignored(request: HttpRequest) -> HttpRequest:
    """`previous_response_id` is ignored."""
    return request.edited(previous_response_id=None)


@fault(
    "call-output-parts-refused", at=REQUEST, of=responding, level="must",
    sources=["Wei-Shaw/sub2api#7246"], field=["responses-tool-output-array-400"],
    primary=["RESP-019"], cascades=["RT-015"],
)  # fmt: skip
def call_output_parts_refused(request: HttpRequest) -> HttpRequest:
    """Outputs of calls must be text: a list of parts is refused."""
    if any(isinstance(each.get("output"), list) for each in _items(request.json)):
        raise Refusal("No tool output found for function call.", param="input")
    return request


# fmt: off
_turned("response-input-text-refused", "RESP-002", "A text as `input` is refused.",
        _refusing("input", lambda asked: isinstance(asked.get("input"), str)),
        cascades=["RESP-*", "RSTRM-*", "RT-015", "ERR-*", "TRANS-016", "TRANS-017"],
        amended="parameters are tried beside a text: TRANS-016, TRANS-017")
_turned("response-developer-refused", "RESP-003", "Messages of the developer are refused.",
        _refusing("input", _having("role", "developer")), cascades=["RESP-004"])
_turned("response-output-part-refused", "RESP-004", "Parts of output are refused as input.",
        _refusing("input", _with_part("output_text")), cascades=["RESP-031", "RESP-024"],
        amended="an answer that goes back with its reasoning holds such parts as well: RESP-024")
_turned("response-budget-ignored", "RESP-015", "`max_output_tokens` is ignored.",
        _without("max_output_tokens"), cascades=["RESP-028", "RSTRM-022", "ERR-026", "ERR-027", "ERR-028"])
_turned("flat-tools-refused", "RESP-016", "Tools have to be nested, as chat writes them.",
        _refusing("tools[0].function", lambda asked: bool(asked.get("tools"))),
        cascades=["RESP-017", "RSTRM-010", *_ROUND_TRIP])
_turned("response-call-not-made", "RESP-017", "A call that is demanded does not come.", _uncalled,
        cascades=["RSTRM-010", "RT-015"], amended="nor does it after two rounds of calls: RT-015")
_turned("response-none-called", "RESP-017", "`tool_choice` is taken for auto.", _called_anyway)
_turned("text-format-ignored", "RESP-018", "`text.format` is ignored.", _without("text"))
_turned("call-output-refused", "RESP-019", "Outputs of calls are refused.",
        _refusing("input", _having("type", "function_call_output")),
        cascades=["RT-015", "RESP-031", "RESP-020"])
_turned("call-outputs-in-order", "RT-015", "Outputs have to come in the order of their calls.",
        _refusing("input", _out_of_order), cascades=["RESP-020"])
_turned("store-false-ignored", "RESP-021", "What is not to be stored is stored.", _without("store"),
        level="should")
_turned("instructions-ignored", "RESP-023", "`instructions` are ignored.", _without("instructions"),
        level="should", cascades=["USAGE-010"], amended="what is not read costs nothing: USAGE-010")
_turned("response-reasoning-refused", "RESP-025", "`reasoning` is refused.",
        _refusing("reasoning", lambda asked: bool(asked.get("reasoning"))), level="should",
        cascades=["RESP-024", "RESP-031"])
_turned("response-overflow-cut", "RESP-030", "What does not fit is cut off in silence.", _truncating,
        cascades=["USAGE-010"], amended="what is cut off costs nothing: USAGE-010")
_turned("response-items-not-replayable", "RESP-031", "Items with a status are refused as input.",
        _refusing("input", _having("status")), level="should",
        cascades=["RESP-004", "RESP-019", "RESP-024", "RT-015"])
