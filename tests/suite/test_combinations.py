"""Every two features of a chat request that may meet do meet, in some request of a normal run."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from conformance.data import suites_root
from conformance.engine.directives import LEFT_OUT
from conformance.plan.build import every_variant
from conformance.plan.model import axis_value
from conformance.runs.toolbox import toolbox
from conformance.suite.model import Effort


def _texts(value):
    match value:
        case str():
            return value
        case dict():
            return "".join(map(_texts, value.values()))
        case list() | tuple():
            return "".join(map(_texts, value))
    return ""


def _roles(body):
    held = body.get("messages")
    return [each.get("role") for each in held] if isinstance(held, list) else []


def _said(body):
    held = body.get("messages")
    return held if isinstance(held, list) else []


def _choice(body):
    held = body.get("tool_choice")
    return "named" if isinstance(held, dict) else held


def _form(body):
    held = body.get("response_format")
    return held.get("type") if isinstance(held, dict) else None


def _number(body, name):
    held = body.get(name)
    return held if isinstance(held, int | float) and not isinstance(held, bool) else 0


def _cap(body):
    return _number(body, "max_tokens") or _number(body, "max_completion_tokens")


def _strict(body):
    held = body.get("tools")
    functions = [each.get("function") for each in held if isinstance(each, dict)] if isinstance(held, list) else []
    return any(isinstance(each, dict) and each.get("strict") is True for each in functions)


FEATURES = {
    "stream": lambda body: body.get("stream") is True,
    "include_usage": lambda body: (body.get("stream_options") or {}) == {"include_usage": True},
    "n": lambda body: _number(body, "n") > 1,
    "stop": lambda body: bool(body.get("stop")),
    "seed": lambda body: _number(body, "seed") > 0,
    "logprobs": lambda body: body.get("logprobs") is True,
    "top_logprobs": lambda body: _number(body, "top_logprobs") > 0,
    "temperature": lambda body: _number(body, "temperature") > 0.3,
    "presence_penalty": lambda body: _number(body, "presence_penalty") > 0,
    "max_completion_tokens": lambda body: _number(body, "max_completion_tokens") > 0,
    "cut": lambda body: 0 < _cap(body) < 5,
    "system": lambda body: "system" in _roles(body),
    "developer": lambda body: "developer" in _roles(body),
    "history": lambda body: "assistant" in _roles(body),
    "tool result": lambda body: "tool" in _roles(body),
    "parts": lambda body: any(isinstance(each.get("content"), list) for each in _said(body)),
    "wide characters": lambda body: any(ord(each) > 0x2FFF for each in _texts(body.get("messages"))),
    "tags": lambda body: "<" in _texts(body.get("messages")),
    "tools": lambda body: bool(body.get("tools")),
    "strict tool": _strict,
    "required": lambda body: _choice(body) == "required",
    "named": lambda body: _choice(body) == "named",
    "none": lambda body: _choice(body) == "none",
    "not parallel": lambda body: body.get("parallel_tool_calls") is False,
    "json_schema": lambda body: _form(body) == "json_schema",
    "json_object": lambda body: _form(body) == "json_object",
    "text": lambda body: _form(body) == "text",
}
EXCLUSIVE = [
    {"required", "named", "none"},  # values of one parameter
    {"json_schema", "json_object", "text"},
    {"system", "developer"},  # two names of one thing
]
NEVER = {
    # a call that is forced has no other form to keep
    *(frozenset({choice, form}) for choice in ("required", "named") for form in ("json_schema", "json_object", "text")),
    frozenset({"none", "json_object"}),
    frozenset({"not parallel", "text"}),
}  # fmt: skip


def _resolved(value: Any, axes: Any) -> Any:
    if isinstance(value, dict) and "$optional" in value:
        name, _, member = value["$optional"].removeprefix("axis.").partition(".")
        return axes[name].get(member, LEFT_OUT)
    if isinstance(value, dict) and str(value.get("$var", "")).startswith("axis."):
        return axis_value(axes, value["$var"].removeprefix("axis."))
    return value


def _bodies():
    tools = toolbox()
    suites = [tools.read_suite(path) for path in sorted(suites_root().glob("*.yaml"))]
    for variant in every_variant(suites):
        for step in variant.case.steps if variant.effort is not Effort.THOROUGH else ():
            if step.request.path == "/chat/completions" and step.request.body:
                held = ((name, _resolved(each, variant.axes)) for name, each in step.request.body.items())
                yield {name: each for name, each in held if each is not LEFT_OUT}


@pytest.fixture(scope="module")
def met():
    """Pairs of features, and how many requests have both."""
    found: set[frozenset[str]] = set()
    for body in _bodies():
        present = [name for name, has in FEATURES.items() if has(body)]
        found.update(map(frozenset, combinations(present, 2)))
    return found


@pytest.mark.parametrize("feature", FEATURES)
def test_every_two_features_that_may_meet_do(met, feature):
    apart = {other for group in EXCLUSIVE if feature in group for other in group}
    missing = [
        other
        for other in FEATURES
        if other != feature
        and other not in apart
        and frozenset({feature, other}) not in met | NEVER
    ]
    assert not missing, f"no request of a normal run has {feature} beside {', '.join(missing)}"


def test_what_is_said_never_to_meet_does_not(met):
    assert not met & NEVER
