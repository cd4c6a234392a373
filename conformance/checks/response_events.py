"""RSTRM: what each event of a streamed response is like, whatever stands around it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks.core import Problem, check
from conformance.checks.parts import is_integer
from conformance.checks.response_flow import FAILED, Flow, flows, flows_that
from conformance.checks.show import kind, shown
from conformance.wire.exchange import Exchange
from conformance.wire.response_events import PREFIX, TEXT, Told

_ANNOTATION = "response.output_text.annotation.added"


def _and_more(count: int) -> str:
    return f", and {count - 1} more like it" if count > 1 else ""


def _typed(flow: Flow) -> list[Told]:
    """Events that name their type, those that tell of an error included."""
    kinds = [(each, each.value.get("type")) for each in flow.heard]
    return [each for each, named in kinds if isinstance(named, str) and named]


def _lined(flow: Flow) -> list[Told]:
    """The same, but for events that run into each other: which line is whose is SSE-003's matter."""
    starts = {each.number: each.event.start for each in flow.facts.exchange.chunks}
    count = Counter(starts.values())
    return [each for each in _typed(flow) if count[starts[each.number]] == 1]


@check("RSTRM-001", over=flows_that(_lined), always=True)
def response_events_have_names(flow: Flow) -> Iterator[Problem]:
    """The `event:` line before the data says the same as its `type`."""
    wrong = [each for each in _lined(flow) if each.name != each.value["type"]]
    if wrong:
        first = wrong[0]
        seen = "no `event:` line" if first.name is None else f"event {shown(first.name)}"
        yield Problem(
            message=f"{seen} before type {shown(first.value['type'])}{_and_more(len(wrong))}",
            at=first.at,
        )


@check("RSTRM-002", over=flows, always=True)
def response_events_have_types(flow: Flow) -> Iterator[Problem]:
    """The data of each event is an object that names its type; errors are for RSTRM-015 to judge."""
    chunks = flow.facts.exchange.chunks
    right = {each.number for each in _typed(flow)} | flow.wrong
    wrong = [each for each in chunks if each.number not in right]
    if wrong:
        value = wrong[0].value
        seen = (
            f"an event of type {shown(value.get('type'))}"
            if isinstance(value, dict)
            else f"{kind(value)} as data"
        )
        yield Problem(message=f"{seen}{_and_more(len(wrong))}", at=f"event {wrong[0].number}")


_HEARTBEAT = "keepalive"
"""OpenAI sends it in streams that are long without a word, though no document of theirs has it."""


@check("RESP-027", over=flows_that(_typed), always=True)
def unknown_events_carry_a_prefix(flow: Flow) -> Iterator[Problem]:
    """An event that is the provider's own says so: its type begins with the provider's name and `:`."""
    wrong = [each for each in _typed(flow) if not _is_known(each, flow)]
    if wrong:
        seen = shown(wrong[0].type)
        yield Problem(
            message=f"type {seen} is in no list, and has no prefix{_and_more(len(wrong))}",
            at=wrong[0].at,
        )


def _is_known(event: Told, flow: Flow) -> bool:
    """Errors are for RSTRM-015 to judge, and clients pass over what `response.` may yet bring."""
    own = event.type.startswith(PREFIX) or event.type == _HEARTBEAT
    return own or ":" in event.type or event.number in flow.wrong


def _numbered(flow: Flow) -> list[tuple[Told, Any]]:
    """Events of the response, and those of others that have a number, with it."""
    own = {each.number for each in flow.events}
    return [
        (each, each.value.get("sequence_number"))
        for each in flow.heard
        if each.number in own or is_integer(each.value.get("sequence_number"))
    ]


@check("RSTRM-005", over=flows_that(_numbered), always=True)
def response_events_are_numbered(flow: Flow) -> Iterator[Problem]:
    """`sequence_number` counts the events from 0."""
    for place, (each, number) in enumerate(_numbered(flow)):
        if not is_integer(number) or number != place:
            seen = "missing" if "sequence_number" not in each.value else shown(number)
            yield Problem(message=f"sequence_number is {seen}, wanted {place}", at=each.at)
            return


# --- errors ---------------------------------------------------------------------------------------


def _failures(exchange: Exchange) -> Sequence[Told]:
    """Events that tell of an error, and those that end a response that failed."""
    return [
        each
        for flow in flows(exchange)
        for each in (*flow.errors, *(one for one in flow.terminals if one.type == FAILED))
    ]


@check("RSTRM-015", over=_failures, always=True)
def response_errors_are_told_in_full(event: Told) -> Iterator[Problem]:
    """An error in mid-stream is an event `error` with code, message and param, or a response that
    failed with its error. The members of the first may stand in an `error` of their own, as Open
    Responses has it.
    """
    if event.type == FAILED:
        error = event.object("response").get("error")
        if not isinstance(error, dict) or not _says(error, "message"):
            yield Problem(message=f"a failed response with error {shown(error)}", at=event.at)
        return
    if event.name != "error" or event.value.get("type") != "error":
        seen = f"event {shown(event.name)} of type {shown(event.value.get('type'))}"
        yield Problem(message=f"an error comes as {seen}, wanted `error`", at=event.at)
        return
    inner = event.value.get("error")
    error = inner if isinstance(inner, dict) else event.value
    missing = [name for name in ("code", "param") if name not in error]
    missing += ["message"] if not _says(error, "message") else []
    missing += [] if is_integer(event.value.get("sequence_number")) else ["sequence_number"]
    if missing:
        yield Problem(message=f"an error without {', '.join(missing)}", at=event.at)


def _says(error: dict[str, Any], name: str) -> bool:
    return isinstance(error.get(name), str) and bool(error[name])


# --- what is seen only now and then -----------------------------------------------------------------


def _annotations(exchange: Exchange) -> Sequence[Told]:
    return [each for flow in flows(exchange) for each in flow.events if each.type == _ANNOTATION]


@check("RSTRM-018", over=_annotations, always=True)
def annotations_are_told_in_full(event: Told) -> Iterator[Problem]:
    """An event about an annotation has the annotation, and says where it belongs."""
    if not event.object("annotation"):
        seen = shown(event.value.get("annotation"))
        yield Problem(message=f"annotation is {seen}, wanted an object", at=event.at)
    for name in ("output_index", "content_index", "annotation_index"):
        if not is_integer(event.value.get(name)):
            yield Problem(message=f"{name} is {shown(event.value.get(name))}", at=event.at)


@check("RSTRM-019", over=flows, always=True)
def response_events_have_no_ids(flow: Flow) -> Iterator[Problem]:
    """Events have no `id:` line: there is nothing to go on from."""
    named = [each for each in flow.facts.exchange.stream.events if each.id is not None]
    if named:
        yield Problem(
            message=f"an event with id {shown(named[0].id)}{_and_more(len(named))}",
            at=f"byte {named[0].start}",
        )


def _obfuscable(flow: Flow) -> bool:
    """Deltas may be obfuscated; whether they are is decided where the request says no."""
    deltas = any(each.type == TEXT.delta for each in flow.events)
    return deltas and (_unobfuscated(flow) or any("obfuscation" in e.value for e in flow.events))


def _unobfuscated(flow: Flow) -> bool:
    options = flow.facts.asked.get("stream_options")
    return isinstance(options, dict) and options.get("include_obfuscation") is False


@check("RSTRM-020", over=flows_that(_obfuscable), always=True)
def obfuscation_is_text_and_can_be_off(flow: Flow) -> Iterator[Problem]:
    """`obfuscation` is text that clients can ignore, and absent where the request says no."""
    for each in flow.events:
        if "obfuscation" not in each.value:
            continue
        seen = shown(each.value["obfuscation"])
        if _unobfuscated(flow):
            yield Problem(message=f"obfuscation {seen} in spite of the request", at=each.at)
            return
        if not isinstance(each.value["obfuscation"], str):
            yield Problem(message=f"obfuscation is {seen}, wanted a string", at=each.at)
            return
