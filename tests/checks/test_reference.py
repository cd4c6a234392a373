"""The reference server as a second oracle: it conforms, so no invariant may complain of it."""

import json

import pytest
from asked_elsewhere import ELSEWHERE
from build import STRICT_TOOLS, TOOLS
from only_cases import ONLY_CASES
from tables import SCHEMAS, invariants

import conformance.reference.faults
from conformance.checks.core import Scene, apply
from conformance.reference.app import App, Settings
from conformance.reference.fault import FAULTS, switched_on
from conformance.reference.incoming import HttpRequest
from conformance.reference.script import HangUp, Send
from conformance.registry import import_all
from conformance.wire.exchange import End, Ended, Exchange, Request
from conformance.wire.piece import Ns, Piece

import_all(conformance.reference.faults)

HEADERS = {
    "content-type": "application/json",
    "accept-encoding": "gzip, deflate",
    "authorization": "Bearer *",
}
SHAPE = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
SHAPED = {"type": "json_schema", "json_schema": {"name": "place", "strict": True, "schema": SHAPE}}
WEATHER = "What is the weather in Oslo?"
STRICT = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "The weather in a city.",
            "parameters": SHAPE,
            "strict": True,
        },
    }
]
NAMED = {"type": "function", "function": {"name": "get_weather"}}
ALLOWED = {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "now"}}]}}
CAPITALS = [{"type": "function", "function": {"name": "Get-Weather", "parameters": {**SHAPE}}}]
NOTE = [{"type": "function", "function": {"name": "save_note", "parameters": {
    "type": "object", "properties": {"text": {"type": "string"}, "tags": {"type": "array", "items": {"type": "string"}}}, "required": ["text", "tags"]}}}]
PLACED = [{"type": "function", "function": {"name": "set_place", "parameters": {"type": "object", "properties": {
    "size": {"anyOf": [{"type": "string", "enum": ["small", "large"]}, {"type": "null"}]}, "place": SHAPE}, "required": ["size", "place"]}}}]
PING = {"type": "function", "function": {"name": "ping", "description": "Ping the server."}}
SAVE = "Use the tool to save a note with exactly this text: "
CALLED = [{"role": "user", "content": "What is the weather in Oslo and in Rome?"},
          {"role": "assistant", "tool_calls": [{"id": "c", "type": "function", "function": {"name": "get_weather", "arguments": '{"city":"Oslo"}'}}]},
          {"role": "tool", "tool_call_id": "c", "content": "17"}]


def asking(prompt="Say OK.", **members):
    return {
        "model": "reference-1",
        "temperature": 0,
        "messages": [{"role": "user", "content": prompt}],
        **members,
    }


def closed(**properties):
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def deep(levels):
    return closed(v=deep(levels - 1)) if levels > 1 else closed(v={"type": "integer"})


def pushing(schema, wrong, prompt="Reply with exactly this text: "):
    """A request for JSON that does not fit the schema of the same request."""
    shape = {
        "type": "json_schema",
        "json_schema": {"name": "x-1", "strict": True, "schema": schema},
    }
    return asking(prompt + json.dumps(wrong), response_format=shape)


PUSHED = [
    pushing(closed(v={"type": "string", "pattern": "^[0-9]{3}$"}), {"v": "abc"}), pushing(closed(v={"type": "integer", "minimum": 10}), {"v": 3}),
    pushing(closed(v={"type": "array", "items": {"type": "integer"}, "minItems": 2}), {"v": [1]}), pushing(closed(v={"enum": ["x", "y"]}), {"v": "z"}),
    pushing(closed(v={"type": "integer"}), {"v": 1, "w": 2}), pushing(closed(v={"type": "integer"}, w={"type": "integer"}), {"v": 1}),
    pushing(closed(w={"type": "integer"}, v={"type": "integer"}), {"v": 1, "w": 2}), pushing({**closed(v={"$ref": "#/$defs/n"}), "$defs": {"n": {"type": "integer"}}}, {"v": "one"}),
    pushing(deep(7), {"v": {"v": {"v": {"v": {"v": {"v": {"v": "deep"}}}}}}}), pushing(closed(v={"type": "string", "not": {"enum": ["yes"]}}), {"v": "yes"}),
    pushing({"anyOf": [closed(v={"type": "integer"})]}, {"v": "one"}), pushing(closed(v={"pattern": "^[0-9]{3}$"}), {"v": "abc"}),
]  # fmt: skip
"""Each keeps one keyword that a model that obeys the question breaks."""
CHATS = [
    *PUSHED,
    asking(), asking("Say: Grüße, 你好 🎉"), asking("Count from one to fifty.", max_tokens=400), asking("Tell me a story.", max_tokens=5),
    asking(n=3), asking(logprobs=True, top_logprobs=3), asking(stop=["O"]), asking(WEATHER, tools=TOOLS), asking(WEATHER, tools=STRICT_TOOLS),
    asking("What is the weather in Oslo and in Rome?", tools=TOOLS), asking("Say OK.", tools=TOOLS, tool_choice="required"),
    asking(WEATHER, tools=TOOLS, tool_choice=NAMED), asking(WEATHER, tools=TOOLS, tool_choice="none"),
    asking(WEATHER, tools=TOOLS, tool_choice="required", max_tokens=3), asking("Give me Oslo as JSON.", response_format=SHAPED),
    asking("Give me Oslo as JSON.", response_format=SHAPED, max_tokens=2), asking("Give me Oslo as JSON.", response_format={"type": "json_object"}),
    asking("Please refuse.", response_format=SHAPED), asking(model="nobody"), asking(temperature=3), asking(max_tokens="abc"), asking(messages=[]), asking(messages=[{"role": "boss", "content": "x"}]),
    asking(response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "strin"}}}),
    asking(seed=None, stop=None), asking(stop="O"), asking("What is the weather in Oslo and in Rome?", tools=TOOLS, parallel_tool_calls=False),
    asking(response_format={"type": "yaml"}), asking("word " * 40_000),
    asking("Repeat these words and nothing else: apple pear plum", logprobs=True, top_logprobs=3),
    asking(WEATHER, tools=CAPITALS), asking(f'{SAVE}She said "ja".', tools=NOTE), asking(f"{SAVE}1234", tools=NOTE), asking(SAVE + "word " * 80, tools=NOTE),
    asking(WEATHER, tools=TOOLS, tool_choice=ALLOWED), asking(messages=CALLED, tools=TOOLS, tool_choice="none"),
    asking(WEATHER, tools=STRICT), asking("What is it now?", tools=TOOLS, tool_choice={"type": "function", "function": {"name": "now"}}),
    asking(SAVE + '} else { x[1] = "{{"}; ]', tools=NOTE, tool_choice="required"), asking("Set the place to the small Oslo.", tools=PLACED),
    asking("Ping the server, and what is the weather in Oslo?", tools=[PING, *TOOLS]),
    asking("What is the weather in Oslo and in Rome?", tools=TOOLS, parallel_tool_calls=False, tool_choice="required"),
]  # fmt: skip
THINKER = "reference-1-thinking"
CHATS += [
    {**one, "model": THINKER}
    for one in (
        asking(), asking(WEATHER, tools=TOOLS), asking("Say OK.", tools=TOOLS, tool_choice="required"),
        asking("Give me Oslo as JSON.", response_format=SHAPED), asking("Tell me a story.", max_tokens=5),
        asking(reasoning_effort="none"), asking(reasoning_effort="max"), asking(thinking={"type": "disabled"}),
    )
]  # fmt: skip
BILLED = {"stream": True, "stream_options": {"include_usage": True}}
ASKED = [
    ("POST", "/chat/completions", body | more)
    for body in CHATS
    for more in ({}, {"stream": True}, BILLED)
]
FLAT = [{"type": "function", **STRICT[0]["function"]}]
FLAT_SHAPE = {"text": {"format": {"type": "json_schema", "name": "place", "strict": True, "schema": SHAPE}}}


def responding(prompt="Say OK.", **members):
    return {"model": "reference-1", "temperature": 0, "input": prompt, **members}


RESPONSES = [
    responding(), responding([{"role": "user", "content": "Say OK."}]), responding("Count from one to fifty.", max_output_tokens=16),
    responding(WEATHER, tools=FLAT), responding(WEATHER, tools=FLAT, tool_choice="required"), responding(WEATHER, tools=FLAT, tool_choice="none"),
    responding(WEATHER, tools=FLAT, tool_choice={"type": "function", "name": "get_weather"}), responding("Give me Oslo as JSON.", **FLAT_SHAPE),
    responding(reasoning={"effort": "low", "summary": "auto"}, include=["reasoning.encrypted_content"]), responding("Please refuse.", **FLAT_SHAPE),
    responding(model="nobody"), responding(None), responding(previous_response_id="resp_0"), responding(max_output_tokens=1),
]  # fmt: skip
ASKED += [
    ("POST", "/responses", body | more) for body in RESPONSES for more in ({}, {"stream": True})
]
ASKED += [
    ("GET", "/responses/resp_0", None),
    ("GET", "/models", None),
    ("GET", "/models/reference-1", None),
    ("GET", "/models/nobody", None),
]
CALLABLE = [{"type": "function", **TOOLS[0]["function"]}]


def replying(prompt="Say OK.", **members):
    """A request for a streamed response."""
    return {"model": "reference-1", "input": prompt, "stream": True, **members}


REPLIES = [
    replying(), replying("Say: Grüße, 你好 🎉"), replying("Count from one to fifty in words.", max_output_tokens=16),
    replying(WEATHER, tools=CALLABLE), replying("What is the weather in Oslo and in Rome?", tools=CALLABLE),
    replying(WEATHER, tools=CALLABLE, tool_choice="required", max_output_tokens=16), replying(reasoning={"effort": "low"}),
    replying(reasoning={"effort": "low", "summary": "auto"}), replying(stream_options={"include_obfuscation": False}),
    replying("Please refuse.", text={"format": {"type": "json_schema", "name": "place", "strict": True, "schema": SHAPE}}),
    replying(include=["message.output_text.logprobs"], top_logprobs=2), replying(model="nobody"), replying(max_output_tokens=1),
]  # fmt: skip
ASKED += [("POST", "/responses", body) for body in REPLIES]
ASKED += ELSEWHERE


def exchanges(*faults, key=None):
    """What the reference server makes of a good many requests."""
    app = App(Settings(key=key, faults=switched_on(faults)), lambda: 1795348800.0)
    for method, path, body in ASKED:
        data = b"" if body is None else json.dumps(body).encode()
        script = app.respond(
            HttpRequest(method=method, target=f"/v1{path}", headers=HEADERS, body=data)
        ).script
        sent = [act.data for act in script if isinstance(act, Send)]
        cut = any(isinstance(act, HangUp) for act in script)
        request = Request(
            method=method,
            url=f"http://reference.example/v1{path}",
            headers=tuple(HEADERS.items()),
            body=data,
            at=Ns(0),
        )
        yield Exchange(
            step="main", attempt=1, request=request, sent=(), end=End(how=Ended.RESET if cut else Ended.COMPLETE, at=Ns(len(sent) + 1)),
            received=tuple(Piece(at=Ns(place + 1), data=data) for place, data in enumerate(sent)),
        )  # fmt: skip


def results(*faults, key=None, judges=None):
    """The clause and the result of each invariant, exchange by exchange."""
    judges = judges or list(invariants())
    for exchange in exchanges(*faults, key=key):
        for one in judges:
            yield one.clauses[0], apply(one, exchange, {}, Scene(schemas=SCHEMAS))


def complaints(key=None):
    """Clauses that were looked at, and those with a problem."""
    seen, broken = set(), {}
    for clause, result in results(key=key):
        seen |= {clause} if result.witnesses else set()
        if result.problems:
            broken.setdefault(clause, result.problems[0])
    return seen, broken


def unnoticed(fault, clauses, key=None):
    """Those of the clauses that no exchange breaks; asks no more once all are broken."""
    missing = set(clauses)
    judges = [one for one in invariants() if one.clauses[0] in clauses]
    for clause, result in results(fault, key=key, judges=judges):
        missing -= {clause} if result.problems else set()
        if not missing:
            break
    return missing


def test_a_server_that_conforms_is_left_in_peace():
    seen, broken = complaints()

    assert broken == {}
    assert len(seen) > 120


def test_a_server_that_wants_a_key_is_left_in_peace():
    assert complaints(key="another")[1] == {}


NOT_ALONE = {
    "stream-in-one-burst": "only the time of arrival shows it, and only where a case runs alone",
    "head-garbled": "only a real connection shows it: no client reads such a head",
    "answer-stalls": "an answer that never ends is no exchange yet; a case waits for it",
    "prompt-always-nine": "a case compares two prompts",
    "key-echoed": "keys are found when a run is recorded",
    "bearer-in-one-case": "only a request that writes the scheme in another case shows it: a case does",
    "cut-response-untold": "one that says that it is complete looks like one: a case asks for a text that is longer",
    "reasoning-deltas-dropped": "one stream alone does not show what was lost: a case compares with the whole",
    "answer-within-the-reasoning": "a model may end without a word: a case asks several times",
    "call-within-the-reasoning": "a refusal would do as well: a case compares with the same without tool_choice",
    "finish-stop-at-the-cap": "the last token allowed may be the end: a case asks for a text that is longer",
}
"""Faults that no single exchange decides."""
JUDGED = {one.clauses[0] for one in invariants()}
BY_CASES = {
    "call-refused-now-and-then": {"TOOL-020"}, "no-completions": {"CMPL-002"}, "no-embeddings": {"EMB-002"},
    "suffix-ignored": {"CMPL-009"}, "base64-big-endian": {"EMB-007"}, "base64-of-doubles": {"EMB-007"},
    "flat-tools-refused": {"RESP-016"}, "response-cut-completed": {"RESP-015"}, "response-input-text-refused": {"RESP-002"},
    "effort-fails": {"RSN-014"}, "null-parameters-refused": {"RESP-016"},
}  # fmt: skip
"""Clauses that cases judge where no invariant does: of an answer that is a refusal, or of two answers."""
BY_STATE = {name for name, one in FAULTS.items() if one.determinism == "by state"}
"""The self-test brings the server into that state."""


@pytest.mark.parametrize("name", sorted(set(FAULTS) - set(NOT_ALONE) - set(ONLY_CASES) - BY_STATE))
def test_a_fault_is_noticed_by_the_invariants_of_its_primary_clauses(name):
    primary = set(FAULTS[name].primary) & JUDGED - BY_CASES.get(name, set())
    if primary:
        key = "another" if any(each.startswith("AUTH") for each in primary) else None
        assert unnoticed(f"{name}@1", primary, key=key) == set()
