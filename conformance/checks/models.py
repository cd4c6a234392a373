"""MODELS: the list of models, and one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks import select
from conformance.checks.by_schema import broken, invariant
from conformance.checks.core import Problem, Schemas, check
from conformance.checks.facts import Facts, facts
from conformance.checks.generic import absence, pattern
from conformance.checks.parts import Body
from conformance.checks.paths import MODEL, model_id_of
from conformance.checks.show import shown
from conformance.wire.exchange import Exchange
from conformance.wire.query import MISSING, find

invariant(
    "MODELS-001",
    "models_are_a_list_object",
    "GET /models gives an object with `object: list` and an array `data`.",
    schema="model_list",
    over=select.model_lists,
)


def _entries(body: Body) -> list[Any]:
    data = select.member(body, "data")
    return data if isinstance(data, list) else []


_filled_lists = select.among(select.model_lists, lambda body: bool(_entries(body)))


def _described(exchange: Exchange) -> Sequence[tuple[Body, str]]:
    """Models in a list or alone, with the schema that judges them."""
    lists = [(body, "model_list") for body in _filled_lists(exchange)]
    return lists or [(body, "model") for body in _alone(exchange)]


_alone = select.among(select.models, lambda body: select.member(body, "object") != "list")
"""A list in place of one model is no entry that lacks an id: that is told once, by MODELS-009."""


def _each_model(clause: str, name: str, about: str) -> None:
    def judge(described: tuple[Body, str], schemas: Schemas) -> Iterator[Problem]:
        body, schema = described
        yield from broken(body, schema, schemas).get(clause, ())

    judge.__doc__ = about
    check(clause, over=_described, always=True, name=name)(judge)


_each_model("MODELS-002", "model_has_an_id", "Each model has an id that is not empty.")
_each_model("MODELS-003", "model_is_called_model", "Each model says `object: model`.")
_each_model("MODELS-004", "model_has_a_time", "Each model says when it was made, in Unix seconds.")
_each_model("MODELS-005", "model_has_an_owner", "Each model says whose it is.")

invariant(
    "MODELS-007",
    "models_are_one_page",
    "The list is whole: nobody asks for a second page.",
    schema="model_list",
    over=select.model_lists,
)


def _asked_for(exchange: Exchange) -> Sequence[Facts]:
    found = facts(exchange)
    fits = found.fits and found.endpoint == MODEL and found.ok and found.whole and not found.failed
    return (found,) if fits and exchange.document.ok else ()


@check("MODELS-009", over=_asked_for, always=True)
def model_is_the_one_asked_for(one: Facts) -> Iterator[Problem]:
    """GET /models/{id} gives one model object, of that id."""
    value = one.exchange.document.value
    if not isinstance(value, dict):
        yield Problem(message=f"{shown(value)}, wanted a model object", at="$")
    elif value.get("id") != model_id_of(one.exchange.request.url):
        yield Problem(
            message=f"id {shown(value.get('id'))} for {shown(model_id_of(one.exchange.request.url))}",
            at="$.id",
        )


@check(assumable=True)
def listed_id(exchange: Exchange, number: int, matches: str) -> Iterator[Problem]:
    """The id of a model in the list matches a pattern; -1 is the last. Ids are the server's to choose."""
    entry = find(exchange.document.value, f"$.data[{number}].id")
    if not isinstance(entry, str) or not pattern(matches).search(entry):
        told = shown(entry) if entry is not MISSING else absence(exchange) or "no such model"
        yield Problem(message=f"{told}, wanted {matches}", at=f"$.data[{number}].id")


@check()
def lists_model_of(exchange: Exchange, step: Exchange) -> Iterator[Problem]:
    """The list of models holds the one that another step asked for, by its id."""
    if why := absence(exchange):
        yield Problem(message=why)
        return
    entries = _entries(Body(value=exchange.document.value, at=""))
    model = facts(step).asked.get("model")
    if not any(isinstance(each, dict) and each.get("id") == model for each in entries):
        yield Problem(message=f"{shown(model)} is not among {len(entries)} models", at="$.data")


@check("MODELS-013", over=_filled_lists, always=True)
def model_ids_are_unique(body: Body) -> Iterator[Problem]:
    """No id stands twice in the list."""
    seen: set[str] = set()
    for place, entry in enumerate(_entries(body)):
        name = entry.get("id") if isinstance(entry, dict) else None
        if isinstance(name, str) and name in seen:
            yield Problem(message=f"id {shown(name)} stands twice", at=f"$.data[{place}].id")
        if isinstance(name, str):
            seen.add(name)
