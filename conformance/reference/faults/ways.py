"""Images, names, counts and lengths as servers handle them in their own way: no clause breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Choice, Completion, Reply
from conformance.reference.ask import Ask, Json, Message
from conformance.reference.circumstances import chat
from conformance.reference.edit import both, each_said, without
from conformance.reference.fault import ASK, COMPLETION, REPLY, REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model.complete import CONTEXT
from conformance.reference.refusal import Refusal

_LONGEST_ADDRESS = 65_520
_SMALL_CONTEXT = 4096
_DETAILS = "prompt_tokens_details"
_THOUGHT = ("Okay", ",", " the", " user", " asks", " for", " that", ".", " ")


def _pictures(request: HttpRequest) -> Iterator[Json]:
    """The parts of a request that are images."""
    listed = request.json.get("messages")
    for message in listed if isinstance(listed, list) else ():
        parts = message.get("content") if isinstance(message, dict) else None
        for part in parts if isinstance(parts, list) else ():
            if isinstance(part, dict) and part.get("type") == "image_url":
                yield part


def _addresses(request: HttpRequest) -> Iterator[str]:
    for part in _pictures(request):
        image: Any = part.get("image_url")
        yield str(image.get("url")) if isinstance(image, dict) else ""


def _image_refused(message: str, code: str | None = None) -> Refusal:
    return Refusal(message, param="messages", code=code)


# --- requests -------------------------------------------------------------------------------------


@fault(
    "logprobs-need-alternatives", at=REQUEST, level="may", of=chat,
    sources=["vllm-project/vllm#4795", "vllm-project/vllm#5031"], field=["logprobs-require-top-logprobs"],
    changes=["parameters/logprobs", "parameters/logprobs-beside-tools"], cascades=["CREQ-041", "TRANS-017"],
    amended="alternatives that are null are none: TRANS-017",
)  # fmt: skip
def logprobs_need_alternatives(request: HttpRequest) -> HttpRequest:
    """Log probabilities without a number of alternatives are refused."""
    if request.json.get("logprobs") is True and request.json.get("top_logprobs") is None:
        raise Refusal("Top logprobs must be set when logprobs is.", param="top_logprobs")
    return request


@fault(
    "context-of-four-thousand", at=ASK, level="may", of=chat,
    sources=["docs: Huawei Cloud, MaaS chat API maas-modelarts-0078"], field=["context-smaller-on-host"],
    changes=["content/whole-prompt"], cascades=["CREQ-078", "TOOL-027"],
)  # fmt: skip
def context_of_four_thousand(ask: Ask) -> Ask:
    """The same model takes 4096 tokens of prompt here, and refuses more."""
    if ask.prompt_tokens > _SMALL_CONTEXT:
        raise Refusal(
            f"This model's maximum context length is {_SMALL_CONTEXT} tokens.",
            code="context_length_exceeded",
            param="messages",
        )
    return ask


@fault(
    "long-addresses-refused", at=REQUEST, level="may", of=chat,
    sources=["openai/openai-python#3551"], field=["data-uri-length-limit"],
    changes=["multimodal/long-address"],
)  # fmt: skip
def long_addresses_refused(request: HttpRequest) -> HttpRequest:
    """An image whose data URI has more than 65520 characters is refused as no address."""
    if any(len(each) > _LONGEST_ADDRESS for each in _addresses(request)):
        message = "'data:image/jpeg;base64,...' is not a valid absolute URI"
        raise _image_refused(message, code="invalid_payload")
    return request


@fault(
    "one-image-at-most", at=REQUEST, level="may", of=chat,
    sources=["scaleway/docs-content#3966", "Anionex/dsh-vision-toolkit#69", "earendil-works/pi#3478"],
    field=["image-count-limit-400"],
    changes=["multimodal/two-images", "multimodal/images-in-two-messages"],
)  # fmt: skip
def one_image_at_most(request: HttpRequest) -> HttpRequest:
    """A conversation may hold one image; those of earlier messages count."""
    if len(list(_pictures(request))) > 1:
        raise _image_refused("At most 1 image(s) may be provided in one request.")
    return request


@fault(
    "gif-refused", at=REQUEST, level="may", of=chat,
    sources=["yuji-hatakeyama/opencode-gpt-imagegen#82"], field=["image-formats-differ-per-endpoint"],
    changes=["multimodal/another-format"],
)  # fmt: skip
def gif_refused(request: HttpRequest) -> HttpRequest:
    """A GIF is refused, though the API's documents name it."""
    if any(each.startswith("data:image/gif") for each in _addresses(request)):
        raise _image_refused(
            "The image is of a format that is not read.", code="invalid_image_file"
        )
    return request


@fault(
    "bare-addresses-only", at=REQUEST, level="may", of=chat,
    sources=["docs: Ollama, OpenAI compatibility (image_url given as a plain string)"],
    field=["image-url-as-string-accepted-only"],
    changes=["chat/image-part", "multimodal/blue-image", "multimodal/address-without-an-object"],
    amended="chat/image-part asks what multimodal/red-image asked: CREQ-007",
)  # fmt: skip
def bare_addresses_only(request: HttpRequest) -> HttpRequest:
    """An image's address must be a plain text: in an object, as others have it, it is refused."""
    if any(isinstance(each.get("image_url"), dict) for each in _pictures(request)):
        raise _image_refused("image_url must be a string.", code="invalid_type")
    return request.edited(messages=_wrapped(request.json.get("messages")))


def _wrapped(held: Any) -> Any:
    """The same, each `image_url` that is a text in an object."""
    if isinstance(held, list):
        return [*map(_wrapped, held)]
    if not isinstance(held, dict):
        return held
    return {
        key: {"url": each} if key == "image_url" and isinstance(each, str) else _wrapped(each)
        for key, each in held.items()
    }


# --- what the model is told, and how long it goes on ------------------------------------------------


@fault(
    "system-messages-in-front", at=ASK, level="may", of=chat,
    sources=["docs: Anthropic, OpenAI SDK compatibility (system/developer messages hoisted)"],
    field=["system-messages-hoisted-merged"], changes=["chat/late-order"],
)  # fmt: skip
def system_messages_in_front(ask: Ask) -> Ask:
    """All system messages are moved to the front and joined to one."""
    orders = [each for each in ask.messages if _orders(each)]
    if not orders:
        return ask
    joined = replace(orders[0], text="\n".join(each.text for each in orders))
    return replace(ask, messages=(joined, *(each for each in ask.messages if not _orders(each))))


def _orders(message: Message) -> bool:
    return message.role in ("system", "developer")


@fault(
    "prompt-counts-towards-the-minimum", at=ASK, level="may", of=chat,
    sources=["NVIDIA/TensorRT-LLM#12358", "NVIDIA/TensorRT-LLM#10824"], field=["min-tokens-counts-prompt"],
    changes=["effects/min-tokens"],
)  # fmt: skip
def prompt_counts_towards_the_minimum(ask: Ask) -> Ask:
    """The tokens of the prompt count towards the least that an answer must have."""
    return replace(ask, min_tokens=max(0, ask.min_tokens - ask.prompt_tokens))


def _with_template(request: HttpRequest) -> bool:
    return chat(request) and bool(request.json.get("chat_template"))


@fault(
    "template-switches-parsers-off", at=COMPLETION, level="may", of=_with_template,
    sources=["vllm-project/vllm#15272"], field=["template-param-changes-behaviour"],
    changes=["effects/template-of-the-clients-own"],
)  # fmt: skip
def template_switches_parsers_off(completion: Completion) -> Completion:
    """With a chat template of the client's own the model's thoughts stand in the content."""

    def thoughtful(one: Choice) -> Choice:
        pieces = (*_THOUGHT, *one.tokens)[: completion.ask.cap]
        return replace(one, text="".join(pieces), tokens=pieces, spent=len(pieces))

    return each_said(completion, thoughtful)


@fault(
    "two-tokens-beyond-the-context", at=COMPLETION, level="may", of=chat,
    sources=["vllm-project/vllm-ascend#11544"], field=["max-model-len-extra-steps"],
    changes=["content/end-of-the-context"],
)  # fmt: skip
def two_tokens_beyond_the_context(completion: Completion) -> Completion:
    """An answer that the end of the context cuts has two tokens more than fit."""

    def longer(one: Choice) -> Choice:
        if not one.text or completion.ask.prompt_tokens + one.spent < CONTEXT:
            return one
        pieces = (*one.tokens, " and", " so")
        return replace(one, text="".join(pieces), tokens=pieces, spent=one.spent + 2)

    return each_said(completion, longer)


# --- what the answer tells --------------------------------------------------------------------------


def _told(
    name: str, title: str, source: str, field: str, case: str, edit: Callable[[Json], Json]
) -> None:
    """A fault that edits the top level of answers and of chunks."""

    def rewrite(reply: Reply) -> Reply:
        return both(reply, edit)

    rewrite.__doc__ = title
    fault(name, at=REPLY, level="may", of=chat, sources=[source], field=[field], changes=[case])(
        rewrite
    )


def _timed(held: Json) -> Json:
    usage = held.get("usage")
    spent = usage["completion_tokens"] if usage else 0
    more = {"usage": {**usage, "batch_size": [1] * spent}} if usage else {}
    return {**held, **more, "prefill_time": 200, "decode_time_arr": [28] * spent}


def _zero_left_out(held: Json) -> Json:
    usage = held.get("usage")
    if not usage or usage[_DETAILS]["cached_tokens"]:
        return held
    return {**held, "usage": without(usage, _DETAILS)}


_told(
    "model-told-as-a-path",
    "The answer names the model by the path of its file.",
    "huggingface/text-generation-inference#2779",
    "model-echo-with-adapter-suffix",
    "chat/model-as-asked",
    lambda held: {**held, "model": f"/models/{held['model']}"},
)
_told(
    "times-of-tokens-told",
    "Answers and usage hold times and batch sizes of each token.",
    "docs: MindIE-LLM, Function Call feature guide response sample",
    "extra-timing-fields-in-response",
    "chat/standard-members",
    _timed,
)
_told(
    "nothing-cached-left-out",
    "The details of the prompt are left out where nothing was cached.",
    "vllm-project/vllm-ascend#9911",
    "cached-tokens-zero-omitted",
    "usage/nothing-cached",
    _zero_left_out,
)
