"""Errors that clients cannot read: shape, status, and requests that are refused without need."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.answer import Reply, Response
from conformance.reference.ask import Json
from conformance.reference.edit import ERROR, UNAUTHORIZED, error, without
from conformance.reference.fault import REPLY, REQUEST, RESPONSE, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal
from conformance.reference.script import Send

_NO_STANDARD_ERROR = (
    "ERR-002", "ERR-003", "ERR-004", "ERR-005", "ERR-010", "ERR-011", "ERR-016", "ERR-021",
    "ERR-023", "ERR-028", "ERR-032", "ERR-033", "AUTH-002", "AUTH-003", "AUTH-004", "AUTH-008",
    "MODELS-011", "MODELS-012", "TRANS-018", "TRANS-021", "TRANS-022", "TRANS-023",
    "CREQ-007", "CREQ-054", "RT-009", "SO-013", "TRANS-016", "RESP-026", "CMPL-001", "EMB-001",
)  # fmt: skip
"""Clauses that ask for the standard error object, or for what is read out of it."""
_READABLE = (
    "their texts ask that a refusal can be read: CREQ-007, CREQ-054, RT-009, SO-013, TRANS-016, "
    "RESP-026, CMPL-001, EMB-001"
)
"""Why four faults were amended."""
_INVALID_REQUESTS = (
    "ERR-008", "ERR-021", "ERR-023", "ERR-024", "ERR-025", "ERR-026", "ERR-027", "ERR-028",
    "ERR-033", "TRANS-016", "TRANS-017", "TRANS-023", "CREQ-014", "CREQ-018", "CREQ-021",
    "CREQ-028", "CREQ-032", "CREQ-042", "CREQ-043", "CREQ-048", "CREQ-052", "CREQ-053", "CREQ-054",
    "CREQ-057", "CREQ-060", "CREQ-062", "CREQ-065", "CREQ-067", "CREQ-077", "RT-010", "SO-005",
    "SO-006", "SO-007", "SO-013", "SO-022", "TRANS-018", "CMPL-010", "EMB-011", "EMB-014",
)  # fmt: skip
"""Clauses that ask for status 400 in answer to an invalid request."""
_MOST_MESSAGES = 100
_FORBIDDEN = 403
_AUTH = ("AUTH-002", "AUTH-003", "ERR-009", "MODELS-012", "AUTH-008", "AUTH-004", "ERR-010")


@fault(
    "error-with-status-200", at=REPLY, level="must",
    sources=["pydantic/pydantic-ai#2409", "Aider-AI/aider#3550", "maximhq/bifrost#5425"],
    primary=["ERR-007"],
    cascades=["CREQ-007", "CREQ-008", "ERR-001", "ERR-006", "ERR-011", "CREQ-001", "MODELS-001", "MODELS-009", "TRANS-021",
              "TRANS-022", "TRANS-007", "SSE-018", "SO-003", "CRESP-001", "CRESP-002", "CRESP-003",
              "CRESP-004", "CRESP-005", "CRESP-006", "CRESP-020", *_INVALID_REQUESTS, *_AUTH,
              "MODELS-011", "ERR-031", "ERR-032", "SSE-010", "SSE-012", "SSE-019", "CREQ-059", "CREQ-075",
              "RESP-*", "RSTRM-*"],
    amended="image parts, sound, custom choices and hosted features are refused by an error as well: CREQ-007, CREQ-008, CREQ-059, CREQ-075; so is much of /responses: RESP, RSTRM; "
            "and what text completions and embeddings cannot be asked for: CMPL-010, EMB-011, EMB-014",
)  # fmt: skip
def error_with_status_200(reply: Reply) -> Reply:
    """Errors come with status 200, and the SDK takes them for an empty completion."""
    return replace(reply, status=200) if reply.status >= ERROR else reply


@fault(
    "error-flat", at=REPLY, level="must", takes=["the body of errors"],
    sources=["vLLM before 0.10: object error at top level"],
    primary=["ERR-001", "ERR-006"], cascades=_NO_STANDARD_ERROR, amended=_READABLE,
)  # fmt: skip
def error_flat(reply: Reply) -> Reply:
    """The members of the error stand at the top level, beside `object: error`."""
    return error(reply, lambda inner: {"object": "error", **inner})


@fault(
    "error-fastapi-detail", at=REPLY, level="must", takes=["the body of errors"],
    sources=["FastAPI-based servers"],
    primary=["ERR-001", "ERR-006"], cascades=_NO_STANDARD_ERROR, amended=_READABLE,
)  # fmt: skip
def error_fastapi_detail(reply: Reply) -> Reply:
    """Errors are `{"detail": ...}`."""
    return error(reply, lambda inner: {"detail": inner["message"]})


@fault(
    "error-string", at=REPLY, level="must", takes=["the body of errors"],
    sources=["Ascend/MindIE-LLM: http_rest_resource.cpp", "infiniflow/ragflow#3209"],
    field=["error-flat-string-with-error-type"],
    primary=["ERR-001"], cascades=["ERR-006", *_NO_STANDARD_ERROR], amended=_READABLE,
)  # fmt: skip
def error_string(reply: Reply) -> Reply:
    """`error` is a string, with `error_type` beside it."""
    return error(
        reply, lambda inner: {"error": inner["message"], "error_type": "Input Validation Error"}
    )


@fault(
    "error-html", at=RESPONSE, level="must", takes=["the body of errors"],
    sources=["continuedev/continue#11752", "n8n-io/n8n#18275"],
    field=["html-error-body"],
    primary=["ERR-001", "ERR-031"], cascades=["ERR-006", *_NO_STANDARD_ERROR, "TRANS-008"],
    amended=_READABLE,
)  # fmt: skip
def error_html(response: Response) -> Response:
    """Errors are HTML pages, as a gateway in front writes them."""
    if response.status < ERROR:
        return response
    page = f"<html><head><title>{response.status}</title></head><body>nginx</body></html>"
    return replace(
        response,
        headers=response.with_header("Content-Type", "text/html"),
        body=(Send(page.encode()),),
    )


@fault(
    "error-code-integer", at=REPLY, level="should", sources=["vLLM: code is the status"],
    field=["context-overflow-code-generic-int"],
    primary=["ERR-004"],
    cascades=["ERR-011", "ERR-021", "AUTH-003", "ERR-032"],
)  # fmt: skip
def error_code_integer(reply: Reply) -> Reply:
    """`error.code` is the status as an integer."""
    return error(reply, lambda inner: {"error": {**inner, "code": reply.status}})


@fault(
    "error-without-param", at=REPLY, level="should", sources=["many servers"],
    primary=["ERR-005"], cascades=["ERR-033", "ERR-023", "CREQ-061"],
)  # fmt: skip
def error_without_param(reply: Reply) -> Reply:
    """`error.param` is missing."""
    return error(reply, lambda inner: {"error": without(inner, "param")})


@fault(
    "invalid-request-422", at=REPLY, level="must",
    sources=["Ascend/MindIE-LLM: single_req_infer_interface_base.cpp", "FastAPI-based servers"],
    field=["validation-status-422-instead-of-400"],
    primary=["ERR-008"], cascades=["CREQ-007", "CREQ-008", "RESP-026", *_INVALID_REQUESTS],
    amended="of a response the error is judged by RESP-026; parts with images or sound are refused by an error as well: CREQ-007, CREQ-008; and so is what text completions "
            "and embeddings cannot be asked for: CMPL-010, EMB-011, EMB-014",
)  # fmt: skip
def invalid_request_422(reply: Reply) -> Reply:
    """Every validation error has status 422 in place of 400."""
    return replace(reply, status=422) if reply.status == ERROR else reply


@fault(
    "wrong-key-403", at=REPLY, level="must", sources=["gateways before self-hosted servers"],
    primary=["AUTH-003"], cascades=_AUTH,
)  # fmt: skip
def wrong_key_403(reply: Reply) -> Reply:
    """A missing or wrong key is answered with 403. Needs a server with a key."""
    return replace(reply, status=403) if reply.status == UNAUTHORIZED else reply


@fault(
    "wrong-key-500", at=REPLY, level="must", sources=["proxies that turn 4xx into 500", "ogx-ai/ogx#2990"],
    field=["invalid-key-500"],
    primary=["AUTH-003"], cascades=[*_AUTH, "ERR-019", "ERR-020"],
)  # fmt: skip
def wrong_key_500(reply: Reply) -> Reply:
    """A missing or wrong key is answered with 500. Needs a server with a key."""
    return replace(reply, status=500) if reply.status == UNAUTHORIZED else reply


@fault(
    "context-overflow-500", at=REPLY, level="should",
    sources=["kserve/kserve#3886"], field=["overflow-500"],
    primary=["ERR-021"], cascades=["ERR-008", "ERR-019", "ERR-020"],
)  # fmt: skip
def context_overflow_500(reply: Reply) -> Reply:
    """A prompt longer than the context is answered with 500."""
    return replace(reply, status=500) if _code(reply) == "context_length_exceeded" else reply


def _code(reply: Reply) -> str | None:
    held: Json = reply.document if isinstance(reply.document, dict) else {}
    inner = held.get("error")
    return inner.get("code") if isinstance(inner, dict) else None


@fault(
    "unknown-model-served", at=REQUEST, level="must", sources=["ggml-org/llama.cpp#12137", "LM Studio", "icebear0828/codex-proxy#660"],
    field=["model-field-ignored-default-name"],
    primary=["CREQ-001"], cascades=["ERR-011", "CRESP-005", "STRM-004", "ERR-032", "AUTH-004"],
    amended="a model that the key may not use is served as another: AUTH-004",
)  # fmt: skip
def unknown_model_served(request: HttpRequest) -> HttpRequest:
    """A model that is not there is silently replaced by the one that is."""
    asked = request.json.get("model")
    return (
        request
        if asked in request.served or asked is None
        else request.edited(model=request.served[0])
    )


@fault(
    "null-parameter-rejected", at=REQUEST, level="should", sources=["strict schema servers"],
    primary=["TRANS-017"], cascades=["CREQ-032", "CREQ-050"],
)  # fmt: skip
def null_parameter_rejected(request: HttpRequest) -> HttpRequest:
    """A parameter that is null is refused in place of taken for its default."""
    for name, value in request.json.items():
        if value is None:
            raise Refusal(f"Invalid type for '{name}': null.", code="invalid_type", param=name)
    return request


@fault(
    "text-parts-rejected", at=REQUEST, level="must", sources=["servers that read string content only"],
    primary=["CREQ-005"], cascades=["CREQ-006", "RT-008", "CREQ-072", "CREQ-007"],
    amended="the list that holds an image is refused as a list, without naming the image: CREQ-007",
)  # fmt: skip
def text_parts_rejected(request: HttpRequest) -> HttpRequest:
    """Content as an array of text parts is refused."""
    for place, message in enumerate(request.messages):
        if isinstance(message.get("content"), list):
            at = f"messages[{place}].content"
            raise Refusal(f"'{at}' must be a string.", code="invalid_type", param=at)
    return request


@fault(
    "bearer-in-one-case", at=REQUEST, level="must", sources=["llama.cpp server: compares with 'Bearer '", "SamSaffron/term-llm#414"],
    primary=["AUTH-001"],
)  # fmt: skip
def bearer_in_one_case(request: HttpRequest) -> HttpRequest:
    """The scheme of `Authorization` is compared letter by letter with `Bearer`."""
    given = request.headers.get("authorization", "")
    if given and not given.startswith("Bearer "):
        raise Refusal("Incorrect API key provided.", status=401, code="invalid_api_key")
    return request


@fault(
    "long-history-rejected", at=REQUEST, level="should", sources=["gateways that count messages"],
    primary=["CREQ-078"],
)  # fmt: skip
def long_history_rejected(request: HttpRequest) -> HttpRequest:
    """A conversation of more than a hundred messages is refused, however short they are."""
    if len(request.messages) > _MOST_MESSAGES:
        raise Refusal("Too many messages.", code="invalid_value", param="messages")
    return request


@fault(
    "developer-role-rejected", at=REQUEST, level="should", sources=["chat templates without that role"],
    field=["developer-role-rejected"],
    primary=["CREQ-003"], cascades=["CREQ-006"],
)  # fmt: skip
def developer_role_rejected(request: HttpRequest) -> HttpRequest:
    """Messages of role `developer` are refused."""
    if any(message.get("role") == "developer" for message in request.messages):
        raise Refusal("Unknown role 'developer'.", code="invalid_value", param="messages")
    return request


@fault(
    "permission-as-bad-key", at=REPLY, level="should", sources=["gateways that know 401 alone"],
    primary=["AUTH-004"], cascades=["ERR-009", "ERR-010"],
)  # fmt: skip
def permission_as_bad_key(reply: Reply) -> Reply:
    """A model that the key may not use is refused as if the key were wrong."""
    return replace(reply, status=UNAUTHORIZED) if reply.status == _FORBIDDEN else reply
