"""What vendors add, and what stands beside the answer: additions may change nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks import select
from conformance.checks.by_schema import broken
from conformance.checks.core import Problem, Schemas, check
from conformance.checks.facts import Facts, facts
from conformance.checks.parts import Body
from conformance.checks.select import member
from conformance.checks.show import kind, shown
from conformance.wire.exchange import Exchange

_MODEL = {"id": "string", "object": "string", "created": "integer", "owned_by": "string"}
_OF_CHUNKS = ("STRM-001", "STRM-005", "STRM-006", "STRM-007")


def _models(exchange: Exchange) -> Sequence[tuple[str, dict[str, Any]]]:
    """Models with more members than the four, and where they stand."""
    lists = [member(body, "data") for body in select.model_lists(exchange)]
    held = [
        (f"$.data[{place}]", each)
        for data in lists
        for place, each in enumerate(data if isinstance(data, list) else ())
    ]
    held += [("$", body.value) for body in select.models(exchange)]
    return [(at, each) for at, each in held if isinstance(each, dict) and each.keys() - _MODEL]


@check("MODELS-006", over=_models, always=True)
def model_extras_are_additive(told: tuple[str, dict[str, Any]]) -> Iterator[Problem]:
    """More members of a model change nothing of the four that it has."""
    at, model = told
    for name, wanted in _MODEL.items():
        if name in model and kind(model[name]) != wanted:
            seen = f"{kind(model[name])} {shown(model[name])}"
            yield Problem(message=f"{name} is {seen}, wanted {wanted}", at=f"{at}.{name}")


def _several(exchange: Exchange) -> Sequence[Facts]:
    """Answers with more than one choice."""
    found = facts(exchange)
    count = (
        len(select.choices_of(found.completions[0])) if found.completions else len(found.by_choice)
    )
    return (found,) if count > 1 else ()


@check("CRESP-030", over=_several, always=True)
def choices_share_id_and_time(one: Facts) -> Iterator[Problem]:
    """Several choices of one answer have one id and one `created`."""
    bodies = (*one.completions, *one.chunk_bodies)
    for name in ("id", "created"):
        holders = [holder for body in bodies for holder in (body.value, *select.choices_of(body))]
        told = [each[name] for each in holders if isinstance(each, dict) and name in each]
        other = next((each for each in told if each != told[0]), None)
        if other is not None:
            yield Problem(
                message=f"choices of one answer with {name} {shown(told[0])} and {shown(other)}",
                at=f"$.{name}",
            )


def _attached(exchange: Exchange) -> Sequence[tuple[str, bool]]:
    """`metadata` and `moderation` of completions, and whether the request calls for them."""
    found = facts(exchange)
    calls_for = {"metadata": ("store", "metadata"), "moderation": ("moderation",)}
    return [
        (name, any(found.asked.get(each) for each in asked))
        for body in found.completions
        for name, asked in calls_for.items()
        if member(body, name)
    ]


@check("CRESP-032", over=_attached, always=True)
def attachments_are_asked_for(told: tuple[str, bool]) -> Iterator[Problem]:
    """`metadata` and `moderation` come with requests that call for them."""
    name, wanted = told
    if not wanted:
        yield Problem(message=f"{name} that nobody asked for", at=f"$.{name}")


def _running(exchange: Exchange) -> Sequence[Body]:
    """Chunks with a vendor's running count, in whatever place."""
    return [
        body
        for body in facts(exchange).chunk_bodies
        if member(body, "x_groq")
        or (member(body, "usage") and member(body, "choices"))
        or any(each.get("usage") for each in select.choices_of(body))
    ]


@check("STRM-021", over=_running, always=True)
def running_usage_is_additive(body: Body, schemas: Schemas) -> Iterator[Problem]:
    """A chunk with a running count is a chunk like any other."""
    flaws = broken(body, "chat_completion_chunk", schemas)
    for clause in _OF_CHUNKS:
        yield from flaws.get(clause, ())
    usage = member(body, "usage")
    if usage is not None and not isinstance(usage, dict):
        yield Problem(message=f"usage is {kind(usage)} {shown(usage)}", at=body.at)
