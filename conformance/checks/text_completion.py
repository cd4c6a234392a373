"""CMPL: text completions as they have to be formed, and what each parameter promises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conformance.checks import select, texts
from conformance.checks.by_schema import invariant
from conformance.checks.core import Problem, check
from conformance.checks.facts import ERROR, OK, Facts, facts
from conformance.checks.parts import Body, is_integer
from conformance.checks.paths import COMPLETIONS
from conformance.checks.show import shown
from conformance.checks.statuses import is_standard
from conformance.checks.stream_usage import is_usage_chunk
from conformance.checks.texts import Text
from conformance.wire.exchange import Exchange

_NOT_FOUND = 404
_KNOWN_IDS = 1000
"""Token ids below it are in every vocabulary."""
_PREFIX = 16
"""Characters that may stand before an echoed prompt: a token that begins the text."""
_SHORT_PROMPT = 1024
"""Within it an answer that is cut short was cut by its cap, not by the end of the context."""

_absences = select.among(
    select.refusals, lambda one: one.endpoint == COMPLETIONS and one.status in texts.ABSENT
)


@check("CMPL-001", over=_absences, always=True)
def absent_completions_are_404(one: Facts) -> Iterator[Problem]:
    """Where there are no text completions, 404 and a standard error say so."""
    if one.status != _NOT_FOUND:
        yield Problem(message=f"status {one.status}, wanted 404 where the endpoint is not there")
    elif not is_standard(one):
        yield Problem(message="status 404 without a standard error object")


invariant("CMPL-002", "text_completion_object", "It calls itself a text completion.",
          schema="text_completion", over=texts.bodies)  # fmt: skip
invariant("CMPL-003", "text_completion_form", "It has an id, a time, a model, and choices with a text each.",
          schema="text_completion", over=texts.bodies)  # fmt: skip
invariant("CMPL-011", "text_chunk_form", "Its chunks are formed like the whole, with a piece of the text each.",
          schema="text_completion_chunk", over=texts.chunks)  # fmt: skip


@check("CMPL-011", over=texts.ended_streams, always=True)
def text_stream_ends_with_done(one: Facts) -> Iterator[Problem]:
    """A streamed text completion ends with `[DONE]`."""
    if not any(each.done for each in one.exchange.stream.events):
        yield Problem(message="the stream ends without [DONE]")


def _of_several(exchange: Exchange) -> Sequence[Sequence[Body]]:
    """The chunks of a stream of several."""
    told = texts.chunks(exchange)
    return (told,) if len(told) > 1 else ()


@check("CMPL-011", over=_of_several, always=True)
def text_chunks_have_one_id(told: Sequence[Body]) -> Iterator[Problem]:
    """All chunks of a text completion have its id."""
    names = [each.value.get("id") if isinstance(each.value, dict) else None for each in told]
    for each, name in zip(told, names, strict=True):
        if name != names[0]:
            message = f"the id changes from {shown(names[0])} to {shown(name)}"
            yield Problem(message=message, at=f"{each.at}.id")
            return


def _accounted(exchange: Exchange) -> Sequence[Facts]:
    """Whole streams whose usage was asked for."""
    return [
        one
        for one in texts.ended_streams(exchange)
        if one.whole and _option(one, "include_usage") is True
    ]


def _option(one: Facts, name: str) -> Any:
    options = one.asked.get("stream_options")
    return options.get(name) if isinstance(options, dict) else None


@check("CMPL-012", over=_accounted, always=True)
def text_usage_has_one_chunk_of_its_own(one: Facts) -> Iterator[Problem]:
    """`include_usage` gives a last chunk with empty choices and the usage."""
    told = [is_usage_chunk(each) for each in texts.chunks(one.exchange)]
    if sum(told) != 1:
        what = "no chunk" if not sum(told) else f"{sum(told)} chunks"
        yield Problem(message=f"{what} with `choices: []` and a usage, wanted one")
    elif not told[-1]:
        yield Problem(message="the chunk of the usage is not the last one")


# --- prompts --------------------------------------------------------------------------------------

_batches = select.among(texts.answers, lambda one: len(texts.prompts(one)) > 1)


@check("CMPL-004", over=_batches, always=True)
def each_prompt_has_its_choices(one: Facts) -> Iterator[Problem]:
    """Each of several prompts has its choices, in the order of the prompts."""
    found = texts.texts_of(one)
    wanted = len(texts.prompts(one)) * texts.several(one)
    indexes = [each.choice.get("index") for each in found]
    if len(indexes) != wanted or indexes != list(range(len(indexes))):
        yield Problem(
            message=f"choices of index {shown(indexes)}, wanted 0 to {wanted - 1}", at="$.choices"
        )
        return
    for each in found if one.asked.get("echo") is True else ():
        others = [other for other in texts.prompts(one) if isinstance(other, str)]
        begun = [other for other in others if _begins(each, other)]
        if begun and each.prompt is not None and not _begins(each, each.prompt):
            yield Problem(
                message=f"begins with the prompt {shown(begun[0])}, wanted {shown(each.prompt)}",
                at=f"{each.at}.text",
            )


def _begins(one: Text, prompt: str) -> bool:
    place = (one.said or "").find(prompt.strip())
    return 0 <= place <= _PREFIX


def _known_ids(one: Facts) -> bool:
    """Every prompt is token ids that any vocabulary has."""
    prompts = texts.prompts(one)
    return bool(prompts) and all(
        texts.is_ids(each) and all(0 <= token < _KNOWN_IDS for token in each) for each in prompts
    )


@check("CMPL-005", over=select.among(texts.decided, _known_ids), always=True)
def token_prompts_are_taken(one: Facts) -> Iterator[Problem]:
    """Token ids are a prompt as good as a text."""
    if one.status != OK:
        yield Problem(message=f"status {one.status} for a prompt of token ids")


_echoes = select.among(
    texts.texts,
    lambda one: one.facts.asked.get("echo") is True and bool(one.prompt and one.prompt.strip()),
)


@check("CMPL-007", over=_echoes, always=True)
def prompt_is_echoed(one: Text) -> Iterator[Problem]:
    """With `echo` the prompt stands before what follows it."""
    given = [each for each in texts.prompts(one.facts) if isinstance(each, str)]
    if not any(_begins(one, each) for each in given):  # the wrong one of them is another matter
        yield Problem(
            message=f"{shown(one.said)} does not begin with the prompt", at=f"{one.at}.text"
        )


_suffixed = select.among(texts.decided, lambda one: bool(one.asked.get("suffix")))


@check("CMPL-009", over=_suffixed, always=True)
def suffix_is_taken_or_400(one: Facts) -> Iterator[Problem]:
    """A `suffix` is taken, or refused with 400."""
    if one.status not in {OK, ERROR}:
        yield Problem(message=f"status {one.status} for a suffix, wanted 400 where it is not taken")


def _too_few(one: Facts) -> bool:
    best = one.asked.get("best_of")
    return is_integer(best) and best < texts.several(one)


@check("CMPL-010", over=select.among(texts.decided, _too_few), always=True)
def best_of_covers_n(one: Facts) -> Iterator[Problem]:
    """`best_of` below `n` is refused with 400."""
    if one.status != ERROR:
        asked = f"best_of {one.asked['best_of']} and n {texts.several(one)}"
        yield Problem(message=f"status {one.status} for {asked}, wanted 400")


# --- lengths and ends -----------------------------------------------------------------------------

_uncapped = select.among(
    texts.answers,
    lambda one: one.asked.get("max_tokens") is None and texts.usage(one) is not None,
)


@check("CMPL-006", over=_uncapped, always=True)
def sixteen_tokens_are_the_default(one: Facts) -> Iterator[Problem]:
    """Without `max_tokens` an answer has 16 tokens at most, and as many where it is cut short."""
    usage = texts.usage(one)
    assert usage is not None  # `_uncapped` saw to it
    spent = usage["completion_tokens"]
    most = texts.DEFAULT_CAP * texts.candidates(one)
    found = texts.texts_of(one)
    cut = len(found) == 1 and found[0].choice.get("finish_reason") == "length"
    short = usage["prompt_tokens"] <= _SHORT_PROMPT
    if spent > most:
        yield Problem(message=f"{spent} tokens without max_tokens, wanted {most} at most")
    elif cut and short and 0 < spent < texts.DEFAULT_CAP - 1:  # none at all is a wrong count
        yield Problem(message=f"cut short after {spent} tokens without max_tokens, wanted 16")


_Pieces = Mapping[Any, Sequence[str]]
"""Of each choice, by its index."""


def _running(exchange: Exchange) -> Sequence[Facts]:
    """Streams without `max_tokens` that say something, be it that they were cut off."""
    found = facts(exchange)
    plain = found.asked.get("max_tokens") is None and not found.asked.get("echo")
    return (found,) if plain and texts.pieces(exchange) else ()


@check("CMPL-006", over=_running, always=True)
def stream_ends_by_itself(one: Facts) -> Iterator[Problem]:
    """Without `max_tokens` a stream has 16 pieces of each text at most, or 16 words.

    A piece may be less than a token, where one sends letter by letter, and a word more. Where a
    usage counts the tokens, it is believed.
    """
    most = _most(texts.pieces(one.exchange))
    if most > texts.DEFAULT_CAP and texts.usage(one) is None:
        yield Problem(message=f"{most} words without max_tokens, wanted 16 tokens at most")


def _most(found: _Pieces) -> int:
    return max(min(len(each), len("".join(each).split())) for each in found.values())


def _in_pieces(exchange: Exchange) -> Sequence[_Pieces]:
    """The pieces of text that a stream has of each choice, where it has any."""
    found = texts.pieces(exchange)
    return (found,) if found else ()


@check(over=_in_pieces)
def text_pieces(found: _Pieces, at_most: int) -> Iterator[Problem]:
    """The stream has, of no choice, more than so many pieces of text that are so many words."""
    if (most := _most(found)) > at_most:
        yield Problem(message=f"{most} words in pieces of their own, wanted {at_most} at most")


_counted = select.among(texts.answers, lambda one: texts.usage(one) is not None)


@check("CMPL-013", over=_counted, always=True)
def text_usage_adds_up(one: Facts) -> Iterator[Problem]:
    """The total is the sum, prompts and answers cost something, and no more than is allowed."""
    usage = texts.usage(one)
    assert usage is not None  # `_counted` saw to it
    prompt, spent, total = usage.values()
    if total != prompt + spent:
        yield Problem(message=f"total_tokens {total}, but {prompt} + {spent} = {prompt + spent}")
    if prompt <= 0 and any(texts.prompts(one)):
        yield Problem(message="prompt_tokens 0 for a prompt")
    if one.asked.get("echo") is True:  # whether the echo is counted is nowhere said
        return
    if spent <= 0 and any(each.said for each in texts.texts_of(one)):
        yield Problem(message="completion_tokens 0 for an answer")
    allowed = texts.cap(one) * texts.candidates(one)
    if is_integer(one.asked.get("max_tokens")) and spent > allowed:
        yield Problem(message=f"{spent} completion tokens, {allowed} allowed")


def _stops(one: Facts) -> list[str]:
    stop = one.asked.get("stop")
    given = [stop] if isinstance(stop, str) else stop
    return (
        [each for each in given if isinstance(each, str) and each]
        if isinstance(given, list)
        else []
    )


_stopped = select.among(
    texts.texts,
    lambda one: (
        bool(_stops(one.facts)) and one.said is not None and not one.facts.asked.get("echo")
    ),
)


@check("CMPL-014", over=_stopped, always=True)
def text_ends_before_a_stop_string(one: Text) -> Iterator[Problem]:
    """No stop string is in the text."""
    for stop in _stops(one.facts):
        if stop in (one.said or ""):
            yield Problem(
                message=f"the stop string {shown(stop)} is in {shown(one.said)}",
                at=f"{one.at}.text",
            )
