"""Presets and providers in full."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from conformance.faces.explain.part import Explanation, Part
from conformance.faces.explain.world import World
from conformance.providers.model import Provider
from conformance.providers.preset import load_preset, own_auth, preset_names


def preset(name: str, world: World) -> Explanation:
    """What is known about a kind of server, each statement with its source."""
    if name not in preset_names():
        return
    one = load_preset(name)
    yield Part("", f"{name} (preset): {one.about}")
    yield Part("base_url", one.values.get("base_url", "-"))
    yield Part("key", own_auth(one.values).get("key", "none"))
    yield from _capabilities(one.values.get("capabilities", {}))
    if one.notes:
        yield Part("how to start it", block="\n".join(f"    {line}" for line in one.notes))
    for fragment, body in one.values.get("fragments", {}).items():
        yield Part(f"fragment {fragment}", json.dumps(body))
    for fact in one.facts:
        yield Part("known", f"{fact.text} ({fact.source}, {fact.date})")


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
    yield from _capabilities(one.capabilities)
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


def _capabilities(given: Mapping[str, bool]) -> Iterator[Part]:
    for label, wanted in (("offers", True), ("does not offer", False)):
        names = [name for name, there in given.items() if there is wanted]
        yield Part(label, ", ".join(names) or "-")
    yield Part("of the rest", "it is tried")
