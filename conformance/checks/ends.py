"""How answers end: at a stop string, at the cap, by a filter; and what the stop string leaves behind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks import select
from conformance.checks.core import Problem, check
from conformance.checks.facts import CUT, Facts, Said, facts
from conformance.checks.parts import Entry, is_one_of
from conformance.checks.show import shown
from conformance.wire.exchange import Exchange

WORD = re.compile(r"[^\W_]+")
PER_TOKEN = 2
"""Words that a token of any tokenizer has at most, on the average of a text."""
LONG_PROMPT = 8
"""Words of a prompt from which on its tokens say something about how they are counted."""
WORDS_OF_A_PROMPT = 4
"""Words for each token of a prompt that no tokenizer reaches."""
_KEPT = ("include_stop_str_in_output", "no_stop_trim")
"""Vendors' switches that leave the stop string in the output."""


def count_words(text: Any) -> int:
    """Words of a text; of anything else none."""
    return sum(1 for _ in WORD.finditer(text)) if isinstance(text, str) else 0


# --- the cap --------------------------------------------------------------------------------------


def _more_than_the_cap(said: Said) -> bool:
    """There are surely more tokens than the request allows, by the usage or by the words."""
    cap = said.facts.cap or 0
    alone = len(said.facts.choices) == 1 and (said.facts.spent or 0) > cap
    return alone or count_words(said.choice.content) > PER_TOKEN * cap


def _at_the_cap(exchange: Exchange) -> Sequence[Said]:
    """Choices whose tokens are used up."""
    found = facts(exchange)
    if found.cap is None:
        return ()
    alone = len(found.choices) == 1 and (found.spent or 0) >= found.cap
    return [one for one in found.choices if alone or _more_than_the_cap(one)]


@check("CRESP-016", over=_at_the_cap, always=True)
def cap_ends_in_length(one: Said) -> Iterator[Problem]:
    """An answer that goes beyond its cap was cut by it; the last token allowed may be the end."""
    if _more_than_the_cap(one) and not is_one_of(one.choice.finish_reason, *CUT):
        seen = shown(one.choice.finish_reason)
        yield Problem(
            message=f"finish_reason {seen} beyond the cap of {one.facts.cap} tokens",
            at=f"{one.at}.finish_reason",
        )


# --- filters --------------------------------------------------------------------------------------


def _filters(choice: dict[str, Any]) -> bool:
    """Azure's account of its filter says that something was taken out."""
    results = choice.get("content_filter_results")
    held = results.values() if isinstance(results, dict) else ()
    return any(isinstance(each, dict) and each.get("filtered") is True for each in held)


def _filtered(exchange: Exchange) -> Sequence[dict[str, Any]]:
    found = select.completions(exchange)
    return [each for body in found for each in select.choices_of(body) if _filters(each)]


@check("CRESP-019", over=_filtered, always=True)
def filtered_answers_say_so(choice: dict[str, Any]) -> Iterator[Problem]:
    """An answer whose text was filtered ends with `content_filter`."""
    if choice.get("finish_reason") != "content_filter":
        seen = shown(choice.get("finish_reason"))
        yield Problem(message=f"finish_reason {seen} of a filtered answer", at="$.choices")


def _filtered_streams(exchange: Exchange) -> Sequence[Sequence[Entry]]:
    found = facts(exchange)
    if not found.complete_stream:
        return ()
    courses = found.by_choice.values()
    return [each for each in courses if any(_filters(entry.choice) for entry in each)]


@check("STRM-032", over=_filtered_streams, always=True)
def filtered_streams_say_so(course: Sequence[Entry]) -> Iterator[Problem]:
    """A stream whose text was filtered ends with `content_filter`."""
    reasons = [each.choice.get("finish_reason") for each in course]
    if "content_filter" not in reasons:
        told = next((each for each in reasons if each), None)
        yield Problem(message=f"finish_reason {shown(told)} of a filtered answer", at=course[-1].at)


# --- stop strings ---------------------------------------------------------------------------------


def _stops(one: Facts) -> list[str]:
    stop = one.asked.get("stop")
    listed = stop if isinstance(stop, list) else [stop]
    return [each for each in listed if isinstance(each, str) and each]


def _stopping(kind: type | tuple[type, ...], *, streamed: bool | None) -> select.Selected:
    """Choices with text, of requests with stop strings of that form."""

    def selected(exchange: Exchange) -> Sequence[Said]:
        found = facts(exchange)
        if not isinstance(found.asked.get("stop"), kind) or not _stops(found):
            return ()
        if streamed is not None and exchange.streamed is not streamed:
            return ()
        return [one for one in found.choices if isinstance(one.choice.content, str)]

    return selected


def _leaks(one: Said) -> Iterator[Problem]:
    if any(one.facts.asked.get(name) for name in _KEPT):
        return
    for stop in _stops(one.facts):
        if stop in one.choice.content:
            yield Problem(
                message=f"the content holds the stop string {shown(stop)}",
                at=f"{one.at}.message.content",
            )


@check("CREQ-030", over=_stopping(str, streamed=None), always=True)
def stop_string_is_left_out(one: Said) -> Iterator[Problem]:
    """The stop string is not in the output."""
    yield from _leaks(one)


@check("CREQ-031", over=_stopping(list, streamed=None), always=True)
def stop_strings_are_left_out(one: Said) -> Iterator[Problem]:
    """None of several stop strings is in the output."""
    yield from _leaks(one)


@check("STRM-028", over=_stopping((str, list), streamed=True), always=True)
def stop_string_is_not_streamed(one: Said) -> Iterator[Problem]:
    """No stop string is in the deltas."""
    yield from _leaks(one)
