"""Doors that stand open, are locked, or lead elsewhere: keys, methods, paths, models, forms."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.answer import Reply, Response
from conformance.reference.breaks import LOST_STREAM, NO_ANSWER
from conformance.reference.circumstances import chat, listing_models, whole
from conformance.reference.fault import REPLY, REQUEST, RESPONSE, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal
from conformance.reference.script import Send

_OK = 200
_NOT_THERE = frozenset({404, 405})


@fault(
    "key-never-checked", at=REQUEST, level="must",
    sources=["docs: Ollama, OpenAI compatibility (api_key required but ignored)"],
    field=["api-key-ignored"],
    primary=["AUTH-002", "AUTH-003"], cascades=["AUTH-*", "ERR-009", "MODELS-012", "ERR-010"],
)  # fmt: skip
def key_never_checked(request: HttpRequest) -> HttpRequest:
    """Any key opens, and none as well."""
    return replace(request, trusted=True)


@fault(
    "dummy-key-refused-though-open", at=REQUEST, level="should",
    sources=["docs: can1357/oh-my-pi, packages/ai/CHANGELOG.md (17.0.8)"],
    field=["authorization-sent-to-no-auth-rejected"],
    primary=["AUTH-005"], cascades=["AUTH-002", "ERR-009", "MODELS-012"],
)  # fmt: skip
def dummy_key_refused_though_open(request: HttpRequest) -> HttpRequest:
    """No key is asked for, but one that nobody knows is refused."""
    return request if "authorization" in request.headers else replace(request, trusted=True)


@fault(
    "bearer-not-understood", at=REQUEST, level="must",
    sources=["can1357/oh-my-pi#6510"], field=["x-api-key-required"],
    primary=["AUTH-001"], cascades=["*"],
)  # fmt: skip
def bearer_not_understood(request: HttpRequest) -> HttpRequest:
    """The key has to come in a header of the vendor's own."""
    if "x-api-key" in request.headers:
        return replace(request, trusted=True)
    raise Refusal("Missing API key: header x-api-key required.", status=401, code="invalid_api_key")


def _reading(request: HttpRequest) -> bool:
    return request.method == "GET"


@fault(
    "page-on-every-path", at=RESPONSE, level="must", of=_reading, sources=["AtomicBot-ai/atomic-agent#73"],
    field=["health-html-on-every-path"],
    primary=["TRANS-021", "TRANS-022"],
    cascades=["TRANS-005", "TRANS-006", "TRANS-008", "MODELS-*", "RESP-*", "ERR-*"],
)  # fmt: skip
def page_on_every_path(response: Response) -> Response:
    """Whoever reads what is not there gets the page of the user interface, with status 200."""
    if response.status not in _NOT_THERE:
        return response
    headers = response.with_header("Content-Type", "text/html")
    return replace(response, status=_OK, headers=headers, body=(Send(b"<!doctype html><html>"),))


@fault(
    "models-not-routed", at=REPLY, level="must", of=listing_models, sources=["vllm-project/vllm-ascend#14129"],
    field=["pd-proxy-models-404"],
    primary=["MODELS-001"], cascades=["MODELS-*", "TRANS-001", "ERR-*", "AUTH-*"],
)  # fmt: skip
def models_not_routed(_reply: Reply) -> Reply:
    """Models are not listed: a proxy routes completions only."""
    return Reply(status=404, document={"detail": "Not Found"})


@fault(
    "model-under-another-name", at=REQUEST, level="must", of=chat,
    sources=["docs: Huawei Cloud, MaaS standard API V2 maas-modelarts-0083"],
    field=["model-id-case-and-suffix-differs"],
    primary=["MODELS-008"], cascades=["*"],
)  # fmt: skip
def model_under_another_name(request: HttpRequest) -> HttpRequest:
    """The model is taken under a name with capitals only, which is neither listed nor configured."""
    if request.served and request.json.get("model") == request.served[0]:
        name = request.served[0]
        words = f"The model {name} does not exist; did you mean {name.title()}?"
        raise Refusal(words, status=404, code="model_not_found", param="model")
    return request


@fault(
    "streams-only", at=REPLY, level="must", of=whole, takes=["the body of answers"],
    sources=["huggingface/transformers#38443"], field=["stream-only-server"],
    primary=["ERR-007"], cascades=["*"],
)  # fmt: skip
def streams_only(reply: Reply) -> Reply:
    """Who does not ask for a stream gets a text for an error, with status 200."""
    if reply.status != _OK:
        return reply
    return Reply(document={"error": "Only streaming mode is supported."})


@fault(
    "stream-of-no-type", at=RESPONSE, level="must", sources=["InternLM/lmdeploy#4130"],
    field=["proxy-stream-no-event-stream-type"],
    primary=["TRANS-007"],
    cascades=[*NO_ANSWER, *LOST_STREAM, "SSE-*", "STRM-*", "STOOL-*", "CMPL-*", "TRANS-005", "TRANS-006", "TRANS-008"],
)  # fmt: skip
def stream_of_no_type(response: Response) -> Response:
    """Streams do not say what they are: no `Content-Type`."""
    if not response.stream:
        return response
    kept = tuple(pair for pair in response.headers if pair[0].lower() != "content-type")
    return replace(response, headers=kept)
