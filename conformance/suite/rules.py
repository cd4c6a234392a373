"""The rules of truth, as far as a suite file can break them. One function each.

A case must not let a server off by assuming what a clause promises, must not call an effect
honoured without a control, and must be able to fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from conformance.suite.axes import members
from conformance.suite.draft import CaseDraft, StepDraft, Use
from conformance.suite.source import Complaint
from conformance.suite.vocabulary import Vocabulary

SAYS_NOTHING = frozenset(
    (
        *("answered", "served", "status", "not_server_error", "error_object", "error_names"),
        *("schema", "json_body", "header", "media_type", "kept_alive", "no_tool_markup"),
        "kept_or_told",
        *("same_error", "different_ids", "tool_arguments_valid", "only_offered_tools_are_called"),
    )
)
"""Checks that hold on every conforming answer: they cannot show that an effect is absent."""
CALLS = ("tool_calls", "tool_call")
CAPS = ("max_tokens", "max_completion_tokens", "max_output_tokens")
RETRIED = (408, 409, 429)
FIRST_SERVER_ERROR = 500
ALWAYS = "judge it under `always`: that holds whatever the model does"

Rule = Callable[[CaseDraft, Vocabulary], Iterator[Complaint]]


def assumptions_are_the_models_to_choose(case: CaseDraft, words: Vocabulary) -> Iterator[Complaint]:
    """`assume` names only what the model is free to do."""
    for step, use in _assumed(case, "assume"):
        if not words.signatures[use.name].assumable:
            free = ", ".join(name for name, one in words.signatures.items() if one.assumable)
            yield Complaint(
                at=use.at,
                reason=f"step {step.id!r} assumes {use.name!r}, which the server owes",
                remedy=f"{ALWAYS}. May be assumed: {free}",
            )


def forced_calls_are_not_assumed(case: CaseDraft, _words: Vocabulary) -> Iterator[Complaint]:
    """With a forced `tool_choice` a missing call is a failure, not lack of cooperation.

    Which arguments the model fills in stays its own, so they may be assumed, once `always` has
    seen to it that there is a call.
    """
    for step, use in _assumed(case, "assume", "control"):
        choice = _forced(step, case)
        if not choice:
            continue
        if _assumes_a_forced_call(use, choice, step):
            yield _promised(step, use, f"tool_choice {choice} promises")
        if use.name == "tool_call" and not _judges_calls(step):
            yield Complaint(
                at=use.at,
                reason=f"step {step.id!r} assumes a call that tool_choice {choice} promises",
                remedy="judge under `always` that there is one: {tool_calls: {at_least: 1}}",
            )


def forbidden_calls_are_not_assumed(case: CaseDraft, _words: Vocabulary) -> Iterator[Complaint]:
    """With `tool_choice: none` an assumed call would turn every conforming answer inconclusive."""
    for step, use in _assumed(case, "assume", "control"):
        if use.name in CALLS and "none" in _possible(step, "tool_choice", case):
            yield _promised(step, use, "tool_choice none forbids")


def caps_are_not_assumed(case: CaseDraft, _words: Vocabulary) -> Iterator[Complaint]:
    """That a limit is kept is what the limit promises."""
    for step, use in _assumed(case, "assume", "control"):
        capped = [key for key in CAPS if key in (step.request.body or {})]
        if use.name == "completion_tokens" and "at_most" in use.arguments and capped:
            yield _promised(step, use, f"{capped[0]} promises")


def stops_are_not_assumed(case: CaseDraft, _words: Vocabulary) -> Iterator[Complaint]:
    """That a stop string does not appear is what `stop` promises."""
    for step, use in _assumed(case, "assume", "control"):
        excluded = use.arguments.get("excludes") if use.name == "text" else None
        stops = [
            each
            for value in _possible(step, "stop", case)
            for each in (value if isinstance(value, list) else [value])
        ]
        if excluded is not None and excluded in stops:
            yield _promised(step, use, "stop promises")


def honoured_has_a_control(case: CaseDraft, _words: Vocabulary) -> Iterator[Complaint]:
    """Without a control nobody knows whether the effect would have been there anyway."""
    controlled = any(step.control for step in case.steps)
    for step in case.steps:
        if "honoured" in step.data.get("outcome", {}) and not controlled:
            yield Complaint(
                at=(*step.at, "outcome", "honoured"),
                reason="`honoured` without a `control`",
                remedy="show in a control, without the parameter, that the effect is not there "
                "anyway; or name the branch `accepted`",
                of_key=True,
            )


def control_and_vary_go_together(case: CaseDraft, _words: Vocabulary) -> Iterator[Complaint]:
    """`vary` says what the control lacks."""
    for one, other in (("control", "vary"), ("vary", "control")):
        if one in case.data and other not in case.data:
            yield Complaint(
                at=(*case.at, one),
                reason=f"`{one}` without `{other}`",
                of_key=True,
                remedy="`vary` holds what is under test; `control` is the same without it",
            )


def vary_varies(case: CaseDraft, _words: Vocabulary) -> Iterator[Complaint]:
    """What is under test is not in the control as well."""
    control = next((step for step in case.steps if step.control), None)
    if control is None:
        return
    there: Mapping[str, Mapping[str, Any]] = {
        "body": control.request.body or {},
        "headers": control.request.headers,
    }
    vary = case.data.get("vary", {})
    for part in there:
        for key, value in vary.get(part, {}).items():
            if key in there[part] and there[part][key] == value:
                yield Complaint(
                    at=(*case.at, "vary", part, key),
                    reason=f"`vary` changes nothing: the control sends the same {key!r}",
                    remedy="take the key out of `request`, or give it another value here",
                    of_key=True,
                )


def controls_show_an_effect(case: CaseDraft, _words: Vocabulary) -> Iterator[Complaint]:
    """A control that every conforming answer passes shows nothing."""
    for _, use in _assumed(case, "control"):
        if use.name in SAYS_NOTHING:
            yield Complaint(
                at=use.at,
                reason=f"a control cannot be shown by {use.name!r}: every good answer passes it",
                remedy="name what is different without the parameter, such as "
                "{completion_tokens: {at_least: 20}}",
            )


def expected_errors_are_not_retried(case: CaseDraft, _words: Vocabulary) -> Iterator[Complaint]:
    """A retry would hide the answer that the case wants to see."""
    if case.data.get("retry", True) is False:
        return
    for step in case.steps:
        for use in step.uses:
            code = use.arguments.get("code") if use.name == "status" else None
            codes = code if isinstance(code, list) else [code]
            if any(isinstance(c, int) and (c in RETRIED or c >= FIRST_SERVER_ERROR) for c in codes):
                yield Complaint(
                    at=use.at,
                    reason=f"status {code} is expected, but would be retried",
                    remedy="write `retry: false` into the case",
                )


RULES: tuple[Rule, ...] = (
    assumptions_are_the_models_to_choose,
    forced_calls_are_not_assumed,
    forbidden_calls_are_not_assumed,
    caps_are_not_assumed,
    stops_are_not_assumed,
    honoured_has_a_control,
    control_and_vary_go_together,
    vary_varies,
    controls_show_an_effect,
    expected_errors_are_not_retried,
)


def _assumed(case: CaseDraft, *roles: str) -> Iterator[tuple[StepDraft, Use]]:
    for step in case.steps:
        for use in step.uses:
            if use.role in roles:
                yield step, use


def _promised(step: StepDraft, use: Use, by: str) -> Complaint:
    return Complaint(
        at=use.at, reason=f"step {step.id!r} assumes {use.name!r}, which {by}", remedy=ALWAYS
    )


def _possible(step: StepDraft, key: str, case: CaseDraft) -> list[Any]:
    """The values that a body key may have: one, or those of the axis it comes from."""
    value = (step.request.body or {}).get(key)
    target = value.get("$var", value.get("$optional")) if isinstance(value, Mapping) else None
    if isinstance(target, str) and target.startswith("axis."):
        name, _, member = target.removeprefix("axis.").partition(".")
        return list(members(case.axes.get(name, ()), member))
    return [value]


def _forced(step: StepDraft, case: CaseDraft) -> str:
    """How the request forces a call: `required`, `named`, `allowed_tools`; empty where it does not."""
    for choice in _possible(step, "tool_choice", case):
        if choice == "required":
            return "required"
        if isinstance(choice, Mapping) and choice.get("type") in ("function", "custom"):
            return "named"
        if isinstance(choice, Mapping) and choice.get("type") == "allowed_tools":
            allowed = choice.get("allowed_tools", choice)  # a request for a response does not nest
            if isinstance(allowed, Mapping) and allowed.get("mode") == "required":
                return "allowed_tools"
    return ""


def _tools(step: StepDraft) -> list[Any]:
    tools = (step.request.body or {}).get("tools")
    return tools if isinstance(tools, list) else []


def _assumes_a_forced_call(use: Use, choice: str, step: StepDraft) -> bool:
    if use.name == "finish_reason":
        return "tool_calls" in str(use.arguments.get("any_of"))
    if use.name == "tool_call":  # the arguments are the model's, and so is the choice among several
        return not use.arguments.get("arguments") and (choice == "named" or len(_tools(step)) == 1)
    return use.name == "tool_calls"


def _judges_calls(step: StepDraft) -> bool:
    return any(use.role == "always" and use.name in CALLS for use in step.uses)
