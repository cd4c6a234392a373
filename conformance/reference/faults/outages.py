"""Outages: while others are served, after what somebody else sent, now and then, for good."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.reference.answer import Reply, Response
from conformance.reference.ask import Json
from conformance.reference.breaks import REFUSED
from conformance.reference.circumstances import (
    all_of,
    busy,
    chat,
    from_the,
    just_abandoned,
    struck,
    texts,
    up_to_the,
    vectors,
)
from conformance.reference.edit import at_byte
from conformance.reference.fault import REPLY, RESPONSE, SCRIPT, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens
from conformance.reference.script import Pause, Script, Send

_HOURS = 6 * 3600.0
_LONG = 5000
"""Tokens of a prompt that is too much for some, though it fits."""
_VOCABULARY = 200_000
_OK = 200


def _fails(reply: Reply, message: str, **members: Any) -> Reply:
    told: Json = {"message": message, "type": "InternalServerError", "param": None, "code": None}
    answer = Reply(status=500, document={"error": {**told, **members}})
    return answer if reply.status == _OK else reply


def _stalls(script: Script) -> Script:
    """A success of which the head comes, and then nothing any more."""
    first = next((act.data for act in script if isinstance(act, Send)), b"")
    if not first.startswith(b"HTTP/1.1 200"):
        return script
    return at_byte(script, len(first.partition(b"\r\n\r\n")[0]) + 4, Pause(_HOURS))


@fault(
    "crash-in-twenty", at=RESPONSE, level="must", of=chat, rate=0.05, takes=["the body of answers"],
    sources=["vllm-project/vllm-ascend#3966"], field=["accuracy-eval-500s"],
    primary=["ERR-001"], cascades=REFUSED,
)  # fmt: skip
def crash_in_twenty(response: Response) -> Response:
    """One request in twenty is answered with 500 and plain words."""
    headers = response.with_header("Content-Type", "text/plain; charset=utf-8")
    return replace(
        response, status=500, headers=headers, stream=False, body=(Send(b"Internal Server Error"),)
    )


def _beyond(request: HttpRequest) -> bool:
    ids = request.json.get("stop_token_ids")
    return isinstance(ids, list) and any(isinstance(one, int) and one >= _VOCABULARY for one in ids)


@fault(
    "token-id-kills-the-engine", at=REPLY, level="must", of=chat, when=struck(_beyond, 6),
    takes=["the body of answers"], sources=["gonka-ai/gonka#1170"],
    field=["bad-stop-token-id-kills-engine"],
    primary=["TRANS-016"], cascades=REFUSED,
)  # fmt: skip
def token_id_kills_the_engine(reply: Reply) -> Reply:
    """A token id that is none ends the engine: this request and the next ones are answered with 500."""
    return _fails(reply, "EngineCore encountered an issue.", code=500)


def _batch(request: HttpRequest) -> bool:
    prompt = request.json.get("prompt")
    return texts(request) and isinstance(prompt, list) and isinstance(prompt[0], str)


@fault(
    "batches-collide", at=REPLY, level="should", of=_batch, when=busy(2), takes=["the body of answers"],
    sources=["InternLM/lmdeploy#4773", "InternLM/lmdeploy#4774"],
    field=["batch-completions-session-collision-500"],
    primary=["CMPL-004"], cascades=["CMPL-*", "ERR-*"],
)  # fmt: skip
def batches_collide(reply: Reply) -> Reply:
    """While another request is being answered, several prompts in one fail."""
    return _fails(reply, "session id 1 is already mapped")


def _long(request: HttpRequest) -> bool:
    held = request.json.get("messages")
    return chat(request) and tokens.count_json(held if isinstance(held, list) else []) > _LONG


@fault(
    "long-prompt-ends-it-all", at=SCRIPT, level="should", of=chat, when=struck(_long, 3),
    takes=["the end of the stream", "the body of answers"],
    sources=["vllm-project/vllm-ascend#16365"], field=["context-cliff-poisons-engine"],
    primary=["ERR-021"], cascades=["*"],
)  # fmt: skip
def long_prompt_ends_it_all(script: Script) -> Script:
    """A long prompt, which would fit, is never answered, and neither is what comes after it."""
    return (Pause(_HOURS), *script)


def _penalised(request: HttpRequest) -> bool:
    held = request.json
    return any(held.get(name) for name in ("frequency_penalty", "presence_penalty"))


@fault(
    "penalty-ends-the-batch", at=REPLY, level="should", of=chat, when=all_of(busy(2), struck(_penalised, 2)),
    takes=["the body of answers"], sources=["vllm-project/vllm-ascend#10138"],
    field=["penalty-plus-long-batch-engine-crash"],
    primary=["CREQ-028"], cascades=REFUSED,
)  # fmt: skip
def penalty_ends_the_batch(reply: Reply) -> Reply:
    """A penalty while others are being answered ends them all with 500."""
    return _fails(reply, "grid should be less than 65536!")


@fault(
    "chat-fails-altogether", at=REPLY, level="must", of=chat, takes=["the body of answers"],
    sources=["vllm-project/vllm-ascend#10645"], field=["usage-accounting-500-for-parser-combo"],
    primary=["CREQ-004"], cascades=["*"],
)  # fmt: skip
def chat_fails_altogether(reply: Reply) -> Reply:
    """Every chat request ends with 500 when its tokens are counted; the other endpoints do well."""
    return _fails(reply, "'ParserManager' object has no attribute 'count_reasoning_tokens'")


def _seeing(request: HttpRequest) -> bool:
    return chat(request) and b'"image_url"' in request.body


@fault(
    "images-fail-after-three", at=REPLY, level="may", of=_seeing, when=from_the(4), takes=["the body of answers"],
    sources=["vllm-project/vllm-ascend#4678", "vllm-project/vllm-ascend#2891"],
    field=["vl-model-500-mid-run"],
    primary=["CREQ-007"], cascades=["ERR-*", "CREQ-*", "RT-*"],
)  # fmt: skip
def images_fail_after_three(reply: Reply) -> Reply:
    """Requests with images are answered three times, and then no more."""
    return _fails(reply, "out of memory")


@fault(
    "not-ready-at-first", at=REPLY, level="should", of=chat, when=up_to_the(3), takes=["the body of answers"],
    sources=["gpustack/gpustack#6203"], field=["readiness-models-200-during-load"],
    primary=["ERR-017"], cascades=REFUSED,
)  # fmt: skip
def not_ready_at_first(_reply: Reply) -> Reply:
    """Models are listed from the start, but the first requests get 503 and no word on when to return."""
    told = {"message": "Warming up.", "type": "server_error", "param": None, "code": None}
    return Reply(status=503, document={"error": told})


@fault(
    "engine-hangs-behind-its-models", at=SCRIPT, level="must", of=chat, when=from_the(2),
    takes=["the end of the stream", "the body of answers"],
    sources=["vllm-project/vllm#1492", "jundot/omlx#1883", "jundot/omlx#2858"],
    field=["health-ok-while-engine-dead"],
    primary=["MODELS-008"], cascades=["*"],
)  # fmt: skip
def engine_hangs_behind_its_models(script: Script) -> Script:
    """Models are listed as ever, but soon the heads of answers come, and never a body."""
    return _stalls(script)


@fault(
    "generation-goes-on", at=SCRIPT, level="should", of=chat, when=just_abandoned(1),
    takes=["the beginning of answers"],
    sources=["ggml-org/llama.cpp#24496", "sgl-project/sglang#3520", "vllm-project/vllm#54947"],
    field=["disconnect-does-not-abort"],
    primary=["TRANS-024", "STRM-031"], cascades=["*"],
)  # fmt: skip
def generation_goes_on(script: Script) -> Script:
    """Where a client hung up, its answer is written to its end, and the next one waits for that."""
    return (Pause(60.0), *script)


@fault(
    "vectors-never-arrive", at=SCRIPT, level="must", of=vectors, takes=["the body of answers"],
    sources=["vllm-project/vllm-ascend#6424"], field=["embeddings-hang-after-200"],
    primary=["EMB-002"], cascades=["EMB-*", "TRANS-*", "ERR-021"],
    amended="nobody sees whether long texts were read: ERR-021",
)  # fmt: skip
def vectors_never_arrive(script: Script) -> Script:
    """Of embeddings the head comes, and never the body."""
    return _stalls(script)


@fault(
    "vectors-not-finite", at=REPLY, level="must", of=vectors, rate=0.3, takes=["the body of answers"],
    sources=["vllm-project/vllm#19661"], field=["embedding-nan-500"],
    primary=["EMB-002"], cascades=["EMB-*", "ERR-*"],
)  # fmt: skip
def vectors_not_finite(reply: Reply) -> Reply:
    """Some vectors hold what is no number, and end in an error of the server."""
    return _fails(reply, "Out of range float values are not JSON compliant")
