"""Providers in full."""

from __future__ import annotations

from conformance.faces.explain.part import Explanation, Part
from conformance.faces.explain.preset import capabilities
from conformance.faces.explain.world import World
from conformance.providers.model import Provider


def provider(name: str, world: World) -> Explanation:
    """An entry with its preset merged in; keys as the references they are."""
    one = world.providers.get(name)
    if one is None:
        return
    yield Part("", f"{name} (provider): {one.base_url}")
    yield Part("where", one.where)
    yield Part("preset", one.preset or "-")
    yield Part("model", one.model or "found out where the server offers exactly one")
    yield Part("key", _key(one))
    yield from capabilities(one.capabilities)
    for each in one.deviations:
        clauses = f" {', '.join(each.clauses)}" if each.clauses else ""
        yield Part("known deviation", f"{each.cases}{clauses}: {each.reason} {each.issue}".rstrip())
    yield Part("examine it", f"conformance doctor {name}")


def _key(one: Provider) -> str:
    match one.auth.kind:
        case "none":
            return "none"
        case "command":
            return f"printed by {' '.join(one.auth.command)}"
        case "bearer":
            return one.auth.key
        case _:
            return f"{one.auth.key}, as the {one.auth.kind} {one.auth.name}"
