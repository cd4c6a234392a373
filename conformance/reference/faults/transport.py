"""HTTP that goes wrong: headers, content types, connections, the list of models."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.answer import Reply, Response
from conformance.reference.edit import is_model_list, without
from conformance.reference.fault import REPLY, REQUEST, RESPONSE, SCRIPT, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal
from conformance.reference.script import HangUp, Script, Send


@fault(
    "models-bare-array", at=REPLY, level="must", sources=["contract appendix A: GET /models bare array"],
    primary=["MODELS-001"],
    cascades=["MODELS-002", "MODELS-003", "MODELS-004", "MODELS-005", "MODELS-007", "MODELS-008", "MODELS-013"],
)  # fmt: skip
def models_bare_array(reply: Reply) -> Reply:
    """The list of models is a bare array."""
    held = reply.document
    return (
        replace(reply, document=held["data"])
        if _is_list(reply) and isinstance(held, dict)
        else reply
    )


@fault(
    "models-without-created", at=REPLY, level="should",
    sources=["Ascend/MindIE-LLM: http_handler.cpp GET /v1/models"],
    field=["models-list-without-created-leaks-path"],
    primary=["MODELS-004"],
)  # fmt: skip
def models_without_created(reply: Reply) -> Reply:
    """Models in the list have no `created`."""
    held = reply.document
    if not (_is_list(reply) and isinstance(held, dict)):
        return reply
    return replace(
        reply, document={**held, "data": [without(each, "created") for each in held["data"]]}
    )


@fault(
    "encoded-slash-unknown", at=REQUEST, level="should",
    sources=["servers whose router takes %2F apart, or does not decode it"],
    primary=["MODELS-010"], cascades=["MODELS-009"],
)  # fmt: skip
def encoded_slash_unknown(request: HttpRequest) -> HttpRequest:
    """A model's id with a percent-encoded slash is not found."""
    if "%2f" in request.path.lower():
        raise Refusal("Not found.", status=404, code="model_not_found", param="model")
    return request


def _is_list(reply: Reply) -> bool:
    return is_model_list(reply.document)


@fault(
    "request-id-missing", at=RESPONSE, level="should", sources=["most self-hosted servers"],
    primary=["TRANS-011"],
)  # fmt: skip
def request_id_missing(response: Response) -> Response:
    """Responses carry no `x-request-id`."""
    kept = tuple(pair for pair in response.headers if pair[0] != "x-request-id")
    return replace(response, headers=kept)


@fault(
    "json-called-text", at=RESPONSE, level="must", sources=["servers that send JSON as text/plain"],
    primary=["TRANS-005"], cascades=["TRANS-006", "ERR-031"],
)  # fmt: skip
def json_called_text(response: Response) -> Response:
    """JSON comes with `Content-Type: text/plain`."""
    if response.stream:
        return response
    return replace(response, headers=response.with_header("Content-Type", "text/plain"))


@fault(
    "connection-dropped-after-each", at=SCRIPT, level="should",
    sources=["servers and balancers that close kept-alive connections"],
    primary=["TRANS-020"], cascades=["TRANS-018"],
    amended="a large request that goes over such a connection breaks in mid-upload: TRANS-018",
)  # fmt: skip
def connection_dropped_after_each(script: Script) -> Script:
    """Every connection is said to be kept alive, and closed after its first answer."""
    return script if script and isinstance(script[-1], HangUp) else (*script, HangUp())


@fault(
    "errors-end-the-connection", at=SCRIPT, level="should",
    sources=["transformers 5.23.0, transformers serve (uvicorn): each 500 ends its connection, without `Connection: close`"],
    primary=["TRANS-020"], cascades=["TRANS-018"],
)  # fmt: skip
def errors_end_the_connection(script: Script) -> Script:
    """A connection is closed behind an error, and no header says so."""
    head = next((act.data for act in script if isinstance(act, Send)), b"")
    failed = head.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5"))
    return (*script, HangUp()) if failed and not isinstance(script[-1], HangUp) else script
