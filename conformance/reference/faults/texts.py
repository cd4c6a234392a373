"""Text completions, as servers get them wrong whose authors think of chat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.answer import Reply, Response
from conformance.reference.ask import Json
from conformance.reference.circumstances import texts
from conformance.reference.dress import DONE
from conformance.reference.edit import TEXT, each_event, without
from conformance.reference.fault import REPLY, REQUEST, RESPONSE, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal, crash

_NO_TEXTS = ("CMPL-*", "ERR-*")
"""Where nothing is there, nothing holds that is asked of it."""
_NO_TEXT = ("CMPL-004", "CMPL-007", "CMPL-008", "CMPL-014", "CMPL-015")
"""What is asked of the text of a choice."""


def _whole(reply: Reply, edit: Callable[[Json], Json]) -> Reply:
    document = reply.document
    told = isinstance(document, dict) and document.get("object") == TEXT
    return replace(reply, document=edit(document)) if told else reply  # type: ignore[arg-type]


def _each(reply: Reply, edit: Callable[[Json], Json]) -> Reply:
    """Every choice edited, streamed or not."""

    def inside(held: Json) -> Json:
        return {**held, "choices": [edit(each) for each in held["choices"]]}

    return replace(_whole(reply, inside), texts=tuple(map(inside, reply.texts)))


def _is_ids(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(each, int | list) for each in value)


@fault(
    "no-completions", at=REPLY, level="may", of=texts, sources=["lab captures: FastAPI servers without the endpoint"],
    primary=["CMPL-001", "CMPL-002"], cascades=[*_NO_TEXTS, "AUTH-003", "TRANS-016", "TRANS-017", "TRANS-023"],
    amended="what is not there looks neither at keys nor at bodies: AUTH-003, TRANS-016, TRANS-017, TRANS-023",
)  # fmt: skip
def no_completions(_reply: Reply) -> Reply:
    """The older endpoint is not there, and `{"detail": ...}` says so."""
    return Reply(status=404, document={"detail": "Not Found"})


@fault(
    "text-called-chat", at=REPLY, level="must", of=texts, sources=["gateways that map completions to chat"],
    primary=["CMPL-002"],
)  # fmt: skip
def text_called_chat(reply: Reply) -> Reply:
    """A text completion calls itself a chat completion (not streamed)."""
    return _whole(reply, lambda held: {**held, "object": "chat.completion"})


@fault(
    "text-in-a-message", at=REPLY, level="must", of=texts, sources=["gateways that map completions to chat"],
    primary=["CMPL-003"], cascades=_NO_TEXT,
)  # fmt: skip
def text_in_a_message(reply: Reply) -> Reply:
    """The text stands in `message.content` (not streamed)."""

    def moved(choice: Json) -> Json:
        message = {"role": "assistant", "content": choice["text"]}
        return {**without(choice, "text"), "message": message}

    return _whole(reply, lambda held: {**held, "choices": [*map(moved, held["choices"])]})


@fault(
    "text-finish-eos", at=REPLY, level="must", of=texts, sources=["text-generation-inference native API"],
    primary=["CMPL-003"], cascades=["CMPL-006", "CMPL-011", "CMPL-014"],
)  # fmt: skip
def text_finish_eos(reply: Reply) -> Reply:
    """A natural end is told as `eos_token`, and a cap as `max_length`."""
    native = {"stop": "eos_token", "length": "max_length", None: None}
    return _each(reply, lambda one: {**one, "finish_reason": native[one["finish_reason"]]})


@fault(
    "only-the-first-prompt", at=REQUEST, level="should", of=texts, sources=["lab captures: xpyd-sim"],
    primary=["CMPL-004"], cascades=["CMPL-007", "USAGE-010"],
    amended="what is not read costs nothing: USAGE-010",
)  # fmt: skip
def only_the_first_prompt(request: HttpRequest) -> HttpRequest:
    """Of several prompts the first is gone on with."""
    prompt = request.json.get("prompt")
    several = isinstance(prompt, list) and prompt and not isinstance(prompt[0], int)
    return request.edited(prompt=prompt[0]) if several else request  # type: ignore[index]


@fault(
    "prompts-in-another-order", at=REQUEST, level="should", of=texts, sources=["batches gathered as they finish"],
    primary=["CMPL-004"], cascades=["CMPL-007"],
)  # fmt: skip
def prompts_in_another_order(request: HttpRequest) -> HttpRequest:
    """The choices of several prompts come in the order in which they were finished."""
    prompt = request.json.get("prompt")
    several = isinstance(prompt, list) and all(isinstance(each, str) for each in prompt)
    return request.edited(prompt=prompt[::-1]) if several else request  # type: ignore[index]


@fault(
    "token-prompts-refused", at=REQUEST, level="should", of=texts, sources=["lab captures: smg"],
    primary=["CMPL-005"], field=["completions-list-prompt-joined"],
)  # fmt: skip
def token_prompts_refused(request: HttpRequest) -> HttpRequest:
    """A prompt must be a text; token ids are refused."""
    if _is_ids(request.json.get("prompt")):
        raise Refusal("'prompt' must be a string.", code="invalid_type", param="prompt")
    return request


@fault(
    "text-cap-of-its-own", at=REQUEST, level="must", of=texts, sources=["llama.cpp server: n_predict -1"],
    primary=["CMPL-006"],
)  # fmt: skip
def text_cap_of_its_own(request: HttpRequest) -> HttpRequest:
    """Without `max_tokens` an answer is as long as it likes."""
    return request if "max_tokens" in request.json else request.edited(max_tokens=400)


@fault(
    "echo-ignored", at=REQUEST, level="should", of=texts, sources=["lab captures: llama.cpp"],
    primary=["CMPL-007"], cascades=["CMPL-004", "CMPL-008", "CMPL-015"],
)  # fmt: skip
def echo_ignored(request: HttpRequest) -> HttpRequest:
    """`echo` is accepted and has no effect."""
    return request.edited(echo=None)


@fault(
    "text-logprobs-like-chat", at=REPLY, level="should", of=texts, sources=["lab captures: llama.cpp"],
    primary=["CMPL-008"], cascades=["CMPL-015"], field=["completions-echo-logprobs-generated-only"],
)  # fmt: skip
def text_logprobs_like_chat(reply: Reply) -> Reply:
    """Log probabilities have the form that they have in chat: `content` with an entry for each token."""

    def chatty(choice: Json) -> Json:
        told = choice["logprobs"]
        if told is None:
            return choice
        pairs = zip(told["tokens"], told["token_logprobs"], strict=True)
        content = [{"token": token, "logprob": value, "top_logprobs": []} for token, value in pairs]
        return {**choice, "logprobs": {"content": content}}

    return _each(reply, chatty)


@fault(
    "text-logprobs-uneven", at=REPLY, level="should", of=texts, sources=["servers that leave the last token out"],
    primary=["CMPL-008"], cascades=["CMPL-015"],
)  # fmt: skip
def text_logprobs_uneven(reply: Reply) -> Reply:
    """The last token has no log probability (not streamed)."""

    def short(choice: Json) -> Json:
        told = choice["logprobs"]
        less = told and {**told, "token_logprobs": told["token_logprobs"][:-1]}
        return {**choice, "logprobs": less}

    return _whole(reply, lambda held: {**held, "choices": [*map(short, held["choices"])]})


@fault(
    "first-token-is-certain", at=REPLY, level="should", of=texts, sources=["servers that say 0.0 for what they do not know"],
    primary=["CMPL-008"],
)  # fmt: skip
def first_token_is_certain(reply: Reply) -> Reply:
    """The first token of an echoed prompt has the log probability 0.0 in place of null."""

    def certain(choice: Json) -> Json:
        told = choice["logprobs"]
        if not told or None not in told["token_logprobs"]:
            return choice
        values = [0.0 if each is None else each for each in told["token_logprobs"]]
        return {**choice, "logprobs": {**told, "token_logprobs": values}}

    return _each(reply, certain)


@fault(
    "suffix-ignored", at=REQUEST, level="may", of=texts, sources=["lab captures: llama.cpp"],
    primary=["CMPL-009"],
)  # fmt: skip
def suffix_ignored(request: HttpRequest) -> HttpRequest:
    """`suffix` is accepted and never read."""
    return request.edited(suffix=None)


@fault(
    "suffix-fails", at=REQUEST, level="may", of=texts, sources=["templates without places for a middle"],
    primary=["CMPL-009"], cascades=["TRANS-017"],
    amended="a suffix of null is one as well there, which values/nulls-of-a-completion asks: TRANS-017",
)  # fmt: skip
def suffix_fails(request: HttpRequest) -> HttpRequest:
    """A `suffix` is answered with 500."""
    if "suffix" in request.json:
        raise crash("No FIM template.")
    return request


@fault(
    "best-of-never-checked", at=REQUEST, level="may", of=texts, sources=["servers that do not know best_of"],
    primary=["CMPL-010"],
)  # fmt: skip
def best_of_never_checked(request: HttpRequest) -> HttpRequest:
    """`best_of` is accepted whatever `n` is, and has no effect."""
    return request.edited(best_of=None)


@fault(
    "text-chunks-like-chat", at=REPLY, level="must", of=texts, sources=["gateways that map completions to chat"],
    primary=["CMPL-011"], cascades=_NO_TEXT,
)  # fmt: skip
def text_chunks_like_chat(reply: Reply) -> Reply:
    """Chunks are those of chat: `delta.content` in place of `text`."""

    def moved(choice: Json) -> Json:
        return {**without(choice, "text"), "delta": {"content": choice["text"]}}

    def chatty(chunk: Json) -> Json:
        return {
            **chunk, "object": "chat.completion.chunk", "choices": [*map(moved, chunk["choices"])]
        }  # fmt: skip

    return replace(reply, texts=tuple(map(chatty, reply.texts)))


@fault(
    "text-stream-without-done", at=RESPONSE, level="must", of=texts, sources=["lab captures: transformers serve"],
    primary=["CMPL-011"],
)  # fmt: skip
def text_stream_without_done(response: Response) -> Response:
    """A streamed text completion just ends, without `[DONE]`."""
    return each_event(response, lambda event: b"" if event == DONE else event)


@fault(
    "text-stream-without-usage", at=REPLY, level="should", of=texts, sources=["servers that know include_usage in chat only"],
    primary=["CMPL-012"],
)  # fmt: skip
def text_stream_without_usage(reply: Reply) -> Reply:
    """The usage that a stream is asked for does not come."""
    return replace(reply, texts=tuple(each for each in reply.texts if each["choices"]))


@fault(
    "text-usage-does-not-add-up", at=REPLY, level="should", of=texts, sources=["counts kept in two places"],
    primary=["CMPL-013"],
)  # fmt: skip
def text_usage_does_not_add_up(reply: Reply) -> Reply:
    """`total_tokens` is that of the prompt (not streamed)."""

    def wrong(held: Json) -> Json:
        usage = held["usage"]
        return {**held, "usage": {**usage, "total_tokens": usage["prompt_tokens"]}}

    return _whole(reply, wrong)


@fault(
    "text-cap-ignored", at=REQUEST, level="should", of=texts, sources=["servers that know max_completion_tokens only"],
    primary=["CMPL-013"], cascades=["CMPL-015", "CMPL-006"],
)  # fmt: skip
def text_cap_ignored(request: HttpRequest) -> HttpRequest:
    """Any `max_tokens` is taken for 64."""
    named = request.json.get("max_tokens")
    return request.edited(max_tokens=64) if isinstance(named, int) and named else request


@fault(
    "text-stop-ignored", at=REQUEST, level="should", of=texts, sources=["servers that know stop in chat only", "dphnAI/sonar#742"],
    field=["completions-stop-ignored"],
    primary=["CMPL-014"],
)  # fmt: skip
def text_stop_ignored(request: HttpRequest) -> HttpRequest:
    """Stop strings have no effect."""
    return request.edited(stop=None)


@fault(
    "prompt-is-not-scored", at=REQUEST, level="should", of=texts, sources=["servers that want max_tokens of 1 at least"],
    primary=["CMPL-015"],
)  # fmt: skip
def prompt_is_not_scored(request: HttpRequest) -> HttpRequest:
    """`max_tokens: 0` is refused."""
    if request.json.get("max_tokens") == 0:
        raise Refusal("max_tokens must be at least 1.", code="invalid_value", param="max_tokens")
    return request
