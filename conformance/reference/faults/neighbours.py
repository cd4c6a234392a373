"""Where two features of a request meet: what is right of either alone, and is seen where answers are compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance.reference.answer import Choice, Completion, Reply
from conformance.reference.ask import Ask, Json
from conformance.reference.circumstances import both_of, chat, responding, streamed, texts
from conformance.reference.edit import each_choice, each_chunk_choice, each_said
from conformance.reference.fault import ASK, COMPLETION, REPLY, fault
from conformance.reference.faults.response_ends import everywhere

_OURS = ["of our own making: no report is known"]


@fault(
    "later-choices-lose-their-end", at=COMPLETION, level="should", of=both_of(chat, streamed), sources=_OURS,
    primary=["CRESP-031"],
    cascades=["LOGP-008", "STRM-024", "STRM-025", "SO-*", "CREQ-035", "CREQ-036", "USAGE-011", "CRESP-027"],
)  # fmt: skip
def later_choices_lose_their_end(completion: Completion) -> Completion:
    """In streams every choice but the first loses its last token; whole answers have it."""

    def shorter(choice: Choice) -> Choice:
        if not choice.index or not choice.tokens:
            return choice
        kept = choice.tokens[:-1]
        return replace(choice, tokens=kept, text=choice.text and "".join(kept))

    return each_said(completion, shorter)


@fault(
    "choices-make-the-prompt-dearer", at=ASK, level="should", of=chat, sources=_OURS,
    primary=["USAGE-012"], cascades=["USAGE-011", "USAGE-010", "USAGE-013", "CREQ-035", "CREQ-036"],
)  # fmt: skip
def choices_make_the_prompt_dearer(ask: Ask) -> Ask:
    """The prompt is counted once for each choice."""
    return replace(ask, prompt_tokens=ask.prompt_tokens * ask.n)


def _in_logprobs(reply: Reply, edit: Callable[[Json], Json]) -> Reply:
    def told(choice: Json) -> Json:
        return {**choice, "logprobs": edit(choice["logprobs"])} if choice["logprobs"] else choice

    return each_chunk_choice(each_choice(reply, told), told)


@fault(
    "alternatives-forgotten", at=REPLY, level="should", of=chat, sources=_OURS,
    primary=["CREQ-042"], cascades=["LOGP-004", "LOGP-005", "LOGP-006", "LOGP-007", "ERR-033"],
)  # fmt: skip
def alternatives_forgotten(reply: Reply) -> Reply:
    """Lists of alternatives are there, and empty, however many were asked for."""

    def bare(logprobs: Json) -> Json:
        return {
            **logprobs,
            "content": [{**each, "top_logprobs": []} for each in logprobs["content"]],
        }

    return _in_logprobs(reply, bare)


def _each_text_choice(reply: Reply, edit: Callable[[Json], Json]) -> Reply:
    """Every choice of text completions and of their chunks edited."""

    def edited(held: Json) -> Json:
        return {**held, "choices": [edit(each) for each in held["choices"]]}

    told = reply.document
    document = edited(told) if isinstance(told, dict) and "choices" in told else told
    return replace(reply, document=document, texts=tuple(map(edited, reply.texts)))


@fault(
    "text-tokens-in-lower-case", at=REPLY, level="should", of=texts,
    sources=["scores that are made anew from a text that was normalised"],
    primary=["CMPL-008"], cascades=["CMPL-015"],
)  # fmt: skip
def text_tokens_in_lower_case(reply: Reply) -> Reply:
    """The tokens that text completions score are in lower case, whatever the text says."""

    def lower(choice: Json) -> Json:
        held = choice["logprobs"]
        if not held:
            return choice
        return {**choice, "logprobs": {**held, "tokens": [each.lower() for each in held["tokens"]]}}

    return _each_text_choice(reply, lower)


@fault(
    "text-alternatives-without-numbers", at=REPLY, level="should", of=texts, sources=_OURS,
    primary=["CMPL-008"], cascades=["CMPL-015"],
)  # fmt: skip
def text_alternatives_without_numbers(reply: Reply) -> Reply:
    """The alternatives of text completions are texts, and have no logarithms."""

    def named(choice: Json) -> Json:
        held = choice["logprobs"]
        if not held:
            return choice
        bare = [each and dict.fromkeys(each) for each in held["top_logprobs"]]
        return {**choice, "logprobs": {**held, "top_logprobs": bare}}

    return _each_text_choice(reply, named)


@fault(
    "responses-cost-nothing", at=REPLY, level="must", of=responding, sources=_OURS,
    primary=["USAGE-003"], cascades=["RESP-014", "RESP-015", "RSN-004", "USAGE-007"],
)  # fmt: skip
def responses_cost_nothing(reply: Reply) -> Reply:
    """The usage of responses counts no output, and the total is that of the input."""

    def free(response: Json) -> Json:
        usage = response.get("usage")
        if not usage:
            return response
        return {
            **response,
            "usage": {**usage, "output_tokens": 0, "total_tokens": usage["input_tokens"]},
        }

    return everywhere(reply, free)


@fault(
    "streamed-texts-lose-their-end", at=REPLY, level="should", of=texts, sources=_OURS,
    primary=["CRESP-031"], cascades=["CMPL-007", "CMPL-008", "CMPL-011", "CMPL-014", "CMPL-015"],
)  # fmt: skip
def streamed_texts_lose_their_end(reply: Reply) -> Reply:
    """Of several choices of a streamed text completion each loses the text of its last chunk."""
    last = {
        choice["index"]: number
        for number, held in enumerate(reply.texts)
        for choice in held["choices"]
        if choice["text"]
    }

    def shorter(number: int, held: Json) -> Json:
        ends = [
            {**each, "text": ""} if last.get(each["index"]) == number else each
            for each in held["choices"]
        ]
        return {**held, "choices": ends}

    if len(last) == 1:
        return reply
    return replace(reply, texts=tuple(shorter(*each) for each in enumerate(reply.texts)))
