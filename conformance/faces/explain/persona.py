"""A persona: what the simulation of a product gets wrong, and who says that the product does."""

from __future__ import annotations

from conformance.faces.explain.part import Explanation, Part
from conformance.faces.explain.preset import stated
from conformance.faces.explain.world import World
from conformance.reference.personas import LABEL, PRESET, load_persona, persona_names


def persona(name: str, world: World) -> Explanation:
    """Which product it stands for, and each of its faults with its source."""
    if name not in persona_names():
        return
    faults = world.faults
    one = load_persona(name)
    yield Part("", f"{one.name} (persona): a {LABEL} of {one.product}")
    yield Part("as documented", one.date)
    yield Part("preset", one.preset)
    for each, source in one.faults.items():
        yield Part(each, f"{faults[each].title} [{_said(source)}]")
    yield Part("serve it", f"conformance serve --persona {one.name}")
    yield Part("ask it", f'an entry with preset = "{one.preset}" and model = "{one.model}"')


def _said(source: str) -> str:
    """A statement of a preset in its own words; other sources as they are written."""
    found = PRESET.fullmatch(source)
    return f"preset {found[1]}: {stated(*found.groups())}" if found else source
