"""Text completions whose parameters are lost beside one another: scores, echoes, several prompts, streams."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from conformance.reference.answer import Reply
from conformance.reference.ask import Json
from conformance.reference.circumstances import texts
from conformance.reference.edit import TEXT, without
from conformance.reference.fault import REPLY, REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.refusal import Refusal

_SCORES = ("CMPL-008", "CMPL-015")
_UNLIKELY = -14.2


def _each(reply: Reply, edit: Callable[[Json], Json]) -> Reply:
    """Every choice edited, streamed or not."""

    def inside(held: Json) -> Json:
        return {**held, "choices": [edit(each) for each in held["choices"]]}

    document = reply.document
    told = isinstance(document, dict) and document.get("object") == TEXT
    changed = replace(reply, document=inside(document)) if told else reply  # type: ignore[arg-type]
    return replace(changed, texts=tuple(map(inside, reply.texts)))


def _several(request: HttpRequest) -> bool:
    """Requests with more than one prompt."""
    prompt = request.json.get("prompt") if texts(request) else None
    return isinstance(prompt, list) and len(prompt) > 1 and not isinstance(prompt[0], int)


def _echoed_and_scored(request: HttpRequest) -> bool:
    asked = request.json
    return texts(request) and bool(asked.get("echo")) and asked.get("logprobs") is not None


@fault(
    "several-prompts-not-scored", at=REPLY, level="should", of=_several,
    sources=["PaddlePaddle/FastDeploy#3620"], primary=["CMPL-008"], cascades=["CMPL-015", "CMPL-004"],
)  # fmt: skip
def several_prompts_not_scored(reply: Reply) -> Reply:
    """Where several prompts come in one request, log probabilities are null."""
    return _each(reply, lambda choice: {**choice, "logprobs": None})


@fault(
    "text-logprobs-ignored", at=REPLY, level="should", of=texts,
    sources=["EricLBuehler/mistral.rs#1876"], primary=["CMPL-008"], cascades=["CMPL-015"],
)  # fmt: skip
def text_logprobs_ignored(reply: Reply) -> Reply:
    """`logprobs` of a text completion is accepted, and null comes."""
    return _each(reply, lambda choice: {**choice, "logprobs": None})


@fault(
    "text-scores-a-chunk-early", at=REPLY, level="should", of=texts,
    sources=["foundation-model-stack/fms-guardrails-orchestrator#477"],
    primary=["CMPL-008"], cascades=["CMPL-011", "CMPL-015"],
)  # fmt: skip
def text_scores_a_chunk_early(reply: Reply) -> Reply:
    """In a stream the first token of a chunk is told with the chunk before."""
    scored = [
        at
        for at, one in enumerate(reply.texts)
        if one["choices"] and one["choices"][0]["index"] == 0 and one["choices"][0]["logprobs"]
    ]
    chunks = list(reply.texts)
    for at, later in pairwise(scored):
        mine, more = (chunks[each]["choices"][0] for each in (at, later))
        lists = {
            name: [*mine["logprobs"][name], *more["logprobs"][name][:1]]
            for name in mine["logprobs"]
        }
        rest = {name: held[1:] for name, held in more["logprobs"].items()}
        chunks[at] = {**chunks[at], "choices": [{**mine, "logprobs": lists}]}
        chunks[later] = {**chunks[later], "choices": [{**more, "logprobs": rest}]}
    return replace(reply, texts=tuple(chunks))


@fault(
    "echo-scored-by-one-row", at=REPLY, level="should", of=_echoed_and_scored,
    sources=["mobilint/vllm-mblt#8"], primary=["CMPL-015"], cascades=_SCORES,
)  # fmt: skip
def echo_scored_by_one_row(reply: Reply) -> Reply:
    """Every place of an echoed prompt has the chances of its last place."""
    document = reply.document
    if not isinstance(document, dict) or document.get("object") != TEXT:
        return reply
    size = document["usage"]["prompt_tokens"]

    def flat(choice: Json) -> Json:
        told = choice["logprobs"]
        row = told["top_logprobs"][min(size, len(told["tokens"])) - 1]
        if row is None:
            return choice
        prompt = [None, *[row] * (size - 1)]
        values = [None, *(row.get(each, _UNLIKELY) for each in told["tokens"][1:size])]
        scores = {
            "top_logprobs": [*prompt, *told["top_logprobs"][size:]],
            "token_logprobs": [*values, *told["token_logprobs"][size:]],
        }
        return {**choice, "logprobs": {**told, **scores}}

    return _each(reply, flat) if len(document["choices"]) == 1 else reply


@fault(
    "text-increments-cut-again", at=REPLY, level="must", of=texts,
    sources=["sgl-project/sglang#30188"], primary=["CMPL-011"], cascades=["CMPL-004", "CMPL-007", "CMPL-008", "CRESP-031"],
    amended="asked whole and streamed, answers are compared: CRESP-031",
)  # fmt: skip
def text_increments_cut_again(reply: Reply) -> Reply:
    """What is new in a streamed text loses as many letters as the piece before it had."""
    before: dict[int, int] = {}

    def cut(choice: Json) -> Json:
        text = choice["text"]
        lost = before.get(choice["index"], 0)
        before[choice["index"]] = len(text)
        return {**choice, "text": text[lost:]}

    chunks = ({**one, "choices": [*map(cut, one["choices"])]} for one in reply.texts)
    return replace(reply, texts=tuple(chunks))


@fault(
    "text-completions-without-usage", at=REPLY, level="should", of=texts,
    sources=["router-for-me/CLIProxyAPI#1618"], primary=["CMPL-013"], cascades=["CMPL-012"],
)  # fmt: skip
def text_completions_without_usage(reply: Reply) -> Reply:
    """A text completion never says what it cost, streamed or not."""
    document = reply.document
    if isinstance(document, dict) and document.get("object") == TEXT:
        return replace(reply, document=without(document, "usage"))
    return replace(reply, texts=tuple(each for each in reply.texts if each["choices"]))


@fault(
    "n-ignored-for-texts", at=REQUEST, level="should", of=texts,
    sources=["raullenchai/Rapid-MLX#733"], primary=["CMPL-004"], cascades=["CMPL-010"],
)  # fmt: skip
def n_ignored_for_texts(request: HttpRequest) -> HttpRequest:
    """`n` and `best_of` of a text completion are accepted, and one choice comes for each prompt."""
    return request.edited(n=None, best_of=None)


@fault(
    "echo-with-scores-crashes", at=REQUEST, level="should", of=_echoed_and_scored,
    sources=["vllm-project/vllm-metal#680"], primary=["CMPL-008"], cascades=["CMPL-007", "CMPL-015", "ERR-008"],
    amended="a request that a server cannot serve is refused by 400: ERR-008",
)  # fmt: skip
def echo_with_scores_crashes(_request: HttpRequest) -> HttpRequest:
    """An echoed prompt whose log probabilities are asked for is answered with 500."""
    raise Refusal("2326", status=500, kind="InternalServerError")
