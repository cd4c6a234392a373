"""Selectors: the subjects that a check looks at, one call for each.

What a selector yields is the witness of its check: it leaves out what the check has nothing to
say about, and never what the check would complain of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from conformance.checks.facts import ERROR, Called, Facts, Said, facts
from conformance.checks.parts import Body, Entry, Fragment
from conformance.checks.paths import MODEL, MODELS, POSTED, STREAMED
from conformance.wire.exchange import Exchange

Selected = Callable[[Exchange], Sequence[Any]]


def among(select: Selected, fits: Callable[[Any], bool]) -> Selected:
    """Those subjects of a selector that fit; found once for each exchange, for many checks share them."""

    def narrowed(exchange: Exchange) -> Sequence[Any]:
        notes = exchange.derived
        if narrowed not in notes:
            notes[narrowed] = [each for each in select(exchange) if fits(each)]
        found: Sequence[Any] = notes[narrowed]
        return found

    return narrowed


def _if(holds: Callable[[Facts], bool]) -> Selected:
    """The facts of an exchange, where something holds."""

    def selected(exchange: Exchange) -> Sequence[Facts]:
        found = facts(exchange)
        return (found,) if holds(found) else ()

    return selected


# --- responses ----------------------------------------------------------------------------------

responses = _if(lambda one: one.fits and one.whole)
"""Whole responses to requests of the right method to a known path."""

posts = _if(lambda one: one.fits and one.endpoint in POSTED and one.response is not None)
"""Any response to a POST of a known path."""

at_once = _if(
    lambda one: (
        one.fits
        and one.ok
        and (one.whole or one.broken_off)
        and one.asked.get("stream") in (None, False)
    )
)
"""Responses with status 200 to requests that asked for no stream, be it that they broke off."""


def successes(exchange: Exchange) -> Sequence[Facts]:
    """The same, read to their end."""
    return [one for one in at_once(exchange) if one.whole]


refusals = _if(lambda one: one.fits and one.whole and (one.status or 0) >= ERROR)
"""Whole responses with a status from 400 on, to requests that are not odd in path or method."""

refused = _if(
    lambda one: (
        one.fits
        and (one.whole or (one.broken_off and one.response is not None))
        and (one.status or 0) >= ERROR
    )
)
"""The same, be it that the endpoint ended them before they were complete."""


def error_bodies(exchange: Exchange) -> Sequence[Body]:
    """The JSON of such responses."""
    return facts(exchange).documents if refusals(exchange) else ()


def model_lists(exchange: Exchange) -> Sequence[Body]:
    """The JSON of successful answers to GET /models."""
    return _got(exchange, MODELS)


def models(exchange: Exchange) -> Sequence[Body]:
    """The JSON of successful answers to GET /models/{id}."""
    return _got(exchange, MODEL)


def _got(exchange: Exchange, endpoint: str) -> Sequence[Body]:
    found = facts(exchange)
    fits = found.fits and found.endpoint == endpoint and found.ok and not found.failed
    return found.documents if fits else ()


# --- completions that were not streamed -----------------------------------------------------------


def completions(exchange: Exchange) -> Sequence[Body]:
    """JSON bodies with status 200 of chat requests, but for errors in disguise."""
    return facts(exchange).completions


def member(body: Body, name: str) -> Any:
    """A member of a body that is an object; None elsewhere."""
    return body.value.get(name) if isinstance(body.value, dict) else None


def choices_of(body: Body) -> list[dict[str, Any]]:
    """The choices of a body that are objects."""
    listed = member(body, "choices")
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _messages(body: Body) -> list[dict[str, Any]]:
    held = (choice.get("message") for choice in choices_of(body))
    return [message for message in held if isinstance(message, dict)]


def calls_of(body: Body) -> list[dict[str, Any]]:
    """The tool calls of a body that are objects."""
    lists = [message.get("tool_calls") for message in _messages(body)]
    entries = [each for listed in lists if isinstance(listed, list) for each in listed]
    return [each for each in entries if isinstance(each, dict)]


def having(select: Selected, name: str) -> Selected:
    """Bodies that have a member, whatever it holds."""
    return among(select, lambda body: isinstance(body.value, dict) and name in body.value)


completions_with_choices = among(completions, choices_of)  # type: ignore[arg-type] # a list is a truth
completions_with_messages = among(completions, _messages)  # type: ignore[arg-type]
completions_with_usage = among(completions, lambda body: member(body, "usage") is not None)
completions_with_logprobs = among(
    completions,
    lambda body: any(isinstance(each.get("logprobs"), dict) for each in choices_of(body)),
)
completions_with_tool_calls = among(
    completions, lambda body: any(each.get("tool_calls") for each in _messages(body))
)
completions_ending_in_calls = among(
    completions,
    lambda body: any(
        each.get("finish_reason") == "tool_calls"
        or (isinstance(each.get("message"), dict) and each["message"].get("tool_calls"))
        for each in choices_of(body)
    ),
)


def with_message_member(*names: str) -> Selected:
    """Completions of which some message says something under one of these names."""
    return among(
        completions,
        lambda body: any(each.get(name) is not None for each in _messages(body) for name in names),
    )


# --- streams ----------------------------------------------------------------------------------------

asked_streams = _if(
    lambda one: (
        one.fits
        and one.endpoint in STREAMED
        and one.exchange.asked_stream
        and one.ok
        and (one.whole or one.flowing)
        and not one.failed
    )
)
"""Requests for a stream that were granted, in whatever form."""

flows = _if(lambda one: one.flowing)
"""Streams of any endpoint, be they cut short by us, the endpoint or an error."""

finished_flows = _if(lambda one: one.flowing and not one.errors and (one.whole or one.broken_off))
"""Streams of any endpoint that the endpoint ended, well or not."""

streams = _if(lambda one: one.streaming)
"""Chat streams, be they cut short by us, the endpoint or an error."""

finished_streams = _if(
    lambda one: one.streaming and not one.errors and (one.whole or one.broken_off)
)
"""Chat streams that the endpoint ended, well or not."""

whole_streams = _if(lambda one: one.complete_stream and bool(one.chunks))
"""Chat streams that ended well, as far as their framing goes, with at least one chunk."""

chunked_streams = _if(lambda one: bool(one.chunks))
"""Chat streams with at least one chunk."""

erroneous_streams = _if(lambda one: one.streaming and bool(one.errors))
"""Chat streams that tell of an error."""


def chunks(exchange: Exchange) -> Sequence[Body]:
    """The chunks of a stream, for schemas."""
    return facts(exchange).chunk_bodies


def entries(exchange: Exchange) -> Sequence[Entry]:
    """Entries of `choices` in chunks."""
    return facts(exchange).entries


def fragments(exchange: Exchange) -> Sequence[Fragment]:
    """Entries of `delta.tool_calls`."""
    return facts(exchange).fragments


def _deltas(body: Body) -> list[dict[str, Any]]:
    held = (choice.get("delta") for choice in choices_of(body))
    return [delta for delta in held if isinstance(delta, dict)]


chunks_with_choices = among(chunks, choices_of)  # type: ignore[arg-type]
chunks_with_deltas = among(chunks, _deltas)  # type: ignore[arg-type]
chunks_with_usage = among(chunks, lambda body: member(body, "usage") is not None)
chunks_with_logprobs = among(
    chunks, lambda body: any(each.get("logprobs") is not None for each in choices_of(body))
)


def with_delta_member(*names: str) -> Selected:
    """Chunks of which some delta says something under one of these names."""
    return among(
        chunks,
        lambda body: any(each.get(name) is not None for each in _deltas(body) for name in names),
    )


# --- answers, streamed or not -----------------------------------------------------------------------


def said(exchange: Exchange) -> Sequence[Said]:
    """The choices of an answer."""
    return facts(exchange).choices


def calls(exchange: Exchange) -> Sequence[Called]:
    """The tool calls of an answer."""
    return facts(exchange).calls


answers = _if(lambda one: one.answer is not None)
"""Exchanges with a whole answer, streamed or not."""
