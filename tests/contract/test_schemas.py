"""Our JSON Schemas: each constraint breaks exactly the clause that states it, and nothing else."""

import copy

import pytest
from jsonschema import Draft202012Validator

from conformance.contract.load import load_contract

CONTRACT = load_contract()
DROP = object()
"""Instead of a value: take the member away."""

LOGPROB = {"token": "Hi", "logprob": -0.1, "bytes": [72, 105], "top_logprobs": []}
LOGPROBS = {"content": [LOGPROB], "refusal": None}
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
MODEL = {"id": "m", "object": "model", "created": 1700000000, "owned_by": "me"}


def completion(**choice):
    message = {"role": "assistant", "content": "Hi", "refusal": None}
    plain = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1700000000,
        "model": "m",
        "choices": [plain | choice],
        "usage": USAGE,
    }


def calling(**call):
    message = {"role": "assistant", "content": None, "refusal": None, "tool_calls": [CALL | call]}
    return completion(message=message, finish_reason="tool_calls")


def chunk(delta, **choice):
    plain = {"index": 0, "delta": delta, "finish_reason": None}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1700000000,
        "model": "m",
        "choices": [plain | choice],
    }


def call_chunk(**entry):
    plain = {"index": 0, "id": "c1", "type": "function"}
    plain["function"] = {"name": "f", "arguments": ""}
    return chunk({"tool_calls": [plain | entry]})


ERROR = {"error": {"message": "No.", "type": "invalid_request_error", "code": None, "param": None}}
BASES = {
    "completion": ("chat_completion", completion()),
    "calling": ("chat_completion", calling()),
    "custom call": (
        "chat_completion",
        calling(type="custom", function=None, custom={"name": "f", "input": "x"}),
    ),
    "with logprobs": ("chat_completion", completion(logprobs=LOGPROBS)),
    "chunk": ("chat_completion_chunk", chunk({"role": "assistant", "content": "Hi"})),
    "call chunk": ("chat_completion_chunk", call_chunk()),
    "later call chunk": (
        "chat_completion_chunk",
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": "{"}}]}),
    ),
    "chunk with logprobs": ("chat_completion_chunk", chunk({"content": "Hi"}, logprobs=LOGPROBS)),
    "usage": ("usage", USAGE),
    "error": ("error", ERROR),
    "model": ("model", MODEL),
    "model list": ("model_list", {"object": "list", "data": [MODEL]}),
}


def edited(body, path, value):
    """A copy of the body with the member at `a.0.b` replaced, added or taken away."""
    if path == "":
        return value
    copied = copy.deepcopy(body)
    at = copied
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in way:
        at = at[step]
    if value is DROP:
        del at[last]
    else:
        at[last] = value
    return copied


def broken(schema_name, body):
    """The clauses that a body breaks: of each error, that of the nearest subschema above it."""
    schema = CONTRACT.schemas[schema_name]
    found = set()
    for error in Draft202012Validator(schema).iter_errors(body):
        if error.validator == "required":
            missing = [name for name in error.validator_value if name not in error.instance]
            named = [error.schema.get("properties", {}).get(name, {}) for name in missing]
            found.update(each.get("x-clause") or nearest(schema, error) for each in named)
        else:
            found.add(nearest(schema, error))
    return found


def nearest(schema, error):
    clause, node = None, schema
    for step in error.absolute_schema_path:
        clause = node.get("x-clause", clause) if isinstance(node, dict) else clause
        node = node[step]
    return clause


M = "choices.0.message"
D = "choices.0.delta"
L = "choices.0.logprobs"
T = "choices.0.message.tool_calls.0"
S = "choices.0.delta.tool_calls.0"
SILENT = {"role": "assistant", "content": None, "refusal": None}

DEVIANT = [
    ("completion", "", [], {"CRESP-003"}),
    ("completion", "id", DROP, {"CRESP-001"}),
    ("completion", "id", "", {"CRESP-001"}),
    ("completion", "id", 7, {"CRESP-001"}),
    ("completion", "object", "text_completion", {"CRESP-003"}),
    ("completion", "object", DROP, {"CRESP-003"}),
    ("completion", "created", "1700000000", {"CRESP-004"}),
    ("completion", "created", 1700000000.5, {"CRESP-004"}),
    ("completion", "created", 1700000000000, {"CRESP-004"}),
    ("completion", "created", 0, {"CRESP-004"}),
    ("completion", "created", True, {"CRESP-004"}),
    ("completion", "model", None, {"CRESP-005"}),
    ("completion", "model", DROP, {"CRESP-005"}),
    ("completion", "choices", [], {"CRESP-006"}),
    ("completion", "choices", None, {"CRESP-006"}),
    ("completion", "choices", DROP, {"CRESP-006"}),
    ("completion", "choices.0", "Hi", {"CRESP-006"}),
    ("completion", "choices.0.index", DROP, {"CRESP-007"}),
    ("completion", "choices.0.index", "0", {"CRESP-007"}),
    ("completion", "choices.0.index", -1, {"CRESP-007"}),
    ("completion", "choices.0.message", DROP, {"CRESP-008"}),
    ("completion", "choices.0.message", "Hi", {"CRESP-008"}),
    ("completion", f"{M}.role", "model", {"CRESP-008"}),
    ("completion", f"{M}.role", DROP, {"CRESP-008"}),
    ("completion", f"{M}.content", DROP, {"CRESP-009"}),
    ("completion", f"{M}.content", [{"type": "text", "text": "Hi"}], {"CRESP-009", "CRESP-013"}),
    ("completion", f"{M}.content", None, {"CRESP-013"}),
    ("completion", M, SILENT | {"tool_calls": []}, {"CRESP-013", "CRESP-014"}),
    ("completion", f"{M}.refusal", DROP, {"CRESP-010"}),
    ("completion", f"{M}.refusal", False, {"CRESP-010"}),
    ("completion", "choices.0.finish_reason", None, {"CRESP-011"}),
    ("completion", "choices.0.finish_reason", "eos", {"CRESP-011"}),
    ("completion", "choices.0.finish_reason", "", {"CRESP-011"}),
    ("completion", "choices.0.finish_reason", DROP, {"CRESP-011"}),
    ("completion", "choices.0.logprobs", DROP, {"CRESP-012"}),
    ("completion", "choices.0.logprobs", [], {"CRESP-025"}),
    ("completion", f"{M}.tool_calls", [], {"CRESP-014"}),
    ("completion", f"{M}.tool_calls", "none", {"CRESP-025"}),
    ("completion", "choices.0.finish_reason", "tool_calls", {"TOOL-001"}),
    ("completion", f"{M}.reasoning_content", {"text": "..."}, {"CRESP-028"}),
    ("completion", f"{M}.reasoning", ["..."], {"CRESP-028"}),
    ("completion", f"{M}.annotations", {}, {"CRESP-023"}),
    ("completion", f"{M}.audio", "UklGRg==", {"CRESP-024"}),
    ("completion", "usage", DROP, {"CRESP-020"}),
    ("completion", "usage", None, {"CRESP-020"}),
    ("completion", "usage", [1, 2, 3], {"USAGE-001"}),
    ("completion", "usage.total_tokens", DROP, {"USAGE-001"}),
    ("completion", "system_fingerprint", 7, {"CRESP-021"}),
    ("completion", "service_tier", {}, {"CRESP-022"}),
    ("calling", f"{M}.tool_calls", [], {"TOOL-001", "CRESP-014"}),
    ("calling", f"{M}.tool_calls", None, {"TOOL-001"}),
    ("calling", T, "f()", {"TOOL-001"}),
    ("calling", f"{T}.id", DROP, {"TOOL-002"}),
    ("calling", f"{T}.id", "", {"TOOL-002"}),
    ("calling", f"{T}.id", None, {"TOOL-002"}),
    ("calling", f"{T}.type", DROP, {"TOOL-004"}),
    ("calling", f"{T}.type", "", {"TOOL-004"}),
    ("calling", f"{T}.function", DROP, {"TOOL-005"}),
    ("calling", f"{T}.function.name", "", {"TOOL-005"}),
    ("calling", f"{T}.function.name", DROP, {"TOOL-005"}),
    ("calling", f"{T}.function.arguments", {}, {"TOOL-006"}),
    ("calling", f"{T}.function.arguments", None, {"TOOL-006"}),
    ("calling", f"{T}.function.arguments", DROP, {"TOOL-006"}),
    ("custom call", f"{T}.custom", DROP, {"TOOL-023"}),
    ("custom call", f"{T}.custom.input", {}, {"TOOL-023"}),
    ("with logprobs", f"{L}.content", DROP, {"LOGP-001"}),
    ("with logprobs", f"{L}.content", None, {"LOGP-001"}),
    ("with logprobs", f"{L}.content", {}, {"LOGP-001"}),
    ("with logprobs", f"{L}.content.0", "Hi", {"LOGP-002"}),
    ("with logprobs", f"{L}.content.0.token", 7, {"LOGP-002"}),
    ("with logprobs", f"{L}.content.0.logprob", None, {"LOGP-002"}),
    ("with logprobs", f"{L}.content.0.logprob", 0.5, {"LOGP-002"}),
    ("with logprobs", f"{L}.content.0.logprob", DROP, {"LOGP-002"}),
    ("with logprobs", f"{L}.content.0.bytes", DROP, {"LOGP-003"}),
    ("with logprobs", f"{L}.content.0.bytes", "Hi", {"LOGP-003"}),
    ("with logprobs", f"{L}.content.0.bytes", [256], {"LOGP-003"}),
    ("with logprobs", f"{L}.content.0.top_logprobs", None, {"LOGP-004"}),
    ("with logprobs", f"{L}.content.0.top_logprobs", DROP, {"LOGP-004"}),
    (
        "with logprobs",
        f"{L}.content.0.top_logprobs",
        [{"token": "Hi", "bytes": None}],
        {"LOGP-005"},
    ),
    ("with logprobs", f"{L}.content.0.top_logprobs", ["Hi"], {"LOGP-005"}),
    ("with logprobs", f"{L}.refusal", DROP, {"LOGP-010"}),
    ("with logprobs", f"{L}.refusal", "no", {"LOGP-010"}),
    ("chunk", "", "Hi", {"STRM-001"}),
    ("chunk", "object", "chat.completion", {"STRM-001"}),
    ("chunk", "object", DROP, {"STRM-001"}),
    ("chunk", "id", "", {"STRM-002"}),
    ("chunk", "id", DROP, {"STRM-002"}),
    ("chunk", "created", "now", {"STRM-003"}),
    ("chunk", "created", DROP, {"STRM-003"}),
    ("chunk", "model", None, {"STRM-004"}),
    ("chunk", "model", DROP, {"STRM-004"}),
    ("chunk", "choices", None, {"STRM-005"}),
    ("chunk", "choices", DROP, {"STRM-005"}),
    ("chunk", "choices.0", None, {"STRM-005"}),
    ("chunk", "choices.0.index", DROP, {"STRM-006"}),
    ("chunk", "choices.0.index", None, {"STRM-006"}),
    ("chunk", "choices.0.delta", DROP, {"STRM-007"}),
    ("chunk", "choices.0.delta", None, {"STRM-007"}),
    ("chunk", "choices.0.finish_reason", DROP, {"STRM-008"}),
    ("chunk", "choices.0.finish_reason", "abort", {"STRM-008"}),
    ("chunk", "choices.0.finish_reason", "", {"STRM-009"}),
    ("chunk", f"{D}.content", [{"type": "text", "text": "Hi"}], {"STRM-012"}),
    ("chunk", f"{D}.content", 7, {"STRM-012"}),
    ("chunk", f"{D}.refusal", True, {"STRM-029"}),
    ("chunk", f"{D}.reasoning_content", {}, {"RSN-003"}),
    ("chunk", f"{D}.reasoning", 1, {"RSN-003"}),
    ("chunk", f"{D}.reasoning_details", [{"text": "..."}], {"STRM-023"}),
    ("chunk", f"{D}.reasoning_details", [{"index": "0"}], {"STRM-023"}),
    ("chunk", f"{D}.tool_calls", [], {"STOOL-013"}),
    ("chunk", f"{D}.tool_calls", {}, {"STOOL-001"}),
    ("chunk", "choices.0.logprobs", [], {"LOGP-012"}),
    ("chunk", "usage", {"total_tokens": 3}, {"USAGE-001"}),
    ("chunk", "system_fingerprint", 7, {"STRM-022"}),
    ("chunk", "service_tier", 7, {"STRM-022"}),
    ("chunk with logprobs", f"{L}.content.0.logprob", "-1", {"LOGP-002"}),
    ("call chunk", S, "f", {"STOOL-001"}),
    ("call chunk", f"{S}.index", DROP, {"STOOL-001"}),
    ("call chunk", f"{S}.index", None, {"STOOL-001"}),
    ("call chunk", f"{S}.index", -1, {"STOOL-002"}),
    ("call chunk", f"{S}.id", 7, {"STOOL-004"}),
    ("call chunk", f"{S}.type", 7, {"STOOL-004"}),
    ("call chunk", f"{S}.function.name", 7, {"STOOL-004"}),
    ("call chunk", f"{S}.function.arguments", {}, {"STOOL-007"}),
    ("call chunk", f"{S}.function.arguments", None, {"STOOL-008"}),
    ("later call chunk", f"{S}.function", DROP, {"STOOL-006"}),
    ("later call chunk", f"{S}.function", None, {"STOOL-006"}),
    ("usage", "", [], {"USAGE-001"}),
    ("usage", "prompt_tokens", DROP, {"USAGE-001"}),
    ("usage", "completion_tokens", None, {"USAGE-001"}),
    ("usage", "total_tokens", "3", {"USAGE-001"}),
    ("usage", "total_tokens", -1, {"USAGE-001"}),
    ("usage", "completion_tokens_details", 3, {"USAGE-006"}),
    ("usage", "completion_tokens_details", {"reasoning_tokens": "3"}, {"USAGE-006"}),
    ("usage", "prompt_tokens_details", [], {"USAGE-008"}),
    ("usage", "prompt_tokens_details", {"cached_tokens": 0.5}, {"USAGE-008"}),
    ("error", "", "Internal Server Error", {"ERR-001", "ERR-006"}),
    ("error", "", [ERROR], {"ERR-001", "ERR-006"}),
    ("error", "", {"detail": [{"msg": "no"}]}, {"ERR-001", "ERR-006"}),
    ("error", "", {"object": "error", "message": "no"}, {"ERR-001", "ERR-006"}),
    ("error", "", {"message": "no"}, {"ERR-001"}),
    ("error", "error", "no", {"ERR-001"}),
    ("error", "error.message", "", {"ERR-002"}),
    ("error", "error.message", DROP, {"ERR-002"}),
    ("error", "error.type", None, {"ERR-003"}),
    ("error", "error.type", DROP, {"ERR-003"}),
    ("error", "error.code", 400, {"ERR-004"}),
    ("error", "error.param", DROP, {"ERR-005"}),
    ("error", "error.param", ["model"], {"ERR-005"}),
    ("model", "", "m", {"MODELS-009"}),
    ("model", "id", "", {"MODELS-002"}),
    ("model", "object", "engine", {"MODELS-003"}),
    ("model", "created", DROP, {"MODELS-004"}),
    ("model", "owned_by", None, {"MODELS-005"}),
    ("model list", "", [MODEL], {"MODELS-001"}),
    ("model list", "object", DROP, {"MODELS-001"}),
    ("model list", "data", None, {"MODELS-001"}),
    ("model list", "data.0", "m", {"MODELS-001"}),
    ("model list", "data.0.id", DROP, {"MODELS-002"}),
    ("model list", "data.0.object", DROP, {"MODELS-003"}),
    ("model list", "data.0.created", 1700000000000, {"MODELS-004"}),
    ("model list", "data.0.owned_by", DROP, {"MODELS-005"}),
    ("model list", "has_more", True, {"MODELS-007"}),
]


@pytest.mark.parametrize(
    ("base", "path", "value", "clauses"),
    DEVIANT,
    ids=[f"{base}:{path}:{'gone' if value is DROP else value}" for base, path, value, _ in DEVIANT],
)
def test_a_deviant_body_breaks_exactly_the_clause_that_states_it(base, path, value, clauses):
    schema, body = BASES[base]
    assert broken(schema, edited(body, path, value)) == clauses


@pytest.mark.parametrize("base", BASES)
def test_a_plain_body_breaks_nothing(base):
    schema, body = BASES[base]
    assert broken(schema, body) == set()


CORRECT = [
    ("completion", "prompt_filter_results", [{"prompt_index": 0}]),
    ("completion", "choices.0.content_filter_results", {"hate": {"filtered": False}}),
    ("completion", f"{M}.reasoning_content", "Let me see."),
    ("completion", f"{M}.reasoning", None),
    ("completion", f"{M}.tool_calls", None),
    ("completion", f"{M}.annotations", []),
    ("completion", f"{M}.audio", None),
    ("completion", f"{M}.function_call", None),
    ("completion", f"{M}.content", ""),
    ("completion", "choices.0", completion()["choices"][0] | {"finish_reason": "length"}),
    ("completion", "system_fingerprint", None),
    ("completion", "service_tier", "default"),
    ("completion", "usage.prompt_cache_hit_tokens", 0),
    ("completion", "usage.completion_tokens_details", None),
    ("completion", "usage.completion_tokens_details", {"reasoning_tokens": None, "more": "x"}),
    ("completion", "usage.prompt_tokens_details", {"cached_tokens": 0}),
    ("completion", "choices.0.logprobs", {"content": None, "refusal": [LOGPROB]}),
    ("completion", M, SILENT | {"refusal": "I cannot."}),
    ("completion", M, SILENT | {"audio": {"id": "a"}}),
    ("completion", M, SILENT | {"function_call": {"name": "f", "arguments": "{}"}}),
    ("calling", "choices.0.finish_reason", "stop"),
    ("calling", "choices.0.finish_reason", "length"),
    ("calling", f"{M}.content", "I will look it up."),
    ("calling", f"{T}.index", 0),
    ("calling", f"{T}.function.arguments", ""),
    ("with logprobs", f"{L}.content.0.bytes", None),
    ("with logprobs", f"{L}.content.0.logprob", -9999.0),
    ("with logprobs", f"{L}.content.0.top_logprobs", [LOGPROB]),
    ("chunk", "choices", []),
    ("chunk", "usage", None),
    ("chunk", "usage", USAGE),
    ("chunk", "x_groq", {"id": "r"}),
    ("chunk", "obfuscation", "abc"),
    ("chunk", "choices.0.delta", {}),
    ("chunk", "choices.0.finish_reason", "stop"),
    ("chunk", "choices.0.logprobs", None),
    ("chunk", "choices.0.usage", USAGE),
    ("chunk", f"{D}.role", None),
    ("chunk", f"{D}.content", None),
    ("chunk", f"{D}.tool_calls", None),
    ("chunk", f"{D}.reasoning_content", "Let me"),
    ("chunk", f"{D}.reasoning_details", [{"index": 0, "text": "..."}]),
    ("chunk", f"{D}.tags", ["a", "b"]),
    ("chunk", f"{D}.extra", {"a": 1}),
    ("chunk", f"{D}.annotations", [{"type": "url_citation"}]),
    ("call chunk", f"{S}.index", 3),
    ("call chunk", f"{S}.function.arguments", '{"city": "Os'),
    ("later call chunk", f"{S}.id", None),
    ("later call chunk", f"{S}.id", ""),
    ("later call chunk", f"{S}.function.name", None),
    ("error", "error.code", "model_not_found"),
    ("error", "error.param", "model"),
    ("error", "error.innererror", {"code": "x"}),
    ("error", "error.code", DROP),
    ("error", "detail", "more words beside the error"),
    ("error", "object", "error"),
    ("model", "max_model_len", 4096),
    ("model", "created", 0),
    ("model list", "data", []),
    ("model list", "has_more", False),
    ("model list", "data.0.permission", []),
]


@pytest.mark.parametrize(
    ("base", "path", "value"),
    CORRECT,
    ids=[f"{base}:{path}:{'gone' if value is DROP else value}" for base, path, value in CORRECT],
)
def test_a_correct_but_different_body_breaks_nothing(base, path, value):
    schema, body = BASES[base]
    assert broken(schema, edited(body, path, value)) == set()


def test_a_reasoning_model_may_use_up_its_budget_before_the_answer():
    message = SILENT | {"reasoning_content": "Let me see"}
    cut_off = completion(message=message, finish_reason="length")
    assert broken("chat_completion", cut_off) == set()
    finished = completion(message=message, finish_reason="stop")
    assert broken("chat_completion", finished) == {"CRESP-013"}


def test_an_answer_of_a_server_without_the_newer_keys_breaks_only_should_clauses():
    body = completion()
    del body["choices"][0]["logprobs"], body["choices"][0]["message"]["refusal"], body["usage"]
    clauses = broken("chat_completion", body)
    assert clauses == {"CRESP-010", "CRESP-012", "CRESP-020"}
    assert {CONTRACT.clauses[clause].level.value for clause in clauses} == {"should"}


def stated(node):
    """All x-clauses below a node."""
    if isinstance(node, dict):
        own = {node["x-clause"]} if isinstance(node.get("x-clause"), str) else set()
        return own.union(*(stated(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(stated(value) for value in node))
    return set()


@pytest.mark.parametrize("name", CONTRACT.schemas)
def test_a_schema_is_one_and_stands_alone(name):
    schema = CONTRACT.schemas[name]
    Draft202012Validator.check_schema(schema)
    assert "$ref" not in repr(schema)
    assert schema["title"]
    assert stated(schema) <= set(CONTRACT.clauses)


@pytest.mark.parametrize(
    "name", ["chat_completion", "chat_completion_chunk", "usage", "error", "model", "model_list"]
)
def test_every_clause_of_a_schema_is_broken_by_some_body_above(name):
    shown = {
        clause
        for base, path, value, clauses in DEVIANT
        if BASES[base][0] == name
        for clause in broken(name, edited(BASES[base][1], path, value)) & clauses
    }
    elsewhere = {"LOGP-001", "LOGP-003", "LOGP-004", "LOGP-005", "LOGP-010"}
    nested = {"chat_completion": {"USAGE-006", "USAGE-008"}}
    nested["chat_completion_chunk"] = nested["chat_completion"] | elsewhere
    assert stated(CONTRACT.schemas[name]) - nested.get(name, set()) == shown
