"""Likelihoods that cannot be: a probability for its logarithm, all of them certain, a bias that some escape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import exp
from typing import Any

from conformance.reference.answer import Completion, Reply
from conformance.reference.ask import Json
from conformance.reference.breaks import NO_ANSWER, REFUSED
from conformance.reference.circumstances import chat, struck, texts
from conformance.reference.edit import TEXT
from conformance.reference.fault import COMPLETION, REPLY, REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model.complete import complete
from conformance.reference.refusal import Refusal, crash
from conformance.reference.turned import in_entry

_VOCABULARY = 200_000
_OK = 200
_FAR = 17.5
_SCORES = ("LOGP-*", "STRM-024", "CREQ-041", "CREQ-042")


def _in_texts(reply: Reply, edit: Callable[[Json], Json]) -> Reply:
    """The log probabilities of every choice of a text completion edited, streamed or not."""

    def inside(held: Json) -> Json:
        told = [
            {**one, "logprobs": edit(one["logprobs"])} if one["logprobs"] else one
            for one in held["choices"]
        ]
        return {**held, "choices": told}

    document = reply.document
    if isinstance(document, dict) and document.get("object") == TEXT:
        return replace(reply, document=inside(document))
    return replace(reply, texts=tuple(map(inside, reply.texts)))


@fault(
    "first-score-is-a-probability", at=REPLY, level="should", of=texts,
    sources=["togethercomputer/openapi#5"],
    primary=["CMPL-008"], cascades=["CMPL-015", "CMPL-007"],
)  # fmt: skip
def first_score_is_a_probability(reply: Reply) -> Reply:
    """The first token of a text completion is told with its probability, the others with its logarithm."""

    def told(logprobs: Json) -> Json:
        first, *rest = logprobs["token_logprobs"]
        return {**logprobs, "token_logprobs": [first if first is None else exp(first), *rest]}

    return _in_texts(reply, told)


@fault(
    "text-scores-of-other-places", at=REPLY, level="should", of=texts,
    sources=["abetlen/llama-cpp-python#453"],
    primary=["CMPL-008"], cascades=["CMPL-015"],
)  # fmt: skip
def text_scores_of_other_places(reply: Reply) -> Reply:
    """A token of a text completion has one log probability of its own, and another among its alternatives."""

    def told(logprobs: Json) -> Json:
        far = [each if each is None else each - _FAR for each in logprobs["token_logprobs"]]
        return {**logprobs, "token_logprobs": far}

    return _in_texts(reply, told)


@fault(
    "alike-alternatives-are-one", at=REPLY, level="should", of=chat,
    sources=["sgl-project/sglang#32290"],
    primary=["LOGP-006"], cascades=_SCORES,
)  # fmt: skip
def alike_alternatives_are_one(reply: Reply) -> Reply:
    """Alternatives are held by what they read: of tokens that are pieces of a character one is left, with the last one's logarithm."""

    def told(entry: Json) -> Json:
        first, *rest = entry["top_logprobs"] or [None]
        if first is None or len(rest) < 2 or entry["token"].isascii():  # noqa: PLR2004
            return entry
        lowest = {**first, "logprob": rest[-1]["logprob"]}
        return {**entry, "top_logprobs": [lowest, *rest[:-1]]}

    edited: Reply = in_entry(told)(reply)
    return edited


@fault(
    "every-token-is-certain", at=REPLY, level="must", of=chat,
    sources=["NVIDIA/TensorRT-LLM#2406"],
    primary=["LOGP-002"], cascades=_SCORES,
)  # fmt: skip
def every_token_is_certain(reply: Reply) -> Reply:
    """Every log probability is 0, that of each alternative as well."""

    def told(entry: Json) -> Json:
        top = [{**each, "logprob": 0.0} for each in entry["top_logprobs"]]
        return {**entry, "logprob": 0.0, "top_logprobs": top}

    edited: Reply = in_entry(told)(reply)
    return edited


@fault(
    "scores-alone-crash", at=REQUEST, level="should", of=chat,
    sources=["NVIDIA/TensorRT-LLM#6845"],
    primary=["CREQ-041"], cascades=[*NO_ANSWER, "ERR-*", "STRM-*"],
    amended="no answer is there whose log probabilities LOGP-001 could judge: that they are given or refused is CREQ-041",
)  # fmt: skip
def scores_alone_crash(request: HttpRequest) -> HttpRequest:
    """Log probabilities without a number of alternatives are answered with 500."""
    if request.json.get("logprobs") is True and request.json.get("top_logprobs") is None:
        raise Refusal(
            "token_ids and logprobs have different lengths", status=500, kind="server_error"
        )
    return request


@fault(
    "bias-spares-the-first-choice", at=COMPLETION, level="may", of=chat,
    sources=["sgl-project/sglang#3059"],
    changes=["effects/logit-bias-of-each-choice"],
    amended="one choice was asked for where a bias was: a case of several has come since",
)  # fmt: skip
def bias_spares_the_first_choice(completion: Completion) -> Completion:
    """Of several choices the first is written without the biases on tokens that were asked for."""
    asked = completion.ask
    if not asked.logit_bias or asked.n == 1:
        return completion
    free = complete(replace(asked, logit_bias={}), name=completion.id, created=completion.created)
    return replace(completion, choices=(free.choices[0], *completion.choices[1:]))


def _beyond(request: HttpRequest) -> bool:
    held: Any = request.json.get("logit_bias")
    return isinstance(held, dict) and any(
        each.isdecimal() and int(each) >= _VOCABULARY for each in held
    )


@fault(
    "bias-kills-the-engine", at=REPLY, level="should", of=chat, when=struck(_beyond, 6),
    takes=["the body of answers"], sources=["sgl-project/sglang#7670", "sgl-project/sglang#7749"],
    primary=["CREQ-039"], cascades=REFUSED,
)  # fmt: skip
def bias_kills_the_engine(reply: Reply) -> Reply:
    """A bias on a token that is none ends the engine: this request and the next ones are answered with 500."""
    told = {
        "message": "index out of range",
        "type": "InternalServerError",
        "param": None,
        "code": None,
    }
    return Reply(status=500, document={"error": told}) if reply.status == _OK else reply


def _scored(request: HttpRequest) -> bool:
    return chat(request) and request.json.get("logprobs") is True


@fault(
    "scores-kill-the-engine", at=REPLY, level="should", of=chat, when=struck(_scored, 6),
    takes=["the body of answers"], sources=["NVIDIA/TensorRT-LLM#12547"],
    primary=["CREQ-041"], cascades=REFUSED,
)  # fmt: skip
def scores_kill_the_engine(reply: Reply) -> Reply:
    """Log probabilities end the engine: who asks for them, and who comes next, gets 500."""
    refusal = crash("The engine has died.")
    return Reply(status=500, document=refusal.document) if reply.status == _OK else reply
