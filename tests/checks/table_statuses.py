"""Rows for statuses.py, accepted.py, refused.py, invalid.py and defaults.py."""

from build import (
    ASKED,
    DROP,
    ERROR,
    HELLO,
    MODEL,
    TOOLS,
    bad,
    dumped,
    edited,
    exchange,
    failing,
    good,
    hello,
    model,
    models,
    redaction,
    saying,
    spoken,
)  # fmt: skip

from conformance.wire.exchange import Ended

KEY = {"Authorization": "Bearer ********", "Content-Type": "application/json"}
SDK = {
    "Content-Type": "application/json",
    "X-Stainless-Lang": "python",
    "OpenAI-Organization": "org-1",
    "X-Client-Request-Id": "mine-1",
}
SECONDS = 1_000_000_000
LARGE = {"asked": ASKED | {"user": "x" * 100_000}}
JSON = {"response_format": {"type": "json_object"}}
ODD = {"method": "PUT"}
STRAY = {"path": "/no/such/path"}


def part(kind):
    """A message of one part."""
    return [{"role": "user", "content": [{"type": kind, kind: {"url": "data:,"}}]}]


def told(status=400, *, sent=None, asked=ASKED, path="/chat/completions", **members):
    """A standard error that says this of itself."""
    body = {"error": ERROR["error"] | {"type": "x", "code": None} | members}
    return failing(status=status, body=body, asked=asked, path=path, **({"sent": sent} if sent else {}))


def asking(**members):
    """What a request gets for a body with members edited."""
    body = {name: value for name, value in (ASKED | members).items() if value is not DROP}
    return {"asked": body}


def served(**members):
    return exchange(dumped(HELLO), **asking(**members))


def refused(status=400, /, **members):
    return failing(status=status, **asking(**members))


def about(param, status=400, **members):
    """A refusal that says which parameter it is about."""
    return failing({"error.param": param}, status=status, **asking(**members))


def header_error(name, status=400):
    return failing({"error.message": f"Header {name} is not allowed."}, status=status, sent=SDK)


def nothing(how, **known):
    """No response at all."""
    return exchange(bare=b"", end=how, **known)


TOLD = {
    "auth_failure_is_401": [
        good("by code", told(401, code="invalid_api_key", type="invalid_request_error")),
        good("by type, in other letters", told(401, type="AuthenticationError")),
        bad("403", told(403, code="invalid_api_key")),
        bad("500", told(500, type="authentication_error")),
        bad("401 told within a 400", told(400, code=401)),
        bad("in digits, and flat", failing(status=400, body={"object": "error", "message": "no", "code": "401"})),
    ],
    "denial_is_403": [
        good("by type", told(403, type="permission_denied")),
        good("by region", told(403, code="unsupported_country_region_territory")),
        bad("400", told(400, type="PermissionDeniedError")), bad("404", told(404, code=403)),
    ],
    "unknown_is_404": [
        good("a model", failing()),
        good("one that is there for others", failing(status=403)),
        good("404 that does not say so", told(404, type="NotFoundError")),
        bad("400", failing(status=400)), bad("500", failing(status=500)),
        bad("404 told within a 400", told(400, code=404)),
        bad("of embeddings", failing(status=422, path="/embeddings")),
    ],
    "conflict_is_409": [good("409", told(409, type="conflict")), bad("400", told(400, code="conflict"))],
    "limit_is_429": [
        good("a rate", told(429, type="requests", code="rate_limit_exceeded")),
        good("a quota", told(429, code="insufficient_quota")),
        good("a request that never fits", told(413, type="tokens", code="rate_limit_exceeded")),
        bad("a rate as 400", told(400, code="rate_limit_exceeded")),
        bad("a quota as 403", told(403, type="insufficient_quota")),
        bad("as a fault of the server", told(503, code=429)),
    ],
    "policy_block_is_400": [
        good("400", told(400, code="content_filter")), bad("500", told(500, code="content_policy_violation")),
        bad("403", told(403, code="content_filter")),
    ],
    "server_fault_is_told_as_one": [
        good("500", told(500, type="server_error")), good("502", failing(status=502, body=b"")),
        good("too many at once", told(429, type="engine_overloaded_error")),
        bad("529", told(529, type="overloaded_error")),
        bad("as the client's, flat", failing(status=400, body={"object": "error", "message": "no", "type": "server_error"})),
        bad("as the client's", told(400, type="InternalServerError")), bad("500 told within a 400", told(400, code=500)),
    ],
    "other_refusals_are_standard": [
        good("402", told(402)), good("413", told(413)),
        bad("a page", failing(status=413, body=b"<html>")), bad("detail", failing(status=424, body={"detail": "no"})),
        bad("plain", failing(status=415, body=b"Unsupported Media Type")),
    ],
    "retry_hint_is_readable": [
        good("true", failing(headers={"x-should-retry": "true"})),
        good("false", failing(headers={"X-Should-Retry": "false"})),
        bad("a number", failing(headers={"x-should-retry": "1"})), bad("empty", failing(headers={"x-should-retry": ""})),
    ],
    "outage_is_retried": [
        good("the code of a gateway", told(502, code="provider_connection_failed")), good("too many for now", told(429, code="engine_overloaded")),
        good("in time", told(408, type="upstream_timeout")), bad("as a bad request", told(400, code="provider_connection_failed")),
        bad("as not found", told(404, type="upstream_unavailable")), bad("as not to be worked on", told(422, type="server-overloaded")),
    ],
    "permanent_failure_is_not_retried": [
        good("a fault of the server", told(500, type="server_error", code=500)),
        good("a quota", told(429, type="insufficient_quota")),
        good("a limit under a general type", told(429, type="invalid_request_error", code="rate_limit_exceeded")),
        good("a page", failing(status=502, body=b"<html>")),
        bad("an invalid request as 500", told(500, type="invalid_request_error")),
        bad("an unknown model as 503", failing(status=503)),
        bad("a status within another", told(500, code=400)),
        bad("not implemented", told(501, type="not_supported_error")),
    ],
    "overflow_is_400_and_names_the_limit": [
        good("400", told(400, code="context_length_exceeded", message="at most 4096 tokens, not 5000")),
        good("413", told(413, code="context_length_exceeded", message="more than 4096 tokens")),
        good("llama.cpp", told(400, type="exceed_context_size_error", message="5000 of 4096 tokens")),
        bad("500", told(500, code="context_length_exceeded", message="at most 4096 tokens")),
        bad("no number", told(400, code="context_length_exceeded", message="The prompt is too long.")),
    ],
    "missing_key_is_401": [
        good("401", told(401)), good("a region", told(403, code="unsupported_country_region_territory")),
        bad("403", told(403)), bad("403 by FastAPI", failing(status=403, body={"detail": "Not authenticated"})),
        bad("another shape", failing(status=401, body={"detail": "Unauthorized"})),
        bad("500 that says what it is", told(500, code="invalid_api_key")),
        bad("403 that says what it is", told(403, code="invalid_api_key")),
    ],
    "wrong_key_is_401": [
        good("401", told(401, sent=KEY)),
        good("in the query", exchange(dumped(ERROR), status=401, redactions=(redaction("sent"),))),
        bad("400", told(400, sent=KEY, code="invalid_api_key")),
        bad("a page", failing(status=401, body=b"<html>", sent=KEY)),
        bad("403", told(403, sent=KEY, type="authentication_error")),
    ],
    "bearer_is_a_way_in": [
        good("let in", hello(sent=KEY)),
        good("Bearer", failing(status=401, sent=KEY, headers={"WWW-Authenticate": 'Bearer realm="api"'})),
        good("one of two", failing(status=401, sent=KEY, headers={"WWW-Authenticate": "Basic, bearer"})),
        bad("Basic", failing(status=401, sent=KEY, headers={"WWW-Authenticate": "Basic realm=x"})),
    ],
    "unknown_model_is_404": [
        good("404", failing(method="GET", path="/models/x", asked=None)),
        good("a fault of the server", failing(status=500, method="GET", path="/models/x", asked=None)),
        bad("no such path", failing(body={"detail": "Not Found"}, method="GET", path="/models/org/m", asked=None)),
        bad("400", failing(status=400, method="GET", path="/models/x", asked=None)),
        bad("not implemented", failing(status=501, method="GET", path="/models/x", asked=None)),
    ],
}  # fmt: skip

ACCEPTED = {
    "endpoints_are_under_the_base_url": [
        good("there", models()), good("a chat", hello()), good("locked", failing(status=401, method="GET", path="/models", asked=None)),
        bad("404", failing(method="GET", path="/models", asked=None)),
        bad("405", failing(status=405, method="GET", path="/models", asked=None)),
    ],
    "json_is_accepted": [
        good("served", hello()), good("refused for something else", failing(status=400)),
        good("with a charset", hello(sent={"content-type": "application/json; charset=utf-8"})),
        bad("415", failing(status=415, sent={"content-type": "application/json; charset=utf-8"})),
        bad("405", failing(status=405, body={"detail": "Method Not Allowed"})),
    ],
    "unknown_headers_are_ignored": [
        good("served", hello(sent=SDK)), good("refused for something else", failing(status=400, sent=SDK)),
        good("rights", header_error("OpenAI-Organization", 401)),
        bad("by name", header_error("X-Stainless-Lang")), bad("in other letters", header_error("x-stainless-lang", 500)),
    ],
    "client_request_id_is_let_pass": [
        good("no echo", hello(sent=SDK)), good("echo", hello(sent=SDK, headers={"x-client-request-id": "mine-1"})),
        bad("another echo", hello(sent=SDK, headers={"x-client-request-id": "yours"})),
        bad("refused", header_error("X-Client-Request-Id")),
    ],
    "organization_is_no_error": [
        good("served", hello(sent=SDK)), good("checked", header_error("OpenAI-Organization", 403)),
        bad("refused", header_error("OpenAI-Organization")), bad("a fault", header_error("openai-organization", 500)),
    ],
    "unknown_parameter_is_no_fault": [
        good("ignored", served(zz=1)), good("refused by name", about("zz", zz=1)),
        good("refused for another", about("temperature", 422, zz=1, temperature=9)),
        good("too many requests", failing(status=429, **asking(zz=1))),
        bad("500", refused(500, zz=1)), bad("422", about("zz", 422, zz=1)),
    ],
    "null_is_not_refused": [
        good("served", served(stop=None)), good("refused for another", about("n", n=0, stop=None)),
        good("one with a body that repeats the request", failing(
            status=400, body={"detail": [{"loc": ["body", "messages"], "input": {"stop": None}}]}, **asking(stop=None))),
        bad("400", about("stop", stop=None)), bad("500", about("seed", 500, seed=None)),
        bad("by FastAPI", failing(status=422, body={"detail": [{"loc": ["body", "n"], "msg": "no"}]}, **asking(n=None))),
    ],
    "too_large_is_told": [
        good("served", hello(**LARGE)), good("413", told(413)), good("400", failing(status=400, **LARGE)),
        bad("a page", failing(status=413, body=b"<html>")),
        bad("reset", nothing(Ended.RESET, **LARGE)), bad("closed", nothing(Ended.CLOSED, **LARGE)),
    ],
    "slow_answers_are_waited_for": [
        good("slow", hello(at=(0, 9 * SECONDS))), good("slow and refused", failing(status=504, at=(0, 9 * SECONDS))),
        good("our limit", nothing(Ended.TIMED_OUT, at=(0, 60 * SECONDS))),
        bad("closed", nothing(Ended.CLOSED, at=(0, 60 * SECONDS))), bad("reset", nothing(Ended.RESET, at=(0, 30 * SECONDS))),
    ],
    "wrong_method_is_refused": [
        good("405", failing(status=405, **ODD)), good("404", failing(status=404, body={"detail": "Not Found"}, **ODD)),
        good("of a list", failing(status=405, method="DELETE", path="/models", asked=None)),
        bad("a page", exchange(b"<html>", headers={"Content-Type": "text/html"}, **ODD)),
        bad("served", hello(**ODD)), bad("500", failing(status=500, **ODD)),
        bad("405 without JSON", failing(status=405, body=b"Method Not Allowed", **ODD)),
    ],
    "unknown_path_is_404_and_json": [
        good("404", failing(**STRAY)), good("of another shape", failing(body={"detail": "Not Found"}, **STRAY)),
        bad("plain", failing(body=b"404 page not found", **STRAY)), bad("nothing", failing(body=b"", **STRAY)),
        bad("a page", exchange(b"<html>", headers={"Content-Type": "text/html"}, **STRAY)),
    ],
}  # fmt: skip

REFUSED = {
    "missing_model_is_400": [
        good("400", failing({"error.message": "you must provide a model parameter"}, status=400, **asking(model=DROP))),
        bad("served", served(model=DROP)), bad("empty", served(model="")), bad("422", refused(422, model=DROP)),
        bad("400 that does not name it", failing(status=400, body={"error": {"message": "bad"}}, **asking(model=DROP))),
    ],
    "missing_messages_are_400": [
        good("400", refused(messages=[])), bad("500", refused(500, messages=DROP)), bad("served", served(messages=[])),
    ],
    "unknown_role_is_400": [
        good("400", refused(messages=[{"role": "boss", "content": "x"}])),
        bad("served", served(messages=[{"role": "boss", "content": "x"}])),
        bad("500", refused(500, messages=[{"role": 7, "content": "x"}])),
    ],
    "out_of_range_is_400": [
        good("400", refused(temperature=3)), bad("clamped", served(temperature=-1)),
        bad("n 0", served(n=0)), bad("422", refused(422, top_p=1.5)), bad("no tokens", served(max_tokens=0)),
        bad("no tokens, 500", refused(500, max_completion_tokens=-1)),
    ],
    "wrong_type_is_400": [
        good("400", refused(max_tokens="abc")),
        bad("served", served(max_tokens="12")), bad("500", refused(500, temperature=[1])),
        bad("messages", refused(500, messages="hello")), bad("a model", served(model=5)),
        bad("a stop string", served(stop=5)), bad("a switch", spoken(asked={"stream": True, "logprobs": "yes"})),
        bad("a format", refused(422, response_format="json_object")), bad("tools", refused(500, tools={})),
        bad("content", refused(500, messages=[{"role": "user", "content": 5}])), bad("a seed", served(seed="x")),
    ],
    "body_is_an_object_or_400": [
        good("400", failing(status=400, asked=None, raw=b"[]")), bad("null", failing(status=500, asked=None, raw=b"null")),
        bad("a list, served", exchange(dumped(HELLO), asked=None, raw=b"[]")), bad("a text", failing(status=422, asked=None, raw=b'"hi"')),
    ],
    "too_many_alternatives_are_400": [
        good("400", refused(logprobs=True, top_logprobs=21)), bad("served", served(logprobs=True, top_logprobs=21)),
    ],
    "alternatives_alone_are_400": [good("400", refused(top_logprobs=2)), bad("served", served(top_logprobs=2))],
    "invalid_value_is_400": [
        good("no role", refused(messages=[{"content": "x"}])), good("no function", refused(tools=[{"type": "function"}])),
        good("a vendor's choice", served(tool_choice="any")), good("a vendor's part", served(messages=part("video_url"))),
        good("no schema", refused(response_format={"type": "json_schema"})),
        bad("no role, served", served(messages=[{"content": "x"}])), bad("no role, 500", refused(500, messages=[{"content": "x"}])),
        bad("no function, 500", refused(500, tools=[{"type": "function"}])), bad("no tool", refused(422, tools=["get_weather"])),
        bad("a part, 500", refused(500, messages=part("video_url"))), bad("a choice, 422", refused(422, tool_choice="sometimes")),
        bad("a format, 500", refused(500, response_format={"type": "yaml"})),
        bad("no schema, served", served(response_format={"type": "json_schema"})),
    ],
    "image_is_taken_or_400": [
        good("taken", served(messages=part("image_url"))), good("refused", refused(messages=part("image_url"))),
        bad("500", refused(500, messages=part("image_url"))), bad("422", refused(422, messages=part("image_url"))),
    ],
    "sound_or_file_is_taken_or_400": [
        good("taken", served(messages=part("input_audio"))), good("refused", refused(messages=part("file"))),
        bad("500", refused(500, messages=part("input_audio"))), bad("422", refused(422, messages=part("file"))),
    ],
    "features_are_not_passed_over": [
        good("several", hello({"choices": HELLO["choices"] * 2}, asked={"n": 2})), good("one of one", hello(asked={"logprobs": True, "n": 1}, edits={
            "choices.0.logprobs": {"content": [], "refusal": None}})),
        good("JSON", saying('{"a": 1}', asked=JSON)), good("JSON in a fence", saying('```json\n{"a": 1}\n```', asked=JSON)),
        good("a refusal", hello({"choices.0.message.content": "", "choices.0.message.refusal": "No."}, asked=JSON)),
        good("JSON in one of two choices", hello({"choices": [*HELLO["choices"], edited(HELLO["choices"][0], {"message.content": '{"a": 1}'})]}, asked=JSON)),
        bad("no log probabilities", hello(asked={"logprobs": True})), bad("one choice", hello(asked={"n": 2})),
        good("a call that was cut", hello({"choices.0.message.content": "<tool_call", "choices.0.finish_reason": "length"}, asked=JSON | {"tools": TOOLS})),
        bad("prose beside tools", saying("Hello there.", asked=JSON | {"tools": TOOLS})), bad("cut prose", hello({"choices.0.message.content": "Hello", "choices.0.finish_reason": "length"}, asked=JSON)),
        bad("prose", saying("Hello there.", asked=JSON)), bad("streamed", spoken(asked={"logprobs": True})),
    ],
}  # fmt: skip

MODELS_MORE = {
    "model_extras_are_additive": [
        good("a length", models({"data.0.max_model_len": 4096})), good("alone", model({"root": "m", "permission": []})),
        good("without a time", models({"data.0": {"id": "m", "object": "model", "owned_by": "o", "root": "m"}})),
        bad("an id that is a number", models({"data.0": MODEL | {"root": "m", "id": 7}})),
        bad("a time in text", model({"root": "m", "created": "2026-11-22"})),
        bad("an owner that is an object", models({"data.1": edited(MODEL, {"owned_by": {"name": "o"}}) | {"root": "m"}})),
    ],
}  # fmt: skip



def default_rows(name, value):
    """A parameter at its default: served, refused for another, and refused for itself."""
    return [
        good("served", served(**{name: value})), good("another is refused", about("seed", **{name: value})),
        bad("400", about(name, **{name: value})), bad("422", about(name, 422, **{name: value})),
    ]  # fmt: skip


DEFAULTS = {
    "default_temperature_is_accepted": default_rows("temperature", 1),
    "default_top_p_is_accepted": default_rows("top_p", 1.0),
    "default_frequency_penalty_or_presence_penalty_is_accepted": default_rows("presence_penalty", 0),
    "default_n_is_accepted": default_rows("n", 1),
    "default_response_format_is_accepted": default_rows("response_format", {"type": "text"}),
    "default_stream_is_accepted": default_rows("stream", False),
}

TABLE = TOLD | ACCEPTED | REFUSED | MODELS_MORE | DEFAULTS
