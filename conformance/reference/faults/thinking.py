"""Models that reason: what switches it, and what conversations they take."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.ask import Ask, Json, ToolRule
from conformance.reference.breaks import NO_ANSWER
from conformance.reference.circumstances import both_of, every, streamed, thinking, with_tools
from conformance.reference.fault import ASK, REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal, crash

_REFUSED = (*NO_ANSWER, "RSN-*", "STRM-*", "STOOL-*", "SSE-*", "ERR-033")
"""What may fail where a request is refused that should be served."""

# --- what switches it -----------------------------------------------------------------------------

_SWITCHES = ("thinking", "enable_thinking", "chat_template_kwargs")
_STREAMED_WITH_TOOLS = both_of(thinking, both_of(streamed, with_tools))


@fault(
    "switch-ignored", at=REQUEST, level="should", of=thinking,
    sources=["sgl-project/sglang#28454"],
    field=["thinking-toggle-dialect-ignored"],
    primary=["RSN-009"], cascades=["RSN-008", "RSN-015", "RSN-011"],
)  # fmt: skip
def switch_ignored(request: HttpRequest) -> HttpRequest:
    """The vendor's switches change nothing: the model reasons whatever they say."""
    return request.edited(**dict.fromkeys(_SWITCHES))


@fault(
    "switch-ignored-in-streams-with-tools", at=REQUEST, level="should", of=_STREAMED_WITH_TOOLS,
    sources=["earendil-works/pi#6116"],
    primary=["RSN-009"], cascades=["RSN-008", "RSN-015", "RSN-011", "CRESP-031"],
)  # fmt: skip
def switch_ignored_in_streams_with_tools(request: HttpRequest) -> HttpRequest:
    """The vendor's switches change nothing where tools are offered and a stream is asked for."""
    return request.edited(**dict.fromkeys(_SWITCHES))


@fault(
    "effort-none-thinks", at=REQUEST, level="should", of=thinking,
    sources=["vllm-project/vllm#38100"],
    primary=["RSN-014"], cascades=["RSN-009", "CREQ-067", "RSN-008"],
)  # fmt: skip
def effort_none_thinks(request: HttpRequest) -> HttpRequest:
    """With `reasoning_effort: none` the model reasons all the same."""
    is_none = request.json.get("reasoning_effort") == "none"
    return request.edited(reasoning_effort=None) if is_none else request


@fault(
    "effort-fails", at=REQUEST, level="should", of=thinking,
    sources=["the words of the contract, turned round"],
    primary=["CREQ-067", "RSN-014"], cascades=[*_REFUSED, "ERR-*"],
)  # fmt: skip
def effort_fails(request: HttpRequest) -> HttpRequest:
    """An effort that the model does not know is answered with 500."""
    if request.json.get("reasoning_effort") in ("minimal", "xhigh", "max"):
        raise crash("Internal error.")
    return request


@fault(
    "effort-changes-nothing", at=ASK, level="should", of=thinking,
    sources=["sgl-project/sglang#28454"],
    field=["qwen-template-effort-default-xhigh"],
    primary=["RSN-016"],
)  # fmt: skip
def effort_changes_nothing(ask: Ask) -> Ask:
    """The model reasons as long with low effort as with high."""
    return ask if ask.effort == "none" else replace(ask, effort="medium")


@fault(
    "switches-win-in-turns", at=REQUEST, level="should", of=thinking, when=every(2),
    sources=["the words of the contract, turned round"],
    primary=["RSN-015"], cascades=["RSN-008", "RSN-009"],
)  # fmt: skip
def switches_win_in_turns(request: HttpRequest) -> HttpRequest:
    """Where a switch and the effort disagree, now the one wins and now the other."""
    effort = request.json.get("reasoning_effort")
    if effort in (None, "none"):
        return request
    return request.edited(**dict.fromkeys(_SWITCHES))


@fault(
    "choice-ignored-when-thinking", at=ASK, level="must", of=both_of(thinking, with_tools),
    sources=["the words of the contract, turned round"],
    primary=["RSN-012"], cascades=["TOOL-*", "CREQ-056", "CREQ-057", "CREQ-058", "ERR-033", "STOOL-*"],
)  # fmt: skip
def choice_ignored_when_thinking(ask: Ask) -> Ask:
    """While the model reasons, `tool_choice` is taken for `auto`."""
    if ask.effort == "none" or ask.rule.mode != "required":
        return ask
    return replace(ask, rule=ToolRule(mode="auto", names=tuple(each.name for each in ask.tools)))


@fault(
    "temperature-ignored-when-thinking", at=ASK, level="should", of=thinking,
    sources=["DeepSeek API documentation, thinking mode"],
    field=["sampling-params-silently-ignored-thinking"],
    primary=["RSN-013"], cascades=["CREQ-025", "CREQ-027", "CREQ-076"],
)  # fmt: skip
def temperature_ignored_when_thinking(ask: Ask) -> Ask:
    """While the model reasons, it is as cold as can be."""
    return ask if ask.effort == "none" else replace(ask, temperature=0.0)


# --- what it does to conversations ----------------------------------------------------------------


def _assistants(request: HttpRequest) -> list[Json]:
    listed = request.json.get("messages")
    held = listed if isinstance(listed, list) else []
    return [each for each in held if isinstance(each, dict) and each.get("role") == "assistant"]


@fault(
    "history-with-reasoning-refused", at=REQUEST, level="should", of=thinking,
    sources=["DeepSeek API documentation, deepseek-reasoner"],
    field=["reasoning-content-in-input-400", "reasoning-must-be-replayed-in-tags"],
    primary=["RSN-006", "CREQ-012"], cascades=_REFUSED,
)  # fmt: skip
def history_with_reasoning_refused(request: HttpRequest) -> HttpRequest:
    """A conversation with reasoning in it is refused."""
    if any(one.get("reasoning_content") or one.get("reasoning") for one in _assistants(request)):
        raise Refusal("The reasoning_content must not be passed.", param="messages")
    return request


@fault(
    "history-without-reasoning-refused", at=REQUEST, level="should", of=thinking,
    sources=["continuedev/continue#9831: of turns with calls, here of every turn"],
    primary=["RSN-005"], cascades=_REFUSED,
)  # fmt: skip
def history_without_reasoning_refused(request: HttpRequest) -> HttpRequest:
    """A conversation without the reasoning of its answers is refused, calls or not."""
    if any(not one.get("reasoning_content") for one in _assistants(request)):
        raise Refusal("The turn must be passed back as it came.", param="messages")
    return request


@fault(
    "later-system-message-refused", at=REQUEST, level="should", of=thinking,
    sources=["anomalyco/opencode#15059", "BerriAI/litellm#26879"],
    primary=["RSN-019"], cascades=_REFUSED,
)  # fmt: skip
def later_system_message_refused(request: HttpRequest) -> HttpRequest:
    """A system message that is not the first message is refused."""
    listed = request.json.get("messages")
    roles = [each.get("role") for each in listed if isinstance(each, dict)] if listed else []
    if "system" in roles[1:]:
        raise Refusal("System message must be at the beginning.", param="messages")
    return request
