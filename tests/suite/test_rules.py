"""The rules of truth: a suite that breaks one is refused, its honest twin is not."""

import pytest

from conformance.errors import SourceError

TOOL = "{type: function, function: {name: get_weather}}"
OTHER = "{type: function, function: {name: get_time}}"


def suite(case, clauses="TOOL-020"):
    return f"""\
conformance: 1
title: Sample
request: {{path: /chat/completions, body: {{model: m}}}}
cases:
  - id: one
    title: One
    clauses: [{clauses}]
{case}"""


def asked(body, **parts):
    lines = [f"    request: {{body: {body}}}"]
    lines += [f"    {key}: {value}" for key, value in parts.items()]
    return suite("\n".join(lines))


def probed(
    control="[{completion_tokens: {at_least: 20}}]", vary="{body: {max_tokens: 5}}", **parts
):
    lines = [f"    control: {{expect: {control}}}", f"    vary: {vary}"]
    lines += [f"    {key}: {value}" for key, value in parts.items()]
    return suite("\n".join(lines))


BRANCHES = "{honoured: [{completion_tokens: 5}], rejected: [{status: 400}]}"
CALL = "[{tool_call: {name: get_weather, arguments: {city: Oslo}}}]"
NAMED = f"{{tools: [{TOOL}, {OTHER}], tool_choice: {TOOL}}}"
ALLOWED = (
    f"{{tools: [{TOOL}], tool_choice: {{type: allowed_tools, allowed_tools: {{mode: required}}}}}}"
)
ONE = f"{{tools: [{TOOL}], tool_choice: required}}"
TWO = f"{{tools: [{TOOL}, {OTHER}], tool_choice: required}}"

DISHONEST = [
    ("a status", asked("{}", assume="[{status: 200}]", expect="[served]"), "assumes 'status', which the server owes"),
    ("a schema", asked("{}", assume="[{schema: chat_completion}]", expect="[served]"), "assumes 'schema', which the server owes"),
    ("an error object", asked("{}", assume="[error_object]", expect="[served]"), "assumes 'error_object', which the server owes"),
    ("a required call", asked(ONE, assume="[tool_calls]", expect="[served]"), "assumes 'tool_calls', which tool_choice required promises"),
    ("a call of the only tool", asked(ONE, assume="[{tool_call: get_weather}]", always="[tool_calls]"), "assumes 'tool_call', which tool_choice required promises"),
    ("a named call", asked(NAMED, assume="[{tool_call: get_weather}]", always="[tool_calls]"), "assumes 'tool_call', which tool_choice named promises"),
    ("an allowed call", asked(ALLOWED, assume="[tool_calls]", expect="[served]"), "assumes 'tool_calls', which tool_choice allowed_tools promises"),
    ("the end of a required call", asked(ONE, assume="[{finish_reason: [stop, tool_calls]}]", expect="[served]"), "assumes 'finish_reason', which tool_choice required promises"),
    ("arguments of a call that nobody judges", asked(ONE, assume=CALL, expect="[served]"), "assumes a call that tool_choice required promises"),
    ("a forced call by way of an axis", asked("{tool_choice: {$var: axis.c}}", axes="{c: [auto, required]}", assume="[tool_calls]", expect="[served]"), "assumes 'tool_calls', which tool_choice required promises"),
    ("a forced call in a control", suite(f"    request: {{body: {ONE}}}\n    control: {{expect: [tool_calls]}}\n    vary: {{body: {{parallel_tool_calls: false}}}}\n    expect: [served]"), "step 'control' assumes 'tool_calls', which tool_choice required promises"),
    ("a forbidden call", asked("{tool_choice: none}", assume="[tool_calls]", expect="[served]"), "assumes 'tool_calls', which tool_choice none forbids"),
    ("a kept limit", asked("{max_tokens: 5}", assume="[{completion_tokens: {at_most: 5}}]", expect="[served]"), "assumes 'completion_tokens', which max_tokens promises"),
    ("a kept stop string", asked("{stop: [a, b]}", assume="[{text: {excludes: b}}]", expect="[served]"), "assumes 'text', which stop promises"),
    ("honoured without a control", asked("{max_tokens: 5}", outcome=BRANCHES), "`honoured` without a `control`"),
    ("a control without vary", suite("    control: {expect: [{choices: 1}]}\n    expect: [served]"), "`control` without `vary`"),
    ("vary without a control", suite("    vary: {body: {n: 2}}\n    expect: [served]"), "`vary` without `control`"),
    ("vary that changes nothing", probed(vary="{body: {model: m}}", outcome=BRANCHES), "`vary` changes nothing: the control sends the same 'model'"),
    ("a control that shows nothing", probed(control="[served]", outcome=BRANCHES), "a control cannot be shown by 'served': every good answer passes it"),
    ("a control among steps that shows nothing", suite("    steps: [{id: a, control: [served]}, {id: b, outcome: " + BRANCHES + "}]"), "a control cannot be shown by 'served': every good answer passes it"),
    ("an error that is retried away", asked("{}", expect="[{status: [429, 503]}]"), "status [429, 503] is expected, but would be retried"),
]  # fmt: skip

HONEST = [
    ("what the model says", asked("{}", assume="[{text: {contains: a}}]", expect="[served]")),
    ("a call under auto", asked("{tool_choice: auto}", assume="[tool_calls]", expect="[served]")),
    ("one of several tools", asked(TWO, assume="[{tool_call: get_weather}]", always="[tool_calls]")),
    ("arguments of a judged call", asked(ONE, assume=CALL, always="[tool_calls]")),
    ("a stop before a limit", asked("{max_tokens: 5}", assume="[{finish_reason: length}]", expect="[served]")),
    ("a long answer", asked("{max_tokens: 50}", assume="[{completion_tokens: {at_least: 20}}]", expect="[served]")),
    ("honoured with a control", probed(outcome=BRANCHES)),
    ("honoured with a control among steps", suite("    steps: [{id: a}, {id: b, control: [{same_text: a}]}, {id: c, outcome: " + BRANCHES + "}]")),
    ("accepted without a control", asked("{}", outcome="{accepted: [served], rejected: [{status: 400}]}")),
    ("an error that is not retried", asked("{}", retry="false", expect="[{status: [429, 503]}]")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "complaint"), [row[1:] for row in DISHONEST], ids=[row[0] for row in DISHONEST]
)
def test_a_suite_that_breaks_a_rule_of_truth_is_refused(load, text, complaint):
    with pytest.raises(SourceError) as caught:
        load(text)
    assert complaint in str(caught.value).splitlines()[0]
    assert caught.value.place.startswith("suites/sample.yaml:")
    assert caught.value.remedy


@pytest.mark.parametrize("text", [row[1] for row in HONEST], ids=[row[0] for row in HONEST])
def test_its_honest_twin_is_accepted(load, text):
    assert load(text).cases


def test_the_remedy_for_an_assumed_promise_is_always(load):
    with pytest.raises(SourceError, match="judge it under `always`"):
        load(asked(ONE, assume="[tool_calls]", expect="[served]"))
