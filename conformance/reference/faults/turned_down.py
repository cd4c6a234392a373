"""Valid requests that are turned down, or end in a crash, for what stands in one place of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.reference.ask import Json
from conformance.reference.breaks import REFUSED
from conformance.reference.circumstances import chat, responding, shape_of, streamed
from conformance.reference.fault import REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal, crash

_WITH_CALLS = ("RT-*", "CREQ-009", "CREQ-010", "CREQ-011", "CREQ-012", "CREQ-013", "TOOL-*", "RSN-*")  # fmt: skip
"""What may fail where an assistant's message cannot be sent back."""
_WITH_ITEMS = ("RESP-*", "RSTRM-*", "RT-015", "RSN-*", "CREQ-007")


def _input(request: HttpRequest) -> list[Any]:
    held = request.json.get("input")
    return held if isinstance(held, list) else []


@fault(
    "messages-of-no-list-crash", at=REQUEST, level="must", of=chat,
    sources=["lmstudio-ai/lmstudio-bug-tracker#377"], field=["messages-object-500"],
    primary=["ERR-027"], cascades=["ERR-*"],
)  # fmt: skip
def messages_of_no_list_crash(request: HttpRequest) -> HttpRequest:
    """`messages` that is an object is answered with 500."""
    if isinstance(request.json.get("messages"), dict):
        raise crash("messages is not iterable")
    return request


@fault(
    "greeting-of-the-assistant-crashes", at=REQUEST, level="should", of=chat,
    sources=["aws-samples/bedrock-access-gateway#43"], field=["assistant-first-500"],
    primary=["CREQ-016"], cascades=["CREQ-009", "CREQ-017", "ERR-*"],
)  # fmt: skip
def greeting_of_the_assistant_crashes(request: HttpRequest) -> HttpRequest:
    """A conversation that the assistant begins is answered with 500."""
    said = [one["role"] for one in request.messages if one.get("role") not in ("system", "developer", None)]  # fmt: skip
    if said[:1] == ["assistant"]:
        raise crash("A conversation must start with a user message.")
    return request


@fault(
    "empty-calls-in-history-crash", at=REQUEST, level="must", of=chat,
    sources=["vllm-project/vllm#13978"], field=["empty-calls-in-history-500"],
    primary=["ERR-008"], cascades=["ERR-*", *_WITH_CALLS],
    amended="OpenAI refuses an empty list, so that it need not be taken; what is refused is refused with 400: ERR-008",
)  # fmt: skip
def empty_calls_in_history_crash(request: HttpRequest) -> HttpRequest:
    """A message of the assistant with an empty list of calls is answered with 500."""
    if any(each.get("tool_calls") == [] for each in request.messages):
        raise crash("This model only supports single tool-calls at once!")
    return request


@fault(
    "refusal-in-history-refused", at=REQUEST, level="must", of=chat,
    sources=["anomalyco/opencode#43467"], field=["refusal-null-in-history-400"],
    primary=["CREQ-011"], cascades=_WITH_CALLS,
)  # fmt: skip
def refusal_in_history_refused(request: HttpRequest) -> HttpRequest:
    """A message with the member `refusal`, be it null, is refused."""
    for place, each in enumerate(request.messages):
        if "refusal" in each:
            raise Refusal("Extra inputs are not permitted", param=f"messages[{place}].refusal")
    return request


@fault(
    "json-object-refused", at=REQUEST, level="should", of=shape_of("json_object"),
    sources=["lmstudio-ai/lmstudio-bug-tracker#169", "lmstudio-ai/lmstudio-bug-tracker#189"], field=["json-object-400"],
    primary=["CREQ-045"], cascades=["SO-*", "STAT-004", "CREQ-046", "RSN-*", "ERR-*"],
)  # fmt: skip
def json_object_refused(_request: HttpRequest) -> HttpRequest:
    """`response_format` may be a schema, but not `json_object`."""
    raise Refusal(
        "'response_format.type' must be 'json_schema' or 'text'", param="response_format.type"
    )


@fault(
    "stream-options-refused", at=REQUEST, level="should", of=streamed,
    sources=["BerriAI/litellm#8978", "neuron-core/neuron-ai#212"], field=["stream-options-400"],
    primary=["CREQ-064"], cascades=REFUSED,
)  # fmt: skip
def stream_options_refused(request: HttpRequest) -> HttpRequest:
    """`stream_options` is not known, and refused."""
    if "stream_options" in request.json:
        raise Refusal("Extra inputs are not permitted", param="stream_options")
    return request


@fault(
    "chunked-requests-refused", at=REQUEST, level="must",
    sources=["oobabooga/textgen#3870", "ml-explore/mlx-lm#589"], field=["chunked-request-body-400"],
    primary=["TRANS-003"], cascades=REFUSED,
)  # fmt: skip
def chunked_requests_refused(request: HttpRequest) -> HttpRequest:
    """A body in chunks, without a Content-Length, is not read, and refused."""
    if "transfer-encoding" in request.headers:
        raise Refusal("Content-Length is required.")
    return request


@fault(
    "response-of-one-item-only", at=REQUEST, level="must", of=responding,
    sources=["lmstudio-ai/lmstudio-bug-tracker#1064"], field=["responses-several-items-400"],
    primary=["RESP-003"], cascades=_WITH_ITEMS,
)  # fmt: skip
def response_of_one_item_only(request: HttpRequest) -> HttpRequest:
    """An `input` of more than one item is refused."""
    if len(_input(request)) > 1:
        raise Refusal("Invalid input: expected one item.", param="input")
    return request


def _parts(request: HttpRequest) -> Iterator[Json]:
    for item in _input(request):
        content = item.get("content") if isinstance(item, dict) else None
        yield from (
            (each for each in content if isinstance(each, dict))
            if isinstance(content, list)
            else ()
        )


@fault(
    "response-images-want-detail", at=REQUEST, level="must", of=responding,
    sources=["open-webui/open-webui#28286"], field=["responses-image-without-detail-400"],
    primary=["RESP-004"], cascades=["RESP-003", "CREQ-007"],
)  # fmt: skip
def response_images_want_detail(request: HttpRequest) -> HttpRequest:
    """An image without `detail` is refused, though it has a default."""
    if any(each.get("type") == "input_image" and "detail" not in each for each in _parts(request)):
        raise Refusal("detail: field required", param="input")
    return request


@fault(
    "outputs-of-stored-calls-refused", at=REQUEST, level="should", of=responding,
    sources=["ogx-ai/ogx#2522"], field=["previous-response-with-output-400"],
    primary=["RESP-020"], cascades=["RESP-019", "RT-015"],
)  # fmt: skip
def outputs_of_stored_calls_refused(request: HttpRequest) -> HttpRequest:
    """The output of a call that a stored response made is refused: no such call is in the input."""
    kinds = {each.get("type") for each in _input(request) if isinstance(each, dict)}
    orphaned = "function_call_output" in kinds and "function_call" not in kinds
    if orphaned and request.json.get("previous_response_id"):
        raise Refusal("No tool call found for function call output.", param="input")
    return request
