"""Sampling that starts anew, crashes, or says more or less than it drew."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.answer import Choice, Completion
from conformance.reference.ask import Ask
from conformance.reference.breaks import NO_ANSWER, OTHER_WORDS, REFUSED
from conformance.reference.circumstances import chat, streamed, whole
from conformance.reference.edit import each_said
from conformance.reference.fault import ASK, COMPLETION, REQUEST, fault
from conformance.reference.incoming import HttpRequest
from conformance.reference.model import tokens
from conformance.reference.model.complete import before_stop
from conformance.reference.refusal import Refusal, crash

_END = "<|im_end|>\n"
_MORE = "Is there anything else that I can help you with? "
_MOST = 400
"""Tokens of an answer that goes on where no cap ends it."""


@fault(
    "chance-starts-anew", at=ASK, level="should", of=chat,
    sources=["yanun0323/Whallm#8"], primary=["CREQ-025"], cascades=["RSN-013", "CREQ-036"],
)  # fmt: skip
def chance_starts_anew(ask: Ask) -> Ask:
    """Chance starts from the same place with each request: equal requests, equal answers, at any temperature."""
    return ask if ask.seed is not None else replace(ask, seed=0)


@fault(
    "presence-penalty-crashes", at=REQUEST, level="should",
    sources=["vllm-project/vllm-ascend#15161"],
    primary=["CREQ-028"], cascades=[*NO_ANSWER, "ERR-*"],
)  # fmt: skip
def presence_penalty_crashes(request: HttpRequest) -> HttpRequest:
    """A `presence_penalty` other than 0 is answered with 500."""
    value = request.json.get("presence_penalty")
    if isinstance(value, int | float) and value:
        raise Refusal("EngineCore encountered an issue.", status=500, kind="InternalServerError")
    return request


@fault(
    "stop-sent-before-it-is-seen", at=COMPLETION, level="should", of=streamed,
    sources=["mzau/mlx-knife#68"],
    primary=["STRM-028"],
    cascades=["CREQ-030", "CREQ-031", "CREQ-033", "CRESP-031", "RSN-010", "USAGE-004", "LOGP-008"],
    amended="CREQ-033 is about stop strings of several tokens, this one is about those of one: STRM-028",
)  # fmt: skip
def stop_sent_before_it_is_seen(completion: Completion) -> Completion:
    """In a stream the token that holds the stop string is sent, and then looked at."""

    def longer(choice: Choice) -> Choice:
        if choice.text is None or tokens.count(choice.stop) != 1:
            return choice
        said = (*choice.tokens, choice.stop)
        return replace(choice, text="".join(said), tokens=said, spent=choice.spent + 1)

    return each_said(completion, longer)


@fault(
    "last-token-for-the-whole", at=COMPLETION, level="should", of=whole,
    sources=["huggingface/text-generation-inference#2466"],
    primary=["CRESP-031"], cascades=OTHER_WORDS,
)  # fmt: skip
def last_token_for_the_whole(completion: Completion) -> Completion:
    """An answer in one piece is the last token of it, and so is what it costs."""

    def shortest(choice: Choice) -> Choice:
        if len(choice.tokens) < 2 or choice.likely:  # noqa: PLR2004 - nothing is lost of one
            return choice
        last = choice.tokens[-1:]
        spent = len(choice.thought) + 1
        return replace(choice, text=last[0], tokens=last, spent=spent, finish="stop")

    return each_said(completion, shortest)


@fault(
    "seed-crashes", at=REQUEST, level="may", of=chat,
    sources=["HabanaAI/vllm-fork#773", "baidu/vLLM-Kunlun#30"],
    primary=["CREQ-037"], cascades=REFUSED,
)  # fmt: skip
def seed_crashes(request: HttpRequest) -> HttpRequest:
    """A `seed` is answered with 500."""
    if request.json.get("seed") is not None:
        raise crash("This device has no generator of its own for a request.")
    return request


@fault(
    "own-stops-free-the-end-marker", at=COMPLETION, level="should", of=chat,
    sources=["ollama/ollama#4524"],
    primary=["CRESP-026"], cascades=[*OTHER_WORDS, "TOOL-013", "STOOL-015"],
)  # fmt: skip
def own_stops_free_the_end_marker(completion: Completion) -> Completion:
    """Stop strings take the place of the model's own: an answer goes on behind its end marker."""
    asked = completion.ask

    def longer(choice: Choice) -> Choice:
        if not choice.text or not asked.stop or choice.stop or choice.finish != "stop":
            return choice
        text, stop = before_stop(choice.text + _END + _MORE * _MOST, asked.stop)
        room = (asked.cap or len(choice.thought) + _MOST) - len(choice.thought)
        said = tokens.split(text)
        kept = said[:room]
        ended = "stop" if kept == said else "length"
        told = replace(choice, text="".join(kept), tokens=kept, likely=(), finish=ended)
        spent = len(choice.thought) + len(kept)
        return replace(told, stop=stop if ended == "stop" else "", spent=spent)

    return each_said(completion, longer)
